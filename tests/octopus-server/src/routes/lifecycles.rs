//! Lifecycles, and the previews that fill in implicit phases and environment names.

use serde_json::{Value, json};

use super::{Visit, found, ok};
use crate::answer::Reply;
use crate::paging::{collection, page};
use crate::world::{Lifecycle, Phase, same};

/// `GET /api/{s}/lifecycles` and `/lifecycles/all`.
pub(crate) fn list(visit: &Visit<'_>) -> Reply {
    let documents = visit
        .space()
        .lifecycles
        .iter()
        .map(|of| document(visit, of, &of.phases))
        .collect();
    collection(
        visit.call,
        &visit.list_path("lifecycles"),
        "Lifecycle",
        documents,
    )
}

/// `GET /api/{s}/lifecycles/{id}`.
pub(crate) fn get(visit: &Visit<'_>, id: &str) -> Reply {
    let lifecycle = found(visit.space().lifecycle(id), id)?;
    ok(document(visit, lifecycle, &lifecycle.phases))
}

/// `GET /api/{s}/lifecycles/{id}/preview`, until 2025.
pub(crate) fn preview(visit: &Visit<'_>, id: &str) -> Reply {
    ok(previewed(visit, found(visit.space().lifecycle(id), id)?))
}

/// `GET /api/{s}/lifecycles/previews?ids=`, since 2026: an array.
pub(crate) fn previews(visit: &Visit<'_>) -> Reply {
    let ids = visit.call.query_list("ids");
    let asked = |of: &&Lifecycle| {
        ids.as_ref()
            .is_none_or(|ids| ids.iter().any(|id| same(id, &of.id)))
    };
    ok(visit
        .space()
        .lifecycles
        .iter()
        .filter(asked)
        .map(|of| previewed(visit, of))
        .collect())
}

/// `GET /api/{s}/lifecycles/{id}/projects`, until 2025: those that use it.
pub(crate) fn projects(visit: &Visit<'_>, id: &str) -> Reply {
    let lifecycle = found(visit.space().lifecycle(id), id)?;
    let users = visit
        .space()
        .projects
        .iter()
        .filter(|project| project.lifecycle == lifecycle.id);
    let documents = users
        .map(|project| json!({"Id": project.id, "Name": project.name}))
        .collect();
    let path = visit.path(&format!("lifecycles/{}/projects", lifecycle.id));
    ok(page(visit.call, &path, "Project", documents))
}

fn previewed(visit: &Visit<'_>, lifecycle: &Lifecycle) -> Value {
    document(
        visit,
        lifecycle,
        &lifecycle.effective_phases(&visit.space().environments),
    )
}

fn document(visit: &Visit<'_>, lifecycle: &Lifecycle, phases: &[Phase]) -> Value {
    let own = visit.path(&format!("lifecycles/{}", lifecycle.id));
    let retention = json!({"Strategy": "Default", "Unit": "Items", "QuantityToKeep": 0, "ShouldKeepForever": true});
    json!({
        "Id": lifecycle.id,
        "SpaceId": visit.space().id,
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
