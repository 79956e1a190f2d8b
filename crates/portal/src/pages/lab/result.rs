//! What a law makes of the answers: whether it applies, duties with their days, powers, penalties, and
//! what is still missing.

use askama::Template;
use law::{Because, Coverage, DutyResult, Goal, Party, Truth};

use super::{
    address, article_link, coverage_tag, in_words, law_link, said, sentence_of, settled, status_tag,
};
use crate::lab::answers::Answers;
use crate::lab::case::{Case, sentence};
use crate::pages::format::legal_day;
use crate::pages::parts::{Html, Tag};
use crate::pages::scene::Scene;
use crate::pages::standing::{fact_label, words};
use crate::pages::text::Say;
use crate::pages::why::{Roots, Why, anchor, why_of};

/// What one law makes of the answers.
#[derive(Template)]
#[template(path = "lab_verdict.html")]
pub(super) struct Verdict {
    say: Say,
    anchor: String,
    name: Html,
    status: Option<Tag>,
    tag: Tag,
    settled: Option<Html>,
    sentence: Html,
    class: Option<Html>,
    /// The reasons, step by step.
    tree: Option<Why>,
    duties: Vec<DutyLine>,
    of_state: Vec<DutyLine>,
    powers: Vec<ActLine>,
    penalties: Vec<ActLine>,
    missing: Option<Missing>,
    /// Where one says that one has joined a voluntary code.
    join: Option<String>,
    oscal: String,
}

impl askama::filters::HtmlSafe for Verdict {}

/// A duty.
pub(super) struct DutyLine {
    pub(super) name: Html,
    pub(super) article: Html,
    pub(super) tag: Tag,
    pub(super) due: Html,
    pub(super) how: Option<Html>,
    pub(super) why: Html,
}

/// A power or a penalty.
struct ActLine {
    name: Html,
    article: Html,
    tag: Tag,
    why: Html,
}

/// What would settle the answer.
struct Missing {
    /// Each a set of facts that settles it.
    sets: Vec<Vec<Html>>,
    others: usize,
    /// A letter that asks for the first of them.
    letter: Option<String>,
    law_open: Vec<Html>,
    law_more: usize,
}

/// Most sets that are shown, and most open points of the law.
const MAX_SETS: usize = 3;

