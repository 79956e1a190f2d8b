//! The register as a list: organisations, models, duties and statements, searched and filtered.

mod choices;

use std::collections::BTreeSet;
use std::sync::Arc;

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use evidence::Digest;
use law::Party;
use register::index::{Found, Query};
use register::state::Recorded;

use super::boards;
use super::frame::{Frame, joined};
use super::parts::{Html, Tag};
use super::scene::Scene;
use super::standing::{Row, rows, words};
use super::text::Say;
use super::timeline::{Moment, coverage, moment};
use super::{Request, certificate, code, page};
use crate::search::{self, Fields};

/// Longest search that is looked at, in characters.
const MAX_SEARCH: usize = 200;
/// Lines of a kind on one page: where it is one of several kinds, and where it is the only one.
const FEW: usize = 20;
const MANY: usize = 50;
/// Most duties on one page: they have no place in the log to go on from.
const MAX_DUTIES: usize = 200;

#[derive(Template)]
#[template(path = "register.html")]
struct RegisterPage {
    frame: Frame,
    say: Say,
    q: String,
    kind: &'static str,
    kinds: Vec<Filter>,
    /// What was read otherwise than it was typed, and fields that could not be read.
    notes: Vec<Html>,
    narrow: Option<choices::Narrow>,
    organisations: Option<List<OrganisationLine>>,
    models: Option<List<ModelLine>>,
    duties: Option<List<DutyLine>>,
    certificates: Option<List<certificate::Line>>,
    codes: Option<List<code::Line>>,
    statements: Option<List<StatementLine>>,
    nothing: bool,
}

/// Lines of one kind, how many there are in all, and where the others stand.
struct List<L> {
    lines: Vec<L>,
    count: usize,
    others: Option<(String, String)>,
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

struct StatementLine {
    moment: Moment,
    about: Html,
}

pub(crate) async fn show(Path(language): Path<String>, request: Request) -> Response {
    page(&language, request, |scene| Ok(make(scene))).await
}

/// What is looked for on this page.
struct Wanted<'s> {
    scene: &'s Scene,
    q: String,
    kind: &'static str,
    query: Query,
    /// The entry after which, or before which, the list goes on.
    from: Option<u64>,
}

impl Wanted<'_> {
    /// Tells whether lines of a kind are listed.
    fn shows(&self, kind: &str) -> bool {
        self.kind == "all" || self.kind == kind
    }

    fn find(&self, kinds: &[&str]) -> Found {
        let kinds = kinds.iter().map(|kind| (*kind).to_owned()).collect();
        let query = Query { text: self.q.clone(), kinds, ..Query::default() };
        self.scene.index().search(self.scene.register(), &query)
    }

    /// Cuts out the entries of this page, and says where the others stand. Things stand in the order
    /// of registration, statements the other way round.
    fn cut(&self, kind: &str, mut entries: Vec<u64>) -> (Vec<u64>, usize, Option<(String, String)>) {
        let count = entries.len();
        let latest_first = kind == "statement";
        if latest_first {
            entries.reverse();
        }
        let say = self.scene.say;
        if self.kind != kind {
            entries.truncate(FEW);
            let label = say.text("list-all").count("count", count).to_string();
            return (entries, count, (count > FEW).then(|| (self.address(kind, None), label)));
        }
        if let Some(from) = self.from {
            entries.retain(|entry| if latest_first { *entry < from } else { *entry > from });
        }
        let more = entries.len() > MANY;
        entries.truncate(MANY);
        let next = entries.last().filter(|_| more);
        let others = next.map(|last| (self.address(kind, Some(*last)), say.text("list-next").to_string()));
        (entries, count, others)
    }

    fn address(&self, kind: &str, before: Option<u64>) -> String {
        let mut fields = self.scene.query.kept();
        fields.retain(|(name, _)| match *name {
            "kind" => false,
            "q" => true,
            _ => self.kind == kind,
        });
        if kind != "all" {
            fields.push(("kind", kind.to_owned()));
        }
        fields.extend(before.map(|entry| ("before", entry.to_string())));
        let mark = if fields.is_empty() { "" } else { "?" };
        self.scene.href(&format!("register{mark}{}", joined(&fields)))
    }
}

