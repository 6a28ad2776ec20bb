//! The queues of a stack: what was given up in them.

use super::Finding;
use crate::ports::QueueState;

/// Each queue. A dead letter is something that nobody does any more, unless somebody hands it back.
pub fn queues(states: &[QueueState]) -> Vec<Finding> {
    states.iter().map(queue).collect()
}

fn queue(state: &QueueState) -> Finding {
    let name = state.kind.name();
    let seen = format!(
        "{} waiting, {} in flight, {} delayed, {} dead letters",
        state.waiting, state.in_flight, state.delayed, state.dead_letters
    );
    Finding::of("queue", name, seen).wrong_unless(
        state.dead_letters == 0,
        "`feedctl dlq` shows the letters and hands them back, once the function's log says what was wrong",
    )
}
