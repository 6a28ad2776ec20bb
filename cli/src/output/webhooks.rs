//! Receivers of webhooks, as `webhooks` prints them.

use std::io;

use domain::push::{WebhookOutcome, WebhookRequest};
use domain::time::Timestamp;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use webhooks::{NewSecrets, ReceiverSummary};

use super::grid::{Entry, Grid};
use super::{Output, print, print_unwrapped, show_time};
use crate::args::OutputFormat;

/// The secrets of a new or rotated receiver, which are shown once.
#[derive(Debug)]
pub struct NewSecretsRow<'a> {
    /// The receiver's name.
    pub name: &'a str,
    /// The name of its kind.
    pub kind: &'static str,
    /// The URL before the path, without a slash at the end.
    pub address: String,
    /// The path and the key.
    pub secrets: &'a NewSecrets,
    /// The steps of the user, with `URL`, `KEY` and `NAME` in place of the values.
    pub steps: &'static [&'static str],
}

/// The answer to a sample request.
#[derive(Debug)]
pub struct TestedReceiver<'a> {
    /// The receiver's name.
    pub name: &'a str,
    /// The name of its kind.
    pub kind: &'static str,
    /// The repository and the tag of the sample.
    pub subject: String,
    /// The status of the answer.
    pub status: u16,
    /// Its meaning, with the remedy.
    pub verdict: String,
    /// The packages that the sample asks to check; `None` if it was not accepted, or the triggers were never read.
    pub checks: Option<Vec<String>>,
}

impl NewSecretsRow<'_> {
    fn url(&self) -> String {
        format!("{}/{}", self.address, self.secrets.path.expose_secret())
    }
}

impl Output {
    /// The URL and the key of a receiver, and the steps in its sender.
    ///
    /// # Errors
    /// When standard output cannot be written.
    pub fn new_secrets(&self, row: &NewSecretsRow<'_>) -> io::Result<()> {
        let key = row.secrets.key.as_ref().map(ExposeSecret::expose_secret);
        match self.format {
            OutputFormat::Json => print_unwrapped(format_args!(
                "{:#}",
                json!({
                    "Name": row.name,
                    "Kind": row.kind,
                    "Url": row.url(),
                    "Key": key,
                    "Steps": row.steps,
                })
            )),
            OutputFormat::Basic => {
                print_unwrapped(format_args!("{}\t{}", row.url(), key.unwrap_or_default()))
            }
            OutputFormat::Table => {
                print(format_args!("Receiver {} of kind {}.", row.name, row.kind))?;
                print_unwrapped(format_args!("\nURL  {}", row.url()))?;
                if let Some(key) = key {
                    print_unwrapped(format_args!("KEY  {key}"))?;
                    print("\nCopy the key now; it is not shown again.")?;
                }
                print("")?;
                for (number, step) in (1..).zip(row.steps) {
                    let step = step.replace("NAME", row.name);
                    print(format_args!("{number}. {step}"))?;
                }
                Ok(())
            }
        }
    }

    /// All receivers, with their last requests.
    ///
    /// # Errors
    /// When standard output cannot be written.
    pub fn receivers(
        &self,
        receivers: &[ReceiverSummary],
        requests: &[WebhookRequest],
        now: Timestamp,
    ) -> io::Result<()> {
        let last = |one: &ReceiverSummary, outcome| {
            let mut of_receiver = requests.iter().filter(|last| last.receiver == one.name);
            of_receiver.find(|last| last.outcome == outcome)
        };
        match self.format {
            OutputFormat::Json => {
                let all: Value = receivers
                    .iter()
                    .map(|one| receiver_json(one, |outcome| last(one, outcome)))
                    .collect();
                print(format_args!("{all:#}"))
            }
            OutputFormat::Basic => receivers.iter().try_for_each(|one| {
                let feeds = one.feeds.join(",");
                print(format_args!(
                    "{}\t{}\t{}\t{feeds}",
                    one.name, one.kind, one.keys
                ))
            }),
            OutputFormat::Table if receivers.is_empty() => {
                print("There are no receivers. Add one with feedctl webhooks add.")
            }
            OutputFormat::Table => {
                let mut grid = Grid::new(
                    self.paint,
                    [
                        "Name", "Kind", "Keys", "Feeds", "Accepted", "Ignored", "Refused",
                    ],
                );
                for one in receivers {
                    let [accepted, ignored, refused] =
                        WebhookOutcome::ALL.map(|outcome| shown(last(one, outcome), now));
                    grid.row([
                        Entry::id(&one.name),
                        one.kind.as_str().into(),
                        keys(one).into(),
                        one.feeds.join(", ").into(),
                        accepted.into(),
                        ignored.into(),
                        refused.into(),
                    ]);
                }
                print(grid)
            }
        }
    }

