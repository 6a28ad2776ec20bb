//! What every mishap needs: to make a change, to wait for its release, to read what the functions said.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{bail, ensure};
use domain::history::{Evaluation, Outcome};
use engine::messages::{Event, Message};
use octopus_server::Release;
use serde_json::json;

use super::super::feedctl::Feedctl;
use super::super::scratch::until;
use super::super::stage::CloudStage;
use crate::stage::{Change, Stage};
use crate::story::holds;

/// Nothing takes longer, unless it hangs.
pub(super) const LONGEST: Duration = Duration::from_secs(60);

/// When a message is delivered again that was not handled: after all that a function may be at.
pub(super) const USUAL: Duration = Duration::from_secs(60);

/// The same where nothing takes long, and where that it comes again is what is waited for.
pub(super) const SOON: Duration = Duration::from_secs(2);

/// The queues that are worked off.
pub(super) const QUEUES: [&str; 3] = ["CheckQueueUrl", "ReleaseQueueUrl", "PushQueueUrl"];

/// Those of the dead letters, in the same order.
pub(super) const DEAD: [&str; 3] = [
    "CheckDeadLettersUrl",
    "ReleaseDeadLettersUrl",
    "PushDeadLettersUrl",
];

/// The stage under trial.
pub(super) struct Trial<'a> {
    pub(super) stage: &'a mut CloudStage,
    pub(super) feedctl: Feedctl,
    pub(super) program: PathBuf,
    /// Every change that must have its release, in order.
    pub(super) changes: Vec<Change>,
}

impl<'a> Trial<'a> {
    /// Has the stack look at everything once.
    pub(super) async fn begin(stage: &'a mut CloudStage, program: PathBuf) -> anyhow::Result<Self> {
        let octopus = &stage.octopus;
        let feedctl = Feedctl::new(
            program.clone(),
            &stage.emulator,
            &octopus.url(),
            octopus.api_key(),
        );
        stage.tick(true).await?;
        let mut trial = Self {
            stage,
            feedctl,
            program,
            changes: Vec::new(),
        };
        trial.deliver_again_after(USUAL).await?;
        trial.settle().await?;
        Ok(trial)
    }

    /// How soon the queues deliver a message again that was not handled. As the template has it, five
    /// deliveries take between a quarter of an hour and two hours and a half.
    pub(super) async fn deliver_again_after(&self, pause: Duration) -> anyhow::Result<()> {
        let seconds = pause.as_secs().to_string();
        for name in QUEUES {
            let queue = self.stage.deployment.output(name)?;
            let pause =
                json!({ "QueueUrl": queue, "Attributes": { "VisibilityTimeout": seconds } });
            let set = "AmazonSQS.SetQueueAttributes";
            self.stage.api.call(set, &pause).await?;
        }
        Ok(())
    }

    /// Puts a change into its feed.
    pub(super) async fn change(&mut self, change: Change) -> anyhow::Result<()> {
        self.changes.push(change);
        self.stage.publish(change).await.map(drop)
    }

    /// Lets the schedule tick until the last change has its release: the only new one, with this change and
    /// all else as before. With `everything`, no pause is waited for that follows a failure.
    pub(super) async fn released(&mut self, everything: bool) -> anyhow::Result<Release> {
        let (before, change) = (self.changes.len(), self.changes[self.changes.len() - 1]);
        let (package, version) = (change.package(), change.version());
        let stage = &mut *self.stage;
        until("the release", LONGEST, async || {
            stage.tick(everything).await?;
            stage.listener.hear().await?;
            let newest = &stage.releases()?[0];
            Ok((newest.package(package.action, "") == Some(version)).then_some(()))
        })
        .await?;
        let releases = self.releases()?;
        ensure!(
            releases.len() == before + 1,
            "Octopus has {} releases after {before} changes",
            releases.len()
        );
        holds(&releases[0], change, &releases[1])?;
        Ok(releases[0].clone())
    }

    /// Lets the schedule tick until the bus carries such a message.
    pub(super) async fn heard(
        &mut self,
        what: &str,
        is_it: impl Fn(&Event) -> bool,
    ) -> anyhow::Result<Message> {
        let stage = &mut *self.stage;
        until(what, LONGEST, async || {
            stage.tick(false).await?;
            let heard = stage.listener.hear().await?;
            Ok(heard.into_iter().find(|message| is_it(&message.event)))
        })
        .await
    }

    /// Lets the schedule tick until an evaluation ends so and no release is made.
    pub(super) async fn evaluated(
        &mut self,
        what: &str,
        outcome: Outcome,
    ) -> anyhow::Result<Evaluation> {
        let ends_so = |event: &Event| match event {
            Event::ReleaseSkipped(evaluation) => evaluation.outcome == outcome,
            _ => false,
        };
        match self.heard(what, ends_so).await?.event {
            Event::ReleaseSkipped(evaluation) => Ok(*evaluation),
            other => bail!("{} is no evaluation", other.detail_type()),
        }
    }

    /// Waits until every queue is empty, those of the dead letters included.
    pub(super) async fn settle(&mut self) -> anyhow::Result<()> {
        let stage = &mut *self.stage;
        until("the queues to be empty", LONGEST, async || {
            stage.listener.hear().await?;
            let mut waiting = 0;
            for name in QUEUES.into_iter().chain(DEAD) {
                waiting += stage.api.waiting(stage.deployment.output(name)?).await?;
            }
            Ok((waiting == 0).then_some(()))
        })
        .await
    }

    pub(super) fn releases(&self) -> anyhow::Result<Vec<Release>> {
        self.stage.releases()
    }

    /// Kills the processes of a function, named by its output.
    pub(super) fn kill(&self, function: &str) -> anyhow::Result<()> {
        let function = self.stage.deployment.output(function)?;
        super::super::functions::kill(self.stage.emulator.id(), function).map(drop)
    }
}
