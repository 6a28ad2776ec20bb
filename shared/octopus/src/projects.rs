//! Projects: `/api/{space}/projects/{id}`.

use domain::ids::{ProjectId, SpaceId};
use domain::process::same_name;
use engine::ports::{OctopusError, OctopusErrorKind, Project};
use serde::Deserialize;

use crate::client::{Call, OctopusClient};
use crate::error::error;
use crate::keys::ApiKeys;
use crate::tolerant::{filled, or_default};
use crate::versioning::VersioningResource;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ProjectResource {
    id: String,
    #[serde(default, deserialize_with = "or_default")]
    name: String,
    #[serde(default, deserialize_with = "or_default")]
    is_disabled: bool,
    #[serde(default, deserialize_with = "or_default")]
    is_version_controlled: bool,
    deployment_process_id: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    persistence_settings: PersistenceResource,
    pub(crate) versioning_strategy: Option<VersioningResource>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
struct PersistenceResource {
    r#type: Option<String>,
    default_branch: Option<String>,
}

impl<K: ApiKeys> OctopusClient<K> {
    pub(crate) async fn read_project(
        &self,
        space: &SpaceId,
        id: &ProjectId,
    ) -> Result<Project, OctopusError> {
        let resource: ProjectResource = self.get(&self.project_call(space, id)).await?;
        project(space, resource)
    }

    pub(crate) async fn find_project_by(
        &self,
        space: &SpaceId,
        name: &str,
    ) -> Result<Project, OctopusError> {
        let what = format!("the projects named {name}");
        let call = self
            .reading(&[space.as_str(), "projects"], what, "ProjectView")
            .with("partialName", name);
        let mut found: Vec<ProjectResource> = self.list(&call).await?;
        match found.iter().position(|one| same_name(&one.name, name)) {
            Some(index) => project(space, found.swap_remove(index)),
            // The route takes slugs as well as ids.
            None => self.read_project(space, &ProjectId::new(name)).await,
        }
    }

    pub(crate) fn project_call(&self, space: &SpaceId, id: &ProjectId) -> Call {
        let path = [space.as_str(), "projects", id.as_str()];
        self.reading(&path, format!("project {id}"), "ProjectView")
    }
}

fn project(space: &SpaceId, resource: ProjectResource) -> Result<Project, OctopusError> {
    let git_ref = if resource.is_in_git() {
        let branch = filled(resource.persistence_settings.default_branch);
        Some(
            branch
                .map(canonical)
                .ok_or_else(|| no_branch(&resource.name))?,
        )
    } else {
        None
    };
    Ok(Project {
        id: ProjectId::new(resource.id),
        space: space.clone(),
        name: resource.name,
        is_disabled: resource.is_disabled,
        process_id: filled(resource.deployment_process_id).filter(|_| git_ref.is_none()),
        git_ref,
    })
}

impl ProjectResource {
    fn is_in_git(&self) -> bool {
        self.is_version_controlled
            || self.persistence_settings.r#type.as_deref() == Some("VersionControlled")
    }
}

/// The branch's full name, so that it cannot be taken for a tag.
fn canonical(branch: String) -> String {
    if branch.starts_with("refs/") {
        branch
    } else {
        format!("refs/heads/{branch}")
    }
}

fn no_branch(project: &str) -> OctopusError {
    error(
        OctopusErrorKind::Malformed,
        format!("project {project} is in Git but names no default branch; set it in the project"),
    )
}
