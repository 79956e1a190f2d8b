//! The tree of reasons: from a sentence down to the fact, who said it, the article, the signature.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use askama::Template;
use evidence::{Digest, Predicate};
use jiff::civil::Date;
use law::{Reason, Regime, Truth};
use register::state::Recorded;

use super::boards::Board;
use super::condition::phrase;
use super::format::{figure, short_day};
use super::parts::{Html, Tag};
use super::scene::Scene;
use super::standing::{fact_label, value, words};
use super::text::Say;

/// One node of the tree, as it is shown.
#[derive(Template)]
#[template(path = "why.html")]
pub(crate) struct Why {
    pub(crate) say: Say,
    /// What came out; none on a sentence that states it itself.
    pub(crate) tag: Option<Tag>,
    pub(crate) title: Html,
    pub(crate) open: bool,
    /// Whether what stands below was signed by someone.
    pub(crate) signed: bool,
    pub(crate) chains: Vec<Chain>,
    pub(crate) note: Html,
    pub(crate) children: Vec<Why>,
    /// The facts and entries that it rests on; empty where it rests on settings alone.
    pub(crate) evidence: Evidence,
}

/// Names of facts, numbers of entries.
type Evidence = BTreeSet<String>;

impl askama::filters::HtmlSafe for Why {}

/// From a fact to who said it to the article that looks at it.
pub(crate) struct Chain {
    pub(crate) fact: Html,
    pub(crate) who: Html,
    pub(crate) article: Html,
}

/// Most levels of a tree that are shown.
const MAX_DEPTH: usize = 12;
/// Levels down to which the first reason stands open.
const OPEN_DEPTH: usize = 3;

/// Returns the parts that decide a result: those that hold or fail as it does.
fn decisive<'r>(parts: &[&'r Reason], any: bool, truth: Truth) -> Vec<&'r Reason> {
    let decides = |part: &Reason| match (parts.len(), any, truth) {
        (0 | 1, ..) | (_, true, Truth::False) | (_, false, Truth::True) => true,
        (_, true, Truth::Undetermined) => part.truth == Truth::Undetermined,
        (_, false, Truth::Undetermined) => part.truth != Truth::True,
        (_, true, Truth::True) => part.truth == Truth::True,
        (_, false, Truth::False) => part.truth == Truth::False,
    };
    parts.iter().copied().filter(|part| decides(part)).collect()
}

/// What the reasons of a tree belong to.
#[derive(Clone, Copy)]
pub(crate) struct Roots<'t> {
    pub(crate) regime: &'t Regime,
    pub(crate) classes: &'t [law::ClassResult],
    /// The day of the assessment.
    pub(crate) day: Date,
    /// The statement that settles the open points.
    pub(crate) adoption: Option<&'t Digest>,
    /// Whether the facts are what a visitor said, not what is on record.
    pub(crate) is_visitors: bool,
}

/// What a tree is drawn from.
struct Tree<'t> {
    scene: &'t Scene,
    roots: Roots<'t>,
    /// Classes whose reasons stand in the tree already, with what they rest on: each is shown once,
    /// so that a tree stays as small as its rules.
    shown: RefCell<BTreeMap<String, Evidence>>,
}

/// Draws the reason for a result. `title` is the sentence that stands on top.
pub(crate) fn why(scene: &Scene, board: &Board, reason: &Reason, article: &str, title: Html) -> Why {
    let roots = Roots {
        regime: &board.advice.regime,
        classes: &board.advice.assessment.classes,
        day: board.day,
        adoption: Some(&board.advice.adopted.adoption),
        is_visitors: false,
    };
    why_of(scene, roots, reason, article, title)
}

/// Draws the reason for a result of a law that is tried out.
pub(crate) fn why_of(scene: &Scene, roots: Roots<'_>, reason: &Reason, article: &str, title: Html) -> Why {
    let tree = Tree { scene, roots, shown: RefCell::default() };
    let below = tree.node(reason, article, 1, true);
    Why { tag: None, title, open: true, children: vec![below], ..Why::bare(scene.say) }
}

impl Why {
    /// Returns a node with nothing in it.
    pub(crate) fn bare(say: Say) -> Self {
        Self {
            say,
            tag: None,
            title: Html::default(),
            open: false,
            signed: false,
            chains: Vec::new(),
            note: Html::default(),
            children: Vec::new(),
            evidence: Evidence::new(),
        }
    }
}

/// Tells whether the outermost parts of a condition are joined by a word.
pub(crate) fn joined_by(condition: &str, word: &str) -> bool {
    let mut depth = 0_i32;
    let mut quoted = false;
    let mut current = String::new();
    for character in condition.chars().chain([' ']) {
        match character {
            '\'' => quoted = !quoted,
            '(' | '[' if !quoted => depth += 1,
            ')' | ']' if !quoted => depth -= 1,
            _ => {}
        }
        if depth == 0 && !quoted && (character.is_alphanumeric() || "_-".contains(character)) {
            current.push(character);
        } else {
            if current == word {
                return true;
            }
            current.clear();
        }
    }
    false
}

