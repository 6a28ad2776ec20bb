//! The work that a stack's scheduler requested, from which its cost is estimated.

use crate::time::Timestamp;

/// The requested work since a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage {
    /// The beginning of the count.
    pub since: Timestamp,
    /// Scheduler runs.
    pub runs: u64,
    /// Checks of feeds.
    pub checks: u64,
    /// Packages in these checks.
    pub packages: u64,
    /// Evaluations of triggers.
    pub evaluations: u64,
}

impl Usage {
    /// Counts from `since`; all counts are zero.
    pub fn since(since: Timestamp) -> Self {
        Self {
            since,
            runs: 0,
            checks: 0,
            packages: 0,
            evaluations: 0,
        }
    }

    /// Adds one scheduler run with the work that it requested.
    pub fn with_run(self, checks: usize, packages: usize, evaluations: usize) -> Self {
        let plus = |before: u64, more: usize| {
            before.saturating_add(u64::try_from(more).unwrap_or(u64::MAX))
        };
        Self {
            since: self.since,
            runs: plus(self.runs, 1),
            checks: plus(self.checks, checks),
            packages: plus(self.packages, packages),
            evaluations: plus(self.evaluations, evaluations),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usage_with_runs_adds_each_run() {
        let usage = Usage::since(Timestamp::from_millis(5));
        let usage = usage.with_run(2, 20, 1).with_run(1, 10, 0);
        let expected = Usage {
            since: Timestamp::from_millis(5),
            runs: 2,
            checks: 3,
            packages: 30,
            evaluations: 1,
        };
        assert_eq!(usage, expected);
    }
}
