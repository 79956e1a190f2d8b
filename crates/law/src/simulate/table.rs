//! A regime applied to every model, and what comes out, counted.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;

use super::data::{Model, Models};
use crate::formula::{Formula, Given};
use crate::missing::Goal;
use crate::regime::Regime;
use crate::settings::SwitchSettings;
use crate::truth::Truth;

/// A law as it is to be applied.
#[derive(Debug, Clone, Copy)]
pub struct Variant<'v> {
    /// The regime.
    pub regime: &'v Regime,
    /// How its open issues are settled.
    pub settings: &'v SwitchSettings,
    /// The day, in the regime's own time zone.
    pub as_of: Date,
}

impl<'v> Variant<'v> {
    pub(crate) fn given(&self) -> Given<'v> {
        Given::settings(self.regime, self.settings, self.as_of)
    }
}

/// Models, developers or countries counted by what the rules make of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// The law covers them: the lower bound.
    pub covered: usize,
    /// Figures are missing, or the law is not settled: with them, the upper bound.
    pub undetermined: usize,
    /// The law does not cover them.
    pub not_covered: usize,
}

impl Tally {
    fn add(&mut self, truth: Truth) {
        match truth {
            Truth::True => self.covered += 1,
            Truth::Undetermined => self.undetermined += 1,
            Truth::False => self.not_covered += 1,
        }
    }

    /// Returns how many are counted.
    pub fn total(self) -> usize {
        self.covered + self.undetermined + self.not_covered
    }

    /// Returns how many are covered at most.
    pub fn at_most(self) -> usize {
        self.covered + self.undetermined
    }
}

/// All that is counted of one answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Models.
    pub models: Tally,
    /// Developers: covered with any of their models.
    pub developers: Tally,
    /// Countries: covered with any of their developers' models.
    pub countries: Tally,
    /// The first day on which a model that is covered was published.
    pub first: Option<Date>,
    /// The same, with models counted that may be covered.
    pub first_possible: Option<Date>,
}

/// Counts answers, one for each model.
pub(crate) fn count(models: &Models, truths: &[Truth]) -> Counts {
    let mut counts = Counts::default();
    let mut developers = vec![None; models.developers().len()];
    let mut countries = vec![None; models.countries().len()];
    let earlier = |known: &mut Option<Date>, day: Option<Date>| {
        if day.is_some_and(|day| known.is_none_or(|known| day < known)) {
            *known = day;
        }
    };
    for (model, truth) in models.all().iter().zip(truths) {
        counts.models.add(*truth);
        join(&mut developers, &model.developers, *truth);
        join(&mut countries, &model.countries, *truth);
        if *truth == Truth::True {
            earlier(&mut counts.first, model.published);
        }
        if *truth != Truth::False {
            earlier(&mut counts.first_possible, model.published);
        }
    }
    developers.into_iter().flatten().for_each(|truth| counts.developers.add(truth));
    countries.into_iter().flatten().for_each(|truth| counts.countries.add(truth));
    counts
}

fn join(groups: &mut [Option<Truth>], places: &[usize], truth: Truth) {
    for place in places {
        if let Some(group) = groups.get_mut(*place) {
            *group = Some(group.map_or(truth, |known: Truth| known.or(truth)));
        }
    }
}

/// One answer for every model of a data set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    models: Models,
    truths: Vec<Truth>,
}

impl Table {
    /// Returns the models with their answers, in the order of the data set.
    pub fn rows(&self) -> impl Iterator<Item = (&Model, Truth)> {
        self.models.all().iter().zip(self.truths.iter().copied())
    }

    /// Returns the answer for the model at a place of the data set.
    pub fn answer(&self, at: usize) -> Option<Truth> {
        self.truths.get(at).copied()
    }

    /// Counts the models by year of publication.
    pub fn by_year(&self) -> BTreeMap<i16, Tally> {
        let mut found: BTreeMap<i16, Tally> = BTreeMap::new();
        for (model, truth) in self.rows() {
            if let Some(year) = model.year {
                found.entry(year).or_default().add(truth);
            }
        }
        found
    }

    /// Counts the models by country; one with developers in several countries counts in each.
    pub fn by_country(&self) -> BTreeMap<&str, Tally> {
        self.by(self.models.countries(), |model| &model.countries)
    }

    /// Counts the models by developer; one of several developers counts for each.
    pub fn by_developer(&self) -> BTreeMap<&str, Tally> {
        self.by(self.models.developers(), |model| &model.developers)
    }

    fn by<'t>(&'t self, names: &'t [String], of: impl Fn(&Model) -> &[usize]) -> BTreeMap<&'t str, Tally> {
        let mut found: BTreeMap<&str, Tally> = BTreeMap::new();
        for (model, truth) in self.rows() {
            for name in of(model).iter().filter_map(|at| names.get(*at)) {
                found.entry(name).or_default().add(truth);
            }
        }
        found
    }

    /// Counts all models.
    pub fn total(&self) -> Tally {
        self.counts().models
    }

    /// Counts models, developers and countries.
    pub fn counts(&self) -> Counts {
        count(&self.models, &self.truths)
    }
}

/// What a law makes of every model of a data set.
#[derive(Debug)]
pub struct Applied<'v> {
    formula: Formula<'v>,
    models: Models,
    /// For each model, the truth of every gate.
    truths: Vec<Vec<Truth>>,
}

/// Applies a law to every model of a data set.
pub fn apply<'v>(variant: Variant<'v>, models: &Models) -> Applied<'v> {
    let formula = Formula::new(variant.regime, variant.as_of);
    let mut given = variant.given();
    let mut truths = Vec::with_capacity(models.all().len());
    for model in models.all() {
        for (fact, known) in given.facts.iter_mut().zip(&model.facts) {
            *fact = known;
        }
        truths.push(formula.truths(&formula.leaf_truths(&given)));
    }
    Applied { formula, models: models.clone(), truths }
}

impl Applied<'_> {
    /// Returns the answers to one question; nothing where the regime has no such class or duty.
    pub fn table(&self, target: Goal<'_>) -> Option<Table> {
        let gate = target.gate(&self.formula)?;
        let truths = self.truths.iter().map(|truths| truths[gate]).collect();
        Some(Table { models: self.models.clone(), truths })
    }

    /// Returns the models.
    pub fn models(&self) -> &Models {
        &self.models
    }

    /// Returns the ids of the regime's duties, in its order.
    pub fn duties(&self) -> impl Iterator<Item = &str> {
        self.formula.regime().duties.iter().map(|duty| duty.id.as_str())
    }

    /// Returns whether the law covers each model.
    pub fn coverage(&self) -> Table {
        let gate = self.formula.coverage;
        let truths = self.truths.iter().map(|truths| truths[gate]).collect();
        Table { models: self.models.clone(), truths }
    }

    /// Returns whether each model belongs to the regime's last class, the most demanding one.
    pub fn last_class(&self) -> Option<Table> {
        let last = self.formula.regime().classes.iter().rev().find(|class| !class.auxiliary)?;
        self.table(Goal::Class(&last.id))
    }
}
