//! Looking at what goes on, as the options say.

use domain::feed::Access;
use domain::time::Span;
use engine::overview::{Current, Look, LookSettings};
use octopus::{FixedKey, OctopusClient};
use store::{Store, SystemClock};

use crate::args::Server;
use crate::state::State;

/// How often a feed is checked, where nobody says.
pub(crate) const USUAL_INTERVAL: Span = Span::from_seconds(60);

/// What is looked at.
pub(crate) fn settings(server: &Server, check_every: Span) -> LookSettings {
    LookSettings {
        spaces: server.space.clone(),
        native: server.native_triggers,
        access: Access::default(),
        check_every,
    }
}

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
    server: &Server,
    octopus: &OctopusClient<FixedKey>,
    store: Option<&Store<State>>,
) -> anyhow::Result<Current> {
    let settings = settings(server, USUAL_INTERVAL);
    Ok(look(octopus, store, &settings).current().await?)
}
