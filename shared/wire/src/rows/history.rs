//! An evaluation in a trigger's history, and the latest evaluation of a trigger. Both may be compressed.

use domain::history::{Evaluation, LastRelease, MadeRelease, SeenChanges};
use domain::ids::ReleaseId;
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::{inflate, read, write_compressed};
use crate::WireError;
use crate::data::{EvaluationData, PackageData, Truncation};
use crate::time::Time;

const KIND: &str = "the history row";

/// A trigger's latest evaluation, last success and last release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LatestEvaluation {
    pub evaluation: Evaluation,
    /// The start of the latest successful evaluation, this one or an earlier one.
    pub last_success: Option<Timestamp>,
    /// The release of the latest evaluation with a release, this one or an earlier one.
    pub last_release: Option<LastRelease>,
    /// The changes that the latest completed evaluation has considered, this one or an earlier one.
    pub seen: Option<SeenChanges>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct LatestEvaluationData {
    #[serde(flatten)]
    evaluation: EvaluationData,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_success: Option<Time>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_release: Option<LastReleaseData>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    seen: Option<SeenChangesData>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SeenChangesData {
    message_id: String,
    at: Time,
    packages: Vec<SeenPackageData>,
}

#[derive(Serialize, Deserialize)]
struct SeenPackageData {
    #[serde(flatten)]
    package: PackageData,
    generation: u64,
}

#[derive(Serialize, Deserialize)]
struct LastReleaseData {
    id: String,
    version: String,
    at: Time,
}

/// Encodes the row in at most `limit` bytes, truncated like a message.
///
/// # Errors
/// [`WireError::TooLarge`] if it exceeds the limit after all steps.
pub fn encode(evaluation: &Evaluation, limit: usize) -> Result<Vec<u8>, WireError> {
    Truncation::fit(KIND, limit, |truncation| {
        write_compressed(KIND, EvaluationData::new(evaluation, truncation))
    })
}

/// Decodes the row.
///
/// # Errors
/// Those of every row, and [`WireError::Compression`].
pub fn decode(bytes: &[u8]) -> Result<Evaluation, WireError> {
    let data: EvaluationData = read(KIND, &inflate(KIND, bytes)?)?;
    Ok(data.into())
}

/// Encodes the row of the latest evaluation, truncated like [`encode`].
///
/// # Errors
/// Those of [`encode`].
pub fn encode_latest(newest: &LatestEvaluation, limit: usize) -> Result<Vec<u8>, WireError> {
    Truncation::fit(KIND, limit, |truncation| {
        let data = LatestEvaluationData {
            evaluation: EvaluationData::new(&newest.evaluation, truncation),
            last_success: newest.last_success.map(Time),
            last_release: newest.last_release.as_ref().map(LastReleaseData::from),
            seen: newest.seen.as_ref().map(SeenChangesData::from),
        };
        write_compressed(KIND, data)
    })
}

/// Decodes the row of the latest evaluation. If the row has no last success or last release, the evaluation's own
/// is used.
///
/// # Errors
/// Those of [`decode`].
pub fn decode_latest(bytes: &[u8]) -> Result<LatestEvaluation, WireError> {
    let data: LatestEvaluationData = read(KIND, &inflate(KIND, bytes)?)?;
    let evaluation: Evaluation = data.evaluation.into();
    let own = evaluation.is_success().then_some(evaluation.at);
    Ok(LatestEvaluation {
        last_success: data.last_success.map(|time| time.0).or(own),
        last_release: data
            .last_release
            .map(LastRelease::from)
            .or_else(|| evaluation.last_release()),
        seen: data.seen.map(SeenChanges::from),
        evaluation,
    })
}

impl From<&SeenChanges> for SeenChangesData {
    fn from(seen: &SeenChanges) -> Self {
        let packages = seen
            .generations
            .iter()
            .map(|(key, generation)| SeenPackageData {
                package: key.into(),
                generation: *generation,
            });
        Self {
            message_id: seen.message.clone(),
            at: Time(seen.at),
            packages: packages.collect(),
        }
    }
}

impl From<SeenChangesData> for SeenChanges {
    fn from(data: SeenChangesData) -> Self {
        let packages = data.packages.into_iter();
        let generations = packages.map(|one| (one.package.into(), one.generation));
        Self {
            message: data.message_id,
            at: data.at.0,
            generations: generations.collect(),
        }
    }
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
