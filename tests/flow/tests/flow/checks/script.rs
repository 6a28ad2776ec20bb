//! A check of one feed over the table in memory. The feed returns scripted answers and records requests; the bus records
//! messages or refuses them.

use std::cell::{Cell, RefCell};

use domain::cause::CheckCause;
use domain::feed::{Access, Feed, FeedKind};
use domain::ids::{FeedId, PackageId, PackageKey, SpaceId};
use domain::snapshot::Snapshot;
use domain::trigger::PackageDetails;
use engine::StepError;
use engine::check::{Check, CheckReport};
use engine::messages::{Announcement, Event, FeedCheck, Message, Origin};
use engine::ports::{Bus, BusError, FeedAnswer, FeedReader, ReadRequest, Routes, SnapshotReader};
use flow::TestClock;
use store::Store;
use store::memory::MemoryTable;

use super::answer::{Answer, ReadingResult};

/// The only package that is checked.
const PACKAGE: &str = "acme/web";

/// A feed, the table and the bus.
#[derive(Default)]
pub(super) struct Script {
    pub(super) clock: TestClock,
    table: MemoryTable,
    feed: ScriptedFeed,
    bus: Kept,
}

/// The feed.
#[derive(Default)]
struct ScriptedFeed {
    answer: RefCell<Option<ReadingResult>>,
    asked: RefCell<Option<ReadRequest>>,
    access: Access,
}

impl FeedReader for ScriptedFeed {
    async fn read(&self, _: &Feed, requests: &[ReadRequest]) -> FeedAnswer {
        let [request] = requests else {
            panic!("one package is asked for: {requests:?}");
        };
        self.asked.replace(Some(request.clone()));
        FeedAnswer {
            readings: vec![self.answer.take().unwrap()],
            requests: 1,
            quota: None,
            allowance: None,
        }
    }
}

impl Routes for ScriptedFeed {
    fn access(&self) -> Access {
        self.access.clone()
    }
}

/// The bus.
#[derive(Default)]
struct Kept {
    is_down: Cell<bool>,
    messages: RefCell<Vec<Message>>,
}

impl Bus for Kept {
    async fn publish(&self, messages: &[Message]) -> Result<(), BusError> {
        if self.is_down.get() {
            return Err(BusError {
                failed: messages.len(),
                unencodable: 0,
                total: messages.len(),
                reason: "it is down".to_owned(),
                source: None,
            });
        }
        self.messages.borrow_mut().extend_from_slice(messages);
        Ok(())
    }
}

impl Script {
    /// The store, as the check has it.
    pub(super) fn store(&self) -> Store<MemoryTable, TestClock> {
        Store::with_clock(self.table.clone(), self.clock.clone())
    }

    /// Checks the package in its slot, for the list of its versions alone.
    pub(super) async fn check(&self, answer: impl Into<Answer>) -> CheckReport {
        self.run(&request(), answer).await.unwrap()
    }

    /// The same with other package details.
    pub(super) async fn check_for(
        &self,
        details: &PackageDetails,
        answer: impl Into<Answer>,
    ) -> CheckReport {
        let details = [(PackageId::new(PACKAGE), details.clone())].into();
        let request = FeedCheck {
            details,
            ..request()
        };
        self.run(&request, answer).await.unwrap()
    }

    /// Carries a request out.
    pub(super) async fn run(
        &self,
        request: &FeedCheck,
        answer: impl Into<Answer>,
    ) -> Result<CheckReport, StepError> {
        self.feed.answer.replace(Some(answer.into().0));
        let (store, origin) = (self.store(), Origin::new(&["a test"]));
        let check = Check {
            store: &store,
            reader: &self.feed,
            bus: &self.bus,
            clock: &self.clock,
        };
        check.run(request, &origin).await
    }

    /// The last request to the feed.
    pub(super) fn asked(&self) -> ReadRequest {
        self.feed.asked.borrow().clone().unwrap()
    }

    /// The rows written or deleted since the last call of this function.
    pub(super) fn writes(&self) -> usize {
        let calls = self.table.take_calls();
        calls.puts + calls.deletes
    }

    /// Whether the bus accepts messages.
    pub(super) fn set_bus_down(&self, is_down: bool) {
        self.bus.is_down.set(is_down);
    }

    /// The messages published since the last call of this function.
    pub(super) fn published(&self) -> Vec<Event> {
        let messages = self.bus.messages.take();
        messages.into_iter().map(|message| message.event).collect()
    }

    /// The announcements among it.
    pub(super) fn announced(&self) -> Vec<Announcement> {
        let of = |event| match event {
            Event::PackageVersionsChanged(announcement) => Some(announcement),
            _ => None,
        };
        self.published().into_iter().filter_map(of).collect()
    }

    /// The package's snapshot.
    pub(super) async fn snapshot(&self) -> Snapshot {
        let snapshot = self.store().snapshot(&package_of("Feeds-1")).await;
        snapshot.unwrap().unwrap()
    }
}

/// A request to check the package on its slot.
pub(super) fn request() -> FeedCheck {
    let feed = Feed {
        id: FeedId::new("Feeds-1"),
        space: SpaceId::new("Spaces-1"),
        name: "Images".to_owned(),
        kind: FeedKind::Docker,
        uri: Some("https://images.example".to_owned()),
        registry_path: None,
        region: None,
        account: None,
        has_credentials: false,
    };
    FeedCheck {
        feed,
        packages: vec![PackageId::new(PACKAGE)],
        retrying: Vec::new(),
        details: [].into(),
        feed_retrying: false,
        cause: CheckCause::Schedule,
        superseded_at: None,
    }
}

/// The package of this name in a feed.
pub(super) fn package_of(feed: &str) -> PackageKey {
    PackageKey {
        space: SpaceId::new("Spaces-1"),
        feed: FeedId::new(feed),
        package: PackageId::new(PACKAGE),
    }
}
