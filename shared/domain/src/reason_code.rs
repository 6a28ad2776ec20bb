//! The part of a reason that programs read: a code, and the values that the text names.

use std::collections::BTreeMap;

/// A reason for programs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReasonDetails {
    pub code: ReasonCode,
    /// The values that the text names, by name, such as `package` or `failedChecks`.
    pub values: BTreeMap<String, ReasonValue>,
}

/// A value that a reason names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReasonValue {
    Text(String),
    /// A count, or a span in seconds if the name ends in `Seconds`.
    Number(i64),
}

/// Declares the codes with their names.
macro_rules! reason_codes {
    ($($(#[$doc:meta])* $code:ident),* $(,)?) => {
        /// The code of a reason. Codes are only added.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
        pub enum ReasonCode {
            $($(#[$doc])* $code,)*
            /// A code of another version of this program, or none.
            #[default]
            Other,
        }

        impl ReasonCode {
            /// All codes except `Other`.
            pub const ALL: &[Self] = &[$(Self::$code),*];

            /// The name in JSON.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$code => stringify!($code),)*
                    Self::Other => "Other",
                }
            }
        }
    };
}

reason_codes! {
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
    TooMany,
    NotRead,
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
    /// The code with this name; `Other` if there is none.
    pub fn from_name(name: &str) -> Self {
        let mut all = Self::ALL.iter().copied();
        all.find(|code| code.name() == name).unwrap_or_default()
    }

    /// Whether the reason is an error: it lasts until a user, a feed or Octopus is corrected. A new version or the
    /// passage of time does not end it.
    pub fn is_error(self) -> bool {
        matches!(
            self,
            Self::CannotRead
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
                | Self::NumberTaken
                | Self::ResultUnknown
                | Self::OctopusFailed
                | Self::CheckFailed
        )
    }
}

impl ReasonDetails {
    pub fn of(code: ReasonCode) -> Self {
        Self {
            code,
            values: BTreeMap::new(),
        }
    }

    /// The same with a text.
    #[must_use]
    pub fn text(mut self, name: &str, value: impl Into<String>) -> Self {
        let value = ReasonValue::Text(value.into());
        self.values.insert(name.to_owned(), value);
        self
    }

    /// The same with a number.
    #[must_use]
    pub fn number(mut self, name: &str, value: impl TryInto<i64>) -> Self {
        let value = ReasonValue::Number(value.try_into().unwrap_or(i64::MAX));
        self.values.insert(name.to_owned(), value);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
