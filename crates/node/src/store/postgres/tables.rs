//! The node's tables.

use postgres::Tables;

/// The tables, from their first version on.
pub(super) const TABLES: Tables = Tables { versions: "kanae_schema", migrations: MIGRATIONS };

/// What each version does to the one before it, from nothing on. One that was released is never changed.
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
