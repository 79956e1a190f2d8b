//! PostgreSQL: one database that several servers may share, on one machine or on many.

mod tables;
mod values;

use std::collections::BTreeMap;
use std::ops::Range;
use std::time::{Duration, Instant};

use evidence::{Digest, Part, Timestamp};
use ledger::{Hash, TreeHead};
use postgres::{Address, Connection, Failure, Found, Session};
use tokio_postgres::types::Type;
use tokio_postgres::{Error, Row};

use super::{
    Commit, CommitError, Standing, Store, StoreError, StoredEntry, StoredPart, StoredToken, Waiting,
};
use crate::access::Scope;
use crate::shelf::Files;
use tables::TABLES;
use values::{Bytes32, Millis, Readable};

/// How long a batch is tried again while the database is away, or somebody holds what it needs.
const PATIENCE: Duration = Duration::from_secs(25);

/// The pause between attempts: the first, and the longest.
const PAUSE: (Duration, Duration) = (Duration::from_millis(20), Duration::from_millis(640));

/// The most bytes of rows that one statement carries.
const MAX_ROWS: usize = 8 << 20;

/// The lock by which servers take turns. It belongs to the tables of one node: those of one schema.
const TAKE_TURN: &str = "SELECT pg_advisory_lock(1263419717, hashtext(current_schema()))";
const END_TURN: &str = "SELECT pg_advisory_unlock(1263419717, hashtext(current_schema()))";

const STANDING: &str = "SELECT size, root, revision, tokens, batch FROM head WHERE id = 0";

const ENTRY: &str = "SELECT position, statement, leaf, salt, envelope, time, arrived_at FROM entries";

/// A connection to the node's tables.
pub(crate) struct PostgresStore {
    connection: Connection,
    /// Whether the session holds the lock of turns, as far as it is known here.
    turn: bool,
}

impl PostgresStore {
    /// Makes the tables of a new node. An empty log that an earlier attempt left is taken over; one with
    /// entries in it is not.
    pub(crate) fn create(address: &Address) -> Result<Self, StoreError> {
        let store = Self::make(address)?;
        let found = store.standing()?;
        if found != Standing::EMPTY {
            let problem = format!("{address} already has a log of {} entries", found.head.size);
            return Err(StoreError { doing: "be made", source: problem.into() });
        }
        Ok(store)
    }

    /// Makes the tables of a node where there are none, and looks at nothing that is in them.
    pub(crate) fn make(address: &Address) -> Result<Self, StoreError> {
        let store = Self::connect(address, "be made")?;
        let found = TABLES.make(&store.connection).map_err(failed("make its tables"))?;
        store.usable(found, address)
    }

    /// Opens the tables of a node, and brings them to the newest version.
    pub(crate) fn open(address: &Address) -> Result<Self, StoreError> {
        let store = Self::connect(address, "be opened")?;
        let found = TABLES.migrate(&store.connection).map_err(failed("bring its tables up to date"))?;
        store.usable(found, address)
    }

    fn usable(self, found: Found, address: &Address) -> Result<Self, StoreError> {
        let problem = match found {
            Found::UpToDate => return Ok(self),
            Found::Nothing => {
                format!(
                    "{address} has no tables of a node; `kanae init --database` or `kanae store migrate` makes them"
                )
            }
            Found::Newer { version, known } => format!(
                "its tables are in version {version}, this build knows {known}: use the newer Kanae that made them"
            ),
        };
        Err(StoreError { doing: "be opened", source: problem.into() })
    }

    fn connect(address: &Address, doing: &'static str) -> Result<Self, StoreError> {
        let connection = Connection::open(address).map_err(failed(doing))?;
        Ok(Self { connection, turn: false })
    }

    fn read<T>(
        &self,
        doing: &'static str,
        work: impl AsyncFn(&Session) -> Result<T, Error>,
    ) -> Result<T, StoreError> {
        self.connection.repeat(work).map_err(failed(doing))
    }
}

/// What came of one attempt to commit.
enum Attempt {
    Committed,
    /// Something else stands: this, and who committed it.
    Overtaken {
        found: u64,
        batch: Option<[u8; 16]>,
    },
}

