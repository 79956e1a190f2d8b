//! A key in a device that speaks PKCS#11 (OASIS, version 2.40 and later).

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use cryptoki::context::{CInitializeArgs, Pkcs11};
use cryptoki::error::{Error, RvError};
use cryptoki::mechanism::Mechanism;
use cryptoki::object::{Attribute, AttributeType, ObjectClass, ObjectHandle};
use cryptoki::session::{Session, UserType};
use cryptoki::slot::Slot;
use cryptoki::types::AuthPin;
use evidence::key::low_s_der;
use evidence::{PublicKey, Signer, SignerError, sha256};
use zeroize::Zeroizing;

/// The DER of the curve's name, P-256 (RFC 5480 §2.1.1.1).
const P256: [u8; 10] = [0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];

/// Says why a key in a device cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeviceError {
    /// The device, or what drives it, said no.
    #[error("{}: {doing}: {error}", module.display())]
    Pkcs11 {
        /// What drives the device.
        module: PathBuf,
        /// What was to be done.
        doing: &'static str,
        /// What it said.
        error: Error,
    },
    /// Several tokens, or none, have the name.
    #[error(
        "{found} tokens are called {token:?}; exactly one is expected (`pkcs11-tool --list-slots` lists them)"
    )]
    Token {
        /// The name.
        token: String,
        /// How many there are.
        found: usize,
    },
    /// Several keys, or none, have the name.
    #[error("{found} {what} keys in the token {token:?} are called {key:?}; exactly one is expected")]
    Key {
        /// Public or private.
        what: &'static str,
        /// The token.
        token: String,
        /// The name.
        key: String,
        /// How many there are.
        found: usize,
    },
    /// The key is of another kind.
    #[error("the key {0:?} is not an ECDSA key on P-256")]
    Kind(String),
    /// The private key and the public key of the name do not belong together.
    #[error("the private key {0:?} does not sign for the public key of that name")]
    Pair(String),
}

/// Where a key is.
struct Place {
    context: Pkcs11,
    module: PathBuf,
    token: String,
    key: String,
    pin: Zeroizing<String>,
}

/// A key in a device.
pub struct Device {
    place: Place,
    public: PublicKey,
    /// One signature at a time: a token is logged in to, and out of, for the whole process.
    turn: Mutex<()>,
}

impl std::fmt::Debug for Device {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Device({} in {:?}: {})", self.place.key, self.place.token, self.public.hash())
    }
}

impl Device {
    /// Finds a key by the names of its token and its own, and tries it.
    pub fn open(module: &Path, token: &str, key: &str, pin: Zeroizing<String>) -> Result<Self, DeviceError> {
        let place = Place::load(module, token, key, pin)?;
        let public = place.public_key()?;
        let device = Self { place, public, turn: Mutex::new(()) };
        let tried = device.place.sign(TRIAL)?;
        if !device.public.verify(TRIAL, &tried) {
            return Err(DeviceError::Pair(key.to_owned()));
        }
        Ok(device)
    }
}

/// What a key is tried with. No statement begins like this.
const TRIAL: &[u8] = b"Kanae tries whether this key signs";

impl Place {
    fn load(module: &Path, token: &str, key: &str, pin: Zeroizing<String>) -> Result<Self, DeviceError> {
        let failed = |doing, error| DeviceError::Pkcs11 { module: module.to_owned(), doing, error };
        let context = Pkcs11::new(module).map_err(|error| failed("cannot be loaded", error))?;
        match context.initialize(CInitializeArgs::OsThreads) {
            // Another seal of this process has started the same module.
            Ok(())
            | Err(Error::AlreadyInitialized | Error::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => {}
            Err(error) => return Err(failed("cannot be started", error)),
        }
        Ok(Self { context, module: module.to_owned(), token: token.to_owned(), key: key.to_owned(), pin })
    }

    fn failed(&self, doing: &'static str) -> impl FnOnce(Error) -> DeviceError {
        let module = self.module.clone();
        move |error| DeviceError::Pkcs11 { module, doing, error }
    }

    /// Opens a session with the token, as its user. It ends when it is dropped.
    fn session(&self) -> Result<Session, DeviceError> {
        let named = |slot: &Slot| {
            self.context.get_token_info(*slot).is_ok_and(|info| info.label().trim_end() == self.token)
        };
        let slots =
            self.context.get_slots_with_token().map_err(self.failed("its tokens cannot be listed"))?;
        let slots: Vec<Slot> = slots.into_iter().filter(named).collect();
        let &[slot] = slots.as_slice() else {
            return Err(DeviceError::Token { token: self.token.clone(), found: slots.len() });
        };
        let session =
            self.context.open_ro_session(slot).map_err(self.failed("the token cannot be opened"))?;
        match session.login(UserType::User, Some(&AuthPin::new(self.pin.to_string()))) {
            Ok(()) | Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => Ok(session),
            Err(error) => Err(self.failed("the token does not take the PIN")(error)),
        }
    }

    fn find(
        &self,
        session: &Session,
        class: ObjectClass,
        what: &'static str,
    ) -> Result<ObjectHandle, DeviceError> {
        let wanted = [Attribute::Class(class), Attribute::Label(self.key.clone().into_bytes())];
        let found = session.find_objects(&wanted).map_err(self.failed("its keys cannot be listed"))?;
        match found.as_slice() {
            &[one] => Ok(one),
            other => Err(DeviceError::Key {
                what,
                token: self.token.clone(),
                key: self.key.clone(),
                found: other.len(),
            }),
        }
    }

    fn public_key(&self) -> Result<PublicKey, DeviceError> {
        let session = self.session()?;
        let handle = self.find(&session, ObjectClass::PUBLIC_KEY, "public")?;
        let wanted = [AttributeType::EcParams, AttributeType::EcPoint];
        let found = session.get_attributes(handle, &wanted).map_err(self.failed("the key cannot be read"))?;
        let (mut curve, mut point) = (Vec::new(), Vec::new());
        for attribute in found {
            match attribute {
                Attribute::EcParams(bytes) => curve = bytes,
                Attribute::EcPoint(bytes) => point = bytes,
                _ => {}
            }
        }
        // The point stands in an OCTET STRING (PKCS#11 §2.3.3); some devices leave that out.
        let point = match point.as_slice() {
            [0x04, 0x41, point @ ..] if point.len() == 65 => point,
            other => other,
        };
        let key = (curve == P256).then(|| PublicKey::from_p256_point(point).ok()).flatten();
        key.ok_or_else(|| DeviceError::Kind(self.key.clone()))
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, DeviceError> {
        let session = self.session()?;
        let handle = self.find(&session, ObjectClass::PRIVATE_KEY, "private")?;
        let signature = session
            .sign(&Mechanism::Ecdsa, handle, sha256(message).as_bytes())
            .map_err(self.failed("the key does not sign"))?;
        low_s_der(&signature).ok_or_else(|| DeviceError::Kind(self.key.clone()))
    }
}

impl Signer for Device {
    fn public_key(&self) -> PublicKey {
        self.public.clone()
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignerError> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        self.place.sign(message).map_err(|error| SignerError(error.to_string()))
    }
}
