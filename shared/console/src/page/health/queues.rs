//! A stack's queues and dead-letter queues, which can be redriven.

use domain::time::Timestamp;
use engine::ports::Clock;
use engine::with_causes;
use maud::{Markup, html};
use operator::ports::{DeadLetterMessage, DeadLetterQueues, QueueKind, QueueState, Queues};

use crate::parts::{Tone, button, counted, notice, table, time};
use crate::request::PageRequest;
use crate::{Actions, Console, ConsoleOctopus, ConsoleStore, path};

/// The most dead-letter messages of a queue that are shown.
const MAX_MESSAGES: usize = 10;

impl<S: ConsoleStore, O: ConsoleOctopus, C: Clock, H: Actions> Console<S, O, C, H> {
    pub(super) async fn queue_section(&self, request: &PageRequest<'_>) -> Markup {
        let Some(queues) = self.actions.queues() else {
            return html! {
                p { "There are none on one machine: each scheduler run processes its own messages, and the next run "
                    "repeats failed requests." }
            };
        };
        let states = match queues.queues().await {
            Ok(states) => states,
            Err(error) => return notice(Tone::Bad, &html! { (with_causes(&error)) }),
        };
        let mut messages = Vec::new();
        for state in states.iter().filter(|state| state.dead_letters > 0) {
            messages.push((state.kind, queues.list(state.kind, MAX_MESSAGES).await));
        }
        html! {
            (counts(&states, request))
            @for (queue, messages) in &messages {
                h3 { "Dead-letter queue of " (queue) }
                @match messages {
                    Ok(messages) => (dead_letter_list(messages, request.now)),
                    Err(error) => (notice(Tone::Bad, &html! { (with_causes(error)) })),
                }
            }
        }
    }
}

/// The result of the redrive that redirected to this page.
pub(super) fn redrive_notice(request: &PageRequest<'_>) -> Markup {
    let number = |name: &str| {
        let text = request.query.one(name)?;
        text.parse::<usize>().ok()
    };
    let queue = request.query.one("redriven");
    let queue = queue.and_then(|text| text.parse::<QueueKind>().ok());
    match (queue, number("done"), number("left")) {
        (Some(queue), Some(done), Some(left)) => {
            let tone = if left == 0 { Tone::Good } else { Tone::Wait };
            let left = (left > 0)
                .then(|| format!(" {left} failed and are still in the dead-letter queue."));
            let text = html! {
                "Redrove " (counted(done, "message")) " to the " (queue) " queue." (left.unwrap_or_default())
            };
            notice(tone, &text)
        }
        _ => html! {},
    }
}

fn counts(states: &[QueueState], request: &PageRequest<'_>) -> Markup {
    let row = |state: &QueueState| {
        html! {
            th scope="row" { (state.kind) }
            td.number { (state.waiting + state.delayed) }
            td.number { (state.in_flight) }
            td.number { (state.dead_letters) }
            td { @if state.dead_letters > 0 && state.kind.can_redrive() {
                (button(&path::redrive(state.kind), &format!("Redrive {}", state.kind), "Redriving…", "", request))
            } }
        }
    };
    let rows: Vec<_> = states.iter().map(row).collect();
    let heads = [
        "Queue",
        "#Waiting",
        "#In flight",
        "#Dead-letter messages",
        "Action",
    ];
    html! {
        (table("queues", &heads, &rows))
        p.muted { "SQS's counts are approximate and up to date within a minute." }
    }
}

fn dead_letter_list(messages: &[DeadLetterMessage], now: Timestamp) -> Markup {
    html! {
        ul.plain {
            @for message in messages {
                li {
                    strong { (message.letter.kind()) } " " (message.letter.subject())
                    span.muted { ", sent " (time(message.sent_at, now)) }
                    @if let Some(reason) = &message.reason { p.small { (reason) } }
                }
            }
        }
    }
}
