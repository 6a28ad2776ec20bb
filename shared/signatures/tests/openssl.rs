//! Signatures that OpenSSL made over payloads, statements and manifests (`fixtures/openssl.sh`).

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "in a test a panic is the report"
)]

use std::path::Path;

use domain::public_key::PublicKey;
use signatures::{
    Bundle, MAX_BUNDLE_BYTES, MAX_PAYLOAD_BYTES, ManifestDigest, SignatureRefusal, verify_payload,
};

fn read(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/openssl");
    std::fs::read(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn text(name: &str) -> String {
    String::from_utf8(read(name)).unwrap()
}

fn keys(names: &[&str]) -> Vec<PublicKey> {
    let keys = names.iter();
    keys.map(|name| PublicKey::parse(&text(&format!("{name}.pub"))).unwrap())
        .collect()
}

fn image() -> ManifestDigest {
    ManifestDigest::of(&read("manifest.json"))
}

/// The outcome of a payload with the signature of `by`, verified with the keys, as text.
fn payload(name: &str, by: &str, with: &[&str], image: &ManifestDigest) -> String {
    let payload = read(&format!("payload-{name}.json"));
    let signature = text(&format!("payload-{name}.{by}"));
    outcome(verify_payload(&payload, &signature, image, &keys(with)))
}

fn bundle(name: &str, with: &[&str], image: &ManifestDigest) -> String {
    let manifest = read("manifest.json");
    let bundle = Bundle::parse(&read(&format!("bundle-{name}.json")));
    outcome(bundle.and_then(|bundle| {
        let manifest = bundle.needs_manifest().then_some(&*manifest);
        bundle.verify(image, manifest, &keys(with))
    }))
}

fn outcome(result: Result<(), SignatureRefusal>) -> String {
    result.map_or_else(|refusal| refusal.to_string(), |()| "valid".to_owned())
}

const FORGED: &str = "matches no key of the trigger: it was made with another key, or changed";

#[test]
fn payload_is_valid_only_with_its_key_and_its_image() {
    let another = ManifestDigest::of(b"another image");
    let replayed = format!("is of another image, {}", image());
    for (name, by, with, image, expected) in [
        ("plain", "p256", &["p256"][..], image(), "valid"),
        ("plain", "ed25519", &["ed25519"], image(), "valid"),
        (
            "plain",
            "ed25519",
            &["other", "p256", "ed25519"],
            image(),
            "valid",
        ),
        ("annotated", "p256", &["p256"], image(), "valid"),
        ("plain", "other", &["p256", "ed25519"], image(), FORGED),
        ("plain", "p256", &["ed25519"], image(), FORGED),
        ("plain", "ed25519", &["p256"], image(), FORGED),
        ("plain", "p256", &[], image(), FORGED),
        ("plain", "p256", &["p256"], another.clone(), &replayed),
        ("plain", "other", &["p256"], another, FORGED),
        (
            "other-type",
            "p256",
            &["p256"],
            image(),
            "has the type `atomic container signature`, which is not supported",
        ),
        (
            "unknown-field",
            "p256",
            &["p256"],
            image(),
            "has the unknown critical field `critical.not-after`",
        ),
        (
            "no-digest",
            "p256",
            &["p256"],
            image(),
            "has no valid critical.image.docker-manifest-digest",
        ),
        (
            "beside",
            "p256",
            &["p256"],
            image(),
            "has no valid payload of a signature",
        ),
        (
            "text",
            "p256",
            &["p256"],
            image(),
            "has no valid payload of a signature",
        ),
    ] {
        assert_eq!(
            payload(name, by, with, &image),
            expected,
            "{name} by {by} with {with:?}"
        );
    }
}

#[test]
fn payload_with_any_changed_bit_is_refused() {
    let (original, signature) = (read("payload-plain.json"), text("payload-plain.p256"));
    let keys = keys(&["p256"]);
    let refused = |payload: &[u8], signature: &str| {
        assert!(verify_payload(payload, signature, &image(), &keys).is_err());
    };
    for bit in 0..original.len() * 8 {
        let mut payload = original.clone();
        payload[bit / 8] ^= 1 << (bit % 8);
        refused(&payload, &signature);
    }
    for at in 0..signature.len() {
        refused(&original, &signature[..at]);
        let mut changed = signature.clone().into_bytes();
        changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
        refused(&original, &String::from_utf8(changed).unwrap());
    }
    refused(&original, &text("payload-annotated.p256"));
    refused(&original, &text("payload-plain.ed25519"));
    refused(&original, "no base64");
    assert!(verify_payload(&original, &signature, &image(), &keys).is_ok());
}

#[test]
fn bundle_is_valid_only_with_its_key_and_its_image() {
    let another = ManifestDigest::of(b"another image");
    let replayed = format!("is of another image, {}", image());
    let other_key = "was made with a key that the trigger does not have";
    for (name, with, image, expected) in [
        ("p256", &["p256"][..], image(), "valid"),
        ("ed25519", &["p256", "ed25519"], image(), "valid"),
        ("message-p256", &["p256"], image(), "valid"),
        ("message-ed25519", &["ed25519"], image(), "valid"),
        ("other", &["p256", "ed25519"], image(), other_key),
        ("message-other", &["p256"], image(), other_key),
        ("no-hint", &["p256"], image(), FORGED),
        ("no-hint", &["other"], image(), "valid"),
        ("p256", &["p256"], another.clone(), &replayed),
        ("message-p256", &["p256"], another, &replayed),
        (
            "attestation",
            &["p256"],
            image(),
            "is an attestation of the type `https://cosign.sigstore.dev/attestation/vuln/v1` and no signature of the \
             image",
        ),
        (
            "other-payload",
            &["p256"],
            image(),
            "has the type `application/json`, which is not supported",
        ),
        (
            "other-statement",
            &["p256"],
            image(),
            "has the type `https://in-toto.io/Statement/v9`, which is not supported",
        ),
        (
            "no-subject",
            &["p256"],
            image(),
            "has no valid digest of the subject",
        ),
        (
            "certificate",
            &["p256"],
            image(),
            "was made with a certificate (keyless), and the trigger requires a key",
        ),
    ] {
        assert_eq!(bundle(name, with, &image), expected, "{name} with {with:?}");
    }
}

#[test]
fn changed_bundle_is_refused() {
    let original = text("bundle-p256.json");
    let statement = "eyJfdHlwZSI6";
    for (what, with, expected) in [
        (
            "bundle.v0.3+json",
            "bundle.v0.4+json",
            "has the type `application/vnd.dev.sigstore.bundle.v0.4+json`, which is not supported",
        ),
        (statement, "eyJfdHlwZSI7", FORGED),
        (
            "vnd.in-toto+json",
            "vnd.in-toto+yaml",
            "has the type `application/vnd.in-toto+yaml`, which is not supported",
        ),
        (
            "\"signatures\":[",
            "\"signatures\":[{\"sig\":\"\"},",
            "has no valid envelope: it needs exactly one signature",
        ),
        (
            "\"dsseEnvelope\"",
            "\"envelope\"",
            "has no valid content: it needs one envelope or message signature",
        ),
        (
            "{\"mediaType\"",
            "[\"mediaType\"",
            "has no valid sigstore bundle",
        ),
        (
            "\"dsseEnvelope\":{",
            "\"dsseEnvelope\":{},\"dsseEnvelope\":{",
            "has no valid sigstore bundle",
        ),
    ] {
        assert!(original.contains(what), "{what}");
        let changed = original.replacen(what, with, 1);
        let result = Bundle::parse(changed.as_bytes())
            .and_then(|bundle| bundle.verify(&image(), None, &keys(&["p256"])));
        assert_eq!(outcome(result), expected, "{what}");
    }
}

#[test]
fn message_signature_needs_the_manifest_of_the_image() {
    let bundle = Bundle::parse(&read("bundle-message-p256.json")).unwrap();
    let verify = |manifest| outcome(bundle.verify(&image(), manifest, &keys(&["p256"])));
    assert_eq!(
        verify(None),
        "signs the manifest itself, which was not read"
    );
    let other = ManifestDigest::of(b"{}");
    assert_eq!(verify(Some(b"{}")), format!("is of another image, {other}"));
}

#[test]
fn oversized_signature_is_refused_before_it_is_parsed() {
    let payload = vec![b' '; MAX_PAYLOAD_BYTES + 1];
    let most = MAX_PAYLOAD_BYTES;
    let expected = Err(SignatureRefusal::TooLarge {
        bytes: most + 1,
        most,
    });
    let keys = keys(&["p256"]);
    assert_eq!(verify_payload(&payload, "", &image(), &keys), expected);
    let signature = "A".repeat(most + 1);
    assert_eq!(verify_payload(b"{}", &signature, &image(), &keys), expected);
    let bundle = Bundle::parse(&vec![b' '; MAX_BUNDLE_BYTES + 1]);
    let (bytes, most) = (MAX_BUNDLE_BYTES + 1, MAX_BUNDLE_BYTES);
    assert_eq!(
        bundle.err(),
        Some(SignatureRefusal::TooLarge { bytes, most })
    );
}
