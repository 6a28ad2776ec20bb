//! The console's addresses. They are stable, as people bookmark them.

use domain::ids::{FeedId, SpaceId, TriggerId};
use operator::ports::QueueKind;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

pub(crate) const TRIGGERS: &str = "/triggers";
/// The first step of adding a trigger. No space has the id `add`.
pub(crate) const ADD: &str = "/triggers/add";
/// The form action of the last step.
pub(crate) const CREATE: &str = "/triggers/add/create";
pub(crate) const FEEDS: &str = "/feeds";
pub(crate) const PROJECTS: &str = "/projects";
pub(crate) const HEALTH: &str = "/health";
pub(crate) const WEBHOOKS: &str = "/webhooks";

/// The characters that a segment does not escape.
const SEGMENT: AsciiSet = NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

pub(crate) fn segment(text: &str) -> String {
    // Browsers resolve a segment of dots as a relative path.
    if matches!(text, "." | "..") {
        return text.replace('.', "%2E");
    }
    utf8_percent_encode(text, &SEGMENT).to_string()
}

/// The space segment of a disabled trigger whose trigger file names no space.
pub(crate) const NO_SPACE: &str = "-";

pub(crate) fn trigger(space: &SpaceId, id: &TriggerId) -> String {
    let space = match space.as_str() {
        "" => NO_SPACE,
        space => space,
    };
    format!("{TRIGGERS}/{}/{}", segment(space), segment(id.as_str()))
}

pub(crate) fn feed(space: &SpaceId, id: &FeedId) -> String {
    format!(
        "{FEEDS}/{}/{}",
        segment(space.as_str()),
        segment(id.as_str())
    )
}

pub(crate) fn redrive(queue: QueueKind) -> String {
    format!("{HEALTH}/redrive/{queue}")
}

/// The decoded segments of a path; `None` if they are not UTF-8.
pub(crate) fn segments(path: &str) -> Option<Vec<String>> {
    let segments = path.split('/').filter(|segment| !segment.is_empty());
    let decoded = segments.map(|one| percent_decode_str(one).decode_utf8());
    decoded
        .map(|one| one.ok().map(|text| text.into_owned()))
        .collect()
}
