//! The precedence of the current task's requests under Octopus's rate limit. Without one they go first.

use domain::budget::Precedence;

tokio::task_local! {
    static PRECEDENCE: Precedence;
}

/// Sends the requests of this future with this precedence.
pub(crate) async fn with<F: Future>(precedence: Precedence, requests: F) -> F::Output {
    PRECEDENCE.scope(precedence, requests).await
}

pub(crate) fn current() -> Precedence {
    let current = PRECEDENCE.try_with(|precedence| *precedence);
    current.unwrap_or(Precedence::First)
}
