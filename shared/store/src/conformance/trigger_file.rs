//! The trigger file over any table: applying needs the current revision and marks the watch list as outdated.

use std::sync::Arc;

use domain::definition::{Definition, Definitions, SourceDefinition};
use domain::options::{Options, VersionPolicy};
use engine::ports::{Clock, SaveError, StoredWatchList, TriggerFiles, WatchLists};

use crate::keys;
use crate::rows::{BoxError, Store};
use crate::table::{Condition, Table};
use host::SystemClock;

pub(super) async fn replaces_what_was_read<T: Table>(table: &T) -> Result<(), BoxError> {
    let store = Store::new(table);
    table.delete(&keys::trigger_file(), Condition::Any).await?;
    assert_eq!(store.trigger_file().await?, None);

    let (one, other) = (definitions("one"), definitions("other"));
    store.apply_trigger_file(&one, None).await?;
    conflicts(&store.apply_trigger_file(&other, None).await);
    let first = store.trigger_file().await?;
    assert_eq!(first.as_ref().map(|file| &file.definitions), Some(&one));

    let before = store.watch_list().await?;
    let list = StoredWatchList {
        changed: Default::default(),
        list: Arc::default(),
        read_at: SystemClock.now(),
        file: first.as_ref().map(|file| file.revision),
        is_outdated: false,
        progress: None,
        revision: before.and_then(|before| before.revision),
    };
    store.save_watch_list(&list).await?;
    conflicts(&store.save_watch_list(&list).await);
    let stored = store.watch_list().await?.unwrap_or_else(|| list.clone());
    assert_eq!((&stored.list, stored.file), (&list.list, list.file));
    assert!(!stored.is_outdated);

    let revision = first.map(|file| file.revision);
    store.apply_trigger_file(&other, revision).await?;
    conflicts(&store.apply_trigger_file(&one, revision).await);
    let second = store.trigger_file().await?;
    assert_eq!(second.map(|file| file.definitions), Some(other));
    let outdated = store.watch_list().await?;
    assert!(outdated.is_some_and(|list| list.is_outdated));
    conflicts(&store.save_watch_list(&stored).await);
    Ok(())
}

fn definitions(name: &str) -> Definitions {
    let source = SourceDefinition {
        action: "deploy-web".to_owned(),
        package_reference: String::new(),
        policy: VersionPolicy::default(),
    };
    let definition = Definition {
        name: name.to_owned(),
        description: String::new(),
        space: None,
        project: "Shop".to_owned(),
        channel: None,
        is_disabled: false,
        sources: vec![source],
        options: Options::default(),
    };
    Definitions {
        triggers: vec![definition],
        native: Vec::new(),
    }
}

fn conflicts(outcome: &Result<(), SaveError>) {
    assert!(
        matches!(outcome, Err(SaveError::Conflict(_))),
        "expected a conflict: {outcome:?}"
    );
}
