//! Leases in the ledger: which evaluation creates a release in a channel, and from which plan.
//!
//! An interrupted evaluation leaves leases that expire. A release that it created without recording it is
//! found as the channel's newest release ([`Evaluate::unfinished`]). If the release's number is fixed, and the evaluation
//! is known to have ended, its leases are taken over at once, to create the same release.

use domain::decide::{Finding, decide};
use domain::history::{MadeRelease, Outcome};
use domain::ledger::{Claim, Entry, claim, is_abandoned};
use domain::plan::{Plan, PlanKey};
use domain::reason_code::{ReasonCode, ReasonDetails};
use domain::time::Span;
use domain::trigger::Trigger;

use super::Evaluate;
use super::lease::{Finish, Lease};
use super::situation::Gathered;
use super::verdict::{Again, Unfinished, Verdict};
use crate::StepError;
use crate::ports::{Clock, Ledger, LedgerId, LedgerRow, Release, SaveError};

/// How long a finished plan is stored: longer than any message can live (14 days in a dead-letter queue), and
/// as long as the history.
pub(super) const REMEMBER: Span = Span::from_days(90);

/// When a trigger is evaluated again that found its channel locked.
pub(super) const BUSY_WAIT: Span = Span::from_seconds(20);

/// The reason of an evaluation that finds the channel locked.
const BUSY: &str = "another evaluation is creating a release in this channel";

/// The result of claiming an entry of the ledger.
pub(super) enum Attempt {
    /// The entry is claimed by this evaluation.
    Granted(Lease),
    /// The entry's state that prevents it.
    Refused(Claim),
}

impl<S: Ledger, O, B, C: Clock> Evaluate<'_, S, O, B, C> {
    /// Looks at the plan of the channel's newest release, if this program created it. While the lease of an unfinished
    /// plan lasts, its owner may be about to finish it, unless this evaluation has the channel lock.
    pub(super) async fn unfinished(
        &self,
        trigger: &Trigger,
        gathered: &Gathered,
        has_lock: bool,
    ) -> Result<Unfinished, StepError> {
        let Some(release) = gathered.releases.first() else {
            return Ok(Unfinished::None);
        };
        let Some(key) = PlanKey::stamped_in(&release.notes) else {
            return Ok(Unfinished::None);
        };
        let id = LedgerId::Plan(key.clone());
        let row = self.store.entry(&id).await?;
        let LedgerRow {
            entry: Some(entry),
            revision: Some(revision),
        } = row
        else {
            return Ok(Unfinished::None);
        };
        match claim(Some(&entry), self.clock.now()) {
            Claim::Free => {}
            Claim::LockedUntil(..) if has_lock => {}
            Claim::LockedUntil(..) => {
                return Ok(match self.is_repeatable(&entry) {
                    true => Unfinished::Abandoned(key),
                    false => Unfinished::InProgress,
                });
            }
            Claim::Done { .. } => return Ok(Unfinished::None),
        }
        let decided = decide(&gathered.situation(trigger));
        let finish = Finish {
            plan: Some((
                Lease {
                    id,
                    revision,
                    replaced: Some(revision),
                    until: self.clock.now(),
                    plan: None,
                    number: None,
                    earlier_attempt: None,
                },
                made_release(release),
            )),
            channel_lock: None,
        };
        let reason = "created by an earlier attempt that was interrupted".to_owned();
        let details = ReasonDetails::of(ReasonCode::EarlierAttempt);
        Ok(Unfinished::Interrupted(Box::new(Verdict {
            release: Some(made_release(release)),
            // A newer version may have been published since.
            again: Again::At(self.clock.now()),
            finish: Some(finish),
            ..Verdict::new(Outcome::Created, reason, details, decided.findings)
        })))
    }

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
    fn is_repeatable(&self, entry: &Entry) -> bool {
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

    /// Another evaluation has the lease; it usually finishes within seconds. After a lost answer, the lease lasts
    /// until it expires.
    pub(super) fn busy(&self, claim: &Claim, findings: Vec<Finding>) -> Verdict {
        let soon = self.clock.now() + BUSY_WAIT;
        let (until, code, reason) = match claim {
            Claim::LockedUntil(until, Some(error)) => (
                *until,
                ReasonCode::ResultUnknown,
                format!(
                    "an earlier attempt to create a release in this channel had no known result; it is \
                     searched for at {until}, before another release is created: {error}"
                ),
            ),
            Claim::LockedUntil(until, None) => {
                (soon.min(*until), ReasonCode::ChannelLocked, BUSY.to_owned())
            }
            _ => (soon, ReasonCode::ChannelLocked, BUSY.to_owned()),
        };
        Verdict::waiting(reason, code, until, findings)
    }

    /// Marks the plan done and releases the channel lock. A lease that another evaluation took over meanwhile is
    /// left to that evaluation.
    pub(super) async fn finish(&self, finish: Finish) -> Result<(), StepError> {
        if let Some((lease, release)) = finish.plan {
            let done = Entry::Done {
                release: release.id,
                version: release.version,
            };
            let expires = self.clock.now() + REMEMBER;
            let put = self
                .store
                .put(&lease.id, &done, Some(lease.revision), expires)
                .await;
            unless_conflict(put.map(drop))?;
        }
        if let Some(channel_lock) = finish.channel_lock {
            unless_conflict(
                self.store
                    .release(&channel_lock.id, channel_lock.revision)
                    .await,
            )?;
        }
        Ok(())
    }
}

/// The known result of the attempt whose claim is taken over.
fn known(claim: &Claim) -> String {
    match claim {
        Claim::LockedUntil(_, Some(error)) => error.clone(),
        _ => "its process ended".to_owned(),
    }
}

pub(super) fn unless_conflict(saved: Result<(), SaveError>) -> Result<(), StepError> {
    match saved {
        Ok(()) | Err(SaveError::Conflict(_)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

pub(super) fn made_release(release: &Release) -> MadeRelease {
    MadeRelease {
        id: release.id.clone(),
        version: release.version.clone(),
    }
}
