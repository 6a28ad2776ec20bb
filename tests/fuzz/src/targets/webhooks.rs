//! Webhooks: the payload of every kind of sender, and the header that proves its identity.

use bytes::Bytes;
use domain::time::Timestamp;
use http::{HeaderValue, Request};
use webhooks::{Admission, AdmissionResult, JwtKeys, Kind, Receivers};

/// The key of every receiver that needs one.
const KEY: &str = "webhook-test-secret";

/// The id of every receiver: each test of an input uses one.
const ID: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaa";

/// The time of the Standard Webhooks vector.
const NOW: Timestamp = Timestamp::from_millis(1_798_000_000_000);

/// A token of the receiver of Google at that time, and the key that signed it.
const TOKEN: &str = include_str!("webhooks/google-token.txt");
const GOOGLE_KEYS: &str = include_str!("webhooks/google-keys.json");

/// A receiver of a kind. For payloads its proof is the simplest that the kind can be configured with.
fn receivers(kind: Kind) -> Receivers {
    let proof = match kind {
        Kind::PubSub => r#","audience":"a","email":"e""#.to_owned(),
        _ if !kind.needs_key() => String::new(),
        Kind::Artifactory | Kind::Cloudsmith => {
            format!(r#","keys":["{KEY}"],"proof":"header","header":"authorization""#)
        }
        _ => format!(r#","keys":["{KEY}"]"#),
    };
    let text =
        format!(r#"{{"receivers":{{"r":{{"kind":"{kind}","id":"{ID}","feeds":["*"]{proof}}}}}}}"#);
    Receivers::parse(&text).expect("the receiver is right")
}

fn judge(
    kind: Kind,
    receivers: &Receivers,
    headers: &[(&str, &[u8])],
    body: &[u8],
) -> Option<AdmissionResult> {
    let mut request = Request::post(format!("/hook/{kind}/{ID}"));
    for (name, value) in headers {
        request = request.header(*name, HeaderValue::from_bytes(value).ok()?);
    }
    let request = request.body(Bytes::copy_from_slice(body)).ok()?;
    let keys = JwtKeys::parse(GOOGLE_KEYS).expect("the keys are right");
    Some(Admission::default().judge(receivers, &request, NOW, Some(&keys)))
}

/// The kind in the first line, and the rest.
fn kind_and_rest(data: &[u8]) -> Option<(Kind, &[u8])> {
    let end = data.iter().position(|byte| *byte == b'\n')?;
    let kind = std::str::from_utf8(&data[..end]).ok()?.parse().ok()?;
    Some((kind, &data[end + 1..]))
}

/// No payload panics, and none results in more pushes than allowed, or in a name that could forge a log line.
pub(crate) fn webhook(data: &[u8]) {
    let Some((kind, body)) = kind_and_rest(data) else {
        return;
    };
    let bearer = format!("Bearer {KEY}");
    let token = format!("Bearer {TOKEN}");
    let key = match kind {
        Kind::Generic | Kind::CdEvents => bearer.as_bytes(),
        Kind::PubSub => token.as_bytes(),
        _ => KEY.as_bytes(),
    };
    let headers: [(&str, &[u8]); 5] = [
        ("authorization", key),
        ("x-github-event", b"package"),
        ("x-gitea-event", b"package"),
        ("ce-type", b"zotregistry.image.updated"),
        ("ce-id", b"1"),
    ];
    let Some(AdmissionResult::Accepted(accepted)) = judge(kind, &receivers(kind), &headers, body)
    else {
        return;
    };
    assert!((1..=100).contains(&accepted.pushes.len()));
    let pushes = accepted.pushes.iter();
    let mut names =
        pushes.flat_map(|push| [&push.registry, &push.repository, &push.tag, &push.digest]);
    assert!(!names.any(|name| {
        name.as_ref()
            .is_some_and(|name| name.chars().any(char::is_control))
    }));
    assert!(!accepted.delivery.chars().any(char::is_control));
}

/// No header proves an identity but those that were signed with the key over this body.
pub(crate) fn webhook_proof(data: &[u8]) {
    let Some((kind, rest)) = kind_and_rest(data) else {
        return;
    };
    let end = rest
        .iter()
        .position(|byte| *byte == b'\n')
        .unwrap_or(rest.len());
    let (name, value) = (&rest[..end], rest.get(end + 1..).unwrap_or_default());
    let Ok(name) = std::str::from_utf8(name) else {
        return;
    };
    let has_proof = kind.needs_key() || kind == Kind::PubSub;
    if http::HeaderName::from_bytes(name.as_bytes()).is_err() || !has_proof {
        return;
    }
    let secret = match kind {
        Kind::PubSub => TOKEN,
        _ => KEY,
    };
    let headers = [
        (name, value),
        ("webhook-id", b"msg_0001".as_slice()),
        ("webhook-timestamp", b"1798000000"),
    ];
    let verdict = judge(kind, &receivers(kind), &headers, b"{\"fuzz\":1}");
    let has_key = value
        .windows(secret.len())
        .any(|window| window == secret.as_bytes());
    if let Some(
        AdmissionResult::Accepted(_)
        | AdmissionResult::Ignored { .. }
        | AdmissionResult::Handshake { .. },
    ) = verdict
    {
        assert!(has_key, "a signature for another body was accepted");
    }
}
