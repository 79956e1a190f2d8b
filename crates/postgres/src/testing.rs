//! A PostgreSQL of one's own, thrown away afterwards.

mod proxy;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::{Address, Connection};

pub use proxy::{AtCommit, Proxy};

/// A PostgreSQL that listens at a socket in a temporary folder. It ends with the process that started it,
/// however that ends.
#[derive(Debug)]
pub struct Cluster {
    folder: PathBuf,
    programs: PathBuf,
    /// The user and group that it runs as: PostgreSQL refuses to be root.
    user: Option<(u32, u32)>,
    /// Ends the server and removes the folder once its input is at an end.
    guardian: Option<(Child, ChildStdin)>,
    databases: AtomicU32,
    /// Whether commits are synced: slower, and what benchmarks have to pay for.
    durable: bool,
}

static SHARED: LazyLock<Cluster> = LazyLock::new(Cluster::start_new);

impl Cluster {
    /// Returns the cluster of this process, for tests that leave it alone.
    pub fn shared() -> &'static Self {
        &SHARED
    }

    /// Tells whether PostgreSQL is there.
    pub fn is_installed() -> bool {
        programs().is_some()
    }

    /// Starts a cluster for a test that does something to it.
    pub fn start_new() -> Self {
        Self::made(false)
    }

    /// Starts a cluster that syncs every commit to the disk.
    pub fn start_durable() -> Self {
        Self::made(true)
    }

    fn made(durable: bool) -> Self {
        let folder =
            tempfile::Builder::new().prefix("kanae-postgres-").tempdir().expect("a temporary folder");
        let programs =
            programs().expect("PostgreSQL is missing: run `cargo xtask test interop`, which installs it");
        let user = postgres_user();
        let mut cluster = Self {
            folder: folder.keep(),
            programs,
            user,
            guardian: None,
            databases: AtomicU32::new(0),
            durable,
        };
        let data = cluster.data();
        let template = template(&cluster);
        done(Command::new("cp").arg("-r").arg(&template).arg(&data));
        if let Some((user, group)) = user {
            done(Command::new("chown").arg("-R").arg(format!("{user}:{group}")).arg(&cluster.folder));
        }
        cluster.guard();
        cluster.start();
        cluster
    }

    /// Starts the server, at first or after [`stop`](Self::stop).
    pub fn start(&self) {
        self.start_at("");
    }

    /// Starts the server at an address of this machine, or at its socket only.
    fn start_at(&self, address: &str) {
        let fast = if self.durable { "" } else { "-F -c full_page_writes=off" };
        let options = format!(
            "{fast} -k {} -c listen_addresses='{address}' -c shared_buffers=16MB -c max_connections=60",
            self.folder.display()
        );
        let log = self.folder.join("log");
        done(
            self.program("pg_ctl")
                .args(["start", "-w", "-o", &options, "-l"])
                .arg(log)
                .arg("-D")
                .arg(self.data()),
        );
    }

    /// Stops the server at once, as if it had crashed: connections are cut, transactions undone.
    pub fn stop(&self) {
        done(self.program("pg_ctl").args(["stop", "-w", "-m", "immediate", "-D"]).arg(self.data()));
    }

    /// Starts a replica of this cluster: it follows, and takes no writes.
    #[must_use]
    pub fn start_replica(&self) -> Self {
        let folder =
            tempfile::Builder::new().prefix("kanae-postgres-").tempdir().expect("a temporary folder");
        let (programs, databases) = (self.programs.clone(), AtomicU32::new(0));
        let mut replica = Self {
            folder: folder.keep(),
            programs,
            user: self.user,
            guardian: None,
            databases,
            durable: false,
        };
        if let Some((user, group)) = self.user {
            std::os::unix::fs::chown(&replica.folder, Some(user), Some(group)).expect("a folder given away");
        }
        let mut backup = self.program("pg_basebackup");
        backup
            .args(["-R", "-c", "fast", "-U", "postgres", "-h"])
            .arg(&self.folder)
            .arg("-D")
            .arg(replica.data());
        done(&mut backup);
        replica.guard();
        replica.start();
        replica
    }

    /// Restarts the server at 127.0.0.1 on a free port, which it returns: there, users are let in by password
    /// and over TLS only.
    pub fn demand_tls(&self, certificate: &Path, key: &Path) -> u16 {
        let port =
            std::net::TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a port").port();
        for (from, name) in [(certificate, "server.crt"), (key, "server.key")] {
            let place = self.data().join(name);
            fs::copy(from, &place).expect("a copy");
            if let Some((user, group)) = self.user {
                std::os::unix::fs::chown(&place, Some(user), Some(group)).expect("a file given away");
            }
            fs::set_permissions(&place, fs::Permissions::from_mode(0o600)).expect("a mode");
        }
        let access = "local all all trust\nhostssl all all 127.0.0.1/32 scram-sha-256\n";
        fs::write(self.data().join("pg_hba.conf"), access).expect("rules of access");
        let settings = format!("ssl = on\nport = {port}\n");
        fs::write(self.data().join("postgresql.auto.conf"), settings).expect("settings");
        self.stop();
        self.start_at("127.0.0.1");
        port
    }

    /// Makes a primary of a replica.
    pub fn promote(&self) {
        done(self.program("pg_ctl").args(["promote", "-w", "-D"]).arg(self.data()));
    }

    /// Returns the address of the database that is called the same in this cluster.
    pub fn same(&self, database: &Address) -> Address {
        self.address(name_of(database))
    }

    /// Makes a new database and returns its address.
    pub fn new_database(&self) -> Address {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::SeqCst));
        self.execute("postgres", &format!("CREATE DATABASE {name}"));
        self.address(&name)
    }

    /// Makes a copy of a database that nobody uses, under a name of its own.
    pub fn copy(&self, database: &Address) -> Address {
        let name = format!("copy_{}", self.databases.fetch_add(1, Ordering::SeqCst));
        self.execute("postgres", &format!("CREATE DATABASE {name} TEMPLATE {}", name_of(database)));
        self.address(&name)
    }

    /// Puts a copy in the place of a database that nobody uses.
    pub fn replace(&self, database: &Address, copy: &Address) {
        let (name, copy) = (name_of(database), name_of(copy));
        self.execute("postgres", &format!("DROP DATABASE {name} WITH (FORCE)"));
        self.execute("postgres", &format!("CREATE DATABASE {name} TEMPLATE {copy}"));
    }

    /// Returns the address of a database.
    pub fn address(&self, database: &str) -> Address {
        let socket = self.folder.to_str().expect("a path in UTF-8").replace('/', "%2F");
        Address::parse(&format!("postgres://postgres@{socket}/{database}"), None).expect("an address")
    }

    /// Returns the socket at which the server listens.
    pub fn socket(&self) -> PathBuf {
        self.folder.join(".s.PGSQL.5432")
    }

    /// Returns the folder with the server's data, to make replicas of it.
    pub fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn execute(&self, database: &str, statements: &str) {
        execute(&self.address(database), statements);
    }

    /// Returns one of PostgreSQL's programs, to be run as its user.
    pub fn program(&self, name: &str) -> Command {
        let mut command = Command::new(self.programs.join(name));
        command.current_dir(&self.folder).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.env("LC_ALL", "C.UTF-8");
        if let Some((user, group)) = self.user {
            command.uid(user).gid(group);
        }
        command
    }

    fn guard(&mut self) {
        let stop = "read -r _; \"$1\" stop -m immediate -D \"$2/data\"; cd /; rm -rf \"$2\"";
        let mut guardian = Command::new("sh");
        guardian.args(["-c", stop, "sh"]).arg(self.programs.join("pg_ctl")).arg(&self.folder);
        guardian.current_dir(&self.folder).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        if let Some((user, group)) = self.user {
            guardian.uid(user).gid(group);
        }
        // An interrupt from the terminal is for the tests; this one waits for their end.
        let mut guardian = guardian.process_group(0).spawn().expect("a shell");
        let input = guardian.stdin.take().expect("its input");
        self.guardian = Some((guardian, input));
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Some((mut guardian, input)) = self.guardian.take() {
            drop(input);
            let _ = guardian.wait();
        }
    }
}

