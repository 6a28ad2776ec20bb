//! Pushes in the neutral form, to which webhooks and CI jobs are translated.

use crate::feed::{Feed, FeedKind};
use crate::ids::PackageKey;
use crate::push::ignored::Ignored;
use crate::registry::RegistryAddress;
use crate::snapshot::Snapshot;
use crate::time::Span;
use crate::trigger::WatchList;
use crate::version::{VersionFormat, is_version_tag};

/// The time from a check that does not list a push to the next one. There are no further checks: the schedule
/// detects the push.
pub const FURTHER_CHECKS: [Span; 3] = [
    Span::from_seconds(5),
    Span::from_seconds(20),
    Span::from_seconds(60),
];

/// A push, with its sender and the feeds that the sender may ask to check.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PackagePush {
    /// The name of the receiver; `iam` for an event that a program put on the bus.
    pub receiver: String,
    /// The kind of sender, such as `github`, for logs.
    pub sender: String,
    /// The sender's id of the delivery.
    pub delivery: String,
    /// The feeds that may be checked, by name or id, as `FEED` or `SPACE/FEED`. `None`: those of the push's
    /// registry.
    pub feeds: Option<Vec<String>>,
    pub push: Push,
}

/// A push of one package, or of something in a feed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Push {
    /// Host and port of the registry, where the payload contains it.
    pub registry: Option<String>,
    /// The repository or package. `None` asks for a check of the whole feed.
    pub repository: Option<String>,
    /// How `repository` is compared with the packages of a feed.
    pub matching: Match,
    /// The kind of package, where the payload contains it.
    pub kind: Option<PackageKind>,
    /// The tag, for logs. No release depends on it.
    pub tag: Option<String>,
    /// The digest with its algorithm, for logs.
    pub digest: Option<String>,
}

/// How a push's repository is compared with the packages of a feed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Match {
    /// The whole repository as the feed reads it.
    #[default]
    Exact,
    /// The last segments. Prefixes differ for one image in Artifactory and Nexus.
    Suffix,
    /// The package id alone, for feeds that are no registry.
    Package,
}

/// The kind of a pushed package.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PackageKind {
    /// A container image.
    Image,
    /// A Helm chart in an OCI registry.
    Chart,
    /// An OCI artifact that may be either.
    Oci,
    /// A chart of a Helm HTTP repository.
    Helm,
    /// A NuGet package.
    Nuget,
    /// An npm package.
    Npm,
    /// A Maven artifact, `group:artifact`.
    Maven,
}

impl PackagePush {
    /// The watched packages that the push asks to check early, sorted.
    ///
    /// # Errors
    /// If the push concerns no watched package.
    pub fn packages(&self, watched: &WatchList) -> Result<Vec<PackageKey>, Ignored> {
        let push = &self.push;
        if !push.tag.as_deref().is_none_or(is_version_tag) {
            return Err(Ignored::NoVersionTag);
        }
        let by_feed = watched.packages_by_feed();
        let mut packages = Vec::new();
        let mut is_feed_watched = false;
        for feed in watched.feeds.iter().filter(|feed| self.is_about(feed)) {
            let Some(keys) = by_feed.get(&(feed.space.clone(), feed.id.clone())) else {
                continue;
            };
            is_feed_watched = true;
            packages.extend(keys.iter().filter(|key| push.is_of(feed, key)).cloned());
        }
        match &push.repository {
            _ if !packages.is_empty() => Ok(packages),
            Some(repository) if is_feed_watched => Err(Ignored::UnwatchedRepository {
                repository: repository.clone(),
            }),
            _ => Err(Ignored::UnwatchedFeed),
        }
    }

    fn is_about(&self, feed: &Feed) -> bool {
        if self.push.kind.is_some_and(|kind| !kind.is_in(&feed.kind)) {
            return false;
        }
        match (&self.feeds, &self.push.registry) {
            (Some(feeds), _) => feeds.iter().any(|named| is_named(feed, named)),
            (None, Some(registry)) => {
                RegistryAddress::of(feed).is_some_and(|address| address.is_served_by(registry))
            }
            // Every feed would be checked for every push.
            (None, None) => false,
        }
    }
}

/// Whether `named` is the feed: `FEED` or `SPACE/FEED`. The watch list has the ids of spaces alone, so that a
/// space's name is not compared.
fn is_named(feed: &Feed, named: &str) -> bool {
    let is_it = |name: &str| name == feed.id.as_str() || name.eq_ignore_ascii_case(&feed.name);
    if is_it(named) {
        return true;
    }
    named.split_once('/').is_some_and(|(space, name)| {
        let is_other_space = space.starts_with("Spaces-") && space != feed.space.as_str();
        !is_other_space && is_it(name)
    })
}

impl Push {
    /// Whether a package's snapshot lists the push: its tag, with its digest if both are known. A push without a tag
    /// names nothing that could be missing.
    pub fn is_listed_in(&self, snapshot: &Snapshot) -> bool {
        let Some(tag) = &self.tag else {
            return true;
        };
        let listed = snapshot.get(tag);
        listed.is_some_and(|seen| match (&seen.digest, &self.digest) {
            (Some(listed), Some(pushed)) => listed == pushed,
            _ => true,
        })
    }

    fn is_of(&self, feed: &Feed, key: &PackageKey) -> bool {
        let Some(pushed) = &self.repository else {
            return true;
        };
        // A Helm repository has one index, which contains all charts.
        if feed.kind == FeedKind::Helm {
            return true;
        }
        let package = key.package.as_str();
        match (self.matching, RegistryAddress::of(feed)) {
            (Match::Package, _) | (Match::Exact, None) => package.eq_ignore_ascii_case(pushed),
            (Match::Exact, Some(address)) => {
                address.repository(package) == address.repository_name(pushed)
            }
            (Match::Suffix, address) => {
                let whole = address.map(|address| address.repository(package));
                let whole = whole.as_deref().unwrap_or(package);
                ends_with_path(whole, pushed)
            }
        }
    }
}

/// Whether the last segments of `path` are `end`.
fn ends_with_path(path: &str, end: &str) -> bool {
    let rest = path.strip_suffix(end);
    rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('/'))
}

impl PackageKind {
    /// How packages of this kind are compared.
    pub fn matching(self) -> Match {
        match self {
            Self::Image | Self::Chart | Self::Oci => Match::Exact,
            Self::Helm | Self::Nuget | Self::Npm | Self::Maven => Match::Package,
        }
    }

    /// Whether feeds of this kind contain such packages.
    fn is_in(self, feed: &FeedKind) -> bool {
        match self {
            Self::Image | Self::Chart | Self::Oci => feed.version_format() == VersionFormat::Docker,
            Self::Helm => *feed == FeedKind::Helm,
            Self::Maven => *feed == FeedKind::Maven,
            Self::Nuget => matches!(feed, FeedKind::BuiltIn) || feed.feed_type() == "NuGet",
            Self::Npm => feed.feed_type() == "Npm",
        }
    }
}
