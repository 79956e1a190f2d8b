//! A law as data: what its files hold, read and checked.

pub(crate) mod files;
mod load;
mod rules;

use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::Arc;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::assessment::{Force, Party};
use crate::calendar::{Calendar, Unit};
use crate::deadline::{Deadline, Period, PeriodTerm};
use crate::expression::{EventPattern, Expression, Places, Schema};
use crate::law_test::LawTest;
use crate::settings::{Setting, SwitchError, read_value};
use crate::wording::Language;

pub(crate) use files::RawText;

/// A law, a draft of one, or a voluntary code, with all that is needed to apply it. Copies share it.
#[derive(Debug, Clone)]
pub struct Regime(Arc<Parts>);

/// What a regime is made of.
#[derive(Debug, Clone)]
pub struct Parts {
    pub(crate) id: String,
    pub(crate) jurisdiction: String,
    pub(crate) title: Text,
    pub(crate) status: RegimeStatus,
    pub(crate) authentic_language: String,
    pub(crate) source: String,
    pub(crate) certainty: Certainty,
    pub(crate) time_zone: TimeZone,
    pub(crate) versions: Vec<Version>,
    pub(crate) articles: Vec<Article>,
    pub(crate) instruments: BTreeMap<String, Instrument>,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) events: BTreeMap<String, EventSchema>,
    pub(crate) facts: Vec<FactSchema>,
    pub(crate) switches: Vec<Switch>,
    pub(crate) presets: Vec<Preset>,
    pub(crate) coverage: CoverageRule,
    pub(crate) designation: Option<DesignationRule>,
    pub(crate) reviews: Vec<String>,
    pub(crate) decisions: Vec<String>,
    pub(crate) classes: Vec<Class>,
    pub(crate) duties: Vec<Duty>,
    pub(crate) powers: Vec<Power>,
    pub(crate) penalties: Vec<Penalty>,
    pub(crate) procedures: Vec<Procedure>,
    pub(crate) calendars: BTreeMap<String, Calendar>,
    pub(crate) tests: Vec<LawTest>,
    pub(crate) rules_text: String,
    pub(crate) readme: Option<String>,
    pub(crate) schema: Schema,
    /// Period that a switch or a parameter gives, unit → why it cannot be counted.
    pub(crate) uncounted: BTreeMap<(PeriodTerm, Unit), String>,
    /// Where conditions find what they name.
    pub(crate) places: Places,
}

impl Deref for Regime {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl From<Parts> for Regime {
    fn from(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }
}

/// A text in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Text {
    /// Japanese.
    pub ja: String,
    /// English.
    pub en: String,
}

impl Text {
    /// Returns what stands for an id that has no words of its own.
    pub(crate) fn of_id(id: &str) -> Self {
        let text = id.replace(['-', '_'], " ");
        Self { ja: text.clone(), en: text }
    }

    /// Returns whether it is an id only, and no word for people.
    pub(crate) fn is_of_id(&self, id: &str) -> bool {
        *self == Self::of_id(id)
    }
}

/// Whether a regime is law.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RegimeStatus {
    /// A proposal; whatever shows it says so.
    Draft,
    /// Law.
    InForce,
    /// A code that one may join.
    Voluntary,
}

/// How sure a statement about a law is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Certainty {
    /// Read in the source named.
    Verified,
    /// Read in a secondary source only.
    Secondary,
    /// Written from memory, not verified.
    Memory,
}

/// A text of the regime and the days on which it is in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Version {
    /// Id of the version.
    pub id: String,
    /// First day.
    pub from: Date,
    /// Last day; none while it stands.
    pub to: Option<Date>,
    /// Whether it applies between these days.
    pub state: VersionState,
    /// Where the text is from.
    pub source: String,
    /// How sure the dates are.
    pub certainty: Certainty,
}

/// Whether an enacted text applies.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum VersionState {
    /// It does.
    #[default]
    InForce,
    /// Its application is suspended.
    Suspended,
    /// Other law displaces it.
    Preempted,
}

