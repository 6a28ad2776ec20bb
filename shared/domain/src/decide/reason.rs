//! The reasons of decisions.

mod details;

use crate::ids::{ReleaseId, TriggerId};
use crate::options::OptionError;
use crate::problem::Problem;
use crate::time::{Span, Timestamp};
use crate::trigger::SourceRef;
use crate::window::Freeze;

/// The reason of a decision. Its text is written for release managers.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// A source has a newer version.
    #[error("{package} {version} is newer than {previous} in the previous release")]
    Newer {
        package: String,
        version: String,
        /// The version in the previous release.
        previous: String,
    },
    /// The previous release lacks the package.
    #[error("the channel has no release with {package} yet; {version} is the latest version")]
    First { package: String, version: String },
    /// The previous release has another package in its place.
    #[error(
        "{package} replaces {former} in the process since the previous release; their versions are not compared, and \
         {version} is the latest version of {package}"
    )]
    OtherPackage {
        package: String,
        version: String,
        /// The package of the previous release.
        former: String,
    },
    /// The previous release may have the package under another name.
    #[error(
        "cannot compare {package} with the previous release {release}: its package {reference} is not found in the \
         current process, and may be this one under another name; create a release in this channel in Octopus, with \
         which the next ones are compared"
    )]
    Unidentified {
        package: String,
        /// The previous release's number.
        release: String,
        /// The package in the previous release, by action name and package reference.
        reference: SourceRef,
    },
    /// Every source has the version of the previous release.
    #[error("no source is newer than in the previous release {release}")]
    NothingNewer {
        /// The previous release's number.
        release: String,
    },
    /// The channel's newest release has the planned packages.
    #[error("the same packages were released as {version} already")]
    AlreadyReleased {
        release: ReleaseId,
        /// Its number.
        version: String,
    },
    /// The planned packages were released, and a user created a newer release in Octopus.
    #[error(
        "the same packages were released as {version} already; the newer release {newest} was created by \
         hand and stays until there is a newer version"
    )]
    ReplacedByHand {
        /// The release with the planned packages.
        release: ReleaseId,
        /// Its number.
        version: String,
        /// The number of the manual release.
        newest: String,
    },
    /// Another trigger of the channel returned to earlier packages, and this trigger would undo that.
    #[error(
        "{newest} repeats the packages of an earlier release and was created by another trigger of this channel \
         ({trigger}); this trigger would create {version} again, and the two would undo each other's releases \
         for ever; set the same `versions` and `rollBack` in both"
    )]
    TriggersDisagree {
        /// The other trigger.
        trigger: TriggerId,
        /// The number of the channel's newest release.
        newest: String,
        /// The number of the release that this trigger would repeat.
        version: String,
    },
    /// The trigger's project or channel is not usable now.
    #[error("{why}")]
    NotReady {
        /// The cause and the remedy.
        why: Problem,
    },
    #[error("the trigger selects no packages; choose at least one source in the trigger")]
    NoSources,
    /// A source resolves to no package.
    #[error("the source {reference} does not resolve to a package: {why}")]
    Unresolved {
        reference: SourceRef,
        /// The cause and the remedy.
        why: Problem,
    },
    /// The package has no snapshot yet.
    #[error("{package} has not been read yet")]
    NotRead { package: String },
    /// The package has no snapshot, because its checks fail.
    #[error("{package} could not be read: {why}, {} since {since}", times(*failures))]
    CannotRead {
        package: String,
        /// The last failure.
        why: String,
        /// The number of consecutive failures.
        failures: u32,
        /// The first of them.
        since: Timestamp,
    },
    /// The process changed after the watch list was read.
    #[error(
        "the source {reference} does not resolve to a package: the process has changed; the trigger is evaluated \
         again once the new process is read, within minutes"
    )]
    ProcessChanged { reference: SourceRef },
    /// The channel's rules refuse every version.
    #[error("the channel's rules permit no version of {package}")]
    NothingPermitted { package: String },
    /// The channel's rules and the trigger's conditions together refuse every version.
    #[error("no version of {package} meets both the channel's rules and the trigger's `versions`")]
    NothingSelected { package: String },
    /// The release would move a package back.
    #[error(
        "{package} would go back from {from} to {to}, the latest permitted version in the feed; a release \
         never moves a package back"
    )]
    WouldGoBack {
        package: String,
        /// The version in the previous release.
        from: String,
        /// The latest permitted version.
        to: String,
    },
    /// A rule of the channel names a package that the process does not have.
    #[error("{why}")]
    UnmatchedRule {
        /// The cause and the remedy.
        why: Problem,
    },
    /// The release needs a version of a package that the trigger does not select, and there is none.
    #[error(
        "the release also needs a version of {package} (action `{action}`), which the trigger does not select: {why}"
    )]
    NoOtherVersion {
        package: String,
        action: String,
        /// The cause and the remedy.
        why: String,
    },
    /// The channel's rule is not usable.
    #[error("cannot apply the channel's rule for {package}: {error}")]
    InvalidRule { package: String, error: String },
    /// The project's versioning results in no number.
    #[error("cannot number the release: {why}")]
    NoNumber {
        /// The cause and the remedy.
        why: String,
    },
    /// An older version replaces the previous one, because the trigger's conditions refuse that (`rollBack`).
    #[error(
        "{package} is rolled back from {from} to {to}, because the trigger's `versions` refuse {from} and \
         `rollBack` is set"
    )]
    RolledBack {
        package: String,
        /// The version in the previous release.
        from: String,
        /// The latest permitted version.
        to: String,
    },
    /// A followed tag has a new digest.
    #[error("{package} {tag} was pushed again; its digest is now {digest}")]
    PushedAgain {
        package: String,
        tag: String,
        digest: String,
    },
    /// The feed does not list a followed tag.
    #[error("the feed has no {package} {tag}, which the trigger follows")]
    FollowedGone { package: String, tag: String },
    /// The digest of a followed tag is unknown.
    #[error(
        "the digest of {package} {tag} is not known yet; Octopus reports no digests, so a feed that is read \
         through Octopus needs a credential here (`FeedSecretArns`)"
    )]
    NoDigest { package: String, tag: String },
    /// The newer version is too recent.
    #[error("{package} {version} is {why}")]
    TooRecent {
        package: String,
        version: String,
        /// The age and the required age, as a predicate.
        why: String,
    },
    /// Packages are still changing.
    #[error("the last change was {quiet} ago; waiting until nothing has changed for {required}")]
    QuietPeriod {
        /// The time since the last change.
        quiet: Span,
        /// `quietPeriod`.
        required: Span,
    },
    /// Some sources have nothing newer.
    #[error("nothing newer of {missing} yet; the trigger requires all of its sources to be newer")]
    NotAll {
        /// Their packages.
        missing: String,
    },
    /// The sources share no newer version.
    #[error("the sources have no newer version in common; their newest are {newest}")]
    NothingInCommon {
        /// The packages with the newest eligible version of each.
        newest: String,
    },
    /// The sources have no newer versions with the same label.
    #[error(
        "the sources have no newer versions with the same label {label}; the values of their newest versions are \
         {newest}"
    )]
    NoLabelInCommon {
        /// The label's name, as in the trigger's `when`.
        label: String,
        /// The packages with the newest eligible version of each, and its label.
        newest: String,
    },
    /// The labels of a version are needed and were not read yet.
    #[error(
        "the labels of {package} {version} have not been read from the registry yet; an evaluation requests them and \
         continues when they are read"
    )]
    LabelsNotRead { package: String, version: String },
    /// The labels of a version are needed and could not be read.
    #[error("cannot read the labels of {package} {version}: {why}")]
    LabelsUnavailable {
        package: String,
        version: String,
        /// The cause and the remedy.
        why: String,
    },
    /// The requirements of a version were not read yet.
    #[error(
        "{package} {version} has not been checked for what the trigger requires yet; an evaluation requests the check and \
         continues when it is done"
    )]
    NotVerified { package: String, version: String },
    /// The facts that the requirements of a version need could not be read.
    #[error("cannot check what the trigger requires of {package} {version}: {why}")]
    CannotVerify {
        package: String,
        version: String,
        /// The cause and the remedy.
        why: String,
    },
    /// A version has no valid signature yet.
    #[error(
        "{package} {version} is not signed yet: {why}; the release waits for a signature until {until}"
    )]
    NotSigned {
        package: String,
        version: String,
        /// Why no signature is valid.
        why: String,
        /// The end of the wait.
        until: Timestamp,
    },
    /// A version got no valid signature in time.
    #[error(
        "{package} {version} is not signed: {why}; it was first seen more than {within} ago; sign it, or publish \
         another version"
    )]
    SignatureMissing {
        package: String,
        version: String,
        /// Why no signature is valid.
        why: String,
        /// The trigger's `within`.
        within: Span,
    },
    /// The scan of a version is not finished.
    #[error(
        "{package} {version} has no finished scan yet: {why}; the release waits for the scan until {until}"
    )]
    NotScanned {
        package: String,
        version: String,
        /// Why no scan is finished.
        why: String,
        /// The end of the wait.
        until: Timestamp,
    },
    /// The scan of a version was not finished in time.
    #[error(
        "{package} {version} has no finished scan: {why}; it was first seen more than {within} ago; scan it in ECR, or \
         publish another version"
    )]
    ScanMissing {
        package: String,
        version: String,
        /// Why no scan is finished.
        why: String,
        /// The trigger's `within`.
        within: Span,
    },
    /// A version does not have what the trigger requires.
    #[error("{package} {version} does not meet the trigger's `require.{requirement}`: {why}")]
    RequirementUnmet {
        package: String,
        version: String,
        /// `platforms`, `labels` or `scan`.
        requirement: String,
        why: String,
    },
    /// No combination of versions meets the trigger's condition.
    #[error("the trigger's `if` is not met by {packages}{}: {values}", older_ones(*older))]
    ConditionNotMet {
        /// The packages of the newest combination, with their versions.
        packages: String,
        /// The names of the condition with their values for these versions.
        values: String,
        /// The number of older combinations that were tried.
        older: usize,
    },
    /// All versions existed before the trigger.
    #[error(
        "every version existed when the trigger was first seen, and firstSight is baseline; only later \
         versions are released"
    )]
    Baseline,
    /// The channel has its maximum of releases within the hour.
    #[error(
        "{made} releases were created in this channel within the last hour, and maxReleasesPerHour is \
         {most}; the release is created when the hour is over"
    )]
    TooMany {
        made: usize,
        /// `maxReleasesPerHour`.
        most: usize,
    },
    /// The trigger's window is closed.
    #[error("{}the release window opens at {opens_local} in {time_zone} ({opens})", frozen(freeze.as_ref()))]
    OutsideWindow {
        /// The freeze that closes it. `None`: it is outside the hours of the window.
        freeze: Option<Freeze>,
        opens: Timestamp,
        /// The same on the clock of the time zone.
        opens_local: String,
        time_zone: String,
    },
    /// An option is not usable.
    #[error("{}the option {error}", package.as_ref().map(|one| format!("{one}: ")).unwrap_or_default())]
    InvalidOption {
        /// The package whose option it is. `None`: the trigger's.
        package: Option<String>,
        error: OptionError,
    },
    /// The channel requires a custom field that the trigger does not fill.
    #[error(
        "Octopus requires the custom field `{field}` of releases in this channel; set its value in the \
         trigger's `customFields`"
    )]
    MissingField { field: String },
}

/// The older combinations that a condition was tried on.
fn older_ones(count: usize) -> String {
    match count {
        0 => String::new(),
        1 => ", nor by an older combination".to_owned(),
        _ => format!(", nor by {count} older combinations"),
    }
}

fn frozen(freeze: Option<&Freeze>) -> String {
    freeze.map_or_else(String::new, |Freeze { from, to }| match from == to {
        true => format!("releases are frozen on {from}; "),
        false => format!("releases are frozen from {from} to {to}; "),
    })
}

/// `once`, `3 times`.
fn times(count: u32) -> String {
    match count {
        1 => "once".to_owned(),
        _ => format!("{count} times"),
    }
}
