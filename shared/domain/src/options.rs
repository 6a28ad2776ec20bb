//! The options of a trigger. Each default is what Octopus's own external feed triggers do.
//!
//! [`Options`] are the trigger's: when a release is made, and of which shape. A [`VersionPolicy`] is a
//! source's: which of its package's versions count, and in which order. Both are plain values; texts in
//! them (ranges, patterns, templates) are checked by [`Options::check`] and [`VersionPolicy::check`] when
//! they are set, and lead to a refusal with a reason if they cannot be used after all.

mod words;

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use crate::pattern::Pattern;
use crate::range::VersionRange;
use crate::template::Template;
use crate::time::Span;
use crate::version::VersionFormat;

pub use words::summary;

/// Without a `maxWait`, a release waits at most so many quiet periods: a feed that never rests would
/// otherwise never be released.
pub const QUIET_PERIODS_AT_MOST: i64 = 10;

/// The most that `maxReleasesPerHour` may be: so many of a channel's releases are looked at.
pub const MOST_RELEASES_PER_HOUR: u32 = 100;

/// When a trigger makes a release, and of which shape.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Which sources must have something newer.
    pub when: When,
    /// Wait until nothing has changed for so long; then one release.
    pub quiet_period: Option<Span>,
    /// But at most so long since the first change. Absent: [`QUIET_PERIODS_AT_MOST`] quiet periods.
    pub max_wait: Option<Span>,
    /// Only versions that were published, or else first seen here, at least so long ago.
    pub minimum_age: Option<Span>,
    /// Which of several new versions get a release.
    pub catch_up: CatchUp,
    /// What a package without a version in the previous release means.
    pub first_sight: FirstSight,
    /// How many releases the trigger's channel gets from feed triggers within an hour.
    pub max_releases_per_hour: Option<NonZeroU32>,
    /// The branch or tag whose process is released, for projects in Git. Absent: the default branch.
    pub git_ref: Option<String>,
    /// A [`Template`] for the release's number. Absent: the project's own versioning.
    pub release_version: Option<String>,
    /// A [`Template`] for the release's notes. Absent: what changed from what to what.
    pub release_notes: Option<String>,
    /// A [`Template`] for each custom field of the release, by the field's name.
    pub custom_fields: BTreeMap<String, String>,
    /// Decide and record, create nothing.
    pub dry_run: bool,
}

/// Which sources must have something newer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum When {
    /// At least one.
    #[default]
    Any,
    /// All.
    All,
    /// All must have one version in common: the release gets the newest that they share.
    SameVersion {
        /// A pattern that takes from each version the part that must be the same. Absent: the whole.
        extract: Option<String>,
    },
}

/// Which of several new versions get a release.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CatchUp {
    /// The newest.
    #[default]
    Newest,
    /// Every one, in order, one release an evaluation.
    Every,
    /// The newest of each minor version, in order, one release an evaluation.
    NewestPerMinor,
}

/// What a package without a version in the previous release means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FirstSight {
    /// What is there counts as new.
    #[default]
    Compare,
    /// What was there when trigger and package were first seen counts as known; only what came later is new.
    Baseline,
}

/// Which versions of a source's package count.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VersionPolicy {
    /// What is asked of versions, on top of the channel's rule.
    pub versions: VersionConditions,
    /// A mutable tag that is followed by its digest, instead of versions.
    pub follow: Option<String>,
}

/// What is asked of versions, on top of the channel's rule. Every condition that is there must hold.
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
    /// What makes one version later than another. Absent: what the channel's rule says.
    pub order: Option<VersionOrder>,
    /// A pattern whose first group, or the group `version`, is the part that is compared.
    pub extract: Option<String>,
    /// Only images for this platform, such as `linux/arm64`.
    pub platform: Option<String>,
    /// Where these conditions refuse the version of the previous release, the latest that they permit
    /// replaces it although it is older.
    pub roll_back: bool,
}

/// What makes one version later than another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VersionOrder {
    /// The feed's order of versions.
    Semver,
    /// When it was published, or else first seen here.
    Published,
    /// As numbers.
    Numeric,
    /// As text.
    Alphabetical,
}

/// An option that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{option}: {problem}")]
pub struct OptionError {
    /// The option's name, as in `triggers.yaml`: `versions.range`, `quietPeriod`.
    pub option: String,
    /// What is wrong with it, with the remedy.
    pub problem: String,
}

impl OptionError {
    fn new(option: impl Into<String>, problem: &impl ToString) -> Self {
        Self {
            option: option.into(),
            problem: problem.to_string(),
        }
    }
}

impl Options {
    /// Everything that is wrong with the options by themselves.
    pub fn check(&self) -> Vec<OptionError> {
        let mut errors = Vec::new();
        if let When::SameVersion {
            extract: Some(pattern),
        } = &self.when
        {
            errors.extend(pattern_error("when.sameVersion.extract", pattern));
        }
        if self.max_wait.is_some() && self.quiet_period.is_none() {
            let problem = "it bounds quietPeriod, which is not set; set both or none";
            errors.push(OptionError::new("maxWait", &problem));
        }
        if let (Some(quiet), Some(most)) = (self.quiet_period, self.max_wait)
            && most < quiet
        {
            let problem = format!("{most} is shorter than quietPeriod, {quiet}");
            errors.push(OptionError::new("maxWait", &problem));
        }
        if let Some(most) = self.max_releases_per_hour
            && most.get() > MOST_RELEASES_PER_HOUR
        {
            let problem =
                format!("{most} is more than {MOST_RELEASES_PER_HOUR}; leave it out or lower it");
            errors.push(OptionError::new("maxReleasesPerHour", &problem));
        }
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
            if let Err(error) = Template::parse(text) {
                errors.push(OptionError::new(option, &error));
            }
        }
        errors
    }
}

impl VersionPolicy {
    /// Everything that is wrong with the selection for versions of this format. Without a format, what
    /// would be wrong for every one.
    pub fn check(&self, format: Option<VersionFormat>) -> Vec<OptionError> {
        let VersionConditions {
            range,
            pre_release_tag,
            include,
            exclude,
            extract,
            ..
        } = &self.versions;
        let mut errors = Vec::new();
        if let Some(range) = range {
            let formats = format.map_or_else(|| VersionFormat::ALL.to_vec(), |one| vec![one]);
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
        errors
    }
}

fn pattern_error(option: &str, pattern: &str) -> Option<OptionError> {
    let error = Pattern::parse(pattern).err()?;
    Some(OptionError::new(option, &error))
}
