//! What an organisation may read: the register with what is restricted and meant for it. Reading
//! that is written down, before anything is shown.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::response::Response;
use axum::routing::get;
use desk::Reading;
use desk::account::Function;
use evidence::{Digest, Visibility};
use register::state::Recorded;

use super::{Answer, Room, Stop, enter, review};
use crate::desk::{Entry, is_subject, kinds_for};
use crate::pages::format::{japanese_day, short_day};
use crate::pages::frame::Frame;
use crate::pages::parts::Html;
use crate::pages::scene::Scene;
use crate::pages::text::Say;
use crate::pages::{Failure, Request, document, duty, model, organisation, statement};
use crate::state::App;

/// The most restricted statements that one page lists.
const MOST: usize = 100;

/// Returns the routes of what an organisation may read.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/{language}/desk/as/{slug}", get(overview))
        .route("/{language}/desk/as/{slug}/organisations/{organisation}", get(of_organisation))
        .route("/{language}/desk/as/{slug}/models/{organisation}/{model}", get(of_model))
        .route(
            "/{language}/desk/as/{slug}/models/{organisation}/{model}/duties/{regime}/{duty}",
            get(of_duty),
        )
        .route("/{language}/desk/as/{slug}/entries/{index}", get(at_index))
        .route("/{language}/desk/as/{slug}/statements/{name}", get(of_statement))
        .route("/{language}/desk/as/{slug}/statements/{digest}/parts/{commitment}", get(part))
        .route("/{language}/desk/as/{slug}/statements/{digest}/review", get(review::show).post(review::begin))
}

/// Someone who reads for an organisation.
pub(super) struct Desk<'r> {
    pub(super) room: &'r Room,
    /// What the organisation sees.
    pub(super) scene: Scene,
    pub(super) organisation: Digest,
}

/// Answers whoever works for the organisation; to others there is nothing at the address.
pub(super) async fn read(
    language: &str,
    slug: String,
    request: Request,
    make: impl FnOnce(&Desk<'_>) -> Result<Answer, Stop> + Send + 'static,
) -> Response {
    enter(language, request, Entry::SignedIn, move |room| make(&Desk::of(room, &slug)?)).await
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        match failure {
            // Pages of the desk have no answer for what cannot be read in an address.
            Failure::Missing | Failure::Moved(_) | Failure::Invalid(_) => Self::Missing,
            Failure::Store(problem) => Self::Failed(problem),
            Failure::Template(error) => error.into(),
        }
    }
}

impl<'r> Desk<'r> {
    /// Finds what the member reads for an organisation.
    pub(super) fn of(room: &'r Room, slug: &str) -> Result<Self, Stop> {
        let organisation = room.scene.register().find(slug).ok_or(Stop::Missing)?;
        if room.member.of(&organisation).is_none() {
            return Err(Stop::Missing);
        }
        Ok(Self { room, scene: room.as_of(Some(&organisation)), organisation })
    }

    /// Writes down that what is restricted in these statements is being read, as far as it is another's.
    fn note<'s>(&self, read: impl IntoIterator<Item = &'s Arc<Recorded>>) -> Result<(), Stop> {
        let account = &self.room.member.account.id;
        let readings = read
            .into_iter()
            .filter(|one| one.issuer != Some(self.organisation))
            .map(|one| {
                let statement = one.statement.digest();
                Reading::new(statement, Some(self.organisation), Some(account), self.scene.now)
            })
            .collect();
        Ok(self.room.member.desk.note_readings(readings)?)
    }

    /// Writes down that a page is read which draws on all that is said about something. Restricted
    /// attachments of public statements are not on it.
    pub(super) fn note_dossier(&self, about: &Digest) -> Result<(), Stop> {
        let dossier = self.scene.register().dossier(about);
        self.note(dossier.into_iter().filter(|one| !one.statement.is_public()))
    }

    /// Puts what stands around pages of the desk around a page of the register.
    fn framed(&self, frame: Frame, about: Option<&Digest>) -> Frame {
        let mut frame = self.room.within(frame);
        frame.filings = about.map(|about| self.filings(about)).unwrap_or_default();
        frame
    }

    /// Returns what the organisation may file about something.
    fn filings(&self, about: &Digest) -> Vec<(String, String)> {
        if !self.room.member.may(&self.organisation, Function::Draft) {
            return Vec::new();
        }
        let (register, say) = (self.scene.register(), self.scene.say);
        kinds_for(register, &self.organisation, self.scene.now)
            .iter()
            .filter(|kinds| is_subject(register, kinds.row, &self.organisation, about))
            .map(|kinds| {
                let query = format!("for={}&about={about}", self.organisation);
                let href = match kinds.kind.name {
                    // A report is reviewed beside its evidence.
                    "review" => self.scene.href(&format!("statements/{about}/review")),
                    name => self.scene.href(&format!("desk/file/{name}?{query}")),
                };
                (kinds.kind.label(say.0).to_owned(), href)
            })
            .collect()
    }

    /// Returns who has read a statement of this organisation. Readers are named as organisations. What
    /// an authority reads in an inspection or for a tip that is open is told once it is closed.
    fn readings(&self, recorded: &Recorded) -> Result<Option<Vec<(Html, Html)>>, Stop> {
        if recorded.issuer != Some(self.organisation) || !holds_restricted(recorded) {
            return Ok(None);
        }
        let (desk, scene) = (&self.room.member.desk, &self.scene);
        let mut lines = Vec::new();
        for reading in desk.readings_of(&recorded.statement.digest())? {
            if let Some(reader) = reading.reader
                && (reader == self.organisation
                    || scene.view.is_under_inspection(&reader, &self.organisation)
                    || desk.has_open_tip(&reader, &self.organisation)?)
            {
                continue;
            }
            let who = match &reading.reader {
                Some(reader) => scene.link(reader),
                None => Html::text(scene.say.text("the-node")),
            };
            let line = (who, short_day(japanese_day(reading.at)));
            // Two people of one organisation are one reader.
            if !lines.contains(&line) {
                lines.push(line);
            }
        }
        Ok(Some(lines))
    }
}

