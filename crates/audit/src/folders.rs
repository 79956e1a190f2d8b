//! The files of adopted policies and regimes, which are adopted by the digest of their folder.

use std::collections::BTreeMap;

use evidence::{Digest, folder_digest, sha256};
use law::Regime;
use register::{Library, Policy};

use crate::log::LogError;
use crate::reason::Reason;
use crate::report::Fault;
use crate::source::Meter;

/// Bounds of an adopted folder.
const MAX_INDEX: usize = 1 << 20;
const MAX_FILES: usize = 4096;
const MAX_BYTES: u64 = 64 << 20;

/// What is adopted, and under which names it fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Policy,
    Regime,
}

impl Kind {
    fn missing(self) -> Reason {
        match self {
            Self::Policy => Reason::PolicyMissing,
            Self::Regime => Reason::RegimeMissing,
        }
    }

    fn mismatch(self) -> Reason {
        match self {
            Self::Policy => Reason::PolicyMismatch,
            Self::Regime => Reason::RegimeMismatch,
        }
    }

    fn unreadable(self) -> Reason {
        match self {
            Self::Policy => Reason::PolicyUnreadable,
            Self::Regime => Reason::RegimeUnreadable,
        }
    }
}

/// Fetches what entry `entry` adopts and adds it to the library.
pub(crate) fn shelve(
    meter: &Meter<'_>,
    entry: u64,
    kind: Kind,
    folder: Digest,
    library: &mut Library,
) -> Result<(), LogError> {
    let files = fetch(meter, entry, kind, folder)?;
    let unreadable = |problem: String| LogError::Fault(Fault::new(entry, kind.unreadable(), problem));
    match kind {
        Kind::Policy => {
            let policy = Policy::load(&files).map_err(|error| unreadable(error.to_string()))?;
            library.add_policy(policy);
        }
        Kind::Regime => {
            let regime = Regime::load(&files).map_err(|problems| {
                unreadable(problems.first().map(ToString::to_string).unwrap_or_default())
            })?;
            library.add_regime(folder, regime);
        }
    }
    Ok(())
}

/// Fetches the files of a folder: the list of them is what its digest is of.
fn fetch(
    meter: &Meter<'_>,
    entry: u64,
    kind: Kind,
    folder: Digest,
) -> Result<BTreeMap<String, Vec<u8>>, LogError> {
    let fault = |reason, detail: String| LogError::Fault(Fault::new(entry, reason, detail));
    let path = format!("blob/{folder}/index");
    let index = meter
        .fetch(&path, MAX_INDEX)
        .map_err(|error| LogError::of_source(&path, error, Some(entry)))?
        .ok_or_else(|| fault(kind.missing(), format!("{path} is not served")))?;
    let found = sha256(&index);
    if found != folder {
        return Err(fault(kind.mismatch(), format!("{path} has the digest {found}, adopted was {folder}")));
    }
    let listed = parse(&index)
        .filter(|listed| {
            folder_digest(listed.iter().map(|(path, file)| (path.as_str(), file.0, file.1))).ok()
                == Some(folder)
        })
        .ok_or_else(|| fault(kind.unreadable(), format!("{path} is no list of at most {MAX_FILES} files")))?;
    let paths: Vec<(String, usize)> = listed
        .iter()
        .map(|(name, (_, size))| {
            (format!("blob/{folder}/{name}"), usize::try_from(*size).unwrap_or(usize::MAX))
        })
        .collect();
    let mut files = BTreeMap::new();
    for (((path, _), (name, (digest, _))), fetched) in paths.iter().zip(listed).zip(meter.fetch_all(&paths)) {
        let bytes = match fetched {
            Ok(Some(bytes)) => bytes,
            Ok(None) => return Err(fault(kind.missing(), format!("{path} is not served"))),
            // Longer than listed: another file.
            Err(error) if error.kind() == std::io::ErrorKind::FileTooLarge => {
                return Err(fault(kind.mismatch(), error.to_string()));
            }
            Err(error) => return Err(LogError::of_source(path, error, Some(entry))),
        };
        let found = sha256(&bytes);
        if found != digest {
            return Err(fault(
                kind.mismatch(),
                format!("{path} has the digest {found}, adopted was {digest}"),
            ));
        }
        files.insert(name, bytes);
    }
    Ok(files)
}

type Listed = BTreeMap<String, (Digest, u64)>;

/// Reads the lines `<sha256 hex> SP <size> SP <path> LF`.
fn parse(index: &[u8]) -> Option<Listed> {
    let mut listed = Listed::new();
    let mut total = 0_u64;
    for line in std::str::from_utf8(index).ok()?.strip_suffix('\n')?.split('\n') {
        let (digest, rest) = line.split_once(' ')?;
        let (size, path) = rest.split_once(' ')?;
        let size: u64 = size.parse().ok()?;
        total = total.checked_add(size).filter(|total| *total <= MAX_BYTES)?;
        listed.insert(path.to_owned(), (digest.parse().ok()?, size));
        if listed.len() > MAX_FILES {
            return None;
        }
    }
    Some(listed)
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn no_list_makes_the_reader_panic(index in "([0-9a-f]{64} [0-9]{1,3} [a-z/.]{1,8}\n){0,3}.{0,4}") {
            let _ = parse(index.as_bytes());
        }
    }
}
