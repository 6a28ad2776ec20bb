//! The feeds: their routes and the results of their last checks.

use std::collections::BTreeSet;
use std::fmt;

use domain::budget::{BudgetKey, BudgetState, QuotaReading};
use domain::due::{BackOff, last_due};
use domain::feed::{Feed, Route};
use domain::ids::PackageId;
use domain::time::{Span, Timestamp};
use domain::trigger::WatchList;

use super::{Current, Look, LookSettings, Memory};
use engine::StepError;
use engine::ports::{Catalogue, Clock, Head, OctopusReader, PauseKey, Restraints};
use engine::schedule::{interval, slot_name};

/// One feed and its status.
#[derive(Clone, Debug)]
pub struct FeedState {
    /// The feed.
    pub feed: Feed,
    /// Its space's name.
    pub space_name: String,
    pub route: Route,
    /// The reason for the route.
    pub route_reason: &'static str,
    /// The credential, as far as known.
    pub credential: String,
    /// How many of its packages triggers watch.
    pub packages: usize,
    /// How many versions they had in the last check.
    pub versions: usize,
    /// When one of them last changed.
    pub changed_at: Option<Timestamp>,
    /// The result of its last check.
    pub status: FeedStatus,
    /// The last failure.
    pub reason: Option<String>,
    /// The time between two checks; `None` while the feed is throttled.
    pub interval: Option<Span>,
    /// The last check and the remaining quota, while that is low.
    pub low: Option<QuotaReading>,
    /// The server's allowance, if it limits the requests of a minute.
    pub allowance: Option<Allowance>,
    /// The time between two checks without a limit.
    usual: Span,
}

/// The requests per minute that a server allows, and those that its feeds need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// The server's limit for all requests of the user.
    pub per_minute: u32,
    /// The need of all feeds with the same limit at the usual interval.
    pub needed: u64,
}

impl fmt::Display for Allowance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { per_minute, needed } = self;
        write!(
            f,
            "the server allows {per_minute} requests a minute; the feeds that are read through it need {needed}"
        )
    }
}

impl FeedState {
    /// The time between two checks, while a limit makes it longer than usual.
    pub fn stretched(&self) -> Option<Span> {
        self.interval.filter(|interval| *interval > self.usual)
    }
}

/// The result of the last check of a feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FeedStatus {
    /// It is throttled until then.
    Throttled(Timestamp),
    /// Checks fail.
    Failed {
        /// The number of consecutive failures.
        failures: u32,
        /// The first of them, if it is known.
        since: Option<Timestamp>,
        /// The end of the pause, if that is in the future.
        until: Option<Timestamp>,
    },
    /// It was read successfully.
    Read {
        /// When it was last due by the time of the last scheduler run, or when its versions last changed if that was
        /// later.
        at: Timestamp,
        /// When its versions last changed.
        changed: Timestamp,
    },
    /// No check has finished yet.
    NotYet,
    /// No trigger here watches it, or there is no state.
    NotHere,
}

impl fmt::Display for FeedStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Throttled(until) => write!(f, "throttled until {until}"),
            Self::Failed {
                failures,
                since,
                until,
            } => {
                match failures {
                    1 => f.write_str("failed once")?,
                    several => write!(f, "failed {several} times")?,
                }
                if let Some(since) = since {
                    write!(f, " since {since}")?;
                }
                match until {
                    Some(until) => write!(f, "; paused until {until}"),
                    None => f.write_str("; retried in the next scheduler run"),
                }
            }
            Self::Read { at, changed } => write!(f, "read {at}; last changed {changed}"),
            Self::NotYet => f.write_str("not checked yet"),
            Self::NotHere => f.write_str("not checked here"),
        }
    }
}

/// Octopus lists its built-in feed with two ids; one is displayed.
pub fn each_once(feeds: Vec<Feed>) -> impl Iterator<Item = Feed> {
    let mut seen = BTreeSet::new();
    feeds
        .into_iter()
        .filter(move |feed| seen.insert((feed.space.clone(), feed.name.clone())))
}

