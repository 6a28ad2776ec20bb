//! Checks of the schedule wait in their queue; a push does not wait behind them.

use std::io::Write;
use std::time::{Duration, Instant};

use anyhow::ensure;
use domain::cause::CheckCause;
use engine::messages::Event;
use registry_server::{Fault, FaultKind};

use crate::harness::{Harness, TIMEOUT, never_superseded};
use demo::printer::Printer;
use demo::testbed::{Change, Testbed};
use local_cloud::scratch::until;

/// Far more than the feed-checkers finish while the push is released.
const WAITING: usize = 200;

/// The time of each waiting check.
const SLOW: Duration = Duration::from_secs(2);

pub(crate) async fn are_overtaken<W: Write>(
    harness: &mut Harness<'_>,
    out: &mut Printer<W>,
) -> anyhow::Result<()> {
    out.step("A push while checks of the schedule wait")?;
    harness.wait_until_drained().await?;
    let is_of_charts = |event: &Event| match event {
        Event::FeedCheckRequested(check) => {
            check.feed.name == "Charts" && check.cause != CheckCause::Push
        }
        _ => false,
    };
    let received = harness.testbed.listener.received().iter();
    let checks = received.filter(|(_, message)| is_of_charts(&message.event));
    let bodies = checks.map(|(body, _)| never_superseded(body));
    let bodies: Vec<_> = bodies.collect::<anyhow::Result<_>>()?;
    ensure!(!bodies.is_empty(), "no check of the charts was requested");
    let bodies: Vec<_> = bodies.into_iter().cycle().take(WAITING).collect();
    let charts = &harness.testbed.charts;
    charts.fault(Fault::new("index.yaml", WAITING, FaultKind::Slow(SLOW)));
    let queue = harness.testbed.deployment.output("CheckQueueUrl")?;
    let queue = queue.to_owned();
    harness.testbed.api.send(&queue, &bodies).await?;

    let change = Change::Api("1.5.0");
    harness.change(change).await?;
    let testbed = &mut *harness.testbed;
    until("the release", TIMEOUT, async || {
        testbed.listener.receive().await?;
        let newest = &testbed.releases()?[0];
        let version = newest.package(change.package().action, "");
        Ok((version == Some(change.version())).then_some(()))
    })
    .await?;
    let waiting = harness.testbed.api.message_count(&queue).await?;
    ensure!(waiting > 0, "no check waits any more");
    out.outcome(&format!(
        "Release {} while {waiting} of {WAITING} checks wait",
        harness.releases()?[0].version
    ))?;
    harness.testbed.charts.clear_faults();
    harness.wait_until_drained().await
}

/// A push while nothing waits, without the scheduler: the time from the image to its release.
pub(crate) async fn push_is_released_soon<W: Write>(
    harness: &mut Harness<'_>,
    out: &mut Printer<W>,
) -> anyhow::Result<()> {
    out.step("A push while no message waits")?;
    harness.wait_until_drained().await?;
    let start = Instant::now();
    let change = Change::Api("1.6.0");
    harness.change(change).await?;
    let testbed = &*harness.testbed;
    until("the release", TIMEOUT, async || {
        let newest = &testbed.releases()?[0];
        let version = newest.package(change.package().action, "");
        Ok((version == Some(change.version())).then_some(()))
    })
    .await?;
    out.outcome(&format!(
        "Release {} after {:.1} s",
        harness.releases()?[0].version,
        start.elapsed().as_secs_f64()
    ))?;
    harness.wait_until_drained().await
}
