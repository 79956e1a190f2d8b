//! The one error rule of the command line: a kind (which decides the exit code), what happened,
//! and hints on what to do next.

use std::fmt::Display;
use std::process::ExitCode;

/// Why a command failed, as far as a script needs to know. Documented in `docs/cli.md`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A check was carried out and its answer is no (exit code 1).
    CheckFailed,
    /// `audit` ran without a trust file: consistent with itself only (exit code 2).
    Unanchored,
    /// Wrong arguments (exit code 64).
    Usage,
    /// Input that cannot be read as what it should be (exit code 65).
    Data,
    /// Something named does not exist (exit code 66).
    NotFound,
    /// A node or a port cannot be reached or used (exit code 69).
    Unavailable,
    /// A fault of Kanae itself (exit code 70).
    Internal,
    /// A file or folder cannot be read or written (exit code 74).
    Io,
    /// The node refused, with a signed reason (exit code 77).
    Refused,
}

impl Kind {
    pub(crate) fn exit_code(self) -> ExitCode {
        ExitCode::from(match self {
            Self::CheckFailed => 1,
            Self::Unanchored => 2,
            Self::Usage => 64,
            Self::Data => 65,
            Self::NotFound => 66,
            Self::Unavailable => 69,
            Self::Internal => 70,
            Self::Io => 74,
            Self::Refused => 77,
        })
    }
}

/// A failed command: kind, message, hints.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) kind: Kind,
    pub(crate) message: String,
    pub(crate) hints: Vec<String>,
}

impl Failure {
    pub(crate) fn new(kind: Kind, message: impl Display) -> Self {
        Self { kind, message: message.to_string(), hints: Vec::new() }
    }

    /// Adds a sentence on what to do.
    pub(crate) fn hint(mut self, hint: impl Display) -> Self {
        self.hints.push(hint.to_string());
        self
    }

    /// Wraps an I/O error with the path that it concerns.
    pub(crate) fn io(path: &std::path::Path, error: &std::io::Error) -> Self {
        let kind = match error.kind() {
            std::io::ErrorKind::NotFound => Kind::NotFound,
            // Our own word for what is larger than it may be.
            std::io::ErrorKind::InvalidData => Kind::Data,
            _ => Kind::Io,
        };
        Self::new(kind, format!("{}: {error}", path.display()))
    }
}

/// Prints what the command line's reader says: help and version, or what is wrong with the
/// arguments. Its own exit code for the latter is 2, which here means something else.
pub(crate) fn usage(said: &clap::Error) -> ExitCode {
    // A closed pipe at the other end is no fault of ours.
    let _ = said.print();
    if said.use_stderr() { Kind::Usage.exit_code() } else { ExitCode::SUCCESS }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::new(Kind::Internal, format!("{error:#}"))
    }
}
