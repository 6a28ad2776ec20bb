//! Deployment settings: a project's versioning, at a git reference if it is
//! version-controlled.

use serde_json::json;

use super::{SpaceRequest, found, git, ok, projects};
use crate::answer::Reply;

/// `GET /api/{s}/projects/{p}[/{gitRef}]/deploymentsettings`.
pub(crate) fn of_project(request: &SpaceRequest<'_>, id: &str, reference: Option<&str>) -> Reply {
    let project = found(request.space().project(id), id)?;
    let at = git::at(project, reference)?;
    let versioning = project.versioning_at(at.as_ref().map(|(_, branch)| *branch));
    let prefix = git::prefix(
        project,
        at.as_ref().map(|(canonical, _)| canonical.as_str()),
    );
    ok(json!({
        "Id": format!("deploymentsettings-{}", project.id),
        "SpaceId": request.space().id,
        "ProjectId": project.id,
        "VersioningStrategy": projects::versioning(versioning),
        "ReleaseNotesTemplate": null,
        "DeploymentChangesTemplate": null,
        "ConnectivityPolicy": projects::connectivity(),
        "DefaultGuidedFailureMode": "EnvironmentDefault",
        "DefaultToSkipIfAlreadyInstalled": false,
        "ForcePackageDownload": false,
        "FailTargetDiscovery": false,
        "CancelQueuedTasks": false,
        "CancelRunningTasks": false,
        "Links": {"Self": request.path(&format!("projects/{prefix}/deploymentsettings"))},
    }))
}
