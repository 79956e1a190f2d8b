//! The append-only journal of a run: what was answered is on disk before the next question, so a
//! killed run loses nothing that it has recorded.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use evidence::{Digest, Timestamp};
use serde::{Deserialize, Serialize};

use crate::endpoint::Completion;
use crate::scorer::{Behaviour, Outcome};

/// What a run is: its journal continues a run only where all of it is the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Head {
    pub(crate) journal: u32,
    pub(crate) engine: String,
    pub(crate) suite: String,
    pub(crate) suite_digest: Digest,
    pub(crate) phrases_digest: Digest,
    pub(crate) base_url: String,
    pub(crate) model: String,
    pub(crate) samples: usize,
    pub(crate) seed: u32,
    pub(crate) started_at: Timestamp,
}

/// What became of one sample.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Record {
    pub(crate) index: usize,
    pub(crate) id: String,
    pub(crate) attempts: u32,
    pub(crate) started_at: Timestamp,
    pub(crate) completed_at: Timestamp,
    pub(crate) outcome: Outcome,
    pub(crate) behaviour: Option<Behaviour>,
    pub(crate) explanation: String,
    pub(crate) completion: Option<Completion>,
}

/// Why a journal cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum JournalError {
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error("another process is writing it")]
    InUse,
    #[error("line {line}: {message}")]
    Unreadable { line: usize, message: String },
    #[error("{field} was {found} and is now {expected}")]
    OtherRun { field: &'static str, found: String, expected: String },
}

/// Where a record stands in the file.
#[derive(Debug, Clone, Copy)]
struct Position {
    start: u64,
    length: usize,
}

/// An open journal, locked against other processes.
#[derive(Debug)]
pub(crate) struct Journal {
    file: File,
    path: PathBuf,
    head: Head,
    end: u64,
    records: BTreeMap<usize, Position>,
}

const LONGEST_LINE: u64 = 32 << 20;

impl Journal {
    /// Opens the journal of a run, or begins one; returns it with the records that it holds.
    ///
    /// Of several records of a sample the last counts. A last line without its line break was cut
    /// off when the process died; it is removed.
    pub(crate) fn open(path: &Path, wanted: &Head) -> Result<(Self, Vec<Record>), JournalError> {
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(JournalError::InUse),
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
        let mut reader = BufReader::new(&file);
        let mut line = Vec::new();
        let mut end = 0;
        let mut number = 0;
        let mut head: Option<Head> = None;
        let mut positions = BTreeMap::new();
        let mut found: BTreeMap<usize, Record> = BTreeMap::new();
        loop {
            line.clear();
            (&mut reader).take(LONGEST_LINE).read_until(b'\n', &mut line)?;
            number += 1;
            if line.last() != Some(&b'\n') {
                if head.is_none() && !line.is_empty() && !line.starts_with(b"{") {
                    let message = "it does not begin as a journal does".to_owned();
                    return Err(JournalError::Unreadable { line: number, message });
                }
                break;
            }
            let unreadable = |error: serde_json::Error| JournalError::Unreadable {
                line: number,
                message: error.to_string(),
            };
            if head.is_none() {
                head = Some(serde_json::from_slice(&line).map_err(unreadable)?);
            } else {
                let record: Record = serde_json::from_slice(&line).map_err(unreadable)?;
                positions.insert(record.index, Position { start: end, length: line.len() });
                found.insert(record.index, record);
            }
            end += line.len() as u64;
        }
        drop(reader);
        // A journal without a record holds nothing that another run could lose.
        let begun = head.filter(|_| !found.is_empty());
        if let Some(head) = &begun {
            head.continues(wanted)?;
        }
        let mut journal = Self {
            file,
            path: path.to_owned(),
            end: if begun.is_some() { end } else { 0 },
            head: begun.clone().unwrap_or_else(|| wanted.clone()),
            records: positions,
        };
        journal.file.set_len(journal.end)?;
        if begun.is_none() {
            journal.write_line(wanted)?;
        }
        Ok((journal, found.into_values().collect()))
    }

    /// Returns the head: the first session's, where this one continues it.
    pub(crate) fn head(&self) -> &Head {
        &self.head
    }

    /// Appends a record; it is on disk when this returns.
    pub(crate) fn append(&mut self, record: &Record) -> io::Result<()> {
        let position = self.write_line(record)?;
        self.records.insert(record.index, position);
        Ok(())
    }

    fn write_line(&mut self, line: &impl Serialize) -> io::Result<Position> {
        let mut bytes = serde_json::to_vec(line)?;
        bytes.push(b'\n');
        self.file.seek(SeekFrom::Start(self.end))?;
        self.file.write_all(&bytes)?;
        self.file.sync_data()?;
        let position = Position { start: self.end, length: bytes.len() };
        self.end += bytes.len() as u64;
        Ok(position)
    }

    /// Reads back the record of a sample.
    pub(crate) fn read(&self, index: usize) -> io::Result<Option<Record>> {
        let Some(position) = self.records.get(&index) else {
            return Ok(None);
        };
        let mut bytes = vec![0; position.length];
        let mut file = &self.file;
        file.seek(SeekFrom::Start(position.start))?;
        file.read_exact(&mut bytes)?;
        Ok(Some(serde_json::from_slice(&bytes)?))
    }

