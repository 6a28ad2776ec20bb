//! One history: users and faults for a while, then no faults, so that everything must settle; then one more change with
//! at most one fault, which must be released in time.

use std::collections::BTreeSet;
use std::rc::Rc;

use domain::time::Span;

use crate::effects::Call;
use crate::fault_injection::millis;
use crate::faults::Fault;
use crate::function::Function;
use crate::registry::Permits;
use crate::time::START;
use crate::world::{Layout, SingleFault, World};

/// Once faults stop, everything settles in this time: the hourly evaluation, the longest pause that a
/// server is known to ask for here, a lease that has to expire, and a message that is redelivered twice.
const SETTLES: Span = Span::from_minutes(150);

/// The most time that the functions need from a change to a release, without faults.
const HOPS: Span = Span::from_seconds(90);

/// The most time that the functions need until a change is seen and announced.
const SIGHT: Span = Span::from_seconds(20);

/// The interval of looking whether everything has settled; no multiple of the scheduler's.
const LOOK: Span = Span::from_seconds(37);

/// The result of a history.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Its seed.
    pub seed: u64,
    /// Violated properties; empty is success.
    pub violations: Vec<String>,
    /// Releases that were made by the program.
    pub releases: usize,
    /// Releases without a true change.
    pub doubled: usize,
    /// True changes without a release.
    pub lost: usize,
    /// One line for each event, if requested.
    pub trace: Vec<String>,
}

/// Runs the history of a seed with these planted faults.
pub fn history(seed: u64, planted: &[Fault], is_traced: bool) -> Report {
    simulate(seed, planted, is_traced).report(seed)
}

/// Runs it to its end.
fn simulate(seed: u64, planted: &[Fault], is_traced: bool) -> Rc<World> {
    let world = World::new(seed, Layout::Drawn, planted, is_traced);
    world.log(|| {
        format!(
            "seed {seed}, a scheduler run every {}, checks every {}",
            world.scheduler_interval,
            world.check_every.get()
        )
    });
    for line in world.fault_injection.describe() {
        world.log(|| line);
    }
    world.users();
    let may_continue = || !world.is_violated();
    world
        .time
        .run_while(world.fault_injection.calm(), may_continue);
    world.log(|| "no more faults".to_owned());
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
        let world = simulate(seed, &[], false);
        let calls = world.effects.calls();
        world.time.end();
        calls
    };
    seeds.flat_map(of).collect()
}

/// The number of seeds until a planted fault is caught, and the violation that catches it; `None` if it is not caught within
/// `most` seeds.
pub fn catch(fault: Fault, most: u64) -> Option<(u64, String)> {
    (1..=most).find_map(|seed| {
        let report = history(seed, &[fault], false);
        Some((seed, report.violations.into_iter().next()?))
    })
}

impl World {
    /// Runs until everything has settled; records a violation if it does not in time.
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

    /// One more version of every package, with at most one fault.
    fn try_one_more(self: &Rc<Self>) {
        if self.is_violated() {
            return;
        }
        let single_fault = match self.chance.below(8) {
            drawn @ 0..=4 => Some(SingleFault::ALL[usize::try_from(drawn).unwrap_or_default()]),
            _ => None,
        };
        self.single_fault.set(single_fault);
        let interval = sum(&[self.check_every.get(), self.scheduler_interval])
            .as_millis()
            .unsigned_abs();
        self.time
            .run_until(self.time.now() + millis(self.chance.below(interval)));
        self.log(|| format!("one more version of every package; single fault: {single_fault:?}"));
        let packages = self.registry.packages.borrow().len();
        for package in 0..packages {
            let latest = |of| self.registry.packages.borrow()[package].latest(of);
            let has_major = latest(Permits::Everything) != latest(Permits::BelowTwo);
            self.push_next(package, 1, Permits::BelowTwo);
            if has_major {
                self.push_next(package, 1, Permits::Everything);
            }
        }
        let in_time = self.time.now() + self.bound(single_fault);
        self.see_in_time(single_fault);
        while self.time.now() < in_time && !self.demands().is_empty() && !self.is_violated() {
            self.time
                .run_while(self.time.now() + Span::from_seconds(5), || {
                    !self.is_violated()
                });
        }
        if let Some(demand) = self.demands().into_iter().next() {
            self.truth.lost.set(self.truth.lost.get() + 1);
            self.violated(|| format!("late, with {single_fault:?}: {demand}"));
        }
        self.single_fault.set(None);
    }

    /// The pushed versions must be seen within an interval, or one scheduler run later if a run fails.
    fn see_in_time(self: &Rc<Self>, single_fault: Option<SingleFault>) {
        let interval = self.check_every.get().max(self.scheduler_interval);
        let bound = match single_fault {
            None => sum(&[interval, SIGHT]),
            Some(SingleFault::Publication) => sum(&[interval, self.scheduler_interval, SIGHT]),
            Some(_) => return,
        };
        self.time
            .run_while(self.time.now() + bound, || !self.is_violated());
        if let Some(unseen) = self.unsettled_packages() {
            self.violated(|| format!("seen late, with {single_fault:?}: {unseen}"));
        }
    }

    /// How long a change takes to its release: an interval, in which it is seen, and what the functions
    /// take; two triggers of one channel wait for each other once.
    fn bound(&self, single_fault: Option<SingleFault>) -> Span {
        let plain = sum(&[
            self.check_every.get().max(self.scheduler_interval),
            self.scheduler_interval,
            self.scheduler_interval,
            HOPS,
        ]);
        match single_fault {
            None => plain,
            // The pause after a failure.
            Some(SingleFault::Octopus) => {
                sum(&[plain, Span::from_minutes(1), self.scheduler_interval])
            }
            // The next check publishes the pending event.
            Some(SingleFault::Checker) => {
                sum(&[plain, self.check_every.get().max(self.scheduler_interval)])
            }
            // The next scheduler run repeats it.
            Some(SingleFault::Publication) => sum(&[plain, self.scheduler_interval]),
            // The queue redelivers the message.
            Some(SingleFault::Table | SingleFault::Creator) => {
                sum(&[plain, Span::from_minutes(30)])
            }
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
            trace: self.trace.lines(),
        }
    }
}

fn sum(spans: &[Span]) -> Span {
    let end = spans.iter().fold(START, |at, span| at + *span);
    end.since(START)
}