/// An article in our own paraphrase. `{parameter}` in a text stands for the parameter's value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Article {
    /// How rules cite the article.
    pub id: String,
    /// How sentences cite it.
    pub cited: Text,
    /// What it says.
    pub text: Text,
    /// How sure the paraphrase is.
    pub certainty: Certainty,
    /// Id of the layer that it belongs to; none: the law itself.
    pub instrument: Option<String>,
    /// Texts that it had before, oldest first.
    pub earlier: Vec<EarlierText>,
}

/// A text that an article had until it was amended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EarlierText {
    /// Last day of the text.
    pub to: Date,
    /// What it said.
    pub text: Text,
    /// How sure the paraphrase is.
    pub certainty: Certainty,
}

impl Article {
    /// Returns how the article is cited in a language.
    pub fn cited(&self, language: Language) -> &str {
        self.cited.get(language)
    }

    /// Returns the text on a day.
    pub fn text_on(&self, day: Date) -> (&Text, Certainty) {
        self.earlier
            .iter()
            .find(|earlier| day <= earlier.to)
            .map_or((&self.text, self.certainty), |earlier| (&earlier.text, earlier.certainty))
    }
}

/// A layer beside the law: a code of practice, guidelines, a decree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Instrument {
    /// Its title.
    pub title: Text,
    /// Whether it binds.
    pub status: RegimeStatus,
}

/// A figure that the law itself fixes: a threshold, a rate, a period. It may change with time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Parameter {
    /// Id, as in `param(…)`.
    pub id: String,
    /// What kind of value it has.
    pub kind: ValueKind,
    /// Article that fixes it.
    pub article: String,
    /// Name for people.
    pub label: Text,
    /// Its values, oldest first, with their first days.
    pub values: Vec<Dated>,
}

/// A value of a parameter and the first day on which the law has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Dated {
    /// First day.
    pub from: Date,
    /// The value in its canonical text.
    pub text: String,
    #[serde(skip)]
    pub(crate) value: Setting,
}

impl Parameter {
    /// Returns the value on a day; before the first day, the first value.
    pub fn on(&self, day: Date) -> Option<&Dated> {
        self.values.iter().rev().find(|value| value.from <= day).or(self.values.first())
    }
}

/// What the rules may ask of the statements of one predicate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EventSchema {
    /// Name for people; none where the predicate's own name serves.
    pub label: Option<Text>,
    /// Attribute → what is known of it, in the order of their names.
    pub attributes: BTreeMap<String, AttributeSchema>,
}

/// An attribute of a statement that rules may ask for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AttributeSchema {
    /// Name for people; made from its id where the regime gives none.
    pub label: Text,
    /// Allowed values, named for people in the same way; empty: any.
    pub values: Vec<Choice>,
    /// Whether its absence leaves it unknown.
    pub unknown_if_absent: bool,
}

/// A fact that the regime's rules may look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FactSchema {
    /// Name, as in conditions and facts files.
    pub name: String,
    /// What kind of value it has.
    pub kind: ValueKind,
    /// Short name for people.
    pub label: Text,
    /// What exactly is asked.
    pub help: Option<Text>,
}

/// An open issue of the law: a question that a legislature or an authority has to settle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Switch {
    /// Id, as in conditions and settings.
    pub id: String,
    /// What kind of value settles it.
    pub kind: ValueKind,
    /// The question.
    pub question: Text,
}

/// What kind of value a fact or a switch has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ValueKind {
    /// True or false.
    Boolean,
    /// An exact number in a unit; none for a pure number.
    Number {
        /// The unit.
        unit: Option<String>,
    },
    /// A text.
    Text,
    /// One of some values.
    Choice {
        /// The values.
        values: Vec<Choice>,
    },
    /// One or more of some values, joined by commas.
    Choices {
        /// The values.
        values: Vec<Choice>,
    },
    /// A day.
    Date,
    /// A length of time, such as `30 days`.
    Period,
}

