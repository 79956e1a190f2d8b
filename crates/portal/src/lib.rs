#![doc = include_str!("../README.md")]

mod api;
mod at_hand;
pub mod coverage;
mod desk;
mod export;
mod feed;
mod headers;
mod health;
mod lab;
mod limits;
mod log_files;
mod memory;
mod metrics;
mod pages;
mod problem;
mod rendered;
mod search;
mod seen;
mod server;
mod state;
mod statistics;

pub use api::openapi;
pub use rendered::{Rendered, render};
pub use server::{router, serve, serve_metrics};
pub use state::{App, Outgoing};