/// Tells whether a statement is restricted, or carries attachments that are.
fn holds_restricted(recorded: &Recorded) -> bool {
    let hidden = |one: &evidence::Attachment| one.visibility == Visibility::Restricted;
    !recorded.statement.is_public() || recorded.statement.common().attachments.iter().any(hidden)
}

// ── What is restricted, and where to begin ──────────────────────────────────────────────────────

#[derive(Template)]
#[template(path = "desk_read.html")]
struct Overview {
    frame: Frame,
    say: Say,
    restricted: Vec<Line>,
    more: usize,
    parties: Vec<(Html, Vec<Html>)>,
}

struct Line {
    entry: Html,
    kind: String,
    issuer: Html,
    about: Html,
    day: Html,
}

async fn overview(Path((language, slug)): Path<(String, String)>, request: Request) -> Response {
    read(&language, slug, request, |desk| {
        let (scene, say) = (&desk.scene, desk.scene.say);
        let register = scene.register();
        let hidden = || register.statements().rev().filter(|one| !one.statement.is_public());
        let line = |one: &Arc<Recorded>| {
            let about = register.model_of(&one.statement.digest());
            let about = about.or_else(|| register.addressee(&one.statement.digest()));
            Line {
                entry: scene.entry(one),
                kind: scene.kind(one.statement.predicate().name()),
                issuer: scene.issuer(one),
                about: about.map(|about| scene.link(&about)).unwrap_or_default(),
                day: short_day(japanese_day(one.time)),
            }
        };
        let models = |of: &Digest| {
            let own = register.models().filter(|model| model.parent == *of);
            own.map(|model| scene.link(&model.id)).collect()
        };
        let parties = register.organisations().map(|one| (scene.link(&one.id), models(&one.id)));
        let page = Overview {
            frame: desk.room.frame(say.text("read-title").to_string()),
            say,
            restricted: hidden().take(MOST).map(line).collect(),
            more: hidden().count().saturating_sub(MOST),
            parties: parties.take(1_000).collect(),
        };
        super::page_of(&page)
    })
    .await
}

// ── Pages of the register ───────────────────────────────────────────────────────────────────────

async fn of_organisation(
    Path((language, slug, organisation)): Path<(String, String, String)>,
    request: Request,
) -> Response {
    read(&language, slug, request, move |desk| {
        let mut page = organisation::make(&desk.scene, &organisation)?;
        let id = desk.scene.register().find(&organisation).ok_or(Stop::Missing)?;
        desk.note_dossier(&id)?;
        page.frame = desk.framed(page.frame, Some(&id));
        super::page_of(&page)
    })
    .await
}

async fn of_model(
    Path((language, slug, organisation, model)): Path<(String, String, String, String)>,
    request: Request,
) -> Response {
    read(&language, slug, request, move |desk| {
        let path = format!("{organisation}/{model}");
        let mut page = model::make(&desk.scene, &path)?;
        let id = desk.scene.register().find(&path).ok_or(Stop::Missing)?;
        // What the facts, the duties and the list say comes from all of them.
        desk.note_dossier(&id)?;
        page.frame = desk.framed(page.frame, Some(&id));
        super::page_of(&page)
    })
    .await
}

