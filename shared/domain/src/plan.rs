//! Plans: the exact packages of a release, and the key that identifies a plan.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

mod repeat;

use crate::ids::{ChannelId, ProjectId, SpaceId};
use crate::mask::is_incrementing;
pub use repeat::Repeat;

/// The text before the key in a release's notes.
const STAMP: &str = "Feed trigger plan: ";

/// The text before a package's digest in a release's notes.
const DIGEST_STAMP: &str = "Feed trigger digest: ";

/// One package version of a plan. The server selects the versions of all other packages.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PlannedPackage {
    pub action_name: String,
    /// Empty for the primary package.
    pub package_reference: String,
    pub package: String,
    pub version: String,
    /// The tag of a chart's version in an OCI registry, if it differs from the version.
    pub tag: Option<String>,
    /// The version in the channel's previous release. `None`: that lacks the package.
    pub previous: Option<String>,
    /// The digest, if the trigger follows a tag.
    pub digest: Option<String>,
}

/// A release that is to be created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    pub space: SpaceId,
    pub project: ProjectId,
    pub channel: ChannelId,
    /// The earlier release that this plan repeats, because a release with other packages came after it: a
    /// roll-back, or a tag that returns. `None`: no release of this program in the channel had these packages.
    pub repeats: Option<Repeat>,
    /// The packages, sorted by action and reference.
    pub packages: Vec<PlannedPackage>,
    /// The release number. `None`: the server's versioning determines it.
    pub release_version: Option<String>,
    /// The branch or tag, for projects whose process is in Git.
    pub git_ref: Option<String>,
    /// The notes, without the lines that identify the release.
    pub notes: String,
    /// The custom fields' values by their names.
    pub custom_fields: BTreeMap<String, String>,
}

/// The hash of a plan's content, 64 hex digits: equal plans have equal keys. It is the idempotency key of a
/// release.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PlanKey(String);

impl PlanKey {
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The key in the notes of a release. `None`: no plan created it.
    pub fn stamped_in(notes: &str) -> Option<Self> {
        notes
            .lines()
            .filter_map(|line| line.trim().strip_prefix(STAMP))
            .map(|key| key.trim_matches('`'))
            .find(|key| key.len() == 64 && key.bytes().all(|byte| byte.is_ascii_hexdigit()))
            .map(Self::new)
    }
}

impl std::fmt::Display for PlanKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl Plan {
    /// The idempotency key: the channel, the packages, and the release that the plan repeats. The channel's newest
    /// release, the number, the notes and the trigger are not part of the key: two triggers that plan the same
    /// release create one, and a release whose response was lost is not created again after another one.
    pub fn key(&self) -> PlanKey {
        let mut hash = Sha256::new();
        let mut field = |text: &str| {
            hash.update(text.len().to_be_bytes());
            hash.update(text);
        };
        for text in [
            "plan/3",
            self.space.as_str(),
            self.project.as_str(),
            self.channel.as_str(),
        ] {
            field(text);
        }
        field(self.git_ref.as_deref().unwrap_or_default());
        for package in &self.packages {
            field(&package.action_name);
            field(&package.package_reference);
            field(&package.package);
            match &package.digest {
                None => field(&package.version),
                Some(digest) => field(&format!("{}@{digest}", package.version)),
            }
        }
        if let Some(repeat) = &self.repeats {
            field(repeat.release.as_str());
        }
        PlanKey(base16ct::lower::encode_string(&hash.finalize()))
    }

    /// The number of the release, if it is fixed before the creation: the project has at most one release with it.
    pub fn fixed_number(&self) -> Option<&str> {
        let number = self.release_version.as_deref();
        number.filter(|number| !is_incrementing(number))
    }

    /// The notes with the lines that identify the release: the key, the release that it repeats, and the digests
    /// that the next decision about a followed tag compares.
    pub fn stamped_notes(&self) -> String {
        let notes = self.notes.split('\n').map(without_stamp);
        let mut lines: Vec<_> = notes.collect();
        lines.push(String::new());
        let digests = self.packages.iter().filter_map(SelectedDigest::of);
        lines.extend(digests.map(|digest| format!("{DIGEST_STAMP}`{digest}`")));
        lines.extend(self.repeats.as_ref().map(Repeat::stamp));
        lines.push(format!("{STAMP}`{}`", self.key()));
        lines.join("\n")
    }
}

/// The text before everything that identifies a release. No other line of the notes begins with it.
const STAMPS: &str = "Feed trigger ";

/// A line of the notes that does not identify a release. Labels of images, which templates may use, could contain any line.
fn without_stamp(line: &str) -> String {
    match line.trim_start().starts_with(STAMPS) {
        true => format!("> {line}"),
        false => line.to_owned(),
    }
}

/// The digest of a version that a release selected, as recorded in its notes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SelectedDigest {
    pub action_name: String,
    /// Empty for the primary package.
    pub package_reference: String,
    /// The digest, such as `sha256:...`.
    pub digest: String,
}

impl SelectedDigest {
    pub(crate) fn of(package: &PlannedPackage) -> Option<Self> {
        Some(Self {
            action_name: package.action_name.clone(),
            package_reference: package.package_reference.clone(),
            digest: package.digest.clone()?,
        })
    }

