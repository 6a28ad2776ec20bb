//! Payloads of cosign 1 and 2: "simple signing", a JSON document whose bytes are signed.

use domain::public_key::PublicKey;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Map, Value};

use crate::refusal::shown;
use crate::verification::is_signed;
use crate::{ManifestDigest, SignatureRefusal, base64};

/// The maximum size of a payload. Usual payloads have 250 bytes, and the annotations of `cosign sign -a`.
pub const MAX_PAYLOAD_BYTES: usize = 64 * 1024;

/// The type of cosign's payloads.
const TYPE: &str = "cosign container image signature";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Payload {
    critical: Map<String, Value>,
    /// Signed, but of no meaning here: annotations, and who made the signature.
    #[serde(default, rename = "optional")]
    _optional: Option<IgnoredAny>,
}

/// Whether one of the keys signed the payload, and the payload is about the image.
///
/// `signature` is the base64 text of the layer's annotation. The name of the image in the payload
/// (`docker-reference`) is not compared: the same image may be in several repositories, and cosign ignores it too.
///
/// # Errors
/// The reason why the signature does not count.
pub fn verify_payload(
    payload: &[u8],
    signature: &str,
    image: &ManifestDigest,
    keys: &[PublicKey],
) -> Result<(), SignatureRefusal> {
    SignatureRefusal::unless_at_most(payload.len(), MAX_PAYLOAD_BYTES)?;
    SignatureRefusal::unless_at_most(signature.len(), MAX_PAYLOAD_BYTES)?;
    let what = "base64 text of the signature";
    let signature = base64::decode(signature).ok_or(SignatureRefusal::Malformed { what })?;
    if !is_signed(keys, payload, &signature) {
        return Err(SignatureRefusal::NoKeyMatches);
    }
    SignatureRefusal::unless_same(&signed_digest(payload)?, image)
}

/// The digest in a payload whose every critical field is known.
fn signed_digest(payload: &[u8]) -> Result<String, SignatureRefusal> {
    let malformed = |what| SignatureRefusal::Malformed { what };
    let payload: Payload =
        serde_json::from_slice(payload).map_err(|_| malformed("payload of a signature"))?;
    let mut critical = payload.critical;
    let kind = text(critical.remove("type")).ok_or_else(|| malformed("critical.type"))?;
    if kind != TYPE {
        return Err(SignatureRefusal::other_type(&kind));
    }
    let image = object(critical.remove("image"));
    let mut image = image.ok_or_else(|| malformed("critical.image"))?;
    let digest = text(image.remove("docker-manifest-digest"));
    let digest = digest.ok_or_else(|| malformed("critical.image.docker-manifest-digest"))?;
    let identity = object(critical.remove("identity"));
    let mut identity = identity.ok_or_else(|| malformed("critical.identity"))?;
    text(identity.remove("docker-reference"))
        .ok_or_else(|| malformed("critical.identity.docker-reference"))?;
    for (path, rest) in [
        ("critical.", critical),
        ("critical.image.", image),
        ("critical.identity.", identity),
    ] {
        if let Some(field) = rest.keys().next() {
            let field = format!("{path}{}", shown(field));
            return Err(SignatureRefusal::UnknownCriticalField { field });
        }
    }
    Ok(digest)
}

fn text(value: Option<Value>) -> Option<String> {
    match value {
        Some(Value::String(text)) => Some(text),
        _ => None,
    }
}

fn object(value: Option<Value>) -> Option<Map<String, Value>> {
    match value {
        Some(Value::Object(fields)) => Some(fields),
        _ => None,
    }
}
