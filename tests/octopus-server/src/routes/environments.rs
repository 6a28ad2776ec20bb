//! Environments.

use serde_json::{Value, json};

use super::{SpaceRequest, found, ok};
use crate::answer::Reply;
use crate::paging::collection;
use crate::world::same;

/// `GET /api/{s}/environments` and `/environments/all`.
pub(crate) fn list(request: &SpaceRequest<'_>) -> Reply {
    let documents = (0..request.space().environments.len())
        .map(|index| document(request, index))
        .collect();
    collection(
        request.call,
        &request.list_path("environments"),
        "Environment",
        documents,
    )
}

/// `GET /api/{s}/environments/{id}`.
pub(crate) fn get(request: &SpaceRequest<'_>, id: &str) -> Reply {
    let index = request
        .space()
        .environments
        .iter()
        .position(|e| same(&e.id, id) || same(&e.slug, id));
    ok(document(request, found(index, id)?))
}

fn document(request: &SpaceRequest<'_>, index: usize) -> Value {
    let environment = &request.space().environments[index];
    json!({
        "Id": environment.id,
        "SpaceId": request.space().id,
        "Name": environment.name,
        "Slug": environment.slug,
        "Description": "",
        "SortOrder": index,
        "UseGuidedFailure": false,
        "AllowDynamicInfrastructure": false,
        "Links": {"Self": request.path(&format!("environments/{}", environment.id))},
    })
}
