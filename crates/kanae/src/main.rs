//! Kanae.
fn main() {}
