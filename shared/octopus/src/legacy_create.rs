//! Creates a release through `POST /api/{space}/releases`. This call selects nothing on the server: the
//! request contains the version of every package and the release's number.

use std::collections::BTreeMap;

use domain::process::{TemplatePackage, Versioning, rule_for, same_name};
use engine::ports::{OctopusError, OctopusErrorKind, Project, Release};
use http_client::from_json;
use serde::Serialize;

use crate::client::OctopusClient;
use crate::create::ReleaseRequest;
use crate::error::error;
use crate::keys::ApiKeys;
use crate::overrides::SelectedVersion;
use crate::releases::ReleaseResource;
use crate::template::GitResource;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct NewReleaseResource<'a> {
    project_id: &'a str,
    channel_id: &'a str,
    version: &'a str,
    release_notes: String,
    selected_packages: &'a [SelectedVersion],
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
        request: &ReleaseRequest<'_>,
    ) -> Result<Release, OctopusError> {
        let selected = self.select_all(request).await?;
        let version = number(request, &selected)?;
        let project = Project {
            git_ref: request.git_ref().map(str::to_owned),
            ..request.project.clone()
        };
        let template = self.read_template(&project, &request.channel.id).await?;
        let resource = NewReleaseResource {
            project_id: request.project.id.as_str(),
            channel_id: request.channel.id.as_str(),
            version: &version,
            release_notes: request.plan.stamped_notes(),
            selected_packages: &selected,
            selected_git_resources: template.git_resources.into_iter().filter_map(tip).collect(),
            version_control_reference: request.git_ref().map(|git_ref| GitReference { git_ref }),
            custom_fields: &request.plan.custom_fields,
        };
        let call = self.creating(request, &[request.project.space.as_str(), "releases"]);
        let sent = self.post(&call, &resource).await;
        let answer = self.check_created(request, &call, sent).await?;
        let release: Option<ReleaseResource> = from_json(&answer.body).ok();
        release
            .map(Release::from)
            .ok_or_else(|| self.unreadable(&call))
    }

    /// The version of every package of the release: the plan's, otherwise the latest that the rules permit.
    pub(crate) async fn select_all(
        &self,
        request: &ReleaseRequest<'_>,
    ) -> Result<Vec<SelectedVersion>, OctopusError> {
        let mut selected = request.planned();
        for package in &request.process.template.packages {
            let is_planned = selected.iter().any(|one| one.is_of(package));
            if package.fixed_version.is_none() && !is_planned {
                selected.push(self.select(request, package).await?);
            }
        }
        Ok(selected)
    }

    async fn select(
        &self,
        request: &ReleaseRequest<'_>,
        package: &TemplatePackage,
    ) -> Result<SelectedVersion, OctopusError> {
        let fail = |cause: &str| {
            let message = format!(
                "cannot create a release of project {} in channel {}: {} of action {} {cause}",
                request.project.name, request.channel.name, package.package, package.action_name
            );
            error(OctopusErrorKind::Invalid, message)
        };
        if !package.is_resolvable {
            return Err(fail(
                "depends on variables without a value before deployment; remove their scopes",
            ));
        }
        let rule = rule_for(&request.channel.rules, package);
        let key = package.key(&request.project.space);
        let version = self.latest_permitted(&key, &rule).await?;
        Ok(SelectedVersion {
            action_name: package.action_name.clone(),
            package_reference_name: package.package_reference.clone(),
            version: version
                .ok_or_else(|| fail("has no version that the channel's rules permit"))?,
        })
    }
}

/// The release's number: the plan's, which may be a mask, otherwise the template's or the donor package's.
fn number(
    request: &ReleaseRequest<'_>,
    selected: &[SelectedVersion],
) -> Result<String, OctopusError> {
    let planned = request.plan.release_version.clone();
    let by_project = || match &request.process.template.versioning {
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
    planned.or_else(by_project).ok_or_else(|| {
        let message = format!(
            "cannot number the next release of project {}: its settings define no version; check its release \
             versioning settings",
            request.project.name
        );
        error(OctopusErrorKind::Invalid, message)
    })
}

/// The tip of the repository's default branch, as `releases/create/v1` selects it.
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
