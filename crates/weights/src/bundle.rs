//! The signature file: a Sigstore bundle v0.3 around a DSSE envelope, with a public key's hint.

use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use evidence::dsse::{MAX_SIGNATURES, PAYLOAD_TYPE, pre_authentication_encoding};
use evidence::{Algorithm, Digest, PublicKey, SecretKey, sha256};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::json::{JsonError, Object, clipped, from_json};

/// The largest signature file that is read, in bytes: more than a manifest of
/// [`MAX_FILES`](crate::MAX_FILES) files needs.
pub const MAX_BUNDLE: usize = 64 << 20;

/// The only media type that model-signing 1.1.1 reads and writes.
const MEDIA_TYPE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";

/// DSSE takes the standard and the URL-safe alphabet (protocol v1.0), JSON of protobuf either
/// padding: the signature covers the decoded bytes.
const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const BASE64: GeneralPurpose = GeneralPurpose::new(&STANDARD, LENIENT);
const BASE64_URL: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, LENIENT);

/// Why a signature file was refused as no OMS bundle that Kanae reads.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    /// The file is too large.
    #[error("the signature file has {0} bytes, at most {MAX_BUNDLE} are read")]
    TooLarge(usize),
    /// The file is not JSON of the right shape.
    #[error("the signature file {0}")]
    Json(#[from] JsonError),
    /// The file is of another kind or version.
    #[error("the signature file has the media type {0:?}, expected {MEDIA_TYPE:?}")]
    MediaType(String),
    /// The file was signed with a certificate, or by Sigstore's keyless way.
    #[error(
        "the signature file was made with a certificate, expected one made with a key; verify it with: model_signing verify certificate (or sigstore)"
    )]
    Certificate,
    /// The file does not say by what it was signed.
    #[error("the signature file names neither a public key nor a certificate, expected a public key's hint")]
    NoKey,
    /// The envelope holds something else than a statement.
    #[error("the signature file holds a payload of type {0:?}, expected {PAYLOAD_TYPE:?}")]
    PayloadType(String),
    /// A member is not base64.
    #[error("the signature file, at {0}: not base64")]
    Base64(String),
    /// There are no signatures, or too many.
    #[error("the signature file carries {0} signatures, expected 1 to {MAX_SIGNATURES}")]
    SignatureCount(usize),
}

/// Why no signature of a bundle counts for a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// The key is of a type that OMS signatures are not made with here.
    #[error("the key is of type {0}, expected ECDSA P-256")]
    KeyType(Algorithm),
    /// The bundle names another key.
    #[error(
        "the signature file names another key ({named}), expected the one given ({given}); ask the signer for the public key that belongs to this signature"
    )]
    OtherKey {
        /// What the bundle says of its key.
        named: String,
        /// The hint of the key given.
        given: Digest,
    },
    /// No signature is the key's over the payload.
    #[error(
        "{} over what the file holds: it was altered, or another key signed it",
        if *.0 == 1 { "the signature is not the given key's".to_owned() } else { format!("none of the {} signatures is the given key's", .0) }
    )]
    Wrong(usize),
    /// The signature was made over the faulty encoding of versions before 1.0.
    #[error(
        "the signature is over the faulty encoding of model-signing before 1.0, which other texts share; sign the model again with 1.0 or later"
    )]
    LegacyEncoding,
}

/// A signature file, read but not yet verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundle {
    hint: Option<String>,
    raw_key: Option<RawKey>,
    payload: Vec<u8>,
    signatures: Vec<Vec<u8>>,
    log_entries: usize,
}

/// The public key itself, which versions before 1.1 put into the bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
struct RawKey {
    bytes: Vec<u8>,
    details: Option<String>,
}

/// Which signature of a bundle is the key's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SignedBy {
    /// The key's name: SHA-256 of its SubjectPublicKeyInfo.
    pub key: Digest,
    /// The place of the good signature, from 0.
    pub index: usize,
    /// How many signatures the bundle carries; the others say nothing.
    pub of: usize,
    /// Whether the bundle itself names the key.
    pub names_key: bool,
}

