//! The referrers API: the manifests whose `subject` is an image.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::content::{INDEX, digest_of};
use crate::exchange::{Answer, Request};

/// The index of the manifests that refer to this digest, of the artifact type that is asked for.
pub(super) fn index(
    request: &Request,
    content: &HashMap<String, Vec<u8>>,
    subject: &str,
) -> Answer {
    let kind = request.parameter("artifactType");
    let mut manifests: Vec<_> = content
        .values()
        .filter_map(|bytes| referrer(bytes, subject))
        .filter(|one| kind.is_none_or(|kind| one["artifactType"] == kind))
        .collect();
    manifests.sort_by_key(|one| one["digest"].to_string());
    let index = json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": manifests });
    Answer::body(INDEX, index.to_string().into_bytes())
}

/// The entry of a manifest that refers to the digest.
fn referrer(bytes: &[u8], subject: &str) -> Option<Value> {
    let manifest: Value = serde_json::from_slice(bytes).ok()?;
    (manifest["subject"]["digest"] == subject).then(|| {
        json!({
            "mediaType": manifest["mediaType"],
            "digest": digest_of(bytes),
            "size": bytes.len(),
            "artifactType": manifest["artifactType"],
            "annotations": manifest["annotations"],
        })
    })
}
