//! From the fields of an HTML form to JSON, and back.
//!
//! A field's name is its way in the statement: `questions.0.text.ja`. Reading never fails as a whole:
//! it returns what could be read, and what is wrong where.

use std::collections::BTreeMap;

use evidence::{Date, Digest, Slug, Timestamp};
use serde_json::{Map, Value};

use super::shape::{Field, Shape};

/// The most items that a form is looked through for.
const MAX_ITEMS: usize = 256;

/// What a form sent: name → value.
pub type Fields = BTreeMap<String, String>;

/// Something that is wrong in a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// The name of the field.
    pub at: String,
    /// What is wrong.
    pub problem: Problem,
}

/// What can be wrong with a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Problem {
    /// It is empty and must not be.
    Missing,
    /// It has more than so many characters.
    TooLong(usize),
    /// It has control characters or line breaks.
    Control,
    /// It is no day as `2026-11-29`.
    Date,
    /// It is no moment.
    Moment,
    /// It is no whole number from 0 on.
    Integer,
    /// It is no short name.
    Slug,
    /// It is no digest.
    Digest,
    /// It is none of the words.
    Choice,
    /// There are fewer than so many.
    TooFew(usize),
    /// There are more than so many.
    TooMany(usize),
    /// A name is used twice.
    Twice,
}

impl Problem {
    /// Returns the name under which texts explain it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::TooLong(_) => "too-long",
            Self::Control => "control",
            Self::Date => "date",
            Self::Moment => "moment",
            Self::Integer => "integer",
            Self::Slug => "slug",
            Self::Digest => "digest",
            Self::Choice => "choice",
            Self::TooFew(_) => "too-few",
            Self::TooMany(_) => "too-many",
            Self::Twice => "twice",
        }
    }

    /// Returns the bound that it is about, where it is about one.
    pub fn bound(self) -> Option<usize> {
        match self {
            Self::TooLong(n) | Self::TooFew(n) | Self::TooMany(n) => Some(n),
            _ => None,
        }
    }
}

/// Reads what a form says of a field: the value, none where nothing was entered, and what is wrong.
pub fn read(field: &Field, fields: &Fields) -> (Option<Value>, Vec<Wrong>) {
    let mut reader = Reader { fields, wrong: Vec::new() };
    let value = reader.read(&field.shape, &field.name).or_else(|| nothing(field));
    if value.is_none() && field.required && reader.wrong.is_empty() {
        reader.fail(first_input(&field.shape, &field.name), Problem::Missing);
    }
    (value, reader.wrong)
}

/// Returns the empty list where a list must be there and may be empty.
fn nothing(field: &Field) -> Option<Value> {
    let may_be_empty = matches!(field.shape, Shape::List { min: 0, .. });
    (field.required && may_be_empty).then(|| Value::Array(Vec::new()))
}

/// Returns the name of the first input of a shape: what an error summary leads to.
fn first_input(shape: &Shape, at: &str) -> String {
    match shape {
        Shape::Texts => format!("{at}.ja"),
        Shape::List { item, .. } => first_input(item, &format!("{at}.0")),
        Shape::Named { .. } => format!("{at}.0.name"),
        Shape::Either(_) => format!("{at}.which"),
        Shape::Group(fields) => fields
            .first()
            .map_or_else(|| at.to_owned(), |f| first_input(&f.shape, &format!("{at}.{}", f.name))),
        _ => at.to_owned(),
    }
}

struct Reader<'f> {
    fields: &'f Fields,
    wrong: Vec<Wrong>,
}

