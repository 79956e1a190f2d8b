//! Tables, version by version.

use tokio_postgres::Error;

use crate::connection::{Connection, Failure, Session};

/// Tables that belong together, with their history. A version that was released is never changed: a new one
/// follows it.
#[derive(Debug, Clone, Copy)]
pub struct Tables {
    /// The table that says which versions were applied. No other tables in the schema use it.
    pub versions: &'static str,
    /// What each version does to the one before it, from nothing on.
    pub migrations: &'static [&'static str],
}

/// What was there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// These tables, now in the version of this build.
    UpToDate,
    /// None of these tables. Nothing was made.
    Nothing,
    /// The tables of a later build. Nothing was changed.
    Newer {
        /// Their version.
        version: i32,
        /// The last version that this build knows.
        known: i32,
    },
}

impl Tables {
    /// Makes the tables where there are none, in the newest version.
    pub fn make(&self, connection: &Connection) -> Result<Found, Failure> {
        connection.repeat(async |session| {
            in_turn(session, async || {
                let versions = self.versions;
                session
                    .batch_execute(&format!(
                        "CREATE TABLE IF NOT EXISTS {versions}
                             (version integer PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())"
                    ))
                    .await?;
                self.bring_up(session).await
            })
            .await
        })
    }

    /// Brings tables that are there to the version of this build.
    pub fn migrate(&self, connection: &Connection) -> Result<Found, Failure> {
        connection.repeat(async |session| {
            in_turn(session, async || {
                // Only the schema in which tables would be made: another node's may stand further along the path.
                let there = format!(
                    "SELECT to_regclass(quote_ident(current_schema()) || '.{}') IS NULL",
                    self.versions
                );
                let row = session.query_typed_one(&there, &[]).await?;
                if row.try_get(0)? { Ok(Found::Nothing) } else { self.bring_up(session).await }
            })
            .await
        })
    }

    async fn bring_up(&self, session: &Session) -> Result<Found, Error> {
        let Self { versions, migrations } = *self;
        let row = session
            .query_typed_one(&format!("SELECT coalesce(max(version), 0) FROM {versions}"), &[])
            .await?;
        let version: i32 = row.try_get(0)?;
        let known = i32::try_from(migrations.len()).unwrap_or(i32::MAX);
        if version > known {
            return Ok(Found::Newer { version, known });
        }
        for (next, migration) in (1_i32..).zip(migrations).skip(usize::try_from(version).unwrap_or(0)) {
            session.batch_execute(migration).await?;
            session.batch_execute(&format!("INSERT INTO {versions} (version) VALUES ({next})")).await?;
            tracing::info!(
                tables = versions,
                version = next,
                "the tables of the database are in a new version"
            );
        }
        Ok(Found::UpToDate)
    }
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
