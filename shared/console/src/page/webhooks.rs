//! The webhooks: the last requests of each receiver, and the steps in each sender.

use std::collections::BTreeMap;

use domain::push::{WebhookOutcome, WebhookRequest};
use domain::time::Timestamp;
use engine::ports::Clock;
use maud::{Markup, html};
use webhooks::Kind;

use crate::content::{Page, Section};
use crate::page_error::PageError;
use crate::parts::{empty_note, section, table, time};
use crate::request::PageRequest;
use crate::{Actions, Console, ConsoleOctopus, ConsoleStore};

const HEADS: [&str; 5] = ["Receiver", "Sender", "Accepted", "Ignored", "Refused"];

impl<S: ConsoleStore, O: ConsoleOctopus, C: Clock, H: Actions> Console<S, O, C, H> {
    pub(crate) async fn webhooks(&self, request: &PageRequest<'_>) -> Result<Page, PageError> {
        let requests = self.store.last_requests().await?;
        Ok(Page {
            title: "Webhooks".to_owned(),
            section: Section::Health,
            above: html! {},
            body: html! {
                (section("requests", "Last requests", &last_requests(&requests, request.now)))
                (section("setup", "Set up a sender", &setup()))
            },
        })
    }
}

fn last_requests(requests: &[WebhookRequest], now: Timestamp) -> Markup {
    let mut receivers: BTreeMap<&str, Vec<&WebhookRequest>> = BTreeMap::new();
    for request in requests {
        let of_receiver = receivers.entry(&request.receiver).or_default();
        of_receiver.push(request);
    }
    let rows: Vec<Markup> = receivers
        .iter()
        .map(|(receiver, requests)| row(receiver, requests, now))
        .collect();
    html! {
        @if rows.is_empty() {
            (empty_note("No receiver got a request yet."))
        } @else {
            (table("requests", &HEADS, &rows))
        }
        p.small {
            "A receiver is listed after its first request; " code { "feedctl webhooks list" }
            " lists all. The times are up to a minute old. A stack stores a refused request with the next one that is not refused."
        }
    }
}

fn row(receiver: &str, requests: &[&WebhookRequest], now: Timestamp) -> Markup {
    let sender = requests.first().map_or("", |request| &request.sender);
    html! {
        th scope="row" { (receiver) }
        td { (sender) }
        @for outcome in WebhookOutcome::ALL {
            td { (last(requests.iter().find(|request| request.outcome == outcome), now)) }
        }
    }
}

fn last(request: Option<&&WebhookRequest>, now: Timestamp) -> Markup {
    html! {
        @match request {
            Some(request) => {
                (time(request.at, now))
                @if let Some(reason) = &request.reason { ": " (reason) }
            }
            None => "never",
        }
    }
}

fn setup() -> Markup {
    html! {
        p {
            code { "feedctl webhooks add KIND --feed SPACE/FEED" }
            " adds a receiver, and prints its URL and KEY. Then follow the steps of its kind. "
            code { "feedctl webhooks test NAME" } " sends a sample to the receiver."
        }
        @for kind in Kind::ALL {
            details {
                summary { (kind) }
                ol { @for step in kind.setup() { li { (step) } } }
            }
        }
    }
}
