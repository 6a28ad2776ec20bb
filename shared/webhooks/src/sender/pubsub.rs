//! Google Artifact Registry and Container Registry, through a push subscription of the topic `gcr`.
//!
//! <https://cloud.google.com/artifact-registry/docs/configure-notifications>

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::{OTHER_EVENT, Reading, UNTAGGED, host_and_path, many, package, without_tag};
use crate::body::Body;
use domain::push::{PackageKind, Push};

pub(super) fn read(body: Body<'_>) -> Reading {
    let message = body.at(&["message"]);
    let delivery = message
        .text(&["messageId"])
        .or_else(|| message.text(&["message_id"]));
    let data = message
        .text(&["data"])
        .and_then(|data| STANDARD.decode(data).ok());
    let Some(value) = data.and_then(|data| serde_json::from_slice::<Value>(&data).ok()) else {
        return Reading::NotUnderstood;
    };
    let event = Body::new(&value);
    match event.text(&["action"]) {
        Some("INSERT") => {}
        Some(_) => return Reading::Ignored(OTHER_EVENT),
        None => return Reading::NotUnderstood,
    }
    let Some(reference) = event.text(&["tag"]) else {
        return Reading::Ignored(UNTAGGED);
    };
    let (name, tag) = without_tag(reference);
    let Some((host, repository)) = host_and_path(name) else {
        return Reading::NotUnderstood;
    };
    let digest = event
        .text(&["digest"])
        .and_then(|digest| digest.split_once('@'));
    let push = Push {
        registry: Some(host.to_owned()),
        ..package(
            PackageKind::Oci,
            repository,
            tag,
            digest.map(|(_, digest)| digest),
        )
    };
    many(delivery, tag.map(|_| push).into_iter().collect())
}
