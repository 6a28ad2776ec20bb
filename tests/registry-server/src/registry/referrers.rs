//! The referrers API: the manifests whose `subject` is an image.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::content::{INDEX, digest_of};
use crate::exchange::{Answer, Request};

/// A page of the index of the manifests that refer to this digest, of the artifact type that is asked for. Its `Link` has
/// another path, as behind a proxy.
pub(super) fn index(
    request: &Request,
    path: &str,
    content: &HashMap<String, Vec<u8>>,
    subject: &str,
    page_size: Option<usize>,
) -> Answer {
    let kind = request.parameter("artifactType");
    let mut manifests: Vec<_> = content
        .values()
        .filter_map(|bytes| referrer(bytes, subject))
        .filter(|one| kind.is_none_or(|kind| one["artifactType"] == kind))
        .collect();
    let digest = |one: &Value| one["digest"].as_str().unwrap_or_default().to_owned();
    manifests.sort_by_key(digest);
    if let Some(last) = request.parameter("last") {
        manifests.retain(|one| digest(one).as_str() > last);
    }
    let is_last = page_size.is_none_or(|size| manifests.len() <= size);
    manifests.truncate(page_size.unwrap_or(usize::MAX));
    let last = manifests.last().map(digest).unwrap_or_default();
    let index = json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": manifests });
    let answer = Answer::body(INDEX, index.to_string().into_bytes());
    if is_last {
        return answer;
    }
    let kind = kind.map(|kind| format!("&artifactType={}", kind.replace('+', "%2B")));
    let kind = kind.unwrap_or_default();
    let link = format!("</internal/{path}?last={last}{kind}>; rel=\"next\"");
    answer.with("Link", &link)
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
