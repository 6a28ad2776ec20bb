//! Malformed messages in every queue: they move to the dead-letter queue and delay no other message.

use std::io::Write;

use anyhow::{Context, ensure};
use serde_json::Value;

use crate::harness::{
    DEAD_LETTER_QUEUES, DEFAULT_VISIBILITY, Harness, QUEUES, SHORT_VISIBILITY, TIMEOUT,
};
use demo::printer::Printer;
use demo::testbed::Change;
use local_cloud::scratch::until;

/// No JSON; JSON of the wrong shape; an event of another source; an event of ours with an unknown type.
const MALFORMED: [&str; 4] = [
    "not a message",
    r#"{"detail": []}"#,
    r#"{"id":"1","source":"another.source","detail-type":"Something","detail":{}}"#,
    r#"{"id":"2","source":"octopus.feed-triggers","detail-type":"UnknownType","detail":{}}"#,
];

pub(crate) async fn in_every_queue<W: Write>(
    harness: &mut Harness<'_>,
    out: &mut Printer<W>,
) -> anyhow::Result<()> {
    out.step("Malformed messages arrive in every queue")?;
    harness.set_visibility_timeout(SHORT_VISIBILITY).await?;
    let bodies = MALFORMED.map(str::to_owned);
    for queue in QUEUES {
        let queue = harness.testbed.deployment.output(queue)?;
        harness.testbed.api.send(queue, &bodies).await?;
    }
    harness.change(Change::Web("1.6.0")).await?;
    let release = harness.expect_release(false).await?;
    out.outcome(&format!(
        "They delay no other message: release {}",
        release.version
    ))?;

    for queue in DEAD_LETTER_QUEUES {
        let queue = harness.testbed.deployment.output(queue)?.to_owned();
        until(
            "the messages in the dead-letter queue",
            TIMEOUT,
            async || {
                let dead = harness.testbed.api.message_count(&queue).await?;
                Ok((usize::try_from(dead)? == MALFORMED.len()).then_some(()))
            },
        )
        .await?;
    }
    let messages = harness.feedctl.json(&["dlq", "list"]).await?;
    let messages = messages.as_array().context("dlq list printed no list")?;
    let malformed = messages
        .iter()
        .filter(|message| message["Kind"] == "Unreadable");
    ensure!(
        malformed.count() == MALFORMED.len() * DEAD_LETTER_QUEUES.len()
            && messages.len() == MALFORMED.len() * DEAD_LETTER_QUEUES.len(),
        "dlq list printed {messages:?}"
    );
    out.outcome(
        "After five deliveries they are in the dead-letter queues; `feedctl dlq list` shows them:",
    )?;
    for message in &messages[..MALFORMED.len()] {
        out.note(message["Subject"].as_str().unwrap_or_default())?;
    }
    show_and_delete(harness, messages).await?;
    out.outcome("`feedctl dlq delete --all` deletes them")?;
    harness.set_visibility_timeout(DEFAULT_VISIBILITY).await?;
    Ok(())
}

async fn show_and_delete(harness: &mut Harness<'_>, messages: &[Value]) -> anyhow::Result<()> {
    let id = messages[0]["Id"]
        .as_str()
        .context("the message has no id")?;
    let shown = harness.feedctl.json(&["dlq", "show", id]).await?;
    ensure!(
        shown["Id"] == id && !shown["Body"].is_null(),
        "dlq show printed {shown}"
    );
    let refused = harness
        .feedctl
        .stderr_of_failure(&["dlq", "show", "no-such-id"])
        .await?;
    ensure!(
        refused.contains("cannot find message `no-such-id`"),
        "{refused}"
    );
    let one = harness.feedctl.json(&["dlq", "delete", id]).await?;
    ensure!(
        one["Done"] == serde_json::json!([id]),
        "dlq delete printed {one}"
    );
    harness.feedctl.json(&["dlq", "delete", "--all"]).await?;
    harness.wait_until_drained().await
}
