//! Signatures that cosign made of images in a registry (`fixtures/README.md`).

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use domain::public_key::PublicKey;
use signatures::{
    Bundle, ManifestDigest, SignatureBlob, SignatureRefusal, bundle_of, bundles_of, signatures_of,
    verify_payload,
};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/cosign")
}

/// The manifest or blob with this digest.
fn content(digest: &ManifestDigest) -> Vec<u8> {
    let bytes = std::fs::read(folder().join("blobs").join(digest.hex())).unwrap();
    assert_eq!(ManifestDigest::of(&bytes), *digest);
    bytes
}

fn blob(blob: &SignatureBlob) -> Vec<u8> {
    let bytes = content(&blob.digest);
    assert_eq!(u64::try_from(bytes.len()).unwrap(), blob.bytes);
    bytes
}

/// The digest that a tag points at.
fn tag(name: &str) -> ManifestDigest {
    let tags = std::fs::read_to_string(folder().join("tags.json")).unwrap();
    let tags: BTreeMap<String, String> = serde_json::from_str(&tags).unwrap();
    ManifestDigest::parse(&format!("sha256:{}", tags[name])).unwrap()
}

fn key(name: &str) -> Vec<PublicKey> {
    let pem = std::fs::read_to_string(folder().join(name)).unwrap();
    vec![PublicKey::parse(&pem).unwrap()]
}

/// The outcome of each payload under the signature tag of an image, for an image and a key.
fn payloads(of: &str, image: &ManifestDigest, by: &str) -> Vec<String> {
    let manifest = content(&tag(&tag(of).signature_tag()));
    let signatures = signatures_of(&manifest).unwrap().into_iter();
    let verified = signatures.map(|one| {
        let payload = blob(&one.payload);
        verify_payload(&payload, &one.signature, image, &key(by))
    });
    verified.map(text).collect()
}

fn text(outcome: Result<(), SignatureRefusal>) -> String {
    outcome.map_or_else(|refusal| refusal.to_string(), |()| "valid".to_owned())
}

/// The sorted outcomes of the bundles that refer to the first image.
fn bundles(image: &ManifestDigest, by: &str) -> Vec<String> {
    let index = content(&tag(&tag("one").referrers_tag()));
    let referrers = bundles_of(&index).unwrap().into_iter();
    let verified = referrers.map(|referrer| {
        let bundle = bundle_of(&blob(&referrer), &tag("one")).unwrap();
        let bundle = Bundle::parse(&blob(&bundle)).unwrap();
        bundle.verify(image, None, &key(by))
    });
    let mut outcomes: Vec<_> = verified.map(text).collect();
    outcomes.sort();
    outcomes
}

#[test]
fn payloads_of_cosign_are_valid_for_their_key_and_image() {
    let forged = "matches no key of the trigger: it was made with another key, or changed";
    let (one, two) = (tag("one"), tag("two"));
    assert_eq!(payloads("one", &one, "p256.pub"), ["valid", forged]);
    assert_eq!(payloads("one", &one, "ed25519.pub"), [forged, "valid"]);
    assert_eq!(payloads("two", &two, "p256.pub"), ["valid"]);
    // The signature of one image, copied to the other.
    let replayed = format!("is of another image, {two}");
    assert_eq!(payloads("two", &one, "p256.pub"), [replayed.as_str()]);
}

#[test]
fn bundles_of_cosign_are_valid_for_their_key_and_image() {
    let attestation = "is an attestation of the type `https://cosign.sigstore.dev/attestation/v1` and no signature of the \
                       image";
    let other = "was made with a key that the trigger does not have";
    let (one, two) = (tag("one"), tag("two"));
    let of_p256 = bundles(&one, "p256.pub");
    assert_eq!(of_p256, [attestation, "valid", other]);
    assert_eq!(bundles(&one, "ed25519.pub"), ["valid", other, other]);
    let replayed = format!("is of another image, {one}");
    assert_eq!(
        bundles(&two, "p256.pub"),
        [attestation, replayed.as_str(), other]
    );
}