    /// The digests in the notes of a release.
    pub fn stamped_in(notes: &str) -> Vec<Self> {
        let read = |line: &str| {
            let line = line.trim().strip_prefix(DIGEST_STAMP)?.trim_matches('`');
            let (place, digest) = line.rsplit_once('@')?;
            let (action_name, package_reference) = place.rsplit_once(':')?;
            Some(Self {
                action_name: action_name.to_owned(),
                package_reference: package_reference.to_owned(),
                digest: digest.to_owned(),
            })
        };
        notes.lines().filter_map(read).collect()
    }
}

impl std::fmt::Display for SelectedDigest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            action_name,
            package_reference,
            digest,
        } = self;
        write!(f, "{action_name}:{package_reference}@{digest}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{ReleaseId, TriggerId};

    fn plan(version: &str) -> Plan {
        Plan {
            space: SpaceId::new("Spaces-1"),
            project: ProjectId::new("Projects-1"),
            channel: ChannelId::new("Channels-1"),
            packages: vec![PlannedPackage {
                action_name: "Deploy".into(),
                package_reference: "web".into(),
                package: "acme/web".into(),
                version: version.into(),
                tag: None,
                previous: Some("1.0.0".into()),
                digest: None,
            }],
            repeats: None,
            release_version: Some("0.0.7".into()),
            git_ref: None,
            notes: "- acme/web 1.1.0".into(),
            custom_fields: BTreeMap::new(),
        }
    }

    #[test]
    fn plan_key_depends_on_the_packages_and_the_repeated_release() {
        let (one, mut same) = (plan("1.1.0"), plan("1.1.0"));
        same.release_version = None;
        same.notes = "Another".into();
        assert_eq!(one.key(), same.key());
        assert_ne!(one.key(), plan("1.2.0").key());
        let on_a_branch = Plan {
            git_ref: Some("main".into()),
            ..plan("1.1.0")
        };
        assert_ne!(one.key(), on_a_branch.key());
        let again = |release: &str, trigger: &str| Plan {
            repeats: Some(Repeat {
                release: ReleaseId::new(release),
                trigger: TriggerId::new(trigger),
            }),
            ..plan("1.1.0")
        };
        let second = again("Releases-1", "ProjectTriggers-1");
        let third = again("Releases-2", "ProjectTriggers-1");
        assert_ne!(one.key(), second.key());
        assert_ne!(second.key(), third.key());
        assert_eq!(second.key(), again("Releases-1", "ProjectTriggers-2").key());
    }

    #[test]
    fn plan_key_separates_its_fields() {
        let mut shifted = plan("1.1.0");
        shifted.packages[0].action_name = "Deployw".into();
        shifted.packages[0].package_reference = "eb".into();
        assert_ne!(plan("1.1.0").key(), shifted.key());
    }

    #[test]
    fn plan_key_is_parsed_from_release_notes() {
        let plan = plan("1.1.0");
        let notes = format!(
            "Edited manually.\r\n{}\r\n",
            plan.stamped_notes().replace('\n', "\r\n")
        );
        assert_eq!(PlanKey::stamped_in(&notes), Some(plan.key()));
        let (digits, words) = ("a1".repeat(32), "no".repeat(32));
        let shorter = &digits[2..];
        for (key, expected) in [
            (digits.as_str(), Some(digits.as_str())),
            ("something else", None),
            // Not hex, and hex that is too short.
            (words.as_str(), None),
            (shorter, None),
        ] {
            let found = PlanKey::stamped_in(&format!("Feed trigger plan: `{key}`"));
            assert_eq!(found.as_ref().map(PlanKey::as_str), expected, "{key}");
        }
    }

    #[test]
    fn repeat_is_parsed_from_release_notes() {
        let repeat = Repeat {
            release: ReleaseId::new("Releases-1"),
            trigger: TriggerId::new("ProjectTriggers-1"),
        };
        let again = Plan {
            repeats: Some(repeat.clone()),
            ..plan("1.1.0")
        };
        let notes = again.stamped_notes();
        assert_eq!(Repeat::stamped_in(&notes), Some(repeat));
        assert_eq!(PlanKey::stamped_in(&notes), Some(again.key()));
        assert_eq!(Repeat::stamped_in(&plan("1.1.0").stamped_notes()), None);
    }

    #[test]
    fn digests_are_part_of_the_key_and_parsed_from_release_notes() {
        let mut followed = plan("latest");
        followed.packages[0].digest = Some("sha256:aa".into());
        let mut again = followed.clone();
        again.packages[0].digest = Some("sha256:bb".into());
        assert_ne!(followed.key(), plan("latest").key());
        assert_ne!(followed.key(), again.key());
        let notes = again.stamped_notes();
        assert_eq!(PlanKey::stamped_in(&notes), Some(again.key()));
        let stamped = SelectedDigest::stamped_in(&notes);
        assert_eq!(stamped.len(), 1);
        assert_eq!(stamped[0].to_string(), "Deploy:web@sha256:bb");
    }
}
