//! Why a decision is what it is.

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
}
