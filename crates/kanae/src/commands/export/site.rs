//! Walking the public pages and writing them down, within bounds.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use audit::Source;
use portal::Rendered;
use serde_json::json;

use super::Site as Arguments;
use super::rewrite::{self, Words};
use crate::commands::{desk, serve};
use crate::database;
use crate::failure::{Failure, Kind};
use crate::ui::Ui;

/// Most addresses that are asked for, and most bytes that are written.
const MAX_ADDRESSES: usize = 400_000;
const MAX_BYTES: u64 = 16 << 30;
/// The largest answer of a node, in bytes.
const MAX_ANSWER: usize = 64 << 20;

/// Where each walk begins, for each language.
const STARTS: [&str; 7] = ["", "register", "laws", "log", "audit", "state", "statistics"];

/// The fields of addresses that lead to other pages of a list; all others are questions, of which there is
/// no end.
const LISTED: [&str; 6] = ["kind", "before", "after", "organisation", "model", "said"];

/// Pages that are nothing without a server: whoever is not signed in sees nothing there, or what is sent
/// there would go nowhere.
const WITH_SERVER: [&str; 7] =
    ["desk", "sign-in", "sign-up", "sign-out", "welcome", "tips", "disclosure-requests"];

/// Where pages come from.
enum Portal {
    /// A portal in this process.
    Here(Box<axum::Router>, tokio::runtime::Runtime),
    /// A node that serves.
    There(reqwest::Client, tokio::runtime::Runtime, String),
}

impl Portal {
    fn get(&self, path: &str, host: Option<&str>) -> Result<Rendered, Failure> {
        match self {
            Self::Here(router, runtime) => Ok(runtime.block_on(portal::render(router, path, host))),
            Self::There(http, runtime, base) => runtime.block_on(fetch(http, base, path)),
        }
    }
}

