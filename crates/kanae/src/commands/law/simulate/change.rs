//! A change that someone proposes: figures of the law, and the old and new text of its articles.

use law::simulate::Variant;
use law::{Certainty, Regime, SwitchSettings};
use serde_json::{Value, json};

use super::moved::label;
use super::table::width;
use super::{MAX_SIDES, Scene, pair, switch_failure};
use crate::failure::{Failure, Kind};

/// Stand around a changed figure until the text is shown.
const BEGINS: char = '\u{2}';
const ENDS: char = '\u{3}';
/// Columns of the terminal that each of the two texts takes.
const HALF: usize = 44;

/// A law as it is and as it is proposed.
pub(super) struct Proposal {
    pub(super) regime: Regime,
    pub(super) settings: SwitchSettings,
    /// What changes, in the order given.
    pub(super) figures: Vec<Figure>,
    /// The articles that carry it, in the order of the law.
    pub(super) articles: Vec<Amended>,
}

/// One figure, or open issue, that changes.
pub(super) struct Figure {
    pub(super) id: String,
    pub(super) label: String,
    pub(super) old: String,
    pub(super) new: String,
    is_switch: bool,
}

/// An article before and after.
pub(super) struct Amended {
    pub(super) cited: String,
    /// Whether the paraphrase has been read in its source.
    pub(super) verified: bool,
    old: String,
    new: String,
}

impl Proposal {
    pub(super) fn new(scene: &Scene<'_>) -> Result<Self, Failure> {
        let changes = &scene.arguments.change;
        if changes.len() > MAX_SIDES {
            let message = format!("{} changes; at most {MAX_SIDES} at once", changes.len());
            return Err(Failure::new(Kind::Usage, message));
        }
        let mut proposal = Self {
            regime: scene.regime.clone(),
            settings: scene.settings.clone(),
            figures: Vec::new(),
            articles: Vec::new(),
        };
        for change in changes {
            let (id, value) = pair(change, "--change systemic_compute=\"1e26 FLOP\"")?;
            let figure = proposal.take(scene, id, value)?;
            if figure.old == figure.new {
                let message = format!("`{id}` is {} already: nothing changes", figure.old);
                return Err(Failure::new(Kind::Usage, message)
                    .hint("give another value; --preset and --set say what holds before the change"));
            }
            proposal.figures.push(figure);
        }
        proposal.articles = proposal.amended(scene);
        Ok(proposal)
    }

    /// Takes one change over.
    fn take(&mut self, scene: &Scene<'_>, id: &str, value: &str) -> Result<Figure, Failure> {
        let language = scene.language;
        let open = || scene.say("（定まっていない）", "(not settled)").to_owned();
        let find_parameter = |regime: &Regime| {
            let parameter = regime.parameters().iter().find(|parameter| parameter.id == id)?;
            Some(parameter.kind.shown(language, &parameter.on(scene.as_of)?.text))
        };
        let switch = scene.regime.switches().iter().find(|switch| switch.id == id);
        let (old, new, is_switch) = if switch.is_some() || scene.regime.parameters().is_empty() {
            self.settings.set(scene.regime, id, value).map_err(switch_failure)?;
            let shown = |settings: &SwitchSettings| {
                let text = settings.texts().get(id)?;
                Some(switch?.kind.shown(language, text))
            };
            (shown(&scene.settings), shown(&self.settings), true)
        } else {
            self.regime = self.regime.with_parameters([(id, value)]).map_err(switch_failure)?;
            (find_parameter(scene.regime), find_parameter(&self.regime), false)
        };
        Ok(Figure {
            id: id.to_owned(),
            label: label(scene, id),
            old: old.unwrap_or_else(open),
            new: new.unwrap_or_else(open),
            is_switch,
        })
    }

    pub(super) fn variant<'v>(&'v self, scene: &Scene<'_>) -> Variant<'v> {
        Variant { regime: &self.regime, settings: &self.settings, as_of: scene.as_of }
    }

    /// Finds the articles that carry a changed figure in their text. Where none does, those that fix
    /// it, or whose rules look at it, stand with the figure below.
    fn amended(&self, scene: &Scene<'_>) -> Vec<Amended> {
        let written = |figure: &Figure, text: &str| text.contains(&format!("{{{}}}", figure.id));
        let template = |article: &'_ law::Article| {
            let (text, certainty) = article.text_on(scene.as_of);
            (text.get(scene.language).to_owned(), certainty)
        };
        let articles = scene.regime.articles();
        let unwritten: Vec<(&Figure, Vec<&str>)> = self
            .figures
            .iter()
            .filter(|figure| !articles.iter().any(|article| written(figure, &template(article).0)))
            .map(|figure| (figure, carriers(scene.regime, figure)))
            .collect();
        let mut found = Vec::new();
        for article in articles {
            let (mut text, certainty) = template(article);
            let mut touched = false;
            for figure in self.figures.iter().filter(|figure| written(figure, &template(article).0)) {
                let place = format!("{{{}}}", figure.id);
                text = text.replace(&place, &format!("{BEGINS}{place}{ENDS}"));
                touched = true;
            }
            let (mut old, mut new) = (
                scene.regime.with_figures(&text, scene.language, scene.as_of),
                self.regime.with_figures(&text, scene.language, scene.as_of),
            );
            for (figure, _) in
                unwritten.iter().filter(|(_, carriers)| carriers.contains(&article.id.as_str()))
            {
                old.push_str(&setting(scene, figure, &figure.old));
                new.push_str(&setting(scene, figure, &figure.new));
                touched = true;
            }
            if touched {
                let (cited, verified) = (scene.cited(&article.id), certainty == Certainty::Verified);
                found.push(Amended { cited, verified, old, new });
            }
        }
        found
    }
}

