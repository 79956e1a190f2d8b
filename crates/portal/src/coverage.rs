//! Whom the laws would cover, among the models of the shipped data set.

pub use law::simulate::{Columns, DataError, Models, Table, Tally, Variant, Words, apply};

/// The data set that is shipped: Epoch AI, large-scale AI models, CC BY 4.0 (`data/SOURCES.md`).
pub const MODELS: &[u8] = include_bytes!("../../../data/models/large_scale_ai_models.csv");

/// The columns of the data set that is shipped.
pub const COLUMNS: &str = include_str!("../../../data/models/columns.toml");
