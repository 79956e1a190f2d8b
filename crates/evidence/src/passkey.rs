//! Signatures made with a passkey (W3C Web Authentication, Level 2).
//!
//! A passkey cannot sign bytes of our choosing: it signs what its browser tells it, which holds a
//! challenge. So the challenge is the SHA-256 of the bytes that DSSE signs, and the signature in the
//! envelope is the whole assertion: three members of `AuthenticatorAssertionResponse`, in compact
//! JSON, each in base64url without padding. An auditor needs nothing else to verify it.
//!
//! The relying party is not compared: a passkey exists for one relying party only, so whoever
//! registered the key has settled that.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::digest::sha256;
use crate::json::{self, Unknown};
use crate::key::PublicKey;

/// The longest assertion that is read, in bytes.
pub const MAX_ASSERTION: usize = 8 << 10;

/// The shortest authenticator data: hash of the relying party, flags, counter (§6.1).
const AUTHENTICATOR_DATA: usize = 37;
const USER_PRESENT: u8 = 0x01;
const USER_VERIFIED: u8 = 0x04;

/// What a passkey answers to a challenge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assertion {
    authenticator_data: Vec<u8>,
    client_data: Vec<u8>,
    signature: Vec<u8>,
}

/// Why an assertion was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AssertionError {
    /// The bytes are no assertion.
    #[error("expected authenticatorData, clientDataJSON and signature, each in base64url without padding")]
    Shape,
    /// The browser did something else than ask for an assertion, or did it for another site's frame.
    #[error("the browser was not asked to sign in or to sign here (type, crossOrigin)")]
    Purpose,
    /// Something else was signed.
    #[error("the passkey answered another challenge: what was shown is not what was signed")]
    Challenge,
    /// Nobody was asked for a PIN, a finger or a face.
    #[error("the passkey did not verify its user: switch on a PIN or a biometric check for it")]
    UserNotVerified,
    /// The signature is not this key's.
    #[error("the signature is not that of the registered passkey")]
    Signature,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    authenticator_data: String,
    #[serde(rename = "clientDataJSON")]
    client_data: String,
    signature: String,
}

impl Assertion {
    /// Reads an assertion as browsers give it: `authenticatorData`, `clientDataJSON` and
    /// `signature` in base64url.
    pub fn from_browser(
        authenticator_data: &str,
        client_data: &str,
        signature: &str,
    ) -> Result<Self, AssertionError> {
        if authenticator_data.len() + client_data.len() + signature.len() > MAX_ASSERTION {
            return Err(AssertionError::Shape);
        }
        let decode = |text: &str| URL_SAFE_NO_PAD.decode(text).map_err(|_| AssertionError::Shape);
        Ok(Self {
            authenticator_data: decode(authenticator_data)?,
            client_data: decode(client_data)?,
            signature: normalised(decode(signature)?),
        })
    }

    /// Reads what an envelope holds as a signature; only the one form that
    /// [`to_signature`](Self::to_signature) writes is taken.
    pub fn from_signature(bytes: &[u8]) -> Result<Self, AssertionError> {
        let wire = json::parse(bytes, MAX_ASSERTION)
            .and_then(|value| json::typed::<Wire>(value, "", Unknown::Refuse))
            .map_err(|_| AssertionError::Shape)?;
        let assertion = Self::from_browser(&wire.authenticator_data, &wire.client_data, &wire.signature)?;
        if assertion.to_signature() == bytes { Ok(assertion) } else { Err(AssertionError::Shape) }
    }

    /// Writes the assertion as an envelope holds it.
    pub fn to_signature(&self) -> Vec<u8> {
        let wire = Wire {
            authenticator_data: URL_SAFE_NO_PAD.encode(&self.authenticator_data),
            client_data: URL_SAFE_NO_PAD.encode(&self.client_data),
            signature: URL_SAFE_NO_PAD.encode(&self.signature),
        };
        // Strings only: writing them cannot fail.
        serde_json::to_vec(&wire).unwrap_or_default()
    }

    /// Tells whether `key` answered this very challenge, with its user verified (§7.2).
    pub fn verify(&self, key: &PublicKey, challenge: &[u8]) -> Result<(), AssertionError> {
        let client: Value =
            json::parse(&self.client_data, MAX_ASSERTION).map_err(|_| AssertionError::Shape)?;
        let cross_origin = client.get("crossOrigin").is_some_and(|value| value != &Value::Bool(false));
        if client.get("type").and_then(Value::as_str) != Some("webauthn.get") || cross_origin {
            return Err(AssertionError::Purpose);
        }
        if client.get("challenge").and_then(Value::as_str) != Some(&URL_SAFE_NO_PAD.encode(challenge)) {
            return Err(AssertionError::Challenge);
        }
        let flags = match self.authenticator_data.get(32) {
            Some(flags) if self.authenticator_data.len() >= AUTHENTICATOR_DATA => *flags,
            _ => return Err(AssertionError::Shape),
        };
        if flags & (USER_PRESENT | USER_VERIFIED) != USER_PRESENT | USER_VERIFIED {
            return Err(AssertionError::UserNotVerified);
        }
        let mut message = self.authenticator_data.clone();
        message.extend_from_slice(sha256(&self.client_data).as_bytes());
        if key.verify(&message, &self.signature) { Ok(()) } else { Err(AssertionError::Signature) }
    }
}

/// Returns the challenge under which a passkey signs the bytes that DSSE signs.
pub fn challenge_of(message: &[u8]) -> [u8; 32] {
    *sha256(message).as_bytes()
}

