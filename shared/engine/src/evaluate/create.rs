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
//! its key, puts it on record, and finishes what was left ([`Evaluate::unfinished`]).

use domain::decide::{Decision, Finding, Judgement, decide};
use domain::history::{MadeRelease, Outcome};
use domain::ledger::{Claim, Entry, claim};
use domain::plan::{Plan, PlanKey};
use domain::process::Versioning;
use domain::time::Span;
use domain::trigger::Trigger;

use super::situation::Gathered;
use super::{Again, Evaluate, Verdict};
use crate::ports::{
    Bus, Clock, History, Ledger, LedgerId, OctopusError, OctopusErrorKind, OctopusReader, Pauses,
    Release, ReleaseCreator, SaveError, SnapshotReader, WatchLists,
};
use crate::{StepError, with_causes};

/// How many of the channel's newest releases are searched for a plan's key. A plan is only searched for
/// while it is newer than the channel's newest release, so its release can only be among the newest.
const LOOK_BACK: usize = 30;

/// How long a finished plan is remembered: longer than any message can live (14 days in a dead-letter
/// queue), as long as the history.
const REMEMBER: Span = Span::from_days(90);

/// When a channel is looked at again in which somebody else is making a release.
const BUSY_WAIT: Span = Span::from_seconds(20);

/// A claimed entry of the ledger.
pub(super) struct Held {
    id: LedgerId,
    revision: u64,
}

/// What is written once the evaluation is on record.
pub(super) struct Finish {
    plan: Option<(Held, MadeRelease)>,
    lane: Option<Held>,
}

