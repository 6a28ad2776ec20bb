//! Requests that are let in and ask for nothing: the answer is a success all the same.

use webhooks::AdmissionResult;

use super::support::{fixture, judge, proven};

fn reason(kind: &str, body: impl Into<Vec<u8>>) -> (&'static str, bool) {
    match judge(&proven(kind, body)) {
        AdmissionResult::Ignored {
            reason,
            is_not_understood,
            ..
        } => (reason, is_not_understood),
        other => panic!("{kind}: {other:?}"),
    }
}

#[test]
fn admission_events_that_announce_no_version_are_ignored() {
    let digest = "sha256:32060bbd5e69ef60f3ac8871b005120ccb916a1dc57421663944b81cc1eb7629";
    let signature_tag = format!("{}.sig", digest.replace(':', "-"));
    let cases = [
        (
            "acr",
            r#"{"action":"delete","target":{}}"#.to_owned(),
            "not an event of a push",
        ),
        (
            "distribution",
            r#"{"events":[{"action":"pull"}]}"#.into(),
            "not an event of a push",
        ),
        (
            "distribution",
            r#"{"events":[]}"#.into(),
            "not an event of a push",
        ),
        (
            "harbor",
            r#"{"type":"DELETE_ARTIFACT"}"#.into(),
            "not an event of a push",
        ),
        (
            "nexus",
            r#"{"action":"DELETED","component":{}}"#.into(),
            "not an event of a push",
        ),
        (
            "artifactory",
            r#"{"domain":"docker","event_type":"deleted"}"#.into(),
            "not an event of a push",
        ),
        (
            "quay",
            r#"{"repository":"a/b","updated_tags":["1.0"],"pruned_image_count":3}"#.into(),
            "a test delivery",
        ),
        (
            "quay",
            r#"{"repository":"a/b","updated_tags":[]}"#.into(),
            "the push has no tag",
        ),
        (
            "cloudsmith",
            r#"{"meta":{"event_id":"package.created"}}"#.into(),
            "not an event of a push",
        ),
        (
            "docker-hub",
            format!(
                r#"{{"repository":{{"repo_name":"a/b"}},"push_data":{{"tag":"{signature_tag}"}}}}"#
            ),
            "no version tag",
        ),
        (
            "zot",
            format!(r#"{{"name":"a/b","reference":"{digest}"}}"#),
            "the push has no tag",
        ),
        (
            "gitea",
            format!(
                r#"{{"action":"created","package":{{"type":"container","name":"b","owner":{{"login":"a"}},"version":"{digest}"}}}}"#
            ),
            "the push has no tag",
        ),
        (
            "harbor",
            format!(
                r#"{{"type":"PUSH_ARTIFACT","event_data":{{"repository":{{"repo_full_name":"a/b"}},"resources":[{{"tag":"{digest}"}}]}}}}"#
            ),
            "the push has no tag",
        ),
    ];
    for (kind, body, expected) in cases {
        assert_eq!(
            reason(kind, body.clone()),
            (expected, false),
            "{kind} {body}"
        );
    }
    let mut headers = super::support::proof("github", &fixture("github-untagged.json"));
    headers[1].1 = "registry_package".into();
    let headers: Vec<_> = headers
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let request = super::support::post("github", &headers, fixture("github-untagged.json"));
    assert!(matches!(
        judge(&request),
        AdmissionResult::Ignored {
            reason: "the push has no tag",
            ..
        }
    ));
}

#[test]
fn admission_bodies_of_no_form_are_ignored_as_not_understood() {
    let deep = "[".repeat(10_000);
    let deep_object = format!(
        r#"{{"repository":{}{}}}"#,
        "[".repeat(10_000),
        "]".repeat(10_000)
    );
    let bodies: [&[u8]; 8] = [
        b"",
        b"{",
        b"null",
        b"[]",
        b"\"text\"",
        deep.as_bytes(),
        deep_object.as_bytes(),
        b"{\"repository\":\"\xff\xfe\"}",
    ];
    let kinds = [
        "generic",
        "docker-hub",
        "harbor",
        "acr",
        "event-grid",
        "quay",
        "artifactory",
        "distribution",
        "zot",
        "cloudsmith",
        "cdevents",
        "aliyun",
    ];
    for kind in kinds {
        for body in bodies {
            // An empty list is a body of Event Grid without events.
            if kind == "event-grid" && body == b"[]" {
                continue;
            }
            if kind == "zot" && serde_json::from_slice::<serde_json::Value>(body).is_ok() {
                continue;
            }
            assert_eq!(
                reason(kind, body),
                ("not understood", true),
                "{kind}: {body:?}"
            );
        }
    }
}

#[test]
fn admission_names_that_could_forge_a_line_or_a_path_are_not_understood() {
    let long = "x".repeat(2_048);
    for name in [
        "a\\nb",
        "../web",
        "a/../b",
        "\\u001b[31m",
        "a\\u202eb",
        &long,
    ] {
        let body = format!(r#"{{"repository":"{name}","tag":"1.0"}}"#);
        assert_eq!(reason("generic", body), ("not understood", true), "{name}");
    }
}

#[test]
fn admission_duplicate_keys_use_the_last_value() {
    let body = r#"{"repository":"a/b","repository":"c/d"}"#;
    assert_eq!(
        super::support::pushes(&proven("generic", body))[0]
            .repository
            .as_deref(),
        Some("c/d")
    );
}
