//! JSON of outside, read into types.

use std::fmt::{self, Write as _};
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, DeserializeOwned, Deserializer, MapAccess, Visitor};
use serde_path_to_error::Segment;

/// Bytes that are not JSON of the right shape.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("does not have the expected form, at {pointer}: {problem}")]
pub struct JsonError {
    /// JSON pointer (RFC 6901) of the place.
    pub pointer: String,
    /// What was found and what was expected.
    pub problem: String,
}

/// Reads a JSON object of outside into a typed value. A field that the type reads cannot stand
/// twice.
///
/// Not [`evidence::json`]: protobuf writes numbers such as `1000000000.0` into these files, which
/// strict statements must not hold.
pub(crate) fn from_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, JsonError> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let Object(value) = serde_path_to_error::deserialize(&mut reader)
        .map_err(|error| JsonError { pointer: pointer(error.path()), problem: error.inner().to_string() })?;
    reader.end().map_err(|error| JsonError { pointer: "/".to_owned(), problem: error.to_string() })?;
    Ok(value)
}

fn pointer(path: &serde_path_to_error::Path) -> String {
    let mut pointer = String::new();
    for segment in path {
        // Writing to a string cannot fail.
        let _ = match segment {
            Segment::Seq { index } => write!(pointer, "/{index}"),
            Segment::Map { key } | Segment::Enum { variant: key } => write!(pointer, "/{key}"),
            Segment::Unknown => Ok(()),
        };
    }
    if pointer.is_empty() { "/".to_owned() } else { pointer }
}

/// A struct that is written as an object only.
///
/// serde also reads the fields of a struct from an array, by their order, which no other reader of
/// these files does.
#[derive(Debug)]
pub(crate) struct Object<T>(pub(crate) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ObjectVisitor<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectVisitor<T> {
            type Value = T;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map))
            }
        }

        deserializer.deserialize_map(ObjectVisitor(PhantomData)).map(Self)
    }
}

/// Shortens outside text for an error message.
pub(crate) fn clipped(text: &str) -> String {
    text.chars().take(80).collect()
}
