//! The public page of a code of conduct, a standard or a scheme of certification: its text and versions,
//! who adheres to it, what was certified by it, and how others are heard on it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use evidence::predicate::{CodeKind, CodeOfConduct, CodeStage};
use evidence::{Digest, Predicate};
use register::index::Query;
use register::state::Recorded;

use super::certificate;
use super::frame::Frame;
use super::organisation::entry_day;
use super::parts::{Html, Tag, hash};
use super::scene::Scene;
use super::statement::{AttachmentLine, attachments};
use super::text::Say;
use super::{Failure, Request, page};

/// Most lines of each list of the page.
const MOST: usize = 200;
/// Most versions that are gone back through.
const MAX_VERSIONS: usize = 500;

#[derive(Template)]
#[template(path = "code.html")]
struct CodePage {
    frame: Frame,
    say: Say,
    title: Html,
    kind: String,
    stage: Tag,
    publisher: Html,
    voice: &'static str,
    version: String,
    summary: Html,
    path: String,
    texts: Vec<AttachmentLine>,
    versions: Vec<VersionLine>,
    adherents: Vec<Adherent>,
    certificates: Vec<certificate::Line>,
    consultations: Vec<super::consultation::Line>,
    digest: Digest,
    digest_shown: Html,
    has_document: bool,
}

struct VersionLine {
    version: String,
    stage: Tag,
    day: Html,
    entry: Html,
}

struct Adherent {
    model: Html,
    developer: Html,
    tag: Tag,
    account: Html,
    day: Html,
    entry: Html,
}

/// A code in a list.
pub(crate) struct Line {
    pub(crate) name: Html,
    pub(crate) kind: String,
    pub(crate) publisher: Html,
    pub(crate) version: String,
    pub(crate) stage: Tag,
}

pub(crate) async fn show(
    Path((language, organisation, slug)): Path<(String, String, String)>,
    request: Request,
) -> Response {
    page(&language, request, move |scene| make(scene, &format!("{organisation}/{slug}"))).await
}

/// Returns the codes as they stand now, in the order of the register.
pub(crate) fn all(scene: &Scene) -> Vec<&Arc<Recorded>> {
    let register = scene.register();
    let found = of_kind(scene, "code-of-conduct", None);
    found
        .filter(|one| one.superseded_by.is_none() && body_of(one).is_some())
        .filter(|one| {
            // A correction stands for the thing that the first version created.
            register.thing(&first(scene, one).statement.digest()).is_some()
        })
        .collect()
}

/// Returns the statements of a kind that an organisation said or that concern it, or all.
pub(crate) fn of_kind<'s>(
    scene: &'s Scene,
    kind: &str,
    organisation: Option<Digest>,
) -> impl Iterator<Item = &'s Arc<Recorded>> {
    let query = Query { kinds: BTreeSet::from([kind.to_owned()]), organisation, ..Query::default() };
    let found = scene.index().search(scene.register(), &query);
    found.entries.into_iter().filter_map(|entry| scene.register().at_index(entry))
}

fn body_of(recorded: &Recorded) -> Option<&CodeOfConduct> {
    match recorded.statement.predicate() {
        Predicate::CodeOfConduct(code) => Some(code),
        _ => None,
    }
}

/// Returns the first version of a code: the statement that created it.
pub(crate) fn first<'s>(scene: &'s Scene, recorded: &'s Arc<Recorded>) -> &'s Arc<Recorded> {
    let mut at = recorded;
    // A correction is always later than what it corrects, so this ends.
    while let Some(before) = at.statement.common().supersedes.and_then(|id| scene.register().recorded(&id)) {
        at = before;
    }
    at
}

/// Returns all versions of a code, oldest first.
fn versions<'s>(scene: &'s Scene, recorded: &'s Arc<Recorded>) -> Vec<&'s Arc<Recorded>> {
    let mut found = vec![first(scene, recorded)];
    while let Some(next) = found.last().and_then(|one| one.superseded_by)
        && let Some(next) = scene.register().recorded(&next)
        && found.len() < MAX_VERSIONS
    {
        found.push(next);
    }
    found
}

fn kind_word(say: Say, kind: CodeKind) -> String {
    let word = match kind {
        CodeKind::CodeOfConduct => "code_of_conduct",
        CodeKind::Standard => "standard",
        CodeKind::Scheme => "scheme",
    };
    say.word("code-kind", word)
}

fn stage_tag(say: Say, stage: CodeStage) -> Tag {
    match stage {
        CodeStage::Draft => Tag::signed("open", say.text("code-stage-draft")),
        CodeStage::Final => Tag::signed("good", say.text("code-stage-final")),
        CodeStage::Withdrawn => Tag::signed("later", say.text("code-stage-withdrawn")),
    }
}

