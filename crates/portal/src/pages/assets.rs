//! Style sheets, the icon and the script, inside the binary. Their address names their content, so that
//! browsers may keep them for ever.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};

struct Asset {
    name: &'static str,
    media_type: &'static str,
    content: &'static [u8],
}

/// The Digital Agency's design tokens (MIT, `assets/tokens.LICENSE`), our sheet, our icon, our script.
const ASSETS: [Asset; 5] = [
    Asset {
        name: "tokens.css",
        media_type: "text/css; charset=utf-8",
        content: include_bytes!("../../assets/tokens.css"),
    },
    Asset {
        name: "kanae.css",
        media_type: "text/css; charset=utf-8",
        content: include_bytes!("../../assets/kanae.css"),
    },
    Asset {
        name: "kanae.svg",
        media_type: "image/svg+xml",
        content: include_bytes!("../../assets/kanae.svg"),
    },
    Asset {
        name: "kanae.js",
        media_type: "text/javascript; charset=utf-8",
        content: include_bytes!("../../assets/kanae.js"),
    },
    Asset {
        name: "passkey.js",
        media_type: "text/javascript; charset=utf-8",
        content: include_bytes!("../../assets/passkey.js"),
    },
];

static ADDRESSES: LazyLock<Vec<(&'static str, String)>> = LazyLock::new(|| {
    let address = |asset: &Asset| {
        let version = evidence::sha256(asset.content).short();
        (asset.name, format!("/assets/{}?v={version}", asset.name))
    };
    ASSETS.iter().map(address).collect()
});

/// Returns the address of an asset.
pub(crate) fn address(name: &str) -> &'static str {
    ADDRESSES.iter().find(|(known, _)| *known == name).map_or("", |(_, address)| address)
}

/// Serves an asset.
pub(crate) async fn serve(Path(name): Path<String>) -> Response {
    match ASSETS.iter().find(|asset| asset.name == name) {
        Some(asset) => {
            let headers = [
                (header::CONTENT_TYPE, asset.media_type),
                (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
            ];
            (headers, asset.content).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
