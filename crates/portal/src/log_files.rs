//! `/log/`: the log's own files, and nothing else. Only paths of known shapes are ever opened.

use std::io;
use std::path::Path;

use axum::Router;
use axum::extract::{Path as UrlPath, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use evidence::Digest;
use evidence::dsse::MAX_ENVELOPE;
use evidence::statement::MAX_PART;
use ledger::Resource;
use tokio::io::AsyncReadExt as _;

use crate::problem::{Problem, wrong_method};
use crate::state::App;

/// The largest file of a policy or a regime that is served, in bytes.
const MAX_BLOB: usize = 16 << 20;
/// The longest path inside a policy's or a regime's folder.
const MAX_PATH: usize = 255;

const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// An attachment may be erased, and then it must be gone.
const FOR_A_WHILE: &str = "public, max-age=60, must-revalidate";
const BYTES: &str = "application/octet-stream";
const TEXT: &str = "text/plain; charset=utf-8";

/// A file that `/log/` may serve.
#[derive(Debug, PartialEq, Eq)]
struct Served {
    content_type: &'static str,
    cache_control: &'static str,
    max_len: usize,
    attachment: bool,
}

/// Returns the routes below `/log/`.
pub(crate) fn routes() -> Router<App> {
    Router::new().route("/log/{*path}", get(file)).method_not_allowed_fallback(wrong_method)
}

async fn file(State(app): State<App>, UrlPath(path): UrlPath<String>) -> Result<Response, Problem> {
    let missing =
        || Problem::not_found("the log has no such file").hint("`/log/checkpoint` says how far it goes");
    let served = shape_of(&path).ok_or_else(missing)?;
    let bytes = match read(&app.node().log_folder().join(&path), served.max_len).await {
        Ok(Some(bytes)) => bytes,
        Ok(None) => return Err(missing()),
        Err(error) => return Err(Problem::internal(error)),
    };
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(served.content_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(served.cache_control));
    if served.attachment {
        headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment"));
    }
    Ok(response)
}

/// Tells how a path is served, if it has the shape of one of a log's files.
fn shape_of(path: &str) -> Option<Served> {
    if let Ok(resource) = path.parse::<Resource>() {
        return Some(Served {
            content_type: resource.content_type(),
            cache_control: resource.cache_control(),
            max_len: resource.max_len(),
            attachment: false,
        });
    }
    let (kind, rest) = path.split_once('/')?;
    let (name, inner) = rest.split_once('/').map_or((rest, None), |(name, inner)| (name, Some(inner)));
    let _: Digest = name.parse().ok()?;
    let served = |content_type, cache_control, max_len, attachment| {
        Some(Served { content_type, cache_control, max_len, attachment })
    };
    match (kind, inner) {
        ("envelope", None) => served("application/json", FOR_EVER, MAX_ENVELOPE * 2, false),
        // 32 bytes of salt stand before the content, which came from outside.
        ("part", None) => served(BYTES, FOR_A_WHILE, MAX_PART + 32, true),
        ("blob", Some(inner)) if fits_in_folder(inner) => {
            let text = inner == "index"
                || [".toml", ".md", ".txt", ".csv", ".json"].iter().any(|end| inner.ends_with(end));
            served(if text { TEXT } else { BYTES }, FOR_EVER, MAX_BLOB, false)
        }
        _ => None,
    }
}

/// Tells whether a path stays inside the folder that it is joined to, by its letters alone.
fn fits_in_folder(path: &str) -> bool {
    let step = |step: &str| {
        !step.is_empty()
            && !step.starts_with('.')
            && !step.chars().any(|c| c.is_control() || matches!(c, '\\' | ':'))
    };
    path.len() <= MAX_PATH && path.split('/').all(step)
}

/// Reads a file, but not beyond the bound; nothing where there is no regular file.
async fn read(place: &Path, most: usize) -> io::Result<Option<Vec<u8>>> {
    let file = match tokio::fs::File::open(place).await {
        Ok(file) => file,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    if !file.metadata().await?.is_file() {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    file.take(most as u64 + 1).read_to_end(&mut bytes).await?;
    if bytes.len() > most {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, place.display().to_string()));
    }
    Ok(Some(bytes))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const DIGEST: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

    #[test]
    fn the_log_s_own_files_are_served_as_the_log_says() {
        assert_eq!(shape_of("checkpoint").unwrap().content_type, TEXT);
        assert_eq!(shape_of("tile/0/000.p/3").unwrap().cache_control, FOR_EVER);
        assert_eq!(shape_of(&format!("envelope/{DIGEST}")).unwrap().content_type, "application/json");
        let part = shape_of(&format!("part/{DIGEST}")).unwrap();
        assert!(part.attachment && part.cache_control == FOR_A_WHILE);
        assert_eq!(shape_of(&format!("blob/{DIGEST}/text/ja/第一条.md")).unwrap().content_type, TEXT);
        assert_eq!(shape_of(&format!("blob/{DIGEST}/index")).unwrap().content_type, TEXT);
    }

    #[test]
    fn no_other_path_is_opened() {
        for path in [
            "",
            "..",
            "../kanae.db",
            "../keys/log.key",
            "tile/../../kanae.db",
            "envelope",
            "envelope/",
            "envelope/../checkpoint",
            "part/abc",
            "keys/log.key",
            ".checkpoint.tmp",
            "blob",
        ] {
            assert_eq!(shape_of(path), None, "{path:?}");
        }
        for inner in
            ["", "..", "../x", "a/../../x", "/etc/passwd", "a//b", ".hidden", "a\\..\\b", "a\0b", "c:x"]
        {
            assert_eq!(shape_of(&format!("blob/{DIGEST}/{inner}")), None, "{inner:?}");
        }
        assert_eq!(shape_of(&format!("envelope/{DIGEST}/x")), None);
        assert_eq!(shape_of(&format!("envelope/{}", DIGEST.to_uppercase())), None);
    }

    proptest! {
        #[test]
        fn what_is_opened_lies_inside_the_folder(path in "(blob/[0-9a-f]{64}/)?([a-z./\\\\]{0,12}/?){0,4}") {
            if shape_of(&path).is_some() {
                prop_assert!(Path::new(&path).components().all(|c| matches!(c, std::path::Component::Normal(_))));
            }
        }
    }
}
