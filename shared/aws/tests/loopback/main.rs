//! The adapters against a fake AWS server on loopback, which records requests and sends scripted responses:
//! requests, partial responses, errors.
#![expect(clippy::expect_used, reason = "a test's panic is its report")]

mod ecr;
#[cfg(feature = "operator")]
mod operator;
mod records;
mod script;

use std::time::Duration;

use aws::{AwsContext, DynamoTable, EventBus, SecretError, Secrets};
use domain::cause::EvaluationCause;
use domain::ids::{SpaceId, TriggerId};
use domain::time::Timestamp;
use engine::messages::{EvaluationRequest, Event, Message, Origin};
use engine::ports::Bus;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use store::{Condition, Key, PutError, Row, Table};

use script::{aws_with, chain};

fn messages(count: usize) -> Vec<Message> {
    let message = |number: usize| {
        let trigger = TriggerId::new(format!("T-{number}"));
        let unique = [trigger.to_string()];
        let request = EvaluationRequest {
            space: SpaceId::new("Spaces-1"),
            trigger,
            cause: EvaluationCause::Hourly,
            retrying: false,
            change: None,
        };
        let event = Event::TriggerEvaluationRequested(request);
        let unique: Vec<&str> = unique.iter().map(String::as_str).collect();
        Message::new(
            &Origin::new(&["test"]),
            event,
            &unique,
            Timestamp::from_millis(0),
        )
    };
    (0..count).map(message).collect()
}

/// The trigger ids in a `PutEvents` request.
fn triggers(input: &Value) -> Vec<String> {
    let entries = input["Entries"].as_array().expect("entries");
    let trigger = |entry: &Value| {
        let detail: Value =
            serde_json::from_str(entry["Detail"].as_str().expect("a text")).expect("JSON");
        detail["data"]["triggerId"]
            .as_str()
            .expect("a trigger")
            .to_owned()
    };
    entries.iter().map(trigger).collect()
}

fn accepted() -> Value {
    json!({ "EventId": "1" })
}

fn throttled() -> Value {
    json!({ "ErrorCode": "ThrottlingException", "ErrorMessage": "slow down" })
}

#[tokio::test]
async fn put_events_resends_only_failed_entries() {
    let first = json!({ "FailedEntryCount": 2, "Entries": [accepted(), throttled(), accepted(), throttled()] });
    let second = json!({ "FailedEntryCount": 1, "Entries": [throttled(), accepted()] });
    let third = json!({ "FailedEntryCount": 0, "Entries": [accepted()] });
    let (aws, script) = aws_with([(200, first), (200, second), (200, third)]).await;
    EventBus::new(&aws, "triggers")
        .publish(&messages(4))
        .await
        .expect("published");

    let sent: Vec<_> = script
        .take_calls()
        .iter()
        .map(|(_, input)| triggers(input))
        .collect();
    assert_eq!(
        sent,
        [
            vec!["T-0", "T-1", "T-2", "T-3"],
            vec!["T-1", "T-3"],
            vec!["T-1"]
        ]
    );
}

#[tokio::test]
async fn put_events_entry_has_bus_source_and_detail_type() {
    let (aws, script) = aws_with([(200, json!({ "Entries": [accepted()] }))]).await;
    EventBus::new(&aws, "triggers")
        .publish(&messages(1))
        .await
        .expect("published");
    let (operation, input) = script.take_calls().remove(0);
    let entry = &input["Entries"][0];
    assert_eq!(operation, "PutEvents");
    assert_eq!(entry["EventBusName"], "triggers");
    assert_eq!(entry["Source"], "octopus.feed-triggers");
    assert_eq!(entry["DetailType"], "TriggerEvaluationRequested");
}

