//! A subscriber of the stack's bus: a rule with a queue as its target.

use engine::messages::Message;
use serde_json::json;
use wire::EventBridgeEvent;

use crate::api::{Api, text};

/// The subscriber.
pub struct Listener {
    api: Api,
    queue: String,
    /// Every message so far: the body of the queue's message, and its content.
    received: Vec<(String, Message)>,
}

impl Listener {
    /// Subscribes to every message of the bus, with a queue of this name.
    pub async fn start(api: &Api, bus: &str, name: &str) -> anyhow::Result<Self> {
        let queue = api
            .call("AmazonSQS.CreateQueue", &json!({ "QueueName": name }))
            .await?;
        let queue = text(&queue, "QueueUrl")?;
        let ask = json!({ "QueueUrl": queue, "AttributeNames": ["QueueArn"] });
        let attributes = api.call("AmazonSQS.GetQueueAttributes", &ask).await?;
        let pattern = json!({ "source": [wire::SOURCE] }).to_string();
        let rule = json!({ "Name": name, "EventBusName": bus, "EventPattern": pattern });
        api.call("AWSEvents.PutRule", &rule).await?;
        let target = json!({ "Id": "queue", "Arn": text(&attributes["Attributes"], "QueueArn")? });
        let targets = json!({ "Rule": name, "EventBusName": bus, "Targets": [target] });
        api.call("AWSEvents.PutTargets", &targets).await?;
        Ok(Self {
            api: api.clone(),
            queue,
            received: Vec::new(),
        })
    }

    /// Receives new messages; waits up to a second for the first.
    pub async fn receive(&mut self) -> anyhow::Result<Vec<Message>> {
        let mut messages = Vec::new();
        for body in self.api.receive_and_delete(&self.queue).await? {
            let message = EventBridgeEvent::parse(&body)?.message()?;
            messages.push(message.clone());
            self.received.push((body, message));
        }
        Ok(messages)
    }

    /// Every message so far.
    pub fn received(&self) -> &[(String, Message)] {
        &self.received
    }
}
