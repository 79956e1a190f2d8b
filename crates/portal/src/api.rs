//! `/api/v1/`: routes and the OpenAPI document, from one declaration.

mod about;
mod advice;
mod desk;
mod document;
mod extract;
mod lab;
mod laws;
mod models;
mod organisations;
mod simulate;
mod statements;
mod statistics;
mod submissions;
mod tokens;

use axum::http::Uri;
use axum::middleware::from_fn;
use axum::routing::get;
use axum::{Json, Router};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Components, Content, ContentBuilder, OpenApi, Ref, RefOr, Response, ResponseBuilder};
use utoipa::{Modify, OpenApi as _};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(crate) use document::label;

use crate::headers;
use crate::problem::{Problem, wrong_method};
use crate::state::App;

/// What the document says about the API as a whole.
#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Kanae",
        description = "Read the register, submit statements, ask what the law asks. Every error is a problem document (RFC 9457).",
        version = "1",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    modifiers(&Token)
)]
struct Head;

struct Token;

impl Modify for Token {
    fn modify(&self, document: &mut OpenApi) {
        let scheme = SecurityScheme::Http(
            HttpBuilder::new()
                .scheme(HttpAuthScheme::Bearer)
                .description(Some("A token that the node's operator has made."))
                .build(),
        );
        let account = SecurityScheme::Http(
            HttpBuilder::new()
                .scheme(HttpAuthScheme::Bearer)
                .description(Some("A token of an account, made on its page at the desk."))
                .build(),
        );
        let components = document.components.get_or_insert_with(Components::new);
        components.add_security_scheme("token", scheme);
        components.add_security_scheme("account", account);
    }
}

fn declared() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(Head::openapi())
        .routes(routes!(about::log))
        .routes(routes!(about::resolve))
        .routes(routes!(about::policy))
        .routes(routes!(submissions::submit))
        .routes(routes!(submissions::waiting))
        .routes(routes!(statements::list))
        .routes(routes!(statements::one))
        .routes(routes!(statements::receipt))
        .routes(routes!(organisations::list))
        .routes(routes!(organisations::one))
        .routes(routes!(models::list))
        .routes(routes!(models::one))
        .routes(routes!(advice::advice))
        .routes(routes!(advice::duties))
        .routes(routes!(laws::list))
        .routes(routes!(laws::one))
        .routes(routes!(simulate::simulate))
        .routes(routes!(simulate::simulate_csv))
        .routes(routes!(simulate::simulate_svg))
        .routes(routes!(simulate::compare))
        .routes(routes!(simulate::compare_csv))
        .routes(routes!(lab::apply))
        .routes(routes!(lab::incident))
        .routes(routes!(lab::matrix))
        .routes(routes!(tokens::create))
        .routes(routes!(statistics::statistics))
        .routes(routes!(statistics::state))
}

/// What is written while it is read: without a tag, which would need the whole of it.
fn streamed() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(statistics::export))
}

/// Returns the OpenAPI 3.1 document of the API.
pub fn openapi() -> OpenApi {
    with_problems(declared().merge(streamed()).merge(desk::declared()).to_openapi())
}

/// Says of every operation that whatever else it answers is a problem document.
fn with_problems(mut document: OpenApi) -> OpenApi {
    let schema = Ref::from_schema_name("ProblemDocument");
    let content = ContentBuilder::new().schema(Some(schema)).build();
    let response = ResponseBuilder::new()
        .description("a problem (RFC 9457)")
        .content("application/problem+json", content)
        .build();
    for item in document.paths.paths.values_mut() {
        let all = [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete];
        for operation in all.into_iter().flatten() {
            for known in operation.responses.responses.values_mut() {
                if let RefOr::T(known) = known {
                    as_problem(known);
                }
            }
            operation.responses.responses.insert("default".to_owned(), response.clone().into());
        }
    }
    document
}

/// Gives a problem the media type that it has.
fn as_problem(response: &mut Response) {
    let is_problem = |content: &RefOr<Content>| match content {
        RefOr::T(Content { schema: Some(RefOr::Ref(schema)), .. }) => {
            schema.ref_location.ends_with("/ProblemDocument")
        }
        _ => false,
    };
    if response.content.get("application/json").is_some_and(is_problem)
        && let Some(content) = response.content.shift_remove("application/json")
    {
        response.content.insert("application/problem+json".to_owned(), content);
    }
}

/// Returns the routes of the API.
pub(crate) fn routes() -> Router<App> {
    let (router, _) = declared().split_for_parts();
    let (streamed, _) = streamed().split_for_parts();
    let (desk, _) = desk::declared().split_for_parts();
    let document = openapi();
    router
        .route("/api/v1/openapi.json", get(move || async move { Json(document) }))
        .route("/api/{*rest}", axum::routing::any(nowhere))
        .method_not_allowed_fallback(wrong_method)
        .route_layer(from_fn(headers::tagged))
        .merge(streamed)
        .route_layer(from_fn(headers::share))
        // What one account sees: shared with nobody, and tagged by its version.
        .merge(desk.method_not_allowed_fallback(wrong_method))
}

async fn nowhere(uri: Uri) -> Problem {
    Problem::not_found(format_args!("the API has no {}", uri.path())).hint("see /api/v1/openapi.json")
}
