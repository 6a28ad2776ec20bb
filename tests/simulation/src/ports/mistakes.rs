//! Planted faults of reading and writing rows.

use domain::history::SeenChanges;
use domain::ids::PackageKey;
use domain::ledger::Entry;
use domain::time::{Span, Timestamp};
use engine::ports::Clock;
use store::{Condition, Key, Row};

use crate::faults::Fault;
use crate::function::Function;
use crate::invocation::Invocation;

impl Invocation {
    /// The row of a consistent read, changed by planted faults.
    pub(super) fn seen(&self, key: &Key) -> Option<Row> {
        let key = self.alias(key);
        let (is_channel_lock, is_plan) = (is(&key, "lock#"), is(&key, "plan#"));
        if is_channel_lock && self.has(Fault::ChannelLockIgnored)
            || is_plan && self.has(Fault::ClaimNotChecked)
        {
            return None;
        }
        let is_stale = is(&key, "snapshot#")
            && self.state.function == Function::Creator
            && self.has(Fault::StaleSnapshot);
        let row = if is_stale {
            self.world.rows.at(&key, self.world.time.now() - self.lag())
        } else {
            self.world.rows.get(&key)
        };
        let mut row = row?;
        if is_plan && self.has(Fault::FinishedPlanForgotten) && !self.is_of_newest(&row) {
            return None;
        }
        if self.has(Fault::ExpiryInMilliseconds) {
            let wrong = |expires: Timestamp| Timestamp::from_millis(expires.as_seconds());
            row.expires = row.expires.map(wrong);
        }
        Some(row)
    }

    /// The row to write, changed by planted faults; `None` if it is not written.
    pub(super) fn mistaken(&self, mut row: Row) -> Option<Row> {
        let now = self.world.time.now();
        if is(&row.key, "snapshot#") {
            if row.key.sort == "head" && self.has(Fault::SnapshotWithoutPendingEvent) {
                row = without_pending_event(row);
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
        if row.key.partition == "latest" {
            row = self.with_late_generations(row);
        }
        if row.key.sort.starts_with("trigger#") && self.has(Fault::PauseForgotten) {
            return None;
        }
        Some(row)
    }

    /// A latest evaluation that counts as based on the snapshots at its end, by a planted fault.
    fn with_late_generations(&self, row: Row) -> Row {
        if !self.has(Fault::GenerationsReadLate) {
            return row;
        }
        let Ok(mut latest) = wire::rows::history::decode_latest(&row.body) else {
            return row;
        };
        let Some(seen) = latest.seen.take() else {
            return row;
        };
        let count = self.world.registry.packages.borrow().len();
        let packages = (0..count).map(|index| self.world.registry.key(index));
        let generation = |key: PackageKey| Some((key.clone(), self.world.generation(&key)?));
        latest.seen = Some(SeenChanges {
            at: self.now(),
            generations: packages.filter_map(generation).collect(),
            ..seen
        });
        let body = wire::rows::history::encode_latest(&latest, row.body.len().max(300_000));
        Row {
            body: body.unwrap_or_else(|_| row.body.clone()),
            ..row
        }
    }

    /// Whether the row is no finished plan, or that of a channel's newest release in Octopus's lists.
    fn is_of_newest(&self, row: &Row) -> bool {
        let Ok(Some(Entry::Done { release, .. })) = wire::rows::ledger::decode(&row.body) else {
            return true;
        };
        let listed = self.world.time.now() - self.world.releases_lag.get();
        let projects = self.world.octopus.projects.borrow();
        let mut channels = projects.iter().flat_map(|project| &project.channels);
        channels.any(|channel| {
            let mut newest = channel.releases.iter().rev();
            let newest = newest.find(|one| one.made_at <= listed);
            newest.is_some_and(|newest| newest.release.id == release)
        })
    }

    pub(super) fn mistaken_condition(&self, key: &Key, condition: Condition) -> Condition {
        let is_head = is(key, "snapshot#") && key.sort == "head";
        let (is_channel_lock, is_plan) = (is(key, "lock#"), is(key, "plan#"));
        let is_dropped = is_head && self.has(Fault::HeadWithoutCondition)
            || is_channel_lock
                && (self.has(Fault::ChannelLockWithoutCondition)
                    || self.has(Fault::ChannelLockIgnored))
            || is_plan
                && (self.has(Fault::ClaimNotChecked) || self.has(Fault::FinishedPlanForgotten));
        if is_dropped {
            Condition::Any
        } else {
            condition
        }
    }

    /// Writes the bodies that a planted fault has delayed until their head was written.
    pub(super) async fn write_late_bodies(&self, head: &Key) {
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

    /// The key to use where a planted fault treats two keys as the same.
    pub(super) fn alias(&self, key: &Key) -> Key {
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

/// A head without a pending event.
pub(crate) fn without_pending_event(row: Row) -> Row {
    let stripped = wire::rows::head::decode(&row.body, row.revision).ok();
    let stripped = stripped.map(|head| engine::ports::Head {
        pending_event: None,
        ..head
    });
    let body = stripped.and_then(|head| wire::rows::head::encode(&head).ok());
    Row {
        body: body.unwrap_or_else(|| row.body.clone()),
        ..row
    }
}

fn is(key: &Key, kind: &str) -> bool {
    key.partition.starts_with(kind)
}