impl<S, O, B, C> Evaluate<'_, S, O, B, C>
where
    S: WatchLists + SnapshotReader + Ledger + History + Pauses,
    O: OctopusReader + ReleaseCreator,
    B: Bus,
    C: Clock,
{
    /// The channel's newest release, if one of our plans made it and was never finished. While the claim of
    /// such a plan stands, whoever made it may be about to finish it; but not if the lane is ours.
    pub(super) async fn unfinished(
        &self,
        trigger: &Trigger,
        gathered: &Gathered,
        holds_lane: bool,
    ) -> Result<Option<Verdict>, StepError> {
        let Some(release) = &gathered.newest else {
            return Ok(None);
        };
        let Some(key) = PlanKey::stamped_in(&release.notes) else {
            return Ok(None);
        };
        let id = LedgerId::Plan(key);
        let Some((entry, revision)) = self.store.entry(&id).await? else {
            return Ok(None);
        };
        match claim(Some(&entry), self.clock.now()) {
            Claim::Free => {}
            Claim::HeldUntil(_) if holds_lane => {}
            Claim::HeldUntil(_) | Claim::Done { .. } => return Ok(None),
        }
        let judgement = decide(&gathered.situation(trigger));
        let finish = Finish {
            plan: Some((Held { id, revision }, made(release))),
            lane: None,
        };
        Ok(Some(Verdict {
            outcome: Outcome::Created,
            reason: "created by an earlier attempt that was interrupted".to_owned(),
            release: Some(made(release)),
            findings: judgement.findings,
            // Something newer may have come since.
            again: Again::At(self.clock.now()),
            finish: Some(finish),
            keeps_lane: false,
        }))
    }

    pub(super) async fn create_in_lane(&self, trigger: &Trigger) -> Result<Verdict, StepError> {
        let (space, project) = (trigger.space.clone(), trigger.project.clone());
        let id = LedgerId::Lane(space, project, trigger.channel.clone());
        let lane = match self.claim(id).await? {
            Ok(lane) => lane,
            Err(held) => return Ok(self.busy(&held, Vec::new())),
        };
        let mut verdict = self.decide_again(trigger).await?;
        if verdict.keeps_lane {
            return Ok(verdict);
        }
        verdict
            .finish
            .get_or_insert(Finish {
                plan: None,
                lane: None,
            })
            .lane = Some(lane);
        Ok(verdict)
    }

    /// In the lane nobody else makes a release in the channel: what is decided now stays true.
    async fn decide_again(&self, trigger: &Trigger) -> Result<Verdict, StepError> {
        match self.still_ours(trigger).await {
            Ok(true) => {}
            Ok(false) => {
                let reason = "the trigger was switched off or changed in Octopus".to_owned();
                return Ok(Verdict::new(Outcome::Skipped, reason, Vec::new()));
            }
            Err(error) => return Ok(Verdict::failed(&error)),
        }
        let gathered = match self.gather(trigger).await? {
            Ok(gathered) => gathered,
            Err(error) => return Ok(Verdict::failed(&error)),
        };
        if let Some(verdict) = self.unfinished(trigger, &gathered, true).await? {
            return Ok(verdict);
        }
        let Judgement {
            decision, findings, ..
        } = match self.judge(trigger, &gathered).await {
            Ok(judgement) => judgement,
            Err(error) => return Ok(Verdict::failed(&error)),
        };
        match decision {
            Decision::Create(plan, reason) => {
                self.create_once(&gathered, &plan, &reason.to_string(), findings)
                    .await
            }
            other => Ok(Verdict::of(&other, findings)),
        }
    }

    /// Whether Octopus still has the trigger in a state in which this program runs it. A trigger that
    /// somebody switched off since the list was read must stay off.
    async fn still_ours(&self, trigger: &Trigger) -> Result<bool, OctopusError> {
        let triggers = self.octopus.feed_triggers(&trigger.space).await?;
        Ok(triggers.iter().any(|native| {
            native.id == trigger.id
                && self
                    .settings
                    .native
                    .selects(native.is_disabled, &native.description)
        }))
    }

    async fn create_once(
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
                    lane: None,
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
                keeps_lane: true,
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
                ..Verdict::failed(error)
            }),
        }
    }

    /// Claims an entry of the ledger, or says who has it.
    async fn claim(&self, id: LedgerId) -> Result<Result<Held, Claim>, StepError> {
        let now = self.clock.now();
        let found = self.store.entry(&id).await?;
        let (entry, revision) = found.map_or((None, None), |(one, at)| (Some(one), Some(at)));
        match claim(entry.as_ref(), now) {
            Claim::Free => {}
            other => return Ok(Err(other)),
        }
        let until = now + self.settings.lease;
        let claimed = Entry::Claimed {
            owner: self.settings.owner.clone(),
            until,
        };
        match self
            .store
            .put(&id, &claimed, revision, now + REMEMBER)
            .await
        {
            Ok(revision) => Ok(Ok(Held { id, revision })),
            Err(SaveError::Conflict(_)) => Ok(Err(Claim::HeldUntil(until))),
            Err(error) => Err(error.into()),
        }
    }

    /// Somebody else is at it; they are usually done in seconds.
    fn busy(&self, held: &Claim, findings: Vec<Finding>) -> Verdict {
        let soon = self.clock.now() + BUSY_WAIT;
        let until = match held {
            Claim::HeldUntil(until) => soon.min(*until),
            _ => soon,
        };
        let reason = "another evaluation is making a release in this channel".to_owned();
        Verdict::waiting(reason, until, findings)
    }

    /// Marks the plan done and gives the lane free. A claim that somebody took over in the meantime is
    /// theirs to finish.
    pub(super) async fn finish(&self, finish: Finish) -> Result<(), StepError> {
        if let Some((held, release)) = finish.plan {
            let done = Entry::Done {
                release: release.id,
                version: release.version,
            };
            let expires = self.clock.now() + REMEMBER;
            let put = self
                .store
                .put(&held.id, &done, Some(held.revision), expires)
                .await;
            unless_conflict(put.map(drop))?;
        }
        if let Some(lane) = finish.lane {
            unless_conflict(self.store.release(&lane.id, lane.revision).await)?;
        }
        Ok(())
    }
}

fn unless_conflict(saved: Result<(), SaveError>) -> Result<(), StepError> {
    match saved {
        Ok(()) | Err(SaveError::Conflict(_)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

fn made(release: &Release) -> MadeRelease {
    MadeRelease {
        id: release.id.clone(),
        version: release.version.clone(),
    }
}
