//! "Does it apply to me?": one question at a time, only facts that still matter.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use law::{FactSchema, FactValue, Regime, ValueKind};

use crate::at_hand::Law;
use crate::lab::answers::{ADOPTED, ALL, Answers, Laws, OPEN, day, interval, schema, value_of};
use crate::lab::case::{Case, Question, Stage, as_of, asking, cases, next};
use crate::lab::joining::{self, Joined, can_be_joined};
use crate::lab::query::{Query, WrongKind};

use super::result::{self, Verdict};
use super::{
    Answered, Lookup, address, answered, below_lab, coverage_tag, failed, hidden, law_link, look_up,
    status_tag, typed,
};
use crate::pages::frame::Frame;
use crate::pages::parts::{Html, Tag};
use crate::pages::scene::Scene;
use crate::pages::standing::words;
use crate::pages::text::Say;
use crate::pages::why::attribute_value;
use crate::pages::{Failure, Request, page};

/// Names that only this page understands: what it shows, and the answer that a form sends.
const COMMANDS: [&str; 8] = ["ask", "answer", "v", "low", "high", "unknown", "with.", "view"];

#[derive(Template)]
#[template(path = "lab_apply.html")]
struct Apply {
    frame: Frame,
    say: Say,
    title: Html,
    is_start: bool,
    form: Option<Form>,
    laws: Vec<LawLine>,
    answers: Vec<Answered>,
    result: String,
    /// Whether there are questions left, and where they go on.
    more: bool,
    go_on: String,
    verdicts: Vec<Verdict>,
    exports: Vec<(String, String)>,
    /// The answers, as the desk takes them along.
    carried: String,
    incident: String,
    matrix: String,
    draft: bool,
}

/// The form of one question.
struct Form {
    /// What the answer is about, in the address.
    key: String,
    title: Html,
    hint: Html,
    hidden: Vec<(String, String)>,
    kind: Field,
    /// Why it is asked, and by which laws.
    why: Html,
    asking: Vec<Html>,
    wrong: Option<Mistake>,
}

/// How it is answered.
enum Field {
    Picks(Vec<Pick>),
    Figure {
        unit: String,
        exact: String,
        low: String,
        high: String,
        unknown: bool,
    },
    Day {
        value: String,
        unknown: Option<bool>,
    },
    Words {
        value: String,
        unknown: bool,
    },
    /// Since when a code was joined, or that it was not; and what else it asks of joining.
    Joining {
        value: String,
        never: bool,
        more: Vec<Extra>,
    },
}

/// Something else that is asked with a question.
struct Extra {
    name: String,
    label: Html,
    picks: Vec<Pick>,
}

/// One of several answers.
struct Pick {
    value: String,
    label: Html,
    hint: Html,
    checked: bool,
}

/// What is wrong with an answer, and the field that it is about.
struct Mistake {
    field: &'static str,
    text: String,
}

/// How a law stands so far.
struct LawLine {
    name: Html,
    status: Option<Tag>,
    tag: Tag,
    class: Html,
    open: Html,
}

pub(crate) async fn show(Path(language): Path<String>, request: Request) -> Response {
    page(&language, request, make).await
}

fn make(scene: &Scene) -> Result<Apply, Failure> {
    let Lookup { laws, query, answers } = look_up(scene, &COMMANDS)?;
    let mut mistake = None;
    if let Some(key) = query.get("answer") {
        match taken(scene, &query, key, &answers, &laws) {
            Ok(answers) => return Err(Failure::Moved(address(scene, "apply", &answers, &[]))),
            Err((field, kind)) => {
                mistake = Some((key, Mistake { field, text: scene.say.text(kind.key()).to_string() }));
            }
        }
    }
    let found = cases(&laws, &answers, scene.now.instant()).map_err(|trouble| failed(scene, trouble))?;
    let asked = mistake.as_ref().map(|(key, _)| *key).or_else(|| query.get("ask"));
    let mut form = match asked {
        Some(key) => Some(asked_for(scene, key, &answers, &laws, &found).ok_or(Failure::Missing)?),
        None if answers.law.is_none() => Some(choose_law(scene, &answers, &laws)),
        None if query.get("view") == Some("result") => None,
        None => next(&found, &answers).map(|question| match question {
            Question::Join(law) => join(scene, law, &answers),
            Question::Settle(law) => settle(scene, law, &answers),
            Question::Fact { schema, stage } => fact(scene, schema, Some(stage), &answers, &found),
        }),
    };
    if let (Some(form), Some((_, mistake))) = (&mut form, mistake) {
        typed_again(form, &query);
        form.wrong = Some(mistake);
    }
    Ok(draw(scene, &laws, &answers, &found, form, asked))
}

