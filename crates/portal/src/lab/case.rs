//! One law applied to what a visitor has said, and what to ask next.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use law::{
    Assessment, Event, FactError, FactSchema, Goal, Party, Record, Regime, SwitchSettings, Truth, ValueKind,
    Wording,
};

use super::answers::{ADOPTED, Answers, Laws, OPEN, fits};
use super::joining::{JOIN, can_be_joined};
use super::query::{Wrong, WrongKind};
use crate::at_hand::Law;

/// One law, applied.
pub(crate) struct Case<'l> {
    pub(crate) law: &'l Law,
    pub(crate) settings: SwitchSettings,
    pub(crate) as_of: Date,
    pub(crate) record: Record,
    pub(crate) assessment: Assessment,
}

/// Why there is no answer.
pub(crate) enum Trouble {
    /// What the visitor said cannot be read.
    Wrong(Wrong),
    /// The engine refuses what it should take.
    Engine(String),
}

impl From<Wrong> for Trouble {
    fn from(wrong: Wrong) -> Self {
        Self::Wrong(wrong)
    }
}

impl From<FactError> for Trouble {
    fn from(error: FactError) -> Self {
        Self::Engine(error.to_string())
    }
}

impl<'l> Case<'l> {
    /// Applies a law to the facts that were said and to some events.
    pub(crate) fn new(
        law: &'l Law,
        answers: &Answers,
        mut events: Vec<Event>,
        now: Timestamp,
    ) -> Result<Self, Trouble> {
        let day = as_of(&law.regime, answers, now);
        events.extend(answers.join_event(&law.regime, day)?);
        let mut record = Record { events, ..Record::default() };
        for (name, value) in &answers.facts {
            let schema = law.regime.facts().iter().find(|fact| fact.name == *name);
            if schema.is_some_and(|schema| fits(schema, value)) {
                record.state(name.as_str(), value.clone());
            }
        }
        let settings = settings(law, answers)?;
        Self::of_record(law, settings, record, day)
    }

    /// Applies a law to a record.
    pub(crate) fn of_record(
        law: &'l Law,
        settings: SwitchSettings,
        record: Record,
        as_of: Date,
    ) -> Result<Self, Trouble> {
        let assessment = law::assess(&law.regime, &settings, &record, as_of)?;
        Ok(Self { law, settings, as_of, record, assessment })
    }

    /// Applies the same law to the record without statements of a kind.
    pub(crate) fn without(&self, predicate: &str) -> Result<Assessment, Trouble> {
        let mut record = self.record.clone();
        record.events.retain(|event| event.predicate != predicate);
        Ok(law::assess(&self.law.regime, &self.settings, &record, self.as_of)?)
    }

