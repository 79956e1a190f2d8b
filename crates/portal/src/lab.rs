//! The policy lab: what a visitor tries out. Everything comes from the address and goes back into it;
//! nothing is stored or logged.

pub(crate) mod answers;
pub(crate) mod case;
pub(crate) mod comparison;
pub(crate) mod crosswalk;
pub(crate) mod dataset;
pub(crate) mod fault;
pub(crate) mod incident;
pub(crate) mod joining;
pub(crate) mod query;
pub(crate) mod sheet;
pub(crate) mod simulation;
