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
use local_cloud::scratch::{Scratch, until};

/// Longer than the scheduler's timeout, which is 60 seconds.
const AFTER_ANY_TIMEOUT: Duration = Duration::from_secs(300);

/// A request to Octopus fails after 15 seconds.
const WAITED: Duration = Duration::from_secs(10);

/// Every feed is due once a minute, and each run takes a quarter of a minute.
const DETECTED: Duration = Duration::from_secs(120);

/// More runs than the schedule can precede.
const MOST_RUNS: usize = 4;

pub(crate) async fn octopus<W: Write>(
    harness: &mut Harness<'_>,
    out: &mut Printer<W>,
) -> anyhow::Result<()> {
    out.step("Octopus hangs while the scheduler refreshes the watch list")?;
    harness.wait_until_drained().await?;
    let scratch = Scratch::new()?;
    let file = scratch.folder("applied")?.join("triggers.yaml");
    fs::write(&file, "triggers: []\n")?;
    let file = file.to_string_lossy();
    let faults = harness.testbed.octopus.faults();

    // The schedule also runs, so the first refresh may have ended before Octopus hangs.
    let mut runs = 0;
    loop {
        runs += 1;
        ensure!(runs <= MOST_RUNS, "no run waited for Octopus");
        faults.clear();
        // An applied file makes a refresh due.
        harness.feedctl.json(&["apply", &file]).await?;
        faults.push(Fault::always("/api", FaultKind::Latency(AFTER_ANY_TIMEOUT)));
        let start = Instant::now();
        // An error, if the function is killed at its timeout.
        harness.testbed.invoke_scheduler(false).await?;
        if start.elapsed() > WAITED {
            break;
        }
    }
    harness.change(Change::Chart("1.0.5")).await?;
    let is_change = |event: &Event| matches!(event, Event::PackageVersionsChanged(_));
    let testbed = &mut *harness.testbed;
    until("the change", DETECTED, async || {
        testbed.invoke_scheduler(false).await?;
        let received = testbed.listener.receive().await?;
        let is_detected = received.iter().any(|message| is_change(&message.event));
        Ok(is_detected.then_some(()))
    })
    .await?;
    out.outcome("Each run requests its checks and ends on its own; the change is detected")?;
    faults.clear();
    let release = harness.expect_release(true).await?;
    out.outcome(&format!(
        "As soon as Octopus answers, release {} is created",
        release.version
    ))?;
    Ok(())
}
