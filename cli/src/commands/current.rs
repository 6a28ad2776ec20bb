//! Reads triggers and feeds by the options of the command line.

use engine::ports::WatchLists;
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

/// Looks up the registry logins of the watched feeds, so that the settings contain the feeds' routes.
pub(crate) async fn prepare_logins(
    reach: &Reach,
    octopus: &OctopusClient<FixedKey>,
    store: Option<&Store<State>>,
) -> anyhow::Result<()> {
    if reach.deployed().is_some() || reach.logins().is_empty() {
        return Ok(());
    }
    let stored = match store {
        Some(store) => store.watch_list().await?,
        None => None,
    };
    let feeds = match stored {
        Some(stored) => stored.list.feeds.clone(),
        // The command reports why Octopus cannot be read.
        None => match current(reach, octopus, store).await {
            Ok(current) => current.fresh.list.feeds,
            Err(_) => return Ok(()),
        },
    };
    reach.logins().prepare(&feeds).await;
    Ok(())
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
