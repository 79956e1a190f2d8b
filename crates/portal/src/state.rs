//! What every request can reach.

use std::sync::Arc;

use desk::Desk;
use documents::Fonts;
use evidence::{Signer, Slug, Timestamp};
use identity::Providers;
use node::{Node, View};
use tokio::sync::Semaphore;

use crate::desk::Seals;
use crate::health::Readiness;
use crate::limits::Limits;
use crate::memory::{Memory, Point, Seen};
use crate::metrics::Metrics;

/// Documents that are written at once; the others wait.
const DOCUMENTS: usize = 2;

/// How notices go out, as far as pages have to know.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Outgoing {
    /// Whether e-mails are sent.
    pub mail: bool,
    /// Whether webhooks may be on this machine, for trying things out.
    pub local_webhooks: bool,
}

/// The running authority, as handlers share it: cheap to clone.
#[derive(Debug, Clone)]
pub struct App {
    node: Node,
    limits: Arc<Limits>,
    public_forms: Arc<Limits>,
    memory: Arc<Memory>,
    behind_proxy: bool,
    desk: Option<Desk>,
    secure: bool,
    fonts: Option<Arc<Fonts>>,
    documents: Arc<Semaphore>,
    outgoing: Outgoing,
    reached_at: Option<Arc<str>>,
    providers: Arc<Providers>,
    metrics: Arc<Metrics>,
    readiness: Arc<Readiness>,
    seals: Seals,
}

impl App {
    /// Serves this node.
    pub fn new(node: Node) -> Self {
        Self {
            metrics: Arc::new(Metrics::new(&node)),
            readiness: Arc::default(),
            node,
            limits: Arc::default(),
            public_forms: Arc::new(Limits::of_public_forms()),
            memory: Arc::default(),
            behind_proxy: false,
            desk: None,
            secure: false,
            fonts: None,
            documents: Arc::new(Semaphore::new(DOCUMENTS)),
            outgoing: Outgoing::default(),
            reached_at: None,
            providers: Arc::default(),
            seals: Seals::default(),
        }
    }

    /// Writes documents (PDF) with these fonts. Without any it offers none.
    #[must_use]
    pub fn with_fonts(self, fonts: Fonts) -> Self {
        Self { fonts: Some(Arc::new(fonts)), ..self }
    }

    /// Takes the caller's address from the last entry of `X-Forwarded-For`, which the proxy in
    /// front must set. Without a proxy a caller could claim any address.
    #[must_use]
    pub fn behind_proxy(self) -> Self {
        Self { behind_proxy: true, ..self }
    }

    /// Lets people sign in and work at this desk.
    #[must_use]
    pub fn with_desk(self, desk: Desk) -> Self {
        Self { desk: Some(desk), ..self }
    }

    /// Says that browsers reach the site over TLS: session cookies then never go over anything else.
    #[must_use]
    pub fn over_tls(self) -> Self {
        Self { secure: true, ..self }
    }

    /// Names the address by which people reach the site, such as `https://register.example`. What is
    /// printed, QR codes above all, names it; without it none is drawn.
    #[must_use]
    pub fn reached_at_address(self, url: &str) -> Self {
        Self { reached_at: Some(url.trim_end_matches('/').into()), ..self }
    }

    pub(crate) fn reached_at(&self) -> Option<&Arc<str>> {
        self.reached_at.as_ref()
    }

    /// Says how notices go out.
    #[must_use]
    pub fn sending(self, outgoing: Outgoing) -> Self {
        Self { outgoing, ..self }
    }

    /// Lets people come in from these providers.
    #[must_use]
    pub fn with_providers(self, providers: Providers) -> Self {
        Self { providers: Arc::new(providers), ..self }
    }

    pub(crate) fn providers(&self) -> &Arc<Providers> {
        &self.providers
    }

    pub(crate) fn metrics(&self) -> &Arc<Metrics> {
        &self.metrics
    }

    pub(crate) fn readiness(&self) -> &Arc<Readiness> {
        &self.readiness
    }

    /// Holds a key for an organisation: whoever may draft for it may have statements signed with it here.
    #[must_use]
    pub fn with_seal(self, organisation: Slug, key: Box<dyn Signer>) -> Self {
        Self { seals: self.seals.with(organisation, key), ..self }
    }

    pub(crate) fn seals(&self) -> &Seals {
        &self.seals
    }

    pub(crate) fn outgoing(&self) -> Outgoing {
        self.outgoing
    }

    pub(crate) fn desk(&self) -> Option<&Desk> {
        self.desk.as_ref()
    }

    pub(crate) fn is_secure(&self) -> bool {
        self.secure
    }

    /// Returns the node.
    pub fn node(&self) -> &Node {
        &self.node
    }

    /// Returns what is published now: one request should look at one view only.
    pub fn view(&self) -> Arc<View> {
        self.node.view()
    }

    /// Returns the time by the node's clock.
    pub fn now(&self) -> Timestamp {
        self.node.now()
    }

    pub(crate) fn fonts(&self) -> Option<&Arc<Fonts>> {
        self.fonts.as_ref()
    }

    /// Returns the places of documents under way.
    pub(crate) fn documents(&self) -> &Arc<Semaphore> {
        &self.documents
    }

    /// Returns the register at a point of time, as everyone may see it.
    pub(crate) fn seen(&self, point: Point) -> Seen {
        self.memory.at(self.view(), self.now(), point)
    }

    pub(crate) fn memory(&self) -> &Arc<Memory> {
        &self.memory
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Returns the bounds of what anyone may send without an account.
    pub(crate) fn public_forms(&self) -> &Limits {
        &self.public_forms
    }

    pub(crate) fn is_behind_proxy(&self) -> bool {
        self.behind_proxy
    }
}
