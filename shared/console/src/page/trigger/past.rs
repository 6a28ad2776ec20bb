//! What a trigger did: how long it took from push to release, the releases, the history.

use std::collections::BTreeMap;

use domain::history::{Evaluation, Outcome};
use domain::ids::PackageKey;
use domain::snapshot::Snapshot;
use domain::time::Timestamp;
use domain::trigger::Trigger;
use maud::{Markup, html};

use crate::chart::{Point, durations};
use crate::parts::{nothing, outcome_badge, outside, section, table, time};
use crate::{OctopusLinks, timing};

/// So many evaluations are listed.
const LISTED: usize = 25;

/// How long it took from push to release.
pub(super) fn times(
    history: &[Evaluation],
    trigger: &Trigger,
    snapshots: &BTreeMap<PackageKey, Snapshot>,
    now: Timestamp,
) -> Markup {
    let releases = timing::releases(history, trigger, snapshots);
    let Some(half) = timing::half(&releases) else {
        let text = nothing("No release whose push is still remembered.");
        return section("times", "From push to release", &text);
    };
    let points: Vec<_> = releases.iter().map(point).collect();
    let words = format!(
        "Half of the last {} releases were there within {half} of the push",
        releases.len()
    );
    section(
        "times",
        "From push to release",
        &html! {
            (durations(&points, half.as_millis(), &words, now))
            p.muted {
                "Counted from the date that the feed gives the last new version, or else from when it "
                "was first seen here."
            }
        },
    )
}

fn point(release: &timing::Release) -> Point {
    Point {
        at: release.at,
        value: release.took.as_millis(),
        shown: release.took.to_string(),
        what: release.version.clone(),
    }
}

/// The releases that it made.
pub(super) fn releases(history: &[Evaluation], links: &OctopusLinks, now: Timestamp) -> Markup {
    let created = |one: &&Evaluation| one.outcome == Outcome::Created;
    let rows = history.iter().filter(created).filter_map(|one| {
        let release = one.release.as_ref()?;
        let place = links.release(&one.space, &release.id);
        Some(html! {
            th scope="row" { (outside(place.as_deref(), &release.version)) }
            td { (time(one.at, now)) }
            td { (one.reason) }
        })
    });
    let rows: Vec<_> = rows.take(LISTED).collect();
    let body = if rows.is_empty() {
        nothing("None yet.")
    } else {
        table("releases", &["Release", "When", "Why"], &rows)
    };
    section("releases", "Releases made", &body)
}

/// Its evaluations, newest first.
pub(super) fn past(history: &[Evaluation], now: Timestamp) -> Markup {
    let row = |one: &Evaluation| {
        html! {
            td { (time(one.at, now)) }
            td { (outcome_badge(one.outcome)) }
            td { (one.reason) }
            td.muted { (one.cause) }
        }
    };
    let rows: Vec<_> = history.iter().take(LISTED).map(row).collect();
    section(
        "history",
        "History",
        &html! {
            @if rows.is_empty() {
                (nothing("It was never evaluated here."))
            } @else {
                (table("history", &["When", "Outcome", "Why", "Cause"], &rows))
            }
            @if history.len() > LISTED {
                p.muted { "The newest " (LISTED) "; `feedctl history` shows more." }
            }
        },
    )
}
