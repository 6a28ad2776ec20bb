//! The leases that remain when a function is killed while it creates a release.

use anyhow::{Context, ensure};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use crate::harness::Harness;
use local_cloud::api::list;

/// An expiry in the past.
const PAST: &str = "2020-01-01T00:00:00.000Z";

/// Sets the expiry of every lease in the ledger to the past, as if its two and a half minutes were over.
/// Returns the number of leases.
pub(crate) async fn expire(harness: &Harness<'_>) -> anyhow::Result<usize> {
    let (api, table) = (
        &harness.testbed.api,
        harness.testbed.deployment.output("TableName")?,
    );
    let (mut leases, mut from) = (0, Value::Null);
    loop {
        let mut scan = json!({ "TableName": table, "ConsistentRead": true });
        if !from.is_null() {
            scan["ExclusiveStartKey"] = from;
        }
        let page = api.call("DynamoDB_20120810.Scan", &scan).await?;
        for item in list(&page, "Items") {
            if let Some(item) = expired(item)? {
                let put = json!({ "TableName": table, "Item": item });
                api.call("DynamoDB_20120810.PutItem", &put).await?;
                leases += 1;
            }
        }
        from = page["LastEvaluatedKey"].clone();
        if from.is_null() {
            return Ok(leases);
        }
    }
}

/// The item with an expired lease, or `None` if the item is no lease. The revision is unchanged, because the
/// next lease is conditional on it.
fn expired(item: &Value) -> anyhow::Result<Option<Value>> {
    let body = item["body"]["B"].as_str().context("an item has no body")?;
    let body = BASE64_STANDARD.decode(body)?;
    // The bodies of snapshots are compressed, so they are not JSON.
    let Ok(mut row) = serde_json::from_slice::<Value>(&body) else {
        return Ok(None);
    };
    if row["data"]["state"] != "leased" {
        return Ok(None);
    }
    ensure!(
        row["data"]["expiresAt"].is_string(),
        "a lease has no expiry: {row}"
    );
    row["data"]["expiresAt"] = PAST.into();
    let mut item = item.clone();
    item["body"]["B"] = BASE64_STANDARD.encode(row.to_string()).into();
    Ok(Some(item))
}