/// Writes a code as a line of a list; none where the statement is none.
pub(crate) fn line(scene: &Scene, recorded: &Arc<Recorded>) -> Option<Line> {
    let body = body_of(recorded)?;
    Some(Line {
        name: Html::link(&scene.page_of(&recorded.statement.digest()), scene.say.outside(&body.title)),
        kind: kind_word(scene.say, body.kind),
        publisher: recorded.issuer.map(|id| scene.link(&id)).unwrap_or_default(),
        version: body.version.clone(),
        stage: stage_tag(scene.say, body.stage),
    })
}

fn make(scene: &Scene, path: &str) -> Result<CodePage, Failure> {
    let (say, register) = (scene.say, scene.register());
    let id = register.find(path).ok_or(Failure::Missing)?;
    let recorded = register.current(&id).ok_or(Failure::Missing)?;
    let body = body_of(recorded).ok_or(Failure::Missing)?;
    let publisher = recorded.issuer.ok_or(Failure::Missing)?;
    let digest = recorded.statement.digest();
    let chain = versions(scene, recorded);
    let ids: BTreeSet<Digest> = chain.iter().map(|one| one.statement.digest()).collect();
    let mut entries: BTreeSet<u64> = chain.iter().map(|one| one.index).collect();

    // Of each model its last word counts.
    let mut adherents: BTreeMap<Digest, &Arc<Recorded>> = BTreeMap::new();
    for one in of_kind(scene, "code-adherence", None).filter(|one| one.superseded_by.is_none()) {
        match one.statement.predicate() {
            Predicate::CodeAdherence(adherence) if ids.contains(&adherence.code) => {
                adherents.insert(one.statement.subject(), one);
            }
            _ => {}
        }
    }
    let mut adherents: Vec<&Arc<Recorded>> = adherents.into_values().collect();
    adherents.sort_by_key(|one| one.index);
    entries.extend(adherents.iter().map(|one| one.index));

    let by_this = |one: &&Arc<Recorded>| match one.statement.predicate() {
        Predicate::Certificate(certificate) => {
            let title = &certificate.scheme;
            certificate.evidence.iter().any(|id| ids.contains(id))
                || (title.ja.is_some() && title.ja == body.title.ja)
                || (title.en.is_some() && title.en == body.title.en)
        }
        _ => false,
    };
    let certificates: Vec<_> = of_kind(scene, "certificate", None).filter(by_this).take(MOST).collect();
    entries.extend(certificates.iter().map(|one| one.index));
    let consultations: Vec<_> = ids
        .iter()
        .flat_map(|id| register.about(id))
        .filter(|one| matches!(one.statement.predicate(), Predicate::Consultation(_)))
        .take(MOST)
        .collect();
    entries.extend(consultations.iter().map(|one| one.index));

    let stored = scene.stored(&digest)?;
    let name = body.title.get(say.0).0.to_owned();
    Ok(CodePage {
        frame: Frame::new(scene, "register", name)
            .below(say.html("nav-register").html(), scene.href("register"))
            .below(say.html("filter-code").html(), scene.href("register?kind=code"))
            .called(say.outside(&body.title))
            .rests_on(scene, &entries, format!("/api/v1/statements/{digest}")),
        say,
        title: say.outside(&body.title),
        kind: kind_word(say, body.kind),
        stage: stage_tag(say, body.stage),
        publisher: scene.link(&publisher),
        voice: scene.voice(Some(&publisher)),
        version: body.version.clone(),
        summary: say.outside(&body.summary),
        path: path.to_owned(),
        texts: attachments(scene, recorded, &stored),
        versions: chain
            .iter()
            .rev()
            .filter_map(|one| {
                let body = body_of(one)?;
                Some(VersionLine {
                    version: body.version.clone(),
                    stage: stage_tag(say, body.stage),
                    day: entry_day(one),
                    entry: scene.entry(one),
                })
            })
            .take(MOST)
            .collect(),
        adherents: adherents.iter().take(MOST).filter_map(|one| adherent(scene, one)).collect(),
        certificates: certificates.iter().filter_map(|one| certificate::line(scene, one)).collect(),
        consultations: consultations.iter().filter_map(|one| super::consultation::line(scene, one)).collect(),
        digest,
        digest_shown: hash(&digest),
        has_document: scene.fonts.is_some(),
    })
}

fn adherent(scene: &Scene, recorded: &Recorded) -> Option<Adherent> {
    let say = scene.say;
    let Predicate::CodeAdherence(adherence) = recorded.statement.predicate() else { return None };
    Some(Adherent {
        model: scene.link(&recorded.statement.subject()),
        developer: scene.issuer(recorded),
        tag: if adherence.adheres {
            Tag::signed("good", say.text("code-adheres"))
        } else {
            Tag::signed("later", say.text("code-adheres-not"))
        },
        account: say.outside(&adherence.account),
        day: entry_day(recorded),
        entry: scene.entry(recorded),
    })
}
