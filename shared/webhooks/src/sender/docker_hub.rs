//! Docker Hub. The payload contains neither a host nor a digest.
//!
//! <https://docs.docker.com/docker-hub/repos/manage/webhooks/>

use super::{Reading, image, one};
use crate::body::Body;

pub(super) fn read(body: Body<'_>) -> Reading {
    let repository = body.text(&["repository", "repo_name"]);
    let tag = body.text(&["push_data", "tag"]);
    one(
        None,
        repository.map(|repository| image(&repository.to_lowercase(), tag, None)),
    )
}
