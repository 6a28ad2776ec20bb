//! The table beneath: rows by key, each with a revision, written under a condition.

use domain::time::Timestamp;

/// A conditional key-value table. It decides nothing: who writes says the revision and the condition.
pub trait Table {
    /// The rows of these keys in their order, as of now and not before, in one read (for DynamoDB: one
    /// for each 100 keys). The same key may be asked for twice.
    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Row>>, TableError>;

    /// The rows of a partition whose sort key starts with `sort_prefix`, by the bytes of the sort key,
    /// at most `most`.
    async fn query(
        &self,
        partition: &str,
        sort_prefix: &str,
        order: Order,
        most: usize,
    ) -> Result<Vec<Row>, TableError>;

    /// Writes the row as it is, with its revision, in place of the one of its key, if the condition
    /// holds.
    async fn put(&self, row: Row, condition: Condition) -> Result<(), PutError>;

    /// Deletes a row, if the condition holds. Under [`Condition::Any`] there need not be one.
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
        order: Order,
        most: usize,
    ) -> Result<Vec<Row>, TableError> {
        T::query(self, partition, sort_prefix, order, most).await
    }

    async fn put(&self, row: Row, condition: Condition) -> Result<(), PutError> {
        T::put(self, row, condition).await
    }

    async fn delete(&self, key: &Key, condition: Condition) -> Result<(), PutError> {
        T::delete(self, key, condition).await
    }
}

/// In which order a query gives its rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Smallest sort key first.
    Ascending,
    /// Largest sort key first.
    Descending,
}

/// What a row is found by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// Rows of one partition can be listed; at most 2,048 bytes.
    pub partition: String,
    /// Unique within the partition, and the order of a list; at most 1,024 bytes.
    pub sort: String,
}

impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.partition, self.sort)
    }
}

/// A row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// What it is found by.
    pub key: Key,
    /// Another one with each write; see the crate's documentation.
    pub revision: u64,
    /// The content, at most 380 KB.
    pub body: Vec<u8>,
    /// From when on it counts as absent and may be deleted. Kept to the second, rounded up.
    pub expires: Option<Timestamp>,
}

/// What has to hold for a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// Nothing.
    Any,
    /// The table has no row of this key, not even an expired one.
    Absent,
    /// The row is at this revision.
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
    /// The cause.
    #[source]
    pub source: Box<dyn std::error::Error + Send + Sync>,
}

/// A write that was not made.
#[derive(Debug, thiserror::Error)]
pub enum PutError {
    /// The condition does not hold.
    #[error("the row {0} was changed by somebody else in the meantime")]
    Conflict(Key),
    /// The table failed; the write may have been made.
    #[error(transparent)]
    Table(#[from] TableError),
}
