//! Checks the queues of a stack for dead letters.

use super::{DoctorFinding, FindingCode};
use crate::ports::{QueueKind, QueueState};

/// One queue. Messages in its dead-letter queue are not handled until the operator redrives them.
pub fn queues(states: &[QueueState]) -> Vec<DoctorFinding> {
    states.iter().map(queue).collect()
}

fn queue(state: &QueueState) -> DoctorFinding {
    let name = state.kind.name();
    let seen = format!(
        "{} waiting, {} in flight, {} delayed, {} dead letters",
        state.waiting, state.in_flight, state.delayed, state.dead_letters
    );
    DoctorFinding::of("queue", name, FindingCode::QueueMessages, seen)
        .number("waiting", state.waiting)
        .number("inFlight", state.in_flight)
        .number("delayed", state.delayed)
        .number("deadLetters", state.dead_letters)
        .error_unless(state.dead_letters == 0, &remedy(state.kind))
}

fn remedy(kind: QueueKind) -> String {
    let function = kind.function();
    if kind.can_redrive() {
        format!(
            "`feedctl dlq list --queue {kind}` shows them; correct the failure in the {function}'s log, then \
             run `feedctl dlq redrive --queue {kind} --all`"
        )
    } else {
        format!(
            "`feedctl dlq list --queue {kind}` shows them; correct the failure in the {function}'s log. The next scheduler \
             run has done their work, so run `feedctl dlq delete --queue {kind} --all`"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::{QueueKind, remedy};

    #[test]
    fn a_dead_letter_has_a_log_and_a_command() {
        for (kind, log, command) in [
            (QueueKind::Schedule, "scheduler", "delete --queue schedule"),
            (QueueKind::Checks, "feed-checker", "redrive --queue checks"),
            (
                QueueKind::Releases,
                "release-creator",
                "redrive --queue releases",
            ),
            (QueueKind::Pushes, "push-receiver", "redrive --queue pushes"),
        ] {
            let remedy = remedy(kind);
            for part in [log, command, &format!("dlq list --queue {kind}")] {
                assert!(remedy.contains(part), "{remedy}");
            }
        }
    }
}
