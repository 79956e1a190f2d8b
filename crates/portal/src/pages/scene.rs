//! What one page looks at: one published state, one language, one moment.

use std::sync::Arc;

use evidence::{Digest, Predicate, PredicateType, Slug, Texts, Timestamp};
use node::{Caller, Node, Scope, View};
use register::Register;
use register::policy::Leg;
use register::state::Recorded;

use super::Request;
use super::format::japanese_day;
use super::parts::Html;
use super::text::Say;
use crate::memory::{Memory, Point};

/// The first steps of pages that show the register as it stands or stood.
const DATED: [&str; 11] = [
    "",
    "register",
    "organisations",
    "models",
    "statements",
    "entries",
    "statistics",
    "state",
    "laws",
    "certificates",
    "codes",
];

/// Documents of the same numbers, and files of the same lists.
const TWINS: [&str; 3] = ["api/v1/statistics", "api/v1/state", "api/v1/export/"];

/// What stands below an organisation's own address, where it looks at what is restricted too.
const READ: [&str; 4] = ["organisations", "models", "statements", "entries"];

/// Everything that a page may look at.
#[derive(Clone)]
pub(crate) struct Scene {
    pub(crate) node: Node,
    pub(crate) view: Arc<View>,
    pub(crate) say: Say,
    pub(crate) now: Timestamp,
    /// Where the page stands, below the language, without the leading slash.
    pub(crate) path: String,
    /// The whole address, for pages that read more of the query.
    pub(crate) uri: axum::http::Uri,
    /// What it is asked with, without the size at which it was cited.
    pub(crate) query: super::Asked,
    /// The address by which this site was asked for; only a path where the host is no plain name.
    pub(crate) base: String,
    /// Where people work who are signed in; none where nobody can.
    desk: Option<desk::Desk>,
    /// Whether browsers reach the site over TLS.
    pub(crate) secure: bool,
    /// What documents are written with.
    pub(crate) fonts: Option<Arc<documents::Fonts>>,
    /// How many entries there are at present, where the page shows the register as it stood.
    pub(crate) present: Option<u64>,
    pub(crate) memory: Arc<Memory>,
    /// Where else people may come from.
    pub(crate) providers: Arc<identity::Providers>,
    /// How notices go out.
    pub(crate) outgoing: crate::state::Outgoing,
    /// The keys that this node holds for organisations.
    pub(crate) seals: crate::desk::Seals,
    /// Whose view it is, where it holds more than everyone may see.
    pub(crate) reader: Option<Reader>,
    /// The address by which people reach the site, where whoever runs it has said so.
    pub(crate) reached_at: Option<Arc<str>>,
}

/// An organisation that reads what is restricted and meant for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reader {
    pub(crate) organisation: Digest,
    pub(crate) slug: Slug,
}

impl AsRef<Register> for Scene {
    fn as_ref(&self) -> &Register {
        self.register()
    }
}

impl Scene {
    pub(crate) fn new(request: &Request, say: Say) -> Self {
        let path = request.uri.path();
        let path = path.strip_prefix('/').unwrap_or(path);
        let path = match path.split_once('/') {
            Some(("ja" | "en", rest)) => rest,
            _ => path,
        };
        // Only what shows the register looks back: nobody signs in, or acts, by a clock of long ago.
        let may_look_back = DATED.contains(&path.split('/').next().unwrap_or_default())
            || TWINS.iter().any(|twin| path.starts_with(twin));
        let point = Point {
            size: request.query.size.as_deref().and_then(|size| size.parse().ok()),
            day: request.query.day.as_deref().and_then(|day| day.trim().parse().ok()),
        };
        let seen = request.app.seen(if may_look_back { point } else { Point::default() });
        let host = request.headers.get(axum::http::header::HOST).and_then(|host| host.to_str().ok());
        let plain = |host: &&str| {
            host.len() <= 255 && host.bytes().all(|b| b.is_ascii_alphanumeric() || b".-:[]".contains(&b))
        };
        Self {
            now: seen.now,
            node: request.app.node().clone(),
            say,
            path: path.to_owned(),
            uri: request.uri.clone(),
            base: host.filter(plain).map(base).unwrap_or_default(),
            present: seen.present,
            memory: Arc::clone(request.app.memory()),
            query: request.query.clone(),
            fonts: request.app.fonts().cloned(),
            desk: request.app.desk().cloned(),
            secure: request.app.is_secure(),
            outgoing: request.app.outgoing(),
            providers: Arc::clone(request.app.providers()),
            reader: None,
            reached_at: request.app.reached_at().cloned(),
            seals: request.app.seals().clone(),
            view: seen.view,
        }
    }

