//! The leases of other evaluations, and the end of this evaluation's own.
//!
//! An interrupted evaluation leaves leases that expire. A release that it created without recording it is
//! found as the channel's newest release ([`Evaluate::unfinished`]).

use domain::decide::{Finding, decide};
use domain::history::{MadeRelease, Outcome};
use domain::ledger::{Claim, Entry, claim};
use domain::plan::PlanKey;
use domain::reason_code::{ReasonCode, ReasonDetails};
use domain::time::Span;
use domain::trigger::Trigger;

use super::Evaluate;
use super::lease::{Finish, Lease, REMEMBER};
use super::situation::Gathered;
use super::verdict::{Again, Unfinished, Verdict};
use crate::StepError;
use crate::ports::{Clock, Ledger, LedgerId, LedgerRow, Release, SaveError};

/// When a trigger is evaluated again that found its channel locked.
pub(super) const BUSY_WAIT: Span = Span::from_seconds(20);

/// The reason of an evaluation that finds the channel locked.
const BUSY: &str = "another evaluation is creating a release in this channel";

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