/// A value that may be chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Choice {
    /// The value, as written in conditions and settings.
    pub id: String,
    /// Its name for people.
    pub label: Text,
}

/// A named setting of switches, for trials and demonstrations; never applied by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Preset {
    /// Id of the preset.
    pub id: String,
    /// What it stands for.
    pub label: Text,
    /// Why each choice.
    pub reasoning: Option<Text>,
    /// Switch → value.
    pub set: BTreeMap<String, String>,
}

/// Where a rule stands in the regime's files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SourceLines {
    /// Path of the file.
    pub file: String,
    /// First line, from 1.
    pub first: usize,
    /// Last line.
    pub last: usize,
}

/// Days between which a rule applies.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Applies {
    /// First day; none: since the first text.
    pub from: Option<Date>,
    /// Last day; none: as long as the text stands.
    pub to: Option<Date>,
}

impl Applies {
    pub(crate) fn on(self, day: Date) -> bool {
        self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day <= to)
    }
}

/// When the law covers a subject.
#[derive(Debug, Clone, Serialize)]
pub struct CoverageRule {
    /// Article that says so.
    pub article: SmolStr,
    /// The condition.
    #[serde(serialize_with = "expression_text")]
    pub condition: Expression,
    /// Where the rule stands.
    pub lines: SourceLines,
}

/// Which statements designate a subject and end its designation.
#[derive(Debug, Clone)]
pub(crate) struct DesignationRule {
    pub(crate) begins: String,
    pub(crate) ends: String,
}

/// A class of subjects.
#[derive(Debug, Clone, Serialize)]
pub struct Class {
    /// Id, as in `class(…)`.
    pub id: SmolStr,
    /// Article that defines it.
    pub article: SmolStr,
    /// Name for people.
    pub text: Text,
    /// The condition.
    #[serde(serialize_with = "expression_text")]
    pub condition: Expression,
    /// What belonging to the class means: `presumed` if the provider may rebut it.
    pub effect: Option<String>,
    /// Whether it only serves other rules and is never reported as the subject's class.
    pub auxiliary: bool,
    /// Days between which the rule applies.
    pub applies: Applies,
    /// Where the rule stands.
    pub lines: SourceLines,
}

/// A duty.
#[derive(Debug, Clone, Serialize)]
pub struct Duty {
    /// Id of the duty.
    pub id: SmolStr,
    /// Article that states it.
    pub article: SmolStr,
    /// Who owes it.
    pub by: Party,
    /// Name for people.
    pub text: Text,
    /// Who is told, where the law names somebody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub addressee: Option<Text>,
    /// When it is owed.
    #[serde(serialize_with = "expression_text")]
    pub owed_when: Expression,
    /// The deadline as written; none where the law states none.
    pub due: Option<SmolStr>,
    /// What fulfils it, as written; none where no statement does.
    pub fulfilled_by: Option<String>,
    /// Whether its fulfilment needs a review of what was filed.
    pub reviewed: bool,
    /// Statements of which each is to be answered anew, as written.
    pub each: Option<String>,
    /// Duties of the common vocabulary of all regimes that it answers.
    pub common: Vec<String>,
    /// Id of the counting rules of its deadline, or the switch that settles them, as written.
    pub counting: Option<SmolStr>,
    /// Until when it is owed, as written; none where it does not end.
    pub until: Option<String>,
    /// Days between which the rule applies.
    pub applies: Applies,
    /// Where the rule stands.
    pub lines: SourceLines,
    #[serde(skip)]
    pub(crate) each_patterns: Vec<EventPattern>,
    #[serde(skip)]
    pub(crate) counted_by: Option<Counting>,
    #[serde(skip)]
    pub(crate) until_limit: Option<Deadline>,
    #[serde(skip)]
    pub(crate) deadline: Option<Deadline>,
    #[serde(skip)]
    pub(crate) fulfilment: Option<Fulfilment>,
}

