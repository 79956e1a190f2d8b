//! One provider: what it says of itself, the way there, and its answer (OpenID Connect Core 1.0 §3.1).
//!
//! The answer is believed only if it comes back in the browser in which the sign-in began (the desk
//! checks that), from this very issuer (RFC 9207; one redirect address each), with a token that its
//! present keys sign, for this client, with this nonce, in time.

use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use evidence::{Language, Timestamp};
use openidconnect::core::{
    CoreAuthPrompt, CoreAuthenticationFlow, CoreClient, CoreClientAuthMethod, CoreIdToken, CoreJsonWebKeySet,
    CoreJwsSigningAlgorithm, CoreProviderMetadata,
};
use openidconnect::{
    AccessToken, AccessTokenHash, AuthType, AuthorizationCode, ClaimsVerificationError, ClientId, CsrfToken,
    EndpointMaybeSet, EndpointNotSet, EndpointSet, LanguageTag, Nonce, OAuth2TokenResponse as _,
    PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RequestTokenError, Scope, SignatureVerificationError,
    TokenResponse as _,
};
use serde::Deserialize;
use serde_json::{Map, Value};
use tokio::sync::{Mutex, Semaphore};
use url::Url;

use crate::fetch::{self, FetchError};
use crate::person::{Person, find};
use crate::settings::{ProviderSettings, is_protected};

/// What a provider says of itself is asked for again after this.
const METADATA_AGE: Duration = Duration::from_hours(1);
/// Without an answer, the last one is used for so long.
const STALE_AGE: Duration = Duration::from_hours(24);
/// A key that is not known is looked for no more often than this.
const KEYS_AGE: Duration = Duration::from_secs(1);
/// A provider that is down is left alone for so long.
const DOWN_AGE: Duration = Duration::from_secs(10);
/// How far clocks may be apart, in seconds.
const SKEW: i64 = 60;
/// How old a token may be, in seconds.
const MAX_TOKEN_AGE: i64 = 600;
/// Answers that are worked on at once.
const AT_ONCE: usize = 32;
/// The longest code of an answer, in bytes.
const MAX_CODE: usize = 4_000;
/// The longest subject, in characters (OpenID Connect Core 1.0 §2).
const MAX_SUBJECT: usize = 255;

type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// Why somebody was not signed in.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// The provider cannot be asked at present.
    #[error("{0}")]
    Down(String),
    /// The person, or the provider, broke it off.
    #[error("the provider said {0:?}")]
    Refused(String),
    /// What came back cannot be believed.
    #[error("{0}")]
    Unbelieved(String),
    /// The proof is older than what was asked for, or nothing says how old it is.
    #[error("the provider did not ask again who it is: {0}")]
    NotFresh(String),
}

impl Problem {
    fn down(doing: &str, error: &FetchError) -> Self {
        Self::Down(format!("{doing}: {error}"))
    }
}

/// A sign-in that begins.
#[derive(Debug, Clone)]
pub struct Begun {
    /// Where the browser goes.
    pub url: String,
    /// What the ID token must repeat.
    pub nonce: String,
    /// The PKCE verifier.
    pub verifier: String,
}

/// What came back with the browser.
#[derive(Debug, Clone, Copy, Default)]
pub struct Returned<'a> {
    /// The code.
    pub code: Option<&'a str>,
    /// The issuer, where it names itself (RFC 9207).
    pub issuer: Option<&'a str>,
    /// An error in the place of a code.
    pub error: Option<&'a str>,
}

/// What the answer is compared with.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// The nonce.
    pub nonce: &'a str,
    /// The PKCE verifier.
    pub verifier: &'a str,
    /// The moment after which the person must have proved who they are, where that was asked for.
    pub proved_after: Option<Timestamp>,
    /// The present time.
    pub now: Timestamp,
}

