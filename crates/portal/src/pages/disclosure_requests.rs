//! Requests for disclosure of documents (開示請求), as those who ask meet them: a form without an account,
//! a code that leads back, the answer.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use desk::disclosure_request::{
    AGENCY_CALENDAR, Clock, Counting, DisclosureRequest, MAX_TEXT, Numbers, RequestError, Requester, Ruling,
    State as Standing, Step, What, text as bounded,
};
use evidence::Digest;
use law::Regime;

use super::Request;
use super::desk::{Answer, Stop, accept_from_anyone, look};
use super::format::{days_between, legal_day, moment};
use super::frame::Frame;
use super::parts::{Html, Tag};
use super::scene::Scene;
use super::text::Say;
use crate::desk::{Choice, Posted};
use crate::state::App;

#[derive(Template)]
#[template(path = "disclosure_requests.html")]
struct AskPage {
    frame: Frame,
    say: Say,
    authorities: Vec<Choice>,
    chosen: String,
    requester: Requester,
    documents: String,
    wrong: Option<String>,
    numbers: Vec<NumbersLine>,
    countable: bool,
}

/// What an authority has done about requests, in numbers.
pub(crate) struct NumbersLine {
    pub(crate) authority: Html,
    pub(crate) numbers: Numbers,
}

#[derive(Template)]
#[template(path = "disclosure_request_done.html")]
struct DonePage {
    frame: Frame,
    say: Say,
    code: String,
    authority: Html,
    due: Html,
}

#[derive(Template)]
#[template(path = "disclosure_request.html")]
struct OwnPage {
    frame: Frame,
    say: Say,
    code: String,
    authority: Html,
    tag: Tag,
    clock: Html,
    arrived: Html,
    documents: String,
    steps: Vec<StepLine>,
    correcting: bool,
    over: bool,
    withdrawn: bool,
    wrong: Option<String>,
}

/// One step, as it is shown.
pub(crate) struct StepLine {
    pub(crate) who: String,
    pub(crate) at: Html,
    pub(crate) what: Html,
    pub(crate) text: String,
    pub(crate) ruling: Option<RulingLines>,
}

/// A decision, as it is shown.
pub(crate) struct RulingLines {
    pub(crate) parts: Vec<PartLine>,
    pub(crate) access: String,
    pub(crate) from: Option<Html>,
    pub(crate) remedies: String,
}

pub(crate) struct PartLine {
    pub(crate) what: String,
    pub(crate) tag: Tag,
    pub(crate) grounds: Vec<String>,
    pub(crate) reasons: String,
}

/// Finds a law at hand whose files say how an agency of Japan counts its own periods.
pub(crate) fn counting_law(scene: &Scene) -> Option<&Regime> {
    let mut laws = scene.view.library.regimes().map(|(_, law)| law);
    laws.find(|law| law.calendars().contains_key(AGENCY_CALENDAR))
}

/// Returns how days are counted by a law.
pub(crate) fn counting(law: &Regime) -> Option<Counting<'_>> {
    Some(Counting { calendar: law.calendars().get(AGENCY_CALENDAR)?, zone: law.time_zone() })
}

/// Returns the numbers of each authority that was asked for anything; nothing where no calendar is at
/// hand by which time could be told.
pub(crate) fn numbers(scene: &Scene) -> Result<Vec<NumbersLine>, desk::DeskError> {
    let (Some(desk), Some(counting)) = (scene.desk(), counting_law(scene).and_then(counting)) else {
        return Ok(Vec::new());
    };
    let mut lines = Vec::new();
    for authority in scene.authorities() {
        let numbers = desk.disclosure_numbers(&authority, counting, scene.now)?;
        if numbers.received > 0 {
            lines.push(NumbersLine { authority: scene.link(&authority), numbers });
        }
    }
    Ok(lines)
}

/// Shows where a request stands.
pub(crate) fn state_tag(say: Say, request: &DisclosureRequest) -> Tag {
    match request.state() {
        Standing::Open => Tag::signed("open", say.text("request-open")),
        Standing::Correcting => Tag::signed("departs", say.text("request-correcting")),
        Standing::Decided => Tag::signed("good", say.text("request-decided")),
        Standing::Withdrawn => Tag::signed("later", say.text("request-withdrawn")),
    }
}

/// Says how the time of a request stands.
pub(crate) fn clock_words(scene: &Scene, request: &DisclosureRequest) -> Html {
    let say = scene.say;
    let Some(counting) = counting_law(scene).and_then(counting) else {
        return say.html("request-no-calendar").html();
    };
    let Ok(Clock { due, awaited, stopped, .. }) = request.clock(counting, scene.now) else {
        return say.html("request-no-calendar").html();
    };
    if request.is_over() {
        return say.html("request-clock-over").part("due", legal_day(say.0, due)).html();
    }
    let left = days_between(counting.day(scene.now), due);
    let key = match (stopped, left) {
        (true, _) => "request-clock-stopped",
        (false, 0..) => "request-clock-open",
        (false, _) => "request-clock-late",
    };
    let words = say.html(key).part("due", legal_day(say.0, due)).count("days", left.abs()).html();
    if awaited > 0 {
        Html(format!("{words} {}", say.html("request-clock-awaited").count("days", awaited)))
    } else {
        words
    }
}

