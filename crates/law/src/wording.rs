//! The answer of a law in words: why a law covers a subject, why a duty is owed and until when, what
//! the State may do, how high a penalty could be.
//!
//! A sentence names only what decides: of alternatives that hold, one that suffices; of conditions
//! that fail together, those that fail; of what is open, what keeps it open. All texts are plain
//! text in the words of the regime's own labels.

mod clause;
mod deadline;
mod describe;
mod en;
mod figures;
mod formula;
mod ja;
mod parts;

use std::collections::BTreeMap;

use crate::assessment::{
    Assessment, ClassResult, Coverage, DutyResult, Money, PenaltyResult, PowerResult, Status,
};
use jiff::civil::Date;

use crate::expression::{self, EventPattern, Expression};
use crate::record::Source;
use crate::regime::{Applies, AttributeSchema, Procedure, Regime, Text, ValueKind};
use crate::settings::SwitchSettings;
use crate::truth::Truth;
use clause::{Clause, What};
pub(crate) use describe::Described;
pub use figures::{day, instant};
pub(crate) use figures::{unit, value};
use parts::Parts;

/// A language of texts for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Language {
    /// Japanese.
    Ja,
    /// English.
    En,
}

impl Language {
    /// Returns the text of this language.
    pub fn pick<'t>(self, ja: &'t str, en: &'t str) -> &'t str {
        match self {
            Self::Ja => ja,
            Self::En => en,
        }
    }

    /// Writes quotation marks within quotation marks as the language has them.
    fn nested(self, text: &str) -> String {
        let (open, close, inner_open, inner_close) = match self {
            Self::Ja => ('「', '」', '『', '』'),
            Self::En => ('“', '”', '‘', '’'),
        };
        let mut depth = 0_usize;
        let mut nested = String::with_capacity(text.len());
        for character in text.chars() {
            if character == close {
                depth = depth.saturating_sub(1);
            }
            nested.push(match character {
                c if c == open && depth > 0 => inner_open,
                c if c == close && depth > 0 => inner_close,
                c => c,
            });
            if character == open {
                depth += 1;
            }
        }
        nested
    }

    fn part_of(self, share: &str, whole: &str) -> String {
        match self {
            Self::Ja => format!("{whole}の{share}"),
            Self::En => format!("{share} of {whole}"),
        }
    }

    fn quoted(self, text: &str) -> String {
        match self {
            Self::Ja => format!("「{text}」"),
            Self::En => format!("“{text}”"),
        }
    }
}

impl Text {
    /// Returns the text in a language.
    pub fn get(&self, language: Language) -> &str {
        language.pick(&self.ja, &self.en)
    }
}

/// What a sentence calls things that lie outside the regime.
#[derive(Clone, Copy)]
pub struct Names<'n> {
    /// Names the source of a fact, as in `reported by Example AI, entry 12`.
    pub source: &'n dyn Fn(&Source) -> String,
    /// Names a kind of statement, as in `notification`; none: its own name is shown.
    pub statement: &'n dyn Fn(&str) -> Option<String>,
}

impl std::fmt::Debug for Names<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Names")
    }
}

impl Names<'static> {
    /// Names sources by their entry, and statements by their predicate.
    pub fn plain(language: Language) -> Self {
        let source: &'static dyn Fn(&Source) -> String = match language {
            Language::Ja => &|source| format!("記録{}番", source.entry),
            Language::En => &|source| format!("entry {}", source.entry),
        };
        Self { source, statement: &|_| None }
    }
}

/// Puts an assessment into words.
///
/// The assessment may have been recorded under an earlier text of the regime: what the regime does
/// not know any more is named by its id.
#[derive(Debug, Clone, Copy)]
pub struct Wording<'w> {
    pub(super) regime: &'w Regime,
    pub(super) settings: &'w SwitchSettings,
    pub(super) assessment: &'w Assessment,
    pub(super) language: Language,
    pub(super) names: Names<'w>,
}

