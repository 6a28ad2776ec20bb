//! `feedctl feeds check`: reads packages of one feed now, and reports the version that each watching trigger
//! would select.

use std::rc::Rc;

use anyhow::bail;
use domain::coded::Coded;
use domain::decide::PackageSnapshot;
use domain::feed::{Access, Feed};
use domain::ids::{PackageId, PackageKey};
use domain::time::Span;
use domain::trigger::WatchList;
use engine::ports::{Clock, FeedAnswer, FeedError, OctopusReader, Reading, Routes};
use engine::with_causes;
use host::SystemClock;
use octopus::{FixedKey, OctopusClient};
use operator::overview::each_once;
use operator::probe::{Newest, Probe, Probed, Read, newest, snapshot};
use store::Store;

use super::super::current::current;
use super::keep;
use crate::args::{CheckFeed, Server};
use crate::exit::Exit;
use crate::output::{FeedReport, NewestRow, Output, PackageRow, QuotaRow, RouteRow, count};
use crate::reach::Reach;
use crate::select::{Label, select};

pub(crate) async fn check(
    server: &Server,
    options: &CheckFeed,
    output: &Output,
) -> anyhow::Result<Exit> {
    let reach = Reach::of(server).await?;
    let octopus = Rc::new(reach.octopus()?);
    let store = reach.known_state()?.map(Store::new);
    let list = current(&reach, &octopus, store.as_ref()).await?.fresh.list;
    let feed = find(&octopus, &reach.spaces(), &options.feed).await?;
    let packages = packages(&list, &feed, options.package.as_deref())?;
    if options.keep {
        return keep::keep(&reach, &list, &feed, &packages, output).await;
    }
    let reader = reach.reader(&octopus)?;
    let probe = Probe {
        store: store.as_ref(),
        reader: &reader,
        clock: &SystemClock,
    };
    output.progress(&format!(
        "reading {} of {}...",
        package_count(&packages),
        feed.name
    ));
    let (answer, took) = match probe.run(&feed, &packages).await? {
        Probed::Answered(answer, took) => (answer, took),
        Probed::Throttled(until) => bail!(
            "cannot check {}: feed is throttled until {until}; no request sent",
            feed.name
        ),
    };
    let is_whole = answer.readings.iter().all(Result::is_ok);
    // As the read left it: a refused login leads back to Octopus.
    let access = reader.access();
    let mut report = report(&octopus, &list, &feed, &access, &packages, answer, took).await?;
    if let Some(source) = reader.logins().source(&feed) {
        report.credential = format!("the login from {source}");
    }
    if reach.deployed().is_some() {
        report.in_stack = Some(RouteRow::of(&feed, &reach.look(None)));
    }
    output.feed_report(&report)?;
    Ok(if is_whole { Exit::Done } else { Exit::Partly })
}

/// The feed with this name or id in these spaces.
async fn find(
    octopus: &OctopusClient<FixedKey>,
    spaces: &[String],
    typed: &str,
) -> anyhow::Result<Feed> {
    let mut all = Vec::new();
    for space in octopus.spaces(spaces).await? {
        all.extend(octopus.feeds(&space.id).await?);
    }
    // Octopus lists its built-in feed with two ids.
    let each: Vec<_> = match all.iter().any(|feed| feed.id.as_str() == typed) {
        true => all,
        false => each_once(all).collect(),
    };
    select(&each, label, "feed", typed).cloned()
}

fn label(feed: &Feed) -> Label<'_> {
    Label {
        id: feed.id.as_str(),
        name: &feed.name,
        place: feed.space.as_str(),
    }
}

/// The named package, or else all packages of the feed that triggers watch.
fn packages(list: &WatchList, feed: &Feed, named: Option<&str>) -> anyhow::Result<Vec<PackageId>> {
    if let Some(named) = named {
        return Ok(vec![PackageId::new(named)]);
    }
    let by_feed = list.packages_by_feed();
    let watched = by_feed.get(&(feed.space.clone(), feed.id.clone()));
    let watched: Vec<_> = watched
        .into_iter()
        .flatten()
        .map(|key| key.package.clone())
        .collect();
    if watched.is_empty() {
        bail!(
            "cannot select packages of {}: no trigger that feedctl runs watches this feed; name a package",
            feed.name
        );
    }
    Ok(watched)
}