async fn fetch(http: &reqwest::Client, base: &str, path: &str) -> Result<Rendered, Failure> {
    let failed =
        |error: reqwest::Error| Failure::new(Kind::Unavailable, format_args!("{base}{path}: {error}"));
    let mut response = http.get(format!("{base}{path}")).send().await.map_err(failed)?;
    let text = |name: &str| {
        let value = response.headers().get(name);
        value.and_then(|value| value.to_str().ok()).map(str::to_owned)
    };
    let (content_type, location) = (text("content-type").unwrap_or_default(), text("location"));
    let status = response.status().as_u16();
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(failed)? {
        if bytes.len() + chunk.len() > MAX_ANSWER {
            return Err(Failure::new(Kind::Data, format_args!("{base}{path}: more than {MAX_ANSWER} bytes")));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(Rendered { status, content_type, location, bytes })
}

/// What was found while walking: address → file; and the pages, which are rewritten once all are known.
#[derive(Default)]
struct Found {
    files: BTreeMap<String, String>,
    pages: Vec<(String, String)>,
    bytes: u64,
}

pub(super) fn run(arguments: &Arguments, ui: &Ui) -> Result<(), Failure> {
    prepare(&arguments.to)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(Kind::Internal, error))?;
    let (portal, source, node) = match (&arguments.data, &arguments.node) {
        (Some(data), _) => {
            let place = database::place_of(data)?;
            let node = serve::open(place.clone(), &[])?;
            let source = audit::open_source(&node.log_folder().display().to_string());
            let source = source.map_err(|error| Failure::new(Kind::Io, error))?;
            let app = portal::App::new(node.clone());
            // Comments of the public, and numbers of requests, stand at the desk.
            let has_desk = place.database().is_some() || data.join(desk::DATABASE).exists();
            let app = if has_desk { app.with_desk(desk::open(&place)?) } else { app };
            let router = portal::router(app);
            (Portal::Here(Box::new(router), runtime), source, Some(node))
        }
        (None, Some(base)) => {
            let base = base.trim_end_matches('/').to_owned();
            let source = audit::open_source(&base).map_err(|error| Failure::new(Kind::Unavailable, error))?;
            // The source has installed the cryptography that the client asks for.
            let http = reqwest::Client::builder()
                .redirect(reqwest::redirect::Policy::none())
                .timeout(std::time::Duration::from_mins(1))
                .build()
                .map_err(|error| Failure::new(Kind::Internal, error))?;
            (Portal::There(http, runtime, base), source, None)
        }
        (None, None) => return Err(Failure::new(Kind::Usage, "give --data or --node")),
    };
    let host = arguments.url.as_deref().and_then(|url| url.split_once("://")).map(|(_, host)| host);
    let host = host.map(|host| host.trim_end_matches('/'));
    let written = write(&portal, &*source, &arguments.to, host, ui);
    if let Some(node) = node {
        drop(portal);
        node.close();
    }
    let (found, faults) = written?;
    ui.object(&json!({
        "folder": arguments.to.display().to_string(),
        "pages": found.pages.len(),
        "files": found.files.len(),
        "bytes": found.bytes,
        "faults": faults,
    }))?;
    let size = found.bytes >> 10;
    ui.line(format!(
        "{}: {} ({} {}, {} {}, {size} KiB)",
        ui.text("書き出しました", "written"),
        arguments.to.display(),
        found.pages.len(),
        ui.text("ページ", "pages"),
        found.files.len(),
        ui.text("ファイル", "files"),
    ));
    if faults > 0 {
        return Err(Failure::new(
            Kind::CheckFailed,
            ui.text("写した台帳に合わないところがあります", "the log that was copied does not hold"),
        )
        .hint(ui.text("kanae audit で調べてください", "look at it with `kanae audit`")));
    }
    Ok(())
}

/// Makes the folder, or takes an empty one.
fn prepare(folder: &Path) -> Result<(), Failure> {
    let at = |error: io::Error| Failure::io(folder, &error);
    fs::create_dir_all(folder).map_err(at)?;
    if fs::read_dir(folder).map_err(at)?.next().is_some() {
        return Err(Failure::new(Kind::Usage, format_args!("{}: not empty", folder.display()))
            .hint("give a folder that is not there yet: old files of another copy would stay"));
    }
    Ok(())
}

fn write(
    portal: &Portal,
    source: &dyn Source,
    folder: &Path,
    host: Option<&str>,
    ui: &Ui,
) -> Result<(Found, usize), Failure> {
    // The log first: its pages then lead to files that are there.
    let copying = Copying { source, folder: folder.join("log"), failed: RefCell::default() };
    let report = audit::run(&copying, None, &|_| {});
    let report = report.map_err(|error| Failure::new(Kind::CheckFailed, error))?;
    if let Some((path, error)) = copying.failed.into_inner() {
        return Err(Failure::io(&path, &error));
    }
    let mut found = walk(portal, folder, host, ui)?;
    ui.progress_done();
    for language in ["ja", "en"] {
        about(portal, &mut found, folder, host, language, report.faults.len())?;
    }
    let checkpoint = fs::read(folder.join("log/checkpoint")).unwrap_or_default();
    let as_of = String::from_utf8_lossy(&checkpoint);
    let size: String =
        as_of.lines().nth(1).unwrap_or_default().chars().filter(char::is_ascii_digit).collect();
    for (address, file) in &found.pages {
        let words = words_of(address, file, &size);
        let place = folder.join(file);
        let page = fs::read_to_string(&place).map_err(|error| Failure::io(&place, &error))?;
        let file_of = |to: &str| found.files.get(to).map(|to| rewrite::relative(file, to));
        let page = rewrite::page(&page, &Words { form: words.0, head: &words.1 }, &file_of);
        fs::write(&place, page).map_err(|error| Failure::io(&place, &error))?;
    }
    front(folder)?;
    Ok((found, report.faults.len()))
}

/// The page that says what this copy is.
const ABOUT: &str = "about-this-copy";

/// What stands on every page of the copy: in place of forms, and at its head.
fn words_of(address: &str, file: &str, size: &str) -> (&'static str, String) {
    let is_ja = address.starts_with("/ja");
    let about =
        rewrite::relative(file, if is_ja { "ja/about-this-copy.html" } else { "en/about-this-copy.html" });
    if is_ja {
        let head = format!(
            "<div class=\"notice\"><p><b>静的な写しです。</b>台帳の記録{size}件までの状態を写したものです。<a href=\"{about}\">この写しについて・確かめ方</a></p></div>"
        );
        ("入力欄は、この写しでは使えません。元の台帳のページをご利用ください。", head)
    } else {
        let head = format!(
            "<div class=\"notice\"><p><b>This is a copy.</b> It shows the register as of its first {size} entries. <a href=\"{about}\">What it is, and how to check it</a></p></div>"
        );
        ("This form needs the live register; the copy has none.", head)
    }
}

/// Tells whether an address is written down: pages and lists, not questions.
fn is_kept(address: &str) -> bool {
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let below: Vec<&str> = path.trim_matches('/').split('/').collect();
    let fields = query.split('&').filter(|pair| !pair.is_empty());
    let listed = fields.clone().all(|pair| LISTED.contains(&pair.split('=').next().unwrap_or_default()));
    let ends = |end: &str| path.rsplit_once('.').is_some_and(|(_, last)| last == end);
    match below[..] {
        ["ja" | "en", page, ..] if WITH_SERVER.contains(&page) => false,
        // The lab answers questions: its first pages are kept, its answers are not.
        ["ja" | "en", "lab", ..] | ["log", ..] => query.is_empty(),
        ["ja" | "en", ..] => listed && !ends("pdf"),
        ["assets", ..] => !ends("js"),
        ["api", "v1", of, ..] => listed && !matches!(of, "lab" | "simulate"),
        _ => false,
    }
}

/// Asks for everything that pages lead to, beginning with the first page of each language.
fn walk(portal: &Portal, folder: &Path, host: Option<&str>, ui: &Ui) -> Result<Found, Failure> {
    let mut found = Found::default();
    let mut known = BTreeSet::new();
    let mut waiting = VecDeque::new();
    for language in ["ja", "en"] {
        waiting.extend(STARTS.iter().map(|start| format!("/{language}/{start}")));
        waiting.push_back(format!("/{language}/audit/trust.json"));
    }
    known.extend(waiting.iter().cloned());
    let mut moved: Vec<(String, String)> = Vec::new();
    let mut asked = 0_usize;
    while let Some(address) = waiting.pop_front() {
        asked += 1;
        if asked > MAX_ADDRESSES || found.bytes > MAX_BYTES {
            return Err(Failure::new(Kind::Data, "the site has more pages than a copy may have"));
        }
        if asked.is_multiple_of(200) {
            ui.progress(format!("{} / {}", asked, asked + waiting.len()));
        }
        let answer = portal.get(&address, host)?;
        let mut next = |to: String, waiting: &mut VecDeque<String>| {
            if is_kept(&to) && known.insert(to.clone()) {
                waiting.push_back(to);
            }
        };
        if let Some(to) = answer.location.filter(|_| (300..400).contains(&answer.status)) {
            moved.push((address, to.clone()));
            next(to, &mut waiting);
            continue;
        }
        // What is not there, or was erased, has no file; links to it lose their tag.
        if answer.status != 200 {
            continue;
        }
        let Some(file) = rewrite::file_name(&address, &answer.content_type) else { continue };
        keep(folder, &file, &answer.bytes, &mut found)?;
        found.files.insert(address.clone(), file.clone());
        if answer.content_type.starts_with("text/html") {
            let page = String::from_utf8_lossy(&answer.bytes).into_owned();
            for link in rewrite::links(&page) {
                next(link, &mut waiting);
            }
            found.pages.push((address, file));
        }
    }
    for (address, to) in moved {
        if let Some(file) = found.files.get(&to).cloned() {
            found.files.insert(address, file);
        }
    }
    Ok(found)
}

fn keep(folder: &Path, file: &str, bytes: &[u8], found: &mut Found) -> Result<(), Failure> {
    let place = folder.join(file);
    let at = |error: io::Error| Failure::io(&place, &error);
    if let Some(parent) = place.parent() {
        fs::create_dir_all(parent).map_err(at)?;
    }
    fs::write(&place, bytes).map_err(at)?;
    found.bytes += bytes.len() as u64;
    Ok(())
}

/// Writes the page that says what this copy is and how to check it, in the frame of another page.
fn about(
    portal: &Portal,
    found: &mut Found,
    folder: &Path,
    host: Option<&str>,
    language: &str,
    faults: usize,
) -> Result<(), Failure> {
    let answer = portal.get(&format!("/{language}/audit"), host)?;
    let frame = String::from_utf8_lossy(&answer.bytes).into_owned();
    let checkpoint = fs::read(folder.join("log/checkpoint")).unwrap_or_default();
    let checkpoint = escape(&String::from_utf8_lossy(&checkpoint));
    let live = host.map(escape).unwrap_or_default();
    let is_ja = language == "ja";
    let (title, lead, of, log, check, note) = if is_ja {
        (
            "この写しについて",
            "公開の台帳を、誰でも置けるファイルに書き出したものです。検索、入力欄、診断の答え、日付を選んだ表示は、元の台帳でしか使えません。",
            "いつの時点か",
            "次のチェックポイントまでの記録を写しています。",
            "自分で確かめる",
            "フォルダー log は、台帳のファイルの写しそのものです。信頼ファイルは、この写しとは別のところ（元の台帳、または以前に控えたもの）から用意してください。",
        )
    } else {
        (
            "About this copy",
            "The public register as files that anyone can host. Search, forms, the lab's answers and views as of another day need the live register.",
            "As of when",
            "It shows the entries up to this checkpoint.",
            "Check it yourself",
            "The folder log is a copy of the log's own files. Get the trust file from somewhere else than this copy: from the live register, or from what you kept before.",
        )
    };
    let audited = match (is_ja, faults) {
        (true, 0) => "写すときに、この台帳の検証をしました。合わないところはありませんでした。".to_owned(),
        (false, 0) => "The log was audited while it was copied, and holds.".to_owned(),
        (true, n) => format!("写すときの検証で、合わないところが{n}か所ありました。"),
        (false, n) => format!("The audit while it was copied found {n} things that do not fit."),
    };
    let from = if live.is_empty() { "https://…".to_owned() } else { format!("https://{live}") };
    let main = format!(
        "<h1>{title}</h1><p class=\"lead\">{lead}</p><h2>{of}</h2><p>{log}</p><pre><code>{checkpoint}</code></pre><p>{audited}</p><h2>{check}</h2><p>{note}</p><pre><code>curl {from}/{language}/audit/trust.json &gt; trust.json\nkanae audit ./log --trust trust.json</code></pre>"
    );
    let other = if is_ja { "en" } else { "ja" };
    let translated = format!("href=\"/{other}/audit\" lang");
    let frame = frame.replace(&translated, &format!("href=\"/{other}/{ABOUT}\" lang"));
    let page = with_main(&frame, title, &main);
    let (address, file) = (format!("/{language}/{ABOUT}"), format!("{language}/{ABOUT}.html"));
    keep(folder, &file, page.as_bytes(), found)?;
    found.files.insert(address.clone(), file.clone());
    found.pages.push((address, file));
    Ok(())
}

/// Puts another content and title into the frame of a page.
fn with_main(frame: &str, title: &str, main: &str) -> String {
    let outside = |open: &str, close: &str, within: &str, page: &str| {
        let Some((before, rest)) = page.split_once(open) else { return page.to_owned() };
        let Some((tag, rest)) = rest.split_once('>') else { return page.to_owned() };
        let after = rest.split_once(close).map_or("", |(_, after)| after);
        format!("{before}{open}{tag}>{within}{close}{after}")
    };
    let page = outside("<main", "</main>", main, frame);
    let page = outside("<title", "</title>", title, &page);
    outside("<nav class=\"breadcrumb", "</nav>", "", &page)
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Writes the page that lets a reader choose their language.
fn front(folder: &Path) -> Result<(), Failure> {
    let page = "<!doctype html>\n<html lang=\"ja\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>Kanae</title>\n</head>\n<body>\n<main>\n<h1>Kanae</h1>\n<ul>\n<li><a href=\"ja/index.html\">日本語</a></li>\n<li lang=\"en\"><a href=\"en/index.html\">English</a></li>\n</ul>\n</main>\n</body>\n</html>\n";
    let place = folder.join("index.html");
    fs::write(&place, page).map_err(|error| Failure::io(&place, &error))
}

/// Writes down every file of a log that an audit reads: what is copied is what was checked.
struct Copying<'s> {
    source: &'s dyn Source,
    folder: PathBuf,
    failed: RefCell<Option<(PathBuf, io::Error)>>,
}

impl Copying<'_> {
    fn keep(&self, path: &str, read: io::Result<Option<Vec<u8>>>) -> io::Result<Option<Vec<u8>>> {
        let Ok(Some(bytes)) = &read else { return read };
        // The source reads no path that leads out of the log; neither is one written.
        let inside = path.split('/').all(|step| !step.is_empty() && !step.starts_with('.'));
        if inside {
            let place = self.folder.join(path);
            let kept =
                place.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(&place, bytes));
            if let Err(error) = kept {
                self.failed.borrow_mut().get_or_insert((place, error));
            }
        }
        read
    }
}

