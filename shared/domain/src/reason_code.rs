//! The codes of reasons.

use crate::coded::Details;

/// A reason for programs.
pub type ReasonDetails = Details<ReasonCode>;

crate::codes! {
    /// The code of a reason.
    ReasonCode:
    Newer,
    First,
    OtherPackage,
    RolledBack,
    PushedAgain,
    NothingNewer,
    NothingPermitted,
    NothingSelected,
    Baseline,
    AlreadyReleased,
    ReplacedByHand,
    WouldGoBack,
    TooRecent,
    QuietPeriod,
    NotAll,
    NothingInCommon,
    /// No combination of versions meets the trigger's `if`.
    ConditionNotMet,
    TooMany,
    OutsideWindow,
    NotRead,
    /// The requirements of a version were not checked yet.
    NotVerified,
    NotSigned,
    SignatureMissing,
    NotScanned,
    ScanMissing,
    RequirementUnmet,
    /// The labels of a version are needed and were not read yet.
    LabelsNotRead,
    /// The process changed after the watch list was read.
    ProcessChanged,
    /// The trigger changed after the watch list was read.
    TriggerChanged,
    /// Another trigger file was applied after the watch list was read.
    TriggerFileApplied,
    /// Another evaluation creates a release in the channel.
    ChannelLocked,
    /// An earlier attempt created the release.
    EarlierAttempt,
    /// Checks of a package that was never read fail.
    CannotRead,
    /// The requirements of a version cannot be checked.
    CannotVerify,
    NotReady,
    NoSources,
    Unresolved,
    Unidentified,
    TriggersDisagree,
    UnmatchedRule,
    NoOtherVersion,
    InvalidRule,
    InvalidOption,
    NoNumber,
    MissingField,
    FollowedGone,
    NoDigest,
    /// The labels of a version are needed and cannot be read.
    LabelsUnavailable,
    /// Another release has the number of the planned one.
    NumberTaken,
    /// Octopus answered no request to create the release, or each with an error that leaves the result open.
    ResultUnknown,
    /// A request to Octopus failed.
    OctopusFailed,
    /// A check of a feed failed.
    CheckFailed,
}

impl ReasonCode {
    /// Whether the release waits for facts that are read again every few minutes.
    pub fn is_read_again(self) -> bool {
        matches!(
            self,
            Self::NotSigned | Self::NotScanned | Self::CannotVerify
        )
    }

    /// Whether the reason is an error: it lasts until a user, a feed or Octopus is corrected. A new version or the
    /// passage of time does not end it.
    pub fn is_error(self) -> bool {
        matches!(
            self,
            Self::CannotRead
                | Self::CannotVerify
                | Self::NotReady
                | Self::NoSources
                | Self::Unresolved
                | Self::Unidentified
                | Self::TriggersDisagree
                | Self::UnmatchedRule
                | Self::NoOtherVersion
                | Self::InvalidRule
                | Self::InvalidOption
                | Self::NoNumber
                | Self::MissingField
                | Self::FollowedGone
                | Self::NoDigest
                | Self::LabelsUnavailable
                | Self::NumberTaken
                | Self::ResultUnknown
                | Self::OctopusFailed
                | Self::CheckFailed
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coded::Code as _;

    #[test]
    fn reason_code_is_found_by_its_name() {
        for code in ReasonCode::ALL {
            assert_eq!(ReasonCode::from_name(code.name()), *code);
        }
        assert_eq!(
            ReasonCode::from_name("of a later version"),
            ReasonCode::Other
        );
    }
}
