//! A regime as a document for people: each article beside the rules that carry it.

mod tables;

use std::fmt::Write as _;

use jiff::civil::Date;

use crate::assess::assess;
use crate::assessment::{Assessment, Party};
use crate::expression::Expression;
use crate::record::Record;
use crate::regime::{Applies, Article, Certainty, Procedure, Regime, RegimeStatus};
use crate::settings::SwitchSettings;
use crate::wording::{Described, Language, Names, Wording, day};

/// Most levels of a condition that are listed one below the other.
const MAX_DEPTH: usize = 8;

/// Writes a regime as Markdown, as of a day: status first, then texts, open issues, figures, each
/// article with its rules, what is asked, calendars and examples.
///
/// All texts of the regime are escaped; the document holds no HTML.
pub fn document(regime: &Regime, language: Language, names: Names<'_>, as_of: Date) -> String {
    // Nothing is on record: rules are described, not applied.
    let settings = SwitchSettings::default();
    let Ok(nothing) = assess(regime, &settings, &Record::default(), as_of) else { return String::new() };
    Document { regime, language, names, as_of, settings: &settings, nothing: &nothing, text: String::new() }
        .written()
}

struct Document<'d> {
    regime: &'d Regime,
    language: Language,
    names: Names<'d>,
    as_of: Date,
    settings: &'d SwitchSettings,
    nothing: &'d Assessment,
    text: String,
}

