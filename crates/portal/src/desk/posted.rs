//! What a form sent, within bounds, and from this site's own pages only.

use axum::extract::{FromRequest as _, Multipart, Request};
use axum::http::{HeaderMap, header};
use desk::form::Fields;
use url::form_urlencoded;

/// The largest form without files, in bytes; the routes bound those with one.
const MAX_FORM: usize = 1 << 20;
/// The most fields of a form.
const MAX_FIELDS: usize = 4_000;

/// A file that a form sent.
#[derive(Debug, Clone)]
pub(crate) struct Upload {
    /// Its name, as the browser gives it; only for people.
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
}

/// What a form sent.
#[derive(Debug, Clone, Default)]
pub(crate) struct Posted {
    pub(crate) fields: Fields,
    pub(crate) file: Option<Upload>,
}

/// Why a form was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PostedError {
    /// It does not come from a page of this site.
    OtherSite,
    /// It is larger than the bound.
    TooLarge,
    /// It cannot be read.
    Unreadable,
}

impl Posted {
    /// Reads a form.
    pub(crate) async fn read(request: Request) -> Result<Self, PostedError> {
        if !from_here(request.headers()) {
            return Err(PostedError::OtherSite);
        }
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        if kind.is_some_and(|kind| kind.starts_with("multipart/form-data")) {
            return Self::multipart(request).await;
        }
        let bytes =
            axum::body::to_bytes(request.into_body(), MAX_FORM).await.map_err(|_| PostedError::TooLarge)?;
        let mut fields = Fields::new();
        for (name, value) in form_urlencoded::parse(&bytes).take(MAX_FIELDS) {
            // An empty input beside a choice of the same name does not undo the choice.
            if !value.is_empty() || !fields.contains_key(&*name) {
                fields.insert(name.into_owned(), value.into_owned());
            }
        }
        Ok(Self { fields, file: None })
    }

    async fn multipart(request: Request) -> Result<Self, PostedError> {
        let mut form = Multipart::from_request(request, &()).await.map_err(|_| PostedError::Unreadable)?;
        let mut posted = Self::default();
        while let Some(field) = form.next_field().await.map_err(|_| PostedError::TooLarge)? {
            let name = field.name().unwrap_or_default().to_owned();
            let file = field.file_name().map(str::to_owned);
            let bytes = field.bytes().await.map_err(|_| PostedError::TooLarge)?;
            match file {
                // A file input that nobody filled in sends an empty name.
                Some(name) if !name.is_empty() => {
                    posted.file = Some(Upload { name, bytes: bytes.to_vec() });
                }
                Some(_) => {}
                None if posted.fields.len() < MAX_FIELDS => {
                    let text = String::from_utf8(bytes.to_vec()).map_err(|_| PostedError::Unreadable)?;
                    posted.fields.insert(name, text);
                }
                None => return Err(PostedError::TooLarge),
            }
        }
        Ok(posted)
    }

    /// Returns a field; empty where it was not sent.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", |text| text.trim())
    }

    /// Tells whether a box was ticked or a button pressed.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.fields.contains_key(name)
    }
}

/// Tells whether a form comes from a page of this site, as far as the browser says (Fetch Metadata;
/// the `Origin` header of RFC 6454 §7). The token in the form is asked for beside this.
fn from_here(headers: &HeaderMap) -> bool {
    let head = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    // It cannot be forged by a page, and says more than an origin, which may be withheld ("null").
    if let Some(site) = head("sec-fetch-site") {
        return site == "same-origin";
    }
    match (head("origin"), head("host")) {
        (Some(origin), Some(host)) => origin.split_once("://").is_some_and(|(_, from)| from == host),
        (Some(_), None) => false,
        (None, _) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(k, v)| (k.parse().unwrap(), v.parse().unwrap())).collect()
    }

    #[test]
    fn a_form_of_another_site_is_not_read() {
        assert!(from_here(&headers(&[("host", "a.example"), ("origin", "https://a.example")])));
        assert!(from_here(&headers(&[("host", "a.example")])));
        let withheld = [("host", "a.example"), ("origin", "null"), ("sec-fetch-site", "same-origin")];
        assert!(from_here(&headers(&withheld)));
        for strange in [
            vec![("host", "a.example"), ("origin", "https://b.example")],
            vec![("host", "a.example"), ("origin", "null")],
            vec![("host", "a.example"), ("sec-fetch-site", "same-site")],
            vec![("host", "a.example"), ("sec-fetch-site", "cross-site")],
        ] {
            assert!(!from_here(&headers(&strange)), "{strange:?}");
        }
    }
}
