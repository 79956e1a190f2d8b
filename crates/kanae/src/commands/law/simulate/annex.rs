//! An annex for the regulatory impact assessment (規制の事前評価) of a change, as Markdown.

use std::fmt::Write as _;

use law::Language;

use super::Scene;
use super::change::{Proposal, heads, note, order};
use super::difference::Found;
use super::table::{Table, markdown};
use super::whom::{margin_table, margins};

/// Most rows of a table in the annex.
const ROWS: usize = 200;

/// Writes the annex: question, texts, who is affected, what is not known, assumptions, limits.
pub(super) fn text(scene: &Scene<'_>, proposal: &Proposal, found: &Found) -> String {
    let mut text = String::new();
    let title = scene.regime.title().get(scene.language);
    let _ = match scene.language {
        Language::Ja => writeln!(
            text,
            "# 規制の事前評価　別紙（案）\n\n{title}の改正により影響を受けるAIモデルと開発者の試算\n\n\
            基準日：{}。Kanae {}による計算であり、評価書に代わるものではない。",
            law::day(scene.language, scene.as_of),
            env!("CARGO_PKG_VERSION")
        ),
        Language::En => writeln!(
            text,
            "# Regulatory impact assessment: annex (draft)\n\nModels and developers affected by an amendment of: {title}\n\n\
            As of {}. Computed by Kanae {}; it does not stand in for the assessment itself.",
            law::day(scene.language, scene.as_of),
            env!("CARGO_PKG_VERSION")
        ),
    };
    question(&mut text, scene, proposal);
    texts(&mut text, scene, proposal);
    affected(&mut text, scene, found);
    unknowns(&mut text, scene, found);
    data(&mut text, scene);
    limits(&mut text, scene);
    text
}

fn head(text: &mut String, scene: &Scene<'_>, ja: &str, en: &str) {
    let _ = writeln!(text, "\n## {}\n", scene.say(ja, en));
}

fn table(text: &mut String, scene: &Scene<'_>, table: &Table) {
    let _ = writeln!(text, "\n### {}\n", table.title);
    if table.rows.is_empty() {
        let _ = writeln!(text, "{}", scene.say("なし。", "None."));
        return;
    }
    text.push_str(&table.markdown(ROWS));
    if table.rows.len() > ROWS {
        let more = table.rows.len() - ROWS;
        let _ = match scene.language {
            Language::Ja => writeln!(text, "\nほか{more}行（--csvのファイルに全件）。"),
            Language::En => writeln!(text, "\n{more} more rows (all in the file of --csv)."),
        };
    }
}

fn question(text: &mut String, scene: &Scene<'_>, proposal: &Proposal) {
    head(text, scene, "1. 問い", "1. Question");
    for figure in &proposal.figures {
        let (label, old, new) = (markdown(&figure.label), markdown(&figure.old), markdown(&figure.new));
        let _ = match scene.language {
            Language::Ja => writeln!(
                text,
                "- 「{label}」を{old}から{new}に改めると、だれに新たに適用され、だれに適用されなくなり、どの義務が変わるか。"
            ),
            Language::En => writeln!(
                text,
                "- If “{label}” changes from {old} to {new}: who becomes covered, who is covered no longer, and which duties change?"
            ),
        };
    }
    let set: Vec<_> = scene
        .regime
        .switches()
        .iter()
        .filter_map(|switch| {
            let value = switch.kind.shown(scene.language, scene.settings.texts().get(&switch.id)?);
            Some([switch.question.get(scene.language).to_owned(), value])
        })
        .collect();
    if !set.is_empty() {
        let title = scene.say("前提とした論点の設定（改正前）", "Open issues, as set before the change");
        let mut settings = Table::new(title, &[scene.say("論点", "issue"), scene.say("設定", "setting")]);
        settings.rows = set.into_iter().map(Vec::from).collect();
        table(text, scene, &settings);
    }
}

fn texts(text: &mut String, scene: &Scene<'_>, proposal: &Proposal) {
    head(text, scene, "2. 新旧対照表", "2. Old and new text");
    let japanese = scene.language == Language::Ja;
    let [old, new] = heads(scene);
    let (left, right) = order(japanese, old, new);
    let _ = writeln!(text, "| {} | {left} | {right} |\n| --- | --- | --- |", scene.say("条項", "article"));
    for amended in &proposal.articles {
        // The marks are put in after what comes from the regime has been made plain text.
        let plain = amended.texts("\u{2}", "\u{3}").map(|text| {
            let pieces: Vec<_> = text.split('\u{2}').map(markdown_piece).collect();
            pieces.join("<u>")
        });
        let [old, new] = plain;
        let (left, right) = order(japanese, old, new);
        let _ = writeln!(text, "| {}{} | {left} | {right} |", markdown(&amended.cited), note(scene, amended));
    }
    let _ = writeln!(
        text,
        "\n{}",
        scene.say(
            "下線は変わる箇所。条文は本データの要約であり、正文ではない。",
            "What changes is underlined. The articles are paraphrased; the law's own words prevail."
        )
    );
}

/// Writes a piece of text that may end a mark.
fn markdown_piece(piece: &str) -> String {
    piece.split('\u{3}').map(markdown).collect::<Vec<_>>().join("</u>")
}

