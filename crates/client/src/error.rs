//! Why asking a node failed.

use serde::Deserialize;

use crate::receipt::ReceiptError;

/// Why an address is not one of a node.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Not an absolute HTTP address.
    #[error("{found:?} is no address of a node; expected one such as https://register.example/")]
    NotAnAddress {
        /// What was given, cut to a readable length.
        found: String,
    },
    /// The address holds more than scheme, host, port and path.
    #[error("the address of a node has no user name, password, query or fragment")]
    MoreThanAnAddress,
    /// The token would travel unencrypted over a network.
    #[error("the token would be sent to {host} unencrypted; use https, or http on this machine only")]
    TokenInTheClear {
        /// The host.
        host: String,
    },
    /// The token cannot be put into a header.
    #[error("the token holds characters that no token has")]
    UnusableToken,
}

/// An error as a node reports it (RFC 9457).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Problem {
    /// What went wrong, in general.
    #[serde(default)]
    pub title: String,
    /// HTTP status.
    #[serde(default)]
    pub status: u16,
    /// What went wrong this time.
    #[serde(default)]
    pub detail: String,
    /// The reason code, such as `approval-missing`.
    #[serde(default)]
    pub code: Option<String>,
    /// The place in the request (JSON pointer, RFC 6901).
    #[serde(default)]
    pub pointer: Option<String>,
    /// A refusal signed under the node's intake key.
    #[serde(default)]
    pub note: Option<String>,
    /// What to do.
    #[serde(default)]
    pub hints: Vec<String>,
}

/// Why a node could not be asked, or did not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// The address of the node cannot be used.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// No connection.
    #[error("{address} cannot be reached: {problem}")]
    Unreachable {
        /// The address of the node.
        address: String,
        /// The innermost cause.
        problem: String,
    },
    /// The connection broke off, or no answer came in time.
    #[error("no complete answer from {address}: {problem}")]
    Interrupted {
        /// The address of the node.
        address: String,
        /// The innermost cause.
        problem: String,
    },
    /// The node answered with a redirection, which is never followed.
    #[error("{address} answers with a redirection, which is not followed; give the final address")]
    Redirected {
        /// The address asked.
        address: String,
    },
    /// The answer is longer than any should be.
    #[error("the answer of {address} is longer than {most} bytes")]
    TooLarge {
        /// The address asked.
        address: String,
        /// Bytes that are read.
        most: usize,
    },
    /// The answer is not what a node says.
    #[error("{address} answers, but not as a node does: {problem}")]
    Unreadable {
        /// The address asked.
        address: String,
        /// What was found.
        problem: String,
    },
    /// The path is none that a log has.
    #[error("{0:?} is no path of a log's file")]
    NoLogPath(String),
    /// What was asked for is not there.
    #[error("not found: {}", .0.detail)]
    NotFound(Box<Problem>),
    /// The register refuses a statement.
    #[error("refused ({code}): {detail}")]
    Refused {
        /// The reason code, such as `approval-missing`.
        code: String,
        /// What was found and what was expected.
        detail: String,
        /// The refusal signed under the node's intake key.
        note: Option<String>,
        /// What to do.
        hints: Vec<String>,
    },
    /// The node says that something else is wrong.
    #[error("{} ({}): {}", .0.title, .0.status, .0.detail)]
    Problem(Box<Problem>),
    /// A receipt or a checkpoint does not prove what it should.
    #[error(transparent)]
    Receipt(#[from] ReceiptError),
}

impl ClientError {
    /// Returns the node's own account of the error, where it gave one.
    pub fn problem(&self) -> Option<&Problem> {
        match self {
            Self::NotFound(problem) | Self::Problem(problem) => Some(problem),
            _ => None,
        }
    }

    /// Sorts a problem document into the kind of error that it is.
    pub(crate) fn from_problem(problem: Problem) -> Self {
        match problem.status {
            404 => Self::NotFound(Box::new(problem)),
            422 if problem.code.is_some() => Self::Refused {
                code: problem.code.unwrap_or_default(),
                detail: problem.detail,
                note: problem.note,
                hints: problem.hints,
            },
            _ => Self::Problem(Box::new(problem)),
        }
    }
}
