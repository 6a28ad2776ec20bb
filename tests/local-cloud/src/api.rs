//! The AWS calls that the demo and the scenarios use, as plain HTTP: the emulator requires no signature.

use std::time::Duration;

use anyhow::{Context, bail, ensure};
use serde_json::{Value, json};

/// The time limit of a call.
const CALL_TIMEOUT: Duration = Duration::from_secs(60);

/// An HTTP client for servers on this machine.
pub fn client() -> anyhow::Result<reqwest::Client> {
    // Another crate of this program may have installed the provider already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Ok(reqwest::Client::builder()
        .no_proxy()
        .timeout(CALL_TIMEOUT)
        .build()?)
}

/// A client of the emulator.
#[derive(Clone)]
pub struct Api {
    http: reqwest::Client,
    url: String,
}

impl Api {
    pub fn new(url: &str) -> anyhow::Result<Self> {
        Ok(Self {
            http: client()?,
            url: url.to_owned(),
        })
    }

    /// Calls an operation of a service that speaks JSON, such as `AmazonSQS.SendMessage`.
    pub async fn call(&self, operation: &str, input: &Value) -> anyhow::Result<Value> {
        let request = self
            .http
            .post(&self.url)
            .header("X-Amz-Target", operation)
            .header("Content-Type", "application/x-amz-json-1.1")
            .body(input.to_string());
        let answer = request
            .send()
            .await
            .with_context(|| format!("calling {operation}"))?;
        let (status, body) = (answer.status(), answer.text().await?);
        ensure!(status.is_success(), "{operation} answered {status}: {body}");
        if body.is_empty() {
            Ok(Value::Null)
        } else {
            Ok(serde_json::from_str(&body)?)
        }
    }

    /// Invokes a function and returns its result.
    pub async fn invoke(&self, function: &str, event: &Value) -> anyhow::Result<Value> {
        let url = format!("{}/2015-03-31/functions/{function}/invocations", self.url);
        let answer = self.http.post(url).body(event.to_string()).send().await?;
        let status = answer.status();
        let failed = answer.headers().contains_key("X-Amz-Function-Error");
        let body = answer.text().await?;
        if failed || !status.is_success() {
            bail!("{function} failed: {body}");
        }
        Ok(serde_json::from_str(&body)?)
    }

    /// Sends messages to a queue.
    pub async fn send(&self, queue: &str, bodies: &[String]) -> anyhow::Result<()> {
        for body in bodies {
            let message = json!({ "QueueUrl": queue, "MessageBody": body });
            self.call("AmazonSQS.SendMessage", &message).await?;
        }
        Ok(())
    }

    /// Receives and deletes up to ten messages; waits up to a second for the first.
    pub async fn receive_and_delete(&self, queue: &str) -> anyhow::Result<Vec<String>> {
        let ask = json!({ "QueueUrl": queue, "MaxNumberOfMessages": 10, "WaitTimeSeconds": 1 });
        let answer = self.call("AmazonSQS.ReceiveMessage", &ask).await?;
        let mut bodies = Vec::new();
        for message in list(&answer, "Messages") {
            let done = json!({ "QueueUrl": queue, "ReceiptHandle": message["ReceiptHandle"] });
            self.call("AmazonSQS.DeleteMessage", &done).await?;
            bodies.push(text(message, "Body")?);
        }
        Ok(bodies)
    }

    /// The number of messages in a queue, visible and in flight.
    pub async fn message_count(&self, queue: &str) -> anyhow::Result<u32> {
        let ask = json!({ "QueueUrl": queue, "AttributeNames": ["All"] });
        let answer = self.call("AmazonSQS.GetQueueAttributes", &ask).await?;
        let mut sum = 0;
        for name in [
            "ApproximateNumberOfMessages",
            "ApproximateNumberOfMessagesNotVisible",
        ] {
            sum += text(&answer["Attributes"], name)?.parse::<u32>()?;
        }
        Ok(sum)
    }

    /// Sets how long a queue hides a message that is being handled, and after how many deliveries it is moved to the
    /// dead-letter queue.
    pub async fn set_redelivery(
        &self,
        queue: &str,
        hidden: Duration,
        deliveries: u32,
    ) -> anyhow::Result<()> {
        let ask = json!({ "QueueUrl": queue, "AttributeNames": ["RedrivePolicy"] });
        let answer = self.call("AmazonSQS.GetQueueAttributes", &ask).await?;
        let policy = text(&answer["Attributes"], "RedrivePolicy")?;
        let mut policy: Value = serde_json::from_str(&policy)?;
        policy["maxReceiveCount"] = deliveries.into();
        let attributes = json!({
            "VisibilityTimeout": hidden.as_secs().to_string(),
            "RedrivePolicy": policy.to_string(),
        });
        let set = json!({ "QueueUrl": queue, "Attributes": attributes });
        self.call("AmazonSQS.SetQueueAttributes", &set).await?;
        Ok(())
    }

    /// All lines in a function's log.
    pub async fn log_lines(&self, stack: &str, function: &str) -> anyhow::Result<Vec<String>> {
        let ask = json!({ "logGroupName": format!("/aws/lambda/{stack}/{function}") });
        let answer = self.call("Logs_20140328.FilterLogEvents", &ask).await?;
        list(&answer, "events")
            .iter()
            .map(|event| text(event, "message"))
            .collect()
    }
}

/// A list in an answer; empty if absent.
pub fn list<'a>(answer: &'a Value, name: &str) -> &'a [Value] {
    answer[name].as_array().map_or(&[], Vec::as_slice)
}

/// A text in an answer.
pub fn text(answer: &Value, name: &str) -> anyhow::Result<String> {
    let text = answer[name].as_str();
    text.map(str::to_owned)
        .with_context(|| format!("{name} is missing in {answer}"))
}
