//! The command line: what can be typed. What each command does is in [`crate::commands`].

use clap::{Parser, Subcommand, ValueEnum};

use crate::commands;

/// Oversight of advanced AI: signed statements, a log that anyone can check, law as data.
#[derive(Debug, Parser)]
#[command(name = "kanae", version, propagate_version = true, arg_required_else_help = true)]
pub(crate) struct Cli {
    /// Print one JSON object on standard output and nothing else there.
    #[arg(long, global = true)]
    pub(crate) json: bool,

    /// Language of texts for people.
    #[arg(long, global = true, value_enum, env = "KANAE_LANG", default_value = "en")]
    pub(crate) lang: Lang,

    #[command(subcommand)]
    pub(crate) command: Command,
}

/// A language that Kanae speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Lang {
    /// Japanese.
    Ja,
    /// English.
    En,
}

impl Lang {
    /// Returns the language as statements know it.
    pub(crate) fn language(self) -> evidence::Language {
        match self {
            Self::Ja => evidence::Language::Ja,
            Self::En => evidence::Language::En,
        }
    }
}

/// What `kanae` can be asked to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make the data folder of a new node.
    Init(commands::init::Arguments),
    /// Run a node: its log, its API and its pages.
    Serve(commands::serve::Arguments),
    /// Move a node's database.
    Store(commands::store::Arguments),
    /// Back up a node's databases, and check what a backup is worth.
    Backup(commands::backup::Arguments),
    /// Encrypt private keys at rest, and show their public halves.
    Key(commands::key::Arguments),
    /// Make access tokens of a node.
    Token(commands::token::Arguments),
    /// Show the full oversight cycle, from a real model to a register that anyone can check.
    Demo(commands::demo::Arguments),
    /// Make folders with keys for those who sign.
    Actor(commands::actor::Arguments),
    /// Make, approve, submit, show and verify statements.
    Statement(commands::statement::Arguments),
    /// Sign a statement that was prepared elsewhere, without changing a byte of it.
    Sign(commands::sign::Arguments),
    /// The desk of a node, where people sign in: first links, accounts.
    Desk(commands::desk::Arguments),
    /// What people and programs are told by a node, by e-mail and webhook, and whether it went out.
    Notices(commands::notices::Arguments),
    /// Check that a log holds: signed, authorised, approved, only ever grown, rightly computed.
    Audit(commands::audit::Arguments),
    /// Look at a log's checkpoint, prove an entry, watch the log over time.
    Log(commands::log::Arguments),
    /// Write the public register as files that anyone can host.
    Export(commands::export::Arguments),
    /// Read and try the policy: who may say what about whom.
    Policy(commands::policy::Arguments),
    /// Print a completion script for a shell.
    #[command(after_help = "Examples:\n  kanae completions bash > /etc/bash_completion.d/kanae")]
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Read, check and apply laws as data.
    Law(commands::law::Arguments),
    /// Run safety verifications against a model.
    Safety(commands::safety::Arguments),
    /// Sign and verify the files of a model.
    Weights(commands::weights::Arguments),
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        super::Cli::command().debug_assert();
    }
}
