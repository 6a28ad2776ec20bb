//! The store's table in a SQLite file.
//!
//! Calls are short and block: one process uses the file, and readers of another never wait for it, as
//! it is kept in write-ahead mode. Expired rows are deleted when the file is opened and once an hour, and
//! the space they took is given back.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use domain::time::Timestamp;
use engine::ports::Clock;
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use store::{Condition, Key, Order, PutError, Row, SystemClock, Table, TableError};

/// The layout of the file, kept in its `user_version`.
const LAYOUT: i64 = 1;

/// How long a call waits for another process that is writing.
const BUSY: Duration = Duration::from_secs(5);

/// How often expired rows are deleted.
const PURGE_EVERY: Duration = Duration::from_secs(3_600);

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

/// A table in a SQLite file.
#[derive(Debug)]
pub struct SqliteTable {
    path: PathBuf,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    connection: Connection,
    purged: Instant,
}

/// The file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// SQLite does not open it.
    #[error("cannot open the state file {}", path.display())]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: rusqlite::Error,
    },
    /// A newer program wrote it.
    #[error(
        "the state file {} has layout {layout}, and this program knows {LAYOUT}: update this program",
        path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its layout.
        layout: i64,
    },
}

impl SqliteTable {
    /// Opens the file, or makes it. Expired rows are deleted.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        let failed = |source| OpenError::Sqlite {
            path: path.to_owned(),
            source,
        };
        let mut connection = Connection::open(path).map_err(failed)?;
        configure(&connection).map_err(failed)?;
        let layout = prepare(&mut connection).map_err(failed)?;
        if layout > LAYOUT {
            return Err(OpenError::Newer {
                path: path.to_owned(),
                layout,
            });
        }
        purge(&connection, SystemClock.now()).map_err(failed)?;
        let state = State {
            connection,
            purged: Instant::now(),
        };
        Ok(Self {
            path: path.to_owned(),
            state: Mutex::new(state),
        })
    }

    /// Deletes the rows that have expired by `now`, and gives their space back. How many there were.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn purge(&self, now: Timestamp) -> Result<usize, TableError> {
        purge(&self.state().connection, now).map_err(|error| self.unwritten(error))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does one write in a transaction. Now and then expired rows are deleted first.
    fn write(
        &self,
        key: &Key,
        condition: Condition,
        write: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<usize>,
    ) -> Result<(), PutError> {
        let mut state = self.state();
        let done = state
            .write(key, condition, write)
            .map_err(|error| self.unwritten(error))?;
        if done {
            Ok(())
        } else {
            Err(PutError::Conflict(key.clone()))
        }
    }

    fn unread(&self, source: rusqlite::Error) -> TableError {
        self.failed("read from", source)
    }

    fn unwritten(&self, source: rusqlite::Error) -> TableError {
        self.failed("write to", source)
    }

    fn failed(&self, operation: &'static str, source: rusqlite::Error) -> TableError {
        TableError {
            operation,
            table: self.path.display().to_string(),
            source: Box::new(source),
        }
    }
}

impl State {
    /// Whether the condition held, and so the write was made.
    fn write(
        &mut self,
        key: &Key,
        condition: Condition,
        write: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<usize>,
    ) -> rusqlite::Result<bool> {
        if self.purged.elapsed() >= PURGE_EVERY {
            purge(&self.connection, SystemClock.now())?;
            self.purged = Instant::now();
        }
        // Takes the file's write lock before the condition is looked at.
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        if !holds(&transaction, key, condition)? {
            return Ok(false);
        }
        write(&transaction)?;
        transaction.commit()?;
        Ok(true)
    }
}

impl Table for SqliteTable {
    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Row>>, TableError> {
        let mut state = self.state();
        let mut read = || {
            // One transaction: all rows are of one moment.
            let transaction = state.connection.transaction()?;
            keys.iter()
                .map(|key| get(&transaction, key))
                .collect::<rusqlite::Result<_>>()
        };
        read().map_err(|error| self.unread(error))
    }

    async fn query(
        &self,
        partition: &str,
        sort_prefix: &str,
        order: Order,
        most: usize,
    ) -> Result<Vec<Row>, TableError> {
        let state = self.state();
        let read = || {
            let direction = match order {
                Order::Ascending => "ASC",
                Order::Descending => "DESC",
            };
            let mut statement = state.connection.prepare_cached(&format!(
                "SELECT partition, sort, revision, body, expires FROM rows
                 WHERE partition = ?1 AND sort >= ?2 AND substr(sort, 1, length(?2)) = ?2
                 ORDER BY sort {direction} LIMIT ?3"
            ))?;
            let most = i64::try_from(most).unwrap_or(i64::MAX);
            let rows = statement.query_map(params![partition, sort_prefix, most], read_row)?;
            rows.collect::<rusqlite::Result<_>>()
        };
        read().map_err(|error| self.unread(error))
    }

    async fn put(&self, row: Row, condition: Condition) -> Result<(), PutError> {
        self.write(&row.key, condition, |transaction| {
            transaction
                .prepare_cached(
                    "INSERT OR REPLACE INTO rows (partition, sort, revision, body, expires)
                     VALUES (?1, ?2, ?3, ?4, ?5)",
                )?
                .execute(params![
                    row.key.partition,
                    row.key.sort,
                    row.revision.cast_signed(),
                    row.body,
                    row.expires.map(Timestamp::as_millis),
                ])
        })
    }

