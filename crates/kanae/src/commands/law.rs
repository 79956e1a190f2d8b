//! `kanae law`: read, check and apply laws as data.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use law::{Assessment, Because, Diagnostic, Regime, RegimeStatus, SwitchSettings, Text, Truth, ValueKind};
use serde_json::json;

use crate::embedded::{self, Files};
use crate::failure::{Failure, Kind};
use crate::ui::Ui;

/// Largest facts file that is read.
const MAX_FACTS_SIZE: u64 = 1 << 20;

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Folder of regimes, one folder each, in place of the shipped ones.
    #[arg(long, global = true, value_name = "FOLDER")]
    regimes: Option<PathBuf>,

    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// List the regimes.
    List,
    /// Show a regime: texts, facts, switches, classes, duties, powers, penalties.
    #[command(after_help = "Examples:\n  kanae law show eu-gpai\n  kanae law show jp-basic-law-2024 --json")]
    Show {
        /// Id of the regime.
        #[arg(value_name = "ID")]
        regime: String,
    },
    /// Check that regimes can be read: names, types, units, clocks, articles.
    #[command(after_help = "Examples:\n  kanae law check\n  kanae law check --regimes ./my-regimes my-law")]
    Check {
        /// Ids of the regimes; all if none is given.
        #[arg(value_name = "ID")]
        only: Vec<String>,
    },
    /// Run the law tests of regimes.
    #[command(after_help = "Examples:\n  kanae law test\n  kanae law test eu-gpai --json")]
    Test {
        /// Ids of the regimes; all if none is given.
        #[arg(value_name = "ID")]
        only: Vec<String>,
    },
    /// Say what a regime asks, from a file of facts, as of a day, with reasons. Advice: people decide.
    #[command(
        after_help = "The facts file is JSON or TOML: name → value. Numbers are exact as written and may be texts\nwith their unit (\"1e25 FLOP\"); {\"low\": …, \"high\": …} is an interval; null is unknown.\n\nExamples:\n  kanae law assess --regime eu-gpai --facts model.json --as-of 2026-11-23\n  kanae law assess --regime jp-basic-law-2024 --facts model.toml --as-of 2026-11-23 \\\n      --preset illustration --set compute_threshold=\"1e26 FLOP\" --json"
    )]
    Assess(AssessArguments),
}

#[derive(Debug, clap::Args)]
struct AssessArguments {
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

pub(crate) fn run(arguments: &Arguments, ui: &Ui) -> Result<(), Failure> {
    let shelf = Shelf::open(arguments.regimes.as_deref())?;
    match &arguments.command {
        Command::List => list(&shelf, ui),
        Command::Show { regime } => show(&shelf.regime(regime)?, ui),
        Command::Check { only } => check(&shelf, only, ui),
        Command::Test { only } => test(&shelf, only, ui),
        Command::Assess(arguments) => assess(&shelf, arguments, ui),
    }
}

/// The regimes at hand: id → files.
struct Shelf {
    regimes: BTreeMap<String, Files>,
}

impl Shelf {
    fn open(folder: Option<&Path>) -> Result<Self, Failure> {
        let files = match folder {
            Some(folder) => embedded::read_folder(folder)?,
            None => embedded::files(&embedded::REGIMES),
        };
        let regimes = embedded::folders(files);
        Ok(Self { regimes })
    }

    fn files(&self, id: &str) -> Result<&Files, Failure> {
        self.regimes.get(id).ok_or_else(|| {
            let known: Vec<_> = self.regimes.keys().map(String::as_str).collect();
            Failure::new(Kind::NotFound, format!("there is no regime `{id}`"))
                .hint(format!("the regimes are: {}", known.join(", ")))
        })
    }

    fn load(&self, id: &str) -> Result<Result<Regime, Vec<Diagnostic>>, Failure> {
        let regime = Regime::load(self.files(id)?);
        Ok(match regime {
            Ok(regime) if regime.id() != id => Err(vec![Diagnostic {
                file: "regime.toml".to_owned(),
                line: 1,
                column: 1,
                problem: format!("id `{}` is not the name of the folder, `{id}`", regime.id()),
                hint: Some("rename one of them".to_owned()),
            }]),
            other => other,
        })
    }

