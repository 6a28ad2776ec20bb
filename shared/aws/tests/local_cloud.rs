//! The adapters against an AWS emulator at `AWS_ENDPOINT_URL`.
#![expect(clippy::expect_used, reason = "a test's panic is its report")]

use aws::{AwsContext, DynamoTable, EcrImages, EventBus, Secrets};
#[cfg(feature = "operator")]
use aws::{QueueUrls, StackQueues};
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
};
use domain::cause::EvaluationCause;
use domain::feed::{Feed, FeedKind};
use domain::ids::{FeedId, PackageId, SpaceId, TriggerId};
use domain::snapshot::Listed;
use domain::time::Timestamp;
use engine::messages::{EvaluationRequest, Event, Message, Origin};
use engine::ports::{Bus, FeedErrorKind, FeedReader, ReadRequest, Reading};
use secrecy::ExposeSecret;

/// The emulator's context and configuration. It ignores credentials and region.
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

/// A name that is unique for this run.
fn unique(name: &str) -> String {
    format!("{name}-{}", std::process::id())
}

#[tokio::test]
#[ignore = "needs the local cloud; cargo xtask test runs it"]
async fn dynamo_table_passes_conformance() {
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
async fn event_bus_accepts_messages() {
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
            cause: EvaluationCause::Hourly,
            retrying: false,
            change: None,
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
async fn secrets_returns_api_key() {
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
}

#[tokio::test]
#[ignore = "needs the local cloud; cargo xtask test runs it"]
async fn ecr_lists_tags_with_digests_and_dates() {
    let (context, config) = emulator();
    let client = aws_sdk_ecr::Client::new(&config);
    let repository = unique("team/web");
    let created = client.create_repository().repository_name(&repository);
    created.send().await.expect("a new repository");
    for tag in ["1.0.0", "1.1.0"] {
        let put = client
            .put_image()
            .repository_name(&repository)
            .image_manifest(format!(r#"{{"schemaVersion": 2, "tag": "{tag}"}}"#))
            .image_tag(tag);
        put.send().await.expect("pushed");
    }
    let feed = Feed {
        id: FeedId::new("Feeds-1"),
        space: SpaceId::new("Spaces-1"),
        name: "ECR".into(),
        kind: FeedKind::AwsElasticContainerRegistry,
        uri: None,
        registry_path: None,
        region: Some("us-east-1".into()),
        account: Some("000000000000".into()),
        has_credentials: true,
    };
    let requests =
        [repository.as_str(), "team/none"].map(|package| ReadRequest::new(PackageId::new(package)));
    let readings = EcrImages::new(&context)
        .read(&feed, &requests)
        .await
        .readings;
    let Ok(Reading::Listing { versions, .. }) = &readings[0] else {
        panic!("{:?}", readings[0]);
    };
    let found: Vec<_> = versions.iter().map(|version| &version.version).collect();
    assert_eq!(found, ["1.0.0", "1.1.0"]);
    let is_full = |version: &Listed| version.digest.is_some() && version.published.is_some();
    assert!(versions.iter().all(is_full), "{versions:?}");
    let missing = readings[1].as_ref().expect_err("no such repository");
    assert_eq!(missing.kind, FeedErrorKind::NotFound);
}

#[cfg(feature = "operator")]
#[tokio::test]
#[ignore = "needs the local cloud; cargo xtask test runs it"]
async fn dead_letter_messages_are_listed_redriven_and_deleted() {
    use operator::ports::{DeadLetterQueues, MessageContent, QueueKind, Queues, Which};

    let (context, config) = emulator();
    let client = aws_sdk_sqs::Client::new(&config);
    let queue = async |name: &str| {
        let made = client.create_queue().queue_name(unique(name)).send().await;
        made.expect("a queue").queue_url.expect("its address")
    };
    let (checks, dead) = (queue("checks").await, queue("dead").await);
    let send = async |body: &str| {
        let sent = client.send_message().queue_url(&dead).message_body(body);
        let sent = sent.send().await.expect("sent");
        sent.message_id.expect("its id")
    };
    let event = r#"{"id": "1", "source": "aws.ecr", "detail-type": "ECR Image Action"}"#;
    let (first, second) = (send(event).await, send("not a message").await);
    let urls = QueueUrls {
        queue: Some(checks),
        dead_letters: dead,
    };
    let queues = StackQueues::new(&context, [(QueueKind::Pushes, urls)].into());
    let counted = async || {
        let state = queues.queues().await.expect("counted").remove(0);
        (state.waiting, state.dead_letters)
    };
    assert_eq!(counted().await, (0, 2));
    for receives in 1..=2 {
        let messages = queues.list(QueueKind::Pushes, 10).await.expect("messages");
        let ids: Vec<_> = messages.iter().map(|message| &message.id).collect();
        assert_eq!(ids, [&first, &second]);
        assert_eq!(messages[0].deliveries, receives);
        assert!(
            matches!(messages[0].letter, MessageContent::Push(_)),
            "{messages:?}"
        );
        assert!(
            matches!(messages[1].letter, MessageContent::Unreadable(_)),
            "{messages:?}"
        );
    }
    let which = Which::These(vec![first.clone(), "another".to_owned()]);
    let report = queues
        .redrive(QueueKind::Pushes, &which)
        .await
        .expect("read");
    assert_eq!(report.done, [first]);
    assert_eq!(report.absent, ["another"]);
    assert_eq!(counted().await, (1, 1));
    let report = queues
        .delete(QueueKind::Pushes, &Which::All)
        .await
        .expect("read");
    assert_eq!(report.done, [second]);
    assert_eq!(counted().await, (1, 0));
}
