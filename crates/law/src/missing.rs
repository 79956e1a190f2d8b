//! What would settle an open answer: smallest sets of facts, and the fact to ask first.
//!
//! A set of open facts (unknown, within an interval, disputed) is *sufficient* if the answer is settled
//! once each of them is known exactly, whatever the values turn out to be; open switches count like
//! facts. Conditions that compare one fact with constants are looked at together, by the regions
//! between the constants. Every other open condition counts as true or false independently of the
//! rest, once all that it looks at is known: a set found sufficient is sufficient; where conditions
//! hang together in other ways, a smaller one may exist.

mod regions;
#[cfg(test)]
mod tests;

use jiff::civil::Date;

use self::regions::{is_simple, truth_at, values};
use crate::assess::context;
use crate::expression::{Candidate, Context};
use crate::facts_file::FactError;
use crate::formula::{Cone, Formula, Gate, Given, Input, Test, is_exact};
use crate::record::Record;
use crate::regime::Regime;
use crate::settings::SwitchSettings;
use crate::truth::{Because, Truth};

/// Most evaluations of one search. Beyond it, what is not yet found counts as not found.
const MAX_STEPS: usize = 1 << 16;
/// Most sets that are given, and most open facts of which every choice is looked at.
const MAX_SETS: usize = 64;
const MAX_CHOSEN: usize = 16;

/// Which answer is to be settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Goal<'g> {
    /// Whether the law covers the subject.
    Coverage,
    /// Whether the subject belongs to a class.
    Class(&'g str),
    /// Whether a duty is owed.
    Duty(&'g str),
}

/// Why the question cannot be asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GoalError {
    /// The record does not fit the regime.
    #[error(transparent)]
    Fact(#[from] FactError),
    /// The regime has no such class or duty.
    #[error("regime `{regime}` has no {what} `{id}`; `kanae law show {regime}` lists them")]
    Unknown {
        /// Id of the regime.
        regime: String,
        /// `class` or `duty`.
        what: &'static str,
        /// The id found.
        id: String,
    },
}

/// The smallest sets of open facts that settle an answer.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct MissingSets {
    /// The answer as it stands; where it is settled, there are no sets.
    pub truth: Truth,
    /// The sets, each sufficient; smaller ones first, otherwise in the order of the regime's facts. No
    /// proper subset of one was found sufficient.
    pub sets: Vec<Because>,
    /// Whether the search ended by itself. Otherwise the bound was reached (65,536 evaluations, 64 sets,
    /// 16 facts that may be left out): there may be more sets, or smaller ones.
    pub exhaustive: bool,
}

/// Returns the smallest sets of open facts and switches that settle an answer.
pub fn missing_sets(
    regime: &Regime,
    settings: &SwitchSettings,
    record: &Record,
    as_of: Date,
    goal: Goal<'_>,
) -> Result<MissingSets, GoalError> {
    let context = context(regime, settings, record, as_of)?;
    let formula = Formula::new(regime, as_of);
    let given = Given::record(regime, settings, &context);
    let gate = goal.gate(&formula).ok_or_else(|| goal.unknown(regime))?;
    let open = Open::new(&formula, &given, Some(&context), gate);
    if open.truth != Truth::Undetermined {
        return Ok(MissingSets { truth: open.truth, sets: Vec::new(), exhaustive: true });
    }
    let (sets, exhaustive) = open.smallest();
    Ok(MissingSets { truth: open.truth, sets: sets.iter().map(|set| open.named(*set)).collect(), exhaustive })
}

/// Returns whether a condition that is open may turn out to hold, whatever is not known.
pub(crate) fn may_hold(formula: &Formula<'_>, given: &Given<'_>, goal: Gate) -> bool {
    let open = Open::new(formula, given, None, goal);
    match open.truth {
        Truth::Undetermined => open.may_hold(),
        settled => settled == Truth::True,
    }
}

/// Returns the open fact to ask first. None where the answer is settled, or only the law keeps it open.
pub fn next_question(
    regime: &Regime,
    settings: &SwitchSettings,
    record: &Record,
    as_of: Date,
    goal: Goal<'_>,
) -> Result<Option<String>, GoalError> {
    Ok(questions(regime, settings, record, as_of, goal)?.into_iter().next())
}