impl Tree<'_> {
    fn regime(&self) -> &Regime {
        self.roots.regime
    }

    fn node(&self, reason: &Reason, above: &str, depth: usize, open: bool) -> Why {
        let say = self.scene.say;
        let article = reason.article.as_deref().unwrap_or(above);
        let condition = bare(&reason.condition);
        let tag = match reason.truth {
            Truth::True => Tag::computed("good", say.text("truth-true")),
            Truth::False => Tag::computed("later", say.text("truth-false")),
            Truth::Undetermined => Tag::computed("unknown", say.text("truth-undetermined")),
        };
        let class = condition.strip_prefix("class(").and_then(|rest| rest.strip_suffix(')'));
        let earlier = class.and_then(|id| self.shown.borrow().get(id).cloned());
        let results = self.roots.classes;
        // A class that is only named here is shown with its own reasons.
        let unfolded = class
            .filter(|_| earlier.is_none() && reason.children.is_empty())
            .and_then(|id| results.iter().find(|class| class.id == id))
            .map(|class| &*class.reason);
        let parts: Vec<&Reason> = unfolded.into_iter().chain(&reason.children).collect();
        let any = joined_by(&condition, "or");
        let decisive = decisive(&parts, any, reason.truth);
        if let [only] = decisive[..]
            && parts.len() > 1
        {
            return self.node(only, article, depth, open);
        }
        let mut children: Vec<Why> = Vec::new();
        let mut evidence = earlier.clone().unwrap_or_default();
        let mut left_out = decisive.len() < parts.len();
        for part in decisive.iter().filter(|_| depth < MAX_DEPTH) {
            let child =
                self.node(part, article, depth + 1, open && children.is_empty() && depth < OPEN_DEPTH);
            // Of alternatives that all hold, one that rests on nothing new says nothing new.
            let repeats = any && reason.truth == Truth::True && child.evidence.is_subset(&evidence);
            if repeats && !children.is_empty() {
                left_out = true;
                continue;
            }
            evidence.extend(child.evidence.iter().cloned());
            children.push(child);
        }
        if parts.len() > 1 && children.len() == 1 {
            return children.remove(0);
        }
        let negated = condition.starts_with("not ") && children.len() == 1;
        let mut title = if parts.len() > 1 {
            say.html(if any { "why-any" } else { "why-all" }).html()
        } else {
            phrase(self.scene, self.regime(), self.roots.day, &condition)
        };
        let mut chains = self.chains(reason, article);
        evidence.extend(reason.facts.iter().map(|fact| fact.name.to_string()));
        evidence.extend(reason.events.iter().map(|event| event.entry.to_string()));
        let mut note = if left_out { say.html("why-decisive").html() } else { Html::default() };
        if children.len() == 1 && chains.is_empty() {
            // A step with nothing of its own stands on one line with the next.
            let only = children.remove(0);
            title = if negated {
                say.html("why-not").part("phrase", only.title).html()
            } else if only.children.is_empty() || only.title == title {
                title
            } else {
                say.html("why-through").part("phrase", title).part("reason", only.title).html()
            };
            chains = only.chains;
            children = only.children;
            note = only.note;
        } else if parts.len() > 1 && !any {
            children = self.settings_last(children);
        }
        if chains.is_empty() && children.is_empty() {
            chains.push(Chain {
                fact: phrase(self.scene, self.regime(), self.roots.day, &condition),
                who: say
                    .html(match (&earlier, reason.truth) {
                        (Some(_), _) => "chain-above",
                        (None, Truth::False) if condition.starts_with("event(") => "chain-absent",
                        (None, _) => "chain-rule",
                    })
                    .html(),
                article: self.article(article),
            });
        }
        children.extend(self.signatures(reason));
        // What a visitor says is signed by nobody.
        let signed = !chains.is_empty() && !self.roots.is_visitors;
        if let Some(id) = class {
            self.shown.borrow_mut().entry(id.to_owned()).or_insert_with(|| evidence.clone());
        }
        Why { say, tag: Some(tag), title, open, signed, chains, note, children, evidence }
    }

    /// Puts conditions that rest on settings alone together, after those that rest on evidence.
    fn settings_last(&self, children: Vec<Why>) -> Vec<Why> {
        let say = self.scene.say;
        let (settings, mut kept): (Vec<Why>, Vec<Why>) =
            children.into_iter().partition(|child| child.evidence.is_empty());
        if kept.is_empty() || settings.is_empty() {
            kept.extend(settings);
            return kept;
        }
        if let Some(first) = kept.first_mut() {
            first.open |= settings.first().is_some_and(|child| child.open);
        }
        let title = say.html("why-settings").count("count", settings.len()).html();
        let settings = settings.into_iter().map(|child| Why { open: false, ..child }).collect();
        kept.push(Why { title, children: settings, ..Why::bare(say) });
        kept
    }

    fn chains(&self, reason: &Reason, article: &str) -> Vec<Chain> {
        let (scene, say) = (self.scene, self.scene.say);
        let mut chains = Vec::new();
        let between = if say.is_ja() { "、" } else { ", " };
        let settled =
            Html::join(reason.switches.iter().map(|used| self.switch(used)).collect::<Vec<_>>(), "<br>");
        for used in &reason.facts {
            let label = fact_label(scene, self.regime(), &used.name);
            let schema = self.regime().facts().iter().find(|fact| fact.name == used.name);
            let shown = match (&used.value, schema) {
                (None, _) => Html(Tag::signed("unknown", say.text("not-known")).to_string()),
                (Some(text), _) if text == "unknown" => {
                    Html(Tag::signed("unknown", say.text("not-known")).to_string())
                }
                (Some(text), Some(schema)) => value(scene, &schema.kind, text),
                (Some(text), None) => figure(say, text),
            };
            let several = used.stated.len() > 1;
            let sources: Vec<Html> = used
                .stated
                .iter()
                .map(|stated| {
                    let who = match scene.register().at_index(stated.source.entry) {
                        Some(recorded) => {
                            Html(format!("{}<br>{}", scene.issuer(recorded), scene.entry(recorded)))
                        }
                        None => scene.entry_at(stated.source.entry),
                    };
                    // Where statements differ, each stands with what it says.
                    match schema.filter(|_| several) {
                        Some(schema) => {
                            Html(format!("{who}<br>{}", value(scene, &schema.kind, &stated.value)))
                        }
                        None => who,
                    }
                })
                .collect();
            chains.push(Chain {
                fact: say.html("chain-fact").part("label", label).part("value", shown).html(),
                who: match (sources.is_empty(), self.roots.is_visitors, &used.value) {
                    (false, ..) => Html::join(sources, "<br>"),
                    (true, true, Some(_)) => say.html("chain-visitor").html(),
                    (true, true, None) => say.html("chain-not-answered").html(),
                    (true, false, _) => say.html("chain-nobody").html(),
                },
                article: Html::join(
                    [self.article(article), settled.clone()].into_iter().filter(|piece| !piece.is_empty()),
                    "<br>",
                ),
            });
        }
        for used in &reason.events {
            // What a visitor says is no entry of the register.
            let recorded = scene.register().at_index(used.entry).filter(|_| !self.roots.is_visitors);
            let day = recorded.map(|recorded| short_day(super::format::japanese_day(recorded.arrived_at)));
            chains.push(Chain {
                fact: Html::join(
                    [Some(Html::text(scene.kind(&used.predicate))), day].into_iter().flatten(),
                    between,
                ),
                who: match recorded {
                    Some(recorded) => {
                        Html(format!("{}<br>{}", scene.issuer(recorded), scene.entry(recorded)))
                    }
                    None if self.roots.is_visitors => say.html("chain-visitor").html(),
                    None => scene.entry_at(used.entry),
                },
                article: self.article(article),
            });
        }
        if chains.is_empty() && !settled.is_empty() {
            chains.push(Chain { fact: settled, who: self.adoption(), article: self.article(article) });
        }
        chains
    }

    /// Shows a switch: the question, and how it is settled here.
    fn switch(&self, used: &law::SwitchUsed) -> Html {
        let say = self.scene.say;
        let known = self.regime().switches().iter().find(|switch| switch.id == used.id);
        let question = known
            .map_or_else(|| Html::text(&used.id), |known| Html::text(words(self.scene, &known.question)));
        match (&used.value, known) {
            (Some(text), Some(known)) => {
                let shown = value(self.scene, &known.kind, text);
                say.html("switch-set").part("question", question).part("value", shown).html()
            }
            _ => say.html("switch-open").part("question", question).html(),
        }
    }

    /// Shows who settled the open points here.
    fn adoption(&self) -> Html {
        match self.roots.adoption.and_then(|adoption| self.scene.register().recorded(adoption)) {
            Some(recorded) => {
                Html(format!("{}<br>{}", self.scene.issuer(recorded), self.scene.entry(recorded)))
            }
            None if self.roots.is_visitors => self.scene.say.html("chain-setting").html(),
            None => Html::default(),
        }
    }

    fn article(&self, article: &str) -> Html {
        article_link(self.scene, self.regime(), article)
    }

    /// Shows who signed the statements that a condition rests on.
    fn signatures(&self, reason: &Reason) -> Vec<Why> {
        if self.roots.is_visitors {
            return Vec::new();
        }
        let register = self.scene.register();
        let events = reason.events.iter().map(|event| event.entry);
        let sources =
            reason.facts.iter().flat_map(|fact| fact.stated.iter().map(|stated| stated.source.entry));
        let mut entries: Vec<u64> = events.chain(sources).collect();
        entries.sort_unstable();
        entries.dedup();
        let found = entries.iter().filter_map(|index| register.at_index(*index));
        found.take(4).map(|recorded| self.signature(recorded)).collect()
    }

    fn signature(&self, recorded: &Arc<Recorded>) -> Why {
        let (scene, say) = (self.scene, self.scene.say);
        let approvals: Vec<Html> = approvals(scene, recorded)
            .map(|approval| {
                say.html("signed-approval")
                    .with("holder", &approval.statement.common().holder)
                    .part("entry", scene.entry(approval))
                    .html()
            })
            .collect();
        let mut note = say
            .html("signed-by")
            .part("issuer", scene.issuer(recorded))
            .with("holder", &recorded.statement.common().holder)
            .html();
        for approval in approvals {
            note = Html(format!("{note} {approval}"));
        }
        let tag = Tag::signed("good", say.text("check-signature"));
        let link = Html::link(
            &scene.href(&format!("statements/{}", recorded.statement.digest())),
            say.html("see-signature").count("index", recorded.index).html(),
        );
        Why {
            title: say.html("who-signed-entry").count("index", recorded.index).html(),
            signed: true,
            note: Html(format!("{note} {tag} {link}")),
            ..Why::bare(say)
        }
    }
}

