#![doc = include_str!("../README.md")]

mod address;
mod connection;
mod tables;
#[cfg(feature = "testing")]
pub mod testing;
mod tls;

pub use address::{Address, AddressError};
pub use connection::{Connection, Failure, Session};
pub use tables::{Found, Tables};
