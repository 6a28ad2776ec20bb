//! The ledger: the record that prevents two releases of one plan.
//!
//! A process claims an entry before it creates a release, and marks it done afterwards. A claim is a lease: it
//! expires, so that a process that died does not block the plan for ever. The next owner looks for the release
//! in Octopus before it creates one. A channel's lock is an entry of the same form, so that the releases of a
//! channel are created one after another.
//!
//! A project has at most one release with a number. The attempt of an owner that no longer works on it is therefore
//! repeated with the same number, before its claim expires ([`is_abandoned`]).

use crate::ids::ReleaseId;
use crate::plan::PlanKey;
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
        /// The only plan from which the owner of a channel lock creates a release.
        plan: Option<PlanKey>,
        /// The number of the release in the claim of a plan, if it is fixed before the creation.
        number: Option<String>,
    },
    /// The release exists.
    Done {
        release: ReleaseId,
        /// The release number.
        version: String,
    },
}

/// Who claims entries.
#[derive(Clone, Debug)]
pub struct Claimant {
    /// The owner of its claims.
    pub owner: Owner,
    /// Whether no other process can use the ledger meanwhile: claims of other owners are those of processes that ended.
    pub is_alone: bool,
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

/// Whether the owner of a claim that has not expired no longer works on it. Its last request may still be in progress.
pub fn is_abandoned(entry: &Entry, claimant: &Claimant) -> bool {
    match entry {
        Entry::Claimed {
            owner, unsettled, ..
        } => unsettled.is_some() || claimant.is_alone && *owner != claimant.owner,
        Entry::Done { .. } => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claim_is_abandoned_by_an_owner_that_left_it_or_ended() {
        let claimant = |is_alone| Claimant {
            owner: Owner("me".into()),
            is_alone,
        };
        let lost = Some("no answer");
        for (owner, unsettled, is_alone, expected) in [
            ("other", None, false, false),
            ("other", None, true, true),
            ("me", None, true, false),
            ("other", lost, false, true),
            ("me", lost, true, true),
        ] {
            let entry = Entry::Claimed {
                owner: Owner(owner.into()),
                until: Timestamp::from_millis(10),
                unsettled: unsettled.map(str::to_owned),
                plan: None,
                number: None,
            };
            let is_abandoned = is_abandoned(&entry, &claimant(is_alone));
            assert_eq!(is_abandoned, expected, "{entry:?}, alone: {is_alone}");
        }
        let done = Entry::Done {
            release: ReleaseId::new("Releases-1"),
            version: "1.0".into(),
        };
        assert!(!is_abandoned(&done, &claimant(true)));
    }

    #[test]
    fn claim_blocks_until_it_expires() {
        let at = Timestamp::from_millis;
        let claimed = Entry::Claimed {
            owner: Owner("another invocation".into()),
            until: at(10),
            unsettled: Some("no answer".into()),
            plan: None,
            number: None,
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
                plan: None,
                number: None,
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