/// The provider's metadata that the library does not name.
#[derive(Debug, Deserialize)]
struct Further {
    end_session_endpoint: Option<Url>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

/// What is known of a provider.
#[derive(Debug)]
struct Known {
    metadata: CoreProviderMetadata,
    further: Further,
    at: Instant,
}

#[derive(Debug, Default)]
struct Memory {
    known: Option<Arc<Known>>,
    down: Option<(Instant, String)>,
}

/// A provider.
#[derive(Debug)]
pub struct Provider {
    settings: ProviderSettings,
    redirect: RedirectUrl,
    home: String,
    http: reqwest::Client,
    memory: Mutex<Memory>,
    places: Semaphore,
}

impl Provider {
    pub(crate) fn new(settings: ProviderSettings, site: &Url) -> Result<Self, FetchError> {
        let home = site.as_str().trim_end_matches('/').to_owned();
        let redirect = format!("{home}/sign-in/from/{}", settings.name);
        let redirect = RedirectUrl::new(redirect).map_err(|error| FetchError::Http(error.to_string()))?;
        let http = fetch::client(settings.issuer.starts_with("http:"))?;
        let (memory, places) = (Mutex::default(), Semaphore::new(AT_ONCE));
        Ok(Self { settings, redirect, home: format!("{home}/"), http, memory, places })
    }

    /// Returns the settings.
    pub fn settings(&self) -> &ProviderSettings {
        &self.settings
    }

    /// Begins a sign-in under the name `state`. With `again` the provider is to ask who it is, also
    /// somebody whom it has just asked.
    pub async fn begin(&self, state: String, again: bool, language: Language) -> Result<Begun, Problem> {
        let known = self.known(false).await?;
        let client = self.client(&known);
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let tag = match language {
            Language::Ja => "ja",
            Language::En => "en",
        };
        let mut request = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                move || CsrfToken::new(state),
                Nonce::new_random,
            )
            .set_pkce_challenge(challenge)
            .add_ui_locale(LanguageTag::new(tag.to_owned()))
            .add_scopes(self.settings.scopes.iter().cloned().map(Scope::new));
        if again {
            // §3.1.2.1: both, since providers differ in which of the two they honour.
            request = request.add_prompt(CoreAuthPrompt::Login).set_max_age(Duration::ZERO);
        }
        let (url, _, nonce) = request.url();
        Ok(Begun { url: url.to_string(), nonce: nonce.secret().clone(), verifier: verifier.secret().clone() })
    }

    /// Takes an answer, and returns who it is.
    pub async fn finish(&self, returned: Returned<'_>, expected: Expected<'_>) -> Result<Person, Problem> {
        let Ok(_place) = self.places.try_acquire() else {
            return Err(Problem::Down("too many sign-ins at once".to_owned()));
        };
        let known = self.known(false).await?;
        // RFC 9207 §2.4: an answer of another issuer, or of nobody where this one names itself.
        match returned.issuer {
            Some(issuer) if issuer != self.settings.issuer => {
                let found: String = issuer.chars().take(200).collect();
                return Err(Problem::Unbelieved(format!("the answer is of another issuer: {found:?}")));
            }
            None if known.further.authorization_response_iss_parameter_supported => {
                return Err(Problem::Unbelieved("the answer does not name its issuer".to_owned()));
            }
            _ => {}
        }
        if let Some(error) = returned.error {
            return Err(Problem::Refused(error.chars().filter(char::is_ascii_graphic).take(60).collect()));
        }
        let code = returned.code.filter(|code| !code.is_empty() && code.len() <= MAX_CODE);
        let code = code.ok_or_else(|| Problem::Unbelieved("there is no code".to_owned()))?;
        let (id_token, access_token) = self.exchange(&known, code, expected.verifier).await?;
        let (subject, claims, proved_at) = match self.check(&known, &id_token, &access_token, &expected) {
            // The provider may have other keys by now (§10.1.1).
            Err(Unchecked::Key(_)) => {
                let known = self.known(true).await?;
                self.check(&known, &id_token, &access_token, &expected)
            }
            checked => checked,
        }
        .map_err(Unchecked::into_problem)?;
        let claims = self.with_user(&known, &subject, claims, &access_token).await?;
        Ok(Person::read(&self.settings.issuer, &subject, &claims, &self.settings.claims, proved_at))
    }

