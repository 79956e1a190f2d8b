//! A statement's own words, field by field, with labels: works for every predicate type, and for
//! ones that this build does not know.

use std::fmt::Write as _;

use documents::{is_chosen, place, value_of_law, word_of_law};
use evidence::{Digest, Language, Predicate, Slug, Statement};
use law::Regime;
use serde_json::{Map, Value};

use super::format::{figure, legal_day, moment};
use super::parts::{Html, escape, hash};
use super::scene::Scene;
use super::standing::words;

/// Most values of one list that are shown.
const MAX_ITEMS: usize = 64;
/// Longer lists are folded.
const FEW: usize = 6;
/// Most levels that are shown.
const MAX_DEPTH: usize = 8;

/// One field of a statement.
pub(crate) struct Field {
    pub(crate) label: Html,
    pub(crate) value: Html,
}

/// Shows what a statement says, in the words of the law under which it is made.
pub(crate) fn fields(scene: &Scene, statement: &Statement) -> Vec<Field> {
    fields_of(scene, statement.predicate(), statement.common().regime.as_ref())
}

/// Shows what a statement would say, in the words of the law under which it would be made.
pub(crate) fn fields_of(scene: &Scene, predicate: &Predicate, regime: Option<&Slug>) -> Vec<Field> {
    let (regimes, _) = regimes(scene, predicate, regime);
    let reader = Reader { scene, regimes };
    match predicate.to_value() {
        Value::Object(members) => reader.members(&members, 0).collect(),
        other => vec![Field { label: Html::default(), value: reader.show("", &other, 0) }],
    }
}

/// Returns the laws whose words may explain a statement, its own first, and whether its own is there.
pub(crate) fn regimes(scene: &Scene, predicate: &Predicate, regime: Option<&Slug>) -> (Vec<Regime>, bool) {
    let named = match predicate {
        Predicate::RegimeAdoption(adoption) => Some(&adoption.regime),
        _ => regime,
    };
    let library = &scene.view.library;
    let own = named.and_then(|id| scene.register().regime(id.as_str())).map(|adopted| adopted.folder);
    let own = own.and_then(|folder| library.regime(&folder));
    let is_there = own.is_some();
    let others = scene.register().regimes().filter_map(|(_, adopted)| library.regime(&adopted.folder));
    (own.into_iter().chain(others).collect(), is_there)
}

/// Reads a statement for people.
struct Reader<'s> {
    scene: &'s Scene,
    /// The law of the statement first, then the others: names of duties and facts are their words.
    regimes: Vec<Regime>,
}

