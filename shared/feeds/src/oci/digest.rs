//! What a followed tag points at: a HEAD, and a GET where HEAD does not say.

use bytes::Bytes;
use engine::ports::{FeedError, FeedErrorKind};
use http_client::read_capped;
use reqwest::header::{ACCEPT, HeaderValue, IF_NONE_MATCH};
use reqwest::{Response, StatusCode};

use super::manifest::{self, Found, MANIFEST_BYTES};
use super::platform::Platform;
use crate::error::caused_by;
use crate::provider::Api;
use crate::provider::facts::is_digest;
use crate::session::Get;

/// How many indexes within each other are opened.
const DEPTH: usize = 3;

/// The digest of a tag, or of its image for a platform. `listed` is what the provider said of it without
/// being asked; `known` is what it was last. `None` if the tag is gone by now, or has nothing for the
/// platform.
pub(super) async fn of(
    api: &Api<'_, '_>,
    tag: &str,
    listed: Option<String>,
    known: Option<&str>,
    platform: Option<&Platform>,
) -> Result<Option<String>, FeedError> {
    // What is known is the image for the platform, and not what the tag points at.
    let known = known.filter(|_| platform.is_none());
    let digest = match listed {
        Some(digest) => Some(digest),
        None => pointed_at(api, tag, known).await?,
    };
    match (digest, platform) {
        (Some(digest), Some(platform)) => image(api, digest, platform).await,
        (digest, _) => Ok(digest),
    }
}

/// What the tag points at.
async fn pointed_at(
    api: &Api<'_, '_>,
    tag: &str,
    known: Option<&str>,
) -> Result<Option<String>, FeedError> {
    let get = get(api, tag, known);
    let memory = api.session.memory();
    let asks_by_head = memory.answers_head(&api.registry.base);
    if asks_by_head {
        match api.session.head(&get).await {
            Ok(response) => {
                if let Some(digest) = told(&response, known) {
                    return Ok(Some(digest));
                }
            }
            // Some refuse HEAD alone.
            Err(error) if matches!(error.kind, FeedErrorKind::Denied | FeedErrorKind::NotFound) => {
            }
            Err(error) => return Err(error),
        }
    }
    let response = match api.session.get(&get).await {
        Err(error) if error.kind == FeedErrorKind::NotFound => return Ok(None),
        other => other?,
    };
    if asks_by_head {
        memory.note_no_head(&api.registry.base);
    }
    if response.status() == StatusCode::NOT_MODIFIED {
        return Ok(known.map(str::to_owned));
    }
    Ok(Some(manifest::digest(&body(api, &get, response).await?)))
}

/// The digest that the head of an answer tells.
fn told(response: &Response, known: Option<&str>) -> Option<String> {
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

/// The image for a platform within what `digest` is of. What an index holds never changes, so it is
/// opened once.
async fn image(
    api: &Api<'_, '_>,
    digest: String,
    platform: &Platform,
) -> Result<Option<String>, FeedError> {
    let memory = api.session.memory();
    let key = format!("{digest} {platform:?}");
    if let Some(found) = memory.image(&key) {
        return Ok(found);
    }
    let mut found = None;
    let mut level = vec![digest];
    for _ in 0..DEPTH {
        let mut further = Vec::new();
        for digest in level {
            match open(api, &digest, platform).await? {
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
        // An index within an index is rare, and many of them are a game.
        further.truncate(DEPTH);
        level = further;
    }
    memory.remember_image(key, found.clone());
    Ok(found)
}

async fn open(api: &Api<'_, '_>, digest: &str, platform: &Platform) -> Result<Found, FeedError> {
    let get = get(api, digest, None);
    let response = api.session.get(&get).await?;
    let body = body(api, &get, response).await?;
    let wrong = |what| api.subject.at(FeedErrorKind::Malformed, &get.url, what);
    if digest.starts_with("sha256:") && manifest::digest(&body) != digest {
        return Err(wrong(
            "gives another manifest than its digest says; check the registry",
        ));
    }
    manifest::find(&body, platform).map_err(|error| {
        let what = "is no manifest that is known here; check the package's name";
        caused_by(wrong(what), error)
    })
}

async fn body(api: &Api<'_, '_>, get: &Get<'_>, response: Response) -> Result<Bytes, FeedError> {
    if response.status() != StatusCode::OK {
        return Err(api.session.unexpected(get, response).await);
    }
    let body = read_capped(response, MANIFEST_BYTES).await;
    body.map_err(|error| api.subject.unread(&get.url, error))
}

fn get<'a>(api: &Api<'a, '_>, reference: &str, known: Option<&str>) -> Get<'a> {
    let mut url = api.registry.base.clone();
    let path = url.path().trim_end_matches('/');
    let path = format!("{path}/v2/{}/manifests/{reference}", api.repository);
    url.set_path(&path);
    let known = known.and_then(|known| HeaderValue::try_from(format!("\"{known}\"")).ok());
    let mut headers = vec![(ACCEPT, manifest::ACCEPT)];
    headers.extend(known.map(|known| (IF_NONE_MATCH, known)));
    Get {
        subject: api.subject,
        url,
        repository: api.repository,
        headers,
    }
}
