//! Snapshots: heads and bodies.

use super::*;

#[tokio::test]
async fn unchanged_check_is_one_read_and_no_write() {
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
            keys: 4,
            ..Calls::default()
        }
    );
    assert_eq!(opened.feed_pause, None);
    let head = opened.heads[0].as_ref().expect("a head");
    assert_eq!(
        (head.count, head.generation, &head.pending_event),
        (3, 1, &None)
    );
    assert_eq!(opened.heads[1], None);
}

#[tokio::test]
async fn open_returns_the_feed_pause() {
    let (store, _, clock) = new_store();
    let state = BackOff {
        failures: 1,
        since: Some(clock.now()),
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
async fn snapshot_round_trips() {
    let (store, table, _) = new_store();
    assert_eq!(store.snapshot(&package("web")).await.expect("read"), None);
    let first = advance(&store, None, 3).await.expect("saved");
    let settled = store
        .settle(&package("web"), &first)
        .await
        .expect("settled");
    assert_eq!(
        (
            first.pending_event.is_some(),
            settled.pending_event.is_some()
        ),
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
async fn second_writer_from_the_same_head_gets_a_conflict() {
    let (store, _, _) = new_store();
    let first = advance(&store, None, 1).await.expect("saved");
    assert!(
        is_conflict(&advance(&store, None, 2).await),
        "a head exists"
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
        (&head.validators, &head.pending_event, &head.body),
        (&validators, &second.pending_event, &second.body)
    );
    assert!(head.revision > second.revision);
}

#[tokio::test]
async fn replaced_and_orphaned_bodies_expire() {
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
        "the replaced body has expired"
    );
    assert_eq!(
        store.snapshot(&package("web")).await.expect("read"),
        Some(snapshot(1))
    );
}

/// A watch list with a trigger for each package.
fn watching(packages: &[&str]) -> StoredWatchList {
    let source = |name: &&str| Source {
        reference: SourceRef {
            action_slug: "deploy".into(),
            package_reference: String::new(),
        },
        resolution: Ok(ResolvedSource {
            action_name: "Deploy".into(),
            package: package(name),
        }),
        policy: VersionPolicy::default(),
    };
    let trigger = Trigger {
        id: TriggerId::new("ProjectTriggers-1"),
        name: "Watch".into(),
        space: space(),
        project: ProjectId::new("Projects-1"),
        project_name: "Shop".into(),
        channel: ChannelId::new("Channels-1"),
        sources: packages.iter().map(source).collect(),
        problem: None,
        stale: None,
        documents: None,
        origin: TriggerOrigin::Octopus,
        since: Timestamp::default(),
        options: Options::default(),
    };
    StoredWatchList {
        changed: Default::default(),
        list: Arc::new(WatchList {
            triggers: vec![trigger],
            ..WatchList::default()
        }),
        read_at: Timestamp::default(),
        file: None,
        is_outdated: false,
        progress: None,
        revision: None,
    }
}

/// Replaces the stored watch list by one with a trigger for each package.
async fn watch(store: &Store<MemoryTable, TestClock>, packages: &[&str]) -> Result<(), SaveError> {
    let before = store.watch_list().await?;
    let list = StoredWatchList {
        revision: before.and_then(|before| before.revision),
        ..watching(packages)
    };
    store.save_watch_list(&list).await
}

/// The rows of the snapshot that do not expire.
fn lasting(table: &MemoryTable) -> usize {
    let rows = table.rows().into_iter();
    let rows = rows.filter(|row| row.key.partition.starts_with("snapshot#"));
    rows.filter(|row| row.expires.is_none()).count()
}

#[tokio::test]
async fn snapshot_of_an_unwatched_package_expires() {
    let (store, table, clock) = new_store();
    advance(&store, None, 40_000).await.expect("saved");
    watch(&store, &["web"]).await.expect("saved");
    assert!(lasting(&table) > 2, "a head and several chunks");
    clock.pass(Span::from_days(400));
    watch(&store, &["web"]).await.expect("saved");
    let known = store.snapshot(&package("web")).await.expect("read");
    assert_eq!(known, Some(snapshot(40_000)), "a watched package stays");

    watch(&store, &["api"]).await.expect("saved");
    assert_eq!(lasting(&table), 0);
    clock.pass(Span::from_days(89));
    watch(&store, &[]).await.expect("saved");
    let known = store.snapshot(&package("web")).await.expect("read");
    assert_eq!(known, Some(snapshot(40_000)));
    clock.pass(Span::from_days(2));
    assert_eq!(store.snapshot(&package("web")).await.expect("read"), None);
}

/// Only the first of two runs that read the same list may replace it, and it retires no snapshot for the other.
#[tokio::test]
async fn watch_list_that_another_run_replaced_stays() {
    let (store, table, _) = new_store();
    let list = |packages: &[&str], revision| StoredWatchList {
        revision,
        ..watching(packages)
    };
    store
        .save_watch_list(&list(&["web"], None))
        .await
        .expect("saved");
    advance(&store, None, 1).await.expect("saved");
    let stored = store.watch_list().await.expect("read").expect("a list");
    let newer = list(&["web", "api"], stored.revision);
    store.save_watch_list(&newer).await.expect("saved");
    let kept = store.watch_list().await.expect("read");
    for revision in [None, stored.revision] {
        let late = store.save_watch_list(&list(&[], revision)).await;
        assert!(matches!(late, Err(SaveError::Conflict(_))), "{late:?}");
        assert_eq!(store.watch_list().await.expect("read"), kept);
    }
    assert!(lasting(&table) > 0, "the snapshot stays");
}

#[tokio::test]
async fn snapshot_of_a_package_that_is_watched_again_stays() {
    let (store, table, clock) = new_store();
    let head = advance(&store, None, 40_000).await.expect("saved");
    store.settle(&package("web"), &head).await.expect("settled");
    let rows = lasting(&table);
    watch(&store, &["web"]).await.expect("saved");
    watch(&store, &[]).await.expect("saved");
    let opened = store
        .open(&feed(), &budget(), &[PackageId::new("web")])
        .await
        .expect("opened");
    let head = opened.heads[0].clone().expect("a head");
    assert!(head.is_retired);
    store
        .revalidate(&package("web"), &head, head.validators.clone())
        .await
        .expect("written");
    assert_eq!(lasting(&table), rows);
    clock.pass(Span::from_days(400));
    let known = store.snapshot(&package("web")).await.expect("read");
    assert_eq!(known, Some(snapshot(40_000)));
}

#[tokio::test]
async fn missing_or_damaged_body_error_contains_the_remedy() {
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
