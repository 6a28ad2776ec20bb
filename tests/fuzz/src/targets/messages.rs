//! Messages from the bus: events of ECR and our own.

use domain::push::packages_of;
use wire::{EventBridgeEvent, MAX_DETAIL_BYTES};

use super::rows::deflated;

const WATCHED: &[u8] = include_bytes!("../../../../shared/wire/fixtures/row-watch-list.json");

/// An event on the account's bus can at most request a check of a watched package.
pub(crate) fn event(data: &[u8]) {
    let Ok(event) = EventBridgeEvent::parse(&String::from_utf8_lossy(data)) else {
        return;
    };
    let Ok(push) = event.ecr_push() else {
        return;
    };
    let list = wire::rows::watch_list::decode(&deflated(WATCHED));
    let list = list.expect("the fixture is a watch list").list;
    if let Ok(packages) = packages_of(&push, &list, "111111111111") {
        let watched = list.packages_by_feed();
        for package in packages {
            assert!(watched.values().flatten().any(|one| *one == package));
        }
    }
}

/// A parsed message can be sent, is small enough, and parses the same.
pub(crate) fn message(data: &[u8]) {
    let Ok(event) = EventBridgeEvent::parse(&String::from_utf8_lossy(data)) else {
        return;
    };
    let Ok(message) = event.message() else {
        return;
    };
    // Times beyond the calendar have no written form.
    let Ok(sent) = wire::encode(&message) else {
        return;
    };
    assert!(sent.detail.len() <= MAX_DETAIL_BYTES);
    let read = wire::decode(sent.detail_type, &sent.detail);
    assert_eq!(read.expect("it can be read"), message);
}
