//! A compliance report beside its evidence, duty by duty: what the law asks, what the developer says
//! it did, what is on record, how it stands. What is asked of it becomes the draft of a review.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use desk::Versioned;
use desk::account::Function;
use evidence::predicate::{ComplianceReport, DutyStatement, Review, ReviewOutcome};
use evidence::{BasisKind, Digest, Predicate, Slug, Texts};
use register::state::Recorded;

use super::read::{Desk, read};
use super::{Stop, accept, page_of};
use crate::desk::drafts::fresh;
use crate::desk::form_of;
use crate::desk::{Entry, Posted, is_subject, kinds_for};
use crate::pages::Request;
use crate::pages::boards::{self, Board};
use crate::pages::duty::related;
use crate::pages::fields::{Field, fields};
use crate::pages::format::legal_day;
use crate::pages::frame::Frame;
use crate::pages::parts::{Html, Tag};
use crate::pages::standing::{standing, words};
use crate::pages::text::Say;
use crate::pages::why::article_link;
use crate::state::App;

/// The longest note on one duty, in characters.
const MAX_NOTE: usize = 1_000;

#[derive(Template)]
#[template(path = "desk_review.html")]
struct ReviewPage {
    frame: Frame,
    say: Say,
    token: String,
    model: Html,
    report: Html,
    period: Html,
    duties: Vec<DutyBlock>,
    /// Duties that are owed and that the report does not speak of.
    silent: Vec<(Html, Tag)>,
    may_review: bool,
}

struct DutyBlock {
    id: String,
    text: String,
    article: Html,
    tag: Tag,
    due: Html,
    asks: String,
    account: Html,
    evidence: Vec<EvidenceBlock>,
    finding: String,
}

struct EvidenceBlock {
    title: Html,
    /// Whether the report names it; otherwise it is on record.
    named: bool,
    fields: Vec<Field>,
}

pub(super) async fn show(
    Path((language, slug, digest)): Path<(String, String, String)>,
    request: Request,
) -> Response {
    read(&language, slug, request, move |desk| {
        let report = Report::find(desk, &digest)?;
        desk.note_dossier(&report.board.model)?;
        page_of(&report.page(desk))
    })
    .await
}

/// A compliance report, with what it is read beside.
struct Report<'d> {
    recorded: &'d Arc<Recorded>,
    body: &'d ComplianceReport,
    board: Arc<Board>,
    dossier: Vec<&'d Arc<Recorded>>,
}

impl<'d> Report<'d> {
    fn find(desk: &'d Desk<'_>, digest: &str) -> Result<Self, Stop> {
        let register = desk.scene.register();
        let digest: Digest = digest.parse().map_err(|_| Stop::Missing)?;
        let recorded = register.recorded(&digest).ok_or(Stop::Missing)?;
        let Predicate::ComplianceReport(body) = recorded.statement.predicate() else {
            return Err(Stop::Missing);
        };
        let regime = recorded.statement.common().regime.as_ref().ok_or(Stop::Missing)?;
        let model = recorded.statement.subject();
        let board = boards::of(&desk.scene, &model).into_iter().find(|board| board.regime == regime.as_str());
        let board = board.ok_or(Stop::Missing)?;
        let dossier = board.dossier(&desk.scene);
        Ok(Self { recorded, body, board, dossier })
    }

    fn page(&self, desk: &Desk<'_>) -> ReviewPage {
        let (scene, say) = (&desk.scene, desk.scene.say);
        let named = |id: &str| self.body.duties.iter().any(|duty| duty.duty.as_str() == id);
        let silent = self.board.duties().filter(|duty| duty.by == law::Party::Developer && !named(&duty.id));
        let silent = silent.filter_map(|duty| {
            let (rule, _) = self.board.duty(&duty.id)?;
            Some((
                Html::text(words(scene, &rule.text)),
                standing(scene, &self.board, duty, &self.dossier).tag,
            ))
        });
        let title = say.text("review-title").to_string();
        let page = self.recorded.statement.digest();
        ReviewPage {
            frame: desk.room.within(
                Frame::new(scene, "desk", title)
                    .below(scene.name(&self.board.model), scene.page_of(&self.board.model))
                    .below(scene.html_kind(self.recorded), scene.page_of(&page)),
            ),
            say,
            token: desk.room.token(),
            model: scene.link(&self.board.model),
            report: scene.entry(self.recorded),
            period: Html(format!(
                "{} – {}",
                legal_day(say.0, self.body.period_from.civil()),
                legal_day(say.0, self.body.period_until.civil())
            )),
            duties: self.body.duties.iter().filter_map(|duty| self.block(desk, duty)).collect(),
            silent: silent.collect(),
            may_review: may_review(desk, &page),
        }
    }

