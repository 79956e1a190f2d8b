//! One statement: what it says, who signed it, where it stands in the log, and its bytes.

use std::collections::BTreeSet;
use std::sync::Arc;

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use evidence::predicate::ApprovalDecision;
use evidence::{Digest, Envelope, Issuer, Leaf, Predicate, Visibility};
use node::Stored;
use register::state::Recorded;

use super::document;
use super::fields::{Field, digests, fields};
use super::format::{bytes, moment};
use super::frame::Frame;
use super::organisation::custody;
use super::parts::{Html, Tag, hash};
use super::scene::Scene;
use super::text::Say;
use super::timeline;
use super::why::{approvals, article_href};
use super::{Failure, Request, page};

#[derive(Template)]
#[template(path = "statement.html")]
pub(crate) struct StatementPage {
    pub(crate) frame: Frame,
    say: Say,
    title: Html,
    sentence: Html,
    tags: Vec<Tag>,
    head: Vec<Field>,
    tail: Vec<Field>,
    body: Vec<Field>,
    attachments: Vec<AttachmentLine>,
    signers: Vec<SignerLine>,
    index: u64,
    size: u64,
    time: Html,
    arrived: Html,
    digest_shown: Html,
    envelope: Html,
    leaf: Html,
    corrects: Vec<Html>,
    cites: Vec<Html>,
    cited_by: Vec<Html>,
    raw: String,
    /// Where the statement's other forms stand.
    forms: Forms,
    /// On which ground it is restricted, where it is.
    ground: Option<Html>,
    /// What reveals the entry of a restricted statement.
    salt: Option<String>,
    /// Who else has read it, where that is for the reader to know.
    pub(crate) readings: Option<Vec<(Html, Html)>>,
}

/// Where a statement's other forms stand.
struct Forms {
    document: Option<String>,
    receipt_document: Option<String>,
    receipt: String,
    envelope: String,
}

impl Forms {
    fn of(scene: &Scene, digest: &Digest) -> Self {
        let page = scene.href(&format!("statements/{digest}"));
        let document = |end: &str| scene.fonts.is_some().then(|| format!("{page}{end}"));
        Self {
            document: document(".pdf"),
            receipt_document: document(".receipt.pdf"),
            receipt: receipt_address(scene, digest),
            envelope: match &scene.reader {
                Some(_) => format!("{page}.json"),
                None => format!("/log/envelope/{digest}"),
            },
        }
    }
}

/// Returns where the receipt of a statement stands, for whoever looks.
pub(crate) fn receipt_address(scene: &Scene, digest: &Digest) -> String {
    match &scene.reader {
        Some(_) => scene.href(&format!("statements/{digest}.tlog-proof")),
        None => format!("/api/v1/statements/{digest}/receipt"),
    }
}

/// What goes with a statement, and where it is.
pub(crate) struct AttachmentLine {
    pub(crate) name: String,
    pub(crate) media_type: String,
    pub(crate) size: String,
    pub(crate) state: Html,
    pub(crate) commitment: Html,
}

struct SignerLine {
    act: Html,
    holder: String,
    organisation: Html,
    custody: Html,
    key: Html,
    tag: Tag,
}

#[derive(Template)]
#[template(path = "withheld.html")]
struct WithheldPage {
    frame: Frame,
    say: Say,
    index: u64,
    refusal: Option<(String, String)>,
}

pub(crate) async fn show(Path((language, digest)): Path<(String, String)>, request: Request) -> Response {
    if let Some(name) = digest.strip_suffix(".pdf") {
        return document::serve(&language, name, request).await;
    }
    page(&language, request, move |scene| make(scene, &digest)).await
}

