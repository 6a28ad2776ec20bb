//! Parses manifests and indexes, to find the image for a platform.

use domain::platform::Platform;
use http_client::{at_most, from_json, lenient, lenient_object};
use reqwest::header::HeaderValue;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::platform::ImagePlatform;
use crate::facts::is_digest;

/// The maximum size of a manifest. Registries accept 4 MiB; some accept more.
pub(super) const MANIFEST_BYTES: usize = 8 << 20;

/// The accepted media types, always the same: ECR converts a manifest to the accepted type, which changes its
/// digest.
pub(super) const ACCEPT: HeaderValue = HeaderValue::from_static(
    "application/vnd.oci.image.index.v1+json, \
     application/vnd.docker.distribution.manifest.list.v2+json, \
     application/vnd.oci.image.manifest.v1+json, \
     application/vnd.docker.distribution.manifest.v2+json",
);

/// The result of looking for a platform in a manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// The manifest is the image itself and not an index.
    Image,
    /// The digest of the image for the platform.
    Child(String),
    /// The index has no image for the platform. It may contain other indexes.
    Indexes(Vec<String>),
}

#[derive(Deserialize)]
struct Manifest {
    manifests: Option<Descriptors>,
}

/// The entries of an index: one for each platform, and attestations.
#[derive(Deserialize)]
struct Descriptors(#[serde(deserialize_with = "at_most::<_, _, 10_000>")] Vec<Descriptor>);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    #[serde(default, deserialize_with = "lenient")]
    media_type: Option<String>,
    digest: String,
    #[serde(default, deserialize_with = "lenient_object")]
    platform: Option<ImagePlatform>,
}

/// Finds the first image for a platform in a manifest. Attestations have no platform or an unknown one, so they
/// are never found; entries of an unknown type are ignored.
pub(super) fn find(body: &[u8], platform: &Platform) -> Result<Found, serde_json::Error> {
    let manifest: Manifest = from_json(body)?;
    let Some(Descriptors(children)) = manifest.manifests else {
        return Ok(Found::Image);
    };
    let mut indexes = Vec::new();
    for child in children
        .into_iter()
        .filter(|child| is_digest(&child.digest))
    {
        match child.media_type.as_deref().unwrap_or_default() {
            "application/vnd.oci.image.index.v1+json"
            | "application/vnd.docker.distribution.manifest.list.v2+json" => {
                indexes.push(child.digest);
            }
            "application/vnd.oci.image.manifest.v1+json"
            | "application/vnd.docker.distribution.manifest.v2+json"
            | "" if child
                .platform
                .as_ref()
                .is_some_and(|own| own.suits(platform)) =>
            {
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
    fn index_is_searched_for_first_image_of_platform() {
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
        let found = |expected: &str| find(index.as_bytes(), &Platform::parse(expected)).unwrap();
        assert_eq!(found("linux/arm64"), Found::Child(arm));
        assert_eq!(found("linux/amd64"), Found::Child(amd));
        assert_eq!(found("windows/amd64"), Found::Indexes(Vec::new()));
        let single = find(br#"{"config":{},"layers":[]}"#, &Platform::parse("amd64"));
        assert_eq!(single.unwrap(), Found::Image);
        let nested = format!(
            r#"{{"manifests":[{{"mediaType":"application/vnd.oci.image.index.v1+json","digest":"{other}"}}]}}"#
        );
        let nested = find(nested.as_bytes(), &Platform::parse("amd64"));
        assert_eq!(nested.unwrap(), Found::Indexes(vec![other.clone()]));
        // Advisory fields of other types.
        let odd = format!(
            r#"{{"schemaVersion":"2","mediaType":7,"manifests":[
            {{"mediaType":7,"digest":"{other}","platform":"linux/amd64"}},
            {{"digest":"{other}","platform":{{"os":7,"architecture":"amd64"}}}},
            {{"size":"x","digest":"{other}","platform":{{"os":"linux","architecture":"amd64","variant":8}}}}]}}"#
        );
        let odd = find(odd.as_bytes(), &Platform::parse("amd64"));
        assert_eq!(odd.unwrap(), Found::Child(digest(b"other")));
        for broken in ["", "[]", r#"{"manifests":7}"#, r#"{"manifests":[{}]}"#] {
            assert!(
                find(broken.as_bytes(), &Platform::default()).is_err(),
                "{broken}"
            );
        }
    }
}