    /// Returns the same scene in another voice, for texts that stand beside their translation.
    pub(crate) fn speaking(&self, say: Say) -> Self {
        Self { say, ..self.clone() }
    }

    /// Returns the same scene as an organisation sees it that reads what is restricted and meant for
    /// it. Links to what it may read then lead to its own pages.
    pub(crate) fn read_by(&self, organisation: &Digest) -> Self {
        let Some(known) = self.register().organisation(organisation) else { return self.clone() };
        let reader = Reader { organisation: *organisation, slug: known.slug.clone() };
        let view = self.memory.read_by(&self.view, organisation, self.now);
        Self { view, reader: Some(reader), ..self.clone() }
    }

    /// Returns whom the node takes the reader of this page for.
    pub(crate) fn caller(&self) -> Caller {
        match &self.reader {
            Some(reader) => Caller::Token { scope: Scope::Submit, organisation: Some(reader.slug.clone()) },
            None => Caller::Anonymous,
        }
    }

    /// Returns where people work who are signed in.
    pub(crate) fn desk(&self) -> Option<&desk::Desk> {
        self.desk.as_ref()
    }

    /// Returns what stands.
    pub(crate) fn register(&self) -> &Register {
        &self.view.register
    }

    /// Returns the address of a page in this language. Who looks back stays where they are.
    pub(crate) fn href(&self, path: &str) -> String {
        let first = path.split(['/', '?', '#']).next().unwrap_or_default();
        if let Some(reader) = self.reader.as_ref().filter(|_| READ.contains(&first)) {
            return format!("/{}/desk/as/{}/{path}", self.say.tag(), reader.slug);
        }
        if self.present.is_none() || !DATED.contains(&first) {
            return format!("/{}/{path}", self.say.tag());
        }
        let (path, mark) = path.split_once('#').map_or((path, None), |(path, mark)| (path, Some(mark)));
        let join = if path.contains('?') { '&' } else { '?' };
        let mark = mark.map(|mark| format!("#{mark}")).unwrap_or_default();
        format!("/{}/{path}{join}{}{mark}", self.say.tag(), self.point())
    }

    /// Returns what an address has to say for others to see what is seen here.
    pub(crate) fn point(&self) -> String {
        format!("size={}&day={}", self.register().size(), japanese_day(self.now))
    }

    /// Tells whether the page shows the register, so that it can be looked at as of another day.
    pub(crate) fn is_dated(&self) -> bool {
        let first = self.path.split('/').next().unwrap_or_default();
        // Of a single statement, and of a law, other days are asked for in other ways.
        DATED.contains(&first) && !matches!(first, "statements" | "entries" | "laws")
    }

    /// Returns the index of what stands.
    pub(crate) fn index(&self) -> Arc<register::Index> {
        self.memory.index(&self.view)
    }

