//! Messages that nobody can read, in every queue: they end as dead letters, and hold nobody up.

use std::io::Write;

use anyhow::{Context, ensure};
use serde_json::Value;

use super::super::scratch::until;
use super::trial::{DEAD, LONGEST, QUEUES, SOON, Trial, USUAL};
use crate::narrator::Narrator;
use crate::stage::Change;

/// No JSON; JSON of the wrong shape; somebody else's event; ours, of a kind that does not exist.
const SPOILT: [&str; 4] = [
    "not a message",
    r#"{"detail": []}"#,
    r#"{"id":"1","source":"somebody.else","detail-type":"Something","detail":{}}"#,
    r#"{"id":"2","source":"octopus.feed-triggers","detail-type":"NeverHeardOf","detail":{}}"#,
];

pub(super) async fn in_every_queue<W: Write>(
    trial: &mut Trial<'_>,
    say: &mut Narrator<W>,
) -> anyhow::Result<()> {
    say.step("Every queue gets messages that nobody can read")?;
    trial.deliver_again_after(SOON).await?;
    let bodies = SPOILT.map(str::to_owned);
    for queue in QUEUES {
        let queue = trial.stage.deployment.output(queue)?;
        trial.stage.api.send(queue, &bodies).await?;
    }
    trial.change(Change::Web("1.6.0")).await?;
    let release = trial.released(false).await?;
    say.outcome(&format!("They hold nobody up: release {}", release.version))?;

    for queue in DEAD {
        let queue = trial.stage.deployment.output(queue)?.to_owned();
        until("the dead letters", LONGEST, async || {
            let dead = trial.stage.api.waiting(&queue).await?;
            Ok((usize::try_from(dead)? == SPOILT.len()).then_some(()))
        })
        .await?;
    }
    let letters = trial.feedctl.json(&["dlq", "list"]).await?;
    let letters = letters.as_array().context("dlq list gives no list")?;
    let spoilt = letters
        .iter()
        .filter(|letter| letter["Kind"] == "Unreadable");
    ensure!(
        spoilt.count() == SPOILT.len() * DEAD.len() && letters.len() == SPOILT.len() * DEAD.len(),
        "dlq list shows {letters:?}"
    );
    say.outcome("After five deliveries each is a dead letter; `feedctl dlq list` shows them:")?;
    for letter in &letters[..SPOILT.len()] {
        say.aside(letter["Subject"].as_str().unwrap_or_default())?;
    }
    show_and_discard(trial, letters).await?;
    say.outcome("`feedctl dlq discard --all` throws them away")?;
    trial.deliver_again_after(USUAL).await?;
    Ok(())
}

async fn show_and_discard(trial: &mut Trial<'_>, letters: &[Value]) -> anyhow::Result<()> {
    let id = letters[0]["Id"].as_str().context("a letter without id")?;
    let shown = trial.feedctl.json(&["dlq", "show", id]).await?;
    ensure!(
        shown["Id"] == id && !shown["Body"].is_null(),
        "dlq show shows {shown}"
    );
    let refused = trial
        .feedctl
        .complaint(&["dlq", "show", "no-such-id"])
        .await?;
    ensure!(
        refused.contains("there is no dead letter `no-such-id`"),
        "{refused}"
    );
    let one = trial.feedctl.json(&["dlq", "discard", id]).await?;
    ensure!(
        one["Done"] == serde_json::json!([id]),
        "dlq discard says {one}"
    );
    trial.feedctl.json(&["dlq", "discard", "--all"]).await?;
    trial.settle().await
}
