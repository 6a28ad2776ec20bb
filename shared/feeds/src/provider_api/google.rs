//! Google's list of tags, which also contains the manifests with their tags and dates.

use std::collections::HashMap;

use crate::facts::{Facts, from_unix_millis};
use http_client::{from_json, lenient};
use serde::Deserialize;

#[derive(Deserialize)]
struct Page {
    #[serde(default)]
    manifest: HashMap<String, Manifest>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Manifest {
    #[serde(default)]
    tag: Vec<String>,
    /// Milliseconds since 1970, as text.
    #[serde(default, deserialize_with = "lenient")]
    time_uploaded_ms: Option<f64>,
}

/// Digests and dates in a page of the list. Empty if the page has another form.
pub(crate) fn facts(body: &[u8]) -> Facts {
    let mut facts = Facts::default();
    let page: Option<Page> = from_json(body).ok();
    for (digest, manifest) in page.into_iter().flat_map(|page| page.manifest) {
        let uploaded = manifest.time_uploaded_ms;
        let uploaded = uploaded.and_then(from_unix_millis);
        for tag in manifest.tag {
            facts.insert(tag, Some(digest.clone()), uploaded);
        }
    }
    facts
}

#[cfg(test)]
mod tests {
    use domain::time::Timestamp;

    use super::facts;

    #[test]
    fn digests_and_dates_of_manifests_are_parsed() {
        let digest = format!("sha256:{}", "a".repeat(64));
        let body = format!(
            r#"{{"child":[],"name":"p/r/i","tags":["1.0","latest"],"manifest":{{"{digest}":{{
            "imageSizeBytes":"123","timeCreatedMs":"0","timeUploadedMs":"1600000000001",
            "tag":["1.0","latest"]}},"sha256:b":{{"timeUploadedMs":"0","tag":["odd"]}},"sha256:c":{{}}}}}}"#
        );
        let found = facts(body.as_bytes());
        for tag in ["1.0", "latest"] {
            let fact = found.of(tag);
            assert_eq!(fact.digest.as_deref(), Some(digest.as_str()));
            assert_eq!(
                fact.published,
                Some(Timestamp::from_millis(1_600_000_000_001))
            );
        }
        let odd = found.of("odd");
        assert_eq!((odd.digest, odd.published), (None, None));
        for other in [r#"{"tags":["1"]}"#, r#"{"manifest":7}"#, "", "[]"] {
            assert_eq!(facts(other.as_bytes()).of("1").digest, None, "{other}");
        }
    }
}
