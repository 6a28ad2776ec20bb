//! P14: how the work grows with the number of tags of a package, and with the number of feeds of a scheduler run.
//!
//! Each series comes with its exponent, the slope of the line through its points when both axes are
//! logarithmic: 1 is linear, 2 would be quadratic. Constant work lowers it, so the
//! exponent of the last step is printed too. The figure is the CPU time of this process; the registry has its
//! own process.

use std::collections::BTreeMap;
use std::iter;
use std::sync::Arc;
use std::time::Duration;

use anyhow::ensure;
use domain::budget::{BudgetState, Quota, QuotaReading};
use domain::feed::{Access, Feed, FeedKind};
use domain::ids::{ChannelId, FeedId, PackageId, PackageKey, ProjectId, SpaceId, TriggerId};
use domain::options::{Options, VersionPolicy};
use domain::time::{Span, Timestamp};
use domain::trigger::{
    NativeTriggers, ResolvedSource, Source, SourceRef, Trigger, TriggerOrigin, WatchList,
};
use engine::ports::{Budgets, Clock, SchedulerRun, SchedulerRuns, StoredWatchList, WatchLists};
use engine::schedule::{RunScope, Schedule, ScheduleSettings};
use host::SystemClock;
use octopus::{FixedKey, OctopusClient};
use serde_json::{Value, json};
use store::Store;
use store::memory::MemoryTable;

use crate::checker::{Checker, Nowhere};
use crate::reader::{at_work, feed, reader};
use crate::server::Server;

const TAGS: [usize; 4] = [100, 1_000, 10_000, 100_000];
const FEEDS: [usize; 3] = [10, 100, 1_000];
const PACKAGES_OF_A_FEED: usize = 5;

/// Repetitions. The shortest counts, because disturbances only add time.
const RUNS: usize = 25;

/// Milliseconds, by size.
type Series = BTreeMap<usize, f64>;

/// Prints each series with its exponent.
pub(crate) async fn measure() -> anyhow::Result<()> {
    let (mut first, mut unchanged) = (Series::new(), Series::new());
    for tags in TAGS {
        let (new, same) = check(tags).await?;
        first.insert(tags, new);
        unchanged.insert(tags, same);
    }
    let (mut runs, mut low) = (Series::new(), Series::new());
    for feeds in FEEDS {
        runs.insert(feeds, run(feeds, false).await?);
        low.insert(feeds, run(feeds, true).await?);
    }
    let line = json!({
        "figure": "P14",
        "firstCheckOfTags": shown(&first),
        "unchangedCheckOfTags": shown(&unchanged),
        "runOfFeeds": shown(&runs),
        "runOfFeedsThatShareALowQuota": shown(&low),
    });
    println!("{line}");
    Ok(())
}

/// A check that finds everything new, and one that finds nothing new.
async fn check(tags: usize) -> anyhow::Result<(f64, f64)> {
    let server = Server::start(["serve-tags", &tags.to_string()])?;
    let feed = feed(FeedKind::Docker, &server.url);
    let packages = [PackageId::new("acme/web")];
    let (mut first, mut unchanged) = (Duration::MAX, Duration::MAX);
    for _ in 0..RUNS {
        let checker = Checker::new(reader()?, reader()?);
        let before = at_work();
        checker.check(&feed, &packages).await?;
        let between = at_work();
        checker.check_unchanged(&feed, &packages).await?;
        unchanged = unchanged.min(at_work().saturating_sub(between));
        first = first.min(between.saturating_sub(before));
    }
    Ok((milliseconds(first), milliseconds(unchanged)))
}

