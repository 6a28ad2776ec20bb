//! ECR's push events. Like AWS, the emulator accepts no events of `aws.ecr` from callers. The event is
//! therefore matched with the pattern of the stack's rule, and then sent to the rule's target.

use anyhow::{Context, ensure};
use serde_json::{Value, json};

use crate::api::{Api, list, text};
use crate::ecr::{ACCOUNT, REGION};

/// The event that ECR sends for a push.
pub fn event(repository: &str, tag: &str, digest: &str) -> Value {
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

/// Sends the event to the target of the stack's rule, which must match it.
pub async fn deliver(api: &Api, queue: &str, event: &Value) -> anyhow::Result<()> {
    ensure!(
        matches(api, event).await?,
        "the stack's rule does not match {event}"
    );
    api.send(queue, &[event.to_string()]).await
}

/// Whether the stack's rule matches the event.
pub async fn matches(api: &Api, event: &Value) -> anyhow::Result<bool> {
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
        .context("TestEventPattern returned no result")
}