/// Which calendar counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Counting {
    Calendar(String),
    /// The one that a switch chooses.
    Switch(String),
}

/// Statements that fulfil a duty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fulfilment {
    Event(EventPattern),
    All(Vec<Fulfilment>),
    Any(Vec<Fulfilment>),
}

/// A power of the State.
#[derive(Debug, Clone, Serialize)]
pub struct Power {
    /// Id of the power.
    pub id: SmolStr,
    /// Article that confers it.
    pub article: SmolStr,
    /// Name for people.
    pub text: Text,
    /// Predicate of the act by which it is used.
    pub act: String,
    /// When it may be used.
    #[serde(serialize_with = "expression_text")]
    pub condition: Expression,
    /// Days between which the rule applies.
    pub applies: Applies,
    /// Where the rule stands.
    pub lines: SourceLines,
}

/// A penalty.
#[derive(Debug, Clone, Serialize)]
pub struct Penalty {
    /// Id of the penalty.
    pub id: SmolStr,
    /// Article that states it.
    pub article: SmolStr,
    /// Name for people.
    pub text: Text,
    /// Predicate of the act that imposes it; none where courts impose it.
    pub act: Option<String>,
    /// When it may be imposed.
    #[serde(serialize_with = "expression_text")]
    pub condition: Expression,
    /// The largest amount, as written.
    pub maximum: Option<String>,
    /// Days between which the rule applies.
    pub applies: Applies,
    /// Where the rule stands.
    pub lines: SourceLines,
    #[serde(skip)]
    pub(crate) amount: Option<(Expression, Option<String>)>,
}

/// What must come before an adverse act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Procedure {
    /// Id of the rule.
    pub id: String,
    /// Article that asks for it.
    pub article: String,
    /// Predicate of the adverse act.
    pub act: String,
    /// Which of the acts of that predicate; empty: all.
    pub attributes: BTreeMap<String, String>,
    /// Kinds of procedure; one of them is needed.
    pub requires: Vec<String>,
    /// Name for people.
    pub text: Text,
    /// How sure the rule is.
    pub certainty: Certainty,
}

fn expression_text<S: serde::Serializer>(expression: &Expression, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(expression.source())
}

impl Parts {
    /// Gives each condition of the rules its place, so that one that several rules share is evaluated once,
    /// and each name the place of what it stands for.
    fn number_conditions(&mut self) {
        let ids = |ids: Vec<&str>| (0..).zip(ids).map(|(at, id)| (id.to_owned(), at)).collect();
        let facts = self.facts.iter().map(|fact| SmolStr::from(&fact.name));
        let mut places = Places {
            facts: ids(self.facts.iter().map(|fact| fact.name.as_str()).collect()),
            switches: ids(self.switches.iter().map(|switch| switch.id.as_str()).collect()),
            parameters: ids(self.parameters.iter().map(|parameter| parameter.id.as_str()).collect()),
            classes: ids(self.classes.iter().map(|class| class.id.as_str()).collect()),
            duties: ids(self.duties.iter().map(|duty| duty.id.as_str()).collect()),
            conditions: BTreeMap::new(),
            names: facts
                .clone()
                .chain(self.switches.iter().map(|switch| (&switch.id).into()))
                .chain(facts)
                .collect(),
        };
        let amounts = self.penalties.iter_mut().flat_map(|penalty| {
            let amount = penalty.amount.as_mut().map(|(amount, _)| amount);
            [&mut penalty.condition].into_iter().chain(amount)
        });
        let conditions = self.classes.iter_mut().map(|class| &mut class.condition);
        let conditions = conditions
            .chain([&mut self.coverage.condition])
            .chain(self.duties.iter_mut().map(|duty| &mut duty.owed_when))
            .chain(self.powers.iter_mut().map(|power| &mut power.condition))
            .chain(amounts);
        conditions.for_each(|condition| condition.number(&mut places));
        self.places = places;
    }
}

