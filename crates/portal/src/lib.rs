#![doc = include_str!("../README.md")]

mod api;
mod at_hand;
pub mod coverage;
mod desk;
mod headers;
mod lab;
mod limits;
mod log_files;
mod pages;
mod problem;
mod server;
mod state;

pub use api::openapi;
pub use server::{router, serve};
pub use state::{App, Outgoing};