fn ask_page(scene: &Scene, posted: &Posted, wrong: Option<String>) -> Result<String, Stop> {
    let say = scene.say;
    let authorities: Vec<Choice> = scene
        .authorities()
        .iter()
        .map(|id| Choice { value: id.to_string(), label: scene.plain_name(id) })
        .collect();
    let only = authorities.first().filter(|_| authorities.len() == 1).map(|only| only.value.clone());
    let chosen = only.unwrap_or_else(|| posted.get("authority").to_owned());
    let page = AskPage {
        frame: Frame::new(scene, "", say.text("requests-title").to_string()),
        say,
        authorities,
        chosen,
        requester: requester(posted),
        documents: posted.get("documents").to_owned(),
        wrong,
        numbers: numbers(scene)?,
        countable: counting_law(scene).is_some(),
    };
    Ok(page.render()?)
}

fn requester(posted: &Posted) -> Requester {
    let typed = |name: &str| posted.get(name).to_owned();
    Requester { name: typed("name"), address: typed("address"), contact: typed("contact") }
}

/// Says what is wrong with what was sent.
pub(crate) fn wrong(say: Say, error: RequestError) -> Result<String, Stop> {
    Ok(match error {
        RequestError::Missing(name) => {
            say.text("request-missing").with("what", say.word("request-field", name)).to_string()
        }
        RequestError::TooLong(name, most) => say
            .text("request-too-long")
            .with("what", say.word("request-field", name))
            .count("most", most)
            .to_string(),
        RequestError::Full => say.text("request-full").to_string(),
        RequestError::Stage => say.text("request-stage").to_string(),
        RequestError::NoExtension => say.text("request-no-extension").to_string(),
        RequestError::TooEarly(day) => {
            say.text("request-too-early").with("day", records::day(say.0, day)).to_string()
        }
        RequestError::Count(_) => say.text("request-no-calendar").to_string(),
        RequestError::Desk(error) => return Err(error.into()),
    })
}

pub(crate) async fn show(Path(language): Path<String>, request: Request) -> Response {
    look(&language, request, |scene, _| ask_page(&scene, &Posted::default(), None).map(Answer::Page)).await
}

pub(crate) async fn send(
    Path(language): Path<String>,
    State(app): State<App>,
    request: axum::extract::Request,
) -> Response {
    // Whoever is signed in is not looked at: everyone may ask (Art. 3).
    accept_from_anyone(&language, app, request, |scene, _, posted| {
        let (say, desk) = (scene.say, scene.desk().ok_or(Stop::Missing)?);
        let authority = posted.get("authority").parse::<Digest>().ok();
        let Some(authority) = authority.filter(|id| scene.authorities().contains(id)) else {
            let wrong = say.text("request-authority-missing").to_string();
            return ask_page(&scene, &posted, Some(wrong)).map(Answer::Wrong);
        };
        let taken =
            desk.take_disclosure_request(authority, &requester(&posted), posted.get("documents"), scene.now);
        let code = match taken {
            Ok(code) => code,
            Err(error) => {
                let wrong = wrong(say, error)?;
                return ask_page(&scene, &posted, Some(wrong)).map(Answer::Wrong);
            }
        };
        let request = desk.disclosure_request_of(&code)?.ok_or(Stop::Missing)?;
        let title = say.text("request-taken").to_string();
        let page = DonePage {
            frame: Frame::new(&scene, "", title).elsewhere("disclosure-requests"),
            say,
            due: clock_words(&scene, &request),
            authority: scene.name(&authority),
            code,
        };
        Ok(Answer::Page(page.render()?))
    })
    .await
}

