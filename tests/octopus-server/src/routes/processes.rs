//! Deployment processes: by their own id, by project, and at a git reference; plain, or
//! resolved, with the steps of process templates.

use serde_json::{Value, json};

use super::{SpaceRequest, found, git, ok};
use crate::answer::Reply;
use crate::features::Feature;
use crate::paging::collection;
use crate::world::{Action, PackageReference, Project, Step, guid, same};

/// `GET /api/{s}/deploymentprocesses`: those that are in the database.
pub(crate) fn list(request: &SpaceRequest<'_>) -> Reply {
    let stored = request
        .space()
        .projects
        .iter()
        .filter(|project| project.git.is_none());
    let documents = stored
        .map(|project| ProcessView::new(request, project, false).document(None, &project.steps))
        .collect();
    collection(
        request.call,
        &request.path("deploymentprocesses"),
        "DeploymentProcess",
        documents,
    )
}

/// The view of a process.
struct ProcessView<'a> {
    request: &'a SpaceRequest<'a>,
    project: &'a Project,
    /// With the actions of process templates.
    resolved: bool,
}

/// `GET /api/{s}/deploymentprocesses/{id}`: a current process, or the snapshot of a release's process.
pub(crate) fn by_id(request: &SpaceRequest<'_>, id: &str) -> Reply {
    let projects = request.space().projects.iter();
    let mut snapshots = projects.flat_map(|project| {
        let snapshots = project.snapshots.iter();
        snapshots.map(move |snapshot| (project, snapshot))
    });
    if let Some((project, snapshot)) = snapshots.find(|(_, one)| same(&one.id, id)) {
        let view = ProcessView::new(request, project, false);
        let mut document = view.document(None, &snapshot.steps);
        document["Id"] = json!(snapshot.id);
        document["Links"]["Self"] =
            json!(request.path(&format!("deploymentprocesses/{}", snapshot.id)));
        return ok(document);
    }
    let project = request
        .space()
        .projects
        .iter()
        .find(|project| same(&project.process_id(), id));
    of_project(request, &found(project, id)?.id, None, false)
}

/// `GET /api/{s}/projects/{p}[/{gitRef}]/deploymentprocesses[/resolved]`.
pub(crate) fn of_project(
    request: &SpaceRequest<'_>,
    id: &str,
    reference: Option<&str>,
    resolved: bool,
) -> Reply {
    let project = found(request.space().project(id), id)?;
    let at = git::at(project, reference)?;
    let steps = project.steps_at(at.as_ref().map(|(_, branch)| *branch));
    let canonical = at.as_ref().map(|(canonical, _)| canonical.as_str());
    ok(ProcessView::new(request, project, resolved).document(canonical, steps))
}

impl<'a> ProcessView<'a> {
    fn new(request: &'a SpaceRequest<'_>, project: &'a Project, resolved: bool) -> Self {
        Self {
            request,
            project,
            resolved,
        }
    }

    fn document(&self, canonical: Option<&str>, steps: &[Step]) -> Value {
        let Self {
            request, project, ..
        } = self;
        let prefix = git::prefix(project, canonical);
        let own = match canonical {
            None => request.path(&format!("deploymentprocesses/{}", project.process_id())),
            Some(_) => request.path(&format!("projects/{prefix}/deploymentprocesses")),
        };
        let template = match request.has(Feature::ProjectScopedProcess) {
            true => request.path(&format!(
                "projects/{prefix}/deploymentprocesses/template{{?channel,releaseId}}"
            )),
            false => format!("{own}/template{{?channel,releaseId}}"),
        };
        json!({
            "Id": project.process_id(),
            "SpaceId": request.space().id,
            "ProjectId": project.id,
            "Version": 1,
            "LastSnapshotId": project.snapshots.last().map(|snapshot| &snapshot.id),
            "Steps": steps.iter().map(|of| self.step(of)).collect::<Vec<_>>(),
            "Links": {
                "Self": own,
                "Project": request.path(&format!("projects/{}", project.id)),
                "Template": template,
            },
        })
    }

    fn step(&self, step: &Step) -> Value {
        let request = self.request;
        let hidden = step.from_template && !self.resolved;
        let shown = if hidden { &[] } else { step.actions.as_slice() };
        let mut actions: Vec<_> = shown.iter().map(|of| self.action(of)).collect();
        if hidden && step.placeholder {
            actions.push(self.action(&placeholder(step)));
        }
        let is_usage = hidden && !step.placeholder;
        let mut document = json!({
            "Id": step.id,
            "Name": step.name,
            "Slug": step.slug,
            "Type": if is_usage { "ProcessTemplateUsage" } else { "Step" },
            "PackageRequirement": "LetOctopusDecide",
            "Condition": "Success",
            "StartTrigger": "StartAfterPrevious",
            "Properties": {},
            "Actions": actions,
        });
        hide(&mut document, "Slug", request.has(Feature::ActionSlugs));
        document
    }

    fn action(&self, action: &Action) -> Value {
        let request = self.request;
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
            "Channels": action.channels.iter().map(|id| self.channel(id)).collect::<Vec<_>>(),
            "TenantTags": [],
            "Condition": "Success",
            "Packages": action.packages.iter().map(|of| self.package(of)).collect::<Vec<_>>(),
            "GitDependencies": [],
            "Properties": properties(action),
            "StepPackageVersion": null,
            "Inputs": null,
            "Links": {},
        });
        hide(&mut document, "Slug", request.has(Feature::ActionSlugs));
        document
    }

    fn channel<'c>(&'c self, id: &'c str) -> &'c str {
        let channel = self.project.channel(id);
        channel.map_or(id, |channel| {
            if is_by_slug(self.project) {
                &channel.slug
            } else {
                &channel.id
            }
        })
    }

    fn package(&self, package: &PackageReference) -> Value {
        let request = self.request;
        let feed = feed_name(request, self.project, &package.feed);
        let mut document = json!({
            "Id": package.id,
            "Name": package.name,
            "PackageId": package.package_id,
            "FeedId": feed,
            "AcquisitionLocation": "NotAcquired",
            "Version": package.fixed_version,
            "Properties": {"Extract": "False", "SelectionMode": "immediate"},
            "StepPackageInputsReferenceId": null,
        });
        hide(&mut document, "Version", request.has(Feature::FixedVersion));
        document
    }
}

/// The action of a step that uses a process template, in the plain process.
fn placeholder(step: &Step) -> Action {
    Action {
        id: guid(&format!("{}/placeholder", step.id)),
        name: step.name.clone(),
        slug: step.slug.clone(),
        kind: "Octopus.ProcessTemplate".to_owned(),
        disabled: false,
        channels: Vec::new(),
        packages: Vec::new(),
    }
}

/// Whether the project's process names channels and feeds by slug.
pub(super) fn is_by_slug(project: &Project) -> bool {
    project.git.as_ref().is_some_and(|git| git.by_slug)
}

/// The feed's name in the project's process.
pub(super) fn feed_name<'a>(
    request: &'a SpaceRequest<'_>,
    project: &Project,
    feed: &'a str,
) -> &'a str {
    match request.space().feed(feed) {
        Some(known) if is_by_slug(project) => &known.slug,
        _ => feed,
    }
}

/// The properties contain the primary package too.
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

/// Removes a property that the server's version does not have.
pub(crate) fn hide(document: &mut Value, property: &str, is_known: bool) {
    if !is_known && let Some(fields) = document.as_object_mut() {
        fields.remove(property);
    }
}
