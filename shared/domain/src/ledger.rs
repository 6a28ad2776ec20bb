//! The ledger: the record by which the same plan never makes two releases.
//!
//! An entry is claimed before anything is created and finished after. A claim runs out, so that a
//! process that died in between does not block the plan for ever; whoever takes it over looks in Octopus
//! for the release before it creates one. The same states serve the **lane** of a channel: while one
//! process makes a release there, no other does, so releases of a channel are made one after another.

use crate::ids::ReleaseId;
use crate::time::Timestamp;

/// Who claims: an invocation of a function, or a process on a machine. For people who look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner(pub String);

/// A stored ledger entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// Somebody is at work on it.
    Claimed {
        /// Who.
        owner: Owner,
        /// The claim is void from then on.
        until: Timestamp,
    },
    /// The release was made.
    Done {
        /// Which.
        release: ReleaseId,
        /// Its number.
        version: String,
    },
}

/// What an entry means to somebody who wants to claim it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// It is theirs: nobody holds it, or whoever did is gone.
    Free,
    /// Somebody else is at work on it until then.
    HeldUntil(Timestamp),
    /// It is done.
    Done {
        /// The release that was made.
        release: ReleaseId,
        /// Its number.
        version: String,
    },
}

/// What `entry` means to whoever wants to claim it at `now`. Nobody may take up a claim that still
/// holds, its own neither: what it was made for may be under way.
pub fn claim(entry: Option<&Entry>, now: Timestamp) -> Claim {
    match entry {
        None => Claim::Free,
        Some(Entry::Claimed { until, .. }) if *until <= now => Claim::Free,
        Some(Entry::Claimed { until, .. }) => Claim::HeldUntil(*until),
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
    fn a_claim_is_respected_until_it_runs_out() {
        let at = Timestamp::from_millis;
        let held = Entry::Claimed {
            owner: Owner("somebody".into()),
            until: at(10),
        };
        assert_eq!(claim(None, at(0)), Claim::Free);
        assert_eq!(claim(Some(&held), at(9)), Claim::HeldUntil(at(10)));
        assert_eq!(claim(Some(&held), at(10)), Claim::Free);
    }

    #[test]
    fn what_is_done_stays_done() {
        let done = Entry::Done {
            release: ReleaseId::new("Releases-1"),
            version: "1.0".into(),
        };
        let claimed = claim(Some(&done), Timestamp::from_millis(i64::MAX));
        assert!(matches!(claimed, Claim::Done { .. }));
    }
}
