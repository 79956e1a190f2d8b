//! Who is calling: access tokens and what they allow.

use evidence::{Digest, Slug, sha256};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::store::{StoreError, StoredToken};

/// The beginning of every token, so that scanners of leaked secrets can recognise one.
const PREFIX: &str = "kanae_";

/// What a token allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Everything: acts of the node, tokens, the intake.
    Admin,
    /// Submitting statements of organisations.
    Submit,
}

/// Who calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    /// Nobody in particular: may look at what is public, and register an organisation.
    Anonymous,
    /// The holder of a token.
    Token {
        /// What the token allows.
        scope: Scope,
        /// The organisation whose statements it may submit; `None`: any organisation's.
        organisation: Option<Slug>,
    },
}

impl Caller {
    /// Tells whether the caller administers the node.
    pub fn is_admin(&self) -> bool {
        matches!(self, Self::Token { scope: Scope::Admin, .. })
    }
}

/// A new access token: the only time that its text is known here.
pub struct Token(Zeroizing<String>);

impl Token {
    pub(crate) fn random() -> Result<Self, getrandom::Error> {
        let mut bytes = Zeroizing::new([0; 32]);
        getrandom::fill(bytes.as_mut())?;
        let digits = Zeroizing::new(hex::encode(bytes.as_slice()));
        Ok(Self(Zeroizing::new(format!("{PREFIX}{}", *digits))))
    }

    /// Returns the text that the caller presents.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn hash(&self) -> Digest {
        sha256(self.0.as_bytes())
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}

/// Says why a token was not made or not taken.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// The token is not one of this node.
    #[error("this node does not know the access token; ask its operator for one")]
    Unknown,
    /// The label cannot be kept.
    #[error("a token's label has 1 to 200 characters and no control characters")]
    Label,
    /// The system has no randomness to give.
    #[error("the system gave no random bytes: {0}")]
    Random(getrandom::Error),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Finds the caller that a token stands for. Tokens are random, so their plain hash is safe to
/// keep; every hash is compared, each in constant time.
pub(crate) fn caller(tokens: &[StoredToken], presented: Option<&str>) -> Result<Caller, TokenError> {
    let Some(presented) = presented else { return Ok(Caller::Anonymous) };
    let hash = sha256(presented.as_bytes());
    let mut found = None;
    for token in tokens {
        if token.hash.as_bytes().ct_eq(hash.as_bytes()).into() {
            found = Some(token);
        }
    }
    let token = found.ok_or(TokenError::Unknown)?;
    Ok(Caller::Token { scope: token.scope, organisation: token.organisation.clone() })
}