/// Executes SQL statements on a database.
pub fn execute(database: &Address, statements: &str) {
    let connection = Connection::open(database).expect("a connection");
    connection.attempt(async |session| session.batch_execute(statements).await).expect("statements");
}

fn name_of(database: &Address) -> &str {
    database.url().rsplit('/').next().expect("a name")
}

fn done(command: &mut Command) {
    let status = command.status().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(status.success(), "{command:?}: {status}");
}

/// Finds PostgreSQL's own programs: Debian keeps them off the path.
fn programs() -> Option<PathBuf> {
    let mut versions: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .filter(|bin| bin.join("initdb").is_file())
        .collect();
    versions.sort();
    versions.pop()
}

fn postgres_user() -> Option<(u32, u32)> {
    let id = |option: &str, user: &[&str]| -> Option<u32> {
        let said = Command::new("id").arg(option).args(user).output().ok()?;
        String::from_utf8(said.stdout).ok()?.trim().parse().ok()
    };
    (id("-u", &[]) == Some(0)).then(|| {
        let user = id("-u", &["postgres"]).expect("the user postgres, who comes with PostgreSQL");
        (user, id("-g", &["postgres"]).expect("a group"))
    })
}

/// Returns a folder of data as a new cluster has it. It is made once for a build folder: that takes seconds.
fn template(cluster: &Cluster) -> PathBuf {
    let program = std::env::current_exe().expect("this program");
    let version = cluster.programs.parent().and_then(Path::file_name).expect("a version").to_string_lossy();
    let place = program.parent().expect("its folder").join(format!("postgres-{version}"));
    if place.is_dir() {
        return place;
    }
    let fresh = tempfile::Builder::new().prefix("kanae-initdb-").tempdir().expect("a temporary folder");
    if let Some((user, group)) = cluster.user {
        std::os::unix::fs::chown(fresh.path(), Some(user), Some(group)).expect("a folder given away");
    }
    let data = fresh.path().join("data");
    let options = ["-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "-N"];
    done(
        cluster
            .program("initdb")
            .current_dir(fresh.path())
            .args(options)
            .arg("--wal-segsize=1")
            .arg("-D")
            .arg(&data),
    );
    let copy = tempfile::Builder::new().prefix(".postgres-").tempdir_in(place.parent().expect("a folder"));
    let copy = copy.expect("a folder beside the tests").keep();
    done(Command::new("cp").arg("-r").arg(&data).arg(copy.join("data")));
    // Another test may have been faster; its template is as good.
    if fs::rename(copy.join("data"), &place).is_err() {
        assert!(place.is_dir(), "{}", place.display());
    }
    let _ = fs::remove_dir_all(&copy);
    place
}