/// Returns the open facts in the order in which to ask them: those of which some value settles the
/// answer alone, then those that stand in most conditions, then the regime's order. An interview goes
/// down the list past what the person asked does not know.
pub fn questions(
    regime: &Regime,
    settings: &SwitchSettings,
    record: &Record,
    as_of: Date,
    goal: Goal<'_>,
) -> Result<Vec<String>, GoalError> {
    let context = context(regime, settings, record, as_of)?;
    let formula = Formula::new(regime, as_of);
    let given = Given::record(regime, settings, &context);
    let gate = goal.gate(&formula).ok_or_else(|| goal.unknown(regime))?;
    let open = Open::new(&formula, &given, Some(&context), gate);
    Ok(open.ranked().into_iter().map(str::to_owned).collect())
}

impl Goal<'_> {
    /// Returns the condition that the goal stands for; none where the regime has no such rule.
    pub(crate) fn gate(self, formula: &Formula<'_>) -> Option<Gate> {
        let regime = formula.regime();
        match self {
            Self::Coverage => Some(formula.coverage),
            Self::Class(id) => {
                let at = regime.classes.iter().position(|class| class.id == id)?;
                formula.classes.get(at).copied()
            }
            Self::Duty(id) => {
                let at = regime.duties.iter().position(|duty| duty.id == id)?;
                formula.duties.get(at).copied()
            }
        }
    }

    pub(crate) fn unknown(self, regime: &Regime) -> GoalError {
        let (what, id) = match self {
            Self::Coverage => ("coverage", ""),
            Self::Class(id) => ("class", id),
            Self::Duty(id) => ("duty", id),
        };
        GoalError::Unknown { regime: regime.id.clone(), what, id: id.chars().take(64).collect() }
    }
}

/// Places of items in [`Open::items`]: a set of them, one bit each.
type Set = u128;
/// Most open facts that are told apart.
const MAX_ITEMS: usize = 128;

/// What an open answer rests on: the conditions that are open themselves, and what they look at.
struct Open {
    truth: Truth,
    /// The open part of the graph.
    cone: Cone,
    items: Vec<Item>,
    variables: Vec<Variable>,
    /// Whether there are more open facts than are told apart.
    cut: bool,
}

/// What an open condition looks at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Asked {
    Input(Input),
    /// An attribute that a statement on record leaves out: `incident.death`.
    Attribute(String),
}

/// Returns what keeps a condition about statements, or the time of a duty, open.
fn others(test: &Test<'_>, formula: &Formula<'_>, given: &Given<'_>) -> Vec<Asked> {
    let mut open = Because::default();
    match test {
        Test::Event(pattern) => {
            let context = given.context.into_iter();
            for (_, _, because) in
                context.flat_map(|context| context.matching(std::slice::from_ref(*pattern)))
            {
                open.add(&because);
            }
        }
        Test::Lasts(duty) => open = given.lasts(duty).1,
        _ => {}
    }
    let Because { missing, disputed, unsettled } = open;
    let facts = missing.iter().chain(&disputed).map(|name| match formula.fact(name) {
        Some(fact) => Asked::Input(fact),
        None => Asked::Attribute(name.to_string()),
    });
    let switches = unsettled.iter().filter_map(|id| formula.switch(id)).map(Asked::Input);
    facts.chain(switches).collect()
}

/// An open fact or switch.
struct Item {
    name: String,
    because: Because,
    /// How many open conditions look at it.
    conditions: usize,
    is_fact: bool,
}

/// Conditions that become settled together.
struct Variable {
    /// All of these must be known.
    needs: Set,
    /// What the conditions may turn out to be.
    options: Vec<Vec<(usize, Truth)>>,
}

impl Open {
    fn new(formula: &Formula<'_>, given: &Given<'_>, context: Option<&Context<'_>>, goal: Gate) -> Self {
        let truths = formula.truths(&formula.leaf_truths(given));
        let settled = |gate: Gate| truths.get(gate).copied().filter(|truth| *truth != Truth::Undetermined);
        let truth = truths.get(goal).copied().unwrap_or(Truth::Undetermined);
        let mut open = Self {
            truth,
            cone: formula.part(goal, &settled),
            items: Vec::new(),
            variables: Vec::new(),
            cut: false,
        };
        if truth == Truth::Undetermined {
            open.collect(formula, given, context);
        }
        open
    }