/// Shows the laws: those that apply, those that may, those that do not.
pub(super) fn verdicts(scene: &Scene, found: &[Case<'_>], answers: &Answers) -> Vec<Verdict> {
    let mut order: Vec<&Case<'_>> = found.iter().collect();
    order.sort_by_key(|case| match case.assessment.coverage {
        Coverage::Covered => 0,
        Coverage::Undetermined => 1,
        Coverage::NotCovered => 2,
    });
    order.into_iter().map(|case| verdict(scene, case, answers)).collect()
}

fn verdict(scene: &Scene, case: &Case<'_>, answers: &Answers) -> Verdict {
    let found = &case.assessment;
    let owed = |duty: &&DutyResult| duty.owed != Truth::False;
    let line = |duty: &DutyResult| duty_line(scene, case, duty);
    let class = found.class.as_deref().and_then(|id| found.classes.iter().find(|class| class.id == id));
    let touches = found.coverage != Coverage::NotCovered;
    let act = |name: &law::Text, article: &str, truth: Truth, words_of: [&str; 3], why: Html| {
        let (kind, key) = match truth {
            Truth::True => ("open", words_of[0]),
            Truth::Undetermined => ("unknown", words_of[1]),
            Truth::False => ("later", words_of[2]),
        };
        ActLine {
            name: Html::text(words(scene, name)),
            article: article_link(scene, case.law, article),
            tag: Tag::computed(kind, scene.say.text(key)),
            why,
        }
    };
    let powers = found.powers.iter().filter(|power| power.available != Truth::False);
    let powers = powers.filter_map(|power| {
        let rule = case.regime().powers().iter().find(|rule| rule.id == power.id)?;
        let keys = ["apply-power-yes", "apply-open-word", "apply-power-no"];
        let why = said(scene, case, |wording| wording.power(power));
        Some(act(&rule.text, &power.article, power.available, keys, why))
    });
    let penalties = found.penalties.iter().filter(|_| touches).filter_map(|penalty| {
        let rule = case.regime().penalties().iter().find(|rule| rule.id == penalty.id)?;
        let keys = ["apply-penalty-yes", "apply-open-word", "apply-penalty-no"];
        let why = said(scene, case, |wording| match penalty.applies {
            // Its height is worth knowing before anything is done wrong.
            Truth::False => wording.amount(penalty).unwrap_or_else(|| wording.penalty(penalty)),
            _ => wording.penalty(penalty),
        });
        Some(act(&rule.text, &penalty.article, penalty.applies, keys, why))
    });
    Verdict {
        say: scene.say,
        anchor: anchor(case.id()),
        name: law_link(scene, case.law),
        status: status_tag(scene, case.law),
        tag: coverage_tag(scene, case),
        settled: settled(scene, case.law, answers),
        sentence: said(scene, case, sentence),
        class: class
            .filter(|_| found.force.is_in_force())
            .map(|class| said(scene, case, |wording| wording.class(class))),
        tree: found.force.is_in_force().then(|| tree(scene, case)),
        duties: case.of_developers().filter(owed).map(line).collect(),
        of_state: found
            .duties
            .iter()
            .filter(|duty| duty.by != Party::Developer && touches)
            .filter(owed)
            .map(line)
            .collect(),
        powers: powers.collect(),
        penalties: penalties.collect(),
        missing: missing(scene, case, answers),
        join: super::apply::to_join(scene, case, answers),
        oscal: oscal(case, answers),
    }
}

/// Returns where the assessment under one law can be saved for tools of compliance.
fn oscal(case: &Case<'_>, answers: &Answers) -> String {
    let one = Answers { law: Some(case.id().to_owned()), ..answers.clone() };
    format!("/api/v1/lab/apply{}", one.query(&[("format", "oscal")]))
}

/// Shows a duty: whether it is owed, until when, and why.
pub(super) fn duty_line(scene: &Scene, case: &Case<'_>, duty: &DutyResult) -> DutyLine {
    let say = scene.say;
    let name = case.regime().duty(&duty.id).map(|rule| words(scene, &rule.text));
    let party = match duty.by {
        Party::Developer => String::new(),
        other => say.word("party", other.as_str()),
    };
    let tag = match duty.owed {
        Truth::True => Tag::computed("open", say.text("apply-owed")),
        Truth::Undetermined => Tag::computed("unknown", say.text("apply-open-word")),
        Truth::False => Tag::computed("later", say.text("status-not-yet")),
    };
    DutyLine {
        name: Html::text(match (name, party.is_empty()) {
            (Some(name), true) => name.to_owned(),
            (Some(name), false) => say.text("apply-by").with("name", name).with("party", party).to_string(),
            (None, _) => duty.id.to_string(),
        }),
        article: article_link(scene, case.law, &duty.article),
        tag,
        due: due(scene, case, duty),
        how: in_words(scene, case, |wording| wording.due(duty)).map(|how| sentence_of(&how)),
        why: said(scene, case, |wording| wording.duty(duty)),
    }
}

/// Shows the day of a duty, or why there is none.
pub(super) fn due(scene: &Scene, case: &Case<'_>, duty: &DutyResult) -> Html {
    let say = scene.say;
    let reason = &duty.due_because;
    if let Some(day) = duty.due {
        return legal_day(say.0, day);
    }
    if reason.rule.is_none() {
        return say.html("due-none").html();
    }
    if !reason.because.unsettled.is_empty() {
        return say.html("due-unsettled").html();
    }
    let facts: Vec<Html> = reason.because.missing.iter().map(|name| open_label(scene, case, name)).collect();
    if !facts.is_empty() {
        return say.html("due-missing").part("facts", Html::join(facts, between(say))).html();
    }
    match &reason.qualitative {
        Some(rule) => Html::text(say.word("qualitative", &rule.replace(' ', "-"))),
        None => say.html("apply-due-later").html(),
    }
}

/// Stands between things of a list.
pub(super) fn between(say: Say) -> &'static str {
    if say.is_ja() { "、" } else { ", " }
}

