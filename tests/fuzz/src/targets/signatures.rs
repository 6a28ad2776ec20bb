//! Signatures of images, and the manifests that refer to them: a signature in the first line, then a payload, a bundle or a
//! manifest.

use domain::public_key::PublicKey;
use signatures::{
    Bundle, MAX_SIGNATURES, ManifestDigest, bundle_of, bundles_of, signatures_of, verify_payload,
};

/// The key that signed the seeds.
const SIGNER: &str = include_str!("../../../../shared/signatures/tests/fixtures/openssl/p256.pub");

/// The image that the seeds are signatures of.
const MANIFEST: &[u8] =
    include_bytes!("../../../../shared/signatures/tests/fixtures/openssl/manifest.json");

/// A key that signed nothing.
const STRANGER: &str = "-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEvneu2mExKXJPImeI7Ecn/bnsoIA7
4G/PNV7lBXs1vrsZ8wGUAVXtnZyn9vnfEyMB73I8/TmKRTddHRQpt/2zEA==
-----END PUBLIC KEY-----";

/// A signature that is valid for the image is not valid for another image or with another key, and lists are bounded.
pub(crate) fn signature(data: &[u8]) {
    let (image, other) = (ManifestDigest::of(MANIFEST), ManifestDigest::of(b"other"));
    let key = |pem| vec![PublicKey::parse(pem).expect("a key")];
    let (signer, stranger) = (key(SIGNER), key(STRANGER));
    let mut parts = data.splitn(2, |byte| *byte == b'\n');
    let signature = parts.next().unwrap_or_default();
    let signature = String::from_utf8_lossy(signature);
    let document = parts.next().unwrap_or_default();

    let verify = |image, keys| verify_payload(document, &signature, image, keys);
    assert!(verify(&image, &stranger).is_err(), "no key signed it");
    if verify(&image, &signer).is_ok() {
        assert!(verify(&other, &signer).is_err(), "it is of another image");
    }
    if let Ok(bundle) = Bundle::parse(document) {
        let verify = |image, keys| bundle.verify(image, Some(MANIFEST), keys);
        assert!(verify(&image, &stranger).is_err(), "no key signed it");
        if verify(&image, &signer).is_ok() {
            assert!(verify(&other, &signer).is_err(), "it is of another image");
        }
    }
    let attached = signatures_of(document).map_or(0, |found| found.len());
    let bundles = bundles_of(document).map_or(0, |found| found.len());
    assert!(attached.max(bundles) <= MAX_SIGNATURES);
    if bundle_of(document, &image).is_ok() {
        assert!(
            bundle_of(document, &other).is_err(),
            "it is of another image"
        );
    }
    // A text that is a key is one that verifies nothing.
    if let Ok(key) = PublicKey::parse(&String::from_utf8_lossy(document)) {
        assert!(matches!(key.bytes().len(), 32 | 65));
    }
}