impl<S: Memory, O: OctopusReader + Catalogue, C: Clock> Look<'_, S, O, C> {
    /// The feeds that triggers use, or all feeds of the spaces.
    ///
    /// # Errors
    /// When the store or Octopus fails.
    pub async fn feeds(&self, current: &Current, all: bool) -> Result<Vec<FeedState>, StepError> {
        let list = &current.fresh.list;
        let looking = self.looking(list).await?;
        let mut feeds = Vec::new();
        if all {
            for space in &current.fresh.spaces {
                feeds.extend(self.octopus.feeds(&space.id).await?);
            }
        } else {
            feeds.clone_from(&list.feeds);
        }
        let mut states = Vec::new();
        for feed in each_once(feeds) {
            let space_name = current.space_name(&feed.space);
            states.push(looking.state(feed, &space_name).await?);
        }
        Ok(states)
    }

    /// One feed of the list.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn feed(&self, current: &Current, feed: &Feed) -> Result<FeedState, StepError> {
        let looking = self.looking(&current.fresh.list).await?;
        let space_name = current.space_name(&feed.space);
        looking.state(feed.clone(), &space_name).await
    }

    async fn looking<'a>(&'a self, list: &'a WatchList) -> Result<Looking<'a, S>, StepError> {
        Ok(Looking {
            list,
            store: self.store,
            restraints: match self.store {
                Some(store) => store.restraints().await?,
                None => Restraints::default(),
            },
            settings: self.settings,
            last_run: match self.store {
                Some(store) => store.last_run().await?.map(|run| run.at),
                None => None,
            },
            now: self.clock.now(),
        })
    }
}

/// The stored state of the feeds.
struct Looking<'a, S> {
    list: &'a WatchList,
    store: Option<&'a S>,
    restraints: Restraints,
    settings: &'a LookSettings,
    last_run: Option<Timestamp>,
    now: Timestamp,
}

impl<S: Memory> Looking<'_, S> {
    async fn state(&self, feed: Feed, space_name: &str) -> Result<FeedState, StepError> {
        let LookSettings {
            access,
            check_every: usual,
            ..
        } = self.settings;
        let (route, route_reason) = feed.route(access);
        let packages = self.packages(&feed);
        let throttled = self.throttled(&feed);
        let pause = throttled.or_else(|| self.pause(&feed));
        let known = self.restraints.budget(&feed);
        let heads = self.heads(&feed, &packages).await?;
        let changed_at = heads.iter().map(|head| head.changed_at).max();
        let interval = interval(&self.restraints, self.list, &feed, *usual, self.now);
        let status = match (throttled, pause, changed_at) {
            (Some(pause), ..) => FeedStatus::Throttled(pause.until),
            (None, Some(pause), _) => {
                let until = Some(pause.until).filter(|_| !pause.is_over(self.now));
                FeedStatus::Failed {
                    failures: pause.failures,
                    since: pause.since,
                    until,
                }
            }
            (None, None, Some(changed)) => FeedStatus::Read {
                at: self
                    .last_due(&feed, interval)
                    .map_or(changed, |due| due.max(changed)),
                changed,
            },
            (None, None, None) if self.store.is_none() || packages.is_empty() => {
                FeedStatus::NotHere
            }
            (None, None, None) => FeedStatus::NotYet,
        };
        Ok(FeedState {
            space_name: space_name.to_owned(),
            route,
            route_reason,
            credential: self.settings.credential(&feed),
            packages: packages.len(),
            versions: heads.iter().map(|head| head.count).sum(),
            changed_at,
            status,
            reason: pause.map(|pause| pause.reason.clone()),
            interval,
            low: known.and_then(|(_, state)| state.low.clone()),
            allowance: known.and_then(|(key, state)| self.allowance(key, state)),
            usual: *usual,
            feed,
        })
    }

    fn allowance(&self, key: &BudgetKey, state: &BudgetState) -> Option<Allowance> {
        let reading = state.allowance.as_ref()?;
        let feeds = self.list.feeds.iter();
        let feeds = feeds.filter(|feed| feed.budget(&state.access) == *key);
        let packages = feeds.map(|feed| self.packages(feed).len()).sum();
        Some(Allowance {
            per_minute: reading.per_minute,
            needed: reading.needed(packages, self.settings.check_every),
        })
    }

    /// When the feed was last due.
    fn last_due(&self, feed: &Feed, interval: Option<Span>) -> Option<Timestamp> {
        let name = slot_name(&feed.space, &feed.id);
        Some(last_due(&name, interval?, self.last_run?))
    }

    fn packages(&self, feed: &Feed) -> Vec<PackageId> {
        let by_feed = self.list.packages_by_feed();
        let watched = by_feed.get(&(feed.space.clone(), feed.id.clone()));
        let watched = watched.into_iter().flatten();
        watched.map(|key| key.package.clone()).collect()
    }

    /// The pause of the feed, or of another feed with the same budget.
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

    /// The error of the last check, if it failed: of the feed, or of one of its packages.
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
        let pause = self.restraints.pauses.get(&key);
        pause.filter(|pause| pause.failures > 0)
    }

    /// The last snapshots of its packages, of those that were ever read.
    async fn heads(&self, feed: &Feed, packages: &[PackageId]) -> Result<Vec<Head>, StepError> {
        let Some(store) = self.store.filter(|_| !packages.is_empty()) else {
            return Ok(Vec::new());
        };
        let budget = feed.budget(&self.settings.access);
        let opened = store.open(feed, &budget, packages).await?;
        Ok(opened.heads.into_iter().flatten().collect())
    }
}
