//! DynamoDB's read operations on the contents of a state file.

use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use local::SqliteTable;
use serde_json::{Value, json};
use store::{Key, QueryOrder, Row, Table};
use tokio::runtime::Handle;

/// The response to a read; empty without a state file.
pub(super) async fn answer(state: Option<PathBuf>, operation: String, input: Value) -> Value {
    let Some(state) = state else {
        return response(&operation, &input, Vec::new());
    };
    // `SqliteTable` is not `Send`.
    let handle = Handle::current();
    let read = tokio::task::spawn_blocking(move || {
        let table = SqliteTable::open(&state).unwrap();
        let rows = handle.block_on(read(&table, &operation, &input));
        response(&operation, &input, rows)
    });
    read.await.unwrap()
}

async fn read(table: &SqliteTable, operation: &str, input: &Value) -> Vec<Row> {
    if operation == "BatchGetItem" {
        let (_, request) = only(&input["RequestItems"]);
        let keys: Vec<_> = request["Keys"]
            .as_array()
            .unwrap()
            .iter()
            .map(key)
            .collect();
        let rows = table.get_many(&keys).await.unwrap();
        return rows.into_iter().flatten().collect();
    }
    let values = &input["ExpressionAttributeValues"];
    let prefix = values[":sk"]["S"].as_str().unwrap_or_default();
    let order = match input["ScanIndexForward"].as_bool() {
        Some(false) => QueryOrder::Descending,
        _ => QueryOrder::Ascending,
    };
    let most = input["Limit"].as_u64().unwrap_or(1_000);
    let partition = values[":pk"]["S"].as_str().unwrap();
    let rows = table.query(partition, prefix, order, usize::try_from(most).unwrap());
    rows.await.unwrap()
}

fn response(operation: &str, input: &Value, rows: Vec<Row>) -> Value {
    let items: Vec<_> = rows.into_iter().map(item).collect();
    if operation == "Query" {
        return json!({ "Count": items.len(), "Items": items });
    }
    let (table, _) = only(&input["RequestItems"]);
    json!({ "Responses": { table: items }, "UnprocessedKeys": {} })
}

fn only(tables: &Value) -> (&str, &Value) {
    let mut tables = tables.as_object().unwrap().iter();
    let (name, request) = tables.next().unwrap();
    (name, request)
}

fn key(item: &Value) -> Key {
    let text = |name: &str| item[name]["S"].as_str().unwrap().to_owned();
    Key {
        partition: text("pk"),
        sort: text("sk"),
    }
}

fn item(row: Row) -> Value {
    let mut item = json!({
        "pk": { "S": row.key.partition },
        "sk": { "S": row.key.sort },
        "rev": { "N": row.revision.to_string() },
        "body": { "B": STANDARD.encode(row.body) },
    });
    if let Some(expires) = row.expires {
        item["expiresAt"] = json!({ "N": (expires.as_millis() / 1_000).to_string() });
    }
    item
}
