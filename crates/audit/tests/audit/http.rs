//! Reading over HTTP: nothing but files below one address, bounded.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use kanae_audit::{HttpSource, LogError, Source as _, SourceError, run};

use crate::forge::Forge;

/// A server on the loopback that answers with `answer`, until it is dropped.
struct Server {
    address: String,
    asked: Arc<AtomicUsize>,
    _runtime: tokio::runtime::Runtime,
}

impl Server {
    fn start(answer: impl Fn(&str) -> Response + Clone + Send + Sync + 'static) -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        let app = Router::new().fallback(move |request: Request| {
            count.fetch_add(1, Ordering::SeqCst);
            let response = answer(request.uri().path());
            async move { response }
        });
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        runtime.spawn(async move { axum::serve(listener, app).await });
        Self { address, asked, _runtime: runtime }
    }

    fn source(&self) -> HttpSource {
        HttpSource::new(&self.address).unwrap()
    }
}

/// Serves the honest log below `/log/`.
fn files(folder: PathBuf) -> impl Fn(&str) -> Response + Clone + Send + Sync + 'static {
    move |path| match path.strip_prefix("/log/").map(|path| std::fs::read(folder.join(path))) {
        Some(Ok(bytes)) => bytes.into_response(),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

#[test]
fn a_log_behind_an_address_is_audited_like_one_in_a_folder() {
    let forge = Forge::honest();
    let folder = tempfile::tempdir().unwrap();
    forge.publish(folder.path());
    let server = Server::start(files(folder.path().to_owned()));
    let report = run(&server.source(), Some(&forge.trust()), &|_| {}).unwrap();
    assert!(report.ok, "{:?}", report.faults);
}

#[test]
fn a_redirect_is_not_followed() {
    let elsewhere = Server::start(|_| "elsewhere".into_response());
    let target = format!("{}/log/checkpoint", elsewhere.address);
    let server =
        Server::start(move |_| (StatusCode::FOUND, [(header::LOCATION, target.clone())]).into_response());
    let error = run(&server.source(), None, &|_| {}).unwrap_err();
    assert!(matches!(error, LogError::Source(SourceError::Redirect { status: 302, .. })), "{error}");
    assert_eq!(elsewhere.asked.load(Ordering::SeqCst), 0);
}

#[test]
fn a_file_longer_than_it_can_be_is_not_read_to_its_end() {
    let server = Server::start(|_| vec![b'a'; 1000].into_response());
    let error = server.source().fetch("checkpoint", 999).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::FileTooLarge);
    assert_eq!(server.source().fetch("checkpoint", 1000).unwrap().unwrap().len(), 1000);
    // A checkpoint of any length is a fault of the log, not a failure of the audit.
    let endless = Server::start(|_| vec![b'a'; 2_000_000].into_response());
    let report = run(&endless.source(), None, &|_| {}).unwrap();
    assert_eq!(report.first_fault().unwrap().reason.as_str(), "file-too-long");
}

#[test]
fn nothing_outside_the_address_is_asked_for() {
    let server = Server::start(|path| path.to_owned().into_response());
    let source = server.source();
    for path in ["../secret", "//example.org/x", "/etc/passwd", "..\\x", "a/../../b", ".env", "a\r\nHost: x"]
    {
        assert!(source.fetch(path, 100).is_err(), "{path:?}");
    }
    assert_eq!(server.asked.load(Ordering::SeqCst), 0);
    // What could be read as something else than a file name is escaped.
    let read = |path| String::from_utf8(source.fetch(path, 100).unwrap().unwrap()).unwrap();
    assert_eq!(read("blob/what?x=1#y%2e"), "/log/blob/what%3Fx=1%23y%252e");
    assert_eq!(read("http:"), "/log/http:");
}

#[test]
fn an_address_is_a_scheme_a_host_and_a_path() {
    for address in [
        "ftp://host/",
        "http://user@host/",
        "http://user:pw@host/",
        "http://host/?x",
        "http://host/#x",
        "log",
    ] {
        assert!(HttpSource::new(address).is_err(), "{address}");
    }
    for (address, place) in [
        ("http://127.0.0.1:1", "http://127.0.0.1:1/log"),
        ("http://127.0.0.1:1/", "http://127.0.0.1:1/log"),
        ("http://127.0.0.1:1/register", "http://127.0.0.1:1/register/log"),
    ] {
        assert_eq!(HttpSource::new(address).unwrap().place(), place);
    }
}

#[test]
fn a_server_that_fails_is_an_error_and_never_a_log_that_holds() {
    let forge = Forge::honest();
    let folder = tempfile::tempdir().unwrap();
    forge.publish(folder.path());
    let good = files(folder.path().to_owned());
    let server = Server::start(move |path| {
        let failing = path.contains("/envelope/");
        if failing { StatusCode::INTERNAL_SERVER_ERROR.into_response() } else { good(path) }
    });
    let error = run(&server.source(), Some(&forge.trust()), &|_| {}).unwrap_err();
    assert!(matches!(error, LogError::Source(SourceError::Status { status: 500, .. })), "{error}");
}

#[test]
fn a_moment_of_overload_is_waited_out() {
    let asked = Arc::new(AtomicUsize::new(0));
    let server = Server::start(move |_| match asked.fetch_add(1, Ordering::SeqCst) {
        0 => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        _ => "here".into_response(),
    });
    assert_eq!(server.source().fetch("checkpoint", 10).unwrap().unwrap(), b"here");
}
