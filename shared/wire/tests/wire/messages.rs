//! Errors name the invalid field; large messages are truncated and keep their totals.

use std::error::Error as _;

use domain::decide::Finding;
use domain::push::{EcrPush, EcrRepository, Match, PackageKind, PackagePush, Push, PushEvent};
use domain::snapshot::Changes;
use engine::messages::{Announcement, CheckFailure, Event, Message};
use serde_json::{Value, json};
use wire::{EventBridgeEvent, MAX_DETAIL_BYTES, WireError, decode, encode};

use crate::samples;

fn sample(detail_type: &str) -> (Message, Value) {
    let (_, message) = samples::messages()
        .into_iter()
        .find(|(name, _)| *name == detail_type)
        .expect("a sample");
    let detail = serde_json::from_str(&encode(&message).expect("encodes").detail).expect("JSON");
    (message, detail)
}

/// The error of a `PackageVersionsChanged` in which the value at `pointer` is replaced, or removed.
fn error_at(pointer: &str, value: Option<Value>) -> WireError {
    let (_, mut detail) = sample("PackageVersionsChanged");
    let (parent, field) = pointer.rsplit_once('/').expect("a pointer");
    let parent = detail
        .pointer_mut(parent)
        .and_then(Value::as_object_mut)
        .expect("an object");
    match value {
        Some(value) => parent.insert(field.to_owned(), value),
        None => parent.remove(field),
    };
    decode("PackageVersionsChanged", &detail.to_string()).expect_err("an error")
}

fn chain(error: &WireError) -> String {
    let source = error
        .source()
        .map(|source| format!(": {source}"))
        .unwrap_or_default();
    format!("{error}{source}")
}

#[test]
fn error_names_the_invalid_field() {
    let cases = [
        (
            "/metadata/id",
            None,
            "invalid at `metadata`: missing field `id`",
        ),
        (
            "/metadata/time",
            Some(json!("yesterday")),
            "invalid at `metadata.time`: failed to parse",
        ),
        (
            "/data/generation",
            Some(json!("7")),
            "invalid at `data.generation`: invalid type",
        ),
        (
            "/data/package/feedId",
            None,
            "invalid at `data.package`: missing field `feedId`",
        ),
        (
            "/data/added",
            Some(json!(["1", 2])),
            "invalid at `data.added[1]`: invalid type",
        ),
        ("/data", None, "invalid at `data`: invalid type: null"),
        (
            "/metadata",
            None,
            "invalid at `metadata`: invalid type: null",
        ),
        (
            "/metadata/version",
            Some(json!("1")),
            "invalid at `metadata.version`: invalid type",
        ),
    ];
    for (pointer, value, expected) in cases {
        let text = chain(&error_at(pointer, value));
        assert!(
            text.starts_with("PackageVersionsChanged is ") && text.contains(expected),
            "{text}"
        );
    }
}

#[test]
fn newer_version_is_reported_before_invalid_fields() {
    let (_, mut detail) = sample("PackageVersionsChanged");
    detail["metadata"] = json!({ "version": 2 });
    let error = decode("PackageVersionsChanged", &detail.to_string()).expect_err("too new");
    assert_eq!(
        error.to_string(),
        "PackageVersionsChanged has version 2, and this program reads version 1; update this program"
    );
    let row = br#"{"version":9,"data":{"other":true}}"#;
    let error = wire::rows::scheduler_run::decode(row).expect_err("too new");
    assert!(
        matches!(error, WireError::Version { version: 9, .. }),
        "{error}"
    );
}

#[test]
fn unknown_fields_are_ignored() {
    for (name, message) in samples::messages() {
        let outgoing = encode(&message).expect(name);
        let mut detail: Value = serde_json::from_str(&outgoing.detail).expect("JSON");
        for path in ["/metadata", "/data"] {
            detail.pointer_mut(path).expect("an object")["addedLater"] = json!([1]);
        }
        let read = decode(outgoing.detail_type, &detail.to_string());
        assert_eq!(read.expect(name), message);
    }
}

