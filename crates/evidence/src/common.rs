//! The fields that every statement carries, and the small types that predicates share.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::digest::{Digest, sha256, sha256_all};
use crate::time::Timestamp;

/// A readable name for a thing, unique below its parent: lowercase letters, digits and hyphens.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Slug(String);

impl Slug {
    /// Returns the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Text that is no slug.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected a short name of 1 to 64 lowercase letters, digits, dots and inner hyphens, found {0:?}")]
pub struct NotASlug(String);

impl FromStr for Slug {
    type Err = NotASlug;

    fn from_str(text: &str) -> Result<Self, NotASlug> {
        let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
        let bytes = text.as_bytes();
        let fits = (1..=64).contains(&bytes.len())
            && bytes.iter().all(|&b| inner(b) || b == b'-' || b == b'.')
            && inner(bytes[0])
            && inner(bytes[bytes.len() - 1])
            && !text.contains("..");
        if fits { Ok(Self(text.to_owned())) } else { Err(NotASlug(text.chars().take(80).collect())) }
    }
}

impl<'de> Deserialize<'de> for Slug {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Slug {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Slug".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "pattern": "^[a-z0-9]([a-z0-9.-]{0,62}[a-z0-9])?$",
            "description": "readable name, unique below its parent",
        })
    }
}

/// A language of the register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Japanese.
    Ja,
    /// English.
    En,
}

impl Language {
    /// Returns the BCP 47 tag.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Ja => "ja",
            Self::En => "en",
        }
    }
}

/// The longest text for people, in characters.
pub const MAX_TEXT: usize = 8000;

/// A text for people in Japanese, English or both; at least one is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Texts {
    /// The text in Japanese.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 8000))]
    pub ja: Option<String>,
    /// The text in English.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 8000))]
    pub en: Option<String>,
}

impl Texts {
    /// Makes a text in both languages.
    pub fn both(ja: impl Into<String>, en: impl Into<String>) -> Self {
        Self { ja: Some(ja.into()), en: Some(en.into()) }
    }

    /// Returns the text in `language`, else in the other one, and which language it is in.
    pub fn get(&self, language: Language) -> (&str, Language) {
        let (first, second) = match language {
            Language::Ja => ((&self.ja, Language::Ja), (&self.en, Language::En)),
            Language::En => ((&self.en, Language::En), (&self.ja, Language::Ja)),
        };
        match (first.0, second.0) {
            (Some(text), _) => (text, first.1),
            (None, Some(text)) => (text, second.1),
            (None, None) => ("", language),
        }
    }
}

impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Raw {
            ja: Option<String>,
            en: Option<String>,
        }
        use serde::de::Error as _;
        let Raw { ja, en } = Raw::deserialize(deserializer)?;
        if ja.is_none() && en.is_none() {
            return Err(D::Error::custom("a text needs \"ja\", \"en\" or both"));
        }
        for text in [&ja, &en].into_iter().flatten() {
            let length = text.chars().count();
            if text.trim().is_empty() || length > MAX_TEXT {
                return Err(D::Error::custom(format_args!(
                    "a text has 1 to {MAX_TEXT} characters, found {length}; longer texts go into an attachment"
                )));
            }
        }
        Ok(Self { ja, en })
    }
}

/// Who issues a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Issuer {
    /// The organisation with this digest.
    Organisation(Digest),
    /// The organisation that this very statement creates (`organisation` only).
    Itself,
    /// The node: k of its root keys.
    Node,
}

impl fmt::Display for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Organisation(digest) => digest.fmt(f),
            Self::Itself => f.write_str("self"),
            Self::Node => f.write_str("node"),
        }
    }
}

impl Serialize for Issuer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Issuer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        match &*text {
            "self" => Ok(Self::Itself),
            "node" => Ok(Self::Node),
            digest => digest.parse().map(Self::Organisation).map_err(|_| {
                serde::de::Error::custom("expected an organisation's digest, \"self\" or \"node\"")
            }),
        }
    }
}

impl JsonSchema for Issuer {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Issuer".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "pattern": "^([0-9a-f]{64}|self|node)$",
            "description": "digest of the issuing organisation; \"self\" in `organisation`; \"node\" for acts of the root keys",
        })
    }
}

