//! The policy lab: a visitor tries laws out. Each page is a function of its address; what is entered is
//! neither stored nor logged.

pub(crate) mod apply;
pub(crate) mod compare;
pub(crate) mod incident;
pub(crate) mod matrix;
mod result;
pub(crate) mod simulate;

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use evidence::Language;
use law::{Coverage, FactSchema, FactValue, Force, Names, RegimeStatus, Wording};

use crate::at_hand::{Law, laws};
use crate::lab::answers::{ADOPTED, Answers, Laws, OPEN, is_named, text_of};
use crate::lab::case::{Case, Trouble};
use crate::lab::query::{Query, Wrong};

use super::format::{day, legal_day};
use super::frame::Frame;
use super::parts::{Html, Tag, escape};
use super::scene::Scene;
use super::standing::{value, words};
use super::text::Say;
use super::why;
use super::{Failure, Request, page};

/// Where the lab stands.
const LAB: &str = "lab";

#[derive(Template)]
#[template(path = "lab.html")]
struct Lab {
    frame: Frame,
    say: Say,
    doors: Vec<Door>,
}

/// A way into the lab.
struct Door {
    href: String,
    title: String,
    text: String,
}

pub(crate) async fn show(Path(language): Path<String>, request: Request) -> Response {
    page(&language, request, |scene| Ok(make(scene))).await
}

fn make(scene: &Scene) -> Lab {
    let say = scene.say;
    let door = |path: &str, title: &str, text: &str| Door {
        href: scene.href(&format!("{LAB}/{path}")),
        title: say.text(title).to_string(),
        text: say.text(text).to_string(),
    };
    let laws = laws(&scene.view);
    let frame = Frame::new(scene, "lab", say.text("lab-title").to_string()).rests_on_laws(
        scene,
        laws.values(),
        "/api/v1/regimes".to_owned(),
    );
    let doors = vec![
        door("apply", "apply-title", "apply-door"),
        door("incident", "incident-title", "incident-door"),
        door("matrix", "matrix-title", "matrix-door"),
        door("compare", "compare-title", "compare-door"),
        door("simulate", "simulate-title", "simulate-door"),
    ];
    Lab { frame, say, doors }
}

/// What a page of the lab is asked.
struct Lookup {
    laws: Laws,
    query: Query,
    answers: Answers,
}

/// Reads the address of a page of the lab.
fn look_up(scene: &Scene, commands: &[&str]) -> Result<Lookup, Failure> {
    let laws = laws(&scene.view);
    let query = Query::read(&scene.uri).map_err(|wrong| invalid(scene, &wrong))?;
    let answers = Answers::read(&query, &laws, commands).map_err(|wrong| invalid(scene, &wrong))?;
    Ok(Lookup { laws, query, answers })
}

#[derive(Template)]
#[template(path = "lab_wrong.html")]
struct WrongPage {
    frame: Frame,
    say: Say,
    text: String,
    again: String,
}

/// Shows what is wrong with an address that no form of ours makes.
fn invalid(scene: &Scene, wrong: &Wrong) -> Failure {
    let say = scene.say;
    let title = say.text("lab-wrong-title").to_string();
    let page = WrongPage {
        frame: below_lab(scene, Frame::new(scene, "lab", title)).elsewhere(&scene.path),
        say,
        text: named(say, wrong),
        again: format!("/{}/{}", say.tag(), scene.path),
    };
    match page.render() {
        Ok(page) => Failure::Invalid(page),
        Err(error) => Failure::Template(error),
    }
}

/// Says what is wrong, with the name in the address that it is about.
fn named(say: Say, wrong: &Wrong) -> String {
    let text = say.text(wrong.kind.key());
    if wrong.name.is_empty() {
        text.to_string()
    } else {
        say.text("lab-wrong-named").with("name", &wrong.name).with("text", text).to_string()
    }
}

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Engine(problem) => Self::Store(problem),
            Trouble::Wrong(wrong) => Self::Store(wrong.to_string()),
        }
    }
}

/// Says what went wrong while laws were applied.
fn failed(scene: &Scene, trouble: Trouble) -> Failure {
    match trouble {
        Trouble::Wrong(wrong) => invalid(scene, &wrong),
        other @ Trouble::Engine(_) => other.into(),
    }
}

/// Puts a page below the lab's first page.
fn below_lab(scene: &Scene, frame: Frame) -> Frame {
    frame.below(scene.say.html("nav-lab").html(), scene.href(LAB))
}

/// Returns the address of a page of the lab that holds the answers.
fn address(scene: &Scene, page: &str, answers: &Answers, more: &[(&str, &str)]) -> String {
    scene.href(&format!("{LAB}/{page}{}", answers.query(more)))
}

