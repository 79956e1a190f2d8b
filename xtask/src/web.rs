//! The demo's pages, people at work at a node's desk, and what the public meets there, in a real browser.

use std::fs;
use std::io::{BufRead as _, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use crate::command::{end, run_within, start};
use crate::places::Places;
use crate::{steps, tools};

/// The demo, which with `--json` names its address once all its pages are there; offline, so that it
/// downloads no model.
const DEMO: [&str; 3] = ["demo", "--offline", "--json"];
/// How long the demo may take until it serves.
const DEMO_LIMIT: Duration = Duration::from_mins(5);
/// How long the browser may take over all pages.
const CHECK_LIMIT: Duration = Duration::from_mins(25);

/// Walks the journeys of the desk and of the public, then starts the demo, looks at its pages, ends it.
pub(crate) fn run(places: &Places) -> Result<()> {
    let kanae = steps::kanae(places)?;
    // Each of these starts a node of its own, and ends it.
    for (script, folder) in [
        ("journeys.mjs", "kanae-journeys"),
        ("procedures.mjs", "kanae-procedures"),
        ("public.mjs", "kanae-public"),
    ] {
        run_within(
            Command::new("node")
                .current_dir(tools::web_folder(places))
                .env("KANAE", &kanae)
                .arg(places.root.join("interop/web").join(script))
                .arg(places.target.join(folder)),
            CHECK_LIMIT,
        )?;
    }
    let folder = places.target.join("kanae-web");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let mut demo = Served(start(Command::new(kanae).current_dir(&folder).args(DEMO).stdout(Stdio::piped()))?);
    let output = demo.0.stdout.take().context("the demo's output is piped")?;
    let address = wait_for_address(&lines(output), DEMO_LIMIT)?;
    run_within(
        Command::new("node")
            .current_dir(tools::web_folder(places))
            .arg(places.root.join("interop/web/check.mjs"))
            .arg(address)
            .arg(folder.join("screens")),
        CHECK_LIMIT,
    )
}

/// A process that is ended, by its own id, when the check is over.
struct Served(Child);

impl Drop for Served {
    fn drop(&mut self) {
        if let Err(error) = end(&mut self.0) {
            println!("process {} could not be ended: {error:#}", self.0.id());
        }
    }
}

/// Prints what a process says and passes it on; reads to the end, so that the process never blocks.
fn lines(output: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            println!("{line}");
            // Nobody listens any more once the address is known.
            let _ = sender.send(line);
        }
    });
    receiver
}

fn wait_for_address(said: &Receiver<String>, limit: Duration) -> Result<String> {
    let deadline = Instant::now() + limit;
    loop {
        match said.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(line) => {
                if let Some(address) = address(&line) {
                    return Ok(address);
                }
            }
            Err(RecvTimeoutError::Timeout) => {
                bail!("the demo named no address within {} s", limit.as_secs())
            }
            Err(RecvTimeoutError::Disconnected) => bail!("the demo ended without an address"),
        }
    }
}

/// Finds a loopback address with a port in a line of text.
fn address(line: &str) -> Option<String> {
    let hosts = ["http://127.0.0.1:", "http://localhost:"];
    hosts.into_iter().find_map(|host| {
        let (_, rest) = line.split_once(host)?;
        let port: String = rest.chars().take_while(char::is_ascii_digit).collect();
        port.parse::<u16>().ok().map(|port| format!("{host}{port}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_found_wherever_it_stands_in_a_line() {
        let found = address("  Look: http://127.0.0.1:40123/ja/ (Ctrl-C ends it)");
        assert_eq!(found.as_deref(), Some("http://127.0.0.1:40123"));
        assert_eq!(address("http://example.org:80/"), None);
        assert_eq!(address("http://127.0.0.1:99999/"), None);
    }

    #[test]
    fn a_demo_that_ends_or_says_nothing_is_an_error() {
        let ended = lines("Nothing to see\n".as_bytes());
        let error = wait_for_address(&ended, Duration::from_mins(1)).unwrap_err();
        assert!(error.to_string().contains("ended"), "{error}");

        let (_sender, silent) = channel();
        let error = wait_for_address(&silent, Duration::ZERO).unwrap_err();
        assert!(error.to_string().contains("no address"), "{error}");
    }
}
