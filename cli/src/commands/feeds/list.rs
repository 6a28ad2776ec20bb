//! `feeds list`: the feeds with what is remembered of each.

use domain::due::BackOff;
use domain::feed::{Access, Feed};
use domain::ids::PackageId;
use domain::time::{Span, Timestamp};
use domain::trigger::WatchList;
use engine::ports::{Budgets, Clock, OctopusReader, PauseKey, Restraints, Snapshots};
use engine::schedule::interval;
use store::{Store, SystemClock};

use super::super::current::current;
use super::{each_once, quota_row, route_name};
use crate::args::{ListFeeds, Server};
use crate::exit::Exit;
use crate::output::{FeedRow, Output};
use crate::state::State;

pub(crate) async fn list(
    server: &Server,
    options: &ListFeeds,
    output: &Output,
) -> anyhow::Result<Exit> {
    let octopus = server.octopus()?;
    let store = server.known_state().await?.map(Store::new);
    let list = current(server, &octopus, store.as_ref()).await?.fresh.list;
    let restraints = match &store {
        Some(store) => store.restraints().await?,
        None => Restraints::default(),
    };
    let looking = Looking {
        list: &list,
        store,
        restraints,
        access: Access::default(),
        usual: Span::from_seconds(options.check_interval.into()),
        now: SystemClock.now(),
    };
    let mut rows = Vec::new();
    for space in octopus.spaces(&server.space).await? {
        let feeds = if options.all {
            octopus.feeds(&space.id).await?
        } else {
            let own = |feed: &&Feed| feed.space == space.id;
            list.feeds.iter().filter(own).cloned().collect()
        };
        for feed in each_once(feeds) {
            rows.push(looking.row(&feed, &space.name).await?);
        }
    }
    output.feeds(&rows)?;
    Ok(Exit::Done)
}

/// What is known besides the feeds themselves.
struct Looking<'a> {
    list: &'a WatchList,
    store: Option<Store<State>>,
    restraints: Restraints,
    access: Access,
    usual: Span,
    now: Timestamp,
}

impl Looking<'_> {
    async fn row(&self, feed: &Feed, space: &str) -> anyhow::Result<FeedRow> {
        let (route, why) = feed.route(&self.access);
        let packages = self.packages(feed);
        let throttled = self.throttled(feed);
        let pause = throttled.or_else(|| self.pause(feed));
        let known = self.restraints.budget(feed);
        let low = known.and_then(|(_, state)| state.low.as_ref());
        let stretched = interval(&self.restraints, self.list, feed, self.usual, self.now)
            .filter(|interval| *interval > self.usual);
        let state = match (throttled, pause) {
            (Some(pause), _) => format!("throttled until {}", pause.until),
            (None, Some(pause)) => failed(pause, self.now),
            (None, None) => self.well(feed, &packages).await?,
        };
        Ok(FeedRow {
            id: feed.id.to_string(),
            name: feed.name.clone(),
            kind: feed.kind.feed_type().to_owned(),
            space: space.to_owned(),
            route: route_name(route),
            route_reason: why,
            credential: feed.budget(&self.access).credential(),
            packages: packages.len(),
            state,
            throttled_until: throttled.map(|pause| pause.until.to_string()),
            reason: pause.map(|pause| pause.reason.clone()),
            stretched_to_seconds: stretched.map(|interval| interval.as_millis() / 1_000),
            quota: low.map(|low| quota_row(&low.quota)),
        })
    }

    fn packages(&self, feed: &Feed) -> Vec<PackageId> {
        let by_feed = self.list.packages_by_feed();
        let watched = by_feed.get(&(feed.space.clone(), feed.id.clone()));
        let watched = watched.into_iter().flatten();
        watched.map(|key| key.package.clone()).collect()
    }

    /// The pause that was asked for, of the feed or of another one that is counted with it.
    fn throttled(&self, feed: &Feed) -> Option<&BackOff> {
        let of_budget = self.restraints.budget(feed);
        let of_budget = of_budget.and_then(|(_, state)| state.pause.as_ref());
        let of_feed = self.of_feed(feed).filter(|pause| pause.throttled);
        [of_budget, of_feed]
            .into_iter()
            .flatten()
            .filter(|pause| !pause.is_over(self.now))
            .max_by_key(|pause| pause.until)
    }

    /// What the last check ended with, if it failed: as a whole, or at one of the packages.
    fn pause(&self, feed: &Feed) -> Option<&BackOff> {
        self.of_feed(feed).or_else(|| {
            let pauses = &self.restraints.pauses;
            pauses.iter().find_map(|(key, pause)| match key {
                PauseKey::Package(key) if key.space == feed.space && key.feed == feed.id => {
                    Some(pause)
                }
                _ => None,
            })
        })
    }

    fn of_feed(&self, feed: &Feed) -> Option<&BackOff> {
        let key = PauseKey::Feed(feed.space.clone(), feed.id.clone());
        self.restraints.pauses.get(&key)
    }

    async fn well(&self, feed: &Feed, packages: &[PackageId]) -> anyhow::Result<String> {
        let Some(store) = self.store.as_ref().filter(|_| !packages.is_empty()) else {
            return Ok("not checked here".to_owned());
        };
        let opened = store
            .open(feed, &feed.budget(&self.access), packages)
            .await?;
        let changed = opened.heads.iter().flatten().map(|head| head.changed_at);
        Ok(changed.max().map_or_else(
            || "not checked yet".to_owned(),
            |at| format!("read; last changed {at}"),
        ))
    }
}

fn failed(pause: &BackOff, now: Timestamp) -> String {
    let times = match pause.failures {
        1 => "failed".to_owned(),
        failures => format!("failed {failures} times"),
    };
    if pause.is_over(now) {
        format!("{times}; tried again with the next round")
    } else {
        format!("{times}; left alone until {}", pause.until)
    }
}
