//! Requests for disclosure at the authority's desk, and the opinions of third parties at theirs.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use desk::Versioned;
use desk::account::Function;
use desk::disclosure_request::{
    DisclosureRequest, Ground, MAX_OPEN, MAX_TEXT, Outcome, Part, RequestError, Requester, Ruling,
    State as Standing, What, text as bounded,
};
use evidence::{Date, Digest};

use super::draft::person;
use super::tasks::Task;
use super::{Answer, Room, Stop, accept, enter, page_of};
use crate::desk::{Choice, Entry, Posted};
use crate::pages::Request;
use crate::pages::disclosure_requests::{
    Reader, RulingLines, StepLine, clock_words, counting, counting_law, ruling_lines, state_tag, step_line,
    wrong,
};
use crate::pages::format::{legal_day, moment};
use crate::pages::frame::Frame;
use crate::pages::parts::{Html, Tag};
use crate::pages::text::Say;
use crate::state::App;

/// How many parts the form of a decision has.
const PARTS: usize = 8;
/// How many requests that are over the list shows.
const OVER: usize = 200;

#[derive(Template)]
#[template(path = "desk_disclosure_requests.html")]
struct ListPage {
    frame: Frame,
    say: Say,
    lines: Vec<Line>,
}

struct Line {
    name: Html,
    authority: Html,
    arrived: Html,
    clock: Html,
    tag: Tag,
    opinions: usize,
}

#[derive(Template)]
#[template(path = "desk_disclosure_request.html")]
#[expect(clippy::struct_excessive_bools, reason = "each is a part of the page that is there or not")]
struct OnePage {
    frame: Frame,
    say: Say,
    token: String,
    base: String,
    requester: Requester,
    documents: String,
    arrived: Html,
    tag: Tag,
    clock: Html,
    steps: Vec<StepLine>,
    open: bool,
    correcting: bool,
    over: bool,
    extendable: bool,
    extended_until: Html,
    many: bool,
    first_part: Html,
    opposed: bool,
    first_disclosure: Html,
    parties: Vec<Choice>,
    outcomes: Vec<Choice>,
    grounds: Vec<Choice>,
    parts: Vec<usize>,
    remedies: String,
    kept: Option<Html>,
    typed: Posted,
    wrong: Option<String>,
}

#[derive(Template)]
#[template(path = "desk_opinion.html")]
struct OpinionPage {
    frame: Frame,
    say: Say,
    token: String,
    base: String,
    authority: Html,
    arrived: Html,
    about: String,
    must: bool,
    until: Html,
    given: Option<(Tag, String)>,
    ruling: Option<RulingLines>,
    may: bool,
    wrong: Option<String>,
}

/// Returns the authorities for which the member handles requests.
fn handled(room: &Room) -> Vec<Digest> {
    let authorities = room.scene.authorities();
    let memberships = room.member.account.memberships.iter();
    memberships
        .filter(|m| m.functions.contains(&Function::Draft) && authorities.contains(&m.organisation))
        .map(|m| m.organisation)
        .collect()
}

pub(super) async fn list(Path(language): Path<String>, request: Request) -> Response {
    enter(&language, request, Entry::SignedIn, |room| {
        let (scene, say) = (&room.scene, room.scene.say);
        let authorities = handled(room);
        if authorities.is_empty() {
            return Err(Stop::Missing);
        }
        let mut found: Vec<Versioned<DisclosureRequest>> = Vec::new();
        for authority in authorities {
            for (state, most) in [("open", MAX_OPEN), ("over", OVER)] {
                found.extend(room.member.desk.list(state, &authority.to_string(), None, most)?);
            }
        }
        let law = counting_law(scene);
        let due = |request: &DisclosureRequest| {
            law.and_then(counting).and_then(|by| request.clock(by, scene.now).ok()).map(|clock| clock.due)
        };
        // What is open first, by its last day.
        found.sort_by_key(|request| (request.is_over(), due(request).is_none(), due(request)));
        let lines = found.iter().map(|request| {
            let first: String = request.documents.chars().take(80).collect();
            Line {
                name: Html::link(
                    &scene.href(&format!("desk/disclosure-requests/{}", request.id)),
                    Html(format!("<bdi>{}</bdi>", Html::text(first))),
                ),
                authority: scene.name(&request.authority),
                arrived: legal_day(say.0, crate::pages::japanese_day(request.arrived)),
                clock: clock_words(scene, request),
                tag: state_tag(say, request),
                opinions: request.awaited_opinions().count(),
            }
        });
        let lines = lines.collect();
        page_of(&ListPage { frame: room.frame(say.text("requests-title").to_string()), say, lines })
    })
    .await
}

