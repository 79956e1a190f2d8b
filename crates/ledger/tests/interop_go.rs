//! A log grown here, checked by the Go team's implementation of signed notes
//! and tiled logs: `interop/go-tlog`.

#![expect(clippy::unwrap_used, reason = "what fails in a test fails the test")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use kanae_ledger::{Checkpoint, FolderStore, NoteSigner, SignedNote, TileStore as _, TreeHead, integrate};
use tempfile::TempDir;

const ORIGIN: &str = "example.org/log";

/// A log of 853 entries on disk, the checkpoints saved while it grew, and the Go program.
struct Bench {
    folder: TempDir,
    signer: NoteSigner,
    head: TreeHead,
}

impl Bench {
    fn new() -> Self {
        let mut bench = Self {
            folder: tempfile::tempdir().unwrap(),
            signer: NoteSigner::from_seed(ORIGIN, &[7; 32]).unwrap(),
            head: TreeHead::EMPTY,
        };
        bench.build();
        fs::create_dir(bench.saved()).unwrap();
        let store = FolderStore::open(bench.log()).unwrap().without_sync();
        bench.save(&bench.note(TreeHead::EMPTY));
        for count in [1, 1, 5, 248, 1, 1, 254, 1, 88, 253] {
            let entries: Vec<String> =
                (0..count).map(|i| format!("{} {}", bench.head.size, "entry ".repeat(i % 40))).collect();
            let batch = integrate(&store, bench.head, &entries).unwrap();
            batch.publish(&store).unwrap();
            bench.head = batch.head();
            let note = bench.note(bench.head);
            store.write("checkpoint", &note.to_bytes()).unwrap();
            bench.save(&note);
        }
        bench
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join("log")
    }

    fn saved(&self) -> PathBuf {
        self.folder.path().join("saved")
    }

    fn note(&self, head: TreeHead) -> SignedNote {
        let checkpoint = Checkpoint::new(ORIGIN, head);
        checkpoint.sign(&[&self.signer]).unwrap()
    }

    /// Saves a checkpoint under a name of its own.
    fn save(&self, note: &SignedNote) -> PathBuf {
        let number = fs::read_dir(self.saved()).unwrap().count();
        let path = self.saved().join(format!("{number:03}"));
        fs::write(&path, note.to_bytes()).unwrap();
        path
    }

    /// Builds the Go program from its source and Debian's package of the library.
    fn build(&self) {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../interop/go-tlog");
        let built = Command::new("go")
            .args(["build", "-o"])
            .arg(self.folder.path().join("go-tlog"))
            .arg(".")
            .current_dir(source)
            .env("GO111MODULE", "off")
            .env("GOPATH", "/usr/share/gocode")
            .env("GOCACHE", self.folder.path().join("cache"))
            .output()
            .unwrap_or_else(|error| panic!("go: {error}: run `cargo xtask test interop`"));
        let complaint = String::from_utf8_lossy(&built.stderr);
        assert!(
            built.status.success(),
            "{complaint}\nrun `cargo xtask test interop`, which installs what is missing"
        );
    }

    fn check_with(&self, key: &str) -> Output {
        Command::new(self.folder.path().join("go-tlog"))
            .arg(key)
            .args([self.log(), self.saved()])
            .output()
            .unwrap()
    }

    /// Runs the check and returns what it prints and whether it exits well.
    fn check(&self) -> (bool, String) {
        let output = self.check_with(&self.signer.verifier_key().to_string());
        let line = String::from_utf8(output.stdout).unwrap();
        (output.status.success(), line.trim_end().to_owned())
    }

    fn refused(&self, because: &str) {
        let (verified, line) = self.check();
        assert!(!verified && line.contains("\"verified\":false"), "{line}");
        assert!(line.contains(because), "{because}: {line}");
    }

    /// Changes one byte of a file of the log, and puts it back after the check.
    fn refused_with_changed_byte(&self, path: &str, place: usize, because: &str) {
        let path = self.log().join(path);
        let honest = fs::read(&path).unwrap();
        let mut changed = honest.clone();
        changed[place] ^= 1;
        fs::write(&path, changed).unwrap();
        self.refused(because);
        fs::write(&path, honest).unwrap();
    }
}

#[test]
fn the_go_implementation_verifies_a_log_grown_here_and_refuses_a_changed_one() {
    let bench = Bench::new();
    let verified = "{\"checkpoints\":11,\"size\":853,\"verified\":true}";
    assert_eq!(bench.check(), (true, verified.to_owned()));

    bench.refused_with_changed_byte("tile/0/001", 8_000, "");
    bench.refused_with_changed_byte("tile/0/003.p/85", 5, "");
    bench.refused_with_changed_byte("tile/1/000.p/3", 5, "");
    bench.refused_with_changed_byte("tile/entries/002", 3, "entry 512 is not the one");
    bench.refused_with_changed_byte("checkpoint", 20, "");

    let stranger = NoteSigner::from_seed(ORIGIN, &[8; 32]).unwrap();
    let output = bench.check_with(&stranger.verifier_key().to_string());
    assert_eq!(output.status.code(), Some(1));

    // Properly signed, but of another history: smaller than the log, and as large.
    for size in [300, bench.head.size] {
        let fork = TreeHead { size, root: kanae_ledger::leaf_hash(b"another history") };
        let saved = bench.save(&bench.note(fork));
        bench.refused("does not continue");
        fs::remove_file(saved).unwrap();
    }
    assert_eq!(bench.check(), (true, verified.to_owned()));
}
