//! Documents in a PostgreSQL, which several servers may share: the node's own.

use std::cell::Cell;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use ::postgres::{Address, Connection, Failure, Found, Session, Tables};
use tokio_postgres::types::Type;
use tokio_postgres::{Error, Row};

use super::{Change, MAX_FOUND, Name, Record, Records, RecordsError};

/// The tables, beside the node's own. Names of documents are bytes: they are ordered as SQLite orders them.
const TABLES: Tables = Tables {
    versions: "desk_schema",
    migrations: &["
        CREATE TABLE desk_documents (
            kind text COLLATE \"C\" NOT NULL,
            id bytea NOT NULL,
            version bigint NOT NULL CHECK (version > 0),
            body bytea NOT NULL,
            PRIMARY KEY (kind, id)
        );
        CREATE TABLE desk_words (
            kind text COLLATE \"C\" NOT NULL,
            word text COLLATE \"C\" NOT NULL,
            value bytea NOT NULL,
            id bytea NOT NULL,
            PRIMARY KEY (kind, word, value, id),
            FOREIGN KEY (kind, id) REFERENCES desk_documents (kind, id) ON DELETE CASCADE
        );
        CREATE INDEX desk_words_of ON desk_words (kind, id);
        CREATE TABLE desk_writes (
            id bytea PRIMARY KEY CHECK (length(id) = 16),
            at timestamptz NOT NULL DEFAULT now()
        );
        CREATE INDEX desk_writes_at ON desk_writes (at);
    "],
};

/// The most connections of one server: whoever comes when all are in use waits.
const MAX_CONNECTIONS: usize = 4;

/// How long a write is tried again while the database is away, or somebody holds what it needs.
const PATIENCE: Duration = Duration::from_secs(10);

/// The pause between attempts: the first, and the longest.
const PAUSE: (Duration, Duration) = (Duration::from_millis(20), Duration::from_millis(640));

/// A few connections to the desk's tables.
#[derive(Debug)]
pub struct PostgresRecords {
    address: Address,
    idle: Mutex<Idle>,
    returned: Condvar,
}

#[derive(Debug)]
struct Idle {
    connections: Vec<Connection>,
    lent: usize,
}

/// A connection that goes back when it is dropped.
struct Lent<'r> {
    records: &'r PostgresRecords,
    connection: Option<Connection>,
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        let mut idle = self.records.idle();
        idle.lent -= 1;
        idle.connections.extend(self.connection.take());
        self.records.returned.notify_one();
    }
}

fn failed(doing: &'static str) -> impl Fn(Failure) -> RecordsError {
    move |failure| RecordsError::Database { doing, source: failure.into() }
}

impl PostgresRecords {
    /// Opens the desk's tables, makes them where there are none, and brings them to the newest version.
    pub fn open(address: &Address) -> Result<Self, RecordsError> {
        let connection = Connection::open(address).map_err(failed("be opened"))?;
        if let Found::Newer { version, known } =
            TABLES.make(&connection).map_err(failed("make its tables"))?
        {
            return Err(RecordsError::Database {
                doing: "be read",
                source: format!(
                    "its tables are in version {version}, this build knows {known}: use the newer Kanae that made them"
                )
                .into(),
            });
        }
        let idle = Mutex::new(Idle { connections: vec![connection], lent: 0 });
        Ok(Self { address: address.clone(), idle, returned: Condvar::new() })
    }

    fn idle(&self) -> MutexGuard<'_, Idle> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Works with a connection that nobody else uses meanwhile.
    fn with<T>(&self, work: impl FnOnce(&Connection) -> Result<T, Failure>) -> Result<T, Failure> {
        let mut idle = self.idle();
        while idle.lent >= MAX_CONNECTIONS {
            idle = self.returned.wait(idle).unwrap_or_else(PoisonError::into_inner);
        }
        idle.lent += 1;
        let mut lent = Lent { records: self, connection: idle.connections.pop() };
        drop(idle);
        let connection = match lent.connection.take() {
            Some(connection) => connection,
            None => Connection::open(&self.address)?,
        };
        work(lent.connection.insert(connection))
    }

    fn read<T>(
        &self,
        doing: &'static str,
        work: impl AsyncFn(&Session) -> Result<T, Error>,
    ) -> Result<T, RecordsError> {
        self.with(|connection| connection.repeat(work)).map_err(failed(doing))
    }
}