impl<'w> Wording<'w> {
    /// Begins with an assessment under a regime and settings.
    pub fn new(
        regime: &'w Regime,
        settings: &'w SwitchSettings,
        assessment: &'w Assessment,
        language: Language,
        names: Names<'w>,
    ) -> Self {
        Self { regime, settings, assessment, language, names }
    }

    /// Returns the language.
    pub fn language(&self) -> Language {
        self.language
    }

    /// Says whether the law covers the subject, and why.
    pub fn coverage(&self) -> String {
        if let Some(text) = self.force() {
            return text;
        }
        let head = match (self.language, self.assessment.coverage) {
            (Language::Ja, Coverage::Covered) => "対象となります。",
            (Language::Ja, Coverage::NotCovered) => "対象となりません。",
            (Language::Ja, Coverage::Undetermined) => "対象となるかどうかは、まだ決まりません。",
            (Language::En, Coverage::Covered) => "Covered",
            (Language::En, Coverage::NotCovered) => "Not covered",
            (Language::En, Coverage::Undetermined) => "Undetermined",
        };
        let reason = &self.assessment.reason;
        let article = &self.regime.coverage().article;
        self.sentence(head, Parts::unfolding(self).of(reason, article, Applies::default()))
    }

    /// Says that the law has no force on the day; none where it has.
    pub fn force(&self) -> Option<String> {
        (!self.assessment.force.is_in_force()).then(|| {
            let clause = clause::no_text(self.regime, self.assessment);
            match self.language {
                Language::Ja => ja::no_force(&clause),
                Language::En => en::no_force(&clause),
            }
        })
    }

    /// Says whether the subject belongs to a class, and why.
    pub fn class(&self, class: &ClassResult) -> String {
        let rule = self.regime.classes().iter().find(|rule| rule.id == class.id);
        let name = self.language.quoted(rule.map_or(class.id.as_str(), |rule| rule.text.get(self.language)));
        let head = match (self.language, class.holds) {
            (Language::Ja, Truth::True) => format!("{name}に当たります。"),
            (Language::Ja, Truth::False) => format!("{name}に当たりません。"),
            (Language::Ja, Truth::Undetermined) => format!("{name}に当たるかどうかは、まだ決まりません。"),
            (Language::En, Truth::True) => format!("In the class {name}"),
            (Language::En, Truth::False) => format!("Not in the class {name}"),
            (Language::En, Truth::Undetermined) => format!("Undetermined whether in the class {name}"),
        };
        let applies = rule.map_or(Applies::default(), |rule| rule.applies);
        self.sentence(&head, Parts::naming(self).of(&class.reason, &class.article, applies))
    }

    /// Says whether a duty is owed, and why.
    pub fn duty(&self, duty: &DutyResult) -> String {
        let head = match (self.language, duty.owed) {
            (Language::Ja, Truth::True) => "義務があります。",
            (Language::Ja, Truth::False) => "義務はまだ生じていません。",
            (Language::Ja, Truth::Undetermined) => "義務があるかどうかは、まだ決まりません。",
            (Language::En, Truth::True) => "Owed",
            (Language::En, Truth::False) => "Not owed",
            (Language::En, Truth::Undetermined) => "Undetermined whether it is owed",
        };
        let applies = self.regime.duty(&duty.id).map_or(Applies::default(), |rule| rule.applies);
        self.sentence(head, Parts::naming(self).of(&duty.reason, &duty.article, applies))
    }

    /// Says until when a duty is to be done and how that day is counted, or why there is none. None
    /// where the duty is not owed or its law names no time.
    pub fn due(&self, duty: &DutyResult) -> Option<String> {
        deadline::due(self, duty)
    }

