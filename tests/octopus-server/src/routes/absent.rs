//! Collections of resources that this server does not have: their lists are empty.

use super::{SpaceRequest, found};
use crate::answer::Reply;
use crate::paging::collection;

/// `GET /api/{s}/{collection}` and `/{collection}/all`.
pub(crate) fn list(request: &SpaceRequest<'_>, name: &str) -> Reply {
    let item_type = match name {
        "machines" => "DeploymentTarget",
        "projectgroups" => "ProjectGroup",
        "runbooks" => "Runbook",
        "tenants" => "Tenant",
        _ => "WorkerPool",
    };
    let path = request.list_path(name);
    collection(request.call, &path, item_type, Vec::new())
}

/// `GET /api/{s}/projects/{p}/runbooks`.
pub(crate) fn runbooks(request: &SpaceRequest<'_>, project: &str) -> Reply {
    let project = found(request.space().project(project), project)?;
    let path = request.path(&format!("projects/{}/runbooks", project.id));
    collection(request.call, &path, "Runbook", Vec::new())
}
