//! The events of ECR and Inspector: pushes and finished scans. Like AWS, the emulator accepts no events of `aws.ecr` from callers. The event is
//! therefore matched with the patterns of the stack's rules, and then sent to the rules' target.

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

/// The event that ECR sends after basic scanning, and the one of Amazon Inspector after enhanced scanning.
pub fn scan_events(repository: &str) -> [Value; 2] {
    let arn = format!("arn:aws:ecr:{REGION}:{ACCOUNT}:repository/{repository}");
    [
        ("aws.ecr", "ECR Image Scan", "COMPLETE", repository),
        (
            "aws.inspector2",
            "Inspector2 Scan",
            "INITIAL_SCAN_COMPLETE",
            &arn,
        ),
    ]
    .map(|(source, detail_type, status, name)| {
        json!({
            "version": "0",
            "id": format!("scan-of-{repository}-by-{source}"),
            "detail-type": detail_type,
            "source": source,
            "account": ACCOUNT,
            "time": "2026-01-01T00:00:00Z",
            "region": REGION,
            "resources": [],
            "detail": {
                "scan-status": status,
                "repository-name": name,
                "image-tags": [],
                "finding-severity-counts": {},
            },
        })
    })
}

/// Sends the event to the target of the stack's rules. One of them must match it.
pub async fn deliver(api: &Api, queue: &str, event: &Value) -> anyhow::Result<()> {
    ensure!(
        matches(api, event).await?,
        "no rule of the stack matches {event}"
    );
    api.send(queue, &[event.to_string()]).await
}

/// Whether a rule of the default bus matches the event.
pub async fn matches(api: &Api, event: &Value) -> anyhow::Result<bool> {
    let rules = api.call("AWSEvents.ListRules", &json!({})).await?;
    for rule in list(&rules, "Rules") {
        let Ok(pattern) = text(rule, "EventPattern") else {
            continue;
        };
        let ask = json!({ "EventPattern": pattern, "Event": event.to_string() });
        let answer = api.call("AWSEvents.TestEventPattern", &ask).await?;
        let result = answer["Result"].as_bool();
        if result.context("TestEventPattern returned no result")? {
            return Ok(true);
        }
    }
    Ok(false)
}
