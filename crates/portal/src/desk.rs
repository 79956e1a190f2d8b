//! The edge of the desk: who is signed in, what a form sent, and where answers to choose from come
//! from. The pages stand in `pages::desk`.

mod access;
mod choices;
mod filing;
mod posted;

pub(crate) use access::{Entry, Member, cookie_of, ended_cookie, local_path, session_cookie};
pub(crate) use choices::{Choice, choices};
#[cfg(test)]
pub(crate) use filing::is_filed_by_hand;
pub(crate) use filing::{FilingError, kinds_for, needed_approval, subjects, submit};
pub(crate) use posted::{Posted, PostedError};
