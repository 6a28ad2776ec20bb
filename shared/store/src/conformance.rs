//! The conformance suite that every implementation of [`Table`] passes.

mod trigger_file;

use domain::time::Timestamp;

use crate::table::{Condition, Key, PutError, QueryOrder, Row, RowSummary, Table, TableError};

/// The partition of the test rows. The table may have other rows.
const PARTITION: &str = "conformance";
const OTHER: &str = "conformance-other";

/// Tests a table. Rows of an earlier run are deleted first.
///
/// # Panics
/// If the table violates the contract of [`Table`].
pub async fn table<T: Table>(table: &T) {
    let outcome = try_table(table).await;
    assert!(outcome.is_ok(), "the table failed: {outcome:?}");
    let outcome = trigger_file::replaces_what_was_read(table).await;
    assert!(outcome.is_ok(), "the trigger file failed: {outcome:?}");
}

async fn try_table<T: Table>(table: &T) -> Result<(), PutError> {
    for partition in [PARTITION, OTHER] {
        clear(table, partition).await?;
    }
    rows_are_read_as_they_were_written(table).await?;
    conditions_guard_writes(table).await?;
    conditions_guard_deletes(table).await?;
    many_rows_are_read_in_one_call(table).await?;
    queries_follow_the_sort_key(table).await?;
    summaries_are_rows_without_bodies(table).await?;
    for partition in [PARTITION, OTHER] {
        clear(table, partition).await?;
    }
    Ok(())
}

async fn clear<T: Table>(table: &T, partition: &str) -> Result<(), PutError> {
    for row in table
        .query(partition, "", QueryOrder::Ascending, 1_000)
        .await?
    {
        table.delete(&row.key, Condition::Any).await?;
    }
    Ok(())
}

async fn summaries_are_rows_without_bodies<T: Table>(table: &T) -> Result<(), PutError> {
    for (sort, expires) in [
        ("s#2", None),
        ("s#1", Some(4_000_000_000_000)),
        ("t#1", None),
    ] {
        let row = Row {
            key: key(sort),
            revision: 7,
            body: vec![1; 1_000],
            expires: expires.map(Timestamp::from_millis),
        };
        table.put(row, Condition::Any).await?;
    }
    let rows = table
        .query(PARTITION, "s#", QueryOrder::Ascending, usize::MAX)
        .await?;
    let expected: Vec<_> = rows.into_iter().map(RowSummary::from).collect();
    assert_eq!(expected.len(), 2);
    assert_eq!(table.summaries(PARTITION, "s#").await?, expected);
    Ok(())
}

async fn rows_are_read_as_they_were_written<T: Table>(table: &T) -> Result<(), PutError> {
    let key = key("as written / é#");
    assert_eq!(get(table, &key).await?, None);
    let full = Row {
        key: key.clone(),
        revision: 1_700_000_000_000,
        body: (0..350 * 1024_u32)
            .map(|byte| byte.to_le_bytes()[0])
            .collect(),
        expires: Some(Timestamp::from_millis(4_000_000_000_000)),
    };
    table.put(full.clone(), Condition::Absent).await?;
    assert_eq!(get(table, &key).await?, Some(full));

    let expired = Row {
        expires: Some(Timestamp::from_millis(1_000)),
        ..row("expired", 1)
    };
    table.put(expired.clone(), Condition::Any).await?;
    let read = get(table, &expired.key).await?;
    assert!(
        read.is_none_or(|read| read == expired),
        "an expired row is unchanged or deleted"
    );

    let plain = row("as written / é#", 2);
    table.put(plain.clone(), Condition::Any).await?;
    assert_eq!(
        get(table, &key).await?,
        Some(plain),
        "a write without expiry removes the expiry"
    );
    let uneven = Row {
        expires: Some(Timestamp::from_millis(4_000_000_000_001)),
        ..row("uneven", 1)
    };
    table.put(uneven.clone(), Condition::Any).await?;
    let expires = get(table, &uneven.key).await?.and_then(|row| row.expires);
    assert!(
        expires >= uneven.expires,
        "an expiry is never earlier than written"
    );
    Ok(())
}

