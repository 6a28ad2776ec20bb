//! One history: people and troubles for a while, then calm, in which everything must settle; then one more
//! change in fair weather, with one mishap at most, which must be released in time.

use std::collections::BTreeSet;
use std::rc::Rc;

use domain::time::Span;

use crate::effects::Call;
use crate::faults::Fault;
use crate::lambda::Function;
use crate::registry::Permits;
use crate::time::START;
use crate::weather::millis;
use crate::world::{Hiccup, Layout, World};

/// Once faults stop, everything settles in this time: the hourly evaluation, the longest pause that a
/// server is known to ask for here, a claim that has to run out, and a message that comes back twice.
const SETTLES: Span = Span::from_minutes(150);

/// What the functions themselves take from a change to a release, at most, in fair weather.
const HOPS: Span = Span::from_seconds(90);

/// What the functions themselves take until a change is seen and announced.
const SIGHT: Span = Span::from_seconds(20);

/// A step of watching whether everything has settled: not in time with the ticks.
const LOOK: Span = Span::from_seconds(37);

/// How a history went.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Its seed.
    pub seed: u64,
    /// What did not hold. Empty is what is wanted.
    pub violations: Vec<String>,
    /// Releases that were made by the program.
    pub releases: usize,
    /// Of them, those that no true change asked for.
    pub doubled: usize,
    /// True changes without a release.
    pub lost: usize,
    /// The story, if it was to be told.
    pub story: Vec<String>,
}

/// Lives through the history of a seed, with these mistakes in it.
pub fn history(seed: u64, planted: &[Fault], is_told: bool) -> Report {
    live(seed, planted, is_told).report(seed)
}

/// Lives through it to its end.
fn live(seed: u64, planted: &[Fault], is_told: bool) -> Rc<World> {
    let world = World::new(seed, Layout::Drawn, planted, is_told);
    world.tell(|| {
        format!(
            "seed {seed}, a tick every {}, checks every {}",
            world.tick,
            world.check_every.get()
        )
    });
    for line in world.weather.describe() {
        world.tell(|| line);
    }
    world.people();
    let goes_on = || !world.is_violated();
    world.time.run_while(world.weather.calm(), goes_on);
    world.tell(|| "calm".to_owned());
    world.settle();
    world.try_one_more();
    world.settle();
    if !world.is_violated() {
        world.judge_end();
    }
    world
}

/// The calls that each function makes in the histories of these seeds.
pub fn calls(seeds: impl Iterator<Item = u64>) -> BTreeSet<(Function, Call)> {
    let of = |seed| {
        let world = live(seed, &[], false);
        let calls = world.effects.calls();
        world.time.end();
        calls
    };
    seeds.flat_map(of).collect()
}

/// How many seeds it takes until a planted fault is caught, and what it is caught by. Nothing if it is not
/// caught within `most` seeds.
pub fn catch(fault: Fault, most: u64) -> Option<(u64, String)> {
    (1..=most).find_map(|seed| {
        let report = history(seed, &[fault], false);
        Some((seed, report.violations.into_iter().next()?))
    })
}

impl World {
    /// Runs until everything is settled, or says what is not.
    pub(crate) fn settle(self: &Rc<Self>) {
        let deadline = self.time.now() + SETTLES;
        while !self.is_violated() {
            let Some(reason) = self.unsettled() else {
                return;
            };
            if self.time.now() >= deadline {
                self.truth
                    .lost
                    .set(self.truth.lost.get() + self.demands().len());
                self.violated(|| format!("not settled {SETTLES} after the last fault: {reason}"));
                return;
            }
            self.time
                .run_while(self.time.now() + LOOK, || !self.is_violated());
        }
    }

    /// One more version of every package, with one mishap at most.
    fn try_one_more(self: &Rc<Self>) {
        if self.is_violated() {
            return;
        }
        let hiccup = match self.chance.below(8) {
            drawn @ 0..=4 => Some(Hiccup::ALL[usize::try_from(drawn).unwrap_or_default()]),
            _ => None,
        };
        self.hiccup.set(hiccup);
        let interval = sum(&[self.check_every.get(), self.tick])
            .as_millis()
            .unsigned_abs();
        self.time
            .run_until(self.time.now() + millis(self.chance.below(interval)));
        self.tell(|| format!("one more of everything; for once: {hiccup:?}"));
        let packages = self.registry.packages.borrow().len();
        for package in 0..packages {
            let latest = |of| self.registry.packages.borrow()[package].latest(of);
            let has_major = latest(Permits::Everything) != latest(Permits::BelowTwo);
            self.push_next(package, 1, Permits::BelowTwo);
            if has_major {
                self.push_next(package, 1, Permits::Everything);
            }
        }
        let in_time = self.time.now() + self.bound(hiccup);
        self.see_in_time(hiccup);
        while self.time.now() < in_time && !self.demands().is_empty() && !self.is_violated() {
            self.time
                .run_while(self.time.now() + Span::from_seconds(5), || {
                    !self.is_violated()
                });
        }
        if let Some(demand) = self.demands().into_iter().next() {
            self.truth.lost.set(self.truth.lost.get() + 1);
            self.violated(|| format!("late, with {hiccup:?}: {demand}"));
        }
        self.hiccup.set(None);
    }

    /// What was pushed is seen within an interval, and if a round fails within one more tick.
    fn see_in_time(self: &Rc<Self>, hiccup: Option<Hiccup>) {
        let interval = self.check_every.get().max(self.tick);
        let bound = match hiccup {
            None => sum(&[interval, SIGHT]),
            Some(Hiccup::Publication) => sum(&[interval, self.tick, SIGHT]),
            Some(_) => return,
        };
        self.time
            .run_while(self.time.now() + bound, || !self.is_violated());
        if let Some(unseen) = self.unsettled_packages() {
            self.violated(|| format!("seen late, with {hiccup:?}: {unseen}"));
        }
    }

    /// How long a change takes to its release: an interval, in which it is seen, and what the functions
    /// take; two triggers of one channel wait for each other once.
    fn bound(&self, hiccup: Option<Hiccup>) -> Span {
        let plain = sum(&[
            self.check_every.get().max(self.tick),
            self.tick,
            self.tick,
            HOPS,
        ]);
        match hiccup {
            None => plain,
            // The pause after a failure.
            Some(Hiccup::Octopus) => sum(&[plain, Span::from_minutes(1), self.tick]),
            // The next check pays the debt.
            Some(Hiccup::Checker) => sum(&[plain, self.check_every.get().max(self.tick)]),
            // The next round makes up for it.
            Some(Hiccup::Publication) => sum(&[plain, self.tick]),
            // The queue hands the message out again.
            Some(Hiccup::Table | Hiccup::Creator) => sum(&[plain, Span::from_minutes(30)]),
        }
    }

    pub(crate) fn report(self: &Rc<Self>, seed: u64) -> Report {
        self.time.end();
        let truth = &self.truth;
        Report {
            seed,
            violations: truth.violations.borrow().clone(),
            releases: truth.releases.get(),
            doubled: truth.doubled.get(),
            lost: truth.lost.get(),
            story: self.story.lines(),
        }
    }
}

fn sum(spans: &[Span]) -> Span {
    let end = spans.iter().fold(START, |at, span| at + *span);
    end.since(START)
}
