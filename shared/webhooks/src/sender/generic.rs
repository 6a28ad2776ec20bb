//! The generic body: `repository` or `package` or neither, which means the whole feed; `tag`, `digest` and
//! `registry` are optional. It may be the `data` of a CloudEvent.

use http::HeaderMap;

use super::{Event, Reading, header, one};
use crate::body::Body;
use domain::push::{Match, Push};

pub(super) fn read(headers: &HeaderMap, body: Body<'_>) -> Reading {
    let event = Event::new(headers, body);
    let delivery = header(headers, "webhook-id").or(event.id);
    let body = event.data;
    if !body.is_object() {
        return Reading::NotUnderstood;
    }
    let (name, matching) = match (body.text(&["repository"]), body.text(&["package"])) {
        (Some(repository), _) => (Some(repository), Match::Exact),
        (None, Some(package)) => (Some(package), Match::Package),
        (None, None) => (None, Match::Exact),
    };
    let owned = |name| body.text(&[name]).map(str::to_owned);
    one(
        delivery,
        Some(Push {
            registry: owned("registry"),
            repository: name.map(str::to_owned),
            matching,
            kind: None,
            tag: owned("tag"),
            digest: owned("digest"),
        }),
    )
}
