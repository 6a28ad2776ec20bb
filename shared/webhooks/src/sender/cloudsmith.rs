//! Cloudsmith's JSON webhooks.

use super::{OTHER_EVENT, Reading, image, many, one, package};
use crate::body::Body;
use crate::push::kind_of_format;
use domain::push::{PackageKind, Push};

pub(super) fn read(body: Body<'_>) -> Reading {
    let meta = body.at(&["meta"]);
    let events = ["package.synced", "package.tags_updated", "package.released"];
    match meta.text(&["event_id"]) {
        Some(event) if events.contains(&event) => {}
        Some(_) => return Reading::Ignored(OTHER_EVENT),
        None => return Reading::NotUnderstood,
    }
    let times = (meta.text(&["trigger_id"]), meta.text(&["event_at"]));
    let delivery = match times {
        (Some(trigger), Some(at)) => Some(format!("{trigger} {at}")),
        _ => None,
    };
    let data = body.at(&["data"]);
    let Some(kind) = data.text(&["format"]).and_then(kind_of_format) else {
        return Reading::Ignored("a package of a kind that no feed has");
    };
    if kind != PackageKind::Image {
        let name = data.text(&["name"]);
        let push = name.map(|name| package(kind, name, data.text(&["version"]), None));
        return one(delivery.as_deref(), push);
    }
    let part = |name| data.text(&[name]);
    let (Some(namespace), Some(repository), Some(name)) =
        (part("namespace"), part("repository"), part("name"))
    else {
        return Reading::NotUnderstood;
    };
    let full_name = format!("{namespace}/{repository}/{name}");
    let digest = part("checksum_sha256").map(|hex| format!("sha256:{hex}"));
    // `version` is a hash; the tags are listed beside it.
    let tags = data
        .items(&["tags", "version"])
        .filter_map(|tag| tag.text(&[]));
    let pushes: Vec<Push> = tags
        .map(|tag| image(&full_name, Some(tag), digest.as_deref()))
        .collect();
    many(delivery.as_deref(), pushes)
}
