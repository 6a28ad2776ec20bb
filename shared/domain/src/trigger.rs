//! Triggers and the watch list: which trigger watches which package, and what prevents its evaluation.

use std::collections::{BTreeMap, BTreeSet};

use crate::feed::Feed;
use crate::ids::{ChannelId, FeedId, PackageKey, ProjectId, SpaceId, TriggerId};
use crate::metadata::MetadataOf;
use crate::options::{Options, VersionPolicy};
use crate::problem::Problem;
use crate::time::Timestamp;

/// The mark in a native trigger's description by which a user assigns it to this program.
pub const MARK: &str = "#feed-triggers";

/// The description with the mark after it, unless it has one.
pub fn with_mark(text: &str) -> String {
    if text.contains(MARK) {
        text.to_owned()
    } else if text.is_empty() {
        MARK.to_owned()
    } else {
        format!("{text} {MARK}")
    }
}

/// A trigger that this program runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trigger {
    /// The id: Octopus's own, or one of this program for a trigger of a file.
    pub id: TriggerId,
    pub name: String,
    pub space: SpaceId,
    /// The project that gets the release.
    pub project: ProjectId,
    /// The project's name, for messages.
    pub project_name: String,
    /// The channel of the release.
    pub channel: ChannelId,
    pub sources: Vec<Source>,
    /// Why the trigger cannot be evaluated, with the remedy. `None`: it can.
    pub problem: Option<Problem>,
    /// Why the last refresh could not read the trigger again. It is then used as it was read before.
    pub stale: Option<Problem>,
    pub origin: TriggerOrigin,
    /// When this program first watched it.
    pub since: Timestamp,
    pub options: Options,
    /// The fingerprint of the project, channel and process that the last refresh read. `None`: it read none of them, or the
    /// list was stored by an older version.
    pub documents: Option<String>,
}

/// Where a trigger is defined.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TriggerOrigin {
    #[default]
    Octopus,
    /// In the applied trigger file.
    File,
}

/// One package reference that a trigger watches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    pub reference: SourceRef,
    /// The package that it resolves to, or why it resolves to none.
    pub resolution: Result<ResolvedSource, Problem>,
    /// Which of its versions are eligible.
    pub policy: VersionPolicy,
}

/// A package reference as a trigger's filter names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceRef {
    /// `DeploymentActionSlug`.
    pub action_slug: String,
    /// `PackageReference`; empty for the action's primary package.
    pub package_reference: String,
}

impl std::fmt::Display for SourceRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.package_reference.is_empty() {
            f.write_str(&self.action_slug)
        } else {
            write!(f, "{}:{}", self.action_slug, self.package_reference)
        }
    }
}

/// The package of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolvedSource {
    /// The action's name, which rules, templates and releases use.
    pub action_name: String,
    pub package: PackageKey,
}

/// Which of Octopus's own triggers this program runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NativeTriggers {
    /// Those that are disabled in Octopus and have [`MARK`] in their description.
    #[default]
    Marked,
    /// Those, and also those that Octopus runs.
    Enabled,
    None,
}

impl NativeTriggers {
    /// Whether this program runs a native trigger in this state.
    ///
    /// A disabled trigger without the mark was disabled by a user, and stays disabled.
    pub fn selects(self, is_disabled: bool, description: &str) -> bool {
        let is_assigned = is_disabled && description.contains(MARK);
        match self {
            Self::Marked => is_assigned,
            Self::Enabled => is_assigned || !is_disabled,
            Self::None => false,
        }
    }
}

/// Who runs a trigger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Runner {
    /// This program alone.
    ThisProgram,
    /// This program and Octopus.
    Both,
    /// Octopus alone.
    Octopus,
    /// It is disabled.
    Disabled,
}

impl NativeTriggers {
    /// Who runs a native trigger in this state.
    pub fn runner(self, is_disabled: bool, description: &str) -> Runner {
        match (self.selects(is_disabled, description), is_disabled) {
            (true, true) => Runner::ThisProgram,
            (true, false) => Runner::Both,
            (false, false) => Runner::Octopus,
            (false, true) => Runner::Disabled,
        }
    }
}

