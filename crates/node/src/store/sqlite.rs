//! SQLite: one file beside the log, written ahead and synced at every commit.

use std::collections::BTreeMap;
use std::ops::Range;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::time::Duration;

use evidence::{Digest, Part, Timestamp};
use ledger::{Hash, TreeHead};
use rusqlite::{Connection, OpenFlags, OptionalExtension as _, Row, TransactionBehavior, params};

use super::{
    Commit, CommitError, Standing, Store, StoreError, StoredEntry, StoredPart, StoredToken, Waiting,
};
use crate::access::Scope;
use crate::shelf::Files;

/// The version of the schema below, kept in SQLite's `user_version`.
const VERSION: i64 = 1;

/// Says that the file is a Kanae node's ("KNAE"), in SQLite's `application_id`.
const APPLICATION: i64 = 0x4b4e_4145;

const SCHEMA: &str = "
    CREATE TABLE head (
        id INTEGER PRIMARY KEY CHECK (id = 0),
        size INTEGER NOT NULL CHECK (size >= 0),
        root BLOB NOT NULL CHECK (length(root) = 32)
    ) STRICT;
    CREATE TABLE entries (
        position INTEGER PRIMARY KEY CHECK (position >= 0),
        statement BLOB NOT NULL UNIQUE CHECK (length(statement) = 32),
        leaf BLOB NOT NULL,
        salt BLOB CHECK (length(salt) = 32),
        envelope BLOB NOT NULL,
        time INTEGER NOT NULL,
        arrived_at INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE parts (
        commitment BLOB PRIMARY KEY CHECK (length(commitment) = 32),
        salt BLOB NOT NULL CHECK (length(salt) = 32),
        bytes BLOB NOT NULL,
        public INTEGER NOT NULL CHECK (public IN (0, 1))
    ) STRICT;
    CREATE TABLE blobs (
        folder BLOB NOT NULL CHECK (length(folder) = 32),
        path TEXT NOT NULL,
        bytes BLOB NOT NULL,
        PRIMARY KEY (folder, path)
    ) STRICT;
    CREATE TABLE intake (
        statement BLOB PRIMARY KEY CHECK (length(statement) = 32),
        envelope BLOB NOT NULL,
        arrived_at INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE intake_parts (
        statement BLOB NOT NULL REFERENCES intake (statement) ON DELETE CASCADE,
        position INTEGER NOT NULL,
        salt BLOB NOT NULL CHECK (length(salt) = 32),
        bytes BLOB NOT NULL,
        PRIMARY KEY (statement, position)
    ) STRICT;
    CREATE TABLE tokens (
        hash BLOB PRIMARY KEY CHECK (length(hash) = 32),
        scope TEXT NOT NULL CHECK (scope IN ('admin', 'submit')),
        organisation TEXT,
        label TEXT NOT NULL,
        created_at INTEGER NOT NULL
    ) STRICT;
";

/// A connection to the node's database.
pub(crate) struct SqliteStore {
    connection: Connection,
}

impl SqliteStore {
    /// Makes a new database with an empty log.
    pub(crate) fn create(path: &Path) -> Result<Self, StoreError> {
        // It holds restricted statements: the owner's only. SQLite gives the files beside it the
        // same mode.
        std::fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)
            .map_err(|error| StoreError { doing: "be made", source: error.to_string().into() })?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut store = Self::connect(path, flags)?;
        let make = |connection: &mut Connection| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            transaction.execute_batch(SCHEMA)?;
            transaction
                .execute("INSERT INTO head (id, size, root) VALUES (0, 0, ?1)", [&TreeHead::EMPTY.root.0])?;
            transaction.pragma_update(None, "application_id", APPLICATION)?;
            transaction.pragma_update(None, "user_version", VERSION)?;
            transaction.commit()
        };
        make(&mut store.connection).map_err(failed("make its tables"))?;
        Ok(store)
    }

    /// Opens a database that is there.
    pub(crate) fn open(path: &Path) -> Result<Self, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        Self::connect(path, flags)?.known(path)
    }

    /// Opens a database that is not to be changed, such as a copy.
    pub(crate) fn open_to_read(path: &Path) -> Result<Self, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags).map_err(failed("be opened"))?;
        Self { connection }.known(path)
    }

    /// Refuses a database of another application or version.
    fn known(self, path: &Path) -> Result<Self, StoreError> {
        let store = self;
        let pragma = |name| {
            store
                .connection
                .pragma_query_value(None, name, |row| row.get::<_, i64>(0))
                .map_err(failed("be read"))
        };
        let (application, version) = (pragma("application_id")?, pragma("user_version")?);
        if application != APPLICATION || version != VERSION {
            return Err(StoreError {
                doing: "be opened",
                source: format!(
                    "{} is of application {application:#x} in version {version}; this build reads \
                     {APPLICATION:#x} in version {VERSION}",
                    path.display()
                )
                .into(),
            });
        }
        Ok(store)
    }

    fn connect(path: &Path, flags: OpenFlags) -> Result<Self, StoreError> {
        let connect = || {
            let connection = Connection::open_with_flags(path, flags)?;
            connection.busy_timeout(Duration::from_secs(5))?;
            connection.pragma_update(None, "journal_mode", "WAL")?;
            connection.pragma_update(None, "synchronous", "FULL")?;
            connection.pragma_update(None, "foreign_keys", true)?;
            // What is erased is overwritten, not only unlinked.
            connection.pragma_update(None, "secure_delete", true)?;
            Ok(connection)
        };
        connect().map(|connection| Self { connection }).map_err(failed("be opened"))
    }

    fn try_commit(&mut self, commit: &Commit) -> rusqlite::Result<Result<(), u64>> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let swapped = transaction
            .prepare_cached("UPDATE head SET size = ?1, root = ?2 WHERE id = 0 AND size = ?3 AND root = ?4")?
            .execute(params![
                integer(commit.head.size)?,
                commit.head.root.0,
                integer(commit.expected.head.size)?,
                commit.expected.head.root.0
            ])?;
        if swapped != 1 {
            let found: i64 =
                transaction.query_row("SELECT size FROM head WHERE id = 0", [], |row| row.get(0))?;
            return Ok(Err(found.cast_unsigned()));
        }
        write(&transaction, commit)?;
        transaction.commit()?;
        Ok(Ok(()))
    }
}