/// Sends a reader from an entry's number to its statement, or says why it shows none.
pub(crate) async fn at_index(Path((language, index)): Path<(String, String)>, request: Request) -> Response {
    page(&language, request, move |scene| {
        let register = scene.register();
        let index: u64 = index.parse().map_err(|_| Failure::Missing)?;
        if let Some(recorded) = register.at_index(index) {
            return Err(Failure::Moved(scene.href(&format!("statements/{}", recorded.statement.digest()))));
        }
        if index >= register.size() {
            return Err(Failure::Missing);
        }
        let refused = register.refused().find(|(refused, _)| *refused == index);
        let title = scene.say.text("withheld-title").count("index", index).to_string();
        Ok(WithheldPage {
            frame: Frame::new(scene, "log", title)
                .below(scene.say.html("nav-log").html(), scene.href("log"))
                .rests_on(scene, &BTreeSet::new(), "/api/v1/log".to_owned()),
            say: scene.say,
            index,
            refusal: refused.map(|(_, refusal)| {
                (refusal.code.as_str().to_owned(), refusal.code.label(scene.say.0).to_owned())
            }),
        })
    })
    .await
}

/// Makes the page, for whoever looks.
pub(crate) fn make(scene: &Scene, digest: &str) -> Result<StatementPage, Failure> {
    let (say, register) = (scene.say, scene.register());
    let digest: Digest = digest.parse().map_err(|_| Failure::Missing)?;
    let recorded = register.recorded(&digest).ok_or(Failure::Missing)?;
    let stored = scene.stored(&digest)?;
    let envelope = Envelope::parse(&stored.envelope).map_err(|error| Failure::Store(error.to_string()))?;
    let statement = &recorded.statement;
    let predicate = statement.predicate();
    let kind = scene.kind(predicate.name());

    let holds = signatures_hold(scene, recorded, &envelope);
    let approving: Vec<&Arc<Recorded>> = approvals(scene, recorded).collect();
    let mut tags = vec![
        if holds {
            Tag::signed("good", say.text("check-signatures"))
        } else {
            Tag::signed("bad", say.text("check-signatures-fail"))
        },
        Tag::signed("good", say.text("check-authority")),
    ];
    if !approving.is_empty() {
        tags.push(Tag::signed("good", say.text("check-approvals").count("count", approving.len())));
    }
    tags.push(Tag::signed("good", say.text("check-logged")));
    tags.extend(timeline::tags(scene, predicate));
    if !statement.is_public() {
        tags.push(Tag::signed("secret", say.text("restricted")));
    }
    if recorded.superseded_by.is_some() {
        tags.push(Tag::signed("later", say.text("corrected-later")));
    }

    let cites = cites(scene, recorded);
    let cited_by = cited_by(scene, recorded);
    let mut entries = BTreeSet::from([recorded.index]);
    entries.extend(approving.iter().map(|one| one.index));
    entries.extend(cites.iter().map(|one| one.index));
    let title = say.html("statement-title").count("index", recorded.index).with("kind", &kind).html();
    let frame = Frame::new(
        scene,
        "log",
        say.text("statement-title").count("index", recorded.index).with("kind", &kind).to_string(),
    )
    .below(say.html("nav-log").html(), scene.href("log"))
    .called(say.html("entry").count("index", recorded.index).html())
    .rests_on(scene, &entries, format!("/api/v1/statements/{digest}"));
    let mut corrects = Vec::new();
    if let Some(later) = recorded.superseded_by.and_then(|later| register.recorded(&later)) {
        corrects.push(say.html("corrected-by").part("entry", scene.entry(later)).html());
    }
    if let Some(earlier) = statement.common().supersedes.and_then(|earlier| register.recorded(&earlier)) {
        corrects.push(say.html("corrects").part("entry", scene.entry(earlier)).html());
    }
    let described = |found: &[&Arc<Recorded>]| {
        found
            .iter()
            .map(|one| {
                let kind = Html::text(scene.kind(one.statement.predicate().name()));
                Html(format!("{} · {kind} · {}", scene.entry(one), scene.issuer(one)))
            })
            .collect()
    };
    Ok(StatementPage {
        frame,
        say,
        title,
        sentence: sentence(scene, recorded),
        tags,
        head: head(scene, recorded),
        tail: tail(scene, recorded),
        body: fields(scene, statement),
        attachments: attachments(scene, recorded, &stored),
        signers: signers(scene, recorded, &approving, holds),
        index: recorded.index,
        size: register.size(),
        time: moment(say.0, recorded.time),
        arrived: moment(say.0, recorded.arrived_at),
        digest_shown: hash(&digest),
        envelope: hash(&recorded.envelope),
        leaf: leaf(&stored),
        corrects,
        cites: described(&cites),
        cited_by: described(&cited_by),
        raw: String::from_utf8_lossy(envelope.payload()).into_owned(),
        forms: Forms::of(scene, &digest),
        ground: (!statement.is_public())
            .then(|| statement.common().confidentiality_ground.as_ref().map(|g| say.outside(g)))
            .map(Option::unwrap_or_default),
        salt: stored.leaf_salt.map(hex::encode),
        readings: None,
    })
}

