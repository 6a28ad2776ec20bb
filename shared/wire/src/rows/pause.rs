//! A pause of a feed, package or trigger after failures.

use domain::due::BackOff;
use domain::ids::{FeedId, SpaceId, TriggerId};
use engine::ports::PauseKey;
use serde::{Deserialize, Serialize};

use super::{read, write};
use crate::WireError;
use crate::data::PackageData;
use crate::time::Time;

const KIND: &str = "the pause row";

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct PauseData {
    subject: SubjectData,
    failures: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    since: Option<Time>,
    until: Time,
    reason: String,
    throttled: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
enum SubjectData {
    Feed {
        space_id: String,
        feed_id: String,
    },
    Package(PackageData),
    Trigger {
        space_id: String,
        trigger_id: String,
    },
}

/// Encodes the row.
///
/// # Errors
/// [`WireError::Unwritable`] for a time that RFC 3339 cannot express.
pub fn encode(key: &PauseKey, state: &BackOff) -> Result<Vec<u8>, WireError> {
    let subject = match key {
        PauseKey::Feed(space, feed) => SubjectData::Feed {
            space_id: space.to_string(),
            feed_id: feed.to_string(),
        },
        PauseKey::Package(package) => SubjectData::Package(package.into()),
        PauseKey::Trigger(space, trigger) => SubjectData::Trigger {
            space_id: space.to_string(),
            trigger_id: trigger.to_string(),
        },
    };
    write(
        KIND,
        PauseData {
            subject,
            failures: state.failures,
            since: state.since.map(Time),
            until: Time(state.until),
            reason: state.reason.clone(),
            throttled: state.throttled,
        },
    )
}

/// Decodes the row.
///
/// # Errors
/// [`WireError::NotJson`], [`WireError::Version`], [`WireError::Field`].
pub fn decode(bytes: &[u8]) -> Result<(PauseKey, BackOff), WireError> {
    let data: PauseData = read(KIND, bytes)?;
    let key = match data.subject {
        SubjectData::Feed { space_id, feed_id } => {
            PauseKey::Feed(SpaceId::new(space_id), FeedId::new(feed_id))
        }
        SubjectData::Package(package) => PauseKey::Package(package.into()),
        SubjectData::Trigger {
            space_id,
            trigger_id,
        } => PauseKey::Trigger(SpaceId::new(space_id), TriggerId::new(trigger_id)),
    };
    let state = BackOff {
        failures: data.failures,
        since: data.since.map(|since| since.0),
        until: data.until.0,
        reason: data.reason,
        throttled: data.throttled,
    };
    Ok((key, state))
}
