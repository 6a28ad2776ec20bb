//! Quirks of registry providers: page size, parallel reads and request rate.
//!
//! A provider is recognised by the feed's kind and host, or by its answers: the challenge and the headers.
//! To add one, add a variant; the compiler reports what to define for it. APIs of providers are in
//! `provider_api`.

use domain::feed::FeedKind;
use reqwest::header::{HeaderMap, SERVER};
use url::Url;

use crate::address::DOCKER_HUB_REGISTRY;
use crate::auth::challenge::Challenge;

/// The page size that every registry accepts.
pub(crate) const SAFE_PAGE: usize = 100;

/// The largest page size that ECR and the reference implementation accept.
const LARGE_PAGE: usize = 1_000;

/// The provider of a registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Provider {
    /// Docker Hub: tags at `registry-1.docker.io`, dates at `hub.docker.com`.
    DockerHub,
    /// Amazon ECR Public. Only the owner of a repository can read dates.
    EcrPublic,
    /// GitHub's registry. Lists the oldest tags first. Dates need a token for GitHub's API.
    Ghcr,
    /// Azure Container Registry.
    Azure,
    /// Google Artifact Registry and Container Registry. Dates are in the list of tags.
    Google,
    /// Harbor, recognised by the service of its tokens.
    Harbor,
    /// quay.io, and Quay, recognised by the URL of its token server.
    Quay,
    /// GitLab's registry. Its API returns dates of one tag per request, which is too expensive.
    GitLab,
    /// JFrog Artifactory, recognised by its headers.
    Artifactory,
    /// Sonatype Nexus, recognised by its `Server` header.
    Nexus,
    /// Any other registry.
    Other,
}

impl Provider {
    /// The provider by the feed's kind and host.
    pub(crate) fn of(kind: &FeedKind, registry: &Url) -> Self {
        let host = registry.host_str().unwrap_or_default();
        let is_below = |domains: &[&str]| {
            domains.iter().any(|domain| {
                host.strip_suffix(domain)
                    .is_some_and(|rest| rest.ends_with('.'))
            })
        };
        match host {
            DOCKER_HUB_REGISTRY => Self::DockerHub,
            "public.ecr.aws" | "ecr-public.aws.com" => Self::EcrPublic,
            "ghcr.io" => Self::Ghcr,
            "quay.io" => Self::Quay,
            "registry.gitlab.com" => Self::GitLab,
            "gcr.io" => Self::Google,
            _ if is_below(&["azurecr.io", "azurecr.cn", "azurecr.us"]) => Self::Azure,
            _ if is_below(&["gcr.io"]) || host.ends_with("-docker.pkg.dev") => Self::Google,
            _ if is_below(&["jfrog.io"]) => Self::Artifactory,
            _ => match kind {
                FeedKind::AzureContainerRegistry => Self::Azure,
                FeedKind::GoogleContainerRegistry => Self::Google,
                _ => Self::Other,
            },
        }
    }

    /// The provider by the registry's challenge and headers, where kind and host did not identify it.
    pub(crate) fn recognised(self, challenge: Option<&Challenge>, headers: &HeaderMap) -> Self {
        if self != Self::Other {
            return self;
        }
        if let Some(Challenge::Bearer(bearer)) = challenge {
            let path = Url::parse(&bearer.realm).ok();
            let path = path.as_ref().map_or("", Url::path);
            match (bearer.service.as_deref(), path) {
                (Some("harbor-registry"), _) => return Self::Harbor,
                (_, "/v2/auth") => return Self::Quay,
                (Some("container_registry"), "/jwt/auth") => return Self::GitLab,
                _ => {}
            }
        }
        let is_nexus = |server: &str| server.starts_with("Nexus/");
        let server = headers.get(SERVER).and_then(|value| value.to_str().ok());
        if headers.contains_key("X-JFrog-Version") || headers.contains_key("X-Artifactory-Id") {
            Self::Artifactory
        } else if server.is_some_and(is_nexus) {
            Self::Nexus
        } else {
            Self::Other
        }
    }

    /// The number of tags to request per page.
    pub(crate) fn page_size(self) -> usize {
        match self {
            // It answered 413 to larger pages for a time, and returns no more in any case.
            Self::Quay => SAFE_PAGE,
            _ => LARGE_PAGE,
        }
    }

    /// The number of packages to read in parallel, at most `most`.
    pub(crate) fn parallel(self, most: usize) -> usize {
        let most = most.max(1);
        match self {
            // Five at once were throttled.
            Self::DockerHub => most.min(3),
            // It allows one anonymous request a second.
            Self::EcrPublic => 1,
            _ => most,
        }
    }

