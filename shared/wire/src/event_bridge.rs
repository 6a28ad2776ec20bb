//! An event as EventBridge delivers it: the body of a message in a queue.

use domain::push::EcrPush;
use engine::messages::Message;
use serde::Deserialize;
use serde_json::Value;

use crate::envelope::{SOURCE, decode_value};
use crate::error::WireError;
use crate::json;

/// An event of EventBridge. What it says is in [`detail`](Self::detail).
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct EventBridgeEvent {
    /// EventBridge's own id. Another bus gives the same message another one.
    pub id: String,
    /// The kind of event.
    #[serde(rename = "detail-type")]
    pub detail_type: String,
    /// Who sent it.
    pub source: String,
    /// The AWS account it comes from.
    #[serde(default)]
    pub account: String,
    /// The AWS region it comes from.
    #[serde(default)]
    pub region: String,
    /// When it was sent, RFC 3339.
    #[serde(default)]
    pub time: String,
    /// What it says.
    #[serde(default)]
    pub detail: Value,
}

impl EventBridgeEvent {
    /// Reads the body of a queue's message.
    ///
    /// # Errors
    /// [`WireError::NotJson`], or [`WireError::Field`] naming what is missing.
    pub fn parse(body: &str) -> Result<Self, WireError> {
        let what = "the EventBridge event";
        json::read(what, "", body)
    }

    /// The message of this program that it carries.
    ///
    /// # Errors
    /// [`WireError::Foreign`] for somebody else's event, and all those of [`crate::decode`].
    pub fn message(self) -> Result<Message, WireError> {
        if self.source != SOURCE {
            return Err(self.foreign());
        }
        decode_value(&self.detail_type, self.detail)
    }

    /// The push, if this is an "ECR Image Action". Fields that are absent are empty: what to make of
    /// them is `domain`'s decision.
    ///
    /// # Errors
    /// [`WireError::Foreign`] for any other event.
    pub fn ecr_push(self) -> Result<EcrPush, WireError> {
        if self.source != "aws.ecr" || self.detail_type != "ECR Image Action" {
            return Err(self.foreign());
        }
        let field = |name: &str| self.detail.get(name).and_then(Value::as_str);
        let text = |name: &str| field(name).unwrap_or_default().to_owned();
        Ok(EcrPush {
            repository: text("repository-name"),
            tag: field("image-tag")
                .filter(|tag| !tag.is_empty())
                .map(str::to_owned),
            action: text("action-type"),
            result: text("result"),
            account: self.account,
            region: self.region,
        })
    }

    fn foreign(self) -> WireError {
        WireError::Foreign {
            event_source: self.source,
            detail_type: self.detail_type,
        }
    }
}
