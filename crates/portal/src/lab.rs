//! The policy lab: what a visitor tries out. Everything comes from the address and goes back into it;
//! nothing is stored or logged.

pub(crate) mod answers;
pub(crate) mod case;
pub(crate) mod crosswalk;
pub(crate) mod incident;
pub(crate) mod query;
