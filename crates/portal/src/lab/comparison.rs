//! Laws, or settings of a draft, side by side: what they ask, and whom they would cover among the models
//! of the shipped data set.

use std::collections::BTreeMap;

use jiff::civil::Date;
use law::simulate::{Counts, Variant, apply};
use law::{Assessment, Party, Penalty, Reason, Record, SwitchSettings, Truth};
use serde::Serialize;

use crate::at_hand::Law;
use crate::pages::{bare, joined_by};

use super::dataset::{Trouble, models};
use super::fault::{Fault, FaultKind};
use super::query::Query;
use super::sheet::Csv;
use super::simulation::{Base, dials, unit, word};

/// The names of the sides in addresses, in their order.
pub(crate) const SIDES: [&str; 4] = ["a", "b", "c", "d"];

/// What is compared.
pub(crate) struct Comparison {
    pub(crate) as_of: Date,
    pub(crate) sides: Vec<Side>,
    pub(crate) faults: Vec<Fault>,
}

/// A law with its open points settled.
pub(crate) struct Side {
    pub(crate) law: Law,
    pub(crate) base: Base,
    pub(crate) settings: SwitchSettings,
}

impl Side {
    /// Reads a side as written in addresses: `eu-gpai`, `jp-basic-law-2024:strict`.
    fn read(laws: &BTreeMap<String, Law>, text: &str) -> Option<Self> {
        let (id, base) = text.split_once(':').map_or((text, None), |(id, base)| (id, Some(base)));
        let law = laws.get(id)?;
        let base = match base {
            Some(base) => Base::read(law, base)?,
            None => Base::of(law),
        };
        Some(Self { law: law.clone(), settings: base.settings(law), base })
    }

    /// Returns the side as written in addresses.
    pub(crate) fn text(&self) -> String {
        let id = self.law.regime.id();
        if self.law.regime.switches().is_empty() {
            id.to_owned()
        } else {
            format!("{id}:{}", self.base.as_str())
        }
    }
}

/// Which results a condition can have under some settings, whatever else comes to be known or to happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Possible {
    yes: bool,
    no: bool,
}

/// What is possible under the settings of one assessment, in which nothing is known.
struct Possibilities<'a> {
    assessment: &'a Assessment,
    /// Classes and duties that were looked at; none while one is being looked at.
    known: BTreeMap<String, Option<Possible>>,
}

impl Possibilities<'_> {
    const OPEN: Possible = Possible { yes: true, no: true };

    fn of(&mut self, reason: &Reason) -> Possible {
        let condition = bare(&reason.condition);
        let condition = condition.as_str();
        if !reason.children.is_empty() {
            let parts: Vec<Possible> = reason.children.iter().map(|part| self.of(part)).collect();
            return match &parts[..] {
                [only] if condition.starts_with("not ") => Possible { yes: only.no, no: only.yes },
                _ if joined_by(condition, "or") => {
                    Possible { yes: parts.iter().any(|part| part.yes), no: parts.iter().all(|part| part.no) }
                }
                _ => {
                    Possible { yes: parts.iter().all(|part| part.yes), no: parts.iter().any(|part| part.no) }
                }
            };
        }
        let of = |word: &str| condition.strip_prefix(word)?.strip_suffix(')');
        if let Some(id) = of("class(") {
            let class = self.assessment.classes.iter().find(|class| class.id == id);
            return class.map_or(Self::OPEN, |class| self.named(condition, &class.reason));
        }
        if let Some(duty) = of("unmet(").and_then(|id| self.assessment.duty(id)) {
            // What is never owed is never unmet.
            return Possible { yes: self.named(condition, &duty.reason).yes, no: true };
        }
        // Settings alone decide what looks at nothing else.
        let settled = !reason.switches.is_empty() && reason.facts.is_empty() && reason.events.is_empty();
        match reason.truth {
            Truth::True if settled => Possible { yes: true, no: false },
            Truth::False if settled => Possible { yes: false, no: true },
            _ => Self::OPEN,
        }
    }

    fn named(&mut self, name: &str, reason: &Reason) -> Possible {
        if let Some(known) = self.known.get(name) {
            return known.unwrap_or(Self::OPEN);
        }
        self.known.insert(name.to_owned(), None);
        let found = self.of(reason);
        self.known.insert(name.to_owned(), Some(found));
        found
    }
}

impl Side {
    /// Returns the penalties that could be imposed under the settings.
    pub(crate) fn penalties(&self, as_of: Date) -> Vec<&Penalty> {
        let regime = &self.law.regime;
        let nothing = Record::default();
        let Ok(found) = law::assess(regime, &self.settings, &nothing, self.law.day(as_of)) else {
            return regime.penalties().iter().collect();
        };
        let mut possible = Possibilities { assessment: &found, known: BTreeMap::new() };
        let can_be = |penalty: &&Penalty| {
            let result = found.penalties.iter().find(|result| result.id == penalty.id);
            result.is_none_or(|result| possible.of(&result.reason).yes)
        };
        regime.penalties().iter().filter(can_be).collect()
    }
}