/// Checks the signatures again, now, over the bytes that are shown.
fn signatures_hold(scene: &Scene, recorded: &Recorded, envelope: &Envelope) -> bool {
    let keys: Option<Vec<_>> = recorded
        .statement
        .common()
        .signers
        .iter()
        .map(|signer| scene.register().key(signer).map(|key| key.public.clone()))
        .collect();
    keys.is_some_and(|keys| envelope.verified_by(&keys).is_ok())
        && evidence::sha256(envelope.payload()) == recorded.statement.digest()
}

fn leaf(stored: &Stored) -> Html {
    match Leaf::parse(&stored.leaf) {
        Ok(_) => hash(&Digest::from_bytes(*ledger::leaf_hash(&stored.leaf).as_bytes())),
        Err(_) => Html::default(),
    }
}

/// Says in one sentence who did what about what.
fn sentence(scene: &Scene, recorded: &Recorded) -> Html {
    let say = scene.say;
    let subject = recorded.statement.subject();
    let what = timeline_sentence(scene, recorded);
    let about = scene.names(&subject).is_some();
    let key = if about { "statement-sentence-about" } else { "statement-sentence" };
    let message = say.html(key).part("issuer", scene.issuer(recorded)).part("what", what);
    if about { message.part("subject", scene.link(&subject)).html() } else { message.html() }
}

fn timeline_sentence(scene: &Scene, recorded: &Recorded) -> Html {
    let name = recorded.statement.predicate().name();
    let key = format!("did-{name}");
    if scene.say.has(&key) {
        scene.say.html(&key).html()
    } else {
        scene.say.html("did-something").with("kind", scene.kind(name)).html()
    }
}

