//! The options of a trigger. Each default is the behaviour of Octopus's own external feed triggers.
//!
//! [`Options`] belong to a trigger: when a release is created, and with which number and notes. A
//! [`VersionPolicy`] belongs to a source: which versions of its package are eligible, and in which order. Both are
//! plain values; [`Options::check`] and [`VersionPolicy::check`] check their texts (ranges, patterns, templates)
//! when they are set. A text that is invalid in a decision is a refusal with a reason.

mod requirements;
mod summary;

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;

pub use requirements::{DEFAULT_WITHIN, Requirements, ScanLimit, SignedBy};

use crate::condition::ReleaseCondition;
use crate::feed::Feed;
use crate::pattern::Pattern;
use crate::range::{VersionRange, foreign_notation};
use crate::template::Template;
use crate::time::Span;
use crate::version::VersionFormat;
use crate::window::{ReleaseWindow, WindowProblem};

/// The default of `maxWait`, in quiet periods: a feed that always changes would otherwise never be released.
pub const MAX_QUIET_PERIODS: i64 = 10;

/// The maximum of `maxReleasesPerHour`: the number of a channel's releases that a decision reads.
pub const MAX_RELEASES_PER_HOUR: u32 = 100;

/// The maximum number of combinations of versions on which a decision tries the condition (`if`).
pub const MAX_COMBINATIONS: usize = 500;

/// When a trigger creates a release, and with which number and notes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Which sources must be newer.
    pub when: When,
    /// Wait until nothing has changed for this time, then create one release.
    pub quiet_period: Option<Span>,
    /// The maximum wait from the first change. `None`: [`MAX_QUIET_PERIODS`] quiet periods.
    pub max_wait: Option<Span>,
    /// The minimum age of versions, from their publishing date, or else from when they were first seen.
    pub minimum_age: Option<Span>,
    /// Which of several new versions get a release.
    pub catch_up: CatchUp,
    /// The meaning of a package that the previous release lacks.
    pub first_sight: FirstSight,
    /// The maximum number of releases that feed triggers create in the channel within an hour.
    pub max_releases_per_hour: Option<NonZeroU32>,
    /// A [`ReleaseCondition`] on the release (`if`).
    pub condition: Option<String>,
    /// When releases may be created. `None`: always.
    pub window: Option<ReleaseWindow>,
    /// The branch or tag of the released process, for projects in Git. `None`: the default branch.
    pub git_ref: Option<String>,
    /// A [`Template`] of the release number. `None`: the project's own versioning.
    pub release_version: Option<String>,
    /// A [`Template`] of the release notes. `None`: the changed versions.
    pub release_notes: Option<String>,
    /// The additions to the default notes.
    pub release_context: BTreeSet<ReleaseContext>,
    /// A [`Template`] of each custom field of the release, by the field's name.
    pub custom_fields: BTreeMap<String, String>,
    /// Decide and record, but create nothing.
    pub dry_run: bool,
}

/// Which sources must be newer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum When {
    #[default]
    Any,
    All,
    /// All must share a version: the release selects the newest shared one.
    SameVersion {
        /// A pattern that extracts the shared part of each version. `None`: the whole version.
        extract: Option<String>,
    },
    /// All must have the same value of this label: the release selects the newest versions with one value.
    SameLabel {
        /// The label, such as `org.opencontainers.image.revision`.
        by: String,
    },
}

/// An addition to the default notes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ReleaseContext {
    /// The commit of each changed image, by its labels, with links to the commit and to the difference.
    Commits,
    /// The build of the first changed package, from Octopus: its number, branch, commits and work items.
    BuildInformation,
}

/// Which of several new versions get a release.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CatchUp {
    #[default]
    Newest,
    /// Every version, in order, one release per evaluation.
    Every,
    /// The newest of each minor version, in order, one release per evaluation.
    NewestPerMinor,
}

/// The meaning of a package that the previous release lacks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FirstSight {
    /// Existing versions count as new.
    #[default]
    Compare,
    /// Versions that existed when trigger and package were first seen count as known; only later ones are new.
    Baseline,
}

/// Which versions of a source's package are eligible.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VersionPolicy {
    /// Conditions in addition to the channel's rule.
    pub versions: VersionConditions,
    /// A mutable tag to follow by its digest, instead of versions.
    pub follow: Option<String>,
    /// The requirements of the selected version.
    pub require: Requirements,
}

/// Conditions on versions in addition to the channel's rule. A version must meet all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VersionConditions {
    /// A range in the notation of the feed.
    pub range: Option<String>,
    /// A pattern on the pre-release text, as in a channel's rule.
    pub pre_release_tag: Option<String>,
    /// A pattern that the whole version must match.
    pub include: Option<String>,
    /// A pattern that the whole version must not match.
    pub exclude: Option<String>,
    /// The order of versions. `None`: the strategy of the channel's rule.
    pub order: Option<VersionOrder>,
    /// A pattern whose group `version`, or else first group, is the part that is compared.
    pub extract: Option<String>,
    /// Only images for this platform, such as `linux/arm64`.
    pub platform: Option<String>,
    /// If these conditions refuse the version of the previous release, the latest permitted version replaces
    /// it even if it is older.
    pub roll_back: bool,
}

/// The order of versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VersionOrder {
    /// The feed's order of versions.
    Semver,
    /// By publishing date, or else by when they were first seen.
    Published,
    Numeric,
    Alphabetical,
}