impl Comparison {
    /// Reads what an address asks; where it names no laws, of two to begin with.
    pub(crate) fn read(query: &Query, laws: &BTreeMap<String, Law>, today: Date) -> Self {
        let mut faults = Vec::new();
        let as_of = match query.get("as_of").map(str::parse) {
            Some(Ok(day)) => day,
            None => today,
            Some(Err(_)) => {
                faults.push(Fault::new("as_of", FaultKind::Day));
                today
            }
        };
        let mut sides: Vec<Side> = Vec::new();
        for name in SIDES {
            match query.get(name).map(|text| Side::read(laws, text)) {
                None => {}
                Some(Some(side)) => sides.push(side),
                Some(None) => faults.push(Fault::new(name, FaultKind::Law)),
            }
        }
        if sides.is_empty() {
            // A draft beside laws with a threshold of compute says most.
            let draft = |law: &&Law| law.regime.status() == law::RegimeStatus::Draft;
            let first = laws.values().find(draft);
            let figures = |law: &&Law| {
                let compute = |unit: Option<&str>| unit == Some("FLOP");
                !draft(law) && dials(&law.regime).iter().any(|dial| compute(unit(&law.regime, dial)))
            };
            let others = laws.values().filter(figures).take(2);
            let texts = first.into_iter().chain(others).map(|law| law.regime.id());
            sides.extend(texts.filter_map(|id| Side::read(laws, id)));
        }
        for (name, _) in query.pairs() {
            if !SIDES.contains(&name) && !["as_of", "size", "of"].contains(&name) {
                faults.push(Fault::new(name, FaultKind::Unknown));
            }
        }
        Self { as_of, sides, faults }
    }

    /// Returns the query that asks this very question.
    pub(crate) fn address(&self) -> String {
        let sides = SIDES.iter().zip(&self.sides).map(|(name, side)| format!("{name}={}", side.text()));
        let mut pairs: Vec<String> = sides.collect();
        pairs.push(format!("as_of={}", self.as_of));
        pairs.join("&")
    }

    /// Returns the common vocabulary's words for duties of developers, those first that most laws use.
    pub(crate) fn common(&self) -> Vec<&str> {
        let mut used: BTreeMap<&str, usize> = BTreeMap::new();
        for side in &self.sides {
            let duties = side.law.regime.duties().iter().filter(|duty| duty.by == Party::Developer);
            let words: std::collections::BTreeSet<&str> =
                duties.flat_map(|duty| duty.common.iter().map(String::as_str)).collect();
            for word in words {
                *used.entry(word).or_default() += 1;
            }
        }
        let mut words: Vec<(&str, usize)> = used.into_iter().collect();
        words.sort_by_key(|(word, laws)| (std::cmp::Reverse(*laws), *word));
        words.into_iter().map(|(word, _)| word).collect()
    }

    /// Applies every side to the models of the data set.
    pub(crate) fn answer(&self) -> Result<Answers, Trouble> {
        let mut found = Answers { sides: Vec::new(), models: Vec::new() };
        for side in &self.sides {
            let models = models(&side.law)?;
            let as_of = side.law.day(self.as_of);
            let variant = Variant { regime: &side.law.regime, settings: &side.settings, as_of };
            let table = apply(variant, &models).coverage();
            found.sides.push(Covered { side: side.text(), counts: table.counts() });
            for (at, (model, truth)) in table.rows().enumerate() {
                if found.models.len() <= at {
                    let developers = models.developers_of(model).map(str::to_owned).collect();
                    let (name, published) = (model.name.clone(), model.published);
                    found.models.push(Answered { model: name, developers, published, answers: Vec::new() });
                }
                // Every law reads the same rows of the same data set.
                found.models[at].answers.push(truth);
            }
        }
        Ok(found)
    }
}

/// What every side makes of the data set.
#[derive(Debug, Serialize)]
pub(crate) struct Answers {
    pub(crate) sides: Vec<Covered>,
    /// Every model, in the order of the data set.
    pub(crate) models: Vec<Answered>,
}

/// Whom one side covers.
#[derive(Debug, Serialize)]
pub(crate) struct Covered {
    /// The law, and how its open points are settled.
    pub(crate) side: String,
    #[serde(flatten)]
    pub(crate) counts: Counts,
}

/// A model, and what every side makes of it.
#[derive(Debug, Serialize)]
pub(crate) struct Answered {
    pub(crate) model: String,
    pub(crate) developers: Vec<String>,
    pub(crate) published: Option<Date>,
    /// In the order of the sides.
    pub(crate) answers: Vec<Truth>,
}

impl Answered {
    /// Returns whether the sides answer differently.
    pub(crate) fn differs(&self) -> bool {
        self.answers.windows(2).any(|pair| pair[0] != pair[1])
    }

    /// Returns whether one side covers it and another does not, whatever is unknown.
    pub(crate) fn differs_certainly(&self) -> bool {
        self.answers.contains(&Truth::True) && self.answers.contains(&Truth::False)
    }
}

impl Answers {
    /// Returns every model with each answer as CSV.
    pub(crate) fn csv(&self) -> String {
        let mut heading = vec!["model", "developers", "published"];
        heading.extend(self.sides.iter().map(|side| side.side.as_str()));
        let mut csv = Csv::new(&heading);
        for model in &self.models {
            let published = model.published.map(|day| day.to_string()).unwrap_or_default();
            let mut cells = vec![model.model.clone(), model.developers.join("; "), published];
            cells.extend(model.answers.iter().map(|truth| word(*truth).to_owned()));
            csv.row(&cells);
        }
        csv.into_text()
    }
}