#[tokio::test]
async fn put_events_batches_by_ten_and_sends_nothing_for_none() {
    let answer = |count| (200, json!({ "Entries": vec![accepted(); count] }));
    let (aws, script) = aws_with([answer(10), answer(10), answer(3)]).await;
    let bus = EventBus::new(&aws, "triggers");
    bus.publish(&[]).await.expect("nothing to do");
    assert!(script.take_calls().is_empty());
    bus.publish(&messages(23)).await.expect("published");
    let sent: Vec<_> = script
        .take_calls()
        .iter()
        .map(|(_, input)| triggers(input).len())
        .collect();
    assert_eq!(sent, [10, 10, 3]);
}

#[tokio::test]
async fn put_events_reports_entries_rejected_five_times() {
    let answer = json!({ "FailedEntryCount": 1, "Entries": [throttled(), accepted()] });
    let again = json!({ "FailedEntryCount": 1, "Entries": [throttled()] });
    let answers = std::iter::once(answer)
        .chain(vec![again; 9])
        .map(|answer| (200, answer));
    let (aws, script) = aws_with(answers).await;
    let error = EventBus::new(&aws, "triggers")
        .publish(&messages(2))
        .await
        .expect_err("refused");
    assert_eq!(
        error.to_string(),
        "1 of 2 messages were not accepted by the bus: ThrottlingException: slow down"
    );
    assert_eq!(script.take_calls().len(), 5);
}

#[tokio::test]
async fn put_events_resends_entries_missing_from_the_response() {
    let (aws, script) = aws_with([
        (
            200,
            json!({ "FailedEntryCount": 0, "Entries": [accepted()] }),
        ),
        (
            200,
            json!({ "FailedEntryCount": 0, "Entries": [accepted()] }),
        ),
    ])
    .await;
    EventBus::new(&aws, "triggers")
        .publish(&messages(2))
        .await
        .expect("published");
    assert_eq!(triggers(&script.take_calls()[1].1), ["T-1"]);
}

#[tokio::test]
async fn put_events_error_contains_cause() {
    let refusal = json!({ "__type": "AccessDeniedException", "message": "not authorized" });
    // Twelve messages are two requests.
    let (aws, _) = aws_with([(400, refusal.clone()), (400, refusal)]).await;
    let error = EventBus::new(&aws, "triggers")
        .publish(&messages(12))
        .await
        .expect_err("refused");
    assert_eq!((error.failed, error.total), (12, 12));
    let text = chain(&error);
    assert!(
        text.contains("triggers") && text.contains("not authorized"),
        "{text}"
    );
}

fn key(sort: &str) -> Key {
    Key {
        partition: "p".into(),
        sort: sort.into(),
    }
}

fn row() -> Row {
    Row {
        key: key("a"),
        revision: 4,
        body: b"{}".to_vec(),
        expires: None,
    }
}

fn item(sort: &str) -> Value {
    json!({ "pk": { "S": "p" }, "sk": { "S": sort }, "rev": { "N": "4" }, "body": { "B": "e30=" } })
}

fn item_key(sort: &str) -> Value {
    json!({ "pk": { "S": "p" }, "sk": { "S": sort } })
}

#[tokio::test]
async fn get_many_requests_unprocessed_keys_again() {
    let unprocessed = json!({ "t": { "Keys": [item_key("b")], "ConsistentRead": true } });
    let (aws, script) = aws_with([
        (
            200,
            json!({ "Responses": { "t": [item("a")] }, "UnprocessedKeys": unprocessed }),
        ),
        (
            200,
            json!({ "Responses": { "t": [item("b")] }, "UnprocessedKeys": {} }),
        ),
    ])
    .await;
    let keys = ["b", "a", "gone", "a"].map(key);
    let rows = DynamoTable::new(&aws, "t")
        .get_many(&keys)
        .await
        .expect("read");
    let found: Vec<_> = rows
        .iter()
        .map(|row| row.as_ref().map(|row| row.key.sort.as_str()))
        .collect();
    assert_eq!(found, [Some("b"), Some("a"), None, Some("a")]);

    let calls = script.take_calls();
    assert_eq!(calls[0].0, "BatchGetItem");
    assert_eq!(calls[0].1["RequestItems"]["t"]["ConsistentRead"], true);
    assert_eq!(
        calls[0].1["RequestItems"]["t"]["Keys"]
            .as_array()
            .map(Vec::len),
        Some(3)
    );
    assert_eq!(
        calls[1].1["RequestItems"]["t"]["Keys"],
        json!([item_key("b")])
    );
}

