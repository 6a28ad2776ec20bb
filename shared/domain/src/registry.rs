//! How registries name the repositories of packages.

use crate::budget::{DOCKER_HUB, DOCKER_HUB_REGISTRY, origin};
use crate::ecr::{EcrHost, split_url};
use crate::feed::Feed;
use crate::version::VersionFormat;

/// The host of GitHub's registry.
const GITHUB: &str = "ghcr.io";

/// The host of a feed's registry, and the prefix of its repositories.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegistryAddress {
    /// In lower case, with the port unless it is the default.
    pub host: String,
    /// Ends with a slash; may be empty.
    pub prefix: String,
}

impl RegistryAddress {
    /// The address of a feed. `None`: the feed is no registry, or its host is unknown.
    pub fn of(feed: &Feed) -> Option<Self> {
        if feed.kind.version_format() != VersionFormat::Docker {
            return None;
        }
        let (host, own_prefix) = match &feed.uri {
            None => {
                let (account, region) = (feed.account.as_deref()?, feed.region.as_deref()?);
                (EcrHost::new(account, region)?.to_string(), "")
            }
            Some(uri) => {
                let origin = origin(feed);
                let (_, host) = origin.split_once("://")?;
                let is_helm_form = uri.trim().starts_with("oci://");
                let path = split_url(uri).filter(|_| is_helm_form);
                (host.to_owned(), path.map_or("", |(_, path)| path))
            }
        };
        let prefix = feed.registry_path.as_deref().unwrap_or(own_prefix);
        let prefix = match prefix.trim_matches('/') {
            "" => String::new(),
            prefix => format!("{prefix}/"),
        };
        Some(Self { host, prefix })
    }

    /// The repository of a package.
    pub fn repository(&self, package: &str) -> String {
        repository_name(&self.host, [&self.prefix, package].concat())
    }

    /// The name of a repository that is given in full, as this registry writes it.
    pub fn repository_name(&self, name: &str) -> String {
        repository_name(&self.host, name.to_owned())
    }

    /// Whether the registry is the one with this host and port.
    pub fn is_served_by(&self, host: &str) -> bool {
        let host = host.to_ascii_lowercase();
        let host = host.strip_suffix(":443").unwrap_or(&host);
        let host = match DOCKER_HUB.contains(&host) {
            true => DOCKER_HUB_REGISTRY,
            false => host,
        };
        self.host == host
    }
}

/// The name as the registry at `host` writes it: on Docker Hub, a name without a namespace is below `library/`;
/// GitHub writes capitals in lower case.
pub fn repository_name(host: &str, mut name: String) -> String {
    if host == DOCKER_HUB_REGISTRY && !name.contains('/') {
        name.insert_str(0, "library/");
    }
    if host == GITHUB || host == DOCKER_HUB_REGISTRY {
        name.make_ascii_lowercase();
    }
    name
}
