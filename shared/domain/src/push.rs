//! Push events: which feed and package a push to ECR concerns. A push is a hint, never data.

use crate::ecr::EcrRegistry;
use crate::ids::PackageKey;
use crate::trigger::WatchList;
use crate::version::is_version_tag;

/// An "ECR Image Action" event, as far as it matters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EcrPush {
    /// The account of the registry.
    pub account: String,
    /// The region of the registry.
    pub region: String,
    /// The repository.
    pub repository: String,
    /// The tag; empty or absent for an untagged manifest.
    pub tag: Option<String>,
    /// `detail.action-type`.
    pub action: String,
    /// `detail.result`.
    pub result: String,
}

/// What a push asks for: an early check of these packages, or nothing for a reason.
pub fn packages_of(
    push: &EcrPush,
    watched: &WatchList,
    own_account: &str,
) -> Result<Vec<PackageKey>, Ignored> {
    if push.action != "PUSH" || push.result != "SUCCESS" {
        return Err(Ignored::NotAPush {
            action: push.action.clone(),
            result: push.result.clone(),
        });
    }
    if !push.tag.as_deref().is_some_and(is_version_tag) {
        return Err(Ignored::NoVersionTag);
    }
    let is_meant = |registry: &EcrRegistry| {
        registry.region == push.region
            && registry.account.as_deref().unwrap_or(own_account) == push.account
    };
    let mut registries = watched
        .feeds
        .iter()
        .filter_map(|feed| Some((feed, EcrRegistry::of(feed).filter(is_meant)?)))
        .peekable();
    if registries.peek().is_none() {
        return Err(Ignored::UnknownRegistry {
            account: push.account.clone(),
            region: push.region.clone(),
        });
    }
    let by_feed = watched.packages_by_feed();
    let mut packages = Vec::new();
    for (feed, registry) in registries {
        let watched = by_feed.get(&(feed.space.clone(), feed.id.clone()));
        let pushed = watched
            .into_iter()
            .flatten()
            .filter(|key| registry.repository(&key.package) == push.repository);
        packages.extend(pushed.cloned());
    }
    if packages.is_empty() {
        return Err(Ignored::UnwatchedRepository {
            repository: push.repository.clone(),
        });
    }
    Ok(packages)
}

/// Why a push asks for nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Ignored {
    /// Something else happened to the image.
    #[error("the event is {action} {result}, not PUSH SUCCESS")]
    NotAPush {
        /// `action-type`.
        action: String,
        /// `result`.
        result: String,
    },
    /// A manifest without a tag, or a signature's tag: no version is behind it.
    #[error("the push has no version tag")]
    NoVersionTag,
    /// No feed in the watch list is this registry.
    #[error("no watched ECR feed is the registry of account {account} in {region}")]
    UnknownRegistry {
        /// The registry's account.
        account: String,
        /// The registry's region.
        region: String,
    },
    /// The registry is known, but no trigger watches the repository.
    #[error("no trigger watches the repository {repository}")]
    UnwatchedRepository {
        /// The repository.
        repository: String,
    },
}
