//! Checks the receivers of webhooks by their last requests.

use std::collections::BTreeMap;

use domain::push::{WebhookOutcome, WebhookRequest};
use domain::time::Timestamp;

use super::{DoctorFinding, FindingCode};

/// One finding for each receiver that got a request. A refused or ignored request is a warning as long as no later one is
/// accepted.
pub fn webhooks(requests: &[WebhookRequest], now: Timestamp) -> Vec<DoctorFinding> {
    let mut by_receiver: BTreeMap<&str, Vec<&WebhookRequest>> = BTreeMap::new();
    for request in requests {
        by_receiver
            .entry(&request.receiver)
            .or_default()
            .push(request);
    }
    let all = by_receiver.into_iter();
    all.filter_map(|(receiver, requests)| {
        let last = requests.into_iter().max_by_key(|request| request.at)?;
        Some(finding(receiver, last, now))
    })
    .collect()
}

fn finding(receiver: &str, last: &WebhookRequest, now: Timestamp) -> DoctorFinding {
    let reason = last.reason.iter().map(|reason| format!(": {reason}"));
    let reason: String = reason.collect();
    let seen = format!(
        "the last request of {} was {} {} ago{reason}",
        last.sender,
        last.outcome.name(),
        now.since(last.at)
    );
    let finding = DoctorFinding::of("webhook", receiver, FindingCode::LastWebhook, seen)
        .text("sender", &last.sender)
        .text("outcome", last.outcome.name())
        .text("at", last.at.to_string());
    match last.outcome {
        WebhookOutcome::Accepted => finding,
        WebhookOutcome::Ignored => finding.warning(
            "select the events of pushes in the sender; tags that are no versions are ignored, and the schedule checks the feed",
        ),
        WebhookOutcome::Refused => finding.warning(format!(
            "enter the receiver's key and the content type application/json in the sender, or run `feedctl webhooks \
             rotate {receiver}`; `feedctl webhooks test {receiver}` shows whether the receiver works"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Verdict;

    fn request(receiver: &str, outcome: WebhookOutcome, second: i64) -> WebhookRequest {
        WebhookRequest {
            receiver: receiver.to_owned(),
            sender: "github".to_owned(),
            outcome,
            at: Timestamp::from_millis(second * 1_000),
            reason: None,
        }
    }

    #[test]
    fn refused_webhook_is_a_warning_until_one_is_accepted() {
        use WebhookOutcome::{Accepted, Refused};
        let requests = [
            request("a", Accepted, 1),
            request("a", Refused, 2),
            request("b", Refused, 1),
            request("b", Accepted, 2),
        ];
        let findings = webhooks(&requests, Timestamp::from_millis(60_000));
        let verdicts: Vec<_> = findings.iter().map(|one| one.verdict).collect();
        assert_eq!(verdicts, [Verdict::Warning, Verdict::Ok]);
        assert_eq!(
            findings[0].seen.message,
            "the last request of github was refused 58 s ago"
        );
        let remedy = findings[0].remedy.clone().unwrap_or_default();
        assert!(remedy.contains("feedctl webhooks test a"), "{remedy}");
    }
}
