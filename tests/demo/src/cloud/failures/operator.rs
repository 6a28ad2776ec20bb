//! Whoever operates the stack looks at it with `feedctl`, and asks for an evaluation.

use std::io::Write;

use anyhow::{Context, ensure};
use engine::messages::Event;
use serde_json::Value;

use super::trial::Trial;
use crate::narrator::Narrator;

const TRIGGER: &str = "Newer images and charts";

pub(super) async fn looks<W: Write>(
    trial: &mut Trial<'_>,
    say: &mut Narrator<W>,
) -> anyhow::Result<()> {
    say.step("feedctl looks at the stack")?;
    let history = trial
        .feedctl
        .json(&["history", TRIGGER, "--limit", "1000"])
        .await?;
    let history = history.as_array().context("history gives no list")?;
    let made = |one: &&Value| one["ReleaseId"].is_string();
    let mut ids: Vec<_> = history
        .iter()
        .filter(made)
        .map(|one| one["ReleaseId"].to_string())
        .collect();
    ids.sort();
    ids.dedup();
    ensure!(
        ids.len() == trial.changes.len(),
        "{} releases are on record of {} that were made",
        ids.len(),
        trial.changes.len()
    );
    say.outcome(&format!(
        "`history`: {} evaluations, {} releases",
        history.len(),
        ids.len()
    ))?;

    let triggers = trial.feedctl.json(&["triggers", "list"]).await?;
    ensure!(
        triggers[0]["Name"] == TRIGGER && triggers[0]["LastOutcome"].is_string(),
        "triggers list shows {triggers}"
    );
    let feeds = trial.feedctl.json(&["feeds", "list"]).await?;
    let feeds = feeds.as_array().map_or(0, Vec::len);
    ensure!(feeds == 3, "feeds list shows {feeds} feeds");
    say.outcome("`triggers list` and `feeds list`: one trigger, three feeds")?;

    let asked = trial.feedctl.json(&["evaluate", TRIGGER]).await?;
    ensure!(asked["Requested"] == true, "evaluate says {asked}");
    let is_asked_for = |event: &Event| match event {
        Event::ReleaseSkipped(evaluation) => evaluation.cause == "asked for",
        _ => false,
    };
    trial
        .heard("the evaluation that was asked for", is_asked_for)
        .await?;
    say.outcome("`evaluate`: the release creator evaluates the trigger")?;

    let unknown = trial
        .feedctl
        .complaint(&["history", "--stack", "nobodys"])
        .await?;
    ensure!(
        unknown.contains("cannot find the stack nobodys"),
        "feedctl says {unknown}"
    );
    say.outcome("A stack that is not there is told of")?;
    Ok(())
}
