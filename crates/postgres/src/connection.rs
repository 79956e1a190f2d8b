//! A connection that blocks its caller, and is opened again once it was cut.

use std::cell::{Cell, RefCell};
use std::error::Error as _;
use std::future::Future;
use std::io;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use tokio::runtime::Runtime;
use tokio_postgres::config::SslMode;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, NoTls};

use crate::address::Address;
use crate::tls::Tls;

/// The longest that one piece of work may take, connecting included.
const WORKING: Duration = Duration::from_secs(30);

/// After a failed attempt to connect, the next ones fail at once for so long: readers do not queue up behind
/// a database that is gone.
const REST: Duration = Duration::from_millis(300);

/// What every session begins with. Nobody who went silent may hold what others wait for.
const SETTINGS: &str = "SET statement_timeout = '30s'; SET lock_timeout = '10s'; \
     SET idle_in_transaction_session_timeout = '20s'; SET standard_conforming_strings = on";

/// Drives the sockets of all connections: callers only wait.
static DRIVER: LazyLock<io::Result<Runtime>> = LazyLock::new(|| {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).thread_name("database").enable_all().build()
});

/// Says why work on the database failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// There is no connection, or it was lost. Whether the last thing asked was done is not known.
    #[error("{0}")]
    Lost(String),
    /// The database that answers takes no writes.
    #[error(
        "the PostgreSQL that answers is a replica or read-only: nothing is recorded there, and it may lag behind. \
         Give the address of the primary, or promote the replica once nothing is missing in it"
    )]
    ReadOnly,
    /// The database answered that it does not do this. What belonged to it was undone.
    #[error("{message}")]
    Refused {
        /// What the database said.
        message: String,
        /// Whether the same may succeed when tried again.
        passing: bool,
    },
}

/// A session: what work is done with.
#[derive(Debug)]
pub struct Session {
    client: Client,
}

impl std::ops::Deref for Session {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

/// A connection to the database, used by one thread at a time.
pub struct Connection {
    address: Arc<Address>,
    session: RefCell<Option<Session>>,
    failed: Cell<Option<(Instant, Box<str>)>>,
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Connection({})", self.address)
    }
}

impl Connection {
    /// Connects, and fails where that cannot be done now.
    pub fn open(address: &Address) -> Result<Self, Failure> {
        let connection =
            Self { address: Arc::new(address.clone()), session: RefCell::new(None), failed: Cell::new(None) };
        connection.attempt(async |_| Ok(()))?;
        Ok(connection)
    }

    /// Works on the session, once; connects before where there is none.
    pub fn attempt<T>(
        &self,
        work: impl AsyncFnOnce(&Session) -> Result<T, tokio_postgres::Error>,
    ) -> Result<T, Failure> {
        let mut session = self.session.borrow_mut();
        if session.as_ref().is_none_or(|session| session.is_closed()) {
            *session = None;
            *session = Some(self.connect()?);
        }
        let Some(open) = session.as_ref() else { return Err(Failure::Lost("there is no connection".into())) };
        let failure = match wait(work(open))? {
            Some(Ok(done)) => return Ok(done),
            Some(Err(error)) => failure(&error),
            None => Failure::Lost(format!("no answer from the database within {} s", WORKING.as_secs())),
        };
        // Where nobody knows what the session stands at, it is given up: the database then undoes what was open.
        let sound = matches!(failure, Failure::Refused { .. }) && wait(undone(open))?.unwrap_or(false);
        if !sound {
            *session = None;
        }
        Err(failure)
    }

    /// Does what may be done twice without harm, such as reading: once more on a new connection if the first
    /// one was lost.
    #[expect(clippy::needless_pass_by_value, reason = "a closure reads best where it is given")]
    pub fn repeat<T>(
        &self,
        work: impl AsyncFn(&Session) -> Result<T, tokio_postgres::Error>,
    ) -> Result<T, Failure> {
        match self.attempt(&work) {
            Err(Failure::Lost(_)) => self.attempt(&work),
            done => done,
        }
    }

