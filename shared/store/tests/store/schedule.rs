//! The watch list, the last scheduler run and the trigger file.

use super::*;

#[tokio::test]
async fn watch_list_is_replaced_as_a_whole() {
    let (store, table, clock) = new_store();
    assert_eq!(store.watch_list().await.expect("read"), None);
    let list = |feeds, revision| StoredWatchList {
        changed: Default::default(),
        list: Arc::new(WatchList {
            feeds,
            ..WatchList::default()
        }),
        read_at: clock.now(),
        file: None,
        is_outdated: false,
        progress: None,
        revision,
    };
    let first = list(vec![feed()], None);
    store.save_watch_list(&first).await.expect("saved");
    let read = store.watch_list().await.expect("read").expect("a list");
    let revision = read.revision;
    assert_eq!(read, StoredWatchList { revision, ..first });
    clock.pass(Span::from_minutes(5));
    let other = Feed {
        id: FeedId::new("Feeds-2"),
        ..feed()
    };
    let newer = list(vec![feed(), other], revision);
    store.save_watch_list(&newer).await.expect("saved");
    let read = store.watch_list().await.expect("read").expect("a list");
    assert_eq!(read.revision, revision.map(|revision| revision + 1));
    let revision = read.revision;
    assert_eq!(read, StoredWatchList { revision, ..newer });
    let unexpired = table
        .rows()
        .into_iter()
        .filter(|row| row.expires.is_none())
        .count();
    assert_eq!(unexpired, 2, "one head, one body");
}

#[tokio::test]
async fn last_scheduler_run_is_stored() {
    let (store, _, clock) = new_store();
    assert_eq!(store.last_run().await.expect("read"), None);
    let run = SchedulerRun {
        at: clock.now(),
        list_read_at: None,
        list_confirmed_at: None,
        stalls_searched_at: None,
        counted: Some(Usage::since(clock.now()).with_run(2, 20, 1)),
    };
    store.remember_run(&run).await.expect("remembered");
    assert_eq!(store.last_run().await.expect("read"), Some(run));
}

#[tokio::test]
async fn trigger_file_above_the_limit_is_rejected() {
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
    assert!(
        cause.contains("the limit is 358400 bytes"),
        "{error}: {cause}"
    );
    assert!(table.rows().is_empty());
}
