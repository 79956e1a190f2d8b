//! The register as a list: organisations, models and duties, searched and filtered.

use std::collections::BTreeSet;

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use law::Party;
use unicode_normalization::UnicodeNormalization as _;

use super::boards;
use super::frame::{Frame, encode};
use super::parts::{Html, Tag};
use super::scene::Scene;
use super::standing::{Row, rows, words};
use super::text::Say;
use super::timeline::coverage;
use super::{Request, page};

/// Longest search that is looked at, in characters.
const MAX_SEARCH: usize = 200;
/// Most lines of a kind on one page.
const MAX_LINES: usize = 200;

#[derive(Template)]
#[template(path = "register.html")]
struct Register {
    frame: Frame,
    say: Say,
    q: String,
    kinds: Vec<Filter>,
    organisations: Option<Vec<OrganisationLine>>,
    models: Option<Vec<ModelLine>>,
    duties: Option<Vec<DutyLine>>,
    nothing: bool,
    cut: bool,
}

struct Filter {
    href: String,
    label: String,
    current: bool,
}

struct OrganisationLine {
    name: Html,
    voice: &'static str,
    roles: String,
    country: String,
    models: usize,
}

struct ModelLine {
    name: Html,
    organisation: Html,
    versions: usize,
    tags: Html,
}

struct DutyLine {
    who: Html,
    row: Row,
}

pub(crate) async fn show(Path(language): Path<String>, request: Request) -> Response {
    page(&language, request, |scene| Ok(make(scene))).await
}

/// Makes texts comparable: one form of each character, no difference of case.
fn folded(text: &str) -> String {
    text.nfkc().flat_map(char::to_lowercase).filter(|character| !character.is_whitespace()).collect()
}

fn make(scene: &Scene) -> Register {
    let (say, register) = (scene.say, scene.register());
    let q: String = scene.query.q.chars().take(MAX_SEARCH).collect();
    let wanted = folded(&q);
    let kind = match scene.query.kind.as_str() {
        kind @ ("organisation" | "model" | "duty") => kind,
        _ => "all",
    };
    let fits = |texts: &[&str]| wanted.is_empty() || texts.iter().any(|text| folded(text).contains(&wanted));
    let shown = |name: &str| kind == "all" || kind == name;
    let mut entries = BTreeSet::new();
    let mut cut = false;
    let mut limit = |length: usize| {
        let full = length >= MAX_LINES;
        cut |= full;
        full
    };

    let mut organisations = Vec::new();
    for organisation in register.organisations().filter(|_| shown("organisation")) {
        let names = [organisation.names.ja.as_deref(), organisation.names.en.as_deref()];
        let mut texts: Vec<&str> = names.into_iter().flatten().collect();
        texts.push(organisation.slug.as_str());
        if !fits(&texts) {
            continue;
        }
        if limit(organisations.len()) {
            break;
        }
        entries.extend(register.recorded(&organisation.id).map(|recorded| recorded.index));
        organisations.push(OrganisationLine {
            name: scene.link(&organisation.id),
            voice: scene.voice(Some(&organisation.id)),
            roles: super::organisation::roles(scene, &organisation.id).join(if say.is_ja() {
                "、"
            } else {
                ", "
            }),
            country: organisation.country.clone(),
            models: register.models().filter(|model| model.parent == organisation.id).count(),
        });
    }

    let boards = boards::all(scene);
    let mut models = Vec::new();
    for model in register.models().filter(|_| shown("model")) {
        let names = scene.names(&model.id);
        let of_owner = scene.names(&model.parent);
        let texts: Vec<&str> = [names, of_owner]
            .into_iter()
            .flatten()
            .flat_map(|names| [names.ja.as_deref(), names.en.as_deref()])
            .flatten()
            .chain([model.slug.as_str()])
            .collect();
        if !fits(&texts) {
            continue;
        }
        if limit(models.len()) {
            break;
        }
        entries.insert(model.since);
        let mut tags: Vec<Html> = Vec::new();
        for board in boards.iter().filter(|board| board.model == model.id) {
            let result = register::board::result_of(&board.advice.assessment).coverage;
            let designated = boards::designation(scene, &board.dossier(scene)).is_some();
            let regime = Html::link(
                &scene.href(&format!("laws/{}", board.regime)),
                Html::text(words(scene, board.advice.regime.title())),
            );
            let tag = if designated {
                Tag::signed("decided", say.text("designated"))
            } else {
                coverage(scene, &result)
            };
            tags.push(Html(format!("{tag} <span class=\"quiet\">{regime}</span>")));
        }
        models.push(ModelLine {
            name: scene.link(&model.id),
            organisation: scene.link(&model.parent),
            versions: register.below(&model.id).len(),
            tags: Html::join(tags, "<br>"),
        });
    }

    let mut duties = Vec::new();
    // Duties are listed when asked for: by a search, or by their own filter.
    let asked = kind == "duty" || (kind == "all" && !wanted.is_empty());
    'boards: for board in boards.iter().filter(|board| asked && !board.is_idle()) {
        let model = scene.names(&board.model);
        for row in rows(scene, board, |_| true) {
            let mut texts: Vec<&str> = vec![row.name.0.as_str()];
            texts.extend(
                model.into_iter().flat_map(|names| [names.ja.as_deref(), names.en.as_deref()]).flatten(),
            );
            if !fits(&texts) || (kind == "duty" && wanted.is_empty() && !row.open) {
                continue;
            }
            if limit(duties.len()) {
                break 'boards;
            }
            duties.push(DutyLine {
                who: Html(format!("{} · {}", scene.link(&board.model), owner(scene, board, &row))),
                row,
            });
        }
    }

    let address = |kind: &str| {
        let query: Vec<String> = [("q", q.as_str()), ("kind", kind)]
            .iter()
            .filter(|(_, value)| !value.is_empty() && *value != "all")
            .map(|(name, value)| format!("{name}={}", encode(value)))
            .collect();
        let mark = if query.is_empty() { "" } else { "?" };
        scene.href(&format!("register{mark}{}", query.join("&")))
    };
    let kinds = ["all", "organisation", "model", "duty"].map(|name| Filter {
        href: address(name),
        label: say.word("filter", name),
        current: name == kind,
    });
    let title = say.text("register-title").to_string();
    let frame = Frame::new(scene, "register", title).rests_on(scene, &entries, "/api/v1/models".to_owned());
    Register {
        frame,
        say,
        nothing: organisations.is_empty() && models.is_empty() && duties.is_empty(),
        organisations: shown("organisation").then_some(organisations).filter(|found| !found.is_empty()),
        models: shown("model").then_some(models).filter(|found| !found.is_empty()),
        duties: Some(duties).filter(|found| !found.is_empty()),
        kinds: kinds.into(),
        q,
        cut,
    }
}

/// Says who owes the duty of a line.
fn owner(scene: &Scene, board: &boards::Board, row: &Row) -> Html {
    let id = row.href.rsplit('/').next().unwrap_or_default();
    match board.advice.regime.duty(id).map(|duty| duty.by) {
        Some(Party::Developer) | None => scene.name(&board.developer),
        Some(party) => Html::text(scene.say.word("party", party.as_str())),
    }
}