/// Returns what a form passes on unseen: all answers but those whose names are given.
fn hidden(answers: &Answers, but: &[&str]) -> Vec<(String, String)> {
    let is_kept = |name: &str| !but.iter().any(|but| is_named(but, name));
    answers.pairs().into_iter().filter(|(name, _)| is_kept(name)).collect()
}

/// Shows whether a law covers the subject; the edge says that it is computed.
fn coverage_tag(scene: &Scene, case: &Case<'_>) -> Tag {
    let say = scene.say;
    if case.assessment.force.is_in_force() && case.waits_for_joining() {
        return Tag::computed("later", say.text("lab-voluntary"));
    }
    match (case.assessment.force, case.assessment.coverage) {
        (Force::NotYet, _) => match case.assessment.in_force_from {
            Some(from) => Tag::computed("later", say.text("force-not-yet").with("from", day(say.0, from))),
            None => Tag::computed("later", say.text("lab-not-yet")),
        },
        (Force::Ended, _) => Tag::computed("later", say.text("lab-ended")),
        (Force::Suspended | Force::Preempted, _) => Tag::computed("later", say.text("lab-suspended")),
        (Force::InForce, Coverage::Covered) => Tag::computed("good", say.text("coverage-covered")),
        (Force::InForce, Coverage::NotCovered) => Tag::computed("later", say.text("coverage-not-covered")),
        (Force::InForce, Coverage::Undetermined) => {
            Tag::computed("unknown", say.text("coverage-undetermined"))
        }
    }
}

/// Returns the status of a law where it needs saying: drafts and codes are no law.
fn status_tag(scene: &Scene, law: &Law) -> Option<Tag> {
    match law.regime.status() {
        RegimeStatus::InForce => None,
        status => Some(super::law::status(scene, status)),
    }
}

/// Links to a law.
fn law_link(scene: &Scene, law: &Law) -> Html {
    let href = scene.href(&format!("laws/{}", law.regime.id()));
    Html::link(&href, Html::text(words(scene, law.regime.title())))
}

/// Links to an article.
fn article_link(scene: &Scene, law: &Law, article: &str) -> Html {
    why::article_link(scene, &law.regime, article)
}

/// Says how the open points of a law are settled here; none where it leaves none open.
fn settled(scene: &Scene, law: &Law, answers: &Answers) -> Option<Html> {
    let say = scene.say;
    if law.regime.switches().is_empty() {
        return None;
    }
    Some(match answers.setting(law.regime.id()) {
        None | Some(OPEN) => say.html("lab-set-open").html(),
        Some(ADOPTED) => say.html("lab-set-adopted").html(),
        Some(id) => {
            let preset = law.regime.presets().iter().find(|preset| preset.id == id);
            let name = preset.map_or(id, |preset| words(scene, &preset.label));
            say.html("lab-set-preset").with("name", name).html()
        }
    })
}

/// Shows a fact's value.
fn shown(scene: &Scene, schema: &FactSchema, given: &FactValue) -> Html {
    match given {
        FactValue::Unknown => Tag::signed("unknown", scene.say.text("not-known")).into(),
        other => value(scene, &schema.kind, &other.to_string()),
    }
}

/// Takes the numbers of entries out of a sentence about what a visitor says: nothing of it is on record.
fn without_entries(text: &str) -> String {
    let mut text = text.to_owned();
    for (open, close) in [(" (entry ", ')'), (" (entries ", ')'), ("（記録", '）')] {
        let mut from = 0;
        while let Some(at) = text[from..].find(open).map(|at| from + at) {
            let inside = at + open.len();
            let Some(end) = text[inside..].find(close).map(|end| inside + end) else { break };
            if text[inside..].starts_with(|c: char| c.is_ascii_digit()) {
                text.replace_range(at..end + close.len_utf8(), "");
                from = at;
            } else {
                from = inside;
            }
        }
    }
    text
}

/// Shows a sentence that the engine makes of a visitor's answers: powers of ten as powers.
fn sentence_of(text: &str) -> Html {
    let text = without_entries(text);
    let mut shown = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once("10^") {
        let digits = after.strip_prefix('-').unwrap_or(after);
        let digits = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
        let (power, after) = after.split_at(digits + usize::from(after.starts_with('-')));
        shown.push_str(&escape(before));
        if digits == 0 {
            shown.push_str("10^");
            rest = &rest[before.len() + 3..];
        } else {
            shown.extend(["10<sup>", power, "</sup>"]);
            rest = after;
        }
    }
    shown.push_str(&escape(rest));
    Html(shown)
}

