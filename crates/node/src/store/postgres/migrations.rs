//! The tables, version by version. A version that was released is never changed: a new one follows it.

use tokio_postgres::Error;

use crate::postgres::{Connection, Failure, Session};

/// What each version does to the one before it, from nothing on.
const MIGRATIONS: &[&str] = &["
    CREATE TABLE head (
        id smallint PRIMARY KEY CHECK (id = 0),
        size bigint NOT NULL CHECK (size >= 0),
        root bytea NOT NULL CHECK (length(root) = 32),
        revision bigint NOT NULL,
        tokens bigint NOT NULL,
        batch bytea CHECK (length(batch) = 16)
    );
    INSERT INTO head (id, size, root, revision, tokens)
        VALUES (0, 0, sha256(''), 0, 0);
    CREATE TABLE entries (
        position bigint PRIMARY KEY CHECK (position >= 0),
        statement bytea NOT NULL UNIQUE CHECK (length(statement) = 32),
        leaf bytea NOT NULL,
        salt bytea CHECK (length(salt) = 32),
        envelope bytea NOT NULL,
        time bigint NOT NULL,
        arrived_at bigint NOT NULL
    );
    CREATE TABLE parts (
        commitment bytea PRIMARY KEY CHECK (length(commitment) = 32),
        salt bytea NOT NULL CHECK (length(salt) = 32),
        bytes bytea NOT NULL,
        public boolean NOT NULL
    );
    CREATE TABLE blobs (
        folder bytea NOT NULL CHECK (length(folder) = 32),
        path text NOT NULL,
        bytes bytea NOT NULL,
        PRIMARY KEY (folder, path)
    );
    CREATE TABLE intake (
        statement bytea PRIMARY KEY CHECK (length(statement) = 32),
        envelope bytea NOT NULL,
        arrived_at bigint NOT NULL
    );
    CREATE TABLE intake_parts (
        statement bytea NOT NULL REFERENCES intake (statement) ON DELETE CASCADE,
        position bigint NOT NULL,
        salt bytea NOT NULL CHECK (length(salt) = 32),
        bytes bytea NOT NULL,
        PRIMARY KEY (statement, position)
    );
    CREATE TABLE tokens (
        hash bytea PRIMARY KEY CHECK (length(hash) = 32),
        scope text NOT NULL CHECK (scope IN ('admin', 'submit')),
        organisation text,
        label text NOT NULL,
        created_at bigint NOT NULL
    );
"];

/// The version that this build reads and writes.
const KNOWN: i32 = {
    #[expect(clippy::cast_possible_truncation, clippy::cast_possible_wrap, reason = "few versions")]
    let known = MIGRATIONS.len() as i32;
    known
};

/// What was there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// The tables of a node, now in the version of this build.
    UpToDate,
    /// No tables of a node. Nothing was made.
    Nothing,
    /// The tables of a later build. Nothing was changed.
    Newer { version: i32, known: i32 },
}

/// Makes the tables where there are none, in the newest version.
pub(super) fn make(connection: &Connection) -> Result<Found, Failure> {
    connection.repeat(async |session| {
        in_turn(session, async || {
            session
                .batch_execute(
                    "CREATE TABLE IF NOT EXISTS kanae_schema
                         (version integer PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())",
                )
                .await?;
            bring_up(session).await
        })
        .await
    })
}

/// Brings tables that are there to the version of this build.
pub(super) fn migrate(connection: &Connection) -> Result<Found, Failure> {
    connection.repeat(async |session| {
        in_turn(session, async || {
            // Only the schema in which tables would be made: another node's may stand further along the path.
            let row = session
                .query_typed_one(
                    "SELECT to_regclass(quote_ident(current_schema()) || '.kanae_schema') IS NULL",
                    &[],
                )
                .await?;
            if row.try_get(0)? { Ok(Found::Nothing) } else { bring_up(session).await }
        })
        .await
    })
}

/// Works in a transaction while no other server migrates.
async fn in_turn(
    session: &Session,
    work: impl AsyncFnOnce() -> Result<Found, Error>,
) -> Result<Found, Error> {
    session
        .batch_execute(
            "BEGIN; SELECT pg_advisory_xact_lock(1263419717, hashtext('schema ' || current_schema()))",
        )
        .await?;
    let found = work().await?;
    session.batch_execute("COMMIT").await?;
    Ok(found)
}

async fn bring_up(session: &Session) -> Result<Found, Error> {
    let row = session.query_typed_one("SELECT coalesce(max(version), 0) FROM kanae_schema", &[]).await?;
    let version: i32 = row.try_get(0)?;
    if version > KNOWN {
        return Ok(Found::Newer { version, known: KNOWN });
    }
    for (next, migration) in (1_i32..).zip(MIGRATIONS).skip(usize::try_from(version).unwrap_or(0)) {
        session.batch_execute(migration).await?;
        session.batch_execute(&format!("INSERT INTO kanae_schema (version) VALUES ({next})")).await?;
        tracing::info!(version = next, "the tables of the database are in a new version");
    }
    Ok(Found::UpToDate)
}