impl Reader<'_> {
    fn fail(&mut self, at: impl Into<String>, problem: Problem) {
        self.wrong.push(Wrong { at: at.into(), problem });
    }

    fn entered(&self, at: &str) -> Option<&str> {
        self.fields.get(at).map(|text| text.trim()).filter(|text| !text.is_empty())
    }

    /// Returns a text that may have several lines; browsers send CRLF (HTML, "constructing the entry
    /// list").
    fn paragraph(&mut self, at: &str, max: usize) -> Option<String> {
        let text = self.entered(at)?.replace("\r\n", "\n").replace('\r', "\n");
        if text.chars().count() > max {
            self.fail(at, Problem::TooLong(max));
        } else if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
            self.fail(at, Problem::Control);
        }
        Some(text)
    }

    fn checked<T: std::str::FromStr>(&mut self, at: &str, problem: Problem) -> Option<String> {
        let text = self.entered(at)?.to_owned();
        if text.parse::<T>().is_err() {
            self.fail(at, problem);
        }
        Some(text)
    }

    fn read(&mut self, shape: &Shape, at: &str) -> Option<Value> {
        match shape {
            Shape::Text { max } => {
                let text = self.paragraph(at, *max)?;
                if text.contains('\n') {
                    self.fail(at, Problem::Control);
                }
                Some(text.into())
            }
            Shape::Texts => {
                let mut texts = Map::new();
                for language in ["ja", "en"] {
                    if let Some(text) =
                        self.paragraph(&format!("{at}.{language}"), evidence::common::MAX_TEXT)
                    {
                        texts.insert(language.to_owned(), text.into());
                    }
                }
                (!texts.is_empty()).then_some(Value::Object(texts))
            }
            Shape::Date => self.checked::<Date>(at, Problem::Date).map(Into::into),
            Shape::Moment => {
                let text = self.entered(at)?.to_owned();
                let time = moment(&text);
                if time.is_none() {
                    self.fail(at, Problem::Moment);
                }
                Some(time?.to_string().into())
            }
            Shape::Flag => match self.entered(at) {
                Some("true") => Some(Value::Bool(true)),
                Some("false") => Some(Value::Bool(false)),
                Some(_) => {
                    self.fail(at, Problem::Choice);
                    None
                }
                None => None,
            },
            Shape::Integer => {
                let text = self.entered(at)?.replace([',', '_', '，'], "");
                match text.parse::<u64>() {
                    Ok(number) if number < 1 << 53 => Some(number.into()),
                    _ => {
                        self.fail(at, Problem::Integer);
                        None
                    }
                }
            }
            Shape::Slug => self.checked::<Slug>(at, Problem::Slug).map(Into::into),
            Shape::Digest => self.checked::<Digest>(at, Problem::Digest).map(Into::into),
            Shape::Choice(words) => {
                let word = self.entered(at)?.to_owned();
                if !words.contains(&word) {
                    self.fail(at, Problem::Choice);
                    return None;
                }
                Some(word.into())
            }
            Shape::List { item, min, max } => self.list(item, at, *min, *max),
            Shape::Named { item } => self.named(item, at),
            Shape::Group(members) => self.group(members, at),
            Shape::Either(cases) => {
                let word = self.entered(&format!("{at}.which"))?.to_owned();
                match cases.iter().find(|(name, _)| *name == word) {
                    Some((_, None)) => Some(word.into()),
                    Some((_, Some(shape))) => {
                        let inner = format!("{at}.{word}");
                        let value = self.read(shape, &inner);
                        if value.is_none() {
                            self.fail(first_input(shape, &inner), Problem::Missing);
                        }
                        Some(Value::Object(Map::from_iter([(word, value?)])))
                    }
                    None => {
                        self.fail(format!("{at}.which"), Problem::Choice);
                        None
                    }
                }
            }
        }
    }

    /// Reads the items of a list; those that nobody filled in are passed over.
    fn list(&mut self, item: &Shape, at: &str, min: usize, max: usize) -> Option<Value> {
        let mut items = Vec::new();
        for index in self.indices(at) {
            items.extend(self.read(item, &format!("{at}.{index}")));
        }
        if items.len() > max {
            self.fail(at, Problem::TooMany(max));
        }
        if items.is_empty() {
            return None;
        }
        if items.len() < min {
            self.fail(at, Problem::TooFew(min));
        }
        Some(Value::Array(items))
    }

    fn named(&mut self, item: &Shape, at: &str) -> Option<Value> {
        let mut members = Map::new();
        for index in self.indices(at) {
            let (name_at, inner) = (format!("{at}.{index}.name"), format!("{at}.{index}.of"));
            let Some(name) = self.entered(&name_at).map(str::to_owned) else { continue };
            let Some(value) = self.read(item, &inner) else {
                self.fail(first_input(item, &inner), Problem::Missing);
                continue;
            };
            if name.chars().count() > 100 {
                self.fail(&*name_at, Problem::TooLong(100));
            } else if members.insert(name, value).is_some() {
                self.fail(&*name_at, Problem::Twice);
            }
        }
        (!members.is_empty()).then_some(Value::Object(members))
    }

    fn group(&mut self, members: &[Field], at: &str) -> Option<Value> {
        let mut values = Map::new();
        let mut missing = Vec::new();
        let mut empties = Map::new();
        for member in members {
            let inner = format!("{at}.{}", member.name);
            match self.read(&member.shape, &inner) {
                Some(value) => {
                    values.insert(member.name.clone(), value);
                }
                None => match nothing(member) {
                    Some(empty) => {
                        empties.insert(member.name.clone(), empty);
                    }
                    None if member.required => missing.push(first_input(&member.shape, &inner)),
                    None => {}
                },
            }
        }
        if values.is_empty() {
            return None;
        }
        values.extend(empties);
        for at in missing {
            if !self.wrong.iter().any(|wrong| wrong.at == at) {
                self.fail(at, Problem::Missing);
            }
        }
        Some(Value::Object(values))
    }

    /// Returns the numbers that stand behind `at` in the names of fields, in order.
    fn indices(&self, at: &str) -> Vec<usize> {
        let prefix = format!("{at}.");
        let mut found: Vec<usize> = self
            .fields
            .range(prefix.clone()..)
            .take_while(|(name, _)| name.starts_with(&prefix))
            .filter_map(|(name, _)| name[prefix.len()..].split('.').next()?.parse().ok())
            .filter(|index| *index < MAX_ITEMS)
            .collect();
        found.sort_unstable();
        found.dedup();
        found
    }
}

