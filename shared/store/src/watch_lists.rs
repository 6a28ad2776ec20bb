//! The watch list.

use std::collections::BTreeSet;

use domain::trigger::{Trigger, WatchList};
use engine::ports::{Clock, StoreError, StoredWatchList, WatchLists};
use wire::rows::watch_list::{self, WatchListHead};

use crate::body::BodyName;
use crate::keys::{self, WATCH_LIST};
use crate::rows::{BoxError, Store, read_error, write_error};
use crate::table::{PutError, Table};

const SUBJECT: &str = "the watch list";

/// Attempts of a read or write after conflicts.
const ATTEMPTS: usize = 3;

impl<T: Table, C: Clock> WatchLists for Store<T, C> {
    async fn watch_list(&self) -> Result<Option<StoredWatchList>, StoreError> {
        self.load_list().await.map_err(read_error(SUBJECT))
    }

    async fn save_watch_list(&self, list: &StoredWatchList) -> Result<(), StoreError> {
        self.save_list(list).await.map_err(write_error(SUBJECT))
    }
}

impl<T: Table, C: Clock> Store<T, C> {
    async fn load_list(&self) -> Result<Option<StoredWatchList>, BoxError> {
        for _ in 0..ATTEMPTS {
            let Some(row) = self.row(&keys::head(WATCH_LIST)).await? else {
                return Ok(None);
            };
            let head = watch_list::decode_head(&row.body)?;
            if let Some(content) = self.read_body(WATCH_LIST, &head.body.parse()?).await? {
                let list = watch_list::decode(&content)?;
                return Ok(Some(StoredWatchList {
                    list,
                    read_at: head.read_at,
                    file: head.file,
                    is_outdated: head.is_outdated,
                }));
            }
        }
        Err("its body is missing; the next refresh writes it again".into())
    }

    /// The snapshots of packages that only the previous list contains expire, before it is replaced: if that fails, the
    /// next refresh retries.
    ///
    /// The last writer wins. After a conflict the head is read again, so that each writer retires the body of the
    /// previous one.
    async fn save_list(&self, list: &StoredWatchList) -> Result<(), BoxError> {
        let content = watch_list::encode(&list.list)?;
        self.retire_unwatched(&list.list).await?;
        for _ in 0..ATTEMPTS {
            if self.try_save_list(list, &content).await? {
                return Ok(());
            }
        }
        Err("other invocations replaced it three times; the next refresh retries".into())
    }

    async fn retire_unwatched(&self, next: &WatchList) -> Result<(), BoxError> {
        // A list that cannot be read is about to be replaced.
        let Ok(Some(before)) = self.load_list().await else {
            return Ok(());
        };
        let watched: BTreeSet<_> = next.triggers.iter().flat_map(Trigger::packages).collect();
        let before = before.list.triggers.iter().flat_map(Trigger::packages);
        let unwatched: BTreeSet<_> = before.filter(|key| !watched.contains(key)).collect();
        for package in unwatched {
            self.retire_snapshot(package).await?;
        }
        Ok(())
    }

    /// Returns false after a conflict.
    async fn try_save_list(
        &self,
        list: &StoredWatchList,
        content: &[u8],
    ) -> Result<bool, BoxError> {
        let key = keys::head(WATCH_LIST);
        let before = self.row(&key).await?.map(|row| row.revision);
        let name = BodyName::new(self.next_revision(before), content);
        self.write_body(WATCH_LIST, &name, content).await?;
        let head = WatchListHead {
            read_at: list.read_at,
            body: name.to_string(),
            file: list.file,
            is_outdated: list.is_outdated,
        };
        match self
            .advance_row(key, watch_list::encode_head(&head)?, before, None)
            .await
        {
            Ok(_) => self.retire_bodies(WATCH_LIST, &name).await,
            Err(PutError::Conflict(_)) => return Ok(false),
            Err(error) => return Err(error.into()),
        }
        Ok(true)
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
