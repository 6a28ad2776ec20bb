//! Creates a release exactly once.
//!
//! 1. **Lock**: the evaluation takes the channel lock, so that releases of the channel are created one after
//!    another; then it gathers the situation and decides again.
//! 2. **Claim**: it claims the plan in the ledger by its idempotency key, which is derived from the plan's
//!    content.
//! 3. **Search**: it searches a release with that key, in case an earlier attempt created it.
//! 4. **Create**: it creates the release with the key in its notes.
//! 5. **Finish**: after the evaluation was recorded and published, it marks the plan done and releases the
//!    lock.
//!
//! An evaluation that is interrupted in between leaves leases that expire. The next evaluation then finds the
//! release by its key, records it, and finishes the plan (`claims`).

use domain::decide::{Decision, Finding, Reason};
use domain::history::Outcome;
use domain::ledger::Claim;
use domain::plan::{Plan, PlanKey};
use domain::process::Versioning;
use domain::reason_code::{ReasonCode, ReasonDetails};
use domain::time::Timestamp;

use super::Evaluate;
use super::claims::{Attempt, REMEMBER, made_release, unless_conflict};
use super::lease::{Finish, Lease};
use super::situation::{Gathered, LOOK_BACK};
use super::verdict::{Again, Verdict};
use crate::ports::{
    Clock, Ledger, LedgerId, OctopusError, OctopusErrorKind, OctopusReader, Release, ReleaseCreator,
};
use crate::{StepError, with_causes};

impl<S, O, B, C> Evaluate<'_, S, O, B, C>
where
    S: Ledger,
    O: OctopusReader + ReleaseCreator,
    C: Clock,
{
    pub(super) async fn create_once(
        &self,
        gathered: &Gathered,
        plan: &Plan,
        reason: &Reason,
        findings: Vec<Finding>,
    ) -> Result<Verdict, StepError> {
        let lease = match self.claim(LedgerId::Plan(plan.key())).await? {
            Attempt::Granted(lease) => lease,
            Attempt::Refused(Claim::Done { release, version }) => {
                let reason = Reason::AlreadyReleased { release, version };
                return Ok(Verdict::of(&Decision::Skip(reason), findings));
            }
            Attempt::Refused(claim) => return Ok(self.busy(&claim, findings)),
        };
        let created = match self.find(gathered, plan).await {
            Ok(Some(release)) => Ok((
                release,
                "created by an earlier attempt whose answer was lost".to_owned(),
                ReasonDetails::of(ReasonCode::EarlierAttempt),
            )),
            Ok(None) => {
                let Gathered {
                    project,
                    process,
                    channel,
                    ..
                } = gathered;
                let created = self.octopus.create(project, process, channel, plan).await;
                self.resolve_unknown(gathered, plan, created)
                    .await
                    .map(|release| (release, reason.to_string(), reason.details()))
            }
            Err(error) => Err(error),
        };
        match created {
            Ok((release, reason, details)) => Ok(Verdict {
                release: Some(made_release(&release)),
                finish: Some(Finish {
                    plan: Some((lease, made_release(&release))),
                    channel_lock: None,
                }),
                ..Verdict::new(Outcome::Created, reason, details, findings)
            }),
            Err(error) => {
                let not_created = self.not_created(gathered, plan, lease, &error, findings);
                not_created.await
            }
        }
    }

    /// If the outcome of an attempt is unknown, searches its release in Octopus. If that fails too, the outcome
    /// stays unknown: a failed search is no proof that no release was created.
    async fn resolve_unknown(
        &self,
        gathered: &Gathered,
        plan: &Plan,
        created: Result<Release, OctopusError>,
    ) -> Result<Release, OctopusError> {
        match created {
            Err(error)
                if matches!(
                    error.kind,
                    OctopusErrorKind::Unknown | OctopusErrorKind::AlreadyExists
                ) =>
            {
                match self.find(gathered, plan).await {
                    Ok(found) => found.ok_or(error),
                    Err(unread) => Err(OctopusError {
                        message: with_causes(&error),
                        kind: OctopusErrorKind::Unknown,
                        source: Some(Box::new(unread)),
                    }),
                }
            }
            other => other,
        }
    }

    /// The release of the plan. A release that is older than the ledger remembers belongs to an earlier plan with
    /// the same packages.
    async fn find(
        &self,
        gathered: &Gathered,
        plan: &Plan,
    ) -> Result<Option<Release>, OctopusError> {
        let key = plan.key();
        let releases = self
            .octopus
            .releases(&gathered.project, &plan.channel, LOOK_BACK)
            .await?;
        let now = self.clock.now();
        let is_recent = |at: Timestamp| now.since(at) < REMEMBER;
        Ok(releases
            .into_iter()
            .filter(|release| release.assembled.is_none_or(is_recent))
            .find(|release| PlanKey::stamped_in(&release.notes).as_ref() == Some(&key)))
    }

    async fn not_created(
        &self,
        gathered: &Gathered,
        plan: &Plan,
        lease: Lease,
        error: &OctopusError,
        findings: Vec<Finding>,
    ) -> Result<Verdict, StepError> {
        if error.kind == OctopusErrorKind::Unknown {
            // The request may still be in progress: the leases last until they expire, and the next attempt
            // searches again. The channel lock too: a late release must not follow a newer one.
            let until = self.clock.now() + self.settings.lease;
            let reason = with_causes(error);
            let details = ReasonDetails::of(ReasonCode::ResultUnknown);
            let verdict = Verdict::new(Outcome::Failed, reason, details, findings);
            return Ok(Verdict {
                again: Again::At(until),
                keeps_channel_lock: true,
                ..verdict
            });
        }
        unless_conflict(self.store.release(&lease.id, lease.revision).await)?;
        let numbered_by_package = matches!(
            gathered.process.template.versioning,
            Versioning::Donor { .. }
        );
        match error.kind {
            OctopusErrorKind::AlreadyExists if numbered_by_package => {
                let reason = format!(
                    "{error}, with other packages: the project's release number is the version of a package \
                     that did not change; number releases by a template"
                );
                let number = plan.release_version.as_deref().unwrap_or_default();
                let details = number_taken(number);
                Ok(Verdict::new(Outcome::Refused, reason, details, findings))
            }
            _ => Ok(Verdict {
                findings,
                taken_number: (error.kind == OctopusErrorKind::AlreadyExists)
                    .then(|| plan.release_version.clone().unwrap_or_default()),
                ..Verdict::failed(error)
            }),
        }
    }
}

/// The reason that another release has the number.
pub(super) fn number_taken(number: &str) -> ReasonDetails {
    ReasonDetails::of(ReasonCode::NumberTaken).text("releaseVersion", number)
}
