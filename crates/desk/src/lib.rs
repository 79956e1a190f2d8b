#![doc = include_str!("../README.md")]

pub mod account;
pub mod carried;
pub mod consultation;
mod desk;
pub mod disclosure_request;
pub mod draft;
pub mod federation;
pub mod filing;
pub mod form;
pub mod notice;
pub mod reading;
pub mod records;
pub mod seal;
pub mod secret;
pub mod session;
pub mod task;
pub mod tip;
pub mod token;

pub use account::{Account, Function, Membership};
pub use desk::{Desk, DeskError, Kept, Versioned};

pub use draft::{Draft, Stage};
pub use form::Form;
pub use reading::Reading;
pub use records::{Change, Record, Records, RecordsError};

pub use session::Session;
pub use tip::Tip;
pub use token::{AccessToken, Scope};
