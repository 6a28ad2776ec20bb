//! The ways by which a package is read.

use domain::feed::{Feed, FeedKind};
use domain::ids::{FeedId, PackageId, SpaceId};

/// How the package is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// From an OCI registry.
    Registry,
    /// From a Helm repository.
    Helm,
    /// Through Octopus.
    Octopus,
}

impl Route {
    /// A part of the path of the request that lists the package's versions.
    pub(crate) fn path(self) -> &'static str {
        match self {
            Self::Registry => "/tags/list",
            Self::Helm => "/index.yaml",
            Self::Octopus => "/packages/versions",
        }
    }

    /// The package, as this route names it.
    pub(crate) fn package(self) -> PackageId {
        PackageId::new(match self {
            Self::Registry | Self::Octopus => "acme/web",
            Self::Helm => "acme-web",
        })
    }

    /// The feed, where its server is at this URL.
    pub(crate) fn feed(self, url: &str) -> Feed {
        Feed {
            id: FeedId::new("Feeds-1001"),
            space: SpaceId::new("Spaces-1"),
            name: "Watched feed".to_owned(),
            kind: match self {
                Self::Registry | Self::Octopus => FeedKind::Docker,
                Self::Helm => FeedKind::Helm,
            },
            uri: Some(match self {
                Self::Registry | Self::Octopus => url.to_owned(),
                Self::Helm => format!("{url}/charts"),
            }),
            registry_path: None,
            region: None,
            account: None,
            has_credentials: self == Self::Octopus,
        }
    }
}
