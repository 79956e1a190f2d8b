//! A node in a folder of its own, run as anyone would run it: by the tested binary.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use client::{Actor, Author, Client, Secret};
use serde_json::Value;
use tempfile::TempDir;

/// Name of the log of every house.
pub(crate) const ORIGIN: &str = "register.example/house";
/// A developer that [`House::furnish`] has accepted.
pub(crate) const DEVELOPER: &str = "minato-lab";

/// Returns the tested binary, deaf to the environment of whoever runs the tests.
pub(crate) fn kanae() -> Command {
    quiet(Command::new(env!("CARGO_BIN_EXE_kanae")))
}

/// Takes everything of ours out of a command's environment.
pub(crate) fn quiet(mut command: Command) -> Command {
    for name in [
        "KANAE_URL",
        "KANAE_TOKEN",
        "KANAE_LANG",
        "KANAE_KEY_PASSPHRASE",
        "KANAE_CACHE",
        "KANAE_FONT",
        "KANAE_FONT_BOLD",
        "KANAE_DATABASE",
        "KANAE_DATABASE_PASSWORD",
        "KANAE_DATABASE_PASSWORD_FILE",
        "KANAE_KEY_PASSPHRASE_FILE",
    ] {
        command.env_remove(name);
    }
    command.env("KANAE_LOG", "error").stdin(Stdio::null());
    command
}

/// What a command left behind.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    pub(crate) fn of(command: &mut Command) -> Self {
        let Output { status, stdout, stderr } = command.output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Self { code: status.code(), out: text(stdout), err: text(stderr) }
    }

    /// Returns standard output as the one JSON object that `--json` promises.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:#?}"))
    }
}

/// A folder with a node's data and its actors.
pub(crate) struct House {
    folder: TempDir,
    /// For requests that no client of ours makes.
    pub(crate) http: reqwest::Client,
}

impl House {
    /// A node that is born and has an operator; nothing runs yet.
    pub(crate) fn new() -> Self {
        Self::within(&std::env::temp_dir())
    }

    /// The same, in a new folder within another.
    pub(crate) fn within(place: &Path) -> Self {
        Self::made(place, &[])
    }

    /// The same, with further options of `init`.
    pub(crate) fn made(place: &Path, options: &[&str]) -> Self {
        let house = Self { folder: tempfile::tempdir_in(place).unwrap(), http: http() };
        let key = "../node/keys/root-1.pem";
        house.done(&[&["init", "--data", "node", "--origin", ORIGIN], options].concat());
        house.done(&[
            "actor",
            "new",
            "operator",
            "--issuer",
            "node",
            "--holder",
            "operator",
            "--with-key",
            key,
        ]);
        house.done(&[
            "token",
            "new",
            "--data",
            "node",
            "--scope",
            "admin",
            "--label",
            "operator",
            "--out",
            "operator/token",
        ]);
        house
    }

    /// Registers an authority (`agency`) and a developer (`minato`), with tokens.
    pub(crate) fn furnish(&self, server: &Server) {
        self.welcome(server, "agency", "oversight-agency", "authority", "operator");
        self.welcome(server, "minato", DEVELOPER, "developer", "agency");
    }