/// Makes all changes in one transaction, or none and returns the one whose document somebody else changed. `name` is the write's own: an earlier attempt whose end nobody told us
/// has left it behind, if it went through. `sent` is set once the transaction may be committed.
async fn try_write<'c>(
    session: &Session,
    changes: &'c [Change],
    name: &[u8; 16],
    sent: &Cell<bool>,
) -> Result<Option<&'c Change>, Error> {
    session.batch_execute("BEGIN ISOLATION LEVEL READ COMMITTED").await?;
    // Where an attempt of ours is still under way over there, this waits until it has ended either way.
    let named = "INSERT INTO desk_writes (id) VALUES ($1) ON CONFLICT DO NOTHING";
    if session.execute_typed(named, &[(&&name[..], Type::BYTEA)]).await? == 0 {
        session.batch_execute("ROLLBACK").await?;
        return Ok(None);
    }
    // In one order everywhere: of two who write the same documents, one waits, and never both.
    let mut ordered: Vec<&Change> = changes.iter().collect();
    ordered.sort_by(|a, b| (a.of().0, a.of().1).cmp(&(b.of().0, b.of().1)));
    for change in ordered {
        if make(session, change).await? != 1 {
            session.batch_execute("ROLLBACK").await?;
            return Ok(Some(change));
        }
    }
    if name[0] == 0 {
        // Nobody waits a day for an answer.
        session.batch_execute("DELETE FROM desk_writes WHERE at < now() - interval '1 day'").await?;
    }
    sent.set(true);
    session.batch_execute("COMMIT").await?;
    Ok(None)
}

/// Makes one change; returns how many documents had the version that it needs.
async fn make(session: &Session, change: &Change) -> Result<u64, Error> {
    let (kind, id, version) = change.of();
    let (id, seen) = (id.as_bytes(), i64::try_from(version).unwrap_or(i64::MAX));
    let Change::Put(record) = change else {
        let delete = "DELETE FROM desk_documents WHERE kind = $1 AND id = $2 AND version = $3";
        return session
            .execute_typed(delete, &[(&kind, Type::TEXT), (&id, Type::BYTEA), (&seen, Type::INT8)])
            .await;
    };
    let written = if version == 0 {
        let insert = "INSERT INTO desk_documents (kind, id, version, body) VALUES ($1, $2, 1, $3)
                      ON CONFLICT DO NOTHING";
        let values: Values<'_> = &[(&kind, Type::TEXT), (&id, Type::BYTEA), (&record.body, Type::BYTEA)];
        session.execute_typed(insert, values).await?
    } else {
        let update = "UPDATE desk_documents SET version = version + 1, body = $4
                      WHERE kind = $1 AND id = $2 AND version = $3";
        let values: Values<'_> =
            &[(&kind, Type::TEXT), (&id, Type::BYTEA), (&seen, Type::INT8), (&record.body, Type::BYTEA)];
        session.execute_typed(update, values).await?
    };
    if written == 1 {
        find_by(session, record, version > 0).await?;
    }
    Ok(written)
}

/// Lets a document be found by its words, and by no others.
async fn find_by(session: &Session, record: &Record, known: bool) -> Result<(), Error> {
    let (kind, id) = (&record.kind, record.id.as_bytes());
    if known {
        let delete = "DELETE FROM desk_words WHERE kind = $1 AND id = $2";
        session.execute_typed(delete, &[(kind, Type::TEXT), (&id, Type::BYTEA)]).await?;
    }
    if !record.keys.is_empty() {
        let words: Vec<&str> = record.keys.iter().map(|(word, _)| word.as_str()).collect();
        let values: Vec<&[u8]> = record.keys.iter().map(|(_, value)| value.as_bytes()).collect();
        let insert = "INSERT INTO desk_words (kind, word, value, id)
                      SELECT $1, word, value, $2 FROM unnest($3, $4) AS keys (word, value)
                      ON CONFLICT DO NOTHING";
        let values: Values<'_> = &[
            (kind, Type::TEXT),
            (&id, Type::BYTEA),
            (&words, Type::TEXT_ARRAY),
            (&values, Type::BYTEA_ARRAY),
        ];
        session.execute_typed(insert, values).await?;
    }
    Ok(())
}

