//! All scenarios in order, and the final count of releases.

use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context, ensure};

use crate::harness::Harness;
use crate::{
    api_key, console, crashes, dead_letters, feedctl, hanging, malformed, outages, redelivery,
    waiting_checks,
};
use demo::printer::Printer;
use demo::script::{self, expect_packages};
use local_cloud::CloudTestbed;

/// Runs every scenario, then counts releases and remaining messages.
pub(crate) async fn run<W: Write>(
    testbed: &mut CloudTestbed,
    feedctl: PathBuf,
    out: &mut Printer<W>,
) -> anyhow::Result<()> {
    out.title("Failure scenarios: each change still becomes one release")?;
    let mut harness = Harness::begin(testbed, feedctl).await?;
    crashes::of_the_checker(&mut harness, out)
        .await
        .context("in the crash of the feed checker")?;
    crashes::of_the_creator(&mut harness, out)
        .await
        .context("in the crash of the release creator")?;
    crashes::lost_response(&mut harness, out)
        .await
        .context("in the loss of a response")?;
    malformed::in_every_queue(&mut harness, out)
        .await
        .context("with malformed messages")?;
    outages::of_the_registry(&mut harness, out)
        .await
        .context("in the outage of the registry")?;
    outages::of_octopus(&mut harness, out)
        .await
        .context("in the outage of Octopus")?;
    hanging::octopus(&mut harness, out)
        .await
        .context("with an Octopus that hangs")?;
    api_key::rotation(&mut harness, out)
        .await
        .context("in the rotation of the API key")?;
    dead_letters::redrive(&mut harness, out)
        .await
        .context("in the redrive of a message")?;
    waiting_checks::are_overtaken(&mut harness, out)
        .await
        .context("with waiting checks")?;
    waiting_checks::push_is_released_soon(&mut harness, out)
        .await
        .context("with a push while no message waits")?;
    redelivery::of_every_message(&mut harness, out)
        .await
        .context("in the redelivery of every message")?;
    feedctl::commands(&mut harness, out)
        .await
        .context("with feedctl")?;
    console::pages(&mut harness, out)
        .await
        .context("with the console")?;
    count_releases(&mut harness, out).await?;
    script::print_releases(harness.testbed, out)
}

/// Checks that each change has one release, in the order of the changes, and that all queues are empty.
async fn count_releases<W: Write>(
    harness: &mut Harness<'_>,
    out: &mut Printer<W>,
) -> anyhow::Result<()> {
    out.step("Result: releases, changes and remaining messages")?;
    harness.wait_until_drained().await?;
    let mut releases = harness.releases()?;
    releases.reverse();
    ensure!(
        releases.len() == harness.changes.len() + 1,
        "{} releases for {} changes",
        releases.len() - 1,
        harness.changes.len()
    );
    for (pair, change) in releases.windows(2).zip(&harness.changes) {
        expect_packages(&pair[1], *change, &pair[0])?;
    }
    out.outcome(&format!(
        "{} changes, {} releases, each with exactly its change; every queue is empty",
        harness.changes.len(),
        releases.len() - 1
    ))?;
    Ok(())
}
