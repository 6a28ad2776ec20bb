//! Creating a release the older way, `POST /api/{space}/releases`: nothing is left to the server, so every
//! package's version and the release's number must be known.

use std::collections::BTreeMap;

use domain::process::{TemplatePackage, Versioning, rule_for, same_name};
use engine::ports::{OctopusError, OctopusErrorKind, Project, Release};
use http_client::from_json;
use serde::Serialize;

use crate::client::OctopusClient;
use crate::create::Order;
use crate::error::error;
use crate::keys::ApiKeys;
use crate::overrides::Selected;
use crate::releases::ReleaseResource;
use crate::template::GitResource;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct NewReleaseResource<'a> {
    project_id: &'a str,
    channel_id: &'a str,
    version: &'a str,
    release_notes: String,
    selected_packages: &'a [Selected],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    selected_git_resources: Vec<SelectedGitResource>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version_control_reference: Option<GitReference<'a>>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    custom_fields: &'a BTreeMap<String, String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct SelectedGitResource {
    action_name: String,
    git_resource_reference_name: String,
    git_reference_resource: OwnedGitReference,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct OwnedGitReference {
    git_ref: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct GitReference<'a> {
    git_ref: &'a str,
}

impl<K: ApiKeys> OctopusClient<K> {
    pub(crate) async fn create_by_selection(
        &self,
        order: &Order<'_>,
    ) -> Result<Release, OctopusError> {
        let selected = self.select_all(order).await?;
        let version = number(order, &selected)?;
        let project = Project {
            git_ref: order.git_ref().map(str::to_owned),
            ..order.project.clone()
        };
        let template = self.read_template(&project, &order.channel.id).await?;
        let resource = NewReleaseResource {
            project_id: order.project.id.as_str(),
            channel_id: order.channel.id.as_str(),
            version: &version,
            release_notes: order.plan.stamped_notes(),
            selected_packages: &selected,
            selected_git_resources: template.git_resources.into_iter().filter_map(tip).collect(),
            version_control_reference: order.git_ref().map(|git_ref| GitReference { git_ref }),
            custom_fields: &order.plan.custom_fields,
        };
        let call = self.creating(order, &[order.project.space.as_str(), "releases"]);
        let sent = self.post(&call, &resource).await;
        let answer = self.settle(order, &call, sent).await?;
        let release: Option<ReleaseResource> = from_json(&answer.body).ok();
        release
            .map(Release::from)
            .ok_or_else(|| self.unreadable(&call))
    }

    /// A version for every package of the release: the plan's, else the latest that the rules permit.
    pub(crate) async fn select_all(
        &self,
        order: &Order<'_>,
    ) -> Result<Vec<Selected>, OctopusError> {
        let mut selected = order.planned();
        for package in &order.process.template.packages {
            let is_chosen = selected.iter().any(|one| one.is_of(package));
            if package.fixed_version.is_none() && !is_chosen {
                selected.push(self.select(order, package).await?);
            }
        }
        Ok(selected)
    }

    async fn select(
        &self,
        order: &Order<'_>,
        package: &TemplatePackage,
    ) -> Result<Selected, OctopusError> {
        let fail = |why: &str| {
            let message = format!(
                "{} of action {} {why}, so no release of project {} can be created in channel {}",
                package.package, package.action_name, order.project.name, order.channel.name
            );
            error(OctopusErrorKind::Invalid, message)
        };
        if !package.is_resolvable {
            return Err(fail(
                "depends on variables that have no value before a deployment",
            ));
        }
        let rule = rule_for(&order.channel.rules, package);
        let version = self
            .latest_permitted(&order.project.space, package, &rule)
            .await?;
        Ok(Selected {
            action_name: package.action_name.clone(),
            package_reference_name: package.package_reference.clone(),
            version: version
                .ok_or_else(|| fail("has no version that the channel's rules permit"))?,
        })
    }
}

/// The release's number: the plan's, which may be a mask, else that of the package which gives it.
fn number(order: &Order<'_>, selected: &[Selected]) -> Result<String, OctopusError> {
    let given = order.plan.release_version.clone();
    let of_donor = || match &order.process.template.versioning {
        Versioning::Template { next } => next.clone(),
        Versioning::Donor {
            action_name,
            package_reference,
        } => selected
            .iter()
            .find(|one| {
                same_name(&one.action_name, action_name)
                    && same_name(&one.package_reference_name, package_reference)
            })
            .map(|donor| donor.version.clone()),
    };
    given.or_else(of_donor).ok_or_else(|| {
        let message = format!(
            "project {} does not say how its next release is numbered; check its release versioning settings",
            order.project.name
        );
        error(OctopusErrorKind::Invalid, message)
    })
}

/// The tip of the repository's default branch, which is what the server would take by itself.
fn tip(resource: GitResource) -> Option<SelectedGitResource> {
    let branch = resource
        .default_branch
        .filter(|branch| !branch.is_empty())?;
    let git_ref = if branch.starts_with("refs/") {
        branch
    } else {
        format!("refs/heads/{branch}")
    };
    Some(SelectedGitResource {
        action_name: resource.action_name,
        git_resource_reference_name: resource.name,
        git_reference_resource: OwnedGitReference { git_ref },
    })
}
