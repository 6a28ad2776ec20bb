//! `feeds list`: the feeds with what is remembered of each.

use domain::time::Span;
use store::Store;

use super::super::current::{look, settings};
use crate::args::{ListFeeds, Server};
use crate::exit::Exit;
use crate::output::{FeedRow, Output};

pub(crate) async fn list(
    server: &Server,
    options: &ListFeeds,
    output: &Output,
) -> anyhow::Result<Exit> {
    let octopus = server.octopus()?;
    let store = server.known_state().await?.map(Store::new);
    let settings = settings(server, Span::from_seconds(options.check_interval.into()));
    let look = look(&octopus, store.as_ref(), &settings);
    let current = look.current().await?;
    let states = look.feeds(&current, options.all).await?;
    let rows: Vec<_> = states.iter().map(FeedRow::from).collect();
    output.feeds(&rows)?;
    Ok(Exit::Done)
}