/// Swaps the head and writes the rows, in one transaction. `sent` is set once the transaction may be committed.
async fn try_commit(
    session: &Session,
    commit: &Commit,
    batch: &[u8; 16],
    sent: &std::cell::Cell<bool>,
) -> Result<Attempt, Error> {
    let Commit { expected, head, .. } = commit;
    // One way there and back for both: the second is not sent later than the first.
    let begin = session.batch_execute("BEGIN ISOLATION LEVEL READ COMMITTED");
    // Where another transaction is about to change the head, this waits until it has ended, and then looks
    // again: also for one of our own whose end nobody told us.
    let (size, root, id) = (signed(head.size), &head.root.0[..], &batch[..]);
    let (from, before, revision) =
        (signed(expected.head.size), &expected.head.root.0[..], signed(expected.revision));
    let values: Values<'_> = &[
        (&size, Type::INT8),
        (&root, Type::BYTEA),
        (&id, Type::BYTEA),
        (&from, Type::INT8),
        (&before, Type::BYTEA),
        (&revision, Type::INT8),
    ];
    let swap = session.execute_typed(
        "UPDATE head SET size = $1, root = $2, revision = revision + 1, batch = $3
         WHERE id = 0 AND size = $4 AND root = $5 AND revision = $6",
        values,
    );
    let ((), swapped) = futures::try_join!(begin, swap)?;
    if swapped != 1 {
        let row = session.query_typed_one(STANDING, &[]).await?;
        session.batch_execute("ROLLBACK").await?;
        let batch = row.try_get::<_, Option<&[u8]>>(4)?.and_then(|id| id.try_into().ok());
        return Ok(Attempt::Overtaken { found: row.try_get::<_, i64>(0)?.cast_unsigned(), batch });
    }
    write(session, commit).await?;
    sent.set(true);
    session.batch_execute("COMMIT").await?;
    Ok(Attempt::Committed)
}

async fn write(session: &Session, commit: &Commit) -> Result<(), Error> {
    let sizes = commit.entries.iter().map(|entry| entry.envelope.len() + entry.leaf.len());
    for rows in parts_of(sizes) {
        let rows = &commit.entries[rows];
        let positions: Vec<i64> = rows.iter().map(|entry| signed(entry.index)).collect();
        let statements: Vec<&[u8]> = rows.iter().map(|entry| bytes(&entry.statement)).collect();
        let leaves: Vec<&[u8]> = rows.iter().map(|entry| &entry.leaf[..]).collect();
        let salts: Vec<Option<&[u8]>> =
            rows.iter().map(|entry| entry.salt.as_ref().map(|s| &s[..])).collect();
        let envelopes: Vec<&[u8]> = rows.iter().map(|entry| &entry.envelope[..]).collect();
        let times: Vec<i64> = rows.iter().map(|entry| entry.time.as_millis()).collect();
        let arrivals: Vec<i64> = rows.iter().map(|entry| entry.arrived_at.as_millis()).collect();
        let values: Values<'_> = &[
            (&positions, Type::INT8_ARRAY),
            (&statements, Type::BYTEA_ARRAY),
            (&leaves, Type::BYTEA_ARRAY),
            (&salts, Type::BYTEA_ARRAY),
            (&envelopes, Type::BYTEA_ARRAY),
            (&times, Type::INT8_ARRAY),
            (&arrivals, Type::INT8_ARRAY),
        ];
        let insert = "INSERT INTO entries (position, statement, leaf, salt, envelope, time, arrived_at)
                      SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7)";
        session.execute_typed(insert, values).await?;
    }
    for (commitment, StoredPart { part, public }) in &commit.parts {
        // The same content may hang on a restricted and on a public statement: then it is public.
        let insert = "INSERT INTO parts (commitment, salt, bytes, public) VALUES ($1, $2, $3, $4)
                      ON CONFLICT (commitment) DO UPDATE SET public = parts.public OR excluded.public";
        let (commitment, salt) = (bytes(commitment), &part.salt[..]);
        let values: Values<'_> = &[
            (&commitment, Type::BYTEA),
            (&salt, Type::BYTEA),
            (&part.bytes, Type::BYTEA),
            (public, Type::BOOL),
        ];
        session.execute_typed(insert, values).await?;
    }
    if !commit.erased.is_empty() {
        let erased: Vec<&[u8]> = commit.erased.iter().map(bytes).collect();
        let delete = "DELETE FROM parts WHERE commitment = ANY ($1)";
        session.execute_typed(delete, &[(&erased, Type::BYTEA_ARRAY)]).await?;
    }
    for (folder, files) in &commit.blobs {
        let folder = bytes(folder);
        for (path, content) in files {
            let insert = "INSERT INTO blobs (folder, path, bytes) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
            let values: Values<'_> = &[(&folder, Type::BYTEA), (path, Type::TEXT), (content, Type::BYTEA)];
            session.execute_typed(insert, values).await?;
        }
    }
    for waiting in &commit.arrived {
        let (statement, arrived_at) = (bytes(&waiting.statement), waiting.arrived_at.as_millis());
        let insert = "INSERT INTO intake (statement, envelope, arrived_at) VALUES ($1, $2, $3)";
        let values: Values<'_> =
            &[(&statement, Type::BYTEA), (&waiting.envelope, Type::BYTEA), (&arrived_at, Type::INT8)];
        session.execute_typed(insert, values).await?;
        for (position, part) in (0_i64..).zip(&waiting.parts) {
            let insert =
                "INSERT INTO intake_parts (statement, position, salt, bytes) VALUES ($1, $2, $3, $4)";
            let salt = &part.salt[..];
            let values: Values<'_> = &[
                (&statement, Type::BYTEA),
                (&position, Type::INT8),
                (&salt, Type::BYTEA),
                (&part.bytes, Type::BYTEA),
            ];
            session.execute_typed(insert, values).await?;
        }
    }
    if !commit.left.is_empty() {
        let left: Vec<&[u8]> = commit.left.iter().map(bytes).collect();
        let delete = "DELETE FROM intake WHERE statement = ANY ($1)";
        session.execute_typed(delete, &[(&left, Type::BYTEA_ARRAY)]).await?;
    }
    Ok(())
}

