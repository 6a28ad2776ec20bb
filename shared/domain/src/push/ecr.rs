//! Pushes to ECR and finished scans of its images, as AWS reports them to EventBridge.

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

/// A repository of ECR, as in the events "ECR Image Scan" of ECR and "Inspector2 Scan" of Amazon Inspector. Which of its
/// images was scanned does not matter: the images of an index have other digests than the index that a release waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EcrRepository {
    pub account: String,
    pub region: String,
    pub name: String,
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
    let repository = EcrRepository {
        account: push.account.clone(),
        region: push.region.clone(),
        name: push.repository.clone(),
    };
    packages_in(&repository, watched, own_account)
}

/// The watched packages that a repository contains: one for each feed that reads it.
///
/// # Errors
/// If no trigger watches the repository.
pub fn packages_in(
    repository: &EcrRepository,
    watched: &WatchList,
    own_account: &str,
) -> Result<Vec<PackageKey>, Ignored> {
    let is_meant = |registry: &EcrRegistry| {
        registry.region == repository.region
            && registry.account.as_deref().unwrap_or(own_account) == repository.account
    };
    let mut registries = watched
        .feeds
        .iter()
        .filter_map(|feed| Some((feed, feed.ecr_registry().filter(is_meant)?)))
        .peekable();
    if registries.peek().is_none() {
        return Err(Ignored::UnknownRegistry {
            account: repository.account.clone(),
            region: repository.region.clone(),
        });
    }
    let by_feed = watched.packages_by_feed();
    let mut packages = Vec::new();
    for (feed, registry) in registries {
        let watched = by_feed.get(&(feed.space.clone(), feed.id.clone()));
        let those = watched
            .into_iter()
            .flatten()
            .filter(|key| registry.repository(&key.package) == repository.name);
        packages.extend(those.cloned());
    }
    if packages.is_empty() {
        return Err(Ignored::UnwatchedRepository {
            repository: repository.name.clone(),
        });
    }
    Ok(packages)
}
