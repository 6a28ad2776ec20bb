//! `feedctl` reads the stack's state and requests an evaluation.

use std::io::Write;

use anyhow::{Context, ensure};
use domain::cause::EvaluationCause;
use engine::messages::Event;
use serde_json::Value;

use crate::harness::Harness;
use demo::printer::Printer;

const TRIGGER: &str = "Newer images and charts";

pub(crate) async fn commands<W: Write>(
    harness: &mut Harness<'_>,
    out: &mut Printer<W>,
) -> anyhow::Result<()> {
    out.step("feedctl reads the stack")?;
    let history = harness
        .feedctl
        .json(&["history", TRIGGER, "--limit", "1000"])
        .await?;
    let history = history.as_array().context("history printed no list")?;
    let has_release = |one: &&Value| one["ReleaseId"].is_string();
    let mut ids: Vec<_> = history
        .iter()
        .filter(has_release)
        .map(|one| one["ReleaseId"].to_string())
        .collect();
    ids.sort();
    ids.dedup();
    ensure!(
        ids.len() == harness.changes.len(),
        "the history has {} releases, expected {}",
        ids.len(),
        harness.changes.len()
    );
    out.outcome(&format!(
        "`history`: {} evaluations, {} releases",
        history.len(),
        ids.len()
    ))?;

    let triggers = harness.feedctl.json(&["triggers", "list"]).await?;
    ensure!(
        triggers[0]["Name"] == TRIGGER && triggers[0]["LastOutcome"].is_string(),
        "triggers list printed {triggers}"
    );
    let feeds = harness.feedctl.json(&["feeds", "list"]).await?;
    let feeds = feeds.as_array().map_or(0, Vec::len);
    ensure!(feeds == 3, "feeds list printed {feeds} feeds");
    out.outcome("`triggers list` and `feeds list`: one trigger, three feeds")?;

    let answer = harness.feedctl.json(&["evaluate", TRIGGER]).await?;
    ensure!(answer["Requested"] == true, "evaluate printed {answer}");
    let is_requested = |event: &Event| match event {
        Event::ReleaseSkipped(evaluation) => evaluation.cause == EvaluationCause::Requested,
        _ => false,
    };
    harness
        .wait_for("the requested evaluation", is_requested)
        .await?;
    out.outcome("`evaluate`: the release creator evaluates the trigger")?;

    let unknown = harness
        .feedctl
        .stderr_of_failure(&["history", "--stack", "no-such-stack"])
        .await?;
    ensure!(
        unknown.contains("cannot find the stack no-such-stack"),
        "feedctl printed {unknown}"
    );
    out.outcome("An unknown stack is reported")?;
    Ok(())
}
