//! `kanae law document` and `export`.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use pulldown_cmark::{Options, Parser, html};
use serde_json::json;

use super::assess::About;
use super::given::{self, Given, language, names};
use super::shelf::Shelf;
use super::text;
use crate::failure::Failure;
use crate::ui::Ui;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Id of the regime.
    #[arg(value_name = "ID")]
    regime: String,
    /// How the document is written.
    #[arg(long, value_enum, default_value = "markdown")]
    format: Format,
    /// Day whose texts and figures are shown; today, if not given.
    #[arg(long, value_name = "DATE")]
    as_of: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// Markdown.
    Markdown,
    /// A page of its own.
    Html,
}

/// Prints a regime as a document: each article beside the rules that carry it.
pub(super) fn document(shelf: &Shelf, arguments: &Arguments, ui: &Ui) -> Result<(), Failure> {
    let regime = shelf.regime(&arguments.regime)?;
    let as_of = match &arguments.as_of {
        Some(day) => given::day(day)?,
        None => regime.time_zone().to_datetime(Timestamp::now()).date(),
    };
    let language = language(ui);
    let markdown = law::document(&regime, language, names(language), as_of);
    let written = match arguments.format {
        Format::Markdown => markdown,
        Format::Html => page(language.pick("ja", "en"), text(ui, regime.title()), &markdown),
    };
    ui.line(written.trim_end());
    ui.object(&json!({ "id": regime.id(), "as_of": as_of, "document": written }))
}

/// The page stands alone: no script, no address, nothing is loaded.
fn page(lang: &str, title: &str, markdown: &str) -> String {
    const STYLE: &str = "body{font-family:system-ui,sans-serif;line-height:1.7;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1a1a1c}table{border-collapse:collapse;display:block;overflow-x:auto}th,td{border:1px solid #949494;padding:.3rem .6rem;text-align:left;vertical-align:top}blockquote{border-left:.3rem solid #0017c1;margin:1rem 0;padding:.2rem 1rem;background:#f0f4ff}code{background:#f2f2f2;padding:0 .2rem}@media print{body{max-width:none}}";
    let mut body = String::new();
    html::push_html(&mut body, Parser::new_ext(markdown, Options::ENABLE_TABLES));
    let title = title.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    format!(
        "<!doctype html>\n<html lang=\"{lang}\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n{body}</body>\n</html>"
    )
}

#[derive(Debug, clap::Args)]
pub(super) struct ExportArguments {
    /// Ids of the regimes; all if none is given.
    #[arg(value_name = "ID")]
    only: Vec<String>,
    #[command(flatten)]
    given: Given,
    #[command(flatten)]
    about: About,
    /// Folder for the files; it is made if it is not there.
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
}

/// Writes what each regime says as files for other tools.
pub(super) fn export(shelf: &Shelf, arguments: &ExportArguments, ui: &Ui) -> Result<(), Failure> {
    let cases = arguments.given.several(shelf, &arguments.only)?;
    let out = &arguments.out;
    std::fs::create_dir_all(out).map_err(|error| Failure::io(out, &error))?;
    let mut written = Vec::new();
    for case in &cases {
        let exported = arguments.about.exported(case, ui)?;
        let id = case.regime.id();
        let files = [
            (format!("{id}.assessment.json"), pretty(&case.assessment)?),
            (format!("{id}.oscal.json"), pretty(&exported.oscal())?),
            (format!("{id}.duties.csv"), exported.duties_csv()),
        ];
        for (name, content) in files {
            write(&out.join(&name), &content)?;
            ui.line(out.join(&name).display().to_string());
            written.push(name);
        }
    }
    ui.object(&json!({ "folder": out.display().to_string(), "files": written }))
}

fn pretty(value: &impl serde::Serialize) -> Result<String, Failure> {
    let text = serde_json::to_string_pretty(value).map_err(anyhow::Error::from)?;
    Ok(text + "\n")
}

fn write(path: &Path, content: &str) -> Result<(), Failure> {
    std::fs::write(path, content).map_err(|error| Failure::io(path, &error))
}