impl Source for Copying<'_> {
    fn fetch(&self, path: &str, most: usize) -> io::Result<Option<Vec<u8>>> {
        self.keep(path, self.source.fetch(path, most))
    }

    fn fetch_all(&self, files: &[(String, usize)]) -> Vec<io::Result<Option<Vec<u8>>>> {
        let read = self.source.fetch_all(files);
        files.iter().zip(read).map(|((path, _), read)| self.keep(path, read)).collect()
    }

    fn place(&self) -> String {
        self.source.place()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_and_what_needs_a_session_are_not_kept() {
        for kept in [
            "/ja/",
            "/en/register?kind=model&before=3",
            "/ja/models/a/b/duties/c/d",
            "/log/checkpoint",
            "/api/v1/statements/00",
            "/ja/feed.atom?organisation=a",
            "/ja/lab",
        ] {
            assert!(is_kept(kept), "{kept}");
        }
        for left in [
            "/ja/register?q=a",
            "/ja/models/a/b?size=3&day=2026-01-01",
            "/en/desk/account",
            "/en/tips",
            "/ja/lab/apply?law=all",
            "/api/v1/lab/apply",
            "/assets/kanae.js",
            "/ja/statements/00.pdf",
            "/elsewhere",
        ] {
            assert!(!is_kept(left), "{left}");
        }
    }

    #[test]
    fn a_page_gets_another_content() {
        let frame = "<title>A – K</title><nav class=\"breadcrumb wrap\"><ol></ol></nav><main id=\"main\" class=\"wrap\"><h1>A</h1></main><footer>F</footer>";
        assert_eq!(
            with_main(frame, "B", "<h1>B</h1>"),
            "<title>B</title><nav class=\"breadcrumb wrap\"></nav><main id=\"main\" class=\"wrap\"><h1>B</h1></main><footer>F</footer>"
        );
    }
}
