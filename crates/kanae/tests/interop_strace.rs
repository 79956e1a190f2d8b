//! What `kill -9` cannot show: that everything was synced before it was acknowledged. `strace`
//! writes down the system calls of `kanae serve` in their order, and this test reads them.
//!
//! Between the bytes of a submission and the bytes of its answer, every file that was written in
//! the data folder has to be synced after its last write, and every folder that got a new name
//! after that.

#![expect(clippy::unwrap_used, reason = "what fails in a test fails the test")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use client::Options;
use serde_json::json;

#[path = "commands/house.rs"]
#[expect(dead_code, reason = "the other tests of the commands use more of it")]
mod house;

use house::{DEVELOPER, House, Server, quiet};

/// What is written down: whatever changes a file, syncs it, or moves bytes over a connection.
const CALLS: &str = "trace=write,writev,pwrite64,pwritev,ftruncate,fsync,fdatasync,sync_file_range,msync,\
                     rename,renameat,renameat2,link,linkat,unlink,unlinkat,mkdir,mkdirat,\
                     read,readv,recvfrom,recvmsg,sendto,sendmsg";

/// A system call that has ended, in the words of `strace -f -y`.
#[derive(Debug, PartialEq, Eq)]
struct Call {
    name: String,
    /// What stands between its parentheses.
    arguments: String,
    /// What it returned; negative where it failed.
    returned: i64,
    /// Lines of the trace at which it began and ended.
    began: usize,
    ended: usize,
}

impl Call {
    /// Returns the file behind the descriptor that is the first argument: `9</tmp/x>` is `/tmp/x`.
    fn file(&self) -> Option<&str> {
        let (descriptor, rest) = self.arguments.split_once('<')?;
        let is_number = !descriptor.is_empty() && descriptor.bytes().all(|b| b.is_ascii_digit());
        is_number.then(|| rest.split_once('>').map(|(file, _)| file)).flatten()
    }

    /// Returns the descriptor that is the first argument.
    fn descriptor(&self) -> &str {
        self.arguments.split(['<', ',']).next().unwrap_or_default()
    }

    /// Returns the quoted strings among the arguments: paths, or the first bytes that were moved.
    fn strings(&self) -> Vec<&str> {
        self.arguments.split('"').skip(1).step_by(2).collect()
    }
}

/// Reads a trace. A call that was interrupted by another thread's stands in two lines:
/// `7 fsync(9</x> <unfinished ...>` and `7 <... fsync resumed>) = 0`.
fn read_trace(text: &str) -> Vec<Call> {
    let mut calls = Vec::new();
    let mut unfinished = BTreeMap::<&str, (usize, String)>::new();
    for (number, line) in text.lines().enumerate() {
        let Some((thread, rest)) = line.split_once(' ') else { continue };
        let rest = rest.trim_start();
        let (began, whole) = if let Some(start) = rest.strip_suffix("<unfinished ...>") {
            unfinished.insert(thread, (number, start.to_owned()));
            continue;
        } else if let Some(resumed) = rest.strip_prefix("<... ") {
            let Some((began, start)) = unfinished.remove(thread) else { continue };
            (began, start + resumed.split_once("resumed>").map_or("", |(_, end)| end))
        } else {
            (number, rest.to_owned())
        };
        // Signals and exits (`+++ exited with 0 +++`) are no calls.
        let Some((call, result)) = whole.rsplit_once(" = ") else { continue };
        let Some((name, arguments)) = call.trim_end().split_once('(') else { continue };
        let Some(arguments) = arguments.strip_suffix(')') else { continue };
        let returned = result.split(' ').next().and_then(|number| number.parse().ok()).unwrap_or(-1);
        calls.push(Call {
            name: name.to_owned(),
            arguments: arguments.to_owned(),
            returned,
            began,
            ended: number,
        });
    }
    calls.sort_by_key(|call| call.began);
    calls
}

/// What happened in the data folder between a request and its answer.
#[derive(Debug, Default)]
struct Between {
    /// Files and folders that were changed and not synced before the answer.
    unsynced: BTreeMap<PathBuf, &'static str>,
    /// Files that were synced under these names, and those that they were renamed to.
    synced: Vec<PathBuf>,
}

/// Follows the calls from the one that received `request` to the one that sent the answer on the
/// same connection. Returns nothing where there was no such request or no answer.
fn follow(calls: &[Call], request: &str, data: &Path) -> Option<Between> {
    let came = calls.iter().position(|call| {
        matches!(call.name.as_str(), "read" | "readv" | "recvfrom" | "recvmsg")
            && call.strings().iter().any(|bytes| bytes.starts_with(request))
    })?;
    let connection = calls[came].descriptor();
    let answer = calls[came + 1..].iter().find(|call| {
        matches!(call.name.as_str(), "write" | "writev" | "sendto" | "sendmsg")
            && call.descriptor() == connection
            && call.strings().iter().any(|bytes| bytes.starts_with("HTTP/1.1 200"))
    })?;
    let mut between = Between::default();
    for call in calls[came + 1..].iter().filter(|call| call.ended < answer.began && call.returned >= 0) {
        let file = call.file().map(PathBuf::from).filter(|file| file.starts_with(data));
        match (call.name.as_str(), file) {
            ("write" | "writev" | "pwrite64" | "pwritev" | "ftruncate", Some(file)) => {
                between.unsynced.insert(file, "written");
            }
            ("fsync" | "fdatasync", Some(file)) => {
                between.unsynced.remove(&file);
                between.synced.push(file);
            }
            ("rename" | "renameat" | "renameat2", _) => {
                let strings = call.strings();
                let [from, to] = strings[..] else { continue };
                let (from, to) = (data.join(from), data.join(to));
                if let Some(why) = between.unsynced.remove(&from) {
                    between.unsynced.insert(to.clone(), why);
                }
                if between.synced.contains(&from) {
                    between.synced.push(to.clone());
                }
                between.unsynced.insert(to.parent().unwrap().to_owned(), "has a new name in it");
            }
            _ => {}
        }
    }
    Some(between)
}

