//! Paths inside a model: relative, with `/`, in one spelling only.

use std::cmp::Ordering;

/// The longest path that is taken, in bytes.
const MAX_PATH: usize = 4096;

/// What OMS leaves out of a signature unless told otherwise: the traces of a Git checkout, at the
/// top of the folder.
pub const GIT_PATHS: [&str; 4] = [".git", ".gitattributes", ".github", ".gitignore"];

/// The name of a model that is a single file, in an OMS manifest.
pub(crate) const SINGLE_FILE: &str = ".";

/// Why a path cannot name a file inside a model.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// The path names the folder itself, so it would stand for every file.
    #[error("{0:?} stands for the whole folder, expected a path of something inside it")]
    WholeFolder(String),
    /// The path starts at the root of the machine, or climbs with `..`.
    #[error("{0:?} leaves the folder, expected a relative path without \"..\"")]
    Leaves(String),
    /// The path has another, shorter spelling, so that two names could mean one file.
    #[error("{0:?} has empty or \".\" components, expected the plain spelling of the path")]
    Spelling(String),
    /// The path holds a control character.
    #[error("{0:?} holds a control character; rename the file")]
    ControlCharacter(String),
    /// The path is too long.
    #[error("a path of {0} bytes, at most {MAX_PATH} are taken")]
    TooLong(usize),
}

/// Checks that `path` is the one spelling of a place strictly inside the folder.
pub(crate) fn check(path: &str) -> Result<(), PathError> {
    if path.len() > MAX_PATH {
        return Err(PathError::TooLong(path.len()));
    }
    if path.chars().any(char::is_control) {
        return Err(PathError::ControlCharacter(path.to_owned()));
    }
    if path.starts_with('/') || path.split('/').any(|part| part == "..") {
        return Err(PathError::Leaves(path.to_owned()));
    }
    if path.split('/').all(|part| part.is_empty() || part == ".") {
        return Err(PathError::WholeFolder(path.to_owned()));
    }
    if path.split('/').any(|part| part.is_empty() || part == ".") {
        return Err(PathError::Spelling(path.to_owned()));
    }
    Ok(())
}

/// Compares paths by component, as Python's `PurePosixPath` does and OMS orders resources: `a/b`
/// stands before `a-b`, which the order of the strings would not give.
pub(crate) fn order(left: &str, right: &str) -> Ordering {
    left.split('/').cmp(right.split('/'))
}

/// Tells whether `path` is `place` or lies below it.
pub(crate) fn is_within(path: &str, place: &str) -> bool {
    path.strip_prefix(place).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Returns `path` and each folder above it.
pub(crate) fn with_parents(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(path), |path| path.rsplit_once('/').map(|(parent, _)| parent))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_ordered_by_component_as_the_reference_orders_them() {
        // Measured with model-signing 1.1.1 on Python 3.10 to 3.13.
        let expected = [".hid", "A/z", "a", "a/b", "a/b/c", "a/b-c", "a-b", "a.b", "日本 語.txt"];
        let mut sorted = expected;
        sorted.reverse();
        sorted.sort_by(|a, b| order(a, b));
        assert_eq!(sorted, expected);
    }

    #[test]
    fn a_path_has_one_spelling_and_stays_inside() {
        for good in ["a", ".hid", "a/b-c", "日本 語.txt", "..a", "a..b/...", "a\\b"] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for whole in ["", ".", "./", "./."] {
            assert!(matches!(check(whole), Err(PathError::WholeFolder(_))), "{whole}");
        }
        for leaving in ["..", "../a", "a/../b", "/a", "/", "//"] {
            assert!(matches!(check(leaving), Err(PathError::Leaves(_))), "{leaving}");
        }
        for odd in ["./a", "a//b", "a/", "a/./b"] {
            assert!(matches!(check(odd), Err(PathError::Spelling(_))), "{odd}");
        }
        assert!(matches!(check("a\nb"), Err(PathError::ControlCharacter(_))));
        assert!(matches!(check(&"a".repeat(5000)), Err(PathError::TooLong(5000))));
    }

    #[test]
    fn a_folder_covers_what_is_below_it_and_not_its_namesakes() {
        assert!(is_within(".git", ".git"));
        assert!(is_within(".git/objects/a", ".git"));
        assert!(!is_within(".gitmodules", ".git"));
        assert!(!is_within("sub/.git", ".git"));
        assert_eq!(with_parents("a/b/c").collect::<Vec<_>>(), ["a/b/c", "a/b", "a"]);
    }
}
