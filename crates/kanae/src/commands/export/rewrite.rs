//! Turning a page of the portal into a file that stands alone: links that lead to other files, no forms, no
//! scripts. Pure. It reads pages of this program only, whose attributes are double-quoted and whose text is
//! escaped; nothing else is parsed.

use std::fmt::Write as _;

/// Returns the addresses of this site that a page names, in their order, with their marks cut off.
pub(super) fn links(page: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (name, rest) in attributes(page) {
        if matches!(name, "href" | "src") {
            let value = rest.split('"').next().unwrap_or_default();
            let address = unescape(value.split('#').next().unwrap_or_default());
            if is_here(&address) {
                found.push(address);
            }
        }
    }
    found
}

/// Tells whether an address is one of this site.
fn is_here(address: &str) -> bool {
    address.starts_with('/') && !address.starts_with("//")
}

/// Returns the names of double-quoted attributes with everything behind the opening quote.
fn attributes(page: &str) -> impl Iterator<Item = (&str, &str)> {
    page.match_indices("=\"").map(|(at, _)| {
        let (before, rest) = (&page[..at], &page[at + 2..]);
        let name = before.rsplit([' ', '\n', '\t', '<', '"']).next().unwrap_or_default();
        (name, rest)
    })
}

fn unescape(value: &str) -> String {
    value
        .replace("&#38;", "&")
        .replace("&amp;", "&")
        .replace("&#34;", "\"")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&#60;", "<")
        .replace("&lt;", "<")
        .replace("&#62;", ">")
        .replace("&gt;", ">")
}

fn escape(value: &str) -> String {
    value.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;").replace('>', "&gt;")
}

/// What stands in for what a copy cannot have.
pub(super) struct Words<'w> {
    /// In place of a form.
    pub(super) form: &'w str,
    /// At the head of every page, as markup.
    pub(super) head: &'w str,
}

/// Rewrites a page; `file_of` names the file in which an address of this site stands, seen from the page.
pub(super) fn page(page: &str, words: &Words<'_>, file_of: &impl Fn(&str) -> Option<String>) -> String {
    let page = without(page, "<script", "</script>", "");
    let sentence = format!("<p class=\"quiet\">{}</p>", escape(words.form));
    let page = without(&page, "<form", "</form>", &sentence);
    let mut shown = String::with_capacity(page.len());
    let mut rest = page.as_str();
    // Anchors whose target is not here lose their tag, and keep their words.
    let mut unlinked = false;
    while let Some(at) = rest.find('<') {
        let (before, tag_on) = rest.split_at(at);
        shown.push_str(before);
        let Some(end) = tag_on.find('>') else { break };
        let (tag, after) = tag_on.split_at(end + 1);
        rest = after;
        if tag == "</a>" && unlinked {
            unlinked = false;
            shown.push_str("</span>");
        } else if tag.starts_with("<a ")
            && target(tag).is_some_and(|to| is_here(&to) && file_of(&to).is_none())
        {
            unlinked = true;
            shown.push_str("<span class=\"not-in-copy\">");
        } else if tag.starts_with("<link ")
            && target(tag).is_some_and(|to| is_here(&to) && file_of(&to).is_none())
        {
            // Such as a feed that is not in the copy.
        } else if tag.starts_with("<a ") || tag.starts_with("<link ") {
            shown.push_str(&retargeted(tag, file_of));
        } else {
            shown.push_str(tag);
            if tag.starts_with("<main ") {
                shown.push_str(words.head);
            }
        }
    }
    shown.push_str(rest);
    shown
}

/// Returns where a tag leads, without its mark.
fn target(tag: &str) -> Option<String> {
    let (_, rest) = attributes(tag).find(|(name, _)| *name == "href")?;
    Some(unescape(rest.split(['"', '#']).next().unwrap_or_default()))
}

fn retargeted(tag: &str, file_of: &impl Fn(&str) -> Option<String>) -> String {
    let Some((start, rest)) = tag.split_once("href=\"") else { return tag.to_owned() };
    let Some((value, end)) = rest.split_once('"') else { return tag.to_owned() };
    let (address, mark) =
        value.split_once('#').map_or((value, None), |(address, mark)| (address, Some(mark)));
    let address = unescape(address);
    match file_of(&address).filter(|_| is_here(&address)) {
        Some(file) => {
            let mut shown = format!("{start}href=\"{}", escape(&file));
            if let Some(mark) = mark {
                let _ = write!(shown, "#{mark}");
            }
            shown + "\"" + end
        }
        None => tag.to_owned(),
    }
}

/// Puts something in the place of elements that do not stand in each other.
fn without(page: &str, start: &str, end: &str, instead: &str) -> String {
    let mut shown = String::with_capacity(page.len());
    let mut rest = page;
    while let Some((before, from)) = rest.split_once(start) {
        shown.push_str(before);
        shown.push_str(instead);
        rest = from.split_once(end).map_or("", |(_, after)| after);
    }
    shown.push_str(rest);
    shown
}