fn make(scene: &Scene) -> RegisterPage {
    let say = scene.say;
    let q: String = scene.query.q.chars().take(MAX_SEARCH).collect();
    let kind = match scene.query.kind.as_str() {
        "organisation" => "organisation",
        "model" => "model",
        "duty" => "duty",
        "statement" => "statement",
        "certificate" => "certificate",
        "code" => "code",
        _ => "all",
    };
    let asked = &scene.query;
    let (query, wrong) = search::read(
        scene.register(),
        Fields {
            text: &q,
            kind: &asked.said,
            organisation: &asked.organisation,
            law: &asked.law,
            status: &asked.status,
            from: &asked.from,
            until: &asked.until,
        },
    );
    let from = asked.before.as_deref().and_then(|entry| entry.parse().ok());
    let wanted = Wanted { scene, q, kind, query, from };
    let is_searched = !wanted.q.trim().is_empty();
    let mut entries = BTreeSet::new();
    let mut instead = BTreeSet::new();
    let organisations = wanted.shows("organisation").then(|| {
        let found = wanted.find(&["organisation"]);
        instead.extend(found.instead);
        organisations(&wanted, found.entries, &mut entries)
    });
    let models = wanted.shows("model").then(|| {
        let found = wanted.find(&["model"]);
        instead.extend(found.instead);
        models(&wanted, found.entries, &mut entries)
    });
    let duties = (kind == "duty" || (kind == "all" && is_searched)).then(|| duties(&wanted));
    let statements = (kind == "statement" || (kind == "all" && is_searched)).then(|| {
        let found = match kind {
            "statement" => scene.index().search(scene.register(), &wanted.query),
            _ => wanted.find(&[]),
        };
        instead.extend(found.instead);
        statements(&wanted, found.entries, &mut entries)
    });
    let certificates = (kind == "certificate" || (kind == "all" && is_searched)).then(|| {
        let found = wanted.find(&["certificate"]);
        instead.extend(found.instead);
        certificates(&wanted, found.entries, &mut entries)
    });
    let codes = (kind == "code" || (kind == "all" && is_searched)).then(|| {
        let found = wanted.find(&["code-of-conduct"]);
        instead.extend(found.instead);
        codes(&wanted, found.entries, &mut entries)
    });
    let mut notes: Vec<Html> = wrong.iter().map(|wrong| say.html(wrong.key()).html()).collect();
    notes.extend(
        instead
            .iter()
            .map(|(typed, read)| say.html("search-instead").with("typed", typed).with("read", read).html()),
    );
    let kinds = ["all", "organisation", "model", "duty", "certificate", "code", "statement"].map(|name| {
        Filter { href: wanted.address(name, None), label: say.word("filter", name), current: name == kind }
    });
    let count = [
        organisations.as_ref().map(|list| list.count),
        models.as_ref().map(|list| list.count),
        duties.as_ref().map(|list| list.count),
        certificates.as_ref().map(|list| list.count),
        codes.as_ref().map(|list| list.count),
        statements.as_ref().map(|list| list.count),
    ];
    let title = say.text("register-title").to_string();
    let mut fields = scene.query.kept();
    fields.retain(|(name, _)| *name != "kind" && (*name == "q" || kind == "statement" || *name == "law"));
    let list = match kind {
        "organisation" => "organisations",
        "model" => "models",
        "duty" => "duties",
        _ => "statements",
    };
    let mut frame = Frame::new(scene, "register", title)
        .rests_on(scene, &entries, twin(&wanted))
        .taken_away(scene, list, &fields);
    // A feed of what is not in the register there is none.
    if list == "statements" && wrong.is_empty() && !matches!(kind, "certificate" | "code") {
        fields.retain(|(name, _)| matches!(*name, "q" | "said" | "organisation" | "law"));
        frame = frame.fed(crate::feed::address(scene, &fields));
    }
    RegisterPage {
        frame,
        say,
        narrow: choices::narrow(scene, kind),
        nothing: count.into_iter().flatten().all(|count| count == 0),
        organisations: organisations.filter(|list| list.count > 0),
        models: models.filter(|list| list.count > 0),
        duties: duties.filter(|list| list.count > 0),
        certificates: certificates.filter(|list| list.count > 0),
        codes: codes.filter(|list| list.count > 0),
        statements: statements.filter(|list| list.count > 0),
        kinds: kinds.into(),
        notes,
        kind,
        q: wanted.q,
    }
}