fn load(room: &Room, id: &str) -> Result<Versioned<DisclosureRequest>, Stop> {
    let request = room.member.desk.load::<DisclosureRequest>(id)?.ok_or(Stop::Missing)?;
    // Whoever may not read it does not learn that it is there.
    if handled(room).contains(&request.authority) { Ok(request) } else { Err(Stop::Missing) }
}

pub(super) async fn one(Path((language, id)): Path<(String, String)>, request: Request) -> Response {
    enter(&language, request, Entry::SignedIn, move |room| {
        let request = load(room, &id)?;
        one_page(room, &request, Posted::default(), None).map(Answer::Page)
    })
    .await
}

fn one_page(
    room: &Room,
    request: &DisclosureRequest,
    typed: Posted,
    wrong: Option<String>,
) -> Result<String, Stop> {
    let (scene, say) = (&room.scene, room.scene.say);
    let name = |account: &str| person(room, account);
    let reader = Reader::Authority(&name);
    let by = counting_law(scene).and_then(counting);
    let day = |day: Option<jiff::civil::Date>| day.map(|day| legal_day(say.0, day)).unwrap_or_default();
    let extended = by.and_then(|by| request.extended_until(by, scene.now).ok());
    let within = by.is_some_and(|by| {
        request.clock(by, scene.now).is_ok_and(|clock| by.day(scene.now) <= clock.in_principle)
    });
    let done = |is: fn(&What) -> bool| request.steps.iter().any(|step| is(&step.what));
    let many = done(|what| matches!(what, What::ManyDocuments { .. }));
    let fresh = !many && !done(|what| matches!(what, What::Extended { .. }));
    let parties = scene
        .register()
        .organisations()
        .filter(|one| one.id != request.authority && request.asked_of(&one.id).is_none());
    let word = |prefix: &str, word: &str| Choice { value: word.to_owned(), label: say.word(prefix, word) };
    let title = say.text("request-one").to_string();
    let page = OnePage {
        frame: room
            .frame(title)
            .below(say.html("requests-title").html(), scene.href("desk/disclosure-requests")),
        say,
        token: room.token(),
        base: scene.href(&format!("desk/disclosure-requests/{}", request.id)),
        requester: request.requester.clone(),
        documents: request.documents.clone(),
        arrived: moment(say.0, request.arrived),
        tag: state_tag(say, request),
        clock: clock_words(scene, request),
        steps: request.steps.iter().filter_map(|step| step_line(scene, request, step, &reader)).collect(),
        open: request.state() == Standing::Open,
        correcting: request.state() == Standing::Correcting,
        over: request.is_over(),
        extendable: fresh && within,
        extended_until: day(extended),
        many,
        first_part: day(by.and_then(|by| request.first_part_until(by, scene.now).ok())),
        opposed: request.is_opposed(),
        first_disclosure: day(by.and_then(|by| by.first_disclosure(scene.now).ok())),
        parties: parties
            .map(|one| Choice { value: one.id.to_string(), label: scene.plain_name(&one.id) })
            .collect(),
        outcomes: Outcome::ALL.iter().map(|one| word("request-outcome", one.as_str())).collect(),
        grounds: Ground::ALL.iter().map(|one| word("request-ground", one.as_str())).collect(),
        parts: (0..PARTS).collect(),
        remedies: match typed.get("remedies") {
            "" => say.text("request-remedies").to_string(),
            typed => typed.to_owned(),
        },
        kept: by.and_then(|by| request.kept_until(by)).map(|day| legal_day(say.0, day)),
        typed,
        wrong,
    };
    Ok(page.render()?)
}

fn day(posted: &Posted, name: &'static str) -> Result<Date, RequestError> {
    posted.get(name).parse().map_err(|_| RequestError::Missing(name))
}

fn words(posted: &Posted, name: &'static str) -> Result<String, RequestError> {
    bounded(name, posted.get(name), MAX_TEXT, true)
}

