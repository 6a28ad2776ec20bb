//! The table beneath: rows by key, each with a revision, written under a condition.

use domain::time::Timestamp;

/// A conditional key-value table. The caller sets revisions and conditions.
pub trait Table {
    /// The rows of the keys, in their order, strongly consistent, in one read (DynamoDB: one per 100 keys). Keys
    /// may repeat.
    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Row>>, TableError>;

    /// The rows of a partition whose sort key starts with `sort_prefix`, by the bytes of the sort key,
    /// at most `limit`.
    async fn query(
        &self,
        partition: &str,
        sort_prefix: &str,
        order: QueryOrder,
        limit: usize,
    ) -> Result<Vec<Row>, TableError>;

    /// The rows of [`query`](Self::query) without their bodies, in rising order.
    async fn summaries(
        &self,
        partition: &str,
        sort_prefix: &str,
    ) -> Result<Vec<RowSummary>, TableError> {
        let rows = self.query(partition, sort_prefix, QueryOrder::Ascending, usize::MAX);
        Ok(rows.await?.into_iter().map(RowSummary::from).collect())
    }

    /// Writes the row with its revision, replacing the row of the same key, if the condition is met.
    async fn put(&self, row: Row, condition: Condition) -> Result<(), PutError>;

    /// Deletes a row if the condition is met. With [`Condition::Any`] a missing row is no error.
    async fn delete(&self, key: &Key, condition: Condition) -> Result<(), PutError>;
}

impl<T: Table> Table for &T {
    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Row>>, TableError> {
        T::get_many(self, keys).await
    }

    async fn query(
        &self,
        partition: &str,
        sort_prefix: &str,
        order: QueryOrder,
        limit: usize,
    ) -> Result<Vec<Row>, TableError> {
        T::query(self, partition, sort_prefix, order, limit).await
    }

    async fn summaries(
        &self,
        partition: &str,
        sort_prefix: &str,
    ) -> Result<Vec<RowSummary>, TableError> {
        T::summaries(self, partition, sort_prefix).await
    }

    async fn put(&self, row: Row, condition: Condition) -> Result<(), PutError> {
        T::put(self, row, condition).await
    }

    async fn delete(&self, key: &Key, condition: Condition) -> Result<(), PutError> {
        T::delete(self, key, condition).await
    }
}

/// The order of a query's rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueryOrder {
    /// Smallest sort key first.
    Ascending,
    /// Largest sort key first.
    Descending,
}

/// The key of a row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// At most 2,048 bytes. A query lists the rows of one partition.
    pub partition: String,
    /// At most 1,024 bytes, unique within the partition. Queries sort by it.
    pub sort: String,
}

impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.partition, self.sort)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub key: Key,
    /// Changes with each write; see the crate's documentation.
    pub revision: u64,
    /// At most 380 KB.
    pub body: Vec<u8>,
    /// The time after which the row counts as absent and may be deleted, rounded up to the second.
    pub expires: Option<Timestamp>,
}

/// A row without its body, which may be large.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowSummary {
    pub key: Key,
    pub revision: u64,
    pub expires: Option<Timestamp>,
}

impl From<Row> for RowSummary {
    fn from(row: Row) -> Self {
        Self {
            key: row.key,
            revision: row.revision,
            expires: row.expires,
        }
    }
}

/// The condition of a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// No condition.
    Any,
    /// The table has no row with this key, not even an expired one.
    Absent,
    /// The row has this revision.
    Revision(u64),
}

/// The table could not be read or written.
#[derive(Debug, thiserror::Error)]
#[error("cannot {operation} the table {table}")]
pub struct TableError {
    /// `read from`, `write to`.
    pub operation: &'static str,
    /// The table's name or file.
    pub table: String,
    #[source]
    pub source: Box<dyn std::error::Error + Send + Sync>,
}

/// A failed write.
#[derive(Debug, thiserror::Error)]
pub enum PutError {
    /// The condition was not met.
    #[error("the row {0} was changed by another writer")]
    Conflict(Key),
    /// The table failed; the write may have been made.
    #[error(transparent)]
    Table(#[from] TableError),
}