impl Document<'_> {
    fn written(mut self) -> String {
        self.head();
        self.texts();
        self.switches();
        self.parameters();
        self.articles();
        self.facts();
        self.calendars();
        self.examples();
        self.text
    }

    fn pick<'t>(&self, ja: &'t str, en: &'t str) -> &'t str {
        self.language.pick(ja, en)
    }

    fn say(&self) -> Wording<'_> {
        Wording::new(self.regime, self.settings, self.nothing, self.language, self.names)
    }

    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn heading(&mut self, ja: &str, en: &str) {
        let heading = format!("\n## {}\n", self.pick(ja, en));
        self.line(&heading);
    }

    fn head(&mut self) {
        let regime = self.regime;
        let title = format!("# {}\n", plain(regime.title().get(self.language)));
        self.line(&title);
        let status = match regime.status() {
            RegimeStatus::Draft => self.pick(
                "**素案（法律ではありません）** 提案された内容を規則として書いたものです。",
                "**Draft: not law.** What follows writes a proposal as rules.",
            ),
            RegimeStatus::InForce => self.pick("**法律**", "**Law.**"),
            RegimeStatus::Voluntary => self.pick(
                "**任意の取決め** 法的な義務ではありません。",
                "**Voluntary.** It binds nobody by law.",
            ),
        };
        let status = format!("> {status}");
        self.line(&status);
        if let Some(force) = self.say().force() {
            let force = format!(">\n> {}", plain(&force));
            self.line(&force);
        }
        let paraphrase = self.pick(
            "各条の記載は、このプロジェクトによる要約であり、法令の正文ではありません。義務や期限の計算は助言であり、決めるのは人です。",
            "Articles are given in our own paraphrase, not in the words of the law. What is computed from the rules is advice; people decide.",
        );
        let paraphrase = format!(">\n> {paraphrase}\n");
        self.line(&paraphrase);
        let authentic = match regime.authentic_language() {
            "ja" => self.pick("日本語", "Japanese").to_owned(),
            "en" => self.pick("英語", "English").to_owned(),
            "ko" => self.pick("韓国語", "Korean").to_owned(),
            "zh" => self.pick("中国語", "Chinese").to_owned(),
            other => other.to_owned(),
        };
        let rows = [
            (self.pick("識別子", "Id"), format!("`{}`", regime.id())),
            (self.pick("法域", "Jurisdiction"), plain(regime.jurisdiction())),
            (self.pick("正文の言語", "Authentic language"), authentic),
            (self.pick("出典", "Source"), format!("{} {}", plain(regime.source()), mark(regime.certainty()))),
            (self.pick("基準日", "As of"), day(self.language, self.as_of)),
        ];
        for (name, value) in rows {
            let line = format!("- {name}: {value}");
            self.line(&line);
        }
        let legend = [
            (Certainty::Verified, self.pick("記載の出典で確認した", "read in the source named")),
            (Certainty::Secondary, self.pick("二次資料でのみ確認した", "read in a secondary source only")),
            (Certainty::Memory, self.pick("記憶による。確認していない", "from memory, not verified")),
        ];
        let legend: Vec<_> = legend.iter().map(|(sure, text)| format!("{} {text}", mark(*sure))).collect();
        let legend =
            format!("- {}: {}", self.pick("確かさ", "Certainty"), legend.join(self.pick("、", "; ")));
        self.line(&legend);
    }

    /// Writes each article beside the rules that carry it.
    fn articles(&mut self) {
        self.heading("条文と規則", "Articles and their rules");
        let regime = self.regime;
        for (id, instrument) in regime.instruments() {
            let status = match instrument.status {
                RegimeStatus::Draft => self.pick("案", "draft"),
                RegimeStatus::InForce => self.pick("効力あり", "in force"),
                RegimeStatus::Voluntary => self.pick("任意", "voluntary"),
            };
            let line = format!("- `{id}`: {} ({status})", plain(instrument.title.get(self.language)));
            self.line(&line);
        }
        for article in regime.articles() {
            self.article(article);
            self.rules(&article.id);
        }
    }

    fn article(&mut self, article: &Article) {
        let (text, certainty) = article.text_on(self.as_of);
        let cited = plain(article.cited(self.language));
        let of = article.instrument.as_ref().map_or(String::new(), |id| format!(" (`{id}`)"));
        let heading = format!("\n### {cited}{of} {}\n", mark(certainty));
        self.line(&heading);
        let text = plain(&self.regime.with_figures(text.get(self.language), self.language, self.as_of));
        self.line(&text);
        let as_of = self.as_of;
        for earlier in article.earlier.iter().filter(|earlier| earlier.to < as_of) {
            let until = day(self.language, earlier.to);
            let text =
                plain(&self.regime.with_figures(earlier.text.get(self.language), self.language, earlier.to));
            let line = match self.language {
                Language::Ja => format!("\n*{until}まで:* {text} {}", mark(earlier.certainty)),
                Language::En => format!("\n*Until {until}:* {text} {}", mark(earlier.certainty)),
            };
            self.line(&line);
        }
        self.line("");
    }

    fn rules(&mut self, article: &str) {
        let regime = self.regime;
        let language = self.language;
        if regime.coverage().article == article {
            let title = format!("**{}**", self.pick("適用", "Coverage"));
            self.rule(&title, Applies::default(), &[]);
            self.condition(
                self.pick("次のとき適用される", "The law covers a subject where"),
                &regime.coverage().condition,
            );
        }
        for class in regime.classes().iter().filter(|class| class.article == article) {
            let kind = self.pick("区分", "Class");
            let title = format!("**{kind}: {}** (`{}`)", plain(class.text.get(language)), class.id);
            let effect = class.effect.as_deref().map(|effect| match effect {
                "presumed" => self.pick("推定であり、反証できる", "presumed: it may be rebutted").to_owned(),
                "indicative" => {
                    self.pick("目安であり、双方向に反証できる", "indicative: rebuttable both ways").to_owned()
                }
                other => plain(other),
            });
            let auxiliary = class
                .auxiliary
                .then(|| self.pick("他の規則のための区分", "serves other rules only").to_owned());
            let notes: Vec<String> = effect.into_iter().chain(auxiliary).collect();
            self.rule(&title, class.applies, &notes);
            self.condition(self.pick("次のとき当たる", "A subject is in it where"), &class.condition);
        }
        for duty in regime.duties().iter().filter(|duty| duty.article == article) {
            let (kind, by) = (self.pick("義務", "Duty"), party(language, duty.by));
            let title = format!("**{kind}: {}** (`{}`, {by})", plain(duty.text.get(language)), duty.id);
            let mut notes = Vec::new();
            if let Some(addressee) = &duty.addressee {
                let to = self.pick("相手方", "To");
                notes.push(format!("{to}: {}", plain(addressee.get(language))));
            }
            let mut note = |ja: &str, en: &str, text: String| {
                notes.push(format!("{}: {}", language.pick(ja, en), plain(&text)));
            };
            if let Some(due) = &duty.due {
                note("期限", "Due", self.say().deadline(due));
            }
            if let Some(until) = &duty.until {
                note("義務が続く期間", "Owed until", self.say().until(until));
            }
            if let Some(each) = &duty.each {
                note("次の記録ごとに果たす", "For each", self.say().pattern(each));
            }
            if let Some(fulfilled_by) = &duty.fulfilled_by {
                note("果たす方法", "Fulfilled by", self.say().pattern(fulfilled_by));
            }
            if duty.reviewed {
                note(
                    "審査",
                    "Review",
                    self.pick("提出後の審査を待つ", "what was filed waits for a review").to_owned(),
                );
            }
            self.rule(&title, duty.applies, &notes);
            self.condition(self.pick("次のとき義務がある", "Owed where"), &duty.owed_when);
        }
        for power in regime.powers().iter().filter(|power| power.article == article) {
            let kind = self.pick("権限", "Power");
            let title = format!("**{kind}: {}** (`{}`)", plain(power.text.get(language)), power.id);
            let notes = self.before(Some(&power.act));
            self.rule(&title, power.applies, &notes);
            self.condition(self.pick("次のとき行使できる", "Available where"), &power.condition);
        }
        for penalty in regime.penalties().iter().filter(|penalty| penalty.article == article) {
            let kind = self.pick("制裁", "Penalty");
            let title = format!("**{kind}: {}** (`{}`)", plain(penalty.text.get(language)), penalty.id);
            let maximum = penalty.maximum.as_deref().map(|maximum| {
                format!("{}: {}", self.pick("上限額", "At most"), plain(&self.say().maximum(maximum)))
            });
            let mut notes: Vec<String> = maximum.into_iter().collect();
            notes.extend(self.before(penalty.act.as_deref()));
            self.rule(&title, penalty.applies, &notes);
            self.condition(self.pick("次のとき科されうる", "Could be imposed where"), &penalty.condition);
        }
        for procedure in regime.procedures().iter().filter(|procedure| procedure.article == article) {
            let kind = self.pick("手続", "Procedure");
            let act = self.say().pattern(&procedure.act);
            let which = self.which_acts(procedure);
            let line = format!(
                "- **{kind}: {}** {} — {} {act}{which}",
                plain(procedure.text.get(language)),
                mark(procedure.certainty),
                self.pick("次の行為の前に必要:", "before")
            );
            self.line(&line);
        }
    }

    fn rule(&mut self, title: &str, applies: Applies, notes: &[String]) {
        let mut line = format!("- {title}");
        let show = |date: Date| day(self.language, date);
        let span = match (applies.from, applies.to, self.language) {
            (None, None, _) => None,
            (Some(from), None, Language::Ja) => Some(format!("{}から", show(from))),
            (Some(from), None, Language::En) => Some(format!("from {}", show(from))),
            (None, Some(to), Language::Ja) => Some(format!("{}まで", show(to))),
            (None, Some(to), Language::En) => Some(format!("to {}", show(to))),
            (Some(from), Some(to), Language::Ja) => Some(format!("{}から{}まで", show(from), show(to))),
            (Some(from), Some(to), Language::En) => Some(format!("from {} to {}", show(from), show(to))),
        };
        for note in span.iter().chain(notes) {
            let _ = write!(line, "\n  - {note}");
        }
        self.line(&line);
    }

    fn before(&self, act: Option<&str>) -> Vec<String> {
        let rules = self.regime.procedures().iter().filter(|rule| Some(rule.act.as_str()) == act);
        let named = rules.map(|rule| {
            let (text, which) = (plain(rule.text.get(self.language)), self.which_acts(rule));
            format!("{}: {text}{which}", self.pick("事前の手続", "Before it"))
        });
        named.collect()
    }

    /// Says in brackets before which acts of its predicate a procedure comes, if not before all.
    fn which_acts(&self, procedure: &Procedure) -> String {
        let which = self.say().which_acts(procedure).map(|which| plain(&which));
        which.map_or(String::new(), |which| match self.language {
            Language::Ja => format!("（{which}の場合）"),
            Language::En => format!(" (where {which})"),
        })
    }

    /// Lists a condition in words, below the rule that it belongs to.
    fn condition(&mut self, lead: &str, condition: &Expression) {
        let described = self.say().condition(condition);
        let mut lines = String::new();
        match &described {
            Described::One(text) => {
                let _ = writeln!(lines, "  - {lead}: {}", plain(text));
            }
            Described::All(parts) | Described::Any(parts) => {
                let _ = writeln!(lines, "  - {lead}{}", self.joined(matches!(described, Described::All(_))));
                for part in parts {
                    self.part(part, 2, &mut lines);
                }
            }
        }
        self.text.push_str(&lines);
    }

    fn joined(&self, all: bool) -> &'static str {
        match (self.language, all) {
            (Language::Ja, true) => "（すべて）:",
            (Language::Ja, false) => "（いずれか）:",
            (Language::En, true) => " all of these hold:",
            (Language::En, false) => " any of these holds:",
        }
    }

    fn part(&self, described: &Described, depth: usize, lines: &mut String) {
        let indent = "  ".repeat(depth.min(MAX_DEPTH));
        match described {
            Described::One(text) => {
                let _ = writeln!(lines, "{indent}- {}", plain(text));
            }
            Described::All(parts) | Described::Any(parts) => {
                let head = match (self.language, matches!(described, Described::All(_))) {
                    (Language::Ja, true) => "次のすべて:",
                    (Language::Ja, false) => "次のいずれか:",
                    (Language::En, true) => "all of these:",
                    (Language::En, false) => "any of these:",
                };
                let _ = writeln!(lines, "{indent}- {head}");
                for part in parts {
                    self.part(part, depth + 1, lines);
                }
            }
        }
    }
}

/// Names who owes a duty.
pub fn party(language: Language, party: Party) -> &'static str {
    match party {
        Party::Developer => language.pick("開発者", "the developer"),
        Party::Authority => language.pick("国（当局）", "the State"),
        Party::Institute => language.pick("検証機関", "a safety institute"),
        Party::Association => language.pick("業界団体", "an association"),
        Party::CertificationBody => language.pick("認証機関", "a certification body"),
    }
}

/// The mark of how sure something is.
fn mark(certainty: Certainty) -> &'static str {
    match certainty {
        Certainty::Verified => "●",
        Certainty::Secondary => "◐",
        Certainty::Memory => "○",
    }
}

/// Writes outside text on one line of Markdown, so that nothing in it is markup.
fn plain(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !escaped.is_empty() {
            escaped.push(' ');
        }
        for character in word.chars() {
            if "\\`*_[]<>#|~&!".contains(character) {
                escaped.push('\\');
            }
            escaped.push(character);
        }
    }
    escaped
}
