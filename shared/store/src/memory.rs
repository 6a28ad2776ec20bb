//! A table in memory, for tests: it counts what is asked of it.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::table::{Condition, Key, Order, PutError, Row, Table, TableError};

/// A table in memory. Clones are the same table.
#[derive(Clone, Debug, Default)]
pub struct MemoryTable {
    state: Arc<Mutex<State>>,
}

/// How often each call was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Calls {
    /// [`Table::get_many`].
    pub gets: usize,
    /// [`Table::query`].
    pub queries: usize,
    /// [`Table::put`], refused ones too.
    pub puts: usize,
    /// [`Table::delete`], refused ones too.
    pub deletes: usize,
}

#[derive(Debug, Default)]
struct State {
    rows: BTreeMap<Key, Row>,
    calls: Calls,
}

impl MemoryTable {
    /// How often each call was made since the last time this was asked.
    pub fn take_calls(&self) -> Calls {
        std::mem::take(&mut self.state().calls)
    }

    /// All rows in order, expired ones too.
    pub fn rows(&self) -> Vec<Row> {
        self.state().rows.values().cloned().collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn check(&self, key: &Key, condition: Condition) -> Result<(), PutError> {
        let revision = self.rows.get(key).map(|row| row.revision);
        let holds = match condition {
            Condition::Any => true,
            Condition::Absent => revision.is_none(),
            Condition::Revision(wanted) => revision == Some(wanted),
        };
        if holds {
            Ok(())
        } else {
            Err(PutError::Conflict(key.clone()))
        }
    }
}

impl Table for MemoryTable {
    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Row>>, TableError> {
        let mut state = self.state();
        state.calls.gets += 1;
        Ok(keys
            .iter()
            .map(|key| state.rows.get(key).cloned())
            .collect())
    }

    async fn query(
        &self,
        partition: &str,
        sort_prefix: &str,
        order: Order,
        most: usize,
    ) -> Result<Vec<Row>, TableError> {
        let mut state = self.state();
        state.calls.queries += 1;
        let first = Key {
            partition: partition.to_owned(),
            sort: sort_prefix.to_owned(),
        };
        let matching = state
            .rows
            .range((Bound::Included(first), Bound::Unbounded))
            .map(|(_, row)| row)
            .take_while(|row| row.key.partition == partition)
            .take_while(|row| row.key.sort.starts_with(sort_prefix))
            .cloned();
        let mut rows: Vec<Row> = matching.collect();
        if order == Order::Descending {
            rows.reverse();
        }
        rows.truncate(most);
        Ok(rows)
    }

    async fn put(&self, row: Row, condition: Condition) -> Result<(), PutError> {
        let mut state = self.state();
        state.calls.puts += 1;
        state.check(&row.key, condition)?;
        state.rows.insert(row.key.clone(), row);
        Ok(())
    }

    async fn delete(&self, key: &Key, condition: Condition) -> Result<(), PutError> {
        let mut state = self.state();
        state.calls.deletes += 1;
        state.check(key, condition)?;
        state.rows.remove(key);
        Ok(())
    }
}
