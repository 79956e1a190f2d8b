//! One incident, one page: who must be told what by when, under every law.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use law::{Goal, Party, Truth};

use super::result::{due, open_label};
use super::{
    address, article_link, below_lab, coverage_tag, failed, hidden, in_words, invalid, law_link, said,
    sentence_of, status_tag,
};
use crate::at_hand::laws;
use crate::lab::answers::{ALL, Answers, Laws};
use crate::lab::case::{Case, Trouble, sentence};
use crate::lab::incident::{self, JAPAN, Said, Told, brought_about, fields};
use crate::lab::query::{Query, Wrong, WrongKind};
use crate::pages::format::{day, days_between};
use crate::pages::frame::Frame;
use crate::pages::parts::{Html, Tag};
use crate::pages::scene::Scene;
use crate::pages::standing::words;
use crate::pages::text::Say;
use crate::pages::why::attribute_value;
use crate::pages::{Failure, Request, page};

#[derive(Template)]
#[template(path = "lab_incident.html")]
struct Incident {
    frame: Frame,
    say: Say,
    hidden: Vec<(String, String)>,
    laws: Vec<Choice>,
    happened: Vec<Happened>,
    moments: Vec<Moment>,
    zones: Vec<Choice>,
    /// What is wrong, with the id of the field.
    faults: Vec<(String, Html)>,
    facts: usize,
    to_facts: String,
    rows: Vec<Row>,
    of_state: Vec<Row>,
    open: Vec<OpenLine>,
    open_facts: Vec<OpenLine>,
    idle: Vec<IdleLine>,
    save: Vec<(String, String)>,
    is_empty: bool,
    draft: bool,
}

/// One of several values of a field.
struct Choice {
    value: String,
    label: Html,
    checked: bool,
}

/// Whether something happened.
struct Happened {
    name: String,
    label: Html,
    laws: usize,
    choices: Vec<Choice>,
}

/// When something happened.
struct Moment {
    name: String,
    label: Html,
    value: String,
    kind: &'static str,
    error: Option<Html>,
}

/// Someone must be told something.
struct Row {
    what: Html,
    addressee: Option<String>,
    law: Html,
    status: Option<Tag>,
    article: Html,
    due: Html,
    japan: Html,
    tag: Tag,
    why: Html,
    how: Option<Html>,
}

/// An answer that would settle something, and what.
struct OpenLine {
    label: Html,
    settles: Vec<Html>,
}

/// A law under which nothing is to be done.
struct IdleLine {
    name: Html,
    tag: Tag,
    sentence: Html,
}

pub(crate) async fn show(Path(language): Path<String>, request: Request) -> Response {
    page(&language, request, make).await
}

