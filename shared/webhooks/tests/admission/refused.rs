//! Requests that are not let in.

use bytes::Bytes;
use domain::time::{Span, Timestamp};
use http::{Method, Request};
use ring::hmac;
use webhooks::{AdmissionResult, Rejection};

use super::support::{
    KEY, NOW, OTHER_KEY, fixture, id, judge, judge_at, post, proof, proven, request, signature,
};

fn assert_refused(request: &Request<Bytes>, expected: Rejection, case: &str) {
    assert_eq!(judge(request), AdmissionResult::Refused(expected), "{case}");
}

#[test]
fn admission_forged_signatures_are_refused() {
    let body = fixture("github-package.json");
    let right = signature(hmac::HMAC_SHA256, KEY, &body);
    let sha1 = signature(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, KEY, &body);
    let compact = serde_json::from_slice::<serde_json::Value>(&body)
        .unwrap()
        .to_string();
    let newline = [body.as_slice(), b"\n"].concat();
    let cases = [
        ("empty", String::new()),
        ("prefix alone", "sha256=".into()),
        ("no prefix", right.clone()),
        ("wrong prefix", format!("sha1={right}")),
        ("too short", format!("sha256={}", &right[..62])),
        ("too long", format!("sha256={right}00")),
        ("not hexadecimal", format!("sha256=zz{}", &right[2..])),
        ("right HMAC of another algorithm", format!("sha256={sha1}")),
        (
            "of the JSON written again",
            format!(
                "sha256={}",
                signature(hmac::HMAC_SHA256, KEY, compact.as_bytes())
            ),
        ),
        (
            "of the body and a newline",
            format!("sha256={}", signature(hmac::HMAC_SHA256, KEY, &newline)),
        ),
        (
            "another receiver's key",
            format!("sha256={}", signature(hmac::HMAC_SHA256, OTHER_KEY, &body)),
        ),
        ("two in one", format!("sha256={right},sha256={right}")),
    ];
    for (case, value) in cases {
        let headers = [
            ("x-hub-signature-256", value.as_str()),
            ("x-github-event", "package"),
        ];
        assert_refused(
            &post("github", &headers, body.clone()),
            Rejection::NotProven,
            case,
        );
    }
    let value = format!("sha256={right}");
    let twice = [
        ("x-hub-signature-256", value.as_str()),
        ("x-hub-signature-256", value.as_str()),
    ];
    assert_refused(
        &post("github", &twice, body.clone()),
        Rejection::NotProven,
        "two headers",
    );
    assert_refused(&post("github", &[], body), Rejection::NotProven, "absent");
}

#[test]
fn admission_every_kind_with_a_key_refuses_a_request_without_proof() {
    let kinds = [
        "generic",
        "github",
        "acr",
        "event-grid",
        "harbor",
        "artifactory",
        "gitea",
        "distribution",
        "nexus",
        "pubsub",
        "zot",
        "cloudsmith",
        "cdevents",
    ];
    for kind in kinds {
        assert_refused(&post(kind, &[], "{}"), Rejection::NotProven, kind);
        for (name, value) in proof(kind, b"{}") {
            if name == "authorization" || name.contains("signature") || name.contains("auth") {
                assert_refused(&post(kind, &[(name, "")], "{}"), Rejection::NotProven, kind);
                let wrong = format!("{value}x");
                assert_refused(
                    &post(kind, &[(name, &wrong)], "{}"),
                    Rejection::NotProven,
                    kind,
                );
            }
        }
    }
}

#[test]
fn admission_gitea_empty_signature_of_a_hook_without_secret_is_refused() {
    let headers = [
        ("x-gitea-signature", ""),
        ("x-hub-signature-256", "sha256="),
        ("x-gitea-event", "package"),
    ];
    assert_refused(
        &post("gitea", &headers, fixture("gitea.json")),
        Rejection::NotProven,
        "gitea",
    );
}

#[test]
fn admission_unknown_paths_are_not_found() {
    let body = fixture("docker-hub.json");
    let right = id("docker-hub");
    let changed = format!("{}b", &right[..25]);
    let cases = [
        "/".to_owned(),
        "/hook/docker-hub".into(),
        format!("/hook/docker-hub/{changed}"),
        format!("/hook/docker-hub/{}", right.to_uppercase()),
        format!("/hook/docker-hub/{right}/"),
        format!("/hook/quay/{right}"),
        format!("/hook/unknown/{right}"),
        format!("/Hook/docker-hub/{right}"),
    ];
    for path in cases {
        assert_refused(
            &request(Method::POST, &path, &[], body.clone()),
            Rejection::NotFound,
            &path,
        );
    }
}

#[test]
fn admission_other_methods_are_refused() {
    for method in [
        Method::GET,
        Method::PUT,
        Method::DELETE,
        Method::HEAD,
        Method::OPTIONS,
    ] {
        let path = format!("/hook/docker-hub/{}", id("docker-hub"));
        let request = request(method.clone(), &path, &[], "{}");
        assert_refused(&request, Rejection::Method, method.as_str());
    }
}

#[test]
fn admission_other_media_types_are_refused_before_the_signature() {
    let body = fixture("github-package.json");
    let signature = format!("sha256={}", signature(hmac::HMAC_SHA256, KEY, &body));
    for (name, value) in [
        ("content-type", "application/x-www-form-urlencoded"),
        ("content-type", "text/plain"),
        ("content-type", "multipart/form-data; boundary=x"),
        ("content-encoding", "gzip"),
    ] {
        let headers = [("x-hub-signature-256", signature.as_str()), (name, value)];
        assert_refused(
            &post("github", &headers, body.clone()),
            Rejection::MediaType,
            value,
        );
    }
}

#[test]
fn admission_body_beyond_the_limit_is_refused() {
    let fits = vec![b' '; 256 * 1024];
    assert!(!matches!(
        judge(&proven("docker-hub", fits)),
        AdmissionResult::Refused(_)
    ));
    assert_refused(
        &proven("docker-hub", vec![b' '; 257 * 1024]),
        Rejection::TooLarge,
        "257 KiB",
    );
}

#[test]
fn admission_standard_webhook_beyond_five_minutes_or_without_parts_is_refused() {
    let path = format!("/hook/generic/{}", id("standard"));
    let vector = "v1,xqfFAvyeFHy9vD6cWSP90lGSiGQ24WFG4MxzmVRR8x0=";
    let full = [
        ("webhook-id", "msg_0001"),
        ("webhook-timestamp", "1798000000"),
        ("webhook-signature", vector),
    ];
    let with =
        |headers: &[(&str, &str)]| request(Method::POST, &path, headers, fixture("native.json"));
    let (late, early) = (NOW + Span::from_seconds(301), NOW - Span::from_seconds(301));
    for now in [
        late,
        early,
        Timestamp::from_millis(i64::MAX),
        Timestamp::from_millis(0),
    ] {
        let verdict = judge_at(&with(&full), now);
        assert_eq!(
            verdict,
            AdmissionResult::Refused(Rejection::NotProven),
            "{now:?}"
        );
    }
    for absent in 0..full.len() {
        let mut headers = full.to_vec();
        let (name, _) = headers.remove(absent);
        assert_refused(&with(&headers), Rejection::NotProven, name);
    }
    for (at, value) in [
        (1, "1798000001"),
        (1, "x"),
        (0, "msg_0002"),
        (2, "v1,"),
        (2, "v1a,AAAA"),
        (2, "AAAA"),
    ] {
        let mut headers = full.to_vec();
        headers[at].1 = value;
        assert_refused(&with(&headers), Rejection::NotProven, value);
    }
}
