//! The hosts of logins and of feeds, in one form.

use domain::budget::{DOCKER_HUB, DOCKER_HUB_REGISTRY};
use domain::feed::{Feed, FeedKind};

/// The name under which the tools store a login for Docker Hub.
pub(crate) const DOCKER_HUB_SERVER: &str = "https://index.docker.io/v1/";

/// A registry, or a part of its repositories.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Scope {
    /// Lower case, with the port if it is not the scheme's default. Docker Hub has the name of its registry.
    pub(crate) host: String,
    /// The beginning of the repositories' names, without a slash at its ends; empty for all.
    pub(crate) path: String,
}

impl Scope {
    /// The scope of a key in `auths`: a host, Docker's URL of a registry, or Podman's `HOST/NAMESPACE`.
    pub(crate) fn of_key(key: &str) -> Self {
        let (rest, is_url, own_port) = match key.split_once("://") {
            Some(("http", rest)) => (rest, true, ":80"),
            Some((_, rest)) => (rest, true, ":443"),
            None => (key, false, ":443"),
        };
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        let host = host.trim().to_ascii_lowercase();
        let host = host.strip_suffix(own_port).unwrap_or(&host);
        let host = if DOCKER_HUB.contains(&host) {
            DOCKER_HUB_REGISTRY
        } else {
            host
        };
        let path = match path.trim_matches('/') {
            // Docker uses the host of a URL alone.
            _ if is_url => "",
            "v1" | "v2" => "",
            path => path,
        };
        Self {
            host: host.to_owned(),
            path: path.to_owned(),
        }
    }

    /// The scope of a registry's feed. `None`: the feed is no registry, or has no usable URL.
    pub(crate) fn of_feed(feed: &Feed) -> Option<Self> {
        let is_registry = match feed.kind {
            FeedKind::Docker
            | FeedKind::AwsElasticContainerRegistry
            | FeedKind::AzureContainerRegistry
            | FeedKind::GoogleContainerRegistry
            | FeedKind::OciRegistry => true,
            FeedKind::Helm
            | FeedKind::BuiltIn
            | FeedKind::Maven
            | FeedKind::ArtifactoryGeneric
            | FeedKind::OctopusProject
            | FeedKind::Other(_) => false,
        };
        if !is_registry {
            return None;
        }
        let (host, prefix) = feeds::registry_host(feed)?;
        Some(Self {
            host,
            path: prefix.trim_matches('/').to_owned(),
        })
    }

    /// Whether a login of this scope is for all repositories of the other one.
    pub(crate) fn contains(&self, other: &Self) -> bool {
        let rest = other.path.strip_prefix(&self.path);
        let is_within =
            |rest: &str| self.path.is_empty() || rest.is_empty() || rest.starts_with('/');
        self.host == other.host && rest.is_some_and(is_within)
    }
}

#[cfg(test)]
mod tests {
    use super::Scope;

    #[test]
    fn scope_of_a_key_accepts_the_forms_of_all_tools() {
        for (key, host, path) in [
            ("registry.example.com", "registry.example.com", ""),
            ("Registry.Example.com:443", "registry.example.com", ""),
            ("localhost:5000", "localhost:5000", ""),
            ("https://registry.example.com", "registry.example.com", ""),
            (
                "https://registry.example.com/v1/",
                "registry.example.com",
                "",
            ),
            ("https://nexus.example.com/docker", "nexus.example.com", ""),
            (
                "http://registry.example.com:80/v2/",
                "registry.example.com",
                "",
            ),
            ("registry.example.com/v2/", "registry.example.com", ""),
            ("https://index.docker.io/v1/", "registry-1.docker.io", ""),
            ("docker.io", "registry-1.docker.io", ""),
            ("quay.io/team/web", "quay.io", "team/web"),
        ] {
            let scope = Scope::of_key(key);
            assert_eq!(
                (scope.host.as_str(), scope.path.as_str()),
                (host, path),
                "{key}"
            );
        }
    }

    #[test]
    fn scope_contains_only_repositories_of_its_own_host_and_namespace() {
        let contains = |key: &str, other: &str| Scope::of_key(key).contains(&Scope::of_key(other));
        assert!(contains("quay.io", "quay.io/team"));
        assert!(contains("quay.io/team", "quay.io/team"));
        assert!(contains("quay.io/team", "quay.io/team/web"));
        assert!(!contains("quay.io/team", "quay.io/teams"));
        assert!(!contains("quay.io/team", "quay.io"));
        assert!(!contains("quay.io", "quay.io:8443"));
        assert!(!contains("quay.io", "evil-quay.io"));
    }
}
