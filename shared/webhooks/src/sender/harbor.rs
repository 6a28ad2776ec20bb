//! Harbor, in its default format and as structured CloudEvents.
//!
//! <https://goharbor.io/docs/main/working-with-projects/project-configuration/configure-webhooks/>

use super::{Event, OTHER_EVENT, Reading, host_and_path, image, is_digest, many};
use crate::body::Body;
use domain::push::Push;

pub(super) fn read(body: Body<'_>) -> Reading {
    let (kind, delivery, data) = match Event::structured(body) {
        Some(event) => (event.kind, event.id, event.data),
        None => (body.text(&["type"]), None, body.at(&["event_data"])),
    };
    match kind {
        Some("PUSH_ARTIFACT" | "pushImage" | "harbor.artifact.pushed") => pushed(delivery, data),
        Some("REPLICATION" | "harbor.replication.status.changed") => replicated(delivery, data),
        Some(_) => Reading::Ignored(OTHER_EVENT),
        None => Reading::NotUnderstood,
    }
}

fn pushed(delivery: Option<&str>, data: Body<'_>) -> Reading {
    let Some(repository) = data.text(&["repository", "repo_full_name"]) else {
        return Reading::NotUnderstood;
    };
    let tagged = data.items(&["resources"]).filter_map(|resource| {
        // The tag of an untagged artifact is its digest.
        let tag = resource.text(&["tag"]).filter(|tag| !is_digest(tag))?;
        let host = resource.text(&["resource_url"]).and_then(host_and_path);
        Some(Push {
            registry: host.map(|(host, _)| host.to_owned()),
            kind: None,
            ..image(repository, Some(tag), resource.text(&["digest"]))
        })
    });
    many(delivery, tagged.collect())
}

/// The destination's repositories; without readable names, the whole feed.
fn replicated(delivery: Option<&str>, data: Body<'_>) -> Reading {
    let replication = data.at(&["replication"]);
    let namespace = replication.text(&["dest_resource", "namespace"]);
    let named = replication
        .items(&["successful_artifact"])
        .filter_map(|artifact| {
            let name = artifact.text(&["name_tag"])?.split([' ', ':']).next()?;
            let repository = format!("{}/{name}", namespace?);
            Some(Push {
                kind: None,
                ..image(&repository, None, None)
            })
        });
    let mut pushes: Vec<Push> = named.collect();
    if pushes.is_empty() {
        pushes.push(Push::default());
    }
    many(delivery, pushes)
}
