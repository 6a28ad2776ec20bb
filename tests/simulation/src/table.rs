//! The table, as DynamoDB behaves: conditional writes, strongly consistent reads where requested and stale reads where not,
//! throttling at times, and late deletion of expired rows.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};

use domain::time::Timestamp;
use store::{Condition, Key, QueryOrder, Row, TableError};

use crate::fault_injection::millis;

/// The longest lag of a read that is not consistent, in milliseconds.
pub(crate) const LAG: u64 = 3_000;

/// The rows, with recent earlier versions for stale reads.
#[derive(Default)]
pub(crate) struct Rows {
    state: RefCell<State>,
}

#[derive(Default)]
struct State {
    rows: BTreeMap<Key, Row>,
    /// The rows that were replaced, each with the time of its replacement.
    before: VecDeque<(Timestamp, Key, Option<Row>)>,
}

impl Rows {
    /// The current row, for observers outside of the simulation.
    pub(crate) fn get(&self, key: &Key) -> Option<Row> {
        self.state.borrow().rows.get(key).cloned()
    }

    /// The rows of all partitions with this prefix.
    pub(crate) fn starting_with(&self, partition: &str) -> Vec<Row> {
        let first = Key {
            partition: partition.to_owned(),
            sort: String::new(),
        };
        let state = self.state.borrow();
        let rows = state.rows.range(first..).map(|(_, row)| row);
        rows.take_while(|row| row.key.partition.starts_with(partition))
            .cloned()
            .collect()
    }

    /// Deletes expired rows.
    pub(crate) fn sweep(&self, now: Timestamp) {
        let rows = &mut self.state.borrow_mut().rows;
        rows.retain(|_, row| row.expires.is_none_or(|expires| now < expires));
    }

    pub(crate) fn write(&self, key: &Key, row: Option<Row>, now: Timestamp) {
        let mut state = self.state.borrow_mut();
        let before = match row {
            Some(row) => state.rows.insert(key.clone(), row),
            None => state.rows.remove(key),
        };
        state.before.push_back((now, key.clone(), before));
        let kept = millis(LAG);
        while state
            .before
            .front()
            .is_some_and(|(at, ..)| now.since(*at) > kept)
        {
            state.before.pop_front();
        }
    }

    /// The row at that time.
    pub(crate) fn at(&self, key: &Key, then: Timestamp) -> Option<Row> {
        let state = self.state.borrow();
        let since = state
            .before
            .iter()
            .find(|(at, one, _)| *at > then && one == key);
        match since {
            Some((_, _, before)) => before.clone(),
            None => state.rows.get(key).cloned(),
        }
    }

    pub(crate) fn is_met(&self, key: &Key, condition: Condition) -> bool {
        let state = self.state.borrow();
        let revision = state.rows.get(key).map(|row| row.revision);
        match condition {
            Condition::Any => true,
            Condition::Absent => revision.is_none(),
            Condition::Revision(expected) => revision == Some(expected),
        }
    }

    pub(crate) fn query(&self, partition: &str, prefix: &str, then: Timestamp) -> Vec<Row> {
        let state = self.state.borrow();
        let first = Key {
            partition: partition.to_owned(),
            sort: prefix.to_owned(),
        };
        let is_meant = |key: &Key| key.partition == partition && key.sort.starts_with(prefix);
        let mut rows: BTreeMap<&Key, &Row> = state
            .rows
            .range(first..)
            .take_while(|(key, _)| is_meant(key))
            .collect();
        for (at, key, before) in state.before.iter().rev() {
            if *at > then && is_meant(key) {
                match before {
                    Some(row) => rows.insert(key, row),
                    None => rows.remove(key),
                };
            }
        }
        rows.into_values().cloned().collect()
    }
}

pub(crate) fn ordered(mut rows: Vec<Row>, order: QueryOrder, most: usize) -> Vec<Row> {
    if order == QueryOrder::Descending {
        rows.reverse();
    }
    rows.truncate(most);
    rows
}

pub(crate) fn failed(operation: &'static str, why: &'static str) -> TableError {
    TableError {
        operation,
        table: "simulated".to_owned(),
        source: why.into(),
    }
}
