//! The articles of a law, each beside the rules that carry it, layer by layer.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use jiff::civil::Date;
use law::expression::Expression;
use law::{Applies, Article, Regime, SourceLines, Text};

use super::super::condition::condition;
use super::super::deadline::Clock;
use super::super::parts::{Html, Tag, escape};
use super::super::scene::Scene;
use super::super::standing::{value, words};
use super::super::text::Say;
use super::super::why::{anchor, cited};
use super::certainty;
use super::figures::reads;
use super::rules::{at_most, clocks, procedures};

/// A layer: the law itself, or an instrument beside it.
pub(super) struct Layer {
    /// Its title; none for the law itself.
    pub(super) title: Option<(String, Tag)>,
    pub(super) articles: Vec<ArticleBlock>,
}

pub(super) struct ArticleBlock {
    pub(super) anchor: String,
    /// How it is cited.
    pub(super) id: Html,
    pub(super) text: Html,
    /// The text in the authentic language, where that is not the reader's.
    pub(super) other: Option<(&'static str, Html)>,
    pub(super) certainty: Tag,
    pub(super) rules: Vec<RuleBlock>,
}

pub(super) struct RuleBlock {
    pub(super) name: Html,
    /// When it applies.
    pub(super) says: Html,
    /// Until when it is to be done, what must come before, how high it can be.
    pub(super) more: Vec<Html>,
    pub(super) text: String,
    pub(super) switches: Vec<String>,
    /// Whether the rule does not apply on the day.
    pub(super) sleeps: bool,
}

/// What an article, or a figure, says on another day than the one shown.
pub(super) struct Changed {
    pub(super) name: Html,
    pub(super) then: Html,
    pub(super) now: Html,
}

/// Puts the law's figures, as they stand on a day, into a text.
pub(crate) fn filled(scene: &Scene, regime: &Regime, text: &str, day: Date) -> Html {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        shown.push_str(&escape(before));
        let Some((id, after)) = after.split_once('}') else {
            rest = after;
            break;
        };
        let parameter = regime.parameters().iter().find(|parameter| parameter.id == id);
        match parameter.and_then(|parameter| Some((parameter, parameter.on(day)?))) {
            Some((parameter, dated)) => {
                let _ = write!(shown, "<b>{}</b>", value(scene, &parameter.kind, &dated.text));
            }
            None => shown.push_str(&escape(id)),
        }
        rest = after;
    }
    shown.push_str(&escape(rest));
    Html(shown)
}

/// Shows the text of an article on a day in the reader's language.
pub(crate) fn text_of(scene: &Scene, regime: &Regime, article: &Article, day: Date) -> Html {
    filled(scene, regime, words(scene, article.text_on(day).0), day)
}

/// Puts each rule beside the article that it stands for.
pub(super) fn layers(
    scene: &Scene,
    regime: &Regime,
    switches: &BTreeMap<String, String>,
    day: Date,
) -> Vec<Layer> {
    let mut rules = rules(Clock { scene, regime, switches, day });
    let mut block = |article: &Article| {
        let (text, certain) = article.text_on(day);
        let reader = scene.say.is_ja();
        // Figures in the other language's text are written as in that language.
        let other = |language, text: &str| {
            let say = Say(language);
            Some((say.tag(), in_language(scene, say, regime, text, day)))
        };
        ArticleBlock {
            anchor: anchor(&article.id),
            id: cited(scene, regime, &article.id),
            text: filled(scene, regime, words(scene, text), day),
            other: match (reader, regime.authentic_language()) {
                (false, "ja") => other(evidence::Language::Ja, &text.ja),
                (true, "en") => other(evidence::Language::En, &text.en),
                _ => None,
            },
            certainty: certainty(scene, certain),
            rules: rules.remove(article.id.as_str()).unwrap_or_default(),
        }
    };
    let mut of = |layer: Option<&str>| -> Vec<ArticleBlock> {
        let articles = regime.articles().iter();
        articles.filter(|article| article.instrument.as_deref() == layer).map(&mut block).collect()
    };
    let mut layers = vec![Layer { title: None, articles: of(None) }];
    for (id, instrument) in regime.instruments() {
        let title = words(scene, &instrument.title).to_owned();
        let status = super::instrument_status(scene, instrument.status);
        layers.push(Layer { title: Some((title, status)), articles: of(Some(id)) });
    }
    layers.retain(|layer| !layer.articles.is_empty());
    layers
}

fn in_language(scene: &Scene, say: Say, regime: &Regime, text: &str, day: Date) -> Html {
    filled(&scene.speaking(say), regime, text, day)
}

fn rules(clock: Clock<'_>) -> BTreeMap<&str, Vec<RuleBlock>> {
    let Clock { scene, regime, day, .. } = clock;
    let say = scene.say;
    let mut rules: BTreeMap<&str, Vec<RuleBlock>> = BTreeMap::new();
    let mut add =
        |article, name: Html, when: &Expression, lines: &SourceLines, applies: Applies, more: Vec<Html>| {
            let text = regime.rule_text(lines);
            let switches =
                reads(regime, &text).iter().map(|switch| words(scene, &switch.question).to_owned()).collect();
            let sleeps = applies.from.is_some_and(|from| day < from) || applies.to.is_some_and(|to| to < day);
            let says = condition(scene, regime, day, when);
            let block = RuleBlock { name, says, more, text, switches, sleeps };
            rules.entry(article).or_default().push(block);
        };
    let named = |key: &str, text: &Text| say.html(key).with("name", words(scene, text)).html();
    let coverage = regime.coverage();
    add(
        &coverage.article,
        say.html("rule-coverage").html(),
        &coverage.condition,
        &coverage.lines,
        Applies::default(),
        Vec::new(),
    );
    for class in regime.classes() {
        let name = named("rule-class", &class.text);
        add(&class.article, name, &class.condition, &class.lines, class.applies, Vec::new());
    }
    for duty in regime.duties() {
        let name = named("rule-duty", &duty.text);
        // What has no time limit says nothing of one.
        let due = duty.due.is_some() || duty.until.is_some();
        let due = due.then(|| say.html("rule-due").part("due", clocks(clock, duty)).html());
        add(&duty.article, name, &duty.owed_when, &duty.lines, duty.applies, due.into_iter().collect());
    }
    for power in regime.powers() {
        let name = named("rule-power", &power.text);
        let before = procedures(scene, regime, &power.act);
        add(&power.article, name, &power.condition, &power.lines, power.applies, before);
    }
    for penalty in regime.penalties() {
        let most = say.html("rule-at-most").part("amount", at_most(scene, regime, day, penalty)).html();
        add(
            &penalty.article,
            named("rule-penalty", &penalty.text),
            &penalty.condition,
            &penalty.lines,
            penalty.applies,
            vec![most],
        );
    }
    rules
}

/// Returns the articles and figures that say something else on one day than on another.
pub(super) fn changes(scene: &Scene, regime: &Regime, then: Date, now: Date) -> Vec<Changed> {
    let mut found = Vec::new();
    for article in regime.articles() {
        let (old, new) = (text_of(scene, regime, article, then), text_of(scene, regime, article, now));
        if old != new {
            found.push(Changed {
                name: super::figures::to_article(scene, regime, &article.id),
                then: old,
                now: new,
            });
        }
    }
    for parameter in regime.parameters() {
        let shown = |day| {
            parameter.on(day).map_or_else(Html::default, |dated| value(scene, &parameter.kind, &dated.text))
        };
        let (old, new) = (shown(then), shown(now));
        if old != new {
            found.push(Changed { name: Html::text(words(scene, &parameter.label)), then: old, now: new });
        }
    }
    found
}
