//! Dead letters, as `dlq` shows them.

use std::io;

use operator::ports::{DeadLetterMessage, DeadLetterReport};
use serde_json::{Value, json};

use super::grid::{Entry, Grid};
use super::{Output, say, show_time};
use crate::args::OutputFormat;

impl Output {
    /// What was given up.
    pub fn letters(&self, letters: &[DeadLetterMessage]) -> io::Result<()> {
        match self.format {
            OutputFormat::Json => {
                let all: Value = letters.iter().map(letter_json).collect();
                say(format_args!("{all:#}"))
            }
            OutputFormat::Basic => letters.iter().try_for_each(|one| {
                let (kind, subject) = (one.letter.kind(), one.letter.subject());
                say(format_args!("{}\t{}\t{kind}\t{subject}", one.id, one.queue))
            }),
            OutputFormat::Table if letters.is_empty() => say("there are no dead letters"),
            OutputFormat::Table => say(self.letter_table(letters)),
        }
    }

    /// One dead letter, with its body.
    pub fn letter(&self, letter: &DeadLetterMessage) -> io::Result<()> {
        let body = serde_json::from_str(&letter.body);
        let body = body.unwrap_or_else(|_| Value::String(letter.body.clone()));
        if self.format == OutputFormat::Json {
            let mut all = letter_json(letter);
            all["Body"] = body;
            return say(format_args!("{all:#}"));
        }
        let rows = [
            ("Id", Some(letter.id.clone())),
            ("Queue", Some(letter.queue.to_string())),
            ("Sent", Some(show_time(letter.sent_at))),
            ("Deliveries", Some(letter.deliveries.to_string())),
            ("Kind", Some(letter.letter.kind().to_owned())),
            ("Subject", Some(letter.letter.subject())),
            (
                "Correlation",
                letter.letter.correlation_id().map(str::to_owned),
            ),
            ("Reason", Some(reason(letter))),
        ];
        for (name, value) in rows {
            if let Some(value) = value {
                say(format_args!("{name:<12} {value}"))?;
            }
        }
        match body {
            Value::String(text) => say(format_args!("\n{text}")),
            body => say(format_args!("\n{body:#}")),
        }
    }

    /// What became of letters of which something was to be done.
    pub fn cleared(&self, cleared: &DeadLetterReport, deed: &str) -> io::Result<()> {
        let absent = cleared.absent.iter();
        let absent = absent.map(|id| (id.as_str(), "there is no such dead letter"));
        let left = cleared
            .left
            .iter()
            .map(|(id, why)| (id.as_str(), why.as_str()));
        let left: Vec<_> = left.chain(absent).collect();
        if self.format == OutputFormat::Json {
            let left: Vec<_> = left
                .iter()
                .map(|(id, why)| json!({ "Id": id, "Reason": why }))
                .collect();
            return say(format_args!(
                "{:#}",
                json!({ "Done": cleared.done, "Left": left })
            ));
        }
        for (id, why) in left {
            say(format_args!("{id}: {why}"))?;
        }
        say(format_args!("{} {deed}", cleared.done.len()))
    }

    fn letter_table(&self, letters: &[DeadLetterMessage]) -> Grid {
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
        for one in letters {
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

/// What is written on the letter, or where else it stands: each line of a function's log names the message.
fn reason(letter: &DeadLetterMessage) -> String {
    let DeadLetterMessage { id, queue, .. } = letter;
    let in_log = || {
        let function = queue.function();
        format!("not written on it; look into the {function}'s log, for lines with message_id {id}")
    };
    letter.reason.clone().unwrap_or_else(in_log)
}

fn letter_json(one: &DeadLetterMessage) -> Value {
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
