//! What a change does: several settings side by side, an old law and a new one.

use jiff::civil::Date;
use serde::Serialize;

use super::data::{Model, Models};
use super::table::{Applied, Counts, Tally, Variant, apply, count};
use crate::formula::{Connective, Formula};
use crate::missing::{Goal, GoalError, may_hold};
use crate::truth::Truth;

/// Most models that are named for a duty.
const MAX_EXAMPLES: usize = 5;

/// Several laws, or settings of one, applied to the same models.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Comparison {
    /// Each with its name and its counts, in the order given.
    pub sides: Vec<Side>,
    /// The models that they answer differently.
    pub differing: Vec<Differing>,
}

/// One side of a comparison.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Side {
    /// Its name.
    pub name: String,
    /// Whom it covers.
    #[serde(flatten)]
    pub counts: Counts,
}

/// A model that several laws answer differently.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Differing {
    /// Name of the model.
    pub model: String,
    /// The answers, in the order of the sides.
    pub answers: Vec<Truth>,
}

/// Applies several laws, or settings of one, to the same models. All must have been read for the
/// regimes given, from the same data set.
pub fn compare(sides: &[(&str, Variant<'_>, &Models)], goal: Goal<'_>) -> Result<Comparison, GoalError> {
    let mut found = Vec::new();
    let mut answers: Vec<Vec<Truth>> = Vec::new();
    for (name, variant, models) in sides {
        let table = apply(*variant, models).table(goal).ok_or_else(|| goal.unknown(variant.regime))?;
        answers.push(table.rows().map(|(_, truth)| truth).collect());
        found.push(Side { name: (*name).to_owned(), counts: table.counts() });
    }
    let models = sides.first().map(|(_, _, models)| models.all()).unwrap_or_default();
    let rows = models.iter().enumerate().map(|(at, model)| {
        let of = |answers: &Vec<Truth>| answers.get(at).copied().unwrap_or(Truth::Undetermined);
        Differing { model: model.name.clone(), answers: answers.iter().map(of).collect() }
    });
    let differing = rows.filter(|row| row.answers.windows(2).any(|pair| pair[0] != pair[1])).collect();
    Ok(Comparison { sides: found, differing })
}

/// What a new law, or setting, changes for the models of a data set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Whom the old one covers.
    pub old: Counts,
    /// Whom the new one covers.
    pub new: Counts,
    /// How many models become covered that were not.
    pub newly_covered: Bounds,
    /// How many models are no longer covered that were.
    pub no_longer_covered: Bounds,
    /// The models whose answer changes, in the order of the data set.
    pub changes: Vec<Change>,
    /// The duties that change for some model, in the order of the regimes.
    pub duties: Vec<DutyChange>,
}

/// A count of which a part rests on figures that are not known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Bounds {
    /// Certainly so many.
    pub at_least: usize,
    /// With all for which it cannot be excluded.
    pub at_most: usize,
}

/// A model whose answer changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// Its name.
    pub model: String,
    /// Its developers.
    pub developers: Vec<String>,
    /// The day of its publication, where known.
    pub published: Option<Date>,
    /// Whether the old law covers it.
    pub old: Truth,
    /// Whether the new law covers it.
    pub new: Truth,
}

/// A duty that is owed otherwise than before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DutyChange {
    /// Id of the duty.
    pub duty: String,
    /// Of how many models the old law asks it; none where it has no such duty.
    pub old: Option<Tally>,
    /// Of how many models the new law asks it; none where it has no such duty.
    pub new: Option<Tally>,
    /// Models of which it is newly asked: the first few.
    pub newly_owed: Vec<String>,
    /// Models of which it is no longer asked: the first few.
    pub no_longer_owed: Vec<String>,
}

