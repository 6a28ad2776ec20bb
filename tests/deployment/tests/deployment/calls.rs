//! The AWS actions that a call of a function needs: the real adapters, wired as in the functions, against a fake server
//! on loopback that records the SDK's requests.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use aws::{AwsContext, DelayedQueue, DynamoTable, EventBus, QueueUrls, Secrets, StackQueues};
use axum::Router;
use axum::http::{HeaderMap, Uri};
use domain::cause::EvaluationCause;
use domain::feed::{Feed, FeedKind};
use domain::ids::{FeedId, PackageId, SpaceId, TriggerId};
use domain::metadata::EcrRecord;
use domain::push::PackagePush;
use domain::time::{Span, Timestamp};
use engine::messages::{EvaluationRequest, Event, Message, Origin};
use engine::ports::{Bus, FeedReader, MetadataRequest, OctopusReader, ReadRequest};
use lambda_kit::env::{self, Env};
use lambda_kit::wiring;
use operator::ports::{DeadLetterQueues, QueueKind, Queues, Which};
use serde_json::json;
use simulation::Call;
use store::{Condition, Key, QueryOrder, Row, Table};

/// The console's calls: of the ports, and of the queues.
pub(crate) type Asked = (BTreeSet<Call>, BTreeSet<QueueCall>);

const ACCOUNT: &str = "111111111111";

/// How the permissions call the services that `X-Amz-Target` names.
const SERVICES: [(&str, &str); 5] = [
    ("AmazonEC2ContainerRegistry_V20150921", "ecr"),
    ("AWSEvents", "events"),
    ("AmazonSQS", "sqs"),
    ("DynamoDB_20120810", "dynamodb"),
    ("secretsmanager", "secretsmanager"),
];

#[derive(Clone, Default)]
struct Sent(Arc<Mutex<BTreeSet<String>>>);

impl Sent {
    /// Records an operation, and returns an answer that its adapter accepts.
    fn answer(&self, headers: &HeaderMap, path: &str, address: &str) -> String {
        let Some(target) = headers.get("x-amz-target") else {
            return self.answer_without_operation(path);
        };
        let target = target.to_str().expect("a text");
        let (service, operation) = target.split_once('.').expect("a service and an operation");
        let found = SERVICES.iter().find(|(name, _)| *name == service);
        let (_, prefix) = found.unwrap_or_else(|| panic!("{service} is not known here"));
        let is_first = self.record(&format!("{prefix}:{operation}"));
        let answer = match operation {
            "PutEvents" => json!({ "FailedEntryCount": 0, "Entries": [{ "EventId": "1" }] }),
            "GetSecretValue" => json!({ "SecretString": SECRET }),
            "DescribeImages" => json!({ "imageDetails": [] }),
            "GetAuthorizationToken" => json!({ "authorizationData": [{
                "authorizationToken": "QVdTOnRva2Vu", "proxyEndpoint": address,
            }]}),
            "BatchGetImage" => json!({ "images": [{
                "imageId": { "imageDigest": "sha256:aa" },
                "imageManifest": "{}",
            }] }),
            "ReceiveMessage" if is_first => {
                json!({ "Messages": [{ "MessageId": "1", "ReceiptHandle": "1", "Body": "{}" }] })
            }
            "SendMessage" => json!({ "MessageId": "2" }),
            _ => json!({}),
        };
        answer.to_string()
    }

    /// The answer of a registry or Octopus. ECR's registry needs an action for manifests, and one for blobs.
    fn answer_without_operation(&self, path: &str) -> String {
        match path.strip_prefix(ECR_REPOSITORY) {
            Some(path) if path.starts_with("manifests/") => {
                self.record("ecr:BatchGetImage");
                MANIFEST.to_owned()
            }
            Some(_) => {
                self.record("ecr:GetDownloadUrlForLayer");
                CONFIGURATION.to_owned()
            }
            None => json!({ "Items": [], "TotalResults": 0 }).to_string(),
        }
    }

    fn record(&self, action: &str) -> bool {
        let mut notes = self.0.lock().expect("notes");
        notes.insert(action.to_owned())
    }
}

/// The repository that is read with the function's role.
const ECR_REPOSITORY: &str = "/v2/team/by-role/";

