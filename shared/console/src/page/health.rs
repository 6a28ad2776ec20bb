//! Health: whether the schedule runs, what stalls, what is left alone, queues and dead letters, and what it
//! costs.

use domain::time::{Span, Timestamp};
use domain::trigger::WatchList;
use engine::messages::StalledTrigger;
use engine::ports::{
    Clock, DeadLetter, DeadLetters, QueueKind, QueueState, Queues, StoredWatchList,
};
use engine::schedule::stalled;
use engine::with_causes;
use maud::{Markup, html};

use super::trigger::to_trigger;
use crate::answer::Visit;
use crate::fault::Fault;
use crate::layout::{Page, Section};
use crate::parts::{Tone, badge, button, counted, nothing, notice, time};
use crate::{Console, Hand, Memory, Octopus, path};

/// Without a round for so long, something is wrong: the schedule has one every minute.
const LATE: Span = Span::from_minutes(5);

/// So many dead letters of a queue are shown.
const LETTERS: usize = 10;

impl<S: Memory, O: Octopus, C: Clock, H: Hand> Console<S, O, C, H> {
    pub(crate) async fn health(&self, visit: &Visit<'_>) -> Result<Page, Fault> {
        let stored = self.store.watch_list().await?;
        let tick = self.store.last_tick().await?;
        let list = stored
            .as_ref()
            .map(|stored| stored.list.clone())
            .unwrap_or_default();
        let stalled = stalled(&self.store, &list, visit.now).await?;
        let body = html! {
            (redriven(visit))
            (schedule(tick, stored.as_ref(), visit.now))
            (stalls(&stalled, &list, visit.now))
            (self.queued(visit).await)
        };
        Ok(Page {
            title: "Health".to_owned(),
            section: Section::Health,
            above: html! {},
            body,
        })
    }

    async fn queued(&self, visit: &Visit<'_>) -> Markup {
        let Some(queues) = self.hand.queues() else {
            return section(
                "queues",
                "Queues",
                &html! {
                    p { "There are none on one machine: every message is handled in the round that made it, and "
                        "what fails is asked for again by the next." }
                },
            );
        };
        let states = match queues.queues().await {
            Ok(states) => states,
            Err(error) => {
                let why = with_causes(&error);
                return section("queues", "Queues", &notice(Tone::Bad, &html! { (why) }));
            }
        };
        let mut letters = Vec::new();
        for state in states.iter().filter(|state| state.dead_letters > 0) {
            letters.push((state.kind, queues.list(state.kind, LETTERS).await));
        }
        section(
            "queues",
            "Queues",
            &html! {
                (counts(&states, visit))
                @for (queue, letters) in &letters {
                    h3 { "Dead letters of " (queue) }
                    @match letters {
                        Ok(letters) => (dead(letters, visit.now)),
                        Err(error) => (notice(Tone::Bad, &html! { (with_causes(error)) })),
                    }
                }
            },
        )
    }
}

fn section(id: &str, title: &str, body: &Markup) -> Markup {
    html! {
        section aria-labelledby=(id) {
            h2 id=(id) { (title) }
            (body)
        }
    }
}

fn redriven(visit: &Visit<'_>) -> Markup {
    let number = |name: &str| {
        let text = visit.query.one(name)?;
        text.parse::<usize>().ok()
    };
    let queue = visit.query.one("redriven");
    let queue = queue.and_then(|text| text.parse::<QueueKind>().ok());
    match (queue, number("done"), number("left")) {
        (Some(queue), Some(done), Some(left)) => {
            let tone = if left == 0 { Tone::Good } else { Tone::Wait };
            let left = (left > 0).then(|| format!(" {left} could not be and lie there still."));
            let text = html! {
                (counted(done, "letter")) " of " (queue) " handed back to the queue." (left.unwrap_or_default())
            };
            notice(tone, &text)
        }
        _ => html! {},
    }
}

fn schedule(tick: Option<Timestamp>, stored: Option<&StoredWatchList>, now: Timestamp) -> Markup {
    let is_late = tick.is_none_or(|tick| now.since(tick) > LATE);
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
                    @match stored { Some(stored) => (time(stored.read_at, now)), None => "never" }
                } }
                div { dt { "Watched" } dd {
                    @match stored {
                        Some(stored) => {
                            (counted(stored.list.triggers.len(), "trigger")) ", "
                            (counted(stored.list.feeds.len(), "feed")) ", "
                            (counted(packages(&stored.list), "package"))
                        }
                        None => "nothing",
                    }
                } }
            }
            @if is_late {
                p { "The schedule has a round every minute. On one machine, `feedctl run` is not running; in a "
                    "stack, look at the scheduler's log and at the alarm that nothing runs." }
            }
        },
    )
}

fn packages(list: &WatchList) -> usize {
    list.packages_by_feed().values().map(Vec::len).sum()
}

fn stalls(stalled: &[StalledTrigger], list: &WatchList, now: Timestamp) -> Markup {
    section(
        "stalled",
        "Stalled triggers",
        &html! {
            @if stalled.is_empty() {
                (nothing(if list.triggers.is_empty() {
                    "There are no triggers."
                } else {
                    "None: every trigger was evaluated with success lately."
                }))
            } @else {
                ul.plain {
                    @for one in stalled {
                        li {
                            (badge(Tone::Bad, "Stalled")) " "
                            (to_trigger(&one.space, &one.trigger, &one.trigger_name))
                            span.muted {
                                " of " (one.project_name) ", last evaluated with success "
                                @match one.last_success {
                                    Some(at) => (time(at, now)),
                                    None => "never",
                                }
                            }
                        }
                    }
                }
            }
        },
    )
}

fn counts(states: &[QueueState], visit: &Visit<'_>) -> Markup {
    html! {
        div.scroll role="group" aria-labelledby="queues" tabindex="0" {
            table {
                thead { tr {
                    th scope="col" { "Queue" } th.number scope="col" { "Waiting" }
                    th.number scope="col" { "In flight" } th.number scope="col" { "Dead letters" }
                    th scope="col" { span.unseen { "Action" } }
                } }
                tbody {
                    @for state in states {
                        tr {
                            th scope="row" { (state.kind) }
                            td.number { (state.waiting + state.delayed) }
                            td.number { (state.in_flight) }
                            td.number { (state.dead_letters) }
                            td { @if state.dead_letters > 0 && state.kind.is_handed_back() {
                                (button(&path::redrive(state.kind), &format!("Redrive {}", state.kind),
                                    "Redriving…", "", visit))
                            } }
                        }
                    }
                }
            }
        }
        p.muted { "Counts are SQS's and right within a minute." }
    }
}

fn dead(letters: &[DeadLetter], now: Timestamp) -> Markup {
    html! {
        ul.plain {
            @for letter in letters {
                li {
                    strong { (letter.letter.kind()) } " " (letter.letter.subject())
                    span.muted { ", sent " (time(letter.sent_at, now)) }
                    @if let Some(reason) = &letter.reason { p.small { (reason) } }
                }
            }
        }
    }
}
