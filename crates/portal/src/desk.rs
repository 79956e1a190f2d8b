//! The edge of the desk: who is signed in, what a form sent, and where answers to choose from come
//! from. The pages stand in `pages::desk`.

mod access;
mod choices;
mod filing;
mod posted;

#[cfg(test)]
pub(crate) use ::desk::filing::is_filed_by_hand;
pub(crate) use ::desk::filing::{is_subject, kinds_for, needed_approval, subjects};
pub(crate) use access::{Entry, Member, cookie_of, ended_cookie, local_path, session_cookie};
pub(crate) use choices::{Choice, choices};
pub(crate) use filing::{FilingError, submit};
pub(crate) use posted::{Posted, PostedError};