/// Values for the places in a statement, with their types.
type Values<'v> = &'v [(&'v (dyn tokio_postgres::types::ToSql + Sync), Type)];

/// What is read of a document `d`, its words in their order.
const DOCUMENT: &str = "d.id, d.version, d.body,
    ARRAY(SELECT k.word FROM desk_words k WHERE k.kind = d.kind AND k.id = d.id ORDER BY k.word, k.value),
    ARRAY(SELECT k.value FROM desk_words k WHERE k.kind = d.kind AND k.id = d.id ORDER BY k.word, k.value)";

fn record(kind: &str, row: &Row) -> Result<Record, Error> {
    let words: Vec<String> = row.try_get(3)?;
    let values: Vec<&[u8]> = row.try_get(4)?;
    Ok(Record {
        kind: kind.to_owned(),
        id: text(row.try_get(0)?),
        version: row.try_get::<_, i64>(1)?.cast_unsigned(),
        body: row.try_get(2)?,
        keys: words.into_iter().zip(values.into_iter().map(text)).collect(),
    })
}

/// Names and words are written as UTF-8, here only.
fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

impl Records for PostgresRecords {
    fn get(&self, kind: &str, id: &str) -> Result<Option<Record>, RecordsError> {
        self.read("read a document", async |session| {
            let sql = format!("SELECT {DOCUMENT} FROM desk_documents d WHERE d.kind = $1 AND d.id = $2");
            let rows =
                session.query_typed(&sql, &[(&kind, Type::TEXT), (&id.as_bytes(), Type::BYTEA)]).await?;
            rows.first().map(|row| record(kind, row)).transpose()
        })
    }

    fn find(
        &self,
        kind: &str,
        key: &str,
        value: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Record>, RecordsError> {
        let limit = i64::try_from(limit.min(MAX_FOUND)).unwrap_or(0);
        self.read("find documents", async |session| {
            let sql = format!(
                "SELECT {DOCUMENT} FROM desk_words w JOIN desk_documents d ON d.kind = w.kind AND d.id = w.id
                 WHERE w.kind = $1 AND w.word = $2 AND w.value = $3 AND w.id > $4 ORDER BY w.id LIMIT $5"
            );
            let values: Values<'_> = &[
                (&kind, Type::TEXT),
                (&key, Type::TEXT),
                (&value.as_bytes(), Type::BYTEA),
                (&after.unwrap_or_default().as_bytes(), Type::BYTEA),
                (&limit, Type::INT8),
            ];
            session.query_typed(&sql, values).await?.iter().map(|row| record(kind, row)).collect()
        })
    }

    fn write(&self, changes: &[Change]) -> Result<(), RecordsError> {
        for change in changes {
            change.check_size()?;
        }
        let doing = "write documents";
        let mut name = [0; 16];
        getrandom::fill(&mut name)
            .map_err(|error| RecordsError::Database { doing, source: error.to_string().into() })?;
        let deadline = Instant::now() + PATIENCE;
        let (mut pause, mut in_doubt) = (PAUSE.0, false);
        loop {
            let sent = Cell::new(false);
            let attempt = self.with(|connection| {
                connection.attempt(async |session| try_write(session, changes, &name, &sent).await)
            });
            let failure = match attempt {
                Ok(None) => return Ok(()),
                Ok(Some(change)) => return Err(change.conflict()),
                Err(failure) => failure,
            };
            in_doubt |= sent.get() && matches!(failure, Failure::Lost(_));
            let passing = matches!(failure, Failure::Lost(_) | Failure::Refused { passing: true, .. });
            if !passing || Instant::now() >= deadline {
                let doing = if in_doubt { "say whether documents were written" } else { doing };
                return Err(failed(doing)(failure));
            }
            std::thread::sleep(pause);
            pause = (pause * 2).min(PAUSE.1);
        }
    }
}

impl PostgresRecords {
    /// Returns name and version of the documents behind one, in the order of their names.
    pub(super) fn names(&self, after: &Name, limit: usize) -> Result<Vec<(Name, u64)>, RecordsError> {
        let limit = i64::try_from(limit).unwrap_or(0);
        self.read("list documents", async |session| {
            let sql = "SELECT kind, id, version FROM desk_documents WHERE (kind, id) > ($1, $2)
                       ORDER BY kind, id LIMIT $3";
            let values: Values<'_> =
                &[(&after.0, Type::TEXT), (&after.1.as_bytes(), Type::BYTEA), (&limit, Type::INT8)];
            let rows = session.query_typed(sql, values).await?;
            let name = |row: &Row| {
                Ok(((row.try_get(0)?, text(row.try_get(1)?)), row.try_get::<_, i64>(2)?.cast_unsigned()))
            };
            rows.iter().map(name).collect()
        })
    }

    /// Puts documents with the very versions that they have elsewhere in the place of what is here, and removes
    /// others. May be done twice.
    pub(super) fn replace(&self, documents: &[Record], removed: &[Name]) -> Result<(), RecordsError> {
        self.read("take over documents", async |session| {
            session.batch_execute("BEGIN").await?;
            let delete = "DELETE FROM desk_documents WHERE kind = $1 AND id = $2";
            for (kind, id) in
                removed.iter().map(|(kind, id)| (kind, id)).chain(documents.iter().map(|d| (&d.kind, &d.id)))
            {
                session.execute_typed(delete, &[(kind, Type::TEXT), (&id.as_bytes(), Type::BYTEA)]).await?;
            }
            for record in documents {
                let insert = "INSERT INTO desk_documents (kind, id, version, body) VALUES ($1, $2, $3, $4)";
                let version = i64::try_from(record.version).unwrap_or(i64::MAX);
                let values: Values<'_> = &[
                    (&record.kind, Type::TEXT),
                    (&record.id.as_bytes(), Type::BYTEA),
                    (&version, Type::INT8),
                    (&record.body, Type::BYTEA),
                ];
                session.execute_typed(insert, values).await?;
                find_by(session, record, false).await?;
            }
            session.batch_execute("COMMIT").await
        })
    }
}
