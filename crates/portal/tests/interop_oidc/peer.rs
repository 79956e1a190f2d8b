//! The provider: `interop/oidc/provider.mjs`, and what it is told.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use evidence::Timestamp;
use serde_json::{Value, json};

pub(crate) const SECRET: &str = "a secret of the test, long enough for everybody";

pub(crate) struct Peer {
    child: Child,
    orders: ChildStdin,
    lines: BufReader<ChildStdout>,
    port: u16,
}

impl Peer {
    /// Starts a provider at which the site's address to come back to is registered.
    pub(crate) fn start(now: Timestamp, site: &str) -> Self {
        let folder = std::env::var_os("KANAE_PEERS")
            .map(|peers| PathBuf::from(peers).join("oidc"))
            .filter(|folder| folder.join("node_modules/oidc-provider").is_dir())
            .expect("the OpenID provider is missing; run `cargo xtask test interop`");
        let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../interop/oidc/provider.mjs");
        let settings = json!({
            "port": 0, "time": now.as_millis(),
            "redirect": format!("{site}/sign-in/from/ministry"), "home": format!("{site}/"),
        });
        let mut child = Command::new("node")
            .current_dir(folder)
            .arg(script)
            .arg(settings.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let (orders, lines) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        let mut peer = Self { child, orders, lines, port: 0 };
        peer.port = peer.line().trim().parse().expect("the provider says its port");
        peer
    }

    pub(crate) fn issuer(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.lines.read_line(&mut line).unwrap();
        assert!(!line.is_empty(), "the provider ended");
        line
    }

    /// Tells it something, and waits until it has heard.
    pub(crate) fn say(&mut self, order: &Value) {
        writeln!(self.orders, "{order}").unwrap();
        self.line();
    }

    pub(crate) fn stop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.stop();
    }
}
