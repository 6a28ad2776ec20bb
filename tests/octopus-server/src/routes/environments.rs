//! Environments.

use serde_json::{Value, json};

use super::{Visit, found, ok};
use crate::answer::Reply;
use crate::paging::collection;
use crate::world::same;

/// `GET /api/{s}/environments` and `/environments/all`.
pub(crate) fn list(visit: &Visit<'_>) -> Reply {
    let documents = (0..visit.space().environments.len())
        .map(|index| document(visit, index))
        .collect();
    collection(
        visit.call,
        &visit.list_path("environments"),
        "Environment",
        documents,
    )
}

/// `GET /api/{s}/environments/{id}`.
pub(crate) fn get(visit: &Visit<'_>, id: &str) -> Reply {
    let index = visit
        .space()
        .environments
        .iter()
        .position(|e| same(&e.id, id) || same(&e.slug, id));
    ok(document(visit, found(index, id)?))
}

fn document(visit: &Visit<'_>, index: usize) -> Value {
    let environment = &visit.space().environments[index];
    json!({
        "Id": environment.id,
        "SpaceId": visit.space().id,
        "Name": environment.name,
        "Slug": environment.slug,
        "Description": "",
        "SortOrder": index,
        "UseGuidedFailure": false,
        "AllowDynamicInfrastructure": false,
        "Links": {"Self": visit.path(&format!("environments/{}", environment.id))},
    })
}
