//! A feed: how it is read, and for each watched package how many versions it had over time.

use domain::ids::{FeedId, PackageKey, SpaceId};
use domain::snapshot::Snapshot;
use domain::time::Timestamp;
use engine::ports::Clock;
use maud::{Markup, html};

use super::trigger::to_trigger;
use crate::answer::Visit;
use crate::chart::{Point, growth};
use crate::fault::Fault;
use crate::layout::{Page, Section};
use crate::parts::{counted, nothing, time};
use crate::{Console, Hand, Memory, Octopus};

/// So many of the newest versions are listed.
const NEWEST: usize = 10;

/// So many points a line has at most; of more, some are left out.
const POINTS: usize = 400;

impl<S: Memory, O: Octopus, C: Clock, H: Hand> Console<S, O, C, H> {
    pub(crate) async fn feed(
        &self,
        space: &SpaceId,
        id: &FeedId,
        visit: &Visit<'_>,
    ) -> Result<Page, Fault> {
        let list = self.list().await?;
        let feed = list.feed(space, id).ok_or(Fault::NoSuchFeed)?;
        let restraints = self.store.restraints().await?;
        let known = self.known(feed, &list, &restraints, visit.now).await?;
        let by_feed = list.packages_by_feed();
        let mut packages = Vec::new();
        for key in by_feed
            .get(&(space.clone(), id.clone()))
            .into_iter()
            .flatten()
        {
            packages.push((key, self.store.snapshot(key).await?));
        }
        let body = html! {
            div.row.of-feed.card {
                div.what { p { (feed.kind.feed_type()) } p.muted { (feed.space) } p.small { (known.versions()) } }
                div.state { (known.state(visit.now)) }
                div { (self.reading(feed)) }
                div { (known.quota(visit.now)) }
            }
            @for (index, (key, snapshot)) in packages.iter().enumerate() {
                section aria-labelledby={ "package-" (index) } {
                    h2 id={ "package-" (index) } { code { (key.package) } }
                    p.muted {
                        "Watched by "
                        @for (place, trigger) in list.watchers(key).enumerate() {
                            @if place > 0 { ", " }
                            (to_trigger(&trigger.space, &trigger.id, &trigger.name))
                        }
                    }
                    @match snapshot {
                        Some(snapshot) => (held(key, snapshot, visit.now)),
                        None => (nothing("It has not been read yet.")),
                    }
                }
            }
        };
        Ok(Page {
            title: feed.name.clone(),
            section: Section::Feeds,
            above: html! {},
            body,
        })
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
