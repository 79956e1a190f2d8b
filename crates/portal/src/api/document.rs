//! The pieces that documents are made of: names, references, pages of lists.

use evidence::{Digest, Language, Predicate, PredicateType, Texts};
use register::index::Query;
use register::state::{Kind, Recorded};
use register::{ActState, Register};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::extract::point;
use crate::memory::Seen;
use crate::pages::joined;
use crate::problem::Problem;
use crate::state::App;

/// A text in Japanese, English or both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Names {
    /// Japanese.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ja: Option<String>,
    /// English.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) en: Option<String>,
}

impl Names {
    pub(crate) fn both(ja: impl Into<String>, en: impl Into<String>) -> Self {
        Self { ja: Some(ja.into()), en: Some(en.into()) }
    }
}

impl From<&Texts> for Names {
    fn from(texts: &Texts) -> Self {
        Self { ja: texts.ja.clone(), en: texts.en.clone() }
    }
}

impl From<&law::Text> for Names {
    fn from(text: &law::Text) -> Self {
        Self::both(&text.ja, &text.en)
    }
}

/// A thing in the register.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Thing {
    /// The digest of the statement that created it: its identity.
    #[schema(value_type = String)]
    pub(crate) digest: Digest,
    /// What it is: `organisation`, `model`, `model-version`, `certificate`, `genesis`, or the name
    /// of a predicate.
    pub(crate) kind: String,
    /// Its path of slugs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) path: Option<String>,
    /// Its names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) names: Option<Names>,
    /// Where its document is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) href: Option<String>,
}

impl Thing {
    /// Describes what a digest stands for; a digest that stands for nothing here is a key's hash
    /// or the origin's.
    pub(crate) fn of(register: &Register, digest: &Digest) -> Self {
        let kind = register.kind_of(digest);
        let path = register.path_of(digest);
        let href = kind.as_ref().map(|kind| match (kind, &path) {
            (Kind::Organisation, Some(path)) => format!("/api/v1/organisations/{}", segment(path)),
            (Kind::Model, Some(path)) => format!("/api/v1/models/{}", segment(path)),
            _ => format!("/api/v1/statements/{digest}"),
        });
        Self {
            digest: *digest,
            kind: kind.as_ref().map_or("other", Kind::name).to_owned(),
            path,
            names: names_of(register, digest),
            href,
        }
    }
}

/// Writes a path of slugs as one segment of an address.
pub(crate) fn segment(path: &str) -> String {
    path.replace('/', "~")
}

/// Returns the statement that says how a thing is described now: its own, or the last correction.
pub(crate) fn current<'r>(register: &'r Register, digest: &Digest) -> Option<&'r Recorded> {
    let mut recorded = register.recorded(digest)?;
    // A correction is always younger than what it corrects, so this ends.
    while let Some(next) = recorded.superseded_by.as_ref().and_then(|next| register.recorded(next)) {
        recorded = next;
    }
    Some(recorded)
}

fn names_of(register: &Register, digest: &Digest) -> Option<Names> {
    match current(register, digest)?.statement.predicate() {
        Predicate::Organisation(organisation) => Some((&organisation.names).into()),
        Predicate::Model(model) => Some((&model.names).into()),
        Predicate::Certificate(certificate) => Some((&certificate.scheme).into()),
        _ => None,
    }
}

/// A recorded statement in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StatementSummary {
    /// Its digest.
    #[schema(value_type = String)]
    pub(crate) digest: Digest,
    /// Index of its log entry.
    pub(crate) index: u64,
    /// Entry time.
    pub(crate) time: String,
    /// Time of arrival: deadlines count from it.
    pub(crate) arrived_at: String,
    /// Name of the predicate, such as `model-facts`.
    pub(crate) kind: String,
    /// The kind for people.
    pub(crate) label: Names,
    /// Who said it; nobody for the node itself.
    pub(crate) issuer: Option<Thing>,
    /// What it is about.
    pub(crate) subject: Thing,
    /// The office that drafted it.
    pub(crate) holder: String,
    /// The regime under which it was done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) regime: Option<String>,
    /// The statement that corrects it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub(crate) superseded_by: Option<Digest>,
    /// The mandate under which an agent signed it for its issuer.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub(crate) under_mandate: Option<Digest>,
    /// What became of an act that no longer has effect: `stayed`, `annulled` or `ended`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) act_state: Option<&'static str>,
    /// Where its document is.
    pub(crate) href: String,
}

