//! Reading a regime: all files, all problems at once.

mod terms;

use std::collections::BTreeMap;

use jiff::tz::TimeZoneDatabase;
use serde::de::DeserializeOwned;
use toml::Spanned;

use super::files::{Keyed, RawArticles, RawFacts, RawParameters, RawRegime, RawRules, RawSwitches};
use super::rules::{Lines, Rules};
use super::{Article, EarlierText, Instrument, Parts, Regime, Version};
use crate::assessment::Party;
use crate::calendar::Calendar;
use crate::deadline::PeriodTerm;
use crate::diagnostic::{Diagnostic, Source, closest};
use crate::expression::{self, Places, Schema};
use crate::law_test;
use crate::settings::SwitchSettings;

/// Most files of a regime, largest size of one, and of all.
const MAX_FILES: usize = 256;
const MAX_FILE_SIZE: usize = 1 << 20;
const MAX_SIZE: usize = 8 << 20;
/// Most entries of one kind: facts, switches, classes, duties.
pub(super) const MAX_ENTRIES: usize = 512;
/// Most presets, and most calendars.
const MAX_PRESETS: usize = 32;
const MAX_CALENDARS: usize = 32;
/// Most law tests.
const MAX_TESTS: usize = 2_000;
/// Most problems that are told at once.
const MAX_PROBLEMS: usize = 200;

const NAMES: [&str; 6] =
    ["regime.toml", "facts.toml", "parameters.toml", "switches.toml", "rules.toml", "text.toml"];

