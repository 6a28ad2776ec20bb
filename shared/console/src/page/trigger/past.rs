//! The past of a trigger: the time from push to release, its releases, its history.

use std::collections::BTreeMap;

use domain::history::{Evaluation, Outcome};
use domain::ids::PackageKey;
use domain::snapshot::Snapshot;
use domain::time::Timestamp;
use domain::trigger::Trigger;
use maud::{Markup, html};

use crate::chart::{Point, durations};
use crate::parts::{counted, empty_note, outcome_badge, outside, section, table, time};
use crate::{OctopusLinks, timing};

/// The most evaluations that are listed.
const MAX_LISTED: usize = 25;

/// The time from push to release.
pub(super) fn times(
    history: &[Evaluation],
    trigger: &Trigger,
    snapshots: &BTreeMap<PackageKey, Snapshot>,
    now: Timestamp,
) -> Markup {
    let releases = timing::releases(history, trigger, snapshots);
    let Some(median) = timing::median(&releases) else {
        let text = empty_note("No release with a known push.");
        return section("times", "From push to release", &text);
    };
    let points: Vec<_> = releases.iter().map(point).collect();
    let caption = format!(
        "Half of the last {} were created within {median} of the push",
        counted(releases.len(), "release")
    );
    section(
        "times",
        "From push to release",
        &html! {
            (durations(&points, median.as_millis(), &caption, now))
            p.muted {
                "Measured from the feed's date of the newest new version, or else from the time at which it was "
                "first seen."
            }
        },
    )
}

fn point(release: &timing::TimedRelease) -> Point {
    Point {
        at: release.at,
        value: release.took.as_millis(),
        shown: release.took.to_string(),
        label: release.version.clone(),
    }
}

/// The releases that the trigger created.
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
    let rows: Vec<_> = rows.take(MAX_LISTED).collect();
    let body = if rows.is_empty() {
        empty_note("None yet.")
    } else {
        table("releases", &["Release", "When", "Why"], &rows)
    };
    section("releases", "Releases", &body)
}

/// The evaluations, newest first.
pub(super) fn past(history: &[Evaluation], now: Timestamp) -> Markup {
    let row = |one: &Evaluation| {
        html! {
            td { (time(one.at, now)) }
            td { (outcome_badge(one.outcome)) }
            td { (one.reason) }
            td.muted { (one.cause) }
        }
    };
    let rows: Vec<_> = history.iter().take(MAX_LISTED).map(row).collect();
    section(
        "history",
        "History",
        &html! {
            @if rows.is_empty() {
                (empty_note("Not evaluated yet."))
            } @else {
                (table("history", &["When", "Outcome", "Why", "Cause"], &rows))
            }
            @if history.len() > MAX_LISTED {
                p.muted { "The newest " (MAX_LISTED) "; `feedctl history` shows more." }
            }
        },
    )
}
