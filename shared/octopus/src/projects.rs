//! Projects: `/api/{space}/projects/{id}`.

use domain::ids::{ProjectId, SpaceId};
use engine::ports::{OctopusError, OctopusErrorKind, Project};
use serde::Deserialize;

use crate::advisory::advisory;
use crate::call::Call;
use crate::client::OctopusClient;
use crate::error::error;
use crate::keys::ApiKeys;
use crate::names::{Named, pick};
use crate::tolerant::{filled, or_default};
use crate::versioning::VersioningResource;

#[derive(Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ProjectResource {
    id: String,
    #[serde(default, deserialize_with = "or_default")]
    name: String,
    #[serde(default, deserialize_with = "advisory")]
    slug: String,
    #[serde(default, deserialize_with = "or_default")]
    is_disabled: bool,
    #[serde(default, deserialize_with = "or_default")]
    is_version_controlled: bool,
    #[serde(default, deserialize_with = "advisory")]
    lifecycle_id: String,
    deployment_process_id: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    persistence_settings: PersistenceResource,
    #[serde(default, deserialize_with = "advisory")]
    pub(crate) versioning_strategy: Option<VersioningResource>,
}

#[derive(Clone, Deserialize, Default)]
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

    /// Finds a project by name, otherwise by slug or id through the route of a single project. Text that can
    /// be neither is not sent in a path.
    pub(crate) async fn find_project_by(
        &self,
        space: &SpaceId,
        name: &str,
    ) -> Result<Project, OctopusError> {
        let what = format!("the projects named {name}");
        let call = self
            .reading(&[space.as_str(), "projects"], what, "ProjectView")
            .with("partialName", name);
        let found: Vec<ProjectResource> = self.list(&call).await?;
        if let Some(resource) = pick(found, name, "projects")? {
            return project(space, resource);
        }
        if !is_slug_or_id(name) {
            return Err(no_project(space, name));
        }
        let read = self.read_project(space, &ProjectId::new(name)).await;
        read.map_err(|cause| match cause.kind {
            OctopusErrorKind::NotFound => no_project(space, name),
            _ => cause,
        })
    }

    /// Every visible project, sorted by name. Unusable projects are omitted.
    pub(crate) async fn list_projects(
        &self,
        space: &SpaceId,
    ) -> Result<Vec<Project>, OctopusError> {
        let what = format!("the projects of {space}");
        let call = self.reading(&[space.as_str(), "projects"], what, "ProjectView");
        let found: Vec<ProjectResource> = self.list(&call).await?;
        let found = found.into_iter();
        let mut projects: Vec<_> = found
            .filter_map(|resource| project(space, resource).ok())
            .collect();
        projects.sort_by_key(|project| project.name.to_lowercase());
        Ok(projects)
    }

    /// The versioning strategy of a project in the database. `None` if Octopus returns none.
    pub(crate) async fn versioning_strategy_of(
        &self,
        project: &Project,
    ) -> Result<Option<VersioningResource>, OctopusError> {
        let call = self.project_call(&project.space, &project.id);
        let resource: ProjectResource = self.get(&call).await?;
        Ok(resource.versioning_strategy)
    }

    /// The project's lifecycle, which applies to channels without one.
    pub(crate) async fn lifecycle_of(&self, project: &Project) -> Result<String, OctopusError> {
        let call = self.project_call(&project.space, &project.id);
        let resource: ProjectResource = self.get(&call).await?;
        Ok(resource.lifecycle_id)
    }

    pub(crate) fn project_call(&self, space: &SpaceId, id: &ProjectId) -> Call {
        let path = [space.as_str(), "projects", id.as_str()];
        self.reading(&path, format!("project {id}"), "ProjectView")
    }
}

pub(crate) fn is_slug_or_id(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    !text.is_empty() && text.bytes().all(is_part)
}

pub(crate) fn no_project(space: &SpaceId, name: &str) -> OctopusError {
    let message = format!(
        "cannot find the project `{name}` in {space}: it does not exist, or the API key's user cannot see it; \
         use its name, slug or id in Octopus, and give the user ProjectView"
    );
    error(OctopusErrorKind::NotFound, message)
}

impl Named for ProjectResource {
    fn name(&self) -> &str {
        &self.name
    }

    fn slug(&self) -> &str {
        &self.slug
    }

    fn id(&self) -> &str {
        &self.id
    }
}

pub(crate) fn project(space: &SpaceId, resource: ProjectResource) -> Result<Project, OctopusError> {
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

/// The branch's full name, which cannot be confused with a tag.
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
        format!(
            "cannot read the process of project {project}: it is in Git but has no default branch; set one in \
             the project"
        ),
    )
}
