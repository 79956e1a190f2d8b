#![doc = include_str!("../README.md")]

mod fetch;
mod person;
mod provider;
mod settings;

use std::sync::Arc;

use url::Url;

pub use fetch::FetchError;
pub use person::Person;
pub use provider::{Begun, Expected, Problem, Provider, Returned};
pub use settings::{ClaimNames, Label, ProviderSettings, Rule, Settings, SettingsError};

/// Why providers cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ProvidersError {
    /// Nobody can be sent back to the site.
    #[error(
        "{0:?} is no address to which providers can send people back: give --url with https, or localhost"
    )]
    Site(String),
    /// The HTTP client cannot be made.
    #[error("providers cannot be asked: {0}")]
    Client(#[from] FetchError),
}

/// The providers of a site.
#[derive(Debug, Clone, Default)]
pub struct Providers {
    only: bool,
    list: Vec<Arc<Provider>>,
}

impl Providers {
    /// Takes the settings for a site that people reach at this address.
    pub fn new(settings: Settings, site: &str) -> Result<Self, ProvidersError> {
        let url = Url::parse(site).ok().filter(settings::is_protected);
        let url = url.ok_or_else(|| ProvidersError::Site(site.to_owned()))?;
        let list = settings.providers.into_iter().map(|one| Ok(Arc::new(Provider::new(one, &url)?)));
        Ok(Self { only: settings.only, list: list.collect::<Result<_, FetchError>>()? })
    }

    /// Tells whether providers are the only way in.
    pub fn only(&self) -> bool {
        self.only
    }

    /// Returns a provider by its name in addresses.
    pub fn get(&self, name: &str) -> Option<&Arc<Provider>> {
        self.list.iter().find(|provider| provider.settings().name.as_str() == name)
    }

    /// Returns the providers, in the order of the settings.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Provider>> {
        self.list.iter()
    }
}
