//! JSON of outside, read into types.

use serde::de::DeserializeOwned;

/// Bytes that are not JSON of the right shape.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("does not have the expected form, at {pointer}: {problem}")]
pub struct JsonError {
    /// JSON pointer (RFC 6901) of the place.
    pub pointer: String,
    /// What was found and what was expected.
    pub problem: String,
}

/// Reads JSON of outside into a typed value. A field that the type reads cannot stand twice.
///
/// Not [`evidence::json`]: protobuf writes numbers such as `1000000000.0` into these files, which
/// strict statements must not hold.
pub(crate) fn from_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, JsonError> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        use serde_path_to_error::Segment;
        let mut pointer = String::new();
        for segment in error.path() {
            match segment {
                Segment::Seq { index } => pointer.push_str(&format!("/{index}")),
                Segment::Map { key } | Segment::Enum { variant: key } => pointer.push_str(&format!("/{key}")),
                Segment::Unknown => {}
            }
        }
        JsonError { pointer: named(pointer), problem: error.inner().to_string() }
    })?;
    reader.end().map_err(|error| JsonError { pointer: named(String::new()), problem: error.to_string() })?;
    Ok(value)
}

fn named(pointer: String) -> String {
    if pointer.is_empty() { "/".to_owned() } else { pointer }
}

/// Shortens outside text for an error message.
pub(crate) fn clipped(text: &str) -> String {
    text.chars().take(80).collect()
}
