//! The adapters against the emulator of AWS. `AWS_ENDPOINT_URL` says where it is.
#![expect(clippy::expect_used, reason = "a test's panic is its report")]

use aws::{AwsContext, DynamoTable, EcrTokens, EventBus, Secrets};
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
};
use domain::ids::{SpaceId, TriggerId};
use domain::time::Timestamp;
use engine::messages::{EvaluationRequest, Event, Message, Origin};
use engine::ports::Bus;
use secrecy::ExposeSecret;

/// The emulator, with the credentials and the region that it does not look at.
fn emulator() -> (AwsContext, aws_types::SdkConfig) {
    let endpoint = std::env::var("AWS_ENDPOINT_URL").expect(
        "AWS_ENDPOINT_URL is not set: this test needs the local cloud; `cargo xtask test` runs both",
    );
    assert!(
        endpoint.starts_with("http://127.0.0.1"),
        "{endpoint} is not on this machine"
    );
    let variable = |name: &str| {
        Some(match name {
            "AWS_ENDPOINT_URL" => endpoint.clone(),
            "AWS_REGION" => "us-east-1".to_owned(),
            "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" => "test".to_owned(),
            _ => return None,
        })
    };
    let context = AwsContext::from_variables(variable);
    let config = context.config().clone();
    (context, config)
}

/// A name that no earlier run has used.
fn unique(name: &str) -> String {
    format!("{name}-{}", std::process::id())
}

#[tokio::test]
#[ignore = "needs the local cloud; cargo xtask test runs it"]
async fn dynamo_is_a_table() {
    let (context, config) = emulator();
    let client = aws_sdk_dynamodb::Client::new(&config);
    let name = unique("conformance");
    let attribute = |name: &str| {
        AttributeDefinition::builder()
            .attribute_name(name)
            .attribute_type(ScalarAttributeType::S)
            .build()
            .expect("an attribute")
    };
    let key = |name: &str, kind| {
        KeySchemaElement::builder()
            .attribute_name(name)
            .key_type(kind)
            .build()
            .expect("a key")
    };
    client
        .create_table()
        .table_name(&name)
        .billing_mode(BillingMode::PayPerRequest)
        .attribute_definitions(attribute("pk"))
        .attribute_definitions(attribute("sk"))
        .key_schema(key("pk", KeyType::Hash))
        .key_schema(key("sk", KeyType::Range))
        .send()
        .await
        .expect("a new table");
    store::conformance::table(&DynamoTable::new(&context, &name)).await;
    client
        .delete_table()
        .table_name(&name)
        .send()
        .await
        .expect("deleted");
}

#[tokio::test]
#[ignore = "needs the local cloud; cargo xtask test runs it"]
async fn messages_are_accepted() {
    let (context, config) = emulator();
    let client = aws_sdk_eventbridge::Client::new(&config);
    let name = unique("bus");
    client
        .create_event_bus()
        .name(&name)
        .send()
        .await
        .expect("a new bus");
    let message = |number: usize| {
        let request = EvaluationRequest {
            space: SpaceId::new("Spaces-1"),
            trigger: TriggerId::new("ProjectTriggers-31"),
            cause: "hourly".into(),
            retrying: false,
        };
        let event = Event::TriggerEvaluationRequested(request);
        let unique = number.to_string();
        Message::new(
            &Origin::new(&["test"]),
            event,
            &[&unique],
            Timestamp::from_millis(0),
        )
    };
    let messages: Vec<Message> = (0..25).map(message).collect();
    EventBus::new(&context, &name)
        .publish(&messages)
        .await
        .expect("accepted");
    client
        .delete_event_bus()
        .name(&name)
        .send()
        .await
        .expect("deleted");
}

#[tokio::test]
#[ignore = "needs the local cloud; cargo xtask test runs it"]
async fn secrets_and_tokens_are_given() {
    let (context, config) = emulator();
    let client = aws_sdk_secretsmanager::Client::new(&config);
    let name = unique("octopus");
    let created = client
        .create_secret()
        .name(&name)
        .secret_string(r#"{"apiKey": "API-TEST"}"#)
        .send()
        .await;
    let arn = created.expect("a new secret").arn.expect("its ARN");
    let key = Secrets::new(&context)
        .api_key(&arn, false)
        .await
        .expect("the key");
    assert_eq!(key.expose_secret(), "API-TEST");
    let deleted = client
        .delete_secret()
        .secret_id(&arn)
        .force_delete_without_recovery(true);
    deleted.send().await.expect("deleted");

    let tokens = EcrTokens::new(&context);
    let token = tokens
        .authorization("000000000000", "us-east-1", false)
        .await
        .expect("a token");
    assert!(token.expose_secret().starts_with("Basic "));
}
