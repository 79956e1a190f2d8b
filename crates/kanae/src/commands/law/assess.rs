//! `kanae law assess`.

use std::path::{Path, PathBuf};

use law::{Assessment, Because, Regime, SwitchSettings, Truth};

use super::shelf::Shelf;
use super::{status, text};
use crate::failure::{Failure, Kind};
use crate::ui::Ui;

/// Largest facts file that is read.
const MAX_FACTS_SIZE: u64 = 1 << 20;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Id of the regime.
    #[arg(long, value_name = "ID")]
    regime: String,
    /// Facts, as JSON or, where the name ends in .toml, as TOML.
    #[arg(long, value_name = "FILE")]
    facts: PathBuf,
    /// Day of assessment, in the regime's own time zone.
    #[arg(long, value_name = "DATE")]
    as_of: String,
    /// Settles one open issue of the law; may be given several times.
    #[arg(long, value_name = "SWITCH=VALUE")]
    set: Vec<String>,
    /// Begins with a named setting of the regime.
    #[arg(long, value_name = "PRESET")]
    preset: Option<String>,
}

pub(super) fn assess(shelf: &Shelf, arguments: &Arguments, ui: &Ui) -> Result<(), Failure> {
    let regime = shelf.regime(&arguments.regime)?;
    let day = Some(arguments.as_of.as_str()).filter(|day| day.len() == 10).and_then(|day| day.parse().ok());
    let Some(as_of) = day else {
        return Err(Failure::new(Kind::Usage, format!("`{}` is not a day of the calendar", arguments.as_of))
            .hint("write it as in --as-of 2026-11-23"));
    };
    let switch_failure = |error: law::SwitchError| Failure::new(Kind::Usage, error);
    let mut settings = match &arguments.preset {
        Some(preset) => SwitchSettings::preset(&regime, preset).map_err(switch_failure)?,
        None => SwitchSettings::default(),
    };
    for setting in &arguments.set {
        let Some((id, value)) = setting.split_once('=') else {
            return Err(Failure::new(Kind::Usage, format!("`{setting}` is not a setting"))
                .hint("write it as in --set report_interval=\"180 days\""));
        };
        settings.set(&regime, id, value).map_err(switch_failure)?;
    }
    let record = read_facts(&regime, &arguments.facts)?;
    let assessment = law::assess(&regime, &settings, &record, as_of)
        .map_err(|error| Failure::new(Kind::Data, format!("{}: {error}", arguments.facts.display())))?;
    print(&regime, &assessment, ui);
    ui.object(&assessment)
}

fn read_facts(regime: &Regime, path: &Path) -> Result<law::Record, Failure> {
    let io = |error: std::io::Error| Failure::io(path, &error);
    let size = std::fs::metadata(path).map_err(io)?.len();
    if size > MAX_FACTS_SIZE {
        return Err(Failure::new(
            Kind::Data,
            format!("{}: {size} bytes; at most {MAX_FACTS_SIZE} are read", path.display()),
        ));
    }
    let facts = std::fs::read_to_string(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::InvalidData => Failure::new(Kind::Data, format!("{}: not UTF-8", path.display())),
        _ => Failure::io(path, &error),
    })?;
    let toml = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("toml"));
    let record = if toml { regime.facts_from_toml(&facts) } else { regime.facts_from_json(&facts) };
    record.map_err(|error| Failure::new(Kind::Data, format!("{}: {error}", path.display())))
}

fn print(regime: &Regime, assessment: &Assessment, ui: &Ui) {
    ui.line(format!("{}  [{}]", text(ui, regime.title()), status(ui, regime.status())));
    let version = assessment.version.as_deref().unwrap_or_else(|| ui.text("なし", "none"));
    ui.line(format!(
        "{} {}  {} {version}",
        ui.text("基準日", "as of"),
        assessment.as_of,
        ui.text("条文", "text")
    ));
    let coverage = match assessment.coverage {
        law::Coverage::Covered => ui.text("適用される", "covered"),
        law::Coverage::NotCovered => ui.text("適用されない", "not covered"),
        law::Coverage::Undetermined => ui.text("未確定", "undetermined"),
    };
    ui.line(format!("\n{}: {coverage}", ui.text("適用", "coverage")));
    because(&assessment.coverage_because, "  ", ui);
    for class in assessment.classes.iter().filter(|class| class.holds != Truth::False) {
        let Some(rule) = regime.classes().iter().find(|rule| rule.id == class.id && !rule.auxiliary) else {
            continue;
        };
        let open = if class.holds == Truth::Undetermined {
            ui.text("（未確定）", " (undetermined)")
        } else {
            ""
        };
        ui.line(format!("{}: {}{open}  [{}]", ui.text("区分", "class"), text(ui, &rule.text), class.article));
        because(&class.because, "  ", ui);
    }
    ui.line(ui.text("\n義務", "\nduties"));
    for duty in assessment.duties.iter().filter(|duty| duty.owed != Truth::False) {
        let Some(rule) = regime.duty(&duty.id) else { continue };
        let due = match (duty.due, &duty.due_because.qualitative) {
            (Some(due), _) => format!("  {} {due}", ui.text("期限", "due")),
            (None, Some(words)) => format!("  {words}"),
            (None, None) => String::new(),
        };
        ui.line(format!("  {:<13} {}  [{}]{due}", duty.status.as_str(), text(ui, &rule.text), duty.article));
        because(&duty.because, "      ", ui);
        because(&duty.due_because.because, "      ", ui);
    }
    ui.line(ui.text("\n理由", "\nwhy"));
    for line in assessment.reason.outline().lines() {
        ui.line(format!("  {line}"));
    }
    // The tree of the coverage has explained most classes already.
    let explained = assessment.reason.outline();
    let further = |class: &&law::ClassResult| {
        let reported = regime.classes().iter().any(|rule| rule.id == class.id && !rule.auxiliary);
        reported && class.holds != Truth::False && !explained.contains(&format!("class({})", class.id))
    };
    for class in assessment.classes.iter().filter(further) {
        ui.line(format!("\n  class({})", class.id));
        for line in class.reason.outline().lines() {
            ui.line(format!("  {line}"));
        }
    }
    ui.line(ui.text("\nこれは助言であり、決めるのは人です。", "\nThis is advice; people decide."));
}

fn because(because: &Because, indent: &str, ui: &Ui) {
    for (what, names) in [
        (ui.text("足りない事実", "facts missing"), &because.missing),
        (ui.text("食い違う事実", "facts disputed"), &because.disputed),
        (ui.text("定まっていない論点", "law not settled"), &because.unsettled),
    ] {
        if !names.is_empty() {
            let names: Vec<_> = names.iter().map(String::as_str).collect();
            ui.line(format!("{indent}{what}: {}", names.join(", ")));
        }
    }
}