/// Returns the address of the same list as data.
fn twin(wanted: &Wanted<'_>) -> String {
    let q = Some(("q", wanted.q.clone())).filter(|(_, q)| !q.is_empty());
    let (path, fields): (_, Vec<_>) = match wanted.kind {
        "organisation" => ("organisations", q.into_iter().collect()),
        "duty" => ("duties", Vec::new()),
        "certificate" | "code" => {
            let kind = if wanted.kind == "code" { "code-of-conduct" } else { "certificate" };
            ("statements", q.into_iter().chain([("kind", kind.to_owned())]).collect())
        }
        "statement" => {
            let kept = wanted.scene.query.kept().into_iter().filter(|(name, _)| *name != "kind");
            let named = kept.map(|(name, value)| (if name == "said" { "kind" } else { name }, value));
            ("statements", named.collect())
        }
        _ => ("models", q.into_iter().collect()),
    };
    let mark = if fields.is_empty() { "" } else { "?" };
    format!("/api/v1/{path}{mark}{}", joined(&fields))
}

fn organisations(
    wanted: &Wanted<'_>,
    found: Vec<u64>,
    entries: &mut BTreeSet<u64>,
) -> List<OrganisationLine> {
    let (scene, register) = (wanted.scene, wanted.scene.register());
    let (shown, count, others) = wanted.cut("organisation", found);
    entries.extend(&shown);
    let lines = shown.iter().filter_map(|entry| register.organisation(&id_at(scene, *entry)?)).map(|one| {
        let between = if scene.say.is_ja() { "、" } else { ", " };
        OrganisationLine {
            name: scene.link(&one.id),
            voice: scene.voice(Some(&one.id)),
            roles: super::organisation::roles(scene, &one.id).join(between),
            country: one.country.clone(),
            models: register.models().filter(|model| model.parent == one.id).count(),
        }
    });
    List { lines: lines.collect(), count, others }
}

fn models(wanted: &Wanted<'_>, found: Vec<u64>, entries: &mut BTreeSet<u64>) -> List<ModelLine> {
    let (scene, register) = (wanted.scene, wanted.scene.register());
    let (shown, count, others) = wanted.cut("model", found);
    entries.extend(&shown);
    let lines = shown.iter().filter_map(|entry| register.thing(&id_at(scene, *entry)?)).map(|model| {
        let tags = boards::of(scene, &model.id).into_iter().map(|board| tag_of(scene, &board));
        ModelLine {
            name: scene.link(&model.id),
            organisation: scene.link(&model.parent),
            versions: register.below(&model.id).len(),
            tags: Html::join(tags, "<br>"),
        }
    });
    List { lines: lines.collect(), count, others }
}

fn tag_of(scene: &Scene, board: &boards::Board) -> Html {
    let result = register::board::result_of(&board.advice.assessment).coverage;
    let designated = boards::designation(scene, &board.dossier(scene)).is_some();
    let regime = Html::link(
        &scene.href(&format!("laws/{}", board.regime)),
        Html::text(words(scene, board.advice.regime.title())),
    );
    let tag = if designated {
        Tag::signed("decided", scene.say.text("designated"))
    } else {
        coverage(scene, &result)
    };
    Html(format!("{tag} <span class=\"quiet\">{regime}</span>"))
}

