//! The input of a decision.

use std::collections::BTreeMap;

use crate::due::BackOff;
use crate::feed::Feed;
use crate::ids::{PackageKey, ReleaseId};
use crate::plan::{Repeat, SelectedDigest};
use crate::problem::Problem;
use crate::process::{ChannelRule, CurrentPlace, ReleaseTemplate, Renames};
use crate::snapshot::Snapshot;
use crate::time::Timestamp;
use crate::trigger::Trigger;
use crate::version::VersionFormat;

/// Everything that a decision depends on.
pub struct Situation<'a> {
    pub trigger: &'a Trigger,
    /// The packages that a release in the trigger's channel selects.
    pub template: &'a ReleaseTemplate,
    /// The channel's version rules.
    pub rules: &'a [ChannelRule],
    /// The problem of a rule that names a package that the process does not have, with the remedy.
    pub unmatched_rule: Option<&'a Problem>,
    /// The channel's newest release. `None`: the channel has no release.
    pub previous: Option<&'a PreviousRelease>,
    /// The last complete reading of each package. A package that was never read is absent.
    pub packages: &'a BTreeMap<PackageKey, PackageSnapshot>,
    /// The failures of the last checks of packages that were never read.
    pub read_failures: &'a BTreeMap<PackageKey, BackOff>,
    /// The branch or tag of a project whose process is in Git.
    pub git_ref: Option<&'a str>,
    pub channel_name: &'a str,
    /// The names of the custom fields that Octopus requires of a release in the channel.
    pub custom_fields: &'a [String],
    /// The channel's newest releases that this program created, newest first.
    pub ours: &'a [PreviousRelease],
    /// When feed triggers created the channel's newest releases, newest first, at least as many as
    /// `maxReleasesPerHour` needs.
    pub made: &'a [Timestamp],
    pub now: Timestamp,
}

/// A package as it was last read in full.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackageSnapshot {
    pub feed: Feed,
    pub snapshot: Snapshot,
}

impl PackageSnapshot {
    pub fn format(&self) -> VersionFormat {
        self.feed.kind.version_format()
    }
}

/// The newest release of a channel. Its packages have the names of the current process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreviousRelease {
    pub id: ReleaseId,
    /// The release number.
    pub version: String,
    /// When it was created. `None`: the server does not report it.
    pub assembled: Option<Timestamp>,
    /// The selected versions: action name, package reference, version.
    pub selected: Vec<(String, String, String)>,
    /// The package references that have another package now: action name, package reference, the package of the
    /// release. Their versions are not compared.
    pub replaced: Vec<(String, String, String)>,
    /// The selected packages whose current names are not known: action name, package reference, as in the release.
    pub unidentified: Vec<(String, String)>,
    /// The digests that the release's notes record.
    pub digests: Vec<SelectedDigest>,
    /// The earlier release that it repeats, as its notes record. Absent if the trigger that created it no longer
    /// creates releases in this channel.
    pub repeats: Option<Repeat>,
}

impl PreviousRelease {
    /// The release, whose packages have the names of its own process, with the names of the current process.
    pub fn renamed(mut self, renames: &Renames<'_>) -> Self {
        for (action, reference, version) in std::mem::take(&mut self.selected) {
            match renames.place(&action, &reference) {
                CurrentPlace::Found(action, reference) => {
                    self.selected.push((action, reference, version));
                }
                CurrentPlace::Replaced {
                    action_name,
                    package_reference,
                    former,
                } => self.replaced.push((action_name, package_reference, former)),
                CurrentPlace::Removed => {}
                CurrentPlace::Unknown => self.unidentified.push((action, reference)),
            }
        }
        let digests = self.digests.into_iter().filter_map(|digest| {
            match renames.place(&digest.action_name, &digest.package_reference) {
                CurrentPlace::Found(action_name, package_reference) => Some(SelectedDigest {
                    action_name,
                    package_reference,
                    ..digest
                }),
                _ => None,
            }
        });
        self.digests = digests.collect();
        self
    }
}