#[test]
fn invalid_messages_are_errors() {
    assert!(matches!(
        decode("ReleaseCreated", "{"),
        Err(WireError::NotJson { .. })
    ));
    assert!(matches!(
        decode("ReleaseCreated", "[]"),
        Err(WireError::Field { .. })
    ));
    let (_, detail) = sample("PackageVersionsChanged");
    let error = decode("PackageRenamed", &detail.to_string());
    assert!(matches!(error, Err(WireError::Foreign { .. })), "{error:?}");
}

#[test]
fn large_evaluation_is_truncated_and_keeps_totals() {
    let (message, _) = sample("ReleaseCreated");
    let Event::ReleaseCreated(mut evaluation) = message.event.clone() else {
        panic!("a release")
    };
    let many = vec![evaluation.findings[0].candidates[0].clone(); 25];
    let finding = Finding {
        candidates: many,
        considered: 5_000,
        ..evaluation.findings[0].clone()
    };
    evaluation.findings = vec![finding; 60];
    let large = Message {
        event: Event::ReleaseCreated(evaluation),
        ..message
    };

    let outgoing = encode(&large).expect("it fits");
    assert!(outgoing.detail.len() <= MAX_DETAIL_BYTES);
    let detail: Value = serde_json::from_str(&outgoing.detail).expect("JSON");
    assert_eq!(detail["data"]["sourceCount"], 60);
    assert_eq!(
        detail["data"]["findings"].as_array().map(Vec::len),
        Some(60)
    );
    assert_eq!(detail["data"]["findings"][59]["candidateCount"], 5_000);
    let kept = detail["data"]["findings"][0]["candidates"]
        .as_array()
        .map(Vec::len);
    assert_eq!(kept, Some(8));
    assert!(decode(outgoing.detail_type, &outgoing.detail).is_ok());
}

#[test]
fn large_announcement_is_truncated_and_keeps_totals() {
    let (message, _) = sample("PackageVersionsChanged");
    let versions: Vec<String> = (0..5_000)
        .map(|n| format!("{n}.0.0-{}", "x".repeat(400)))
        .collect();
    let changes = Changes {
        added: versions,
        ..Changes::default()
    };
    let announcement = Announcement::new(samples::package(), "Acme images".into(), 8, changes);
    let large = Message {
        event: Event::PackageVersionsChanged(announcement),
        ..message
    };
    let outgoing = encode(&large).expect("it fits");
    let Event::PackageVersionsChanged(read) = decode(outgoing.detail_type, &outgoing.detail)
        .expect("reads")
        .event
    else {
        panic!("an announcement")
    };
    assert_eq!((read.changes.added.len(), read.counts.added), (100, 5_000));
}

#[test]
fn failure_of_many_packages_is_truncated_and_keeps_totals() {
    let (message, _) = sample("FeedCheckFailed");
    let Event::FeedCheckFailed(failure) = &message.event else {
        panic!("a failure")
    };
    let failure = CheckFailure {
        packages: vec![failure.packages[0].clone(); 9_000],
        reason: "ä".repeat(9_000),
        ..failure.clone()
    };
    let large = Message {
        event: Event::FeedCheckFailed(failure),
        ..message
    };
    let outgoing = encode(&large).expect("it fits");
    let detail: Value = serde_json::from_str(&outgoing.detail).expect("JSON");
    assert_eq!(detail["data"]["packageCount"], 9_000);
    let reason = detail["data"]["reason"].as_str().expect("a text");
    assert_eq!(
        (reason.chars().count(), reason.ends_with('…')),
        (2_001, true)
    );
}

#[test]
fn check_request_above_the_limit_is_an_error() {
    let (mut message, _) = sample("FeedCheckRequested");
    let Event::FeedCheckRequested(check) = &mut message.event else {
        panic!("a check")
    };
    check.packages = vec![check.packages[0].clone(); 9_000];
    let error = encode(&message).expect_err("too large");
    assert!(
        error.to_string().starts_with("FeedCheckRequested has "),
        "{error}"
    );
}

