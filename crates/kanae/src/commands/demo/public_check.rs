//! Step 8: a stranger with the trust file audits the register over HTTP; then a copy with one byte
//! changed, and one whose history was rewritten and signed again with the log's own key.

use std::path::{Path, PathBuf};

use audit::{Fault, Report, Trust};
use demo::Audience as _;
use evidence::{Language, Leaf};
use ledger::{Checkpoint, FolderStore, LogReader, NoteSigner, ReadLog as _, TileStore as _, TreeHead};
use serde_json::{Value, json};

use super::terminal::Terminal;
use crate::failure::{Failure, Kind};
use crate::ui::Ui;

/// What the three audits found.
pub(super) struct Checked {
    public: Report,
    tampered: Report,
    rewritten: Report,
    copies: (PathBuf, PathBuf),
}

fn internal(error: impl std::fmt::Display) -> Failure {
    Failure::new(Kind::Internal, error)
}

/// Audits the register as served, and the two copies.
pub(super) fn run(folder: &Path, url: &str) -> Result<Checked, Failure> {
    let trust_file = folder.join("trust.json");
    let trust = Trust::read(&trust_file).map_err(internal)?;
    let public = audit(url, &trust)?;
    // What the stranger has now seen, nobody can take back.
    let seen = public.log.as_ref().map(|head| head.checkpoint.clone()).unwrap_or_default();
    let seen = ledger::SignedNote::parse(seen.as_bytes()).map_err(internal)?;
    let trust = trust.with_checkpoint(seen).map_err(internal)?;
    trust.write(&trust_file).map_err(internal)?;

    let changed = folder.join("copies/one-byte-changed");
    copy(&folder.join("log"), &changed)?;
    change_one_byte(&changed)?;
    let tampered = audit(&changed.display().to_string(), &trust)?;

    let forged = folder.join("copies/history-rewritten");
    copy(&folder.join("log"), &forged)?;
    rewrite(&forged, &folder.join("keys/log.key"), &trust)?;
    let rewritten = audit(&forged.display().to_string(), &trust)?;
    Ok(Checked { public, tampered, rewritten, copies: (changed, forged) })
}

fn audit(place: &str, trust: &Trust) -> Result<Report, Failure> {
    let source = audit::open_source(place).map_err(internal)?;
    audit::run(&*source, Some(trust), &|_| {}).map_err(internal)
}

fn copy(from: &Path, to: &Path) -> Result<(), Failure> {
    std::fs::create_dir_all(to).map_err(|error| Failure::io(to, &error))?;
    for entry in std::fs::read_dir(from).map_err(|error| Failure::io(from, &error))? {
        let entry = entry.map_err(|error| Failure::io(from, &error))?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if source.is_dir() {
            copy(&source, &target)?;
        } else {
            std::fs::copy(&source, &target).map_err(|error| Failure::io(&source, &error))?;
        }
    }
    Ok(())
}

/// Changes one letter in the signed payload of the designation, or else of the last statement.
fn change_one_byte(log: &Path) -> Result<(), Failure> {
    let store = FolderStore::open(log).map_err(internal)?;
    let mut chosen = None;
    for (_, bytes) in entries(&store)? {
        if let Ok(Leaf::Public(leaf)) = Leaf::parse(&bytes)
            && (chosen.is_none() || leaf.predicate_type.contains(":designation:"))
        {
            chosen = Some(leaf.statement);
        }
    }
    let statement = chosen.ok_or_else(|| internal("the log has no public entry"))?;
    let path = log.join("envelope").join(statement.to_string());
    let mut bytes = std::fs::read(&path).map_err(|error| Failure::io(&path, &error))?;
    let at = bytes.len() / 2;
    bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
    std::fs::write(&path, bytes).map_err(|error| Failure::io(&path, &error))
}

fn entries(store: &FolderStore) -> Result<Vec<(u64, Vec<u8>)>, Failure> {
    let note = store.read("checkpoint").map_err(internal)?.ok_or_else(|| internal("no checkpoint"))?;
    let note = ledger::SignedNote::parse(&note).map_err(internal)?;
    let checkpoint: Checkpoint = note.unverified_text().parse().map_err(internal)?;
    let mut reader = LogReader::open(|path: &str| store.read(path), checkpoint.head()).map_err(internal)?;
    reader.entries(0..checkpoint.size).collect::<Result<_, _>>().map_err(internal)
}

