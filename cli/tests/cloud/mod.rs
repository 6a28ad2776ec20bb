//! A fake of the AWS services that `feedctl --stack` uses: CloudFormation with a stack's outputs and parameters,
//! queues with state, and a table with the contents of a state file.

mod table;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// The template's outputs other than queues.
const NAMES: [&str; 2] = ["TableName", "BusName"];

/// The outputs of a stack that receives webhooks.
const WEBHOOKS: [(&str, &str); 2] = [
    (
        "WebhookSecretArn",
        "arn:aws:secretsmanager:us-east-1:111111111111:secret:hooks",
    ),
    ("WebhookUrl", "https://hooks.lambda-url.us-east-1.on.aws/"),
];

/// The template's queue outputs.
const QUEUES: [&str; 7] = [
    "ScheduleDeadLettersUrl",
    "CheckQueueUrl",
    "CheckDeadLettersUrl",
    "ReleaseQueueUrl",
    "ReleaseDeadLettersUrl",
    "PushQueueUrl",
    "PushDeadLettersUrl",
];

/// The stack's AWS account.
const ACCOUNT: &str = "111111111111";

/// The fake cloud with one stack named `shop`.
#[derive(Clone)]
pub(crate) struct Cloud {
    url: String,
    parameters: Vec<(String, String)>,
    /// The state file behind the table; `None` for an empty table.
    state: Option<PathBuf>,
    queues: Arc<Mutex<BTreeMap<String, Vec<Message>>>>,
    /// The secret with the receivers of webhooks.
    secret: Arc<Mutex<String>>,
}

struct Message {
    id: String,
    body: String,
    is_taken: bool,
}

