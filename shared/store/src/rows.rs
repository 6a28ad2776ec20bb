//! [`Store`]: a table and a clock, with the row operations that all ports share.

use std::error::Error;

use domain::time::Timestamp;
use engine::ports::{Clock, SaveError, StoreError};
use wire::WireError;

use crate::list_cache::ListCache;
use crate::table::{Condition, Key, PutError, QueryOrder, Row, Table, TableError};
use host::SystemClock;

/// The engine's storage ports over a table. Clones share the decoded watch list.
#[derive(Clone, Debug)]
pub struct Store<T, C = SystemClock> {
    pub(crate) table: T,
    pub(crate) clock: C,
    pub(crate) list_cache: ListCache,
}

impl<T: Table> Store<T> {
    /// A store with the system clock.
    pub fn new(table: T) -> Self {
        Self::with_clock(table, SystemClock)
    }
}

impl<T: Table, C: Clock> Store<T, C> {
    /// A store whose rows expire by `clock`.
    pub fn with_clock(table: T, clock: C) -> Self {
        Self {
            table,
            clock,
            list_cache: ListCache::default(),
        }
    }

    /// Uses a cache that other stores of the same table share.
    #[must_use]
    pub fn with_list_cache(self, list_cache: ListCache) -> Self {
        Self { list_cache, ..self }
    }

    pub fn table(&self) -> &T {
        &self.table
    }

    /// The unexpired rows, in the order of the keys.
    pub(crate) async fn rows(&self, keys: &[Key]) -> Result<Vec<Option<Row>>, TableError> {
        let now = self.clock.now();
        let rows = self.table.get_many(keys).await?;
        Ok(rows
            .into_iter()
            .map(|row| row.filter(|row| is_live(row, now)))
            .collect())
    }

    /// One of [`rows`](Self::rows).
    pub(crate) async fn row(&self, key: &Key) -> Result<Option<Row>, TableError> {
        Ok(self.rows(std::slice::from_ref(key)).await?.pop().flatten())
    }

    /// All rows of a partition that have not expired. Their number has no limit of its own: each row belongs to
    /// a trigger, feed or package of the watch list, or expires.
    pub(crate) async fn all(&self, partition: &str) -> Result<Vec<Row>, BoxError> {
        let now = self.clock.now();
        let mut rows = self
            .table
            .query(partition, "", QueryOrder::Ascending, usize::MAX)
            .await?;
        rows.retain(|row| is_live(row, now));
        Ok(rows)
    }

    /// Writes a row unconditionally.
    pub(crate) async fn replace(
        &self,
        key: Key,
        body: Vec<u8>,
        expires: Option<Timestamp>,
    ) -> Result<(), PutError> {
        let row = Row {
            key,
            revision: self.first_revision(),
            body,
            expires,
        };
        self.table.put(row, Condition::Any).await
    }

    /// Replaces the row at revision `before`, or creates a row if `before` is `None`. Returns the new revision.
    pub(crate) async fn advance_row(
        &self,
        key: Key,
        body: Vec<u8>,
        before: Option<u64>,
        expires: Option<Timestamp>,
    ) -> Result<u64, PutError> {
        let revision = self.next_revision(before);
        let condition = before.map_or(Condition::Absent, Condition::Revision);
        self.table
            .put(
                Row {
                    key,
                    revision,
                    body,
                    expires,
                },
                condition,
            )
            .await?;
        Ok(revision)
    }

    /// The revision after `before`, or of a new row.
    pub(crate) fn next_revision(&self, before: Option<u64>) -> u64 {
        before.map_or_else(
            || self.first_revision(),
            |revision| revision.saturating_add(1),
        )
    }

    fn first_revision(&self) -> u64 {
        self.clock.now().as_millis().max(1).unsigned_abs()
    }
}

/// Whether the row has not expired.
pub(crate) fn is_live(row: &Row, now: Timestamp) -> bool {
    row.expires.is_none_or(|expires| now < expires)
}

/// The source of a [`StoreError`].
pub(crate) type BoxError = Box<dyn Error + Send + Sync>;

/// Converts the error of a read.
pub(crate) fn read_error<E: Into<BoxError>>(
    subject: impl ToString,
) -> impl FnOnce(E) -> StoreError {
    move |source| StoreError {
        operation: "read",
        subject: subject.to_string(),
        source: source.into(),
    }
}

/// Converts the error of a write.
pub(crate) fn write_error<E: Into<BoxError>>(
    subject: impl ToString,
) -> impl FnOnce(E) -> StoreError {
    move |source| StoreError {
        operation: "write",
        subject: subject.to_string(),
        source: source.into(),
    }
}

/// Converts the error of a conditional write.
pub(crate) fn save_error(subject: impl ToString) -> impl FnOnce(PutError) -> SaveError {
    move |error| match error {
        PutError::Conflict(_) => SaveError::Conflict(subject.to_string()),
        PutError::Table(error) => SaveError::Store(write_error(subject)(error)),
    }
}

/// Converts the error of an encoding.
pub(crate) fn encode_error(subject: impl ToString) -> impl FnOnce(WireError) -> SaveError {
    move |error| SaveError::Store(write_error(subject)(error))
}
