//! The head of a snapshot: the only row that an unchanged check reads.

use engine::ports::{Head, Validators};
use serde::{Deserialize, Serialize};

use super::{read, write};
use crate::WireError;
use crate::data::{AnnouncementData, Truncation};
use crate::time::Time;

const KIND: &str = "the head row";

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct HeadData {
    generation: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    validators: Option<ValidatorsData>,
    fingerprint: String,
    count: usize,
    changed_at: Time,
    body: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pending_event: Option<Box<AnnouncementData>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    platform: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    suspected: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ValidatorsData {
    #[serde(skip_serializing_if = "Option::is_none")]
    etag: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_modified: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    content_hash: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    received_at: Option<Time>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    is_untrusted: bool,
}

/// Encodes the row without the head's revision, which the table stores.
///
/// # Errors
/// [`WireError::Unwritable`] for a time that RFC 3339 cannot express.
pub fn encode(head: &Head) -> Result<Vec<u8>, WireError> {
    write(
        KIND,
        HeadData {
            generation: head.generation,
            validators: head.validators.as_ref().map(|validators| ValidatorsData {
                etag: validators.etag.clone(),
                last_modified: validators.last_modified.clone(),
                content_hash: validators.content.clone(),
                received_at: validators.received_at.map(Time),
                is_untrusted: validators.is_untrusted,
            }),
            fingerprint: head.fingerprint.clone(),
            count: head.count,
            changed_at: Time(head.changed_at),
            body: head.body.clone(),
            pending_event: head
                .pending_event
                .as_ref()
                .map(|pending_event| AnnouncementData::new(pending_event, Truncation::NONE).into()),
            platform: head.platform.clone(),
            suspected: head.suspected.clone(),
        },
    )
}

/// Decodes the row. `revision` comes from the table, and `is_retired` from its expiry: it is false here.
///
/// # Errors
/// [`WireError::NotJson`], [`WireError::Version`], [`WireError::Field`].
pub fn decode(bytes: &[u8], revision: u64) -> Result<Head, WireError> {
    let data: HeadData = read(KIND, bytes)?;
    Ok(Head {
        generation: data.generation,
        revision,
        validators: data.validators.map(|validators| Validators {
            etag: validators.etag,
            last_modified: validators.last_modified,
            content: validators.content_hash,
            received_at: validators.received_at.map(|at| at.0),
            is_untrusted: validators.is_untrusted,
        }),
        fingerprint: data.fingerprint,
        count: data.count,
        changed_at: data.changed_at.0,
        body: data.body,
        pending_event: data
            .pending_event
            .map(|pending_event| Box::new((*pending_event).into())),
        platform: data.platform,
        suspected: data.suspected,
        is_retired: false,
    })
}
