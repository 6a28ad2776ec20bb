//! Users.

use serde_json::{Value, json};

use super::ok;
use crate::answer::Reply;
use crate::call::Call;
use crate::paging::collection;
use crate::world::{User, World};

/// `GET /api/users` and `/api/users/all`.
pub(crate) fn list(world: &World, call: &Call) -> Reply {
    let documents = world.users.iter().map(|user| document(user, false));
    let path = match call.path.to_lowercase().trim_end_matches('/') {
        path if path.ends_with("/all") => "/api/users/all",
        _ => "/api/users",
    };
    collection(call, path, "User", documents.collect())
}

/// `GET /api/users/me`.
pub(crate) fn me(world: &World, call: &Call) -> Reply {
    ok(document(&world.users[call.user], true))
}

fn document(user: &User, is_requestor: bool) -> Value {
    json!({
        "Id": user.id,
        "Username": user.username,
        "DisplayName": user.display_name,
        "IsActive": true,
        "IsService": user.is_service,
        "EmailAddress": null,
        "CanPasswordBeEdited": false,
        "IsRequestor": is_requestor,
        "Identities": [],
        "Links": {"Self": format!("/api/users/{}", user.id)},
    })
}
