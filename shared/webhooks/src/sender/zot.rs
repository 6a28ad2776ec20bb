//! zot's CloudEvents, binary or structured. The payload contains no host.

use http::HeaderMap;

use super::{Event, OTHER_EVENT, Reading, UNTAGGED, is_digest, one, package};
use crate::body::Body;
use crate::push::kind_of_media_type;

pub(super) fn read(headers: &HeaderMap, body: Body<'_>) -> Reading {
    let event = Event::new(headers, body);
    match event.kind {
        Some("zotregistry.image.updated") => {}
        Some(_) => return Reading::Ignored(OTHER_EVENT),
        None => return Reading::NotUnderstood,
    }
    let data = event.data;
    let tag = data.text(&["reference"]);
    if tag.is_none_or(is_digest) {
        return Reading::Ignored(UNTAGGED);
    }
    let kind = kind_of_media_type(data.text(&["mediaType"]).unwrap_or_default());
    let name = data.text(&["name"]);
    one(
        event.id,
        name.map(|name| package(kind, name, tag, data.text(&["digest"]))),
    )
}