    /// Requests a second, at most `most`; `None` for no limit.
    pub(crate) fn per_second(self, most: Option<u32>) -> Option<u32> {
        match self {
            Self::EcrPublic => Some(1),
            _ => most,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Challenge, FeedKind, HeaderMap, Provider, Url};
    use crate::auth::challenge::Bearer;
    use reqwest::header::{HeaderName, HeaderValue};

    #[test]
    fn provider_is_recognised_by_kind_and_host() {
        use FeedKind::{
            AzureContainerRegistry as Acr, Docker, GoogleContainerRegistry as Gcr, OciRegistry,
        };
        for (kind, uri, expected) in [
            (Docker, "https://registry-1.docker.io", Provider::DockerHub),
            (Docker, "https://public.ecr.aws", Provider::EcrPublic),
            (
                OciRegistry,
                "https://ecr-public.aws.com",
                Provider::EcrPublic,
            ),
            (Docker, "https://ghcr.io", Provider::Ghcr),
            (Docker, "https://quay.io", Provider::Quay),
            (Docker, "https://registry.gitlab.com", Provider::GitLab),
            (Docker, "https://acme.azurecr.io", Provider::Azure),
            (Docker, "https://acme.azurecr.cn", Provider::Azure),
            (Docker, "https://acme.azurecr.us", Provider::Azure),
            (Acr, "https://registry.example.com", Provider::Azure),
            (
                Docker,
                "https://europe-west1-docker.pkg.dev",
                Provider::Google,
            ),
            (Docker, "https://gcr.io", Provider::Google),
            (Docker, "https://eu.gcr.io", Provider::Google),
            (Gcr, "https://registry.example.com", Provider::Google),
            (Gcr, "https://ghcr.io", Provider::Ghcr),
            (Docker, "https://acme.jfrog.io", Provider::Artifactory),
            (Docker, "https://azurecr.io", Provider::Other),
            (Docker, "https://evilazurecr.io", Provider::Other),
            (Docker, "https://acme.azurecr.io.evil.net", Provider::Other),
            (Docker, "https://ghcr.io.evil.net", Provider::Other),
            (Docker, "https://xgcr.io", Provider::Other),
            (Docker, "https://registry.example.com", Provider::Other),
            (Docker, "http://127.0.0.1:5000", Provider::Other),
        ] {
            assert_eq!(
                Provider::of(&kind, &Url::parse(uri).unwrap()),
                expected,
                "{uri}"
            );
        }
    }

    #[test]
    fn provider_is_recognised_by_challenge_and_headers() {
        let bearer = |realm: &str, service: &str| {
            Some(Challenge::Bearer(Bearer {
                realm: realm.to_owned(),
                service: Some(service.to_owned()),
                scopes: Vec::new(),
            }))
        };
        for (challenge, header, expected) in [
            (
                bearer("https://h/service/token", "harbor-registry"),
                None,
                Provider::Harbor,
            ),
            (
                bearer("https://q.example/v2/auth", "q.example"),
                None,
                Provider::Quay,
            ),
            (
                bearer("https://g.example/jwt/auth", "container_registry"),
                None,
                Provider::GitLab,
            ),
            (
                bearer("https://g.example/v2/token", "container_registry"),
                None,
                Provider::Other,
            ),
            (
                Some(Challenge::Basic),
                Some(("x-jfrog-version", "7.1")),
                Provider::Artifactory,
            ),
            (None, Some(("x-artifactory-id", "0")), Provider::Artifactory),
            (
                None,
                Some(("server", "Nexus/3.68.0 (OSS)")),
                Provider::Nexus,
            ),
            (None, Some(("server", "nginx")), Provider::Other),
            (None, None, Provider::Other),
        ] {
            let headers: HeaderMap = header
                .map(|(name, value)| {
                    (
                        HeaderName::from_static(name),
                        HeaderValue::from_static(value),
                    )
                })
                .into_iter()
                .collect();
            assert_eq!(
                Provider::Other.recognised(challenge.as_ref(), &headers),
                expected,
                "{challenge:?}"
            );
            assert_eq!(
                Provider::Ghcr.recognised(challenge.as_ref(), &headers),
                Provider::Ghcr,
                "a recognised provider is kept"
            );
        }
    }

    #[test]
    fn limits_depend_on_provider() {
        assert_eq!(Provider::Quay.page_size(), 100);
        assert_eq!(Provider::Ghcr.page_size(), 1_000);
        assert_eq!(Provider::DockerHub.parallel(8), 3);
        assert_eq!(Provider::EcrPublic.parallel(8), 1);
        assert_eq!(Provider::Other.parallel(8), 8);
        assert_eq!(Provider::Other.parallel(0), 1);
        assert_eq!(Provider::EcrPublic.per_second(Some(5)), Some(1));
        assert_eq!(Provider::DockerHub.per_second(Some(5)), Some(5));
        assert_eq!(Provider::Other.per_second(None), None);
    }
}
