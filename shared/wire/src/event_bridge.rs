//! The envelope in which EventBridge delivers an event: the body of an SQS message.

use domain::push::{EcrPush, EcrRepository, PackagePush, PushEvent};
use engine::messages::Message;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::data::PackagePushData;
use crate::envelope::{PACKAGE_PUSHED, SOURCE, VERSION, decode_value};
use crate::error::WireError;
use crate::json;

/// An EventBridge event.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct EventBridgeEvent {
    /// EventBridge's id, which differs per bus for the same message.
    pub id: String,
    #[serde(rename = "detail-type")]
    pub detail_type: String,
    pub source: String,
    /// The AWS account of the sender.
    #[serde(default)]
    pub account: String,
    /// The AWS region of the sender.
    #[serde(default)]
    pub region: String,
    /// The time it was sent, RFC 3339.
    #[serde(default)]
    pub time: String,
    #[serde(default)]
    pub detail: Value,
    /// The number of checks that were requested for this push before; 0 in an event of EventBridge.
    #[serde(default, rename = "earlier-checks")]
    pub earlier_checks: usize,
}

impl EventBridgeEvent {
    /// Parses the body of an SQS message.
    ///
    /// # Errors
    /// [`WireError::NotJson`], or [`WireError::Field`] with the missing field.
    pub fn parse(body: &str) -> Result<Self, WireError> {
        let kind = "the EventBridge event";
        json::read(kind, "", body)
    }

    /// The body of an SQS message with this event.
    ///
    /// # Errors
    /// Never for an event that was parsed.
    pub fn body(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(self)
    }

    /// Decodes the message of this program in the event.
    ///
    /// # Errors
    /// [`WireError::Foreign`] for another program's event, and those of [`crate::decode`].
    pub fn message(self) -> Result<Message, WireError> {
        if self.source != SOURCE {
            return Err(self.foreign());
        }
        decode_value(&self.detail_type, self.detail)
    }

    /// The push of an "ECR Image Action" or a `PackagePushed`, or the repository of a finished scan.
    ///
    /// # Errors
    /// [`WireError::Foreign`] for any other event, and those of [`Self::package_push`].
    pub fn push(self) -> Result<PushEvent, WireError> {
        match (&*self.source, &*self.detail_type) {
            (SOURCE, PACKAGE_PUSHED) => self.package_push().map(PushEvent::Package),
            ("aws.ecr", "ECR Image Scan") | ("aws.inspector2", "Inspector2 Scan") => {
                Ok(PushEvent::Scan(self.scanned_repository()))
            }
            _ => self.ecr_push().map(PushEvent::Ecr),
        }
    }

    /// The repository of a scan event. ECR's has its name, Inspector's its ARN. An absent name is empty.
    fn scanned_repository(self) -> EcrRepository {
        let name = self.detail_text("repository-name").unwrap_or_default();
        let of_arn = name.split_once(":repository/");
        EcrRepository {
            name: of_arn.map_or(name, |(_, name)| name).to_owned(),
            account: self.account,
            region: self.region,
        }
    }

    /// The push of a `PackagePushed`. Its metadata are optional, because CI jobs write it.
    ///
    /// # Errors
    /// [`WireError::Version`] for a newer version, [`WireError::Field`] for an invalid field,
    /// [`WireError::Text`] for an unusable text.
    fn package_push(self) -> Result<PackagePush, WireError> {
        let kind = PACKAGE_PUSHED;
        if let Some(version) = self.detail.pointer("/metadata/version") {
            json::expect_version(kind, "metadata.version", version, VERSION)?;
        }
        let data = self.detail.get("data").unwrap_or(&Value::Null);
        let data: PackagePushData = json::read_value(kind, "data", data)?;
        data.into_push(&self.id).map_err(|field| WireError::Text {
            kind: kind.to_owned(),
            field,
        })
    }

    /// The push of an "ECR Image Action". Absent fields are empty; `domain` decides how to handle them.
    ///
    /// # Errors
    /// [`WireError::Foreign`] for any other event.
    pub fn ecr_push(self) -> Result<EcrPush, WireError> {
        if self.source != "aws.ecr" || self.detail_type != "ECR Image Action" {
            return Err(self.foreign());
        }
        let text = |name: &str| self.detail_text(name).unwrap_or_default().to_owned();
        Ok(EcrPush {
            repository: text("repository-name"),
            tag: self
                .detail_text("image-tag")
                .filter(|tag| !tag.is_empty())
                .map(str::to_owned),
            action: text("action-type"),
            result: text("result"),
            account: self.account,
            region: self.region,
        })
    }

    fn detail_text(&self, name: &str) -> Option<&str> {
        self.detail.get(name).and_then(Value::as_str)
    }

    fn foreign(self) -> WireError {
        WireError::Foreign {
            event_source: self.source,
            detail_type: self.detail_type,
        }
    }
}