fn make(scene: &Scene) -> Result<Incident, Failure> {
    let laws = laws(&scene.view);
    let mut query = Query::read(&scene.uri).map_err(|wrong| invalid(scene, &wrong))?;
    let mut mistakes: Vec<Mistake> = Vec::new();
    // A time that cannot be is left out, and said beside its field; the rest stands.
    let (answers, found) = loop {
        let answers = Answers::read(&query, &laws, &[]);
        let found = answers.map_err(Trouble::from).and_then(|answers| {
            let found = incident::cases(&laws, &answers, scene.now.instant())?;
            Ok((answers, found))
        });
        match found {
            Ok(found) => break found,
            Err(Trouble::Wrong(wrong)) if wrong.is_time() => match query.take(&wrong.name) {
                Some(typed) => mistakes.push(Mistake { wrong, typed }),
                None => return Err(invalid(scene, &wrong)),
            },
            Err(trouble) => return Err(failed(scene, trouble)),
        }
    };
    let told = brought_about(&found).map_err(|wrong| failed(scene, wrong))?;
    let say = scene.say;
    let query = answers.query(&[]);
    let frame = below_lab(scene, Frame::new(scene, "lab", say.text("incident-title").to_string()))
        .elsewhere(&format!("lab/incident{query}"))
        .rests_on_laws(scene, found.iter().map(|case| case.law), format!("/api/v1/lab/incident{query}"))
        .live();
    let is_ours = |told: &&Told<'_, '_>| told.duty.by == Party::Developer;
    let touched = |case: &&Case<'_>| !told.iter().any(|told| told.case.id() == case.id());
    let (happened, moments) = asked(scene, &laws, &answers, &mistakes);
    let (open, open_facts) = open(scene, &laws, &answers, &told);
    let page = Incident {
        faults: mistakes.iter().map(|mistake| mistake.shown(say)).collect(),
        hidden: hidden(&answers, &["law", "zone", "i."]),
        laws: law_choices(scene, &laws, &answers),
        happened,
        moments,
        zones: zones(scene, &laws, &answers),
        facts: answers.facts.len(),
        to_facts: address(scene, "apply", &answers.of_some_law(), &[]),
        rows: told.iter().filter(is_ours).map(|told| row(scene, told)).collect(),
        of_state: told.iter().filter(|told| !is_ours(told)).map(|told| row(scene, told)).collect(),
        open,
        open_facts,
        idle: found.iter().filter(touched).map(|case| idle(scene, case)).collect(),
        save: vec![
            (say.text("lab-save-json").to_string(), format!("/api/v1/lab/incident{query}")),
            (say.text("lab-save-csv").to_string(), {
                format!("/api/v1/lab/incident{}", answers.query(&[("format", "csv")]))
            }),
        ],
        is_empty: answers.incident.is_empty(),
        draft: found.iter().any(|case| case.regime().status() == law::RegimeStatus::Draft),
        frame,
        say,
    };
    if page.faults.is_empty() { Ok(page) } else { Err(Failure::Invalid(page.render()?)) }
}

/// A time that cannot be, as it was typed.
struct Mistake {
    wrong: Wrong,
    typed: String,
}

impl Mistake {
    /// Returns the id of its field, and what is wrong.
    fn shown(&self, say: Say) -> (String, Html) {
        (self.wrong.name.replace('.', "-"), Html::text(say.text(self.wrong.kind.key())))
    }
}

fn law_choices(scene: &Scene, laws: &Laws, answers: &Answers) -> Vec<Choice> {
    let chosen = answers.law.as_deref().unwrap_or(ALL);
    let mut choices = vec![Choice {
        value: ALL.to_owned(),
        label: scene.say.html("lab-all").count("count", laws.len()).html(),
        checked: chosen == ALL,
    }];
    choices.extend(Answers::default().scope(laws).into_iter().map(|law| Choice {
        value: law.regime.id().to_owned(),
        label: Html::text(words(scene, law.regime.title())),
        checked: chosen == law.regime.id(),
    }));
    choices
}

/// Returns what is asked about the incident, with what was said.
fn asked(
    scene: &Scene,
    laws: &Laws,
    answers: &Answers,
    mistakes: &[Mistake],
) -> (Vec<Happened>, Vec<Moment>) {
    let say = scene.say;
    let (mut happened, mut moments) = (Vec::new(), Vec::new());
    for field in fields(laws) {
        let said = answers.incident.said.get(field.name);
        let label = Html::text(words(scene, field.label));
        let name = field.name.to_owned();
        if field.values.is_empty() {
            let mistake = mistakes.iter().find(|mistake| mistake.wrong.name == format!("i.{name}"));
            let unread = mistake.is_some_and(|mistake| mistake.wrong.kind == WrongKind::Instant);
            moments.push(Moment {
                name,
                label,
                value: match mistake {
                    Some(mistake) => mistake.typed.clone(),
                    None => said.map(Said::text).unwrap_or_default(),
                },
                kind: if unread || matches!(said, Some(Said::Day(_))) { "text" } else { "datetime-local" },
                error: mistake.map(|mistake| mistake.shown(say).1),
            });
            continue;
        }
        let is = |value: &str| said == Some(&Said::Value(value.to_owned()));
        let mut choices: Vec<Choice> = field
            .values
            .iter()
            .map(|value| Choice {
                value: value.id.clone(),
                label: Html::text(attribute_value(scene, value)),
                checked: is(&value.id),
            })
            .collect();
        choices.push(Choice {
            value: String::new(),
            label: say.html("not-known").html(),
            checked: said.is_none(),
        });
        happened.push(Happened { name, label, laws: field.asked_by.len(), choices });
    }
    (happened, moments)
}

