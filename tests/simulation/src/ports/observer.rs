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

    async fn put(&self, _: Row, _: Condition) -> Result<(), PutError> {
        Err(failed("write to", "observers do not write").into())
    }

    async fn delete(&self, _: &Key, _: Condition) -> Result<(), PutError> {
        Err(failed("write to", "observers do not write").into())
    }
}
