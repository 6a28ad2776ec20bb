//! `feedctl feeds list`: the feeds with the stored result of their last check.

use engine::ports::OctopusReader;
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
    let mut settings = reach.look(options.check_interval);
    let current = look(&octopus, store.as_ref(), &settings).current().await?;
    if reach.deployed().is_none() && !reach.logins().is_empty() {
        let mut feeds = current.fresh.list.feeds.clone();
        for space in current.fresh.spaces.iter().filter(|_| options.all) {
            feeds.extend(octopus.feeds(&space.id).await?);
        }
        reach.logins().prepare(&feeds).await;
        settings = reach.look(options.check_interval);
    }
    let look = look(&octopus, store.as_ref(), &settings);
    let states = look.feeds(&current, options.all).await?;
    let rows: Vec<_> = states
        .iter()
        .map(|state| FeedRow::from(state).with_login(reach.login(&state.feed)))
        .collect();
    output.feeds(&rows)?;
    Ok(Exit::Done)
}