fn package_count(packages: &[PackageId]) -> String {
    match packages {
        [one] => one.to_string(),
        several => count(several.len(), "package"),
    }
}

async fn report(
    octopus: &OctopusClient<FixedKey>,
    list: &WatchList,
    feed: &Feed,
    access: &Access,
    packages: &[PackageId],
    answer: FeedAnswer,
    took: Span,
) -> anyhow::Result<FeedReport> {
    let now = SystemClock.now();
    let (route, why) = feed.route(access);
    let mut rows = Vec::new();
    let mut read = Read::new();
    for (package, reading) in packages.iter().zip(answer.readings) {
        rows.push(package_row(package, &reading));
        if let Ok(Reading::Listing { versions, .. }) = reading {
            let key = PackageKey {
                space: feed.space.clone(),
                feed: feed.id.clone(),
                package: package.clone(),
            };
            let stored = PackageSnapshot {
                feed: feed.clone(),
                snapshot: snapshot(versions, now),
            };
            read.insert(key, stored);
        }
    }
    Ok(FeedReport {
        id: feed.id.to_string(),
        name: feed.name.clone(),
        kind: feed.kind.feed_type().to_owned(),
        space_id: feed.space.to_string(),
        route: route.name(),
        route_reason: why,
        credential: feed.budget(access).credential().to_owned(),
        in_stack: None,
        requests: answer.requests,
        took_milliseconds: took.as_millis(),
        quota: answer.quota.map(|quota| QuotaRow::from(&quota.at(now))),
        packages: rows,
        triggers: watching(octopus, list, &read).await?,
    })
}

fn package_row(package: &PackageId, reading: &Result<Reading, FeedError>) -> PackageRow {
    let versions = match reading {
        Ok(Reading::Listing { versions, .. }) => versions.as_slice(),
        Ok(Reading::Unchanged) | Err(_) => &[],
    };
    let error = reading.as_ref().err();
    let published = versions.iter().filter_map(|one| one.published);
    PackageRow {
        package: package.to_string(),
        versions: versions.len(),
        published: published.clone().count(),
        last_published: published.max().map(|at| at.to_string()),
        error: error.map(|error| with_causes(error)),
        error_kind: error.map(|error| error.kind.name()),
    }
}

/// The newest permitted version for each source of the triggers that watch one of the packages.
async fn watching(
    octopus: &OctopusClient<FixedKey>,
    list: &WatchList,
    read: &Read,
) -> anyhow::Result<Vec<NewestRow>> {
    let mut rows = Vec::new();
    let watches = |trigger: &&domain::trigger::Trigger| {
        trigger.packages().any(|package| read.contains_key(package))
    };
    for trigger in list.triggers.iter().filter(watches) {
        let found = newest(octopus, trigger, read, SystemClock.now()).await?;
        rows.extend(found.into_iter().map(|one| newest_row(trigger, read, one)));
    }
    Ok(rows)
}

fn newest_row(trigger: &domain::trigger::Trigger, read: &Read, one: Newest) -> NewestRow {
    let latest = one.finding.latest.as_deref();
    let seen = read.get(&one.package).zip(latest);
    let seen = seen.and_then(|(stored, latest)| stored.snapshot.get(latest));
    let published = seen.and_then(|seen| seen.published);
    NewestRow {
        trigger_id: trigger.id.to_string(),
        trigger_name: trigger.name.clone(),
        source: one.finding.reference.to_string(),
        package: one.package.package.to_string(),
        rule: one.rule,
        newest: one.finding.latest,
        published: published.map(|at| at.to_string()),
        problem: one.finding.blocker.map(|blocker| {
            Coded::new(one.finding.blocker_code.unwrap_or_default(), blocker).into()
        }),
    }
}
