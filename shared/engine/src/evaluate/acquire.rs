//! Acquires leases in the ledger: which evaluation creates a release in a channel, and from which plan.
//!
//! If the release's number is fixed, and the owner of a lease is known to have ended, the lease is taken over before it
//! expires, to create the same release.

use domain::ledger::{Claim, Entry, claim, is_abandoned};
use domain::plan::{Plan, PlanKey};

use super::Evaluate;
use super::lease::{Lease, REMEMBER};
use crate::StepError;
use crate::ports::{Clock, Ledger, LedgerId, LedgerRow, SaveError};

/// The result of claiming an entry of the ledger.
pub(super) enum Attempt {
    /// The entry is claimed by this evaluation.
    Granted(Lease),
    /// The entry's state that prevents it.
    Refused(Claim),
}

impl<S: Ledger, O, B, C: Clock> Evaluate<'_, S, O, B, C> {
    /// Claims the channel lock, to create a release from this plan.
    pub(super) async fn claim_channel(
        &self,
        id: LedgerId,
        plan: PlanKey,
    ) -> Result<Attempt, StepError> {
        let row = self.store.entry(&id).await?;
        let earlier_attempt = match claim(row.entry.as_ref(), self.clock.now()) {
            Claim::Free => None,
            state => match self.earlier_attempt(&row, &plan, &state).await? {
                Some(earlier_attempt) => earlier_attempt,
                None => return Ok(Attempt::Refused(state)),
            },
        };
        let lease = Lease {
            plan: Some(plan),
            earlier_attempt,
            ..self.lease(id, &row)
        };
        self.write_claim(lease).await
    }

    /// The attempt of the owner of a channel lock, if the lock can be taken over for this plan; `Some(None)` if the attempt
    /// is settled.
    async fn earlier_attempt(
        &self,
        row: &LedgerRow,
        plan: &PlanKey,
        state: &Claim,
    ) -> Result<Option<Option<String>>, StepError> {
        let Some(
            entry @ Entry::Claimed {
                plan: Some(theirs), ..
            },
        ) = &row.entry
        else {
            return Ok(None);
        };
        if !is_abandoned(entry, &self.settings.claimant) {
            return Ok(None);
        }
        let id = LedgerId::Plan(theirs.clone());
        Ok(match self.store.entry(&id).await?.entry {
            // No request is in progress: none was sent, or its result is known.
            None | Some(Entry::Done { .. }) => Some(None),
            Some(claimed) if theirs == plan && self.is_repeatable(&claimed) => {
                Some(Some(known(state)))
            }
            Some(_) => None,
        })
    }

    /// Claims a plan under the channel lock.
    pub(super) async fn claim_plan(&self, plan: &Plan) -> Result<Attempt, StepError> {
        let id = LedgerId::Plan(plan.key());
        let row = self.store.entry(&id).await?;
        let number = plan.fixed_number().map(str::to_owned);
        let earlier_attempt = match (claim(row.entry.as_ref(), self.clock.now()), &row.entry) {
            (Claim::Free, _) => None,
            (state, Some(entry @ Entry::Claimed { number: theirs, .. }))
                if *theirs == number && self.is_repeatable(entry) =>
            {
                Some(known(&state))
            }
            (state, _) => return Ok(Attempt::Refused(state)),
        };
        let lease = Lease {
            number,
            earlier_attempt,
            ..self.lease(id, &row)
        };
        self.write_claim(lease).await
    }

    /// Whether the release of a claimed plan can be created again with the same number, before the claim expires.
    pub(super) fn is_repeatable(&self, entry: &Entry) -> bool {
        let is_numbered = matches!(
            entry,
            Entry::Claimed {
                number: Some(_),
                ..
            }
        );
        is_numbered && is_abandoned(entry, &self.settings.claimant)
    }

    /// A lease of this evaluation that replaces the row.
    fn lease(&self, id: LedgerId, row: &LedgerRow) -> Lease {
        Lease {
            id,
            revision: row.revision.unwrap_or_default(),
            replaced: row.revision,
            until: self.clock.now() + self.settings.lease,
            plan: None,
            number: None,
            earlier_attempt: None,
        }
    }

    async fn write_claim(&self, mut lease: Lease) -> Result<Attempt, StepError> {
        let replaced = lease.replaced;
        let is_written = self.write(&mut lease, replaced, None).await?;
        Ok(match is_written {
            true => Attempt::Granted(lease),
            false => Attempt::Refused(Claim::LockedUntil(lease.until, None)),
        })
    }

    /// Records in a channel lock from which plan this evaluation creates a release. `false`: another evaluation has
    /// claimed it.
    pub(super) async fn restate(
        &self,
        channel_lock: &mut Lease,
        plan: PlanKey,
    ) -> Result<bool, StepError> {
        channel_lock.plan = Some(plan);
        let revision = Some(channel_lock.revision);
        self.write(channel_lock, revision, None).await
    }

    /// Records in a lease why it lasts until it expires. The expiry is unchanged. An evaluation of the same plan takes the
    /// lease over, if the release's number is fixed; all others only report the error.
    pub(super) async fn leave(&self, mut lease: Lease, error: &str) -> Result<(), StepError> {
        let revision = Some(lease.revision);
        let left = self.write(&mut lease, revision, Some(error.to_owned()));
        left.await.map(drop)
    }

    /// Writes a lease over the row with this revision. `false`: another evaluation has claimed the entry.
    async fn write(
        &self,
        lease: &mut Lease,
        replaced: Option<u64>,
        unsettled: Option<String>,
    ) -> Result<bool, StepError> {
        let entry = Entry::Claimed {
            owner: self.settings.claimant.owner.clone(),
            until: lease.until,
            unsettled,
            plan: lease.plan.clone(),
            number: lease.number.clone(),
        };
        let expires = self.clock.now() + REMEMBER;
        let put = self.store.put(&lease.id, &entry, replaced, expires);
        match put.await {
            Ok(revision) => {
                lease.revision = revision;
                Ok(true)
            }
            Err(SaveError::Conflict(_)) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

/// The known result of the attempt whose claim is taken over.
fn known(claim: &Claim) -> String {
    match claim {
        Claim::LockedUntil(_, Some(error)) => error.clone(),
        _ => "its process ended".to_owned(),
    }
}