    /// Puts one duty beside its evidence; nothing where the law has no such duty.
    fn block(&self, desk: &Desk<'_>, stated: &DutyStatement) -> Option<DutyBlock> {
        let (scene, say) = (&desk.scene, desk.scene.say);
        let (rule, result) = self.board.duty(stated.duty.as_str())?;
        let standing = standing(scene, &self.board, result, &self.dossier);
        let article = self.board.advice.regime.article(&result.article);
        let evidence = |one: &Arc<Recorded>, named: bool| EvidenceBlock {
            title: Html(format!(
                "{} · {} · {}",
                Html::text(scene.kind(one.statement.predicate().name())),
                scene.issuer(one),
                scene.entry(one)
            )),
            named,
            fields: fields(scene, &one.statement),
        };
        let cited: Vec<_> =
            stated.evidence.iter().filter_map(|digest| scene.register().recorded(digest)).collect();
        let others = related(scene, &self.board, result, &self.dossier);
        let others = others.into_iter().filter(|one| {
            one.index != self.recorded.index && !cited.iter().any(|cited| cited.index == one.index)
        });
        let query = format!(
            "for={}&about={}&regime={}&duty={}",
            desk.organisation, self.board.model, self.board.regime, result.id
        );
        Some(DutyBlock {
            id: result.id.to_string(),
            text: words(scene, &rule.text).to_owned(),
            article: article_link(scene, &self.board.advice.regime, &result.article),
            tag: standing.tag,
            due: standing.due,
            asks: article.map_or("", |article| words(scene, &article.text)).to_owned(),
            account: say.outside(&stated.account),
            evidence: cited
                .iter()
                .map(|one| evidence(one, true))
                .chain(others.map(|one| evidence(one, false)))
                .collect(),
            finding: scene.href(&format!("desk/file/finding?{query}")),
        })
    }
}

/// Tells whether the member may draft a review of a report.
pub(super) fn may_review(desk: &Desk<'_>, report: &Digest) -> bool {
    let register = desk.scene.register();
    desk.room.member.may(&desk.organisation, Function::Draft)
        && kinds_for(register, &desk.organisation, desk.scene.now).iter().any(|kinds| {
            kinds.kind.name == "review" && is_subject(register, kinds.row, &desk.organisation, report)
        })
}

/// Begins the review: a question for each duty that was ticked.
pub(super) async fn begin(
    Path((language, slug, digest)): Path<(String, String, String)>,
    State(app): State<App>,
    request: axum::extract::Request,
) -> Response {
    accept(&language, app, request, Entry::SignedIn, move |room, posted| {
        let desk = Desk::of(room, &slug)?;
        let report = Report::find(&desk, &digest)?;
        let about = report.recorded.statement.digest();
        if !may_review(&desk, &about) {
            return Err(Stop::Forbidden);
        }
        let review = report.review(&desk, &posted);
        let form = form_of("review").ok_or(Stop::Missing)?;
        let mut draft = fresh(room, "review", Some(desk.organisation))?;
        draft.about = Some(about);
        draft.regime.clone_from(&report.recorded.statement.common().regime);
        draft.basis.kind = BasisKind::Duty;
        if let serde_json::Value::Object(mut body) = Predicate::from(review).to_value() {
            // What was not noted is still to be written.
            body.retain(|name, value| name != "summary" || value.as_object().is_some_and(|t| !t.is_empty()));
            draft.prefill(&form, &body);
            draft.seen.extend(body.into_iter().map(|(name, _)| name));
        }
        let id = draft.id.clone();
        room.member.desk.save(&mut Versioned::new(draft))?;
        room.to(&format!("desk/drafts/{id}"))
    })
    .await
}

impl Report<'_> {
    fn review(&self, desk: &Desk<'_>, posted: &Posted) -> Review {
        let (scene, say) = (&desk.scene, desk.scene.say);
        let mut questions: Vec<Slug> = Vec::new();
        let mut lines = Vec::new();
        for stated in &self.body.duties {
            let id = stated.duty.as_str();
            let asks = posted.get(&format!("ask-{id}")) == "yes";
            let note: String = posted.get(&format!("note-{id}")).trim().chars().take(MAX_NOTE).collect();
            if asks {
                questions.push(stated.duty.clone());
            }
            if asks || !note.is_empty() {
                let text = self.board.duty(id).map_or(id, |(rule, _)| words(scene, &rule.text));
                let between = if say.is_ja() { "：" } else { ": " };
                lines.push(if note.is_empty() { text.to_owned() } else { format!("{text}{between}{note}") });
            }
        }
        let summary = Some(lines.join("\n")).filter(|text| !text.is_empty());
        Review {
            outcome: if questions.is_empty() { ReviewOutcome::Complete } else { ReviewOutcome::Questions },
            questions,
            summary: if say.is_ja() {
                Texts { ja: summary, en: None }
            } else {
                Texts { ja: None, en: summary }
            },
        }
    }
}
