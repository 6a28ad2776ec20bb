//! A feed: how it is read, and for each watched package how many versions it had over time.

use domain::ids::{FeedId, PackageKey, SpaceId};
use domain::snapshot::Snapshot;
use domain::time::Timestamp;
use domain::trigger::WatchList;
use engine::ports::Clock;
use maud::{Markup, html};

use super::feeds::{kind, standing};
use super::trigger::to_trigger;
use crate::answer::Visit;
use crate::chart::{Point, growth};
use crate::fault::Fault;
use crate::layout::{Page, Section};
use crate::parts::{counted, nothing, silence, time};
use crate::{Actions, Console, Memory, Octopus};

/// So many of the newest versions are listed.
const NEWEST: usize = 10;

/// So many points a line has at most; of more, some are left out.
const POINTS: usize = 400;

impl<S: Memory, O: Octopus, C: Clock, H: Actions> Console<S, O, C, H> {
    pub(crate) async fn feed(
        &self,
        space: &SpaceId,
        id: &FeedId,
        visit: &Visit<'_>,
    ) -> Result<Page, Fault> {
        let current = self.look().remembered().await?;
        let list = &current.fresh.list;
        let feed = list.feed(space, id).ok_or(Fault::NoSuchFeed)?;
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
                visit.now,
            ));
        }
        Ok(Page {
            title: feed.name.clone(),
            section: Section::Feeds,
            above: html! {},
            body: html! {
                (silence(current.silence.as_deref()))
                div.row.of-feed.card {
                    div.what { (kind(&state)) }
                    (standing(&state, visit.now))
                }
                @for package in &packages { (package) }
            },
        })
    }
}

/// A package of the feed: who watches it, and what it holds.
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
                Some(snapshot) => (held(key, snapshot, now)),
                None => (nothing("It has not been read yet.")),
            }
        }
    }
}

fn held(key: &PackageKey, snapshot: &Snapshot, now: Timestamp) -> Markup {
    let mut versions: Vec<_> = snapshot.versions().collect();
    versions.sort_by_key(|(_, seen)| seen.dated());
    let step = versions.len().div_ceil(POINTS).max(1);
    let last = versions.len().saturating_sub(1);
    let points = versions.iter().enumerate();
    let points = points.filter(|(index, _)| index % step == 0 || *index == last);
    let points: Vec<_> = points
        .map(|(index, (version, seen))| Point {
            at: seen.dated(),
            value: i64::try_from(index + 1).unwrap_or(i64::MAX),
            shown: (index + 1).to_string(),
            what: (*version).to_owned(),
        })
        .collect();
    let count = counted(versions.len(), "version");
    html! {
        (growth(&points, &format!("{} holds {count}", key.package), now))
        h3 { "Newest" }
        ul.tags aria-label={ "Newest versions of " (key.package) } {
            @for (version, seen) in versions.iter().rev().take(NEWEST) {
                li { code { (version) } " " span.muted { (time(seen.dated(), now)) } }
            }
        }
    }
}