    /// Says where a duty stands, in few words: advice, never a finding.
    pub fn status(&self, status: Status) -> &'static str {
        let (ja, en) = match status {
            Status::NotYet => ("まだ生じていない", "not yet owed"),
            Status::Open => ("提出待ち", "open"),
            Status::Filed => ("提出済み", "filed"),
            Status::AppearsMet => ("満たす見込み", "appears met"),
            Status::AppearsUnmet => ("満たさない見込み", "appears unmet"),
            Status::Unresolved => ("判定できない", "unresolved"),
            Status::Decided => ("決定済み", "decided"),
        };
        self.language.pick(ja, en)
    }

    /// Says whether the State may use a power, why, and what must come before.
    pub fn power(&self, power: &PowerResult) -> String {
        let rule = self.regime.powers().iter().find(|rule| rule.id == power.id);
        let head = match (self.language, power.available) {
            (Language::Ja, Truth::True) => "行使できます。",
            (Language::Ja, Truth::False) => "行使できません。",
            (Language::Ja, Truth::Undetermined) => "行使できるかどうかは、まだ決まりません。",
            (Language::En, Truth::True) => "Available",
            (Language::En, Truth::False) => "Not available",
            (Language::En, Truth::Undetermined) => "Undetermined whether it is available",
        };
        let applies = rule.map_or(Applies::default(), |rule| rule.applies);
        let mut text = self.sentence(head, Parts::naming(self).of(&power.reason, &power.article, applies));
        let grounds: Vec<_> = power
            .grounds()
            .into_iter()
            .map(|event| {
                let name = self.statement(&event.predicate);
                self.language
                    .pick(
                        &format!("{name}（記録{}番）", event.entry),
                        &format!("{name} (entry {})", event.entry),
                    )
                    .to_owned()
            })
            .collect();
        if !grounds.is_empty() {
            text.push_str(self.language.pick(
                &format!("行使する文書には、根拠となる{}を引用しなければなりません。", grounds.join("、")),
                &format!(" The act has to cite its grounds: {}.", grounds.join(", ")),
            ));
        }
        if power.available != Truth::False {
            text.push_str(&self.procedures(rule.map(|rule| rule.act.as_str())));
        }
        text
    }

    /// Says whether a penalty could be imposed, why, how high it could be, and what must come before.
    pub fn penalty(&self, penalty: &PenaltyResult) -> String {
        let rule = self.regime.penalties().iter().find(|rule| rule.id == penalty.id);
        let head = match (self.language, penalty.applies) {
            (Language::Ja, Truth::True) => "科される可能性があります。",
            (Language::Ja, Truth::False) => "科されません。",
            (Language::Ja, Truth::Undetermined) => "科される可能性があるかどうかは、まだ決まりません。",
            (Language::En, Truth::True) => "Could be imposed",
            (Language::En, Truth::False) => "Could not be imposed",
            (Language::En, Truth::Undetermined) => "Undetermined whether it could be imposed",
        };
        let applies = rule.map_or(Applies::default(), |rule| rule.applies);
        let mut text =
            self.sentence(head, Parts::naming(self).of(&penalty.reason, &penalty.article, applies));
        if penalty.applies != Truth::False {
            if let Some(amount) = self.amount(penalty) {
                text.push_str(self.language.pick("", " "));
                text.push_str(&amount);
            }
            text.push_str(&self.procedures(rule.and_then(|rule| rule.act.as_deref())));
        }
        text
    }

    /// Describes a condition, whatever the record says.
    pub(crate) fn condition(&self, condition: &Expression) -> Described {
        Parts::naming(self).described(condition.source(), condition.root(), true)
    }

    /// Describes a deadline, whatever the record says.
    pub(crate) fn deadline(&self, written: &str) -> String {
        self.language.nested(&deadline::rule(self, written))
    }

    /// Describes until when a law asks for something.
    pub(crate) fn until(&self, written: &str) -> String {
        self.language.nested(&deadline::until(self, written))
    }

    /// Describes the formula of an amount.
    pub(crate) fn maximum(&self, written: &str) -> String {
        let described = expression::parse(written).map(|formula| Parts::naming(self).amount(formula.root()));
        described.unwrap_or_else(|_| written.to_owned())
    }

    /// Names a kind of statement and, in brackets, which of its attributes count.
    pub(crate) fn pattern(&self, written: &str) -> String {
        match expression::parse(written) {
            Ok(pattern) => Parts::naming(self).statements(pattern.root()),
            Err(_) => written.to_owned(),
        }
    }

    /// Says how the largest amount of a penalty comes about. None where the law states none.
    pub fn amount(&self, penalty: &PenaltyResult) -> Option<String> {
        let rule = self.regime.penalties().iter().find(|rule| rule.id == penalty.id)?;
        let expression = expression::parse(rule.maximum.as_deref()?).ok()?;
        let formula = penalty.formula.as_ref()?;
        let (text, settled) =
            Parts::naming(self).formula(expression.root(), formula, penalty.maximum.as_ref());
        let article = self.regime.cited(self.language, &penalty.article);
        let mut said = match self.language {
            Language::Ja => format!("{text}（{article}）。"),
            Language::En => format!("{text} ({article})."),
        };
        said.push_str(&self.settled(&settled));
        Some(said)
    }

    /// Names a fact, or an attribute of an event as in `incident.death`.
    pub fn fact(&self, name: &str) -> String {
        deadline::fact(self, name)
    }

    /// Names a kind of statement.
    fn statement(&self, predicate: &str) -> String {
        let label = self.regime.events().get(predicate).and_then(|event| event.label.as_ref());
        label
            .map(|label| label.get(self.language).to_owned())
            .or_else(|| (self.names.statement)(predicate))
            .unwrap_or_else(|| Text::of_id(predicate).get(self.language).to_owned())
    }

    /// Names an attribute of a statement.
    fn attribute(&self, predicate: &str, name: &str) -> String {
        let label = self.described(predicate, name).map(|known| known.label.clone());
        label.unwrap_or_else(|| Text::of_id(name)).get(self.language).to_owned()
    }

    /// Names a value of an attribute.
    fn attribute_value(&self, predicate: &str, name: &str, id: &str) -> String {
        let values = self.described(predicate, name).map_or(&[][..], |known| &known.values);
        figures::choice(self.language, values, id)
    }

    fn described(&self, predicate: &str, attribute: &str) -> Option<&'w AttributeSchema> {
        self.regime.events.get(predicate)?.attributes.get(attribute)
    }

    /// Names what must come before an act.
    fn procedures(&self, act: Option<&str>) -> String {
        let rules = self.regime.procedures().iter().filter(|rule| Some(rule.act.as_str()) == act);
        let named: Vec<String> = rules
            .map(|rule| {
                let article = self.regime.cited(self.language, &rule.article);
                let text = rule.text.get(self.language);
                match (self.which_acts(rule), self.language) {
                    (None, Language::Ja) => format!("「{text}」（{article}）"),
                    (None, Language::En) => format!("“{text}” ({article})"),
                    (Some(which), Language::Ja) => format!("「{text}」（{which}の場合。{article}）"),
                    (Some(which), Language::En) => format!("“{text}” (where {which}; {article})"),
                }
            })
            .collect();
        match (named.is_empty(), self.language) {
            (true, _) => String::new(),
            (false, Language::Ja) => format!("その前に、{}が必要です。", named.join("、")),
            (false, Language::En) => format!(" Before it comes {}.", named.join("; ")),
        }
    }

    /// Says before which acts of its predicate a procedure comes; none: before all.
    pub(crate) fn which_acts(&self, procedure: &Procedure) -> Option<String> {
        let pattern = EventPattern::with(&procedure.act, &procedure.attributes);
        let (_, attributes) = Parts::naming(self).pattern(&pattern);
        (!attributes.is_empty()).then(|| match self.language {
            Language::Ja => ja::listed(&attributes),
            Language::En => en::listed(&attributes),
        })
    }

    fn sentence(&self, head: &str, clauses: Vec<Clause>) -> String {
        let decided_by_settings = clauses.iter().all(|clause| matches!(clause.what, What::Setting { .. }));
        let mut settled = BTreeMap::new();
        let mut shown = Vec::new();
        for clause in clauses {
            settled.extend(clause.settled.clone());
            match &clause.what {
                What::Setting { question, value: Some(value) } if !decided_by_settings => {
                    settled.insert(question.clone(), value.clone());
                }
                _ => shown.push(clause),
            }
        }
        if decided_by_settings {
            settled.clear();
        }
        let mut text = match self.language {
            Language::Ja => format!("{head}{}", ja::because(&clause::merged(shown, "、"))),
            Language::En => format!("{head}{}", en::because(&clause::merged(shown, "; "))),
        };
        text.push_str(&self.settled(&settled));
        self.language.nested(&text)
    }

    /// Says on which settings of open issues an answer rests.
    fn settled(&self, settled: &BTreeMap<String, String>) -> String {
        if settled.is_empty() {
            return String::new();
        }
        let named: Vec<_> = settled
            .iter()
            .map(|(question, value)| match self.language {
                Language::Ja => format!("「{question}」は「{value}」"),
                Language::En => format!("“{question}”: {value}"),
            })
            .collect();
        match self.language {
            Language::Ja => format!("論点の設定：{}。", named.join("、")),
            Language::En => format!(" Open issues are set so: {}.", named.join("; ")),
        }
    }
}

