//! Steps that need the cloud: the filters of the rules for pushes and scans, and the dead-letter queue.

use std::io::Write;
use std::time::Duration;

use anyhow::{Context, ensure};
use engine::messages::Event;
use serde_json::{Value, json};

use crate::deployment::STACK;
use crate::push;
use crate::scratch::until;
use crate::testbed::CloudTestbed;
use demo::printer::Printer;
use demo::testbed::Testbed;

/// Deliveries of a malformed message.
const DELIVERIES: u32 = 5;

/// These deliveries, a second apart, and some time for each.
const TIMEOUT: Duration = Duration::from_secs(60);

/// The digest of no image.
const DIGEST: &str = "sha256:0000000000000000000000000000000000000000000000000000000000000000";

pub async fn run<W: Write>(testbed: &mut CloudTestbed, out: &mut Printer<W>) -> anyhow::Result<()> {
    let before = testbed.releases()?;
    unknown_push(testbed, out).await?;
    finished_scan(testbed, out).await?;
    bad_message(testbed, out).await?;
    ensure!(
        testbed.releases()? == before,
        "Octopus has other releases than before"
    );
    Ok(())
}

async fn unknown_push<W: Write>(
    testbed: &mut CloudTestbed,
    out: &mut Printer<W>,
) -> anyhow::Result<()> {
    out.step("A push to a repository that no trigger watches")?;
    let mut untagged = push::event("acme/unwatched", "1.0.0", DIGEST);
    untagged["detail"]
        .as_object_mut()
        .map(|detail| detail.remove("image-tag"));
    ensure!(
        !push::matches(&testbed.api, &untagged).await?,
        "the rule matches untagged images"
    );
    let event = push::event("acme/unwatched", "1.0.0", DIGEST);
    push::deliver(
        &testbed.api,
        testbed.deployment.output("PushQueueUrl")?,
        &event,
    )
    .await?;
    let reason = "no trigger watches the repository acme/unwatched";
    until("the push receiver's log", TIMEOUT, async || {
        let lines = testbed.api.log_lines(STACK, "push-receiver").await?;
        Ok(lines.iter().any(|line| line.contains(reason)).then_some(()))
    })
    .await?;
    testbed.listener.receive().await?;
    let asked = testbed
        .listener
        .received()
        .iter()
        .any(|(_, message)| match &message.event {
            Event::FeedCheckRequested(check) => check
                .packages
                .iter()
                .any(|package| package.as_str() == "acme/unwatched"),
            _ => false,
        });
    ensure!(!asked, "a check of acme/unwatched was requested");
    out.outcome("No check; the push receiver logs the reason")?;
    out.note(reason)?;
    Ok(())
}

async fn finished_scan<W: Write>(
    testbed: &mut CloudTestbed,
    out: &mut Printer<W>,
) -> anyhow::Result<()> {
    out.step("Finished scans for which no release waits")?;
    let [by_ecr, by_inspector] = push::scan_events("acme/unwatched");
    let mut of_instance = by_inspector.clone();
    of_instance["detail"] = json!({ "instance-id": "i-0123456789abcdef0" });
    ensure!(
        !push::matches(&testbed.api, &of_instance).await?,
        "a rule matches scans of instances"
    );
    let queue = testbed.deployment.output("PushQueueUrl")?;
    for event in [by_ecr, by_inspector] {
        push::deliver(&testbed.api, queue, &event).await?;
    }
    until("the push receiver", TIMEOUT, async || {
        let waiting = testbed.api.message_count(queue).await?;
        Ok((waiting == 0).then_some(()))
    })
    .await?;
    out.outcome("Ignored; the rules match scans of images by ECR and Inspector, and no others")?;
    Ok(())
}

async fn bad_message<W: Write>(
    testbed: &mut CloudTestbed,
    out: &mut Printer<W>,
) -> anyhow::Result<()> {
    out.step("A malformed message")?;
    let (queue, dead) = (
        testbed.deployment.output("CheckQueueUrl")?,
        testbed.deployment.output("CheckDeadLettersUrl")?,
    );
    // With the deployed values, 20 deliveries take 50 minutes.
    let soon = Duration::from_secs(1);
    testbed.api.set_redelivery(queue, soon, DELIVERIES).await?;
    let messages = ["not a message".to_owned()];
    testbed.api.send(queue, &messages).await?;
    until(
        "the message in the dead-letter queue",
        TIMEOUT,
        async || Ok((testbed.api.message_count(dead).await? > 0).then_some(())),
    )
    .await?;
    let lines = testbed.api.log_lines(STACK, "feed-checker").await?;
    let reason = lines.iter().find_map(|line| reason(line));
    let reason = reason.context("the feed checker logged no reason")?;
    out.outcome(
        "Moved to the dead-letter queue after five deliveries; the feed checker logs the reason",
    )?;
    out.note(&reason)?;
    Ok(())
}

/// The reason why a record failed, if this log line reports one.
fn reason(line: &str) -> Option<String> {
    let line: Value = serde_json::from_str(line).ok()?;
    let is_about_a_record = line["level"] == "ERROR" && line["message_id"].is_string();
    line["exception"]
        .as_str()
        .filter(|_| is_about_a_record)
        .map(str::to_owned)
}
