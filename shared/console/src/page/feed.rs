//! The page of a feed: how it is read, and the number of versions of each watched package over time.

use domain::ids::{FeedId, PackageKey, SpaceId};
use domain::snapshot::Snapshot;
use domain::time::Timestamp;
use domain::trigger::WatchList;
use engine::ports::Clock;
use maud::{Markup, html};

use super::feeds::{kind, status};
use super::trigger::to_trigger;
use crate::chart::{Point, growth};
use crate::content::{Page, Section};
use crate::page_error::PageError;
use crate::parts::{Tone, button, counted, empty_note, notice, octopus_error, time};
use crate::request::PageRequest;
use crate::{Actions, Console, ConsoleOctopus, ConsoleStore, path};

/// The most newest versions that are listed.
const NEWEST_VERSIONS: usize = 10;

/// The most points of a line; a longer line omits points evenly.
const MAX_POINTS: usize = 400;

impl<S: ConsoleStore, O: ConsoleOctopus, C: Clock, H: Actions> Console<S, O, C, H> {
    pub(crate) async fn feed(
        &self,
        space: &SpaceId,
        id: &FeedId,
        request: &PageRequest<'_>,
    ) -> Result<Page, PageError> {
        let current = self.look().remembered().await?;
        let list = &current.fresh.list;
        let feed = list.feed(space, id).ok_or(PageError::NoSuchFeed)?;
        let state = self.look().feed(&current, feed).await?;
        let by_feed = list.packages_by_feed();
        let watched = by_feed.get(&(space.clone(), id.clone()));
        let mut packages = Vec::new();
        for key in watched.into_iter().flatten() {
            let snapshot = self.store.snapshot(key).await?;
            packages.push(package(
                packages.len(),
                key,
                snapshot.as_ref(),
                list,
                request.now,
            ));
        }
        Ok(Page {
            title: feed.name.clone(),
            section: Section::Feeds,
            above: html! {
                div.actions {
                    (button(&format!("{}/check", path::feed(space, id)), "Check now", "Checking…", "primary", request))
                }
            },
            body: html! {
                (octopus_error(current.octopus_error.as_deref()))
                (done(request.query.one("done").as_deref()))
                div.row.of-feed.card {
                    div.what { (kind(&state)) }
                    (status(&state, request.now))
                }
                @for package in &packages { (package) }
            },
        })
    }
}

/// The result of the check that redirected to this page.
fn done(done: Option<&str>) -> Markup {
    let (tone, text) = match done {
        Some("checked") => (Tone::Good, "The feed was checked."),
        Some("failed") => (
            Tone::Bad,
            "The check failed for some packages. The reason is below.",
        ),
        Some("requested") => (
            Tone::Info,
            "The check was requested. Reload the page to see its result.",
        ),
        _ => return html! {},
    };
    notice(tone, &html! { (text) })
}

/// A package of the feed: its triggers and versions.
fn package(
    index: usize,
    key: &PackageKey,
    snapshot: Option<&Snapshot>,
    list: &WatchList,
    now: Timestamp,
) -> Markup {
    let heading = format!("package-{index}");
    html! {
        section aria-labelledby=(heading) {
            h2 id=(heading) { code { (key.package) } }
            p.muted {
                "Watched by "
                @for (place, trigger) in list.watchers(key).enumerate() {
                    @if place > 0 { ", " }
                    (to_trigger(&trigger.space, &trigger.id, &trigger.name))
                }
            }
            @match snapshot {
                Some(snapshot) => (version_growth(key, snapshot, now)),
                None => (empty_note("Not checked yet.")),
            }
        }
    }
}

fn version_growth(key: &PackageKey, snapshot: &Snapshot, now: Timestamp) -> Markup {
    let mut versions: Vec<_> = snapshot.versions().collect();
    versions.sort_by_key(|(_, seen)| seen.dated());
    let step = versions.len().div_ceil(MAX_POINTS).max(1);
    let last = versions.len().saturating_sub(1);
    let points = versions.iter().enumerate();
    let points = points.filter(|(index, _)| index % step == 0 || *index == last);
    let points: Vec<_> = points
        .map(|(index, (version, seen))| Point {
            at: seen.dated(),
            value: i64::try_from(index + 1).unwrap_or(i64::MAX),
            shown: (index + 1).to_string(),
            label: (*version).to_owned(),
        })
        .collect();
    let count = counted(versions.len(), "version");
    html! {
        (growth(&points, &format!("{} has {count}", key.package), now))
        h3 { "Newest" }
        ul.tags aria-label={ "Newest versions of " (key.package) } {
            @for (version, seen) in versions.iter().rev().take(NEWEST_VERSIONS) {
                li { code { (version) } " " span.muted { (time(seen.dated(), now)) } }
            }
        }
    }
}
