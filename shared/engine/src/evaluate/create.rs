//! Creating a release exactly once.
//!
//! 1. **Lane**: the channel's lane is claimed, so that its releases are made one after another; then the
//!    situation is gathered anew and decided again.
//! 2. **Claim**: the plan is claimed in the ledger by a key made from its content.
//! 3. **Look**: a release that carries the key is looked for, in case an earlier attempt made it.
//! 4. **Create**, with the key in the release's notes.
//! 5. **Finish**: after the evaluation is on record and announced, the plan is marked done and the lane
//!    is given free.
//!
//! Whoever dies in between leaves a claim that runs out. The next evaluation then finds the release by
//! its key, puts it on record, and finishes what was left (`claims`).

use domain::decide::Finding;
use domain::history::{MadeRelease, Outcome};
use domain::ledger::Claim;
use domain::plan::{Plan, PlanKey};
use domain::process::Versioning;

use super::Evaluate;
use super::claims::{Finish, Held, made, unless_conflict};
use super::situation::Gathered;
use super::verdict::{Again, Verdict};
use crate::ports::{
    Clock, Ledger, LedgerId, OctopusError, OctopusErrorKind, OctopusReader, Release, ReleaseCreator,
};
use crate::{StepError, with_causes};

/// How many of the channel's newest releases are searched for a plan's key. A plan is only searched for
/// while it is newer than the channel's newest release, so its release can only be among the newest.
const LOOK_BACK: usize = 30;

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
        reason: &str,
        findings: Vec<Finding>,
    ) -> Result<Verdict, StepError> {
        let held = match self.claim(LedgerId::Plan(plan.key())).await? {
            Ok(held) => held,
            Err(Claim::Done { release, version }) => {
                let reason = format!("the same packages were released as {version} already");
                let release = Some(MadeRelease {
                    id: release,
                    version,
                });
                let verdict = Verdict::new(Outcome::AlreadyReleased, reason, findings);
                return Ok(Verdict { release, ..verdict });
            }
            Err(held) => return Ok(self.busy(&held, findings)),
        };
        let created = match self.find(gathered, plan).await {
            Ok(Some(release)) => Ok((
                release,
                "created by an earlier attempt whose answer was lost",
            )),
            Ok(None) => {
                let Gathered {
                    project,
                    process,
                    channel,
                    ..
                } = gathered;
                let created = self.octopus.create(project, process, channel, plan).await;
                self.settle_doubt(gathered, plan, created)
                    .await
                    .map(|release| (release, reason))
            }
            Err(error) => Err(error),
        };
        match created {
            Ok((release, reason)) => Ok(Verdict {
                release: Some(made(&release)),
                finish: Some(Finish {
                    plan: Some((held, made(&release))),
                    channel_lock: None,
                }),
                ..Verdict::new(Outcome::Created, reason.to_owned(), findings)
            }),
            Err(error) => self.not_created(gathered, held, &error, findings).await,
        }
    }

    /// Where an attempt may have made the release without saying so, Octopus is asked whether it did. If
    /// Octopus does not say, the doubt stays: it is no proof that nothing was made.
    async fn settle_doubt(
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
        Ok(releases
            .into_iter()
            .find(|release| PlanKey::stamped_in(&release.notes).as_ref() == Some(&key)))
    }

    async fn not_created(
        &self,
        gathered: &Gathered,
        held: Held,
        error: &OctopusError,
        findings: Vec<Finding>,
    ) -> Result<Verdict, StepError> {
        if error.kind == OctopusErrorKind::Unknown {
            // It may still be under way: the claims stand until they run out, and only then is looked again.
            // The lane's as well: what comes late must not come on top of something newer.
            let until = self.clock.now() + self.settings.lease;
            let reason = with_causes(error);
            let verdict = Verdict::new(Outcome::Failed, reason, findings);
            return Ok(Verdict {
                again: Again::At(until),
                keeps_channel_lock: true,
                ..verdict
            });
        }
        unless_conflict(self.store.release(&held.id, held.revision).await)?;
        let numbered_by_package = matches!(
            gathered.process.template.versioning,
            Versioning::Donor { .. }
        );
        match error.kind {
            OctopusErrorKind::AlreadyExists if numbered_by_package => {
                let reason = format!(
                    "{error}, and with other packages: the project takes its release numbers from a \
                     package that did not change; number releases by a template"
                );
                Ok(Verdict::new(Outcome::Refused, reason, findings))
            }
            _ => Ok(Verdict {
                findings,
                is_outnumbered: error.kind == OctopusErrorKind::AlreadyExists,
                ..Verdict::failed(error)
            }),
        }
    }
}
