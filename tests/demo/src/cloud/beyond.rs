//! What can be seen on a cloud alone: the push rule's narrowness, and where bad messages end.

use std::io::Write;
use std::time::Duration;

use anyhow::{Context, ensure};
use engine::messages::Event;
use serde_json::{Value, json};

use super::deployment::STACK;
use super::push;
use super::scratch::until;
use super::stage::CloudStage;
use crate::narrator::Narrator;
use crate::stage::Stage;

/// Five deliveries, a second apart, and some time for each.
const LONGEST: Duration = Duration::from_secs(60);

/// An image with this digest never was.
const DIGEST: &str = "sha256:0000000000000000000000000000000000000000000000000000000000000000";

pub(super) async fn tell<W: Write>(
    stage: &mut CloudStage,
    say: &mut Narrator<W>,
) -> anyhow::Result<()> {
    let before = stage.releases()?;
    unknown_push(stage, say).await?;
    bad_message(stage, say).await?;
    ensure!(
        stage.releases()? == before,
        "Octopus has other releases than before"
    );
    Ok(())
}

async fn unknown_push<W: Write>(
    stage: &mut CloudStage,
    say: &mut Narrator<W>,
) -> anyhow::Result<()> {
    say.step("A push to a repository that no trigger watches")?;
    let mut untagged = push::event("acme/unwatched", "1.0.0", DIGEST);
    untagged["detail"]
        .as_object_mut()
        .map(|detail| detail.remove("image-tag"));
    ensure!(
        !push::matches(&stage.api, &untagged).await?,
        "the rule takes untagged images"
    );
    let event = push::event("acme/unwatched", "1.0.0", DIGEST);
    push::deliver(&stage.api, stage.deployment.output("PushQueueUrl")?, &event).await?;
    let reason = "no trigger watches the repository acme/unwatched";
    until("the push receiver's log", LONGEST, async || {
        let lines = stage.api.logged(STACK, "push-receiver").await?;
        Ok(lines.iter().any(|line| line.contains(reason)).then_some(()))
    })
    .await?;
    stage.listener.hear().await?;
    let asked = stage
        .listener
        .heard()
        .iter()
        .any(|(_, message)| match &message.event {
            Event::FeedCheckRequested(check) => check
                .packages
                .iter()
                .any(|package| package.as_str() == "acme/unwatched"),
            _ => false,
        });
    ensure!(!asked, "a check of acme/unwatched was asked for");
    say.outcome("Nothing is checked; the push receiver's log says why")?;
    say.aside(reason)?;
    Ok(())
}

async fn bad_message<W: Write>(
    stage: &mut CloudStage,
    say: &mut Narrator<W>,
) -> anyhow::Result<()> {
    say.step("A message that nobody can read")?;
    let (queue, dead) = (
        stage.deployment.output("CheckQueueUrl")?,
        stage.deployment.output("CheckDeadLettersUrl")?,
    );
    // Five deliveries would take an hour as the queue is set up.
    let soon = json!({ "QueueUrl": queue, "Attributes": { "VisibilityTimeout": "1" } });
    stage
        .api
        .call("AmazonSQS.SetQueueAttributes", &soon)
        .await?;
    let letters = ["not a message".to_owned()];
    stage.api.send(queue, &letters).await?;
    until("the dead letter", LONGEST, async || {
        Ok((stage.api.waiting(dead).await? > 0).then_some(()))
    })
    .await?;
    let lines = stage.api.logged(STACK, "feed-checker").await?;
    let reason = lines.iter().find_map(|line| reason(line));
    let reason = reason.context("the feed checker's log does not say what is wrong with it")?;
    say.outcome("After five deliveries it is a dead letter; the feed checker's log says why")?;
    say.aside(&reason)?;
    Ok(())
}

/// Why a record was left to its queue, if that is what the line of a function's log is about.
fn reason(line: &str) -> Option<String> {
    let line: Value = serde_json::from_str(line).ok()?;
    let is_about_a_record = line["level"] == "ERROR" && line["message_id"].is_string();
    line["exception"]
        .as_str()
        .filter(|_| is_about_a_record)
        .map(str::to_owned)
}
