//! Octopus accepts requests and answers none while the watch list is refreshed: checks are requested before the refresh, and
//! the scheduler ends before Lambda would kill it.

use std::io::Write;
use std::time::{Duration, Instant};

use anyhow::ensure;
use engine::messages::Event;
use octopus_server::{Fault, FaultKind};

use crate::harness::Harness;
use crate::rows;
use demo::printer::Printer;
use demo::testbed::Change;
use local_cloud::scratch::until;

/// Longer than the scheduler's timeout, which is 60 seconds.
const AFTER_ANY_TIMEOUT: Duration = Duration::from_secs(300);

/// A request to Octopus fails after 15 seconds.
const WAITED: Duration = Duration::from_secs(10);

/// Every feed is due once a minute, and each run takes a quarter of a minute.
const DETECTED: Duration = Duration::from_secs(120);

/// More runs than can have begun before.
const MOST_RUNS: usize = 4;

pub(crate) async fn octopus<W: Write>(
    harness: &mut Harness<'_>,
    out: &mut Printer<W>,
) -> anyhow::Result<()> {
    out.step("Octopus hangs while the scheduler refreshes the watch list")?;
    harness.wait_until_drained().await?;
    let faults = harness.testbed.octopus.faults();
    faults.push(Fault::always("/api", FaultKind::Latency(AFTER_ANY_TIMEOUT)));

    // A run that had begun before may have replaced the list.
    let mut runs = 0;
    loop {
        runs += 1;
        ensure!(runs <= MOST_RUNS, "no run waited for Octopus");
        rows::outdate_watch_list(harness).await?;
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
