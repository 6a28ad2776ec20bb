//! The engine's storage ports over the in-memory table.

mod documents;
mod history;
mod ledger;
mod pauses;
mod schedule;
mod snapshots;

use std::cell::Cell;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use domain::budget::{BudgetKey, BudgetState, LimiterState, Precedence, Quota, QuotaReading};
use domain::decide::{Candidate, Finding};
use domain::definition::{Definition, Definitions};
use domain::due::BackOff;
use domain::feed::{Access, Feed, FeedKind};
use domain::history::{Evaluation, LastRelease, MadeRelease, Outcome};
use domain::ids::{
    ChannelId, FeedId, PackageId, PackageKey, ProjectId, ReleaseId, SpaceId, TriggerId,
};
use domain::ledger::{Entry, Owner};
use domain::options::{Options, VersionPolicy};
use domain::plan::PlanKey;
use domain::snapshot::{Changes, Seen, Snapshot};
use domain::time::{Span, Timestamp};
use domain::trigger::{ResolvedSource, Source, SourceRef, Trigger, TriggerOrigin, WatchList};
use domain::usage::Usage;
use engine::messages::Announcement;
use engine::ports::{
    Budgets, Clock, Head, History, Ledger, LedgerId, LedgerRow, NextHead, PauseKey, Pauses,
    RateLimiters, SaveError, SchedulerRun, SchedulerRuns, SnapshotReader, Snapshots,
    StoredWatchList, TriggerFiles, Validators, WatchLists,
};
use store::memory::{Calls, MemoryTable};
use store::{Condition, Key, Store, Table};

/// A clock that only the test advances.
#[derive(Clone, Debug, Default)]
struct TestClock(Rc<Cell<i64>>);

impl TestClock {
    fn pass(&self, span: Span) {
        self.0.set(self.0.get() + span.as_millis());
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(1_772_366_400_000 + self.0.get())
    }
}

type TestStore = Store<MemoryTable, TestClock>;

fn new_store() -> (TestStore, MemoryTable, TestClock) {
    let (table, clock) = (MemoryTable::default(), TestClock::default());
    (
        Store::with_clock(table.clone(), clock.clone()),
        table,
        clock,
    )
}

fn space() -> SpaceId {
    SpaceId::new("Spaces-1")
}

fn feed() -> Feed {
    Feed {
        id: FeedId::new("Feeds-1001"),
        space: space(),
        name: "Acme images".into(),
        kind: FeedKind::Docker,
        uri: None,
        registry_path: None,
        region: None,
        account: None,
        has_credentials: false,
    }
}

fn budget() -> BudgetKey {
    feed().budget(&Access::default())
}

/// A throttled budget.
fn stopped(before: Option<BudgetState>, minutes: i64, clock: &TestClock) -> BudgetState {
    let asked = Some(Span::from_minutes(minutes));
    BudgetState::after_throttle(before, &Access::default(), "429".into(), asked, clock.now())
}

fn package(name: &str) -> PackageKey {
    PackageKey {
        space: space(),
        feed: feed().id,
        package: PackageId::new(name),
    }
}

/// A snapshot whose compressed body grows with the number of its versions.
fn snapshot(versions: u32) -> Snapshot {
    let digest = |n: u32| {
        let mixed = (0..4).fold(u64::from(n) + 1, |x, _| {
            x.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ (x >> 29)
        });
        format!(
            "sha256:{mixed:016x}{:016x}",
            mixed.wrapping_mul(0xD6E8_FEB8_6659_FD93)
        )
    };
    Snapshot::from_versions((0..versions).map(|n| {
        let seen = Seen {
            digest: Some(digest(n)),
            published: None,
            first_seen: Timestamp::from_millis(1_772_366_400_000),
            pushed_again: None,
        };
        (format!("1.{n}.0"), seen)
    }))
}

fn next(generation: u64, pending_event: bool) -> NextHead {
    let changes = Changes {
        added: vec!["1.0.0".into()],
        ..Changes::default()
    };
    let announcement = Announcement::new(package("web"), "Acme images".into(), generation, changes);
    NextHead {
        generation,
        validators: None,
        fingerprint: format!("print {generation}"),
        platform: None,
        changed_at: Timestamp::from_millis(1_772_366_400_000),
        pending_event: pending_event.then_some(announcement.into()),
    }
}

async fn advance(
    store: &TestStore,
    before: Option<&Head>,
    versions: u32,
) -> Result<Head, SaveError> {
    let generation = before.map_or(1, |head| head.generation + 1);
    store
        .advance(
            &package("web"),
            before,
            next(generation, true),
            &snapshot(versions),
        )
        .await
}

fn is_conflict<T>(outcome: &Result<T, SaveError>) -> bool {
    matches!(outcome, Err(SaveError::Conflict(_)))
}

#[tokio::test]
async fn memory_table_passes_conformance() {
    store::conformance::table(&MemoryTable::default()).await;
}

/// Text that does not compress.
fn store_hash(n: u64) -> String {
    (0..8)
        .map(|index| {
            format!(
                "{:016x}",
                (n + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15_u64.rotate_left(index * 7))
            )
        })
        .collect()
}
