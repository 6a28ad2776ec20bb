//! Azure Event Grid with events of Azure Container Registry, in Event Grid's schema (a list) and as CloudEvents.
//!
//! <https://learn.microsoft.com/azure/event-grid/event-schema-container-registry>

use http::HeaderMap;

use super::{OTHER_EVENT, Reading, acr, header, many};
use crate::answer::WebhookAnswer;
use crate::body::Body;

/// The origin that may be allowed to send CloudEvents.
const ORIGIN: &str = "eventgrid.azure.net";

/// Requests a minute that Event Grid may send.
const RATE: &str = "120";

pub(super) fn read(body: Body<'_>) -> Reading {
    let events: Vec<Body<'_>> = if body.is_list() {
        body.items(&[]).collect()
    } else {
        vec![body]
    };
    let mut pushes = Vec::new();
    let mut delivery = None;
    let mut is_push = false;
    for event in events {
        let kind = event.text(&["eventType"]).or_else(|| event.text(&["type"]));
        match kind {
            Some("Microsoft.EventGrid.SubscriptionValidationEvent") => return validation(event),
            Some(
                "Microsoft.ContainerRegistry.ImagePushed"
                | "Microsoft.ContainerRegistry.ChartPushed",
            ) => {
                is_push = true;
                delivery = delivery.or(event.text(&["id"]));
                // One bad event does not spoil the others.
                pushes.extend(acr::push(event.at(&["data"])).unwrap_or_default());
            }
            Some(_) => {}
            None => return Reading::NotUnderstood,
        }
    }
    if is_push {
        many(delivery, pushes)
    } else {
        Reading::Ignored(OTHER_EVENT)
    }
}

/// The code is sent back. `validationUrl` is never requested.
fn validation(event: Body<'_>) -> Reading {
    match event.text(&["data", "validationCode"]) {
        Some(code) => {
            let answer = serde_json::json!({ "validationResponse": code });
            Reading::Handshake(WebhookAnswer::ok(answer.to_string()))
        }
        None => Reading::NotUnderstood,
    }
}

/// The answer to the handshake of CloudEvents, an `OPTIONS` request.
pub(crate) fn options(headers: &HeaderMap) -> WebhookAnswer {
    let is_event_grid = header(headers, "webhook-request-origin") == Some(ORIGIN);
    let allowed = [
        ("webhook-allowed-origin", ORIGIN),
        ("webhook-allowed-rate", RATE),
    ];
    WebhookAnswer {
        status: 200,
        headers: allowed
            .into_iter()
            .filter(|_| is_event_grid)
            .map(|(name, value)| (name, value.to_owned()))
            .collect(),
        body: String::new(),
    }
}