    /// Registers an organisation, has it accepted in a role, and gives it a token.
    pub(crate) fn welcome(&self, server: &Server, folder: &str, slug: &str, role: &str, by: &str) {
        let file = |what: &str| format!("{folder}/{what}");
        let url = server.url.as_str();
        self.done(&["actor", "new", folder, "--issuer", slug, "--holder", "desk"]);
        let body = serde_json::json!({"slug": slug, "names": {"en": slug, "ja": slug}, "country": "JP"});
        self.write(&file("organisation.json"), body.to_string().as_bytes());
        let (body, signed) = (file("organisation.json"), file("organisation.statement.json"));
        self.done(&[
            "statement",
            "sign",
            "organisation",
            "--actor",
            folder,
            "--body",
            &body,
            "--out",
            &signed,
            "--url",
            url,
        ]);
        self.done(&["statement", "submit", &signed, "--url", url]);
        let body =
            serde_json::json!({"role": role, "legalBasis": {"en": "On request.", "ja": "申請による。"}});
        self.write(&file("grant.json"), body.to_string().as_bytes());
        let (body, grant) = (file("grant.json"), file("grant.statement.json"));
        self.done(&[
            "statement",
            "sign",
            "role-grant",
            "--actor",
            by,
            "--about",
            &signed,
            "--body",
            &body,
            "--out",
            &grant,
            "--url",
            url,
        ]);
        self.done(&["statement", "submit", &grant, "--actor", by, "--url", url]);
        let admin = fs::read_to_string(self.path("operator/token")).unwrap();
        let token = file("token");
        let words =
            ["token", "new", "--url", url, "--organisation", slug, "--label", folder, "--out", &token];
        let ran = Ran::of(self.command(&words).env("KANAE_TOKEN", admin.trim()));
        assert_eq!(ran.code, Some(0), "{ran:#?}");
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, bytes: &[u8]) {
        fs::write(self.path(name), bytes).unwrap();
    }

    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = kanae();
        command.args(words).current_dir(self.folder.path());
        command
    }

    pub(crate) fn run(&self, words: &[&str]) -> Ran {
        Ran::of(&mut self.command(words))
    }

    /// Runs a command that has to succeed.
    pub(crate) fn done(&self, words: &[&str]) -> Ran {
        let ran = self.run(words);
        assert_eq!(ran.code, Some(0), "kanae {}: {ran:#?}", words.join(" "));
        ran
    }

    /// Starts the server.
    pub(crate) fn serve(&self) -> Server {
        Server::of(&mut self.command(&["--json", "serve", "--data", "node", "--listen", "127.0.0.1:0"]))
    }

    /// Returns an author that signs as the actor in a folder and verifies the receipts that it gets.
    pub(crate) fn author(&self, server: &Server, folder: &str) -> Author {
        let actor = Actor::open(&self.path(folder), None).unwrap();
        let (issuer, holder, token) = (actor.issuer().to_owned(), actor.holder().clone(), actor.token());
        Author::new(self.client(server, token.unwrap()), issuer, holder, actor.into_keys())
    }

    /// Returns a client that verifies what it gets against the log's own key.
    pub(crate) fn client(&self, server: &Server, token: Option<Secret>) -> Client {
        let key = fs::read_to_string(self.path("node/log.vkey")).unwrap();
        Client::new(&server.url, token).unwrap().trusting(ORIGIN, vec![key.trim().parse().unwrap()])
    }
}

/// Returns an HTTP client that knows no certificates: our servers speak plain HTTP.
pub(crate) fn http() -> reqwest::Client {
    // Makes the cryptography known that reqwest asks for, used or not.
    Client::new("http://127.0.0.1:9", None).unwrap();
    reqwest::Client::builder().tls_certs_only(std::iter::empty()).build().unwrap()
}

/// A running `kanae serve`; its process is killed when this is dropped.
pub(crate) struct Server {
    pub(crate) child: Child,
    pub(crate) url: String,
}

impl Server {
    /// Starts a command that ends up as `kanae --json serve`, and waits until it says where it is.
    pub(crate) fn of(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let said = serde_json::Deserializer::from_reader(child.stdout.as_mut().unwrap());
        match said.into_iter::<Value>().next() {
            Some(Ok(said)) => {
                let url = said["url"].as_str().unwrap().trim_end_matches('/').to_owned();
                Self { child, url }
            }
            other => {
                child.kill().unwrap();
                panic!("the server did not start ({other:?}): {:?}", child.wait());
            }
        }
    }

    /// Kills it (SIGKILL): it has no chance to do anything more.
    pub(crate) fn kill(mut self) {
        self.end().unwrap();
    }

    fn end(&mut self) -> io::Result<()> {
        self.child.kill()?;
        self.child.wait().map(drop)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may be gone already, which is as well.
        let _ = self.end();
    }
}

/// Returns every file below a folder, by its path in it.
pub(crate) fn files_below(folder: &Path) -> Vec<(String, PathBuf)> {
    let mut found = Vec::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(next) = waiting.pop() {
        for entry in fs::read_dir(&next).unwrap() {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_dir() {
                waiting.push(entry.path());
            } else {
                let name = entry.path().strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
                found.push((name, entry.path()));
            }
        }
    }
    found.sort();
    found
}