    /// Returns where a browser signs out at the provider, to come back to the first page (OpenID Connect
    /// RP-Initiated Logout 1.0 §2). It asks the person there: no token is kept here to hint at them.
    pub async fn sign_out(&self) -> Option<String> {
        if !self.settings.sign_out {
            return None;
        }
        let known = self.known(false).await.ok()?;
        let mut url = known.further.end_session_endpoint.clone()?;
        url.query_pairs_mut()
            .append_pair("client_id", &self.settings.client_id)
            .append_pair("post_logout_redirect_uri", &self.home);
        Some(url.into())
    }

    /// Returns what is known of the provider, asked for again where it is old, or its keys did not fit.
    async fn known(&self, other_keys: bool) -> Result<Arc<Known>, Problem> {
        // One question at a time; whoever waits for it takes its answer.
        let mut memory = self.memory.lock().await;
        if let Some(known) = &memory.known {
            let enough = if other_keys { KEYS_AGE } else { METADATA_AGE };
            if known.at.elapsed() < enough {
                return Ok(Arc::clone(known));
            }
        }
        let last = memory.known.clone().filter(|known| !other_keys && known.at.elapsed() < STALE_AGE);
        if let Some((at, problem)) = &memory.down
            && at.elapsed() < DOWN_AGE
        {
            return last.ok_or_else(|| Problem::Down(problem.clone()));
        }
        match self.ask().await {
            Ok(known) => {
                let known = Arc::new(known);
                *memory = Memory { known: Some(Arc::clone(&known)), down: None };
                Ok(known)
            }
            Err(problem) => {
                tracing::warn!(provider = %self.settings.name, %problem, "a provider cannot be asked");
                memory.down = Some((Instant::now(), problem.to_string()));
                last.ok_or(problem)
            }
        }
    }

    /// Asks the provider what it says of itself (OpenID Connect Discovery 1.0 §4), and for its keys.
    async fn ask(&self) -> Result<Known, Problem> {
        let issuer = self.settings.issuer.trim_end_matches('/');
        let url = Url::parse(&format!("{issuer}/.well-known/openid-configuration"))
            .map_err(|error| Problem::Down(error.to_string()))?;
        let doing = "its configuration";
        let found = fetch::get(&self.http, &url, None).await.map_err(|error| Problem::down(doing, &error))?;
        let unreadable = |error: serde_json::Error| Problem::Down(format!("{doing} cannot be read: {error}"));
        let metadata: CoreProviderMetadata = serde_json::from_slice(found.body()).map_err(unreadable)?;
        let further: Further = serde_json::from_slice(found.body()).map_err(unreadable)?;
        // §4.3: exactly, or another provider could speak for this one.
        if metadata.issuer().as_str() != self.settings.issuer {
            let found: String = metadata.issuer().as_str().chars().take(200).collect();
            return Err(Problem::Down(format!(
                "its configuration is of the issuer {found:?}, and the settings say {:?}: write it exactly so",
                self.settings.issuer
            )));
        }
        let Some(token) = metadata.token_endpoint() else {
            return Err(Problem::Down("its configuration names no token_endpoint".to_owned()));
        };
        let addresses = [Some(metadata.authorization_endpoint().url()), Some(token.url())]
            .into_iter()
            .chain([
                Some(metadata.jwks_uri().url()),
                metadata.userinfo_endpoint().map(openidconnect::UserInfoUrl::url),
            ])
            .chain([further.end_session_endpoint.as_ref()]);
        for url in addresses.flatten() {
            if !is_protected(url) {
                let found: String = url.as_str().chars().take(200).collect();
                return Err(Problem::Down(format!(
                    "its configuration leads to {found:?}: https is expected"
                )));
            }
        }
        let keys = fetch::get(&self.http, metadata.jwks_uri().url(), None)
            .await
            .map_err(|error| Problem::down("its keys", &error))?;
        let keys: CoreJsonWebKeySet = serde_json::from_slice(keys.body())
            .map_err(|error| Problem::Down(format!("its keys cannot be read: {error}")))?;
        Ok(Known { metadata: metadata.set_jwks(keys), further, at: Instant::now() })
    }

