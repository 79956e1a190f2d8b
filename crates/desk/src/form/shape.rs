//! What a field holds, as far as a person who fills it in must know.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// The most levels that a schema is followed down.
const MAX_DEPTH: usize = 12;

/// A field with its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// The member's name in the statement.
    pub name: String,
    /// Whether a statement without it cannot be.
    pub required: bool,
    /// What it holds.
    pub shape: Shape,
    /// What the format says of it, in English.
    pub description: String,
}

/// What a field holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shape {
    /// One line of at most so many characters.
    Text {
        /// The most characters.
        max: usize,
    },
    /// A text in Japanese, English or both.
    Texts,
    /// A day.
    Date,
    /// A moment, to the millisecond.
    Moment,
    /// Yes or no.
    Flag,
    /// A whole number from 0 on.
    Integer,
    /// A short name.
    Slug,
    /// A statement, a thing or a file, by its digest.
    Digest,
    /// One of some words.
    Choice(Vec<String>),
    /// Several of the same.
    List {
        /// What each holds.
        item: Box<Shape>,
        /// The fewest.
        min: usize,
        /// The most.
        max: usize,
    },
    /// Several of the same, each with a name.
    Named {
        /// What each holds.
        item: Box<Shape>,
    },
    /// Fields that belong together.
    Group(Vec<Field>),
    /// One of several shapes, each with a word for it; some are the word alone.
    Either(Vec<(String, Option<Shape>)>),
}

/// Returns the fields of a statement's body, those that must be there first.
pub(crate) fn questions_of(schema: &Value) -> Vec<Field> {
    let definitions = schema.get("$defs").and_then(Value::as_object).cloned().unwrap_or_default();
    Reader { definitions: &definitions }.fields(schema, 0)
}

/// Tells whether there is a field at this way: names without the numbers of items, and where one of
/// several shapes is chosen, its word.
pub(crate) fn has_way(fields: &[Field], way: &str) -> bool {
    let (name, rest) = way.split_once('.').map_or((way, None), |(name, rest)| (name, Some(rest)));
    let field = fields.iter().find(|field| field.name == name);
    field.is_some_and(|field| rest.is_none_or(|rest| within(&field.shape, rest)))
}

fn within(shape: &Shape, way: &str) -> bool {
    match shape {
        Shape::List { item, .. } | Shape::Named { item } => within(item, way),
        Shape::Group(fields) => has_way(fields, way),
        Shape::Either(cases) => way.split_once('.').is_some_and(|(word, rest)| {
            cases.iter().any(|(w, shape)| w == word && shape.as_ref().is_some_and(|s| within(s, rest)))
        }),
        _ => false,
    }
}

struct Reader<'s> {
    definitions: &'s Map<String, Value>,
}

impl Reader<'_> {
    fn fields(&self, schema: &Value, depth: usize) -> Vec<Field> {
        let required: Vec<&str> = schema
            .get("required")
            .and_then(Value::as_array)
            .map(|names| names.iter().filter_map(Value::as_str).collect())
            .unwrap_or_default();
        let properties: BTreeMap<&String, &Value> = schema
            .get("properties")
            .and_then(Value::as_object)
            .map(|p| p.iter().collect())
            .unwrap_or_default();
        let mut fields: Vec<Field> = properties
            .into_iter()
            .map(|(name, schema)| Field {
                name: name.clone(),
                required: required.contains(&name.as_str()),
                shape: self.shape(schema, depth + 1),
                description: schema.get("description").and_then(Value::as_str).unwrap_or_default().to_owned(),
            })
            .collect();
        // The schema lists what is required in the order in which the type declares it.
        fields
            .sort_by_key(|field| required.iter().position(|name| *name == field.name).unwrap_or(usize::MAX));
        fields
    }

    fn shape(&self, schema: &Value, depth: usize) -> Shape {
        let one_line = |max| Shape::Text { max };
        if depth > MAX_DEPTH {
            return one_line(200);
        }
        if let Some(name) = schema.get("$ref").and_then(Value::as_str) {
            let name = name.rsplit('/').next().unwrap_or_default();
            return match name {
                "Texts" => Shape::Texts,
                "Date" => Shape::Date,
                "Timestamp" => Shape::Moment,
                "Slug" => Shape::Slug,
                "Digest" => Shape::Digest,
                _ => self.definitions.get(name).map_or(one_line(200), |s| self.shape(s, depth + 1)),
            };
        }
        // What may be absent is what it would be if it were there.
        if let Some(first) = schema.get("anyOf").and_then(Value::as_array).and_then(|any| any.first()) {
            return self.shape(first, depth + 1);
        }
        if let Some(cases) = schema.get("oneOf").and_then(Value::as_array) {
            return self.either(cases, depth);
        }
        if let Some(words) = schema.get("enum").and_then(Value::as_array) {
            return Shape::Choice(words.iter().filter_map(Value::as_str).map(str::to_owned).collect());
        }
        let size =
            |name: &str| schema.get(name).and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok());
        let kind = match schema.get("type") {
            Some(Value::String(kind)) => kind.as_str(),
            Some(Value::Array(kinds)) => {
                kinds.iter().filter_map(Value::as_str).find(|k| *k != "null").unwrap_or("")
            }
            _ => "",
        };
        match kind {
            "boolean" => Shape::Flag,
            "integer" => Shape::Integer,
            "array" => Shape::List {
                item: Box::new(schema.get("items").map_or(one_line(200), |item| self.shape(item, depth + 1))),
                min: size("minItems").unwrap_or(0),
                max: size("maxItems").unwrap_or(64).min(256),
            },
            "object" => match schema.get("additionalProperties") {
                Some(item @ Value::Object(_)) => Shape::Named { item: Box::new(self.shape(item, depth + 1)) },
                _ => Shape::Group(self.fields(schema, depth + 1)),
            },
            _ => one_line(size("maxLength").unwrap_or(500).min(8_000)),
        }
    }

    fn either(&self, cases: &[Value], depth: usize) -> Shape {
        let constants: Vec<String> =
            cases.iter().filter_map(|case| case.get("const")?.as_str()).map(str::to_owned).collect();
        if constants.len() == cases.len() {
            return Shape::Choice(constants);
        }
        let mut shapes = Vec::with_capacity(cases.len());
        for case in cases {
            if let Some(word) = case.get("const").and_then(Value::as_str) {
                shapes.push((word.to_owned(), None));
            } else if let Some(words) = case.get("enum").and_then(Value::as_array) {
                shapes.extend(words.iter().filter_map(Value::as_str).map(|word| (word.to_owned(), None)));
            } else if let Some((word, schema)) =
                case.get("properties").and_then(Value::as_object).and_then(|p| p.iter().next())
            {
                shapes.push((word.clone(), Some(self.shape(schema, depth + 1))));
            }
        }
        Shape::Either(shapes)
    }
}