/// Returns the approvals of an act.
pub(crate) fn approvals<'s>(scene: &'s Scene, act: &Recorded) -> impl Iterator<Item = &'s Arc<Recorded>> {
    let found: Vec<_> = scene
        .register()
        .about(&act.statement.digest())
        .filter(|recorded| matches!(recorded.statement.predicate(), Predicate::Approval(_)))
        .collect();
    found.into_iter()
}

/// Returns the address of an article on its law's page.
pub(crate) fn article_href(scene: &Scene, regime: &str, article: &str) -> String {
    scene.href(&format!("laws/{regime}#{}", anchor(article)))
}

/// Names an article as it is cited in the reader's language.
pub(crate) fn cited(scene: &Scene, regime: &Regime, article: &str) -> Html {
    let language = if scene.say.is_ja() { law::Language::Ja } else { law::Language::En };
    Html::text(regime.article(article).map_or(article, |known| known.cited(language)))
}

/// Links to an article, as it is cited in the reader's language.
pub(crate) fn article_link(scene: &Scene, regime: &Regime, article: &str) -> Html {
    Html::link(&article_href(scene, regime.id(), article), cited(scene, regime, article))
}

/// Makes an anchor of an article's name: letters and digits of it, the rest as hyphens.
pub(crate) fn anchor(article: &str) -> String {
    let mut anchor = String::from("a");
    for character in article.chars() {
        if character.is_ascii_alphanumeric() {
            anchor.push(character.to_ascii_lowercase());
        } else if !anchor.ends_with('-') {
            anchor.push('-');
        }
    }
    anchor.trim_end_matches('-').to_owned()
}

