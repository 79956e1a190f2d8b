//! Keys and signatures: ECDSA P-256 with SHA-256 (low S) and Ed25519 (strict).
//!
//! A key *is* its SubjectPublicKeyInfo (RFC 5280 §4.1.2.7): its hash, SHA-256 of the DER, names
//! it in statements.

use std::fmt;
use std::path::Path;

use ed25519_dalek::pkcs8::{
    DecodePrivateKey as _, DecodePublicKey as _, EncodePrivateKey as _, EncodePublicKey as _,
};
use p256::ecdsa::signature::{Signer as _, Verifier as _};
use pkcs8::{EncryptedPrivateKeyInfoRef, LineEnding, PrivateKeyInfoRef, SecretDocument};
use zeroize::Zeroizing;

use crate::digest::{Digest, sha256};

/// The signature algorithm of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// ECDSA on P-256 with SHA-256 (FIPS 186-5): what HSMs, cosign and OMS take.
    EcdsaP256,
    /// Ed25519 (RFC 8032).
    Ed25519,
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::EcdsaP256 => "ECDSA P-256",
            Self::Ed25519 => "Ed25519",
        })
    }
}

/// Why a key or its file was refused.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The bytes are no public key that Kanae knows.
    #[error("expected a public key (SPKI) of type ECDSA P-256 or Ed25519: {0}")]
    PublicKey(String),
    /// The text is no private key that Kanae knows.
    #[error("expected a private key in PEM (PKCS#8, or SEC1 for P-256) of type ECDSA P-256 or Ed25519: {0}")]
    PrivateKey(String),
    /// The key is encrypted and no passphrase was given.
    #[error("the private key is encrypted; give its passphrase")]
    PassphraseMissing,
    /// The passphrase does not open the key.
    #[error("the passphrase does not open the private key")]
    PassphraseWrong,
    /// The key file lets others read it.
    #[error(
        "{path}: other users of this machine can read this private key (mode {mode:03o}); run: chmod 600 {path}"
    )]
    Readable {
        /// The file.
        path: String,
        /// Its permission bits.
        mode: u32,
    },
    /// The file cannot be read or written.
    #[error("{path}: {error}")]
    Io {
        /// The file.
        path: String,
        /// What the system said.
        error: std::io::Error,
    },
}

/// A public key.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey {
    kind: PublicKind,
    spki: Vec<u8>,
}

#[derive(Clone, PartialEq, Eq)]
enum PublicKind {
    P256(Box<p256::ecdsa::VerifyingKey>),
    Ed25519(Box<ed25519_dalek::VerifyingKey>),
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({} {})", self.algorithm(), self.hash())
    }
}

impl PublicKey {
    /// Reads SubjectPublicKeyInfo in DER. Only the one canonical encoding of a key is taken, since
    /// its hash is the key's name.
    pub fn from_spki_der(der: &[u8]) -> Result<Self, KeyError> {
        let key = if let Ok(key) = p256::ecdsa::VerifyingKey::from_public_key_der(der) {
            Self::of(PublicKind::P256(Box::new(key)))?
        } else {
            let key = ed25519_dalek::VerifyingKey::from_public_key_der(der)
                .map_err(|e| KeyError::PublicKey(e.to_string()))?;
            if key.is_weak() {
                return Err(KeyError::PublicKey("a weak Ed25519 key (of small order)".into()));
            }
            Self::of(PublicKind::Ed25519(Box::new(key)))?
        };
        if key.spki != der {
            return Err(KeyError::PublicKey(
                "the encoding is not the canonical one (uncompressed point, DER)".into(),
            ));
        }
        Ok(key)
    }

    /// Reads a point of P-256 as SEC1 encodes it (§2.3.3), which is how devices show it.
    pub fn from_p256_point(point: &[u8]) -> Result<Self, KeyError> {
        let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(point)
            .map_err(|e| KeyError::PublicKey(e.to_string()))?;
        Self::of(PublicKind::P256(Box::new(key)))
    }

    /// Reads SubjectPublicKeyInfo in PEM (RFC 7468 §13).
    pub fn from_pem(pem: &str) -> Result<Self, KeyError> {
        let (label, document) =
            pkcs8::Document::from_pem(pem).map_err(|e| KeyError::PublicKey(e.to_string()))?;
        if label != "PUBLIC KEY" {
            return Err(KeyError::PublicKey(format!("the PEM block is a {label:?}")));
        }
        Self::from_spki_der(document.as_bytes())
    }