/// Reads an instant: as statements write it, or as browsers do (HTML, "local date and time"), then in
/// Japanese time, which has no other offset.
fn moment(text: &str) -> Option<Timestamp> {
    let japan = jiff::tz::TimeZone::fixed(jiff::tz::offset(9));
    text.parse().ok().or_else(|| {
        let local: jiff::civil::DateTime = text.parse().ok()?;
        let plain = text.len() <= 23 && text.is_ascii();
        let instant = japan.to_timestamp(local).ok().filter(|_| plain)?;
        Timestamp::from_millis(instant.as_millisecond())
    })
}

/// Writes a value as the fields of a form, to be shown again.
pub fn write(shape: &Shape, at: &str, value: &Value, fields: &mut Fields) {
    match (shape, value) {
        (Shape::Texts, Value::Object(texts)) => {
            for (language, text) in texts {
                fields.insert(format!("{at}.{language}"), text.as_str().unwrap_or_default().to_owned());
            }
        }
        (Shape::List { item, .. }, Value::Array(items)) => {
            for (index, value) in items.iter().enumerate() {
                write(item, &format!("{at}.{index}"), value, fields);
            }
        }
        (Shape::Named { item }, Value::Object(members)) => {
            for (index, (name, value)) in members.iter().enumerate() {
                fields.insert(format!("{at}.{index}.name"), name.clone());
                write(item, &format!("{at}.{index}.of"), value, fields);
            }
        }
        (Shape::Group(members), Value::Object(values)) => {
            for member in members {
                if let Some(value) = values.get(&member.name) {
                    write(&member.shape, &format!("{at}.{}", member.name), value, fields);
                }
            }
        }
        (Shape::Either(_), Value::String(word)) => {
            fields.insert(format!("{at}.which"), word.clone());
        }
        (Shape::Either(cases), Value::Object(members)) => {
            for (word, value) in members {
                fields.insert(format!("{at}.which"), word.clone());
                if let Some((_, Some(shape))) = cases.iter().find(|(name, _)| name == word) {
                    write(shape, &format!("{at}.{word}"), value, fields);
                }
            }
        }
        (_, Value::Null) => {}
        (_, Value::String(text)) => {
            fields.insert(at.to_owned(), text.clone());
        }
        (_, other) => {
            fields.insert(at.to_owned(), other.to_string());
        }
    }
}

