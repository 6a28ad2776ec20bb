//! Triggers and the watch list: who watches which package, and what stands in the way.

use std::collections::{BTreeMap, BTreeSet};

use crate::feed::Feed;
use crate::ids::{ChannelId, FeedId, PackageKey, ProjectId, SpaceId, TriggerId};
use crate::options::{Options, VersionPolicy};
use crate::time::Timestamp;

/// The mark in a native trigger's description by which its owner hands it to this program.
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
    /// The trigger's id; Octopus's own where the trigger is Octopus's.
    pub id: TriggerId,
    /// Its name.
    pub name: String,
    /// The space of its project.
    pub space: SpaceId,
    /// The project that gets the release.
    pub project: ProjectId,
    /// The project's name; what messages call it.
    pub project_name: String,
    /// The channel that the release is created in.
    pub channel: ChannelId,
    /// What it watches.
    pub sources: Vec<Source>,
    /// Why it cannot be evaluated now, although it is switched on, with the remedy.
    pub problem: Option<String>,
    /// Where it is defined.
    pub origin: TriggerOrigin,
    /// When this program first had it in its watch list.
    pub since: Timestamp,
    /// When it makes a release, and of which shape.
    pub options: Options,
}

/// Where a trigger is defined.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TriggerOrigin {
    /// In Octopus.
    #[default]
    Octopus,
    /// In the file that was applied here.
    File,
}

/// One package reference that a trigger watches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The deployment action's slug and the package reference's name.
    pub reference: SourceRef,
    /// The package that it stands for now, or why it stands for none.
    pub resolution: Result<ResolvedSource, String>,
    /// Which of its versions count.
    pub selection: VersionPolicy,
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

/// The package that a source stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolvedSource {
    /// The action's name, by which rules, templates and releases call it.
    pub action_name: String,
    /// The package.
    pub package: PackageKey,
}

/// Which of Octopus's own triggers this program runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NativeTriggers {
    /// Those that are switched off in Octopus and carry [`MARK`] in their description.
    #[default]
    Marked,
    /// Those, and also those that Octopus itself runs.
    Enabled,
    /// None.
    None,
}

impl NativeTriggers {
    /// Whether this program runs a native trigger in this state.
    ///
    /// A trigger that is off and carries no mark was switched off by somebody, and stays off.
    pub fn selects(self, is_disabled: bool, description: &str) -> bool {
        let handed_over = is_disabled && description.contains(MARK);
        match self {
            Self::Marked => handed_over,
            Self::Enabled => handed_over || !is_disabled,
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
    /// Nobody: it is switched off.
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

/// The text is none of the values of [`NativeTriggers`].
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not one of marked, enabled, none")]
pub struct UnknownNativeTriggers(String);

/// All triggers with the feeds that they use, as last read from Octopus.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WatchList {
    /// The triggers that this program runs.
    pub triggers: Vec<Trigger>,
    /// The feeds that their sources use.
    pub feeds: Vec<Feed>,
    /// What somebody needs to know of a package beyond which versions there are. A package of which
    /// nothing else is needed is absent.
    pub details: BTreeMap<PackageKey, PackageDetails>,
}

/// What somebody needs to know of a package's versions beyond which there are. It costs further requests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PackageDetails {
    /// When they were published: for rules that go by dates, and for minimum ages.
    pub dates: bool,
    /// The digests of these mutable tags, which triggers follow.
    pub digests_of: BTreeSet<String>,
    /// The digests of the newest versions' images for this platform.
    pub platform: Option<String>,
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
    /// What sets it apart from all others: ids of the file's triggers are unique in their space alone.
    pub fn key(&self) -> (&SpaceId, &TriggerId) {
        (&self.space, &self.id)
    }

    /// The packages of all sources that stand for one.
    pub fn packages(&self) -> impl Iterator<Item = &PackageKey> {
        self.sources
            .iter()
            .filter_map(|source| source.resolution.as_ref().ok())
            .map(|resolved| &resolved.package)
    }
}
