//! A state file belongs to one Octopus Server: ids such as `Feeds-1` mean something else on another.

use store::{Condition, Key, PutError, Row, Table, TableError};

use crate::SqliteTable;

/// The file cannot be used for this server.
#[derive(Debug, thiserror::Error)]
pub enum OwnerError {
    /// It holds what is known of another.
    #[error("the state file belongs to {owner}; use another file for {server} with --state")]
    AnotherServer {
        /// The server that it belongs to.
        owner: String,
        /// The server that was given.
        server: String,
    },
    /// It cannot be read.
    #[error(transparent)]
    Unreadable(#[from] TableError),
    /// It cannot be written.
    #[error(transparent)]
    Unwritable(#[from] PutError),
}

/// Makes the file the server's, if it is nobody's yet.
///
/// # Errors
/// See [`OwnerError`].
pub async fn claim_for(table: &SqliteTable, server: &str) -> Result<(), OwnerError> {
    let server = server.trim().trim_end_matches('/');
    let key = Key {
        partition: "machine".to_owned(),
        sort: "server".to_owned(),
    };
    let found = table
        .get_many(std::slice::from_ref(&key))
        .await?
        .into_iter()
        .flatten()
        .next();
    match found {
        Some(row) if row.body == server.as_bytes() => Ok(()),
        Some(row) => Err(OwnerError::AnotherServer {
            owner: String::from_utf8_lossy(&row.body).into_owned(),
            server: server.to_owned(),
        }),
        None => {
            let row = Row {
                key,
                revision: 1,
                body: server.as_bytes().to_vec(),
                expires: None,
            };
            Ok(table.put(row, Condition::Absent).await?)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_file_keeps_to_its_first_server() {
        let folder = tempfile::tempdir().unwrap();
        let table = SqliteTable::open(&folder.path().join("state.sqlite")).unwrap();
        claim_for(&table, "https://one.example/").await.unwrap();
        claim_for(&table, "https://one.example").await.unwrap();
        let error = claim_for(&table, "https://two.example")
            .await
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("https://one.example") && error.contains("--state"),
            "{error}"
        );
    }
}
