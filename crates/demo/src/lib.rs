#![doc = include_str!("../README.md")]

mod act;
mod audience;
mod cast;
pub mod model_server;
mod scene;

pub use act::{Coverage, Figures, Outcome, Stage, run};
pub use audience::{Audience, Said, Voice};
pub use scene::DemoError;
