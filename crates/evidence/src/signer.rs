//! Signing with a key that may lie elsewhere: in this process, or in a device that never gives it away.

use crate::dsse::{Envelope, Signature, to_be_signed};
use crate::key::{PublicKey, SecretKey};

/// Says why nothing was signed.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct SignerError(pub String);

/// Signs with one key.
pub trait Signer: std::fmt::Debug + Send + Sync {
    /// Returns the public key.
    fn public_key(&self) -> PublicKey;

    /// Signs `message` as statements are signed: ECDSA as DER with low S, or Ed25519.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignerError>;
}

impl Signer for SecretKey {
    fn public_key(&self) -> PublicKey {
        Self::public_key(self)
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignerError> {
        Ok(Self::sign(self, message))
    }
}

impl Envelope {
    /// Signs a payload with each key, wherever it lies. What comes back is verified before it is used.
    pub fn sign_by(payload: Vec<u8>, signers: &[&dyn Signer]) -> Result<Self, SignerError> {
        let encoded = to_be_signed(&payload);
        let signatures = signers
            .iter()
            .map(|signer| {
                let (key, sig) = (signer.public_key(), signer.sign(&encoded)?);
                if !key.verify(&encoded, &sig) {
                    return Err(SignerError(format!(
                        "what came back is no signature of the key {}",
                        key.hash()
                    )));
                }
                Ok(Signature { keyid: key.hash().to_string(), sig })
            })
            .collect::<Result<_, _>>()?;
        Ok(Self::of(payload, signatures))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::Algorithm;

    #[derive(Debug)]
    struct Broken(SecretKey);

    impl Signer for Broken {
        fn public_key(&self) -> PublicKey {
            self.0.public_key()
        }

        fn sign(&self, _message: &[u8]) -> Result<Vec<u8>, SignerError> {
            Ok(self.0.sign(b"something else"))
        }
    }

    fn key() -> SecretKey {
        SecretKey::from_seed(Algorithm::EcdsaP256, &[7; 32]).unwrap()
    }

    #[test]
    fn a_key_that_lies_elsewhere_signs_as_one_that_does_not() {
        let payload = b"payload".to_vec();
        assert_eq!(
            Envelope::sign_by(payload.clone(), &[&key()]).unwrap(),
            Envelope::sign(payload, &[&key()])
        );
    }

    #[test]
    fn what_a_device_returns_is_not_believed() {
        let refused = Envelope::sign_by(b"payload".to_vec(), &[&Broken(key())]).unwrap_err();
        assert!(refused.to_string().contains("no signature"), "{refused}");
    }
}