/// Makes the page.
fn draw(
    scene: &Scene,
    laws: &Laws,
    answers: &Answers,
    found: &[Case<'_>],
    form: Option<Form>,
    asked: Option<&str>,
) -> Apply {
    let say = scene.say;
    let is_start = answers.law.is_none();
    let name = if form.is_none() { "apply-result" } else { "apply-title" };
    let own = match (asked, &form) {
        (Some(key), _) => answers.query(&[("ask", key)]),
        (None, None) => answers.query(&[("view", "result")]),
        (None, Some(_)) => answers.query(&[]),
    };
    let json = format!("/api/v1/lab/apply{}", answers.query(&[]));
    let frame = below_lab(scene, Frame::new(scene, "lab", say.text(name).to_string()))
        .elsewhere(&format!("lab/apply{own}"))
        .rests_on_laws(scene, found.iter().map(|case| case.law), json);
    let export = |format: &str| {
        let query = answers.query(&[("format", format)]);
        (say.text(&format!("lab-save-{format}")).to_string(), format!("/api/v1/lab/apply{query}"))
    };
    let view: &[_] = if form.is_none() { &[("view", "result")] } else { &[] };
    Apply {
        title: say.html(name).html(),
        is_start,
        laws: if is_start {
            Vec::new()
        } else {
            found.iter().map(|case| law_line(scene, case, answers, view)).collect()
        },
        answers: if is_start { Vec::new() } else { answered(scene, laws, answers) },
        more: form.is_none() && next(found, answers).is_some(),
        go_on: address(scene, "apply", answers, &[]),
        result: address(scene, "apply", answers, &[("view", "result")]),
        verdicts: if form.is_none() { result::verdicts(scene, found, answers) } else { Vec::new() },
        carried: answers.query(&[]),
        exports: ["json", "csv"].into_iter().map(export).collect(),
        incident: address(scene, "incident", answers, &[]),
        matrix: address(scene, "matrix", answers, &[]),
        draft: found.iter().any(|case| case.regime().status() == law::RegimeStatus::Draft),
        frame,
        say,
        form,
    }
}

fn law_line(scene: &Scene, case: &Case<'_>, answers: &Answers, more: &[(&str, &str)]) -> LawLine {
    let say = scene.say;
    let found = &case.assessment;
    let class = found
        .class
        .as_deref()
        .and_then(|id| case.regime().classes().iter().find(|class| class.id == id))
        .map(|class| Html::text(words(scene, &class.text)));
    let because = &found.coverage_because;
    let mut open = Vec::new();
    if !because.missing.is_empty() {
        open.push(say.html("because-missing-count").count("count", because.missing.len()).html());
    }
    if !because.unsettled.is_empty() {
        open.push(say.html("because-unsettled").count("count", because.unsettled.len()).html());
    }
    if let Some(href) = to_join(scene, case, answers) {
        open.push(Html::link(&href, say.html("lab-we-joined").html()));
    }
    // A law that is to come can be asked about as of its first day.
    if let (law::Force::NotYet, Some(from)) = (found.force, found.in_force_from) {
        let then = Answers { at: Some(from), ..answers.clone() };
        let href = address(scene, "apply", &then, more);
        open.push(Html::link(&href, say.html("apply-on-first-day").html()));
    }
    LawLine {
        name: law_link(scene, case.law),
        status: status_tag(scene, case.law),
        tag: coverage_tag(scene, case),
        class: class.unwrap_or_default(),
        open: Html::join(open, "<br>"),
    }
}

/// Takes the answer that a form sent; else the field that is wrong, and what is wrong with it.
fn taken(
    scene: &Scene,
    query: &Query,
    key: &str,
    answers: &Answers,
    laws: &Laws,
) -> Result<Answers, (&'static str, WrongKind)> {
    let given = query.get("v");
    let field = |kind| ("v", kind);
    let answers = answers.clone();
    if key == "law" {
        return match given {
            Some(id) if id == ALL || laws.contains_key(id) => {
                Ok(Answers { law: Some(id.to_owned()), ..answers })
            }
            Some(_) => Err(field(WrongKind::NoLaw)),
            None => Err(field(WrongKind::Empty)),
        };
    }
    if key == "at" {
        let at = given.map(|text| day(text).ok_or(field(WrongKind::Day))).transpose()?;
        return Ok(Answers { at, ..answers });
    }
    if let Some(id) = key.strip_prefix("set.") {
        let law = laws.get(id).ok_or(field(WrongKind::NoLaw))?;
        let set = given.ok_or(field(WrongKind::Empty))?;
        let known = set == OPEN
            || (set == ADOPTED && law.adopted.is_some())
            || law.regime.presets().iter().any(|preset| preset.id == set);
        return if known { Ok(answers.settling(id, set)) } else { Err(field(WrongKind::NoPreset)) };
    }
    if let Some(id) = key.strip_prefix("joined.") {
        let law = laws.get(id).filter(|law| can_be_joined(&law.regime)).ok_or(field(WrongKind::NoLaw))?;
        let mut joined = Joined::default();
        match (given, query.get("unknown").is_some()) {
            (None, true) => {}
            (Some(text), false) => joined.take(&law.regime, None, text).map_err(field)?,
            _ => return Err(field(WrongKind::Day)),
        }
        if joined.day > Some(as_of(&law.regime, &answers, scene.now.instant())) {
            return Err(field(WrongKind::Later));
        }
        for (name, _) in joining::asked(&law.regime) {
            if let Some(value) = query.get(&format!("with.{name}")) {
                joined.take(&law.regime, Some(name), value).map_err(field)?;
            }
        }
        return Ok(answers.joining(id, joined));
    }
    let schema = schema(laws, answers.law.as_deref(), key).ok_or(field(WrongKind::Unknown))?;
    let (low, high) = (query.get("low"), query.get("high"));
    let value = match (given, low.or(high), query.get("unknown").is_some()) {
        (None, None, true) => FactValue::Unknown,
        (None, None, false) => return Err(field(WrongKind::Empty)),
        (Some(text), None, false) => value_of(schema, text).map_err(field)?,
        (None, Some(_), false) => {
            let wrong = |kind| (if kind == WrongKind::Ends || low.is_none() { "high" } else { "low" }, kind);
            interval(schema, low.unwrap_or_default(), high.unwrap_or_default()).map_err(wrong)?
        }
        _ => return Err(field(WrongKind::Both)),
    };
    Ok(answers.saying(key, value))
}

/// Shows what the visitor typed beside what is wrong with it.
fn typed_again(form: &mut Form, query: &Query) {
    let typed = |name: &str| query.get(name).unwrap_or_default().to_owned();
    let said_unknown = query.get("unknown").is_some();
    match &mut form.kind {
        Field::Picks(picks) => {
            for pick in picks {
                pick.checked = query.get("v") == Some(&pick.value);
            }
        }
        Field::Figure { exact, low, high, unknown, .. } => {
            (*exact, *low, *high) = (typed("v"), typed("low"), typed("high"));
            *unknown = said_unknown;
        }
        Field::Day { value, unknown } => {
            *value = typed("v");
            *unknown = unknown.map(|_| said_unknown);
        }
        Field::Words { value, unknown } => (*value, *unknown) = (typed("v"), said_unknown),
        Field::Joining { value, never, more } => {
            (*value, *never) = (typed("v"), said_unknown);
            for extra in more {
                let said = query.get(&format!("with.{}", extra.name)).unwrap_or("unknown");
                extra.picks.iter_mut().for_each(|pick| pick.checked = pick.value == said);
            }
        }
    }
}

/// Makes the form of a question that was asked for by name.
fn asked_for(scene: &Scene, key: &str, answers: &Answers, laws: &Laws, found: &[Case<'_>]) -> Option<Form> {
    let say = scene.say;
    if key == "law" {
        return Some(choose_law(scene, answers, laws));
    }
    if key == "at" {
        let value = answers.at.map(|day| day.to_string()).unwrap_or_default();
        return Some(Form {
            key: key.to_owned(),
            title: say.html("apply-at").html(),
            hint: say.html("apply-at-hint").html(),
            hidden: hidden(answers, &["at"]),
            kind: Field::Day { value, unknown: None },
            why: say.html("apply-at-why").html(),
            asking: Vec::new(),
            wrong: None,
        });
    }
    if let Some(id) = key.strip_prefix("set.") {
        return laws.get(id).map(|law| settle(scene, law, answers));
    }
    if let Some(id) = key.strip_prefix("joined.") {
        let law = laws.get(id).filter(|law| can_be_joined(&law.regime));
        return law.map(|law| join(scene, law, answers));
    }
    schema(laws, answers.law.as_deref(), key).map(|schema| fact(scene, schema, None, answers, found))
}

fn choose_law(scene: &Scene, answers: &Answers, laws: &Laws) -> Form {
    let say = scene.say;
    let mut picks = vec![Pick {
        value: ALL.to_owned(),
        label: say.html("apply-all").count("count", laws.len()).html(),
        hint: say.html("apply-all-hint").html(),
        checked: answers.law.as_deref() == Some(ALL),
    }];
    picks.extend(Answers::default().scope(laws).into_iter().map(|law| Pick {
        value: law.regime.id().to_owned(),
        label: Html::text(words(scene, law.regime.title())),
        hint: standing_of(scene, &law.regime),
        checked: answers.law.as_deref() == Some(law.regime.id()),
    }));
    Form {
        key: "law".to_owned(),
        title: say.html("apply-which").html(),
        hint: Html::default(),
        hidden: hidden(answers, &["law"]),
        kind: Field::Picks(picks),
        why: Html::default(),
        asking: Vec::new(),
        wrong: None,
    }
}

/// Says where a law applies and whether it is law.
fn standing_of(scene: &Scene, regime: &Regime) -> Html {
    let say = scene.say;
    let today = regime.time_zone().to_datetime(scene.now.instant()).date();
    let status = match (regime.status(), regime.force_on(today)) {
        (law::RegimeStatus::Draft, _) => say.text("law-draft"),
        (law::RegimeStatus::Voluntary, _) => say.text("law-voluntary"),
        (law::RegimeStatus::InForce, law::Force::InForce) => say.text("law-in-force"),
        (law::RegimeStatus::InForce, law::Force::NotYet) => say.text("lab-not-yet"),
        (law::RegimeStatus::InForce, law::Force::Ended) => say.text("lab-ended"),
        (law::RegimeStatus::InForce, _) => say.text("lab-suspended"),
    };
    let place = say.word("jurisdiction", regime.jurisdiction());
    say.html("apply-law-hint").with("where", place).with("status", status).html()
}

/// Returns where one says that one has joined a code that applies to those who join it.
pub(super) fn to_join(scene: &Scene, case: &Case<'_>, answers: &Answers) -> Option<String> {
    let ask = format!("joined.{}", case.id());
    case.waits_for_joining().then(|| address(scene, "apply", answers, &[("ask", &ask)]))
}

fn join(scene: &Scene, law: &Law, answers: &Answers) -> Form {
    let say = scene.say;
    let id = law.regime.id();
    let key = format!("joined.{id}");
    let said = answers.joined(id);
    let more = joining::asked(&law.regime).map(|(name, schema)| {
        let now = said.and_then(|said| said.with.get(name)).map_or("unknown", String::as_str);
        let pick = |value: &str, label: Html| Pick {
            value: value.to_owned(),
            label,
            hint: Html::default(),
            checked: now == value,
        };
        let mut picks: Vec<Pick> = schema
            .values
            .iter()
            .map(|value| pick(&value.id, Html::text(attribute_value(scene, value))))
            .collect();
        picks.push(pick("unknown", say.html("apply-unknown").html()));
        let label = words(scene, &schema.label);
        Extra { name: name.to_owned(), label: Html::text(label), picks }
    });
    Form {
        title: say.html("apply-join").with("law", words(scene, law.regime.title())).html(),
        hint: say.html("apply-join-hint").html(),
        hidden: hidden(answers, &[&key, &format!("{key}.")]),
        kind: Field::Joining {
            value: said.and_then(|said| said.day).map(|day| day.to_string()).unwrap_or_default(),
            never: said.is_some_and(|said| said.day.is_none()),
            more: more.collect(),
        },
        key,
        why: say.html("apply-join-why").html(),
        asking: vec![super::law_link(scene, law)],
        wrong: None,
    }
}

fn settle(scene: &Scene, law: &Law, answers: &Answers) -> Form {
    let say = scene.say;
    let id = law.regime.id();
    let set = answers.setting(id);
    let mut picks: Vec<Pick> = law
        .regime
        .presets()
        .iter()
        .map(|preset| Pick {
            value: preset.id.clone(),
            label: Html::text(words(scene, &preset.label)),
            hint: preset.reasoning.as_ref().map(|why| Html::text(words(scene, why))).unwrap_or_default(),
            checked: set == Some(preset.id.as_str()),
        })
        .collect();
    if law.adopted.is_some() {
        picks.push(Pick {
            value: ADOPTED.to_owned(),
            label: say.html("apply-set-adopted").html(),
            hint: say.html("apply-set-adopted-hint").html(),
            checked: set == Some(ADOPTED),
        });
    }
    picks.push(Pick {
        value: OPEN.to_owned(),
        label: say.html("apply-set-open").html(),
        hint: say.html("apply-set-open-hint").html(),
        checked: set == Some(OPEN),
    });
    let key = format!("set.{id}");
    let switches = scene.href(&format!("laws/{id}#switches"));
    Form {
        title: say.html("apply-settle").with("law", words(scene, law.regime.title())).html(),
        hint: say.html("apply-settle-hint").count("count", law.regime.switches().len()).html(),
        hidden: hidden(answers, &[&key]),
        key,
        kind: Field::Picks(picks),
        why: say.html("apply-settle-why").html(),
        asking: vec![Html::link(&switches, say.html("apply-settle-see").html())],
        wrong: None,
    }
}

fn fact(
    scene: &Scene,
    schema: &FactSchema,
    stage: Option<Stage>,
    answers: &Answers,
    found: &[Case<'_>],
) -> Form {
    let say = scene.say;
    let given = answers.fact(&schema.name);
    let unknown = given == Some(&FactValue::Unknown);
    let text = typed(given);
    let pick = |value: &str, label: Html| Pick {
        value: value.to_owned(),
        label,
        hint: Html::default(),
        checked: text == value,
    };
    let unknown_pick = Pick {
        value: "unknown".to_owned(),
        label: say.html("apply-unknown").html(),
        hint: say.html("apply-unknown-hint").html(),
        checked: unknown,
    };
    let kind = match &schema.kind {
        ValueKind::Boolean => Field::Picks(vec![
            pick("true", Html::text(say.word("value", "true"))),
            pick("false", Html::text(say.word("value", "false"))),
            unknown_pick,
        ]),
        ValueKind::Choice { values } | ValueKind::Choices { values } => {
            let picks = values.iter().map(|choice| pick(&choice.id, Html::text(words(scene, &choice.label))));
            Field::Picks(picks.chain([unknown_pick]).collect())
        }
        ValueKind::Number { unit } => {
            let unit = unit.as_ref().map(|unit| say.word("unit", unit)).unwrap_or_default();
            let (exact, low, high) = match text.split_once("..") {
                Some((low, high)) => (String::new(), low.to_owned(), high.to_owned()),
                None => (text, String::new(), String::new()),
            };
            Field::Figure { unit, exact, low, high, unknown }
        }
        ValueKind::Date => Field::Day { value: text, unknown: Some(unknown) },
        ValueKind::Text | ValueKind::Period => Field::Words { value: text, unknown },
    };
    Form {
        key: schema.name.clone(),
        title: Html::text(words(scene, &schema.label)),
        hint: schema.help.as_ref().map(|help| Html::text(words(scene, help))).unwrap_or_default(),
        hidden: hidden(answers, &[&format!("f.{}", schema.name)]),
        kind,
        why: stage.map(|stage| say.html(stage.key()).html()).unwrap_or_default(),
        asking: asking(found, &schema.name).iter().map(|case| law_link(scene, case.law)).collect(),
        wrong: None,
    }
}
