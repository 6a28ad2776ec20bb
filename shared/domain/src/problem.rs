//! The problems of triggers: what prevents their evaluation until a user acts.

use crate::coded::Coded;

/// A problem of a trigger, a source or the applied file. The text has the cause and the remedy.
pub type Problem = Coded<ProblemCode>;

crate::codes! {
    /// The code of a problem.
    ProblemCode:
    /// The file names a space that is not watched.
    SpaceNotWatched,
    /// The file names no space, and several are watched.
    SpaceMissing,
    /// Octopus does not have the project, channel or Git ref, or hides it from the user.
    NotFound,
    /// The user lacks a permission.
    Forbidden,
    /// Octopus refuses the request, or its response is not understood.
    OctopusRefused,
    /// Requests to Octopus fail.
    OctopusUnavailable,
    ProjectDisabled,
    /// The process has no such action.
    ActionNotFound,
    ActionDisabled,
    /// The action does not run in the trigger's channel.
    ActionNotInChannel,
    PackageReferenceNotFound,
    /// The process fixes the version of the package.
    VersionFixed,
    /// Feed or package depend on variables without a value before a deployment.
    VariableUnresolved,
    /// Octopus does not have the feed, or hides it from the user.
    FeedNotFound,
    /// The feed contains the releases of a project.
    FeedOfReleases,
    NoSources,
    /// The feed does not provide the digests that the trigger requires, or not for two platforms.
    NoDigests,
    /// A version rule of the channel names a package that the process does not have.
    UnmatchedRule,
    /// The packages of the trigger have too many versions.
    TooManyVersions,
    /// Two triggers of the file have the same name.
    DuplicateName,
    /// The file has options for a native trigger that does not exist or is not selected.
    NativeTriggerNotFound,
    /// The file has options for a source that the native trigger does not have.
    SourceNotFound,
}
