//! Documents in one SQLite file beside the node's.

use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior, params};

use super::{Change, MAX_FOUND, Name, Record, Records, RecordsError};

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
            change.check_size()?;
            let (kind, id, version) = change.of();
            let seen = i64::try_from(version).unwrap_or(-1);
            let changed = match change {
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
                return Err(change.conflict());
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

impl SqliteRecords {
    /// Returns name and version of the documents behind one, in the order of their names.
    pub(super) fn names(&self, after: &Name, limit: usize) -> Result<Vec<(Name, u64)>, RecordsError> {
        let connection = self.connection();
        let limit = i64::try_from(limit).unwrap_or(0);
        let names = || {
            connection
                .prepare_cached(
                    "SELECT kind, id, version FROM documents WHERE (kind, id) > (?1, ?2)
                     ORDER BY kind, id LIMIT ?3",
                )?
                .query_map(params![after.0, after.1, limit], |row| {
                    let version = u64::try_from(row.get::<_, i64>(2)?).unwrap_or_default();
                    Ok(((row.get(0)?, row.get(1)?), version))
                })?
                .collect::<rusqlite::Result<Vec<_>>>()
        };
        names().map_err(failed("list documents"))
    }

    /// Keeps everyone else out until this is dropped; fails where somebody is in.
    pub(super) fn hold(&self) -> Result<(), RecordsError> {
        let connection = self.connection();
        // Only who is alone can leave the mode of several writers.
        let alone = connection
            .query_row("PRAGMA journal_mode = DELETE", [], |row| row.get::<_, String>(0))
            .is_ok_and(|mode| mode == "delete");
        if !alone {
            let problem = "a server, or another command, has it open: end it first";
            return Err(RecordsError::Database { doing: "be moved", source: problem.into() });
        }
        connection.execute_batch("BEGIN EXCLUSIVE").map_err(failed("be held"))
    }
}
