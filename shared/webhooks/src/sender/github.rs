//! GitHub's `package` and `registry_package` events. Both may arrive for one push.
//!
//! <https://docs.github.com/webhooks/webhook-events-and-payloads#package>

use http::HeaderMap;

use super::{
    OTHER_EVENT, Reading, UNTAGGED, header, host_and_path, image, many, one, package, without_tag,
};
use crate::answer::WebhookAnswer;
use crate::body::Body;
use crate::push::kind_of_format;
use domain::push::{PackageKind, Push};

/// The host of GitHub's container registry.
const HOST: &str = "ghcr.io";

pub(super) fn read(headers: &HeaderMap, body: Body<'_>) -> Reading {
    let delivery = header(headers, "x-github-delivery");
    let subject = match header(headers, "x-github-event") {
        Some("ping") => return Reading::Handshake(WebhookAnswer::ok(r#"{"pong":true}"#)),
        Some("package") => body.at(&["package"]),
        Some("registry_package") => body.at(&["registry_package"]),
        _ => return Reading::Ignored(OTHER_EVENT),
    };
    if !matches!(body.text(&["action"]), Some("published" | "updated")) {
        return Reading::Ignored(OTHER_EVENT);
    }
    // `package_type` was seen as `npm` for containers, so the registry and the metadata decide first.
    let registry_type = subject.text(&["registry", "type"]).and_then(kind_of_format);
    let version = subject.at(&["package_version"]);
    let is_container = registry_type == Some(PackageKind::Image)
        || version.at(&["container_metadata"]).is_object();
    let stated = subject.text(&["package_type"]).and_then(kind_of_format);
    match registry_type.or(stated) {
        kind if is_container || kind == Some(PackageKind::Image) => container(delivery, subject),
        Some(kind) => {
            let name = subject.text(&["name"]);
            one(
                delivery,
                name.map(|name| package(kind, name, version.text(&["version"]), None)),
            )
        }
        None => Reading::Ignored("a package of a kind that no feed has"),
    }
}

fn container(delivery: Option<&str>, subject: Body<'_>) -> Reading {
    let version = subject.at(&["package_version"]);
    let tag = version.text(&["container_metadata", "tag", "name"]);
    if version.is_object() && tag.is_none() {
        return Reading::Ignored(UNTAGGED);
    }
    let url = version.text(&["package_url"]).map(|url| without_tag(url).0);
    let (host, repository) = match url.and_then(host_and_path) {
        Some((host, path)) => (host, path.to_lowercase()),
        None => {
            let (Some(owner), Some(name)) =
                (subject.text(&["owner", "login"]), subject.text(&["name"]))
            else {
                return Reading::NotUnderstood;
            };
            (HOST, format!("{owner}/{name}").to_lowercase())
        }
    };
    let digest = version.text(&["container_metadata", "tag", "digest"]);
    many(
        delivery,
        vec![Push {
            registry: Some(host.to_lowercase()),
            ..image(&repository, tag, digest)
        }],
    )
}
