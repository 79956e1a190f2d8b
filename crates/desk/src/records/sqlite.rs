//! Documents in one SQLite file beside the node's.

use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior, params};

use super::{Change, MAX_BODY, MAX_FOUND, Record, Records, RecordsError};

/// The version of the schema below, kept in SQLite's `user_version`.
const VERSION: i64 = 1;

/// Says that the file is a Kanae desk's ("KDSK"), in SQLite's `application_id`.
const APPLICATION: i64 = 0x4b44_534b;

const SCHEMA: &str = "
    CREATE TABLE documents (
        kind TEXT NOT NULL,
        id TEXT NOT NULL,
        version INTEGER NOT NULL CHECK (version > 0),
        body BLOB NOT NULL,
        PRIMARY KEY (kind, id)
    ) STRICT;
    CREATE TABLE words (
        kind TEXT NOT NULL,
        word TEXT NOT NULL,
        value TEXT NOT NULL,
        id TEXT NOT NULL,
        PRIMARY KEY (kind, word, value, id),
        FOREIGN KEY (kind, id) REFERENCES documents (kind, id) ON DELETE CASCADE
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX words_of ON words (kind, id);
";

/// A connection to the desk's database.
#[derive(Debug)]
pub struct SqliteRecords {
    connection: Mutex<Connection>,
}

fn failed(doing: &'static str) -> impl FnOnce(rusqlite::Error) -> RecordsError {
    move |error| RecordsError::Database { doing, source: error.into() }
}

impl SqliteRecords {
    /// Opens the database at `path`, and makes it where there is none.
    pub fn open(path: &Path) -> Result<Self, RecordsError> {
        // It holds accounts and drafts: the owner's only. SQLite gives the files beside it the same mode.
        let made = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
        match made {
            Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
                return Err(RecordsError::Database { doing: "be made", source: error.into() });
            }
            _ => {}
        }
        Self::set_up(Connection::open(path).map_err(failed("be opened"))?)
    }

    /// Returns a database that is gone when it is dropped.
    pub fn in_memory() -> Result<Self, RecordsError> {
        Self::set_up(Connection::open_in_memory().map_err(failed("be opened"))?)
    }

    fn set_up(mut connection: Connection) -> Result<Self, RecordsError> {
        connection.busy_timeout(Duration::from_secs(5)).map_err(failed("be opened"))?;
        for (name, value) in [("journal_mode", "WAL"), ("synchronous", "FULL"), ("foreign_keys", "ON")] {
            connection.pragma_update(None, name, value).map_err(failed("be opened"))?;
        }
        let transaction = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(failed("be opened"))?;
        let version: i64 = transaction
            .pragma_query_value(None, "user_version", |row| row.get(0))
            .map_err(failed("be read"))?;
        match version {
            VERSION => {}
            0 => {
                transaction.execute_batch(SCHEMA).map_err(failed("make its tables"))?;
                transaction
                    .pragma_update(None, "application_id", APPLICATION)
                    .map_err(failed("make its tables"))?;
                transaction
                    .pragma_update(None, "user_version", VERSION)
                    .map_err(failed("make its tables"))?;
            }
            other => {
                return Err(RecordsError::Database {
                    doing: "be read",
                    source: format!("its version is {other}, this program reads {VERSION}").into(),
                });
            }
        }
        transaction.commit().map_err(failed("make its tables"))?;
        Ok(Self { connection: Mutex::new(connection) })
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        // A panic elsewhere leaves no half transaction: SQLite rolls it back when it is dropped.
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn read(connection: &Connection, kind: &str, id: &str) -> rusqlite::Result<Option<Record>> {
    let found = connection
        .prepare_cached("SELECT version, body FROM documents WHERE kind = ?1 AND id = ?2")?
        .query_row([kind, id], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?)))
        .optional()?;
    let Some((version, body)) = found else { return Ok(None) };
    let keys = connection
        .prepare_cached("SELECT word, value FROM words WHERE kind = ?1 AND id = ?2 ORDER BY word, value")?
        .query_map([kind, id], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    let version = u64::try_from(version).unwrap_or_default();
    Ok(Some(Record { kind: kind.to_owned(), id: id.to_owned(), version, body, keys }))
}

impl Records for SqliteRecords {
    fn get(&self, kind: &str, id: &str) -> Result<Option<Record>, RecordsError> {
        read(&self.connection(), kind, id).map_err(failed("read a document"))
    }

    fn find(
        &self,
        kind: &str,
        key: &str,
        value: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Record>, RecordsError> {
        let connection = self.connection();
        let limit = i64::try_from(limit.min(MAX_FOUND)).unwrap_or(0);
        let find = || {
            let ids: Vec<String> = connection
                .prepare_cached(
                    "SELECT id FROM words WHERE kind = ?1 AND word = ?2 AND value = ?3 AND id > ?4
                     ORDER BY id LIMIT ?5",
                )?
                .query_map(params![kind, key, value, after.unwrap_or(""), limit], |row| row.get(0))?
                .collect::<rusqlite::Result<_>>()?;
            ids.iter()
                .filter_map(|id| read(&connection, kind, id).transpose())
                .collect::<rusqlite::Result<Vec<_>>>()
        };
        find().map_err(failed("find documents"))
    }

    fn write(&self, changes: &[Change]) -> Result<(), RecordsError> {
        let mut connection = self.connection();
        let transaction = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(failed("begin to write"))?;
        for change in changes {
            let (kind, id, version) = match change {
                Change::Put(record) => (&record.kind, &record.id, record.version),
                Change::Remove { kind, id, version } => (kind, id, *version),
            };
            let seen = i64::try_from(version).unwrap_or(-1);
            let changed = match change {
                Change::Put(record) if record.body.len() > MAX_BODY => {
                    return Err(RecordsError::TooLarge { kind: kind.clone(), id: id.clone() });
                }
                Change::Put(record) if version == 0 => transaction.execute(
                    "INSERT INTO documents (kind, id, version, body) VALUES (?1, ?2, 1, ?3) ON CONFLICT DO NOTHING",
                    params![kind, id, record.body],
                ),
                Change::Put(record) => transaction.execute(
                    "UPDATE documents SET version = version + 1, body = ?4 WHERE kind = ?1 AND id = ?2 AND version = ?3",
                    params![kind, id, seen, record.body],
                ),
                Change::Remove { .. } => transaction.execute(
                    "DELETE FROM documents WHERE kind = ?1 AND id = ?2 AND version = ?3",
                    params![kind, id, seen],
                ),
            }
            .map_err(failed("write a document"))?;
            if changed != 1 {
                return Err(RecordsError::Conflict { kind: kind.clone(), id: id.clone() });
            }
            if let Change::Put(record) = change {
                transaction
                    .execute("DELETE FROM words WHERE kind = ?1 AND id = ?2", [kind, id])
                    .map_err(failed("write a document"))?;
                for (word, value) in &record.keys {
                    transaction
                        .execute(
                            "INSERT OR IGNORE INTO words (kind, word, value, id) VALUES (?1, ?2, ?3, ?4)",
                            [kind, word, value, id],
                        )
                        .map_err(failed("write a document"))?;
                }
            }
        }
        transaction.commit().map_err(failed("write documents"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(id: &str, version: u64, body: &str, keys: &[(&str, &str)]) -> Record {
        let keys = keys.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        Record { kind: "draft".into(), id: id.into(), version, body: body.into(), keys }
    }

    #[test]
    fn a_document_is_written_only_by_who_saw_its_last_version() {
        let records = SqliteRecords::in_memory().unwrap();
        records.write(&[Change::Put(record("a", 0, "one", &[("of", "x")]))]).unwrap();
        assert!(matches!(
            records.write(&[Change::Put(record("a", 0, "again", &[]))]),
            Err(RecordsError::Conflict { .. })
        ));
        records.write(&[Change::Put(record("a", 1, "two", &[("of", "y")]))]).unwrap();
        let stale = records
            .write(&[Change::Put(record("b", 0, "beside", &[])), Change::Put(record("a", 1, "stale", &[]))]);
        assert!(matches!(stale, Err(RecordsError::Conflict { .. })));
        assert_eq!(records.get("draft", "b").unwrap(), None, "all or nothing");
        let found = records.get("draft", "a").unwrap().unwrap();
        assert_eq!((found.version, found.body.as_slice()), (2, &b"two"[..]));
        assert!(
            records.find("draft", "of", "x", None, 9).unwrap().is_empty(),
            "found by its last words only"
        );
        records.write(&[Change::Remove { kind: "draft".into(), id: "a".into(), version: 2 }]).unwrap();
        assert_eq!(records.find("draft", "of", "y", None, 9).unwrap(), []);
    }

    #[test]
    fn documents_are_listed_by_name_in_pages_and_outlive_the_process() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("desk.sqlite");
        let records = SqliteRecords::open(&path).unwrap();
        for id in ["c", "a", "b"] {
            records.write(&[Change::Put(record(id, 0, id, &[("of", "x")]))]).unwrap();
        }
        drop(records);
        let records = SqliteRecords::open(&path).unwrap();
        let names = |after, limit| -> Vec<String> {
            records.find("draft", "of", "x", after, limit).unwrap().into_iter().map(|r| r.id).collect()
        };
        assert_eq!(names(None, 2), ["a", "b"]);
        assert_eq!(names(Some("b"), 2), ["c"]);
    }
}
