//! What stands around every page: its head, the banner, the ways to the others, and at its end
//! what it rests on and how to cite it.

use std::collections::BTreeSet;

use evidence::Predicate;

use crate::at_hand::Law;

use super::assets;
use super::format::moment;
use super::parts::{Html, hash};
use super::scene::Scene;
use super::text::Say;

/// One step of the way to a page.
pub(crate) struct Crumb {
    pub(crate) label: Html,
    pub(crate) href: String,
}

/// The frame of a page.
pub(crate) struct Frame {
    pub(crate) say: Say,
    /// Title, as plain text.
    pub(crate) title: String,
    /// What the register says of itself on every page.
    pub(crate) banner: Option<Html>,
    /// Which of the main pages this one belongs to.
    pub(crate) nav: &'static str,
    /// The way to this page; empty on the first one.
    pub(crate) crumbs: Vec<Crumb>,
    /// The name of this page at the end of the way.
    pub(crate) here: Html,
    /// Path and query of this page below the language.
    pub(crate) address: String,
    /// What the page rests on; none on a page that says nothing about the register.
    pub(crate) evidence: Option<Evidence>,
    /// Addresses of the style sheets and the icon.
    pub(crate) tokens: &'static str,
    pub(crate) sheet: &'static str,
    pub(crate) icon: &'static str,
    /// Address of the script that shows answers without loading the whole page again; none on a page
    /// that asks nothing.
    pub(crate) script: Option<&'static str>,
    /// Who is signed in, on the pages of the desk.
    pub(crate) user: Option<User>,
    /// Whether people can sign in here at all.
    pub(crate) has_desk: bool,
}

/// Who is signed in.
pub(crate) struct User {
    pub(crate) name: String,
    /// What the form that signs out brings along.
    pub(crate) form_token: String,
    /// How many notices were not read, up to a hundred.
    pub(crate) unread: usize,
}

/// What a page rests on and how to cite it.
pub(crate) struct Evidence {
    pub(crate) entries: Vec<Html>,
    pub(crate) more: usize,
    /// Laws as files, with the digest of each folder.
    pub(crate) laws: Vec<(Html, Html)>,
    pub(crate) size: u64,
    pub(crate) time: Html,
    pub(crate) json: String,
    pub(crate) permalink: String,
    pub(crate) root: Html,
    pub(crate) withheld: Html,
    /// What has come since the page was cited.
    pub(crate) since: Option<Since>,
}

/// How far the log has grown since a page was cited.
pub(crate) struct Since {
    pub(crate) size: u64,
    pub(crate) added: u64,
    pub(crate) entries: Vec<Html>,
}

/// Most entries that the evidence panel lists.
const MAX_LISTED: usize = 40;

impl Frame {
    pub(crate) fn new(scene: &Scene, nav: &'static str, title: String) -> Self {
        let register = scene.register();
        let genesis = register.genesis().and_then(|id| register.recorded(&id));
        let notice = genesis.and_then(|genesis| match genesis.statement.predicate() {
            Predicate::NodeGenesis(genesis) => genesis.notice.as_ref(),
            _ => None,
        });
        let mut address = scene.path.clone();
        let query: Vec<String> = [("q", &scene.query.q), ("kind", &scene.query.kind)]
            .iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| format!("{name}={}", encode(value)))
            .collect();
        if !query.is_empty() {
            address = format!("{address}?{}", query.join("&"));
        }
        Self {
            say: scene.say,
            here: Html::text(&title),
            title,
            banner: notice.map(|notice| scene.say.outside(notice)),
            nav,
            crumbs: Vec::new(),
            address,
            evidence: None,
            tokens: assets::address("tokens.css"),
            sheet: assets::address("kanae.css"),
            icon: assets::address("kanae.svg"),
            script: None,
            user: None,
            has_desk: scene.desk().is_some(),
        }
    }

    /// Says who is signed in.
    pub(crate) fn signed_in(self, user: User) -> Self {
        Self { user: Some(user), ..self }
    }

    /// Lets the page's forms ask for passkeys, where scripts run.
    pub(crate) fn asks_passkeys(self) -> Self {
        Self { script: Some(assets::address("passkey.js")), ..self }
    }

    /// Adds a step of the way to this page.
    pub(crate) fn below(mut self, label: Html, href: String) -> Self {
        self.crumbs.push(Crumb { label, href });
        self
    }

    /// Names this page at the end of the way to it.
    pub(crate) fn called(mut self, here: Html) -> Self {
        self.here = here;
        self
    }

    /// Sets where the other language's link leads.
    pub(crate) fn elsewhere(mut self, address: &str) -> Self {
        address.clone_into(&mut self.address);
        self
    }

    /// Says that the page rests on laws: their adoptions where they were adopted here, and their files.
    pub(crate) fn rests_on_laws<'l>(
        self,
        scene: &Scene,
        laws: impl IntoIterator<Item = &'l Law>,
        json: String,
    ) -> Self {
        let mut entries = BTreeSet::new();
        let mut files = Vec::new();
        for law in laws {
            entries.extend(law.adopted.iter().map(|adopted| adopted.since));
            let title = Html::text(scene.title(&law.regime));
            let href = scene.href(&format!("laws/{}", law.regime.id()));
            files.push((Html::link(&href, title), hash(&law.folder)));
        }
        let mut frame = self.rests_on(scene, &entries, json);
        if let Some(evidence) = &mut frame.evidence {
            evidence.laws = files;
        }
        frame
    }

    /// Lets the page's forms show their answers in place, where scripts run.
    pub(crate) fn live(mut self) -> Self {
        self.script = Some(assets::address("kanae.js"));
        self
    }

    /// Says what the page rests on: entries of the log, and its twin as data.
    pub(crate) fn rests_on(mut self, scene: &Scene, entries: &BTreeSet<u64>, json: String) -> Self {
        let register = scene.register();
        let size = register.size();
        let link = |index: &u64| scene.entry_at(*index);
        let withheld = register.withheld();
        let join = if self.address.contains('?') { '&' } else { '?' };
        let since = scene.cited.filter(|cited| *cited < size).map(|cited| Since {
            size: cited,
            added: size - cited,
            entries: entries.iter().filter(|index| **index >= cited).take(MAX_LISTED).map(link).collect(),
        });
        self.evidence = Some(Evidence {
            laws: Vec::new(),
            more: entries.len().saturating_sub(MAX_LISTED),
            entries: entries.iter().rev().take(MAX_LISTED).rev().map(link).collect(),
            size,
            time: register.time().map(|time| moment(scene.say.0, time)).unwrap_or_default(),
            json,
            permalink: format!("{}/{}/{}{join}size={size}", scene.base, scene.say.tag(), self.address),
            root: register.root_at(size).map(|root| hash(&root)).unwrap_or_default(),
            withheld: if withheld == 0 {
                scene.say.html("withheld-none").html()
            } else {
                scene.say.html("withheld-count").count("count", withheld).html()
            },
            since,
        });
        self
    }
}

/// Percent-encodes a value of a query (RFC 3986 §2.3: all but the unreserved characters).
pub(crate) fn encode(value: &str) -> String {
    use std::fmt::Write as _;
    let mut encoded = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}
