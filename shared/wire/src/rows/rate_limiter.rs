//! The rate limiter of requests with Octopus's API key.

use domain::budget::LimiterState;
use domain::time::Span;
use serde::{Deserialize, Serialize};

use super::{read, write};
use crate::WireError;
use crate::time::Time;

const KIND: &str = "the row of Octopus's limiter";

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct LimiterData {
    #[serde(skip_serializing_if = "Option::is_none")]
    paused_until: Option<Time>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<Time>,
    spacing_ms: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    relaxed_at: Option<Time>,
    refusals: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    allowance_per_minute: Option<u32>,
    seen_at: Time,
}

/// Encodes the row.
///
/// # Errors
/// [`WireError::Unwritable`] for a time that RFC 3339 cannot express.
pub fn encode(limiter: &LimiterState) -> Result<Vec<u8>, WireError> {
    write(
        KIND,
        LimiterData {
            paused_until: limiter.paused_until.map(Time),
            next: limiter.next.map(Time),
            spacing_ms: limiter.spacing.as_millis(),
            relaxed_at: limiter.relaxed_at.map(Time),
            refusals: limiter.refusals,
            allowance_per_minute: limiter.allowance,
            seen_at: Time(limiter.seen_at),
        },
    )
}

/// Decodes the row.
///
/// # Errors
/// [`WireError::NotJson`], [`WireError::Version`], [`WireError::Field`].
pub fn decode(bytes: &[u8]) -> Result<LimiterState, WireError> {
    let data: LimiterData = read(KIND, bytes)?;
    let time = |time: Option<Time>| time.map(|time| time.0);
    Ok(LimiterState {
        paused_until: time(data.paused_until),
        next: time(data.next),
        spacing: Span::from_millis(data.spacing_ms),
        relaxed_at: time(data.relaxed_at),
        refusals: data.refusals,
        allowance: data.allowance_per_minute,
        seen_at: data.seen_at.0,
    })
}