impl Regime {
    /// Returns what it is made of, to be completed while it is loaded.
    fn parts(&mut self) -> &mut Parts {
        Arc::make_mut(&mut self.0)
    }

    /// Returns the id, which is the name of the folder.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns the jurisdiction: an ISO 3166 code or `EU`.
    pub fn jurisdiction(&self) -> &str {
        &self.jurisdiction
    }

    /// Returns the title.
    pub fn title(&self) -> &Text {
        &self.title
    }

    /// Returns whether this is law.
    pub fn status(&self) -> RegimeStatus {
        self.status
    }

    /// Returns the language code of the authentic text.
    pub fn authentic_language(&self) -> &str {
        &self.authentic_language
    }

    /// Returns where the regime is from.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Returns how sure the regime's source is.
    pub fn certainty(&self) -> Certainty {
        self.certainty
    }

    /// Returns the zone in which days begin and end.
    pub fn time_zone(&self) -> &TimeZone {
        &self.time_zone
    }

    /// Returns the texts, oldest first.
    pub fn versions(&self) -> &[Version] {
        &self.versions
    }

    /// Returns the text in force on a day.
    pub fn version_on(&self, day: Date) -> Option<&Version> {
        self.versions
            .iter()
            .rev()
            .find(|version| version.from <= day && version.to.is_none_or(|to| day <= to))
    }

    /// Returns whether the regime has force on a day. A draft and a voluntary code are applied as if
    /// they had.
    pub fn force_on(&self, day: Date) -> Force {
        match self.version_on(day).map(|version| version.state) {
            Some(VersionState::InForce) => Force::InForce,
            Some(VersionState::Suspended) => Force::Suspended,
            Some(VersionState::Preempted) => Force::Preempted,
            None if self.next_text(day).is_some() => Force::NotYet,
            None => Force::Ended,
        }
    }

    /// Returns the first day of the first text after a day.
    pub(crate) fn next_text(&self, day: Date) -> Option<Date> {
        self.versions.iter().map(|version| version.from).find(|from| day < *from)
    }

    /// Returns the articles, in the order of the file.
    pub fn articles(&self) -> &[Article] {
        &self.articles
    }

    /// Returns an article.
    pub fn article(&self, id: &str) -> Option<&Article> {
        self.articles.iter().find(|article| article.id == id)
    }

    /// Returns how an article is cited in a language.
    pub fn cited(&self, language: Language, id: &str) -> String {
        self.article(id).map_or(id, |article| article.cited(language)).to_owned()
    }

    /// Returns the layers beside the law, by id.
    pub fn instruments(&self) -> &BTreeMap<String, Instrument> {
        &self.instruments
    }

    /// Returns the figures that the law fixes.
    pub fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    /// Returns the calendars that may count.
    pub(crate) fn calendars_of(&self, counting: &Counting) -> Vec<&Calendar> {
        match counting {
            Counting::Calendar(id) => self.calendars.get(id).into_iter().collect(),
            Counting::Switch(id) => match self.switches.iter().find(|switch| switch.id == *id) {
                Some(Switch { kind: ValueKind::Choice { values }, .. }) => {
                    values.iter().filter_map(|value| self.calendars.get(&value.id)).collect()
                }
                _ => Vec::new(),
            },
        }
    }

    /// Returns why a period cannot be counted where a switch or a parameter is used.
    pub(crate) fn uncountable(&self, given: &PeriodTerm, period: Period) -> Option<String> {
        self.uncounted.get(&(given.clone(), period.unit)).cloned()
    }

    /// Looks at every duty once: which units cannot be counted where a switch or a parameter gives
    /// the period, and why.
    fn uncounted_periods(&self) -> BTreeMap<(PeriodTerm, Unit), String> {
        let mut found = BTreeMap::new();
        for duty in &self.duties {
            let calendars = duty.counted_by.as_ref().map(|by| self.calendars_of(by)).unwrap_or_default();
            for limit in [&duty.deadline, &duty.until_limit].into_iter().flatten() {
                for given in limit.given() {
                    for unit in Unit::ALL {
                        let period = Period { count: 1, unit };
                        let why = calendars.iter().find_map(|by| limit.uncountable(given, period, by));
                        if let Some(why) = why {
                            let why = format!("a period that duty `{}` can count ({why})", duty.id);
                            found.entry((given.clone(), unit)).or_insert(why);
                        }
                    }
                }
            }
        }
        found
    }

