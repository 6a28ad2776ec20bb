//! The answer to a judged request, with its log line and its metric.

use domain::push::PackagePush;
use lambda_kit::metrics::Metrics;
use webhooks::{Accepted, WebhookAnswer};

/// The rest of the work for a request that is let in.
pub(crate) enum LetIn {
    /// It asks for nothing.
    Done(WebhookAnswer),
    /// Its pushes are announced first.
    Announce(PendingPushes),
}

/// Pushes, and the answer after they are announced.
pub(crate) struct PendingPushes {
    pub(crate) receiver: String,
    pub(crate) pushes: Vec<PackagePush>,
    pub(crate) answer: WebhookAnswer,
}

/// A handshake.
pub(crate) fn handshake(receiver: &str, answer: WebhookAnswer) -> LetIn {
    tracing::info!(receiver, "webhook handshake answered");
    LetIn::Done(answer)
}

/// A request without a push of a version. One that is not understood is a warning.
pub(crate) fn ignored(
    receiver: &str,
    reason: &str,
    is_not_understood: bool,
    metrics: &mut Metrics,
) -> LetIn {
    metrics.count("WebhooksIgnored", 1);
    match is_not_understood {
        true => tracing::warn!(receiver, reason, "webhook ignored"),
        false => tracing::info!(receiver, reason, "webhook ignored"),
    }
    LetIn::Done(WebhookAnswer::ignored(reason))
}

/// A request with pushes.
pub(crate) fn accepted(accepted: Accepted) -> LetIn {
    let answer = WebhookAnswer::accepted(&accepted);
    LetIn::Announce(PendingPushes {
        receiver: accepted.receiver.clone(),
        pushes: accepted.into_package_pushes().collect(),
        answer,
    })
}
