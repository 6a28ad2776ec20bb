//! A function is killed while it works; a response is lost after the work is done.

use std::io::Write;
use std::time::Duration;

use anyhow::ensure;
use domain::history::Outcome;
use octopus_server as octopus;
use registry_server as registry;

use crate::harness::{DEFAULT_VISIBILITY, Harness, SHORT_VISIBILITY, TIMEOUT};
use crate::rows;
use demo::printer::Printer;
use demo::testbed::Change;
use local_cloud::scratch::until;

/// Longer than every timeout here: the caller is killed before.
const AFTER_ANY_TIMEOUT: Duration = Duration::from_secs(300);

/// The feed checker is killed while it reads the chart index. The queue redelivers the message, and the next
/// delivery reads the index.
pub(crate) async fn of_the_checker<W: Write>(
    harness: &mut Harness<'_>,
    out: &mut Printer<W>,
) -> anyhow::Result<()> {
    out.step("The feed checker is killed while it reads a feed")?;
    harness.set_visibility_timeout(SHORT_VISIBILITY).await?;
    harness.change(Change::Chart("1.0.0")).await?;
    let charts = &harness.testbed.charts;
    charts.clear_requests();
    charts.fault(registry::Fault::new(
        "index.yaml",
        1,
        registry::FaultKind::Slow(AFTER_ANY_TIMEOUT),
    ));
    until("the request for the index", TIMEOUT, async || {
        harness.testbed.invoke_scheduler(false).await?;
        Ok((!harness.testbed.charts.requests().is_empty()).then_some(()))
    })
    .await?;
    harness.kill("FeedCheckerName")?;
    let release = harness.expect_release(false).await?;
    out.outcome(&format!(
        "The next delivery leads to release {}",
        release.version
    ))?;
    harness.set_visibility_timeout(DEFAULT_VISIBILITY).await?;
    Ok(())
}

/// The release creator is killed after it sent the request to create a release, before Octopus creates it.
/// The leases of the channel lock and the plan remain; after they expire, the release is searched for, not
/// found, and created.
pub(crate) async fn of_the_creator<W: Write>(
    harness: &mut Harness<'_>,
    out: &mut Printer<W>,
) -> anyhow::Result<()> {
    out.step("The release creator is killed while it creates a release")?;
    harness.set_visibility_timeout(SHORT_VISIBILITY).await?;
    let faults = harness.testbed.octopus.faults();
    faults.push(
        octopus::Fault::once("/releases", octopus::FaultKind::Latency(AFTER_ANY_TIMEOUT))
            .on("POST"),
    );
    harness.change(Change::Web("1.4.5")).await?;
    until("the request to create", TIMEOUT, async || {
        harness.testbed.invoke_scheduler(false).await?;
        harness.testbed.listener.receive().await?;
        Ok(faults.is_spent().then_some(()))
    })
    .await?;
    harness.kill("ReleaseCreatorName")?;
    harness
        .expect_outcome(
            "an evaluation that waits for the channel lock",
            Outcome::Waiting,
        )
        .await?;
    let made = harness.releases()?.len() - 1;
    ensure!(
        made == harness.changes.len() - 1,
        "a release was created while the channel was locked"
    );
    let leases = rows::expire_leases(harness).await?;
    ensure!(
        leases == 2,
        "{leases} leases remain, expected those of the channel lock and the plan"
    );
    let release = harness.expect_release(true).await?;
    out.outcome(&format!(
        "Nothing happens until its leases expire; then release {} is created",
        release.version
    ))?;
    harness.set_visibility_timeout(DEFAULT_VISIBILITY).await?;
    Ok(())
}

/// Octopus creates the release, and the connection is reset before the response. The release is found by the
/// idempotency key in its notes.
pub(crate) async fn lost_response<W: Write>(
    harness: &mut Harness<'_>,
    out: &mut Printer<W>,
) -> anyhow::Result<()> {
    out.step("Octopus creates a release, and the response is lost")?;
    let faults = harness.testbed.octopus.faults();
    let lost = octopus::Fault::once("/releases", octopus::FaultKind::ResetAfter).on("POST");
    faults.push(lost);
    harness.change(Change::Web("1.5.0")).await?;
    let release = harness.expect_release(false).await?;
    ensure!(faults.is_spent(), "no response was lost");
    let posts = harness.testbed.octopus.state().count("POST", "/releases");
    let made = harness.changes.len();
    ensure!(posts == made, "{posts} requests to create {made} releases");
    out.outcome(&format!(
        "Release {} is found by its idempotency key, and created once",
        release.version
    ))?;
    Ok(())
}
