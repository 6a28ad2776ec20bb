//! The release creator is killed in each of the five deliveries of a message, which moves to the dead-letter
//! queue until `feedctl dlq redrive`.

use std::io::Write;
use std::time::Duration;

use anyhow::{Context, ensure};
use engine::messages::Event;
use octopus_server::{Fault, FaultKind};

use crate::harness::{DEFAULT_VISIBILITY, DELIVERIES, Harness, SHORT_VISIBILITY, TIMEOUT};
use demo::printer::Printer;
use demo::testbed::Change;
use local_cloud::scratch::until;

/// Longer than every timeout here: the caller is killed before.
const AFTER_ANY_TIMEOUT: Duration = Duration::from_secs(300);

pub(crate) async fn redrive<W: Write>(
    harness: &mut Harness<'_>,
    out: &mut Printer<W>,
) -> anyhow::Result<()> {
    out.step("The release creator is killed in each delivery of a message")?;
    harness.set_visibility_timeout(SHORT_VISIBILITY).await?;
    harness.wait_until_drained().await?;
    let before = harness.releases()?;
    let faults = harness.testbed.octopus.faults();
    faults.push(delay_answer());
    harness.change(Change::Chart("1.1.0")).await?;
    let announced = |event: &Event| matches!(event, Event::PackageVersionsChanged(_));
    harness.wait_for("the message", announced).await?;
    for delivery in 1..=DELIVERIES {
        until("the request to Octopus", TIMEOUT, async || {
            Ok(faults.is_spent().then_some(()))
        })
        .await
        .with_context(|| format!("in delivery {delivery}"))?;
        if delivery < DELIVERIES {
            faults.push(delay_answer());
        }
        harness.kill("ReleaseCreatorName")?;
    }
    let dead = harness
        .testbed
        .deployment
        .output("ReleaseDeadLettersUrl")?
        .to_owned();
    until(
        "the message in the dead-letter queue",
        TIMEOUT,
        async || Ok((harness.testbed.api.message_count(&dead).await? > 0).then_some(())),
    )
    .await?;
    ensure!(
        harness.releases()? == before,
        "a release was created before the redrive"
    );

    let messages = harness
        .feedctl
        .json(&["dlq", "list", "--queue", "releases"])
        .await?;
    let message = &messages[0];
    ensure!(
        message["Kind"] == "PackageVersionsChanged" && message["Subject"] == "feed Charts: shop",
        "dlq list printed {messages}"
    );
    let id = message["Id"].as_str().context("the message has no id")?;
    out.outcome("The message is in the dead-letter queue, and no release was created")?;
    out.note(&format!("{}, {}", message["Kind"], message["Subject"]))?;
    let done = harness.feedctl.json(&["dlq", "redrive", id]).await?;
    ensure!(
        done["Done"] == serde_json::json!([id]),
        "dlq redrive printed {done}"
    );
    let release = harness.expect_release(false).await?;
    out.outcome(&format!(
        "After `feedctl dlq redrive`, release {} is created",
        release.version
    ))?;
    harness.set_visibility_timeout(DEFAULT_VISIBILITY).await?;
    Ok(())
}

/// Delays the answer to the next request for a channel's releases.
fn delay_answer() -> Fault {
    Fault::once("/releases", FaultKind::Latency(AFTER_ANY_TIMEOUT)).on("GET")
}
