//! Reads the payload of each kind of sender. One file per sender, one `match` here.
//!
//! Bodies are read leniently: unknown fields, `null`, other types and missing objects are no errors. URLs in a
//! body are never requested.

mod acr;
mod aliyun;
mod artifactory;
mod cdevents;
mod cloudsmith;
mod distribution;
mod docker_hub;
mod event_grid;
mod generic;
mod gitea;
mod github;
mod harbor;
mod nexus;
mod pubsub;
mod quay;
mod zot;

use http::HeaderMap;
use serde_json::Value;

use crate::answer::WebhookAnswer;
use crate::body::Body;
use crate::kind::Kind;
use domain::push::{PackageKind, Push};

pub(crate) use event_grid::options as event_grid_options;

/// The reason of an event that announces no new version, such as a deletion.
const OTHER_EVENT: &str = "not an event of a push";

/// The reason of a push without a tag, such as a child of an image index.
const UNTAGGED: &str = "the push has no tag";

/// The content of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    Pushes {
        /// The sender's id of the delivery, if it has one.
        delivery: Option<String>,
        /// At least one.
        pushes: Vec<Push>,
    },
    Handshake(WebhookAnswer),
    Ignored(&'static str),
    NotUnderstood,
}

/// Reads a body. Nesting beyond 128 levels is not understood.
pub(crate) fn read(kind: Kind, headers: &HeaderMap, body: &[u8]) -> Reading {
    let Ok(value) = serde_json::from_slice::<Value>(body) else {
        return Reading::NotUnderstood;
    };
    let body = Body::new(&value);
    match kind {
        Kind::Generic => generic::read(headers, body),
        Kind::Github => github::read(headers, body),
        Kind::DockerHub => docker_hub::read(body),
        Kind::Harbor => harbor::read(body),
        Kind::Acr => acr::read(body),
        Kind::EventGrid => event_grid::read(body),
        Kind::Quay => quay::read(body),
        Kind::PubSub => pubsub::read(body),
        Kind::Artifactory => artifactory::read(body),
        Kind::Nexus => nexus::read(headers, body),
        Kind::Gitea => gitea::read(headers, body),
        Kind::Distribution => distribution::read(body),
        Kind::Zot => zot::read(headers, body),
        Kind::Cloudsmith => cloudsmith::read(body),
        Kind::CdEvents => cdevents::read(body),
        Kind::Aliyun => aliyun::read(body),
    }
}

/// The only value of a header as text, unless it is empty.
fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let text = headers.get(name)?.to_str().ok()?;
    Some(text).filter(|text| !text.is_empty())
}

/// One push, or none where the payload lacks what identifies it.
fn one(delivery: Option<&str>, push: Option<Push>) -> Reading {
    match push {
        Some(push) => many(delivery, vec![push]),
        None => Reading::NotUnderstood,
    }
}

/// Some pushes; without any, the push had no tag.
fn many(delivery: Option<&str>, pushes: Vec<Push>) -> Reading {
    if pushes.is_empty() {
        return Reading::Ignored(UNTAGGED);
    }
    Reading::Pushes {
        delivery: delivery.map(str::to_owned),
        pushes,
    }
}

/// A push of an image or of an OCI artifact.
fn image(repository: &str, tag: Option<&str>, digest: Option<&str>) -> Push {
    package(PackageKind::Image, repository, tag, digest)
}

fn package(kind: PackageKind, name: &str, tag: Option<&str>, digest: Option<&str>) -> Push {
    Push {
        registry: None,
        repository: Some(name.to_owned()),
        matching: kind.matching(),
        kind: Some(kind),
        tag: tag.map(str::to_owned),
        digest: digest.map(str::to_owned),
    }
}

/// Whether a reference is a digest, in any of the forms that replace a tag.
fn is_digest(reference: &str) -> bool {
    ["sha256:", "sha512:", "sha256__"]
        .iter()
        .any(|prefix| reference.starts_with(prefix))
}

/// The parts of `host/path` without a scheme; `None` where the first segment is no host.
fn host_and_path(reference: &str) -> Option<(&str, &str)> {
    let (host, path) = reference.split_once('/')?;
    let is_host = host.contains(['.', ':']) || host == "localhost";
    (is_host && !path.is_empty()).then_some((host, path))
}

/// The reference without the tag after its last `:`, and the tag; an empty tag counts as none.
fn without_tag(reference: &str) -> (&str, Option<&str>) {
    let name_from = reference.rfind('/').map_or(0, |slash| slash + 1);
    match reference[name_from..].find(':') {
        Some(colon) => {
            let (name, tag) = reference.split_at(name_from + colon);
            (name, Some(&tag[1..]).filter(|tag| !tag.is_empty()))
        }
        None => (reference, None),
    }
}

/// The content of a structured CloudEvent, with its type and id; of anything else, the body itself.
struct Event<'a> {
    kind: Option<&'a str>,
    id: Option<&'a str>,
    data: Body<'a>,
}

impl<'a> Event<'a> {
    fn structured(body: Body<'a>) -> Option<Self> {
        body.text(&["specversion"])?;
        Some(Self {
            kind: body.text(&["type"]),
            id: body.text(&["id"]),
            data: body.at(&["data"]),
        })
    }

    /// In binary mode the attributes are headers.
    fn new(headers: &'a HeaderMap, body: Body<'a>) -> Self {
        Self::structured(body).unwrap_or_else(|| Self {
            kind: header(headers, "ce-type"),
            id: header(headers, "ce-id"),
            data: body,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{host_and_path, is_digest, without_tag};

    #[test]
    fn without_tag_splits_only_behind_the_last_slash() {
        assert_eq!(
            without_tag("host:5000/a/b:1.0"),
            ("host:5000/a/b", Some("1.0"))
        );
        assert_eq!(without_tag("host:5000/a/b"), ("host:5000/a/b", None));
        assert_eq!(without_tag("ghcr.io/a/b:"), ("ghcr.io/a/b", None));
    }

    #[test]
    fn host_and_path_needs_a_host() {
        assert_eq!(host_and_path("ghcr.io/a/b"), Some(("ghcr.io", "a/b")));
        assert_eq!(host_and_path("shop/web"), None);
        assert_eq!(host_and_path("ghcr.io/"), None);
    }

    #[test]
    fn is_digest_knows_the_forms_of_digests() {
        assert!(is_digest("sha256:32060b") && is_digest("sha256__32060b"));
        assert!(!is_digest("1.4.0"));
    }
}