    fn client(&self, known: &Known) -> Client {
        let basic = known
            .metadata
            .token_endpoint_auth_methods_supported()
            // RFC 8414 §2: by default it is taken in the head.
            .is_none_or(|methods| methods.contains(&CoreClientAuthMethod::ClientSecretBasic));
        CoreClient::from_provider_metadata(
            known.metadata.clone(),
            ClientId::new(self.settings.client_id.clone()),
            self.settings.client_secret.clone(),
        )
        .set_auth_type(if basic { AuthType::BasicAuth } else { AuthType::RequestBody })
        .set_redirect_uri(self.redirect.clone())
    }

    async fn exchange(
        &self,
        known: &Known,
        code: &str,
        verifier: &str,
    ) -> Result<(CoreIdToken, AccessToken), Problem> {
        let client = self.client(known);
        let request = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .map_err(|error| Problem::Down(error.to_string()))?
            .set_pkce_verifier(PkceCodeVerifier::new(verifier.to_owned()));
        let send = |request| fetch::send(self.http.clone(), request);
        let answer = request.request_async(&send).await.map_err(|error| match error {
            RequestTokenError::Request(error) => Problem::down("the code could not be exchanged", &error),
            RequestTokenError::ServerResponse(answer) => {
                let said: String = answer.error().as_ref().chars().take(60).collect();
                Problem::Unbelieved(format!("the code was not taken: {said}"))
            }
            // Not with what the answer says: there may be a token in it.
            RequestTokenError::Parse(..) => Problem::Down("the answer to the code cannot be read".to_owned()),
            RequestTokenError::Other(problem) => Problem::Down(problem),
        })?;
        let id_token = answer.id_token().cloned();
        let id_token = id_token.ok_or_else(|| Problem::Unbelieved("there is no ID token".to_owned()))?;
        Ok((id_token, answer.access_token().clone()))
    }

    /// Checks an ID token (§3.1.3.7).
    fn check(
        &self,
        known: &Known,
        token: &CoreIdToken,
        access: &AccessToken,
        expected: &Expected<'_>,
    ) -> Result<Checked, Unchecked> {
        let client = self.client(known);
        let now = expected.now.as_millis().div_euclid(1_000);
        let asymmetric: Vec<CoreJwsSigningAlgorithm> = known
            .metadata
            .id_token_signing_alg_values_supported()
            .iter()
            .filter(|algorithm| ALGORITHMS.contains(algorithm))
            .cloned()
            .collect();
        let verifier = client
            .id_token_verifier()
            .set_allowed_algs(asymmetric)
            .set_time_fn(move || moment(now - SKEW))
            .set_issue_time_verifier_fn(move |issued: DateTime<Utc>| {
                let age = now - issued.timestamp();
                let fits = (-SKEW..=MAX_TOKEN_AGE + SKEW).contains(&age);
                if fits { Ok(()) } else { Err(format!("the token was issued {age} s ago")) }
            });
        let nonce = Nonce::new(expected.nonce.to_owned());
        let claims = token.claims(&verifier, &nonce).map_err(Unchecked::from)?;
        let refused = |problem: String| Unchecked::Refused(Problem::Unbelieved(problem));
        if claims.authorized_party().is_some_and(|party| party.as_str() != self.settings.client_id) {
            return Err(refused("the token is for another client".to_owned()));
        }
        if let Some(hash) = claims.access_token_hash() {
            let found = token
                .signing_alg()
                .and_then(|algorithm| {
                    AccessTokenHash::from_token(access, algorithm, token.signing_key(&verifier)?)
                        .map_err(|error| SignatureVerificationError::Other(error.to_string()))
                })
                .map_err(|error| refused(error.to_string()))?;
            if found != *hash {
                return Err(refused("the access token is another one".to_owned()));
            }
        }
        let proved_at = claims.auth_time();
        if let Some(after) = expected.proved_after {
            let after = after.as_millis().div_euclid(1_000) - SKEW;
            let problem = match proved_at {
                None => Some("the token has no auth_time".to_owned()),
                Some(at) if at.timestamp() < after => Some(format!("auth_time is {at}")),
                Some(_) => None,
            };
            if let Some(problem) = problem {
                return Err(Unchecked::Refused(Problem::NotFresh(problem)));
            }
        }
        let subject = claims.subject().as_str().to_owned();
        if subject.is_empty()
            || subject.chars().count() > MAX_SUBJECT
            || subject.chars().any(char::is_control)
        {
            return Err(refused("the token's sub cannot be used".to_owned()));
        }
        let proved_at = proved_at.and_then(|at| Timestamp::from_millis(at.timestamp_millis()));
        // Verified above; the library drops the claims that it does not know.
        let whole = token.to_string();
        let payload = whole.split('.').nth(1).and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
        let claims = payload.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        Ok((subject, claims.ok_or_else(|| refused("the token is no object".to_owned()))?, proved_at))
    }

