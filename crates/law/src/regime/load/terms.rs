//! Reading what rules may name: facts, statements, figures, open issues and their presets.

use std::collections::BTreeMap;

use toml::Spanned;

use super::super::files::{Keyed, RawEvent, RawFact, RawParameters, RawSwitches, RawValue};
use super::super::{
    Article, AttributeSchema, Choice, Dated, EventSchema, FactSchema, Parameter, Preset, Switch, Text,
    ValueKind,
};
use super::{Loader, MAX_ENTRIES, MAX_PRESETS};
use crate::diagnostic::{Source, closest};
use crate::duty::{DUTY, RESULT};
use crate::expression::{EventType, Schema, Type};
use crate::settings::read_value;

fn named(value: [String; 3]) -> Choice {
    let [id, ja, en] = value;
    Choice { id, label: Text { ja, en } }
}

/// Names an attribute, or a value of one: what the engine itself gives a meaning to (where a duty
/// stands) by its words, the rest by its id.
fn unnamed(attribute: &str, value: Option<&str>) -> Text {
    let (ja, en) = match (attribute, value) {
        (DUTY, None) => ("義務", "duty"),
        (RESULT, None) => ("結果", "result"),
        (RESULT, Some("met")) => ("遵守", "met"),
        (RESULT, Some("unmet")) => ("不遵守", "unmet"),
        (RESULT, Some("unresolved")) => ("判定できず", "unresolved"),
        (_, value) => return Text::of_id(value.unwrap_or(attribute)),
    };
    Text { ja: ja.to_owned(), en: en.to_owned() }
}

fn value_of(attribute: &str, raw: RawValue) -> Choice {
    match raw {
        RawValue::Plain(id) => Choice { label: unnamed(attribute, Some(&id)), id },
        RawValue::Named(value) => named(value),
    }
}

