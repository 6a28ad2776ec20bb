//! The SQL statements.

use std::time::Duration;

use domain::time::Timestamp;
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use store::{Condition, Key, Row, RowSummary};

/// The version of the file's layout, stored as `user_version`.
pub(super) const LAYOUT: i64 = 1;

/// How long a call waits for another process's write.
pub(super) const BUSY: Duration = Duration::from_secs(5);

const CREATE: &str = "
    CREATE TABLE rows (
        partition TEXT NOT NULL,
        sort TEXT NOT NULL,
        revision INTEGER NOT NULL,
        body BLOB NOT NULL,
        expires INTEGER,
        PRIMARY KEY (partition, sort)
    ) STRICT;
    CREATE INDEX rows_expire ON rows (expires) WHERE expires IS NOT NULL;
    PRAGMA user_version = 1;
";

pub(super) fn configure(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(BUSY)?;
    // Effective only for a new file, before its first table.
    connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "journal_size_limit", 16 * 1024 * 1024)
}

/// Creates the table in a new file. Returns the file's layout.
pub(super) fn prepare(connection: &mut Connection) -> rusqlite::Result<i64> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let layout = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if layout != 0 {
        return Ok(layout);
    }
    transaction.execute_batch(CREATE)?;
    transaction.commit()?;
    Ok(LAYOUT)
}

pub(super) fn purge(connection: &Connection, now: Timestamp) -> rusqlite::Result<usize> {
    let deleted = connection.execute(
        "DELETE FROM rows WHERE expires <= ?1",
        params![now.as_millis()],
    )?;
    if deleted > 0 {
        // Each step reclaims one page.
        let mut vacuum = connection.prepare("PRAGMA incremental_vacuum")?;
        let mut pages = vacuum.query([])?;
        while pages.next()?.is_some() {}
    }
    Ok(deleted)
}

pub(super) fn is_met(
    transaction: &Transaction<'_>,
    key: &Key,
    condition: Condition,
) -> rusqlite::Result<bool> {
    let revision = || {
        transaction
            .prepare_cached("SELECT revision FROM rows WHERE partition = ?1 AND sort = ?2")?
            .query_row(params![key.partition, key.sort], |row| row.get(0))
            .optional()
            .map(|revision: Option<i64>| revision.map(i64::cast_unsigned))
    };
    Ok(match condition {
        Condition::Any => true,
        Condition::Absent => revision()?.is_none(),
        Condition::Revision(expected) => revision()? == Some(expected),
    })
}

pub(super) fn get(transaction: &Transaction<'_>, key: &Key) -> rusqlite::Result<Option<Row>> {
    transaction
        .prepare_cached(
            "SELECT partition, sort, revision, body, expires FROM rows
             WHERE partition = ?1 AND sort = ?2",
        )?
        .query_row(params![key.partition, key.sort], read_row)
        .optional()
}

pub(super) fn read_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<Row> {
    Ok(Row {
        key: Key {
            partition: row.get(0)?,
            sort: row.get(1)?,
        },
        revision: row.get::<_, i64>(2)?.cast_unsigned(),
        body: row.get(3)?,
        expires: row.get::<_, Option<i64>>(4)?.map(Timestamp::from_millis),
    })
}

/// A row of `SELECT partition, sort, revision, expires`.
pub(super) fn read_summary(row: &rusqlite::Row<'_>) -> rusqlite::Result<RowSummary> {
    Ok(RowSummary {
        key: Key {
            partition: row.get(0)?,
            sort: row.get(1)?,
        },
        revision: row.get::<_, i64>(2)?.cast_unsigned(),
        expires: row.get::<_, Option<i64>>(3)?.map(Timestamp::from_millis),
    })
}