async fn conditions_guard_writes<T: Table>(table: &T) -> Result<(), PutError> {
    let key = key("guarded");
    conflicts(&table.put(row("guarded", 6), Condition::Revision(5)).await);
    table.put(row("guarded", 5), Condition::Absent).await?;
    conflicts(&table.put(row("guarded", 9), Condition::Absent).await);
    conflicts(&table.put(row("guarded", 9), Condition::Revision(4)).await);
    assert_eq!(
        get(table, &key).await?,
        Some(row("guarded", 5)),
        "a refused write changes nothing"
    );
    table.put(row("guarded", 6), Condition::Revision(5)).await?;
    table.put(row("guarded", 3), Condition::Any).await?;
    assert_eq!(get(table, &key).await?, Some(row("guarded", 3)));
    Ok(())
}

async fn conditions_guard_deletes<T: Table>(table: &T) -> Result<(), PutError> {
    let key = key("deleted");
    table.delete(&key, Condition::Any).await?;
    conflicts(&table.delete(&key, Condition::Revision(1)).await);
    table.put(row("deleted", 1), Condition::Absent).await?;
    conflicts(&table.delete(&key, Condition::Revision(2)).await);
    assert_eq!(get(table, &key).await?, Some(row("deleted", 1)));
    table.delete(&key, Condition::Revision(1)).await?;
    assert_eq!(get(table, &key).await?, None);
    Ok(())
}

/// More keys than one request of any table takes, with missing and repeated keys.
async fn many_rows_are_read_in_one_call<T: Table>(table: &T) -> Result<(), PutError> {
    for number in (0..120).step_by(2) {
        table
            .put(row(&format!("many-{number:03}"), number), Condition::Any)
            .await?;
    }
    let mut keys: Vec<Key> = (0..120)
        .map(|number| key(&format!("many-{number:03}")))
        .collect();
    keys.push(key("many-002"));
    let rows = table.get_many(&keys).await?;
    assert_eq!(rows.len(), keys.len());
    for (key, (number, read)) in keys.iter().zip((0..120).chain([2]).zip(&rows)) {
        let written = (number % 2 == 0).then(|| row(&key.sort, number));
        assert_eq!(*read, written);
    }
    assert!(table.get_many(&[]).await?.is_empty());
    Ok(())
}

async fn queries_follow_the_sort_key<T: Table>(table: &T) -> Result<(), PutError> {
    for sort in [
        "list#b", "list#a", "list#B", "list#é", "list#a#1", "lisu", "list",
    ] {
        table.put(row(sort, 1), Condition::Any).await?;
    }
    let other = Key {
        partition: OTHER.to_owned(),
        sort: "list#x".to_owned(),
    };
    table
        .put(
            Row {
                key: other,
                ..row("", 1)
            },
            Condition::Any,
        )
        .await?;

    let sorts = async |prefix: &str, order, limit| {
        let rows = table.query(PARTITION, prefix, order, limit).await?;
        Ok::<_, TableError>(rows.into_iter().map(|row| row.key.sort).collect::<Vec<_>>())
    };
    let all = ["list#B", "list#a", "list#a#1", "list#b", "list#é"];
    assert_eq!(sorts("list#", QueryOrder::Ascending, 100).await?, all);
    assert_eq!(sorts("list#", QueryOrder::Ascending, 2).await?, all[..2]);
    assert_eq!(
        sorts("list#", QueryOrder::Descending, 2).await?,
        ["list#é", "list#b"]
    );
    assert_eq!(sorts("list#c", QueryOrder::Ascending, 100).await?, [""; 0]);
    let whole_partition = table.query(OTHER, "", QueryOrder::Ascending, 100).await?;
    assert_eq!(whole_partition.len(), 1);
    Ok(())
}

fn key(sort: &str) -> Key {
    Key {
        partition: PARTITION.to_owned(),
        sort: sort.to_owned(),
    }
}

fn row(sort: &str, revision: u64) -> Row {
    Row {
        key: key(sort),
        revision,
        body: format!("body {revision}").into_bytes(),
        expires: None,
    }
}

async fn get<T: Table>(table: &T, key: &Key) -> Result<Option<Row>, TableError> {
    Ok(table
        .get_many(std::slice::from_ref(key))
        .await?
        .pop()
        .flatten())
}

fn conflicts(outcome: &Result<(), PutError>) {
    assert!(
        matches!(outcome, Err(PutError::Conflict(_))),
        "expected a conflict: {outcome:?}"
    );
}
