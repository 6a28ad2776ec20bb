//! A function is killed in the middle of its work, and an answer is lost after the work was done.

use std::io::Write;
use std::time::Duration;

use anyhow::ensure;
use domain::history::Outcome;
use octopus_server as octopus;
use registry_server as registry;

use super::super::scratch::until;
use super::claims;
use super::trial::{LONGEST, SOON, Trial, USUAL};
use crate::narrator::Narrator;
use crate::stage::Change;

/// Longer than anybody waits here: who is asked so late is dead by then.
const NEVER: Duration = Duration::from_secs(300);

/// The feed checker is killed while it reads the index of the charts. Its message comes back to the queue,
/// and the next delivery reads the index.
pub(super) async fn of_the_checker<W: Write>(
    trial: &mut Trial<'_>,
    say: &mut Narrator<W>,
) -> anyhow::Result<()> {
    say.step("The feed checker is killed while it reads a feed")?;
    trial.deliver_again_after(SOON).await?;
    trial.change(Change::Chart("1.0.0")).await?;
    let charts = &trial.stage.charts;
    charts.clear_requests();
    charts.fault(registry::Fault::new(
        "index.yaml",
        1,
        registry::FaultKind::Slow(NEVER),
    ));
    until(
        "the feed checker to ask for the index",
        LONGEST,
        async || {
            trial.stage.tick(false).await?;
            Ok((!trial.stage.charts.requests().is_empty()).then_some(()))
        },
    )
    .await?;
    trial.kill("FeedCheckerName")?;
    let release = trial.released(false).await?;
    say.outcome(&format!(
        "Killed; the next delivery led to release {}",
        release.version
    ))?;
    trial.deliver_again_after(USUAL).await?;
    Ok(())
}

/// The release creator is killed while Octopus has its request to create a release and has not begun. The
/// claims of the lane and of the plan stand; once they have run out, the release is looked for, not found,
/// and created.
pub(super) async fn of_the_creator<W: Write>(
    trial: &mut Trial<'_>,
    say: &mut Narrator<W>,
) -> anyhow::Result<()> {
    say.step("The release creator is killed while it creates a release")?;
    trial.deliver_again_after(SOON).await?;
    let faults = trial.stage.octopus.faults();
    faults.push(octopus::Fault::once("/releases", octopus::FaultKind::Latency(NEVER)).on("POST"));
    trial.change(Change::Web("1.4.5")).await?;
    until("the request to create", LONGEST, async || {
        trial.stage.tick(false).await?;
        trial.stage.listener.hear().await?;
        Ok(faults.is_spent().then_some(()))
    })
    .await?;
    trial.kill("ReleaseCreatorName")?;
    trial
        .evaluated("one that finds the channel claimed", Outcome::Waiting)
        .await?;
    let made = trial.releases()?.len() - 1;
    ensure!(
        made == trial.changes.len() - 1,
        "a release was made although the channel is claimed"
    );
    let claims = claims::run_out(trial).await?;
    ensure!(
        claims == 2,
        "{claims} claims stand, not the lane's and the plan's"
    );
    let release = trial.released(true).await?;
    say.outcome(&format!(
        "Nobody touches what it had claimed; then release {}",
        release.version
    ))?;
    trial.deliver_again_after(USUAL).await?;
    Ok(())
}

/// Octopus creates the release and the connection ends before it says so. The release is looked for by the
/// key in its notes before anything else is tried.
pub(super) async fn of_an_answer<W: Write>(
    trial: &mut Trial<'_>,
    say: &mut Narrator<W>,
) -> anyhow::Result<()> {
    say.step("Octopus creates a release, and its answer is lost")?;
    let faults = trial.stage.octopus.faults();
    let lost = octopus::Fault::once("/releases", octopus::FaultKind::ResetAfter).on("POST");
    faults.push(lost);
    trial.change(Change::Web("1.5.0")).await?;
    let release = trial.released(false).await?;
    ensure!(faults.is_spent(), "no answer was lost");
    let posts = trial.stage.octopus.state().count("POST", "/releases");
    let made = trial.changes.len();
    ensure!(
        posts == made,
        "{made} releases were asked for {posts} times"
    );
    say.outcome(&format!(
        "Release {} was found by its key, and made once",
        release.version
    ))?;
    Ok(())
}
