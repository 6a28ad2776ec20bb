//! Octopus accepts requests and answers none while the watch list is refreshed: checks are requested before the refresh, and
//! the scheduler ends before Lambda would kill it.

use std::fs;
use std::io::Write;
use std::time::{Duration, Instant};

use anyhow::ensure;
use engine::messages::Event;
use octopus_server::{Fault, FaultKind};

use crate::harness::Harness;
use demo::printer::Printer;
use demo::testbed::Change;
use local_cloud::scratch::Scratch;

/// Longer than the scheduler's timeout, which is 60 seconds.
const AFTER_ANY_TIMEOUT: Duration = Duration::from_secs(300);

/// A request to Octopus fails after 15 seconds.
const WAITED: Duration = Duration::from_secs(10);

/// Every feed is due once a minute, and each run takes a quarter of a minute.
const MOST_RUNS: usize = 6;

pub(crate) async fn octopus<W: Write>(
    harness: &mut Harness<'_>,
    out: &mut Printer<W>,
) -> anyhow::Result<()> {
    out.step("Octopus hangs while the scheduler refreshes the watch list")?;
    harness.wait_until_drained().await?;
    // An applied file makes a refresh due.
    let scratch = Scratch::new()?;
    let file = scratch.folder("applied")?.join("triggers.yaml");
    fs::write(&file, "triggers: []\n")?;
    let file = file.to_string_lossy();
    harness.feedctl.json(&["apply", &file]).await?;
    let faults = harness.testbed.octopus.faults();
    faults.push(Fault::always("/api", FaultKind::Latency(AFTER_ANY_TIMEOUT)));
    harness.change(Change::Chart("1.0.5")).await?;

    let mut runs = 0;
    let is_change = |event: &Event| matches!(event, Event::PackageVersionsChanged(_));
    while {
        runs += 1;
        let start = Instant::now();
        // An error, if the function is killed at its timeout.
        harness.testbed.invoke_scheduler(false).await?;
        ensure!(
            start.elapsed() > WAITED,
            "the scheduler did not wait for Octopus"
        );
        let received = harness.testbed.listener.receive().await?;
        !received.iter().any(|message| is_change(&message.event))
    } {
        ensure!(runs < MOST_RUNS, "no change after {runs} runs");
    }
    out.outcome("The check of the schedule found the change during a run that ended on its own")?;
    faults.clear();
    let release = harness.expect_release(true).await?;
    out.outcome(&format!(
        "As soon as Octopus answers, release {} is created",
        release.version
    ))?;
    Ok(())
}
