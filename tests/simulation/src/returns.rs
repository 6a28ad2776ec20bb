//! Scenarios in which a channel returns to packages that it had before.
//!
//! Every message is delivered three times, and Octopus's lists lack a new release for half a minute.

use std::rc::Rc;

use domain::definition::{ALL, Definitions, NativeOptions, NativeRef, SourceDefinition};
use domain::ids::TriggerId;
use domain::options::{Options, VersionConditions, VersionPolicy};
use domain::time::Span;
use engine::ports::TriggerFiles;
use futures_util::FutureExt;
use store::Store;

use crate::faults::Fault;
use crate::octopus::ReleaseState;
use crate::ports::observer::Outside;
use crate::registry::Permits;
use crate::world::{Layout, World};

/// The time between two changes, after which the faults of a change have ended.
const BETWEEN: Span = Span::from_hours(3);

/// How long faults continue after a change.
const FAULTY: Span = Span::from_minutes(15);

/// The followed tag.
const TAG: &str = "latest";

/// A trigger that rolls back the first package twice, and whose roll-back ends in between. Returns the versions of
/// the first package in the channel's releases, oldest first.
pub fn roll_back(seed: u64, planted: &[Fault], has_faults: bool) -> Vec<String> {
    let world = world(seed, planted, has_faults);
    let excluding = |exclude: Option<&str>| VersionPolicy {
        versions: VersionConditions {
            exclude: exclude.map(str::to_owned),
            roll_back: true,
            ..VersionConditions::default()
        },
        ..VersionPolicy::default()
    };
    apply(&world, excluding(None));
    pass(&world, has_faults);
    world.push_next(0, 1, Permits::BelowTwo);
    pass(&world, has_faults);
    for exclude in [Some("^1\\.1\\."), None, Some("^1\\.1\\.")] {
        apply(&world, excluding(exclude));
        pass(&world, has_faults);
    }
    let version = |one: &ReleaseState| one.release.selected[0].2.clone();
    released(&world, version)
}

/// A trigger that follows a tag of the first package, which is moved between two images. Returns the images of the
/// releases, oldest first.
pub fn returning_tag(seed: u64, planted: &[Fault], has_faults: bool) -> Vec<String> {
    let world = world(seed, planted, has_faults);
    let digests = ["sha256:one", "sha256:two"];
    world.octopus.projects.borrow_mut()[0].channels[0].permits = Permits::Everything;
    world.move_tag(0, TAG, digests[0]);
    apply(
        &world,
        VersionPolicy {
            follow: Some(TAG.to_owned()),
            ..VersionPolicy::default()
        },
    );
    pass(&world, has_faults);
    for digest in [1, 0, 1] {
        world.move_tag(0, TAG, digests[digest]);
        pass(&world, has_faults);
    }
    let digest = |one: &ReleaseState| {
        let notes = one.release.notes.lines();
        let stamps = notes.filter(|line| line.starts_with("Feed trigger digest"));
        let is_in = |digest: &&str| stamps.clone().any(|line| line.contains(*digest));
        let digest = digests.into_iter().find(is_in);
        digest.unwrap_or("none").to_owned()
    };
    released(&world, digest)
}

fn world(seed: u64, planted: &[Fault], has_faults: bool) -> Rc<World> {
    let layout = if has_faults {
        Layout::SmallWithFaults
    } else {
        Layout::Small
    };
    let world = World::new(seed, layout, planted, false);
    world.rolls_back.set(true);
    world.copies.set(3);
    // The lists contain the channel's first release from the start. A lost answer is searched for in a list, so
    // that a world with faults has none with a lag.
    if !has_faults {
        world
            .time
            .run_until(world.time.now() + Span::from_minutes(2));
        world.releases_lag.set(Span::from_seconds(30));
    }
    world
}

/// Lets a change settle, with faults for some time.
fn pass(world: &Rc<World>, has_faults: bool) {
    let now = world.time.now();
    if has_faults {
        world.fault_injection.continue_until(now + FAULTY);
    }
    world.time.run_until(now + BETWEEN);
}

fn released(world: &Rc<World>, show: impl Fn(&ReleaseState) -> String) -> Vec<String> {
    let projects = world.octopus.projects.borrow();
    projects[0].channels[0].releases.iter().map(show).collect()
}

/// Applies a file with this policy for the first package.
fn apply(world: &Rc<World>, policy: VersionPolicy) {
    let options = NativeOptions {
        trigger: NativeRef::Id(TriggerId::new("ProjectTriggers-1")),
        options: Options::default(),
        sources: vec![SourceDefinition {
            action: "deploy-0".to_owned(),
            package_reference: ALL.to_owned(),
            policy,
        }],
    };
    let definitions = Definitions {
        triggers: Vec::new(),
        native: vec![options],
    };
    let outside = Outside(Rc::clone(world));
    let store = Store::with_clock(outside.clone(), outside);
    let applied = async {
        let before = store.trigger_file().await?;
        let revision = before.map(|file| file.revision);
        store.apply_trigger_file(&definitions, revision).await
    };
    let applied = applied.now_or_never();
    if !matches!(applied, Some(Ok(()))) {
        world.violated(|| format!("the file is not applied: {applied:?}"));
    }
}
