//! Requests, receivers and signatures of the tests.

use bytes::Bytes;
use domain::push::Push;
use domain::time::Timestamp;
use http::{Method, Request};
use ring::hmac;
use webhooks::{Admission, AdmissionResult, Receivers};

/// The key of the published vectors.
pub(crate) const KEY: &str = "webhook-test-secret";

/// Another receiver's key.
pub(crate) const OTHER_KEY: &str = "webhook-other-secret";

/// The secret of the Standard Webhooks vector.
pub(crate) const STANDARD_KEY: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// The time of the Standard Webhooks vector.
pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_798_000_000_000);

pub(crate) const DIGEST: &str =
    "sha256:32060bbd5e69ef60f3ac8871b005120ccb916a1dc57421663944b81cc1eb7629";

const KINDS: [&str; 16] = [
    "generic",
    "github",
    "docker-hub",
    "acr",
    "event-grid",
    "harbor",
    "artifactory",
    "gitea",
    "distribution",
    "nexus",
    "quay",
    "pubsub",
    "zot",
    "cloudsmith",
    "cdevents",
    "aliyun",
];

/// The id of the receiver of a kind: its name, filled up with `a`.
pub(crate) fn id(kind: &str) -> String {
    let name: String = kind.chars().filter(char::is_ascii_lowercase).collect();
    format!("{name:a<26}")
}

/// One receiver per kind, named like it. Those with a key accept [`KEY`] and the key it replaces.
pub(crate) fn receivers() -> Receivers {
    let entries = KINDS.map(|kind| {
        let keys = match kind {
            "docker-hub" | "quay" | "aliyun" => String::new(),
            "pubsub" => r#","audience":"https://hooks.example.com/","email":"push@acme.iam.gserviceaccount.com""#.into(),
            _ => format!(r#","keys":["new-key-0123456789","{KEY}"]"#),
        };
        let id = id(kind);
        format!(r#""{kind}":{{"kind":"{kind}","id":"{id}","feeds":["Default/{kind}"]{keys}}}"#)
    });
    let standard = id("standard");
    let plain = id("plain");
    let more = format!(
        r#","standard":{{"kind":"generic","id":"{standard}","keys":["{STANDARD_KEY}"],"feeds":["*"]}},
        "plain":{{"kind":"artifactory","id":"{plain}","proof":"header","keys":["{KEY}"],"feeds":["*"]}},
        "other":{{"kind":"github","id":"{}","keys":["{OTHER_KEY}"],"feeds":["*"]}}"#,
        id("other")
    );
    Receivers::parse(&format!(
        r#"{{"receivers":{{{}{more}}}}}"#,
        entries.join(",")
    ))
    .unwrap()
}

pub(crate) fn fixture(name: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/");
    std::fs::read(format!("{folder}{name}")).unwrap()
}

/// A request to the receiver of a kind.
pub(crate) fn post(
    kind: &str,
    headers: &[(&str, &str)],
    body: impl Into<Vec<u8>>,
) -> Request<Bytes> {
    request(
        Method::POST,
        &format!("/hook/{kind}/{}", id(kind)),
        headers,
        body,
    )
}

pub(crate) fn request(
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
    body: impl Into<Vec<u8>>,
) -> Request<Bytes> {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Bytes::from(body.into())).unwrap()
}

pub(crate) fn judge(request: &Request<Bytes>) -> AdmissionResult {
    judge_at(request, NOW)
}

pub(crate) fn judge_at(request: &Request<Bytes>, now: Timestamp) -> AdmissionResult {
    Admission::default().judge(&receivers(), request, now, None)
}

/// The pushes of an accepted request.
pub(crate) fn pushes(request: &Request<Bytes>) -> Vec<Push> {
    match judge(request) {
        AdmissionResult::Accepted(accepted) => accepted.pushes,
        other => panic!("{} is {other:?}", request.uri()),
    }
}

/// The hexadecimal HMAC of a body.
pub(crate) fn signature(algorithm: hmac::Algorithm, key: &str, body: &[u8]) -> String {
    let tag = hmac::sign(&hmac::Key::new(algorithm, key.as_bytes()), body);
    base16ct::lower::encode_string(tag.as_ref())
}

/// The headers with which a kind's sender proves its identity, for a body.
pub(crate) fn proof(kind: &str, body: &[u8]) -> Vec<(&'static str, String)> {
    let sha256 = signature(hmac::HMAC_SHA256, KEY, body);
    let sha1 = signature(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, KEY, body);
    match kind {
        "generic" | "cdevents" => vec![("authorization", format!("Bearer {KEY}"))],
        "github" => vec![
            ("x-hub-signature-256", format!("sha256={sha256}")),
            ("x-github-event", "package".into()),
            ("x-github-delivery", "d1".into()),
        ],
        "gitea" => vec![
            ("x-gitea-signature", sha256),
            ("x-gitea-event", "package".into()),
            ("x-github-event", "package".into()),
        ],
        "nexus" => vec![("x-nexus-webhook-signature", sha1)],
        "cloudsmith" => vec![("x-cloudsmith-signature", sha1)],
        "artifactory" => vec![("x-jfrog-event-auth", sha256)],
        "zot" => vec![
            ("authorization", KEY.into()),
            ("ce-type", "zotregistry.image.updated".into()),
            ("ce-id", "z1".into()),
        ],
        "harbor" | "acr" | "event-grid" | "distribution" => vec![("authorization", KEY.into())],
        _ => Vec::new(),
    }
}

/// A request with a fixture or another body, with its sender's proof.
pub(crate) fn proven(kind: &str, body: impl Into<Vec<u8>>) -> Request<Bytes> {
    let body = body.into();
    let headers = proof(kind, &body);
    let headers: Vec<_> = headers
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    post(kind, &headers, body)
}