fn write(transaction: &Connection, commit: &Commit) -> rusqlite::Result<()> {
    let mut insert = transaction.prepare_cached(
        "INSERT INTO entries (position, statement, leaf, salt, envelope, time, arrived_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    for entry in &commit.entries {
        insert.execute(params![
            integer(entry.index)?,
            entry.statement.as_bytes(),
            entry.leaf,
            entry.salt,
            entry.envelope,
            entry.time.as_millis(),
            entry.arrived_at.as_millis()
        ])?;
    }
    // The same content may hang on a restricted and on a public statement: then it is public.
    let mut insert = transaction.prepare_cached(
        "INSERT INTO parts (commitment, salt, bytes, public) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (commitment) DO UPDATE SET public = max(public, excluded.public)",
    )?;
    for (commitment, StoredPart { part, public }) in &commit.parts {
        insert.execute(params![commitment.as_bytes(), part.salt, part.bytes, public])?;
    }
    let mut delete = transaction.prepare_cached("DELETE FROM parts WHERE commitment = ?1")?;
    for commitment in &commit.erased {
        delete.execute([commitment.as_bytes()])?;
    }
    let mut insert = transaction
        .prepare_cached("INSERT OR IGNORE INTO blobs (folder, path, bytes) VALUES (?1, ?2, ?3)")?;
    for (folder, files) in &commit.blobs {
        for (path, bytes) in files {
            insert.execute(params![folder.as_bytes(), path, bytes])?;
        }
    }
    let mut insert = transaction
        .prepare_cached("INSERT INTO intake (statement, envelope, arrived_at) VALUES (?1, ?2, ?3)")?;
    let mut insert_part = transaction.prepare_cached(
        "INSERT INTO intake_parts (statement, position, salt, bytes) VALUES (?1, ?2, ?3, ?4)",
    )?;
    for waiting in &commit.arrived {
        let statement = waiting.statement.as_bytes();
        insert.execute(params![statement, waiting.envelope, waiting.arrived_at.as_millis()])?;
        for (position, part) in (0_i64..).zip(&waiting.parts) {
            insert_part.execute(params![statement, position, part.salt, part.bytes])?;
        }
    }
    let mut delete = transaction.prepare_cached("DELETE FROM intake WHERE statement = ?1")?;
    for statement in &commit.left {
        delete.execute([statement.as_bytes()])?;
    }
    Ok(())
}

