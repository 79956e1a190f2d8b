//! What a law is applied to: a file of facts, a file of events, a day, settings of open issues.

use std::path::{Path, PathBuf};

use jiff::civil::Date;
use law::{Assessment, EventsFile, FactsFile, Language, Names, Record, Regime, SwitchSettings, Wording};

use super::shelf::Shelf;
use crate::cli::Lang;
use crate::failure::{Failure, Kind};
use crate::ui::Ui;

/// Largest file that is read.
const MAX_SIZE: u64 = 1 << 20;

/// How files of facts and events are written, for `--help`.
pub(super) const FILES: &str = "The facts file is JSON or TOML: name → value. Numbers are exact as written and may be texts\nwith their unit (\"1e25 FLOP\"); {\"low\": …, \"high\": …} is an interval; null is unknown.\nA value may be {\"value\": …, \"known_at\": \"2026-11-02\", \"entry\": 7}; in a list, values that differ are disputed.\nThe events file is a list: [{\"is\": \"incident\", \"arrived\": \"2026-11-20T10:00:00Z\",\n\"attributes\": {\"death\": \"false\"}}], in TOML [[event]] tables.";

#[derive(Debug, clap::Args)]
pub(super) struct Given {
    /// Facts, as JSON or, where the name ends in .toml, as TOML.
    #[arg(long, value_name = "FILE")]
    facts: PathBuf,
    /// Events on record: what was filed, what happened, what the State did.
    #[arg(long, value_name = "FILE")]
    events: Option<PathBuf>,
    /// Day of assessment, in each regime's own time zone.
    #[arg(long, value_name = "DATE")]
    as_of: String,
    /// Settles one open issue; may be given several times. Under several regimes, name the regime.
    #[arg(long, value_name = "[REGIME:]SWITCH=VALUE")]
    set: Vec<String>,
    /// Begins with a named setting of the regime. Under several regimes, name the regime.
    #[arg(long, value_name = "[REGIME:]PRESET")]
    preset: Vec<String>,
}

/// A regime and what it says of what is given.
#[derive(Debug)]
pub(super) struct Case {
    pub(super) regime: Regime,
    pub(super) settings: SwitchSettings,
    pub(super) record: Record,
    pub(super) assessment: Assessment,
}

impl Case {
    /// Puts the answer into words.
    pub(super) fn wording(&self, ui: &Ui) -> Wording<'_> {
        let language = language(ui);
        Wording::new(&self.regime, &self.settings, &self.assessment, language, names(language))
    }
}

impl Given {
    /// Applies one regime, which must know every fact and event that is given.
    pub(super) fn one(&self, shelf: &Shelf, id: &str) -> Result<Case, Failure> {
        let regime = shelf.regime(id)?;
        let facts = self.facts()?;
        let mut record = regime.record_of(&facts).map_err(|error| in_file(&self.facts, &error))?;
        if let Some((path, events)) = self.events()? {
            record.events = regime.events_of(&events).map_err(|error| in_file(path, &error))?;
        }
        self.case(regime, record)
    }

    /// Applies several regimes; each takes what it knows, and what none knows is refused.
    pub(super) fn several(&self, shelf: &Shelf, only: &[String]) -> Result<Vec<Case>, Failure> {
        let ids = shelf.chosen(only);
        let regimes: Vec<Regime> = ids.iter().map(|id| shelf.regime(id)).collect::<Result<_, _>>()?;
        for text in self.set.iter().chain(&self.preset) {
            if !regimes.iter().any(|regime| of_regime(text, regime).is_some()) {
                return Err(Failure::new(Kind::Usage, format!("`{text}` names no regime that is applied"))
                    .hint(format!("write the regime before it, as in `{}:{text}`", ids.join("` or `"))));
            }
        }
        let facts = self.facts()?;
        let known =
            |name: &str| regimes.iter().any(|regime| regime.facts().iter().any(|fact| fact.name == name));
        if let Some(name) = facts.names().find(|name| !known(name)) {
            let names = regimes.iter().flat_map(Regime::facts).map(|fact| fact.name.as_str());
            let problem = format!("no regime that is applied has a fact `{name}`{}", meant(name, names));
            return Err(in_file(&self.facts, &problem));
        }
        let events = self.events()?;
        if let Some((path, events)) = &events {
            let known = |name: &str| regimes.iter().any(|regime| regime.events().contains_key(name));
            if let Some(name) = events.predicates().find(|name| !known(name)) {
                let names = regimes.iter().flat_map(|regime| regime.events().keys()).map(String::as_str);
                let problem =
                    format!("no regime that is applied knows an event `{name}`{}", meant(name, names));
                return Err(in_file(path, &problem));
            }
        }
        let case = |regime: Regime| {
            let mut record = regime.record_of_known(&facts).map_err(|error| in_file(&self.facts, &error))?;
            if let Some((path, events)) = &events {
                record.events = regime.events_of_known(events).map_err(|error| in_file(path, &error))?;
            }
            self.case(regime, record)
        };
        regimes.into_iter().map(case).collect()
    }