fn affected(text: &mut String, scene: &Scene<'_>, found: &Found) {
    head(text, scene, "3. 影響を受けるもの", "3. Who is affected");
    let _ = writeln!(
        text,
        "{}",
        scene.say(
            "下限は、分かっている数値だけで適用が確かなもの。上限は、未確定のものをすべて加えたもの。",
            "The lower bound counts those certainly covered by the figures that are known; the upper bound adds all that are undetermined."
        )
    );
    for shown in [&found.totals, &found.moved, &found.models, &found.duties] {
        table(text, scene, shown);
    }
}

fn unknowns(text: &mut String, scene: &Scene<'_>, found: &Found) {
    head(text, scene, "4. 分からないこと", "4. What is not known");
    let (old, new) = (found.difference.old.models, found.difference.new.models);
    let _ = match scene.language {
        Language::Ja => writeln!(
            text,
            "- 未確定のモデルは、現行で{}件、改正案で{}件（全{}件中）。数値がデータにないか、論点が定まっていない。",
            old.undetermined,
            new.undetermined,
            new.total()
        ),
        Language::En => writeln!(
            text,
            "- Undetermined: {} models at present, {} as proposed, of {}. A figure is not in the data, or the law is not settled.",
            old.undetermined,
            new.undetermined,
            new.total()
        ),
    };
    let open = scene.unsettled();
    if !open.is_empty() {
        let _ = writeln!(
            text,
            "- {}",
            scene.say(
                "改正前の設定で定まっていない論点：",
                "Open issues that are not settled before the change:"
            )
        );
        for switch in open {
            let _ = writeln!(text, "  - {}", markdown(switch.question.get(scene.language)));
        }
    }
    let margins = margins(scene).unwrap_or_default();
    table(text, scene, &margin_table(scene, &margins));
}

fn data(text: &mut String, scene: &Scene<'_>) {
    head(text, scene, "5. データと仮定", "5. Data and assumptions");
    let _ = writeln!(text, "{}", markdown(&scene.data_source()));
    let title = scene.say("データの列と法律の事実の対応", "Which column stands for which fact");
    let mut mapping = Table::new(
        title,
        &[
            scene.say("法律の事実", "fact"),
            scene.say("データの列または仮定", "column, or what is assumed"),
            scene.say("説明", "note"),
        ],
    );
    for (name, column) in scene.columns.facts(scene.regime) {
        let fact = scene.regime.facts().iter().find(|fact| fact.name == name);
        let label = fact.map_or(name, |fact| fact.label.get(scene.language));
        let from = if let Some(value) = &column.assume {
            format!("= {value}")
        } else {
            let named = [&column.column, &column.low, &column.high].into_iter().flatten().cloned();
            named.collect::<Vec<_>>().join(" / ")
        };
        let words = column.text.as_ref().map_or("", |words| scene.say(&words.ja, &words.en));
        mapping.rows.push(vec![label.to_owned(), from, words.to_owned()]);
    }
    table(text, scene, &mapping);
    let _ = writeln!(
        text,
        "\n{}",
        scene.say(
            "ここに挙げていない事実は、どのモデルについても分からないものとして扱った。",
            "Facts that are not listed count as not known of any model."
        )
    );
}

fn limits(text: &mut String, scene: &Scene<'_>) {
    head(text, scene, "6. 限界", "6. Limits");
    let limits: &[&str] = match scene.language {
        Language::Ja => &[
            "データにあるモデルだけを数えた。公表されていないモデルや、これから現れるモデルは含まない。",
            "国による個別の指定や届出など、事後の行為は考慮していない。",
            "モデルの数であり、費用、便益、代替案との比較は計算していない。",
            "義務の数は、基準日に要件を満たすモデルの数であり、履行の状況ではない。",
            "罰則・課徴金の額が変わっても、ここでの数には表れない。",
        ],
        Language::En => &[
            "Only models in the data are counted: none that is unpublished or still to come.",
            "Later acts, such as an individual designation or a notification, are left out.",
            "Models are counted. Costs, benefits and alternatives are not computed.",
            "A duty is counted for each model that meets its conditions on the day, whether or not it is fulfilled.",
            "A change in the amount of a penalty does not show in these counts.",
        ],
    };
    for limit in limits {
        let _ = writeln!(text, "- {limit}");
    }
    head(text, scene, "7. 再現", "7. How to repeat it");
    let _ = writeln!(text, "```\n{}\n```", command(scene));
}

/// Returns the command that gives the same numbers.
fn command(scene: &Scene<'_>) -> String {
    let given = scene.arguments;
    let path = |path: &Option<std::path::PathBuf>| path.as_ref().map(|path| path.display().to_string());
    let mut words = vec![("--regime", given.regime.clone()), ("--as-of", given.as_of.clone())];
    words.extend(given.preset.iter().map(|preset| ("--preset", preset.clone())));
    words.extend(given.set.iter().map(|set| ("--set", set.clone())));
    words.extend(path(&given.data).map(|data| ("--data", data)));
    words.extend(path(&given.columns).map(|columns| ("--columns", columns)));
    words.extend(given.change.iter().map(|change| ("--change", change.clone())));
    let plain = |word: &str| word.chars().all(|c| c.is_ascii_alphanumeric() || "-_./=".contains(c));
    let mut command = "kanae law simulate".to_owned();
    for (option, value) in words {
        let value: String = value.chars().filter(|c| !c.is_control() && *c != '`').collect();
        let value = if plain(&value) { value } else { format!("'{}'", value.replace('\'', "'\\''")) };
        let _ = write!(command, " {option} {value}");
    }
    command
}