/// Reads the parts of a decision: those that name anything.
fn ruling(posted: &Posted) -> Result<Ruling, RequestError> {
    let mut parts = Vec::new();
    for at in 0..PARTS {
        let get = |name: &str| posted.get(&format!("{name}-{at}"));
        if get("part").is_empty() {
            continue;
        }
        let outcome = Outcome::ALL.into_iter().find(|outcome| outcome.as_str() == get("outcome"));
        let grounds = Ground::ALL.into_iter();
        parts.push(Part {
            what: bounded("part", get("part"), MAX_TEXT, true)?,
            outcome: outcome.ok_or(RequestError::Missing("outcome"))?,
            grounds: grounds.filter(|g| posted.has(&format!("ground-{at}-{}", g.as_str()))).collect(),
            reasons: bounded("reasons", get("reasons"), MAX_TEXT, false)?,
        });
    }
    let from = posted.get("disclosed_from");
    Ok(Ruling {
        parts,
        access: bounded("access", posted.get("access"), MAX_TEXT, false)?,
        disclosed_from: if from.is_empty() { None } else { Some(day(posted, "disclosed_from")?) },
        remedies: bounded("remedies", posted.get("remedies"), MAX_TEXT, false)?,
        partial: posted.has("partial"),
    })
}

/// Reads what an officer does.
fn what_of(room: &Room, request: &DisclosureRequest, posted: &Posted) -> Result<What, RequestError> {
    let scene = &room.scene;
    let law = counting_law(scene).and_then(counting).ok_or(law::CountError::BeyondHolidays)?;
    Ok(match posted.get("do") {
        "say" => What::Said { text: words(posted, "text")? },
        "note" => What::Noted { text: words(posted, "text")? },
        "correct" => What::CorrectionAsked { text: words(posted, "text")?, until: day(posted, "until")? },
        "corrected" => What::Corrected { text: words(posted, "text")? },
        "extend" => What::Extended {
            reasons: words(posted, "reasons")?,
            until: Date::new(request.extended_until(law, scene.now)?),
        },
        "many" => What::ManyDocuments {
            reasons: words(posted, "reasons")?,
            first_part: Date::new(request.first_part_until(law, scene.now)?),
            until: day(posted, "until")?,
        },
        "opinion" => {
            let party: Digest = posted.get("party").parse().map_err(|_| RequestError::Missing("party"))?;
            if scene.register().organisation(&party).is_none() || party == request.authority {
                return Err(RequestError::Missing("party"));
            }
            What::OpinionAsked {
                party,
                about: words(posted, "text")?,
                must: posted.has("must"),
                until: day(posted, "until")?,
            }
        }
        "decide" => What::Decided(ruling(posted)?),
        _ => return Err(RequestError::Stage),
    })
}

pub(super) async fn act(
    Path((language, id)): Path<(String, String)>,
    State(app): State<App>,
    request: axum::extract::Request,
) -> Response {
    accept(&language, app, request, Entry::SignedIn, move |room, posted| {
        let mut request = load(room, &id)?;
        let by = counting_law(&room.scene).and_then(counting);
        let done = what_of(room, &request, &posted).and_then(|what| {
            let by = by.ok_or(law::CountError::BeyondHolidays)?;
            request.step(Some(&room.member.account.id), what, by, room.scene.now)
        });
        match done {
            Ok(()) => {
                room.member.desk.save(&mut request)?;
                room.to(&format!("desk/disclosure-requests/{id}"))
            }
            Err(error) => {
                let wrong = wrong(room.scene.say, error)?;
                one_page(room, &request, posted, Some(wrong)).map(Answer::Wrong)
            }
        }
    })
    .await
}

// ── Third parties ───────────────────────────────────────────────────────────────────────────────

