//! Reads the digest of a tag: by HEAD, and by GET where HEAD returns no digest.

use domain::platform::Platform;
use engine::ports::{FeedError, FeedErrorKind};
use reqwest::header::{ACCEPT, HeaderValue, IF_NONE_MATCH};
use reqwest::{Response, StatusCode};

use super::caches::Caches;
use super::manifest::{self, Found, MANIFEST_BYTES};
use crate::error::caused_by;
use crate::facts::is_digest;
use crate::repository::Repository;
use crate::session::Get;

/// The maximum depth of nested indexes.
const MAX_DEPTH: usize = 3;

/// The digest of a tag, or of its image for a platform. `listed` is the digest in the list of tags, if the
/// list has digests; `known` is the digest of the last read. `None` if the tag was deleted meanwhile, or has
/// no image for the platform.
pub(super) async fn of(
    caches: &Caches,
    repository: &Repository<'_, '_>,
    tag: &str,
    listed: Option<String>,
    known: Option<&str>,
    platform: Option<&Platform>,
) -> Result<Option<String>, FeedError> {
    // With a platform, the known digest is that of the image and not of the tag.
    let known = known.filter(|_| platform.is_none());
    let digest = match listed {
        Some(digest) => Some(digest),
        None => digest_of_tag(caches, repository, tag, known).await?,
    };
    match (digest, platform) {
        (Some(digest), Some(platform)) => image(caches, repository, digest, platform).await,
        (digest, _) => Ok(digest),
    }
}

/// The digest that the tag points at.
async fn digest_of_tag(
    caches: &Caches,
    repository: &Repository<'_, '_>,
    tag: &str,
    known: Option<&str>,
) -> Result<Option<String>, FeedError> {
    let get = get(repository, tag, known);
    let uses_head = caches.answers_head(&repository.registry.base);
    if uses_head {
        match repository.session.head(&get).await {
            Ok(response) => {
                if let Some(digest) = digest_in_headers(&response, known) {
                    return Ok(Some(digest));
                }
            }
            // Some registries refuse or fail to answer HEAD, and answer GET.
            Err(error)
                if matches!(
                    error.kind,
                    FeedErrorKind::Denied | FeedErrorKind::NotFound | FeedErrorKind::Unavailable
                ) => {}
            Err(error) => return Err(error),
        }
    }
    let response = match repository.session.get(&get).await {
        Err(error) if error.kind == FeedErrorKind::NotFound => return Ok(None),
        other => other?,
    };
    if uses_head {
        caches.note_no_head(&repository.registry.base);
    }
    if response.status() == StatusCode::NOT_MODIFIED {
        return Ok(known.map(str::to_owned));
    }
    Ok(Some(manifest::digest(
        &repository.body(&get, response, MANIFEST_BYTES).await?,
    )))
}

/// The digest in the headers of an answer.
fn digest_in_headers(response: &Response, known: Option<&str>) -> Option<String> {
    match response.status() {
        StatusCode::NOT_MODIFIED => known.map(str::to_owned),
        StatusCode::OK => {
            let digest = response.headers().get("Docker-Content-Digest")?;
            let digest = digest.to_str().ok()?.trim();
            is_digest(digest).then(|| digest.to_owned())
        }
        _ => None,
    }
}

/// The image for a platform in the manifest or index with this digest. The content of an index never changes,
/// so it is read once.
async fn image(
    caches: &Caches,
    repository: &Repository<'_, '_>,
    digest: String,
    platform: &Platform,
) -> Result<Option<String>, FeedError> {
    let key = format!("{digest} {platform:?}");
    if let Some(found) = caches.image(&key) {
        return Ok(found);
    }
    let mut found = None;
    let mut level = vec![digest];
    for _ in 0..MAX_DEPTH {
        let mut further = Vec::new();
        for digest in level {
            match open(repository, &digest, platform).await? {
                Found::Image => found = Some(digest),
                Found::Child(child) => found = Some(child),
                Found::Indexes(indexes) => further.extend(indexes),
            }
            if found.is_some() {
                break;
            }
        }
        if found.is_some() || further.is_empty() {
            break;
        }
        // Nested indexes are rare; many of them are an attack.
        further.truncate(MAX_DEPTH);
        level = further;
    }
    caches.remember_image(key, found.clone());
    Ok(found)
}

async fn open(
    repository: &Repository<'_, '_>,
    digest: &str,
    platform: &Platform,
) -> Result<Found, FeedError> {
    let get = get(repository, digest, None);
    let response = repository.session.get(&get).await?;
    let body = repository.body(&get, response, MANIFEST_BYTES).await?;
    let wrong = |what| {
        repository
            .subject
            .at(FeedErrorKind::Malformed, &get.url, what)
    };
    if digest.starts_with("sha256:") && manifest::digest(&body) != digest {
        return Err(wrong(
            "returns a manifest with another digest than the requested one; check the registry",
        ));
    }
    manifest::find(&body, platform).map_err(|error| {
        let what = "is not a supported manifest; check the package's name";
        caused_by(wrong(what), error)
    })
}

fn get<'a>(repository: &Repository<'a, '_>, reference: &str, known: Option<&str>) -> Get<'a> {
    let url = repository.registry_url(&format!("manifests/{reference}"));
    let known = known.and_then(|known| HeaderValue::try_from(format!("\"{known}\"")).ok());
    let mut headers = vec![(ACCEPT, manifest::ACCEPT)];
    headers.extend(known.map(|known| (IF_NONE_MATCH, known)));
    Get {
        subject: repository.subject,
        url,
        repository: repository.name,
        headers,
    }
}