    fn of(kind: PublicKind) -> Result<Self, KeyError> {
        let document = match &kind {
            PublicKind::P256(key) => key.to_public_key_der(),
            PublicKind::Ed25519(key) => key.to_public_key_der(),
        };
        let spki = document.map_err(|e| KeyError::PublicKey(e.to_string()))?.into_vec();
        Ok(Self { kind, spki })
    }

    /// Returns SubjectPublicKeyInfo in DER.
    pub fn spki_der(&self) -> &[u8] {
        &self.spki
    }

    /// Returns SubjectPublicKeyInfo in PEM, with 64-column lines and a line break at the end.
    pub fn to_pem(&self) -> String {
        // The document was made by `of`, so encoding it as text cannot fail.
        pkcs8::Document::try_from(self.spki.as_slice())
            .and_then(|d| d.to_pem("PUBLIC KEY", LineEnding::LF))
            .unwrap_or_default()
    }

    /// Returns the key's name: SHA-256 of its SubjectPublicKeyInfo.
    pub fn hash(&self) -> Digest {
        sha256(&self.spki)
    }

    /// Returns the signature algorithm.
    pub fn algorithm(&self) -> Algorithm {
        match self.kind {
            PublicKind::P256(_) => Algorithm::EcdsaP256,
            PublicKind::Ed25519(_) => Algorithm::Ed25519,
        }
    }

    /// Tells whether `signature` is this key's over `message`.
    ///
    /// Each message has one signature only: ECDSA as strict DER with low S, Ed25519 by the strict
    /// rules (no small-order points, canonical S).
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        match &self.kind {
            PublicKind::P256(key) => p256::ecdsa::Signature::from_der(signature)
                .is_ok_and(|s| s.normalize_s() == s && key.verify(message, &s).is_ok()),
            PublicKind::Ed25519(key) => ed25519_dalek::Signature::from_slice(signature)
                .is_ok_and(|s| key.verify_strict(message, &s).is_ok()),
        }
    }

    /// Tells the same as [`verify`](Self::verify), but takes an ECDSA signature with high S too:
    /// for formats whose other writers do not normalise (OpenSSF Model Signing).
    pub fn verify_any_s(&self, message: &[u8], signature: &[u8]) -> bool {
        match &self.kind {
            PublicKind::P256(key) => {
                p256::ecdsa::Signature::from_der(signature).is_ok_and(|s| key.verify(message, &s).is_ok())
            }
            PublicKind::Ed25519(_) => self.verify(message, signature),
        }
    }
}

/// Writes an ECDSA P-256 signature as statements carry it (DER, low S) that a device made (r ‖ s, any S: PKCS#11
/// §2.3.1). `None` where the bytes are none.
pub fn low_s_der(r_s: &[u8]) -> Option<Vec<u8>> {
    let signature = p256::ecdsa::Signature::from_slice(r_s).ok()?;
    Some(signature.normalize_s().to_der().as_bytes().to_vec())
}

/// Reads SubjectPublicKeyInfo as statements carry it: DER in strict base64.
pub fn decode_spki(text: &str) -> Result<PublicKey, KeyError> {
    use base64::Engine as _;
    let der = base64::engine::general_purpose::STANDARD
        .decode(text)
        .map_err(|e| KeyError::PublicKey(format!("not base64: {e}")))?;
    PublicKey::from_spki_der(&der)
}

/// Writes SubjectPublicKeyInfo as statements carry it.
pub fn encode_spki(key: &PublicKey) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(key.spki_der())
}

/// A private key. It is wiped from memory when dropped and never printed.
pub struct SecretKey(SecretKind);

enum SecretKind {
    P256(p256::ecdsa::SigningKey),
    Ed25519(ed25519_dalek::SigningKey),
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretKey(of {:?})", self.public_key())
    }
}

impl SecretKey {
    /// Makes a new key from the system's randomness.
    pub fn generate(algorithm: Algorithm) -> Result<Self, KeyError> {
        let mut seed = Zeroizing::new([0; 32]);
        loop {
            getrandom::fill(seed.as_mut()).map_err(|e| KeyError::PrivateKey(e.to_string()))?;
            if let Some(key) = Self::from_seed(algorithm, &seed) {
                return Ok(key);
            }
        }
    }