fn zones(scene: &Scene, laws: &Laws, answers: &Answers) -> Vec<Choice> {
    let chosen = answers.incident.zone_name();
    let mut names = vec![JAPAN];
    let of_laws = laws.values().filter_map(|law| law.regime.time_zone().iana_name());
    names.extend(of_laws.chain(["UTC", chosen]));
    let mut seen = std::collections::BTreeSet::new();
    names.retain(|name| seen.insert(*name));
    let choice = |name: &str| Choice {
        value: name.to_owned(),
        label: Html::text(zone_name(scene.say, name)),
        checked: name == chosen,
    };
    names.into_iter().map(choice).collect()
}

/// Names a time zone: `Brussels time`; its own name where it has no other here.
fn zone_name(say: Say, name: &str) -> String {
    let key = format!("zone-{}", name.replace('/', "-"));
    if say.has(&key) { say.text(&key).to_string() } else { name.to_owned() }
}

/// Names a time zone as it stands at an instant: `New York time, EST, UTC−5`.
fn zone_on(say: Say, name: &str, zone: &TimeZone, at: Timestamp) -> String {
    let info = zone.to_offset_info(at);
    let seconds = info.offset().seconds();
    let (hours, minutes) = (seconds.abs() / 3600, seconds.abs() % 3600 / 60);
    let sign = if seconds < 0 { '−' } else { '+' };
    let offset = match (seconds, minutes) {
        (0, _) => "UTC".to_owned(),
        (_, 0) => format!("UTC{sign}{hours}"),
        _ => format!("UTC{sign}{hours}:{minutes:02}"),
    };
    let between = if say.is_ja() { "、" } else { ", " };
    // A zone whose time has no letters of its own is abbreviated by its offset.
    let short =
        Some(info.abbreviation()).filter(|short| short.starts_with(|c: char| c.is_ascii_alphabetic()));
    let pieces = [
        Some(zone_name(say, name)),
        short.filter(|short| *short != offset).map(str::to_owned),
        Some(offset.clone()),
    ];
    pieces.into_iter().flatten().collect::<Vec<_>>().join(between)
}

/// Writes an instant as clocks in a zone show it.
fn clock(say: Say, instant: Timestamp, zone: &TimeZone) -> Html {
    let local = zone.to_datetime(instant);
    let text = say
        .text("lab-clock")
        .with("day", day(say.0, local.date()))
        .with("time", format!("{:02}:{:02}", local.hour(), local.minute()))
        .to_string();
    Html(format!("<time datetime=\"{instant}\">{}</time>", crate::pages::parts::escape(&text)))
}

