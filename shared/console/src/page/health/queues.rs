//! A stack's queues and their dead letters, which can be handed back.

use domain::time::Timestamp;
use engine::ports::Clock;
use engine::with_causes;
use maud::{Markup, html};
use operator::ports::{DeadLetterMessage, DeadLetterQueues, QueueKind, QueueState, Queues};

use crate::answer::Visit;
use crate::parts::{Tone, button, counted, notice, table, time};
use crate::{Actions, Console, Memory, Octopus, path};

/// So many dead letters of a queue are shown.
const LETTERS: usize = 10;

impl<S: Memory, O: Octopus, C: Clock, H: Actions> Console<S, O, C, H> {
    pub(super) async fn queued(&self, visit: &Visit<'_>) -> Markup {
        let Some(queues) = self.actions.queues() else {
            return html! {
                p { "There are none on one machine: every message is handled in the round that made it, and "
                    "what fails is asked for again by the next." }
            };
        };
        let states = match queues.queues().await {
            Ok(states) => states,
            Err(error) => return notice(Tone::Bad, &html! { (with_causes(&error)) }),
        };
        let mut letters = Vec::new();
        for state in states.iter().filter(|state| state.dead_letters > 0) {
            letters.push((state.kind, queues.list(state.kind, LETTERS).await));
        }
        html! {
            (counts(&states, visit))
            @for (queue, letters) in &letters {
                h3 { "Dead letters of " (queue) }
                @match letters {
                    Ok(letters) => (dead(letters, visit.now)),
                    Err(error) => (notice(Tone::Bad, &html! { (with_causes(error)) })),
                }
            }
        }
    }
}

/// What became of the form that led here.
pub(super) fn redriven(visit: &Visit<'_>) -> Markup {
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

fn counts(states: &[QueueState], visit: &Visit<'_>) -> Markup {
    let row = |state: &QueueState| {
        html! {
            th scope="row" { (state.kind) }
            td.number { (state.waiting + state.delayed) }
            td.number { (state.in_flight) }
            td.number { (state.dead_letters) }
            td { @if state.dead_letters > 0 && state.kind.can_redrive() {
                (button(&path::redrive(state.kind), &format!("Redrive {}", state.kind), "Redriving…", "", visit))
            } }
        }
    };
    let rows: Vec<_> = states.iter().map(row).collect();
    let heads = [
        "Queue",
        "#Waiting",
        "#In flight",
        "#Dead letters",
        "What to do",
    ];
    html! {
        (table("queues", &heads, &rows))
        p.muted { "Counts are SQS's and right within a minute." }
    }
}

fn dead(letters: &[DeadLetterMessage], now: Timestamp) -> Markup {
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
