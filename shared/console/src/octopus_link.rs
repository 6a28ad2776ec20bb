//! Links to pages of Octopus.

use domain::ids::{ProjectId, ReleaseId, SpaceId};

use crate::path::segment;

/// Links to the pages of one Octopus Server.
#[derive(Clone, Debug)]
pub struct OctopusLinks {
    server: String,
}

impl OctopusLinks {
    /// Links to the server at this address. An address that is not a plain web address has no links.
    pub fn to(server: &str) -> Self {
        let is_web = ["http://", "https://"]
            .iter()
            .any(|scheme| server.starts_with(scheme));
        let server = if is_web && !server.contains('@') {
            server.trim_end_matches('/')
        } else {
            ""
        };
        Self {
            server: server.to_owned(),
        }
    }

    pub(crate) fn project(&self, space: &SpaceId, project: &ProjectId) -> Option<String> {
        let (space, project) = (segment(space.as_str()), segment(project.as_str()));
        self.page(&format!("{space}/projects/{project}"))
    }

    pub(crate) fn release(&self, space: &SpaceId, release: &ReleaseId) -> Option<String> {
        let (space, release) = (segment(space.as_str()), segment(release.as_str()));
        self.page(&format!("{space}/releases/{release}"))
    }

    fn page(&self, path: &str) -> Option<String> {
        (!self.server.is_empty()).then(|| format!("{}/app#/{path}", self.server))
    }
}