    /// Returns the id of the law.
    pub(crate) fn id(&self) -> &'l str {
        self.law.regime.id()
    }

    /// Returns the law.
    pub(crate) fn regime(&self) -> &'l Regime {
        &self.law.regime
    }

    /// Returns the best question for one answer; facts that were answered already, with "not known" too,
    /// are not asked again. A figure or a day comes after what is answered with yes or no, as it often
    /// matters in one of the two cases only; unless more laws ask for it.
    fn best(&self, goal: Goal<'_>, asked: &Asked<'_>) -> Option<&'l str> {
        let open = law::questions(&self.law.regime, &self.settings, &self.record, self.as_of, goal).ok()?;
        let facts = || self.law.regime.facts().iter();
        // What is asked of an event, not of the model, has a page of its own.
        let mut open: Vec<&FactSchema> = open
            .iter()
            .filter(|name| !asked.answered.contains(name.as_str()))
            .filter_map(|name| facts().find(|fact| fact.name == *name))
            .collect();
        let is_pick = |fact: &FactSchema| matches!(fact.kind, ValueKind::Boolean | ValueKind::Choice { .. });
        let laws = |fact: &FactSchema| asked.laws.get(fact.name.as_str()).copied().unwrap_or_default();
        let most = open.iter().filter(|fact| is_pick(fact)).map(|fact| laws(fact)).max().unwrap_or_default();
        open.sort_by_key(|fact| !is_pick(fact) && laws(fact) <= most);
        open.first().map(|fact| fact.name.as_str())
    }

    /// Tells whether the law is a code that applies to those who join it, and was not joined.
    pub(crate) fn waits_for_joining(&self) -> bool {
        self.assessment.coverage == law::Coverage::NotCovered
            && can_be_joined(self.regime())
            && !self.record.events.iter().any(|event| event.predicate == JOIN)
    }

    /// Tells whether the law itself keeps something open that the visitor may settle.
    fn is_unsettled(&self, answers: &Answers) -> bool {
        self.assessment.force.is_in_force()
            && !self.regime().presets().is_empty()
            && answers.setting(self.id()).is_none()
    }

    /// Tells whether the law keeps open what follows for those whom it covers.
    fn leaves_open(&self) -> bool {
        let found = &self.assessment;
        found.coverage == law::Coverage::Covered
            && (found.duties.iter().any(|duty| {
                !duty.because.unsettled.is_empty() || !duty.due_because.because.unsettled.is_empty()
            }) || found.powers.iter().any(|power| !power.because.unsettled.is_empty())
                || found.penalties.iter().any(|penalty| {
                    !penalty.because.unsettled.is_empty() || !penalty.maximum_because.unsettled.is_empty()
                }))
    }

    /// Returns the next question of one stage of the interview.
    fn question(&self, stage: Stage, asked: &Asked<'_>) -> Option<&'l str> {
        // Who has not joined a code is asked nothing about it.
        if self.waits_for_joining() {
            return None;
        }
        let found = &self.assessment;
        let fact = |missing: &law::NameSet| {
            let open = |name: &&str| missing.contains(name) && !asked.answered.contains(name);
            self.law.regime.facts().iter().map(|fact| fact.name.as_str()).find(open)
        };
        match stage {
            Stage::Coverage if found.coverage == law::Coverage::Undetermined => {
                self.best(Goal::Coverage, asked)
            }
            Stage::Class => self
                .law
                .regime
                .classes()
                .iter()
                .filter(|class| !class.auxiliary)
                .filter(|class| self.class(&class.id) == Some(Truth::Undetermined))
                .find_map(|class| self.best(Goal::Class(&class.id), asked)),
            Stage::Duty => self
                .of_developers()
                .filter(|duty| duty.owed == Truth::Undetermined)
                .find_map(|duty| self.best(Goal::Duty(&duty.id), asked)),
            Stage::Due => self
                .of_developers()
                .filter(|duty| duty.owed == Truth::True)
                .find_map(|duty| fact(&duty.due_because.because.missing)),
            Stage::Amount if found.coverage == law::Coverage::Covered => {
                found.penalties.iter().find_map(|penalty| fact(&penalty.maximum_because.missing))
            }
            Stage::Coverage | Stage::Amount => None,
        }
    }

    fn class(&self, id: &str) -> Option<Truth> {
        self.assessment.classes.iter().find(|class| class.id == id).map(|class| class.holds)
    }

    /// Returns the duties of developers.
    pub(crate) fn of_developers(&self) -> impl Iterator<Item = &law::DutyResult> {
        self.assessment.duties.iter().filter(|duty| duty.by == Party::Developer)
    }

    /// Tells whether a fact is open in any answer about coverage or class.
    fn asks(&self, name: &str) -> bool {
        self.assessment.missing.contains(name)
    }
}

/// Says whether a law covers the subject.
pub(crate) fn sentence(wording: &Wording<'_>) -> String {
    wording.coverage()
}

/// Settles a law's open points as the visitor chose.
pub(crate) fn settings(law: &Law, answers: &Answers) -> Result<SwitchSettings, Trouble> {
    let id = law.regime.id();
    let refused = |error: law::SwitchError| Trouble::Engine(error.to_string());
    match answers.setting(id) {
        None | Some(OPEN) => Ok(SwitchSettings::default()),
        Some(ADOPTED) => law.settings().map_err(refused),
        Some(preset) => SwitchSettings::preset(&law.regime, preset)
            .map_err(|_| Wrong::new(format!("set.{id}"), WrongKind::NoPreset).into()),
    }
}

