//! Verifies a request's signature or token over the raw body, in constant time.

mod jwt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::time::{Span, Timestamp};
use http::HeaderMap;
use http::header::AUTHORIZATION;
use ring::hmac;
use secrecy::ExposeSecret;

pub use jwt::{JwtKeys, JwtKeysError};

use crate::kind::{Algorithm, HmacHeader, Prefix, Proof};
use crate::receiver::Receiver;

/// How far a Standard Webhooks timestamp or a token's times may differ from the clock.
const TOLERANCE: Span = Span::from_minutes(5);

/// The most signatures in one `webhook-signature` header.
const MOST_SIGNATURES: usize = 8;

/// The result of a verification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Proven {
    Yes,
    No,
    /// The token is signed with a key that is not known yet.
    UnknownKey,
}

/// The headers of the generic scheme with an HMAC in hexadecimal digits.
const GENERIC_HMAC: [HmacHeader; 3] = [
    HmacHeader {
        name: "x-hub-signature-256",
        algorithm: Algorithm::Sha256,
        prefix: Prefix::Required("sha256="),
    },
    HmacHeader {
        name: "x-signature",
        algorithm: Algorithm::Sha256,
        prefix: Prefix::Required("sha256="),
    },
    HmacHeader {
        name: "x-signature",
        algorithm: Algorithm::Sha512,
        prefix: Prefix::Required("sha512="),
    },
];

/// Whether the request proves to come from the receiver's sender.
pub(crate) fn verify(
    receiver: &Receiver,
    headers: &HeaderMap,
    body: &[u8],
    now: Timestamp,
    google: Option<&JwtKeys>,
) -> Proven {
    let is_proven = match receiver.proof {
        Proof::Path => true,
        Proof::Header => with_any_key(receiver, |key| {
            single(headers, receiver.header.as_str()).is_some_and(|given| is_equal(key, given))
        }),
        Proof::Hmac(header) => with_any_key(receiver, |key| is_signed(header, headers, body, key)),
        Proof::Generic => with_any_key(receiver, |key| is_generic(headers, body, key, now)),
        Proof::Google => return jwt::verify(receiver, headers, now, google),
    };
    if is_proven { Proven::Yes } else { Proven::No }
}

fn with_any_key(receiver: &Receiver, mut is_proven: impl FnMut(&str) -> bool) -> bool {
    receiver
        .keys
        .iter()
        .any(|key| is_proven(key.expose_secret()))
}

/// The only value of a header, unless it is empty. A repeated header is no value.
fn single<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a [u8]> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.as_bytes();
    (values.next().is_none() && !value.is_empty()).then_some(value)
}

/// Compares without revealing by its time where the texts differ.
fn is_equal(expected: &str, given: &[u8]) -> bool {
    let key = hmac::Key::new(hmac::HMAC_SHA256, b"compare");
    let tag = hmac::sign(&key, expected.as_bytes());
    hmac::verify(&key, given, tag.as_ref()).is_ok()
}

fn is_signed(header: HmacHeader, headers: &HeaderMap, body: &[u8], key: &str) -> bool {
    let Some(value) =
        single(headers, header.name).and_then(|value| std::str::from_utf8(value).ok())
    else {
        return false;
    };
    let digits = match header.prefix {
        Prefix::Absent => Some(value),
        Prefix::Required(prefix) => value.strip_prefix(prefix),
        Prefix::Optional(prefix) => Some(value.strip_prefix(prefix).unwrap_or(value)),
    };
    let Some(Ok(signature)) = digits.map(base16ct::mixed::decode_vec) else {
        return false;
    };
    let key = hmac::Key::new(algorithm(header.algorithm), key.as_bytes());
    hmac::verify(&key, body, &signature).is_ok()
}

/// The value of the header with which a sender signs a body.
pub(crate) fn signature(header: HmacHeader, key: &str, body: &[u8]) -> String {
    let key = hmac::Key::new(algorithm(header.algorithm), key.as_bytes());
    let digits = base16ct::lower::encode_string(hmac::sign(&key, body).as_ref());
    match header.prefix {
        Prefix::Absent => digits,
        Prefix::Required(prefix) | Prefix::Optional(prefix) => format!("{prefix}{digits}"),
    }
}

fn algorithm(algorithm: Algorithm) -> hmac::Algorithm {
    match algorithm {
        Algorithm::Sha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
        Algorithm::Sha256 => hmac::HMAC_SHA256,
        Algorithm::Sha512 => hmac::HMAC_SHA512,
    }
}

/// The scheme is that of the first header that is present, so a request cannot try several.
fn is_generic(headers: &HeaderMap, body: &[u8], key: &str, now: Timestamp) -> bool {
    if headers.contains_key("webhook-signature") {
        return is_standard_webhook(headers, body, key, now);
    }
    if let Some(first) = GENERIC_HMAC
        .iter()
        .find(|one| headers.contains_key(one.name))
    {
        let named = GENERIC_HMAC.iter().filter(|one| one.name == first.name);
        return named
            .copied()
            .any(|header| is_signed(header, headers, body, key));
    }
    single(headers, AUTHORIZATION.as_str()).is_some_and(|given| {
        let token = given.strip_prefix(b"Bearer ");
        token.is_some_and(|token| is_equal(key, token))
    })
}

/// Standard Webhooks: `v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`.
fn is_standard_webhook(headers: &HeaderMap, body: &[u8], key: &str, now: Timestamp) -> bool {
    let text = |name| single(headers, name).and_then(|value| std::str::from_utf8(value).ok());
    let (Some(id), Some(sent_at), Some(signatures)) = (
        text("webhook-id"),
        text("webhook-timestamp"),
        text("webhook-signature"),
    ) else {
        return false;
    };
    let Some(sent) = sent_at
        .parse()
        .ok()
        .and_then(|seconds: i64| seconds.checked_mul(1_000))
    else {
        return false;
    };
    let sent = Timestamp::from_millis(sent);
    if now.since(sent) > TOLERANCE || sent.since(now) > TOLERANCE {
        return false;
    }
    let encoded = key.strip_prefix("whsec_");
    let Some(Ok(secret)) = encoded.map(|encoded| STANDARD.decode(encoded)) else {
        return false;
    };
    let key = hmac::Key::new(hmac::HMAC_SHA256, &secret);
    let mut signed = format!("{id}.{sent_at}.").into_bytes();
    signed.extend_from_slice(body);
    signatures
        .split(' ')
        .take(MOST_SIGNATURES)
        .any(|signature| {
            let encoded = signature.strip_prefix("v1,");
            let Some(Ok(signature)) = encoded.map(|encoded| STANDARD.decode(encoded)) else {
                return false;
            };
            hmac::verify(&key, &signed, &signature).is_ok()
        })
}
