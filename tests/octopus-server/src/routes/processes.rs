//! Deployment processes: by their own id, by project, and at a git reference.

use serde_json::{Value, json};

use super::{Visit, found, git, ok};
use crate::answer::Reply;
use crate::features::Feature;
use crate::paging::collection;
use crate::world::{Action, PackageReference, Project, Step, same};

/// `GET /api/{s}/deploymentprocesses`: those that are in the database.
pub(crate) fn list(visit: &Visit<'_>) -> Reply {
    let stored = visit
        .space()
        .projects
        .iter()
        .filter(|project| project.git.is_none());
    let documents = stored
        .map(|project| document(visit, project, None, &project.steps))
        .collect();
    collection(
        visit.call,
        &visit.path("deploymentprocesses"),
        "DeploymentProcess",
        documents,
    )
}

/// `GET /api/{s}/deploymentprocesses/{id}`.
pub(crate) fn by_id(visit: &Visit<'_>, id: &str) -> Reply {
    let project = visit
        .space()
        .projects
        .iter()
        .find(|project| same(&project.process_id(), id));
    of_project(visit, &found(project, id)?.id, None)
}

/// `GET /api/{s}/projects/{p}[/{gitRef}]/deploymentprocesses`.
pub(crate) fn of_project(visit: &Visit<'_>, id: &str, reference: Option<&str>) -> Reply {
    let project = found(visit.space().project(id), id)?;
    let at = git::at(project, reference)?;
    let steps = project.steps_at(at.as_ref().map(|(_, branch)| *branch));
    ok(document(
        visit,
        project,
        at.as_ref().map(|(canonical, _)| canonical.as_str()),
        steps,
    ))
}

fn document(
    visit: &Visit<'_>,
    project: &Project,
    canonical: Option<&str>,
    steps: &[Step],
) -> Value {
    let prefix = git::prefix(project, canonical);
    let own = match canonical {
        None => visit.path(&format!("deploymentprocesses/{}", project.process_id())),
        Some(_) => visit.path(&format!("projects/{prefix}/deploymentprocesses")),
    };
    let template = match visit.has(Feature::ProjectScopedProcess) {
        true => visit.path(&format!(
            "projects/{prefix}/deploymentprocesses/template{{?channel,releaseId}}"
        )),
        false => format!("{own}/template{{?channel,releaseId}}"),
    };
    json!({
        "Id": project.process_id(),
        "SpaceId": visit.space().id,
        "ProjectId": project.id,
        "Version": 1,
        "LastSnapshotId": null,
        "Steps": steps.iter().map(|of| step(visit, of)).collect::<Vec<_>>(),
        "Links": {
            "Self": own,
            "Project": visit.path(&format!("projects/{}", project.id)),
            "Template": template,
        },
    })
}

fn step(visit: &Visit<'_>, step: &Step) -> Value {
    let mut document = json!({
        "Id": step.id,
        "Name": step.name,
        "Slug": step.slug,
        "Type": "Step",
        "PackageRequirement": "LetOctopusDecide",
        "Condition": "Success",
        "StartTrigger": "StartAfterPrevious",
        "Properties": {},
        "Actions": step.actions.iter().map(|of| action(visit, of)).collect::<Vec<_>>(),
    });
    hide(&mut document, "Slug", visit.has(Feature::ActionSlugs));
    document
}

fn action(visit: &Visit<'_>, action: &Action) -> Value {
    let mut document = json!({
        "Id": action.id,
        "Name": action.name,
        "Slug": action.slug,
        "ActionType": action.kind,
        "Notes": null,
        "IsDisabled": action.disabled,
        "IsRequired": false,
        "CanBeUsedForProjectVersioning": !action.packages.is_empty(),
        "WorkerPoolId": null,
        "WorkerPoolVariable": null,
        "Container": {"Image": null, "FeedId": null, "GitUrl": null, "Dockerfile": null},
        "Environments": [],
        "ExcludedEnvironments": [],
        "Channels": action.channels,
        "TenantTags": [],
        "Condition": "Success",
        "Packages": action.packages.iter().map(|of| package(visit, of)).collect::<Vec<_>>(),
        "GitDependencies": [],
        "Properties": properties(action),
        "StepPackageVersion": null,
        "Inputs": null,
        "Links": {},
    });
    hide(&mut document, "Slug", visit.has(Feature::ActionSlugs));
    document
}

/// The primary package also stands among the properties.
fn properties(action: &Action) -> Value {
    let mut properties = json!({"Octopus.Action.RunOnServer": "true"});
    if let Some(primary) = action
        .packages
        .iter()
        .find(|package| package.name.is_empty())
    {
        properties["Octopus.Action.Package.PackageId"] = json!(primary.package_id);
        properties["Octopus.Action.Package.FeedId"] = json!(primary.feed);
        properties["Octopus.Action.Package.DownloadOnTentacle"] = json!("False");
    }
    properties
}

fn package(visit: &Visit<'_>, package: &PackageReference) -> Value {
    let mut document = json!({
        "Id": package.id,
        "Name": package.name,
        "PackageId": package.package_id,
        "FeedId": package.feed,
        "AcquisitionLocation": "NotAcquired",
        "Version": package.fixed_version,
        "Properties": {"Extract": "False", "SelectionMode": "immediate"},
        "StepPackageInputsReferenceId": null,
    });
    hide(&mut document, "Version", visit.has(Feature::FixedVersion));
    document
}

/// Takes a property away from servers that do not have it.
pub(crate) fn hide(document: &mut Value, property: &str, is_known: bool) {
    if !is_known && let Some(fields) = document.as_object_mut() {
        fields.remove(property);
    }
}