/// Returns the opinions that an organisation is asked for and has not given.
pub(super) fn tasks_of(room: &Room, organisation: &Digest) -> Result<Vec<Task>, Stop> {
    let (scene, say) = (&room.scene, room.scene.say);
    let found: Vec<Versioned<DisclosureRequest>> =
        room.member.desk.list("party", &organisation.to_string(), None, MAX_OPEN)?;
    let open = found.iter().filter_map(|request| {
        let (_, until) = request.awaited_opinions().find(|(party, _)| party == organisation)?;
        (!request.is_over()).then(|| {
            let href = scene.href(&format!("desk/opinions/{}/{organisation}", request.id));
            Task::new(
                scene,
                Html::link(&href, say.html("opinion-title").html()),
                scene.link(&request.authority),
                Tag::signed("open", say.text("task-answer")),
                Some(until.civil()),
                Some((say.text("task-reply").to_string(), href)),
            )
        })
    });
    Ok(open.collect())
}

/// Finds a request about which the member's organisation was asked.
fn asked(room: &Room, id: &str, party: &str) -> Result<(Versioned<DisclosureRequest>, Digest), Stop> {
    let party: Digest = party.parse().map_err(|_| Stop::Missing)?;
    room.member.of(&party).ok_or(Stop::Missing)?;
    let request = room.member.desk.load::<DisclosureRequest>(id)?.ok_or(Stop::Missing)?;
    if request.asked_of(&party).is_some() { Ok((request, party)) } else { Err(Stop::Missing) }
}

fn opinion_page(
    room: &Room,
    request: &DisclosureRequest,
    party: &Digest,
    wrong: Option<String>,
) -> Result<String, Stop> {
    let (scene, say) = (&room.scene, room.scene.say);
    let (about, must, until) = request.asked_of(party).ok_or(Stop::Missing)?;
    let given = request.opinion_of(party).map(|(opposes, text)| {
        let tag = if opposes {
            Tag::signed("departs", say.text("opinion-opposes"))
        } else {
            Tag::signed("good", say.text("opinion-agrees"))
        };
        (tag, text.to_owned())
    });
    // Who opposed is told what was decided, why, and from when (Art. 13(3)). Who asked is told to nobody.
    let opposed = request.opinion_of(party).is_some_and(|(opposes, _)| opposes);
    let ruling = request.ruling().filter(|_| opposed).map(|(_, ruling)| ruling_lines(say, ruling));
    let page = OpinionPage {
        frame: room.frame(say.text("opinion-title").to_string()),
        say,
        token: room.token(),
        base: scene.href(&format!("desk/opinions/{}/{party}", request.id)),
        authority: scene.link(&request.authority),
        arrived: legal_day(say.0, crate::pages::japanese_day(request.arrived)),
        about: about.to_owned(),
        must,
        until: legal_day(say.0, until.civil()),
        may: room.member.may(party, Function::Draft) && given.is_none() && !request.is_over(),
        given,
        ruling,
        wrong,
    };
    Ok(page.render()?)
}

pub(super) async fn opinion(
    Path((language, id, party)): Path<(String, String, String)>,
    request: Request,
) -> Response {
    enter(&language, request, Entry::SignedIn, move |room| {
        let (request, party) = asked(room, &id, &party)?;
        opinion_page(room, &request, &party, None).map(Answer::Page)
    })
    .await
}

pub(super) async fn give_opinion(
    Path((language, id, party)): Path<(String, String, String)>,
    State(app): State<App>,
    request: axum::extract::Request,
) -> Response {
    accept(&language, app, request, Entry::SignedIn, move |room, posted| {
        let (mut request, party) = asked(room, &id, &party)?;
        if !room.member.may(&party, Function::Draft) {
            return Err(Stop::Forbidden);
        }
        let by = counting_law(&room.scene).and_then(counting);
        let opposes = match posted.get("opposes") {
            "yes" => Ok(true),
            "no" => Ok(false),
            _ => Err(RequestError::Missing("opposes")),
        };
        let done = opposes.and_then(|opposes| {
            let text = bounded("text", posted.get("text"), MAX_TEXT, opposes)?;
            let by = by.ok_or(law::CountError::BeyondHolidays)?;
            let what = What::OpinionGiven { party, opposes, text };
            request.step(Some(&room.member.account.id), what, by, room.scene.now)
        });
        match done {
            Ok(()) => {
                room.member.desk.save(&mut request)?;
                room.to(&format!("desk/opinions/{id}/{party}"))
            }
            Err(error) => {
                let wrong = wrong(room.scene.say, error)?;
                opinion_page(room, &request, &party, Some(wrong)).map(Answer::Wrong)
            }
        }
    })
    .await
}
