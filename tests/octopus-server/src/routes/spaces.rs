//! Spaces.

use serde_json::{Value, json};

use super::{found, ok};
use crate::answer::Reply;
use crate::call::Call;
use crate::paging::collection;
use crate::world::{Space, World};

/// `GET /api/spaces` and `/api/spaces/all`.
pub(crate) fn list(world: &World, call: &Call) -> Reply {
    let all = call
        .path
        .to_lowercase()
        .trim_end_matches('/')
        .ends_with("/all");
    let path = if all {
        "/api/spaces/all"
    } else {
        "/api/spaces"
    };
    collection(
        call,
        path,
        "Space",
        world
            .spaces
            .iter()
            .map(|space| document(world, space))
            .collect(),
    )
}

/// `GET /api/spaces/{id}`.
pub(crate) fn get(world: &World, id: &str) -> Reply {
    let space = found(world.space(id), id)?;
    ok(document(world, &world.spaces[space]))
}

fn document(world: &World, space: &Space) -> Value {
    let Space {
        id,
        name,
        slug,
        is_default,
        ..
    } = space;
    json!({
        "Id": id,
        "Name": name,
        "Slug": slug,
        "Description": "",
        "IsDefault": is_default,
        "IsPrivate": false,
        "TaskQueueStopped": false,
        "SpaceManagersTeams": ["teams-administrators", format!("teams-spacemanagers-{id}")],
        "SpaceManagersTeamMembers": [],
        "Icon": null,
        "Links": {
            "Self": format!("/api/spaces/{id}"),
            "SpaceHome": format!("/api/{id}"),
            "Web": format!("/app#/spaces/{id}"),
            "Logo": format!("/api/spaces/{id}/logo?cb={}", world.version.as_str()),
        },
    })
}
