//! Reading a regime: all files, all problems at once.

use std::collections::BTreeMap;

use jiff::tz::TimeZoneDatabase;
use serde::de::DeserializeOwned;
use toml::Spanned;

use super::files::{Keyed, RawArticles, RawFacts, RawRegime, RawRules, RawSwitches};
use super::rules::{Rules, header_lines};
use super::{Article, Choice, FactSchema, Preset, Regime, Switch, ValueKind, Version};
use crate::assessment::Party;
use crate::calendar::Calendar;
use crate::diagnostic::{Diagnostic, Source, closest};
use crate::expression::{self, Schema, Type};
use crate::law_test;
use crate::settings::SwitchSettings;

/// Most files of a regime, and largest size of one.
const MAX_FILES: usize = 256;
const MAX_FILE_SIZE: usize = 1 << 20;
/// Most entries of one kind: facts, switches, classes, duties.
const MAX_ENTRIES: usize = 512;

const NAMES: [&str; 5] = ["regime.toml", "facts.toml", "switches.toml", "rules.toml", "text.toml"];

impl Regime {
    /// Reads a regime from its files, path → bytes, relative to the regime's folder. A regime is
    /// complete: its calendars are among its files, so that the digest of the folder covers all
    /// that decides a result. All problems found are returned together.
    pub fn load(files: &BTreeMap<String, Vec<u8>>) -> Result<Self, Vec<Diagnostic>> {
        let mut loader = Loader { files, problems: Vec::new() };
        let regime = loader.regime();
        loader.problems.sort();
        loader.problems.dedup();
        match regime {
            Some(regime) if loader.problems.is_empty() => Ok(regime),
            _ => Err(loader.problems),
        }
    }
}

/// The files under reading, and what was found wrong in them.
pub(super) struct Loader<'f> {
    files: &'f BTreeMap<String, Vec<u8>>,
    pub(super) problems: Vec<Diagnostic>,
}

/// Sorts a table's entries as they stand in the file.
pub(super) fn in_order<T>(table: Keyed<T>) -> Vec<(Spanned<String>, T)> {
    let mut entries: Vec<_> = table.into_iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    entries
}

fn named(value: [String; 3]) -> Choice {
    let [id, ja, en] = value;
    Choice { id, label: super::Text { ja, en } }
}

impl<'f> Loader<'f> {
    fn missing_file(&mut self, file: &str, hint: &str) {
        let source = Source { file, text: "" };
        self.problems.push(source.diagnostic(0, "the file is missing", Some(hint.to_owned())));
    }

