//! The table, as DynamoDB is: writes under a condition, strongly consistent reads where they are asked for
//! and reads of what was there a while ago where they are not, too busy at times, and slow to delete what
//! has expired.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};

use domain::ledger::Entry;
use domain::time::{Span, Timestamp};
use store::{Condition, Key, Order, PutError, Row, Table, TableError};

use crate::effects::Call;
use crate::faults::Fault;
use crate::hands::Hands;
use crate::lambda::Function;
use crate::weather::{Trouble, millis};

/// The longest by which a read that is not consistent lags behind.
const LAG: u64 = 3_000;

/// The rows, and what was there before the newest of them.
#[derive(Default)]
pub(crate) struct Rows {
    state: RefCell<State>,
}

#[derive(Default)]
struct State {
    rows: BTreeMap<Key, Row>,
    /// What a key held until then.
    before: VecDeque<(Timestamp, Key, Option<Row>)>,
}

impl Rows {
    /// What is there, to whoever looks from outside.
    pub(crate) fn get(&self, key: &Key) -> Option<Row> {
        self.state.borrow().rows.get(key).cloned()
    }

    /// The rows of all partitions that begin like this.
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

    /// Deletes what has expired.
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

    /// What the key held then.
    fn at(&self, key: &Key, then: Timestamp) -> Option<Row> {
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

    fn holds(&self, key: &Key, condition: Condition) -> bool {
        let state = self.state.borrow();
        let revision = state.rows.get(key).map(|row| row.revision);
        match condition {
            Condition::Any => true,
            Condition::Absent => revision.is_none(),
            Condition::Revision(wanted) => revision == Some(wanted),
        }
    }

    fn query(&self, partition: &str, prefix: &str, then: Timestamp) -> Vec<Row> {
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

/// The table and the store's clock as they are, without waiting: for whoever looks from outside.
#[derive(Clone)]
pub(crate) struct Outside(pub(crate) std::rc::Rc<crate::world::World>);

impl engine::ports::Clock for Outside {
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
        order: Order,
        most: usize,
    ) -> Result<Vec<Row>, TableError> {
        let rows = self.0.rows.query(partition, prefix, self.0.time.now());
        Ok(ordered(rows, order, most))
    }

    async fn put(&self, _: Row, _: Condition) -> Result<(), PutError> {
        Err(failed("write to", "nobody writes from outside").into())
    }

    async fn delete(&self, _: &Key, _: Condition) -> Result<(), PutError> {
        Err(failed("write to", "nobody writes from outside").into())
    }
}

impl Table for Hands {
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
        order: Order,
        most: usize,
    ) -> Result<Vec<Row>, TableError> {
        self.asks(Call::QueryRows);
        self.wait(1, 12).await;
        if self.is_busy(None) {
            return Err(failed("read from", "it is too busy"));
        }
        // The port asks for no consistency here.
        let now = self.world.time.now();
        let is_stale = self.world.weather.strikes(Trouble::TableStale, now);
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

impl Hands {
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
        if !world.rows.holds(key, condition) {
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
        world.tell(|| format!("{}: writes {key}", self.name()));
        if world.weather.strikes(Trouble::TableAnswerLost, now) {
            return Err(failed("write to", "its answer was lost").into());
        }
        Ok(())
    }

    fn is_busy(&self, key: Option<&Key>) -> bool {
        let world = &self.world;
        let is_busy = world.weather.strikes(Trouble::TableBusy, world.time.now())
            || world.takes_hiccup_of_table(self.life.function, key);
        if is_busy {
            world.tell(|| format!("{}: the table is too busy", self.name()));
        }
        is_busy
    }

    fn lag(&self) -> Span {
        millis(self.world.chance.between(1, LAG))
    }

    /// The row of a consistent read, or what a mistake makes of it.
    fn seen(&self, key: &Key) -> Option<Row> {
        let key = self.alias(key);
        let (is_lane, is_plan) = (is(&key, "lane#"), is(&key, "plan#"));
        if is_lane && self.has(Fault::LaneIgnored) || is_plan && self.has(Fault::ClaimNotChecked) {
            return None;
        }
        let is_stale = is(&key, "snapshot#")
            && self.life.function == Function::Creator
            && self.has(Fault::StaleSnapshot);
        let row = if is_stale {
            self.world.rows.at(&key, self.world.time.now() - self.lag())
        } else {
            self.world.rows.get(&key)
        };
        let mut row = row?;
        if self.has(Fault::ExpiryInMilliseconds) {
            let wrong = |expires: Timestamp| Timestamp::from_millis(expires.as_seconds());
            row.expires = row.expires.map(wrong);
        }
        Some(row)
    }

    /// The row that a mistake makes of this one; nothing if it is not written at all.
    fn mistaken(&self, mut row: Row) -> Option<Row> {
        let now = self.world.time.now();
        if is(&row.key, "snapshot#") {
            if row.key.sort == "head" && self.has(Fault::SnapshotWithoutDebt) {
                row = without_debt(row);
            }
            if row.key.sort != "head" && row.expires.is_none() && self.has(Fault::HeadBeforeBody) {
                self.world.late_bodies.borrow_mut().push(row);
                return None;
            }
        }
        if is(&row.key, "plan#") {
            let entry = wire::rows::ledger::decode(&row.body);
            let is_done = matches!(entry, Ok(Some(Entry::Done { .. })));
            if is_done && self.has(Fault::PlanNeverDone) {
                return None;
            }
            if self.has(Fault::LedgerForgets) {
                row.expires = row.expires.min(Some(now + Span::from_hours(1)));
            }
        }
        if row.key.sort.starts_with("trigger#") && self.has(Fault::PauseForgotten) {
            return None;
        }
        Some(row)
    }

    fn mistaken_condition(&self, key: &Key, condition: Condition) -> Condition {
        let is_head = is(key, "snapshot#") && key.sort == "head";
        let (is_lane, is_plan) = (is(key, "lane#"), is(key, "plan#"));
        let is_dropped = is_head && self.has(Fault::HeadWithoutCondition)
            || is_lane && (self.has(Fault::LaneWithoutCondition) || self.has(Fault::LaneIgnored))
            || is_plan && self.has(Fault::ClaimNotChecked);
        if is_dropped {
            Condition::Any
        } else {
            condition
        }
    }

    /// Writes the bodies that a mistake has held back until their head was there.
    async fn write_late_bodies(&self, head: &Key) {
        if !self.has(Fault::HeadBeforeBody) {
            return;
        }
        self.wait(1, 400).await;
        let mut late = self.world.late_bodies.borrow_mut();
        let now = self.world.time.now();
        late.retain(|row| {
            let is_its = row.key.partition == head.partition;
            if is_its {
                self.world.rows.write(&row.key, Some(row.clone()), now);
            }
            !is_its
        });
    }

    /// The key that stands for this one where a mistake takes two for the same.
    fn alias(&self, key: &Key) -> Key {
        let aliases = self.world.aliases.borrow();
        Key {
            partition: aliases
                .get(&key.partition)
                .unwrap_or(&key.partition)
                .clone(),
            sort: key.sort.clone(),
        }
    }
}

/// A head that owes nothing.
pub(crate) fn without_debt(row: Row) -> Row {
    let stripped = wire::rows::head::decode(&row.body, row.revision).ok();
    let stripped = stripped.map(|head| engine::ports::Head { owed: None, ..head });
    let body = stripped.and_then(|head| wire::rows::head::encode(&head).ok());
    Row {
        body: body.unwrap_or_else(|| row.body.clone()),
        ..row
    }
}

fn is(key: &Key, kind: &str) -> bool {
    key.partition.starts_with(kind)
}

/// Expiries are kept to the second, rounded up.
fn whole_seconds(at: Timestamp) -> Timestamp {
    Timestamp::from_millis(-(-at.as_millis()).div_euclid(1_000) * 1_000)
}

fn ordered(mut rows: Vec<Row>, order: Order, most: usize) -> Vec<Row> {
    if order == Order::Descending {
        rows.reverse();
    }
    rows.truncate(most);
    rows
}

fn failed(operation: &'static str, why: &'static str) -> TableError {
    TableError {
        operation,
        table: "simulated".to_owned(),
        source: why.into(),
    }
}
