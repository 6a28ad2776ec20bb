//! The state: the file of one machine, or the table of a stack.

use aws::DynamoTable;
use local::SqliteTable;
use store::{Condition, Key, PutError, QueryOrder, Row, RowSummary, Table, TableError};

/// The table of a state file or of a stack.
#[derive(Debug)]
pub(crate) enum State {
    File(SqliteTable),
    Stack(DynamoTable),
}

impl Table for State {
    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Row>>, TableError> {
        match self {
            Self::File(table) => table.get_many(keys).await,
            Self::Stack(table) => table.get_many(keys).await,
        }
    }

    async fn query(
        &self,
        partition: &str,
        sort_prefix: &str,
        order: QueryOrder,
        most: usize,
    ) -> Result<Vec<Row>, TableError> {
        match self {
            Self::File(table) => table.query(partition, sort_prefix, order, most).await,
            Self::Stack(table) => table.query(partition, sort_prefix, order, most).await,
        }
    }

    async fn summaries(
        &self,
        partition: &str,
        sort_prefix: &str,
    ) -> Result<Vec<RowSummary>, TableError> {
        match self {
            Self::File(table) => table.summaries(partition, sort_prefix).await,
            Self::Stack(table) => table.summaries(partition, sort_prefix).await,
        }
    }

    async fn put(&self, row: Row, condition: Condition) -> Result<(), PutError> {
        match self {
            Self::File(table) => table.put(row, condition).await,
            Self::Stack(table) => table.put(row, condition).await,
        }
    }

    async fn delete(&self, key: &Key, condition: Condition) -> Result<(), PutError> {
        match self {
            Self::File(table) => table.delete(key, condition).await,
            Self::Stack(table) => table.delete(key, condition).await,
        }
    }
}
