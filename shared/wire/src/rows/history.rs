//! One evaluation in a trigger's history, and its newest one, compressed.

use domain::history::{Evaluation, LastRelease, MadeRelease};
use domain::ids::ReleaseId;
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::{inflate, read, write_compressed};
use crate::WireError;
use crate::data::{Cut, EvaluationData};
use crate::time::Time;

const WHAT: &str = "the history row";

/// A trigger's newest evaluation, with when it was last evaluated with success, and its last release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Newest {
    /// The evaluation.
    pub evaluation: Evaluation,
    /// When the newest evaluation that was carried out began, this one or an earlier one.
    pub last_success: Option<Timestamp>,
    /// The release that the newest evaluation with a release has, this one or an earlier one.
    pub last_release: Option<LastRelease>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct NewestData {
    #[serde(flatten)]
    evaluation: EvaluationData,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_success: Option<Time>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_release: Option<LastReleaseData>,
}

#[derive(Serialize, Deserialize)]
struct LastReleaseData {
    id: String,
    version: String,
    at: Time,
}

/// Writes the row in at most `limit` bytes. As in a message, candidates are cut first and counts stay.
///
/// # Errors
/// [`WireError::TooLarge`] if it does not fit even so.
pub fn encode(evaluation: &Evaluation, limit: usize) -> Result<Vec<u8>, WireError> {
    Cut::until_it_fits(WHAT, limit, |cut| {
        write_compressed(WHAT, EvaluationData::new(evaluation, cut))
    })
}

/// Reads the row.
///
/// # Errors
/// As for every row, and [`WireError::Compression`].
pub fn decode(bytes: &[u8]) -> Result<Evaluation, WireError> {
    let data: EvaluationData = read(WHAT, &inflate(WHAT, bytes)?)?;
    Ok(data.into())
}

/// Writes the row of the newest evaluation, cut like [`encode`].
///
/// # Errors
/// As for [`encode`].
pub fn encode_newest(newest: &Newest, limit: usize) -> Result<Vec<u8>, WireError> {
    Cut::until_it_fits(WHAT, limit, |cut| {
        let data = NewestData {
            evaluation: EvaluationData::new(&newest.evaluation, cut),
            last_success: newest.last_success.map(Time),
            last_release: newest.last_release.as_ref().map(LastReleaseData::from),
        };
        write_compressed(WHAT, data)
    })
}

/// Reads the row of the newest evaluation. A row without a last success, or a last release, tells it if it
/// is or has one itself.
///
/// # Errors
/// As for [`decode`].
pub fn decode_newest(bytes: &[u8]) -> Result<Newest, WireError> {
    let data: NewestData = read(WHAT, &inflate(WHAT, bytes)?)?;
    let evaluation: Evaluation = data.evaluation.into();
    let own = evaluation.outcome.is_success().then_some(evaluation.at);
    Ok(Newest {
        last_success: data.last_success.map(|time| time.0).or(own),
        last_release: data
            .last_release
            .map(LastRelease::from)
            .or_else(|| evaluation.last_release()),
        evaluation,
    })
}

impl From<&LastRelease> for LastReleaseData {
    fn from(last: &LastRelease) -> Self {
        Self {
            id: last.release.id.to_string(),
            version: last.release.version.clone(),
            at: Time(last.at),
        }
    }
}

impl From<LastReleaseData> for LastRelease {
    fn from(data: LastReleaseData) -> Self {
        Self {
            release: MadeRelease {
                id: ReleaseId::new(data.id),
                version: data.version,
            },
            at: data.at.0,
        }
    }
}
