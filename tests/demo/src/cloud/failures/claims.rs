//! The claims that a function leaves behind which dies while it creates a release.

use anyhow::{Context, ensure};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use super::super::api::list;
use super::trial::Trial;

/// Long ago.
const PAST: &str = "2020-01-01T00:00:00.000Z";

/// Sets the end of every claim in the ledger back into the past, as if the five and a half minutes had gone
/// by for which a claim holds. Gives how many there were.
pub(super) async fn run_out(trial: &Trial<'_>) -> anyhow::Result<usize> {
    let (api, table) = (
        &trial.stage.api,
        trial.stage.deployment.output("TableName")?,
    );
    let (mut claims, mut from) = (0, Value::Null);
    loop {
        let mut scan = json!({ "TableName": table, "ConsistentRead": true });
        if !from.is_null() {
            scan["ExclusiveStartKey"] = from;
        }
        let page = api.call("DynamoDB_20120810.Scan", &scan).await?;
        for item in list(&page, "Items") {
            if let Some(item) = ended(item)? {
                let put = json!({ "TableName": table, "Item": item });
                api.call("DynamoDB_20120810.PutItem", &put).await?;
                claims += 1;
            }
        }
        from = page["LastEvaluatedKey"].clone();
        if from.is_null() {
            return Ok(claims);
        }
    }
}

/// The item with its claim at an end, if it is one. The revision stays, which whoever claims next goes by.
fn ended(item: &Value) -> anyhow::Result<Option<Value>> {
    let body = item["body"]["B"].as_str().context("an item without body")?;
    let body = BASE64_STANDARD.decode(body)?;
    // The bodies of snapshots are compressed, and no JSON.
    let Ok(mut row) = serde_json::from_slice::<Value>(&body) else {
        return Ok(None);
    };
    if row["data"]["state"] != "claimed" {
        return Ok(None);
    }
    ensure!(
        row["data"]["until"].is_string(),
        "a claim without end: {row}"
    );
    row["data"]["until"] = PAST.into();
    let mut item = item.clone();
    item["body"]["B"] = BASE64_STANDARD.encode(row.to_string()).into();
    Ok(Some(item))
}