/// Writes the history anew as its operator could: one entry arrived a day earlier, every tile
/// computed again, the checkpoint signed with the log's own key.
fn rewrite(log: &Path, key: &Path, trust: &Trust) -> Result<(), Failure> {
    let mut history = Vec::new();
    {
        let store = FolderStore::open(log).map_err(internal)?;
        for (_, bytes) in entries(&store)? {
            history.push(bytes);
        }
    }
    let middle = history.len() / 2;
    for bytes in history.iter_mut().skip(middle) {
        if let Ok(Leaf::Public(mut leaf)) = Leaf::parse(bytes) {
            let earlier = leaf.arrived_at.as_millis() - 86_400_000;
            leaf.arrived_at = evidence::Timestamp::from_millis(earlier).unwrap_or(leaf.arrived_at);
            *bytes = Leaf::Public(leaf).to_bytes();
            break;
        }
    }
    let tiles = log.join("tile");
    std::fs::remove_dir_all(&tiles).map_err(|error| Failure::io(&tiles, &error))?;
    let store = FolderStore::open(log).map_err(internal)?;
    let batch = ledger::integrate(&store, TreeHead::EMPTY, &history).map_err(internal)?;
    batch.publish(&store).map_err(internal)?;
    let secret = std::fs::read_to_string(key).map_err(|error| Failure::io(key, &error))?;
    let signer = NoteSigner::from_secret_text(secret.trim()).map_err(internal)?;
    let note = Checkpoint::new(trust.origin(), batch.head()).sign(&[&signer]).map_err(internal)?;
    store.write("checkpoint", &note.to_bytes()).map_err(internal)
}

fn first(report: &Report) -> Value {
    let fault = report.first_fault();
    json!({
        "ok": report.ok,
        "entry": fault.and_then(|f| f.entry),
        "reason": fault.map(|f| f.reason.as_str()),
        "detail": fault.map(|f| f.detail.clone()),
    })
}

fn words(fault: &Fault, language: Language) -> String {
    let entry = match (fault.entry, language) {
        (Some(entry), Language::Ja) => format!("記録{entry}: "),
        (Some(entry), Language::En) => format!("entry {entry}: "),
        (None, _) => String::new(),
    };
    format!("{entry}{}", fault.reason.label(language))
}

impl Checked {
    /// Tells whether the register holds and both forgeries were noticed.
    pub(super) fn ok(&self) -> bool {
        self.public.ok && !self.tampered.ok && !self.rewritten.ok
    }

    pub(super) fn log(&self) -> Value {
        let head = self.public.log.as_ref();
        json!({
            "origin": head.map(|h| h.origin.clone()),
            "size": head.map(|h| h.size),
            "root": head.map(|h| h.root),
        })
    }

    pub(super) fn audit(&self) -> Value {
        serde_json::to_value(&self.public).unwrap_or_default()
    }

    pub(super) fn tampered(&self) -> Value {
        first(&self.tampered)
    }

    pub(super) fn rewritten(&self) -> Value {
        first(&self.rewritten)
    }

    pub(super) fn show(&self, terminal: &mut Terminal, url: &str, ui: &Ui) {
        let language = ui.lang.language();
        terminal.command(&format!("kanae audit {url} --trust trust.json --update"));
        let checked = &self.public.checked;
        let found = match (self.public.first_fault(), ui.lang.language()) {
            (Some(fault), _) => words(fault, language),
            (None, Language::Ja) => format!(
                "確かめられることは、すべて合っています（項目{}、署名{}、助言の再計算{}、非公開{}は数だけ）。",
                checked.entries, checked.signatures, checked.assessments, self.public.counted.restricted
            ),
            (None, Language::En) => format!(
                "Everything that can be checked holds ({} entries, {} signatures, {} assessments computed again; {} restricted, only counted).",
                checked.entries, checked.signatures, checked.assessments, self.public.counted.restricted
            ),
        };
        terminal.note(&found);
        let copies = [
            (
                &self.copies.0,
                &self.tampered,
                ui.text("1バイトだけ変えた写し", "a copy with one byte changed"),
            ),
            (
                &self.copies.1,
                &self.rewritten,
                ui.text(
                    "歴史を書き換え、台帳の鍵で署名し直した写し",
                    "a copy whose history was rewritten and signed again with the log's key",
                ),
            ),
        ];
        for (folder, report, what) in copies {
            let name = folder.file_name().and_then(|n| n.to_str()).unwrap_or_default();
            terminal.command(&format!("! kanae audit copies/{name} --trust trust.json"));
            if let Some(fault) = report.first_fault() {
                terminal.refused(what, fault.reason.as_str(), &words(fault, language));
            }
        }
    }
}
