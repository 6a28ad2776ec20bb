//! Gitea and Forgejo.
//!
//! <https://docs.gitea.com/usage/webhooks>

use http::{HeaderMap, Uri};

use super::{OTHER_EVENT, Reading, UNTAGGED, header, image, is_digest, one, package};
use crate::body::Body;
use crate::push::kind_of_format;
use domain::push::{PackageKind, Push};

pub(super) fn read(headers: &HeaderMap, body: Body<'_>) -> Reading {
    let named = |name| header(headers, name);
    let event = named("x-gitea-event").or_else(|| named("x-forgejo-event"));
    if event != Some("package") || body.text(&["action"]) != Some("created") {
        return Reading::Ignored(OTHER_EVENT);
    }
    let delivery = named("x-gitea-delivery").or_else(|| named("x-forgejo-delivery"));
    let subject = body.at(&["package"]);
    let Some(kind) = subject.text(&["type"]).and_then(kind_of_format) else {
        return Reading::Ignored("a package of a kind that no feed has");
    };
    let version = subject.text(&["version"]);
    let Some(name) = subject.text(&["name"]) else {
        return Reading::NotUnderstood;
    };
    let host = subject
        .text(&["html_url"])
        .and_then(|url| url.parse::<Uri>().ok());
    let host = host.and_then(|url| Some(url.authority()?.as_str().to_owned()));
    let push = match kind {
        PackageKind::Image if version.is_some_and(is_digest) => return Reading::Ignored(UNTAGGED),
        PackageKind::Image => subject
            .text(&["owner", "login"])
            .map(|owner| image(&format!("{owner}/{name}").to_lowercase(), version, None)),
        _ => Some(package(kind, name, version, None)),
    };
    one(
        delivery,
        push.map(|push| Push {
            registry: host,
            ..push
        }),
    )
}
