//! The operations that scenarios share: publish a change, wait for its release, wait for events.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{bail, ensure};
use domain::history::{Evaluation, Outcome};
use engine::messages::{Event, Message};
use octopus_server::Release;

use demo::script::expect_packages;
use demo::testbed::{Change, Testbed};
use local_cloud::CloudTestbed;
use local_cloud::feedctl::Feedctl;
use local_cloud::scratch::until;

/// The time limit of every wait.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(60);

/// The queues' usual visibility timeout here: longer than any invocation.
pub(crate) const DEFAULT_VISIBILITY: Duration = Duration::from_secs(60);

/// The visibility timeout of scenarios that wait for a redelivery.
pub(crate) const SHORT_VISIBILITY: Duration = Duration::from_secs(2);

/// Deliveries of a message before it is moved to the dead-letter queue.
pub(crate) const DELIVERIES: u32 = 5;

/// The body of a message to send again. A check of the schedule would be skipped, because the schedule has requested newer
/// ones.
pub(crate) fn never_superseded(body: &str) -> anyhow::Result<String> {
    let mut event: serde_json::Value = serde_json::from_str(body)?;
    let data = event.pointer_mut("/detail/data");
    if let Some(data) = data.and_then(serde_json::Value::as_object_mut) {
        data.remove("supersededAt");
    }
    Ok(event.to_string())
}

/// The outputs with the URLs of the work queues.
pub(crate) const QUEUES: [&str; 3] = ["CheckQueueUrl", "ReleaseQueueUrl", "PushQueueUrl"];

/// The output with the URL of the queue of checks after pushes. It shares the dead-letter queue of the check queue.
const PUSH_CHECK_QUEUE: &str = "PushCheckQueueUrl";

/// The outputs with the URLs of their dead-letter queues, in the same order.
pub(crate) const DEAD_LETTER_QUEUES: [&str; 3] = [
    "CheckDeadLettersUrl",
    "ReleaseDeadLettersUrl",
    "PushDeadLettersUrl",
];

/// The testbed, and the changes so far.
pub(crate) struct Harness<'a> {
    pub(crate) testbed: &'a mut CloudTestbed,
    pub(crate) feedctl: Feedctl,
    pub(crate) program: PathBuf,
    /// Every published change, in order; each must have its release.
    pub(crate) changes: Vec<Change>,
}

impl<'a> Harness<'a> {
    /// Checks every feed once.
    pub(crate) async fn begin(
        testbed: &'a mut CloudTestbed,
        program: PathBuf,
    ) -> anyhow::Result<Self> {
        let octopus = &testbed.octopus;
        let feedctl = Feedctl::new(
            program.clone(),
            &testbed.emulator,
            &octopus.url(),
            octopus.api_key(),
        );
        testbed.invoke_scheduler(true).await?;
        let mut harness = Self {
            testbed,
            feedctl,
            program,
            changes: Vec::new(),
        };
        harness.set_visibility_timeout(DEFAULT_VISIBILITY).await?;
        harness.wait_until_drained().await?;
        Ok(harness)
    }

    /// Sets the visibility timeout of all queues, and fewer deliveries than the template: with its values, a message that
    /// always fails is moved to the dead-letter queue after 50 minutes.
    pub(crate) async fn set_visibility_timeout(&self, pause: Duration) -> anyhow::Result<()> {
        for name in QUEUES.into_iter().chain([PUSH_CHECK_QUEUE]) {
            let queue = self.testbed.deployment.output(name)?;
            self.testbed
                .api
                .set_redelivery(queue, pause, DELIVERIES)
                .await?;
        }
        Ok(())
    }

    /// Publishes a change.
    pub(crate) async fn change(&mut self, change: Change) -> anyhow::Result<()> {
        self.changes.push(change);
        self.testbed.publish(change).await.map(drop)
    }

    /// Runs the scheduler until the last change has its release: the only new one, with this change and all
    /// other packages as before. With `everything`, the scheduler ignores pauses after failures.
    pub(crate) async fn expect_release(&mut self, everything: bool) -> anyhow::Result<Release> {
        let (before, change) = (self.changes.len(), self.changes[self.changes.len() - 1]);
        let (package, version) = (change.package(), change.version());
        let testbed = &mut *self.testbed;
        until("the release", TIMEOUT, async || {
            testbed.invoke_scheduler(everything).await?;
            testbed.listener.receive().await?;
            let newest = &testbed.releases()?[0];
            Ok((newest.package(package.action, "") == Some(version)).then_some(()))
        })
        .await?;
        let releases = self.releases()?;
        ensure!(
            releases.len() == before + 1,
            "Octopus has {} releases after {before} changes",
            releases.len()
        );
        expect_packages(&releases[0], change, &releases[1])?;
        Ok(releases[0].clone())
    }

    /// Runs the scheduler until the bus delivers a matching event.
    pub(crate) async fn wait_for(
        &mut self,
        what: &str,
        matches: impl Fn(&Event) -> bool,
    ) -> anyhow::Result<Message> {
        let testbed = &mut *self.testbed;
        until(what, TIMEOUT, async || {
            testbed.invoke_scheduler(false).await?;
            let received = testbed.listener.receive().await?;
            Ok(received.into_iter().find(|message| matches(&message.event)))
        })
        .await
    }

    /// Runs the scheduler until an evaluation without a release has this outcome.
    pub(crate) async fn expect_outcome(
        &mut self,
        what: &str,
        outcome: Outcome,
    ) -> anyhow::Result<Evaluation> {
        let has_outcome = |event: &Event| match event {
            Event::ReleaseSkipped(evaluation) => evaluation.outcome == outcome,
            _ => false,
        };
        match self.wait_for(what, has_outcome).await?.event {
            Event::ReleaseSkipped(evaluation) => Ok(*evaluation),
            other => bail!("unexpected event {}", other.detail_type()),
        }
    }

    /// Waits until all queues are empty, including the dead-letter queues.
    pub(crate) async fn wait_until_drained(&mut self) -> anyhow::Result<()> {
        let testbed = &mut *self.testbed;
        until("the queues to be empty", TIMEOUT, async || {
            testbed.listener.receive().await?;
            let mut message_count = 0;
            let queues = QUEUES.into_iter().chain([PUSH_CHECK_QUEUE]);
            for name in queues.chain(DEAD_LETTER_QUEUES) {
                message_count += testbed
                    .api
                    .message_count(testbed.deployment.output(name)?)
                    .await?;
            }
            Ok((message_count == 0).then_some(()))
        })
        .await
    }

    pub(crate) fn releases(&self) -> anyhow::Result<Vec<Release>> {
        self.testbed.releases()
    }

    /// Kills the processes of a function, named by a stack output.
    pub(crate) fn kill(&self, function: &str) -> anyhow::Result<()> {
        let function = self.testbed.deployment.output(function)?;
        local_cloud::functions::kill(self.testbed.emulator.id(), function).map(drop)
    }
}