    fn case(&self, regime: Regime, record: Record) -> Result<Case, Failure> {
        let settings = self.settings(&regime)?;
        let assessment = law::assess(&regime, &settings, &record, self.day()?)
            .map_err(|error| in_file(&self.facts, &error))?;
        Ok(Case { regime, settings, record, assessment })
    }

    pub(super) fn day(&self) -> Result<Date, Failure> {
        day(&self.as_of)
    }

    fn settings(&self, regime: &Regime) -> Result<SwitchSettings, Failure> {
        let usage = |error: law::SwitchError| Failure::new(Kind::Usage, error);
        let mut settings = SwitchSettings::default();
        for preset in self.preset.iter().filter_map(|text| of_regime(text, regime)) {
            settings = SwitchSettings::preset(regime, preset).map_err(usage)?;
        }
        for setting in self.set.iter().filter_map(|text| of_regime(text, regime)) {
            let Some((id, value)) = setting.split_once('=') else {
                return Err(Failure::new(Kind::Usage, format!("`{setting}` is not a setting"))
                    .hint("write it as in --set report_interval=\"180 days\""));
            };
            settings.set(regime, id, value).map_err(usage)?;
        }
        Ok(settings)
    }

    fn facts(&self) -> Result<FactsFile, Failure> {
        let (text, toml) = read(&self.facts)?;
        let facts = if toml { FactsFile::from_toml(&text) } else { FactsFile::from_json(&text) };
        facts.map_err(|error| in_file(&self.facts, &error))
    }

    fn events(&self) -> Result<Option<(&Path, EventsFile)>, Failure> {
        let Some(path) = &self.events else { return Ok(None) };
        let (text, toml) = read(path)?;
        let events = if toml { EventsFile::from_toml(&text) } else { EventsFile::from_json(&text) };
        events.map(|events| Some((path.as_path(), events))).map_err(|error| in_file(path, &error))
    }
}

/// Reads a day of the command line.
pub(super) fn day(text: &str) -> Result<Date, Failure> {
    Some(text).filter(|text| text.len() == 10).and_then(|text| text.parse().ok()).ok_or_else(|| {
        Failure::new(Kind::Usage, format!("`{text}` is not a day of the calendar"))
            .hint("write it as in --as-of 2026-11-23")
    })
}

/// Asks whether another name was meant.
fn meant<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> String {
    law::closest(name, known).map_or(String::new(), |best| format!("; did you mean `{best}`?"))
}

/// Returns a setting without the name of its regime; none where it is another's.
fn of_regime<'t>(text: &'t str, regime: &Regime) -> Option<&'t str> {
    let (before, after) = text.split_once(':').unwrap_or(("", text));
    // A colon may also stand in the value.
    if before.is_empty() || before.contains('=') {
        return regime.switches().iter().any(|_| true).then_some(text);
    }
    (before == regime.id()).then_some(after)
}

fn read(path: &Path) -> Result<(String, bool), Failure> {
    let size = std::fs::metadata(path).map_err(|error| Failure::io(path, &error))?.len();
    if size > MAX_SIZE {
        return Err(in_file(path, &format!("{size} bytes; at most {MAX_SIZE} are read")));
    }
    let text = std::fs::read_to_string(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::InvalidData => in_file(path, &"not UTF-8"),
        _ => Failure::io(path, &error),
    })?;
    let toml = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("toml"));
    Ok((text, toml))
}

fn in_file(path: &Path, problem: &impl std::fmt::Display) -> Failure {
    Failure::new(Kind::Data, format!("{}: {problem}", path.display()))
}

pub(super) fn language(ui: &Ui) -> Language {
    match ui.lang {
        Lang::Ja => Language::Ja,
        Lang::En => Language::En,
    }
}

/// Names statements as Kanae does everywhere.
pub(super) fn names(language: Language) -> Names<'static> {
    fn label(predicate: &str, language: evidence::Language) -> Option<String> {
        evidence::PredicateType::find(predicate).map(|known| known.label(language).to_owned())
    }
    let statement: &'static dyn Fn(&str) -> Option<String> = match language {
        Language::Ja => &|predicate| label(predicate, evidence::Language::Ja),
        Language::En => &|predicate| label(predicate, evidence::Language::En),
    };
    Names { statement, ..Names::plain(language) }
}