fn setting(scene: &Scene<'_>, figure: &Figure, value: &str) -> String {
    let label = &figure.label;
    match scene.language {
        law::Language::Ja => format!("〔{label}：{BEGINS}{value}{ENDS}〕"),
        law::Language::En => format!(" ({label}: {BEGINS}{value}{ENDS})"),
    }
}

/// Returns the articles that fix a figure, or whose rules look at it.
fn carriers<'r>(regime: &'r Regime, figure: &Figure) -> Vec<&'r str> {
    if !figure.is_switch {
        let parameter = regime.parameters().iter().find(|parameter| parameter.id == figure.id);
        return parameter.map(|parameter| parameter.article.as_str()).into_iter().collect();
    }
    let reads = format!("switch({})", figure.id);
    let coverage = regime.coverage();
    let rules = std::iter::once((&coverage.article, &coverage.lines))
        .chain(regime.classes().iter().map(|rule| (&rule.article, &rule.lines)))
        .chain(regime.duties().iter().map(|rule| (&rule.article, &rule.lines)))
        .chain(regime.powers().iter().map(|rule| (&rule.article, &rule.lines)))
        .chain(regime.penalties().iter().map(|rule| (&rule.article, &rule.lines)));
    let reading = rules.filter(|(_, lines)| regime.rule_text(lines).contains(&reads));
    reading.map(|(article, _)| article.as_str()).collect()
}

/// Shows a text with its changed figures between marks.
fn marked(text: &str, begins: &str, ends: &str) -> String {
    text.replace(BEGINS, begins).replace(ENDS, ends)
}

impl Amended {
    /// Returns the old and the new text, with what changes between marks.
    pub(super) fn texts(&self, begins: &str, ends: &str) -> [String; 2] {
        [marked(&self.old, begins, ends), marked(&self.new, begins, ends)]
    }

    pub(super) fn json(&self) -> Value {
        let [old, new] = self.texts("", "");
        json!({ "article": self.cited, "verified": self.verified, "old": old, "new": new })
    }
}

/// Prints old and new text side by side. As Japanese drafts have it, the new text stands on the left;
/// in English the old one does.
pub(super) fn print(scene: &Scene<'_>, proposal: &Proposal) {
    let ui = scene.ui;
    ui.line(
        scene.say("\n新旧対照表（変わる箇所は【 】）", "\nOld and new text (what changes stands in [ ])"),
    );
    let japanese = scene.language == law::Language::Ja;
    let rule = format!("  {}", "─".repeat(HALF * 2 + 3));
    let line = |left: &str, right: &str| {
        let space = " ".repeat(HALF.saturating_sub(width(left)));
        ui.line(format!("  {left}{space} │ {right}").trim_end());
    };
    ui.line(&rule);
    let [old_head, new_head] = heads(scene);
    let (left, right) = order(japanese, old_head, new_head);
    line(left, right);
    for amended in &proposal.articles {
        ui.line(&rule);
        let mark = if japanese { ("【", "】") } else { ("[", "]") };
        let [old, new] = amended.texts(mark.0, mark.1);
        let head = amended.cited.clone() + note(scene, amended);
        let (left, right) = order(japanese, old, new);
        line(&head, &head);
        let (left, right) = (wrapped(&left, japanese), wrapped(&right, japanese));
        for at in 0..left.len().max(right.len()) {
            let of = |lines: &[String]| lines.get(at).cloned().unwrap_or_default();
            line(&of(&left), &of(&right));
        }
    }
    if proposal.articles.is_empty() {
        ui.line(&rule);
        for figure in &proposal.figures {
            let (left, right) = order(japanese, &figure.old, &figure.new);
            line(&format!("{}: {left}", figure.label), &format!("{}: {right}", figure.label));
        }
    }
    ui.line(&rule);
}

/// Puts the new text first, where the language does.
pub(super) fn order<T>(japanese: bool, old: T, new: T) -> (T, T) {
    if japanese { (new, old) } else { (old, new) }
}

/// Says that a paraphrase is not verified.
pub(super) fn note(scene: &Scene<'_>, amended: &Amended) -> &'static str {
    if amended.verified {
        ""
    } else {
        scene.ui.text("（未確認の要約）", " (paraphrase not verified)")
    }
}

/// Returns the heads of the old and the new text.
pub(super) fn heads(scene: &Scene<'_>) -> [&'static str; 2] {
    match scene.language {
        law::Language::Ja => ["現行", "改正案"],
        law::Language::En => ["present", "proposed"],
    }
}

/// Breaks a text into lines of half the table: Japanese anywhere, English between words.
fn wrapped(text: &str, anywhere: bool) -> Vec<String> {
    let mut lines = vec![String::new()];
    let pieces: Vec<String> = if anywhere {
        text.chars().filter(|c| *c != '\n').map(String::from).collect()
    } else {
        text.split_whitespace().map(|word| format!("{word} ")).collect()
    };
    for piece in pieces {
        let Some(last) = lines.last_mut() else { break };
        if width(last) + width(piece.trim_end()) <= HALF || last.is_empty() {
            last.push_str(&piece);
        } else {
            lines.push(piece);
        }
    }
    lines.iter().map(|line| line.trim_end().to_owned()).collect()
}
