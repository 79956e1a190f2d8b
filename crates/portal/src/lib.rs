#![doc = include_str!("../README.md")]

mod pages;
mod state;

pub use state::App;

/// Returns everything that the portal serves.
pub fn router(app: App) -> axum::Router {
    pages::routes().with_state(app)
}
