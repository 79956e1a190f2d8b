//! From a file into a PostgreSQL.

use std::path::Path;

use kanae_desk::records::{MoveError, PostgresRecords, SqliteRecords, migrate};
use kanae_desk::{Change, Record, Records};
use postgres::testing::execute;

use crate::new_database;
use crate::suite::{put, record};

/// A desk that has more than is copied at a time, some of it large, some of it written often.
fn furnished(path: &Path) -> SqliteRecords {
    let desk = SqliteRecords::open(path).unwrap();
    let many: Vec<Change> = (0..600).map(|n| put(&format!("d{n:03}"), 0, "x", &[("all", "")])).collect();
    desk.write(&many).unwrap();
    let file = Record { kind: "attachment".into(), body: vec![0; 3 << 20], ..record("f", 0, "", &[]) };
    desk.write(&[Change::Put(file)]).unwrap();
    for version in 1..5 {
        desk.write(&[put("d007", version, &format!("version {version}"), &[("of", "x")])]).unwrap();
    }
    desk
}

#[test]
fn a_moved_desk_has_the_same_documents_in_the_same_versions() {
    let folder = tempfile::tempdir().unwrap();
    let (path, moved) = (folder.path().join("desk.sqlite"), folder.path().join("desk.sqlite.moved"));
    let desk = furnished(&path);
    let seventh = desk.get("draft", "d007").unwrap();
    assert_eq!(seventh.as_ref().unwrap().version, 5);
    let database = new_database();
    let refused = migrate(&path, &database).unwrap_err().to_string();
    assert!(refused.contains("has it open"), "{refused}");
    drop(desk);
    let there = migrate(&path, &database).unwrap();
    assert!(SqliteRecords::open(&path).is_err(), "nobody writes to a desk that is being moved");
    assert_eq!(there.put_aside(&moved).unwrap(), 601);
    assert!(!path.exists() && !folder.path().join("desk.sqlite-wal").exists());
    let there = PostgresRecords::open(&database).unwrap();
    assert_eq!(there.get("draft", "d007").unwrap(), seventh);
    assert_eq!(there.find("draft", "of", "x", None, 9).unwrap(), seventh.into_iter().collect::<Vec<_>>());
    assert_eq!(there.find("draft", "all", "", Some("d250"), 9_999).unwrap().len(), 349);
    there.write(&[put("d007", 5, "goes on", &[])]).unwrap();
    let old = SqliteRecords::open(&moved).unwrap();
    assert_eq!(old.find("draft", "all", "", None, 9_999).unwrap().len(), 599, "the old file is whole");
}

#[test]
fn a_move_that_was_cut_off_is_taken_up_and_ends_with_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let (path, moved) = (folder.path().join("desk.sqlite"), folder.path().join("desk.sqlite.moved"));
    drop(furnished(&path));
    let database = new_database();
    drop(PostgresRecords::open(&database).unwrap());
    execute(
        &database,
        "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'disk full'; END $$;
         CREATE TRIGGER fails BEFORE INSERT ON desk_documents FOR EACH ROW
             WHEN (NEW.id > 'd400'::bytea AND NEW.kind = 'draft') EXECUTE FUNCTION fail()",
    );
    let failed = migrate(&path, &database).unwrap_err();
    assert!(matches!(failed, MoveError::Records(_)) && failed.to_string().contains("disk full"), "{failed}");
    assert!(path.exists() && !moved.exists());
    let there = PostgresRecords::open(&database).unwrap();
    assert!(there.get("draft", "d000").unwrap().is_some(), "nothing was copied before");
    // The desk goes on where it is, for the time being.
    let desk = SqliteRecords::open(&path).unwrap();
    let remove = Change::Remove { kind: "draft".into(), id: "d000".into(), version: 1 };
    desk.write(&[remove, put("d001", 1, "meanwhile", &[]), put("e", 0, "new", &[])]).unwrap();
    drop(desk);
    execute(&database, "DROP TRIGGER fails ON desk_documents");
    assert_eq!(migrate(&path, &database).unwrap().put_aside(&moved).unwrap(), 601);
    assert_eq!(there.get("draft", "d000").unwrap(), None);
    assert_eq!(there.get("draft", "d001").unwrap().unwrap(), record("d001", 2, "meanwhile", &[]));
}