impl Regime {
    /// Reads a regime from its files, path → bytes, relative to the regime's folder. A regime is
    /// complete: its calendars are among its files, so that the digest of the folder covers all
    /// that decides a result. All problems found are returned together, at most 200. Files, entries
    /// and texts are bounded in number and size: what goes beyond is refused before it is looked at.
    pub fn load(files: &BTreeMap<String, Vec<u8>>) -> Result<Self, Vec<Diagnostic>> {
        let mut loader = Loader { files, problems: Vec::new(), refused: false };
        let regime = loader.regime();
        loader.problems.sort();
        loader.problems.dedup();
        loader.problems.truncate(MAX_PROBLEMS);
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
    /// Whether something is larger than a regime can be: then nothing more is read.
    pub(super) refused: bool,
}

/// Sorts a table's entries as they stand in the file.
fn in_order<T>(table: Keyed<T>) -> Vec<(Spanned<String>, T)> {
    let mut entries: Vec<_> = table.into_iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    entries
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
                let hint = if has_extension(file, "csv") {
                    "save the table as UTF-8 (in a spreadsheet program: \"CSV UTF-8\")"
                } else {
                    "save the file as UTF-8"
                };
                let hint = Some(hint.to_owned());
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

    fn parse_optional<T: DeserializeOwned + Default>(
        &mut self,
        file: &'static str,
    ) -> Option<(T, Source<'f>)> {
        match self.files.get_key_value(file) {
            Some((file, _)) => self.parse(file),
            None => Some((T::default(), Source { file, text: "" })),
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

    /// Returns whether enough problems are known: more of them would help nobody.
    pub(super) fn is_full(&self) -> bool {
        self.problems.len() >= MAX_PROBLEMS
    }

    fn refuse(&mut self, source: &Source<'_>, problem: String) {
        self.refused = true;
        self.problems.push(source.diagnostic(0, problem, None));
    }

    /// Returns a table's entries as they stand in the file, and none of them where they are too many.
    pub(super) fn entries<T>(
        &mut self,
        source: &Source<'_>,
        table: Keyed<T>,
        most: usize,
    ) -> Vec<(Spanned<String>, T)> {
        if table.len() > most {
            self.refuse(source, format!("{} entries of one kind; at most {most} are read", table.len()));
            return Vec::new();
        }
        let entries = in_order(table);
        for (id, _) in &entries {
            let shape = expression::tokens(id.get_ref());
            if !matches!(shape.as_deref(), Ok([(expression::Token::Word, _), (expression::Token::End, _)])) {
                let shown: String = id.get_ref().chars().take(64).collect();
                let hint = "names are letters, digits, underscores and hyphens, and begin with a letter";
                self.at(source, id, format!("`{shown}` is not a name"), Some(hint.to_owned()));
            }
        }
        entries
    }

    fn regime(&mut self) -> Option<Regime> {
        if self.files.len() > MAX_FILES {
            let source = Source { file: "regime.toml", text: "" };
            self.refuse(
                &source,
                format!("the folder has {} files; at most {MAX_FILES} are read", self.files.len()),
            );
            return None;
        }
        let size = self.files.values().map(Vec::len).fold(0, usize::saturating_add);
        if size > MAX_SIZE {
            let source = Source { file: "regime.toml", text: "" };
            self.refuse(&source, format!("the files have {size} bytes; at most {MAX_SIZE} are read"));
            return None;
        }
        for file in self.files.keys() {
            let known = NAMES.contains(&file.as_str())
                || file == "README.md"
                || (file.starts_with("tests/")
                    && (has_extension(file, "toml") || has_extension(file, "csv")))
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
        let switches = self.parse_optional::<RawSwitches>("switches.toml");
        let parameters = self.parse_optional::<RawParameters>("parameters.toml");
        let rules = self.parse::<RawRules>("rules.toml");
        let articles = self.parse::<RawArticles>("text.toml");
        let (
            (head, head_source),
            (facts, facts_source),
            (switches, switches_source),
            (parameters, parameters_source),
            (rules, rules_source),
            (articles, articles_source),
        ) = (head?, facts?, switches?, parameters?, rules?, articles?);

        let (articles, instruments) = self.articles(articles, &articles_source);
        let mut schema = Schema::default();
        let events = self.events(facts.event, &facts_source, &mut schema);
        let facts_read = self.facts(facts.fact, &facts_source, &mut schema);
        let parameters = self.parameters(parameters, &parameters_source, &articles, &mut schema);
        let (switches_read, presets) = self.switches(switches, &switches_source, &mut schema);
        let calendars = self.calendars(&head, &head_source);
        if self.refused {
            return None;
        }
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
            lines: Lines::of(rules_source.text),
            depths: BTreeMap::new(),
        };
        let rules = reader.read(rules)?;
        let readme = self.text("README.md").map(|source| source.text.to_owned());
        let mut parts = Parts {
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
            instruments,
            parameters,
            events,
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
            readme,
            schema,
            uncounted: BTreeMap::new(),
            places: Places::default(),
        };
        parts.number_conditions();
        let mut regime = Regime::from(parts);
        regime.parts().uncounted = regime.uncounted_periods();
        self.presets(&regime, &switches_source);
        self.clocks(&regime, &parameters_source);
        // Tests of rules that cannot be read would only repeat their problems.
        if self.problems.is_empty() {
            self.tests(&mut regime);
        }
        Some(regime)
    }

    fn versions(&mut self, head: &RawRegime, source: &Source<'_>) -> Vec<Version> {
        let mut raws: Vec<_> = head.version.iter().collect();
        raws.sort_by_key(|version| version.from);
        let hint = || {
            Some(
                "give each [[version]] a first day `from`, and a last day `to` before the next begins"
                    .to_owned(),
            )
        };
        if raws.is_empty() {
            self.problems.push(source.diagnostic(0, "the text versions are missing", hint()));
        }
        for pair in raws.windows(2).filter(|pair| pair[0].to.is_none_or(|to| to >= pair[1].from)) {
            let (first, second) = (pair[0].id.get_ref(), pair[1].id.get_ref());
            let ends = pair[0].to.map_or("has no last day".to_owned(), |to| format!("ends on {to}"));
            let problem = format!(
                "the text versions `{first}` and `{second}` overlap: `{first}` {ends}, `{second}` begins on {}",
                pair[1].from
            );
            self.at(source, &pair[1].id, problem, hint());
        }
        let versions = raws.into_iter().map(|raw| Version {
            id: raw.id.get_ref().clone(),
            from: raw.from,
            to: raw.to,
            state: raw.state,
            source: raw.source.clone(),
            certainty: raw.certainty,
        });
        versions.collect()
    }

    fn articles(
        &mut self,
        raw: RawArticles,
        source: &Source<'_>,
    ) -> (Vec<Article>, BTreeMap<String, Instrument>) {
        if raw.instrument.len() > MAX_ENTRIES || raw.article.len() > MAX_ENTRIES {
            self.refuse(source, format!("more than {MAX_ENTRIES} articles or instruments"));
            return (Vec::new(), BTreeMap::new());
        }
        let instruments: BTreeMap<_, _> = raw
            .instrument
            .into_iter()
            .map(|(id, raw)| (id, Instrument { title: raw.title.into(), status: raw.status }))
            .collect();
        let mut articles = Vec::new();
        for (id, raw) in in_order(raw.article) {
            if let Some(instrument) =
                raw.instrument.as_ref().filter(|id| !instruments.contains_key(id.get_ref()))
            {
                let hint = closest(instrument.get_ref(), instruments.keys().map(String::as_str))
                    .map(|best| format!("did you mean `{best}`?"));
                let problem = format!("there is no [instrument.{}]", instrument.get_ref());
                self.at(source, instrument, problem, hint);
            }
            let mut earlier: Vec<_> = raw
                .earlier
                .into_iter()
                .map(|raw| EarlierText {
                    to: raw.to,
                    text: super::Text { ja: raw.ja, en: raw.en },
                    certainty: raw.certainty,
                })
                .collect();
            earlier.sort_by_key(|text| text.to);
            let id = id.into_inner();
            let cited = super::Text {
                ja: raw.cited.ja.unwrap_or_else(|| id.clone()),
                en: raw.cited.en.unwrap_or_else(|| id.clone()),
            };
            articles.push(Article {
                id,
                cited,
                text: super::Text { ja: raw.ja, en: raw.en },
                certainty: raw.certainty,
                instrument: raw.instrument.map(Spanned::into_inner),
                earlier,
            });
        }
        (articles, instruments)
    }

    /// Checks that the periods that parameters give have a clock wherever they are counted.
    fn clocks(&mut self, regime: &Regime, source: &Source<'_>) {
        for parameter in &regime.parameters {
            let given = PeriodTerm::Parameter(parameter.id.clone());
            for dated in &parameter.values {
                if let Err(error) = dated.value.countable(regime, &parameter.id, &given) {
                    let at = source.text.find(&format!("[parameter.{}", parameter.id)).unwrap_or(0);
                    self.problems.push(source.diagnostic(at, error.to_string(), None));
                }
            }
        }
    }

    fn presets(&mut self, regime: &Regime, source: &Source<'_>) {
        for preset in &regime.presets {
            if self.is_full() {
                return;
            }
            if let Err(error) = SwitchSettings::preset(regime, &preset.id) {
                let at = source.text.find(&format!("[preset.{}", preset.id)).unwrap_or(0);
                self.problems.push(source.diagnostic(at, format!("preset `{}`: {error}", preset.id), None));
            }
        }
    }

    fn calendars(&mut self, head: &RawRegime, head_source: &Source<'_>) -> BTreeMap<String, Calendar> {
        let mut calendars = BTreeMap::new();
        let files = self.files;
        let ids: Vec<_> = files
            .keys()
            .filter_map(|file| Some((file, file.strip_prefix("calendars/")?.strip_suffix(".toml")?)))
            .collect();
        if ids.len() > MAX_CALENDARS {
            self.refuse(head_source, format!("{} calendars; at most {MAX_CALENDARS} are read", ids.len()));
            return calendars;
        }
        for (file, id) in ids {
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
            let read = if has_extension(file, "csv") { law_test::read_table } else { law_test::read };
            match read(regime, &source) {
                Ok(tests) => regime.parts().tests.extend(tests),
                Err(problems) => self.problems.extend(problems),
            }
            if regime.tests.len() > MAX_TESTS {
                self.refuse(&source, format!("more than {MAX_TESTS} law tests"));
            }
            if self.refused || self.is_full() {
                return;
            }
        }
    }
}

fn has_extension(file: &str, extension: &str) -> bool {
    std::path::Path::new(file).extension().is_some_and(|found| found == extension)
}