    /// Makes the key of a 32-byte seed: the secret scalar for P-256, the seed of RFC 8032 for
    /// Ed25519. `None` where the scalar is zero or beyond the order (odds of 2⁻³²).
    pub fn from_seed(algorithm: Algorithm, seed: &[u8; 32]) -> Option<Self> {
        Some(Self(match algorithm {
            Algorithm::EcdsaP256 => SecretKind::P256(p256::ecdsa::SigningKey::from_slice(seed).ok()?),
            Algorithm::Ed25519 => SecretKind::Ed25519(ed25519_dalek::SigningKey::from_bytes(seed)),
        }))
    }

    /// Reads a private key in PEM: PKCS#8 (RFC 5958), encrypted PKCS#8 with its passphrase, or
    /// SEC1 (RFC 5915) for P-256.
    pub fn from_pem(pem: &str, passphrase: Option<&str>) -> Result<Self, KeyError> {
        let wrong = |e: &dyn fmt::Display| KeyError::PrivateKey(e.to_string());
        let (label, document) = SecretDocument::from_pem(pem).map_err(|e| wrong(&e))?;
        match label {
            "EC PRIVATE KEY" => {
                let key = p256::SecretKey::from_sec1_der(document.as_bytes()).map_err(|e| wrong(&e))?;
                Ok(Self(SecretKind::P256(key.into())))
            }
            "PRIVATE KEY" => Self::from_pkcs8_der(document.as_bytes()),
            "ENCRYPTED PRIVATE KEY" => {
                let passphrase = passphrase.ok_or(KeyError::PassphraseMissing)?;
                let encrypted =
                    EncryptedPrivateKeyInfoRef::try_from(document.as_bytes()).map_err(|e| wrong(&e))?;
                let opened = encrypted.decrypt(passphrase).map_err(|_| KeyError::PassphraseWrong)?;
                Self::from_pkcs8_der(opened.as_bytes())
            }
            other => Err(KeyError::PrivateKey(format!("the PEM block is a {other:?}"))),
        }
    }

    fn from_pkcs8_der(der: &[u8]) -> Result<Self, KeyError> {
        if let Ok(key) = p256::SecretKey::from_pkcs8_der(der) {
            return Ok(Self(SecretKind::P256(key.into())));
        }
        ed25519_dalek::SigningKey::from_pkcs8_der(der)
            .map(|key| Self(SecretKind::Ed25519(key)))
            .map_err(|e| KeyError::PrivateKey(e.to_string()))
    }

    /// Writes PKCS#8 in PEM, encrypted (scrypt, AES-256-CBC) where a passphrase is given.
    pub fn to_pem(&self, passphrase: Option<&str>) -> Result<Zeroizing<String>, KeyError> {
        let wrong = |e: pkcs8::Error| KeyError::PrivateKey(e.to_string());
        let document = match &self.0 {
            SecretKind::P256(key) => p256::SecretKey::from(key).to_pkcs8_der().map_err(wrong)?,
            SecretKind::Ed25519(key) => key.to_pkcs8_der().map_err(wrong)?,
        };
        let (label, document) = match passphrase {
            None => ("PRIVATE KEY", document),
            Some(passphrase) => {
                let info = PrivateKeyInfoRef::try_from(document.as_bytes()).map_err(wrong)?;
                ("ENCRYPTED PRIVATE KEY", info.encrypt(passphrase).map_err(wrong)?)
            }
        };
        document.to_pem(label, LineEnding::LF).map_err(|e| KeyError::PrivateKey(e.to_string()))
    }

