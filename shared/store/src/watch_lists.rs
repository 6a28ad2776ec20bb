//! The watch list.

use engine::ports::{Clock, StoreError, StoredWatchList, WatchLists};
use wire::rows::watch_list::{self, WatchListHead};

use crate::body::BodyName;
use crate::keys::{self, WATCH_LIST};
use crate::rows::{Failure, Store, unread, unwritten};
use crate::table::{PutError, Table};

const SUBJECT: &str = "the watch list";

/// How often a read or a write starts again because somebody else was faster.
const ATTEMPTS: usize = 3;

impl<T: Table, C: Clock> WatchLists for Store<T, C> {
    async fn watch_list(&self) -> Result<Option<StoredWatchList>, StoreError> {
        self.load_list().await.map_err(unread(SUBJECT))
    }

    async fn save_watch_list(&self, list: &StoredWatchList) -> Result<(), StoreError> {
        self.save_list(list).await.map_err(unwritten(SUBJECT))
    }
}

impl<T: Table, C: Clock> Store<T, C> {
    async fn load_list(&self) -> Result<Option<StoredWatchList>, Failure> {
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
        Err("its body is missing; it is written again with the next refresh".into())
    }

    /// The last writer wins, but one after the other: a head that was replaced in the meantime is read
    /// again, so that each writer retires the body of the one before it.
    async fn save_list(&self, list: &StoredWatchList) -> Result<(), Failure> {
        let content = watch_list::encode(&list.list)?;
        for _ in 0..ATTEMPTS {
            if self.try_save_list(list, &content).await? {
                return Ok(());
            }
        }
        Err("somebody else keeps replacing it; it is written again with the next refresh".into())
    }

    /// Whether the list was saved: not if somebody else saved one in the meantime.
    async fn try_save_list(&self, list: &StoredWatchList, content: &[u8]) -> Result<bool, Failure> {
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

    /// Marks the list as made with a file of triggers that was replaced. One that is saved meanwhile may
    /// have been made with the one or with the other, and is marked too.
    pub(crate) async fn outdate_list(&self) -> Result<(), Failure> {
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
        Err("somebody else keeps replacing it".into())
    }
}
