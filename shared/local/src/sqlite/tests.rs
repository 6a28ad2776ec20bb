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

#[tokio::test]
async fn copy_is_consistent_and_does_not_replace_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let (from, to) = (
        folder.path().join("a.sqlite"),
        folder.path().join("b.sqlite"),
    );
    let table = SqliteTable::open(&from).unwrap();
    let row = Row {
        key: Key {
            partition: "p".to_owned(),
            sort: "s".to_owned(),
        },
        revision: 1,
        body: b"body".to_vec(),
        expires: None,
    };
    table.put(row.clone(), Condition::Absent).await.unwrap();
    copy(&from, &to).unwrap();
    let copied = SqliteTable::open(&to).unwrap();
    let rows = copied
        .get_many(std::slice::from_ref(&row.key))
        .await
        .unwrap();
    assert_eq!(rows, [Some(row)]);
    assert!(copy(&from, &to).is_err(), "the copy exists");
}

#[cfg(unix)]
#[tokio::test]
async fn open_to_read_accepts_read_only_files_and_folders() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a#b?.sqlite");
    drop(SqliteTable::open(&path).unwrap());
    let set_mode = |path: &Path, mode| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    set_mode(&path, 0o444);
    set_mode(folder.path(), 0o555);
    // Root can write in spite of the modes; the read-only connection is tested in any case.
    for table in [
        SqliteTable::open_to_read(&path).unwrap(),
        SqliteTable::open_read_only(&path).unwrap(),
    ] {
        let rows = table
            .query("p", "", QueryOrder::Ascending, 10)
            .await
            .unwrap();
        assert!(rows.is_empty());
    }
    set_mode(folder.path(), 0o755);
    let missing = folder.path().join("none").join("x.sqlite");
    assert!(SqliteTable::open_to_read(&missing).is_err());
}
