//! `feedctl feeds list`: the feeds with the stored result of their last check.

use store::Store;

use super::super::current::look;
use crate::args::{ListFeeds, Server};
use crate::exit::Exit;
use crate::output::{FeedRow, Output};
use crate::reach::Reach;

pub(crate) async fn list(
    server: &Server,
    options: &ListFeeds,
    output: &Output,
) -> anyhow::Result<Exit> {
    let reach = Reach::of(server).await?;
    let octopus = reach.octopus()?;
    let store = reach.known_state()?.map(Store::new);
    let settings = reach.look(options.check_interval);
    let look = look(&octopus, store.as_ref(), &settings);
    let current = look.current().await?;
    let states = look.feeds(&current, options.all).await?;
    let rows: Vec<_> = states.iter().map(FeedRow::from).collect();
    output.feeds(&rows)?;
    Ok(Exit::Done)
}