/// Tells whether `signature` is a passkey's over `message`.
pub(crate) fn verifies(key: &PublicKey, message: &[u8], signature: &[u8]) -> bool {
    // An ECDSA signature begins with 0x30; an Ed25519 one has 64 bytes, fewer than any assertion.
    signature.first() == Some(&b'{')
        && Assertion::from_signature(signature).is_ok_and(|a| a.verify(key, &challenge_of(message)).is_ok())
}

/// Writes an ECDSA signature with low S, as every other signature here; passkeys do not care.
fn normalised(signature: Vec<u8>) -> Vec<u8> {
    match p256::ecdsa::Signature::from_der(&signature) {
        Ok(read) => read.normalize_s().to_der().as_bytes().to_vec(),
        Err(_) => signature,
    }
}

#[cfg(any(test, feature = "testing"))]
pub mod testing {
    //! A passkey in software, for tests.

    use super::{Assertion, URL_SAFE_NO_PAD};
    use crate::digest::sha256;
    use crate::key::SecretKey;
    use base64::Engine as _;

    /// Answers a challenge as an authenticator with the given flags would.
    pub fn assert(key: &SecretKey, challenge: &[u8], flags: u8) -> Assertion {
        let mut data = sha256(b"register.example").as_bytes().to_vec();
        data.push(flags);
        data.extend_from_slice(&[0, 0, 0, 7]);
        let client = format!(
            r#"{{"type":"webauthn.get","challenge":"{}","origin":"https://register.example","crossOrigin":false}}"#,
            URL_SAFE_NO_PAD.encode(challenge)
        );
        let mut message = data.clone();
        message.extend_from_slice(sha256(client.as_bytes()).as_bytes());
        let signature = key.sign(&message);
        Assertion { authenticator_data: data, client_data: client.into_bytes(), signature }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsse::{Envelope, Signature};
    use crate::key::{Algorithm, SecretKey};

    fn key(seed: u8) -> SecretKey {
        SecretKey::from_seed(Algorithm::EcdsaP256, &[seed; 32]).unwrap()
    }

    fn envelope(key: &SecretKey, flags: u8) -> Envelope {
        let challenge = challenge_of(&crate::dsse::to_be_signed(b"{}"));
        let sig = testing::assert(key, &challenge, flags).to_signature();
        Envelope::of(b"{}".to_vec(), vec![Signature { keyid: String::new(), sig }])
    }

    #[test]
    fn an_envelope_signed_with_a_passkey_verifies_like_any_other() {
        let one = key(1);
        let verified = envelope(&one, 0x05).verified_by(&[one.public_key()]).unwrap();
        assert_eq!(verified, Envelope::parse(&verified.to_bytes()).unwrap());
        assert!(envelope(&one, 0x05).verified_by(&[key(2).public_key()]).is_err());
    }

    /// The test vector of docs/formats.md: public values for other implementations.
    #[test]
    fn the_vector_in_the_formats_document_is_this_one() {
        let document = include_str!("../../../docs/formats.md");
        let (one, payload) = (key(1), b"{}");
        let challenge = challenge_of(&crate::dsse::to_be_signed(payload));
        let assertion = testing::assert(&one, &challenge, 0x05);
        let signature = String::from_utf8(assertion.to_signature()).unwrap();
        for value in
            [crate::key::encode_spki(&one.public_key()), URL_SAFE_NO_PAD.encode(challenge), signature.clone()]
        {
            assert!(document.contains(&format!("`{value}`")), "formats.md lacks {value}");
        }
        assert!(verifies(&one.public_key(), &crate::dsse::to_be_signed(payload), signature.as_bytes()));
    }

    #[test]
    fn an_unverified_user_another_challenge_and_another_form_are_refused() {
        let one = key(1);
        assert!(envelope(&one, 0x01).verified_by(&[one.public_key()]).is_err(), "no PIN was asked for");
        let assertion = testing::assert(&one, &[7; 32], 0x05);
        let public = one.public_key();
        assert_eq!(assertion.verify(&public, &[7; 32]), Ok(()));
        assert_eq!(assertion.verify(&public, &[8; 32]), Err(AssertionError::Challenge));
        assert_eq!(assertion.verify(&key(2).public_key(), &[7; 32]), Err(AssertionError::Signature));
        let bytes = assertion.to_signature();
        assert_eq!(Assertion::from_signature(&bytes), Ok(assertion));
        let spaced = String::from_utf8(bytes).unwrap().replace(':', ": ");
        assert_eq!(Assertion::from_signature(spaced.as_bytes()), Err(AssertionError::Shape));
    }

    #[test]
    fn a_high_s_from_an_authenticator_is_written_with_low_s() {
        let one = key(1);
        let mut assertion = testing::assert(&one, &[7; 32], 0x05);
        let low = p256::ecdsa::Signature::from_der(&assertion.signature).unwrap();
        let (r, s) = low.split_scalars();
        let high = p256::ecdsa::Signature::from_scalars(r.to_bytes(), (-*s).to_bytes()).unwrap();
        assertion.signature = high.to_der().as_bytes().to_vec();
        assert_eq!(assertion.verify(&one.public_key(), &[7; 32]), Err(AssertionError::Signature));
        let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let read = Assertion::from_browser(
            &encode(&assertion.authenticator_data),
            &encode(&assertion.client_data),
            &encode(&assertion.signature),
        )
        .unwrap();
        assert_eq!(read.verify(&one.public_key(), &[7; 32]), Ok(()));
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..300)) {
            let _ = Assertion::from_signature(&bytes);
            proptest::prop_assert!(!verifies(&key(1).public_key(), b"m", &bytes));
        }
    }
}
