//! A message as it goes on the bus: `{ "metadata": {…}, "data": {…} }` in the event's detail.
//!
//! The metadata is the same for every type; the data is the type's own, described by the JSON Schema of
//! the same name in `infra/events`.

use engine::messages::{Event, Message};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::data::{
    AnnouncementData, CheckData, Cut, EvaluationData, EvaluationRequestData, FailureData,
    StalledData,
};
use crate::error::WireError;
use crate::json;
use crate::time::Time;

/// The source of every message: what rules and subscribers know this program by.
pub const SOURCE: &str = "octopus.feed-triggers";

/// The most a detail takes: one billing chunk of the bus, 64 KB, less what the bus counts besides
/// (time, source, detail type).
pub const MAX_DETAIL_BYTES: usize = 64 * 1024 - 256;

const VERSION: u64 = 1;

/// An event as it is handed to the bus.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// [`SOURCE`].
    pub source: &'static str,
    /// What kind of message it is.
    pub detail_type: &'static str,
    /// The JSON, at most [`MAX_DETAIL_BYTES`] long.
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

/// Writes a message. What would not fit is cut in steps, candidates first; the counts beside what was
/// cut still tell how many there were.
///
/// # Errors
/// [`WireError::TooLarge`] if it does not fit even so.
pub fn encode(message: &Message) -> Result<Outgoing, WireError> {
    let detail_type = message.event.detail_type();
    let detail = Cut::until_it_fits(detail_type, MAX_DETAIL_BYTES, |cut| {
        write(message, cut).map_err(|source| WireError::Unwritable {
            what: detail_type.to_owned(),
            source,
        })
    })?;
    Ok(Outgoing {
        source: SOURCE,
        detail_type,
        detail,
    })
}

fn write(message: &Message, cut: Cut) -> Result<String, serde_json::Error> {
    match &message.event {
        Event::FeedCheckRequested(check) => enclose(message, CheckData::from(check)),
        Event::PackageVersionsChanged(announcement) => {
            enclose(message, AnnouncementData::new(announcement, cut))
        }
        Event::TriggerEvaluationRequested(request) => {
            enclose(message, EvaluationRequestData::from(request))
        }
        Event::ReleaseCreated(evaluation) | Event::ReleaseSkipped(evaluation) => {
            enclose(message, EvaluationData::new(evaluation, cut))
        }
        Event::FeedCheckFailed(failure) => enclose(message, FailureData::new(failure, cut)),
        Event::TriggerStalled(stalled) => enclose(message, StalledData::from(stalled)),
    }
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

/// Reads a message. Fields that this version does not know are passed over.
///
/// # Errors
/// [`WireError::Foreign`] for an unknown type, [`WireError::Version`] for a message of a newer version,
/// [`WireError::Field`] naming what is wrong with it.
pub fn decode(detail_type: &str, detail: &str) -> Result<Message, WireError> {
    decode_value(detail_type, json::parse(detail_type, detail)?)
}

/// [`decode`] for a detail that is parsed already.
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
    let place = "data";
    let evaluation = |data| {
        let evaluation: EvaluationData = json::read_value(detail_type, place, data)?;
        Ok::<_, WireError>(Box::new(evaluation.into()))
    };
    Ok(match detail_type {
        "FeedCheckRequested" => Event::FeedCheckRequested(
            json::read_value::<CheckData>(detail_type, place, data)?.into(),
        ),
        "PackageVersionsChanged" => Event::PackageVersionsChanged(
            json::read_value::<AnnouncementData>(detail_type, place, data)?.into(),
        ),
        "TriggerEvaluationRequested" => Event::TriggerEvaluationRequested(
            json::read_value::<EvaluationRequestData>(detail_type, place, data)?.into(),
        ),
        "ReleaseCreated" => Event::ReleaseCreated(evaluation(data)?),
        "ReleaseSkipped" => Event::ReleaseSkipped(evaluation(data)?),
        "FeedCheckFailed" => Event::FeedCheckFailed(
            json::read_value::<FailureData>(detail_type, place, data)?.into(),
        ),
        "TriggerStalled" => {
            Event::TriggerStalled(json::read_value::<StalledData>(detail_type, place, data)?.into())
        }
        other => {
            return Err(WireError::Foreign {
                event_source: SOURCE.to_owned(),
                detail_type: other.to_owned(),
            });
        }
    })
}