/// Signs a payload and writes the signature file as model-signing 1.1.1 does.
pub(crate) fn sign_bundle(payload: &[u8], key: &SecretKey) -> Result<Vec<u8>, SignatureError> {
    let public = key.public_key();
    only_p256(&public)?;
    let signature = key.sign(&pre_authentication_encoding(PAYLOAD_TYPE, payload));
    let bundle = json!({
        "mediaType": MEDIA_TYPE,
        "verificationMaterial": { "publicKey": { "hint": hint(&public) }, "tlogEntries": [] },
        "dsseEnvelope": {
            "payload": BASE64.encode(payload),
            "payloadType": PAYLOAD_TYPE,
            // OMS leaves the key id empty: the hint names the key.
            "signatures": [{ "sig": BASE64.encode(signature), "keyid": "" }],
        },
    });
    Ok(bundle.to_string().into_bytes())
}

/// Reads a signature file. Nothing in it is to be believed before [`Bundle::verify`].
pub fn parse_bundle(bytes: &[u8]) -> Result<Bundle, BundleError> {
    if bytes.len() > MAX_BUNDLE {
        return Err(BundleError::TooLarge(bytes.len()));
    }
    // The media type first: what else is expected depends on it.
    let head: Head = from_json(bytes)?;
    if head.media_type != MEDIA_TYPE {
        return Err(BundleError::MediaType(clipped(&head.media_type)));
    }
    let Wire { verification_material: Object(material), dsse_envelope: Object(envelope), .. } =
        from_json(bytes)?;
    let Some(Object(key)) = material.public_key else {
        let certificate = material.certificate.is_some() || material.x509_certificate_chain.is_some();
        return Err(if certificate { BundleError::Certificate } else { BundleError::NoKey });
    };
    if envelope.payload_type != PAYLOAD_TYPE {
        return Err(BundleError::PayloadType(clipped(&envelope.payload_type)));
    }
    if envelope.signatures.is_empty() || envelope.signatures.len() > MAX_SIGNATURES {
        return Err(BundleError::SignatureCount(envelope.signatures.len()));
    }
    let raw_key = match key.raw_bytes.filter(|raw| !raw.is_empty()) {
        None => None,
        Some(raw) => Some(RawKey {
            bytes: base64(&raw, || "/verificationMaterial/publicKey/rawBytes".to_owned())?,
            details: key.key_details,
        }),
    };
    let signatures = envelope
        .signatures
        .iter()
        .enumerate()
        .map(|(at, Object(s))| base64(&s.sig, || format!("/dsseEnvelope/signatures/{at}/sig")))
        .collect::<Result<_, _>>()?;
    Ok(Bundle {
        hint: key.hint.filter(|hint| !hint.is_empty()),
        raw_key,
        payload: base64(&envelope.payload, || "/dsseEnvelope/payload".to_owned())?,
        signatures,
        log_entries: material.tlog_entries.map_or(0, |entries| entries.len()),
    })
}

fn base64(text: &str, pointer: impl Fn() -> String) -> Result<Vec<u8>, BundleError> {
    BASE64.decode(text).or_else(|_| BASE64_URL.decode(text)).map_err(|_| BundleError::Base64(pointer()))
}

impl Bundle {
    /// Returns the signed bytes: the statement that [`Manifest::parse`](crate::Manifest::parse)
    /// reads.
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// Returns how many transparency-log entries the bundle carries; Kanae does not check them.
    pub fn log_entries(&self) -> usize {
        self.log_entries
    }

