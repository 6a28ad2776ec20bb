//! The manifests that refer to signatures.

use serde_json::{Value, json};
use signatures::{
    MAX_SIGNATURES, ManifestDigest, SignatureRefusal, bundle_of, bundles_of, signatures_of,
};

const BUNDLE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";

fn layer(media_type: &str, annotations: &Value) -> Value {
    let digest = ManifestDigest::of(b"a blob").to_string();
    json!({ "mediaType": media_type, "digest": digest, "size": 6, "annotations": annotations })
}

fn signature() -> Value {
    let kind = "application/vnd.dev.cosign.simplesigning.v1+json";
    layer(
        kind,
        &json!({ "dev.cosignproject.cosign/signature": "c2ln" }),
    )
}

fn bytes(value: &Value) -> Vec<u8> {
    value.to_string().into_bytes()
}

#[test]
fn layers_with_a_signature_are_found_among_others() {
    let mut unreadable = signature();
    unreadable["digest"] = "sha512:0".into();
    let layers = json!([
        signature(),
        layer("application/vnd.oci.image.layer.v1.tar", &json!({})),
        layer(
            "application/vnd.dev.cosign.simplesigning.v1+json",
            &Value::Null
        ),
        unreadable,
    ]);
    let found = signatures_of(&bytes(&json!({ "layers": layers }))).unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].signature, "c2ln");
    assert_eq!(found[0].payload.digest, ManifestDigest::of(b"a blob"));
    assert_eq!(found[0].payload.bytes, 6);
    assert_eq!(signatures_of(b"{}"), Ok(Vec::new()));
}

#[test]
fn bundles_are_found_among_other_referrers() {
    let referrer = |kind: &str, annotations: Value| {
        let mut referrer = layer("application/vnd.oci.image.manifest.v1+json", &annotations);
        referrer["artifactType"] = kind.into();
        referrer
    };
    let predicate = |predicate: &str| json!({ "dev.sigstore.bundle.predicateType": predicate });
    let index = json!({ "manifests": [
        referrer(BUNDLE, predicate("https://sigstore.dev/cosign/sign/v1")),
        referrer(BUNDLE, json!({})),
        referrer(BUNDLE, predicate("https://slsa.dev/provenance/v1")),
        referrer("application/spdx+json", json!({})),
        layer("application/vnd.oci.image.manifest.v1+json", &json!({})),
    ]});
    assert_eq!(bundles_of(&bytes(&index)).unwrap().len(), 2);
}

#[test]
fn manifest_of_a_bundle_must_refer_to_the_image() {
    let image = ManifestDigest::of(b"an image");
    let other = ManifestDigest::of(b"another");
    let manifest = |subject: &ManifestDigest, layers: &[Value]| {
        let subject = json!({ "mediaType": "", "digest": subject.as_str(), "size": 8 });
        bytes(&json!({ "subject": subject, "layers": layers }))
    };
    let bundle = layer(BUNDLE, &json!({}));
    let found = bundle_of(&manifest(&image, std::slice::from_ref(&bundle)), &image);
    assert_eq!(found.unwrap().digest, ManifestDigest::of(b"a blob"));
    let foreign = bundle_of(&manifest(&other, std::slice::from_ref(&bundle)), &image);
    let signed = other.to_string();
    assert_eq!(foreign, Err(SignatureRefusal::OtherImage { signed }));
    let what = "manifest of a bundle";
    let malformed = Err(SignatureRefusal::Malformed { what });
    for bytes in [
        manifest(&image, &[]),
        manifest(&image, &[bundle.clone(), bundle.clone()]),
        bytes(&json!({ "layers": [bundle] })),
        b"no JSON".to_vec(),
    ] {
        assert_eq!(bundle_of(&bytes, &image), malformed);
    }
}

#[test]
fn more_signatures_than_the_limit_are_refused() {
    let many = |count| vec![signature(); count];
    let most = MAX_SIGNATURES;
    let read = |count| signatures_of(&bytes(&json!({ "layers": many(count) })));
    assert_eq!(read(most).unwrap().len(), most);
    assert_eq!(read(most + 1), Err(SignatureRefusal::TooMany { most }));
}
