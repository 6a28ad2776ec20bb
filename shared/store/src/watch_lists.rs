//! The watch list.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::trigger::Trigger;
use engine::ports::{Clock, SaveError, StoreError, StoredWatchList, WatchLists};
use wire::rows::watch_list::{self, WatchListBody, WatchListHead};

use crate::body::BodyName;
use crate::keys::{self, WATCH_LIST};
use crate::rows::{BoxError, Store, encode_error, read_error, save_error, write_error};
use crate::table::{PutError, Table};

const SUBJECT: &str = "the watch list";

/// Attempts of a read or write after conflicts.
const ATTEMPTS: usize = 3;

impl<T: Table, C: Clock> WatchLists for Store<T, C> {
    async fn watch_list(&self) -> Result<Option<StoredWatchList>, StoreError> {
        self.load_list().await.map_err(read_error(SUBJECT))
    }

    async fn save_watch_list(&self, list: &StoredWatchList) -> Result<(), SaveError> {
        self.save_list(list).await
    }
}

impl<T: Table, C: Clock> Store<T, C> {
    async fn load_list(&self) -> Result<Option<StoredWatchList>, BoxError> {
        for _ in 0..ATTEMPTS {
            let Some(row) = self.row(&keys::head(WATCH_LIST)).await? else {
                return Ok(None);
            };
            let head = watch_list::decode_head(&row.body)?;
            if let Some(body) = self.load_list_body(head.body.parse()?).await? {
                let WatchListBody {
                    list,
                    changed,
                    progress,
                } = body;
                return Ok(Some(StoredWatchList {
                    list,
                    changed,
                    read_at: head.read_at,
                    file: head.file,
                    is_outdated: head.is_outdated,
                    progress,
                    revision: Some(row.revision),
                }));
            }
        }
        Err("its body is missing; the next refresh writes it again".into())
    }

    /// The list and progress of a body; `None` if the body is missing. The last one is kept in memory.
    async fn load_list_body(&self, name: BodyName) -> Result<Option<WatchListBody>, BoxError> {
        if let Some(body) = self.list_cache.get(&name) {
            return Ok(Some(body));
        }
        let Some(content) = self.read_body(WATCH_LIST, &name).await? else {
            return Ok(None);
        };
        let body = watch_list::decode(&content)?;
        self.list_cache.set(name, body.clone());
        Ok(Some(body))
    }

    /// The snapshots of packages that only the previous list contains expire before it is replaced: if that fails, the
    /// next refresh retries.
    async fn save_list(&self, list: &StoredWatchList) -> Result<(), SaveError> {
        let body = WatchListBody {
            list: Arc::clone(&list.list),
            changed: list.changed.clone(),
            progress: list.progress.clone(),
        };
        let content = watch_list::encode(&body).map_err(encode_error(SUBJECT))?;
        self.retire_unwatched(list).await?;
        let name = BodyName::new(self.next_revision(list.revision), &content);
        let written = self.write_body(WATCH_LIST, &name, &content).await;
        written.map_err(save_error(SUBJECT))?;
        let head = WatchListHead {
            read_at: list.read_at,
            body: name.to_string(),
            file: list.file,
            is_outdated: list.is_outdated,
        };
        let head = watch_list::encode_head(&head).map_err(encode_error(SUBJECT))?;
        let key = keys::head(WATCH_LIST);
        let written = self.advance_row(key, head, list.revision, None).await;
        written.map_err(save_error(SUBJECT))?;
        self.retire_bodies(WATCH_LIST, &name).await;
        self.list_cache.set(name, body);
        Ok(())
    }

    /// # Errors
    /// A conflict if the stored list has another revision than the one that is replaced.
    async fn retire_unwatched(&self, next: &StoredWatchList) -> Result<(), SaveError> {
        // A list that cannot be read is about to be replaced.
        let Ok(Some(before)) = self.load_list().await else {
            return Ok(());
        };
        if before.revision != next.revision {
            return Err(SaveError::Conflict(SUBJECT.to_owned()));
        }
        let next = next.list.triggers.iter().flat_map(Trigger::packages);
        let watched: BTreeSet<_> = next.collect();
        let before = before.list.triggers.iter().flat_map(Trigger::packages);
        let unwatched: BTreeSet<_> = before.filter(|key| !watched.contains(key)).collect();
        for package in unwatched {
            let retired = self.retire_snapshot(package).await;
            retired.map_err(write_error(SUBJECT))?;
        }
        Ok(())
    }

    /// Marks the list as based on a replaced trigger file. A list that is saved at the same time may be based on
    /// either file and is marked too.
    pub(crate) async fn outdate_list(&self) -> Result<(), BoxError> {
        let key = keys::head(WATCH_LIST);
        for _ in 0..ATTEMPTS {
            let Some(row) = self.row(&key).await? else {
                return Ok(());
            };
            let head = WatchListHead {
                is_outdated: true,
                ..watch_list::decode_head(&row.body)?
            };
            let body = watch_list::encode_head(&head)?;
            match self
                .advance_row(key.clone(), body, Some(row.revision), None)
                .await
            {
                Ok(_) => return Ok(()),
                Err(PutError::Conflict(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err("other invocations replaced it three times".into())
    }
}
