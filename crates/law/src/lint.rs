//! What is wrong or thin in a regime that can be read: questions that nothing asks, rules that can
//! never hold, texts without a translation, cases without a basis.

mod across;
mod possible;
mod reads;

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;

use crate::assessment::Party;
use crate::diagnostic::{Diagnostic, Source};
use crate::regime::{Applies, Regime, RegimeStatus, Text, ValueKind, VersionState};
use crate::wording::Names;
pub use across::findings_across;
use reads::Reads;

/// Fewest law tests of a law in force.
const LEAST_TESTS: usize = 15;
/// Words that a README uses for what is left to people who know the law.
const LEFT_TO_LAWYERS: [&str; 3] = ["what a lawyer must check", "弁護士が確認", "法律家が確認"];

/// Something about a regime that should be looked at. It can be read all the same.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Finding {
    /// How much it matters.
    pub severity: Severity,
    /// What kind of thing it is.
    pub kind: FindingKind,
    /// Where it is, what was found, and what to do.
    #[serde(flatten)]
    pub place: Diagnostic,
}

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The regime says something else than it means to say.
    Problem,
    /// The regime could say more, or has something left over.
    Advice,
    /// True of many laws, and worth knowing.
    Note,
}

/// What kind of thing a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingKind {
    /// A switch, fact, parameter, event or auxiliary class that no rule reads.
    Unread,
    /// A rule whose conditions exclude each other.
    NeverHolds,
    /// A rule or a text whose days are none.
    NeverApplies,
    /// A text that is missing in one language, or the same in both.
    Translation,
    /// An event, an attribute or a value that sentences show by its id.
    Unnamed,
    /// A text that names a parameter that does not exist.
    Placeholder,
    /// A duty that nothing fulfils, or that has no deadline.
    OpenEnded,
    /// A developer's duty outside the common vocabulary of duties.
    Common,
    /// A preset without its reasoning, or that leaves a switch open.
    Preset,
    /// A law test without the article on which it rests.
    Basis,
    /// Too few law tests.
    FewTests,
    /// A switch of which no test shows that it changes a result.
    UntestedSwitch,
    /// No list of what a lawyer must check.
    Readme,
    /// A name that means something else in another regime.
    OtherMeaning,
    /// An attribute or a value that has other words in another regime.
    OtherWords,
}

/// A regime's files, path → bytes, relative to its folder.
type Files = BTreeMap<String, Vec<u8>>;

impl Regime {
    /// Looks for what is wrong or thin although it can be read. `files` are those from which the
    /// regime was loaded: findings name their place in them. Statements that `names` knows need no
    /// label. The same files have the same findings; problems come first.
    pub fn findings(&self, files: &Files, names: Names<'_>) -> Vec<Finding> {
        let mut lint = Lint { regime: self, files, found: Vec::new() };
        lint.unread();
        lint.unnamed(names);
        lint.rules();
        lint.versions();
        lint.translations();
        lint.duties();
        lint.presets();
        lint.tests();
        lint.readme();
        lint.found.sort();
        lint.found.dedup();
        lint.found
    }
}

struct Lint<'r> {
    regime: &'r Regime,
    files: &'r Files,
    found: Vec<Finding>,
}

/// The file in which a kind of table stands.
fn file_of(table: &str) -> &'static str {
    match table {
        "fact" | "event" => "facts.toml",
        "switch" | "preset" => "switches.toml",
        "parameter" => "parameters.toml",
        "article" | "instrument" => "text.toml",
        "title" | "version" => "regime.toml",
        _ => "rules.toml",
    }
}