impl Store for SqliteStore {
    fn standing(&self) -> Result<Standing, StoreError> {
        self.connection
            .query_row("SELECT size, root FROM head WHERE id = 0", [], |row| {
                let head = TreeHead { size: row.get::<_, i64>(0)?.cast_unsigned(), root: Hash(row.get(1)?) };
                // A folder has one writer, which knows what it did: nothing else needs counting.
                Ok(Standing { head, ..Standing::EMPTY })
            })
            .map_err(failed("read its head"))
    }

    fn commit(&mut self, commit: &Commit) -> Result<Standing, CommitError> {
        match self.try_commit(commit).map_err(failed("record a batch"))? {
            Ok(()) => Ok(Standing { head: commit.head, ..commit.expected }),
            Err(found) => Err(CommitError::Conflict { expected: commit.expected.head.size, found }),
        }
    }

    fn entries(&self, range: Range<u64>) -> Result<Vec<StoredEntry>, StoreError> {
        let read = || -> rusqlite::Result<_> {
            self.connection
                .prepare_cached(
                    "SELECT position, statement, leaf, salt, envelope, time, arrived_at FROM entries
                     WHERE position >= ?1 AND position < ?2 ORDER BY position",
                )?
                .query_map([integer(range.start)?, integer(range.end)?], entry)?
                .collect::<Result<Vec<_>, _>>()
        };
        read().map_err(failed("read entries"))
    }

    fn entry(&self, statement: &Digest) -> Result<Option<StoredEntry>, StoreError> {
        let read = || -> rusqlite::Result<_> {
            self.connection
                .prepare_cached(
                    "SELECT position, statement, leaf, salt, envelope, time, arrived_at FROM entries
                     WHERE statement = ?1",
                )?
                .query_row([statement.as_bytes()], entry)
                .optional()
        };
        read().map_err(failed("read an entry"))
    }

    fn part(&self, commitment: &Digest) -> Result<Option<StoredPart>, StoreError> {
        let read = || -> rusqlite::Result<_> {
            self.connection
                .prepare_cached("SELECT salt, bytes, public FROM parts WHERE commitment = ?1")?
                .query_row([commitment.as_bytes()], |row| {
                    let part = Part { salt: row.get(0)?, bytes: row.get(1)? };
                    Ok(StoredPart { part, public: row.get(2)? })
                })
                .optional()
        };
        read().map_err(failed("read an attachment"))
    }

    fn commitments(&self) -> Result<Vec<Digest>, StoreError> {
        let read = || -> rusqlite::Result<_> {
            self.connection
                .prepare("SELECT commitment FROM parts ORDER BY commitment")?
                .query_map([], |row| row.get(0).map(Digest::from_bytes))?
                .collect::<Result<Vec<_>, _>>()
        };
        read().map_err(failed("list its attachments"))
    }

    fn blobs(&self) -> Result<BTreeMap<Digest, Files>, StoreError> {
        let read = || -> rusqlite::Result<_> {
            let mut statement = self.connection.prepare("SELECT folder, path, bytes FROM blobs")?;
            let mut rows = statement.query([])?;
            let mut folders: BTreeMap<Digest, Files> = BTreeMap::new();
            while let Some(row) = rows.next()? {
                let folder = folders.entry(Digest::from_bytes(row.get(0)?)).or_default();
                folder.insert(row.get(1)?, row.get(2)?);
            }
            Ok(folders)
        };
        read().map_err(failed("read the adopted files"))
    }

