//! The engine's storage ports, over the table in memory.

use std::cell::Cell;
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use domain::budget::{BudgetKey, BudgetState, Quota, Tally};
use domain::cost::Counted;
use domain::decide::{Candidate, Finding};
use domain::definition::{Definition, Definitions};
use domain::due::BackOff;
use domain::feed::{Access, Feed, FeedKind};
use domain::history::{Evaluation, LastRelease, MadeRelease, Outcome};
use domain::ids::{
    ChannelId, FeedId, PackageId, PackageKey, ProjectId, ReleaseId, SpaceId, TriggerId,
};
use domain::ledger::{Entry, Owner};
use domain::options::Options;
use domain::plan::PlanKey;
use domain::snapshot::{Changes, Seen, Snapshot};
use domain::time::{Span, Timestamp};
use domain::trigger::{SourceRef, WatchList};
use engine::messages::Announcement;
use engine::ports::{
    Budgets, Clock, Head, History, Ledger, LedgerId, NextHead, PauseKey, Pauses, SaveError,
    SnapshotReader, Snapshots, StoredWatchList, Tick, Ticks, TriggerFiles, Validators, WatchLists,
};
use store::memory::{Calls, MemoryTable};
use store::{Condition, Key, Store, Table};

/// A clock that stands still until it is told otherwise.
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

/// A budget that was told to stop for a while.
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

