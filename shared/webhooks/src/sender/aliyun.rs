//! Alibaba Cloud Container Registry. The payload contains the region but no host.

use super::{Reading, image, one};
use crate::body::Body;

pub(super) fn read(body: Body<'_>) -> Reading {
    let repository = body.text(&["repository", "repo_full_name"]);
    let tag = body.text(&["push_data", "tag"]);
    let digest = body.text(&["push_data", "digest"]);
    one(
        None,
        repository.map(|repository| image(repository, tag, digest)),
    )
}