#[tokio::test]
async fn get_many_fails_after_five_empty_responses() {
    let unprocessed = json!({ "t": { "Keys": [item_key("a")] } });
    let answer = json!({ "Responses": { "t": [] }, "UnprocessedKeys": unprocessed });
    let (aws, script) = aws_with(vec![(200, answer); 9]).await;
    let error = DynamoTable::new(&aws, "t")
        .get_many(&[key("a")])
        .await
        .expect_err("too busy");
    assert!(
        chain(&error).contains("cannot read from the table t: DynamoDB left all keys unprocessed"),
        "{error}"
    );
    assert_eq!(script.take_calls().len(), 5);
}

#[tokio::test]
async fn put_sends_condition_expression() {
    let (aws, script) = aws_with(vec![(200, json!({})); 3]).await;
    let table = DynamoTable::new(&aws, "t");
    for condition in [Condition::Any, Condition::Absent, Condition::Revision(3)] {
        table.put(row(), condition).await.expect("written");
    }
    let calls = script.take_calls();
    let conditions: Vec<_> = calls
        .iter()
        .map(|(_, input)| &input["ConditionExpression"])
        .collect();
    assert_eq!(
        conditions,
        [
            &Value::Null,
            &json!("attribute_not_exists(pk)"),
            &json!("rev = :rev")
        ]
    );
    assert_eq!(
        calls[2].1["ExpressionAttributeValues"],
        json!({ ":rev": { "N": "3" } })
    );
}

fn condition_failed(existing: &Value) -> (u16, Value) {
    let code = "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException";
    (
        400,
        json!({ "__type": code, "message": "The conditional request failed", "Item": existing }),
    )
}

#[tokio::test]
async fn failed_condition_is_a_conflict_unless_the_row_is_identical() {
    let mut other = item("a");
    other["rev"] = json!({ "N": "5" });
    let (aws, _) = aws_with([condition_failed(&other), condition_failed(&item("a"))]).await;
    let table = DynamoTable::new(&aws, "t");
    let outcome = table.put(row(), Condition::Revision(3)).await;
    assert!(matches!(outcome, Err(PutError::Conflict(_))), "{outcome:?}");
    table
        .put(row(), Condition::Revision(3))
        .await
        .expect("it was written by an earlier attempt");
}

#[tokio::test]
async fn server_error_is_retried_by_the_sdk() {
    let failure = json!({ "__type": "InternalServerError", "message": "try again" });
    let (aws, script) = aws_with([(500, failure), (200, json!({}))]).await;
    DynamoTable::new(&aws, "t")
        .put(row(), Condition::Any)
        .await
        .expect("written");
    assert_eq!(script.take_calls().len(), 2);
}

#[tokio::test]
async fn missing_table_error_names_table_and_cause() {
    let code = "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException";
    let answer = json!({ "__type": code, "message": "Requested resource not found" });
    let (aws, _) = aws_with(vec![(400, answer); 2]).await;
    let table = DynamoTable::new(&aws, "no-such-table");
    let text = chain(&table.get_many(&[key("a")]).await.expect_err("no table"));
    assert!(
        text.starts_with("cannot read from the table no-such-table: "),
        "{text}"
    );
    assert!(text.contains("Requested resource not found"), "{text}");
}

const ARN: &str = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:octopus";

fn secret(text: &str) -> (u16, Value) {
    (
        200,
        json!({ "ARN": ARN, "Name": "octopus", "SecretString": text }),
    )
}

