//! The private networks of the last run, for later commands on the same state file.

use store::{Condition, Key, PutError, Row, Table, TableError};

use crate::SqliteTable;

fn key() -> Key {
    Key {
        partition: "machine".to_owned(),
        sort: "networks".to_owned(),
    }
}

async fn stored(table: &SqliteTable) -> Result<Option<Row>, TableError> {
    let rows = table.get_many(&[key()]).await?;
    Ok(rows.into_iter().flatten().next())
}

/// The stored networks, in CIDR notation and separated by commas; `None` if none are stored.
///
/// # Errors
/// When the file cannot be read.
pub async fn networks(table: &SqliteTable) -> Result<Option<String>, TableError> {
    let row = stored(table).await?;
    Ok(row.map(|row| String::from_utf8_lossy(&row.body).into_owned()))
}

/// Stores the networks, unless the same ones are stored.
///
/// # Errors
/// When the file cannot be read or written.
pub async fn remember_networks(table: &SqliteTable, networks: &str) -> Result<(), PutError> {
    let stored = stored(table).await.map_err(PutError::Table)?;
    if stored
        .as_ref()
        .is_some_and(|row| row.body == networks.as_bytes())
    {
        return Ok(());
    }
    let revision = stored.map(|row| row.revision);
    let row = Row {
        key: key(),
        revision: revision.unwrap_or_default() + 1,
        body: networks.as_bytes().to_vec(),
        expires: None,
    };
    let condition = revision.map_or(Condition::Absent, Condition::Revision);
    table.put(row, condition).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn networks_are_those_stored_last() {
        let folder = tempfile::tempdir().unwrap();
        let table = SqliteTable::open(&folder.path().join("state.sqlite")).unwrap();
        assert_eq!(networks(&table).await.unwrap(), None);
        for text in ["10.0.0.0/8", "10.0.0.0/8", "127.0.0.0/8,10.1.0.0/16"] {
            remember_networks(&table, text).await.unwrap();
            assert_eq!(networks(&table).await.unwrap().as_deref(), Some(text));
        }
    }
}
