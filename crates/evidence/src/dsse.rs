//! DSSE envelopes (Dead Simple Signing Envelope v1.0) around in-toto statements.
//!
//! The payload is kept as received and never written again: what is verified is what is read.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use crate::digest::{Digest, sha256};
use crate::json::{self, JsonError, Unknown};
use crate::key::{PublicKey, SecretKey};
use crate::passkey;

/// The media type of an in-toto statement, the only payload that Kanae takes.
pub const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";

/// The longest envelope that is read, in bytes.
pub const MAX_ENVELOPE: usize = 1 << 20;

/// The most signatures that an envelope may carry.
pub const MAX_SIGNATURES: usize = 16;

/// Returns the pre-authentication encoding: the bytes that DSSE signs (DSSE protocol, "PAE").
pub fn pre_authentication_encoding(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let mut encoded = format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), payload.len()).into_bytes();
    encoded.extend_from_slice(payload);
    encoded
}

/// Returns what is signed of an in-toto payload.
pub fn to_be_signed(payload: &[u8]) -> Vec<u8> {
    pre_authentication_encoding(PAYLOAD_TYPE, payload)
}

/// Tells whether `signature` is the key's over the payload: plain, or by a passkey.
pub fn is_signed_by(key: &PublicKey, payload: &[u8], signature: &[u8]) -> bool {
    signs(key, &to_be_signed(payload), signature)
}

fn signs(key: &PublicKey, encoded: &[u8], signature: &[u8]) -> bool {
    key.verify(encoded, signature) || passkey::verifies(key, encoded, signature)
}

/// One signature in an envelope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// A hint at the key; the payload's `signers` decide.
    pub keyid: String,
    /// The signature's bytes.
    pub sig: Vec<u8>,
}

/// A payload and the signatures over it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    payload: Vec<u8>,
    signatures: Vec<Signature>,
}

