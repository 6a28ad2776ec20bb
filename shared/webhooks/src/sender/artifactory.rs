//! JFrog Artifactory. `jpd_origin` is absent or wrong on many installations and is not used.
//!
//! <https://docs.jfrog.com/administration/docs/event-types>

use super::{OTHER_EVENT, Reading, image, is_digest, many};
use crate::body::Body;
use domain::push::{Match, PackageKind, Push};

pub(super) fn read(body: Body<'_>) -> Reading {
    let event = body.text(&["event_type"]);
    match (body.text(&["domain"]), event) {
        (Some("docker"), Some("pushed" | "promoted" | "copied")) => docker(body.at(&["data"])),
        // The index of the repository changed: a check of all its packages.
        (Some("artifact"), Some("deployed" | "copied")) => many(None, vec![Push::default()]),
        (Some(_), Some(_)) => Reading::Ignored(OTHER_EVENT),
        _ => Reading::NotUnderstood,
    }
}

fn docker(data: Body<'_>) -> Reading {
    let Some(name) = data.text(&["image_name"]) else {
        return Reading::NotUnderstood;
    };
    // A manifest of one platform is pushed by its digest.
    let tag = data.text(&["tag"]).filter(|tag| !is_digest(tag));
    let digest = data.text(&["sha256"]).map(|hex| format!("sha256:{hex}"));
    let kind = match data.text(&["image_type"]) {
        Some("docker") => PackageKind::Image,
        _ => PackageKind::Oci,
    };
    let push = tag.map(|tag| Push {
        // The prefix differs for virtual repositories, subdomains and ports.
        matching: Match::Suffix,
        kind: Some(kind),
        ..image(name, Some(tag), digest.as_deref())
    });
    many(None, push.into_iter().collect())
}
