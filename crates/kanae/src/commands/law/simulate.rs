//! `kanae law simulate`: whom a law would cover among the models of a data set, and what a change of it
//! would do. A calculation, not a decision about anyone.

mod annex;
mod change;
mod difference;
mod moved;
mod table;
mod whom;

use std::path::{Path, PathBuf};

use jiff::civil::Date;
use law::simulate::{Columns, DataError, Models, Variant};
use law::{Goal, Language, Regime, SwitchError, SwitchSettings};
use serde_json::{Value, json};

use super::shelf::Shelf;
use super::{status, text};
use crate::cli::Lang;
use crate::failure::{Failure, Kind};
use crate::ui::Ui;
use table::Table;

/// Largest data set and largest description of its columns, in bytes.
const MAX_DATA: u64 = 64 << 20;
const MAX_COLUMNS: u64 = 1 << 20;
/// Most presets that are compared, and most figures that are changed at once.
const MAX_SIDES: usize = 12;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Id of the regime.
    #[arg(long, value_name = "ID")]
    regime: String,
    /// Day of the calculation, in the regime's own time zone.
    #[arg(long, value_name = "DATE")]
    as_of: String,
    /// Begins with a named setting of the regime.
    #[arg(long, value_name = "PRESET")]
    preset: Option<String>,
    /// Settles one open issue of the law; may be given several times.
    #[arg(long, value_name = "SWITCH=VALUE")]
    set: Vec<String>,
    /// Models, CSV with a heading or a JSON array of objects, in place of the shipped ones.
    #[arg(long, value_name = "FILE", requires = "columns")]
    data: Option<PathBuf>,
    /// Which column of the data stands for which fact, as TOML.
    #[arg(long, value_name = "FILE")]
    columns: Option<PathBuf>,
    /// Counts who belongs to a class, in place of whom the law covers.
    #[arg(long, value_name = "ID", conflicts_with = "duty")]
    class: Option<String>,
    /// Counts who owes a duty, in place of whom the law covers.
    #[arg(long, value_name = "ID")]
    duty: Option<String>,
    /// Moves a number, switch or parameter, over a range of 41 or of POINTS values (at most 1000).
    #[arg(long, value_name = "ID=LOW..HIGH[:POINTS]", conflicts_with_all = ["compare", "change"])]
    sweep: Option<String>,
    /// Puts equal steps between the values; otherwise equal ratios where the ends are 100 times apart.
    #[arg(long, requires = "sweep")]
    linear: bool,
    /// Puts presets side by side.
    #[arg(long, value_name = "PRESET,PRESET", value_delimiter = ',', conflicts_with_all = ["preset", "change"])]
    compare: Vec<String>,
    /// Changes a parameter or a switch: old and new text, and for whom it changes; may be given several
    /// times.
    #[arg(long, value_name = "ID=VALUE", conflicts_with_all = ["class", "duty"])]
    change: Vec<String>,
    /// Writes an annex for a regulatory impact assessment, as Markdown.
    #[arg(long, value_name = "FILE", requires = "change")]
    annex: Option<PathBuf>,
    /// Writes the table as CSV.
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    /// Writes a chart as SVG.
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
}

/// What is calculated, and on what.
struct Scene<'s> {
    arguments: &'s Arguments,
    ui: &'s Ui,
    language: Language,
    regime: &'s Regime,
    as_of: Date,
    settings: SwitchSettings,
    goal: Goal<'s>,
    columns: Columns,
    models: Models,
}

/// What comes out of one calculation, in every form in which it is given.
struct Outcome {
    /// Printed, in this order.
    tables: Vec<Table>,
    /// Written as CSV.
    csv: Table,
    /// Written as SVG.
    svg: String,
    /// Joined to the description of the calculation.
    json: Value,
}