const CONFIGURATION: &str =
    r#"{"os":"linux","architecture":"arm64","config":{"Labels":{"team":"web"}}}"#;

/// The manifest of an image with this configuration.
const MANIFEST: &str = r#"{"config":{"mediaType":"application/vnd.oci.image.config.v1+json",
"digest":"sha256:626bf6adeae7700d2814614cb74f4e722d27b52778037283a985600f765c8ed9"}}"#;

/// Valid both as an API key and as a feed's credential.
const SECRET: &str = r#"{"apiKey": "API-KEY", "feedId": "Feeds-2", "host": "registry.example.com", "username": "u", "password": "p"}"#;

/// The console's calls of the stack's queues.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum QueueCall {
    Count,
    List,
    Redrive,
}

/// The actions that the SDK asked for when a function made this call.
pub(crate) async fn actions(call: Call) -> BTreeSet<String> {
    sent(async |aws, address| make(call, &aws, &address).await).await
}

/// The same of the queues.
pub(crate) async fn queue_actions(call: QueueCall) -> BTreeSet<String> {
    sent(async |aws, _| ask_queues(call, &aws).await).await
}

/// The same of an accepted webhook.
pub(crate) async fn webhook_actions() -> BTreeSet<String> {
    sent(async |aws, _| {
        let secrets = Secrets::new(&aws);
        secrets.get("secret", false).await.expect("read");
        let bus = EventBus::new(&aws, "bus");
        let pushes = [PackagePush::default()];
        bus.announce(&pushes).await.expect("announced");
        let table = DynamoTable::new(&aws, "table");
        let row = Row {
            key: Key {
                partition: "webhooks".to_owned(),
                sort: "ci#accepted".to_owned(),
            },
            revision: 1,
            body: Vec::new(),
            expires: None,
        };
        table.put(row, Condition::Any).await.expect("stored");
    })
    .await
}

/// The same of a push that its registry does not list yet.
pub(crate) async fn delayed_push_actions() -> BTreeSet<String> {
    sent(async |aws, address| {
        let queue = DelayedQueue::new(&aws, format!("{address}/queue"));
        let sent = queue.send("{}".to_owned(), Span::from_seconds(5)).await;
        sent.expect("sent");
    })
    .await
}

async fn sent(make: impl AsyncFnOnce(AwsContext, String)) -> BTreeSet<String> {
    let sent = Sent::default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    let notes = sent.clone();
    let own = address.clone();
    let handler =
        move |uri: Uri, headers: HeaderMap| async move { notes.answer(&headers, uri.path(), &own) };
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(handler)).await });
    let endpoint = address.clone();
    let aws = AwsContext::from_variables(|name| {
        Some(match name {
            "AWS_REGION" => "eu-west-1".to_owned(),
            "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" => "test".to_owned(),
            "AWS_ENDPOINT_URL" => endpoint.clone(),
            _ => return None,
        })
    });
    make(aws, address).await;
    let sent = sent.0.lock().expect("notes").clone();
    assert!(!sent.is_empty(), "AWS is asked for nothing");
    sent
}

async fn ask_queues(call: QueueCall, aws: &AwsContext) {
    let urls = QueueUrls {
        queue: Some("https://queue".to_owned()),
        dead_letters: "https://dead".to_owned(),
    };
    let kind = QueueKind::Releases;
    let queues = StackQueues::new(aws, BTreeMap::from([(kind, urls)]));
    match call {
        QueueCall::Count => drop(queues.queues().await.expect("counted")),
        QueueCall::List => drop(queues.list(kind, 10).await.expect("listed")),
        QueueCall::Redrive => {
            let cleared = queues.redrive(kind, &Which::All).await.expect("redriven");
            assert_eq!(cleared.done, ["1"]);
        }
    }
}

