//! A statement's own words, field by field, with the words of its law: for every kind of
//! statement, and for ones that this build does not know.

use evidence::{Digest, Language, Texts};
use law::{Regime, Text};
use serde_json::{Map, Value};

use crate::layout::grouped;
use crate::letter::{Field, Passage, Table};

/// Most values of one list that are written.
const MAX_ITEMS: usize = 1000;
/// Most levels that are written.
const MAX_DEPTH: usize = 8;

/// What stands in a statement as prose, and gets a section of its own.
const PROSE: [&str; 16] = [
    "reasons",
    "grounds",
    "arguments",
    "request",
    "summary",
    "answer",
    "account",
    "observations",
    "question",
    "measures",
    "formula",
    "description",
    "text",
    "considered",
    "remarks",
    "remedies",
];
/// A text longer than this, in characters, is prose whatever it is called.
const LONG: usize = 90;
/// A list of things becomes a table from so many on, up to so many columns.
const MANY: usize = 3;
const COLUMNS: usize = 4;

/// Names that the register knows.
pub trait Names {
    /// Returns the name of an organisation, a model or a statement.
    fn name(&self, digest: &Digest) -> Option<String>;
    /// Returns the title of a role.
    fn role(&self, role: &str) -> Option<String>;
}

/// Knows no names: digests stay digests.
#[derive(Debug, Clone, Copy)]
pub struct Nameless;

impl Names for Nameless {
    fn name(&self, _: &Digest) -> Option<String> {
        None
    }

    fn role(&self, _: &str) -> Option<String> {
        None
    }
}

/// Returns the place of a field among others: what a statement is about and what it decides come
/// first, what it rests on last; the rest stands between, in the order of the alphabet.
pub fn place(name: &str) -> usize {
    const FIRST: [&str; 18] = [
        "slug",
        "names",
        "id",
        "name",
        "fact",
        "by",
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
    const LAST: [&str; 9] = [
        "remedies",
        "evidence",
        "assessment",
        "procedure",
        "finding",
        "register",
        "regimeAdoption",
        "engine",
        "inputs",
    ];
    FIRST
        .iter()
        .position(|first| *first == name)
        .or_else(|| LAST.iter().position(|last| *last == name).map(|at| 200 + at))
        .unwrap_or(100)
}

/// Tells whether a text of a field is never read as a word of ours: people choose such names.
pub fn is_chosen(name: &str) -> bool {
    matches!(
        name,
        "slug"
            | "holder"
            | "id"
            | "name"
            | "title"
            | "contact"
            | "version"
            | "question"
            | "item"
            | "actingFor"
            | "amount"
            | "formula"
            | "caseNumber"
            | "identityCard"
    )
}

/// Returns what laws call a duty, a class, a fact or an open point; the first that knows it.
pub fn word_of_law<'r>(regimes: &'r [Regime], id: &str) -> Option<&'r Text> {
    regimes.iter().find_map(|regime| {
        let duty = regime.duty(id).map(|duty| &duty.text);
        let class = || regime.classes().iter().find(|class| class.id == id).map(|class| &class.text);
        let fact = || regime.facts().iter().find(|fact| fact.name == id).map(|fact| &fact.label);
        let switch =
            || regime.switches().iter().find(|switch| switch.id == id).map(|switch| &switch.question);
        duty.or_else(class).or_else(fact).or_else(switch)
    })
}

/// Returns what laws call a value of an attribute.
pub fn value_of_law<'r>(regimes: &'r [Regime], attribute: &str, id: &str) -> Option<&'r Text> {
    let mut events = regimes.iter().flat_map(|regime| regime.events().values());
    events
        .find_map(|event| event.attributes.get(attribute)?.values.iter().find(|value| value.id == id))
        .map(|value| &value.label)
}

/// Returns the text of a language.
pub(crate) fn of(text: &Text, language: Language) -> &str {
    match language {
        Language::Ja => &text.ja,
        Language::En => &text.en,
    }
}

/// Reads a statement for people.
pub(crate) struct Reader<'a> {
    pub(crate) language: Language,
    pub(crate) regimes: &'a [Regime],
    pub(crate) names: &'a dyn Names,
}

/// What a statement says, taken apart: what stands in a table, what is prose.
#[derive(Debug, Default)]
pub(crate) struct Said {
    pub(crate) fields: Vec<Field>,
    pub(crate) prose: Vec<(String, Passage)>,
    pub(crate) tables: Vec<(String, Table)>,
}

