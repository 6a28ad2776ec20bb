//! The simulated and the actual releases in one list, newest first.

use domain::plan::PlanKey;
use domain::time::Timestamp;
use domain::trigger::Trigger;
use engine::ports::Release;
use maud::{Markup, html};
use operator::explain::Comparison;

use crate::OctopusLinks;
use crate::parts::{Tone, badge, clock, empty_note, outside, section};

/// The most entries.
const MAX_LISTED: usize = 200;

/// An entry with its time.
struct Entry {
    at: Timestamp,
    shown: Markup,
}

pub(super) fn timeline(links: &OctopusLinks, trigger: &Trigger, comparison: &Comparison) -> Markup {
    let mut entries = entries(links, trigger, comparison);
    entries.sort_by_key(|entry| std::cmp::Reverse(entry.at));
    let more = entries.len().saturating_sub(MAX_LISTED);
    section(
        "timeline",
        "Simulated and actual releases",
        &html! {
            @if entries.is_empty() { (empty_note("No release.")) }
            ol.plain.log {
                @for entry in entries.iter().take(MAX_LISTED) {
                    li {
                        p.small.muted { (clock(entry.at)) }
                        (entry.shown)
                    }
                }
            }
            @if more > 0 { p.muted { "and " (more) " earlier ones" } }
            @if let Some(at) = comparison.simulation.cut_at {
                p { "The simulation ends at " (clock(at)) "." }
            }
        },
    )
}

fn entries(links: &OctopusLinks, trigger: &Trigger, comparison: &Comparison) -> Vec<Entry> {
    let simulation = &comparison.simulation;
    let simulated = simulation.releases.iter().map(|one| Entry {
        at: one.at,
        shown: html! {
            p {
                (badge(Tone::Info, "Simulated")) " "
                @for package in &one.plan.packages {
                    code { (package.package) } " " strong { (package.version) } " "
                }
            }
            p.small { (one.reason) }
        },
    });
    let delayed = simulation.blocked.iter().map(|one| Entry {
        at: one.at,
        shown: html! {
            p { (badge(Tone::Wait, "Simulated: delayed")) }
            p.small { (one.decision) }
        },
    });
    let actual = comparison.made.iter().filter_map(|release| {
        let shown = actual(links, trigger, release);
        let at = release.assembled?;
        Some(Entry { at, shown })
    });
    simulated.chain(delayed).chain(actual).collect()
}

fn actual(links: &OctopusLinks, trigger: &Trigger, release: &Release) -> Markup {
    let place = links.release(&trigger.space, &release.id);
    let by = match PlanKey::stamped_in(&release.notes) {
        Some(_) => "by a feed trigger",
        None => "by a user or another program",
    };
    html! {
        p {
            (badge(Tone::Good, "Actual")) " release " (outside(place.as_deref(), &release.version))
            span.muted { " " (by) }
        }
        p.small {
            @for (index, (action, reference, version)) in release.selected.iter().enumerate() {
                @if index > 0 { ", " }
                (action) @if !reference.is_empty() { " (" (reference) ")" } " " strong { (version) }
            }
        }
    }
}