    fn regime(&self, id: &str) -> Result<Regime, Failure> {
        self.load(id)?.map_err(|problems| {
            let shown: Vec<_> = problems.iter().take(20).map(|problem| format!("{id}/{problem}")).collect();
            Failure::new(Kind::Data, format!("regime `{id}` has problems:\n{}", shown.join("\n")))
                .hint(format!("`kanae law check {id}` shows them all"))
        })
    }

    fn chosen<'s>(&'s self, only: &'s [String]) -> Vec<&'s str> {
        if only.is_empty() {
            self.regimes.keys().map(String::as_str).collect()
        } else {
            only.iter().map(String::as_str).collect()
        }
    }
}

fn text<'t>(ui: &Ui, text: &'t Text) -> &'t str {
    ui.text(&text.ja, &text.en)
}

fn status(ui: &Ui, status: RegimeStatus) -> &'static str {
    match status {
        RegimeStatus::Draft => ui.text("素案（法律ではない）", "draft: not law"),
        RegimeStatus::InForce => ui.text("施行済み", "in force"),
        RegimeStatus::Voluntary => ui.text("任意", "voluntary"),
    }
}

fn list(shelf: &Shelf, ui: &Ui) -> Result<(), Failure> {
    let mut found = Vec::new();
    for id in shelf.chosen(&[]) {
        let regime = shelf.regime(id)?;
        ui.line(format!(
            "{id:<20} {}  [{}, {}]",
            text(ui, regime.title()),
            regime.jurisdiction(),
            status(ui, regime.status())
        ));
        found.push(json!({
            "id": regime.id(),
            "jurisdiction": regime.jurisdiction(),
            "title": regime.title(),
            "status": regime.status(),
            "switches": regime.switches().len(),
            "duties": regime.duties().len(),
            "tests": regime.tests().len(),
        }));
    }
    ui.object(&json!({ "regimes": found }))
}

fn kind(kind: &ValueKind) -> String {
    let names =
        |values: &[law::Choice]| values.iter().map(|value| value.id.as_str()).collect::<Vec<_>>().join(" | ");
    match kind {
        ValueKind::Boolean => "true | false".to_owned(),
        ValueKind::Number { unit: Some(unit) } => format!("number in {unit}"),
        ValueKind::Number { unit: None } => "number".to_owned(),
        ValueKind::Text => "text".to_owned(),
        ValueKind::Choice { values } => names(values),
        ValueKind::Choices { values } => format!("{}, several joined by commas", names(values)),
        ValueKind::Date => "date".to_owned(),
        ValueKind::Period => "period, as in `30 days`".to_owned(),
    }
}

