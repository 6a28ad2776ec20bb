//! What a stack costs, by what it was asked to do and AWS's list prices.
//!
//! It is an estimate: AWS's bill is not asked, and how long functions run and how long their log lines are is
//! assumed. The guide's calculator (`docs/guide/costs.js`) reckons the same for a month that somebody
//! imagines; a test holds both to the same sums.

use crate::time::{Span, Timestamp};

/// Where and when the prices were listed.
pub const PRICES: &str = "us-east-1, September 2026";

/// So many minutes a month has.
const MONTH: f64 = 43_800.0;

/// Requests for checks that a function takes at once.
const IN_A_BATCH: f64 = 2.0;

/// A month's polls of the three queues while nothing lies in them.
const IDLE_POLLS: f64 = 3.0 * 657_000.0;

/// What SQS asks nothing for, a month.
const FREE_OF_SQS: f64 = 1e6;

/// What was asked for since a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted {
    /// Since when it is counted.
    pub since: Timestamp,
    /// Rounds of the schedule.
    pub rounds: u64,
    /// Checks of feeds.
    pub checks: u64,
    /// Packages in these checks.
    pub packages: u64,
    /// Evaluations of triggers.
    pub evaluations: u64,
}

impl Counted {
    /// Nothing yet.
    pub fn since(since: Timestamp) -> Self {
        Self {
            since,
            rounds: 0,
            checks: 0,
            packages: 0,
            evaluations: 0,
        }
    }

    /// With one more round, which asked for so much.
    pub fn with_run(self, checks: usize, packages: usize, evaluations: usize) -> Self {
        let plus = |before: u64, more: usize| {
            before.saturating_add(u64::try_from(more).unwrap_or(u64::MAX))
        };
        Self {
            since: self.since,
            rounds: plus(self.rounds, 1),
            checks: plus(self.checks, checks),
            packages: plus(self.packages, packages),
            evaluations: plus(self.evaluations, evaluations),
        }
    }

    /// What that cost until `now`, without alarms, which are there only if there is somebody to hear them.
    pub fn cost(&self, now: Timestamp) -> Cost {
        cost(self, now.since(self.since))
    }
}

/// US dollars for each service.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cost {
    /// Names and dollars, in the order of the guide's table.
    pub parts: [(&'static str, f64); 7],
}

impl Cost {
    /// All of it.
    pub fn sum(&self) -> f64 {
        self.parts.iter().map(|(_, dollars)| dollars).sum()
    }
}

fn cost(counted: &Counted, time: Span) -> Cost {
    let [rounds, checks, packages, evaluations] = [
        counted.rounds,
        counted.checks,
        counted.packages,
        counted.evaluations,
    ]
    .map(|count| count as f64);
    let months = time.as_millis() as f64 / (MONTH * 60_000.0);
    let batches = checks / IN_A_BATCH;
    let gigabyte_seconds = batches * 0.5 * 0.3 + rounds * 0.25 * 0.15;
    let requests = checks + 2.0 * batches + (IDLE_POLLS - FREE_OF_SQS) * months;
    let reads = packages + checks + 10.0 * rounds;
    let writes = 2.0 * rounds + 12.0 * evaluations;
    let kilobytes = batches + checks * 0.6 + rounds * 1.6;
    Cost {
        parts: [
            (
                "Lambda",
                0.2e-6 * (rounds + batches) + 13.3334e-6 * gigabyte_seconds,
            ),
            ("EventBridge", 1e-6 * checks),
            ("SQS", 0.4e-6 * requests.max(0.0)),
            ("DynamoDB", 0.125e-6 * reads + 0.625e-6 * writes),
            ("logs", 0.5e-6 * kilobytes),
            ("secret", (0.4 + 0.22) * months),
            ("metrics", 0.3 * 16.0 * months),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_of_fifty_feeds_costs_what_the_readme_says() {
        let counted = Counted {
            since: Timestamp::from_millis(0),
            rounds: 43_800,
            checks: 2_190_000,
            packages: 21_900_000,
            evaluations: 8_760,
        };
        let month = Timestamp::from_millis(43_800 * 60_000);
        let cost = counted.cost(month);
        let parts = cost.parts.map(|(_, dollars)| format!("{dollars:.2}"));
        assert_eq!(
            parts,
            ["2.44", "2.19", "2.14", "3.19", "1.24", "0.62", "4.80"]
        );
        assert_eq!(format!("{:.2}", cost.sum() + 1.70), "18.32");
    }

    #[test]
    fn rounds_are_counted_one_by_one() {
        let counted = Counted::since(Timestamp::from_millis(5));
        let counted = counted.with_run(2, 20, 1).with_run(1, 10, 0);
        let expected = Counted {
            since: Timestamp::from_millis(5),
            rounds: 2,
            checks: 3,
            packages: 30,
            evaluations: 1,
        };
        assert_eq!(counted, expected);
    }

    #[test]
    fn nothing_costs_nothing() {
        let now = Timestamp::from_millis(5);
        assert!(Counted::since(now).cost(now).sum().abs() < 1e-9);
    }
}
