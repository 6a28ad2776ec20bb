//! The source of randomness: everything random is drawn from here and follows from the seed.

use std::cell::RefCell;

/// A random generator: the same seed produces the same draws.
pub(crate) struct Chance(RefCell<fastrand::Rng>);

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self(RefCell::new(fastrand::Rng::with_seed(seed)))
    }

    /// From 0 to one less than `end`, which is at least 1.
    pub(crate) fn below(&self, end: u64) -> u64 {
        self.0.borrow_mut().u64(..end.max(1))
    }

    /// Both ends included.
    pub(crate) fn between(&self, least: u64, most: u64) -> u64 {
        least + self.below(most - least + 1)
    }

    /// True in `rate` of a thousand cases.
    pub(crate) fn per_mille(&self, rate: u64) -> bool {
        rate > 0 && self.below(1_000) < rate
    }

    pub(crate) fn pick<'a, T>(&self, choices: &'a [T]) -> &'a T {
        let index = usize::try_from(self.below(choices.len() as u64)).unwrap_or_default();
        &choices[index]
    }
}