async fn make(call: Call, aws: &AwsContext, address: &str) {
    let table = DynamoTable::new(aws, "table");
    let key = Key {
        partition: "p".to_owned(),
        sort: "s".to_owned(),
    };
    match call {
        Call::GetRows => drop(table.get_many(&[key]).await.expect("read")),
        Call::QueryRows => {
            drop(
                table
                    .query("p", "s", QueryOrder::Ascending, 1)
                    .await
                    .expect("read"),
            );
        }
        Call::PutRow => {
            let row = Row {
                key,
                revision: 1,
                body: Vec::new(),
                expires: None,
            };
            table.put(row, Condition::Absent).await.expect("written");
        }
        Call::DeleteRow => table
            .delete(&key, Condition::Revision(1))
            .await
            .expect("deleted"),
        Call::Publish => EventBus::new(aws, "bus")
            .publish(&[message()])
            .await
            .expect("sent"),
        Call::AskOctopus => {
            let env = environment(address);
            let surroundings = wiring::surroundings(&env, aws).await.expect("wired");
            let octopus = wiring::octopus(&env, aws, &surroundings, wiring::SCHEDULING);
            octopus
                .expect("wired")
                .spaces(&["*".to_owned()])
                .await
                .expect("read");
        }
        Call::ReadFeed => read_feeds(aws, address).await,
    }
}

/// By each route: the function's role, a feed's secret, Octopus.
async fn read_feeds(aws: &AwsContext, address: &str) {
    let env = environment(address);
    let surroundings = wiring::surroundings(&env, aws).await.expect("wired");
    let reader = wiring::reader(&env, aws, &surroundings, wiring::CHECKING)
        .await
        .expect("wired");
    let requests = [ReadRequest::new(PackageId::new("web"))];
    let ecr = Feed {
        kind: FeedKind::AwsElasticContainerRegistry,
        region: Some("eu-west-1".to_owned()),
        account: Some(ACCOUNT.to_owned()),
        // The token is not sent there.
        uri: Some("https://another.example.com".to_owned()),
        registry_path: Some("team".to_owned()),
        ..feed("Feeds-1", address)
    };
    let metadata = MetadataRequest {
        package: PackageId::new("by-role"),
        version: "1.0.0".to_owned(),
        digest: None,
        keys: Vec::new(),
        record: None,
    };
    let read = reader
        .read_metadata(&ecr, &[metadata])
        .await
        .readings
        .remove(0);
    let read = read.expect("the labels in ECR");
    assert_eq!(read.label("team"), Some("web"));
    assert_eq!(read.platforms(), ["linux/arm64"]);
    let record = |record| MetadataRequest {
        package: PackageId::new("web"),
        version: "1.0".to_owned(),
        digest: Some("sha256:aa".to_owned()),
        keys: Vec::new(),
        record: Some(record),
    };
    let profile = "arn:aws:signer:eu-west-1:111111111111:/signing-profiles/release".to_owned();
    let records = [
        record(EcrRecord::Scan),
        record(EcrRecord::Signing { profile }),
    ];
    drop(reader.read_metadata(&ecr, &records).await);
    for feed in [ecr, feed("Feeds-2", address), feed("Feeds-3", address)] {
        // The result does not matter: the fake server is no registry.
        drop(reader.read(&feed, &requests).await);
    }
}

fn feed(id: &str, address: &str) -> Feed {
    Feed {
        id: FeedId::new(id),
        space: SpaceId::new("Spaces-1"),
        name: id.to_owned(),
        kind: FeedKind::Docker,
        uri: Some(address.to_owned()),
        registry_path: None,
        region: None,
        account: None,
        has_credentials: true,
    }
}

fn environment(address: &str) -> Env {
    Env::new([
        (env::OCTOPUS_URL, address),
        (
            env::OCTOPUS_SECRET_ARN,
            "arn:aws:secretsmanager:eu-west-1:111111111111:secret:key",
        ),
        (
            env::FEED_SECRET_ARNS,
            "arn:aws:secretsmanager:eu-west-1:111111111111:secret:feed",
        ),
        (env::ALLOWED_NETWORKS, "127.0.0.1/32"),
        (env::AWS_ACCOUNT, ACCOUNT),
        (env::TABLE_NAME, "table"),
    ])
}

fn message() -> Message {
    let request = EvaluationRequest {
        space: SpaceId::new("Spaces-1"),
        trigger: TriggerId::new("T-1"),
        cause: EvaluationCause::Hourly,
        retrying: false,
        change: None,
    };
    let event = Event::TriggerEvaluationRequested(request);
    Message::new(
        &Origin::new(&["test"]),
        event,
        &["1"],
        Timestamp::from_millis(0),
    )
}
