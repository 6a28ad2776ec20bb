//! Edits rows of the table, as if time had passed.

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
pub(crate) async fn expire_leases(harness: &Harness<'_>) -> anyhow::Result<usize> {
    let expire = |data: &mut Value| {
        if data["state"] != "leased" {
            return Ok(false);
        }
        ensure!(
            data["expiresAt"].is_string(),
            "a lease has no expiry: {data}"
        );
        data["expiresAt"] = PAST.into();
        Ok(true)
    };
    edit(harness, expire).await
}

/// Marks the watch list as outdated, so that the next scheduler run refreshes it.
pub(crate) async fn outdate_watch_list(harness: &Harness<'_>) -> anyhow::Result<()> {
    let outdate = |data: &mut Value| {
        let is_head = data["readAt"].is_string() && data["body"].is_string();
        if is_head {
            data["isOutdated"] = true.into();
        }
        Ok(is_head)
    };
    let lists = edit(harness, outdate).await?;
    ensure!(lists == 1, "the table has {lists} watch lists");
    Ok(())
}

/// Edits the content of all rows for which `change` returns true. Returns their number. Revisions are unchanged, because
/// the next write is conditional on them.
async fn edit(
    harness: &Harness<'_>,
    change: impl Fn(&mut Value) -> anyhow::Result<bool>,
) -> anyhow::Result<usize> {
    let (api, table) = (
        &harness.testbed.api,
        harness.testbed.deployment.output("TableName")?,
    );
    let (mut edited, mut from) = (0, Value::Null);
    loop {
        let mut scan = json!({ "TableName": table, "ConsistentRead": true });
        if !from.is_null() {
            scan["ExclusiveStartKey"] = from;
        }
        let page = api.call("DynamoDB_20120810.Scan", &scan).await?;
        for item in list(&page, "Items") {
            if let Some(item) = changed(item, &change)? {
                let put = json!({ "TableName": table, "Item": item });
                api.call("DynamoDB_20120810.PutItem", &put).await?;
                edited += 1;
            }
        }
        from = page["LastEvaluatedKey"].clone();
        if from.is_null() {
            return Ok(edited);
        }
    }
}

/// The changed item, or `None` if it is not changed.
fn changed(
    item: &Value,
    change: impl Fn(&mut Value) -> anyhow::Result<bool>,
) -> anyhow::Result<Option<Value>> {
    let body = item["body"]["B"].as_str().context("an item has no body")?;
    let body = BASE64_STANDARD.decode(body)?;
    // The bodies of snapshots are compressed, so they are not JSON.
    let Ok(mut row) = serde_json::from_slice::<Value>(&body) else {
        return Ok(None);
    };
    let Some(data) = row.get_mut("data") else {
        return Ok(None);
    };
    if !change(data)? {
        return Ok(None);
    }
    let mut item = item.clone();
    item["body"]["B"] = BASE64_STANDARD.encode(row.to_string()).into();
    Ok(Some(item))
}
