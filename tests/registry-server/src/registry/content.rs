//! Manifests and blobs.

use std::collections::HashMap;

use hyper::StatusCode;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::error::error;
use super::shelf::Shelf;
use crate::exchange::{Answer, Request};

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
pub(super) const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
const LAYER: &str = "application/vnd.oci.image.layer.v1.tar";

/// Stores an image of one layer with `text`. Returns the digest of its manifest.
pub(super) fn store_image(content: &mut HashMap<String, Vec<u8>>, text: &str) -> String {
    let config = json!({ "architecture": "amd64", "os": "linux", "rootfs": { "type": "layers" } });
    let mut store = |bytes: Vec<u8>| {
        let digest = digest_of(&bytes);
        let size = bytes.len();
        content.insert(digest.clone(), bytes);
        (digest, size)
    };
    let (config, config_size) = store(config.to_string().into_bytes());
    let (layer, layer_size) = store(text.as_bytes().to_vec());
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": { "mediaType": CONFIG, "digest": config, "size": config_size },
        "layers": [{ "mediaType": LAYER, "digest": layer, "size": layer_size }],
    });
    store(manifest.to_string().into_bytes()).0
}

/// Stores a document. Returns its digest.
pub(super) fn store_document(content: &mut HashMap<String, Vec<u8>>, document: &Value) -> String {
    let bytes = document.to_string().into_bytes();
    let digest = digest_of(&bytes);
    content.insert(digest.clone(), bytes);
    digest
}

/// A manifest of an image without layers.
pub(super) fn manifest_of(config: &str) -> Value {
    json!({
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": { "mediaType": CONFIG, "digest": config, "size": 1 },
        "layers": [],
    })
}

/// Stores an index of images, with the attestation that builders add to it. Returns its digest and those of
/// the images.
pub(super) fn store_index(
    content: &mut HashMap<String, Vec<u8>>,
    images: &[(&str, &str)],
) -> (String, Vec<String>) {
    let children: Vec<_> = images
        .iter()
        .map(|(_, text)| store_image(content, text))
        .collect();
    let attestation = store_image(content, "attestation");
    let descriptor = |digest: &str, platform: &str| {
        let (os, architecture) = platform.split_once('/').unwrap_or((platform, ""));
        json!({ "mediaType": MANIFEST, "digest": digest, "size": 1,
            "platform": { "os": os, "architecture": architecture } })
    };
    let mut manifests = vec![descriptor(&attestation, "unknown/unknown")];
    let listed = images.iter().zip(&children);
    manifests.extend(listed.map(|((platform, _), digest)| descriptor(digest, platform)));
    (store_list(content, &manifests), children)
}

/// Stores an index that contains only another one. Returns its digest.
pub(super) fn store_index_of(content: &mut HashMap<String, Vec<u8>>, index: &str) -> String {
    store_list(
        content,
        &[json!({ "mediaType": INDEX, "digest": index, "size": 1 })],
    )
}

fn store_list(content: &mut HashMap<String, Vec<u8>>, manifests: &[Value]) -> String {
    let index = json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": manifests });
    let bytes = index.to_string().into_bytes();
    let digest = digest_of(&bytes);
    content.insert(digest.clone(), bytes);
    digest
}

/// A manifest by tag or digest, with `Docker-Content-Digest`; 304 where the client has it already, and no such
/// manifest where the client does not take its type.
pub(super) fn manifest(
    request: &Request,
    tags: Option<&Shelf>,
    content: &HashMap<String, Vec<u8>>,
    reference: &str,
) -> Answer {
    let digest = match tags {
        None => {
            return error(
                StatusCode::NOT_FOUND,
                "NAME_UNKNOWN",
                "repository name not known",
            );
        }
        Some(_) if reference.contains(':') => Some(reference),
        Some(tags) => tags.digest(reference),
    };
    let found = digest.and_then(|digest| content.get_key_value(digest));
    let found = found.map(|(digest, bytes)| (digest, bytes, media_type(bytes)));
    let Some((digest, bytes, media_type)) = found.filter(|(.., is)| takes(request, is)) else {
        return error(
            StatusCode::NOT_FOUND,
            "MANIFEST_UNKNOWN",
            "manifest unknown",
        );
    };
    let etag = format!("\"{digest}\"");
    let answer = Answer::body(media_type, bytes.clone())
        .with("Docker-Content-Digest", digest)
        .with("ETag", &etag);
    if request.header("if-none-match") == Some(etag.as_str()) {
        return Answer {
            body: Vec::new(),
            ..answer.status(StatusCode::NOT_MODIFIED)
        };
    }
    answer
}

fn media_type(bytes: &[u8]) -> &'static str {
    let is_index = bytes
        .windows(INDEX.len())
        .any(|part| part == INDEX.as_bytes());
    if is_index { INDEX } else { MANIFEST }
}

fn takes(request: &Request, media_type: &str) -> bool {
    let accepted = request.header("accept").unwrap_or("*/*");
    accepted.contains("*/*") || accepted.contains(media_type)
}

pub(super) fn blob(content: &HashMap<String, Vec<u8>>, digest: &str) -> Answer {
    match content.get(digest) {
        Some(bytes) => Answer::body("application/octet-stream", bytes.clone())
            .with("Docker-Content-Digest", digest),
        None => error(
            StatusCode::NOT_FOUND,
            "BLOB_UNKNOWN",
            "blob unknown to registry",
        ),
    }
}

pub(super) fn digest_of(bytes: &[u8]) -> String {
    let hex = base16ct::lower::encode_string(&Sha256::digest(bytes));
    format!("sha256:{hex}")
}
