//! Reads a repository's list of tags to its end. A list whose fingerprint is known is not parsed.

use engine::ports::FeedError;

use super::caches::Caches;
use super::pages::Pages;
use crate::facts::Facts;
use crate::provider::Provider;
use crate::provider_api::google;
use crate::repository::Repository;

/// A list of tags.
pub(super) enum List {
    /// Has the known fingerprint.
    Unchanged,
    Tags(Tags),
}

/// The content of a list.
pub(super) struct Tags {
    /// All entries, each once, in text order.
    pub(super) names: Vec<String>,
    /// Digests and dates in the list.
    pub(super) facts: Facts,
    /// The provider, as recognised by its answers.
    pub(super) provider: Provider,
    /// The fingerprint of the list.
    pub(super) fingerprint: Option<String>,
}

/// Reads the list of tags; `known` is the fingerprint of the last read.
pub(super) async fn list(
    caches: &Caches,
    repository: &Repository<'_, '_>,
    provider: Provider,
    known: Option<&str>,
) -> Result<List, FeedError> {
    let mut pages = Pages::begin(caches, repository, provider).await?;
    if let Some(known) = known
        && pages.have_fingerprint(known).await?
    {
        return Ok(List::Unchanged);
    }
    let challenge = repository.session.challenged(repository.name);
    let recognised = |headers| provider.recognised(challenge.as_ref(), headers);
    let provider = pages.headers().map_or(provider, recognised);
    let mut facts = Facts::default();
    while let Some(page) = pages.next().await? {
        if provider == Provider::Google {
            facts.extend(google::facts(&page));
        }
    }
    let (names, fingerprint) = pages.into_tags();
    Ok(List::Tags(Tags {
        names,
        facts,
        provider,
        fingerprint,
    }))
}
