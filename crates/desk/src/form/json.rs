//! Answers that programs give as JSON: whether they have the form of their question, before they are
//! kept as what people would have typed.

use serde_json::Value;

use super::shape::Shape;

/// The most items of a list, and the most names of a map.
const MAX_ITEMS: usize = 256;

/// A value for which its question has no place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}")]
pub struct Misfit {
    /// Where it is (JSON pointer).
    pub at: String,
    /// What the question takes there.
    pub expected: &'static str,
}

/// Tells whether a value has the form of its question: every member is one that there is, of the right
/// type. What the texts and numbers in it say is for [`read`](super::read) to judge.
pub fn fits(shape: &Shape, at: &str, value: &Value) -> Result<(), Misfit> {
    let ok = |fits: bool, expected| if fits { Ok(()) } else { Err(Misfit { at: at.to_owned(), expected }) };
    let inside = |name: &str| format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
    match shape {
        Shape::Flag => ok(value.is_boolean(), "true or false"),
        Shape::Integer => ok(value.is_u64(), "a whole number from 0 on"),
        Shape::Texts => {
            let Value::Object(texts) = value else { return ok(false, "an object with ja, en or both") };
            let known =
                |(name, text): (&String, &Value)| ["ja", "en"].contains(&name.as_str()) && text.is_string();
            ok(texts.iter().all(known), "an object with texts in ja, en or both")
        }
        Shape::List { item, max, .. } => {
            let Value::Array(items) = value else { return ok(false, "a list") };
            ok(items.len() <= *max.min(&MAX_ITEMS), "a list with no more items")?;
            items
                .iter()
                .enumerate()
                .try_for_each(|(index, value)| fits(item, &format!("{at}/{index}"), value))
        }
        Shape::Named { item } => {
            let Value::Object(members) = value else { return ok(false, "an object") };
            ok(members.len() <= MAX_ITEMS, "an object with no more members")?;
            members.iter().try_for_each(|(name, value)| fits(item, &inside(name), value))
        }
        Shape::Group(fields) => {
            let Value::Object(members) = value else { return ok(false, "an object") };
            members.iter().try_for_each(|(name, value)| match fields.iter().find(|f| f.name == *name) {
                Some(field) => fits(&field.shape, &inside(name), value),
                None => Err(Misfit { at: inside(name), expected: "only members that there are" }),
            })
        }
        Shape::Either(cases) => match value {
            Value::String(word) => {
                ok(cases.iter().any(|(name, shape)| name == word && shape.is_none()), "one of the words")
            }
            Value::Object(members) if members.len() == 1 => members.iter().try_for_each(|(word, value)| {
                match cases.iter().find(|(name, _)| name == word) {
                    Some((_, Some(shape))) => fits(shape, &inside(word), value),
                    _ => ok(false, "an object with one of the members that there are"),
                }
            }),
            _ => ok(false, "a word, or an object with one member"),
        },
        Shape::Text { .. } | Shape::Date | Shape::Moment | Shape::Slug | Shape::Digest | Shape::Choice(_) => {
            ok(value.is_string(), "a text")
        }
    }
}

#[cfg(test)]
mod tests {
    use evidence::PredicateType;
    use serde_json::json;

    use super::*;
    use crate::form::{Form, Words};

    #[test]
    fn every_example_fits_and_nothing_beside_it_does() {
        for kind in PredicateType::all() {
            let form = Form::new(kind, Words::default());
            let body = kind.example().to_value();
            for question in &form.questions {
                let Some(value) = body.get(&question.name) else { continue };
                assert_eq!(fits(&question.shape, "", value), Ok(()), "{} {}", kind.name, question.name);
                for stranger in [json!(null), json!({"stranger": {"stranger": 1}}), json!([[[]]])] {
                    assert!(fits(&question.shape, "", &stranger).is_err(), "{} {}", kind.name, question.name);
                }
            }
        }
    }

    #[test]
    fn a_misfit_says_where_it_is() {
        let text = |max| Shape::List { item: Box::new(Shape::Texts), min: 0, max };
        let value = json!([{"ja": "あ"}, {"ja": "い", "fr": "a"}]);
        assert_eq!(fits(&text(2), "/answers/x", &value).unwrap_err().at, "/answers/x/1");
        assert_eq!(fits(&text(1), "/answers/x", &value).unwrap_err().at, "/answers/x");
        let flag = Shape::Named { item: Box::new(Shape::Flag) };
        assert_eq!(fits(&flag, "", &json!({"a/b": 1})).unwrap_err().at, "/a~1b");
    }
}