impl Reader<'_> {
    pub(crate) fn read(&self, body: &Value) -> Said {
        let mut said = Said::default();
        let Value::Object(members) = body else {
            said.fields.push(Field { label: String::new(), values: self.values("", body, 0) });
            return said;
        };
        for (name, value) in sorted(members) {
            let Some(value) = self.hoist(name, value, &mut said.tables) else { continue };
            let value = &value;
            match self.texts(value) {
                Some(passage) if PROSE.contains(&name.as_str()) || passage.text.chars().count() > LONG => {
                    said.prose.push((self.label(name), passage));
                }
                _ => said.fields.push(Field { label: self.label(name), values: self.values(name, value, 0) }),
            }
        }
        said
    }

    /// Takes lists of things that are alike out of a value, its parts included, as tables; returns
    /// what is left of it.
    fn hoist(&self, name: &str, value: &Value, tables: &mut Vec<(String, Table)>) -> Option<Value> {
        if let Some(table) = value.as_array().and_then(|items| self.table(items)) {
            tables.push((self.label(name), table));
            return None;
        }
        let Value::Object(members) = value else { return Some(value.clone()) };
        let mut left = members.clone();
        left.retain(|part, value| match value.as_array().and_then(|items| self.table(items)) {
            Some(table) => {
                tables.push((self.label(part), table));
                false
            }
            None => true,
        });
        (members.is_empty() || !left.is_empty()).then_some(Value::Object(left))
    }

    /// Returns a list of things as a table, where they are several, with the same few short parts.
    fn table(&self, items: &[Value]) -> Option<Table> {
        if !(MANY..=MAX_ITEMS).contains(&items.len()) {
            return None;
        }
        let things: Vec<_> = items.iter().map(Value::as_object).collect::<Option<_>>()?;
        let mut parts: Vec<&String> = things.iter().flat_map(|thing| thing.keys()).collect();
        parts.sort_by_key(|part| (place(part), *part));
        parts.dedup();
        if !(2..=COLUMNS).contains(&parts.len()) || parts.iter().all(|part| *part == "ja" || *part == "en") {
            return None;
        }
        let cell = |thing: &Map<String, Value>, part: &String| match thing.get(part) {
            None => Some(Passage::from("–")),
            Some(value) => {
                let mut lines = self.values(part, value, 1);
                let only = lines.pop()?;
                (lines.is_empty() && only.text.chars().count() <= LONG).then_some(only)
            }
        };
        let row = |thing: &&Map<String, Value>| {
            parts.iter().map(|part| cell(thing, part)).collect::<Option<Vec<Passage>>>()
        };
        let rows = things.iter().map(row).collect::<Option<Vec<_>>>()?;
        // The first part says what it is, and has most room.
        let columns = (0..).zip(&parts).map(|(at, part)| (self.label(part), if at == 0 { 5 } else { 3 }));
        Some(Table { columns: columns.collect(), rows })
    }

    fn label(&self, name: &str) -> String {
        // A letter calls them what offices call them.
        let key = if name == "remedies" { "document-remedies".to_owned() } else { format!("field-{name}") };
        if texts::has(self.language, &key) {
            return texts::message(self.language, &key).to_string();
        }
        self.law(name).unwrap_or_else(|| name.to_owned())
    }

    fn law(&self, id: &str) -> Option<String> {
        word_of_law(self.regimes, id).map(|text| of(text, self.language).to_owned())
    }

    /// Writes a value, on one or more lines.
    fn values(&self, name: &str, value: &Value, depth: usize) -> Vec<Passage> {
        match value {
            _ if depth >= MAX_DEPTH => vec![value.to_string().into()],
            Value::Array(items) if items.is_empty() => {
                vec![texts::message(self.language, "none").to_string().into()]
            }
            Value::Array(items) => {
                let shown = items.iter().take(MAX_ITEMS);
                let mut lines: Vec<Passage> =
                    shown.flat_map(|item| self.item(name, item, depth + 1)).collect();
                if items.len() > MAX_ITEMS {
                    let more =
                        texts::message(self.language, "and-more").count("count", items.len() - MAX_ITEMS);
                    lines.push(more.to_string().into());
                }
                lines
            }
            Value::Object(members) => match self.texts(value) {
                Some(passage) => vec![passage],
                None => match interval(members) {
                    Some(figure) => vec![texts::figure(self.language, &figure).into()],
                    None => sorted(members)
                        .flat_map(|(part, value)| self.labelled(name, part, value, depth + 1))
                        .collect(),
                },
            },
            scalar => vec![self.scalar(name, scalar).into()],
        }
    }

    /// Writes a part of a thing: its label before it, or above it where it has several lines.
    fn labelled(&self, whole: &str, name: &str, value: &Value, depth: usize) -> Vec<Passage> {
        // Below these, names are the law's: a fact may be called as a field is.
        let of_law = matches!(whole, "facts" | "switches" | "parameters");
        let label = of_law.then(|| self.law(name)).flatten().unwrap_or_else(|| self.label(name));
        let (colon, indent) = if self.language == Language::Ja { ("：", "　") } else { (": ", "    ") };
        let mut lines = self.values(name, value, depth);
        if let [only] = &mut lines[..] {
            only.text = format!("{label}{colon}{}", only.text);
            return lines;
        }
        for line in &mut lines {
            line.text = format!("{indent}{}", line.text);
        }
        lines.insert(0, format!("{label}{}", colon.trim_end()).into());
        lines
    }

    /// Writes an item of a list: a thing with fields on one line where they are short.
    fn item(&self, name: &str, item: &Value, depth: usize) -> Vec<Passage> {
        let lines = self.values(name, item, depth);
        let short: usize = lines.iter().map(|line| line.text.chars().count()).sum();
        let alike = lines.iter().all(|line| line.language == lines.first().and_then(|first| first.language));
        if !item.is_object() || lines.len() < 2 || short > LONG || !alike {
            return lines;
        }
        let between = if self.language == Language::Ja { "、" } else { "; " };
        let texts: Vec<&str> = lines.iter().map(|line| line.text.as_str()).collect();
        vec![Passage { text: texts.join(between), language: lines.first().and_then(|line| line.language) }]
    }

    /// A text in both languages: the document's own, and the other where it is the only one.
    fn texts(&self, value: &Value) -> Option<Passage> {
        let members = value.as_object()?;
        if members.is_empty() || !members.keys().all(|name| name == "ja" || name == "en") {
            return None;
        }
        let of = |name: &str| members.get(name).and_then(Value::as_str).map(str::to_owned);
        Some(self.outside(&Texts { ja: of("ja"), en: of("en") }))
    }

    /// Returns someone's text, with its language where that is another.
    pub(crate) fn outside(&self, texts: &Texts) -> Passage {
        let (text, language) = texts.get(self.language);
        Passage { text: text.to_owned(), language: (language != self.language).then_some(language) }
    }

    fn scalar(&self, name: &str, value: &Value) -> String {
        let language = self.language;
        match value {
            Value::Bool(truth) => texts::word(language, "value", if *truth { "true" } else { "false" }),
            Value::Number(number) => texts::group(&number.to_string()),
            Value::String(text) => self.text(name, text),
            _ => "–".to_owned(),
        }
    }

    fn text(&self, name: &str, text: &str) -> String {
        let language = self.language;
        if let Ok(digest) = text.parse::<Digest>() {
            return self.names.name(&digest).unwrap_or_else(|| grouped(text));
        }
        let key = format!("value-{text}");
        if !is_chosen(name) && texts::has(language, &key) {
            return texts::message(language, &key).to_string();
        }
        if let Ok(time) = text.parse() {
            return records::moment(language, time);
        }
        if let Ok(date) = text.parse() {
            return records::legal_day(language, date);
        }
        match name {
            "plannedAct" | "asksFor" | "acts" => kind(language, text),
            "role" => self.names.role(text).unwrap_or_else(|| text.to_owned()),
            "number" | "low" | "high" | "value" => texts::figure(language, text),
            "duty" | "questions" | "id" | "class" | "classes" | "fact" | "missing" => match self.law(text) {
                Some(word) if language == Language::Ja => format!("{word}（{text}）"),
                Some(word) => format!("{word} ({text})"),
                None => text.to_owned(),
            },
            _ => value_of_law(self.regimes, name, text)
                .map_or_else(|| text.to_owned(), |word| of(word, language).to_owned()),
        }
    }
}

/// Returns a number that is known to lie between two, as figures are written.
fn interval(members: &Map<String, Value>) -> Option<String> {
    let of = |name: &str| members.get(name).and_then(Value::as_str);
    (members.len() == 2).then_some(())?;
    Some(format!("{} to {}", of("low")?, of("high")?))
}

/// Returns the label of a kind of statement.
pub(crate) fn kind(language: Language, name: &str) -> String {
    match evidence::PredicateType::find(name) {
        Some(known) => known.label(language).to_owned(),
        None => texts::word(language, "filed", name),
    }
}

fn sorted(members: &Map<String, Value>) -> impl Iterator<Item = (&String, &Value)> {
    let mut members: Vec<_> = members.iter().collect();
    members.sort_by_key(|(name, _)| place(name));
    members.into_iter()
}
