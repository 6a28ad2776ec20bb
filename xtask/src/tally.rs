//! How many tests passed and failed, read from what test programs print.

use std::ops::AddAssign;

/// A number of tests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// How many passed.
    pub(crate) passed: u32,
    /// How many failed.
    pub(crate) failed: u32,
}

impl Tally {
    /// One check that passed or failed as a whole.
    pub(crate) fn one(passed: bool) -> Self {
        Self {
            passed: passed.into(),
            failed: (!passed).into(),
        }
    }

    /// The numbers of a closing line: nextest's `Summary`, or cargo test's `test result`.
    pub(crate) fn read(line: &str) -> Option<Self> {
        let line = line.trim_start();
        if !line.starts_with("Summary [") && !line.starts_with("test result: ") {
            return None;
        }
        let number = |what: &str| {
            let before = line.split(what).next().filter(|before| *before != line)?;
            before.rsplit(' ').next()?.parse().ok()
        };
        Some(Self {
            passed: number(" passed").unwrap_or_default(),
            failed: number(" failed").unwrap_or_default()
                + number(" timed out").unwrap_or_default(),
        })
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closing_lines_are_read() {
        let of = |line| Tally::read(line).map(|tally| (tally.passed, tally.failed));
        let nextest =
            "     Summary [   5.120s] 42 tests run: 40 passed (1 slow), 2 failed, 3 skipped";
        assert_eq!(of(nextest), Some((40, 2)));
        let hung = "     Summary [  90.000s] 2 tests run: 1 passed, 1 timed out, 0 skipped";
        assert_eq!(of(hung), Some((1, 1)));
        let all = "     Summary [   0.010s] 1 test run: 1 passed, 0 skipped";
        assert_eq!(of(all), Some((1, 0)));
        let cargo = "test result: FAILED. 7 passed; 1 failed; 0 ignored; finished in 0.01s";
        assert_eq!(of(cargo), Some((7, 1)));
        assert_eq!(of("7 passed"), None);
    }
}
