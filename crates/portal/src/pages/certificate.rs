//! The public page of a certificate: what is certified, for whom, by whom, how it stands, and how anyone
//! checks it. The same lines serve the lists of the register, of a model and of an organisation.

use std::collections::BTreeSet;
use std::sync::Arc;

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use documents::{Code, QUIET};
use evidence::predicate::{Certificate, CertificateState, CodeOfConduct};
use evidence::{Date, Digest, Predicate, Texts};
use register::CertificateStanding as Standing;
use register::policy::Speaker;
use register::state::Recorded;

use super::format::{japanese_day, legal_day};
use super::frame::Frame;
use super::organisation::entry_day;
use super::parts::{Html, Tag, hash};
use super::scene::Scene;
use super::text::Say;
use super::timeline::{Moment, moment, tags};
use super::{Failure, Request, page};

/// Most pieces of evidence that the page names.
const MAX_EVIDENCE: usize = 64;

#[derive(Template)]
#[template(path = "certificate.html")]
struct CertificatePage {
    frame: Frame,
    say: Say,
    title: Html,
    tag: Tag,
    means: Html,
    version: Html,
    model: Html,
    developer: Html,
    body: Html,
    voice: &'static str,
    recognised: Tag,
    basis: Html,
    scheme: Html,
    scope: Html,
    valid: Html,
    evidence: Vec<Html>,
    later: Option<Html>,
    history: Vec<Step>,
    proceedings: Vec<Moment>,
    path: String,
    digest: Digest,
    digest_shown: Html,
    code: Option<Picture>,
    base: String,
    has_document: bool,
}

/// One step of what became of a certificate.
struct Step {
    day: Html,
    tag: Tag,
    who: Html,
    why: Html,
    entry: Html,
}

/// A QR code, and the address that it leads to.
struct Picture {
    side: usize,
    path: String,
    address: String,
}

/// A certificate in a list.
pub(crate) struct Line {
    pub(crate) name: Html,
    pub(crate) of: Html,
    pub(crate) body: Html,
    pub(crate) until: Html,
    pub(crate) tag: Tag,
}

pub(crate) async fn show(Path((language, digest)): Path<(String, String)>, request: Request) -> Response {
    page(&language, request, move |scene| make(scene, &digest)).await
}

/// Shows how a certificate stands today, as signed acts and its own days have it.
pub(crate) fn tag(scene: &Scene, id: &Digest) -> Tag {
    let say = scene.say;
    match standing(scene, id) {
        Standing::Valid => Tag::signed("good", say.text("certificate-valid")),
        Standing::NotYet => Tag::signed("later", say.text("certificate-not-yet")),
        Standing::Expired => Tag::signed("later", say.text("certificate-expired")),
        Standing::Suspended => Tag::signed("departs", say.text("certificate-suspended")),
        Standing::Stayed => Tag::signed("departs", say.text("act-stayed")),
        Standing::Revoked => Tag::signed("bad", say.text("certificate-revoked")),
        Standing::Annulled => Tag::signed("bad", say.text("act-annulled")),
        Standing::Replaced => Tag::signed("later", say.text("certificate-replaced")),
    }
}

fn standing(scene: &Scene, id: &Digest) -> Standing {
    let today = Date::new(japanese_day(scene.now));
    // Whoever asks has found a certificate at the digest.
    scene.register().certificate_standing(id, today).unwrap_or(Standing::Annulled)
}

/// Writes a certificate as a line of a list; none where the statement is none.
pub(crate) fn line(scene: &Scene, recorded: &Recorded) -> Option<Line> {
    let Predicate::Certificate(certificate) = recorded.statement.predicate() else { return None };
    let id = recorded.statement.digest();
    let scheme = scene.say.outside(&certificate.scheme);
    Some(Line {
        name: Html::link(&scene.page_of(&id), scheme),
        of: about(scene, &recorded.statement.subject()).0,
        body: recorded.issuer.map(|body| scene.link(&body)).unwrap_or_default(),
        until: legal_day(scene.say.0, certificate.valid_until.civil()),
        tag: tag(scene, &id),
    })
}

/// Links to a version by the name of its model; then the model, and the developer who stands there now.
fn about(scene: &Scene, version: &Digest) -> (Html, Html, Html) {
    let register = scene.register();
    let slug = register.thing(version).map(|thing| thing.slug.to_string()).unwrap_or_default();
    let model = register.model_of(version);
    let name = model.map(|model| scene.plain_name(&model)).unwrap_or_default();
    let label = scene.say.html("certificate-of-version").with("model", name).with("version", slug).html();
    let link = Html::link(&scene.href(&format!("statements/{version}")), label);
    let developer = register.owner(version).map(|owner| scene.link(&owner)).unwrap_or_default();
    (link, model.map(|model| scene.link(&model)).unwrap_or_default(), developer)
}

