//! Manifests and indexes, as far as they say what a tag points at.

use http_client::{at_most, from_json};
use reqwest::header::HeaderValue;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::platform::Platform;
use crate::provider::facts::is_digest;

/// The longest manifest that is read. Registries take 4 MiB; some take more.
pub(super) const MANIFEST_BYTES: usize = 8 << 20;

/// What is asked for, always the same, because ECR converts to what is asked for and the digest with it.
pub(super) const ACCEPT: HeaderValue = HeaderValue::from_static(
    "application/vnd.oci.image.index.v1+json, \
     application/vnd.docker.distribution.manifest.list.v2+json, \
     application/vnd.oci.image.manifest.v1+json, \
     application/vnd.docker.distribution.manifest.v2+json",
);

/// What an index has for a platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// It is no index, but the image itself.
    Image,
    /// This one.
    Child(String),
    /// Nothing of its own, but these further indexes.
    Indexes(Vec<String>),
}

#[derive(Deserialize)]
struct Manifest {
    manifests: Option<Descriptors>,
}

/// An index has one for each platform, and attestations.
#[derive(Deserialize)]
struct Descriptors(#[serde(deserialize_with = "at_most::<_, _, 10_000>")] Vec<Descriptor>);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    #[serde(default)]
    media_type: String,
    digest: String,
    platform: Option<Platform>,
}

/// Looks in the bytes of a manifest for the first image of a platform. Attestations have no platform or
/// an unknown one, so they are never found; what is of an unknown type is passed over.
pub(super) fn find(body: &[u8], wanted: &Platform) -> Result<Found, serde_json::Error> {
    let manifest: Manifest = from_json(body)?;
    let Some(Descriptors(children)) = manifest.manifests else {
        return Ok(Found::Image);
    };
    let mut indexes = Vec::new();
    for child in children
        .into_iter()
        .filter(|child| is_digest(&child.digest))
    {
        match child.media_type.as_str() {
            "application/vnd.oci.image.index.v1+json"
            | "application/vnd.docker.distribution.manifest.list.v2+json" => {
                indexes.push(child.digest);
            }
            "application/vnd.oci.image.manifest.v1+json"
            | "application/vnd.docker.distribution.manifest.v2+json"
            | "" if child.platform.as_ref().is_some_and(|own| own.suits(wanted)) => {
                return Ok(Found::Child(child.digest));
            }
            _ => {}
        }
    }
    Ok(Found::Indexes(indexes))
}

/// The digest of the bytes of a manifest.
pub(super) fn digest(body: &[u8]) -> String {
    let hex = base16ct::lower::encode_string(&Sha256::digest(body));
    format!("sha256:{hex}")
}

#[cfg(test)]
mod tests {
    use super::{Found, Platform, digest, find};

    #[test]
    fn an_index_is_looked_through() {
        let (arm, amd, other) = (digest(b"arm"), digest(b"amd"), digest(b"other"));
        let image = "application/vnd.oci.image.manifest.v1+json";
        let index = format!(
            r#"{{"manifests":[
            {{"mediaType":"{image}","digest":"{other}","platform":{{"os":"unknown","architecture":"unknown"}},
              "annotations":{{"vnd.docker.reference.type":"attestation-manifest"}}}},
            {{"mediaType":"{image}","digest":"{other}"}},
            {{"mediaType":"application/x-odd","digest":"{other}","platform":{{"os":"linux","architecture":"amd64"}}}},
            {{"mediaType":"{image}","digest":"nonsense","platform":{{"os":"linux","architecture":"amd64"}}}},
            {{"mediaType":"{image}","digest":"{arm}","platform":{{"os":"linux","architecture":"arm64","variant":"v8"}}}},
            {{"mediaType":"{image}","digest":"{amd}","platform":{{"os":"linux","architecture":"amd64","os.features":[]}}}},
            {{"mediaType":"{image}","digest":"{other}","platform":{{"os":"linux","architecture":"amd64"}}}}]}}"#
        );
        let found = |wanted: &str| find(index.as_bytes(), &Platform::parse(wanted)).unwrap();
        assert_eq!(found("linux/arm64"), Found::Child(arm));
        assert_eq!(found("linux/amd64"), Found::Child(amd));
        assert_eq!(found("windows/amd64"), Found::Indexes(Vec::new()));
        let single = find(br#"{"config":{},"layers":[]}"#, &Platform::parse("amd64"));
        assert_eq!(single.unwrap(), Found::Image);
        let nested = format!(
            r#"{{"manifests":[{{"mediaType":"application/vnd.oci.image.index.v1+json","digest":"{other}"}}]}}"#
        );
        let nested = find(nested.as_bytes(), &Platform::parse("amd64"));
        assert_eq!(nested.unwrap(), Found::Indexes(vec![other]));
        for broken in ["", "[]", r#"{"manifests":7}"#, r#"{"manifests":[{}]}"#] {
            assert!(
                find(broken.as_bytes(), &Platform::default()).is_err(),
                "{broken}"
            );
        }
    }
}
