//! The format of a message on the bus: `{ "metadata": {…}, "data": {…} }` in the event's detail.
//!
//! All types share the metadata. The data of each type is described by the JSON Schema of the same name in
//! `infra/events`.

use domain::push::PackagePush;
use engine::messages::{Event, Message};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::data::{
    AnnouncementData, CheckData, EvaluationData, EvaluationRequestData, FailureData,
    PackagePushData, StalledData, Truncation,
};
use crate::error::WireError;
use crate::json;
use crate::time::Time;

/// The source of every message, by which rules and subscribers select them.
pub const SOURCE: &str = "octopus.feed-triggers";

/// The limit for a detail: one billing unit of the bus, 64 KB, less the time, source and detail type, which the
/// bus counts too.
pub const MAX_DETAIL_BYTES: usize = 64 * 1024 - 256;

/// The detail type of an announced push.
pub(crate) const PACKAGE_PUSHED: &str = "PackagePushed";

pub(crate) const VERSION: u64 = 1;

/// An encoded event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// [`SOURCE`].
    pub source: &'static str,
    pub detail_type: &'static str,
    /// JSON of at most [`MAX_DETAIL_BYTES`].
    pub detail: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    id: String,
    version: u64,
    time: Time,
    correlation_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    causation_id: Option<String>,
}

#[derive(Serialize)]
struct Envelope<D> {
    metadata: Metadata,
    data: D,
}

/// Encodes a message. A large one is truncated in steps, candidates first; the total numbers are kept.
///
/// # Errors
/// [`WireError::TooLarge`] if it exceeds the limit after all steps.
pub fn encode(message: &Message) -> Result<Outgoing, WireError> {
    let detail_type = message.event.detail_type();
    let detail = Truncation::fit(detail_type, MAX_DETAIL_BYTES, |truncation| {
        write(message, truncation).map_err(|source| WireError::Unwritable {
            kind: detail_type.to_owned(),
            source,
        })
    })?;
    Ok(Outgoing {
        source: SOURCE,
        detail_type,
        detail,
    })
}

fn write(message: &Message, truncation: Truncation) -> Result<String, serde_json::Error> {
    match &message.event {
        Event::FeedCheckRequested(check) => enclose(message, CheckData::from(check)),
        Event::PackageVersionsChanged(announcement) => {
            enclose(message, AnnouncementData::new(announcement, truncation))
        }
        Event::TriggerEvaluationRequested(request) => {
            enclose(message, EvaluationRequestData::from(request))
        }
        Event::ReleaseCreated(evaluation) | Event::ReleaseSkipped(evaluation) => {
            enclose(message, EvaluationData::new(evaluation, truncation))
        }
        Event::FeedCheckFailed(failure) => enclose(message, FailureData::new(failure, truncation)),
        Event::TriggerStalled(stalled) => enclose(message, StalledData::from(stalled)),
    }
}

/// Encodes an announced push, without the metadata, which are optional for it.
///
/// # Errors
/// [`WireError::TooLarge`] if it exceeds the limit.
pub fn encode_push(push: &PackagePush) -> Result<Outgoing, WireError> {
    #[derive(Serialize)]
    struct Announced {
        data: PackagePushData,
    }
    let announced = Announced { data: push.into() };
    let detail = Truncation::fit(PACKAGE_PUSHED, MAX_DETAIL_BYTES, |_| {
        serde_json::to_string(&announced).map_err(|source| WireError::Unwritable {
            kind: PACKAGE_PUSHED.to_owned(),
            source,
        })
    })?;
    Ok(Outgoing {
        source: SOURCE,
        detail_type: PACKAGE_PUSHED,
        detail,
    })
}

fn enclose(message: &Message, data: impl Serialize) -> Result<String, serde_json::Error> {
    let metadata = Metadata {
        id: message.id.clone(),
        version: VERSION,
        time: Time(message.time),
        correlation_id: message.correlation_id.clone(),
        causation_id: message.causation_id.clone(),
    };
    serde_json::to_string(&Envelope { metadata, data })
}

/// Decodes a message. Unknown fields are ignored.
///
/// # Errors
/// [`WireError::Foreign`] for an unknown type, [`WireError::Version`] for a message of a newer version,
/// [`WireError::Field`] for a missing or invalid field.
pub fn decode(detail_type: &str, detail: &str) -> Result<Message, WireError> {
    decode_value(detail_type, json::parse(detail_type, detail)?)
}

/// [`decode`] for a parsed detail.
pub(crate) fn decode_value(detail_type: &str, mut detail: Value) -> Result<Message, WireError> {
    let mut take = |name: &str| detail.get_mut(name).map_or(Value::Null, Value::take);
    let (metadata, data) = (take("metadata"), take("data"));
    if let Some(version) = metadata.get("version") {
        json::expect_version(detail_type, "metadata.version", version, VERSION)?;
    }
    let metadata: Metadata = json::read_value(detail_type, "metadata", &metadata)?;
    let event = read_event(detail_type, &data)?;
    Ok(Message {
        id: metadata.id,
        correlation_id: metadata.correlation_id,
        causation_id: metadata.causation_id,
        time: metadata.time.0,
        event,
    })
}

fn read_event(detail_type: &str, data: &Value) -> Result<Event, WireError> {
    let path = "data";
    let evaluation = |data| {
        let evaluation: EvaluationData = json::read_value(detail_type, path, data)?;
        Ok::<_, WireError>(Box::new(evaluation.into()))
    };
    Ok(match detail_type {
        "FeedCheckRequested" => Event::FeedCheckRequested(
            json::read_value::<CheckData>(detail_type, path, data)?.into(),
        ),
        "PackageVersionsChanged" => Event::PackageVersionsChanged(
            json::read_value::<AnnouncementData>(detail_type, path, data)?.into(),
        ),
        "TriggerEvaluationRequested" => Event::TriggerEvaluationRequested(
            json::read_value::<EvaluationRequestData>(detail_type, path, data)?.into(),
        ),
        "ReleaseCreated" => Event::ReleaseCreated(evaluation(data)?),
        "ReleaseSkipped" => Event::ReleaseSkipped(evaluation(data)?),
        "FeedCheckFailed" => {
            Event::FeedCheckFailed(json::read_value::<FailureData>(detail_type, path, data)?.into())
        }
        "TriggerStalled" => {
            Event::TriggerStalled(json::read_value::<StalledData>(detail_type, path, data)?.into())
        }
        other => {
            return Err(WireError::Foreign {
                event_source: SOURCE.to_owned(),
                detail_type: other.to_owned(),
            });
        }
    })
}
