//! The estimated cost of a stack, from its usage and the list prices of AWS.
//!
//! The estimate does not read the AWS bill; how long functions run and how long their log lines are is
//! assumed. The guide's calculator (`docs/guide/costs.js`) uses the same model for a planned month, and a
//! test compares the sums of both.

use domain::time::{Span, Timestamp};
use domain::usage::Usage;

/// The region and the month of the prices.
pub const PRICES: &str = "us-east-1, September 2026";

/// Minutes in an average month.
const MINUTES_PER_MONTH: f64 = 43_800.0;

/// Check requests in an average batch of the feed checker.
const CHECKS_PER_BATCH: f64 = 2.0;

/// Polls of the four empty queues in a month.
const IDLE_POLLS: f64 = 4.0 * 657_000.0;

/// SQS requests in the monthly free tier.
const FREE_SQS_REQUESTS: f64 = 1e6;

/// US dollars for each service.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cost {
    /// Services and dollars, in the order of the guide's table.
    pub parts: [(&'static str, f64); 7],
}

impl Cost {
    /// Estimates the cost of `usage` until `now`, without alarms: a stack has them only if it has a
    /// recipient for them.
    pub fn of(usage: &Usage, now: Timestamp) -> Self {
        estimate(usage, now.since(usage.since))
    }

    /// Total in US dollars.
    pub fn sum(&self) -> f64 {
        self.parts.iter().map(|(_, dollars)| dollars).sum()
    }
}

fn estimate(usage: &Usage, time: Span) -> Cost {
    let [runs, checks, packages, evaluations] =
        [usage.runs, usage.checks, usage.packages, usage.evaluations].map(|count| count as f64);
    let months = time.as_millis() as f64 / (MINUTES_PER_MONTH * 60_000.0);
    let batches = checks / CHECKS_PER_BATCH;
    let gigabyte_seconds = batches * 0.5 * 0.3 + runs * 0.25 * 0.15;
    let requests = checks + 2.0 * batches + (IDLE_POLLS - FREE_SQS_REQUESTS) * months;
    let reads = packages + checks + 10.0 * runs;
    let writes = 2.0 * runs + 12.0 * evaluations;
    let kilobytes = batches + checks * 0.6 + runs * 1.6;
    Cost {
        parts: [
            (
                "Lambda",
                0.2e-6 * (runs + batches) + 13.3334e-6 * gigabyte_seconds,
            ),
            ("EventBridge", 1e-6 * checks),
            ("SQS", 0.4e-6 * requests.max(0.0)),
            ("DynamoDB", 0.125e-6 * reads + 0.625e-6 * writes),
            ("logs", 0.5e-6 * kilobytes),
            ("secret", (0.4 + 0.22) * months),
            ("metrics", 0.3 * 26.0 * months),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cost_of_a_month_with_fifty_feeds_matches_the_readme() {
        let usage = Usage {
            since: Timestamp::from_millis(0),
            runs: 43_800,
            checks: 2_190_000,
            packages: 21_900_000,
            evaluations: 8_760,
        };
        let month = Timestamp::from_millis(43_800 * 60_000);
        let cost = Cost::of(&usage, month);
        let parts = cost.parts.map(|(_, dollars)| format!("{dollars:.2}"));
        assert_eq!(
            parts,
            ["2.44", "2.19", "2.40", "3.19", "1.24", "0.62", "7.80"]
        );
        assert_eq!(format!("{:.2}", cost.sum() + 2.70), "22.58");
    }

    #[test]
    fn cost_without_usage_is_zero() {
        let now = Timestamp::from_millis(5);
        assert!(Cost::of(&Usage::since(now), now).sum().abs() < 1e-9);
    }
}
