//! A function's requests to the table.

use domain::time::{Span, Timestamp};
use store::{Condition, Key, PutError, QueryOrder, Row, Table, TableError};

use crate::effects::Call;
use crate::fault_injection::{Disturbance, millis};
use crate::faults::Fault;
use crate::invocation::Invocation;
use crate::table::{LAG, failed, ordered};

impl Table for Invocation {
    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Row>>, TableError> {
        self.asks(Call::GetRows);
        self.wait(1, 12).await;
        let is_busy = self.is_busy(keys.first());
        if is_busy && !self.has(Fault::LeftOutTakenForAbsent) {
            return Err(failed("read from", "it is too busy"));
        }
        let mut rows: Vec<_> = keys.iter().map(|key| self.seen(key)).collect();
        if is_busy {
            rows.truncate(keys.len() / 2);
            rows.resize(keys.len(), None);
        }
        self.wait(1, 12).await;
        Ok(rows)
    }

    async fn query(
        &self,
        partition: &str,
        prefix: &str,
        order: QueryOrder,
        most: usize,
    ) -> Result<Vec<Row>, TableError> {
        self.asks(Call::QueryRows);
        self.wait(1, 12).await;
        if self.is_busy(None) {
            return Err(failed("read from", "it is too busy"));
        }
        // The port asks for no consistency here.
        let now = self.world.time.now();
        let is_stale = self
            .world
            .fault_injection
            .occurs(Disturbance::TableStale, now);
        let lag = if is_stale {
            self.lag()
        } else {
            Span::default()
        };
        let rows = self.world.rows.query(partition, prefix, now - lag);
        self.wait(1, 12).await;
        Ok(ordered(rows, order, most))
    }

    async fn put(&self, row: Row, condition: Condition) -> Result<(), PutError> {
        self.asks(Call::PutRow);
        self.wait(1, 12).await;
        let key = self.alias(&row.key);
        let Some(row) = self.mistaken(Row {
            key: key.clone(),
            ..row
        }) else {
            return Ok(());
        };
        let condition = self.mistaken_condition(&key, condition);
        let written = self
            .act(
                || format!("put {key}"),
                || self.write(&key, Some(row), condition),
            )
            .await;
        self.write_late_bodies(&key).await;
        self.wait(1, 12).await;
        written
    }

    async fn delete(&self, key: &Key, condition: Condition) -> Result<(), PutError> {
        self.asks(Call::DeleteRow);
        self.wait(1, 12).await;
        let key = self.alias(key);
        let deleted = self
            .act(
                || format!("delete {key}"),
                || self.write(&key, None, condition),
            )
            .await;
        self.wait(1, 12).await;
        deleted
    }
}

impl Invocation {
    /// Writes or deletes a row, as far as the table lets it.
    fn write(&self, key: &Key, row: Option<Row>, condition: Condition) -> Result<(), PutError> {
        let world = &self.world;
        let now = world.time.now();
        if self.is_busy(Some(key)) {
            if self.has(Fault::BusyTakenForSuccess) {
                return Ok(());
            }
            return Err(failed("write to", "it is too busy").into());
        }
        if !world.rows.is_met(key, condition) {
            if self.has(Fault::ConflictTakenForSuccess) {
                return Ok(());
            }
            return Err(PutError::Conflict(key.clone()));
        }
        let row = row.map(|row| Row {
            expires: row.expires.map(whole_seconds),
            ..row
        });
        if let Some(row) = &row {
            world.judge_write(world.rows.get(key), row);
        }
        world.rows.write(key, row, now);
        world.log(|| format!("{}: writes {key}", self.name()));
        if world
            .fault_injection
            .occurs(Disturbance::TableAnswerLost, now)
        {
            return Err(failed("write to", "its answer was lost").into());
        }
        Ok(())
    }

    fn is_busy(&self, key: Option<&Key>) -> bool {
        let world = &self.world;
        let is_busy = world
            .fault_injection
            .occurs(Disturbance::TableBusy, world.time.now())
            || world.fails_table_once(self.state.function, key);
        if is_busy {
            world.log(|| format!("{}: the table is too busy", self.name()));
        }
        is_busy
    }

    pub(super) fn lag(&self) -> Span {
        millis(self.world.chance.between(1, LAG))
    }
}

/// Expiries are kept to the second, rounded up.
fn whole_seconds(at: Timestamp) -> Timestamp {
    Timestamp::from_millis(-(-at.as_millis()).div_euclid(1_000) * 1_000)
}
