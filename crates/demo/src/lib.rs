#![doc = include_str!("../README.md")]

mod act;
mod audience;
mod cast;
pub mod model_server;
mod scene;
mod setting;

pub use act::{Adopted, Coverage, Figures, Outcome, Stage, run};
pub use audience::{Audience, Said, Voice};
pub use scene::DemoError;
pub use setting::{RegimeSetting, Setting};