impl StatementSummary {
    pub(crate) fn of(register: &Register, recorded: &Recorded) -> Self {
        let statement = &recorded.statement;
        let digest = statement.digest();
        Self {
            digest,
            index: recorded.index,
            time: recorded.time.to_string(),
            arrived_at: recorded.arrived_at.to_string(),
            kind: statement.predicate().name().to_owned(),
            label: label(statement.predicate().name()),
            issuer: recorded.issuer.map(|issuer| Thing::of(register, &issuer)),
            subject: Thing::of(register, &statement.subject()),
            holder: statement.common().holder.to_string(),
            regime: statement.common().regime.as_ref().map(ToString::to_string),
            superseded_by: recorded.superseded_by,
            under_mandate: recorded.under_mandate,
            act_state: match register.act_state(&digest) {
                ActState::InForce => None,
                ActState::Stayed { .. } => Some("stayed"),
                ActState::Annulled { .. } => Some("annulled"),
                ActState::Ended { .. } => Some("ended"),
            },
            href: format!("/api/v1/statements/{digest}"),
        }
    }
}

/// Returns what people call a predicate.
pub(crate) fn label(kind: &str) -> Names {
    match PredicateType::find(kind) {
        Some(kind) => Names::both(kind.label(Language::Ja), kind.label(Language::En)),
        None => Names::both(kind, kind),
    }
}

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Page<T> {
    /// The items, oldest first.
    pub(crate) items: Vec<T>,
    /// Where the next page is; none after the last.
    pub(crate) next: Option<String>,
    /// The number of log entries that the list was made from.
    pub(crate) size: u64,
}

/// Which page of a list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Cursor {
    /// Only what came after this entry.
    pub(crate) after: Option<u64>,
    /// At most so many items, 1 to 500; 100 where nothing is given.
    #[param(minimum = 1, maximum = 500)]
    pub(crate) limit: Option<usize>,
    /// Words that must stand in what registered them, or in the names of those concerned.
    pub(crate) q: Option<String>,
    /// The register as it stood when the log had so many entries.
    pub(crate) size: Option<u64>,
    /// The register as it stood at the end of this day, in Japanese time.
    pub(crate) day: Option<String>,
}

/// The point of time at which a thing is asked for; the present where nothing is given.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Dated {
    /// The register as it stood when the log had so many entries.
    pub(crate) size: Option<u64>,
    /// The register as it stood at the end of this day, in Japanese time.
    pub(crate) day: Option<String>,
}

impl Dated {
    /// Returns the register that is asked for.
    pub(crate) fn seen(&self, app: &App) -> Result<Seen, Problem> {
        Ok(app.seen(point(self.size, self.day.as_deref())?))
    }
}

/// The most items of a page, and their usual number.
const MAX_ITEMS: usize = 500;
const USUAL_ITEMS: usize = 100;

impl Cursor {
    /// Returns the register that is asked for, and which entries registered things of a kind that hold
    /// the words asked for.
    pub(crate) fn found(&self, app: &App, kind: &str) -> Result<(Seen, Vec<u64>), Problem> {
        let seen = app.seen(point(self.size, self.day.as_deref())?);
        let text = self.q.clone().unwrap_or_default();
        let query = Query { text, kinds: [kind.to_owned()].into(), ..Query::default() };
        let found = app.memory().index(&seen.view).search(&seen.view.register, &query);
        Ok((seen, found.entries))
    }

    /// Returns the address of a list with what this asks of it.
    pub(crate) fn address(&self, path: &str) -> String {
        let fields = [
            ("q", self.q.clone()),
            ("size", self.size.map(|size| size.to_string())),
            ("day", self.day.clone()),
        ];
        let set: Vec<_> = fields.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
        let joint = if set.is_empty() { "" } else { "?" };
        format!("{path}{joint}{}", joined(&set))
    }

    /// Cuts a page out of a list of (entry index, item), oldest first. `address` is that of the
    /// list, with its other parameters.
    pub(crate) fn page<I, T>(
        &self,
        items: impl Iterator<Item = (u64, I)>,
        address: &str,
        size: u64,
        write: impl Fn(I) -> T,
    ) -> Page<T> {
        let limit = self.limit.unwrap_or(USUAL_ITEMS).clamp(1, MAX_ITEMS);
        let mut rest = items.filter(|(index, _)| self.after.is_none_or(|after| *index > after)).peekable();
        let mut found = Vec::new();
        let mut last = 0;
        while found.len() < limit
            && let Some((index, item)) = rest.next()
        {
            last = index;
            found.push(write(item));
        }
        let next = rest.peek().map(|_| {
            let joint = if address.contains('?') { '&' } else { '?' };
            format!("{address}{joint}after={last}&limit={limit}")
        });
        Page { items: found, next, size }
    }
}
