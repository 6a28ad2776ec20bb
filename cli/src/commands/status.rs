//! `feedctl status`: what goes on, at a glance.

use engine::ports::Queues;
use store::Store;

use super::current::{USUAL_INTERVAL, look, settings};
use crate::args::Server;
use crate::exit::Exit;
use crate::output::{FeedRow, Output, QueueRow, StatusRow, TriggerRow};

pub(super) async fn status(server: &Server, output: &Output) -> anyhow::Result<Exit> {
    let octopus = server.octopus()?;
    let store = server.known_state().await?.map(Store::new);
    let settings = settings(server, USUAL_INTERVAL);
    let overview = look(&octopus, store.as_ref(), &settings).overview().await?;
    let queues = match server.deployed().await? {
        Some(deployed) => deployed.queues().queues().await?,
        None => Vec::new(),
    };
    let triggers = overview.triggers.iter();
    output.status(&StatusRow {
        at: overview.at.to_string(),
        last_tick: overview.last_tick.map(|tick| tick.at.to_string()),
        triggers: triggers.map(|one| TriggerRow::new(one, &octopus)).collect(),
        feeds: overview.feeds.iter().map(FeedRow::from).collect(),
        queues: queues.iter().map(QueueRow::from).collect(),
        problems: overview.problems,
    })?;
    Ok(Exit::Done)
}