    fn text(&mut self, file: &'f str) -> Option<Source<'f>> {
        let bytes = self.files.get(file)?;
        let source = Source { file, text: "" };
        if bytes.len() > MAX_FILE_SIZE {
            self.problems.push(source.diagnostic(0, format!("larger than {MAX_FILE_SIZE} bytes"), None));
            return None;
        }
        match std::str::from_utf8(bytes) {
            Ok(text) => Some(Source { file, text }),
            Err(error) => {
                let hint = Some("save the file as UTF-8".to_owned());
                self.problems.push(source.diagnostic(
                    0,
                    format!("not UTF-8 at byte {}", error.valid_up_to()),
                    hint,
                ));
                None
            }
        }
    }

    fn parse<T: DeserializeOwned>(&mut self, file: &'f str) -> Option<(T, Source<'f>)> {
        if !self.files.contains_key(file) {
            self.missing_file(file, "a regime has regime.toml, facts.toml, rules.toml and text.toml");
            return None;
        }
        let source = self.text(file)?;
        match toml::from_str(source.text) {
            Ok(raw) => Some((raw, source)),
            Err(error) => {
                self.problems.push(source.toml_error(&error));
                None
            }
        }
    }

    pub(super) fn at(
        &mut self,
        source: &Source<'_>,
        place: &Spanned<String>,
        problem: impl Into<String>,
        hint: Option<String>,
    ) {
        self.problems.push(source.diagnostic(place.span().start, problem, hint));
    }

    pub(super) fn bounded<T>(&mut self, source: &Source<'_>, entries: &[(Spanned<String>, T)]) {
        if entries.len() > MAX_ENTRIES {
            self.problems.push(source.diagnostic(
                0,
                format!("more than {MAX_ENTRIES} entries of one kind"),
                None,
            ));
        }
        for (id, _) in entries {
            let shape = expression::tokens(id.get_ref());
            if !matches!(shape.as_deref(), Ok([(expression::Token::Word, _), (expression::Token::End, _)])) {
                self.at(
                    source,
                    id,
                    format!("`{}` is not a name", id.get_ref()),
                    Some(
                        "names are letters, digits, underscores and hyphens, and begin with a letter"
                            .to_owned(),
                    ),
                );
            }
        }
    }

    fn regime(&mut self) -> Option<Regime> {
        if self.files.len() > MAX_FILES {
            self.missing_file("regime.toml", &format!("the folder has more than {MAX_FILES} files"));
            return None;
        }
        for file in self.files.keys() {
            let known = NAMES.contains(&file.as_str())
                || file == "README.md"
                || (file.starts_with("tests/") && has_extension(file, "toml"))
                || (file.starts_with("calendars/")
                    && (has_extension(file, "toml") || has_extension(file, "csv")));
            if !known {
                let hint = closest(file, NAMES).map(|name| format!("did you mean `{name}`?"));
                let problem =
                    Source { file, text: "" }.diagnostic(0, "a regime has no file of this name", hint);
                self.problems.push(problem);
            }
        }
        let head = self.parse::<RawRegime>("regime.toml");
        let facts = self.parse::<RawFacts>("facts.toml");
        let switches = if self.files.contains_key("switches.toml") {
            self.parse::<RawSwitches>("switches.toml")
        } else {
            Some((RawSwitches::default(), Source { file: "switches.toml", text: "" }))
        };
        let rules = self.parse::<RawRules>("rules.toml");
        let articles = self.parse::<RawArticles>("text.toml");
        let (
            (head, head_source),
            (facts, facts_source),
            (switches, switches_source),
            (rules, rules_source),
            (articles, _),
        ) = (head?, facts?, switches?, rules?, articles?);

        let articles: Vec<_> = in_order(articles.article)
            .into_iter()
            .map(|(id, raw)| Article {
                id: id.into_inner(),
                text: super::Text { ja: raw.ja, en: raw.en },
                certainty: raw.certainty,
            })
            .collect();
        let mut schema = Schema::default();
        let facts_read = self.facts(facts, &facts_source, &mut schema);
        let (switches_read, presets) = self.switches(switches, &switches_source, &mut schema);
        let calendars = self.calendars(&head, &head_source);
        schema.classes = rules.class.keys().map(|id| id.get_ref().clone()).collect();
        schema.duties = rules.duty.keys().map(|id| id.get_ref().clone()).collect();
        // `unmet(developer)`: any duty of that party.
        schema.duties.extend(Party::ALL.map(|party| party.as_str().to_owned()));

        let versions = self.versions(&head, &head_source);
        let zone = head.time_zone.get_ref().as_str();
        let Ok(time_zone) = TimeZoneDatabase::bundled().get(zone) else {
            let hint = Some("name it as in `Asia/Tokyo`".to_owned());
            self.at(&head_source, &head.time_zone, format!("`{zone}` is not a time zone"), hint);
            return None;
        };
        let mut reader = Rules {
            loader: self,
            source: &rules_source,
            schema: &schema,
            articles: articles.iter().map(|article| article.id.as_str()).collect(),
            calendars: &calendars,
            counting: head
                .counting
                .iter()
                .map(|(party, id)| (party.as_str(), id.get_ref().as_str()))
                .collect(),
            heads: header_lines(rules_source.text),
            depths: BTreeMap::new(),
        };
        let rules = reader.read(rules)?;
        let mut regime = Regime {
            id: head.id.get_ref().clone(),
            jurisdiction: head.jurisdiction,
            title: head.title.into(),
            status: head.status,
            authentic_language: head.authentic_language,
            source: head.source,
            certainty: head.certainty,
            time_zone,
            versions,
            articles,
            facts: facts_read,
            switches: switches_read,
            presets,
            coverage: rules.coverage,
            designation: rules.designation,
            reviews: rules.reviews,
            decisions: rules.decisions,
            classes: rules.classes,
            duties: rules.duties,
            powers: rules.powers,
            penalties: rules.penalties,
            procedures: rules.procedures,
            calendars,
            tests: Vec::new(),
            rules_text: rules_source.text.to_owned(),
            schema,
        };
        self.presets(&regime, &switches_source);
        // Tests of rules that cannot be read would only repeat their problems.
        if self.problems.is_empty() {
            self.tests(&mut regime);
        }
        Some(regime)
    }

    fn versions(&mut self, head: &RawRegime, source: &Source<'_>) -> Vec<Version> {
        let mut versions: Vec<_> = head
            .version
            .iter()
            .map(|raw| Version {
                id: raw.id.clone(),
                from: raw.from,
                to: raw.to,
                source: raw.source.clone(),
                certainty: raw.certainty,
            })
            .collect();
        versions.sort_by_key(|version| version.from);
        let overlap = versions.windows(2).any(|pair| pair[0].to.is_none_or(|to| to >= pair[1].from));
        if versions.is_empty() || overlap {
            let hint = "give each [[version]] a first day `from`, and a last day `to` before the next begins";
            self.problems.push(source.diagnostic(
                0,
                "the text versions are missing or overlap",
                Some(hint.to_owned()),
            ));
        }
        versions
    }

    fn kind(
        &mut self,
        source: &Source<'_>,
        kind: &Spanned<String>,
        unit: Option<&String>,
        values: Vec<[String; 3]>,
        allowed: &[&str],
    ) -> Option<ValueKind> {
        let name = kind.get_ref().as_str();
        if !allowed.contains(&name) {
            let hint = closest(name, allowed.iter().copied()).map(|best| format!("did you mean `{best}`?"));
            self.at(source, kind, format!("type `{name}` is none of: {}", allowed.join(", ")), hint);
            return None;
        }
        let choices = matches!(name, "choice" | "choices");
        if choices == values.is_empty() {
            self.at(source, kind, "`values` belong to the types choice and choices, and only to them", None);
        }
        if unit.is_some() && name != "number" {
            self.at(source, kind, "`unit` belongs to the type number only", None);
        }
        let values = values.into_iter().map(named).collect();
        Some(match name {
            "boolean" => ValueKind::Boolean,
            "number" => ValueKind::Number { unit: unit.cloned() },
            "choice" => ValueKind::Choice { values },
            "choices" => ValueKind::Choices { values },
            "date" => ValueKind::Date,
            "period" => ValueKind::Period,
            _ => ValueKind::Text,
        })
    }

    fn facts(&mut self, raw: RawFacts, source: &Source<'_>, schema: &mut Schema) -> Vec<FactSchema> {
        let entries = in_order(raw.fact);
        self.bounded(source, &entries);
        let mut facts = Vec::new();
        for (name, fact) in entries {
            let allowed = ["boolean", "number", "text", "choice", "date"];
            let Some(kind) = self.kind(source, &fact.kind, fact.unit.as_ref(), fact.values, &allowed) else {
                continue;
            };
            let value_type = add_type(&kind, schema);
            schema.facts.insert(name.get_ref().clone(), value_type);
            facts.push(FactSchema {
                name: name.into_inner(),
                kind,
                label: fact.label.into(),
                help: fact.help.map(Into::into),
            });
        }
        schema.events = raw.event.into_iter().map(|(name, event)| (name, event.attributes)).collect();
        if let Some(name) = schema.events.keys().find(|name| schema.facts.contains_key(*name)) {
            let problem = format!("`{name}` is both a fact and an event");
            self.problems.push(source.diagnostic(0, problem, Some("rename one of them".to_owned())));
        }
        facts
    }

    fn switches(
        &mut self,
        raw: RawSwitches,
        source: &Source<'_>,
        schema: &mut Schema,
    ) -> (Vec<Switch>, Vec<Preset>) {
        let entries = in_order(raw.switch);
        self.bounded(source, &entries);
        let mut switches = Vec::new();
        for (id, switch) in entries {
            let allowed = ["boolean", "number", "choice", "choices", "period"];
            let Some(kind) = self.kind(source, &switch.kind, switch.unit.as_ref(), switch.values, &allowed)
            else {
                continue;
            };
            let value_type = add_type(&kind, schema);
            schema.switches.insert(id.get_ref().clone(), value_type);
            switches.push(Switch { id: id.into_inner(), kind, question: switch.question.into() });
        }
        let presets = in_order(raw.preset)
            .into_iter()
            .map(|(id, preset)| Preset {
                id: id.into_inner(),
                label: preset.label.into(),
                set: preset.set.into_iter().map(|(id, value)| (id, value.into_inner())).collect(),
            })
            .collect();
        (switches, presets)
    }

    fn presets(&mut self, regime: &Regime, source: &Source<'_>) {
        for preset in &regime.presets {
            if let Err(error) = SwitchSettings::preset(regime, &preset.id) {
                let at = source.text.find(&format!("[preset.{}", preset.id)).unwrap_or(0);
                self.problems.push(source.diagnostic(at, format!("preset `{}`: {error}", preset.id), None));
            }
        }
    }

    fn calendars(&mut self, head: &RawRegime, head_source: &Source<'_>) -> BTreeMap<String, Calendar> {
        let mut calendars = BTreeMap::new();
        let files = self.files;
        for file in files.keys() {
            let Some(id) = file.strip_prefix("calendars/").and_then(|name| name.strip_suffix(".toml")) else {
                continue;
            };
            let Some(source) = self.text(file) else { continue };
            match Calendar::load(id, &source, files) {
                Ok(calendar) => {
                    calendars.insert(id.to_owned(), calendar);
                }
                Err(problems) => self.problems.extend(problems),
            }
        }
        if !head.counting.contains_key("default") {
            let hint = "name the counting rules: [counting] default = \"…\"";
            self.problems.push(head_source.diagnostic(
                0,
                "`counting.default` is missing",
                Some(hint.to_owned()),
            ));
        }
        for (party, id) in &head.counting {
            if party != "default" && !Party::ALL.iter().any(|known| known.as_str() == party) {
                self.at(
                    head_source,
                    id,
                    format!("`{party}` is not a party"),
                    Some(
                        "write default, developer, authority, institute, association or certification_body"
                            .to_owned(),
                    ),
                );
            }
            if !files.contains_key(&format!("calendars/{}.toml", id.get_ref())) {
                let hint = format!("add calendars/{}.toml", id.get_ref());
                self.at(head_source, id, format!("there is no calendar `{}`", id.get_ref()), Some(hint));
            }
        }
        calendars
    }

    fn tests(&mut self, regime: &mut Regime) {
        let files = self.files;
        for file in files.keys().filter(|file| file.starts_with("tests/")) {
            let Some(source) = self.text(file) else { continue };
            match law_test::read(regime, &source) {
                Ok(tests) => regime.tests.extend(tests),
                Err(problems) => self.problems.extend(problems),
            }
        }
    }
}

fn has_extension(file: &str, extension: &str) -> bool {
    std::path::Path::new(file).extension().is_some_and(|found| found == extension)
}

fn add_type(kind: &ValueKind, schema: &mut Schema) -> Type {
    let ids = |values: &[Choice]| Some(values.iter().map(|value| value.id.clone()).collect());
    match kind {
        ValueKind::Boolean => Type::Boolean,
        ValueKind::Number { unit } => {
            schema.units.extend(unit.clone());
            Type::Number(unit.clone())
        }
        ValueKind::Text => Type::Text(None),
        ValueKind::Choice { values } => Type::Text(ids(values)),
        ValueKind::Choices { values } => Type::List(ids(values)),
        ValueKind::Date => Type::Date,
        ValueKind::Period => Type::Period,
    }
}
