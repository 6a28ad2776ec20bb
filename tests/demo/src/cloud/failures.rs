//! What can go wrong, done on purpose to the compiled functions on the local cloud: processes are killed,
//! messages spoilt, repeated and shuffled, servers taken down, the key changed. One change is made to the
//! feeds with each mishap, and each must have its one release in the end: nothing lost, nothing twice.
//!
//! The emulator does not model what EventBridge does when it cannot deliver: that is the simulation's.

mod browser;
mod claims;
mod console;
mod dead_letters;
mod deaths;
mod key;
mod operator;
mod outages;
mod poison;
mod repeats;
mod trial;

use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context, ensure};

use super::stage::CloudStage;
use crate::narrator::Narrator;
use crate::story::{self, holds};
use trial::Trial;

/// Lives through every mishap, and looks at what is there in the end.
pub async fn live_through<W: Write>(
    stage: &mut CloudStage,
    feedctl: PathBuf,
    say: &mut Narrator<W>,
) -> anyhow::Result<()> {
    say.title("What can go wrong: each change still becomes one release")?;
    let mut trial = Trial::begin(stage, feedctl).await?;
    deaths::of_the_checker(&mut trial, say)
        .await
        .context("when the feed checker dies")?;
    deaths::of_the_creator(&mut trial, say)
        .await
        .context("when the release creator dies")?;
    deaths::of_an_answer(&mut trial, say)
        .await
        .context("when an answer is lost")?;
    poison::in_every_queue(&mut trial, say)
        .await
        .context("when messages are spoilt")?;
    outages::of_the_registry(&mut trial, say)
        .await
        .context("when the registry is down")?;
    outages::of_octopus(&mut trial, say)
        .await
        .context("when Octopus is down")?;
    key::is_changed(&mut trial, say)
        .await
        .context("when the key is changed")?;
    dead_letters::are_handed_back(&mut trial, say)
        .await
        .context("when the release creator dies again and again")?;
    repeats::of_everything(&mut trial, say)
        .await
        .context("when everything is repeated")?;
    operator::looks(&mut trial, say)
        .await
        .context("when the operator looks")?;
    console::of_the_stack(&mut trial, say)
        .await
        .context("when the console is opened")?;
    audit(&mut trial, say).await?;
    story::conclude(trial.stage, say)
}

/// Every change has its one release, in the order in which they were made, and no queue holds anything.
async fn audit<W: Write>(trial: &mut Trial<'_>, say: &mut Narrator<W>) -> anyhow::Result<()> {
    say.step("The account: releases and changes, and what is left in the queues")?;
    trial.settle().await?;
    let mut releases = trial.releases()?;
    releases.reverse();
    ensure!(
        releases.len() == trial.changes.len() + 1,
        "{} releases were made of {} changes",
        releases.len() - 1,
        trial.changes.len()
    );
    for (pair, change) in releases.windows(2).zip(&trial.changes) {
        holds(&pair[1], *change, &pair[0])?;
    }
    say.outcome(&format!(
        "{} changes, {} releases, each with its change and nothing else; every queue is empty",
        trial.changes.len(),
        releases.len() - 1
    ))?;
    Ok(())
}
