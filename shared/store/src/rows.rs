//! The store: a table and a clock, and the few ways in which all ports read and write rows.

use std::error::Error;

use domain::time::Timestamp;
use engine::ports::{Clock, SaveError, StoreError};
use wire::WireError;

use crate::table::{Condition, Key, Order, PutError, Row, Table, TableError};
use host::SystemClock;

/// The most rows of one partition that are listed. A stack with more triggers than this is refused
/// rather than shown in part.
const MOST_LISTED: usize = 20_000;

/// The engine's storage ports over a table.
#[derive(Clone, Debug)]
pub struct Store<T, C = SystemClock> {
    pub(crate) table: T,
    pub(crate) clock: C,
}

impl<T: Table> Store<T> {
    /// A store over this table, by the machine's clock.
    pub fn new(table: T) -> Self {
        Self::with_clock(table, SystemClock)
    }
}

impl<T: Table, C: Clock> Store<T, C> {
    /// A store over this table. The clock tells which rows have expired.
    pub fn with_clock(table: T, clock: C) -> Self {
        Self { table, clock }
    }

    /// The table.
    pub fn table(&self) -> &T {
        &self.table
    }

    /// The rows that there are and that have not expired, in the order of the keys.
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

    /// All rows of a partition that have not expired.
    ///
    /// # Errors
    /// Also if there are more than [`MOST_LISTED`].
    pub(crate) async fn all(&self, partition: &str) -> Result<Vec<Row>, Failure> {
        let now = self.clock.now();
        let mut rows = self
            .table
            .query(partition, "", Order::Ascending, MOST_LISTED + 1)
            .await?;
        if rows.len() > MOST_LISTED {
            return Err(format!("there are more than {MOST_LISTED} rows in `{partition}`").into());
        }
        rows.retain(|row| is_live(row, now));
        Ok(rows)
    }

    /// Writes a row, whatever was there.
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

    /// Writes a row in place of the one that was read at `before`, or as a new one. Gives its revision.
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

    /// The revision of the row that follows the one at `before`, or of a new one.
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

/// Any cause of a [`StoreError`].
pub(crate) type Failure = Box<dyn Error + Send + Sync>;

/// What a failed read is to the engine.
pub(crate) fn unread<E: Into<Failure>>(subject: impl ToString) -> impl FnOnce(E) -> StoreError {
    move |source| StoreError {
        operation: "read",
        subject: subject.to_string(),
        source: source.into(),
    }
}

/// What a failed write is to the engine.
pub(crate) fn unwritten<E: Into<Failure>>(subject: impl ToString) -> impl FnOnce(E) -> StoreError {
    move |source| StoreError {
        operation: "write",
        subject: subject.to_string(),
        source: source.into(),
    }
}

/// What a failed conditional write is to the engine.
pub(crate) fn unsaved(subject: impl ToString) -> impl FnOnce(PutError) -> SaveError {
    move |error| match error {
        PutError::Conflict(_) => SaveError::Conflict(subject.to_string()),
        PutError::Table(error) => SaveError::Store(unwritten(subject)(error)),
    }
}

/// What a row that cannot be written as JSON is to the engine.
pub(crate) fn unsavable(subject: impl ToString) -> impl FnOnce(WireError) -> SaveError {
    move |error| SaveError::Store(unwritten(subject)(error))
}