    /// Reads a key file, refusing one that other users can read.
    pub fn read(path: &Path, passphrase: Option<&str>) -> Result<Self, KeyError> {
        let io = |error| KeyError::Io { path: path.display().to_string(), error };
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = std::fs::metadata(path).map_err(io)?.permissions().mode() & 0o777;
            if mode & 0o077 != 0 {
                return Err(KeyError::Readable { path: path.display().to_string(), mode });
            }
        }
        let pem = Zeroizing::new(std::fs::read_to_string(path).map_err(io)?);
        Self::from_pem(&pem, passphrase)
    }

    /// Writes a new key file, readable by its owner only (mode 0600). An existing file is never
    /// overwritten.
    pub fn write_new(&self, path: &Path, passphrase: Option<&str>) -> Result<(), KeyError> {
        use std::io::Write as _;
        let io = |error| KeyError::Io { path: path.display().to_string(), error };
        let pem = self.to_pem(passphrase)?;
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt as _;
            options.mode(0o600);
        }
        let mut file = options.open(path).map_err(io)?;
        file.write_all(pem.as_bytes()).and_then(|()| file.sync_all()).map_err(io)
    }

    /// Returns the seed of an Ed25519 key (RFC 8032 §5.1.5), which is all there is to it.
    pub fn ed25519_seed(&self) -> Option<Zeroizing<[u8; 32]>> {
        match &self.0 {
            SecretKind::P256(_) => None,
            SecretKind::Ed25519(key) => Some(Zeroizing::new(key.to_bytes())),
        }
    }

    /// Returns the public key.
    pub fn public_key(&self) -> PublicKey {
        let kind = match &self.0 {
            SecretKind::P256(key) => PublicKind::P256(Box::new(*key.verifying_key())),
            SecretKind::Ed25519(key) => PublicKind::Ed25519(Box::new(key.verifying_key())),
        };
        let spki = match &kind {
            PublicKind::P256(key) => key.to_public_key_der(),
            PublicKind::Ed25519(key) => key.to_public_key_der(),
        };
        PublicKey { kind, spki: spki.map(pkcs8::Document::into_vec).unwrap_or_default() }
    }

    /// Signs `message`: deterministic ECDSA (RFC 6979) as DER with low S, or Ed25519.
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        match &self.0 {
            SecretKind::P256(key) => {
                let signature: p256::ecdsa::Signature = key.sign(message);
                signature.normalize_s().to_der().as_bytes().to_vec()
            }
            SecretKind::Ed25519(key) => key.sign(message).to_bytes().to_vec(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(algorithm: Algorithm) -> SecretKey {
        SecretKey::from_seed(algorithm, &[7; 32]).unwrap()
    }

    #[test]
    fn keys_survive_pem_with_and_without_a_passphrase() {
        for algorithm in [Algorithm::EcdsaP256, Algorithm::Ed25519] {
            let key = key(algorithm);
            let open = SecretKey::from_pem(&key.to_pem(None).unwrap(), None).unwrap();
            assert_eq!(open.public_key(), key.public_key());
            let public = PublicKey::from_pem(&key.public_key().to_pem()).unwrap();
            assert_eq!(public.hash(), key.public_key().hash());
            assert!(public.verify(b"m", &key.sign(b"m")));
            assert!(!public.verify(b"n", &key.sign(b"m")));
        }
        let sealed = key(Algorithm::EcdsaP256).to_pem(Some("correct horse")).unwrap();
        assert!(matches!(SecretKey::from_pem(&sealed, None), Err(KeyError::PassphraseMissing)));
        assert!(matches!(SecretKey::from_pem(&sealed, Some("battery")), Err(KeyError::PassphraseWrong)));
        assert!(SecretKey::from_pem(&sealed, Some("correct horse")).is_ok());
    }

    #[test]
    fn a_high_s_signature_is_refused_where_statements_are_verified() {
        let key = key(Algorithm::EcdsaP256);
        let low = p256::ecdsa::Signature::from_der(&key.sign(b"m")).unwrap();
        let (r, s) = low.split_scalars();
        let high = p256::ecdsa::Signature::from_scalars(r.to_bytes(), (-*s).to_bytes()).unwrap();
        let high = high.to_der().as_bytes().to_vec();
        assert!(!key.public_key().verify(b"m", &high));
        assert!(key.public_key().verify_any_s(b"m", &high));
        let (r, s) = p256::ecdsa::Signature::from_der(&high).unwrap().split_bytes();
        let normalised = low_s_der(&[r.as_slice(), s.as_slice()].concat()).unwrap();
        assert!(key.public_key().verify(b"m", &normalised), "a device may choose either S");
        assert!(low_s_der(&[0; 64]).is_none() && low_s_der(b"short").is_none());
    }

    #[test]
    fn rfc_8032_test_2_verifies() {
        let seed: [u8; 32] = hex::decode("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
            .unwrap()
            .try_into()
            .unwrap();
        let key = SecretKey::from_seed(Algorithm::Ed25519, &seed).unwrap();
        assert_eq!(
            hex::encode(key.sign(&[0x72])),
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da\
             085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_key_file_that_others_can_read_is_refused() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("k.pem");
        key(Algorithm::Ed25519).write_new(&path, None).unwrap();
        assert!(SecretKey::read(&path, None).is_ok());
        assert!(key(Algorithm::Ed25519).write_new(&path, None).is_err(), "never overwritten");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(SecretKey::read(&path, None), Err(KeyError::Readable { mode: 0o640, .. })));
    }
}