/// Finds the scheme that a certificate names: among what it rests on, else by its title.
fn scheme_of<'s>(scene: &'s Scene, certificate: &Certificate) -> Option<&'s Arc<Recorded>> {
    let register = scene.register();
    let code =
        |recorded: &&Arc<Recorded>| matches!(recorded.statement.predicate(), Predicate::CodeOfConduct(_));
    let cited = certificate.evidence.iter().filter_map(|id| register.recorded(id)).find(code);
    let called = |one: &&Arc<Recorded>| match one.statement.predicate() {
        Predicate::CodeOfConduct(CodeOfConduct { title, .. }) => same_title(title, &certificate.scheme),
        _ => false,
    };
    cited.or_else(|| super::code::all(scene).into_iter().find(called))
}

fn same_title(one: &Texts, other: &Texts) -> bool {
    let same = |one: &Option<String>, other: &Option<String>| one.is_some() && one == other;
    same(&one.ja, &other.ja) || same(&one.en, &other.en)
}

/// Says whether a body may certify today, and on what ground.
fn recognised(scene: &Scene, body: &Digest) -> (Tag, Html) {
    let (say, register) = (scene.say, scene.register());
    let row = register.policy().and_then(|policy| policy.act("certificate"));
    let may = |role: &str| {
        row.is_some_and(|row| row.said_by.iter().any(|by| matches!(by, Speaker::Role(may) if may == role)))
    };
    let grants = register.grants_of(body);
    let mut whole = grants.iter().filter(|grant| grant.holder.is_none() && may(grant.role.as_str()));
    let found = whole.clone().find(|grant| grant.in_force(scene.now)).or_else(|| whole.next_back());
    let Some(grant) = found else {
        return (Tag::signed("bad", say.text("certificate-body-not")), Html::default());
    };
    let role = scene.role(grant.role.as_str());
    let source = register.recorded(&grant.id);
    let basis = source.map(|source| match source.statement.predicate() {
        Predicate::RoleGrant(granted) => {
            Html(format!("{} ({})", say.outside(&granted.legal_basis), scene.entry(source)))
        }
        _ => scene.entry(source),
    });
    let tag = if grant.in_force(scene.now) {
        Tag::signed("good", say.text("certificate-body-in-role").with("role", role))
    } else {
        Tag::signed("later", say.text("certificate-body-ended").with("role", role))
    };
    (tag, basis.unwrap_or_default())
}

/// Tells the story: issued, then what its body and others said of it, then its last day once it is over.
fn history(scene: &Scene, recorded: &Recorded, certificate: &Certificate) -> Vec<Step> {
    let (say, register) = (scene.say, scene.register());
    let id = recorded.statement.digest();
    let step = |one: &Recorded, tag: Tag, why: Html| Step {
        day: entry_day(one),
        tag,
        who: scene.issuer(one),
        why,
        entry: scene.entry(one),
    };
    let issued = Tag::signed("filed", say.text("certificate-issued"));
    let mut steps = vec![step(recorded, issued, Html::default())];
    for one in register.about(&id) {
        let (tag, why) = match one.statement.predicate() {
            Predicate::CertificateStatus(status) => {
                // In a history it is what was done, not what holds.
                let (tone, key) = match status.state {
                    CertificateState::Valid => ("good", "certificate-restored"),
                    CertificateState::Suspended => ("departs", "certificate-was-suspended"),
                    CertificateState::Revoked => ("bad", "certificate-was-revoked"),
                };
                let tag = Tag::signed(tone, say.text(key));
                (tag, say.outside(&status.reasons))
            }
            said @ Predicate::Ruling(ruling) => match tags(scene, said).pop() {
                Some(tag) => (tag, say.outside(&ruling.summary)),
                None => continue,
            },
            _ => continue,
        };
        let became = super::timeline::state(scene, one);
        let why = Html(format!("{why} {}", became.map(Html::from).unwrap_or_default()));
        steps.push(step(one, tag, why));
    }
    if let Some(later) = recorded.superseded_by.and_then(|later| register.recorded(&later)) {
        steps.push(step(later, Tag::signed("later", say.text("certificate-replaced")), Html::default()));
    }
    if certificate.valid_until.civil() < japanese_day(scene.now) {
        steps.push(Step {
            day: super::format::short_day(certificate.valid_until.civil()),
            tag: Tag::signed("later", say.text("certificate-expired")),
            who: Html::default(),
            why: say.html("certificate-expired-by-itself").html(),
            entry: Html::default(),
        });
    }
    steps
}

