//! Releases, newest first, in all their read forms.

use serde_json::{Value, json};

use super::defects::is_blocked;
use super::lifecycles::phase;
use super::processes::hide;
use super::{SpaceRequest, found, ok};
use crate::answer::{Refusal, Reply};
use crate::features::Feature;
use crate::paging::{collection, page};
use crate::world::{Phase, Project, Release, SelectedPackage, Task, same, wire_time};

/// `GET /api/{s}/releases`.
pub(crate) fn list(request: &SpaceRequest<'_>) -> Reply {
    let mut releases: Vec<&Release> = request
        .space()
        .projects
        .iter()
        .flat_map(|project| &project.releases)
        .collect();
    releases.sort_by_key(|release| std::cmp::Reverse(release.assembled));
    let documents = releases
        .into_iter()
        .map(|release| document(request, release))
        .collect();
    collection(
        request.call,
        &request.path("releases"),
        "Release",
        documents,
    )
}

/// `GET /api/{s}/projects/{p}/releases`.
pub(crate) fn of_project(request: &SpaceRequest<'_>, id: &str) -> Reply {
    let project = found(request.space().project(id), id)?;
    matching(
        request,
        &format!("projects/{}/releases", project.id),
        project.newest_first(),
    )
}

/// `GET /api/{s}/channels/{c}/releases` and `/projects/{p}/channels/{c}/releases`.
pub(crate) fn of_channel(request: &SpaceRequest<'_>, id: &str) -> Reply {
    let (project, channel) = found(request.space().channel(id), id)?;
    let releases = project
        .newest_first()
        .filter(|release| release.channel == channel.id);
    matching(
        request,
        &format!("channels/{}/releases", channel.id),
        releases,
    )
}

/// `GET /api/{s}/projects/{p}/releases/{version}`.
pub(crate) fn by_version(request: &SpaceRequest<'_>, id: &str, version: &str) -> Reply {
    let project = found(request.space().project(id), id)?;
    let release = project
        .releases
        .iter()
        .find(|release| same(&release.version, version) || same(&release.id, version));
    ok(document(request, found(release, version)?))
}

/// `GET /api/{s}/releases/{id}`.
pub(crate) fn get(request: &SpaceRequest<'_>, id: &str) -> Reply {
    ok(document(request, found(request.space().release(id), id)?.1))
}

/// `DELETE /api/{s}/releases/{id}`.
pub(crate) fn delete(request: &mut SpaceRequest<'_>, id: &str) -> Reply {
    let project = found(request.space().release(id), id)?.0.id.clone();
    if let Some(project) = request.space_mut().project_mut(&project) {
        project.releases.retain(|release| !same(&release.id, id));
    }
    ok(json!({}))
}

/// `GET /api/{s}/releases/{id}/progression`: its progress in the lifecycle.
pub(crate) fn progression(request: &SpaceRequest<'_>, id: &str) -> Reply {
    let (project, release) = found(request.space().release(id), id)?;
    let is_blocked = is_blocked(request.world, release);
    let deployed: Vec<&str> = deployments_of(request, release)
        .map(|task| task.environment.as_str())
        .collect();
    let is_complete = |phase: &Phase| {
        targets(phase)
            .iter()
            .all(|target| deployed.contains(&target.as_str()))
    };

    let mut next: Option<Vec<String>> = None;
    let mut phases = Vec::new();
    for of in phases_of(request, project, release)? {
        let progress = match (is_complete(&of), &next) {
            (true, None) => "Complete",
            (_, Some(_)) => "Pending",
            (false, None) => {
                next = Some(
                    targets(&of)
                        .into_iter()
                        .filter(|target| !deployed.contains(&target.as_str()))
                        .collect(),
                );
                "Current"
            }
        };
        let mut document = phase(&of);
        document["Blocked"] = json!(is_blocked && progress != "Complete");
        document["Progress"] = json!(progress);
        document["Deployments"] = json!([]);
        phases.push(document);
    }
    ok(json!({
        "Phases": phases,
        "NextDeployments": next.filter(|_| !is_blocked).unwrap_or_default(),
        "NextDeploymentsMinimumRequired": 0,
        "EnvironmentProgression": null,
    }))
}

/// The environments of the release's lifecycle up to the first phase that is neither complete nor optional, by id.
pub(crate) fn reachable(
    request: &SpaceRequest<'_>,
    project: &Project,
    release: &Release,
) -> Result<Vec<String>, Refusal> {
    let deployed: Vec<&str> = deployments_of(request, release)
        .map(|task| task.environment.as_str())
        .collect();
    let mut reachable = Vec::new();
    for phase in phases_of(request, project, release)? {
        let targets = targets(&phase);
        let mut missing = targets.iter();
        let is_complete = missing.all(|target| deployed.contains(&target.as_str()));
        reachable.extend(targets);
        if !is_complete && !phase.is_optional {
            break;
        }
    }
    Ok(reachable)
}