impl Regime {
    /// Returns a text of an article with the figures that stand in it on a day: `{threshold}`
    /// becomes `10^25 FLOP`. What is no parameter stays as it is.
    pub fn with_figures(&self, text: &str, language: Language, day: Date) -> String {
        let mut written = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            written.push_str(before);
            let named = after.split_once('}').and_then(|(id, further)| {
                let parameter = self.parameters().iter().find(|parameter| parameter.id == id)?;
                let value = figures::value(language, Some(&parameter.kind), &parameter.on(day)?.text);
                Some((value, further))
            });
            let (value, further) = named.unwrap_or_else(|| ("{".to_owned(), after));
            written.push_str(&value);
            rest = further;
        }
        written.push_str(rest);
        written
    }
}

impl ValueKind {
    /// Writes a value of this kind as people write it, from its canonical text: `1e25 FLOP` becomes
    /// `10^25 FLOP`, a choice its label.
    pub fn shown(&self, language: Language, text: &str) -> String {
        figures::value(language, Some(self), text)
    }
}

/// Names a fact with its value in brackets, as inside a formula.
fn with_value(language: Language, label: &str, known: &clause::Known) -> String {
    use clause::Known;
    let join = |value: &str, sources: &[String]| {
        let mut parts = vec![value.to_owned()];
        parts.extend(sources.iter().cloned());
        parts.join(language.pick("、", "; "))
    };
    let value = match known {
        Known::Asked => return language.pick(label, &en::the(label)).to_owned(),
        Known::Not => language.pick("不明", "not known").to_owned(),
        Known::Exactly { value, sources } | Known::Within { value, sources } => join(value, sources),
        Known::Disputed(values) => match language {
            Language::Ja => ja::disputed(values),
            Language::En => en::disputed(values),
        },
    };
    match language {
        Language::Ja => format!("{label}（{value}）"),
        Language::En => format!("{} ({value})", en::the(label)),
    }
}

/// Writes an amount, exact or between two ends.
fn money(language: Language, money: &Money) -> String {
    let shown = |number: &crate::number::Number| figures::quantity(language, number, money.unit.as_deref());
    match (&money.low, &money.high) {
        (Some(low), Some(high)) if low == high => shown(low),
        (Some(low), Some(high)) => match language {
            Language::Ja => format!("{}から{}の間", shown(low), shown(high)),
            Language::En => format!("between {} and {}", shown(low), shown(high)),
        },
        (Some(low), None) => match language {
            Language::Ja => format!("{}以上", shown(low)),
            Language::En => format!("at least {}", shown(low)),
        },
        (None, Some(high)) => match language {
            Language::Ja => format!("{}以下", shown(high)),
            Language::En => format!("at most {}", shown(high)),
        },
        (None, None) => language.pick("不明", "not known").to_owned(),
    }
}
