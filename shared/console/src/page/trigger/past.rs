//! The past of a trigger: the time from push to release, its releases, its history.

use std::collections::BTreeMap;

use domain::history::{Evaluation, Outcome};
use domain::ids::PackageKey;
use domain::snapshot::Snapshot;
use domain::time::Timestamp;
use domain::trigger::Trigger;
use maud::{Markup, html};

use crate::chart::{Point, durations};
use crate::parts::{clock, counted, empty_note, outcome_badge, outside, section, table, time};
use crate::{OctopusLinks, timing};

/// The most evaluations that are listed.
const MAX_LISTED: usize = 25;

/// The steps of the latest release: pushed, seen, decided, released.
pub(super) fn pipeline(
    history: &[Evaluation],
    trigger: &Trigger,
    snapshots: &BTreeMap<PackageKey, Snapshot>,
    links: &OctopusLinks,
) -> Markup {
    let Some(pipeline) = timing::pipeline(history, trigger, snapshots) else {
        return html! {};
    };
    let steps = [
        ("Pushed", pipeline.pushed),
        ("Seen", Some(pipeline.seen)),
        ("Decided", Some(pipeline.decided)),
        ("Released", Some(pipeline.released)),
    ];
    let after = |index: usize, at: Timestamp| {
        let before = steps[..index].iter().rev().find_map(|(_, before)| *before);
        before.map(|before| at.since(before))
    };
    let place = links.release(&trigger.space, &pipeline.release.id);
    section(
        "pipeline",
        "Latest release, step by step",
        &html! {
            p {
                code { (pipeline.package) } " " strong { (pipeline.version) } " in release "
                (outside(place.as_deref(), &pipeline.release.version))
            }
            ol.pipeline {
                @for (index, (name, at)) in steps.iter().enumerate() {
                    li {
                        strong { (name) }
                        @match at {
                            Some(at) => {
                                span.small { (clock(*at)) }
                                @if let Some(span) = after(index, *at) { span.small.muted { (span) " later" } }
                            },
                            None => span.small.muted { "time unknown to the feed" },
                        }
                    }
                }
            }
        },
    )
}

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
            td { (one.reason) p.small.muted { "Cause: " (one.cause) } }
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
                (table("history", &["When", "Outcome", "Why"], &rows))
            }
            @if history.len() > MAX_LISTED {
                p.muted { "The newest " (MAX_LISTED) "; `feedctl history` shows more." }
            }
        },
    )
}
