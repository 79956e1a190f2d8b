//! A law as data: what its files hold, read and checked.

pub(crate) mod files;
mod load;
mod rule;
mod rules;
mod terms;
mod text;

use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::Arc;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use smol_str::SmolStr;

use crate::assessment::Force;
use crate::calendar::{Calendar, Unit};
use crate::deadline::{Period, PeriodTerm};
use crate::expression::{Places, Schema};
use crate::law_test::LawTest;
use crate::settings::{Setting, SwitchError, read_value};
use crate::wording::Language;

pub(crate) use files::RawText;
pub use rule::{Applies, Class, CoverageRule, Duty, Penalty, Power, Procedure, SourceLines};
pub(crate) use rule::{Counting, DesignationRule, Fulfilment};
pub use terms::{
    AttributeSchema, Choice, Dated, EventSchema, FactSchema, Parameter, Preset, Switch, ValueKind,
};
pub use text::{Article, Certainty, EarlierText, Instrument, RegimeStatus, Text, Version, VersionState};

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