fn next(generation: u64, owed: bool) -> NextHead {
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
        owed: owed.then_some(announcement),
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
async fn the_table_in_memory_is_a_table() {
    store::conformance::table(&MemoryTable::default()).await;
}

#[tokio::test]
async fn an_unchanged_check_is_one_read_and_no_write() {
    let (store, table, _) = new_store();
    let head = advance(&store, None, 3).await.expect("saved");
    store.settle(&package("web"), &head).await.expect("settled");
    table.take_calls();

    let packages: Vec<_> = ["web", "never read"].map(PackageId::new).into();
    let opened = store
        .open(&feed(), &budget(), &packages)
        .await
        .expect("opened");
    assert_eq!(
        table.take_calls(),
        Calls {
            gets: 1,
            ..Calls::default()
        }
    );
    assert_eq!(opened.feed_pause, None);
    let head = opened.heads[0].as_ref().expect("a head");
    assert_eq!((head.count, head.generation, &head.owed), (3, 1, &None));
    assert_eq!(opened.heads[1], None);
}

#[tokio::test]
async fn opening_shows_the_feeds_pause() {
    let (store, _, clock) = new_store();
    let state = BackOff {
        failures: 1,
        until: clock.now(),
        reason: "429".into(),
        throttled: true,
    };
    let key = PauseKey::Feed(space(), feed().id);
    store.pause(&key, &state).await.expect("paused");
    let opened = store.open(&feed(), &budget(), &[]).await.expect("opened");
    assert_eq!(opened.feed_pause, Some(state));
}

#[tokio::test]
async fn a_snapshot_is_read_as_it_was_advanced() {
    let (store, table, _) = new_store();
    assert_eq!(store.snapshot(&package("web")).await.expect("read"), None);
    let first = advance(&store, None, 3).await.expect("saved");
    let settled = store
        .settle(&package("web"), &first)
        .await
        .expect("settled");
    assert_eq!(
        (first.owed.is_some(), settled.owed.is_some()),
        (true, false)
    );

    let large = 40_000;
    let second = advance(&store, Some(&settled), large).await.expect("saved");
    let chunks = table
        .rows()
        .iter()
        .filter(|row| row.key.sort.contains(&second.body))
        .count();
    assert!(chunks > 1, "the body takes more than one row");
    assert_eq!(
        store.load(&package("web"), &second).await.expect("loaded"),
        snapshot(large)
    );
    assert_eq!(
        store.snapshot(&package("web")).await.expect("read"),
        Some(snapshot(large))
    );
    assert_eq!(
        store
            .load(&package("web"), &first)
            .await
            .expect("still there"),
        snapshot(3)
    );
}

#[tokio::test]
async fn of_two_writers_from_the_same_head_one_wins() {
    let (store, _, _) = new_store();
    let first = advance(&store, None, 1).await.expect("saved");
    assert!(
        is_conflict(&advance(&store, None, 2).await),
        "there is a head by now"
    );

    let second = advance(&store, Some(&first), 2).await.expect("saved");
    assert!(is_conflict(&advance(&store, Some(&first), 3).await));
    assert!(is_conflict(&store.settle(&package("web"), &first).await));
    assert!(is_conflict(
        &store.revalidate(&package("web"), &first, None).await
    ));
    assert_eq!(
        store.snapshot(&package("web")).await.expect("read"),
        Some(snapshot(2))
    );

    let validators = Some(Validators {
        etag: Some("\"1\"".into()),
        ..Validators::default()
    });
    store
        .revalidate(&package("web"), &second, validators.clone())
        .await
        .expect("revalidated");
    let opened = store
        .open(&feed(), &budget(), &[PackageId::new("web")])
        .await
        .expect("opened");
    let head = opened.heads[0].clone().expect("a head");
    assert_eq!(
        (&head.validators, &head.owed, &head.body),
        (&validators, &second.owed, &second.body)
    );
    assert!(head.revision > second.revision);
}

#[tokio::test]
async fn replaced_and_orphaned_bodies_expire_and_the_current_one_stays() {
    let (store, table, clock) = new_store();
    let first = advance(&store, None, 1).await.expect("saved");
    let second = advance(&store, Some(&first), 2).await.expect("saved");
    assert!(
        is_conflict(&advance(&store, Some(&first), 3).await),
        "leaves an orphan"
    );
    clock.pass(Span::from_minutes(1));
    let third = advance(&store, Some(&second), 1)
        .await
        .expect("back to the first content");

    let bodies: Vec<_> = table
        .rows()
        .into_iter()
        .filter(|row| row.key.sort.starts_with("body#"))
        .collect();
    assert_eq!(bodies.len(), 4);
    for row in bodies {
        let is_current = row.key.sort.contains(&third.body);
        assert_eq!(row.expires.is_none(), is_current, "{}", row.key);
    }
    clock.pass(Span::from_hours(2));
    assert!(
        store.load(&package("web"), &second).await.is_err(),
        "its last hour is over"
    );
    assert_eq!(
        store.snapshot(&package("web")).await.expect("read"),
        Some(snapshot(1))
    );
}

#[tokio::test]
async fn a_body_that_is_missing_or_torn_is_an_error_that_says_what_to_do() {
    let (store, table, _) = new_store();
    let head = advance(&store, None, 5).await.expect("saved");
    let body = table
        .rows()
        .into_iter()
        .find(|row| row.key.sort.starts_with("body#"))
        .expect("a body");
    let torn = store::Row {
        body: body.body[..10].to_vec(),
        ..body.clone()
    };
    table.put(torn, Condition::Any).await.expect("written");
    let error = store.load(&package("web"), &head).await.expect_err("torn");
    assert_eq!(
        error.to_string(),
        "cannot read the snapshot of web of Feeds-1001"
    );
    assert!(
        error.source.to_string().contains("delete the row `head`"),
        "{}",
        error.source
    );

    table
        .delete(&body.key, Condition::Any)
        .await
        .expect("deleted");
    table.take_calls();
    assert!(store.snapshot(&package("web")).await.is_err());
    assert_eq!(table.take_calls().gets, 4, "the head is read again once");
}

#[tokio::test]
async fn the_watch_list_is_replaced_as_a_whole() {
    let (store, table, clock) = new_store();
    assert_eq!(store.watch_list().await.expect("read"), None);
    let list = |feeds| StoredWatchList {
        list: WatchList {
            feeds,
            ..WatchList::default()
        },
        read_at: clock.now(),
        file: None,
        is_outdated: false,
    };
    store
        .save_watch_list(&list(vec![feed()]))
        .await
        .expect("saved");
    clock.pass(Span::from_minutes(5));
    let newer = list(vec![
        feed(),
        Feed {
            id: FeedId::new("Feeds-2"),
            ..feed()
        },
    ]);
    store.save_watch_list(&newer).await.expect("saved");
    assert_eq!(store.watch_list().await.expect("read"), Some(newer));
    let unexpired = table
        .rows()
        .into_iter()
        .filter(|row| row.expires.is_none())
        .count();
    assert_eq!(unexpired, 2, "one head, one body");
}

#[tokio::test]
async fn the_last_tick_is_remembered() {
    let (store, _, clock) = new_store();
    assert_eq!(store.last_tick().await.expect("read"), None);
    let tick = Tick {
        at: clock.now(),
        counted: Some(Counted::since(clock.now()).with_round(2, 20, 1)),
    };
    store.remember_tick(&tick).await.expect("remembered");
    assert_eq!(store.last_tick().await.expect("read"), Some(tick));
}

#[tokio::test]
async fn pauses_are_listed_until_they_are_taken_away_or_long_over() {
    let (store, _, clock) = new_store();
    let state = BackOff {
        failures: 2,
        until: clock.now() + Span::from_minutes(2),
        reason: "503".into(),
        throttled: false,
    };
    let keys = [
        PauseKey::Feed(space(), feed().id),
        PauseKey::Package(package("acme/web#1")),
        PauseKey::Trigger(space(), TriggerId::new("ProjectTriggers-31")),
    ];
    for key in &keys {
        store.pause(key, &state).await.expect("paused");
    }
    clock.pass(Span::from_hours(1));
    let listed = store.pauses().await.expect("listed");
    assert_eq!(
        listed,
        keys.clone().map(|key| (key, state.clone())),
        "over, and still listed"
    );

    store.resume(&keys[0]).await.expect("resumed");
    store.resume(&keys[0]).await.expect("nothing to do");
    assert_eq!(store.pauses().await.expect("listed").len(), 2);

    let before_its_end = state.until - Span::from_seconds(1);
    for (by, left) in [(before_its_end, 2), (state.until, 1), (state.until, 1)] {
        let resumed = store.resume_if_over(&keys[1], by).await;
        resumed.expect("resumed, or left as it goes on");
        assert_eq!(store.pauses().await.expect("listed").len(), left, "{by:?}");
    }
    clock.pass(Span::from_days(8));
    assert!(store.pauses().await.expect("listed").is_empty());
}

#[tokio::test]
async fn a_budget_stands_with_the_pauses_until_its_time_is_over() {
    let key = budget();
    let (store, table, clock) = new_store();
    let pause = PauseKey::Feed(space(), feed().id);
    let state = stopped(None, 30, &clock);
    let back_off = state.pause.clone().expect("a pause");
    store.pause(&pause, &back_off).await.expect("paused");
    let change = store.change_budget(&key, |_| Some(state.clone()));
    change.await.expect("changed");
    let opened = store.open(&feed(), &key, &[]).await.expect("opened");
    assert_eq!(opened.budget.as_ref(), Some(&state));

    table.take_calls();
    let restraints = store.restraints().await.expect("read");
    let calls = table.take_calls();
    assert_eq!((calls.queries, calls.gets), (1, 0));
    assert_eq!(restraints.pauses.get(&pause), Some(&back_off));
    assert_eq!(restraints.budget(&feed()), Some((&key, &state)));
    assert_eq!(store.pauses().await.expect("listed").len(), 1);

    clock.pass(Span::from_days(8));
    let restraints = store.restraints().await.expect("read");
    assert!(restraints.budgets.is_empty(), "{restraints:?}");
    // The row that has expired still holds its place in the table.
    let later = stopped(None, 1, &clock);
    let change = store.change_budget(&key, |before| {
        assert_eq!(before, None);
        Some(later.clone())
    });
    change.await.expect("changed");
    let opened = store.open(&feed(), &key, &[]).await.expect("opened");
    assert_eq!(opened.budget, Some(later));
}

#[tokio::test]
async fn a_quota_is_kept_for_as_long_as_its_window() {
    let key = budget();
    let (store, _, clock) = new_store();
    let low = Tally {
        quota: Quota {
            limit: Some(100),
            remaining: 3,
            resets_at: Some(clock.now() + Span::from_minutes(10)),
        },
        at: clock.now(),
        requests: 1,
        packages: 1,
    };
    let state = BudgetState::after_read(None, &Access::default(), Some(low), clock.now());
    let change = store.change_budget(&key, |_| state.clone());
    change.await.expect("changed");
    clock.pass(Span::from_minutes(9));
    assert_eq!(store.restraints().await.expect("read").budgets.len(), 1);
    clock.pass(Span::from_minutes(1));
    assert_eq!(store.restraints().await.expect("read").budgets.len(), 0);
}

#[tokio::test]
async fn changes_of_a_budget_lose_nothing_against_each_other() {
    let key = budget();
    let (store, table, clock) = new_store();
    let first = stopped(None, 30, &clock);
    let change = store.change_budget(&key, |_| Some(first.clone()));
    change.await.expect("changed");

    // Somebody else is told to wait longer while this one takes the pause for over.
    let longer = stopped(None, 60, &clock);
    let raced = Cell::new(false);
    let change = store.change_budget(&key, |before| {
        if !raced.replace(true) {
            let other = store.change_budget(&key, |_| Some(longer.clone()));
            let mut context = Context::from_waker(Waker::noop());
            assert!(matches!(
                pin!(other).poll(&mut context),
                Poll::Ready(Ok(()))
            ));
            return None;
        }
        BudgetState::after_read(before, &Access::default(), None, clock.now())
    });
    change.await.expect("changed");
    let opened = store.open(&feed(), &key, &[]).await.expect("opened");
    assert_eq!(opened.budget.as_ref(), Some(&longer));

    table.take_calls();
    let change = store.change_budget(&key, |before| before);
    change.await.expect("nothing to do");
    assert_eq!(table.take_calls().puts, 0);
    clock.pass(Span::from_hours(1));
    let change = store.change_budget(&key, |_| None);
    change.await.expect("changed");
    assert!(table.rows().is_empty());
}

fn claimed(owner: &str) -> Entry {
    Entry::Claimed {
        owner: Owner(owner.into()),
        until: Timestamp::from_millis(5),
    }
}

#[tokio::test]
async fn a_claim_is_made_once_and_finished_by_its_owner() {
    let (store, _, clock) = new_store();
    let (plan, expires) = (
        LedgerId::Plan(PlanKey::new("ab")),
        clock.now() + Span::from_days(15),
    );
    assert_eq!(store.entry(&plan).await.expect("read"), None);
    let revision = store
        .put(&plan, &claimed("me"), None, expires)
        .await
        .expect("claimed");
    assert!(is_conflict(
        &store.put(&plan, &claimed("you"), None, expires).await
    ));
    assert_eq!(
        store.entry(&plan).await.expect("read"),
        Some((claimed("me"), revision))
    );

    let done = Entry::Done {
        release: ReleaseId::new("Releases-1"),
        version: "1".into(),
    };
    let finished = store
        .put(&plan, &done, Some(revision), expires)
        .await
        .expect("finished");
    assert!(is_conflict(
        &store
            .put(&plan, &claimed("you"), Some(revision), expires)
            .await
    ));
    clock.pass(Span::from_days(14));
    assert_eq!(
        store.entry(&plan).await.expect("read"),
        Some((done, finished))
    );
    clock.pass(Span::from_days(2));
    assert_eq!(
        store.entry(&plan).await.expect("read"),
        None,
        "expired, though the row is there"
    );
    store
        .put(&plan, &claimed("you"), None, expires)
        .await
        .expect("free again");
}

#[tokio::test]
async fn a_revision_of_a_released_lane_never_comes_back() {
    let (store, table, clock) = new_store();
    let lane = LedgerId::Lane(
        space(),
        ProjectId::new("Projects-1"),
        ChannelId::new("Channels-1"),
    );
    let expires = clock.now() + Span::from_minutes(2);
    let mine = store
        .put(&lane, &claimed("me"), None, expires)
        .await
        .expect("claimed");
    store.release(&lane, mine).await.expect("released");
    assert_eq!(store.entry(&lane).await.expect("read"), None);
    assert!(
        is_conflict(&store.release(&lane, mine).await),
        "released already"
    );

    // In the same millisecond, by somebody else.
    let yours = store
        .put(&lane, &claimed("you"), None, expires)
        .await
        .expect("claimed");
    assert!(
        is_conflict(&store.release(&lane, mine).await),
        "it is no longer mine"
    );
    assert!(is_conflict(
        &store.put(&lane, &claimed("me"), Some(mine), expires).await
    ));
    assert_eq!(
        store.entry(&lane).await.expect("read"),
        Some((claimed("you"), yours))
    );

    // Deleted by the table after it expired, and made again.
    clock.pass(Span::from_days(2));
    let key = Key {
        partition: "lane#Spaces-1#Projects-1#Channels-1".into(),
        sort: "entry".into(),
    };
    table
        .delete(&key, Condition::Revision(yours))
        .await
        .expect("the row's key");
    let third = store
        .put(
            &lane,
            &claimed("third"),
            None,
            clock.now() + Span::from_minutes(2),
        )
        .await;
    assert!(third.expect("claimed") > yours);
}

fn evaluation(trigger: &str, at: Timestamp, reason: &str) -> Evaluation {
    Evaluation {
        trigger: TriggerId::new(trigger),
        trigger_name: "New images".into(),
        space: space(),
        project_name: "Web shop".into(),
        at,
        took: Span::from_millis(5),
        cause: "hourly".into(),
        outcome: Outcome::Skipped,
        reason: reason.into(),
        release: None,
        findings: Vec::new(),
    }
}

fn reasons(evaluations: &[Evaluation]) -> Vec<&str> {
    evaluations
        .iter()
        .map(|evaluation| evaluation.reason.as_str())
        .collect()
}

#[tokio::test]
async fn the_history_is_newest_first_and_the_newest_stays_for_ever() {
    let (store, _, clock) = new_store();
    let start = clock.now();
    for (minute, reason) in [(1, "first"), (2, "second"), (2, "same time"), (3, "third")] {
        let at = start + Span::from_minutes(minute);
        store
            .record(&evaluation("T-1", at, reason))
            .await
            .expect("recorded");
    }
    let late = evaluation("T-1", start, "recorded late");
    for _ in 0..2 {
        store.record(&late).await.expect("recorded");
    }
    store
        .record(&evaluation("T-2", start, "other"))
        .await
        .expect("recorded");

    let recent = store
        .recent(&space(), &TriggerId::new("T-1"), 10)
        .await
        .expect("read");
    assert_eq!(recent.len(), 5, "the same one recorded twice is one");
    assert_eq!(
        (reasons(&recent)[0], reasons(&recent)[4]),
        ("third", "recorded late")
    );
    let two = store
        .recent(&space(), &TriggerId::new("T-1"), 2)
        .await
        .expect("read");
    assert_eq!(two, recent[..2]);
    assert_eq!(
        reasons(&store.latest().await.expect("read")),
        ["third", "other"]
    );

    clock.pass(Span::from_days(91));
    assert!(
        store
            .recent(&space(), &TriggerId::new("T-1"), 10)
            .await
            .expect("read")
            .is_empty()
    );
    assert_eq!(
        reasons(&store.latest().await.expect("read")),
        ["third", "other"]
    );
}

#[tokio::test]
async fn the_last_success_outlives_later_failures() {
    let (store, _, clock) = new_store();
    let start = clock.now();
    let at = |minute| start + Span::from_minutes(minute);
    for (minute, outcome) in [
        (1, Outcome::Failed),
        (2, Outcome::Waiting),
        (3, Outcome::Failed),
        (4, Outcome::Failed),
    ] {
        let evaluation = Evaluation {
            outcome,
            ..evaluation("T-1", at(minute), "tried")
        };
        store.record(&evaluation).await.expect("recorded");
    }
    let never = Evaluation {
        outcome: Outcome::Failed,
        ..evaluation("T-2", at(1), "tried")
    };
    store.record(&never).await.expect("recorded");
    let successes = store.last_successes().await.expect("read");
    let expected = ((space(), TriggerId::new("T-1")), at(2));
    assert_eq!(successes.into_iter().collect::<Vec<_>>(), [expected]);
}

#[tokio::test]
async fn the_last_release_outlives_later_evaluations() {
    let (store, _, clock) = new_store();
    let start = clock.now();
    let at = |minute| start + Span::from_minutes(minute);
    let release = |number: &str| MadeRelease {
        id: ReleaseId::new(format!("Releases-{number}")),
        version: number.to_owned(),
    };
    for (minute, made) in [(1, Some("1.0")), (2, Some("1.1")), (3, None), (4, None)] {
        let evaluation = Evaluation {
            release: made.map(release),
            ..evaluation("T-1", at(minute), "tried")
        };
        store.record(&evaluation).await.expect("recorded");
    }
    let never = evaluation("T-2", at(1), "tried");
    store.record(&never).await.expect("recorded");
    let releases = store.last_releases().await.expect("read");
    let last = LastRelease {
        release: release("1.1"),
        at: at(2),
    };
    let expected = ((space(), TriggerId::new("T-1")), last);
    assert_eq!(releases.into_iter().collect::<Vec<_>>(), [expected]);
}

#[tokio::test]
async fn a_file_of_triggers_that_is_too_large_is_refused() {
    let (store, table, _) = new_store();
    let trigger = |n: u64| Definition {
        name: store_hash(n),
        description: String::new(),
        space: None,
        project: store_hash(n * 31),
        channel: None,
        is_disabled: false,
        sources: Vec::new(),
        options: Options::default(),
    };
    let definitions = Definitions {
        triggers: (0..4_000).map(trigger).collect(),
        native: Vec::new(),
    };
    let refused = store.apply_trigger_file(&definitions, None).await;
    let error = refused.expect_err("refused");
    let cause = std::error::Error::source(&error)
        .expect("a cause")
        .to_string();
    assert!(cause.contains("358400 are allowed"), "{error}: {cause}");
    assert!(table.rows().is_empty());
}

#[tokio::test]
async fn an_evaluation_of_very_many_sources_fits_into_a_row() {
    let (store, table, clock) = new_store();
    let findings = (0..400).map(|source| Finding {
        reference: SourceRef {
            action_slug: format!("step-{source}"),
            package_reference: String::new(),
        },
        package: Some("acme/web".into()),
        previous: None,
        latest: None,
        digest: None,
        candidates: (0..25)
            .map(|n| Candidate {
                version: store_hash(source * 31 + n),
                refused: Some(store_hash(source * 77 + n)),
            })
            .collect(),
        considered: 900,
        obstacle: None,
    });
    let large = Evaluation {
        findings: findings.collect(),
        ..evaluation("T-1", clock.now(), "large")
    };
    store.record(&large).await.expect("recorded");
    assert!(table.rows().iter().all(|row| row.body.len() <= 350 * 1024));
    let read = store.latest().await.expect("read");
    assert_eq!(
        (read[0].findings.len(), read[0].findings[399].considered),
        (400, 900)
    );
}

/// Text that does not compress.
fn store_hash(n: u64) -> String {
    (0..8)
        .map(|round| {
            format!(
                "{:016x}",
                (n + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15_u64.rotate_left(round * 7))
            )
        })
        .collect()
}
