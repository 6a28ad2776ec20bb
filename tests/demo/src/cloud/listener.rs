//! Listening on the stack's bus, as every user can: a rule, and a queue that it fills.

use engine::messages::Message;
use serde_json::json;
use wire::EventBridgeEvent;

use super::api::{Api, text};

const NAME: &str = "story";

/// The listener.
pub(super) struct Listener {
    api: Api,
    queue: String,
    /// Everything so far: the body as it lay in the queue, and what it says.
    heard: Vec<(String, Message)>,
}

impl Listener {
    /// Subscribes to every message of the bus.
    pub(super) async fn start(api: &Api, bus: &str) -> anyhow::Result<Self> {
        let queue = api
            .call("AmazonSQS.CreateQueue", &json!({ "QueueName": NAME }))
            .await?;
        let queue = text(&queue, "QueueUrl")?;
        let ask = json!({ "QueueUrl": queue, "AttributeNames": ["QueueArn"] });
        let attributes = api.call("AmazonSQS.GetQueueAttributes", &ask).await?;
        let pattern = json!({ "source": [wire::SOURCE] }).to_string();
        let rule = json!({ "Name": NAME, "EventBusName": bus, "EventPattern": pattern });
        api.call("AWSEvents.PutRule", &rule).await?;
        let target = json!({ "Id": "queue", "Arn": text(&attributes["Attributes"], "QueueArn")? });
        let targets = json!({ "Rule": NAME, "EventBusName": bus, "Targets": [target] });
        api.call("AWSEvents.PutTargets", &targets).await?;
        Ok(Self {
            api: api.clone(),
            queue,
            heard: Vec::new(),
        })
    }

    /// What is new on the bus; waits up to a second for it.
    pub(super) async fn hear(&mut self) -> anyhow::Result<Vec<Message>> {
        let mut messages = Vec::new();
        for body in self.api.take(&self.queue).await? {
            let message = EventBridgeEvent::parse(&body)?.message()?;
            messages.push(message.clone());
            self.heard.push((body, message));
        }
        Ok(messages)
    }

    /// Everything so far.
    pub(super) fn heard(&self) -> &[(String, Message)] {
        &self.heard
    }
}
