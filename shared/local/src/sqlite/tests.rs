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
        .query("p", "", QueryOrder::Ascending, 100)
        .await
        .expect("read");
    rows.into_iter().map(|row| row.key.sort).collect()
}

#[tokio::test]
async fn sqlite_table_passes_conformance() {
    let folder = tempfile::tempdir().expect("a folder");
    let table = SqliteTable::open(&folder.path().join("state.db")).expect("opened");
    store::conformance::table(&table).await;
}

#[tokio::test]
async fn rows_are_persistent_and_visible_to_a_second_reader() {
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
fn open_error_of_a_foreign_file_names_the_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("notes.txt");
    std::fs::write(&path, "x".repeat(5_000)).expect("written");
    let error = SqliteTable::open(&path).expect_err("no database");
    assert!(error.to_string().contains("notes.txt"), "{error}");
}

#[test]
fn file_with_newer_layout_is_rejected() {
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