/// Why an envelope was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeError {
    /// The bytes are not strict JSON of the right shape.
    #[error("the envelope is not a DSSE envelope: {0}")]
    Json(#[from] JsonError),
    /// The payload's media type is not that of in-toto.
    #[error("the envelope holds {0:?}, expected {PAYLOAD_TYPE:?}")]
    PayloadType(String),
    /// A member is not strict base64 (standard alphabet, padded).
    #[error("at /{0}: not strict base64 (RFC 4648 §4, with padding)")]
    Base64(&'static str),
    /// There are no signatures, or too many.
    #[error("the envelope carries {0} signatures, expected 1 to {MAX_SIGNATURES}")]
    SignatureCount(usize),
    /// A signer named in the payload has not signed.
    #[error("no signature by {0}, which the payload names as a signer")]
    SignatureMissing(Digest),
    /// A signature does not verify.
    #[error("the signature by {0} does not verify")]
    SignatureWrong(Digest),
    /// The key of a signer is not known here.
    #[error("the key {0} is not known; a key speaks once its organisation has registered it")]
    KeyUnknown(Digest),
    /// There is a signature that no signer of the payload accounts for.
    #[error("{0} signatures for {1} signers: exactly one of each is expected")]
    SignatureSuperfluous(usize, usize),
}

#[derive(Serialize, Deserialize)]
struct Wire {
    payload: String,
    #[serde(rename = "payloadType")]
    payload_type: String,
    signatures: Vec<WireSignature>,
}

#[derive(Serialize, Deserialize)]
struct WireSignature {
    #[serde(default)]
    keyid: String,
    sig: String,
}

impl Envelope {
    /// Signs a payload with each key; each signature's `keyid` is its key's hash.
    pub fn sign(payload: Vec<u8>, keys: &[&SecretKey]) -> Self {
        let encoded = to_be_signed(&payload);
        let signatures = keys
            .iter()
            .map(|key| Signature { keyid: key.public_key().hash().to_string(), sig: key.sign(&encoded) })
            .collect();
        Self::of(payload, signatures)
    }

    /// Puts a payload together with signatures that were made elsewhere; nothing is verified.
    pub fn of(payload: Vec<u8>, signatures: Vec<Signature>) -> Self {
        Self { payload, signatures }.normalised()
    }

    /// Reads an envelope in JSON.
    pub fn parse(bytes: &[u8]) -> Result<Self, EnvelopeError> {
        let wire: Wire = json::typed(json::parse(bytes, MAX_ENVELOPE)?, "", Unknown::Refuse)?;
        if wire.payload_type != PAYLOAD_TYPE {
            return Err(EnvelopeError::PayloadType(wire.payload_type.chars().take(80).collect()));
        }
        if wire.signatures.is_empty() || wire.signatures.len() > MAX_SIGNATURES {
            return Err(EnvelopeError::SignatureCount(wire.signatures.len()));
        }
        let payload = STANDARD.decode(&wire.payload).map_err(|_| EnvelopeError::Base64("payload"))?;
        let signatures = wire
            .signatures
            .into_iter()
            .map(|s| {
                let sig = STANDARD.decode(&s.sig).map_err(|_| EnvelopeError::Base64("signatures"))?;
                Ok(Signature { keyid: s.keyid, sig })
            })
            .collect::<Result<_, EnvelopeError>>()?;
        Ok(Self { payload, signatures })
    }

    /// Returns the payload as it was signed.
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// Returns the signatures.
    pub fn signatures(&self) -> &[Signature] {
        &self.signatures
    }

    /// Verifies that exactly the given signers have signed, once each, and returns the envelope in
    /// normal form with their hashes as key ids.
    pub fn verified_by(&self, signers: &[PublicKey]) -> Result<Self, EnvelopeError> {
        if self.signatures.len() != signers.len() {
            if let Some(missing) = signers.get(self.signatures.len()) {
                return Err(EnvelopeError::SignatureMissing(missing.hash()));
            }
            return Err(EnvelopeError::SignatureSuperfluous(self.signatures.len(), signers.len()));
        }
        let encoded = to_be_signed(&self.payload);
        let mut left: Vec<&Signature> = self.signatures.iter().collect();
        let mut found = Vec::with_capacity(signers.len());
        for signer in signers {
            let name = signer.hash();
            let hinted = left.iter().any(|s| s.keyid == name.to_string());
            let Some(at) = left.iter().position(|s| signs(signer, &encoded, &s.sig)) else {
                return Err(if hinted || left.len() == 1 {
                    EnvelopeError::SignatureWrong(name)
                } else {
                    EnvelopeError::SignatureMissing(name)
                });
            };
            found.push(Signature { keyid: name.to_string(), sig: left.remove(at).sig.clone() });
        }
        Ok(Self { payload: self.payload.clone(), signatures: found }.normalised())
    }

    fn normalised(mut self) -> Self {
        self.signatures.sort_by(|a, b| a.keyid.cmp(&b.keyid));
        self
    }

    /// Writes the envelope as compact JSON, members in the order of FORMATS.md: the normal form,
    /// where the signatures are sorted by `keyid`.
    pub fn to_bytes(&self) -> Vec<u8> {
        let wire = Wire {
            payload: STANDARD.encode(&self.payload),
            payload_type: PAYLOAD_TYPE.to_owned(),
            signatures: self
                .signatures
                .iter()
                .map(|s| WireSignature { keyid: s.keyid.clone(), sig: STANDARD.encode(&s.sig) })
                .collect(),
        };
        // Strings only: writing them cannot fail.
        serde_json::to_vec(&wire).unwrap_or_default()
    }

    /// Returns the envelope digest: SHA-256 of the normal form.
    pub fn digest(&self) -> Digest {
        sha256(&self.to_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::Algorithm;

    fn key(seed: u8) -> SecretKey {
        SecretKey::from_seed(Algorithm::EcdsaP256, &[seed; 32]).unwrap()
    }

    #[test]
    fn the_encoding_is_that_of_the_dsse_protocol() {
        let encoded = pre_authentication_encoding("http://example.com/HelloWorld", b"hello world");
        assert_eq!(encoded, b"DSSEv1 29 http://example.com/HelloWorld 11 hello world");
    }

    #[test]
    fn exactly_the_named_signers_must_have_signed() {
        let (one, two, three) = (key(1), key(2), key(3));
        let envelope = Envelope::sign(b"{}".to_vec(), &[&one, &two]);
        let keys = [one.public_key(), two.public_key()];
        let verified = envelope.verified_by(&keys).unwrap();
        assert_eq!(verified, Envelope::parse(&verified.to_bytes()).unwrap());
        assert_eq!(envelope.verified_by(&keys[..1]), Err(EnvelopeError::SignatureSuperfluous(2, 1)));
        assert!(envelope.verified_by(&[keys[0].clone(), three.public_key()]).is_err());
        assert_eq!(
            envelope.verified_by(&[keys[0].clone(), keys[1].clone(), three.public_key()]),
            Err(EnvelopeError::SignatureMissing(three.public_key().hash()))
        );
    }

    #[test]
    fn a_duplicated_signature_does_not_count_twice() {
        let one = key(1);
        let mut envelope = Envelope::sign(b"{}".to_vec(), &[&one]);
        envelope.signatures.push(envelope.signatures[0].clone());
        assert!(envelope.verified_by(&[one.public_key()]).is_err());
    }

    #[test]
    fn lenient_base64_and_strange_members_are_refused() {
        let good = String::from_utf8(Envelope::sign(b"{}".to_vec(), &[&key(1)]).to_bytes()).unwrap();
        assert!(Envelope::parse(good.as_bytes()).is_ok());
        assert!(Envelope::parse(good.replace("e30=", "e30").as_bytes()).is_err(), "padding");
        assert!(Envelope::parse(good.replace("\"payload\"", "\"x\":1,\"payload\"").as_bytes()).is_err());
        assert!(Envelope::parse(good.replace("in-toto", "other").as_bytes()).is_err());
    }
}
