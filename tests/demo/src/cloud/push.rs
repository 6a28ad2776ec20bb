//! ECR's push events. Like AWS, the emulator lets nobody put an event of `aws.ecr` on the bus. So the
//! event is held against the pattern of the stack's rule, and then handed to the rule's target.

use anyhow::{Context, ensure};
use serde_json::{Value, json};

use super::api::{Api, list, text};
use super::ecr::{ACCOUNT, REGION};

/// The event of a push, as ECR sends it.
pub(super) fn event(repository: &str, tag: &str, digest: &str) -> Value {
    json!({
        "version": "0",
        "id": format!("push-of-{repository}-{tag}"),
        "detail-type": "ECR Image Action",
        "source": "aws.ecr",
        "account": ACCOUNT,
        "time": "2026-01-01T00:00:00Z",
        "region": REGION,
        "resources": [],
        "detail": {
            "action-type": "PUSH",
            "result": "SUCCESS",
            "repository-name": repository,
            "image-digest": digest,
            "image-tag": tag,
        },
    })
}

/// Hands the event to the target of the stack's rule, which takes it.
pub(super) async fn deliver(api: &Api, queue: &str, event: &Value) -> anyhow::Result<()> {
    ensure!(
        matches(api, event).await?,
        "the stack's rule does not take {event}"
    );
    api.send(queue, &[event.to_string()]).await
}

/// Whether the stack's rule takes the event.
pub(super) async fn matches(api: &Api, event: &Value) -> anyhow::Result<bool> {
    let rules = api.call("AWSEvents.ListRules", &json!({})).await?;
    let patterns = list(&rules, "Rules")
        .iter()
        .filter_map(|rule| text(rule, "EventPattern").ok());
    let pattern = patterns
        .into_iter()
        .find(|pattern| pattern.contains("aws.ecr"));
    let pattern = pattern.context("the default bus has no rule for ECR")?;
    let ask = json!({ "EventPattern": pattern, "Event": event.to_string() });
    let answer = api.call("AWSEvents.TestEventPattern", &ask).await?;
    answer["Result"]
        .as_bool()
        .context("TestEventPattern gives no result")
}