impl std::str::FromStr for NativeTriggers {
    type Err = UnknownNativeTriggers;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "marked" => Ok(Self::Marked),
            "enabled" => Ok(Self::Enabled),
            "none" => Ok(Self::None),
            other => Err(UnknownNativeTriggers(other.to_owned())),
        }
    }
}

/// A text that is not one of the values of [`NativeTriggers`].
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not one of marked, enabled, none")]
pub struct UnknownNativeTriggers(String);

/// All triggers with their feeds, as last read from Octopus.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WatchList {
    pub triggers: Vec<Trigger>,
    pub feeds: Vec<Feed>,
    /// The details of packages that triggers require beyond their versions. A package without an entry needs none.
    pub details: BTreeMap<PackageKey, PackageDetails>,
}

/// The details of a package's versions that triggers require. They need additional requests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PackageDetails {
    /// The publishing dates: for rules that order by date, and for minimum ages.
    pub dates: bool,
    /// The digests of these mutable tags, which triggers follow.
    pub digests_of: BTreeSet<String>,
    /// The digests of the newest versions' images for this platform.
    pub platform: Option<String>,
    /// The versions whose metadata is read. Only an evaluation that needs it requests it, never the schedule; a check
    /// with such versions reads nothing else of the package.
    pub metadata_of: BTreeSet<MetadataOf>,
}

impl WatchList {
    /// The trigger with this id in this space.
    pub fn trigger(&self, space: &SpaceId, id: &TriggerId) -> Option<&Trigger> {
        self.triggers
            .iter()
            .find(|trigger| trigger.key() == (space, id))
    }

    /// The feed with this id in this space.
    pub fn feed(&self, space: &SpaceId, id: &FeedId) -> Option<&Feed> {
        self.feeds
            .iter()
            .find(|feed| feed.space == *space && feed.id == *id)
    }

    /// The feed of the source's package. `None`: its package or feed is unknown.
    pub fn feed_of(&self, source: &Source) -> Option<&Feed> {
        let package = &source.resolution.as_ref().ok()?.package;
        self.feed(&package.space, &package.feed)
    }

    /// Whether a trigger requires scans of a package.
    pub fn requires_scan(&self, package: &PackageKey) -> bool {
        let sources = self.triggers.iter().flat_map(|trigger| &trigger.sources);
        let mut scanned = sources.filter(|source| source.policy.require.scan.is_some());
        scanned.any(|source| {
            let resolved = source.resolution.as_ref();
            resolved.is_ok_and(|resolved| resolved.package == *package)
        })
    }

    /// The triggers that watch a package.
    pub fn watchers<'a>(&'a self, package: &'a PackageKey) -> impl Iterator<Item = &'a Trigger> {
        self.triggers
            .iter()
            .filter(move |trigger| trigger.packages().any(|key| key == package))
    }

    /// The watched packages of each feed, each once, in order.
    pub fn packages_by_feed(&self) -> BTreeMap<(SpaceId, FeedId), Vec<PackageKey>> {
        let mut by_feed: BTreeMap<_, Vec<PackageKey>> = BTreeMap::new();
        for package in self.triggers.iter().flat_map(Trigger::packages) {
            by_feed
                .entry((package.space.clone(), package.feed.clone()))
                .or_default()
                .push(package.clone());
        }
        for packages in by_feed.values_mut() {
            packages.sort_unstable();
            packages.dedup();
        }
        by_feed
    }
}

impl Trigger {
    /// The unique key: ids of a file's triggers are unique only in their space.
    pub fn key(&self) -> (&SpaceId, &TriggerId) {
        (&self.space, &self.id)
    }

    /// Whether both triggers lead to the same decisions, whether or not the last refresh could read them. Unknown
    /// documents count as the same.
    pub fn is_same_as(&self, other: &Self) -> bool {
        let Self {
            stale, documents, ..
        } = self;
        let of_other = other.documents.clone();
        let of_other = of_other.filter(|_| documents.is_some());
        other == self
            || Self {
                stale: stale.clone(),
                documents: of_other.or_else(|| documents.clone()),
                ..other.clone()
            } == *self
    }

    /// The packages of all sources that resolve to one.
    pub fn packages(&self) -> impl Iterator<Item = &PackageKey> {
        self.sources
            .iter()
            .filter_map(|source| source.resolution.as_ref().ok())
            .map(|resolved| &resolved.package)
    }
}
