//! The last scheduler run, and the totals of all runs.

use domain::usage::Usage;
use engine::ports::SchedulerRun;
use serde::{Deserialize, Serialize};

use super::{read, write};
use crate::WireError;
use crate::time::Time;

const KIND: &str = "the scheduler run row";

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SchedulerRunData {
    published_at: Time,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    list_read_at: Option<Time>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    list_confirmed_at: Option<Time>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    stalls_searched_at: Option<Time>,
    #[serde(skip_serializing_if = "Option::is_none")]
    counted: Option<CountedData>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct CountedData {
    since: Time,
    runs: u64,
    checks: u64,
    packages: u64,
    evaluations: u64,
}

/// Encodes the row.
///
/// # Errors
/// [`WireError::Unwritable`] for a time that RFC 3339 cannot express.
pub fn encode(run: &SchedulerRun) -> Result<Vec<u8>, WireError> {
    let counted = run.counted.map(|counted| CountedData {
        since: Time(counted.since),
        runs: counted.runs,
        checks: counted.checks,
        packages: counted.packages,
        evaluations: counted.evaluations,
    });
    write(
        KIND,
        SchedulerRunData {
            published_at: Time(run.at),
            list_read_at: run.list_read_at.map(Time),
            list_confirmed_at: run.list_confirmed_at.map(Time),
            stalls_searched_at: run.stalls_searched_at.map(Time),
            counted,
        },
    )
}

/// Decodes the row.
///
/// # Errors
/// [`WireError::NotJson`], [`WireError::Version`], [`WireError::Field`].
pub fn decode(bytes: &[u8]) -> Result<SchedulerRun, WireError> {
    let data: SchedulerRunData = read(KIND, bytes)?;
    let counted = data.counted.map(|counted| Usage {
        since: counted.since.0,
        runs: counted.runs,
        checks: counted.checks,
        packages: counted.packages,
        evaluations: counted.evaluations,
    });
    Ok(SchedulerRun {
        at: data.published_at.0,
        list_read_at: data.list_read_at.map(|at| at.0),
        list_confirmed_at: data.list_confirmed_at.map(|at| at.0),
        stalls_searched_at: data.stalls_searched_at.map(|at| at.0),
        counted,
    })
}
