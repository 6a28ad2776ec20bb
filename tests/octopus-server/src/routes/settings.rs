//! Deployment settings: how a project numbers its releases, at a git reference where it is
//! version-controlled.

use serde_json::{Value, json};

use super::{Visit, found, git, ok, projects};
use crate::answer::Reply;

/// `GET /api/{s}/projects/{p}[/{gitRef}]/deploymentsettings`.
pub(crate) fn of_project(visit: &Visit<'_>, id: &str, reference: Option<&str>) -> Reply {
    let project = found(visit.space().project(id), id)?;
    let at = git::at(project, reference)?;
    let versioning = project.versioning_at(at.as_ref().map(|(_, branch)| *branch));
    let prefix = git::prefix(
        project,
        at.as_ref().map(|(canonical, _)| canonical.as_str()),
    );
    ok(json!({
        "Id": format!("deploymentsettings-{}", project.id),
        "SpaceId": visit.space().id,
        "ProjectId": project.id,
        "VersioningStrategy": projects::versioning(versioning),
        "ReleaseNotesTemplate": null,
        "DeploymentChangesTemplate": null,
        "ConnectivityPolicy": connectivity(),
        "DefaultGuidedFailureMode": "EnvironmentDefault",
        "DefaultToSkipIfAlreadyInstalled": false,
        "ForcePackageDownload": false,
        "FailTargetDiscovery": false,
        "CancelQueuedTasks": false,
        "CancelRunningTasks": false,
        "Links": {"Self": visit.path(&format!("projects/{prefix}/deploymentsettings"))},
    }))
}

/// What to do with targets that cannot be reached.
pub(crate) fn connectivity() -> Value {
    json!({
        "SkipMachineBehavior": "None",
        "TargetRoles": [],
        "AllowDeploymentsToNoTargets": false,
        "ExcludeUnhealthyTargets": false,
    })
}