/// Values for the places in a statement, with their types.
type Values<'v> = &'v [(&'v (dyn tokio_postgres::types::ToSql + Sync), Type)];

fn bytes(digest: &Digest) -> &[u8] {
    &digest.as_bytes()[..]
}

/// Parts rows so that one statement carries no more than a bound, or a single row.
fn parts_of(sizes: impl Iterator<Item = usize>) -> Vec<Range<usize>> {
    let mut parts: Vec<Range<usize>> = Vec::new();
    let mut bytes = 0;
    for (row, size) in sizes.enumerate() {
        match parts.last_mut() {
            Some(part) if bytes + size <= MAX_ROWS => {
                part.end = row + 1;
                bytes += size;
            }
            _ => {
                parts.push(row..row + 1);
                bytes = size;
            }
        }
    }
    parts
}

impl Store for PostgresStore {
    fn standing(&self) -> Result<Standing, StoreError> {
        self.read("read its head", async |session| standing(&session.query_typed_one(STANDING, &[]).await?))
    }

    fn take_turn(&mut self) -> Result<Standing, StoreError> {
        let deadline = Instant::now() + PATIENCE;
        let mut pause = PAUSE.0;
        loop {
            let taken = self.connection.attempt(async |session| {
                // The second is looked at only after the first: it sees what stood when the turn came.
                let turn = session.query_typed_one(TAKE_TURN, &[]);
                let (_, row) = futures::try_join!(turn, session.query_typed_one(STANDING, &[]))?;
                standing(&row)
            });
            match taken {
                Ok(standing) => {
                    self.turn = true;
                    return Ok(standing);
                }
                // Somebody works for very long, or has gone silent. The head decides all the same.
                Err(Failure::Refused { passing: true, .. }) => return self.standing(),
                Err(Failure::Lost(_)) if Instant::now() < deadline => wait(&mut pause),
                Err(failure) => return Err(failed("read its head")(failure)),
            }
        }
    }

    fn end_turn(&mut self) {
        if std::mem::take(&mut self.turn) {
            // Where the session was lost, the database has ended the turn already.
            let ended = self.connection.attempt(async |session| session.query_typed_one(END_TURN, &[]).await);
            if let Err(error) = ended {
                tracing::debug!(%error, "a turn ended with its connection");
            }
        }
    }

    fn commit(&mut self, commit: &Commit) -> Result<Standing, CommitError> {
        let mut batch = [0; 16];
        getrandom::fill(&mut batch)
            .map_err(|error| StoreError { doing: "record a batch", source: error.to_string().into() })?;
        let committed = Standing {
            head: commit.head,
            revision: commit.expected.revision + 1,
            tokens: commit.expected.tokens,
        };
        let deadline = Instant::now() + PATIENCE;
        let (mut pause, mut in_doubt) = (PAUSE.0, false);
        loop {
            let sent = std::cell::Cell::new(false);
            let attempt =
                self.connection.attempt(async |session| try_commit(session, commit, &batch, &sent).await);
            match attempt {
                Ok(Attempt::Committed) => return Ok(committed),
                // The head itself says who moved it: an attempt whose end we were not told.
                Ok(Attempt::Overtaken { batch: Some(by), .. }) if by == batch => return Ok(committed),
                Ok(Attempt::Overtaken { found, .. }) => {
                    // Also where our attempt went through and others have gone on since: whoever judges again
                    // finds the statements recorded.
                    return Err(CommitError::Conflict { expected: commit.expected.head.size, found });
                }
                Err(failure) => {
                    // A database that answers has undone the transaction, unless it lost the connection first.
                    in_doubt |= sent.get() && matches!(failure, Failure::Lost(_));
                    let passing =
                        matches!(failure, Failure::Lost(_) | Failure::Refused { passing: true, .. });
                    if passing && Instant::now() < deadline {
                        tracing::warn!(error = %failure, in_doubt, "a batch is tried again");
                        wait(&mut pause);
                        continue;
                    }
                    let error = failed("record a batch")(failure);
                    return Err(if in_doubt {
                        CommitError::Unknown(error)
                    } else {
                        CommitError::Store(error)
                    });
                }
            }
        }
    }

    fn entries(&self, range: Range<u64>) -> Result<Vec<StoredEntry>, StoreError> {
        self.read("read entries", async |session| {
            let sql = format!("{ENTRY} WHERE position >= $1 AND position < $2 ORDER BY position");
            let (start, end) = (signed(range.start), signed(range.end));
            let rows = session.query_typed(&sql, &[(&start, Type::INT8), (&end, Type::INT8)]).await?;
            rows.iter().map(entry).collect()
        })
    }

    fn entry(&self, statement: &Digest) -> Result<Option<StoredEntry>, StoreError> {
        self.read("read an entry", async |session| {
            let sql = format!("{ENTRY} WHERE statement = $1");
            let rows = session.query_typed(&sql, &[(&bytes(statement), Type::BYTEA)]).await?;
            rows.first().map(entry).transpose()
        })
    }

    fn part(&self, commitment: &Digest) -> Result<Option<StoredPart>, StoreError> {
        self.read("read an attachment", async |session| {
            let sql = "SELECT salt, bytes, public FROM parts WHERE commitment = $1";
            let rows = session.query_typed(sql, &[(&bytes(commitment), Type::BYTEA)]).await?;
            let part = |row: &Row| {
                let part = Part { salt: row.try_get::<_, Bytes32>(0)?.0, bytes: row.try_get(1)? };
                Ok(StoredPart { part, public: row.try_get(2)? })
            };
            rows.first().map(part).transpose()
        })
    }

    fn commitments(&self) -> Result<Vec<Digest>, StoreError> {
        self.read("list its attachments", async |session| {
            let rows = session.query_typed("SELECT commitment FROM parts ORDER BY commitment", &[]).await?;
            rows.iter().map(|row| digest(row, 0)).collect()
        })
    }

    fn blobs(&self) -> Result<BTreeMap<Digest, Files>, StoreError> {
        self.read("read the adopted files", async |session| {
            let mut folders: BTreeMap<Digest, Files> = BTreeMap::new();
            for row in session.query_typed("SELECT folder, path, bytes FROM blobs", &[]).await? {
                folders.entry(digest(&row, 0)?).or_default().insert(row.try_get(1)?, row.try_get(2)?);
            }
            Ok(folders)
        })
    }

    fn waiting(&self) -> Result<Vec<Waiting>, StoreError> {
        self.read("read the intake", async |session| {
            // One statement, one snapshot: a registration never comes without its attachments.
            let sql = "SELECT w.statement, w.envelope, w.arrived_at, p.salt, p.bytes
                       FROM intake w LEFT JOIN intake_parts p ON p.statement = w.statement
                       ORDER BY w.arrived_at, w.statement, p.position";
            let mut found: Vec<Waiting> = Vec::new();
            for row in session.query_typed(sql, &[]).await? {
                let statement = digest(&row, 0)?;
                if found.last().is_none_or(|last| last.statement != statement) {
                    let (envelope, arrived_at) = (row.try_get(1)?, time(&row, 2)?);
                    found.push(Waiting { statement, envelope, parts: Vec::new(), arrived_at });
                }
                if let (Some(bytes), Some(waiting)) =
                    (row.try_get::<_, Option<Vec<u8>>>(4)?, found.last_mut())
                {
                    waiting.parts.push(Part { salt: row.try_get::<_, Bytes32>(3)?.0, bytes });
                }
            }
            Ok(found)
        })
    }

    fn add_token(&mut self, token: &StoredToken) -> Result<(), StoreError> {
        let scope = match token.scope {
            Scope::Admin => "admin",
            Scope::Submit => "submit",
        };
        self.read("keep a token", async |session| {
            // Where an attempt went through and nobody was told, the next one finds its own row.
            let insert = "WITH added AS (
                              INSERT INTO tokens (hash, scope, organisation, label, created_at)
                              VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING)
                          UPDATE head SET tokens = tokens + 1 WHERE id = 0";
            let organisation = token.organisation.as_ref().map(evidence::Slug::as_str);
            let created_at = token.created_at.as_millis();
            let values: Values<'_> = &[
                (&bytes(&token.hash), Type::BYTEA),
                (&scope, Type::TEXT),
                (&organisation, Type::TEXT),
                (&token.label, Type::TEXT),
                (&created_at, Type::INT8),
            ];
            session.execute_typed(insert, values).await.map(drop)
        })
    }

    fn tokens(&self) -> Result<Vec<StoredToken>, StoreError> {
        self.read("read the tokens", async |session| {
            let sql =
                "SELECT hash, scope, organisation, label, created_at FROM tokens ORDER BY created_at, hash";
            let rows = session.query_typed(sql, &[]).await?;
            let token = |row: &Row| {
                Ok(StoredToken {
                    hash: digest(row, 0)?,
                    scope: match row.try_get(1)? {
                        "admin" => Scope::Admin,
                        _ => Scope::Submit,
                    },
                    organisation: row.try_get::<_, Option<Readable<_>>>(2)?.map(|slug| slug.0),
                    label: row.try_get(3)?,
                    created_at: time(row, 4)?,
                })
            };
            rows.iter().map(token).collect()
        })
    }
}