fn show(regime: &Regime, ui: &Ui) -> Result<(), Failure> {
    ui.line(format!("{}  {}", regime.id(), text(ui, regime.title())));
    ui.line(format!("  {} · {} · {}", regime.jurisdiction(), status(ui, regime.status()), regime.source()));
    for version in regime.versions() {
        let to = version.to.map_or(String::new(), |to| to.to_string());
        ui.line(format!("  {} – {to}  {}", version.from, version.id));
    }
    ui.line(ui.text("\n事実", "\nFacts"));
    for fact in regime.facts() {
        ui.line(format!("  {:<32} {}  ({})", fact.name, text(ui, &fact.label), kind(&fact.kind)));
    }
    ui.line(ui.text("\nスイッチ（論点）", "\nSwitches (open issues)"));
    for switch in regime.switches() {
        ui.line(format!("  {:<32} {}  ({})", switch.id, text(ui, &switch.question), kind(&switch.kind)));
    }
    for preset in regime.presets() {
        ui.line(format!("  --preset {:<23} {}", preset.id, text(ui, &preset.label)));
    }
    ui.line(ui.text("\n適用", "\nCoverage"));
    ui.line(format!("  [{}] {}", regime.coverage().article, one_line(regime.coverage().condition.source())));
    ui.line(ui.text("\n区分", "\nClasses"));
    for class in regime.classes() {
        ui.line(format!("  {:<32} [{}] {}", class.id, class.article, text(ui, &class.text)));
        ui.line(format!("  {:<32} {}", "", one_line(class.condition.source())));
    }
    ui.line(ui.text("\n義務", "\nDuties"));
    for duty in regime.duties() {
        let due = duty.due.as_deref().map_or(String::new(), |due| format!("; {due}"));
        let article = &duty.article;
        ui.line(format!(
            "  {:<32} [{article}] {}{due}  ({})",
            duty.id,
            text(ui, &duty.text),
            duty.by.as_str()
        ));
    }
    ui.line(ui.text("\n権限・制裁", "\nPowers and penalties"));
    for power in regime.powers() {
        ui.line(format!("  {:<32} [{}] {}", power.id, power.article, text(ui, &power.text)));
    }
    for penalty in regime.penalties() {
        let maximum = penalty.maximum.as_deref().map_or(String::new(), |maximum| format!("; ≤ {maximum}"));
        ui.line(format!("  {:<32} [{}] {}{maximum}", penalty.id, penalty.article, text(ui, &penalty.text)));
    }
    ui.object(&json!({
        "id": regime.id(),
        "jurisdiction": regime.jurisdiction(),
        "title": regime.title(),
        "status": regime.status(),
        "source": regime.source(),
        "certainty": regime.certainty(),
        "authentic_language": regime.authentic_language(),
        "versions": regime.versions(),
        "facts": regime.facts(),
        "switches": regime.switches(),
        "presets": regime.presets(),
        "coverage": regime.coverage(),
        "classes": regime.classes(),
        "duties": regime.duties(),
        "powers": regime.powers(),
        "penalties": regime.penalties(),
        "procedures": regime.procedures(),
        "articles": regime.articles(),
    }))
}

fn one_line(condition: &str) -> String {
    condition.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn check(shelf: &Shelf, only: &[String], ui: &Ui) -> Result<(), Failure> {
    let mut found = Vec::new();
    let mut problems_found = 0;
    for id in shelf.chosen(only) {
        let (problems, untested) = match shelf.load(id)? {
            Ok(regime) => {
                (Vec::new(), regime.untested_switches().into_iter().map(str::to_owned).collect::<Vec<_>>())
            }
            Err(problems) => (problems, Vec::new()),
        };
        problems_found += problems.len();
        match problems.len() {
            0 => ui.line(format!("{id}: {}", ui.text("問題なし", "no problem"))),
            _ => {
                for problem in &problems {
                    ui.line(format!("{id}/{problem}"));
                }
            }
        }
        for switch in &untested {
            ui.line(format!(
                "{id}: {} `{switch}`",
                ui.text(
                    "結果を変えることが試されていないスイッチ",
                    "no test shows that this switch changes a result:"
                )
            ));
        }
        found.push(json!({ "id": id, "problems": problems, "untested_switches": untested }));
    }
    ui.object(&json!({ "regimes": found }))?;
    if problems_found > 0 {
        return Err(Failure::new(Kind::CheckFailed, format!("{problems_found} problems found")));
    }
    Ok(())
}

fn test(shelf: &Shelf, only: &[String], ui: &Ui) -> Result<(), Failure> {
    let mut found = Vec::new();
    let mut failed = 0;
    for id in shelf.chosen(only) {
        let results = shelf.regime(id)?.run_tests();
        let failures: Vec<_> = results.iter().filter(|result| !result.failures.is_empty()).collect();
        ui.line(format!(
            "{id}: {} {}, {} {}",
            results.len() - failures.len(),
            ui.text("件合格", "passed"),
            failures.len(),
            ui.text("件不合格", "failed")
        ));
        for result in &failures {
            ui.line(format!("  {id}/{}:{}: {}", result.file, result.line, result.name));
            for failure in &result.failures {
                ui.line(format!("    {failure}"));
            }
        }
        failed += failures.len();
        found.push(json!({ "id": id, "tests": results }));
    }
    ui.object(&json!({ "regimes": found }))?;
    if failed > 0 {
        return Err(Failure::new(Kind::CheckFailed, format!("{failed} law tests failed")));
    }
    Ok(())
}

fn assess(shelf: &Shelf, arguments: &AssessArguments, ui: &Ui) -> Result<(), Failure> {
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
