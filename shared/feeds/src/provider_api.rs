//! APIs of registry providers, which return digests and publishing dates of tags.
//!
//! The list of tags always comes from the registry's protocol, because it is complete. Publishing dates come
//! from the provider's cheapest source, and are requested only where a trigger needs them. Where a provider
//! has no dates, the time at which this program first saw a tag is used.

mod azure;
mod docker_hub;
pub(crate) mod google;
mod harbor;
mod pages;
mod quay;

use engine::ports::{FeedError, FeedErrorKind};

use crate::facts::Facts;
use crate::provider::Provider;
use crate::repository::Repository;

/// Digests and dates of the repository's tags. Empty if the provider has no API for them or refuses access
/// to it; the dates are then unknown.
///
/// # Errors
/// When the API fails temporarily: a choice by date must not be made from a part of the dates.
pub(crate) async fn facts(
    provider: Provider,
    repository: &Repository<'_, '_>,
) -> Result<Facts, FeedError> {
    let facts = match provider {
        Provider::DockerHub => docker_hub::facts(repository, docker_hub::API).await,
        Provider::Azure => azure::facts(repository).await,
        Provider::Harbor => harbor::facts(repository).await,
        Provider::Quay => quay::facts(repository).await,
        Provider::EcrPublic
        | Provider::Ghcr
        | Provider::Google
        | Provider::GitLab
        | Provider::Artifactory
        | Provider::Nexus
        | Provider::Other => Ok(Facts::default()),
    };
    facts.or_else(|error| match error.kind {
        FeedErrorKind::Denied
        | FeedErrorKind::NotFound
        | FeedErrorKind::Malformed
        | FeedErrorKind::Forbidden
        | FeedErrorKind::Misconfigured => Ok(Facts::default()),
        FeedErrorKind::Throttled(_) | FeedErrorKind::Unavailable | FeedErrorKind::Incomplete => {
            Err(error)
        }
    })
}
