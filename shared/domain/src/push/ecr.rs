//! Pushes to ECR, as ECR reports them to EventBridge.

use crate::ecr::EcrRegistry;
use crate::ids::PackageKey;
use crate::push::ignored::Ignored;
use crate::trigger::WatchList;
use crate::version::is_version_tag;

/// The relevant fields of an "ECR Image Action" event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EcrPush {
    pub account: String,
    pub region: String,
    pub repository: String,
    /// The tag; empty or absent for an untagged manifest.
    pub tag: Option<String>,
    /// `detail.action-type`.
    pub action: String,
    /// `detail.result`.
    pub result: String,
}

/// The packages that a push asks to check early.
///
/// # Errors
/// If the push concerns no watched package.
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
        .filter_map(|feed| Some((feed, feed.ecr_registry().filter(is_meant)?)))
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