impl Lint<'_> {
    fn push(&mut self, severity: Severity, kind: FindingKind, place: Diagnostic) {
        self.found.push(Finding { severity, kind, place });
    }

    /// Adds a finding about a table such as `[duty.notify]`.
    fn add(
        &mut self,
        severity: Severity,
        kind: FindingKind,
        table: &str,
        id: &str,
        problem: impl Into<String>,
        hint: &str,
    ) {
        let file = file_of(table);
        let text = self.files.get(file).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default();
        let offset = header(text, table, id);
        let hint = Some(hint.to_owned()).filter(|hint| !hint.is_empty());
        self.push(severity, kind, Source { file, text }.diagnostic(offset, problem, hint));
    }

    fn unread(&mut self) {
        let regime = self.regime;
        let reads = Reads::of(regime);
        let mut add = |severity, table: &str, id: &str, hint: &str| {
            self.add(severity, FindingKind::Unread, table, id, format!("no rule reads {table} `{id}`"), hint);
        };
        for switch in regime.switches().iter().filter(|switch| !reads.switches.contains(switch.id.as_str())) {
            add(
                Severity::Problem,
                "switch",
                &switch.id,
                "an open issue changes something: use it in a rule as `switch(…)`, or drop it",
            );
        }
        for fact in regime.facts().iter().filter(|fact| !reads.facts.contains(fact.name.as_str())) {
            add(
                Severity::Advice,
                "fact",
                &fact.name,
                "people would be asked for it in vain: use it or drop it",
            );
        }
        for event in regime.events().keys().filter(|event| !reads.events.contains(event.as_str())) {
            add(Severity::Advice, "event", event, "use it in a rule, or drop it");
        }
        for parameter in regime.parameters() {
            let shown = format!("{{{}}}", parameter.id);
            let in_text = regime
                .articles()
                .iter()
                .any(|article| article.text.ja.contains(&shown) || article.text.en.contains(&shown));
            if !in_text && !reads.parameters.contains(parameter.id.as_str()) {
                add(
                    Severity::Problem,
                    "parameter",
                    &parameter.id,
                    "a change of it would change nothing: use it in a rule as `param(…)`, or drop it",
                );
            }
        }
        for class in regime.classes().iter().filter(|class| class.auxiliary) {
            if !reads.classes.contains(class.id.as_str()) {
                let hint = "an auxiliary class serves other rules: use it as `class(…)`, or drop it";
                add(Severity::Problem, "class", &class.id, hint);
            }
        }
    }

    /// What a rule asks of statements is said in sentences: by its words, or else by its id.
    fn unnamed(&mut self, names: Names<'_>) {
        let regime = self.regime;
        let reads = Reads::of(regime);
        let events = || reads.events.iter().filter_map(|event| Some((*event, regime.events().get(*event)?)));
        let mut found = Vec::new();
        for (event, schema) in events() {
            if schema.label.is_none() && (names.statement)(event).is_none() {
                found.push((
                    event,
                    format!("event `{event}` has no name for people"),
                    "add `label.ja` and `label.en`",
                ));
            }
        }
        for (event, attribute) in &reads.attributes {
            let schema = regime.events().get(*event).and_then(|event| event.attributes.get(*attribute));
            if schema.is_some_and(|schema| schema.label.is_of_id(attribute)) {
                let problem = format!("attribute `{attribute}` of `{event}` has no name for people");
                found.push((*event, problem, "add it to `labels`"));
            }
        }
        for (event, attribute, id) in &reads.values {
            let schema = regime.events().get(*event).and_then(|event| event.attributes.get(*attribute));
            let value = schema.and_then(|schema| schema.values.iter().find(|value| value.id == *id));
            let yes_or_no = matches!(*id, "true" | "false");
            if value.is_some_and(|value| value.label.is_of_id(id)) && !yes_or_no {
                let problem = format!(
                    "the value `{id}` of attribute `{attribute}` of `{event}` has no name for people"
                );
                found.push((*event, problem, "write it with its names: [\"id\", \"日本語\", \"English\"]"));
            }
        }
        for (event, problem, hint) in found {
            self.add(Severity::Advice, FindingKind::Unnamed, "event", event, problem, hint);
        }
    }

    fn rules(&mut self) {
        for rule in reads::rules(self.regime) {
            if let (Some(from), Some(to)) = (rule.applies.from, rule.applies.to)
                && from > to
            {
                let problem = format!("`from` ({from}) is after `to` ({to}): the rule never applies");
                self.add(
                    Severity::Problem,
                    FindingKind::NeverApplies,
                    rule.table,
                    rule.id,
                    problem,
                    "turn them round",
                );
            } else if !self.meets_a_text(rule.applies) {
                let problem = "no text of the regime is in force on the days of the rule: it never applies";
                let hint = "compare its `from` and `to` with the [[version]]s of regime.toml";
                self.add(Severity::Problem, FindingKind::NeverApplies, rule.table, rule.id, problem, hint);
            }
        }
        for (rule, because) in possible::impossible(self.regime) {
            let problem = match because {
                Some(name) => format!("the condition never holds, whatever `{name}` is"),
                None => "the condition never holds".to_owned(),
            };
            let hint = "its parts exclude each other: look for an `and` that should be `or`, or a comparison turned round";
            self.add(Severity::Problem, FindingKind::NeverHolds, rule.table, rule.id, problem, hint);
        }
    }

    fn meets_a_text(&self, applies: Applies) -> bool {
        self.regime.versions().iter().filter(|version| version.state == VersionState::InForce).any(
            |version| {
                applies.from.is_none_or(|from| version.to.is_none_or(|to| from <= to))
                    && applies.to.is_none_or(|to| version.from <= to)
            },
        )
    }

    fn versions(&mut self) {
        for version in self.regime.versions() {
            if version.to.is_some_and(|to| to < version.from) {
                let problem = format!("version `{}` ends before it begins", version.id);
                self.add(
                    Severity::Problem,
                    FindingKind::NeverApplies,
                    "version",
                    "",
                    problem,
                    "turn `from` and `to` round",
                );
            }
        }
    }

    fn text(&mut self, table: &str, id: &str, what: &str, text: &Text) {
        let (ja, en) = (text.ja.trim(), text.en.trim());
        let (severity, problem, hint) = if ja.is_empty() || en.is_empty() {
            let language = if ja.is_empty() { "Japanese" } else { "English" };
            (
                Severity::Problem,
                format!("{what} has no {language} text"),
                "both languages are shown: write it",
            )
        } else if ja == en && ja.chars().any(|letter| letter.is_ascii_lowercase()) {
            // Names and abbreviations in capitals are the same in both.
            let hint = "write what people who read that language would say";
            (Severity::Advice, format!("{what} is the same in Japanese and in English"), hint)
        } else {
            return;
        };
        self.add(severity, FindingKind::Translation, table, id, problem, hint);
    }

    fn choices(&mut self, table: &str, id: &str, kind: &ValueKind) {
        if let ValueKind::Choice { values } | ValueKind::Choices { values } = kind {
            for value in values {
                self.text(table, id, &format!("the value `{}`", value.id), &value.label);
            }
        }
    }

    fn translations(&mut self) {
        let regime = self.regime;
        self.text("title", "", "the title", regime.title());
        for fact in regime.facts() {
            self.text("fact", &fact.name, "the label", &fact.label);
            if let Some(help) = &fact.help {
                self.text("fact", &fact.name, "the help", help);
            }
            self.choices("fact", &fact.name, &fact.kind);
        }
        for (event, schema) in regime.events() {
            if let Some(label) = &schema.label {
                self.text("event", event, "the label", label);
            }
            for (name, attribute) in &schema.attributes {
                // What has no words of its own is told elsewhere, where a rule shows it.
                if !attribute.label.is_of_id(name) {
                    self.text("event", event, &format!("the label of `{name}`"), &attribute.label);
                }
                for value in attribute.values.iter().filter(|value| !value.label.is_of_id(&value.id)) {
                    let what = format!("the value `{}` of `{name}`", value.id);
                    self.text("event", event, &what, &value.label);
                }
            }
        }
        for switch in regime.switches() {
            self.text("switch", &switch.id, "the question", &switch.question);
            self.choices("switch", &switch.id, &switch.kind);
        }
        for parameter in regime.parameters() {
            self.text("parameter", &parameter.id, "the label", &parameter.label);
        }
        for rule in reads::rules(regime) {
            if let Some(text) = rule.text {
                self.text(rule.table, rule.id, "the rule", text);
            }
        }
        for procedure in regime.procedures() {
            self.text("procedure", &procedure.id, "the procedure", &procedure.text);
        }
        for (id, instrument) in regime.instruments() {
            self.text("instrument", id, "the title", &instrument.title);
        }
        for article in regime.articles() {
            self.text("article", &article.id, "the article", &article.text);
            self.placeholders(&article.id, &article.text);
            for earlier in &article.earlier {
                self.text("article", &article.id, &format!("the text until {}", earlier.to), &earlier.text);
                self.placeholders(&article.id, &earlier.text);
            }
        }
    }

    /// `{name}` in a text stands for a parameter.
    fn placeholders(&mut self, article: &str, text: &Text) {
        for written in [&text.ja, &text.en] {
            for rest in written.split('{').skip(1) {
                let name = rest.split('}').next().unwrap_or_default();
                let word =
                    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c));
                if word && !self.regime.parameters().iter().any(|parameter| parameter.id == name) {
                    let known = self.regime.parameters().iter().map(|parameter| parameter.id.as_str());
                    let hint = crate::diagnostic::closest(name, known)
                        .map_or("add it to parameters.toml".to_owned(), |best| {
                            format!("did you mean `{{{best}}}`?")
                        });
                    let problem = format!("`{{{name}}}` in the text is no parameter");
                    self.add(Severity::Problem, FindingKind::Placeholder, "article", article, problem, &hint);
                }
            }
        }
    }

    fn duties(&mut self) {
        for duty in self.regime.duties() {
            let open = match (&duty.due, &duty.fulfilled_by) {
                (None, None) => Some("no deadline, and no statement fulfils it"),
                (Some(_), None) => Some("a deadline, but no statement fulfils it"),
                (None, Some(_)) => Some("no deadline"),
                (Some(_), Some(_)) => None,
            };
            if let Some(open) = open {
                let hint = "right where the law says no more; otherwise add `due` and `fulfilled_by`";
                let problem = format!("duty `{}` has {open}", duty.id);
                self.add(Severity::Note, FindingKind::OpenEnded, "duty", &duty.id, problem, hint);
            }
            if duty.by == Party::Developer && duty.common.is_empty() {
                let problem = format!("duty `{}` answers no duty of the common vocabulary", duty.id);
                let hint = "add `common` where it does: what is filed once can then be seen to serve several regimes";
                self.add(Severity::Note, FindingKind::Common, "duty", &duty.id, problem, hint);
            }
        }
    }

    fn presets(&mut self) {
        for preset in self.regime.presets() {
            if let Some(reasoning) = &preset.reasoning {
                self.text("preset", &preset.id, "the reasoning", reasoning);
            } else {
                let problem = format!("preset `{}` does not say why it chooses so", preset.id);
                let hint = "add `reasoning.ja` and `reasoning.en`";
                self.add(Severity::Advice, FindingKind::Preset, "preset", &preset.id, problem, hint);
            }
            self.text("preset", &preset.id, "the label", &preset.label);
            let open: Vec<_> = self
                .regime
                .switches()
                .iter()
                .map(|switch| switch.id.as_str())
                .filter(|id| !preset.set.contains_key(*id))
                .collect();
            if !open.is_empty() {
                let problem = format!("preset `{}` leaves open: {}", preset.id, open.join(", "));
                let hint = "a preset settles every switch, so that it can be compared with others";
                self.add(Severity::Advice, FindingKind::Preset, "preset", &preset.id, problem, hint);
            }
        }
    }

    fn tests(&mut self) {
        let tests = self.regime.tests();
        let mut seen = (String::new(), 0);
        for test in tests.iter().filter(|test| test.basis.is_empty()) {
            // Variations have their case's basis: one line for a case is enough.
            if seen == (test.file.clone(), test.line) || test.name.contains(" (variation ") {
                continue;
            }
            seen = (test.file.clone(), test.line);
            let place = Diagnostic {
                file: test.file.clone(),
                line: test.line,
                column: 1,
                problem: format!("the test \"{}\" does not say on which article it rests", test.name),
                hint: Some("add `basis = \"…\"`, an article of text.toml".to_owned()),
            };
            self.push(Severity::Advice, FindingKind::Basis, place);
        }
        if self.regime.status() == RegimeStatus::InForce && tests.len() < LEAST_TESTS {
            let problem = format!("{} law tests; a law in force has at least {LEAST_TESTS}", tests.len());
            let hint =
                "test each threshold from both sides, each clock over a holiday, and what is not known";
            self.add(Severity::Advice, FindingKind::FewTests, "title", "", problem, hint);
        }
        for switch in self.regime.untested_switches() {
            let problem = format!("no test shows that switch `{switch}` changes a result");
            let hint = "add a variation of a case with another value of it, or without it";
            self.add(Severity::Advice, FindingKind::UntestedSwitch, "switch", switch, problem, hint);
        }
    }

    fn readme(&mut self) {
        let readme = self.files.get("README.md").map(|bytes| String::from_utf8_lossy(bytes).to_lowercase());
        let problem = match readme {
            None => "the file is missing",
            Some(text) if !LEFT_TO_LAWYERS.iter().any(|words| text.contains(words)) => {
                "the file does not list what a lawyer must check"
            }
            Some(_) => return,
        };
        let hint = "say what the regime is, its sources, and under \"What a lawyer must check\" each fact that is not verified and each reading chosen";
        let place = Source { file: "README.md", text: "" }.diagnostic(0, problem, Some(hint.to_owned()));
        self.push(Severity::Advice, FindingKind::Readme, place);
    }
}

/// Returns where a table begins in a file; its beginning where the table is written otherwise.
fn header(text: &str, table: &str, id: &str) -> usize {
    let heads = if id.is_empty() {
        vec![format!("[[{table}]]"), format!("{table}."), format!("[{table}")]
    } else {
        vec![format!("[{table}.{id}]"), format!("[{table}.\"{id}\"]"), format!("[{table}.{id}.")]
    };
    let coverage = id.is_empty() && table == "coverage";
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        let head = line.trim_start();
        if heads.iter().any(|known| head.starts_with(known)) || (coverage && head.starts_with("[coverage]")) {
            return offset;
        }
        offset += line.len();
    }
    0
}

/// A day on which something about the rules may change.
fn boundaries(regime: &Regime) -> Vec<Date> {
    let mut days = Vec::new();
    for version in regime.versions() {
        days.extend([Some(version.from), version.to].into_iter().flatten());
    }
    for rule in reads::rules(regime) {
        days.extend([rule.applies.from, rule.applies.to].into_iter().flatten());
    }
    days.extend(
        regime.parameters().iter().flat_map(|parameter| parameter.values.iter().map(|value| value.from)),
    );
    days
}
