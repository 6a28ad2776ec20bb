//! Instants as text.

use domain::time::Timestamp;

pub(crate) fn show_time(at: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(at.as_millis())
        .map_or_else(|_| at.as_millis().to_string(), |time| time.to_string())
}
