//! The table and the clock without delays and faults.

use std::rc::Rc;

use domain::time::Timestamp;
use engine::ports::Clock;
use store::{Condition, Key, PutError, QueryOrder, Row, Table, TableError};

use crate::table::{failed, ordered};
use crate::world::World;

/// The table and the clock without delays, for observers outside of the simulation.
#[derive(Clone)]
pub(crate) struct Outside(pub(crate) Rc<World>);

impl Clock for Outside {
    fn now(&self) -> Timestamp {
        self.0.time.now()
    }
}

impl Table for Outside {
    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Row>>, TableError> {
        Ok(keys.iter().map(|key| self.0.rows.get(key)).collect())
    }

    async fn query(
        &self,
        partition: &str,
        prefix: &str,
        order: QueryOrder,
        most: usize,
    ) -> Result<Vec<Row>, TableError> {
        let rows = self.0.rows.query(partition, prefix, self.0.time.now());
        Ok(ordered(rows, order, most))
    }

    /// Writes of an operator, without conflicts.
    async fn put(&self, row: Row, _: Condition) -> Result<(), PutError> {
        let (key, now) = (row.key.clone(), self.0.time.now());
        self.0.rows.write(&key, Some(row), now);
        Ok(())
    }

    async fn delete(&self, _: &Key, _: Condition) -> Result<(), PutError> {
        Err(failed("write to", "observers do not write").into())
    }
}