fn event(source: &str, detail_type: &str, detail: &Value) -> EventBridgeEvent {
    let body = json!({
        "version": "0",
        "id": "17793124-05d4-b198-2fde-7ededc63b103",
        "detail-type": detail_type,
        "source": source,
        "account": "123456789012",
        "time": "2026-03-01T12:00:00Z",
        "region": "eu-west-1",
        "resources": [],
        "detail": detail,
    });
    EventBridgeEvent::parse(&body.to_string()).expect("an event")
}

#[test]
fn event_bridge_event_contains_the_message() {
    let (message, detail) = sample("PackageVersionsChanged");
    let event = event("octopus.feed-triggers", "PackageVersionsChanged", &detail);
    assert_eq!(event.message().expect("a message"), message);
}

#[test]
fn invalid_event_error_names_the_missing_field() {
    let error = EventBridgeEvent::parse(r#"{"id":"1","source":"x"}"#).expect_err("no detail-type");
    assert!(
        chain(&error).contains("missing field `detail-type`"),
        "{}",
        chain(&error)
    );
    assert!(EventBridgeEvent::parse("hello").is_err());
    let foreign = event("aws.ecr", "ReleaseCreated", &json!({}));
    assert!(matches!(foreign.message(), Err(WireError::Foreign { .. })));
}

#[test]
fn ecr_push_is_read_with_absent_fields_empty() {
    let full = json!({
        "result": "SUCCESS",
        "repository-name": "acme/web-shop",
        "image-digest": "sha256:7f5b",
        "action-type": "PUSH",
        "image-tag": "1.4.1",
        "artifact-media-type": "application/vnd.oci.image.config.v1+json",
    });
    let push = EcrPush {
        account: "123456789012".into(),
        region: "eu-west-1".into(),
        repository: "acme/web-shop".into(),
        tag: Some("1.4.1".into()),
        action: "PUSH".into(),
        result: "SUCCESS".into(),
    };
    let read = |detail: &Value| event("aws.ecr", "ECR Image Action", detail).ecr_push();
    assert_eq!(read(&full).expect("a push"), push);

    let mut untagged = full;
    untagged["image-tag"] = json!("");
    let expected = EcrPush { tag: None, ..push };
    assert_eq!(read(&untagged).expect("a push"), expected);

    let empty = read(&json!({ "image-tag": 7 })).expect("still an event");
    assert_eq!((empty.repository.as_str(), empty.tag), ("", None));
    let scan = event("aws.ecr", "ECR Image Scan", &json!({})).ecr_push();
    assert!(matches!(scan, Err(WireError::Foreign { .. })));
}

/// ECR's event of basic scanning, and Inspector's of enhanced scanning, in which the repository is an ARN.
#[test]
fn repository_of_a_finished_scan_is_read() {
    let arn = "arn:aws-cn:ecr:eu-west-1:123456789012:repository/acme/web-shop";
    for (source, detail_type, name) in [
        ("aws.ecr", "ECR Image Scan", "acme/web-shop"),
        ("aws.inspector2", "Inspector2 Scan", arn),
    ] {
        let detail = json!({
            "scan-status": "COMPLETE",
            "repository-name": name,
            "image-digest": "sha256:7f5b",
            "image-tags": [],
            "finding-severity-counts": { "CRITICAL": 10, "MEDIUM": 9, "TOTAL": 19 },
        });
        let read = event(source, detail_type, &detail).push();
        let expected = EcrRepository {
            account: "123456789012".into(),
            region: "eu-west-1".into(),
            name: "acme/web-shop".into(),
        };
        assert_eq!(read.expect("a scan"), PushEvent::Scan(expected));
        let nameless = event(source, detail_type, &json!({ "instance-id": "i-1" })).push();
        let PushEvent::Scan(scanned) = nameless.expect("a scan") else {
            panic!("another kind of event");
        };
        assert_eq!(scanned.name, "");
    }
    let foreign = event("aws.ecr", "Inspector2 Scan", &json!({})).push();
    assert!(matches!(foreign, Err(WireError::Foreign { .. })));
}

#[test]
fn package_pushed_is_read_without_metadata() {
    let fixture = include_str!("../../fixtures/PackagePushed.json");
    let detail: Value = serde_json::from_str(fixture).expect("JSON");
    let read = |detail: &Value| event("octopus.feed-triggers", "PackagePushed", detail).push();
    let PushEvent::Package(push) = read(&detail).expect("a push") else {
        panic!("another kind of push");
    };
    assert_eq!((push.receiver.as_str(), push.feeds), ("iam", None));
    assert!(!push.delivery.is_empty());
    assert_eq!(push.push.registry.as_deref(), Some("ghcr.io"));
    assert_eq!(push.push.repository.as_deref(), Some("acme/web"));
    assert_eq!(push.push.tag.as_deref(), Some("1.4.0"));
    assert_eq!(push.push.kind, Some(PackageKind::Image));
    assert_eq!(push.push.matching, Match::Exact);

    let chart = json!({ "data": { "kind": "helm", "tag": "" } });
    let PushEvent::Package(push) = read(&chart).expect("a push") else {
        panic!("another kind of push");
    };
    assert_eq!((push.push.matching, push.push.tag), (Match::Package, None));
}

#[test]
fn announced_push_is_read_back() {
    let push = PackagePush {
        receiver: "hub".to_owned(),
        sender: "docker-hub".to_owned(),
        delivery: "d-1".to_owned(),
        feeds: Some(vec!["Default/Images".to_owned()]),
        push: Push {
            registry: Some("ghcr.io".to_owned()),
            repository: Some("acme/web".to_owned()),
            matching: Match::Suffix,
            kind: Some(PackageKind::Oci),
            tag: Some("1.4.0".to_owned()),
            digest: Some("sha256:00".to_owned()),
        },
    };
    let whole_feed = PackagePush {
        feeds: None,
        push: Push::default(),
        ..push.clone()
    };
    for push in [push, whole_feed] {
        let outgoing = wire::encode_push(&push).expect("encoded");
        let detail: Value = serde_json::from_str(&outgoing.detail).expect("JSON");
        let read = event(outgoing.source, outgoing.detail_type, &detail).push();
        assert_eq!(read.expect("a push"), PushEvent::Package(push));
    }
}

#[test]
fn unusable_package_pushed_names_its_field() {
    let error = |detail: &Value| {
        let read = event("octopus.feed-triggers", "PackagePushed", detail).push();
        read.expect_err("unusable").to_string()
    };
    for (detail, field) in [
        (json!({}), "`data`"),
        (json!({ "data": { "repository": 7 } }), "`data.repository`"),
        (json!({ "data": { "kind": "rpm" } }), "`data.kind`"),
        (
            json!({ "data": { "repository": "a\nb" } }),
            "`data.repository`",
        ),
        (json!({ "data": { "tag": "x".repeat(513) } }), "`data.tag`"),
        (
            json!({ "data": { "feeds": vec!["f"; 101] } }),
            "`data.feeds`",
        ),
        (
            json!({ "metadata": { "version": 2 }, "data": {} }),
            "version 2",
        ),
    ] {
        let error = error(&detail);
        assert!(error.contains(field), "{error}");
    }
    let foreign = event("another.source", "PackagePushed", &json!({ "data": {} })).push();
    assert!(matches!(foreign, Err(WireError::Foreign { .. })));
}

#[test]
fn invalid_rows_are_errors() {
    assert!(wire::rows::snapshot::decode(b"not deflated").is_err());
    assert!(wire::rows::watch_list::decode(b"").is_err());
    assert!(wire::rows::ledger::decode(br#"{"version":1,"data":{"state":"lost"}}"#).is_err());
    let no_text = wire::rows::scheduler_run::decode(b"{\"version\":1,\"data\":\"\xff\"}");
    assert!(matches!(no_text, Err(WireError::NotJson { .. })));
    let error = wire::rows::head::decode(br#"{"version":1,"data":{"generation":-1}}"#, 1);
    assert!(
        error
            .expect_err("wrong")
            .to_string()
            .contains("`data.generation`")
    );
}