fn standing(row: &Row) -> Result<Standing, Error> {
    Ok(Standing {
        head: TreeHead {
            size: row.try_get::<_, i64>(0)?.cast_unsigned(),
            root: Hash(row.try_get::<_, Bytes32>(1)?.0),
        },
        revision: row.try_get::<_, i64>(2)?.cast_unsigned(),
        tokens: row.try_get::<_, i64>(3)?.cast_unsigned(),
    })
}

fn entry(row: &Row) -> Result<StoredEntry, Error> {
    Ok(StoredEntry {
        index: row.try_get::<_, i64>(0)?.cast_unsigned(),
        statement: digest(row, 1)?,
        leaf: row.try_get(2)?,
        salt: row.try_get::<_, Option<Bytes32>>(3)?.map(|salt| salt.0),
        envelope: row.try_get(4)?,
        time: time(row, 5)?,
        arrived_at: time(row, 6)?,
    })
}

fn digest(row: &Row, column: usize) -> Result<Digest, Error> {
    row.try_get::<_, Bytes32>(column).map(|bytes| Digest::from_bytes(bytes.0))
}

fn time(row: &Row, column: usize) -> Result<Timestamp, Error> {
    row.try_get::<_, Millis>(column).map(|millis| millis.0)
}

/// PostgreSQL's integers are signed. A number that needs the last bit is none that any log reaches; as the
/// largest one it matches nothing.
fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Sleeps, and next time longer.
fn wait(pause: &mut Duration) {
    std::thread::sleep(*pause);
    *pause = (*pause * 2).min(PAUSE.1);
}

fn failed(doing: &'static str) -> impl Fn(Failure) -> StoreError {
    move |failure| StoreError { doing, source: failure.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_parted_so_that_no_statement_grows_without_bound() {
        let parts = |sizes: &[usize]| parts_of(sizes.iter().copied());
        assert_eq!(parts(&[]), []);
        assert_eq!(parts(&[1, 2, 3]).first(), Some(&(0..3)));
        let most = MAX_ROWS;
        assert_eq!(parts(&[most, 1, most - 1, 1, 2 * most, 1]), [0..1, 1..3, 3..4, 4..5, 5..6]);
    }
}