#[tokio::test]
async fn secret_is_fetched_again_when_expired_or_refused() {
    let (aws, script) = aws_with([secret("API-1"), secret("API-2"), secret("API-3")]).await;
    let secrets = Secrets::new(&aws);
    let get = async |refresh| {
        let key = secrets.api_key(ARN, refresh).await.expect("a key");
        key.expose_secret().to_owned()
    };
    assert_eq!(
        (get(false).await, get(false).await),
        ("API-1".into(), "API-1".into())
    );
    assert_eq!(get(true).await, "API-2");
    assert_eq!(get(false).await, "API-2");
    // Only tokio's clock is paused; the network uses real time.
    for (seconds, expected) in [(299, "API-2"), (2, "API-3")] {
        tokio::time::pause();
        tokio::time::advance(Duration::from_secs(seconds)).await;
        tokio::time::resume();
        assert_eq!(get(false).await, expected);
    }
    let calls = script.take_calls();
    assert_eq!(calls.len(), 3);
    assert_eq!(
        calls[0],
        ("GetSecretValue".to_owned(), json!({ "SecretId": ARN }))
    );
}

#[tokio::test]
async fn concurrent_callers_share_one_fetch() {
    let (aws, script) = aws_with([secret("API-1")]).await;
    let secrets = Secrets::new(&aws);
    let (one, other) = tokio::join!(secrets.get(ARN, false), secrets.get(ARN, false));
    assert_eq!(
        one.expect("one").expose_secret(),
        other.expect("other").expose_secret()
    );
    assert_eq!(script.take_calls().len(), 1);
}

#[tokio::test]
async fn secret_error_names_arn_and_never_contains_the_text() {
    let missing = json!({ "__type": "ResourceNotFoundException", "message": "can't find it" });
    let binary = json!({ "ARN": ARN, "SecretBinary": "AAAA" });
    let (aws, _) = aws_with([
        (400, missing),
        (200, binary),
        secret(r#"{"password": "hunter2"}"#),
    ])
    .await;
    let secrets = Secrets::new(&aws);
    let error = secrets.api_key(ARN, false).await.expect_err("missing");
    assert!(
        chain(&error).contains(ARN) && chain(&error).contains("can't find it"),
        "{error}"
    );
    let error = secrets.api_key(ARN, false).await.expect_err("no text");
    assert!(matches!(error, SecretError::NoText { .. }), "{error}");
    let error = secrets.api_key(ARN, false).await.expect_err("no key");
    assert!(matches!(error, SecretError::NoApiKey { .. }), "{error}");
    assert!(!format!("{error:?} {}", chain(&error)).contains("hunter2"));
}

#[tokio::test]
async fn signed_request_to_a_foreign_endpoint_is_blocked() {
    for endpoint in [
        "http://10.0.0.1:4566",
        "https://dynamodb.amazonaws.com.evil.invalid",
    ] {
        let aws = AwsContext::from_variables(|name| {
            let value = match name {
                "AWS_REGION" => "eu-west-1",
                "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" => "test",
                "AWS_ENDPOINT_URL" => endpoint,
                _ => return None,
            };
            Some(value.to_owned())
        });
        let table = DynamoTable::new(&aws, "t");
        let text = chain(&table.get_many(&[key("a")]).await.expect_err("foreign"));
        assert!(
            text.contains("AWS_ENDPOINT_URL") && text.contains("nor an emulator on this machine"),
            "{endpoint}: {text}"
        );
    }
}

#[tokio::test]
async fn missing_credentials_error_names_the_variable() {
    let aws = AwsContext::from_variables(|name| {
        let known = [
            ("AWS_REGION", "eu-west-1"),
            ("AWS_ENDPOINT_URL", "http://127.0.0.1:9"),
        ];
        known
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| (*value).to_owned())
    });
    let error = DynamoTable::new(&aws, "t")
        .get_many(&[key("a")])
        .await
        .expect_err("no key");
    assert!(
        chain(&error).contains("AWS_ACCESS_KEY_ID is not set"),
        "{}",
        chain(&error)
    );
}