/// Returns the day as of which a law is applied.
pub(crate) fn as_of(regime: &Regime, answers: &Answers, now: Timestamp) -> Date {
    answers.at.unwrap_or_else(|| regime.time_zone().to_datetime(now).date())
}

/// Applies every law that is looked at.
pub(crate) fn cases<'l>(laws: &'l Laws, answers: &Answers, now: Timestamp) -> Result<Vec<Case<'l>>, Trouble> {
    answers.scope(laws).into_iter().map(|law| Case::new(law, answers, Vec::new(), now)).collect()
}

/// What an interview settles, one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    Coverage,
    Class,
    Duty,
    /// The days of duties that are owed.
    Due,
    /// How high penalties could be.
    Amount,
}

impl Stage {
    const ALL: [Self; 5] = [Self::Coverage, Self::Class, Self::Duty, Self::Due, Self::Amount];

    /// Returns the key of the message that says why something is asked.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::Coverage => "apply-for-coverage",
            Self::Class => "apply-for-class",
            Self::Duty => "apply-for-duty",
            Self::Due => "apply-for-due",
            Self::Amount => "apply-for-amount",
        }
    }
}

/// What to ask next.
pub(crate) enum Question<'l> {
    /// Whether a voluntary code was joined.
    Join(&'l Law),
    /// How the open points of a draft are to be settled.
    Settle(&'l Law),
    /// A fact.
    Fact { schema: &'l FactSchema, stage: Stage },
}

/// What is known of the facts before one of them is asked for.
struct Asked<'a> {
    /// Facts that were answered.
    answered: BTreeSet<&'a str>,
    /// How many of the laws ask for a fact.
    laws: BTreeMap<&'a str, usize>,
}

/// Returns the question to ask next: whether the code was joined, where it is the only one that is looked
/// at; how open points of the law are settled, where an answer hangs on
/// them, else the fact that serves most laws. None where nothing that the visitor could add would change
/// an answer.
pub(crate) fn next<'l>(cases: &[Case<'l>], answers: &Answers) -> Option<Question<'l>> {
    // Of many laws, each code can be joined from the list of results.
    if let [case] = cases
        && case.waits_for_joining()
        && answers.joined(case.id()).is_none()
    {
        return Some(Question::Join(case.law));
    }
    let open = || cases.iter().filter(|case| case.is_unsettled(answers));
    if let Some(case) = open().find(|case| !case.assessment.unsettled.is_empty()) {
        return Some(Question::Settle(case.law));
    }
    let mut laws = BTreeMap::new();
    for fact in cases.iter().flat_map(|case| case.regime().facts()) {
        *laws.entry(fact.name.as_str()).or_default() += 1;
    }
    let asked = Asked { answered: answers.facts.iter().map(|(name, _)| name.as_str()).collect(), laws };
    Stage::ALL.into_iter().find_map(|stage| {
        // What follows for those covered is asked about once it is clear who is.
        if stage == Stage::Duty
            && let Some(case) = open().find(|case| case.leaves_open())
        {
            return Some(Question::Settle(case.law));
        }
        // A fact that several laws wait for answers them all at once.
        let mut votes: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
        let questions: Vec<_> =
            cases.iter().filter_map(|case| Some((case, case.question(stage, &asked)?))).collect();
        for (at, (_, name)) in questions.iter().enumerate() {
            votes.entry(name).or_insert_with(|| (cases.iter().filter(|case| case.asks(name)).count(), at));
        }
        let (name, (_, at)) =
            votes.into_iter().max_by_key(|(_, (laws, at))| (*laws, std::cmp::Reverse(*at)))?;
        let (case, _) = questions.get(at)?;
        let schema = case.law.regime.facts().iter().find(|fact| fact.name == name)?;
        Some(Question::Fact { schema, stage })
    })
}

/// Returns the laws that ask for a fact.
pub(crate) fn asking<'c, 'l>(cases: &'c [Case<'l>], name: &str) -> Vec<&'c Case<'l>> {
    cases.iter().filter(|case| case.regime().facts().iter().any(|fact| fact.name == name)).collect()
}
