//! Messages of dead-letter queues, as `dlq` prints them.

use std::io;

use operator::ports::{DeadLetterMessage, DeadLetterReport};
use serde_json::{Value, json};

use super::grid::{Entry, Grid};
use super::{Output, count, print, print_unwrapped, show_time};
use crate::args::OutputFormat;

impl Output {
    /// Messages of the dead-letter queues.
    ///
    /// # Errors
    /// When standard output cannot be written.
    pub fn messages(&self, messages: &[DeadLetterMessage]) -> io::Result<()> {
        match self.format {
            OutputFormat::Json => {
                let all: Value = messages.iter().map(message_json).collect();
                print(format_args!("{all:#}"))
            }
            OutputFormat::Basic => messages.iter().try_for_each(|one| {
                let (kind, subject) = (one.letter.kind(), one.letter.subject());
                print(format_args!("{}\t{}\t{kind}\t{subject}", one.id, one.queue))
            }),
            OutputFormat::Table if messages.is_empty() => {
                print("The dead-letter queues are empty.")
            }
            OutputFormat::Table => print(self.message_table(messages)),
        }
    }

    /// One message, with its body.
    ///
    /// # Errors
    /// When standard output cannot be written.
    pub fn message(&self, message: &DeadLetterMessage) -> io::Result<()> {
        let body = serde_json::from_str(&message.body);
        let body = body.unwrap_or_else(|_| Value::String(message.body.clone()));
        if self.format == OutputFormat::Json {
            let mut all = message_json(message);
            all["Body"] = body;
            return print(format_args!("{all:#}"));
        }
        let rows = [
            ("Id", Some(message.id.clone())),
            ("Queue", Some(message.queue.to_string())),
            ("Sent", Some(show_time(message.sent_at))),
            ("Deliveries", Some(message.deliveries.to_string())),
            ("Kind", Some(message.letter.kind().to_owned())),
            ("Subject", Some(message.letter.subject())),
            (
                "Correlation",
                message.letter.correlation_id().map(str::to_owned),
            ),
            ("Reason", Some(reason(message))),
        ];
        for (name, value) in rows {
            if let Some(value) = value {
                print(format_args!("{name:<12} {value}"))?;
            }
        }
        match body {
            Value::String(text) => print_unwrapped(format_args!("\n{text}")),
            body => print_unwrapped(format_args!("\n{body:#}")),
        }
    }

    /// The result of redriving or deleting messages; `action` is the verb in the past tense.
    ///
    /// # Errors
    /// When standard output cannot be written.
    pub fn dead_letter_report(&self, report: &DeadLetterReport, action: &str) -> io::Result<()> {
        let absent = report.absent.iter();
        let absent = absent.map(|id| (id.as_str(), "no dead-letter queue contains this message"));
        let left = report
            .left
            .iter()
            .map(|(id, why)| (id.as_str(), why.as_str()));
        let left: Vec<_> = left.chain(absent).collect();
        if self.format == OutputFormat::Json {
            let left: Vec<_> = left
                .iter()
                .map(|(id, why)| json!({ "Id": id, "Reason": why }))
                .collect();
            return print(format_args!(
                "{:#}",
                json!({ "Done": report.done, "Left": left })
            ));
        }
        for (id, why) in left {
            print(format_args!("{id}: {why}"))?;
        }
        let messages = count(report.done.len(), "message");
        print(format_args!("{action} {messages}"))
    }

    fn message_table(&self, messages: &[DeadLetterMessage]) -> Grid {
        let header = [
            "Id",
            "Queue",
            "Sent",
            "Deliveries",
            "Kind",
            "Subject",
            "Reason",
        ];
        let mut grid = Grid::new(self.paint, header);
        for one in messages {
            grid.row([
                Entry::id(&one.id),
                one.queue.to_string().into(),
                show_time(one.sent_at).into(),
                one.deliveries.to_string().into(),
                one.letter.kind().into(),
                one.letter.subject().into(),
                one.reason.as_deref().unwrap_or_default().into(),
            ]);
        }
        grid
    }
}

/// The reason in the message, or the log that contains it: each log line of a function has the message id.
fn reason(message: &DeadLetterMessage) -> String {
    let DeadLetterMessage { id, queue, .. } = message;
    let in_log = || {
        let function = queue.function();
        format!("not in the message; search the {function}'s log for message_id {id}")
    };
    message.reason.clone().unwrap_or_else(in_log)
}

fn message_json(one: &DeadLetterMessage) -> Value {
    json!({
        "Id": one.id,
        "Queue": one.queue.name(),
        "SentAt": show_time(one.sent_at),
        "Deliveries": one.deliveries,
        "Kind": one.letter.kind(),
        "Subject": one.letter.subject(),
        "CorrelationId": one.letter.correlation_id(),
        "Reason": one.reason,
    })
}