/// Shows the fields that every statement has: who says it, about what, under which law.
fn head(scene: &Scene, recorded: &Recorded) -> Vec<Field> {
    let (say, register) = (scene.say, scene.register());
    let common = recorded.statement.common();
    let field = |key: &str, value: Html| Field { label: say.html(key).html(), value };
    let voice = scene.voice(recorded.issuer.as_ref());
    let issuer = match (&common.issuer, recorded.issuer) {
        (Issuer::Node, _) | (_, None) => scene.issuer(recorded),
        (_, Some(id)) => {
            let roles = super::organisation::roles(scene, &id).join(if say.is_ja() { "、" } else { ", " });
            Html(format!(
                "<span class=\"voice {voice}\">{}</span> <span class=\"quiet\">{}</span>",
                scene.link(&id),
                Html::text(roles)
            ))
        }
    };
    let subject = recorded.statement.subject();
    let subject_shown = match register.recorded(&subject) {
        Some(_) if scene.names(&subject).is_some() => scene.link(&subject),
        Some(other) => {
            let kind = Html::text(scene.kind(other.statement.predicate().name()));
            Html(format!("{kind} ({})", scene.entry(other)))
        }
        None => hash(&subject),
    };
    let kind = scene.kind(recorded.statement.predicate().name());
    let uri = recorded.statement.predicate().type_uri();
    let mut fields = vec![
        field("common-kind", Html(format!("{} <code>{}</code>", Html::text(kind), Html::text(uri)))),
        field("common-issuer", issuer),
        field("common-subject", subject_shown),
    ];
    if let Some(state) = super::timeline::state(scene, recorded) {
        fields.push(field("common-state", state.into()));
    }
    if let Some(mandate) = recorded.under_mandate.and_then(|id| register.mandate(&id)) {
        let given = register.recorded(&mandate.id).map(|given| scene.entry(given)).unwrap_or_default();
        let by = say.html("signed-by-agent").part("agent", scene.link(&mandate.agent)).part("mandate", given);
        fields.push(field("common-agent", by.html()));
    }
    if let Some(regime) = &common.regime {
        fields.push(field(
            "common-regime",
            Html::link(&scene.href(&format!("laws/{regime}")), Html::text(regime)),
        ));
    }
    let word = match common.basis.kind {
        evidence::BasisKind::Voluntary => "voluntary",
        evidence::BasisKind::Duty => "duty",
        evidence::BasisKind::Demand => "demand",
    };
    let word = Html::text(say.word("value", word));
    let basis = match (&common.basis.article, &common.regime) {
        (Some(article), Some(regime)) => {
            let link = Html::link(&article_href(scene, regime.as_str(), article), Html::text(article));
            Html(format!("{word} · {link}"))
        }
        (Some(article), None) => Html(format!("{word} · <bdi>{}</bdi>", Html::text(article))),
        (None, _) => word,
    };
    fields.push(field("common-basis", basis));
    fields
}

/// Shows how a statement was made: by whom, when, in view of which log, in which language.
fn tail(scene: &Scene, recorded: &Recorded) -> Vec<Field> {
    let say = scene.say;
    let common = recorded.statement.common();
    let field = |key: &str, value: Html| Field { label: say.html(key).html(), value };
    let issued_at = Html(format!(
        "{} <span class=\"quiet\">{}</span>",
        moment(say.0, common.issued_at),
        say.html("common-claim")
    ));
    vec![
        field("common-holder", Html::text(&common.holder)),
        field("common-issued-at", issued_at),
        field("common-log", say.html("common-log-size").count("size", common.log.size).html()),
        field("common-language", Html::text(say.word("language", common.authentic_language.tag()))),
    ]
}

/// Lists what goes with a statement.
pub(crate) fn attachments(scene: &Scene, recorded: &Recorded, stored: &Stored) -> Vec<AttachmentLine> {
    let (say, register) = (scene.say, scene.register());
    let line = |attachment: &evidence::Attachment| {
        let at_hand = stored.parts.iter().any(|part| part.commitment() == attachment.commitment);
        let state = if let Some(by) = register.erased_by(&attachment.commitment) {
            let erasure = register.at_index(by).map(|one| one.statement.predicate());
            let ground = match erasure {
                Some(Predicate::Erasure(erasure)) => say.outside(&erasure.ground),
                _ => Html::default(),
            };
            say.html("attachment-erased").part("entry", scene.entry_at(by)).part("ground", ground).html()
        } else if at_hand && scene.reader.is_some() {
            let address =
                format!("statements/{}/parts/{}", recorded.statement.digest(), attachment.commitment);
            let label = say.html("attachment-fetch").html();
            let link = Html::link(&scene.href(&address), label);
            if attachment.visibility == Visibility::Restricted || !recorded.statement.is_public() {
                Html(format!("{link} {}", Tag::signed("secret", say.text("restricted"))))
            } else {
                link
            }
        } else if attachment.visibility == Visibility::Restricted {
            let ground = attachment.confidentiality_ground.as_ref().map(|ground| say.outside(ground));
            say.html("attachment-withheld").part("ground", ground.unwrap_or_default()).html()
        } else if at_hand {
            let label = say.html("attachment-fetch").html();
            Html::link(&format!("/log/part/{}", attachment.commitment), label)
        } else {
            say.html("attachment-not-here").html()
        };
        AttachmentLine {
            name: attachment.name.clone(),
            media_type: attachment.media_type.clone(),
            size: bytes(attachment.size),
            state,
            commitment: hash(&attachment.commitment),
        }
    };
    recorded.statement.common().attachments.iter().map(line).collect()
}