    /// Returns a parameter that is a period, on a day.
    pub(crate) fn period(&self, id: &str, day: Date) -> Option<Period> {
        let parameter = self.parameters.iter().find(|parameter| parameter.id == id)?;
        match parameter.on(day)?.value {
            Setting::Period(period) => Some(period),
            Setting::Term(_) => None,
        }
    }

    /// Returns the same regime with other figures, at all times: a text that someone considers.
    pub fn with_parameters<'t>(
        &self,
        changes: impl IntoIterator<Item = (&'t str, &'t str)>,
    ) -> Result<Self, SwitchError> {
        let mut changed = Parts::clone(&self.0);
        for (id, text) in changes {
            let ids = || self.parameters.iter().map(|parameter| parameter.id.as_str());
            let parameter = changed.parameters.iter_mut().find(|parameter| parameter.id == id);
            let parameter = parameter.ok_or_else(|| SwitchError::NoParameter {
                regime: self.id.clone(),
                parameter: id.chars().take(64).collect(),
                suggestion: crate::diagnostic::closest(id, ids()).map(str::to_owned),
            })?;
            let (value, text) = read_value(id, &parameter.kind, text)?;
            value.countable(self, id, &PeriodTerm::Parameter(id.to_owned()))?;
            parameter.values = vec![Dated { from: Date::MIN, text, value }];
        }
        Ok(changed.into())
    }

    /// Returns the statements that the rules may look at, by predicate.
    pub fn events(&self) -> &BTreeMap<String, EventSchema> {
        &self.events
    }

    /// Returns the facts that the rules may look at.
    pub fn facts(&self) -> &[FactSchema] {
        &self.facts
    }

    /// Returns the open issues.
    pub fn switches(&self) -> &[Switch] {
        &self.switches
    }

    /// Returns the named settings.
    pub fn presets(&self) -> &[Preset] {
        &self.presets
    }

    /// Returns when the law covers a subject.
    pub fn coverage(&self) -> &CoverageRule {
        &self.coverage
    }

    /// Returns the classes, least demanding first.
    pub fn classes(&self) -> &[Class] {
        &self.classes
    }

    /// Returns the duties.
    pub fn duties(&self) -> &[Duty] {
        &self.duties
    }

    /// Returns a duty.
    pub fn duty(&self, id: &str) -> Option<&Duty> {
        self.duties.iter().find(|duty| duty.id == id)
    }

    /// Returns the powers.
    pub fn powers(&self) -> &[Power] {
        &self.powers
    }

    /// Returns the penalties.
    pub fn penalties(&self) -> &[Penalty] {
        &self.penalties
    }

    /// Returns what must come before adverse acts.
    pub fn procedures(&self) -> &[Procedure] {
        &self.procedures
    }

    /// Returns the counting rules by id.
    pub fn calendars(&self) -> &BTreeMap<String, Calendar> {
        &self.calendars
    }

    /// Returns the law tests.
    pub fn tests(&self) -> &[LawTest] {
        &self.tests
    }

    /// Returns what stands beside the rules for people (`README.md`): sources, what a lawyer must check,
    /// what is left out; Markdown.
    pub fn readme(&self) -> Option<&str> {
        self.readme.as_deref()
    }

    /// Returns the lines of a rule as they stand in its file.
    pub fn rule_text(&self, lines: &SourceLines) -> String {
        let count = (lines.last + 1).saturating_sub(lines.first);
        let chosen: Vec<_> =
            self.rules_text.lines().skip(lines.first.saturating_sub(1)).take(count).collect();
        chosen.join("\n")
    }
}
