//! Creates a release exactly once.
//!
//! 1. **Lock**: the evaluation takes the channel lock, so that releases of the channel are created one after
//!    another; then it gathers the situation and decides again.
//! 2. **Claim**: it claims the plan in the ledger by its idempotency key, which is derived from the plan's
//!    content.
//! 3. **Search**: it searches a release with that key, in case an earlier attempt created it.
//! 4. **Create**: it creates the release with the key in its notes. A request without a known result is repeated once, if
//!    the plan has a fixed number.
//! 5. **Finish**: after the evaluation was recorded and published, it marks the plan done and releases the
//!    lock.
//!
//! An evaluation that is interrupted in between leaves leases that expire, or that are taken over to create the same
//! numbered release. The next evaluation then finds the release by its key, records it, and finishes the plan (`claims`).

use domain::decide::{Decision, Finding, Reason};
use domain::history::Outcome;
use domain::ledger::Claim;
use domain::plan::{Plan, PlanKey};
use domain::process::Versioning;
use domain::reason_code::{ReasonCode, ReasonDetails};
use domain::time::Timestamp;

use super::Evaluate;
use super::acquire::Attempt;
use super::claims::{BUSY_WAIT, made_release, unless_conflict};
use super::lease::{Finish, Lease, REMEMBER};
use super::situation::{Gathered, LOOK_BACK};
use super::verdict::{Again, Verdict};
use crate::ports::{
    Clock, Ledger, OctopusError, OctopusErrorKind, OctopusReader, Release, ReleaseCreator,
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
        let lease = match self.claim_plan(plan).await? {
            Attempt::Granted(lease) => lease,
            Attempt::Refused(Claim::Done { release, version }) => {
                let reason = Reason::AlreadyReleased { release, version };
                return Ok(Verdict::of(&Decision::Skip(reason), findings));
            }
            Attempt::Refused(claim) => return Ok(self.busy(&claim, findings)),
        };
        // The releases are those of the locked channel, and the project has at most one release with a fixed number.
        let found = match plan.fixed_number() {
            Some(_) => Ok(self.search(&gathered.releases, plan).cloned()),
            None => self.find(gathered, plan).await,
        };
        let created = match found {
            Ok(Some(release)) => Ok((
                release,
                "created by an earlier attempt whose answer was lost".to_owned(),
                ReasonDetails::of(ReasonCode::EarlierAttempt),
            )),
            Ok(None) => {
                let created = self.create(gathered, plan).await;
                created.map(|release| (release, reason.to_string(), reason.details()))
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

    /// Creates the release. If the first request had no known result and Octopus does not list the release, a request with
    /// the same fixed number is sent at once: the project can have only one release with it, whichever request succeeds.
    async fn create(&self, gathered: &Gathered, plan: &Plan) -> Result<Release, OctopusError> {
        let first = match self.attempt(gathered, plan).await? {
            Attempted::Created(release) => return Ok(release),
            Attempted::NotListed(error) => error,
        };
        if plan.fixed_number().is_none() {
            return Err(first);
        }
        match self.attempt(gathered, plan).await {
            Ok(Attempted::Created(release)) => Ok(release),
            Err(taken) if taken.kind == OctopusErrorKind::AlreadyExists => Err(taken),
            // The result of the first request stays unknown.
            Ok(Attempted::NotListed(_)) | Err(_) => Err(first),
        }
    }

    /// Sends one request. If its result is unknown, searches the release. If the search fails too, the result stays
    /// unknown: a failed search is no proof that no release was created.
    async fn attempt(&self, gathered: &Gathered, plan: &Plan) -> Result<Attempted, OctopusError> {
        let Gathered {
            project,
            process,
            channel,
            ..
        } = gathered;
        let error = match self.octopus.create(project, process, channel, plan).await {
            Ok(release) => return Ok(Attempted::Created(release)),
            Err(error) => error,
        };
        let is_unknown = error.kind == OctopusErrorKind::Unknown;
        if !is_unknown && error.kind != OctopusErrorKind::AlreadyExists {
            return Err(error);
        }
        match self.find(gathered, plan).await {
            Ok(Some(found)) => Ok(Attempted::Created(found)),
            Ok(None) if is_unknown => Ok(Attempted::NotListed(error)),
            Ok(None) => Err(error),
            Err(unread) => Err(OctopusError {
                message: with_causes(&error),
                kind: OctopusErrorKind::Unknown,
                source: Some(Box::new(unread)),
            }),
        }
    }

    /// The release of the plan, as Octopus has it now.
    async fn find(
        &self,
        gathered: &Gathered,
        plan: &Plan,
    ) -> Result<Option<Release>, OctopusError> {
        let releases = self
            .octopus
            .releases(&gathered.project, &plan.channel, LOOK_BACK)
            .await?;
        Ok(self.search(&releases, plan).cloned())
    }

    /// The release of the plan. A release that is older than the ledger remembers belongs to an earlier plan with
    /// the same packages.
    fn search<'r>(&self, releases: &'r [Release], plan: &Plan) -> Option<&'r Release> {
        let key = plan.key();
        let now = self.clock.now();
        let is_recent = |at: Timestamp| now.since(at) < REMEMBER;
        releases
            .iter()
            .filter(|release| release.assembled.is_none_or(is_recent))
            .find(|release| PlanKey::stamped_in(&release.notes).as_ref() == Some(&key))
    }

    async fn not_created(
        &self,
        gathered: &Gathered,
        plan: &Plan,
        lease: Lease,
        error: &OctopusError,
        findings: Vec<Finding>,
    ) -> Result<Verdict, StepError> {
        let is_repeated = lease.earlier_attempt.is_some();
        let is_unknown = error.kind == OctopusErrorKind::Unknown;
        if is_unknown || is_repeated && error.kind != OctopusErrorKind::AlreadyExists {
            // A request may still be in progress: the leases last until they expire, and the next attempt searches
            // again. The channel lock too: a late release must not follow a newer one. The same numbered release is
            // attempted again without waiting.
            let again = match lease.number {
                Some(_) if is_repeated => Again::AfterFailure(error.kind.retry_after()),
                Some(_) => Again::At(self.clock.now() + BUSY_WAIT),
                None => Again::At(lease.until),
            };
            let reason = with_causes(error);
            self.leave(lease, &reason).await?;
            let details = ReasonDetails::of(ReasonCode::ResultUnknown);
            let verdict = Verdict::new(Outcome::Failed, reason, details, findings);
            return Ok(Verdict {
                again,
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

/// The result of a request to create a release.
enum Attempted {
    Created(Release),
    /// The result is unknown, and Octopus does not list the release.
    NotListed(OctopusError),
}

/// The reason that another release has the number.
pub(super) fn number_taken(number: &str) -> ReasonDetails {
    ReasonDetails::of(ReasonCode::NumberTaken).text("releaseVersion", number)
}