fn id_at(scene: &Scene, entry: u64) -> Option<Digest> {
    scene.register().at_index(entry).map(|recorded| recorded.statement.digest())
}

/// Lists duties: of the models that are searched for, or called as is searched for; without a search,
/// those from which something is still to come.
fn duties(wanted: &Wanted<'_>) -> List<DutyLine> {
    let scene = wanted.scene;
    let is_searched = !wanted.q.trim().is_empty();
    let models: BTreeSet<Digest> =
        wanted.find(&["model"]).entries.iter().filter_map(|entry| id_at(scene, *entry)).collect();
    let mut lines = Vec::new();
    let mut count = 0;
    let law = wanted.query.law.as_deref();
    let called = register::index::Sought::new(&wanted.q);
    for board in boards::all(scene) {
        if board.is_idle() || law.is_some_and(|law| law != board.regime) {
            continue;
        }
        let is_found = models.contains(&board.model);
        for row in rows(scene, &board, |_| true) {
            let fits = if is_searched { is_found || called.is_in(&row.name.0) } else { row.open };
            if !fits {
                continue;
            }
            count += 1;
            let most = if wanted.kind == "duty" { MAX_DUTIES } else { FEW };
            if lines.len() < most {
                let who = Html(format!("{} · {}", scene.link(&board.model), owner(scene, &board, &row)));
                lines.push(DutyLine { who, row });
            }
        }
    }
    let label = scene.say.text("list-all").count("count", count).to_string();
    let others = (wanted.kind == "all" && count > FEW).then(|| (wanted.address("duty", None), label));
    List { lines, count, others }
}

fn statements(wanted: &Wanted<'_>, found: Vec<u64>, entries: &mut BTreeSet<u64>) -> List<StatementLine> {
    let scene = wanted.scene;
    let (shown, count, others) = wanted.cut("statement", found);
    entries.extend(&shown);
    let lines = shown.iter().filter_map(|entry| scene.register().at_index(*entry));
    List { lines: lines.map(|recorded| line(scene, recorded)).collect(), count, others }
}

fn certificates(
    wanted: &Wanted<'_>,
    found: Vec<u64>,
    entries: &mut BTreeSet<u64>,
) -> List<certificate::Line> {
    let scene = wanted.scene;
    let (shown, count, others) = wanted.cut("certificate", found);
    entries.extend(&shown);
    let lines = shown.iter().filter_map(|entry| scene.register().at_index(*entry));
    List { lines: lines.filter_map(|recorded| certificate::line(scene, recorded)).collect(), count, others }
}

fn codes(wanted: &Wanted<'_>, mut found: Vec<u64>, entries: &mut BTreeSet<u64>) -> List<code::Line> {
    let scene = wanted.scene;
    // Of each code its last version.
    found.retain(|entry| scene.register().at_index(*entry).is_some_and(|one| one.superseded_by.is_none()));
    let (shown, count, others) = wanted.cut("code", found);
    entries.extend(&shown);
    let lines = shown.iter().filter_map(|entry| scene.register().at_index(*entry));
    List { lines: lines.filter_map(|recorded| code::line(scene, recorded)).collect(), count, others }
}

fn line(scene: &Scene, recorded: &Arc<Recorded>) -> StatementLine {
    let subject = recorded.statement.subject();
    let about = match scene.register().recorded(&subject) {
        Some(about) if scene.register().path_of(&subject).is_none() => scene.entry(about),
        Some(_) => scene.link(&subject),
        None => Html::text("–"),
    };
    StatementLine { moment: moment(scene, recorded), about }
}

/// Says who owes the duty of a line.
fn owner(scene: &Scene, board: &boards::Board, row: &Row) -> Html {
    let href = row.href.split('?').next().unwrap_or_default();
    let id = href.rsplit('/').next().unwrap_or_default();
    match board.advice.regime.duty(id).map(|duty| duty.by) {
        Some(Party::Developer) | None => scene.name(&board.developer),
        Some(party) => Html::text(scene.say.word("party", party.as_str())),
    }
}
