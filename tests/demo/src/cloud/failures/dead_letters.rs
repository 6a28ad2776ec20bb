//! The release creator dies with each of its five deliveries, so that an announcement is given up. Nobody
//! announces it again, until `feedctl dlq redrive` hands it back.

use std::io::Write;
use std::time::Duration;

use anyhow::{Context, ensure};
use engine::messages::Event;
use octopus_server::{Fault, FaultKind};

use super::super::scratch::until;
use super::trial::{LONGEST, SOON, Trial, USUAL};
use crate::narrator::Narrator;
use crate::stage::Change;

/// How often the queue delivers a message, by the template.
const DELIVERIES: u32 = 5;

/// Longer than anybody waits here: who is asked so late is dead by then.
const NEVER: Duration = Duration::from_secs(300);

pub(super) async fn are_handed_back<W: Write>(
    trial: &mut Trial<'_>,
    say: &mut Narrator<W>,
) -> anyhow::Result<()> {
    say.step("The release creator dies with each delivery of an announcement")?;
    trial.deliver_again_after(SOON).await?;
    trial.settle().await?;
    let before = trial.releases()?;
    let faults = trial.stage.octopus.faults();
    faults.push(hold());
    trial.change(Change::Chart("1.1.0")).await?;
    let announced = |event: &Event| matches!(event, Event::PackageVersionsChanged(_));
    trial.heard("the announcement", announced).await?;
    for delivery in 1..=DELIVERIES {
        until("the release creator to ask Octopus", LONGEST, async || {
            Ok(faults.is_spent().then_some(()))
        })
        .await
        .with_context(|| format!("with delivery {delivery}"))?;
        if delivery < DELIVERIES {
            faults.push(hold());
        }
        trial.kill("ReleaseCreatorName")?;
    }
    let dead = trial
        .stage
        .deployment
        .output("ReleaseDeadLettersUrl")?
        .to_owned();
    until("the dead letter", LONGEST, async || {
        Ok((trial.stage.api.waiting(&dead).await? > 0).then_some(()))
    })
    .await?;
    ensure!(
        trial.releases()? == before,
        "a release was made all the same"
    );

    let letters = trial
        .feedctl
        .json(&["dlq", "list", "--queue", "releases"])
        .await?;
    let letter = &letters[0];
    ensure!(
        letter["Kind"] == "PackageVersionsChanged" && letter["Subject"] == "feed Charts: shop",
        "dlq list shows {letters}"
    );
    let id = letter["Id"].as_str().context("a letter without id")?;
    say.outcome("It is a dead letter, and there is no release")?;
    say.aside(&format!("{}, {}", letter["Kind"], letter["Subject"]))?;
    let done = trial.feedctl.json(&["dlq", "redrive", id]).await?;
    ensure!(
        done["Done"] == serde_json::json!([id]),
        "dlq redrive says {done}"
    );
    let release = trial.released(false).await?;
    say.outcome(&format!(
        "`feedctl dlq redrive` leads to release {}",
        release.version
    ))?;
    trial.deliver_again_after(USUAL).await?;
    Ok(())
}

/// Octopus answers the next question for a channel's releases when nobody asks any more.
fn hold() -> Fault {
    Fault::once("/releases", FaultKind::Latency(NEVER)).on("GET")
}
