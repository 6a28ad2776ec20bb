//! Binds a state file to one Octopus Server: ids such as `Feeds-1` have another meaning on another server.

use store::{Condition, Key, PutError, Row, Table, TableError};

use crate::SqliteTable;

/// The state file cannot be used for this server.
#[derive(Debug, thiserror::Error)]
pub enum OwnerError {
    #[error("the state file belongs to {owner}; choose another file for {server} with --state")]
    AnotherServer { owner: String, server: String },
    #[error(transparent)]
    Unreadable(#[from] TableError),
    #[error(transparent)]
    Unwritable(#[from] PutError),
}

/// Binds the file to the server unless it is bound already.
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
    async fn state_file_rejects_another_server() {
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
