//! The policy lab: a visitor tries laws out. Each page is a function of its address; what is entered is
//! neither stored nor logged.

pub(crate) mod compare;
pub(crate) mod simulate;