/// Returns the label of what is open: a fact, or an attribute of a statement.
pub(super) fn open_label(scene: &Scene, case: &Case<'_>, name: &str) -> Html {
    match name.split_once('.') {
        Some((predicate, attribute)) => {
            let event = case.regime().events().get(predicate);
            let known = event.and_then(|event| event.attributes.get(attribute));
            Html::text(known.map_or(attribute, |known| words(scene, &known.label)))
        }
        None if case.regime().facts().iter().any(|fact| fact.name == name) => {
            fact_label(scene, case.regime(), name)
        }
        None => Html::text(super::kind_of(scene, name).unwrap_or_else(|| name.to_owned())),
    }
}

/// Says which answers would settle whether the law applies, or the class.
fn missing(scene: &Scene, case: &Case<'_>, answers: &Answers) -> Option<Missing> {
    let found = &case.assessment;
    if found.coverage == Coverage::NotCovered {
        return None;
    }
    let goal = if found.coverage == Coverage::Undetermined {
        Goal::Coverage
    } else {
        let open = case.regime().classes().iter().filter(|class| !class.auxiliary);
        let open = open.filter_map(|class| found.classes.iter().find(|result| result.id == class.id));
        Goal::Class(open.into_iter().find(|result| result.holds == Truth::Undetermined)?.id.as_str())
    };
    let known = law::missing_sets(case.regime(), &case.settings, &case.record, case.as_of, goal);
    let sets = known.map(|known| known.sets).unwrap_or_default();
    let shown = sets.iter().filter(|set| set.unsettled.is_empty()).take(MAX_SETS);
    let law_open: Vec<Html> = case
        .regime()
        .switches()
        .iter()
        .filter(|switch| found.unsettled.contains(switch.id.as_str()))
        .map(|switch| Html::text(words(scene, &switch.question)))
        .collect();
    let first = sets.iter().find(|set| !set.missing.is_empty());
    let letter = first.map(|set| in_words(scene, case, |wording| wording.request(&set.missing).letter));
    let shown: Vec<Vec<Html>> = shown.map(|set| set_of(scene, case, answers, set)).collect();
    Some(Missing {
        others: sets.len().saturating_sub(shown.len()),
        letter,
        sets: shown,
        law_more: law_open.len().saturating_sub(MAX_SETS),
        law_open: law_open.into_iter().take(MAX_SETS).collect(),
    })
}

/// Shows a set of facts, each with the way to answer it.
fn set_of(scene: &Scene, case: &Case<'_>, answers: &Answers, set: &Because) -> Vec<Html> {
    let names = set.missing.union(&set.disputed);
    let names = names.iter().map(|name| {
        let label = open_label(scene, case, name);
        if name.contains('.') {
            return label;
        }
        Html::link(&address(scene, "apply", answers, &[("ask", name)]), label)
    });
    names.collect()
}

/// Shows why the law covers the subject or not, step by step, down to the answers.
fn tree(scene: &Scene, case: &Case<'_>) -> Why {
    let title = match case.assessment.coverage {
        Coverage::Covered => "why-covered",
        Coverage::NotCovered => "why-not-covered",
        Coverage::Undetermined => "why-undetermined",
    };
    let regime = case.regime();
    let classes = &case.assessment.classes;
    let roots = Roots { regime, classes, day: case.as_of, adoption: None, is_visitors: true };
    let title = scene.say.html(title).html();
    let whole = why_of(scene, roots, &case.assessment.reason, &regime.coverage().article, title);
    Why { open: false, ..whole }
}
