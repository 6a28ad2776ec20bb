//! The shrink guard: a listing that lost most of its versions is suspected until a second check confirms it.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

use std::cell::RefCell;

use domain::cause::CheckCause;
use domain::feed::{Access, Feed, FeedKind};
use domain::ids::{FeedId, PackageId, PackageKey, SpaceId};
use domain::snapshot::{Listed, Snapshot};
use domain::time::Timestamp;
use engine::check::{Check, CheckReport};
use engine::messages::{Event, FeedCheck, Message, Origin};
use engine::ports::{
    Bus, BusError, Clock, FeedAnswer, FeedReader, ReadRequest, Reading, Routes, SnapshotReader,
    Validators,
};
use store::Store;
use store::memory::MemoryTable;

struct FrozenClock;

impl Clock for FrozenClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(1_772_366_400_000)
    }
}

/// A feed with a scripted reading that records the validators of each request.
#[derive(Default)]
struct ScriptedFeed {
    reading: RefCell<Option<Reading>>,
    asked_with: RefCell<Vec<Option<Validators>>>,
    access: Access,
}

impl FeedReader for ScriptedFeed {
    async fn read(&self, _: &Feed, requests: &[ReadRequest]) -> FeedAnswer {
        self.asked_with
            .borrow_mut()
            .extend(requests.iter().map(|request| request.validators.clone()));
        FeedAnswer {
            readings: self.reading.borrow().clone().map(Ok).into_iter().collect(),
            ..FeedAnswer::default()
        }
    }
}

impl Routes for ScriptedFeed {
    fn access(&self) -> Access {
        self.access.clone()
    }
}

#[derive(Default)]
struct Published(RefCell<Vec<Message>>);

impl Bus for Published {
    async fn publish(&self, messages: &[Message]) -> Result<(), BusError> {
        self.0.borrow_mut().extend_from_slice(messages);
        Ok(())
    }
}

struct World {
    store: Store<MemoryTable, FrozenClock>,
    feed: ScriptedFeed,
    bus: Published,
}

fn feed() -> Feed {
    Feed {
        id: FeedId::new("Feeds-1"),
        space: SpaceId::new("Spaces-1"),
        name: "Charts".into(),
        kind: FeedKind::Helm,
        uri: None,
        registry_path: None,
        region: None,
        account: None,
        has_credentials: false,
    }
}

impl World {
    fn new() -> Self {
        Self {
            store: Store::with_clock(MemoryTable::default(), FrozenClock),
            feed: ScriptedFeed::default(),
            bus: Published::default(),
        }
    }

    async fn check(&self, reading: Reading) -> CheckReport {
        *self.feed.reading.borrow_mut() = Some(reading);
        let check = Check {
            store: &self.store,
            reader: &self.feed,
            bus: &self.bus,
            clock: &FrozenClock,
        };
        let request = FeedCheck {
            feed: feed(),
            packages: vec![PackageId::new("web")],
            retrying: Vec::new(),
            details: std::collections::BTreeMap::new(),
            feed_retrying: false,
            cause: CheckCause::Schedule,
            superseded_at: None,
        };
        let origin = Origin {
            correlation_id: "c".into(),
            causation_id: None,
        };
        check.run(&request, &origin).await.unwrap()
    }

    async fn stored_versions(&self) -> usize {
        let package = PackageKey {
            space: feed().space,
            feed: feed().id,
            package: PackageId::new("web"),
        };
        let snapshot = self.store.snapshot(&package).await.unwrap();
        snapshot.as_ref().map_or(0, Snapshot::len)
    }

    /// The number of removed versions in each announcement.
    fn removed(&self) -> Vec<usize> {
        let messages = self.bus.0.borrow();
        let removed = messages.iter().filter_map(|message| match &message.event {
            Event::PackageVersionsChanged(announcement) => Some(announcement.counts.removed),
            _ => None,
        });
        removed.collect()
    }
}

/// A listing with the versions and an ETag.
fn listing(versions: impl IntoIterator<Item = usize>, etag: &str) -> Reading {
    let listed = |version| Listed {
        version: format!("1.{version}.0"),
        digest: None,
        published: None,
    };
    Reading::Listing {
        versions: versions.into_iter().map(listed).collect(),
        validators: Some(Validators {
            etag: Some(etag.into()),
            ..Validators::default()
        }),
    }
}

#[tokio::test]
async fn shrunken_listing_is_confirmed_by_the_second_check() {
    let world = World::new();
    world.check(listing(0..20, "full")).await;
    let report = world.check(listing(0..9, "small")).await;
    assert_eq!((report.suspected.len(), report.changed.len()), (1, 0));
    assert_eq!(
        (world.stored_versions().await, world.removed()),
        (20, vec![0])
    );

    let report = world.check(listing(0..9, "small")).await;
    assert_eq!((report.suspected.len(), report.changed.len()), (0, 1));
    assert_eq!(
        (world.stored_versions().await, world.removed()),
        (9, vec![0, 11])
    );

    // The validators of the suspected listing were not stored, so the second request read it in full.
    let etags: Vec<_> = world.feed.asked_with.borrow().iter().cloned().collect();
    let etags: Vec<_> = etags
        .into_iter()
        .map(|known| known.and_then(|known| known.etag))
        .collect();
    assert_eq!(etags, [None, Some("full".into()), Some("full".into())]);
}

#[tokio::test]
async fn different_shrunken_listing_is_suspected_again() {
    let world = World::new();
    world.check(listing(0..20, "full")).await;
    for (versions, suspected) in [(0..9, 1), (0..8, 1), (0..9, 1), (0..9, 0)] {
        let report = world.check(listing(versions, "small")).await;
        assert_eq!(report.suspected.len(), suspected);
    }
    assert_eq!(world.stored_versions().await, 9);
}

#[tokio::test]
async fn recovered_listing_is_suspected_again_when_it_shrinks_again() {
    for recovered in [
        listing(0..20, "full"),
        Reading::Unchanged,
        listing(0..21, "more"),
    ] {
        let world = World::new();
        world.check(listing(0..20, "full")).await;
        assert_eq!(world.check(listing(0..2, "small")).await.suspected.len(), 1);
        world.check(recovered.clone()).await;
        let report = world.check(listing(0..2, "small")).await;
        assert_eq!(report.suspected.len(), 1, "{recovered:?}");
        assert!(world.stored_versions().await >= 20);
    }
}

#[tokio::test]
async fn ordinary_removals_are_not_suspected() {
    for (before, after, is_suspected) in [
        (20, 10, false),
        (20, 9, true),
        (10, 4, true),
        (9, 1, false),
        (9, 0, true),
        (1, 0, true),
    ] {
        let world = World::new();
        world.check(listing(0..before, "before")).await;
        let report = world.check(listing(0..after, "after")).await;
        assert_eq!(
            report.suspected.len(),
            usize::from(is_suspected),
            "{before} to {after}"
        );
    }
    // The guard counts lost versions, not the length of the listing.
    let world = World::new();
    world.check(listing(0..20, "before")).await;
    assert_eq!(
        world
            .check(listing(100..140, "other"))
            .await
            .suspected
            .len(),
        1
    );
}
