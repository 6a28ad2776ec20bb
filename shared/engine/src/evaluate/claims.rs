//! Leases in the ledger: which evaluation creates a release in a channel, and from which plan.
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
        let id = LedgerId::Plan(key);
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
            Claim::LockedUntil(..) => return Ok(Unfinished::InProgress),
            Claim::Done { .. } => return Ok(Unfinished::None),
        }
        let decided = decide(&gathered.situation(trigger));
        let finish = Finish {
            plan: Some((
                Lease {
                    id,
                    revision,
                    replaced: Some(revision),
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

    /// Claims an entry of the ledger.
    pub(super) async fn claim(&self, id: LedgerId) -> Result<Attempt, StepError> {
        let now = self.clock.now();
        let LedgerRow {
            entry,
            revision: replaced,
        } = self.store.entry(&id).await?;
        match claim(entry.as_ref(), now) {
            Claim::Free => {}
            other => return Ok(Attempt::Refused(other)),
        }
        let until = now + self.settings.lease;
        let claimed = Entry::Claimed {
            owner: self.settings.owner.clone(),
            until,
            unsettled: None,
        };
        match self
            .store
            .put(&id, &claimed, replaced, now + REMEMBER)
            .await
        {
            Ok(revision) => Ok(Attempt::Granted(Lease {
                id,
                revision,
                replaced,
            })),
            Err(SaveError::Conflict(_)) => Ok(Attempt::Refused(Claim::LockedUntil(until, None))),
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

    /// Records in a lease why it lasts until it expires. The expiry is unchanged, and other evaluations only report
    /// the error.
    pub(super) async fn leave(&self, lease: Lease, error: &str) -> Result<(), StepError> {
        let row = self.store.entry(&lease.id).await?;
        let Some(Entry::Claimed { owner, until, .. }) = row.entry else {
            return Ok(());
        };
        if row.revision != Some(lease.revision) {
            return Ok(());
        }
        let unsettled = Entry::Claimed {
            owner,
            until,
            unsettled: Some(error.to_owned()),
        };
        let expires = self.clock.now() + REMEMBER;
        let put = self
            .store
            .put(&lease.id, &unsettled, Some(lease.revision), expires)
            .await;
        unless_conflict(put.map(drop))
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
