//! The scheduler's last round, and what was asked for in all rounds.

use domain::usage::Usage;
use engine::ports::SchedulerRun;
use serde::{Deserialize, Serialize};

use super::{read, write};
use crate::WireError;
use crate::time::Time;

const WHAT: &str = "the tick row";

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct TickData {
    published_at: Time,
    #[serde(skip_serializing_if = "Option::is_none")]
    counted: Option<CountedData>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct CountedData {
    since: Time,
    rounds: u64,
    checks: u64,
    packages: u64,
    evaluations: u64,
}

/// Writes the row.
///
/// # Errors
/// [`WireError::Unwritable`] for a time without a written form.
pub fn encode(tick: &SchedulerRun) -> Result<Vec<u8>, WireError> {
    let counted = tick.counted.map(|counted| CountedData {
        since: Time(counted.since),
        rounds: counted.runs,
        checks: counted.checks,
        packages: counted.packages,
        evaluations: counted.evaluations,
    });
    write(
        WHAT,
        TickData {
            published_at: Time(tick.at),
            counted,
        },
    )
}

/// Reads the row.
///
/// # Errors
/// As for every row: not JSON, a newer version, a wrong field.
pub fn decode(bytes: &[u8]) -> Result<SchedulerRun, WireError> {
    let data: TickData = read(WHAT, bytes)?;
    let counted = data.counted.map(|counted| Usage {
        since: counted.since.0,
        runs: counted.rounds,
        checks: counted.checks,
        packages: counted.packages,
        evaluations: counted.evaluations,
    });
    Ok(SchedulerRun {
        at: data.published_at.0,
        counted,
    })
}