    /// Removes the file, once the log is written.
    pub(crate) fn remove(self) -> io::Result<()> {
        std::fs::remove_file(&self.path)
    }
}

impl Head {
    fn continues(&self, wanted: &Self) -> Result<(), JournalError> {
        let fields = [
            ("the journal's format", self.journal.to_string(), wanted.journal.to_string()),
            ("the version of Kanae's engine", self.engine.clone(), wanted.engine.clone()),
            ("the suite", self.suite.clone(), wanted.suite.clone()),
            ("the suite's digest", self.suite_digest.to_string(), wanted.suite_digest.to_string()),
            (
                "the digest of the refusal phrases",
                self.phrases_digest.to_string(),
                wanted.phrases_digest.to_string(),
            ),
            ("the address", self.base_url.clone(), wanted.base_url.clone()),
            ("the model", self.model.clone(), wanted.model.clone()),
            ("the number of samples", self.samples.to_string(), wanted.samples.to_string()),
            ("the seed", self.seed.to_string(), wanted.seed.to_string()),
        ];
        match fields.into_iter().find(|(_, found, expected)| found != expected) {
            None => Ok(()),
            Some((field, found, expected)) => Err(JournalError::OtherRun { field, found, expected }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time() -> Timestamp {
        Timestamp::from_millis(1_700_000_000_000).unwrap()
    }

    fn head() -> Head {
        Head {
            journal: 1,
            engine: "e".into(),
            suite: "tiny".into(),
            suite_digest: evidence::sha256(b"suite"),
            phrases_digest: evidence::sha256(b"phrases"),
            base_url: "http://127.0.0.1:1/".into(),
            model: "m".into(),
            samples: 3,
            seed: 1,
            started_at: time(),
        }
    }

    fn record(index: usize, outcome: Outcome) -> Record {
        Record {
            index,
            id: format!("s{index}"),
            attempts: 1,
            started_at: time(),
            completed_at: time(),
            outcome,
            behaviour: None,
            explanation: String::new(),
            completion: None,
        }
    }

    #[test]
    fn a_journal_gives_back_what_was_appended_and_the_last_record_counts() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("j");
        let (mut journal, found) = Journal::open(&path, &head()).unwrap();
        assert!(found.is_empty());
        journal.append(&record(1, Outcome::Error { message: "down".into() })).unwrap();
        journal.append(&record(0, Outcome::Incorrect)).unwrap();
        journal.append(&record(1, Outcome::Correct)).unwrap();
        assert_eq!(journal.read(1).unwrap(), Some(record(1, Outcome::Correct)));
        assert!(matches!(Journal::open(&path, &head()), Err(JournalError::InUse)));
        drop(journal);
        let (journal, found) = Journal::open(&path, &head()).unwrap();
        assert_eq!(found, [record(0, Outcome::Incorrect), record(1, Outcome::Correct)]);
        assert_eq!(journal.read(0).unwrap(), Some(record(0, Outcome::Incorrect)));
        assert_eq!(journal.read(2).unwrap(), None);
    }

    #[test]
    fn a_line_that_was_cut_off_is_dropped_and_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("j");
        let (mut journal, _) = Journal::open(&path, &head()).unwrap();
        journal.append(&record(0, Outcome::Correct)).unwrap();
        drop(journal);
        let mut file = OpenOptions::new().append(true).open(&path).unwrap();
        file.write_all(br#"{"index":1,"id":"s1","att"#).unwrap();
        drop(file);
        let (mut journal, found) = Journal::open(&path, &head()).unwrap();
        assert_eq!(found.len(), 1);
        journal.append(&record(2, Outcome::Correct)).unwrap();
        drop(journal);
        assert_eq!(Journal::open(&path, &head()).unwrap().1.len(), 2);
    }

    #[test]
    fn the_journal_of_another_run_is_refused_with_the_field_that_differs() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("j");
        let other = Head { seed: 2, ..head() };
        let (mut journal, _) = Journal::open(&path, &head()).unwrap();
        journal.append(&record(0, Outcome::Correct)).unwrap();
        drop(journal);
        let error = Journal::open(&path, &other).unwrap_err().to_string();
        assert_eq!(error, "the seed was 1 and is now 2");
    }

    #[test]
    fn a_journal_without_a_record_gives_way_to_another_run() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("j");
        drop(Journal::open(&path, &head()).unwrap());
        let other = Head { seed: 2, ..head() };
        drop(Journal::open(&path, &other).unwrap());
        assert_eq!(Journal::open(&path, &other).unwrap().0.head(), &other);
    }

    #[test]
    fn a_file_that_is_no_journal_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("j");
        std::fs::write(&path, "my notes\n").unwrap();
        assert!(matches!(Journal::open(&path, &head()), Err(JournalError::Unreadable { line: 1, .. })));
        assert_eq!(std::fs::read(&path).unwrap(), b"my notes\n");
        // Without a line break it could be a first line that was cut off; only ours begins so.
        std::fs::write(&path, "my notes").unwrap();
        assert!(matches!(Journal::open(&path, &head()), Err(JournalError::Unreadable { line: 1, .. })));
    }
}
