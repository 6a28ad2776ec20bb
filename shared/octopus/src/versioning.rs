//! A project's versioning strategy: from the release template, otherwise from the project, or from the
//! deployment settings at the Git ref for projects in Git.

use domain::process::Versioning;
use engine::ports::{OctopusError, Project};
use serde::Deserialize;

use crate::advisory::{advisory, advisory_object};
use crate::channels::action_and_reference;
use crate::client::OctopusClient;
use crate::keys::ApiKeys;

use crate::template::TemplateResource;
use crate::tolerant::filled;

#[derive(Clone, Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct VersioningResource {
    #[serde(deserialize_with = "advisory")]
    donor_package: Option<DonorResource>,
    /// An action's id; in old projects its name or `Action:reference`.
    #[serde(deserialize_with = "advisory")]
    donor_package_step_id: Option<String>,
}

#[derive(Clone, Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
struct DonorResource {
    #[serde(deserialize_with = "advisory")]
    deployment_action: Option<String>,
    #[serde(deserialize_with = "advisory")]
    package_reference: String,
}
advisory_object!(VersioningResource, DonorResource);

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
struct SettingsResource {
    #[serde(deserialize_with = "advisory")]
    versioning_strategy: Option<VersioningResource>,
}

impl<K: ApiKeys> OctopusClient<K> {
    pub(crate) async fn read_versioning(
        &self,
        project: &Project,
        template: &TemplateResource,
        actions: &[(&str, &str)],
    ) -> Result<Versioning, OctopusError> {
        if let Some(versioning) = template.own_versioning() {
            return Ok(versioning);
        }
        let settings = self.read_settings(project).await?.unwrap_or_default();
        Ok(settings.with_names(actions))
    }

    async fn read_settings(
        &self,
        project: &Project,
    ) -> Result<Option<VersioningResource>, OctopusError> {
        let Some(git_ref) = &project.git_ref else {
            return self.versioning_strategy_of(project).await;
        };
        let what = format!("the deployment settings of project {}", project.name);
        let (space, id) = (project.space.as_str(), project.id.as_str());
        let path = [space, "projects", id, git_ref, "deploymentsettings"];
        let settings: SettingsResource =
            self.get(&self.reading(&path, what, "ProjectView")).await?;
        Ok(settings.versioning_strategy)
    }
}

impl TemplateResource {
    /// The strategy, if the template has it.
    pub(crate) fn own_versioning(&self) -> Option<Versioning> {
        if let Some(action_name) = filled(self.versioning_package_step_name.clone()) {
            let reference = self.versioning_package_reference_name.clone();
            return Some(Versioning::Donor {
                action_name,
                package_reference: reference.unwrap_or_default(),
            });
        }
        let next = filled(self.next_version_increment.clone());
        next.map(|next| Versioning::Template { next: Some(next) })
    }
}

impl VersioningResource {
    /// The strategy with the donor action's name. `actions` are pairs of id and name.
    pub(crate) fn with_names(self, actions: &[(&str, &str)]) -> Versioning {
        let donor = self.donor_package.unwrap_or_default();
        if let Some(action_name) = filled(donor.deployment_action) {
            return Versioning::Donor {
                action_name,
                package_reference: donor.package_reference,
            };
        }
        let Some(step) = filled(self.donor_package_step_id) else {
            return Versioning::Template { next: None };
        };
        let (action_name, package_reference) = match actions.iter().find(|(id, _)| *id == step) {
            Some((_, name)) => ((*name).to_owned(), String::new()),
            None => action_and_reference(&step),
        };
        Versioning::Donor {
            action_name,
            package_reference,
        }
    }
}
