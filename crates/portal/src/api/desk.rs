//! `/api/v1/desk/`: what people do at the desk, for programs that hold a token of an account. The work
//! itself is `crate::desk`, which the pages do too.

mod accounts;
mod documents;
mod drafting;
mod drafts;
mod files;
mod kinds;
mod me;
mod members;
mod notices;
mod reading;
mod sheets;
mod tasks;
mod tips;
mod webhooks;
mod who;

use axum::extract::Request;
use axum::http::{HeaderValue, header};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::state::App;

/// Returns the routes of the desk.
pub(super) fn declared() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(me::me, me::set_details))
        .routes(routes!(tasks::tasks))
        .routes(routes!(kinds::kinds))
        .routes(routes!(kinds::subjects_of))
        .routes(routes!(kinds::form))
        .routes(routes!(drafts::list, drafts::begin))
        .routes(routes!(drafts::register))
        .routes(routes!(drafts::advise))
        .routes(routes!(drafts::one))
        .routes(routes!(drafting::answer))
        .routes(routes!(drafting::choices))
        .routes(routes!(drafting::around))
        .routes(routes!(drafting::remark))
        .routes(routes!(drafting::reopen))
        .routes(routes!(drafting::withdraw))
        .routes(routes!(files::attach))
        .routes(routes!(files::download, files::detach))
        .routes(routes!(sheets::freeze))
        .routes(routes!(sheets::sheets))
        .routes(routes!(sheets::payload))
        .routes(routes!(sheets::sign))
        .routes(routes!(sheets::approve))
        .routes(routes!(sheets::submit))
        .routes(routes!(sheets::receipt))
        .routes(routes!(reading::statement))
        .routes(routes!(notices::list))
        .routes(routes!(notices::read))
        .routes(routes!(members::list))
        .routes(routes!(members::end))
        .routes(routes!(webhooks::list))
        .routes(routes!(webhooks::remove))
        .routes(routes!(webhooks::start))
        .routes(routes!(webhooks::test))
        .routes(routes!(webhooks::deliveries))
        .routes(routes!(webhooks::all_deliveries))
        .routes(routes!(tips::inbox))
        .routes(routes!(tips::one))
        .routes(routes!(tips::say))
        .routes(routes!(tips::close))
        .routes(routes!(tips::send))
        .routes(routes!(tips::read))
        .routes(routes!(accounts::list))
        .routes(routes!(accounts::shut))
        .routes(routes!(accounts::dismiss))
        .route_layer(from_fn(private))
}

/// What one account sees is nobody else's to keep.
async fn private(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    response.headers_mut().append(header::VARY, HeaderValue::from_static("authorization"));
    response
}