/// Names the file in which an address stands: `/ja/register?kind=model` is `ja/register--kind-model-….html`.
/// Paths of the log keep their names, so that a copy of it can be audited.
pub(super) fn file_name(address: &str, content_type: &str) -> Option<String> {
    let (path, query) = address.split_once('?').map_or((address, None), |(path, query)| (path, Some(query)));
    let path = path.trim_start_matches('/');
    let step = |step: &str| {
        let plain = |c: char| c.is_alphanumeric() || "-._~".contains(c);
        !step.is_empty() && step != "." && step != ".." && step.chars().all(plain)
    };
    let (folder, is_index) = match path.strip_suffix('/') {
        Some(folder) => (folder, true),
        None => (path, false),
    };
    if path.len() > 200 || !folder.split('/').all(step) {
        return None;
    }
    if path.starts_with("log/") {
        return query.is_none().then(|| path.to_owned());
    }
    // The query of a style sheet or a picture only tells browsers of a new version; its name tells a plain
    // server what it is.
    if path.starts_with("assets/") {
        return Some(path.to_owned());
    }
    let end = match content_type.split(';').next().unwrap_or_default().trim() {
        "text/html" => ".html",
        "application/json" => ".json",
        "application/atom+xml" => ".atom",
        "text/csv" => ".csv",
        _ => "",
    };
    let stem = if is_index { format!("{path}index") } else { path.to_owned() };
    let stem = stem.strip_suffix(end).filter(|_| !end.is_empty()).unwrap_or(&stem);
    let Some(query) = query else { return Some(format!("{stem}{end}")) };
    // What is left of a query in letters is for people; the digest keeps names apart.
    let letters: String =
        query.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).take(40).collect();
    let digest = evidence::sha256(query.as_bytes()).to_string();
    Some(format!("{stem}--{letters}-{}{end}", &digest[..8]))
}

/// Returns the way from one file to another.
pub(super) fn relative(from: &str, to: &str) -> String {
    let here: Vec<&str> = from.split('/').collect();
    let there: Vec<&str> = to.split('/').collect();
    let shared = here.iter().zip(&there).take_while(|(one, other)| one == other).count();
    let shared = shared.min(here.len() - 1).min(there.len() - 1);
    let mut way = vec![".."; here.len() - 1 - shared];
    way.extend(&there[shared..]);
    way.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_to_files_and_what_is_not_in_the_copy_keeps_its_words() {
        let words = Words { form: "No forms <here>.", head: "<p>Copy</p>" };
        let file_of = |address: &str| match address {
            "/ja/log" => Some("../log.html".to_owned()),
            "/assets/a.css" => Some("../../assets/a.css".to_owned()),
            _ => None,
        };
        let given = "<link rel=\"stylesheet\" href=\"/assets/a.css\"><link rel=\"alternate\" href=\"/ja/feed.atom\">\
            <script src=\"/assets/x.js\" defer></script><main id=\"main\" class=\"wrap\">\
            <a href=\"/ja/log#top\" class=\"b\">Log</a> <a href=\"/ja/desk?a=1&amp;b=2\">Desk <b>now</b></a>\
            <a href=\"#main\">Here</a><form method=\"post\"><input name=\"q\"></form></main>";
        assert_eq!(
            page(given, &words, &file_of),
            "<link rel=\"stylesheet\" href=\"../../assets/a.css\"><main id=\"main\" class=\"wrap\"><p>Copy</p>\
            <a href=\"../log.html#top\" class=\"b\">Log</a> <span class=\"not-in-copy\">Desk <b>now</b></span>\
            <a href=\"#main\">Here</a><p class=\"quiet\">No forms &lt;here&gt;.</p></main>"
        );
        assert_eq!(
            links(given),
            ["/assets/a.css", "/ja/feed.atom", "/assets/x.js", "/ja/log", "/ja/desk?a=1&b=2"]
        );
    }

    #[test]
    fn a_file_name_stays_inside_the_folder() {
        assert_eq!(file_name("/ja/", "text/html; charset=utf-8").unwrap(), "ja/index.html");
        assert_eq!(file_name("/ja/models/a/b", "text/html").unwrap(), "ja/models/a/b.html");
        assert_eq!(
            file_name("/log/tile/0/000.p/3", "application/octet-stream").unwrap(),
            "log/tile/0/000.p/3"
        );
        assert_eq!(file_name("/en/audit/trust.json", "application/json").unwrap(), "en/audit/trust.json");
        let named = file_name("/ja/register?kind=model", "text/html").unwrap();
        assert!(
            named.starts_with("ja/register--kind-model-") && named.strip_suffix(".html").is_some(),
            "{named}"
        );
        assert_ne!(named, file_name("/ja/register?kind-model", "text/html").unwrap());
        assert_eq!(file_name("/assets/kanae.css?v=f901", "text/css").unwrap(), "assets/kanae.css");
        for strange in ["/../x", "/ja/../../x", "/ja//x", "/", "/a/%2e%2e/x", "/ja/./x"] {
            assert_eq!(file_name(strange, "text/html"), None, "{strange}");
        }
    }

    #[test]
    fn ways_between_files_are_relative() {
        assert_eq!(relative("ja/index.html", "assets/a.css"), "../assets/a.css");
        assert_eq!(relative("ja/models/a/b.html", "ja/models/a/b/duties/c.html"), "b/duties/c.html");
        assert_eq!(relative("ja/log.html", "ja/audit.html"), "audit.html");
        assert_eq!(relative("index.html", "ja/index.html"), "ja/index.html");
    }
}
