#![doc = include_str!("../README.md")]

mod day;
mod number;
mod registry;
mod retention;

pub use day::{Era, FiscalYear, day, era, era_day, japanese_day, legal_day, moment};
pub use number::{NumberPattern, PatternError};
pub use registry::{RegistryError, check as check_registry, corporate_number, lei};
pub use retention::{Retention, RetentionError, Schedule, Until};
