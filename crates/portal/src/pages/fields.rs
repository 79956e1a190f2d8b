//! A statement's own words, field by field, with labels: works for every predicate type, and for
//! ones that this build does not know.

use std::fmt::Write as _;

use evidence::{Digest, Language};
use serde_json::Value;

use super::format::{figure, legal_day, moment};
use super::parts::{Html, escape, hash};
use super::scene::Scene;

/// Most values of one list that are shown.
const MAX_ITEMS: usize = 64;
/// Most levels that are shown.
const MAX_DEPTH: usize = 8;

/// One field of a statement.
pub(crate) struct Field {
    pub(crate) label: Html,
    pub(crate) value: Html,
}

/// Shows the body of a statement.
pub(crate) fn fields(scene: &Scene, body: &Value) -> Vec<Field> {
    match body {
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by_key(|(name, _)| place(name));
            let field = |(name, value): (&String, &Value)| Field {
                label: label(scene, name),
                value: show(scene, name, value, 0),
            };
            members.into_iter().map(field).collect()
        }
        other => vec![Field { label: Html::default(), value: show(scene, "", other, 0) }],
    }
}

/// What a statement is about and what it decides come first, what it rests on last; the rest stands
/// between, in the order of the alphabet.
fn place(name: &str) -> usize {
    const FIRST: [&str; 14] = [
        "slug",
        "names",
        "duty",
        "role",
        "class",
        "developer",
        "result",
        "outcome",
        "decision",
        "state",
        "position",
        "advice",
        "reasons",
        "summary",
    ];
    const LAST: [&str; 8] =
        ["evidence", "assessment", "procedure", "finding", "register", "regimeAdoption", "engine", "inputs"];
    FIRST
        .iter()
        .position(|first| *first == name)
        .or_else(|| LAST.iter().position(|last| *last == name).map(|at| 200 + at))
        .unwrap_or(100)
}

fn label(scene: &Scene, name: &str) -> Html {
    let key = format!("field-{name}");
    // Names of facts are words of the regimes.
    if scene.say.has(&key) {
        return scene.say.html(&key).html();
    }
    let schema = scene
        .register()
        .regimes()
        .filter_map(|(_, adopted)| scene.view.library.regime(&adopted.folder))
        .find(|regime| regime.facts().iter().any(|fact| fact.name == name));
    match schema {
        Some(regime) => super::standing::fact_label(scene, &regime, name),
        None => Html(format!("<code>{}</code>", escape(name))),
    }
}

fn show(scene: &Scene, name: &str, value: &Value, depth: usize) -> Html {
    let say = scene.say;
    match value {
        Value::Null => Html::text("–"),
        Value::Bool(truth) => Html::text(say.word("value", if *truth { "true" } else { "false" })),
        Value::Number(number) => Html::text(super::format::group(&number.to_string())),
        Value::String(text) => text_value(scene, name, text),
        _ if depth >= MAX_DEPTH => Html(format!("<code>{}</code>", escape(&value.to_string()))),
        Value::Array(items) if items.is_empty() => Html::text(say.text("none")),
        Value::Array(items) => {
            let shown = items
                .iter()
                .take(MAX_ITEMS)
                .map(|item| format!("<li>{}</li>", show(scene, name, item, depth + 1)));
            let mut list: String = shown.collect();
            if items.len() > MAX_ITEMS {
                let more = say.html("and-more").count("count", items.len() - MAX_ITEMS);
                let _ = write!(list, "<li>{more}</li>");
            }
            Html(format!("<ul class=\"plain\">{list}</ul>"))
        }
        Value::Object(members) => {
            if let Some(texts) = texts(scene, value) {
                return texts;
            }
            let mut list = String::new();
            for (name, member) in members {
                let (label, member) = (label(scene, name), show(scene, name, member, depth + 1));
                let _ = write!(list, "<div><dt>{label}</dt><dd>{member}</dd></div>");
            }
            Html(format!("<dl class=\"nested\">{list}</dl>"))
        }
    }
}

/// A text in both languages: the page's own, and the other where it is the only one.
fn texts(scene: &Scene, value: &Value) -> Option<Html> {
    let members = value.as_object()?;
    let known = |name: &String| name == "ja" || name == "en";
    if members.is_empty() || !members.keys().all(known) {
        return None;
    }
    let of =
        |language: Language| value.get(language.tag()).and_then(Value::as_str).map(|text| (text, language));
    let other = if scene.say.is_ja() { Language::En } else { Language::Ja };
    let (text, language) = of(scene.say.0).or_else(|| of(other))?;
    Some(scene.say.marked(text, language))
}

fn text_value(scene: &Scene, name: &str, text: &str) -> Html {
    let say = scene.say;
    if let Ok(digest) = text.parse::<Digest>() {
        return digest_value(scene, &digest);
    }
    let key = format!("value-{text}");
    if say.has(&key) {
        return say.html(&key).html();
    }
    if let Ok(time) = text.parse() {
        return moment(say.0, time);
    }
    if let Ok(date) = text.parse() {
        return legal_day(say.0, date);
    }
    match name {
        "plannedAct" => Html::text(scene.kind(text)),
        "duty" | "questions" | "id" | "class" | "classes" | "fact" | "missing" => of_a_regime(scene, text),
        "role" => Html::text(scene.role(text)),
        "number" | "low" | "high" | "value" => figure(say, text),
        _ => Html(format!("<bdi>{}</bdi>", escape(text))),
    }
}

/// Shows the name of a duty, a class or a fact by the label that an adopted regime gives it.
fn of_a_regime(scene: &Scene, id: &str) -> Html {
    for (_, adopted) in scene.register().regimes() {
        let Some(regime) = scene.view.library.regime(&adopted.folder) else { continue };
        let class = regime.classes().iter().find(|class| class.id == id).map(|class| &class.text);
        let fact = regime.facts().iter().find(|fact| fact.name == id).map(|fact| &fact.label);
        if let Some(text) = regime.duty(id).map(|duty| &duty.text).or(class).or(fact) {
            return Html(format!(
                "{} <code>{}</code>",
                Html::text(super::standing::words(scene, text)),
                escape(id)
            ));
        }
    }
    Html(format!("<bdi>{}</bdi>", escape(id)))
}

/// Shows a digest: a thing by its name, a statement by its entry, anything else by its digits.
fn digest_value(scene: &Scene, digest: &Digest) -> Html {
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