/// Compares an old law, or setting, with a new one. The models were read for each of the two regimes,
/// from the same data set; where these have the same facts, one copy serves both.
pub fn difference(
    old: Variant<'_>,
    new: Variant<'_>,
    old_models: &Models,
    new_models: &Models,
) -> Difference {
    let (before, after) = (apply(old, old_models), apply(new, new_models));
    let answers =
        |applied: &Applied<'_>| applied.coverage().rows().map(|(_, truth)| truth).collect::<Vec<_>>();
    let (was, is) = (answers(&before), answers(&after));
    let mut found = Difference {
        old: count(old_models, &was),
        new: count(new_models, &is),
        newly_covered: Bounds::default(),
        no_longer_covered: Bounds::default(),
        changes: Vec::new(),
        duties: duties(&before, &after),
    };
    let joint = Joint::new(old, new);
    for ((model, was), is) in old_models.all().iter().zip(was).zip(is) {
        let (newly, no_longer) = joint.possible(model, was, is);
        found.newly_covered.add(was == Truth::False && is == Truth::True, newly);
        found.no_longer_covered.add(was == Truth::True && is == Truth::False, no_longer);
        if was != is {
            found.changes.push(Change {
                model: model.name.clone(),
                developers: old_models.developers_of(model).map(str::to_owned).collect(),
                published: model.published,
                old: was,
                new: is,
            });
        }
    }
    found
}

impl Bounds {
    fn add(&mut self, certain: bool, possible: bool) {
        self.at_least += usize::from(certain);
        self.at_most += usize::from(certain || possible);
    }
}

/// Both laws in one graph, so that what is not known of a model is the same under both.
struct Joint<'v> {
    old: Variant<'v>,
    new: Variant<'v>,
    /// The graph, and the conditions of becoming covered and of being covered no longer.
    formula: Option<(Formula<'v>, [usize; 2])>,
}

impl<'v> Joint<'v> {
    fn new(old: Variant<'v>, new: Variant<'v>) -> Self {
        let pair = Formula::pair((old.regime, old.as_of), (new.regime, new.as_of));
        let formula = pair.map(|(mut formula, [was, is])| {
            let was_not = formula.add(Connective::Not(was));
            let is_not = formula.add(Connective::Not(is));
            let newly = formula.add(Connective::All(vec![was_not, is]));
            let no_longer = formula.add(Connective::All(vec![was, is_not]));
            (formula, [newly, no_longer])
        });
        Self { old, new, formula }
    }

    /// Returns whether the model may become covered, and whether it may be covered no longer.
    fn possible(&self, model: &Model, was: Truth, is: Truth) -> (bool, bool) {
        if was != Truth::Undetermined && is != Truth::Undetermined {
            return (was == Truth::False && is == Truth::True, was == Truth::True && is == Truth::False);
        }
        let Some((formula, [newly, no_longer])) = &self.formula else {
            return (was != Truth::True && is != Truth::False, was != Truth::False && is != Truth::True);
        };
        let mut given = self.old.given().with(self.new.regime, self.new.settings, self.new.as_of);
        for (fact, known) in given.facts.iter_mut().zip(&model.facts) {
            *fact = known;
        }
        (may_hold(formula, &given, *newly), may_hold(formula, &given, *no_longer))
    }
}

fn duties(before: &Applied<'_>, after: &Applied<'_>) -> Vec<DutyChange> {
    let mut ids: Vec<&str> = before.duties().collect();
    ids.extend(after.duties().filter(|id| !before.duties().any(|known| known == *id)));
    let change = |id: &str| {
        let (old, new) = (before.table(Goal::Duty(id)), after.table(Goal::Duty(id)));
        let rows = before.models().all().iter().enumerate().map(|(at, model)| {
            let of = |table: &Option<super::table::Table>| {
                table.as_ref().and_then(|table| table.answer(at)).unwrap_or(Truth::False)
            };
            (model, of(&old), of(&new))
        });
        let named = |wanted: fn(Truth, Truth) -> bool| {
            let named = rows.clone().filter(|(_, old, new)| wanted(*old, *new));
            named.map(|(model, ..)| model.name.clone()).take(MAX_EXAMPLES).collect::<Vec<_>>()
        };
        let newly_owed = named(|old, new| old != Truth::True && new == Truth::True);
        let no_longer_owed = named(|old, new| old == Truth::True && new != Truth::True);
        let (old, new) = (old.map(|table| table.total()), new.map(|table| table.total()));
        (old != new || !newly_owed.is_empty() || !no_longer_owed.is_empty()).then(|| DutyChange {
            duty: id.to_owned(),
            old,
            new,
            newly_owed,
            no_longer_owed,
        })
    };
    ids.into_iter().filter_map(change).collect()
}
