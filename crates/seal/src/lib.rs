#![doc = include_str!("../README.md")]

mod device;
mod settings;

pub use device::{Device, DeviceError};
pub use settings::{Seal, SealError};
