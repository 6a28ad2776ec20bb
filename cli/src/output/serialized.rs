//! Forms of values in JSON rows.

use domain::coded::CodedText;
use domain::time::Timestamp;
use serde::Serialize as _;

use super::reason::coded_json;
use super::show_time;

/// An instant in the format of RFC 3339.
#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the shape of a serde function"
)]
pub(super) fn rfc3339_of<S: serde::Serializer>(
    at: &Timestamp,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    show_time(*at).serialize(serializer)
}

/// An instant in the format of RFC 3339, or `null`.
#[expect(clippy::ref_option, reason = "the shape of a serde function")]
pub(super) fn rfc3339<S: serde::Serializer>(
    at: &Option<Timestamp>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    at.map(show_time).serialize(serializer)
}

/// A text with its code, or `null`.
#[expect(clippy::ref_option, reason = "the shape of a serde function")]
pub(super) fn coded<S: serde::Serializer>(
    text: &Option<CodedText>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    text.clone().map(coded_json).serialize(serializer)
}

/// Texts with their codes.
pub(super) fn all_coded<S: serde::Serializer>(
    texts: &[CodedText],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let texts = texts.iter().cloned().map(coded_json);
    serializer.collect_seq(texts)
}
