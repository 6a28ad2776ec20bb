//! A scenario in which users rename the actions of a process.
//!
//! Every message is delivered three times.

use std::rc::Rc;

use domain::time::Span;

use crate::faults::Fault;
use crate::octopus::ReleaseState;
use crate::registry::Permits;
use crate::world::{Layout, World};

/// The time between two changes, after which the faults of a change have ended. Every trigger is evaluated meanwhile.
const BETWEEN: Span = Span::from_minutes(80);

/// How long faults continue after a change.
const FAULTY: Span = Span::from_minutes(15);

/// An action is renamed, the version of its release vanishes, and two actions exchange their names; versions arrive in
/// between. Returns the versions of the first action in the channel's releases, oldest first.
pub fn renamed_actions(seed: u64, planted: &[Fault], has_faults: bool) -> Vec<String> {
    let layout = if has_faults {
        Layout::SmallWithFaults
    } else {
        Layout::Small
    };
    let world = World::new(seed, layout, planted, false);
    world.has_renames.set(true);
    world.copies.set(3);
    pass(&world, has_faults);
    world.push_next(0, 1, Permits::BelowTwo);
    pass(&world, has_faults);
    rename(&world, ["shop", "deploy-1"]);
    pass(&world, has_faults);
    world.withdraw(0);
    pass(&world, has_faults);
    world.push(0, &[(1, 2, 0)]);
    pass(&world, has_faults);
    rename(&world, ["deploy-1", "shop"]);
    pass(&world, has_faults);
    world.push(0, &[(1, 3, 0)]);
    pass(&world, has_faults);
    let projects = world.octopus.projects.borrow();
    let releases = &projects[0].channels[0].releases;
    releases.iter().map(first_version).collect()
}

fn rename(world: &Rc<World>, names: [&str; 2]) {
    let mut projects = world.octopus.projects.borrow_mut();
    for (action, name) in projects[0].actions.iter_mut().zip(names) {
        world.log(|| format!("a user renames {} to {name}", action.name));
        name.clone_into(&mut action.name);
    }
}

/// Lets a change settle, with faults for some time.
fn pass(world: &Rc<World>, has_faults: bool) {
    let now = world.time.now();
    if has_faults {
        world.fault_injection.continue_until(now + FAULTY);
    }
    world.time.run_until(now + BETWEEN);
}

fn first_version(release: &ReleaseState) -> String {
    let name = &release.actions[0].name;
    let mut selected = release.release.selected.iter();
    let version = selected.find(|(action, ..)| action == name);
    version.map(|one| one.2.clone()).unwrap_or_default()
}