fn row(scene: &Scene, told: &Told<'_, '_>) -> Row {
    let (say, case, duty) = (scene.say, told.case, told.duty);
    let zone = case.regime().time_zone();
    let name = zone.iana_name().unwrap_or("UTC");
    let japan = TimeZone::fixed(jiff::tz::offset(9));
    let due = match (told.until, &duty.due_because.qualitative) {
        (Some(until), words) => {
            let clock = clock(say, until, zone);
            let at = say
                .html("incident-until")
                .part("clock", clock)
                .with("zone", zone_on(say, name, zone, until))
                .html();
            match words {
                Some(words) => {
                    let words = say.word("qualitative", &words.replace(' ', "-"));
                    say.html("incident-both").with("words", words).part("until", at).html()
                }
                None => at,
            }
        }
        (None, Some(words)) => {
            let words = say.word("qualitative", &words.replace(' ', "-"));
            match duty.due_because.from {
                Some(from) => say
                    .html("due-so-far")
                    .with("words", words)
                    .count("days", days_between(from, case.as_of).max(0))
                    .html(),
                None => Html::text(words),
            }
        }
        (None, None) => due(scene, case, duty),
    };
    let tag = match duty.owed {
        Truth::True => Tag::computed("open", say.text("apply-owed")),
        _ => Tag::computed("unknown", say.text("apply-open-word")),
    };
    let rule = case.regime().duty(&duty.id);
    let what = rule.map_or(duty.id.as_str(), |rule| words(scene, &rule.text));
    let what = match duty.by {
        Party::Developer => what.to_owned(),
        other => {
            let party = say.word("party", other.as_str());
            say.text("apply-by").with("name", what).with("party", party).to_string()
        }
    };
    let addressee = rule.and_then(|rule| rule.addressee.as_ref());
    let addressee =
        addressee.map(|name| say.text("incident-to").with("name", words(scene, name)).to_string());
    Row {
        what: Html::text(what),
        addressee,
        law: law_link(scene, case.law),
        status: status_tag(scene, case.law),
        article: article_link(scene, case.law, &duty.article),
        japan: told.until.map(|until| clock(say, until, &japan)).unwrap_or_default(),
        due,
        tag,
        why: said(scene, case, |wording| wording.duty(duty)),
        how: in_words(scene, case, |wording| wording.due(duty)).map(|how| sentence_of(&how)),
    }
}

/// Returns what would settle what is open, first what settles most: of the incident, and of the model
/// and its developer.
fn open(
    scene: &Scene,
    laws: &Laws,
    answers: &Answers,
    told: &[Told<'_, '_>],
) -> (Vec<OpenLine>, Vec<OpenLine>) {
    let fields = fields(laws);
    let mut found: Vec<(String, Html, Vec<Html>)> = Vec::new();
    for told in told.iter().filter(|told| told.duty.by == Party::Developer) {
        let (case, duty) = (told.case, told.duty);
        let mut names: Vec<String> = Vec::new();
        if duty.owed == Truth::Undetermined {
            let goal = Goal::Duty(&duty.id);
            let sets = law::missing_sets(case.regime(), &case.settings, &case.record, case.as_of, goal);
            let smallest = sets.ok().and_then(|sets| sets.sets.into_iter().next()).unwrap_or_default();
            names.extend(smallest.missing.iter().map(ToString::to_string));
        }
        names.extend(duty.due_because.because.missing.iter().map(ToString::to_string));
        names.sort();
        names.dedup();
        let rule = case.regime().duty(&duty.id);
        let text = rule.map_or(duty.id.as_str(), |rule| words(scene, &rule.text));
        let title = words(scene, case.regime().title());
        let settles = scene.say.html("incident-settles").with("law", title).with("duty", text).html();
        for name in names {
            if let Some((_, _, list)) = found.iter_mut().find(|(known, ..)| *known == name) {
                list.push(settles.clone());
                continue;
            }
            let asked = name.split_once('.').map(|(_, attribute)| attribute);
            let field = asked.and_then(|attribute| fields.iter().find(|field| field.name == attribute));
            let label = match field {
                Some(field) => Html::text(words(scene, field.label)),
                None => open_label(scene, case, &name),
            };
            let href = match asked {
                Some(attribute) => format!("#i-{attribute}"),
                None => address(scene, "apply", &answers.of_some_law(), &[("ask", &name)]),
            };
            found.push((name, Html::link(&href, label), vec![settles.clone()]));
        }
    }
    found.sort_by_key(|(_, _, settles)| std::cmp::Reverse(settles.len()));
    let (incident, facts): (Vec<_>, Vec<_>) = found.into_iter().partition(|(name, ..)| name.contains('.'));
    let lines = |found: Vec<(String, Html, Vec<Html>)>| {
        found.into_iter().map(|(_, label, settles)| OpenLine { label, settles }).collect()
    };
    (lines(incident), lines(facts))
}

fn idle(scene: &Scene, case: &Case<'_>) -> IdleLine {
    IdleLine {
        name: law_link(scene, case.law),
        tag: coverage_tag(scene, case),
        sentence: said(scene, case, sentence),
    }
}
