//! Reads triggers and feeds by the options of the command line.

use host::SystemClock;
use octopus::{FixedKey, OctopusClient};
use operator::overview::{Current, Look, LookSettings};
use store::Store;

use crate::reach::Reach;
use crate::state::State;

/// A reader with these settings; `None` as store means that there is no state yet.
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

/// The triggers as a scheduler run would read them now.
pub(crate) async fn current(
    reach: &Reach,
    octopus: &OctopusClient<FixedKey>,
    store: Option<&Store<State>>,
) -> anyhow::Result<Current> {
    let settings = reach.look(None);
    Ok(look(octopus, store, &settings).current().await?)
}
