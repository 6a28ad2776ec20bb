//! Reads a repository's list of tags to its end.
//!
//! Most of the time it is the same as before, and then it is known by its bytes: nothing in it is looked at.

use engine::ports::FeedError;

use super::pages::Pages;
use crate::provider::{Api, Facts, Provider, google};

/// What asking for a list gave.
pub(super) enum List {
    /// The one by whose name it is known.
    Same,
    /// All of it.
    Tags(Tags),
}

/// What the pages of a list gave.
pub(super) struct Tags {
    /// All entries, each once, in text order.
    pub(super) names: Vec<String>,
    /// What the list says of them besides.
    pub(super) facts: Facts,
    /// Whose list it is, now that it has answered.
    pub(super) provider: Provider,
    /// The name of the list.
    pub(super) name: Option<String>,
}

/// All entries of the list of tags, each once; or that it is the one of which `known` is the name.
pub(super) async fn list(
    api: &Api<'_, '_>,
    provider: Provider,
    known: Option<&str>,
) -> Result<List, FeedError> {
    let mut pages = Pages::begin(api, provider).await?;
    if let Some(known) = known
        && pages.are(known).await?
    {
        return Ok(List::Same);
    }
    let challenge = api.session.challenged(api.repository);
    let recognised = |headers| provider.recognised(challenge.as_ref(), headers);
    let provider = pages.headers().map_or(provider, recognised);
    let mut facts = Facts::default();
    while let Some(page) = pages.next().await? {
        if provider == Provider::Google {
            facts.extend(google::facts(&page));
        }
    }
    let (names, name) = pages.into_tags();
    Ok(List::Tags(Tags {
        names,
        facts,
        provider,
        name,
    }))
}