/// An invalid option.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{option}: {problem}")]
pub struct OptionError {
    /// The option's name, as in `triggers.yaml`: `versions.range`, `quietPeriod`.
    pub option: String,
    /// The problem, with the remedy.
    pub problem: String,
}

impl OptionError {
    fn new(option: impl Into<String>, problem: &impl ToString) -> Self {
        Self {
            option: option.into(),
            problem: problem.to_string(),
        }
    }

    /// The problem of a trigger's `window`.
    pub fn of_window(problem: WindowProblem) -> Self {
        let WindowProblem { field, problem } = problem;
        match field.as_str() {
            "" => Self::new("window", &problem),
            field => Self::new(format!("window.{field}"), &problem),
        }
    }
}

impl Options {
    /// All problems of the options, independent of the trigger's sources.
    pub fn check(&self) -> Vec<OptionError> {
        let mut errors = Vec::new();
        if let When::SameVersion {
            extract: Some(pattern),
        } = &self.when
        {
            errors.extend(pattern_error("when.sameVersion.extract", pattern));
        }
        if let When::SameLabel { by } = &self.when
            && by.trim().is_empty()
        {
            let problem =
                "it names no label; set it to a label such as org.opencontainers.image.revision";
            errors.push(OptionError::new("when.sameVersion.by", &problem));
        }
        if self.max_wait.is_some() && self.quiet_period.is_none() {
            let problem = "it limits quietPeriod, which is not set; set both or neither";
            errors.push(OptionError::new("maxWait", &problem));
        }
        if let (Some(quiet), Some(most)) = (self.quiet_period, self.max_wait)
            && most < quiet
        {
            let problem = format!("{most} is shorter than quietPeriod, {quiet}");
            errors.push(OptionError::new("maxWait", &problem));
        }
        if let Some(most) = self.max_releases_per_hour
            && most.get() > MAX_RELEASES_PER_HOUR
        {
            let problem =
                format!("{most} is more than {MAX_RELEASES_PER_HOUR}; lower it or remove it");
            errors.push(OptionError::new("maxReleasesPerHour", &problem));
        }
        errors.extend(
            self.condition
                .as_deref()
                .map(condition_errors)
                .unwrap_or_default(),
        );
        let window = self.window.iter().flat_map(ReleaseWindow::check);
        errors.extend(window.map(OptionError::of_window));
        let templates = [
            ("releaseVersion", self.release_version.as_deref()),
            ("releaseNotes", self.release_notes.as_deref()),
        ];
        let templates = templates
            .into_iter()
            .filter_map(|(name, text)| Some((name.to_owned(), text?)));
        let fields = self.custom_fields.iter();
        let fields = fields.map(|(name, text)| (format!("customFields.{name}"), text.as_str()));
        for (option, text) in templates.chain(fields) {
            match Template::parse(text) {
                Err(error) => errors.push(OptionError::new(option, &error)),
                Ok(template) => {
                    let unknown = template.unknown_names();
                    errors.extend(unknown.iter().map(|one| OptionError::new(&option, one)));
                }
            }
        }
        errors
    }
}

impl VersionPolicy {
    /// All problems of the policy for packages of this feed. `None`: problems in every feed.
    pub fn check(&self, feed: Option<&Feed>) -> Vec<OptionError> {
        let VersionConditions {
            range,
            pre_release_tag,
            include,
            exclude,
            extract,
            ..
        } = &self.versions;
        let mut errors = Vec::new();
        if let Some(range) = range
            && let Some(problem) = foreign_notation(range)
        {
            errors.push(OptionError::new("versions.range", &problem));
        } else if let Some(range) = range {
            let format = |feed: &Feed| vec![feed.kind.version_format()];
            let formats = feed.map_or_else(|| VersionFormat::ALL.to_vec(), format);
            let mut results = formats
                .into_iter()
                .map(|format| VersionRange::parse(format, range));
            let first = results.next();
            if let Some(Err(error)) = first
                && results.all(|result| result.is_err())
            {
                errors.push(OptionError::new("versions.range", &error));
            }
        }
        let patterns = [
            ("versions.preReleaseTag", pre_release_tag),
            ("versions.include", include),
            ("versions.exclude", exclude),
            ("versions.extract", extract),
        ];
        for (option, pattern) in patterns {
            errors.extend(
                pattern
                    .as_deref()
                    .and_then(|one| pattern_error(option, one)),
            );
        }
        errors.extend(self.require.check(feed));
        errors
    }

    /// Settings that are valid, but probably not intended.
    pub fn warnings(&self) -> Vec<OptionError> {
        let range = self.versions.range.as_deref().map(str::trim);
        let is_bare =
            |range: &&str| !range.starts_with(['[', '(']) && foreign_notation(range).is_none();
        let warning = |range: &str| {
            let problem = format!(
                "`{range}` permits {range} and every later version, and on a Maven feed every version; write \
                 [{range}] for this version only, or [{range},) for it and every later version"
            );
            OptionError::new("versions.range", &problem)
        };
        range.filter(is_bare).map(warning).into_iter().collect()
    }
}

fn condition_errors(text: &str) -> Vec<OptionError> {
    let problems = match ReleaseCondition::parse(text) {
        Ok(condition) => condition.problems(),
        Err(error) => vec![error.to_string()],
    };
    problems
        .iter()
        .map(|one| OptionError::new("if", one))
        .collect()
}

fn pattern_error(option: &str, pattern: &str) -> Option<OptionError> {
    let error = Pattern::parse(pattern).err()?;
    Some(OptionError::new(option, &error))
}