fn phases_of(
    request: &SpaceRequest<'_>,
    project: &Project,
    release: &Release,
) -> Result<Vec<Phase>, Refusal> {
    let space = request.space();
    let channel = found(project.channel(&release.channel), &release.channel)?;
    let lifecycle = found(space.lifecycle_of(project, channel), &project.lifecycle)?;
    Ok(lifecycle.effective_phases(&space.environments))
}

fn targets(phase: &Phase) -> Vec<String> {
    let targets = phase.automatic.iter().chain(&phase.optional);
    targets.cloned().collect()
}

/// `GET /api/{s}/releases/{id}/deployments`.
pub(crate) fn deployments(request: &SpaceRequest<'_>, id: &str) -> Reply {
    let (project, release) = found(request.space().release(id), id)?;
    let document = |task: &Task| {
        json!({
            "Id": task.deployment(),
            "SpaceId": request.space().id,
            "ProjectId": project.id,
            "ReleaseId": release.id,
            "ChannelId": release.channel,
            "EnvironmentId": task.environment,
            "TaskId": task.id,
            "Created": wire_time(task.queued),
            "Links": {"Task": format!("/api/tasks/{}", task.id)},
        })
    };
    let documents = deployments_of(request, release).map(document).collect();
    let path = request.path(&format!("releases/{}/deployments", release.id));
    ok(page(request.call, &path, "Deployment", documents))
}

fn deployments_of<'a>(
    request: &'a SpaceRequest<'_>,
    release: &'a Release,
) -> impl Iterator<Item = &'a Task> {
    request
        .world
        .tasks
        .iter()
        .filter(|task| task.release == release.id)
}

fn matching<'a>(
    request: &SpaceRequest<'_>,
    below: &str,
    releases: impl Iterator<Item = &'a Release>,
) -> Reply {
    let part = request
        .call
        .query("searchByVersion")
        .unwrap_or_default()
        .to_lowercase();
    let matching = releases.filter(|release| release.version.to_lowercase().contains(&part));
    let documents = matching.map(|release| document(request, release)).collect();
    ok(page(
        request.call,
        &request.path(below),
        "Release",
        documents,
    ))
}

/// The document of a release.
pub(crate) fn document(request: &SpaceRequest<'_>, release: &Release) -> Value {
    let space = &request.space().id;
    let Release {
        id,
        project,
        channel,
        version,
        ..
    } = release;
    let own = request.path(&format!("releases/{id}"));
    let time = wire_time(release.assembled);
    let git = release.git.as_ref().map(|git| {
        json!({"GitRef": git.git_ref, "GitCommit": git.git_commit, "VariablesGitCommit": null})
    });
    let mut document = json!({
        "Id": id,
        "SpaceId": space,
        "ProjectId": project,
        "ChannelId": channel,
        "Version": version,
        "Assembled": time,
        "ReleaseNotes": release.notes,
        "IgnoreChannelRules": release.ignored_channel_rules,
        "SelectedPackages": release.packages.iter().map(package).collect::<Vec<_>>(),
        "SelectedGitResources": [],
        "BuildInformation": [],
        "CustomFields": release.custom_fields,
        "ProjectDeploymentProcessSnapshotId": release.process_snapshot,
        "ProjectVariableSetSnapshotId": format!("variableset-{project}-s-1-{id}"),
        "LibraryVariableSetSnapshotIds": [],
        "VersionControlReference": git,
        "LastModifiedOn": time,
        "LastModifiedBy": release.created_by,
        "Links": {
            "Self": format!("{own}{{?force}}"),
            "Project": request.path(&format!("projects/{project}")),
            "ProjectDeploymentProcessSnapshot":
                request.path(&format!("deploymentprocesses/{}", release.process_snapshot)),
            "Progression": format!("{own}/progression"),
            "Deployments": format!("{own}/deployments{{?skip,take}}"),
            "Web": format!("/app#/{space}/releases/{id}"),
        },
    });
    hide(
        &mut document,
        "CustomFields",
        request.has(Feature::CustomFields),
    );
    document
}

fn package(package: &SelectedPackage) -> Value {
    json!({
        "ActionName": package.action,
        "StepName": package.action,
        "PackageReferenceName": package.reference,
        "Version": package.version,
    })
}