pub(super) fn simulate(shelf: &Shelf, arguments: &Arguments, ui: &Ui) -> Result<(), Failure> {
    let regime = shelf.regime(&arguments.regime)?;
    let day = Some(arguments.as_of.as_str()).filter(|day| day.len() == 10).and_then(|day| day.parse().ok());
    let Some(as_of) = day else {
        return Err(Failure::new(Kind::Usage, format!("`{}` is not a day of the calendar", arguments.as_of))
            .hint("write it as in --as-of 2026-11-23"));
    };
    let (columns, models) = read(arguments, &regime)?;
    let scene = Scene {
        arguments,
        ui,
        language: match ui.lang {
            Lang::Ja => Language::Ja,
            Lang::En => Language::En,
        },
        regime: &regime,
        as_of,
        settings: settings(&regime, arguments.preset.as_deref(), &arguments.set)?,
        goal: match (&arguments.class, &arguments.duty) {
            (Some(id), _) => Goal::Class(id),
            (_, Some(id)) => Goal::Duty(id),
            (None, None) => Goal::Coverage,
        },
        columns,
        models,
    };
    let mut proposal = None;
    let outcome = if let Some(dial) = &arguments.sweep {
        moved::sweep(&scene, dial)?
    } else if !arguments.compare.is_empty() {
        moved::compare(&scene)?
    } else if !arguments.change.is_empty() {
        let change = change::Proposal::new(&scene)?;
        let (outcome, found) = difference::of(&scene, &change);
        if let Some(path) = &arguments.annex {
            write(path, &annex::text(&scene, &change, &found), ui)?;
        }
        proposal = Some(change);
        outcome
    } else {
        whom::covered(&scene)?
    };
    scene.head();
    if let Some(proposal) = &proposal {
        change::print(&scene, proposal);
    }
    for table in &outcome.tables {
        ui.line("");
        table.print(ui);
    }
    ui.line(ui.text(
        "\n試算であり、だれかについての判断ではありません。未確定は、データにない数値または定まっていない論点によります。",
        "\nA calculation, not a decision about anyone. Undetermined: a figure is not in the data, or the law is not settled.",
    ));
    if let Some(path) = &arguments.csv {
        write(path, &outcome.csv.csv(), ui)?;
    }
    if let Some(path) = &arguments.svg {
        write(path, &law::simulate::chart::standalone(&outcome.svg), ui)?;
    }
    let mut object = scene.description();
    if let (Some(object), Value::Object(found)) = (object.as_object_mut(), outcome.json) {
        object.extend(found);
    }
    ui.object(&object)
}

/// Reads settings: a preset, and on it what is set.
fn settings(regime: &Regime, preset: Option<&str>, set: &[String]) -> Result<SwitchSettings, Failure> {
    let mut settings = match preset {
        Some(preset) => SwitchSettings::preset(regime, preset).map_err(switch_failure)?,
        None => SwitchSettings::default(),
    };
    for setting in set {
        let (id, value) = pair(setting, "--set compute_threshold=\"1e25 FLOP\"")?;
        settings.set(regime, id, value).map_err(switch_failure)?;
    }
    Ok(settings)
}

fn pair<'t>(text: &'t str, example: &str) -> Result<(&'t str, &'t str), Failure> {
    text.split_once('=').map(|(id, value)| (id.trim(), value.trim())).ok_or_else(|| {
        let shown: String = text.chars().take(80).collect();
        Failure::new(Kind::Usage, format!("`{shown}` has no = between an id and a value"))
            .hint(format!("write it as in {example}"))
    })
}

fn switch_failure(error: SwitchError) -> Failure {
    Failure::new(Kind::Usage, error)
}

/// Reads the data set, shipped or given, as facts of the regime.
fn read(arguments: &Arguments, regime: &Regime) -> Result<(Columns, Models), Failure> {
    let shipped = "shipped data set".to_owned();
    let fails = |file: &Option<PathBuf>, error: DataError| {
        let place = file.as_ref().map_or(shipped.clone(), |path| path.display().to_string());
        Failure::new(Kind::Data, format!("{place}: {error}"))
    };
    let columns = match &arguments.columns {
        Some(path) => {
            let bytes = bytes(path, MAX_COLUMNS)?;
            let text = String::from_utf8(bytes)
                .map_err(|_| Failure::new(Kind::Data, format!("{}: not UTF-8", path.display())))?;
            Columns::read(&text)
        }
        None => Columns::read(portal::coverage::COLUMNS),
    };
    let columns = columns.map_err(|error| {
        fails(&arguments.columns, error)
            .hint("[data] names the columns name, date, country; [fact.NAME] says where a fact is read; see data/models/columns.toml")
    })?;
    let models = match &arguments.data {
        Some(path) => Models::read(&bytes(path, MAX_DATA)?, &columns, regime),
        None => Models::read(portal::coverage::MODELS, &columns, regime),
    };
    let models = models.map_err(|error| fails(&arguments.data, error))?;
    Ok((columns, models))
}

fn bytes(path: &Path, most: u64) -> Result<Vec<u8>, Failure> {
    let io = |error: std::io::Error| Failure::io(path, &error);
    let size = std::fs::metadata(path).map_err(io)?.len();
    if size > most {
        let message = format!("{}: {size} bytes; at most {most} are read", path.display());
        return Err(Failure::new(Kind::Data, message));
    }
    std::fs::read(path).map_err(io)
}

