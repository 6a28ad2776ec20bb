//! Sonatype Nexus Repository's component webhooks. The payload contains neither a host nor a digest.

use http::HeaderMap;

use super::{OTHER_EVENT, Reading, header, one, package};
use crate::body::Body;
use crate::push::kind_of_format;
use domain::push::{Match, PackageKind, Push};

pub(super) fn read(headers: &HeaderMap, body: Body<'_>) -> Reading {
    let component = body.at(&["component"]);
    if !matches!(body.text(&["action"]), Some("CREATED" | "UPDATED")) || !component.is_object() {
        return Reading::Ignored(OTHER_EVENT);
    }
    let Some(kind) = component.text(&["format"]).and_then(kind_of_format) else {
        return Reading::Ignored("a package of a kind that no feed has");
    };
    let name = component
        .text(&["name"])
        .map(|name| match component.text(&["group"]) {
            Some(group) if kind == PackageKind::Maven => format!("{group}:{name}"),
            _ => name.to_owned(),
        });
    let push = name.map(|name| {
        let push = package(kind, &name, component.text(&["version"]), None);
        match kind {
            // The path has the repository's name or not, by connector.
            PackageKind::Image => Push {
                matching: Match::Suffix,
                ..push
            },
            _ => push,
        }
    });
    one(header(headers, "x-nexus-webhook-delivery"), push)
}
