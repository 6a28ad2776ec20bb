//! A registry and Octopus are down for a while, with a change behind them that nobody has seen yet.

use std::io::Write;

use domain::history::Outcome;
use engine::messages::Event;

use super::trial::Trial;
use crate::narrator::Narrator;
use crate::stage::Change;

/// An image is pushed, and the registry goes down before anybody has looked.
pub(super) async fn of_the_registry<W: Write>(
    trial: &mut Trial<'_>,
    say: &mut Narrator<W>,
) -> anyhow::Result<()> {
    say.step("The registry goes down after a push, and comes up again")?;
    trial.change(Change::Web("1.7.0")).await?;
    trial.stage.registry.go_down();
    let failed = trial
        .heard("a failed check", |event| {
            matches!(event, Event::FeedCheckFailed(_))
        })
        .await?;
    if let Event::FeedCheckFailed(failure) = &failed.event {
        say.aside(&format!("{}: {}", failure.feed_name, failure.reason))?;
    }
    trial.stage.registry.come_up().await?;
    let release = trial.released(true).await?;
    say.outcome(&format!(
        "It was told of, and after it release {}",
        release.version
    ))?;
    Ok(())
}

/// Octopus goes down, an image is pushed, and an evaluation fails.
pub(super) async fn of_octopus<W: Write>(
    trial: &mut Trial<'_>,
    say: &mut Narrator<W>,
) -> anyhow::Result<()> {
    say.step("Octopus goes down, an image is pushed, and Octopus comes up again")?;
    trial.stage.octopus.stop().await;
    trial.change(Change::Api("1.3.0")).await?;
    let failed = trial.evaluated("one that fails", Outcome::Failed).await?;
    say.aside(&failed.reason)?;
    trial.stage.octopus.start_again().await?;
    let release = trial.released(true).await?;
    say.outcome(&format!(
        "The list stood, and after it release {}",
        release.version
    ))?;
    Ok(())
}
