//! What kind of registry stands behind a feed, and in what it differs from the others.
//!
//! A provider is known by the feed's kind and host, or by what it answers: its challenge and its headers.
//! [`Provider`] holds the small differences; those that talk to an API of their own have a file. The list
//! of tags always comes from the registry's protocol, because it is complete. When each was published
//! comes from wherever the provider says it most cheaply, and only if somebody wants to know; where no
//! provider says so, our own first sight of a tag has to do.
//!
//! To tell another one apart, add a variant; the compiler leads to what there is to say of it.

mod api;
mod azure;
mod docker_hub;
pub(crate) mod facts;
pub(crate) mod google;
mod harbor;
mod quay;

use domain::feed::FeedKind;
use engine::ports::{FeedError, FeedErrorKind};
use reqwest::header::{HeaderMap, SERVER};
use url::Url;

use crate::address::DOCKER_HUB_REGISTRY;
use crate::auth::challenge::Challenge;
pub(crate) use api::Api;
pub(crate) use facts::Facts;

/// The page size that every registry takes.
pub(crate) const SAFE_PAGE: usize = 100;

/// The most that ECR and the reference implementation take; both refuse more.
const LARGE_PAGE: usize = 1_000;

/// Whose registry it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Provider {
    /// Its tags come from `registry-1.docker.io`, its dates from `hub.docker.com`.
    DockerHub,
    /// Amazon ECR Public. Only its owner may ask for dates.
    EcrPublic,
    /// GitHub's. Gives the oldest tags first, so the newest are known at the end alone. Its dates need
    /// a token for GitHub's own API.
    Ghcr,
    /// Azure's.
    Azure,
    /// Google Artifact Registry, and Container Registry which it serves now. Dates are in the list.
    Google,
    /// Harbor, known by the service of its tokens.
    Harbor,
    /// quay.io, and Quay by the address of its token server.
    Quay,
    /// GitLab's. Gives dates one tag at a time, which is too dear.
    GitLab,
    /// JFrog's, known by its headers.
    Artifactory,
    /// Sonatype's, known by its `Server` header.
    Nexus,
    /// Any other that speaks the protocol.
    Other,
}

impl Provider {
    /// The provider as far as the feed itself tells it.
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

    /// The provider as its answer tells it, where the feed did not: by the challenge that it set and the
    /// headers of the answer.
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

    /// How many tags a page is asked to have.
    pub(crate) fn page_size(self) -> usize {
        match self {
            // It answered 413 to more for a time, and gives no more in any case.
            Self::Quay => SAFE_PAGE,
            _ => LARGE_PAGE,
        }
    }

    /// How many packages are read at a time, of at most `most`.
    pub(crate) fn parallel(self, most: usize) -> usize {
        let most = most.max(1);
        match self {
            // Five at once were throttled.
            Self::DockerHub => most.min(3),
            // It lets everybody ask once a second.
            Self::EcrPublic => 1,
            _ => most,
        }
    }

    /// How many requests a second it is sent, of at most `most`.
    pub(crate) fn per_second(self, most: Option<u32>) -> Option<u32> {
        match self {
            Self::EcrPublic => Some(1),
            _ => most,
        }
    }

    /// What the provider's own API says of the repository's tags. Nothing, if it has none or does not let
    /// us: the dates are then not known.
    ///
    /// # Errors
    /// When it could have said so and failed: a choice by date must not be made from half of the dates.
    pub(crate) async fn facts(self, api: &Api<'_, '_>) -> Result<Facts, FeedError> {
        let facts = match self {
            Self::DockerHub => docker_hub::facts(api, docker_hub::API).await,
            Self::Azure => azure::facts(api).await,
            Self::Harbor => harbor::facts(api).await,
            Self::Quay => quay::facts(api).await,
            Self::EcrPublic
            | Self::Ghcr
            | Self::Google
            | Self::GitLab
            | Self::Artifactory
            | Self::Nexus
            | Self::Other => Ok(Facts::default()),
        };
        facts.or_else(|error| match error.kind {
            FeedErrorKind::Denied
            | FeedErrorKind::NotFound
            | FeedErrorKind::Malformed
            | FeedErrorKind::Forbidden
            | FeedErrorKind::Misconfigured => Ok(Facts::default()),
            FeedErrorKind::Throttled(_)
            | FeedErrorKind::Unavailable
            | FeedErrorKind::Incomplete => Err(error),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Challenge, FeedKind, HeaderMap, Provider, Url};
    use crate::auth::challenge::Bearer;
    use reqwest::header::{HeaderName, HeaderValue};

    #[test]
    fn a_provider_is_known_by_kind_and_host() {
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
    fn what_the_feed_does_not_tell_the_answer_does() {
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
                "a known one stays"
            );
        }
    }

    #[test]
    fn each_is_asked_as_it_can_bear() {
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
