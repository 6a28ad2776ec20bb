//! `POST /api/{s}/deployments/create/untenanted/v1`: deploys a release. Deployments succeed at once.
//!
//! Like `releases/create/v1` it accepts names alone: `projectName`, `releaseVersion` and `environmentNames`.

use axum::http::StatusCode;
use serde_json::json;

use super::SpaceRequest;
use super::defects::is_blocked;
use super::releases::reachable;
use crate::answer::{Answer, Refusal, Reply};
use crate::call::Fields;
use crate::world::{Environment, Project, Release, Task, same};

/// Creates the deployments: 201 with one deployment and one task for each environment.
pub(crate) fn create(request: &mut SpaceRequest<'_>) -> Reply {
    let fields = request.call.fields()?;
    for required in ["spaceId", "spaceIdOrName"] {
        let given = fields.text(required)?.ok_or_else(Fields::malformed)?;
        if !same(&given, &request.space().id) && !same(&given, &request.space().name) {
            return Err(Refusal::not_found(&given));
        }
    }
    let name = fields
        .text("projectName")?
        .or(fields.text("projectIdOrName")?)
        .ok_or_else(Fields::malformed)?;
    let version = fields
        .text("releaseVersion")?
        .ok_or_else(Fields::malformed)?;
    let names = fields.texts("environmentNames")?;
    if names.is_empty() {
        return Err(Refusal::invalid(
            "At least one environment must be specified.",
        ));
    }
    let (project, release) = release(request, &name, &version)?;
    let mut tasks = Vec::new();
    for name in names {
        let environment = permitted(request, project, release, &name)?;
        tasks.push((
            environment.id.clone(),
            format!(
                "Deploy {} release {} to {}",
                project.name, release.version, environment.name
            ),
        ));
    }
    let (project, release) = (project.id.clone(), release.id.clone());
    let (space, queued) = (request.space().id.clone(), request.world.now());
    let mut created = Vec::new();
    for (environment, description) in tasks {
        let task = Task {
            id: request.world.ids.next("ServerTasks"),
            space: space.clone(),
            project: project.clone(),
            release: release.clone(),
            environment,
            description,
            queued,
        };
        created.push(json!({"DeploymentId": task.deployment(), "ServerTaskId": task.id}));
        request.world.tasks.push(task);
    }
    Ok(Answer::created(json!({"DeploymentServerTasks": created})))
}

/// The release with this version of the project with this name.
fn release<'a>(
    request: &'a SpaceRequest<'_>,
    name: &str,
    version: &str,
) -> Result<(&'a Project, &'a Release), Refusal> {
    let mut projects = request.space().projects.iter();
    let project = projects.find(|one| same(&one.name, name));
    let project =
        project.ok_or_else(|| missing(format!("Project named '{name}' was not found.")))?;
    if project.is_disabled {
        return Err(Refusal::invalid(
            "The project is disabled, so releases cannot be deployed",
        ));
    }
    let mut releases = project.releases.iter();
    let release = releases.find(|one| same(&one.version, version));
    let unknown = || {
        let text = format!(
            "Release '{version}' of project '{}' was not found.",
            project.name
        );
        missing(text)
    };
    Ok((project, release.ok_or_else(unknown)?))
}

/// The environment with this name, if the lifecycle and the release's defects permit a deployment to it.
fn permitted<'a>(
    request: &'a SpaceRequest<'_>,
    project: &Project,
    release: &Release,
    name: &str,
) -> Result<&'a Environment, Refusal> {
    let mut environments = request.space().environments.iter();
    let environment = environments
        .find(|one| same(&one.name, name))
        .ok_or_else(|| missing(format!("Environment named '{name}' was not found.")))?;
    let deployed = request.world.tasks.iter();
    let is_deployed = deployed
        .filter(|task| task.release == release.id)
        .any(|task| task.environment == environment.id);
    if is_deployed {
        return Ok(environment);
    }
    if is_blocked(request.world, release) {
        return Err(Refusal::invalid(format!(
            "Release {} cannot be deployed to {name}, because it is blocked by a defect.",
            release.version
        )));
    }
    if reachable(request, project, release)?.contains(&environment.id) {
        return Ok(environment);
    }
    Err(Refusal::invalid(format!(
        "Release {} cannot be deployed to {name}, because the lifecycle does not permit it yet.",
        release.version
    )))
}

fn missing(text: String) -> Refusal {
    Refusal::with(StatusCode::NOT_FOUND, text)
}
