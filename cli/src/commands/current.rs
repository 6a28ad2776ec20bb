//! Looking at what goes on, as the options say.

use host::SystemClock;
use octopus::{FixedKey, OctopusClient};
use operator::overview::{Current, Look, LookSettings};
use store::Store;

use crate::reach::Reach;
use crate::state::State;

/// Looks with these settings. Without a store nothing is remembered yet.
pub(crate) fn look<'a>(
    octopus: &'a OctopusClient<FixedKey>,
    store: Option<&'a Store<State>>,
    settings: &'a LookSettings,
) -> Look<'a, Store<State>, OctopusClient<FixedKey>, SystemClock> {
    Look {
        store,
        octopus,
        clock: &SystemClock,
        settings,
    }
}

/// The triggers as a round would see them now.
pub(crate) async fn current(
    reach: &Reach,
    octopus: &OctopusClient<FixedKey>,
    store: Option<&Store<State>>,
) -> anyhow::Result<Current> {
    let settings = reach.look(None);
    Ok(look(octopus, store, &settings).current().await?)
}
