//! An in-memory table for tests that counts its calls.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::table::{Condition, Key, PutError, QueryOrder, Row, Table, TableError};

/// An in-memory table. Clones share the rows.
#[derive(Clone, Debug, Default)]
pub struct MemoryTable {
    state: Arc<Mutex<State>>,
}

/// The number of calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Calls {
    /// [`Table::get_many`].
    pub gets: usize,
    /// The keys of those calls.
    pub keys: usize,
    /// [`Table::query`].
    pub queries: usize,
    /// [`Table::put`], including refused calls.
    pub puts: usize,
    /// [`Table::delete`], including refused calls.
    pub deletes: usize,
}

#[derive(Debug, Default)]
struct State {
    rows: BTreeMap<Key, Row>,
    calls: Calls,
}

impl MemoryTable {
    /// Returns the counts and resets them.
    pub fn take_calls(&self) -> Calls {
        std::mem::take(&mut self.state().calls)
    }

    /// All rows in the order of their keys, including expired ones.
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
        let is_met = match condition {
            Condition::Any => true,
            Condition::Absent => revision.is_none(),
            Condition::Revision(expected) => revision == Some(expected),
        };
        if is_met {
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
        state.calls.keys += keys.len();
        Ok(keys
            .iter()
            .map(|key| state.rows.get(key).cloned())
            .collect())
    }

    async fn query(
        &self,
        partition: &str,
        sort_prefix: &str,
        order: QueryOrder,
        limit: usize,
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
        if order == QueryOrder::Descending {
            rows.reverse();
        }
        rows.truncate(limit);
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