async fn of_duty(
    Path((language, slug, organisation, model, regime, duty)): Path<(
        String,
        String,
        String,
        String,
        String,
        String,
    )>,
    request: Request,
) -> Response {
    read(&language, slug, request, move |desk| {
        let path = format!("{organisation}/{model}");
        let mut page = duty::make(&desk.scene, &path, &regime, &duty)?;
        let id = desk.scene.register().find(&path).ok_or(Stop::Missing)?;
        desk.note_dossier(&id)?;
        page.frame = desk.framed(page.frame, None);
        page.frame.filings = desk
            .filings(&id)
            .into_iter()
            .map(|(label, href)| (label, format!("{href}&regime={regime}&duty={duty}")))
            .collect();
        super::page_of(&page)
    })
    .await
}

async fn at_index(
    Path((language, slug, index)): Path<(String, String, String)>,
    request: Request,
) -> Response {
    read(&language, slug, request, move |desk| {
        let index: u64 = index.parse().map_err(|_| Stop::Missing)?;
        let recorded = desk.scene.register().at_index(index).ok_or(Stop::Missing)?;
        Ok(Answer::To(desk.scene.href(&format!("statements/{}", recorded.statement.digest()))))
    })
    .await
}

/// Shows a statement, or gives one of its other forms.
async fn of_statement(
    Path((language, slug, name)): Path<(String, String, String)>,
    request: Request,
) -> Response {
    read(&language, slug, request, move |desk| {
        let digest: Digest = name.get(..64).unwrap_or_default().parse().map_err(|_| Stop::Missing)?;
        let recorded = desk.scene.register().recorded(&digest).ok_or(Stop::Missing)?;
        if !recorded.statement.is_public() {
            desk.note([recorded])?;
        }
        let file = |end: &str, media_type, bytes| {
            Ok(Answer::File { name: format!("{}{end}", recorded.index), media_type, bytes })
        };
        match name.get(64..).unwrap_or_default() {
            "" => {
                let mut page = statement::make(&desk.scene, &name)?;
                page.readings = desk.readings(recorded)?;
                page.frame = desk.framed(page.frame, Some(&digest));
                if let Some((_, public)) = page.frame.reader.as_mut()
                    && !recorded.statement.is_public()
                {
                    *public = None;
                }
                super::page_of(&page)
            }
            ".json" => {
                let stored = desk.scene.node.statement(&digest, &desk.scene.caller())?;
                file(".json", "application/json", stored.ok_or(Stop::Missing)?.envelope)
            }
            ".tlog-proof" => {
                let receipt = desk.scene.node.receipt(&digest)?.ok_or(Stop::Missing)?;
                file(".tlog-proof", "text/plain; charset=utf-8", receipt.to_string().into_bytes())
            }
            end @ (".pdf" | ".receipt.pdf") => {
                let name = name.strip_suffix(".pdf").unwrap_or(&name);
                let pdf = document::written(&desk.scene, name).ok_or(Stop::Missing)?;
                file(end, "application/pdf", pdf.map_err(Stop::Failed)?)
            }
            _ => Err(Stop::Missing),
        }
    })
    .await
}

/// Gives an attachment that the organisation may read: authorised by its statement, never by its
/// hash alone.
async fn part(
    Path((language, slug, digest, commitment)): Path<(String, String, String, String)>,
    request: Request,
) -> Response {
    read(&language, slug, request, move |desk| {
        let digest: Digest = digest.parse().map_err(|_| Stop::Missing)?;
        let commitment: Digest = commitment.parse().map_err(|_| Stop::Missing)?;
        let recorded = desk.scene.register().recorded(&digest).ok_or(Stop::Missing)?;
        let attachments = &recorded.statement.common().attachments;
        let attachment = attachments.iter().find(|one| one.commitment == commitment).ok_or(Stop::Missing)?;
        let stored = desk.scene.node.statement(&digest, &desk.scene.caller())?.ok_or(Stop::Missing)?;
        let part = stored.parts.into_iter().find(|part| part.commitment() == commitment);
        let part = part.ok_or(Stop::Missing)?;
        if attachment.visibility == Visibility::Restricted || !recorded.statement.is_public() {
            desk.note([recorded])?;
        }
        // Never shown in place: only kept.
        Ok(Answer::File {
            name: attachment.name.clone(),
            media_type: "application/octet-stream",
            bytes: part.bytes,
        })
    })
    .await
}