/// A scheduler run in which every feed is due; each has its own trigger. With a low quota, all feeds have one
/// host.
async fn run(feeds: usize, low: bool) -> anyhow::Result<f64> {
    let store = Store::new(MemoryTable::default());
    let now = SystemClock.now();
    let list = watch_list(feeds, low);
    if low {
        let quota = Quota {
            limit: Some(100_000),
            remaining: 40_000,
            resets_at: Some(now + Span::from_hours(1)),
        };
        let tally = QuotaReading {
            quota,
            at: now,
            requests: 1,
            packages: 1,
        };
        let state = BudgetState {
            access: Access::default(),
            pause: None,
            low: Some(tally),
            allowance: None,
        };
        let key = list.feeds[0].budget(&Access::default());
        store.change_budget(&key, |_| Some(state.clone())).await?;
    }
    let stored = StoredWatchList {
        changed: Default::default(),
        list: Arc::new(list),
        read_at: now,
        file: None,
        is_outdated: false,
        progress: None,
        revision: None,
    };
    store.save_watch_list(&stored).await?;
    let settings = ScheduleSettings {
        spaces: vec!["Default".to_owned()],
        native: NativeTriggers::Marked,
        check_every: Span::from_minutes(1),
        refresh_every: Span::from_hours(24),
    };
    // The list is not old, so Octopus is not asked.
    let http = feeds::OutboundClient::new("127.0.0.0/8".parse()?)?;
    let octopus = OctopusClient::new(
        http.http().clone(),
        "http://127.0.0.1:9",
        FixedKey::new("none"),
    )?;
    let step = Schedule {
        store: &store,
        octopus: &octopus,
        bus: &Nowhere,
        clock: &SystemClock,
        settings: &settings,
    };
    let mut best = Duration::MAX;
    for _ in 0..RUNS {
        let last = SchedulerRun {
            at: now - Span::from_hours(2),
            list_read_at: None,
            list_confirmed_at: None,
            stalls_searched_at: None,
            counted: None,
        };
        store.remember_run(&last).await?;
        let before = at_work();
        let report = step.run(RunScope::Due, std::future::pending()).await?;
        best = best.min(at_work().saturating_sub(before));
        ensure!(report.checks == feeds, "{} checks", report.checks);
    }
    Ok(milliseconds(best))
}

fn watch_list(feeds: usize, one_host: bool) -> WatchList {
    WatchList {
        triggers: (0..feeds)
            .map(|number| trigger(number, iter::repeat_n(number, PACKAGES_OF_A_FEED)))
            .collect(),
        feeds: (0..feeds).map(|number| watched(number, one_host)).collect(),
        ..WatchList::default()
    }
}

/// A feed with this number, which has a host of its own or not.
pub(crate) fn watched(number: usize, one_host: bool) -> Feed {
    let host = if one_host { 0 } else { number };
    Feed {
        id: feed_id(number),
        ..feed(FeedKind::Docker, &format!("https://registry-{host}.test"))
    }
}

fn feed_id(number: usize) -> FeedId {
    FeedId::new(format!("Feeds-{number}"))
}

/// A trigger with a package of each of these feeds.
pub(crate) fn trigger(number: usize, feeds: impl Iterator<Item = usize>) -> Trigger {
    let source = |(package, feed): (usize, usize)| Source {
        reference: SourceRef {
            action_slug: "deploy".to_owned(),
            package_reference: format!("package-{package}"),
        },
        resolution: Ok(ResolvedSource {
            action_name: "Deploy".to_owned(),
            package: PackageKey {
                space: SpaceId::new("Spaces-1"),
                feed: feed_id(feed),
                package: PackageId::new(format!("acme/package-{package}")),
            },
        }),
        policy: VersionPolicy::default(),
    };
    Trigger {
        id: TriggerId::new(format!("ProjectTriggers-{number}")),
        name: format!("Trigger {number}"),
        space: SpaceId::new("Spaces-1"),
        project: ProjectId::new(format!("Projects-{number}")),
        project_name: format!("Project {number}"),
        channel: ChannelId::new(format!("Channels-{number}")),
        sources: feeds.enumerate().map(source).collect(),
        problem: None,
        stale: None,
        documents: None,
        origin: TriggerOrigin::Octopus,
        since: Timestamp::default(),
        options: Options::default(),
    }
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn shown(series: &Series) -> Value {
    let last: Series = series
        .iter()
        .rev()
        .take(2)
        .map(|(&size, &time)| (size, time))
        .collect();
    json!({
        "milliseconds": series,
        "exponent": exponent(series),
        "lastExponent": exponent(&last),
    })
}

/// The slope of the line that fits best, both axes logarithmic.
fn exponent(series: &Series) -> f64 {
    let points: Vec<_> = series
        .iter()
        .map(|(&size, &time)| {
            let size = f64::from(u32::try_from(size).unwrap_or(u32::MAX));
            (size.ln(), time.ln())
        })
        .collect();
    let count = f64::from(u32::try_from(points.len()).unwrap_or(u32::MAX));
    let mean = |value: fn(&(f64, f64)) -> f64| points.iter().map(value).sum::<f64>() / count;
    let (x, y) = (mean(|point| point.0), mean(|point| point.1));
    let rise: f64 = points
        .iter()
        .map(|point| (point.0 - x) * (point.1 - y))
        .sum();
    let run: f64 = points.iter().map(|point| (point.0 - x).powi(2)).sum();
    rise / run
}