    fn connect(&self) -> Result<Session, Failure> {
        if let Some((at, why)) = self.failed.take()
            && at.elapsed() < REST
        {
            let lost = Failure::Lost(why.to_string());
            self.failed.set(Some((at, why)));
            return Err(lost);
        }
        let connected = match wait(connect(&self.address))? {
            Some(connected) => connected,
            None => Err(Failure::Lost(format!("no connection within {} s", WORKING.as_secs()))),
        };
        if let Err(Failure::Lost(why)) = &connected {
            self.failed.set(Some((Instant::now(), why.as_str().into())));
        }
        connected
    }
}

/// Ends a transaction that failed halfway; tells whether the session is as it was before.
async fn undone(session: &Session) -> bool {
    session.batch_execute("ROLLBACK").await.is_ok()
}

async fn connect(address: &Address) -> Result<Session, Failure> {
    let client = if address.config.get_ssl_mode() == SslMode::Disable {
        let (client, connection) = address.config.connect(NoTls).await.map_err(|error| failure(&error))?;
        drive(connection);
        client
    } else {
        let tls = Tls::trusting(address.roots.as_deref()).map_err(Failure::Lost)?;
        let (client, connection) = address.config.connect(tls).await.map_err(|error| failure(&error))?;
        drive(connection);
        client
    };
    client.batch_execute(SETTINGS).await.map_err(|error| failure(&error))?;
    let settings = "SELECT current_setting('synchronous_commit'), current_setting('fsync')";
    let row = client.query_typed_one(settings, &[]).await.map_err(|error| failure(&error))?;
    if row.get::<_, &str>(0) == "off" {
        // What is acknowledged is durable, whatever the others on this database are content with.
        client.batch_execute("SET synchronous_commit = on").await.map_err(|error| failure(&error))?;
    }
    if row.get::<_, &str>(1) == "off" {
        tracing::warn!("the database runs with fsync = off: a power cut loses what was acknowledged");
    }
    Ok(Session { client })
}

/// Lets the driver move the bytes of a connection.
fn drive<S, T>(connection: tokio_postgres::Connection<S, T>)
where
    tokio_postgres::Connection<S, T>: Future<Output = Result<(), tokio_postgres::Error>> + Send + 'static,
{
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::warn!(error = %said(&error), "a connection to the database was lost");
        }
    });
}

/// Waits for work, on whatever thread; nothing where it takes too long.
fn wait<T>(work: impl Future<Output = T>) -> Result<Option<T>, Failure> {
    let driver =
        DRIVER.as_ref().map_err(|error| Failure::Lost(format!("no thread for the database: {error}")))?;
    let _driven = driver.enter();
    // This thread may be in the middle of a task of its own runtime, whose share of work is then used up: that
    // must not keep the database's answer from being seen.
    let bounded = tokio::task::unconstrained(async { tokio::time::timeout(WORKING, work).await.ok() });
    Ok(futures::executor::block_on(bounded))
}

fn failure(error: &tokio_postgres::Error) -> Failure {
    let Some(code) = error.code() else {
        let refused = error.source().and_then(|source| source.downcast_ref::<io::Error>());
        return match refused {
            // The client's own word for a server that does not take writes.
            Some(source)
                if source.kind() == io::ErrorKind::PermissionDenied
                    && source.to_string().contains("writes") =>
            {
                Failure::ReadOnly
            }
            _ => Failure::Lost(said(error)),
        };
    };
    let gone = [
        SqlState::ADMIN_SHUTDOWN,
        SqlState::CRASH_SHUTDOWN,
        SqlState::CANNOT_CONNECT_NOW,
        SqlState::DATABASE_DROPPED,
        SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
        SqlState::TOO_MANY_CONNECTIONS,
    ];
    if gone.contains(code) || code.code().starts_with("08") {
        return Failure::Lost(said(error));
    }
    if *code == SqlState::READ_ONLY_SQL_TRANSACTION {
        return Failure::ReadOnly;
    }
    let passing = [
        SqlState::T_R_SERIALIZATION_FAILURE,
        SqlState::T_R_DEADLOCK_DETECTED,
        SqlState::LOCK_NOT_AVAILABLE,
        SqlState::QUERY_CANCELED,
    ];
    Failure::Refused { message: said(error), passing: passing.contains(code) }
}

/// Says an error in one line. What a database adds as detail repeats values of rows, and stays out.
fn said(error: &tokio_postgres::Error) -> String {
    if let Some(error) = error.as_db_error() {
        return format!("{} (SQLSTATE {})", error.message(), error.code().code());
    }
    match error.source() {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}
