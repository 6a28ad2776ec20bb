//! The triggers as a round would see them now: read from Octopus and from the applied file. Nothing is kept.

use domain::definition::Definitions;
use engine::ports::{Clock, OctopusReader, TriggerFiles, WatchLists};
use engine::watchlist::{FreshList, read_watch_list};
use store::{Store, SystemClock};

use crate::args::Server;
use crate::state::State;

/// What there is now.
pub(crate) struct Current {
    /// The triggers that are run here.
    pub(crate) fresh: FreshList,
    /// The applied file; empty if there is none.
    pub(crate) definitions: Definitions,
}

/// Reads the triggers. Without a store there is no file.
pub(crate) async fn current<O: OctopusReader>(
    server: &Server,
    octopus: &O,
    store: Option<&Store<State>>,
) -> anyhow::Result<Current> {
    let (file, before) = match store {
        Some(store) => (store.trigger_file().await?, store.watch_list().await?),
        None => (None, None),
    };
    let definitions = file.map(|file| file.definitions).unwrap_or_default();
    let fresh = read_watch_list(
        octopus,
        &server.space,
        server.native_triggers,
        Some(&definitions),
        before.as_ref().map(|stored| &stored.list),
        SystemClock.now(),
    )
    .await?;
    Ok(Current { fresh, definitions })
}