/// Takes the brackets off that stand around a whole condition.
pub(crate) fn bare(condition: &str) -> String {
    let mut text = condition.split_whitespace().collect::<Vec<_>>().join(" ");
    while text.starts_with('(') && text.ends_with(')') && closes_last(&text) {
        text = text[1..text.len() - 1].trim().to_owned();
    }
    text
}

/// Tells whether the first bracket is closed by the last character.
fn closes_last(text: &str) -> bool {
    let mut depth = 0_i32;
    for (at, character) in text.char_indices() {
        match character {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at == text.len() - 1;
        }
    }
    false
}

/// Names a value of an attribute.
pub(crate) fn attribute_value(scene: &Scene, value: &law::Choice) -> String {
    match value.id.as_str() {
        id @ ("true" | "false") => scene.say.word("value", id),
        _ => words(scene, &value.label).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_outermost_parts_say_how_a_condition_is_joined() {
        assert!(joined_by("a or b", "or"));
        assert!(!joined_by("a and (b or c)", "or"));
        assert!(!joined_by("x = 'this or that'", "or"));
        assert!(!joined_by("floor and order", "or"));
        assert_eq!(bare("((a and b))"), "a and b");
        assert_eq!(bare("(a) and (b)"), "(a) and (b)");
        assert_eq!(bare("a\n  and b"), "a and b");
    }

    #[test]
    fn articles_have_plain_anchors() {
        assert_eq!(anchor("Art. 51(1)(a), 51(2)"), "aart-51-1-a-51-2");
        assert_eq!(anchor("§3-1"), "a-3-1");
        assert_ne!(anchor("§2"), anchor("§2 size"));
    }
}
