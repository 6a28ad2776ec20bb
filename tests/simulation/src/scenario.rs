//! Scenarios: worlds without random faults, each testing one thing thoroughly.

use std::collections::BTreeMap;
use std::rc::Rc;

use domain::time::{Span, Timestamp};
use engine::ports::SnapshotReader;
use futures_util::FutureExt;
use store::Store;

use crate::effects::Moment;
use crate::fault_injection::{Service, millis};
use crate::function::Function;
use crate::ports::observer::Outside;
use crate::registry::{Permits, text};
use crate::world::{Layout, World};

/// The results of crashes at every side effect.
#[derive(Debug, Default)]
pub struct Sweep {
    /// For each function how many crashes there were: two for each side effect.
    pub crashes: BTreeMap<Function, usize>,
    /// Descriptions of crashes after which a property was violated.
    pub failures: Vec<String>,
    /// For each function, how much later than without a crash the next release was made, after each crash.
    pub delays: BTreeMap<Function, Vec<Span>>,
}

/// A run with or without a crash.
struct Run {
    effects: Vec<(Function, String)>,
    /// When the releases were made, in their order.
    releases: Vec<Timestamp>,
    violations: Vec<String>,
}

impl Run {
    /// How much later the first release was made that the crash delayed.
    fn delay(&self, with_crash: &Self) -> Span {
        let pairs = self.releases.iter().zip(&with_crash.releases);
        let delays = pairs.map(|(without, with)| with.since(*without));
        let mut delays = delays.filter(|delay| *delay > Span::default());
        delays.next().unwrap_or_default()
    }
}

/// Crashes before and after every side effect of a run in which every step performs all of its writes, and lets the program
/// continue. It crashes only at the first `alike` side effects of one function with one name, because every minute repeats
/// them.
pub fn crash_everywhere(alike: usize) -> Sweep {
    let without = run_with_crash(None);
    let mut sweep = Sweep {
        failures: without.violations.clone(),
        ..Sweep::default()
    };
    let mut met: BTreeMap<&(Function, String), usize> = BTreeMap::new();
    for (index, named @ (function, effect)) in without.effects.iter().enumerate() {
        let times = met.entry(named).or_default();
        *times += 1;
        if *times > alike {
            continue;
        }
        for moment in [Moment::Before, Moment::After] {
            *sweep.crashes.entry(*function).or_default() += 1;
            let run = run_with_crash(Some((index, moment)));
            let delay = without.delay(&run);
            sweep.delays.entry(*function).or_default().push(delay);
            let failed = |violation| format!("{moment:?} {function:?} {effect}: {violation}");
            sweep
                .failures
                .extend(run.violations.into_iter().map(failed));
        }
    }
    sweep
}

fn run_with_crash(crash: Option<(usize, Moment)>) -> Run {
    let world = World::new(7, Layout::Small, &[], false);
    world.effects.record(crash);
    world.settle();
    // A push with an event of ECR.
    world.push_next(0, 2, Permits::BelowTwo);
    world.settle();
    // A feed that is down, and recovers with a change.
    let now = world.time.now();
    world
        .fault_injection
        .add_outage(Service::Feed(0), now, Span::from_minutes(3));
    world.push_next(1, 1, Permits::BelowTwo);
    world.time.run_until(now + Span::from_minutes(2));
    world.settle();
    // Octopus is down while something is to be released.
    let now = world.time.now();
    world
        .fault_injection
        .add_outage(Service::Octopus, now, Span::from_minutes(2));
    world.push_next(0, 1, Permits::BelowTwo);
    world.time.run_until(now + Span::from_minutes(1));
    world.settle();
    // A hint of a tag that is never pushed, after the releases, so that a crash in its checks delays none.
    world.hint(1, "1.9.0");
    world.settle();
    // An hour without changes.
    world
        .time
        .run_until(world.time.now() + Span::from_minutes(61));
    world.settle();
    let effects = world.effects.seen();
    if crash.is_some() && !world.effects.has_crashed() {
        world.violated(|| "the crash never happened".to_owned());
    }
    world.judge_end();
    let projects = world.octopus.projects.borrow();
    let channels = projects.iter().flat_map(|project| &project.channels);
    let releases = channels.flat_map(|channel| &channel.releases);
    let mut releases: Vec<_> = releases.map(|release| release.made_at).collect();
    releases.sort_unstable();
    Run {
        effects,
        releases,
        violations: world.report(7).violations,
    }
}