impl Reader<'_> {
    fn members<'m>(
        &'m self,
        members: &'m Map<String, Value>,
        depth: usize,
    ) -> impl Iterator<Item = Field> + 'm {
        let mut members: Vec<_> = members.iter().collect();
        members.sort_by_key(|(name, _)| place(name));
        members
            .into_iter()
            .map(move |(name, value)| Field { label: self.label(name), value: self.show(name, value, depth) })
    }

    fn label(&self, name: &str) -> Html {
        let key = format!("field-{name}");
        if self.scene.say.has(&key) {
            return self.scene.say.html(&key).html();
        }
        self.word_of_law(name).unwrap_or_else(|| Html(format!("<code>{}</code>", escape(name))))
    }

    fn show(&self, name: &str, value: &Value, depth: usize) -> Html {
        let say = self.scene.say;
        match value {
            Value::Null => Html::text("–"),
            Value::Bool(truth) => Html::text(say.word("value", if *truth { "true" } else { "false" })),
            Value::Number(number) => Html::text(super::format::group(&number.to_string())),
            Value::String(text) => self.text(name, text),
            _ if depth >= MAX_DEPTH => Html(format!("<code>{}</code>", escape(&value.to_string()))),
            Value::Array(items) if items.is_empty() => Html::text(say.text("none")),
            Value::Array(items) => self.list(name, items, depth),
            Value::Object(members) => self.texts(value).unwrap_or_else(|| {
                let mut list = String::new();
                for Field { label, value } in self.members(members, depth + 1) {
                    let _ = write!(list, "<div><dt>{label}</dt><dd>{value}</dd></div>");
                }
                Html(format!("<dl class=\"nested\">{list}</dl>"))
            }),
        }
    }

    fn list(&self, name: &str, items: &[Value], depth: usize) -> Html {
        let say = self.scene.say;
        let mut list = String::new();
        for item in items.iter().take(MAX_ITEMS) {
            let _ = write!(list, "<li>{}</li>", self.show(name, item, depth + 1));
        }
        if items.len() > MAX_ITEMS {
            let more = say.html("and-more").count("count", items.len() - MAX_ITEMS);
            let _ = write!(list, "<li>{more}</li>");
        }
        let list = format!("<ul class=\"plain\">{list}</ul>");
        if items.len() <= FEW {
            return Html(list);
        }
        let summary = say.html("items").count("count", items.len());
        Html(format!("<details class=\"more\"><summary>{summary}</summary>{list}</details>"))
    }

    /// A text in both languages: the page's own, and the other where it is the only one.
    fn texts(&self, value: &Value) -> Option<Html> {
        let members = value.as_object()?;
        let known = |name: &String| name == "ja" || name == "en";
        if members.is_empty() || !members.keys().all(known) {
            return None;
        }
        let say = self.scene.say;
        let of = |language: Language| {
            value.get(language.tag()).and_then(Value::as_str).map(|text| (text, language))
        };
        let other = if say.is_ja() { Language::En } else { Language::Ja };
        let (text, language) = of(say.0).or_else(|| of(other))?;
        Some(say.marked(text, language))
    }

    fn text(&self, name: &str, text: &str) -> Html {
        let say = self.scene.say;
        if let Ok(digest) = text.parse::<Digest>() {
            return self.digest(&digest);
        }
        let key = format!("value-{text}");
        if !is_chosen(name) && say.has(&key) {
            return say.html(&key).html();
        }
        if let Ok(time) = text.parse() {
            return moment(say.0, time);
        }
        if let Ok(date) = text.parse() {
            return legal_day(say.0, date);
        }
        match name {
            "plannedAct" | "asksFor" | "acts" => Html::text(self.scene.kind(text)),
            "role" => Html::text(self.scene.role(text)),
            "number" | "low" | "high" | "value" => figure(say, text),
            "duty" | "questions" | "id" | "class" | "classes" | "fact" | "missing" => {
                match self.word_of_law(text) {
                    Some(word) => Html(format!("{word} <code>{}</code>", escape(text))),
                    None => Html(format!("<bdi>{}</bdi>", escape(text))),
                }
            }
            _ => {
                self.value_of_law(name, text).unwrap_or_else(|| Html(format!("<bdi>{}</bdi>", escape(text))))
            }
        }
    }

    /// Shows the name of a value of an attribute as the law's files have it.
    fn value_of_law(&self, attribute: &str, id: &str) -> Option<Html> {
        value_of_law(&self.regimes, attribute, id).map(|label| Html::text(words(self.scene, label)))
    }

    /// Shows the name of a duty, a class, a fact or an open point as the law's files have it.
    fn word_of_law(&self, id: &str) -> Option<Html> {
        word_of_law(&self.regimes, id).map(|text| Html::text(words(self.scene, text)))
    }

    /// Shows a digest: a thing by its name, a statement by its entry, anything else by its digits.
    fn digest(&self, digest: &Digest) -> Html {
        let scene = self.scene;
        match scene.register().recorded(digest) {
            Some(_) if scene.names(digest).is_some() => scene.link(digest),
            Some(recorded) => Html(format!(
                "{} ({})",
                Html::text(scene.kind(recorded.statement.predicate().name())),
                scene.entry(recorded)
            )),
            None => hash(digest),
        }
    }
}

/// Collects every digest that stands in a statement's words.
pub(crate) fn digests(value: &Value, found: &mut Vec<Digest>) {
    match value {
        Value::String(text) => found.extend(text.parse::<Digest>()),
        Value::Array(items) => items.iter().for_each(|item| digests(item, found)),
        Value::Object(members) => members.values().for_each(|member| digests(member, found)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::text::Say;

    fn names(value: &Value, found: &mut std::collections::BTreeSet<String>) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| names(item, found)),
            Value::Object(members) => {
                for (name, member) in members {
                    found.insert(name.clone());
                    // What stands below these is named by others: facts, switches, parameters.
                    if !matches!(name.as_str(), "facts" | "switches" | "parameters") {
                        names(member, found);
                    }
                }
            }
            _ => {}
        }
    }

    #[test]
    fn every_field_of_every_predicate_has_a_label() {
        for language in [Language::Ja, Language::En] {
            for kind in evidence::PredicateType::all() {
                let mut found = std::collections::BTreeSet::new();
                names(&kind.example().to_value(), &mut found);
                for name in found.iter().filter(|name| !matches!(name.as_str(), "ja" | "en")) {
                    assert!(Say(language).has(&format!("field-{name}")), "{}: field-{name}", kind.name);
                }
            }
        }
    }
}
