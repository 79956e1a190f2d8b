//! Whom a law would cover, and what would change: a regime applied to the models of a data set.
//!
//! The rows of a data set are read once for a regime ([`Models::read`]); which column stands for
//! which fact is data (a file beside the data set). [`apply`] answers every row; [`sweep`] moves one
//! figure of the law over a range; [`compare`] puts several settings side by side; [`difference`] says what
//! a change of text does. A figure that is not known never counts as none: every count has a lower
//! bound (covered) and an upper one (covered or undetermined). A calculation, not a decision about
//! anyone.

pub mod chart;
mod data;
mod difference;
mod sweep;
mod table;
#[cfg(test)]
mod tests;

pub use data::{Columns, DataError, DataSet, FactColumn, Model, Models, RegimeColumns, Words};
pub use difference::{
    Bounds, Change, Comparison, Difference, Differing, DutyChange, Side, compare, difference,
};
pub use sweep::{Dial, Point, Range, RangeError, Sweep, SweepError, sweep};
pub use table::{Applied, Counts, Table, Tally, Variant, apply};
