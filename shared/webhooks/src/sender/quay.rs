//! Quay's repository push notifications, with the default body.

use super::{Reading, host_and_path, image, many};
use crate::body::Body;
use domain::push::Push;

pub(super) fn read(body: Body<'_>) -> Reading {
    if body.at(&["pruned_image_count"]).is_present() {
        return Reading::Ignored("a test delivery");
    }
    let url = body.text(&["docker_url"]).and_then(host_and_path);
    let (host, repository) = match (url, body.text(&["repository"])) {
        (Some((host, path)), _) => (Some(host), path),
        (None, Some(repository)) => (None, repository),
        (None, None) => return Reading::NotUnderstood,
    };
    let tags = body
        .items(&["updated_tags"])
        .filter_map(|tag| tag.text(&[]));
    let pushes = tags.map(|tag| Push {
        registry: host.map(str::to_owned),
        ..image(repository, Some(tag), None)
    });
    many(None, pushes.collect())
}
