//! Lifecycles, and the previews that fill in implicit phases and environment names.

use serde_json::{Value, json};

use super::{SpaceRequest, found, ok};
use crate::answer::Reply;
use crate::paging::{collection, page};
use crate::world::{Lifecycle, Phase, same};

/// `GET /api/{s}/lifecycles` and `/lifecycles/all`.
pub(crate) fn list(request: &SpaceRequest<'_>) -> Reply {
    let documents = request
        .space()
        .lifecycles
        .iter()
        .map(|of| document(request, of, &of.phases))
        .collect();
    collection(
        request.call,
        &request.list_path("lifecycles"),
        "Lifecycle",
        documents,
    )
}

/// `GET /api/{s}/lifecycles/{id}`.
pub(crate) fn get(request: &SpaceRequest<'_>, id: &str) -> Reply {
    let lifecycle = found(request.space().lifecycle(id), id)?;
    ok(document(request, lifecycle, &lifecycle.phases))
}

/// `GET /api/{s}/lifecycles/{id}/preview`, until 2025.
pub(crate) fn preview(request: &SpaceRequest<'_>, id: &str) -> Reply {
    ok(previewed(
        request,
        found(request.space().lifecycle(id), id)?,
    ))
}

/// `GET /api/{s}/lifecycles/previews?ids=`, since 2026: an array.
pub(crate) fn previews(request: &SpaceRequest<'_>) -> Reply {
    let ids = request.call.query_list("ids");
    let query = |of: &&Lifecycle| {
        ids.as_ref()
            .is_none_or(|ids| ids.iter().any(|id| same(id, &of.id)))
    };
    ok(request
        .space()
        .lifecycles
        .iter()
        .filter(query)
        .map(|of| previewed(request, of))
        .collect())
}

/// `GET /api/{s}/lifecycles/{id}/projects`, until 2025: those that use it.
pub(crate) fn projects(request: &SpaceRequest<'_>, id: &str) -> Reply {
    let lifecycle = found(request.space().lifecycle(id), id)?;
    let users = request
        .space()
        .projects
        .iter()
        .filter(|project| project.lifecycle == lifecycle.id);
    let documents = users
        .map(|project| json!({"Id": project.id, "Name": project.name}))
        .collect();
    let path = request.path(&format!("lifecycles/{}/projects", lifecycle.id));
    ok(page(request.call, &path, "Project", documents))
}

fn previewed(request: &SpaceRequest<'_>, lifecycle: &Lifecycle) -> Value {
    document(
        request,
        lifecycle,
        &lifecycle.effective_phases(&request.space().environments),
    )
}

fn document(request: &SpaceRequest<'_>, lifecycle: &Lifecycle, phases: &[Phase]) -> Value {
    let own = request.path(&format!("lifecycles/{}", lifecycle.id));
    let retention = json!({"Strategy": "Default", "Unit": "Items", "QuantityToKeep": 0, "ShouldKeepForever": true});
    json!({
        "Id": lifecycle.id,
        "SpaceId": request.space().id,
        "Name": lifecycle.name,
        "Slug": lifecycle.slug,
        "Description": "",
        "ReleaseRetentionPolicy": retention,
        "TentacleRetentionPolicy": retention,
        "Phases": phases.iter().map(phase).collect::<Vec<_>>(),
        "Links": {
            "Self": own,
            "Preview": format!("{own}/preview"),
            "Projects": format!("{own}/projects"),
        },
    })
}

/// A phase, as lifecycles and progressions show it.
pub(crate) fn phase(phase: &Phase) -> Value {
    json!({
        "Id": phase.id,
        "Name": phase.name,
        "AutomaticDeploymentTargets": phase.automatic,
        "OptionalDeploymentTargets": phase.optional,
        "MinimumEnvironmentsBeforePromotion": 0,
        "IsOptionalPhase": phase.is_optional,
        "IsPriorityPhase": false,
        "ReleaseRetentionPolicy": null,
        "TentacleRetentionPolicy": null,
    })
}