    /// The answer to a sample request.
    ///
    /// # Errors
    /// When standard output cannot be written.
    pub fn tested(&self, tested: &TestedReceiver<'_>) -> io::Result<()> {
        let TestedReceiver {
            name,
            kind,
            subject,
            status,
            verdict,
            checks,
        } = tested;
        match self.format {
            OutputFormat::Json => print(format_args!(
                "{:#}",
                json!({
                    "Name": name,
                    "Kind": kind,
                    "Status": status,
                    "Verdict": verdict,
                    "Packages": checks,
                })
            )),
            OutputFormat::Basic => print(format_args!("{name}\t{status}\t{verdict}")),
            OutputFormat::Table => {
                print(format_args!(
                    "Sent a sample of {kind} to {name}, the push of {subject}: {verdict}."
                ))?;
                match checks.as_deref() {
                    None => Ok(()),
                    Some([]) => print(
                        "No trigger watches this repository, so no check follows. Name a watched one with --repository and --tag.",
                    ),
                    Some(packages) => print(format_args!(
                        "It requests a check of {}.",
                        packages.join(", ")
                    )),
                }
            }
        }
    }

    /// The result of removing the previous key.
    ///
    /// # Errors
    /// When standard output cannot be written.
    pub fn rotation_finished(&self, name: &str, had_two: bool) -> io::Result<()> {
        match (self.format, had_two) {
            (OutputFormat::Json, _) => print(format_args!(
                "{:#}",
                json!({ "Name": name, "Removed": had_two })
            )),
            (_, true) => print(format_args!("Removed the previous key of {name}.")),
            (_, false) => print(format_args!("{name} has no previous key.")),
        }
    }

    /// The result of removing a receiver.
    ///
    /// # Errors
    /// When standard output cannot be written.
    pub fn receiver_removed(&self, name: &str) -> io::Result<()> {
        match self.format {
            OutputFormat::Json => print(format_args!("{:#}", json!({ "Name": name }))),
            _ => print(format_args!("Removed receiver {name}.")),
        }
    }
}

/// How long ago a last request was, and why it was not accepted.
fn shown(last: Option<&WebhookRequest>, now: Timestamp) -> String {
    let Some(last) = last else {
        return "never".to_owned();
    };
    let ago = format!("{} ago", now.since(last.at));
    match &last.reason {
        Some(reason) => format!("{ago}: {reason}"),
        None => ago,
    }
}

fn receiver_json<'a>(
    one: &ReceiverSummary,
    last: impl Fn(WebhookOutcome) -> Option<&'a WebhookRequest>,
) -> Value {
    let time = |outcome| last(outcome).map(|last| show_time(last.at));
    let reason = |outcome| last(outcome).and_then(|last| last.reason.clone());
    json!({
        "LastAccepted": time(WebhookOutcome::Accepted),
        "LastIgnored": time(WebhookOutcome::Ignored),
        "IgnoredReason": reason(WebhookOutcome::Ignored),
        "LastRefused": time(WebhookOutcome::Refused),
        "RefusedReason": reason(WebhookOutcome::Refused),
        "Name": one.name,
        "Kind": one.kind,
        "Keys": one.keys,
        "Feeds": one.feeds,
    })
}

fn keys(one: &ReceiverSummary) -> &'static str {
    match one.keys {
        0 => "none",
        1 => "1",
        _ => "2 (rotating)",
    }
}