    /// Adds what the provider says of its user beside the token (§5.3), where the token does not say all
    /// that is asked for.
    async fn with_user(
        &self,
        known: &Known,
        subject: &str,
        mut claims: Map<String, Value>,
        access: &AccessToken,
    ) -> Result<Map<String, Value>, Problem> {
        let names = &self.settings.claims;
        let wanted = [Some(&names.name), Some(&names.email), names.corporate_number.as_ref()];
        let groups = (!self.settings.rules.is_empty()).then_some(&names.groups);
        let whole = wanted.into_iter().chain([groups]).flatten().all(|name| find(&claims, name).is_some());
        let (false, Some(url)) = (whole, known.metadata.userinfo_endpoint()) else { return Ok(claims) };
        let doing = "what it says of its user";
        let found = fetch::get(&self.http, url.url(), Some(access.secret()))
            .await
            .map_err(|error| Problem::down(doing, &error))?;
        let user: Map<String, Value> = serde_json::from_slice(found.body()).map_err(|_| {
            Problem::Down(format!("{doing} cannot be read: JSON is expected, not a signed answer"))
        })?;
        // §5.3.2: it must be about the same person.
        if user.get("sub").and_then(Value::as_str) != Some(subject) {
            return Err(Problem::Unbelieved(format!("{doing} is about somebody else")));
        }
        for (name, value) in user {
            claims.entry(name).or_insert(value);
        }
        Ok(claims)
    }
}

/// The algorithms that are taken: no secret is shared in them.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

type Checked = (String, Map<String, Value>, Option<Timestamp>);

/// Why a token was not taken.
enum Unchecked {
    /// No key fits: there may be newer ones.
    Key(String),
    Refused(Problem),
}

impl Unchecked {
    fn into_problem(self) -> Problem {
        match self {
            Self::Key(problem) => Problem::Unbelieved(problem),
            Self::Refused(problem) => problem,
        }
    }
}

impl From<ClaimsVerificationError> for Unchecked {
    fn from(error: ClaimsVerificationError) -> Self {
        match error {
            ClaimsVerificationError::SignatureVerification(
                SignatureVerificationError::NoMatchingKey
                | SignatureVerificationError::AmbiguousKeyId(_)
                | SignatureVerificationError::CryptoError(_),
            ) => Self::Key("no key of the provider signs the token".to_owned()),
            error => Self::Refused(Problem::Unbelieved(error.to_string())),
        }
    }
}

fn moment(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap_or_default()
}
