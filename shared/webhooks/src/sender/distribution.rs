//! distribution's notifications, which GitLab's self-managed registry sends too: many events in one body.
//!
//! <https://distribution.github.io/distribution/about/notifications/>

use super::{OTHER_EVENT, Reading, many, package};
use crate::body::Body;
use crate::push::kind_of_media_type;
use domain::push::Push;

pub(super) fn read(body: Body<'_>) -> Reading {
    if !body.at(&["events"]).is_list() {
        return Reading::NotUnderstood;
    }
    let mut delivery = None;
    let mut is_push = false;
    let mut pushes = Vec::new();
    for event in body.items(&["events"]) {
        if event.text(&["action"]) != Some("push") {
            continue;
        }
        is_push = true;
        if let Some(push) = push(event) {
            delivery = delivery.or(event.text(&["id"]));
            pushes.push(push);
        }
    }
    if is_push {
        many(delivery, pushes)
    } else {
        Reading::Ignored(OTHER_EVENT)
    }
}

/// The push of a tagged manifest. Blobs and untagged manifests announce nothing.
fn push(event: Body<'_>) -> Option<Push> {
    let target = event.at(&["target"]);
    let media_type = target.text(&["mediaType"])?;
    let is_manifest = media_type.contains(".manifest.") || media_type.contains(".index.");
    let (repository, tag) = (target.text(&["repository"])?, target.text(&["tag"])?);
    is_manifest.then(|| Push {
        registry: event.text(&["request", "host"]).map(str::to_owned),
        ..package(
            kind_of_media_type(media_type),
            repository,
            Some(tag),
            target.text(&["digest"]),
        )
    })
}
