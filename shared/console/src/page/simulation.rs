//! What these options would have done: the trigger, simulated over what is remembered, beside what was done.

mod options;

use domain::ids::{SpaceId, TriggerId};
use domain::plan::PlanKey;
use domain::time::Span;
use domain::trigger::Trigger;
use engine::ports::{Clock, Release};
use maud::{Markup, html};
use operator::explain::Comparison;

use crate::answer::Visit;
use crate::fault::Fault;
use crate::layout::{Page, Section};
use crate::parts::{Tone, badge, clock, nothing, notice, outside, section};
use crate::{Actions, Console, Memory, Octopus, OctopusLinks, path};

/// The most that is listed of each side.
const LISTED: usize = 100;

impl<S: Memory, O: Octopus, C: Clock, H: Actions> Console<S, O, C, H> {
    pub(crate) async fn simulation(
        &self,
        space: &SpaceId,
        id: &TriggerId,
        visit: &Visit<'_>,
    ) -> Result<Page, Fault> {
        let mut trigger = self.watched(space, id).await?;
        let asked = &visit.query;
        let chosen = options::choose(&mut trigger, asked);
        let body = html! {
            p { a href=(path::trigger(space, id)) { "Back to " (trigger.name) } }
            (options::form(asked))
            @match chosen {
                Err(problems) => (notice(Tone::Bad, &html! {
                    strong { "These options cannot be used" }
                    ul.plain { @for problem in &problems { li { (problem) } } }
                })),
                Ok(since) => (self.simulated(trigger, since, visit).await?),
            }
        };
        Ok(Page {
            title: "What these options would have done".to_owned(),
            section: Section::Triggers,
            above: html! {},
            body,
        })
    }

    async fn simulated(
        &self,
        mut trigger: Trigger,
        back: Span,
        visit: &Visit<'_>,
    ) -> Result<Markup, Fault> {
        if let Some(problem) = &trigger.problem {
            return Ok(notice(Tone::Bad, &html! { (problem) }));
        }
        let since = visit.now - back;
        // As though it had been watched from the beginning.
        trigger.since = trigger.since.min(since);
        let comparison = self.explain().since(&trigger, since).await?;
        Ok(html! {
            p.lead {
                "Since " (clock(since)) " it would have made "
                strong { (comparison.simulation.releases.len()) }
                " releases; in its channel " strong { (comparison.made.len()) } " were made."
            }
            div.columns {
                (would(&comparison))
                (did(&self.settings.links, &trigger, &comparison))
            }
            p.muted {
                "Versions that are gone, and earlier pushes of a tag that was pushed again, are not remembered; "
                "process and rules are the present ones."
            }
        })
    }
}

fn would(comparison: &Comparison) -> Markup {
    let simulation = &comparison.simulation;
    section(
        "would",
        "Would have been made",
        &html! {
            @if simulation.releases.is_empty() { (nothing("No release.")) }
            ol.plain.log {
                @for one in simulation.releases.iter().rev().take(LISTED) {
                    li {
                        p.small.muted { (clock(one.at)) }
                        p {
                            @for package in &one.plan.packages {
                                code { (package.package) } " " strong { (package.version) } " "
                            }
                        }
                        p.small { (one.reason) }
                    }
                }
            }
            @if !simulation.blocked.is_empty() {
                h3 { "Held back" }
                ol.plain.log {
                    @for one in simulation.blocked.iter().rev().take(LISTED) {
                        li {
                            p.small.muted { (clock(one.at)) }
                            p.small { (one.decision) }
                        }
                    }
                }
            }
            @if let Some(at) = simulation.cut_at {
                p { "It was not simulated from " (clock(at)) " on." }
            }
        },
    )
}

fn did(links: &OctopusLinks, trigger: &Trigger, comparison: &Comparison) -> Markup {
    section(
        "did",
        "Was made",
        &html! {
            @if comparison.made.is_empty() { (nothing("No release.")) }
            ol.plain.log {
                @for release in comparison.made.iter().take(LISTED) {
                    li { (made(links, trigger, release)) }
                }
            }
        },
    )
}

fn made(links: &OctopusLinks, trigger: &Trigger, release: &Release) -> Markup {
    let place = links.release(&trigger.space, &release.id);
    let by = match PlanKey::stamped_in(&release.notes) {
        Some(_) => badge(Tone::Info, "by a feed trigger"),
        None => badge(Tone::Quiet, "by somebody else"),
    };
    html! {
        @if let Some(at) = release.assembled { p.small.muted { (clock(at)) } }
        p { (outside(place.as_deref(), &release.version)) " " (by) }
    }
}
