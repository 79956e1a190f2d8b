#![doc = include_str!("../README.md")]

mod mail;
mod round;
mod settings;
mod webhook;

pub use mail::Mailer;
pub use round::{Courier, CourierError, Running, ToTell};
pub use settings::{MailSettings, Settings, SettingsError, Tls};
