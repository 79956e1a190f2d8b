//! The demo on a terminal, and the commands that it keeps in a file.

use std::fs::File;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use demo::{Audience, Said};
use evidence::Language;

use crate::failure::Failure;
use crate::ui::Ui;

/// What the file of commands begins with.
const HEADING: &str = "\
# The commands of this demo, in its folder. A line that begins with ! has to fail.
# To do it again: run the first command in a new, empty folder, put the files that no command makes
# beside it (weights/, and from steps/ all but *.statement.json, *.tlog-proof and weights.sig), and
# run the others.
";

/// A person who watches, in their language; with `--json` nobody does.
pub(super) struct Terminal {
    ui: Ui,
    commands: Option<File>,
    waiting: Vec<String>,
}

impl Terminal {
    pub(super) fn new(ui: Ui) -> Self {
        Self { ui, commands: None, waiting: Vec::new() }
    }

    fn keep(&mut self, line: &str) {
        match &mut self.commands {
            Some(file) => {
                // The file is a service to the reader: a full disk shows in the steps themselves.
                let _ = writeln!(file, "{line}");
            }
            None => self.waiting.push(line.to_owned()),
        }
    }

    /// The portal is up: from now on the data folder is the node's, and the commands go into it.
    pub(super) fn serving(&mut self, url: &str, address: SocketAddr) {
        self.ui.line(format!(
            "\n{} {url}/\n{}",
            self.ui.text("ポータルを開きました。ここで見ていられます:", "The portal is open. Watch here:"),
            self.ui.text(
                "■ 国  ● 開発者  ▲ 検証者  ◇ 計算・運営",
                "■ State  ● developer  ▲ verifier  ◇ computed, or the operator"
            )
        ));
        self.command(&format!("kanae serve --data . --listen {address} &"));
        self.command(&format!("export KANAE_URL={url}"));
        self.keep("until kanae log checkpoint $KANAE_URL > /dev/null 2>&1; do sleep 0.1; done");
    }

    /// Writes the commands so far, and those to come, into the data folder.
    pub(super) fn open_commands(&mut self, folder: &Path) -> Result<(), Failure> {
        let path = folder.join("commands.sh");
        let mut file = File::create(&path).map_err(|error| Failure::io(&path, &error))?;
        writeln!(file, "{HEADING}").map_err(|error| Failure::io(&path, &error))?;
        for line in self.waiting.drain(..) {
            writeln!(file, "{line}").map_err(|error| Failure::io(&path, &error))?;
        }
        self.commands = Some(file);
        Ok(())
    }

    pub(super) fn end(&mut self, url: &str, folder: &Path, took: Duration) {
        self.ui.line(format!(
            "\n{} ({} s)\n  {} {}\n  {} {}",
            self.ui.text("実演を終えました。", "The demo has ended."),
            took.as_secs(),
            self.ui.text("フォルダー:", "Folder:"),
            folder.display(),
            self.ui.text("実行したコマンド:", "Commands:"),
            folder.join("commands.sh").display()
        ));
        self.ui.line(format!(
            "  {} {url}/  ({})",
            self.ui.text("ポータル:", "Portal:"),
            self.ui.text("Ctrl-Cで終わります", "Ctrl-C ends it")
        ));
    }
}

impl Audience for Terminal {
    fn language(&self) -> Language {
        self.ui.lang.language()
    }

    fn step(&mut self, number: usize, title: &str) {
        self.ui.progress_done();
        self.ui.line(format!("\n{number}. {title}"));
        self.keep(&format!("\n# {number}. {title}"));
    }

    fn command(&mut self, line: &str) {
        self.ui.progress_done();
        self.ui.line(format!("   $ {line}"));
        self.keep(line);
    }

    fn said(&mut self, said: &Said) {
        self.ui.progress_done();
        let place = match said.index {
            Some(index) => format!("{} {index}", self.ui.text("記録", "entry")),
            None => self.ui.text("受入れ待ち", "waits to be accepted").to_owned(),
        };
        self.ui.line(format!("   {} {} · {} · {place}", said.voice.sign(), said.who, said.kind));
        self.ui.line(format!("     {}", said.statement));
        self.ui.line(format!("     {}", said.link));
    }

    fn refused(&mut self, what: &str, code: &str, detail: &str) {
        self.ui.progress_done();
        // The node's account begins with the code and its label in English.
        let label = register::Code::all()
            .iter()
            .find(|c| c.as_str() == code)
            .map(|c| c.label(self.ui.lang.language()));
        let why = label.unwrap_or(detail);
        self.ui.line(format!("   × {} {what}\n     {code}: {why}", self.ui.text("拒否:", "Refused:")));
    }

    fn note(&mut self, text: &str) {
        self.ui.progress_done();
        self.ui.line(format!("   {text}"));
    }

    fn progress(&mut self, text: &str) {
        self.ui.progress(format!("   … {text}"));
    }
}