    /// Returns the title of a law.
    pub(crate) fn title<'r>(&self, regime: &'r law::Regime) -> &'r str {
        if self.say.is_ja() { &regime.title().ja } else { &regime.title().en }
    }

    /// Returns the names of an organisation or a model.
    pub(crate) fn names(&self, id: &Digest) -> Option<&Texts> {
        match self.register().recorded(id)?.statement.predicate() {
            Predicate::Organisation(organisation) => Some(&organisation.names),
            Predicate::Model(model) => Some(&model.names),
            _ => None,
        }
    }

    /// Returns the name of a thing as plain text: its own, or its path of slugs.
    pub(crate) fn plain_name(&self, id: &Digest) -> String {
        match self.names(id) {
            Some(names) => names.get(self.say.0).0.to_owned(),
            None => self.register().path_of(id).unwrap_or_else(|| id.short()),
        }
    }

    /// Shows the name of a thing.
    pub(crate) fn name(&self, id: &Digest) -> Html {
        match self.names(id) {
            Some(names) => self.say.outside(names),
            None => Html::text(self.plain_name(id)),
        }
    }

    /// Shows who issued a statement.
    pub(crate) fn issuer(&self, recorded: &Recorded) -> Html {
        match recorded.issuer {
            Some(issuer) => self.name(&issuer),
            None => Html::text(self.say.text("the-node")),
        }
    }

    /// Returns a statement that may be seen here, as it is kept.
    pub(crate) fn stored(&self, digest: &Digest) -> Result<node::Stored, super::Failure> {
        let stored = self.node.statement(digest, &self.caller());
        let stored = stored.map_err(|error| super::Failure::Store(error.to_string()))?;
        stored.ok_or(super::Failure::Missing)
    }

    /// Returns the address of a thing's own page: an organisation, a model, a certificate, a code, a
    /// consultation, else its statement.
    pub(crate) fn page_of(&self, id: &Digest) -> String {
        let register = self.register();
        let path = register.path_of(id).unwrap_or_default();
        let is_model = register.models().any(|model| model.id == *id);
        if is_model {
            self.href(&format!("models/{path}"))
        } else if register.organisation(id).is_some() {
            self.href(&format!("organisations/{path}"))
        } else {
            // Those who read more than everyone may stay among their own pages.
            let public = register.recorded(id).filter(|_| self.reader.is_none());
            match public.map(|recorded| (recorded, recorded.statement.predicate())) {
                Some((_, Predicate::Certificate(_))) => self.href(&format!("certificates/{id}")),
                Some((recorded, Predicate::CodeOfConduct(_))) => {
                    let first = super::code::first(self, recorded).statement.digest();
                    self.href(&format!("codes/{}", register.path_of(&first).unwrap_or_default()))
                }
                Some((_, Predicate::Consultation(_))) => self.href(&format!("consultations/{id}")),
                _ => self.href(&format!("statements/{id}")),
            }
        }
    }

    /// Links to a thing by its name.
    pub(crate) fn link(&self, id: &Digest) -> Html {
        Html::link(&self.page_of(id), self.name(id))
    }

    /// Links to a statement by its place in the log.
    pub(crate) fn entry(&self, recorded: &Recorded) -> Html {
        let label = self.say.html("entry").count("index", recorded.index).html();
        Html::link(&self.href(&format!("statements/{}", recorded.statement.digest())), label)
    }

    /// Links to the statement of an entry; names the entry where it shows no statement.
    pub(crate) fn entry_at(&self, index: u64) -> Html {
        match self.register().at_index(index) {
            Some(recorded) => self.entry(recorded),
            None => self.say.html("entry").count("index", index).html(),
        }
    }

    /// Returns the name of a statement's type.
    pub(crate) fn kind(&self, predicate: &str) -> String {
        match PredicateType::find(predicate) {
            Some(known) => known.label(self.say.0).to_owned(),
            None => self.say.word("filed", predicate),
        }
    }

    /// Names a statement by its type.
    pub(crate) fn html_kind(&self, recorded: &Recorded) -> Html {
        Html::text(self.kind(recorded.statement.predicate().name()))
    }

    /// Returns which leg an organisation stands on, by the roles in force.
    pub(crate) fn leg(&self, organisation: &Digest) -> Option<Leg> {
        self.register().leg(organisation, self.now)
    }

    /// Returns the class by which the style sheet draws the shape of who speaks.
    pub(crate) fn voice(&self, organisation: Option<&Digest>) -> &'static str {
        match organisation.and_then(|organisation| self.leg(organisation)) {
            Some(leg) => leg_class(leg),
            None => "",
        }
    }

    /// Returns the title of a role.
    pub(crate) fn role(&self, role: &str) -> String {
        match self.register().policy().and_then(|policy| policy.role(role)) {
            Some(row) => row.title.get(self.say.0).to_owned(),
            None => role.to_owned(),
        }
    }

    /// Returns the organisations with a role in force.
    pub(crate) fn authorities(&self) -> Vec<Digest> {
        let register = self.register();
        register
            .organisations()
            .filter(|organisation| self.leg(&organisation.id) == Some(Leg::State))
            .map(|organisation| organisation.id)
            .collect()
    }
}

/// Returns the address of a site: in the clear on this machine only.
fn base(host: &str) -> String {
    let local = ["localhost", "127.0.0.1", "[::1]"].iter().any(|local| host.starts_with(local));
    format!("{}://{host}", if local { "http" } else { "https" })
}

/// Returns the class of a leg.
pub(crate) fn leg_class(leg: Leg) -> &'static str {
    match leg {
        Leg::State => "state",
        Leg::Developer => "developer",
        Leg::Verifier => "verifier",
    }
}
