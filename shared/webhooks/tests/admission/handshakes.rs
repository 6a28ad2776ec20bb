//! Handshakes: requests that a sender makes before it sends anything.

use http::Method;
use webhooks::AdmissionResult;

use super::support::{fixture, id, judge, post, proof, proven, request};

fn answer(verdict: AdmissionResult) -> webhooks::WebhookAnswer {
    match verdict {
        AdmissionResult::Handshake { answer, .. } => answer,
        other => panic!("{other:?}"),
    }
}

#[test]
fn admission_pings_are_answered() {
    let mut headers = proof("github", b"{}");
    headers[1].1 = "ping".into();
    let headers: Vec<_> = headers
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    assert_eq!(
        answer(judge(&post("github", &headers, "{}"))).body,
        r#"{"pong":true}"#
    );
    assert_eq!(
        answer(judge(&proven("acr", r#"{"action":"ping"}"#))).status,
        200
    );
}

#[test]
fn admission_event_grid_validation_gets_its_code_back() {
    let answer = answer(judge(&proven(
        "event-grid",
        fixture("event-grid-validation.json"),
    )));
    assert_eq!(
        answer.body,
        r#"{"validationResponse":"512d38b6-c7b8-40c8-0000-000000000002"}"#
    );
}

#[test]
fn admission_event_grid_options_allow_its_origin_alone() {
    let path = format!("/hook/event-grid/{}", id("event-grid"));
    let asked = |origin| {
        request(
            Method::OPTIONS,
            &path,
            &[("webhook-request-origin", origin)],
            "",
        )
    };
    let allowed = answer(judge(&asked("eventgrid.azure.net")));
    let expected = [
        ("webhook-allowed-origin", "eventgrid.azure.net".to_owned()),
        ("webhook-allowed-rate", "120".to_owned()),
    ];
    assert_eq!(allowed.headers, expected);
    assert!(answer(judge(&asked("evil.example.com"))).headers.is_empty());
}
