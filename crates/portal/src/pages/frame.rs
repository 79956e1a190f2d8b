//! What stands around every page: its head, the banner, the ways to the others, and at its end
//! what it rests on and how to cite it.

use std::collections::BTreeSet;

use evidence::Predicate;

use crate::at_hand::Law;

use super::assets;
use super::format::{japanese_day, long_day, moment};
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
    /// Set where the page shows the register as it stood.
    pub(crate) past: Option<Past>,
    /// What an address says of that point of time.
    point: String,
    /// The day as of which the register is shown, where the reader may choose another.
    pub(crate) dated: Option<jiff::civil::Date>,
    /// Path of this page below the language, and the present day, for the form that asks for another.
    pub(crate) path: String,
    pub(crate) today: jiff::civil::Date,
    /// The fields of the address that a form keeps.
    pub(crate) kept: Vec<(&'static str, String)>,
    /// The feed of what the page shows.
    pub(crate) feed: Option<String>,
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
    /// The organisation as which the page is read, and where everyone reads it, if they may.
    pub(crate) reader: Option<(Html, Option<String>)>,
    /// What the reader may file about what the page shows: label and address.
    pub(crate) filings: Vec<(String, String)>,
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
    /// The files in which the page's list can be taken away, and their names.
    pub(crate) files: Vec<(String, String)>,
    /// The commands by which anyone can check the page.
    pub(crate) commands: Vec<String>,
    pub(crate) permalink: String,
    pub(crate) root: Html,
    pub(crate) withheld: Html,
}

/// The point of time that a page looks back to.
pub(crate) struct Past {
    pub(crate) size: u64,
    pub(crate) day: Html,
    pub(crate) date: jiff::civil::Date,
    /// How many entries have come since.
    pub(crate) added: u64,
    /// Where the same page stands at present.
    pub(crate) present: String,
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
        let kept = scene.query.kept();
        if !kept.is_empty() {
            address = format!("{address}?{}", joined(&kept));
        }
        Self {
            say: scene.say,
            here: Html::text(&title),
            title,
            banner: notice.map(|notice| scene.say.outside(notice)),
            nav,
            crumbs: Vec::new(),
            feed: None,
            past: scene.present.map(|present| Past {
                size: register.size(),
                date: japanese_day(scene.now),
                day: long_day(scene.say.0, japanese_day(scene.now)),
                added: present.saturating_sub(register.size()),
                present: format!("/{}/{address}", scene.say.tag()),
            }),
            point: scene.point(),
            dated: scene.is_dated().then(|| japanese_day(scene.now)),
            path: scene.path.clone(),
            today: japanese_day(scene.node.now()),
            kept,
            address,
            evidence: None,
            tokens: assets::address("tokens.css"),
            sheet: assets::address("kanae.css"),
            icon: assets::address("kanae.svg"),
            script: None,
            user: None,
            reader: scene.reader.as_ref().map(|reader| {
                let start = format!("desk/as/{}", reader.slug);
                let rest = scene.path.strip_prefix(&start).unwrap_or_default().trim_start_matches('/');
                (scene.name(&reader.organisation), Some(format!("/{}/{rest}", scene.say.tag())))
            }),
            filings: Vec::new(),
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

    /// Returns an address of this site at the point of time that the page shows.
    fn with_point(&self, address: &str) -> String {
        let join = if address.contains('?') { '&' } else { '?' };
        format!("{address}{join}{}", self.point)
    }

    /// Returns the address of this page below another language.
    pub(crate) fn translated(&self) -> String {
        if self.past.is_some() { self.with_point(&self.address) } else { self.address.clone() }
    }

    /// Names the feed of what the page shows.
    pub(crate) fn fed(mut self, feed: String) -> Self {
        // A feed is for everyone; this page may not be.
        self.feed = Some(feed).filter(|_| self.reader.is_none());
        self
    }

    /// Names the files in which the page's list can be taken away.
    pub(crate) fn taken_away(mut self, scene: &Scene, list: &str, fields: &[(&'static str, String)]) -> Self {
        let mut query = joined(fields);
        if self.past.is_some() {
            query = [query, self.point.clone()]
                .into_iter()
                .filter(|part| !part.is_empty())
                .collect::<Vec<_>>()
                .join("&");
        }
        let mark = if query.is_empty() { "" } else { "?" };
        let formats = [("csv", "way-csv"), ("json", "way-json"), ("jsonl", "way-jsonl")];
        if let Some(evidence) = &mut self.evidence {
            let file = |(end, key)| {
                (format!("/api/v1/export/{list}.{end}{mark}{query}"), scene.say.text(key).to_string())
            };
            evidence.files = formats.map(file).into();
        }
        self
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
        // What one organisation may see is not cited to everyone, and has no twin for all.
        if scene.reader.is_some() {
            return self;
        }
        let register = scene.register();
        let size = register.size();
        let json = if self.past.is_some() && is_dated(&json) { self.with_point(&json) } else { json };
        let link = |index: &u64| scene.entry_at(*index);
        let withheld = register.withheld();
        let cited = self.with_point(&self.address);
        self.evidence = Some(Evidence {
            laws: Vec::new(),
            more: entries.len().saturating_sub(MAX_LISTED),
            entries: entries.iter().rev().take(MAX_LISTED).rev().map(link).collect(),
            size,
            time: register.time().map(|time| moment(scene.say.0, time)).unwrap_or_default(),
            commands: vec![
                format!("curl {}/{}/audit/trust.json > trust.json", scene.base, scene.say.tag()),
                format!("kanae audit {} --trust trust.json", scene.base),
                format!("curl '{}{json}'", scene.base),
            ],
            json,
            files: Vec::new(),
            permalink: format!("{}/{}/{cited}", scene.base, scene.say.tag()),
            root: register.root_at(size).map(|root| hash(&root)).unwrap_or_default(),
            withheld: if withheld == 0 {
                scene.say.html("withheld-none").html()
            } else {
                scene.say.html("withheld-count").count("count", withheld).html()
            },
        });
        self
    }
}

/// Tells whether a document of the API can be asked for as of a point of time.
fn is_dated(json: &str) -> bool {
    let path = json.trim_start_matches("/api/v1/");
    let first = path.split(['/', '?']).next().unwrap_or_default();
    let is_list = ["organisations", "models", "statistics", "state"].contains(&first);
    is_list || json.split('?').next() == Some("/api/v1/statements")
}

/// Writes fields as the query of an address.
pub(crate) fn joined(fields: &[(&'static str, String)]) -> String {
    let fields: Vec<String> =
        fields.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
    fields.join("&")
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
