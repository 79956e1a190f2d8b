//! An organisation: who it is, in which roles, with which keys, and what it has said.

use std::collections::BTreeSet;

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use evidence::predicate::{Custody, KeyEndReason};
use evidence::{Digest, Predicate};
use law::Party;
use register::state::Kind;

use super::boards;
use super::format::{japanese_day, legal_day, short_day};
use super::frame::Frame;
use super::parts::{Html, Tag, hash};
use super::scene::Scene;
use super::standing::{Row, rows};
use super::text::Say;
use super::timeline::{Moment, moment};
use super::{Failure, Request, certificate, code, page};

/// Most statements of its timeline.
const MAX_STATEMENTS: usize = 30;
/// Most certificates, and most codes.
const MAX_LISTED: usize = 200;

#[derive(Template)]
#[template(path = "organisation.html")]
pub(crate) struct OrganisationPage {
    pub(crate) frame: Frame,
    say: Say,
    name: Html,
    other_name: Html,
    voice: &'static str,
    country: String,
    registry: Option<(String, String)>,
    representative: Option<Html>,
    id: Html,
    grants: Vec<GrantLine>,
    keys: Vec<KeyLine>,
    models: Vec<(Html, Html)>,
    /// Certificates that it issued, or of its models; codes that it publishes.
    certificates: Vec<certificate::Line>,
    codes: Vec<code::Line>,
    duties: Vec<(Html, Vec<Row>)>,
    moments: Vec<Moment>,
    /// Nothing: the timeline of a whole thing has no next day.
    coming: Option<Html>,
    more: usize,
}

struct GrantLine {
    role: String,
    holder: Option<String>,
    basis: Html,
    period: Html,
    entry: Html,
    tag: Tag,
}

struct KeyLine {
    hash: Html,
    holder: String,
    custody: Html,
    since: Html,
    tag: Tag,
}

pub(crate) async fn show(Path((language, slug)): Path<(String, String)>, request: Request) -> Response {
    page(&language, request, move |scene| make(scene, &slug)).await
}

/// Returns the titles of the roles that an organisation has in force.
pub(crate) fn roles(scene: &Scene, organisation: &Digest) -> Vec<String> {
    let mut titles = Vec::new();
    for grant in scene.register().grants_of(organisation) {
        if grant.holder.is_none() && grant.in_force(scene.now) {
            let title = scene.role(grant.role.as_str());
            if !titles.contains(&title) {
                titles.push(title);
            }
        }
    }
    titles
}