    /// Verifies that `key` signed the payload and that the bundle names no other key.
    ///
    /// One good signature suffices: who carries a bundle can add others to it.
    pub fn verify(&self, key: &PublicKey) -> Result<SignedBy, SignatureError> {
        only_p256(key)?;
        let given = hint(key);
        if let Some(hint) = self.hint.as_ref().filter(|hint| **hint != given.to_string()) {
            return Err(SignatureError::OtherKey { named: clipped(hint), given });
        }
        if let Some(raw) = self.raw_key.as_ref().filter(|raw| !raw.is(key)) {
            let details = raw.details.as_deref().unwrap_or("of a type not named");
            let named = format!("hint {}, {}", sha256(&raw.bytes), clipped(details));
            return Err(SignatureError::OtherKey { named, given });
        }
        let is_over = |message: &[u8]| self.signatures.iter().position(|s| key.verify_any_s(message, s));
        match is_over(&pre_authentication_encoding(PAYLOAD_TYPE, &self.payload)) {
            Some(index) => Ok(SignedBy {
                key: key.hash(),
                index,
                of: self.signatures.len(),
                names_key: self.hint.is_some() || self.raw_key.is_some(),
            }),
            None if is_over(&legacy_encoding(&self.payload)).is_some() => Err(SignatureError::LegacyEncoding),
            None => Err(SignatureError::Wrong(self.signatures.len())),
        }
    }
}

impl RawKey {
    /// Tells whether the bytes are `key`: as text in PEM (model-signing before 1.1) or in DER (the
    /// Sigstore bundle's own rule).
    fn is(&self, key: &PublicKey) -> bool {
        self.bytes == key.spki_der()
            || std::str::from_utf8(&self.bytes)
                .is_ok_and(|pem| PublicKey::from_pem(pem).is_ok_and(|named| named == *key))
    }
}

fn only_p256(key: &PublicKey) -> Result<(), SignatureError> {
    match key.algorithm() {
        Algorithm::EcdsaP256 => Ok(()),
        other @ Algorithm::Ed25519 => Err(SignatureError::KeyType(other)),
    }
}

/// Returns what OMS names a key by: SHA-256 of its PEM text, not of its DER.
fn hint(key: &PublicKey) -> Digest {
    sha256(key.to_pem().as_bytes())
}

/// Returns the encoding that model-signing before 1.0 signed by mistake: Python's `repr` of the
/// payload in place of its bytes. Only for telling why such a signature is refused.
fn legacy_encoding(payload: &[u8]) -> Vec<u8> {
    let quote = if payload.contains(&b'\'') && !payload.contains(&b'"') { b'"' } else { b'\'' };
    let mut encoded =
        format!("DSSEV1 {} {PAYLOAD_TYPE} {} b", PAYLOAD_TYPE.len(), payload.len()).into_bytes();
    encoded.push(quote);
    for &byte in payload {
        match byte {
            b'\\' => encoded.extend(b"\\\\"),
            b'\t' => encoded.extend(b"\\t"),
            b'\n' => encoded.extend(b"\\n"),
            b'\r' => encoded.extend(b"\\r"),
            _ if byte == quote => encoded.extend([b'\\', byte]),
            b' '..=b'~' => encoded.push(byte),
            _ => encoded.extend(format!("\\x{byte:02x}").bytes()),
        }
    }
    encoded.push(quote);
    encoded
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Head {
    media_type: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Wire {
    #[serde(rename = "mediaType")]
    _media_type: IgnoredAny,
    verification_material: Object<Material>,
    dsse_envelope: Object<Envelope>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Material {
    public_key: Option<Object<KeyMaterial>>,
    tlog_entries: Option<Vec<IgnoredAny>>,
    #[serde(rename = "timestampVerificationData")]
    _timestamps: Option<IgnoredAny>,
    x509_certificate_chain: Option<IgnoredAny>,
    certificate: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct KeyMaterial {
    hint: Option<String>,
    raw_bytes: Option<String>,
    key_details: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Envelope {
    payload: String,
    payload_type: String,
    signatures: Vec<Object<Signature>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Signature {
    sig: String,
    #[serde(rename = "keyid")]
    _keyid: Option<String>,
}
