//! Scenarios of pushes: hints before their tag, and checks after pushes beside the checks of the schedule.

use std::rc::Rc;

use domain::time::Span;
use serde_json::{Value, json};

use crate::function::Function;
use crate::registry::Permits;
use crate::scenario::{has_seen, newest};
use crate::world::{Layout, World};

/// The longest time that a check after a push is waited for.
const LONGEST: Span = Span::from_minutes(10);

/// The worlds over which a time is averaged.
const SEEDS: std::ops::RangeInclusive<u64> = 1..=20;

/// The result of a hint before its tag, while the schedule is stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EarlyHint {
    /// Checks that were requested within an hour.
    pub checks: usize,
    /// Whether the tag became a release.
    pub is_released: bool,
    /// Violated properties.
    pub violations: Vec<String>,
}

/// Announces a tag that the feed lists after so many seconds, or never.
pub fn early_hint(seconds: Option<i64>) -> EarlyHint {
    let world = World::new(17, Layout::Small, &[], false);
    world.loses_pushes.set(true);
    world.settle();
    world.is_scheduling.set(false);
    world.time.run_until(world.time.now() + LONGEST);
    let before = world.truth.releases.get();
    world.queue(Function::PushChecker).start_recording();
    let tag = world.next_tag(0);
    if seconds == Some(0) {
        world.push_tag(0, &tag);
    }
    world.hint(0, &tag);
    if let Some(seconds) = seconds.filter(|seconds| *seconds > 0) {
        let at = world.time.now() + Span::from_seconds(seconds);
        world.time.run_until(at);
        world.push_tag(0, &tag);
    }
    world.time.run_until(world.time.now() + Span::from_hours(1));
    let checks = world.queue(Function::PushChecker).recorded().len();
    let is_released = world.truth.releases.get() > before;
    world.is_scheduling.set(true);
    world.settle();
    world.judge_end();
    EarlyHint {
        checks,
        is_released,
        violations: world.report(17).violations,
    }
}

/// The longest time until a push without an event is seen, as a multiple of the interval between checks, while so many hints
/// a second announce tags of another package for a minute; and the violated properties.
pub fn poll_during_storm(hints: u32) -> (f64, Vec<String>) {
    let world = World::new(19, Layout::Small, &[], false);
    world.loses_pushes.set(true);
    world.settle();
    let storm = Rc::clone(&world);
    world.time.spawn(async move {
        for _ in 0..60 {
            for number in 0..hints {
                storm.hint(1, &format!("1.0.{}", number % 10));
            }
            storm.time.sleep(Span::from_seconds(1)).await;
        }
    });
    let pushed = world.time.now();
    world.push_next(0, 1, Permits::BelowTwo);
    let version = newest(&world);
    while !has_seen(&world, &version) && world.time.now().since(pushed) < LONGEST {
        let next = world.time.now() + Span::from_millis(500);
        world.time.run_until(next);
    }
    let took = world.time.now().since(pushed).as_millis();
    world.settle();
    world.judge_end();
    let millis = |count: i64| f64::from(i32::try_from(count).unwrap_or(i32::MAX));
    let interval = world.check_every.get().as_millis();
    (millis(took) / millis(interval), world.report(19).violations)
}

/// The mean time from a push to its snapshot, while so many checks of the schedule wait.
pub fn push_behind_polls(polls: usize) -> Span {
    let times = SEEDS.map(|seed| push_to_snapshot(seed, polls).as_millis());
    let sum: i64 = times.sum();
    Span::from_millis(sum / i64::try_from(SEEDS.count()).unwrap_or(1))
}

fn push_to_snapshot(seed: u64, polls: usize) -> Span {
    let world = World::new(seed, Layout::Small, &[], false);
    world.settle();
    world.queue(Function::Checker).start_recording();
    world
        .time
        .run_until(world.time.now() + Span::from_minutes(2));
    let recorded = world.queue(Function::Checker).recorded();
    // Both worlds have the same time.
    world.is_scheduling.set(false);
    world
        .time
        .run_until(world.time.now() + Span::from_minutes(2));
    let poll = recorded.last().cloned().unwrap_or_default();
    fill(&world, &poll, polls);
    let pushed = world.time.now();
    world.push_next(0, 1, Permits::BelowTwo);
    let version = newest(&world);
    while !has_seen(&world, &version) && world.time.now().since(pushed) < LONGEST {
        world
            .time
            .run_until(world.time.now() + Span::from_millis(10));
    }
    let took = world.time.now().since(pushed);
    world.report(seed);
    took
}

/// Lets so many checks of the schedule wait. They are about the package that is not pushed, because one of the other would
/// see the push, and they are never superseded, which would end them at once.
fn fill(world: &Rc<World>, poll: &str, polls: usize) {
    let mut body: Value = serde_json::from_str(poll).unwrap_or_default();
    let other = world.registry.key(1).package;
    if let Some(data) = body.pointer_mut("/detail/data") {
        data["packages"] = json!([other.as_str()]);
        data["supersededAt"] = Value::Null;
    }
    let now = world.time.now();
    for _ in 0..polls {
        world.queue(Function::Checker).push(body.to_string(), now);
    }
    world.dispatch(Function::Checker);
}
