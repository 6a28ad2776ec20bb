//! The last request of a receiver of webhooks with one outcome.

use domain::push::{WebhookOutcome, WebhookRequest};
use serde::{Deserialize, Serialize};

use super::{read, write};
use crate::WireError;
use crate::time::Time;

const KIND: &str = "the row of a webhook's last request";

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WebhookRequestData {
    receiver: String,
    sender: String,
    outcome: WebhookOutcomeData,
    at: Time,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum WebhookOutcomeData {
    Accepted,
    Ignored,
    Refused,
}

/// Encodes the row.
///
/// # Errors
/// [`WireError::Unwritable`] for a time that RFC 3339 cannot express.
pub fn encode(request: &WebhookRequest) -> Result<Vec<u8>, WireError> {
    write(
        KIND,
        WebhookRequestData {
            receiver: request.receiver.clone(),
            sender: request.sender.clone(),
            outcome: match request.outcome {
                WebhookOutcome::Accepted => WebhookOutcomeData::Accepted,
                WebhookOutcome::Ignored => WebhookOutcomeData::Ignored,
                WebhookOutcome::Refused => WebhookOutcomeData::Refused,
            },
            at: Time(request.at),
            reason: request.reason.clone(),
        },
    )
}

/// Decodes the row.
///
/// # Errors
/// [`WireError::NotJson`], [`WireError::Version`], [`WireError::Field`].
pub fn decode(bytes: &[u8]) -> Result<WebhookRequest, WireError> {
    let data: WebhookRequestData = read(KIND, bytes)?;
    Ok(WebhookRequest {
        receiver: data.receiver,
        sender: data.sender,
        outcome: match data.outcome {
            WebhookOutcomeData::Accepted => WebhookOutcome::Accepted,
            WebhookOutcomeData::Ignored => WebhookOutcome::Ignored,
            WebhookOutcomeData::Refused => WebhookOutcome::Refused,
        },
        at: data.at.0,
        reason: data.reason,
    })
}
