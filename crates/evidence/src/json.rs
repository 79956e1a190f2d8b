//! Strict JSON: what statements may be written in.
//!
//! Two readers of the same bytes must see the same thing, so what readers are known to disagree
//! on is refused: duplicate keys, fractions and integers beyond 2⁵³ (RFC 8259 §4 and §6), invalid
//! UTF-8, deep nesting.

use std::fmt;

use serde::de::{DeserializeOwned, DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// The deepest nesting that is read.
pub const MAX_DEPTH: usize = 16;

/// The largest integer that every reader of JSON keeps exact (RFC 8259 §6).
const MAX_INTEGER: u64 = (1 << 53) - 1;

/// Why JSON was refused, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JsonError {
    /// The bytes are longer than the bound.
    #[error("{found} bytes of JSON, at most {most} are read")]
    TooLarge {
        /// Bytes found.
        found: usize,
        /// Bytes allowed.
        most: usize,
    },
    /// The bytes are not strict JSON.
    #[error("{0}")]
    Syntax(String),
    /// A value does not have the type that the field needs.
    #[error("at {pointer}: {problem}")]
    Shape {
        /// JSON pointer (RFC 6901) of the value.
        pointer: String,
        /// What was found and what was expected.
        problem: String,
    },
    /// A field that the type does not know.
    #[error("at {pointer}: unknown field; check the spelling against the schema, or leave it out")]
    UnknownField {
        /// JSON pointer (RFC 6901) of the field.
        pointer: String,
    },
}

/// What to do about fields that a type does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unknown {
    /// Refuse them: on submission, where a misspelt field would be lost in silence.
    Refuse,
    /// Ignore them: on replay, where a later version may have added optional fields.
    Ignore,
}

/// Reads strict JSON of at most `most` bytes.
pub fn parse(bytes: &[u8], most: usize) -> Result<Value, JsonError> {
    if bytes.len() > most {
        return Err(JsonError::TooLarge { found: bytes.len(), most });
    }
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = Strict { depth: 0 }.deserialize(&mut reader).map_err(|e| JsonError::Syntax(e.to_string()))?;
    reader.end().map_err(|e| JsonError::Syntax(e.to_string()))?;
    Ok(value)
}

/// Turns a JSON value into a typed one; errors name the place by JSON pointer below `base`.
pub fn typed<T: DeserializeOwned>(value: Value, base: &str, unknown: Unknown) -> Result<T, JsonError> {
    let mut stranger = None;
    let mut track = serde_path_to_error::Track::new();
    let mut on_ignored = |path: serde_ignored::Path<'_>| {
        stranger.get_or_insert_with(|| pointer(base, &path.to_string()));
    };
    let ignoring = serde_ignored::Deserializer::new(value, &mut on_ignored);
    let tracking = serde_path_to_error::Deserializer::new(ignoring, &mut track);
    let read = T::deserialize(tracking).map_err(|e: serde_json::Error| e.to_string());
    match (read, stranger) {
        (Err(problem), _) => {
            Err(JsonError::Shape { pointer: pointer(base, &track.path().to_string()), problem })
        }
        (Ok(_), Some(pointer)) if unknown == Unknown::Refuse => Err(JsonError::UnknownField { pointer }),
        (Ok(value), _) => Ok(value),
    }
}

/// Writes a path such as `a.b[3]` or `a.b.3` as a JSON pointer below `base`.
fn pointer(base: &str, path: &str) -> String {
    let mut pointer = base.to_owned();
    for step in path.split(['.', '[', ']']).filter(|s| !s.is_empty() && *s != "?") {
        pointer.push('/');
        pointer.push_str(step);
    }
    if pointer.is_empty() { "/".to_owned() } else { pointer }
}

struct Strict {
    depth: usize,
}

impl Strict {
    fn deeper<E: serde::de::Error>(&self) -> Result<Self, E> {
        if self.depth >= MAX_DEPTH {
            return Err(E::custom(format_args!("nested deeper than {MAX_DEPTH} levels")));
        }
        Ok(Self { depth: self.depth + 1 })
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Value, E> {
        if value > MAX_INTEGER {
            return Err(E::custom(format_args!(
                "the integer {value} is beyond 2^53; write it as a decimal string"
            )));
        }
        Ok(Value::Number(Number::from(value)))
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<Value, E> {
        if value.unsigned_abs() > MAX_INTEGER {
            return Err(E::custom(format_args!(
                "the integer {value} is beyond 2^53; write it as a decimal string"
            )));
        }
        Ok(Value::Number(Number::from(value)))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        Err(E::custom(format_args!(
            "the number {value} is not an integer; write it as a decimal string with its unit"
        )))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = access.next_element_seed(self.deeper()?)? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(key) = access.next_key::<String>()? {
            let value = access.next_value_seed(self.deeper()?)?;
            if map.contains_key(&key) {
                return Err(serde::de::Error::custom(format_args!(
                    "the key {key:?} stands twice in one object"
                )));
            }
            map.insert(key, value);
        }
        Ok(Value::Object(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> String {
        parse(text.as_bytes(), 1 << 16).unwrap_err().to_string()
    }

    #[test]
    fn what_readers_disagree_on_is_refused() {
        insta::assert_snapshot!(refusal(r#"{"a":1,"b":{"c":1,"c":2}}"#), @r#"the key "c" stands twice in one object at line 1 column 24"#);
        insta::assert_snapshot!(refusal(r#"{"a":1.5}"#), @"the number 1.5 is not an integer; write it as a decimal string with its unit at line 1 column 8");
        insta::assert_snapshot!(refusal("[9007199254740992]"), @"the integer 9007199254740992 is beyond 2^53; write it as a decimal string at line 1 column 17");
        insta::assert_snapshot!(refusal(&"[".repeat(40)), @"nested deeper than 16 levels at line 1 column 17");
        insta::assert_snapshot!(refusal("{} {}"), @"trailing characters at line 1 column 4");
        assert!(parse(b"\"\xff\"", 10).is_err());
        assert!(matches!(parse(b"[1,2,3]", 3), Err(JsonError::TooLarge { found: 7, most: 3 })));
    }

    #[derive(Debug, serde::Deserialize)]
    struct Pair {
        #[expect(dead_code, reason = "only its type matters here")]
        left: Vec<u8>,
    }

    #[test]
    fn errors_name_the_place() {
        let value = parse(br#"{"left":[1,"x"]}"#, 100).unwrap();
        let error = typed::<Pair>(value, "/predicate", Unknown::Refuse).unwrap_err();
        insta::assert_snapshot!(error, @r#"at /predicate/left/1: invalid type: string "x", expected u8"#);
        let value = parse(br#"{"left":[],"rihgt":1}"#, 100).unwrap();
        let error = typed::<Pair>(value.clone(), "", Unknown::Refuse).unwrap_err();
        insta::assert_snapshot!(error, @"at /rihgt: unknown field; check the spelling against the schema, or leave it out");
        assert!(typed::<Pair>(value, "", Unknown::Ignore).is_ok());
    }
}