fn make(scene: &Scene, digest: &str) -> Result<CertificatePage, Failure> {
    let (say, register) = (scene.say, scene.register());
    let digest: Digest = digest.parse().map_err(|_| Failure::Missing)?;
    let recorded = register.recorded(&digest).ok_or(Failure::Missing)?;
    let Predicate::Certificate(certificate) = recorded.statement.predicate() else {
        return Err(Failure::Missing);
    };
    let body = recorded.issuer.ok_or(Failure::Missing)?;
    let version = recorded.statement.subject();
    let (version_link, model, developer) = about(scene, &version);
    let (recognised, basis) = recognised(scene, &body);
    let scheme = say.outside(&certificate.scheme);
    let found = scheme_of(scene, certificate);
    let scheme = match found {
        Some(code) => Html::link(&scene.page_of(&code.statement.digest()), scheme),
        None => scheme,
    };
    let rests_on = certificate.evidence.iter().take(MAX_EVIDENCE).map(|id| match register.recorded(id) {
        Some(one) => {
            let kind = Html::text(scene.kind(one.statement.predicate().name()));
            Html(format!("{kind} · {} · {}", scene.issuer(one), scene.entry(one)))
        }
        // What is restricted is named by its digest only.
        None => Html(format!(
            "{} <span class=\"quiet\">{}</span>",
            hash(id),
            say.html("certificate-evidence-withheld")
        )),
    });
    let day = |day: Date| legal_day(say.0, day.civil());
    let valid = say
        .html("period-both")
        .part("from", day(certificate.valid_from))
        .part("until", day(certificate.valid_until))
        .html();
    let mut entries = BTreeSet::from([recorded.index]);
    entries.extend(register.about(&digest).map(|one| one.index));
    entries.extend(certificate.evidence.iter().filter_map(|id| register.recorded(id)).map(|one| one.index));
    let is_proceeding = |one: &&Arc<Recorded>| {
        !matches!(one.statement.predicate(), Predicate::CertificateStatus(_) | Predicate::Ruling(_))
    };
    let name = certificate.scheme.get(say.0).0.to_owned();
    let title = say.text("certificate-title").with("scheme", &name).to_string();
    let list = scene.href("register?kind=certificate");
    let later = register.next_certificate(&digest).map(|later| {
        let link = Html::link(&scene.page_of(&later.statement.digest()), say.html("certificate-next").html());
        say.html("certificate-later").part("day", entry_day(later)).part("link", link).html()
    });
    let key = match standing(scene, &digest) {
        Standing::Valid => "certificate-means-valid",
        Standing::NotYet => "certificate-means-not-yet",
        Standing::Expired => "certificate-means-expired",
        Standing::Suspended => "certificate-means-suspended",
        Standing::Revoked => "certificate-means-revoked",
        Standing::Replaced => "certificate-means-replaced",
        Standing::Stayed => "certificate-means-stayed",
        Standing::Annulled => "certificate-means-annulled",
    };
    Ok(CertificatePage {
        frame: Frame::new(scene, "register", title)
            .below(say.html("nav-register").html(), scene.href("register"))
            .below(say.html("filter-certificate").html(), list)
            .called(say.outside(&certificate.scheme))
            .rests_on(scene, &entries, format!("/api/v1/statements/{digest}")),
        say,
        title: say.html("certificate-title").part("scheme", say.outside(&certificate.scheme)).html(),
        tag: tag(scene, &digest),
        means: say.html(key).part("day", legal_day(say.0, japanese_day(scene.now))).html(),
        version: version_link,
        model,
        developer,
        body: scene.link(&body),
        voice: scene.voice(Some(&body)),
        recognised,
        basis,
        scheme,
        scope: say.outside(&certificate.scope),
        valid,
        evidence: rests_on.collect(),
        later,
        history: history(scene, recorded, certificate),
        proceedings: register.about(&digest).filter(is_proceeding).map(|one| moment(scene, one)).collect(),
        path: register.path_of(&digest).unwrap_or_default(),
        digest,
        digest_shown: hash(&digest),
        code: picture(scene, &digest),
        base: scene.base.clone(),
        has_document: scene.fonts.is_some(),
    })
}

/// Draws the way to this page, where the site knows the address by which people reach it: what is
/// printed must not rest on whatever host a browser happened to name.
fn picture(scene: &Scene, digest: &Digest) -> Option<Picture> {
    let address = format!("{}/{}/certificates/{digest}", scene.reached_at.as_deref()?, scene.say.tag());
    let code = Code::new(&address).ok()?;
    Some(Picture { side: code.size() + 2 * QUIET, path: code.svg_path(), address })
}