#[test]
fn a_trace_is_read_call_by_call() {
    let text = "7  fsync(9</data/kanae.db-wal> <unfinished ...>\n\
                8  sendto(12<socket:[1]>, \"HTTP/1.1 200 OK\\r\\n\"..., 310, MSG_NOSIGNAL, NULL, 0) = 310\n\
                7  <... fsync resumed>) = 0\n\
                7  write(9</data/a (b>, \"x = y\", 5) = -1 ENOSPC (No space left on device)\n\
                7  +++ exited with 0 +++\n";
    let calls = read_trace(text);
    let names: Vec<_> = calls.iter().map(|c| (c.name.as_str(), c.began, c.ended, c.returned)).collect();
    assert_eq!(names, [("fsync", 0, 2, 0), ("sendto", 1, 1, 310), ("write", 3, 3, -1)]);
    assert_eq!(calls[0].file(), Some("/data/kanae.db-wal"));
    assert_eq!((calls[1].descriptor(), calls[1].strings()[0]), ("12", r"HTTP/1.1 200 OK\r\n"));
}

#[test]
fn an_answer_before_the_end_of_a_sync_is_noticed() {
    let trace = |sync: &str, answer: &str, rest: &str| {
        format!(
            "1  recvfrom(5<socket:[1]>, \"POST /x HTTP/1.1\\r\\n\"..., 99, 0, NULL, NULL) = 99\n\
             2  write(9</data/log/.a.tmp>, \"x\", 1) = 1\n{sync}{answer}{rest}"
        )
    };
    let rename = "2  rename(\"/data/log/.a.tmp\", \"/data/log/a\") = 0\n";
    let (file, folder) = ("2  fsync(9</data/log/.a.tmp>) = 0\n", "2  fsync(8</data/log>) = 0\n");
    let answer = "3  sendto(5<socket:[1]>, \"HTTP/1.1 200 OK\\r\\n\"..., 9, 0, NULL, 0) = 9\n";
    let follow = |text: String| follow(&read_trace(&text), "POST /x", Path::new("/data")).unwrap().unsynced;
    assert!(follow(trace(file, rename, &format!("{folder}{answer}"))).is_empty());
    // The file is not synced, or the folder is not, or the sync ends only after the answer.
    assert_eq!(follow(trace("", rename, &format!("{folder}{answer}"))).len(), 1);
    assert_eq!(follow(trace(file, rename, answer)).len(), 1);
    let late = "2  fsync(9</data/log/.a.tmp> <unfinished ...>\n";
    assert_eq!(follow(trace(late, answer, "2  <... fsync resumed>) = 0\n")).len(), 1);
}

#[tokio::test]
async fn a_submission_is_on_the_disk_before_it_is_acknowledged() {
    let house = House::new();
    let data = house.path("node").canonicalize().unwrap();
    let server = house.serve();
    house.furnish(&server);
    server.kill();

    let trace = house.path("trace");
    let mut strace = quiet(Command::new("strace"));
    strace.args(["-f", "-y", "-qq", "-s", "48", "-e", CALLS, "-e", "signal=none", "-o"]).arg(&trace);
    strace.arg(env!("CARGO_BIN_EXE_kanae")).args(["--json", "serve", "--listen", "127.0.0.1:0", "--data"]);
    let there = Command::new("strace").arg("-V").output().is_ok();
    assert!(there, "strace is missing: run `cargo xtask test interop`, which installs it");
    let server = Server::of(strace.arg(&data));
    let author = house.author(&server, "minato");
    let body = json!({"slug": "wakaba", "names": {"en": "Wakaba"}, "description": {"en": "A model."}});
    let card = client::File {
        name: "card.txt".into(),
        media_type: "text/plain".into(),
        bytes: b"card".to_vec(),
        restricted: None,
    };
    let options = Options { attachments: vec![card], ..Options::default() };
    let model = author.compose("model", DEVELOPER, body, options).await.unwrap();
    author.submit(std::slice::from_ref(&model)).await.unwrap();
    end_traced(&trace, server);

    let calls = read_trace(&fs::read_to_string(&trace).unwrap());
    let between = follow(&calls, "POST /api/v1/submissions", &data).expect("request and answer are traced");
    assert!(between.unsynced.is_empty(), "acknowledged before it was on the disk: {:#?}", between.unsynced);
    let (log, part) = (data.join("log"), model.parts[0].commitment());
    for file in [
        data.join("kanae.db-wal"),
        log.join("checkpoint"),
        log.join(format!("envelope/{}", model.digest())),
        log.join(format!("part/{part}")),
    ] {
        assert!(between.synced.contains(&file), "{} was not synced: {:#?}", file.display(), between.synced);
    }
    assert!(between.synced.iter().any(|file| file.starts_with(log.join("tile"))), "{:#?}", between.synced);
}

/// Ends the traced process itself: one that traces leaves it running when it is killed.
fn end_traced(trace: &Path, mut tracer: Server) {
    let text = fs::read_to_string(trace).unwrap();
    let first = text.split_whitespace().next().unwrap();
    let done = Command::new("kill").args(["-TERM", first]).status().unwrap();
    assert!(done.success());
    tracer.child.wait().unwrap();
}