/// The language of sentences that the engine makes.
fn engine_language(say: Say) -> law::Language {
    match say.0 {
        Language::Ja => law::Language::Ja,
        Language::En => law::Language::En,
    }
}

/// Names a kind of statement; none where it has no name.
fn kind_of(scene: &Scene, name: &str) -> Option<String> {
    Some(scene.kind(name)).filter(|known| known != name)
}

/// Names kinds of statements as pages do.
struct Sayings(BTreeMap<String, String>);

impl Sayings {
    fn new(scene: &Scene, case: &Case<'_>) -> Self {
        let names = case.regime().events().keys();
        Self(names.filter_map(|name| Some((name.clone(), kind_of(scene, name)?))).collect())
    }

    fn statement(&self, name: &str) -> Option<String> {
        self.0.get(name).cloned()
    }
}

/// Puts an assessment into a sentence.
fn said(scene: &Scene, case: &Case<'_>, say: impl FnOnce(&Wording<'_>) -> String) -> Html {
    sentence_of(&in_words(scene, case, say))
}

/// Puts an assessment into words.
fn in_words<T>(scene: &Scene, case: &Case<'_>, say: impl FnOnce(&Wording<'_>) -> T) -> T {
    let sayings = Sayings::new(scene, case);
    let statement = |name: &str| sayings.statement(name);
    let source = |source: &law::Source| {
        let entry = scene.say.text("lab-entry").count("index", source.entry);
        entry.to_string()
    };
    let names = Names { source: &source, statement: &statement };
    let language = engine_language(scene.say);
    say(&Wording::new(case.regime(), &case.settings, &case.assessment, language, names))
}

/// Shows what was answered, with a way to change it.
fn answered(scene: &Scene, laws: &Laws, answers: &Answers) -> Vec<Answered> {
    let say = scene.say;
    let change = |ask: &str| address(scene, "apply", answers, &[("ask", ask)]);
    let mut lines = Vec::new();
    let chosen = match answers.law.as_deref().and_then(|id| laws.get(id)) {
        Some(law) => Html::text(words(scene, law.regime.title())),
        None => say.html("lab-all").count("count", laws.len()).html(),
    };
    lines.push(Answered { label: Html::text(say.text("lab-law")), value: chosen, change: change("law") });
    lines.push(Answered {
        label: Html::text(say.text("lab-at")),
        value: match answers.at {
            Some(day) => legal_day(say.0, day),
            None => say.html("lab-today").html(),
        },
        change: change("at"),
    });
    for law in answers.scope(laws) {
        let id = law.regime.id();
        if let (Some(set), Some(_)) = (settled(scene, law, answers), answers.setting(id)) {
            lines.push(Answered {
                label: say.html("lab-settled").with("law", words(scene, law.regime.title())).html(),
                value: set,
                change: change(&format!("set.{id}")),
            });
        }
    }
    for (id, joined) in &answers.joined {
        let Some(law) = laws.get(id) else { continue };
        let value = match joined.day {
            Some(since) => say.html("lab-joined-since").part("day", legal_day(say.0, since)).html(),
            None => say.html("lab-not-joined").html(),
        };
        lines.push(Answered {
            label: say.html("lab-joined").with("law", words(scene, law.regime.title())).html(),
            value,
            change: change(&format!("joined.{id}")),
        });
    }
    for (name, given) in &answers.facts {
        let Some(schema) = crate::lab::answers::schema(laws, answers.law.as_deref(), name) else { continue };
        lines.push(Answered {
            label: Html::text(words(scene, &schema.label)),
            value: shown(scene, schema, given),
            change: change(name),
        });
    }
    lines
}

/// An answer that was given.
struct Answered {
    label: Html,
    value: Html,
    change: String,
}

/// Returns the text of a fact's value as forms hold it; empty where it is not known.
fn typed(given: Option<&FactValue>) -> String {
    given.filter(|value| **value != FactValue::Unknown).map(text_of).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_in_sentences_stand_raised_and_nothing_else_is_markup() {
        let shown = |text| sentence_of(text).0;
        assert_eq!(shown("5×10^25 FLOP > 10^25"), "5×10<sup>25</sup> FLOP &gt; 10<sup>25</sup>");
        assert_eq!(shown("10^-3 <b>"), "10<sup>-3</sup> &lt;b&gt;");
        assert_eq!(shown("10^x, 10^"), "10^x, 10^");
        assert_eq!(shown("filed (entry 0), x (Art. 1) and y (entries 1, 2)."), "filed, x (Art. 1) and y.");
        assert_eq!(
            shown("「事故」が記録されている（記録0番）ためです（第5条）。"),
            "「事故」が記録されているためです（第5条）。"
        );
    }
}