impl Cloud {
    /// A stack with these parameters and the contents of this state file.
    pub(crate) async fn start(parameters: &[(&str, &str)], state: Option<&Path>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let parameters = parameters.iter();
        let parameters = parameters.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let cloud = Self {
            url: format!("http://{}", listener.local_addr().unwrap()),
            parameters: parameters.collect(),
            state: state.map(Path::to_owned),
            queues: Arc::default(),
            secret: Arc::new(Mutex::new("{\"receivers\": {}}".to_owned())),
        };
        let router = Router::new().fallback(answer).with_state(cloud.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        cloud
    }

    /// Adds a message to the queue of this output.
    pub(crate) fn put(&self, output: &str, id: &str, body: &str) {
        let mut queues = self.queues.lock().unwrap();
        queues
            .entry(self.address(output))
            .or_default()
            .push(Message {
                id: id.to_owned(),
                body: body.to_owned(),
                is_taken: false,
            });
    }

    /// The messages in the queue of this output.
    pub(crate) fn queued(&self, output: &str) -> Vec<String> {
        let queues = self.queues.lock().unwrap();
        let queued = queues.get(&self.address(output)).into_iter().flatten();
        queued.map(|message| message.body.clone()).collect()
    }

    /// The text of the secret with the receivers of webhooks.
    pub(crate) fn secret(&self) -> String {
        self.secret.lock().unwrap().clone()
    }

    /// Configures a command to use this stack.
    pub(crate) fn configure(&self, command: &mut Command) {
        command
            .env("FEEDCTL_STACK", "shop")
            .env("AWS_ENDPOINT_URL", &self.url)
            .env("AWS_REGION", "us-east-1")
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test");
    }

    fn address(&self, output: &str) -> String {
        format!("{}/000000000000/{output}", self.url)
    }

    fn stack(&self) -> String {
        let names = NAMES.map(|name| (name, format!("shop-{name}")));
        let queues = QUEUES.map(|name| (name, self.address(name)));
        let webhooks = WEBHOOKS.map(|(name, value)| (name, value.to_owned()));
        let outputs = names.into_iter().chain(queues).chain(webhooks);
        let outputs = outputs.map(|(name, value)| {
            format!(
                "<member><OutputKey>{name}</OutputKey><OutputValue>{value}</OutputValue></member>"
            )
        });
        let parameters = self.parameters.iter().map(|(name, value)| {
            format!(
                "<member><ParameterKey>{name}</ParameterKey><ParameterValue>{value}</ParameterValue></member>"
            )
        });
        format!(
            "<DescribeStacksResponse xmlns=\"http://cloudformation.amazonaws.com/doc/2010-05-15/\">\
             <DescribeStacksResult><Stacks><member><StackName>shop</StackName>\
             <StackId>arn:aws:cloudformation:us-east-1:{ACCOUNT}:stack/shop/1</StackId><CreationTime>2026-01-01T00:00:00Z</CreationTime><StackStatus>CREATE_COMPLETE</StackStatus>\
             <Parameters>{}</Parameters><Outputs>{}</Outputs>\
             </member></Stacks></DescribeStacksResult></DescribeStacksResponse>",
            parameters.collect::<String>(),
            outputs.collect::<String>()
        )
    }

    /// The response to an operation on a queue.
    fn queue(&self, operation: &str, input: &Value) -> Value {
        let text = |name: &str| input[name].as_str().unwrap_or_default();
        let mut queues = self.queues.lock().unwrap();
        let queue = queues.entry(text("QueueUrl").to_owned()).or_default();
        match operation {
            "GetQueueAttributes" => {
                let count = queue.len().to_string();
                return json!({ "Attributes": { "ApproximateNumberOfMessages": count } });
            }
            "ReceiveMessage" => {
                let waiting = queue.iter_mut().filter(|one| !one.is_taken);
                return json!({ "Messages": waiting.map(taken).collect::<Vec<_>>() });
            }
            "ChangeMessageVisibility" => {
                let mut queue = queue.iter_mut();
                let back = queue.find(|one| one.id == text("ReceiptHandle"));
                back.into_iter().for_each(|one| one.is_taken = false);
            }
            "DeleteMessage" => queue.retain(|one| one.id != text("ReceiptHandle")),
            "SendMessage" => queue.push(Message {
                id: "again".to_owned(),
                body: text("MessageBody").to_owned(),
                is_taken: false,
            }),
            unknown => panic!("unsupported operation {unknown}"),
        }
        json!({ "MessageId": "again" })
    }
}

/// Receives a message, with a sent time some hours ago as in a dead-letter queue.
fn taken(message: &mut Message) -> Value {
    message.is_taken = true;
    let sent = SystemTime::now() - Duration::from_secs(200 * 60);
    let sent = sent.duration_since(UNIX_EPOCH).unwrap().as_millis();
    json!({
        "MessageId": message.id,
        "ReceiptHandle": message.id,
        "Body": message.body,
        "Attributes": { "SentTimestamp": sent.to_string(), "ApproximateReceiveCount": "6" },
    })
}

async fn answer(
    State(cloud): State<Cloud>,
    headers: HeaderMap,
    body: String,
) -> (StatusCode, String) {
    let target = headers
        .get("x-amz-target")
        .map(|target| target.to_str().unwrap());
    let input: Value = serde_json::from_str(&body).unwrap_or_default();
    let answer = match target.and_then(|target| target.rsplit_once('.')) {
        None => cloud.stack(),
        Some((_, operation @ ("BatchGetItem" | "Query"))) => {
            table::answer(cloud.state, operation.to_owned(), input)
                .await
                .to_string()
        }
        Some((_, "GetSecretValue")) => json!({ "SecretString": cloud.secret() }).to_string(),
        Some((_, "PutSecretValue")) => {
            let text = input["SecretString"].as_str().unwrap_or_default();
            text.clone_into(&mut cloud.secret.lock().unwrap());
            "{}".to_owned()
        }
        Some((_, operation)) => cloud.queue(operation, &input).to_string(),
    };
    (StatusCode::OK, answer)
}