/// Every message ten times, eight at once and in any order; again a day late; and again out of the
/// dead-letter queue after 14 days. Returns the number of releases after each, and the violations.
pub fn repeat_everything(seed: u64) -> ([usize; 3], Vec<String>) {
    let world = World::new(seed, Layout::Small, &[], false);
    world.settle();
    let functions = [
        Function::Checker,
        Function::PushChecker,
        Function::Creator,
        Function::Receiver,
    ];
    functions
        .iter()
        .for_each(|one| world.queue(*one).start_recording());
    world.copies.set(10);
    world.spread.set(60_000);
    world.at_once.set(Some(8));
    world.push_next(0, 1, Permits::BelowTwo);
    world
        .time
        .run_until(world.time.now() + Span::from_minutes(3));
    world.copies.set(1);
    world.settle();
    let mut releases = [world.truth.releases.get(); 3];
    let kept = functions.map(|one| (one, world.queue(one).recorded()));

    world.is_scheduling.set(false);
    world.time.run_until(world.time.now() + Span::from_days(1));
    for (function, bodies) in &kept {
        bodies
            .iter()
            .for_each(|body| world.deliver(*function, body));
    }
    world.is_scheduling.set(true);
    world
        .time
        .run_until(world.time.now() + Span::from_minutes(3));
    world.settle();
    releases[1] = world.truth.releases.get();

    world.is_scheduling.set(false);
    for (function, bodies) in kept {
        bodies
            .into_iter()
            .for_each(|body| world.queue(function).dead_letter(body));
    }
    world.time.run_until(world.time.now() + Span::from_days(13));
    world.is_scheduling.set(true);
    for function in functions {
        world.queue(function).redrive(world.time.now());
        world.dispatch(function);
    }
    world.settle();
    releases[2] = world.truth.releases.get();
    world.judge_end();
    (releases, world.report(seed).violations)
}

/// The longest time until a change is seen when all push events are lost, as a multiple of the interval between checks, and
/// the violations.
pub fn detect_without_pushes(minutes: i64, changes: usize) -> (f64, Vec<String>) {
    let world = World::new(11, Layout::Small, &[], false);
    let interval = Span::from_minutes(minutes);
    world.check_every.set(interval);
    world.loses_pushes.set(true);
    world.settle();
    let mut longest = 0;
    for _ in 0..changes {
        let within = world.chance.below(interval.as_millis().unsigned_abs());
        world.time.run_until(world.time.now() + millis(within));
        let pushed = world.time.now();
        world.push_next(0, 1, Permits::BelowTwo);
        let newest = newest(&world);
        let deadline = pushed + Span::from_hours(1);
        while !has_seen(&world, &newest) && world.time.now() < deadline {
            world
                .time
                .run_until(world.time.now() + Span::from_millis(500));
        }
        longest = longest.max(world.time.now().since(pushed).as_millis());
    }
    world.settle();
    world.judge_end();
    let interval = interval.as_millis();
    let millis = |count: i64| f64::from(i32::try_from(count).unwrap_or(i32::MAX));
    (
        millis(longest) / millis(interval),
        world.report(11).violations,
    )
}

pub(crate) fn newest(world: &World) -> String {
    let packages = world.registry.packages.borrow();
    packages[0]
        .latest(Permits::Everything)
        .map(text)
        .unwrap_or_default()
}

pub(crate) fn has_seen(world: &Rc<World>, version: &str) -> bool {
    seen(world).iter().any(|one| one == version)
}

/// The versions in the snapshot of the first package.
fn seen(world: &Rc<World>) -> Vec<String> {
    let outside = Outside(Rc::clone(world));
    let store = Store::with_clock(outside.clone(), outside);
    let key = world.registry.key(0);
    let snapshot = store
        .snapshot(&key)
        .now_or_never()
        .and_then(Result::ok)
        .flatten();
    let versions = snapshot.map(|one| one.versions().map(|(text, _)| text.to_owned()).collect());
    versions.unwrap_or_default()
}

/// The result of pushing many tags at once.
#[derive(Debug)]
pub struct Flood {
    /// Intervals until all of them were in the snapshot.
    pub intervals: f64,
    /// Releases that they caused.
    pub releases: usize,
    /// Whether that was of the newest.
    pub is_newest: bool,
    /// Releases that one more tag caused, afterwards.
    pub later: usize,
    /// Violated properties.
    pub violations: Vec<String>,
}

/// Pushes this many tags at once, and another one later.
pub fn flood(tags: u64) -> Flood {
    let world = World::new(13, Layout::Small, &[], false);
    world.loses_pushes.set(true);
    world.settle();
    let pushed = world.time.now();
    world.push_next(0, tags, Permits::BelowTwo);
    let all = usize::try_from(tags)
        .unwrap_or(usize::MAX)
        .saturating_add(1);
    while seen(&world).len() < all && world.time.now().since(pushed) < Span::from_hours(1) {
        world
            .time
            .run_until(world.time.now() + Span::from_seconds(1));
    }
    let took = world.time.now().since(pushed).as_millis();
    world.settle();
    let releases = world.truth.releases.get();
    let is_newest = {
        let projects = world.octopus.projects.borrow();
        let newest = projects[0].channels[0].releases.last();
        let selected = newest.map(|one| one.release.selected[0].2.clone());
        selected == Some(self::newest(&world))
    };
    world.push_next(0, 1, Permits::BelowTwo);
    world
        .time
        .run_until(world.time.now() + Span::from_minutes(2));
    world.settle();
    world.judge_end();
    let interval = world.check_every.get().as_millis();
    let millis = |count: i64| f64::from(i32::try_from(count).unwrap_or(i32::MAX));
    Flood {
        intervals: millis(took) / millis(interval),
        releases,
        is_newest,
        later: world.truth.releases.get() - releases,
        violations: world.report(13).violations,
    }
}