/// A checkpoint that the signer has seen: it binds the statement to one log and one history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LogReference {
    /// The log's origin.
    #[schemars(length(max = 255))]
    pub origin: String,
    /// The number of entries; 0 in the genesis only.
    pub size: u64,
    /// The root of the Merkle tree at that size (RFC 6962 §2.1).
    pub root: Digest,
}

/// Why a statement is made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Basis {
    /// Of one's own accord, because a rule asks for it, or because an authority does.
    pub kind: BasisKind,
    /// The article, as the regime names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 200))]
    pub article: Option<String>,
}

/// What prompts a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BasisKind {
    /// Nobody asked.
    Voluntary,
    /// A rule of law asks for it, or empowers to it.
    Duty,
    /// An authority has asked for it.
    Demand,
}

/// Who may see something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// Everyone.
    Public,
    /// The issuer and the recipients.
    Restricted,
}

/// Something that travels beside the statement and can be withheld or erased without breaking it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Attachment {
    /// The file name, for people.
    #[schemars(length(max = 200))]
    pub name: String,
    /// The media type (RFC 6838).
    #[schemars(length(max = 100))]
    pub media_type: String,
    /// Bytes.
    pub size: u64,
    /// SHA-256("kanae/part/v1\0" ‖ salt ‖ bytes), see [`Part::commitment`].
    pub commitment: Digest,
    /// Who may see it.
    pub visibility: Visibility,
    /// Why it is restricted: the legal ground, for the public to read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidentiality_ground: Option<Texts>,
}

/// The content of an attachment: what travels beside the envelope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// 32 random bytes, so that nobody can guess the content from its commitment.
    pub salt: [u8; 32],
    /// The content.
    pub bytes: Vec<u8>,
}

impl Part {
    /// Makes a part with a fresh salt.
    pub fn new(bytes: Vec<u8>) -> Result<Self, getrandom::Error> {
        let mut salt = [0; 32];
        getrandom::fill(&mut salt)?;
        Ok(Self { salt, bytes })
    }

    /// Returns the commitment that the statement holds: SHA-256("kanae/part/v1\0" ‖ salt ‖ bytes).
    pub fn commitment(&self) -> Digest {
        sha256_all(&[b"kanae/part/v1\0", &self.salt, &self.bytes])
    }
}

/// The common fields of every statement (DESIGN §3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Common {
    /// Who says it.
    pub issuer: Issuer,
    /// The keys that sign: SHA-256 of each SPKI, sorted, each once; exactly these must verify.
    #[schemars(length(min = 1, max = 16))]
    pub signers: Vec<Digest>,
    /// The pseudonymous holder who drafted it: an office, never a person's name.
    pub holder: Slug,
    /// When it was signed, as the signer says. A claim: the entry time is the log's.
    pub issued_at: Timestamp,
    /// A checkpoint that the signer has seen.
    pub log: LogReference,
    /// The regime under which a legal act is done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub regime: Option<Slug>,
    /// What prompts it.
    pub basis: Basis,
    /// Who may see it.
    pub visibility: Visibility,
    /// Why it is restricted, where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidentiality_ground: Option<Texts>,
    /// 128 random bits in hexadecimal, so that equal words are different statements.
    pub nonce: Nonce,
    /// What travels beside the statement.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64))]
    pub attachments: Vec<Attachment>,
    /// The language that counts where translations differ.
    pub authentic_language: Language,
    /// The statement that this one corrects: same type, subject and issuer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supersedes: Option<Digest>,
}

/// 128 random bits, written as 32 lowercase hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Nonce([u8; 16]);

impl Nonce {
    /// Draws a nonce from the system's randomness.
    pub fn random() -> Result<Self, getrandom::Error> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes)?;
        Ok(Self(bytes))
    }

    /// Makes a nonce of its bytes.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }
}

impl Serialize for Nonce {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode(self.0))
    }
}

impl<'de> Deserialize<'de> for Nonce {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        let mut bytes = [0; 16];
        if hex::decode_to_slice(&*text, &mut bytes).is_err() || hex::encode(bytes) != *text {
            return Err(serde::de::Error::custom("expected a nonce of 32 lowercase hexadecimal digits"));
        }
        Ok(Self(bytes))
    }
}

impl JsonSchema for Nonce {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Nonce".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "string", "pattern": "^[0-9a-f]{32}$"})
    }
}

/// Returns the subject of a log's genesis: SHA-256 of its origin.
pub fn origin_subject(origin: &str) -> Digest {
    sha256(origin.as_bytes())
}
