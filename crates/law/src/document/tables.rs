//! The tables of a document: texts, open issues, figures, what is asked, calendars, examples.

use super::{Document, mark, plain};
use crate::assessment::Coverage;
use crate::law_test::LawTest;
use crate::regime::{ValueKind, VersionState};
use crate::truth::Truth;
use crate::wording::{Language, day, unit, value};

impl Document<'_> {
    fn table(&mut self, heads: &[&str], rows: &[Vec<String>]) {
        let row = |cells: &[String]| format!("| {} |", cells.join(" | "));
        let heads: Vec<String> = heads.iter().map(|head| (*head).to_owned()).collect();
        let rules: Vec<String> = heads.iter().map(|_| "---".to_owned()).collect();
        self.line(&row(&heads));
        self.line(&row(&rules));
        for cells in rows {
            self.line(&row(cells));
        }
    }

    pub(super) fn texts(&mut self) {
        self.heading("施行期間と出典", "Texts and their dates");
        let language = self.language;
        let rows: Vec<_> = self
            .regime
            .versions()
            .iter()
            .map(|version| {
                let state = match version.state {
                    VersionState::InForce => "",
                    VersionState::Suspended => language.pick("適用停止", "suspended"),
                    VersionState::Preempted => language.pick("他の法令が優先", "displaced by other law"),
                };
                vec![
                    plain(&version.id),
                    day(language, version.from),
                    version.to.map_or(String::new(), |to| day(language, to)),
                    state.to_owned(),
                    format!("{} {}", plain(&version.source), mark(version.certainty)),
                ]
            })
            .collect();
        let heads = match language {
            Language::Ja => ["条文", "初日", "末日", "状態", "出典"],
            Language::En => ["text", "first day", "last day", "state", "source"],
        };
        self.table(&heads, &rows);
    }

    /// Lists what a legislature has yet to settle, and how each preset settles it.
    pub(super) fn switches(&mut self) {
        if self.regime.switches().is_empty() {
            return;
        }
        self.heading("論点（未確定の事項）", "Open issues");
        let language = self.language;
        let note = self.pick(
            "法律が定めていない事項です。既定値はありません。定まらない限り、それに依存する答えは「未確定」です。",
            "What the law leaves open. There are no defaults: while an issue is not settled, what rests on it is undetermined.",
        );
        let note = format!("{note}\n");
        self.line(&note);
        let presets = self.regime.presets();
        let mut heads = vec![self.pick("論点", "issue"), self.pick("選択肢", "answers")];
        heads.extend(presets.iter().map(|preset| preset.id.as_str()));
        let rows: Vec<_> = self
            .regime
            .switches()
            .iter()
            .map(|switch| {
                let question = plain(switch.question.get(language));
                let mut row = vec![format!("{question} (`{}`)", switch.id), self.kind(&switch.kind)];
                row.extend(presets.iter().map(|preset| {
                    let set = preset.set.get(&switch.id);
                    set.map_or("–".to_owned(), |text| plain(&value(language, Some(&switch.kind), text)))
                }));
                row
            })
            .collect();
        self.table(&heads, &rows);
        for preset in presets {
            let reasoning = preset
                .reasoning
                .as_ref()
                .map_or(String::new(), |text| format!(": {}", plain(text.get(language))));
            let line = format!("\n- `{}` — **{}**{reasoning}", preset.id, plain(preset.label.get(language)));
            self.line(&line);
        }
    }

    fn kind(&self, kind: &ValueKind) -> String {
        let language = self.language;
        match kind {
            ValueKind::Boolean => self.pick("はい／いいえ", "yes or no").to_owned(),
            ValueKind::Number { unit: Some(id) } => match language {
                Language::Ja => format!("数値（単位：{}）", plain(unit(language, id))),
                Language::En => format!("a number ({})", plain(id)),
            },
            ValueKind::Number { unit: None } => self.pick("数値", "a number").to_owned(),
            ValueKind::Text => self.pick("文字列", "a text").to_owned(),
            ValueKind::Choice { values } | ValueKind::Choices { values } => {
                let several = matches!(kind, ValueKind::Choices { .. });
                let values: Vec<_> = values.iter().map(|value| plain(value.label.get(language))).collect();
                let values = values.join(self.pick("／", " / "));
                if several {
                    format!("{values}{}", self.pick("（複数可）", " (several)"))
                } else {
                    values
                }
            }
            ValueKind::Date => self.pick("日付", "a day").to_owned(),
            ValueKind::Period => self.pick("期間", "a period").to_owned(),
        }
    }

    /// Lists the numbers, amounts and periods that the law itself fixes, with their dates.
    pub(super) fn parameters(&mut self) {
        if self.regime.parameters().is_empty() {
            return;
        }
        self.heading("法律が定める数値・期間", "Figures of the law");
        let language = self.language;
        let rows: Vec<_> = self
            .regime
            .parameters()
            .iter()
            .map(|parameter| {
                let values: Vec<_> = parameter
                    .values
                    .iter()
                    .map(|dated| {
                        let text = plain(&value(language, Some(&parameter.kind), &dated.text));
                        let from = day(language, dated.from);
                        match language {
                            Language::Ja => format!("{text}（{from}から）"),
                            Language::En => format!("{text} (from {from})"),
                        }
                    })
                    .collect();
                vec![
                    format!("{} (`{}`)", plain(parameter.label.get(language)), parameter.id),
                    plain(&self.regime.cited(language, &parameter.article)),
                    values.join(self.pick("、", "; ")),
                ]
            })
            .collect();
        let heads = match language {
            Language::Ja => ["項目", "条文", "値"],
            Language::En => ["figure", "article", "value"],
        };
        self.table(&heads, &rows);
    }

    /// Lists what the rules may ask about a subject.
    pub(super) fn facts(&mut self) {
        self.heading("問われる事実", "What is asked");
        let language = self.language;
        let rows: Vec<_> = self
            .regime
            .facts()
            .iter()
            .map(|fact| {
                let help = fact.help.as_ref().map_or(String::new(), |help| plain(help.get(language)));
                vec![
                    format!("{} (`{}`)", plain(fact.label.get(language)), fact.name),
                    self.kind(&fact.kind),
                    help,
                ]
            })
            .collect();
        let heads = match language {
            Language::Ja => ["事実", "値", "説明"],
            Language::En => ["fact", "value", "what exactly"],
        };
        self.table(&heads, &rows);
    }

    pub(super) fn calendars(&mut self) {
        self.heading("期間の計算", "How periods are counted");
        let lines: Vec<_> = self
            .regime
            .calendars()
            .values()
            .map(|calendar| {
                let title = self.pick(&calendar.title_ja, &calendar.title_en);
                let (title, source) = (plain(title), plain(&calendar.source));
                format!("- **{title}** (`{}`): {source} {}", calendar.id, mark(calendar.certainty))
            })
            .collect();
        for line in lines {
            self.line(&line);
        }
    }

    /// Lists the law tests: what comes out in which case, by which article.
    pub(super) fn examples(&mut self) {
        if self.regime.tests().is_empty() {
            return;
        }
        self.heading("例（規則の試験）", "Examples (law tests)");
        let rows: Vec<_> = self
            .regime
            .tests()
            .iter()
            .map(|test| {
                let basis: Vec<_> =
                    test.basis.iter().map(|id| plain(&self.regime.cited(self.language, id))).collect();
                let basis = basis.join(self.pick("、", "; "));
                vec![plain(&test.name), day(self.language, test.as_of), basis, self.expected(test)]
            })
            .collect();
        let heads = match self.language {
            Language::Ja => ["場合", "基準日", "条文", "結果"],
            Language::En => ["case", "as of", "articles", "what comes out"],
        };
        self.table(&heads, &rows);
    }

    fn expected(&self, test: &LawTest) -> String {
        let (language, expect) = (self.language, &test.expect);
        let mut said: Vec<String> = Vec::new();
        match expect.coverage {
            Some(Coverage::Covered) => said.push(self.pick("対象", "covered").to_owned()),
            Some(Coverage::NotCovered) => said.push(self.pick("対象外", "not covered").to_owned()),
            Some(Coverage::Undetermined) => said.push(self.pick("未確定", "undetermined").to_owned()),
            None => {}
        }
        let truth = |truth: Truth| match truth {
            Truth::True => language.pick("はい", "yes"),
            Truth::False => language.pick("いいえ", "no"),
            Truth::Undetermined => language.pick("未確定", "undetermined"),
        };
        let class = |id: &str| {
            let class = self.regime.classes().iter().find(|class| class.id == id);
            class.map_or_else(|| id.to_owned(), |class| class.text.get(language).to_owned())
        };
        if let Some(id) = expect.class.as_deref().filter(|id| *id != "none") {
            said.push(class(id));
        }
        said.extend(expect.classes.iter().map(|(id, holds)| format!("{}: {}", class(id), truth(*holds))));
        for (id, duty) in &expect.duties {
            let name = self.regime.duty(id).map_or(id.as_str(), |duty| duty.text.get(language));
            let status = duty.status.map(|status| self.say().status(status).to_owned());
            let due = duty.due.as_deref().filter(|due| *due != "none").map(|due| {
                let due = due.parse().map_or_else(|_| due.to_owned(), |date| day(language, date));
                format!("{} {due}", language.pick("期限", "due"))
            });
            let parts: Vec<_> = status.into_iter().chain(due).collect();
            said.push(format!("{name}: {}", parts.join(language.pick("、", ", "))));
        }
        for (id, available) in &expect.powers {
            let power = self.regime.powers().iter().find(|power| power.id == *id);
            let name = power.map_or(id.as_str(), |power| power.text.get(language));
            said.push(format!("{name}: {}", truth(*available)));
        }
        for (id, penalty) in &expect.penalties {
            let rule = self.regime.penalties().iter().find(|penalty| penalty.id == *id);
            let name = rule.map_or(id.as_str(), |rule| rule.text.get(language));
            let maximum = penalty.maximum.as_deref().filter(|maximum| *maximum != "none");
            let parts = penalty.applies.map(|applies| truth(applies).to_owned());
            let parts: Vec<_> =
                parts.into_iter().chain(maximum.map(|amount| value(language, None, amount))).collect();
            said.push(format!("{name}: {}", parts.join(language.pick("、", ", "))));
        }
        plain(&said.join(language.pick("；", "; ")))
    }
}
