//! The information request: asks for exactly the facts that keep an answer open, and says why.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde::Serialize;
use smol_str::SmolStr;

use crate::reason::Reason;
use crate::regime::ValueKind;
use crate::truth::{Because, NameSet, Truth};
use crate::wording::{Language, Wording, day, unit};

/// Most answers that are named as hanging on one fact.
const MAX_NAMED: usize = 5;

/// A request for information.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Request {
    /// What is asked, in the regime's order.
    pub asked: Vec<Asked>,
    /// The request as a letter, in Markdown.
    pub letter: String,
}

/// A fact that is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Asked {
    /// Name of the fact, as in conditions and facts files.
    pub fact: String,
    /// Name for people.
    pub label: String,
    /// What exactly is asked.
    pub help: Option<String>,
    /// What kind of answer is expected, with its unit.
    pub expected: String,
    /// Articles that look at the fact.
    pub articles: Vec<String>,
    /// What hangs on it.
    pub why: Vec<String>,
}

impl Wording<'_> {
    /// Asks for facts, such as one of the smallest sets that settle an answer.
    pub fn request(&self, facts: &NameSet) -> Request {
        let order = |name: &str| self.regime.facts().iter().position(|fact| fact.name == name);
        let mut names: Vec<&SmolStr> = facts.iter().collect();
        names.sort_by_key(|name| (order(name).unwrap_or(usize::MAX), *name));
        let asked: Vec<Asked> = names.into_iter().map(|name| self.asked(name)).collect();
        let letter = self.letter(&asked);
        Request { asked, letter }
    }

    fn asked(&self, name: &str) -> Asked {
        let language = self.language;
        let fact = self.regime.facts().iter().find(|fact| fact.name == name);
        let expected = match fact.map(|fact| &fact.kind) {
            Some(ValueKind::Boolean) => language.pick("はい・いいえ", "yes or no").to_owned(),
            Some(ValueKind::Number { unit: Some(id) }) => match language {
                Language::Ja => format!("数値（単位：{}）。範囲でも可", unit(language, id)),
                Language::En => format!("a number in {id}; an interval will do"),
            },
            Some(ValueKind::Number { unit: None }) => {
                language.pick("数値。範囲でも可", "a number; an interval will do").to_owned()
            }
            Some(ValueKind::Choice { values } | ValueKind::Choices { values }) => {
                let labels: Vec<_> = values.iter().map(|value| value.label.get(language)).collect();
                match language {
                    Language::Ja => format!("次から選択：{}", labels.join("／")),
                    Language::En => format!("one of: {}", labels.join(" / ")),
                }
            }
            Some(ValueKind::Date) => language.pick("年月日", "a day").to_owned(),
            Some(ValueKind::Period) => language.pick("期間", "a period").to_owned(),
            Some(ValueKind::Text) | None => self.attribute_expected(name),
        };
        let (why, articles) = self.hangs_on(name);
        Asked {
            fact: name.to_owned(),
            label: self.fact(name),
            help: fact.and_then(|fact| fact.help.as_ref()).map(|help| help.get(language).to_owned()),
            expected,
            articles,
            why,
        }
    }

    /// Says what an attribute of an event may be: `incident.death`.
    fn attribute_expected(&self, name: &str) -> String {
        let known = name
            .split_once('.')
            .and_then(|(event, attribute)| self.regime.events().get(event)?.attributes.get(attribute));
        let values =
            known.map(|known| known.values.iter().map(|value| value.id.as_str()).collect::<Vec<_>>());
        match values.as_deref() {
            Some(["true", "false"] | ["false", "true"]) => {
                self.language.pick("はい・いいえ", "yes or no").to_owned()
            }
            Some([]) => self
                .language
                .pick("日時（時差を含む）または記述", "an instant with its offset, or a text")
                .to_owned(),
            Some(_) => {
                let labels = known.into_iter().flat_map(|known| &known.values);
                let labels: Vec<_> = labels.map(|value| value.label.get(self.language)).collect();
                labels.join(self.language.pick("／", " / "))
            }
            None => self.language.pick("記述", "a text").to_owned(),
        }
    }

    /// Returns which answers hang on a fact, and the articles that look at it.
    fn hangs_on(&self, name: &str) -> (Vec<String>, Vec<String>) {
        let (regime, language, found) = (self.regime, self.language, self.assessment);
        let open = |because: &Because| because.missing.contains(name) || because.disputed.contains(name);
        let mut why = Vec::new();
        let mut articles = BTreeSet::new();
        if open(&found.coverage_because) {
            why.push(
                language
                    .pick("この法律の対象となるかどうか", "whether the law covers the subject")
                    .to_owned(),
            );
            looked_at(&found.reason, name, &regime.coverage().article, &mut articles);
        }
        for class in found.classes.iter().filter(|class| open(&class.because)) {
            looked_at(&class.reason, name, &class.article, &mut articles);
            let Some(rule) = regime.classes().iter().find(|rule| rule.id == class.id && !rule.auxiliary)
            else {
                continue;
            };
            let text = rule.text.get(language);
            why.push(match language {
                Language::Ja => format!("「{text}」に当たるかどうか"),
                Language::En => format!("whether the subject is in the class “{text}”"),
            });
        }
        for duty in &found.duties {
            let Some(rule) = regime.duty(&duty.id) else { continue };
            let text = rule.text.get(language);
            if open(&duty.because) {
                looked_at(&duty.reason, name, &duty.article, &mut articles);
                why.push(match language {
                    Language::Ja => format!("義務「{text}」があるかどうか"),
                    Language::En => format!("whether the duty “{text}” is owed"),
                });
            } else if duty.owed != Truth::False && open(&duty.due_because.because) {
                articles.insert(duty.article.to_string());
                why.push(match language {
                    Language::Ja => format!("義務「{text}」の期限"),
                    Language::En => format!("the last day of the duty “{text}”"),
                });
            }
        }
        for penalty in &found.penalties {
            let applies = open(&penalty.because);
            if applies || penalty.applies != Truth::False && open(&penalty.maximum_because) {
                if !applies {
                    articles.insert(penalty.article.to_string());
                }
                let rule = regime.penalties().iter().find(|rule| rule.id == penalty.id);
                let text = rule.map_or(penalty.id.as_str(), |rule| rule.text.get(language));
                why.push(match (language, applies) {
                    (Language::Ja, true) => format!("「{text}」が科されうるかどうか"),
                    (Language::Ja, false) => format!("「{text}」の上限額"),
                    (Language::En, true) => format!("whether the penalty “{text}” could be imposed"),
                    (Language::En, false) => format!("the largest amount of the penalty “{text}”"),
                });
            }
        }
        let more = why.len().saturating_sub(MAX_NAMED);
        if more > 0 {
            why.truncate(MAX_NAMED);
            why.push(match language {
                Language::Ja => format!("ほか{more}件"),
                Language::En => format!("and {more} more"),
            });
        }
        let order = |id: &str| regime.articles().iter().position(|article| article.id == id);
        let mut articles: Vec<String> = articles.into_iter().collect();
        articles.sort_by_key(|id| order(id).unwrap_or(usize::MAX));
        (why, articles.iter().map(|article| regime.cited(language, article)).collect())
    }

    fn letter(&self, asked: &[Asked]) -> String {
        let language = self.language;
        let title = self.regime.title().get(language);
        let on = day(language, self.assessment.as_of);
        let mut text = match language {
            Language::Ja => format!(
                "# 情報提供のお願い\n\n{title}についての判定（{on}現在）は、次の{}件の事実が分かれば定まります。お知らせください。\n",
                asked.len()
            ),
            Language::En => format!(
                "# Request for information\n\nAn assessment under {title} (as of {on}) hangs on the following {}. Please state them.\n",
                if asked.len() == 1 { "fact".to_owned() } else { format!("{} facts", asked.len()) }
            ),
        };
        let names: [&str; 4] = match language {
            Language::Ja => ["内容", "回答の形式", "条文", "これによって決まること"],
            Language::En => ["What exactly", "Answer", "Articles", "What hangs on it"],
        };
        for (at, item) in asked.iter().enumerate() {
            let _ = write!(text, "\n{}. **{}** (`{}`)\n", at + 1, item.label, item.fact);
            let joined = |list: &[String]| list.join(language.pick("、", "; "));
            let lines = [
                item.help.clone().unwrap_or_default(),
                item.expected.clone(),
                joined(&item.articles),
                joined(&item.why),
            ];
            for (name, line) in names.iter().zip(lines).filter(|(_, line)| !line.is_empty()) {
                let _ = writeln!(text, "   - {name}: {line}");
            }
        }
        text.push_str(match language {
            Language::Ja => "\n分からない事実は「不明」とお答えください。正確な値が分からない数値は、確実な下限と上限をお答えください。\n\nこの文面は規則から作成したものです。送付する者が、照会の根拠と回答の期限を示してください。\n",
            Language::En => "\nWhere a fact is not known, please say so; where a figure is not known exactly, give the bounds that are certain.\n\nThis text was drawn up from the rules. Whoever sends it states the ground of the request and by when an answer is asked for.\n",
        });
        text
    }
}

/// Collects the articles under which a fact is looked at.
fn looked_at(reason: &Reason, name: &str, above: &str, articles: &mut BTreeSet<String>) {
    let mut waiting = vec![(reason, above)];
    while let Some((reason, above)) = waiting.pop() {
        let article = reason.article.as_deref().unwrap_or(above);
        let of_event = || {
            name.split_once('.').is_some_and(|(event, _)| {
                reason.truth == Truth::Undetermined
                    && reason.events.iter().any(|used| used.predicate == event)
            })
        };
        if reason.facts.iter().any(|fact| fact.name == name) || of_event() {
            articles.insert(article.to_owned());
        }
        waiting.extend(reason.children.iter().map(|child| (child, article)));
    }
}
