//! Azure Container Registry's own webhooks.
//!
//! <https://learn.microsoft.com/azure/container-registry/container-registry-webhook-reference>

use super::{OTHER_EVENT, Reading, is_digest, many, package};
use crate::answer::WebhookAnswer;
use crate::body::Body;
use crate::push::kind_of_media_type;
use domain::push::{PackageKind, Push};

pub(super) fn read(body: Body<'_>) -> Reading {
    let delivery = body.text(&["id"]);
    match body.text(&["action"]) {
        Some("ping") => Reading::Handshake(WebhookAnswer::ok(r#"{"pong":true}"#)),
        Some("push" | "chart_push") => match push(body) {
            Ok(pushes) => many(delivery, pushes),
            Err(reading) => reading,
        },
        Some(_) => Reading::Ignored(OTHER_EVENT),
        None => Reading::NotUnderstood,
    }
}

/// The push of an event, which Event Grid sends as well; none if it is untagged.
pub(super) fn push(event: Body<'_>) -> Result<Vec<Push>, Reading> {
    let target = event.at(&["target"]);
    let media_type = target.text(&["mediaType"]).unwrap_or_default();
    if media_type == "application/vnd.acr.helm.chart" {
        // The repository of `az acr helm` has one index, and the event has no host.
        let name = target.text(&["name"]).ok_or(Reading::NotUnderstood)?;
        let version = target
            .text(&["version"])
            .map(|version| version.trim_end_matches(".tgz"));
        return Ok(vec![package(PackageKind::Helm, name, version, None)]);
    }
    let repository = target.text(&["repository"]).ok_or(Reading::NotUnderstood)?;
    let Some(tag) = target.text(&["tag"]).filter(|tag| !is_digest(tag)) else {
        return Ok(Vec::new());
    };
    Ok(vec![Push {
        registry: event.text(&["request", "host"]).map(str::to_owned),
        ..package(
            kind_of_media_type(media_type),
            repository,
            Some(tag),
            target.text(&["digest"]),
        )
    }])
}
