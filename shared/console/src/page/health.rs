//! Health: whether the schedule runs and Octopus answers, what stalls, queues and dead letters, what it cost.

mod cost;
mod queues;

use domain::time::{Span, Timestamp};
use domain::trigger::Runner;
use engine::ports::Clock;
use maud::{Markup, html};
use operator::overview::{Overview, TriggerState};

use super::trigger::to_trigger;
use crate::answer::Visit;
use crate::fault::Fault;
use crate::layout::{Page, Section};
use crate::parts::{Tone, badge, counted, nothing, section, silence, time};
use crate::{Actions, Console, Memory, Octopus};

/// Without a round for so long, something is wrong: the schedule has one every minute.
const LATE: Span = Span::from_minutes(5);

impl<S: Memory, O: Octopus, C: Clock, H: Actions> Console<S, O, C, H> {
    pub(crate) async fn health(&self, visit: &Visit<'_>) -> Result<Page, Fault> {
        let overview = self.look().glance().await?;
        let body = html! {
            (queues::redriven(visit))
            (silence(overview.silence.as_deref()))
            (schedule(&overview, visit.now))
            (stalls(&overview.triggers, visit.now))
            (section("queues", "Queues", &self.queued(visit).await))
            (self.cost_so_far(&overview, visit.now))
        };
        Ok(Page {
            title: "Health".to_owned(),
            section: Section::Health,
            above: html! {},
            body,
        })
    }
}

fn schedule(overview: &Overview, now: Timestamp) -> Markup {
    let tick = overview.last_run.map(|tick| tick.at);
    let is_late = tick.is_none_or(|tick| now.since(tick) > LATE);
    let packages = overview.feeds.iter().map(|feed| feed.packages).sum();
    section(
        "schedule",
        "Schedule",
        &html! {
            dl.facts {
                div { dt { "Last round" } dd {
                    @match tick { Some(tick) => (time(tick, now)), None => "none yet" } " "
                    @if is_late { (badge(Tone::Bad, "Late")) } @else { (badge(Tone::Good, "Runs")) }
                } }
                div { dt { "Triggers read from Octopus" } dd {
                    @match overview.read_at { Some(at) => (time(at, now)), None => "never" }
                } }
                div { dt { "Run here" } dd {
                    (counted(here(&overview.triggers).count(), "trigger")) ", "
                    (counted(overview.feeds.len(), "feed")) ", " (counted(packages, "package"))
                } }
            }
            @if is_late {
                p { "The schedule has a round every minute. On one machine, `feedctl run` is not running; in a "
                    "stack, look at the scheduler's log and at the alarm that nothing runs." }
            }
        },
    )
}

/// The triggers that are run here.
fn here(triggers: &[TriggerState]) -> impl Iterator<Item = &TriggerState> {
    let is_here = |one: &&TriggerState| matches!(one.runner, Runner::ThisProgram | Runner::Both);
    triggers.iter().filter(is_here)
}

fn stalls(triggers: &[TriggerState], now: Timestamp) -> Markup {
    let stalled: Vec<_> = here(triggers).filter(|one| one.is_stalled).collect();
    section(
        "stalled",
        "Stalled triggers",
        &html! {
            @if here(triggers).next().is_none() {
                (nothing("No trigger is run here."))
            } @else if stalled.is_empty() {
                (nothing("None: every trigger was evaluated with success lately."))
            }
            ul.plain {
                @for one in stalled {
                    li {
                        (badge(Tone::Bad, "Stalled")) " " (to_trigger(&one.space, &one.id, &one.name))
                        span.muted {
                            " of " (one.project) ", "
                            @match &one.last {
                                Some(last) => { "last evaluated " (time(last.at, now)) ": " (last.reason) },
                                None => "never evaluated",
                            }
                        }
                    }
                }
            }
        },
    )
}