fn signers(scene: &Scene, recorded: &Recorded, approving: &[&Arc<Recorded>], holds: bool) -> Vec<SignerLine> {
    let (say, register) = (scene.say, scene.register());
    let check = |holds: bool| {
        if holds {
            Tag::signed("good", say.text("check-matches"))
        } else {
            Tag::signed("bad", say.text("check-matches-not"))
        }
    };
    let line = |act: Html, signer: &Digest, index: u64, holds: bool| {
        let key = register.key(signer);
        let disputed = key.and_then(|key| key.ended).is_some_and(|ended| {
            let since = ended.compromised_since;
            since.is_some_and(|since| register.at_index(index).is_some_and(|one| one.time >= since))
        });
        SignerLine {
            act,
            holder: key.map(|key| key.holder.to_string()).unwrap_or_default(),
            organisation: match key.and_then(|key| key.organisation) {
                Some(id) => scene.link(&id),
                None => say.html("the-node").html(),
            },
            custody: key.map(|key| custody(scene, key.custody)).unwrap_or_default(),
            key: hash(signer),
            tag: if disputed { Tag::signed("departs", say.text("check-disputed")) } else { check(holds) },
        }
    };
    let mut lines: Vec<SignerLine> = recorded
        .statement
        .common()
        .signers
        .iter()
        .map(|signer| line(say.html("act-signed").html(), signer, recorded.index, holds))
        .collect();
    for approval in approving {
        let Predicate::Approval(body) = approval.statement.predicate() else { continue };
        let key = match body.decision {
            ApprovalDecision::Approve => "act-approved",
            ApprovalDecision::Reject => "act-rejected",
        };
        let act = say.html(key).part("entry", scene.entry(approval)).html();
        // The fold has checked it; its own page checks it again.
        lines.extend(
            approval
                .statement
                .common()
                .signers
                .iter()
                .map(|signer| line(act.clone(), signer, approval.index, true)),
        );
    }
    lines
}

/// Returns the statements that this one names.
fn cites<'s>(scene: &'s Scene, recorded: &Recorded) -> Vec<&'s Arc<Recorded>> {
    let mut named = vec![recorded.statement.subject()];
    digests(&recorded.statement.predicate().to_value(), &mut named);
    let mut found: Vec<_> = named.iter().filter_map(|digest| scene.register().recorded(digest)).collect();
    found.sort_by_key(|one| one.index);
    found.dedup_by_key(|one| one.index);
    found.retain(|one| one.index != recorded.index);
    found
}

/// Returns the statements about the same model, or about this one, that name this one.
fn cited_by<'s>(scene: &'s Scene, recorded: &Recorded) -> Vec<&'s Arc<Recorded>> {
    let register = scene.register();
    let digest = recorded.statement.digest();
    let names_it = |one: &Recorded| {
        let mut named = vec![one.statement.subject()];
        digests(&one.statement.predicate().to_value(), &mut named);
        named.contains(&digest)
    };
    let mut found: Vec<&Arc<Recorded>> = register.about(&digest).collect();
    if let Some(model) = model_of(scene, recorded) {
        found.extend(
            register.dossier(&model).into_iter().filter(|one| one.index != recorded.index && names_it(one)),
        );
    }
    found.sort_by_key(|one| one.index);
    found.dedup_by_key(|one| one.index);
    found
}

/// Returns the model that a statement is about, directly or through what it is about.
fn model_of(scene: &Scene, recorded: &Recorded) -> Option<Digest> {
    let register = scene.register();
    let mut at = recorded.statement.digest();
    loop {
        let one = register.recorded(&at)?;
        if matches!(one.statement.predicate(), Predicate::Model(_)) {
            return Some(at);
        }
        // A subject is always older than what is about it, so this ends.
        at = one.statement.subject();
    }
}