/// Shows somebody their request, and takes what they add. The code travels in the body only.
pub(crate) async fn read(
    Path(language): Path<String>,
    State(app): State<App>,
    request: axum::extract::Request,
) -> Response {
    accept_from_anyone(&language, app, request, |scene, _, posted| {
        let (say, desk) = (scene.say, scene.desk().ok_or(Stop::Missing)?);
        let code = posted.get("code");
        let Some(mut found) = desk.disclosure_request_of(code)? else {
            let wrong = say.text("request-code-wrong").to_string();
            return ask_page(&scene, &Posted::default(), Some(wrong)).map(Answer::Wrong);
        };
        let typed = posted.get("text");
        let text = bounded("text", typed, MAX_TEXT, posted.has("say"));
        let what = text.map(|text| {
            if posted.has("corrected") {
                Some(What::Corrected { text })
            } else if posted.has("withdraw") {
                Some(What::Withdrawn)
            } else {
                posted.has("say").then_some(What::Said { text })
            }
        });
        let wrong = match (what, counting_law(&scene).and_then(counting)) {
            (Ok(None), _) => None,
            (Ok(Some(what)), Some(counting)) => match found.step(None, what, counting, scene.now) {
                Ok(()) => {
                    desk.save(&mut found)?;
                    None
                }
                Err(error) => Some(wrong(say, error)?),
            },
            (Ok(Some(_)), None) => Some(say.text("request-no-calendar").to_string()),
            (Err(error), _) => Some(wrong(say, error)?),
        };
        let page = OwnPage {
            frame: Frame::new(&scene, "", say.text("request-own").to_string())
                .elsewhere("disclosure-requests"),
            say,
            code: code.to_owned(),
            authority: scene.name(&found.authority),
            tag: state_tag(say, &found),
            clock: clock_words(&scene, &found),
            arrived: moment(say.0, found.arrived),
            documents: found.documents.clone(),
            steps: found
                .steps
                .iter()
                .filter_map(|step| step_line(&scene, &found, step, &Reader::Requester))
                .collect(),
            correcting: found.state() == Standing::Correcting,
            over: found.is_over(),
            withdrawn: found.state() == Standing::Withdrawn,
            wrong,
        };
        let page = page.render()?;
        Ok(Answer::Page(page))
    })
    .await
}

/// Who reads a request.
pub(crate) enum Reader<'r> {
    /// Who asked: learns no officer's name, and nothing of third parties.
    Requester,
    /// The authority: names of its members.
    Authority(&'r dyn Fn(&str) -> String),
}

/// Shows a step to a reader; nothing where it is not for them.
pub(crate) fn step_line(
    scene: &Scene,
    request: &DisclosureRequest,
    step: &Step,
    reader: &Reader<'_>,
) -> Option<StepLine> {
    let say = scene.say;
    let day = |day: &evidence::Date| legal_day(say.0, day.civil());
    let inside = matches!(reader, Reader::Authority(_));
    let mut ruling = None;
    let (what, text) = match &step.what {
        What::Said { text } => (say.html("request-step-said").html(), text.clone()),
        What::Noted { text } if inside => (say.html("request-step-noted").html(), text.clone()),
        What::CorrectionAsked { text, until } => {
            (say.html("request-step-correction").part("day", day(until)).html(), text.clone())
        }
        What::Corrected { text } => (say.html("request-step-corrected").html(), text.clone()),
        What::Extended { reasons, until } => {
            (say.html("request-step-extended").part("day", day(until)).html(), reasons.clone())
        }
        What::ManyDocuments { reasons, first_part, until } => {
            let words = say.html("request-step-many").part("first", day(first_part)).part("day", day(until));
            (words.html(), reasons.clone())
        }
        What::OpinionAsked { party, about, until, .. } if inside => {
            let words = say.html("request-step-asked").part("who", scene.link(party)).part("day", day(until));
            (words.html(), about.clone())
        }
        What::OpinionAsked { until, .. } => {
            (say.html("request-step-third-party").part("day", day(until)).html(), String::new())
        }
        What::OpinionGiven { party, opposes, text } if inside => {
            let key = if *opposes { "request-step-opposed" } else { "request-step-agreed" };
            (say.html(key).part("who", scene.link(party)).html(), text.clone())
        }
        What::Noted { .. } | What::OpinionGiven { .. } => return None,
        What::Decided(decided) => {
            ruling = Some(ruling_lines(say, decided));
            let key = if decided.partial { "request-step-first-part" } else { "request-step-decided" };
            (say.html(key).html(), String::new())
        }
        What::Withdrawn => (say.html("request-step-withdrawn").html(), String::new()),
    };
    let who = match (&step.by, reader) {
        (None, Reader::Requester) => say.text("request-you").to_string(),
        (None, Reader::Authority(_)) => say.text("request-requester").to_string(),
        (Some(_), Reader::Requester) => scene.plain_name(&request.authority),
        (Some(by), Reader::Authority(name)) => name(by),
    };
    Some(StepLine { who, at: moment(say.0, step.at), what, text, ruling })
}

/// Shows a decision, part by part.
pub(crate) fn ruling_lines(say: Say, ruling: &Ruling) -> RulingLines {
    let part = |part: &desk::disclosure_request::Part| PartLine {
        what: part.what.clone(),
        tag: Tag::signed(
            if part.outcome.discloses() { "good" } else { "departs" },
            say.word("request-outcome", part.outcome.as_str()),
        ),
        grounds: part.grounds.iter().map(|g| say.word("request-ground", g.as_str())).collect(),
        reasons: part.reasons.clone(),
    };
    RulingLines {
        parts: ruling.parts.iter().map(part).collect(),
        access: ruling.access.clone(),
        from: ruling.disclosed_from.map(|day| legal_day(say.0, day.civil())),
        remedies: ruling.remedies.clone(),
    }
}
