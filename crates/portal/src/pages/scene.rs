//! What one page looks at: one published state, one language, one moment.

use std::sync::Arc;

use evidence::{Digest, Predicate, PredicateType, Texts, Timestamp};
use node::{Node, View};
use register::Register;
use register::policy::Leg;
use register::state::Recorded;

use super::Request;
use super::parts::Html;
use super::text::Say;

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
    /// The number of entries at which it was cited.
    pub(crate) cited: Option<u64>,
    /// Where people work who are signed in; none where nobody can.
    desk: Option<desk::Desk>,
    /// Whether browsers reach the site over TLS.
    pub(crate) secure: bool,
    /// How notices go out.
    pub(crate) outgoing: crate::state::Outgoing,
}

impl AsRef<Register> for Scene {
    fn as_ref(&self) -> &Register {
        self.register()
    }
}

impl Scene {
    pub(crate) fn new(request: &Request, say: Say) -> Self {
        let view = request.app.view();
        let path = request.uri.path();
        let path = path.strip_prefix('/').unwrap_or(path);
        let path = match path.split_once('/') {
            Some(("ja" | "en", rest)) => rest,
            _ => path,
        };
        let host = request.headers.get(axum::http::header::HOST).and_then(|host| host.to_str().ok());
        let plain = |host: &&str| {
            host.len() <= 255 && host.bytes().all(|b| b.is_ascii_alphanumeric() || b".-:[]".contains(&b))
        };
        Self {
            now: request.app.now(),
            node: request.app.node().clone(),
            say,
            path: path.to_owned(),
            uri: request.uri.clone(),
            base: host.filter(plain).map(base).unwrap_or_default(),
            cited: request.query.size.as_deref().and_then(|size| size.parse().ok()),
            query: request.query.clone(),
            view,
            desk: request.app.desk().cloned(),
            secure: request.app.is_secure(),
            outgoing: request.app.outgoing(),
        }
    }

    /// Returns the same scene in another voice, for texts that stand beside their translation.
    pub(crate) fn speaking(&self, say: Say) -> Self {
        Self { say, ..self.clone() }
    }

    /// Returns where people work who are signed in.
    pub(crate) fn desk(&self) -> Option<&desk::Desk> {
        self.desk.as_ref()
    }

    /// Returns what stands.
    pub(crate) fn register(&self) -> &Register {
        &self.view.register
    }

    /// Returns the address of a page in this language.
    pub(crate) fn href(&self, path: &str) -> String {
        format!("/{}/{path}", self.say.tag())
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

    /// Returns the address of a thing's own page: an organisation, a model, else its statement.
    pub(crate) fn page_of(&self, id: &Digest) -> String {
        let register = self.register();
        let path = register.path_of(id).unwrap_or_default();
        let is_model = register.models().any(|model| model.id == *id);
        if is_model {
            self.href(&format!("models/{path}"))
        } else if register.organisation(id).is_some() {
            self.href(&format!("organisations/{path}"))
        } else {
            self.href(&format!("statements/{id}"))
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