    async fn delete(&self, key: &Key, condition: Condition) -> Result<(), PutError> {
        self.write(key, condition, |transaction| {
            transaction
                .prepare_cached("DELETE FROM rows WHERE partition = ?1 AND sort = ?2")?
                .execute(params![key.partition, key.sort])
        })
    }
}

fn configure(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(BUSY)?;
    // Takes effect on a new file only, and before its first table.
    connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "journal_size_limit", 16 * 1024 * 1024)
}

/// Makes the table in a new file. The layout that the file has.
fn prepare(connection: &mut Connection) -> rusqlite::Result<i64> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let layout = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if layout != 0 {
        return Ok(layout);
    }
    transaction.execute_batch(CREATE)?;
    transaction.commit()?;
    Ok(LAYOUT)
}

fn purge(connection: &Connection, now: Timestamp) -> rusqlite::Result<usize> {
    let deleted = connection.execute(
        "DELETE FROM rows WHERE expires <= ?1",
        params![now.as_millis()],
    )?;
    if deleted > 0 {
        // Gives back one page with each step.
        let mut vacuum = connection.prepare("PRAGMA incremental_vacuum")?;
        let mut pages = vacuum.query([])?;
        while pages.next()?.is_some() {}
    }
    Ok(deleted)
}

fn holds(transaction: &Transaction<'_>, key: &Key, condition: Condition) -> rusqlite::Result<bool> {
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
        Condition::Revision(wanted) => revision()? == Some(wanted),
    })
}

fn get(transaction: &Transaction<'_>, key: &Key) -> rusqlite::Result<Option<Row>> {
    transaction
        .prepare_cached(
            "SELECT partition, sort, revision, body, expires FROM rows
             WHERE partition = ?1 AND sort = ?2",
        )?
        .query_row(params![key.partition, key.sort], read_row)
        .optional()
}

fn read_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<Row> {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn row(sort: &str, expires: Option<i64>) -> Row {
        Row {
            key: Key {
                partition: "p".into(),
                sort: sort.into(),
            },
            revision: 1,
            body: vec![7; 100_000],
            expires: expires.map(Timestamp::from_millis),
        }
    }

    async fn sorts(table: &SqliteTable) -> Vec<String> {
        let rows = table
            .query("p", "", Order::Ascending, 100)
            .await
            .expect("read");
        rows.into_iter().map(|row| row.key.sort).collect()
    }

    #[tokio::test]
    async fn it_is_a_table() {
        let folder = tempfile::tempdir().expect("a folder");
        let table = SqliteTable::open(&folder.path().join("state.db")).expect("opened");
        store::conformance::table(&table).await;
    }

    #[tokio::test]
    async fn rows_outlive_the_process_and_a_second_reader_sees_them() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("state.db");
        let table = SqliteTable::open(&path).expect("opened");
        table
            .put(row("kept", None), Condition::Absent)
            .await
            .expect("written");
        let reader = SqliteTable::open(&path).expect("opened twice");
        assert_eq!(sorts(&reader).await, ["kept"]);
        drop((table, reader));
        assert_eq!(
            sorts(&SqliteTable::open(&path).expect("opened")).await,
            ["kept"]
        );
    }

    #[tokio::test]
    async fn expired_rows_are_deleted_and_the_file_shrinks() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("state.db");
        let table = SqliteTable::open(&path).expect("opened");
        for number in 0..50 {
            table
                .put(row(&format!("old-{number}"), Some(2_000)), Condition::Any)
                .await
                .expect("written");
        }
        table
            .put(row("later", Some(4_000_000_000_000)), Condition::Any)
            .await
            .expect("written");
        table
            .put(row("never", None), Condition::Any)
            .await
            .expect("written");
        assert_eq!(
            table.purge(Timestamp::from_millis(1_999)).expect("purged"),
            0
        );
        drop(table);
        let before = std::fs::metadata(&path).expect("a file").len();

        let table = SqliteTable::open(&path).expect("opened");
        assert_eq!(sorts(&table).await, ["later", "never"]);
        drop(table);
        let after = std::fs::metadata(&path).expect("a file").len();
        assert!(after * 5 < before, "{before} bytes before, {after} after");
    }

    #[test]
    fn a_file_that_is_no_state_file_is_an_error_that_names_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("notes.txt");
        std::fs::write(&path, "x".repeat(5_000)).expect("written");
        let error = SqliteTable::open(&path).expect_err("no database");
        assert!(error.to_string().contains("notes.txt"), "{error}");
    }

    #[test]
    fn a_file_of_a_newer_program_is_left_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("state.db");
        let newer = Connection::open(&path).expect("opened");
        newer
            .execute_batch("PRAGMA user_version = 9; CREATE TABLE x (y)")
            .expect("written");
        drop(newer);
        let error = SqliteTable::open(&path).expect_err("too new");
        assert!(
            matches!(error, OpenError::Newer { layout: 9, .. }),
            "{error}"
        );
    }
}
