//! The edge of the desk: who is there, what a form sent, where answers to choose from come from, and
//! the work itself, which the pages (`pages::desk`) and the API (`api::desk`) share.

mod access;
pub(crate) mod administering;
mod choices;
pub(crate) mod drafts;
pub(crate) mod files;
mod filing;
mod forms;
pub(crate) mod handling;
pub(crate) mod members;
mod posted;
mod room;
pub(crate) mod sealing;
mod seals;
pub(crate) mod settings;
pub(crate) mod signing;
pub(crate) mod tokens;
pub(crate) mod webhooks;

#[cfg(test)]
pub(crate) use ::desk::filing::is_filed_by_hand;
pub(crate) use ::desk::filing::{is_subject, kinds_for, needed_approval, subjects};
pub(crate) use access::{
    Entry, Member, Way, attempt_cookie, attempt_of, cookie_of, ended_cookie, local_path, session_cookie,
};
pub(crate) use choices::{Choice, choices, offered};
pub(crate) use filing::{FilingError, submit};
pub(crate) use forms::{WORDS, form_of};
pub(crate) use posted::{Posted, PostedError};
pub(crate) use room::{Refused, Room, Stop};
pub(crate) use seals::Seals;