    /// Finds what the open leaves look at, and what becomes of them once it is known.
    fn collect(&mut self, formula: &Formula<'_>, given: &Given<'_>, context: Option<&Context<'_>>) {
        let leaves = self.cone.leaves().to_vec();
        let looks_at: Vec<Vec<Asked>> = leaves
            .iter()
            .map(|leaf| {
                let leaf = &formula.leaves()[*leaf];
                let inputs = leaf.inputs.iter().copied().filter(|input| !is_exact(given.input(*input)));
                inputs.map(Asked::Input).chain(others(&leaf.test, formula, given)).collect()
            })
            .collect();
        let mut open: Vec<Asked> = looks_at.iter().flatten().cloned().collect();
        open.sort_unstable();
        open.dedup();
        self.cut = open.len() > MAX_ITEMS;
        open.truncate(MAX_ITEMS);
        let needs: Vec<Set> = looks_at
            .iter()
            .map(|asked| {
                let places = asked.iter().filter_map(|asked| open.binary_search(asked).ok());
                places.fold(0, |set: Set, item| set | 1 << item)
            })
            .collect();
        for (at, asked) in open.iter().enumerate() {
            let conditions = needs.iter().filter(|needs| *needs & 1 << at != 0).count();
            let (name, is_switch) = match asked {
                Asked::Input(input) => {
                    let name = formula.input(*input).map_or("", |(name, _)| name);
                    (name.to_owned(), matches!(input, Input::Switch(_)))
                }
                Asked::Attribute(name) => (name.clone(), false),
            };
            let state =
                context.and_then(|context| Some((context, context.facts[context.fact(&name)?].as_ref()?)));
            let because = match state {
                _ if is_switch => Because::unsettled(&name),
                Some((context, term)) => context.names.because(&term.open),
                None => Because::missing(&name),
            };
            self.items.push(Item { name, because, conditions, is_fact: !is_switch });
        }
        let mut together: Vec<Vec<(usize, &Test<'_>)>> = vec![Vec::new(); open.len()];
        for (at, leaf) in leaves.iter().enumerate() {
            let found = &formula.leaves()[*leaf];
            let needs = needs[at];
            if needs.is_power_of_two()
                && let Some(Asked::Input(input)) = open.get(needs.trailing_zeros() as usize)
                && is_simple(&found.test, *input, given)
            {
                together[needs.trailing_zeros() as usize].push((at, &found.test));
                continue;
            }
            let mut options = vec![vec![(at, Truth::True)], vec![(at, Truth::False)]];
            if found.divides() || needs == 0 {
                options.push(Vec::new());
            }
            self.variables.push(Variable { needs, options });
        }
        for (item, (tests, asked)) in together.iter().zip(&open).enumerate() {
            let Asked::Input(input) = asked else { continue };
            if tests.is_empty() {
                continue;
            }
            let needs = 1 << item;
            let kind = formula.input(*input).map(|(_, kind)| kind);
            match kind.and_then(|kind| values(kind, *input, given, tests)) {
                Some(values) => {
                    let outcome = |value: &Candidate| {
                        let truth =
                            |(at, test): &(usize, &Test<'_>)| (*at, truth_at(test, *input, value, given));
                        tests.iter().map(truth).collect::<Vec<_>>()
                    };
                    let mut options: Vec<Vec<(usize, Truth)>> = Vec::new();
                    for option in values.iter().map(outcome) {
                        if !options.contains(&option) {
                            options.push(option);
                        }
                    }
                    self.variables.push(Variable { needs, options });
                }
                None => self.variables.extend(tests.iter().map(|(at, _)| Variable {
                    needs,
                    options: vec![vec![(*at, Truth::True)], vec![(*at, Truth::False)]],
                })),
            }
        }
        // What settles most at once is tried first, so that branches end early.
        self.variables
            .sort_by_key(|variable| std::cmp::Reverse(variable.options.first().map_or(0, Vec::len)));
    }

    /// Returns whether the goal may turn out to be true. Where the bound is reached, it may.
    fn may_hold(&self) -> bool {
        let known: Vec<&Variable> = self.variables.iter().collect();
        let mut leaves = vec![Truth::Undetermined; self.cone.leaves().len()];
        let mut steps = MAX_STEPS;
        self.reaches(&known, &mut leaves, &mut Vec::new(), &mut steps)
    }

    fn reaches(
        &self,
        known: &[&Variable],
        leaves: &mut Vec<Truth>,
        gates: &mut Vec<Truth>,
        steps: &mut usize,
    ) -> bool {
        *steps = steps.saturating_sub(1);
        match self.cone.goal(leaves, gates) {
            Truth::True => return true,
            Truth::False => return false,
            Truth::Undetermined => {}
        }
        let Some((variable, rest)) = known.split_first().filter(|_| *steps > 0) else { return true };
        variable.options.iter().any(|option| {
            for (leaf, truth) in option {
                leaves[*leaf] = *truth;
            }
            let reached = self.reaches(rest, leaves, gates, steps);
            for (leaf, _) in option {
                leaves[*leaf] = Truth::Undetermined;
            }
            reached
        })
    }

    /// Returns whether knowing these items settles the goal whatever they turn out to be; nothing where
    /// the bound is reached first.
    fn sufficient(&self, set: Set, steps: &mut usize) -> Option<bool> {
        let known: Vec<&Variable> =
            self.variables.iter().filter(|variable| variable.needs & !set == 0).collect();
        let mut leaves = vec![Truth::Undetermined; self.cone.leaves().len()];
        self.settles(&known, &mut leaves, &mut Vec::new(), steps)
    }

    fn settles(
        &self,
        known: &[&Variable],
        leaves: &mut Vec<Truth>,
        gates: &mut Vec<Truth>,
        steps: &mut usize,
    ) -> Option<bool> {
        *steps = steps.checked_sub(1)?;
        if self.cone.goal(leaves, gates) != Truth::Undetermined {
            return Some(true);
        }
        let Some((variable, rest)) = known.split_first() else { return Some(false) };
        for option in &variable.options {
            for (leaf, truth) in option {
                leaves[*leaf] = *truth;
            }
            let settled = self.settles(rest, leaves, gates, steps);
            for (leaf, _) in option {
                leaves[*leaf] = Truth::Undetermined;
            }
            if settled != Some(true) {
                return settled;
            }
        }
        Some(true)
    }

    /// Finds the smallest sufficient sets, and says whether the search ended by itself.
    fn smallest(&self) -> (Vec<Set>, bool) {
        let whole: Set = (0..self.items.len()).fold(0, |set, item| set | 1 << item);
        let mut steps = MAX_STEPS;
        let mut exhaustive = !self.cut;
        // What no sufficient set can do without. A proof that breaks off shows nothing either way.
        let mut spare = Vec::new();
        for item in 0..self.items.len() {
            match self.sufficient(whole & !(1 << item), &mut steps) {
                Some(true) => spare.push(item),
                Some(false) => {}
                None => {
                    exhaustive = false;
                    break;
                }
            }
        }
        if spare.len() > MAX_CHOSEN {
            exhaustive = false;
            spare.truncate(MAX_CHOSEN);
        }
        let core = spare.iter().fold(whole, |set, item| set & !(1 << item));
        let mut found: Vec<Set> = Vec::new();
        let mut choices: Vec<u32> = (0..1_u32 << spare.len()).collect();
        choices.sort_by_key(|choice| choice.count_ones());
        for choice in choices {
            let chosen = spare.iter().enumerate().filter(|(at, _)| choice & 1 << at != 0);
            let set = chosen.fold(core, |set, (_, item)| set | 1 << item);
            if found.iter().any(|smaller| smaller & !set == 0) {
                continue;
            }
            if found.len() == MAX_SETS {
                exhaustive = false;
                break;
            }
            match self.sufficient(set, &mut steps) {
                Some(true) => found.push(set),
                Some(false) => {}
                None => {
                    exhaustive = false;
                    break;
                }
            }
        }
        if found.is_empty() {
            found.push(whole);
        }
        found.sort_by_key(|set| (set.count_ones(), std::cmp::Reverse(set.reverse_bits())));
        (found, exhaustive)
    }

    fn named(&self, set: Set) -> Because {
        let mut named = Because::default();
        for (at, item) in self.items.iter().enumerate() {
            if set & 1 << at != 0 {
                named.add(&item.because);
            }
        }
        named
    }

    /// Returns the facts in the order in which to ask them.
    fn ranked(&self) -> Vec<&str> {
        let settles_alone = |item: usize| {
            let mut gates = Vec::new();
            self.variables.iter().filter(|variable| variable.needs == 1 << item).any(|variable| {
                variable.options.iter().any(|option| {
                    let mut leaves = vec![Truth::Undetermined; self.cone.leaves().len()];
                    for (leaf, truth) in option {
                        leaves[*leaf] = *truth;
                    }
                    self.cone.goal(&leaves, &mut gates) != Truth::Undetermined
                })
            })
        };
        let mut facts: Vec<_> = self.items.iter().enumerate().filter(|(_, item)| item.is_fact).collect();
        facts.sort_by_cached_key(|(at, item)| (!settles_alone(*at), std::cmp::Reverse(item.conditions), *at));
        facts.into_iter().map(|(_, item)| item.name.as_str()).collect()
    }
}