impl Loader<'_> {
    fn kind(
        &mut self,
        source: &Source<'_>,
        kind: &Spanned<String>,
        unit: Option<&String>,
        values: Vec<[String; 3]>,
        allowed: &[&str],
    ) -> Option<ValueKind> {
        let name = kind.get_ref().as_str();
        if !allowed.contains(&name) {
            let hint = closest(name, allowed.iter().copied()).map(|best| format!("did you mean `{best}`?"));
            self.at(source, kind, format!("type `{name}` is none of: {}", allowed.join(", ")), hint);
            return None;
        }
        let choices = matches!(name, "choice" | "choices");
        if choices == values.is_empty() {
            self.at(source, kind, "`values` belong to the types choice and choices, and only to them", None);
        }
        if unit.is_some() && name != "number" {
            self.at(source, kind, "`unit` belongs to the type number only", None);
        }
        let values = values.into_iter().map(named).collect();
        Some(match name {
            "boolean" => ValueKind::Boolean,
            "number" => ValueKind::Number { unit: unit.cloned() },
            "choice" => ValueKind::Choice { values },
            "choices" => ValueKind::Choices { values },
            "date" => ValueKind::Date,
            "period" => ValueKind::Period,
            _ => ValueKind::Text,
        })
    }

    pub(super) fn events(
        &mut self,
        raw: BTreeMap<String, RawEvent>,
        source: &Source<'_>,
        schema: &mut Schema,
    ) -> BTreeMap<String, EventSchema> {
        let mut events = BTreeMap::new();
        if raw.len() > MAX_ENTRIES {
            self.refuse(source, format!("{} events; at most {MAX_ENTRIES} are read", raw.len()));
            return events;
        }
        for (name, mut raw) in raw {
            for attribute in &raw.unknown_if_absent {
                if !raw.attributes.contains_key(attribute.get_ref()) {
                    let problem = format!("event `{name}` has no attribute `{}`", attribute.get_ref());
                    let hint = closest(attribute.get_ref(), raw.attributes.keys().map(String::as_str))
                        .map_or("add it to `attributes`".to_owned(), |best| {
                            format!("did you mean `{best}`?")
                        });
                    self.at(source, attribute, problem, Some(hint));
                }
            }
            let unknown_if_absent: std::collections::BTreeSet<_> =
                raw.unknown_if_absent.into_iter().map(Spanned::into_inner).collect();
            let attributes = raw.attributes.into_iter().map(|(attribute, values)| {
                let label = raw.labels.remove(&attribute);
                let described = AttributeSchema {
                    label: label.map_or_else(|| unnamed(&attribute, None), Into::into),
                    values: values.into_iter().map(|value| value_of(&attribute, value)).collect(),
                    unknown_if_absent: unknown_if_absent.contains(&attribute),
                };
                (attribute, described)
            });
            let attributes: BTreeMap<_, _> = attributes.collect();
            let allowed = attributes.iter().map(|(attribute, described)| {
                let values = described.values.iter().map(|value| value.id.clone());
                (attribute.clone(), values.collect())
            });
            let allowed = EventType { attributes: allowed.collect(), unknown_if_absent };
            schema.events.insert(name.clone(), allowed);
            if let Some(label) = raw.labels.keys().next() {
                let at = source.text.find(&format!("[event.{name}")).unwrap_or(0);
                let problem = format!("event `{name}` has no attribute `{label}` that could have a label");
                self.problems.push(source.diagnostic(at, problem, None));
            }
            events.insert(name, EventSchema { label: raw.label.map(Into::into), attributes });
        }
        events
    }

    pub(super) fn parameters(
        &mut self,
        raw: RawParameters,
        source: &Source<'_>,
        articles: &[Article],
        schema: &mut Schema,
    ) -> Vec<Parameter> {
        let entries = self.entries(source, raw.parameter, MAX_ENTRIES);
        let mut parameters = Vec::new();
        for (id, raw) in entries {
            let allowed = ["number", "period", "date"];
            let Some(kind) = self.kind(source, &raw.kind, raw.unit.as_ref(), Vec::new(), &allowed) else {
                continue;
            };
            if !articles.iter().any(|article| article.id == *raw.article.get_ref()) {
                let hint = closest(raw.article.get_ref(), articles.iter().map(|article| article.id.as_str()))
                    .map_or("add it to text.toml".to_owned(), |best| format!("did you mean `{best}`?"));
                let problem = format!("there is no text of the article `{}`", raw.article.get_ref());
                self.at(source, &raw.article, problem, Some(hint));
            }
            let mut values = Vec::new();
            let count = raw.values.len();
            for dated in raw.values {
                match read_value(id.get_ref(), &kind, dated.value.get_ref()) {
                    Ok((value, text)) => values.push(Dated { from: dated.from, text, value }),
                    Err(error) => self.at(source, &dated.value, error.to_string(), None),
                }
            }
            values.sort_by_key(|value| value.from);
            let twice = values.windows(2).any(|pair| pair[0].from == pair[1].from);
            if count == 0 || twice {
                let hint = "write values = [{ from = 2025-08-02, value = \"1e25 FLOP\" }], each day once";
                self.at(
                    source,
                    &id,
                    "the values are missing, or begin on the same day",
                    Some(hint.to_owned()),
                );
            }
            let value_type = add_type(&kind, schema);
            schema.parameters.insert(id.get_ref().clone(), value_type);
            parameters.push(Parameter {
                id: id.into_inner(),
                kind,
                article: raw.article.into_inner(),
                label: raw.label.into(),
                values,
            });
        }
        parameters
    }

    pub(super) fn facts(
        &mut self,
        raw: Keyed<RawFact>,
        source: &Source<'_>,
        schema: &mut Schema,
    ) -> Vec<FactSchema> {
        let entries = self.entries(source, raw, MAX_ENTRIES);
        let mut facts = Vec::new();
        for (name, fact) in entries {
            let allowed = ["boolean", "number", "text", "choice", "date"];
            let Some(kind) = self.kind(source, &fact.kind, fact.unit.as_ref(), fact.values, &allowed) else {
                continue;
            };
            let value_type = add_type(&kind, schema);
            schema.facts.insert(name.get_ref().clone(), value_type);
            facts.push(FactSchema {
                name: name.into_inner(),
                kind,
                label: fact.label.into(),
                help: fact.help.map(Into::into),
            });
        }
        if let Some(name) = schema.events.keys().find(|name| schema.facts.contains_key(*name)) {
            let problem = format!("`{name}` is both a fact and an event");
            self.problems.push(source.diagnostic(0, problem, Some("rename one of them".to_owned())));
        }
        facts
    }

    pub(super) fn switches(
        &mut self,
        raw: RawSwitches,
        source: &Source<'_>,
        schema: &mut Schema,
    ) -> (Vec<Switch>, Vec<Preset>) {
        let entries = self.entries(source, raw.switch, MAX_ENTRIES);
        let mut switches = Vec::new();
        for (id, switch) in entries {
            let allowed = ["boolean", "number", "choice", "choices", "period"];
            let Some(kind) = self.kind(source, &switch.kind, switch.unit.as_ref(), switch.values, &allowed)
            else {
                continue;
            };
            let value_type = add_type(&kind, schema);
            schema.switches.insert(id.get_ref().clone(), value_type);
            switches.push(Switch { id: id.into_inner(), kind, question: switch.question.into() });
        }
        let presets = self.entries(source, raw.preset, MAX_PRESETS);
        let presets = presets
            .into_iter()
            .map(|(id, preset)| Preset {
                id: id.into_inner(),
                label: preset.label.into(),
                reasoning: preset.reasoning.map(Into::into),
                set: preset.set.into_iter().map(|(id, value)| (id, value.into_inner())).collect(),
            })
            .collect();
        (switches, presets)
    }
}

fn add_type(kind: &ValueKind, schema: &mut Schema) -> Type {
    let ids = |values: &[Choice]| Some(values.iter().map(|value| value.id.clone()).collect());
    match kind {
        ValueKind::Boolean => Type::Boolean,
        ValueKind::Number { unit } => {
            schema.units.extend(unit.clone());
            Type::Number(unit.clone())
        }
        ValueKind::Text => Type::Text(None),
        ValueKind::Choice { values } => Type::Text(ids(values)),
        ValueKind::Choices { values } => Type::List(ids(values)),
        ValueKind::Date => Type::Date,
        ValueKind::Period => Type::Period,
    }
}
