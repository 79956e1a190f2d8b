//! The articles of a law, each beside the rules that carry it, layer by layer.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use jiff::civil::Date;
use law::expression::Expression;
use law::{Applies, Article, Regime, SourceLines, Text};

use super::super::parts::{Html, Tag, escape};
use super::super::scene::Scene;
use super::super::standing::{value, words};
use super::super::text::Say;
use super::super::why::{anchor, cited, phrase};
use super::certainty;
use super::figures::reads;

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
pub(super) fn layers(scene: &Scene, regime: &Regime, day: Date) -> Vec<Layer> {
    let mut rules = rules(scene, regime, day);
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

fn rules<'r>(scene: &Scene, regime: &'r Regime, day: Date) -> BTreeMap<&'r str, Vec<RuleBlock>> {
    let say = scene.say;
    let mut rules: BTreeMap<&str, Vec<RuleBlock>> = BTreeMap::new();
    let mut add = |article: &'r str, name: Html, when: &Expression, lines: &SourceLines, applies: Applies| {
        let text = regime.rule_text(lines);
        let switches =
            reads(regime, &text).iter().map(|switch| words(scene, &switch.question).to_owned()).collect();
        let sleeps = applies.from.is_some_and(|from| day < from) || applies.to.is_some_and(|to| to < day);
        rules.entry(article).or_default().push(RuleBlock {
            name,
            says: says(scene, regime, when),
            text,
            switches,
            sleeps,
        });
    };
    let named = |key: &str, text: &Text| say.html(key).with("name", words(scene, text)).html();
    let coverage = regime.coverage();
    add(
        &coverage.article,
        say.html("rule-coverage").html(),
        &coverage.condition,
        &coverage.lines,
        Applies::default(),
    );
    for class in regime.classes() {
        add(&class.article, named("rule-class", &class.text), &class.condition, &class.lines, class.applies);
    }
    for duty in regime.duties() {
        add(&duty.article, named("rule-duty", &duty.text), &duty.owed_when, &duty.lines, duty.applies);
    }
    for power in regime.powers() {
        add(&power.article, named("rule-power", &power.text), &power.condition, &power.lines, power.applies);
    }
    for penalty in regime.penalties() {
        add(
            &penalty.article,
            named("rule-penalty", &penalty.text),
            &penalty.condition,
            &penalty.lines,
            penalty.applies,
        );
    }
    rules
}

fn says(scene: &Scene, regime: &Regime, when: &Expression) -> Html {
    let condition = when.source().split_whitespace().collect::<Vec<_>>().join(" ");
    if condition == "true" {
        return scene.say.html("rule-always").html();
    }
    scene.say.html("rule-when").part("condition", phrase(scene, regime, &condition)).html()
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
