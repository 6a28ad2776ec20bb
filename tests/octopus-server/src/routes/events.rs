//! Events (the audit trail), newest first.

use serde_json::{Value, json};

use super::{found, ok};
use crate::answer::Reply;
use crate::call::Call;
use crate::paging::page;
use crate::world::{Event, World, same, wire_time};

/// `GET /api/events` and `/api/{s}/events`.
pub(crate) fn list(world: &World, call: &Call, space: Option<usize>) -> Reply {
    let among = |parameter: &str, values: &[&str]| {
        call.query_list(parameter).is_none_or(|query| {
            query
                .iter()
                .any(|query| values.iter().any(|v| same(v, query)))
        })
    };
    let from = call.query_number("fromAutoId", 0);
    let query = |event: &&Event| {
        space.is_none_or(|space| world.spaces[space].id == event.space)
            && usize::try_from(event.number).is_ok_and(|number| number >= from)
            && among("projects", &[&event.project])
            && among("regarding", &[&event.release, &event.project])
            && among("regardingAny", &[&event.release, &event.project])
            && among("users", &[&event.user.id])
            && among("documentTypes", &["Releases"])
            && among("eventCategories", &["Created"])
    };
    let documents = world
        .events
        .iter()
        .rev()
        .filter(query)
        .map(document)
        .collect();
    let path = space.map_or("/api/events".to_owned(), |space| {
        format!("/api/{}/events", world.spaces[space].id)
    });
    ok(page(call, &path, "Event", documents))
}

/// `GET .../events/{id}`.
pub(crate) fn get(world: &World, id: &str) -> Reply {
    let event = world
        .events
        .iter()
        .find(|event| same(&format!("Events-{}", event.number), id));
    ok(document(found(event, id)?))
}

fn document(event: &Event) -> Value {
    let start = event.message.find(&event.version).unwrap_or_default();
    json!({
        "Id": format!("Events-{}", event.number),
        "SpaceId": event.space,
        "Category": "Created",
        "UserId": event.user.id,
        "Username": event.user.username,
        "IsService": event.user.is_service,
        "IdentityEstablishedWith": "API key",
        "UserAgent": event.user_agent,
        "Occurred": wire_time(event.occurred),
        "Message": event.message,
        "MessageHtml": event.message,
        "MessageReferences": [
            {"ReferencedDocumentId": event.release, "StartIndex": start, "Length": event.version.len()}
        ],
        "RelatedDocumentIds": [event.release, event.project],
        "Comments": null,
        "Details": null,
        "ChangeDetails": {"DocumentContext": null, "Differences": []},
        "Links": {"Self": format!("/api/events/Events-{}", event.number)},
    })
}
