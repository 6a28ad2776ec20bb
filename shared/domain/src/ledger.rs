//! The ledger: the record that prevents two releases of one plan.
//!
//! A process claims an entry before it creates a release, and marks it done afterwards. A claim is a lease: it
//! expires, so that a process that died does not block the plan for ever. The next owner looks for the release
//! in Octopus before it creates one. A channel's lock is an entry of the same form, so that the releases of a
//! channel are created one after another.

use crate::ids::ReleaseId;
use crate::time::{Span, Timestamp};

/// The longest lease: no invocation of a function runs longer.
const LONGEST_LEASE: Span = Span::from_minutes(15);

/// The owner of a claim: an invocation of a function, or a process on a machine. For operators.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner(pub String);

/// A stored ledger entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// An owner works on it.
    Claimed {
        owner: Owner,
        /// When the claim expires.
        until: Timestamp,
        /// The error after which the owner left the claim, because its request may still be in progress.
        unsettled: Option<String>,
    },
    /// The release exists.
    Done {
        release: ReleaseId,
        /// The release number.
        version: String,
    },
}

/// Whether an entry can be claimed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// No claim exists, or it has expired.
    Free,
    /// Another claim exists and expires then; with the error after which its owner left it, if any.
    LockedUntil(Timestamp, Option<String>),
    /// The release exists.
    Done {
        release: ReleaseId,
        /// The release number.
        version: String,
    },
}

/// Whether `entry` can be claimed at `now`. A claim that has not expired blocks every process, including its
/// owner: its creation may still be running. An expiry that is later than the longest lease was stored by a clock that
/// was ahead, and counts as past.
pub fn claim(entry: Option<&Entry>, now: Timestamp) -> Claim {
    match entry {
        None => Claim::Free,
        Some(Entry::Claimed { until, .. })
            if *until <= now || until.is_ahead_of(now + LONGEST_LEASE) =>
        {
            Claim::Free
        }
        Some(Entry::Claimed {
            until, unsettled, ..
        }) => Claim::LockedUntil(*until, unsettled.clone()),
        Some(Entry::Done { release, version }) => Claim::Done {
            release: release.clone(),
            version: version.clone(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claim_blocks_until_it_expires() {
        let at = Timestamp::from_millis;
        let claimed = Entry::Claimed {
            owner: Owner("another invocation".into()),
            until: at(10),
            unsettled: Some("no answer".into()),
        };
        assert_eq!(claim(None, at(0)), Claim::Free);
        assert_eq!(
            claim(Some(&claimed), at(9)),
            Claim::LockedUntil(at(10), Some("no answer".into()))
        );
        assert_eq!(claim(Some(&claimed), at(10)), Claim::Free);
    }

    #[test]
    fn claim_that_expires_later_than_possible_is_free() {
        let now = Timestamp::from_millis(0);
        for (minutes, is_free) in [(11, false), (20, false), (21, true), (600_000, true)] {
            let claimed = Entry::Claimed {
                owner: Owner("another invocation".into()),
                until: now + Span::from_minutes(minutes),
                unsettled: None,
            };
            let claim = claim(Some(&claimed), now);
            assert_eq!(claim == Claim::Free, is_free, "{minutes}");
        }
    }

    #[test]
    fn claim_of_a_done_entry_returns_the_release() {
        let done = Entry::Done {
            release: ReleaseId::new("Releases-1"),
            version: "1.0".into(),
        };
        let claimed = claim(Some(&done), Timestamp::from_millis(i64::MAX));
        assert!(matches!(claimed, Claim::Done { .. }));
    }
}
