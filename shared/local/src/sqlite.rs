//! The store's table in a SQLite file.
//!
//! Calls are short and block. The file uses write-ahead logging, so readers of other processes never wait for the
//! writer. Expired rows are deleted when the file is opened and once an hour, and their space is reclaimed.

mod statements;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use domain::time::Timestamp;
use engine::ports::Clock;
use host::SystemClock;
use rusqlite::{Connection, ErrorCode, OpenFlags, Transaction, TransactionBehavior, params};
use store::{Condition, Key, PutError, QueryOrder, Row, RowSummary, Table, TableError};

use statements::{LAYOUT, configure, get, is_met, prepare, purge, read_row, read_summary};

/// The interval at which expired rows are deleted.
const PURGE_EVERY: Duration = Duration::from_secs(3_600);

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

#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("cannot open the state file {}", path.display())]
    Sqlite {
        path: PathBuf,
        #[source]
        source: rusqlite::Error,
    },
    /// A newer program wrote the file.
    #[error(
        "the state file {} has layout {layout}, and this program reads layout {LAYOUT}; update this program",
        path.display()
    )]
    Newer { path: PathBuf, layout: i64 },
}

impl SqliteTable {
    /// Opens or creates the file and deletes expired rows.
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

    /// Opens a file to read it. A file or folder that cannot be written is opened read-only; writes to the table then
    /// fail.
    ///
    /// # Errors
    /// See [`OpenError`]; also when the file does not exist.
    pub fn open_to_read(path: &Path) -> Result<Self, OpenError> {
        match Self::open(path) {
            Err(OpenError::Sqlite { source, .. }) if is_read_only(&source) => {
                Self::open_read_only(path)
            }
            other => other,
        }
    }

    fn open_read_only(path: &Path) -> Result<Self, OpenError> {
        let failed = |source| OpenError::Sqlite {
            path: path.to_owned(),
            source,
        };
        // Without the shared-memory file, which only a writer can create, a file in write-ahead mode must be opened
        // as immutable.
        let parameters = ["mode=ro", "mode=ro&immutable=1"];
        let mut opened = parameters.into_iter().map(|parameters| {
            let connection = Connection::open_with_flags(
                uri(path, parameters),
                OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI,
            )?;
            connection.busy_timeout(statements::BUSY)?;
            let layout: i64 =
                connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
            Ok((connection, layout))
        });
        let first = opened
            .next()
            .transpose()
            .or_else(|error| match opened.next() {
                Some(second) => second.map(Some),
                None => Err(error),
            });
        let Some((connection, layout)) = first.map_err(failed)? else {
            return Err(failed(rusqlite::Error::InvalidQuery));
        };
        if layout != LAYOUT {
            return Err(OpenError::Newer {
                path: path.to_owned(),
                layout,
            });
        }
        let state = State {
            connection,
            purged: Instant::now(),
        };
        Ok(Self {
            path: path.to_owned(),
            state: Mutex::new(state),
        })
    }

    /// Deletes the rows that are expired at `now` and reclaims their space. Returns the number of deleted rows.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn purge(&self, now: Timestamp) -> Result<usize, TableError> {
        purge(&self.state().connection, now).map_err(|error| self.write_error(error))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Executes one write in a transaction. Deletes expired rows first if due.
    fn write(
        &self,
        key: &Key,
        condition: Condition,
        write: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<usize>,
    ) -> Result<(), PutError> {
        let mut state = self.state();
        let done = state
            .write(key, condition, write)
            .map_err(|error| self.write_error(error))?;
        if done {
            Ok(())
        } else {
            Err(PutError::Conflict(key.clone()))
        }
    }

    fn read_error(&self, source: rusqlite::Error) -> TableError {
        self.failed("read from", source)
    }

    fn write_error(&self, source: rusqlite::Error) -> TableError {
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

/// Writes a consistent copy of a state file to a new file, also while another process writes to it.
///
/// # Errors
/// See [`OpenError`].
pub fn copy(from: &Path, to: &Path) -> Result<(), OpenError> {
    let table = SqliteTable::open_to_read(from)?;
    let copied = table
        .state()
        .connection
        .execute("VACUUM INTO ?1", params![to.to_string_lossy()]);
    copied.map(drop).map_err(|source| OpenError::Sqlite {
        path: to.to_owned(),
        source,
    })
}

/// Whether a file cannot be opened because it or its folder cannot be written.
fn is_read_only(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied)
    )
}

/// The file as a URI with these parameters.
fn uri(path: &Path, parameters: &str) -> String {
    let path = path.to_string_lossy();
    let path = path
        .replace('%', "%25")
        .replace('?', "%3f")
        .replace('#', "%23");
    format!("file:{path}?{parameters}")
}

impl State {
    /// Returns whether the condition was met and the write was made.
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
        // Acquires the write lock before reading the condition.
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        if !is_met(&transaction, key, condition)? {
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
            // One transaction, so that all rows are from the same point in time.
            let transaction = state.connection.transaction()?;
            keys.iter()
                .map(|key| get(&transaction, key))
                .collect::<rusqlite::Result<_>>()
        };
        read().map_err(|error| self.read_error(error))
    }

    async fn query(
        &self,
        partition: &str,
        sort_prefix: &str,
        order: QueryOrder,
        limit: usize,
    ) -> Result<Vec<Row>, TableError> {
        let state = self.state();
        let read = || {
            let direction = match order {
                QueryOrder::Ascending => "ASC",
                QueryOrder::Descending => "DESC",
            };
            let mut statement = state.connection.prepare_cached(&format!(
                "SELECT partition, sort, revision, body, expires FROM rows
                 WHERE partition = ?1 AND sort >= ?2 AND substr(sort, 1, length(?2)) = ?2
                 ORDER BY sort {direction} LIMIT ?3"
            ))?;
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            let rows = statement.query_map(params![partition, sort_prefix, limit], read_row)?;
            rows.collect::<rusqlite::Result<_>>()
        };
        read().map_err(|error| self.read_error(error))
    }

    async fn summaries(
        &self,
        partition: &str,
        sort_prefix: &str,
    ) -> Result<Vec<RowSummary>, TableError> {
        let state = self.state();
        let read = || {
            let mut statement = state.connection.prepare_cached(
                "SELECT partition, sort, revision, expires FROM rows
                 WHERE partition = ?1 AND sort >= ?2 AND substr(sort, 1, length(?2)) = ?2
                 ORDER BY sort",
            )?;
            let rows = statement.query_map(params![partition, sort_prefix], read_summary)?;
            rows.collect::<rusqlite::Result<_>>()
        };
        read().map_err(|error| self.read_error(error))
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
