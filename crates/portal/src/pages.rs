//! The pages that people read.

use axum::Router;

use crate::state::App;

/// Returns the routes of all pages.
pub(crate) fn routes() -> Router<App> {
    Router::new()
}
