//! Why a decision is what it is.

use crate::options::OptionError;
use crate::time::Span;
use crate::trigger::SourceRef;

/// Why a decision is what it is. Its text is written for the trigger's owner.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// A source moved on.
    #[error("{package} {version} is newer than {previous} in the previous release")]
    Newer {
        /// The package.
        package: String,
        /// The version that is new.
        version: String,
        /// The version in the previous release.
        previous: String,
    },
    /// The channel has no release with this package yet.
    #[error("the channel has no release with {package} yet; {version} is the latest")]
    First {
        /// The package.
        package: String,
        /// The latest permitted version.
        version: String,
    },
    /// Every source is where the previous release has it.
    #[error("no source is newer than in the previous release {release}")]
    NothingNewer {
        /// The previous release's number.
        release: String,
    },
    /// The trigger's project or channel cannot be used now.
    #[error("{why}")]
    Unready {
        /// What stands in the way, with the remedy.
        why: String,
    },
    /// The trigger has no sources.
    #[error("the trigger selects no packages; choose at least one source in the trigger")]
    NoSources,
    /// A source stands for no package.
    #[error("the source {reference} cannot be followed: {why}")]
    Unresolved {
        /// The source.
        reference: SourceRef,
        /// Why, with the remedy.
        why: String,
    },
    /// A package has not been read.
    #[error("{package} has not been read yet")]
    NotRead {
        /// The package.
        package: String,
    },
    /// Nothing that the feed holds may be used.
    #[error("the channel's rules permit no version of {package}")]
    NothingPermitted {
        /// The package.
        package: String,
    },
    /// Nothing that the feed holds may be used, and the trigger's own conditions have a part in it.
    #[error("neither the channel's rules nor the trigger's versions leave a version of {package}")]
    NothingSelected {
        /// The package.
        package: String,
    },
    /// The release would take a package back.
    #[error("{package} would go back from {from} to {to}, the latest that is there and permitted")]
    WouldGoBack {
        /// The package.
        package: String,
        /// The version in the previous release.
        from: String,
        /// The latest permitted version now.
        to: String,
    },
    /// A rule cannot be applied.
    #[error("the channel's rule for {package} cannot be applied: {error}")]
    InvalidRule {
        /// The package.
        package: String,
        /// What is wrong with it.
        error: String,
    },
    /// The project takes its release number from a package that gives none here.
    #[error("the release cannot be numbered: {why}")]
    NoNumber {
        /// Why, with the remedy.
        why: String,
    },
    /// The project's rules aside, the trigger's own conditions replace the version of the previous release.
    #[error(
        "{package} goes back from {from} to {to}, because the trigger's versions refuse {from}"
    )]
    RolledBack {
        /// The package.
        package: String,
        /// The version in the previous release.
        from: String,
        /// The latest permitted version.
        to: String,
    },
    /// A followed tag was pushed again.
    #[error("{package} {tag} was pushed again: it is {digest} now")]
    PushedAgain {
        /// The package.
        package: String,
        /// The tag.
        tag: String,
        /// Its digest now.
        digest: String,
    },
    /// The feed does not have a tag that is followed.
    #[error("the feed has no {package} {tag}, which the trigger follows")]
    FollowedGone {
        /// The package.
        package: String,
        /// The tag.
        tag: String,
    },
    /// The digest of a followed tag is not known.
    #[error(
        "the digest of {package} {tag} is not known yet; a feed that is read through Octopus tells none, \
         so it needs a credential of its own here"
    )]
    NoDigest {
        /// The package.
        package: String,
        /// The tag.
        tag: String,
    },
    /// What is newer is not old enough.
    #[error("{package} {version} is {why}")]
    TooRecent {
        /// The package.
        package: String,
        /// The version.
        version: String,
        /// How old it is, and must be.
        why: String,
    },
    /// Things are still changing.
    #[error(
        "the last change came {quiet} ago; a release is made when nothing has changed for {wanted}"
    )]
    QuietPeriod {
        /// How long nothing has changed.
        quiet: Span,
        /// How long nothing must have changed.
        wanted: Span,
    },
    /// Some sources have nothing newer.
    #[error("nothing newer of {missing} yet, and the trigger wants all of its sources to be newer")]
    NotAll {
        /// Their packages.
        missing: String,
    },
    /// The sources have no newer version in common.
    #[error("the sources have no newer version in common; their newest are {newest}")]
    NothingInCommon {
        /// The packages with the newest permitted version of each.
        newest: String,
    },
    /// What is there was there from the beginning.
    #[error(
        "what is there was there when the trigger was first seen; what comes after it is released"
    )]
    Baseline,
    /// Enough releases were made within the hour.
    #[error(
        "{made} releases were made in this channel within the last hour, and maxReleasesPerHour is \
         {most}; this one is made when the hour is over"
    )]
    TooMany {
        /// How many.
        made: usize,
        /// How many may be.
        most: usize,
    },
    /// An option cannot be used.
    #[error("{}the option {error}", package.as_ref().map(|one| format!("{one}: ")).unwrap_or_default())]
    InvalidOption {
        /// The package that it was to be used for, if it is one's.
        package: Option<String>,
        /// Which, and what is wrong with it.
        error: OptionError,
    },
    /// The channel asks for a custom field that the trigger does not fill.
    #[error(
        "a release in this channel must have the custom field `{field}`; say in the trigger's \
         `customFields` what it holds"
    )]
    MissingField {
        /// The field.
        field: String,
    },
}