#[cfg(test)]
mod tests {
    use evidence::{Predicate, PredicateType, Unknown};
    use proptest::prelude::*;

    use super::super::shape::questions_of;
    use super::*;

    fn questions(kind: &str) -> Vec<Field> {
        questions_of(PredicateType::find(kind).unwrap().schema().as_value())
    }

    #[test]
    fn every_kind_of_statement_survives_its_own_form() {
        for kind in PredicateType::all() {
            let body = kind.example().to_value();
            let mut fields = Fields::new();
            let questions = questions_of(kind.schema().as_value());
            for question in &questions {
                if let Some(value) = body.get(&question.name) {
                    write(&question.shape, &question.name, value, &mut fields);
                }
            }
            let mut again = Map::new();
            for question in &questions {
                let (value, wrong) = read(question, &fields);
                assert_eq!(wrong, [], "{}", kind.name);
                again.extend(value.map(|value| (question.name.clone(), value)));
            }
            let read = Predicate::parse(&kind.uri(), Value::Object(again), Unknown::Refuse);
            assert_eq!(read.as_ref(), Ok(&kind.example()), "{}", kind.name);
        }
    }

    #[test]
    fn what_is_missing_or_wrong_is_named_where_it_stands() {
        let request = questions("information-request");
        let asked = request.iter().find(|q| q.name == "questions").unwrap();
        let entered = |fields: &[(&str, &str)]| {
            let fields = fields.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
            read(asked, &fields)
        };
        let wrong = |at: &str, problem| vec![Wrong { at: at.to_owned(), problem }];
        assert_eq!(entered(&[]).1, wrong("questions.0.id", Problem::Missing));
        assert_eq!(entered(&[("questions.0.id", "a")]).1, wrong("questions.0.text.ja", Problem::Missing));
        let (value, found) = entered(&[
            ("questions.3.id", "Not a name"),
            ("questions.3.text.ja", "何ですか"),
            ("questions.7.id", ""),
        ]);
        assert_eq!(found, wrong("questions.3.id", Problem::Slug), "empty items are passed over");
        assert_eq!(value.unwrap().as_array().unwrap().len(), 1);
        let minutes = questions("inspection-minutes");
        let began = minutes.iter().find(|q| q.name == "beganAt").unwrap();
        let at = |text: &str| read(began, &Fields::from([("beganAt".to_owned(), text.to_owned())]));
        assert_eq!(at("2026-11-29T09:30").0.unwrap(), "2026-11-29T00:30:00.000Z");
        assert_eq!(at("2026-11-29 morning").1, wrong("beganAt", Problem::Moment));
        let answer_by = request.iter().find(|q| q.name == "answerBy").unwrap();
        let day = |text: &str| read(answer_by, &Fields::from([("answerBy".to_owned(), text.to_owned())])).1;
        assert_eq!(day("2026-02-30"), wrong("answerBy", Problem::Date));
        assert_eq!(day("2026-02-28"), []);
    }

    proptest! {
        #[test]
        fn no_form_makes_the_reader_panic(
            fields in proptest::collection::btree_map("[a-z.0-9]{0,20}|questions\\.[0-9]{1,3}\\.(id|text\\.ja)", ".{0,40}", 0..20)
        ) {
            for kind in PredicateType::all() {
                for question in questions_of(kind.schema().as_value()) {
                    let _ = read(&question, &fields);
                }
            }
        }
    }
}