/// Makes the page, for whoever looks.
pub(crate) fn make(scene: &Scene, slug: &str) -> Result<OrganisationPage, Failure> {
    let (say, register) = (scene.say, scene.register());
    let id = register.find(slug).ok_or(Failure::Missing)?;
    let organisation = register.organisation(&id).ok_or(Failure::Missing)?;
    let recorded = register.recorded(&id).ok_or(Failure::Missing)?;
    let Predicate::Organisation(body) = recorded.statement.predicate() else { return Err(Failure::Missing) };
    let mut entries = BTreeSet::from([recorded.index]);

    let mut grants = Vec::new();
    for grant in register.grants_of(&id) {
        let Some(source) = register.recorded(&grant.id) else { continue };
        let Predicate::RoleGrant(granted) = source.statement.predicate() else { continue };
        entries.insert(source.index);
        let day = |day: Option<evidence::Date>| day.map(|day| legal_day(say.0, day.civil()));
        let period = match (day(grant.period.0), day(grant.period.1)) {
            (None, None) => say.html("period-open").html(),
            (Some(from), None) => say.html("period-from").part("from", from).html(),
            (None, Some(until)) => say.html("period-until").part("until", until).html(),
            (Some(from), Some(until)) => {
                say.html("period-both").part("from", from).part("until", until).html()
            }
        };
        grants.push(GrantLine {
            role: scene.role(grant.role.as_str()),
            holder: grant.holder.as_ref().map(ToString::to_string),
            basis: say.outside(&granted.legal_basis),
            period,
            entry: scene.entry(source),
            tag: if grant.in_force(scene.now) {
                Tag::signed("good", say.text("in-force"))
            } else {
                Tag::signed("later", say.text("ended"))
            },
        });
    }

    let keys = register.keys_of(&id).into_iter().map(|key| KeyLine {
        hash: hash(&key.public.hash()),
        holder: key.holder.to_string(),
        custody: custody(scene, key.custody),
        since: scene.entry_at(key.since),
        tag: match key.ended {
            None => Tag::signed("good", say.text("in-force")),
            Some(ended) if ended.reason == KeyEndReason::Compromised => {
                Tag::signed("bad", say.text("key-compromised"))
            }
            Some(_) => Tag::signed("later", say.text("ended")),
        },
    });

    let certificates = code::of_kind(scene, "certificate", Some(id)).take(MAX_LISTED);
    let certificates: Vec<_> = certificates.filter_map(|one| certificate::line(scene, one)).collect();
    let codes = code::all(scene).into_iter().filter(|one| one.issuer == Some(id)).take(MAX_LISTED);
    let codes: Vec<_> = codes.filter_map(|one| code::line(scene, one)).collect();
    let own = register.below(&id).into_iter().filter(|one| register.kind_of(&one.id) == Some(Kind::Model));
    let models = own.map(|model| {
        let description = match register.recorded(&model.id).map(|recorded| recorded.statement.predicate()) {
            Some(Predicate::Model(model)) => say.outside(&model.description),
            _ => Html::default(),
        };
        (scene.link(&model.id), description)
    });

    let is_authority = scene.authorities().contains(&id);
    let mut duties = Vec::new();
    let boards = if is_authority {
        boards::all(scene)
    } else {
        register.below(&id).into_iter().flat_map(|model| boards::of(scene, &model.id)).collect()
    };
    for board in boards.iter().filter(|board| !board.is_idle()) {
        let rows = if is_authority {
            rows(scene, board, |party| party == Party::Authority)
        } else if board.developer == id {
            rows(scene, board, |party| party == Party::Developer)
        } else {
            Vec::new()
        };
        if !rows.is_empty() {
            duties.push((scene.link(&board.model), rows));
        }
    }

    let said: Vec<_> = register.statements().filter(|said| said.issuer == Some(id)).collect();
    entries.extend(said.iter().rev().take(MAX_STATEMENTS).map(|said| said.index));
    let name = scene.plain_name(&id);
    let path = organisation.slug.to_string();
    let frame = Frame::new(scene, "register", name)
        .below(say.html("nav-register").html(), scene.href("register"))
        .called(scene.name(&id))
        .rests_on(scene, &entries, format!("/api/v1/organisations/{path}"))
        .taken_away(scene, "statements", &[("organisation", path.clone())])
        .fed(crate::feed::address(scene, &[("organisation", path.clone())]));
    Ok(OrganisationPage {
        frame,
        say,
        name: scene.name(&id),
        other_name: other_name(scene, &organisation.names),
        voice: scene.voice(Some(&id)),
        country: organisation.country.clone(),
        registry: body.registry_id.as_ref().map(|known| (known.scheme.to_string(), known.value.clone())),
        representative: body.representative.as_ref().map(|texts| say.outside(texts)),
        id: hash(&id),
        grants,
        keys: keys.collect(),
        models: models.collect(),
        certificates,
        codes,
        duties,
        coming: None,
        more: said.len().saturating_sub(MAX_STATEMENTS),
        moments: said.iter().rev().take(MAX_STATEMENTS).map(|said| moment(scene, said)).collect(),
    })
}

/// Shows a name in the language that the page does not have.
pub(crate) fn other_name(scene: &Scene, names: &evidence::Texts) -> Html {
    let (text, language) = if scene.say.is_ja() {
        (names.en.as_deref(), evidence::Language::En)
    } else {
        (names.ja.as_deref(), evidence::Language::Ja)
    };
    match text {
        Some(text) if names.get(scene.say.0).0 != text => scene.say.marked(text, language),
        _ => Html::default(),
    }
}

/// Shows where a private key is kept.
pub(crate) fn custody(scene: &Scene, custody: Custody) -> Html {
    match custody {
        Custody::Holder => scene.say.html("custody-holder").html(),
        Custody::Node => Tag::signed("departs", scene.say.text("custody-node")).into(),
    }
}

/// Writes the day of an entry for a table.
pub(crate) fn entry_day(recorded: &register::state::Recorded) -> Html {
    short_day(japanese_day(recorded.time))
}
