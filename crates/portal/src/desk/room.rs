//! One piece of work at the desk: who does it, and what they look at. Pages and the API do the same
//! work through it, so what one may do does not depend on the way in.

use desk::DeskError;
use desk::draft::DraftError;

use super::access::Member;
use crate::pages::Scene;

/// Who works, and what they look at.
pub(crate) struct Room {
    pub(crate) scene: Scene,
    pub(crate) member: Member,
}

/// Why there is no answer.
#[derive(Debug)]
pub(crate) enum Stop {
    /// Nothing stands at the address, or it is not for this account to know whether anything does.
    Missing,
    /// The account may not do this.
    Forbidden,
    /// Someone else was faster.
    Conflict,
    /// The desk, the node or a template failed.
    Failed(String),
}

impl From<DeskError> for Stop {
    fn from(error: DeskError) -> Self {
        if error.is_conflict() { Self::Conflict } else { Self::Failed(error.to_string()) }
    }
}

impl From<askama::Error> for Stop {
    fn from(error: askama::Error) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<node::StoreError> for Stop {
    fn from(error: node::StoreError) -> Self {
        Self::Failed(error.to_string())
    }
}

/// Why something was not done that could be asked for in other words.
#[derive(Debug)]
pub(crate) enum Refused {
    /// What was sent does not fit: the field, and the message that says so.
    Wrong {
        /// The field.
        at: &'static str,
        /// The message.
        key: &'static str,
    },
    /// The draft does not go on.
    Draft(DraftError),
    /// There is no answer at all.
    Stop(Stop),
}

impl Refused {
    pub(crate) fn wrong(at: &'static str, key: &'static str) -> Self {
        Self::Wrong { at, key }
    }
}

impl From<DraftError> for Refused {
    fn from(error: DraftError) -> Self {
        Self::Draft(error)
    }
}

impl From<Stop> for Refused {
    fn from(stop: Stop) -> Self {
        Self::Stop(stop)
    }
}

impl From<DeskError> for Refused {
    fn from(error: DeskError) -> Self {
        Self::Stop(error.into())
    }
}
