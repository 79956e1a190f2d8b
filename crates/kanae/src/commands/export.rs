//! `kanae export`: the public register as files that anyone can host.

mod rewrite;
mod site;

use std::path::PathBuf;

use crate::failure::Failure;
use crate::ui::Ui;

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Write the public pages, in both languages, as files that stand alone: from a folder or from any
    /// plain web server, without this program.
    ///
    /// With the pages go the log's files, audited while they are copied, the documents of the same
    /// content as JSON, the feeds and the lists. What needs a server is left out and says so: search,
    /// forms, the lab's answers.
    #[command(
        after_help = "Examples:\n  kanae export site --data ./node --to ./copy\n  kanae export site --node https://register.example --to ./copy\n  kanae audit ./copy/log --trust trust.json"
    )]
    Site(Site),
}

#[derive(Debug, clap::Args)]
struct Site {
    /// Data folder of a node that is not running.
    #[arg(long, value_name = "DIR", required_unless_present = "node", conflicts_with = "node")]
    data: Option<PathBuf>,
    /// Address of a node that serves.
    #[arg(long, value_name = "URL")]
    node: Option<String>,
    /// Folder to write; it must not be there yet, or be empty.
    #[arg(long, value_name = "FOLDER")]
    to: PathBuf,
    /// Address of the live site, which the pages name where they tell how to check them.
    #[arg(long, value_name = "URL")]
    url: Option<String>,
}

pub(crate) fn run(arguments: &Arguments, ui: &Ui) -> Result<(), Failure> {
    match &arguments.command {
        Command::Site(arguments) => site::run(arguments, ui),
    }
}
