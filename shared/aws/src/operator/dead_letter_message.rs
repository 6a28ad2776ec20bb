//! Reads a message of a dead-letter queue.

use aws_sdk_sqs::types::{Message, MessageSystemAttributeName};
use domain::time::Timestamp;
use engine::with_causes;
use operator::ports::{DeadLetterMessage, MessageContent, QueueKind};
use serde_json::Value;
use wire::{EventBridgeEvent, WireError};

/// The attributes in which EventBridge and EventBridge Scheduler record why a delivery failed.
pub(super) const FAILURE_ATTRIBUTES: [&str; 2] = ["ERROR_CODE", "ERROR_MESSAGE"];

/// Reads any message; an unknown body becomes [`MessageContent::Unreadable`].
pub(super) fn read(queue: QueueKind, message: &Message) -> DeadLetterMessage {
    let number = |name| {
        let attributes = message.attributes.as_ref();
        let text = attributes.and_then(|all| all.get(&name));
        text.and_then(|text| text.parse::<i64>().ok())
            .unwrap_or_default()
    };
    let body = message.body.clone().unwrap_or_default();
    let failed_scheduler_run = (queue == QueueKind::Schedule).then(|| failed_scheduler_run(&body));
    let reason = delivery_failure(message).or_else(|| failed_scheduler_run.clone().flatten());
    let content = match failed_scheduler_run {
        Some(_) => MessageContent::SchedulerRun,
        None => content(queue, &body)
            .unwrap_or_else(|error| MessageContent::Unreadable(with_causes(&error))),
    };
    let deliveries = number(MessageSystemAttributeName::ApproximateReceiveCount);
    DeadLetterMessage {
        id: message.message_id.clone().unwrap_or_default(),
        queue,
        sent_at: Timestamp::from_millis(number(MessageSystemAttributeName::SentTimestamp)),
        deliveries: u32::try_from(deliveries).unwrap_or(u32::MAX),
        letter: content,
        reason,
        body,
    }
}

fn content(queue: QueueKind, body: &str) -> Result<MessageContent, WireError> {
    let event = EventBridgeEvent::parse(body)?;
    Ok(match queue {
        QueueKind::Pushes => MessageContent::Push(event.push()?),
        _ => MessageContent::Message(Box::new(event.message()?)),
    })
}

/// The reason that EventBridge recorded for an event that it could not deliver.
fn delivery_failure(message: &Message) -> Option<String> {
    let attributes = message.message_attributes.as_ref()?;
    let texts = FAILURE_ATTRIBUTES.iter().filter_map(|name| {
        let value = attributes.get(*name)?.string_value.as_deref()?;
        (!value.is_empty()).then_some(value)
    });
    let text = texts.collect::<Vec<_>>().join(": ");
    (!text.is_empty()).then_some(text)
}

/// The error of a failed scheduler run, from Lambda's invocation record in the body.
fn failed_scheduler_run(body: &str) -> Option<String> {
    let record: Value = serde_json::from_str(body).ok()?;
    let of = |part: &str, name: &str| record.get(part)?.get(name)?.as_str().map(str::to_owned);
    of("responsePayload", "errorMessage").or_else(|| of("requestContext", "condition"))
}