fn write(path: &Path, text: &str, ui: &Ui) -> Result<(), Failure> {
    std::fs::write(path, text).map_err(|error| Failure::io(path, &error))?;
    ui.note(format!("{}: {}", ui.text("書き出しました", "written"), path.display()));
    Ok(())
}

impl<'s> Scene<'s> {
    fn say<'t>(&self, ja: &'t str, en: &'t str) -> &'t str {
        self.ui.text(ja, en)
    }

    fn variant(&'s self) -> Variant<'s> {
        Variant { regime: self.regime, settings: &self.settings, as_of: self.as_of }
    }

    /// Returns the open issues that are left open.
    fn unsettled(&self) -> Vec<&'s law::Switch> {
        let set = self.settings.texts();
        self.regime.switches().iter().filter(|switch| !set.contains_key(&switch.id)).collect()
    }

    /// Names what is counted.
    fn question(&self) -> String {
        match self.goal {
            Goal::Coverage => self.say("法律の適用", "covered by the law").to_owned(),
            Goal::Class(id) => {
                let class = self.regime.classes().iter().find(|class| class.id == id);
                let name = class.map_or(id, |class| class.text.get(self.language));
                format!("{} {name}", self.say("区分：", "class:"))
            }
            Goal::Duty(id) => format!("{} {}", self.say("義務：", "duty:"), self.duty(id)),
        }
    }

    /// Names a duty.
    fn duty(&self, id: &str) -> String {
        self.regime.duty(id).map_or(id, |duty| duty.text.get(self.language)).to_owned()
    }

    /// Cites an article.
    fn cited(&self, id: &str) -> String {
        self.regime.cited(self.language, id)
    }

    fn data_source(&self) -> String {
        let data = &self.columns.data;
        let source = self.say(&data.source.ja, &data.source.en);
        match self.language {
            Language::Ja => {
                format!("{source}（{}現在、{}）、{}モデル", data.as_of, data.licence, self.models.all().len())
            }
            Language::En => {
                format!(
                    "{source} (as of {}, {}), {} models",
                    data.as_of,
                    data.licence,
                    self.models.all().len()
                )
            }
        }
    }

    /// Says that the law has no force on the day.
    fn force(&self) -> Option<&'static str> {
        Some(match self.regime.force_on(self.as_of) {
            law::Force::InForce => return None,
            law::Force::NotYet => {
                self.ui.text("この日にはまだ施行されていない", "not yet in force on this day")
            }
            law::Force::Ended => self.ui.text("この日には効力を失っている", "no longer in force on this day"),
            law::Force::Suspended => self.ui.text("この日には停止されている", "suspended on this day"),
            law::Force::Preempted => {
                self.ui.text("この日には他の法令が優先する", "displaced by other law on this day")
            }
        })
    }

    fn head(&self) {
        let ui = self.ui;
        ui.line(format!("{}  [{}]", text(ui, self.regime.title()), status(ui, self.regime, self.as_of)));
        let force = self.force().map(|force| format!("  ({force})")).unwrap_or_default();
        let question = self.question();
        ui.line(format!("{} {}{force}  {question}", self.say("基準日", "as of"), self.as_of));
        ui.line(format!("{}: {}", self.say("データ", "data"), self.data_source()));
        let (open, all) = (self.unsettled().len(), self.regime.switches().len());
        if open > 0 && self.arguments.compare.is_empty() {
            ui.line(match self.language {
                Language::Ja => {
                    format!("論点{all}件のうち{open}件が定まっていない（--preset、--set で設定）")
                }
                Language::En => {
                    format!("{open} of {all} open issues of the law are not settled (--preset, --set)")
                }
            });
        }
    }

    fn description(&self) -> Value {
        json!({
            "regime": self.regime.id(),
            "as_of": self.as_of,
            "version": self.regime.version_on(self.as_of).map(|version| &version.id),
            "force": self.regime.force_on(self.as_of).as_str(),
            "settings": self.settings.texts(),
            "class": self.arguments.class,
            "duty": self.arguments.duty,
            "data": {
                "shipped": self.arguments.data.is_none(),
                "source": self.columns.data.source,
                "as_of": self.columns.data.as_of,
                "licence": self.columns.data.licence,
                "models": self.models.all().len(),
            },
            "assumptions": self.columns.assumptions(self.regime),
        })
    }
}
