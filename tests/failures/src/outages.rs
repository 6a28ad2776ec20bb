//! A registry and Octopus are down for a while, with a change that was not detected yet.

use std::io::Write;

use domain::history::Outcome;
use engine::messages::Event;

use crate::harness::Harness;
use demo::printer::Printer;
use demo::testbed::Change;

/// An image is pushed, and the registry stops before the next check.
pub(crate) async fn of_the_registry<W: Write>(
    harness: &mut Harness<'_>,
    out: &mut Printer<W>,
) -> anyhow::Result<()> {
    out.step("The registry stops after a push, and recovers")?;
    harness.change(Change::Web("1.7.0")).await?;
    harness.testbed.registry.stop();
    let failed = harness
        .wait_for("a failed check", |event| {
            matches!(event, Event::FeedCheckFailed(_))
        })
        .await?;
    if let Event::FeedCheckFailed(failure) = &failed.event {
        out.note(&format!("{}: {}", failure.feed_name, failure.reason))?;
    }
    harness.testbed.registry.start_again().await?;
    let release = harness.expect_release(true).await?;
    out.outcome(&format!(
        "FeedCheckFailed is published; after the recovery release {} is created",
        release.version
    ))?;
    Ok(())
}

/// Octopus stops, an image is pushed, and the evaluation fails.
pub(crate) async fn of_octopus<W: Write>(
    harness: &mut Harness<'_>,
    out: &mut Printer<W>,
) -> anyhow::Result<()> {
    out.step("Octopus stops, an image is pushed, and Octopus recovers")?;
    harness.testbed.octopus.stop().await;
    harness.change(Change::Api("1.3.0")).await?;
    let failed = harness
        .expect_outcome("a failed evaluation", Outcome::Failed)
        .await?;
    out.note(&failed.reason)?;
    harness.testbed.octopus.start_again().await?;
    let release = harness.expect_release(true).await?;
    out.outcome(&format!(
        "The last watch list remains in use; after the recovery release {} is created",
        release.version
    ))?;
    Ok(())
}