    fn waiting(&self) -> Result<Vec<Waiting>, StoreError> {
        let read = || -> rusqlite::Result<_> {
            let mut parts: BTreeMap<[u8; 32], Vec<Part>> = BTreeMap::new();
            let mut statement = self
                .connection
                .prepare("SELECT statement, salt, bytes FROM intake_parts ORDER BY statement, position")?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let part = Part { salt: row.get(1)?, bytes: row.get(2)? };
                parts.entry(row.get(0)?).or_default().push(part);
            }
            self.connection
                .prepare("SELECT statement, envelope, arrived_at FROM intake ORDER BY arrived_at, statement")?
                .query_map([], |row| {
                    let statement: [u8; 32] = row.get(0)?;
                    Ok(Waiting {
                        statement: Digest::from_bytes(statement),
                        envelope: row.get(1)?,
                        parts: parts.remove(&statement).unwrap_or_default(),
                        arrived_at: time(row, 2)?,
                    })
                })?
                .collect::<Result<Vec<_>, _>>()
        };
        read().map_err(failed("read the intake"))
    }

    fn add_token(&mut self, token: &StoredToken) -> Result<(), StoreError> {
        let scope = match token.scope {
            Scope::Admin => "admin",
            Scope::Submit => "submit",
        };
        self.connection
            .execute(
                "INSERT INTO tokens (hash, scope, organisation, label, created_at) VALUES (?1, ?2, ?3, ?4, ?5)",
                params![
                    token.hash.as_bytes(),
                    scope,
                    token.organisation.as_ref().map(evidence::Slug::as_str),
                    token.label,
                    token.created_at.as_millis()
                ],
            )
            .map_err(failed("keep a token"))?;
        Ok(())
    }

    fn tokens(&self) -> Result<Vec<StoredToken>, StoreError> {
        let read = || -> rusqlite::Result<_> {
            self.connection
                .prepare(
                    "SELECT hash, scope, organisation, label, created_at FROM tokens ORDER BY created_at, hash",
                )?
                .query_map([], |row| {
                    let organisation: Option<String> = row.get(2)?;
                    Ok(StoredToken {
                        hash: Digest::from_bytes(row.get(0)?),
                        scope: match row.get_ref(1)?.as_str()? {
                            "admin" => Scope::Admin,
                            _ => Scope::Submit,
                        },
                        organisation: organisation
                            .map(|slug| slug.parse().map_err(|e| unreadable(2, e)))
                            .transpose()?,
                        label: row.get(3)?,
                        created_at: time(row, 4)?,
                    })
                })?
                .collect::<Result<Vec<_>, _>>()
        };
        read().map_err(failed("read the tokens"))
    }
}

fn entry(row: &Row<'_>) -> rusqlite::Result<StoredEntry> {
    Ok(StoredEntry {
        index: row.get::<_, i64>(0)?.cast_unsigned(),
        statement: Digest::from_bytes(row.get(1)?),
        leaf: row.get(2)?,
        salt: row.get(3)?,
        envelope: row.get(4)?,
        time: time(row, 5)?,
        arrived_at: time(row, 6)?,
    })
}

fn time(row: &Row<'_>, column: usize) -> rusqlite::Result<Timestamp> {
    let millis = row.get(column)?;
    Timestamp::from_millis(millis).ok_or(rusqlite::Error::IntegralValueOutOfRange(column, millis))
}

/// SQLite's integers are signed; a log that needs the last bit does not fit this disk.
fn integer(number: u64) -> rusqlite::Result<i64> {
    i64::try_from(number).map_err(|e| rusqlite::Error::ToSqlConversionFailure(e.into()))
}

fn unreadable(column: usize, error: impl std::error::Error + Send + Sync + 'static) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, error.into())
}

fn failed(doing: &'static str) -> impl Fn(rusqlite::Error) -> StoreError {
    move |error| StoreError { doing, source: error.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_owner_can_read_the_database() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kanae.db");
        let _store = SqliteStore::create(&path).unwrap();
        for entry in std::fs::read_dir(folder.path()).unwrap() {
            let entry = entry.unwrap();
            let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
            assert_eq!(mode, 0o600, "{}", entry.path().display());
        }
    }

    #[test]
    fn another_program_s_database_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("other.db");
        Connection::open(&path).unwrap().execute_batch("CREATE TABLE other (x)").unwrap();
        assert!(SqliteStore::open(&path).is_err());
        assert!(SqliteStore::open(&folder.path().join("missing.db")).is_err());
        std::fs::write(folder.path().join("text.db"), "not a database, but long enough to be one").unwrap();
        assert!(SqliteStore::open(&folder.path().join("text.db")).is_err());
    }
}
