//! `kanae law assess`.

use jiff::Timestamp;
use law::{Coverage, Exported, Goal, Truth};
use serde_json::json;

use super::given::{self, Case, Given};
use super::shelf::Shelf;
use super::{status, table, text};
use crate::failure::{Failure, Kind};
use crate::ui::Ui;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Id of the regime.
    #[arg(long, value_name = "ID", required_unless_present = "all")]
    regime: Option<String>,
    /// Applies all regimes at hand, in one table.
    #[arg(long, conflicts_with_all = ["regime", "request", "tree", "format"])]
    all: bool,
    #[command(flatten)]
    given: Given,
    /// How to print the answer.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Prints the request for the facts that would settle whether the law covers the subject.
    #[arg(long)]
    request: bool,
    /// Prints the tree of conditions beside the sentences.
    #[arg(long)]
    tree: bool,
    #[command(flatten)]
    about: About,
}

/// How an answer is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// Sentences.
    Text,
    /// The assessment as JSON.
    Json,
    /// The duties as a table.
    Csv,
    /// OSCAL assessment results.
    Oscal,
}

/// What an export says besides the answer.
#[derive(Debug, clap::Args)]
pub(super) struct About {
    /// Whom the assessment is about, in exports.
    #[arg(long, value_name = "NAME", default_value = "subject")]
    subject: String,
    /// Where statements can be read, in exports: their digest follows the address.
    #[arg(long, value_name = "URL")]
    statements: Option<String>,
    /// When the export is made; now, if not given.
    #[arg(long, value_name = "INSTANT")]
    at: Option<String>,
}

impl About {
    pub(super) fn exported<'e>(&'e self, case: &'e Case, ui: &Ui) -> Result<Exported<'e>, Failure> {
        let at = match &self.at {
            None => Timestamp::now(),
            Some(text) => text.parse().map_err(|_| {
                Failure::new(Kind::Usage, format!("`{text}` is not an instant"))
                    .hint("write it as in --at 2026-11-24T09:00:00Z")
            })?,
        };
        Ok(Exported {
            regime: &case.regime,
            settings: &case.settings,
            record: &case.record,
            assessment: &case.assessment,
            wording: case.wording(ui),
            subject: &self.subject,
            statements: self.statements.as_deref(),
            at,
        })
    }
}

pub(super) fn assess(shelf: &Shelf, arguments: &Arguments, ui: &Ui) -> Result<(), Failure> {
    let Some(id) = &arguments.regime else {
        return all(&arguments.given.several(shelf, &[])?, ui);
    };
    let case = arguments.given.one(shelf, id)?;
    if arguments.request {
        return request(&case, ui);
    }
    if ui.json && matches!(arguments.format, Format::Csv | Format::Oscal) {
        return Err(Failure::new(
            Kind::Usage,
            "--json prints the assessment; --format asks for something else",
        )
        .hint("leave one of them out"));
    }
    match arguments.format {
        Format::Text => {
            print(&case, arguments.tree, ui);
            ui.object(&case.assessment)
        }
        Format::Json => Ui::new(true, ui.lang).object(&case.assessment),
        Format::Csv => {
            ui.line(arguments.about.exported(&case, ui)?.duties_csv().trim_end());
            Ok(())
        }
        Format::Oscal => Ui::new(true, ui.lang).object(&arguments.about.exported(&case, ui)?.oscal()),
    }
}

/// Prints the answers of several regimes as one table.
fn all(cases: &[Case], ui: &Ui) -> Result<(), Failure> {
    let head = [
        ui.text("制度", "regime"),
        ui.text("適用", "coverage"),
        ui.text("区分", "class"),
        ui.text("義務", "owed"),
        ui.text("次の期限", "next day"),
    ];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for case in cases {
        let assessment = &case.assessment;
        let owed = assessment.duties.iter().filter(|duty| duty.by == law::Party::Developer);
        let owed: Vec<_> = owed.filter(|duty| duty.owed == Truth::True).collect();
        let waiting = owed.iter().filter(|duty| duty.status == law::Status::Open);
        let next = waiting.filter_map(|duty| duty.due).filter(|due| *due >= assessment.as_of).min();
        let class = assessment.class.as_deref().and_then(|id| {
            case.regime.classes().iter().find(|class| class.id == id).map(|class| text(ui, &class.text))
        });
        rows.push(vec![
            case.regime.id().to_owned(),
            coverage(case, ui),
            class.unwrap_or("–").to_owned(),
            owed.len().to_string(),
            next.map_or_else(|| "–".to_owned(), |next| next.to_string()),
        ]);
    }
    table::print(&rows, "", ui);
    ui.line("");
    for case in cases {
        ui.line(format!("{}: {}", case.regime.id(), case.wording(ui).coverage()));
    }
    advice(ui);
    let assessments: Vec<_> = cases.iter().map(|case| &case.assessment).collect();
    ui.object(&json!({ "assessments": assessments }))
}

/// Says in few words whether a law covers the subject.
pub(super) fn coverage(case: &Case, ui: &Ui) -> String {
    let assessment = &case.assessment;
    if !assessment.force.is_in_force() {
        return match assessment.force {
            law::Force::NotYet => ui.text("施行前", "not yet in force"),
            law::Force::Suspended => ui.text("停止中", "suspended"),
            law::Force::Preempted => ui.text("他法が優先", "displaced"),
            law::Force::Ended | law::Force::InForce => ui.text("失効", "ended"),
        }
        .to_owned();
    }
    match assessment.coverage {
        Coverage::Covered => ui.text("対象", "covered"),
        Coverage::NotCovered => ui.text("対象外", "not covered"),
        Coverage::Undetermined => ui.text("未確定", "undetermined"),
    }
    .to_owned()
}

fn print(case: &Case, tree: bool, ui: &Ui) {
    let Case { regime, assessment, .. } = case;
    let say = case.wording(ui);
    ui.line(format!("{}  [{}]", text(ui, regime.title()), status(ui, regime, assessment.as_of)));
    let version = assessment.version.as_deref().unwrap_or_else(|| ui.text("なし", "none"));
    ui.line(format!(
        "{} {}  {} {version}",
        ui.text("基準日", "as of"),
        assessment.as_of,
        ui.text("条文", "text")
    ));
    ui.line(format!("\n{}", say.coverage()));
    for class in assessment.classes.iter().filter(|class| class.holds != Truth::False) {
        let reported = regime.classes().iter().any(|rule| rule.id == class.id && !rule.auxiliary);
        if reported {
            ui.line(say.class(class));
        }
    }
    let cited = |article: &str| regime.cited(given::language(ui), article);
    // What is owed first, then what may be.
    let of = |truth| assessment.duties.iter().filter(move |duty| duty.owed == truth);
    let duties: Vec<_> = of(Truth::True).chain(of(Truth::Undetermined)).collect();
    if !duties.is_empty() {
        heading(ui.text("義務", "duties"), ui);
    }
    for duty in duties {
        let Some(rule) = regime.duty(&duty.id) else { continue };
        let due = duty.due.map_or(String::new(), |due| format!("  {} {due}", ui.text("期限", "due")));
        // The developer's are the rule; the State's own stand among them.
        let by = match duty.by {
            law::Party::Developer => String::new(),
            other => {
                let language = given::language(ui);
                format!("{}{}", law::party(language, other), ui.text("：", ": "))
            }
        };
        let name = text(ui, &rule.text);
        let article = cited(&duty.article);
        ui.line(format!("  {by}{name} — {}  [{article}]{due}", say.status(duty.status)));
        ui.line(format!("      {}", say.duty(duty)));
        if let Some(due) = say.due(duty) {
            ui.line(format!("      {due}"));
        }
    }
    let mut powers = assessment.powers.iter().filter(|power| power.available != Truth::False).peekable();
    let mut penalties = assessment.penalties.iter().filter(|found| found.applies != Truth::False).peekable();
    if powers.peek().is_some() || penalties.peek().is_some() {
        heading(ui.text("国の権限と制裁", "powers and penalties"), ui);
    }
    for power in powers {
        let rule = regime.powers().iter().find(|rule| rule.id == power.id);
        let name = rule.map_or(power.id.as_str(), |rule| text(ui, &rule.text));
        ui.line(format!("  {name}  [{}]", cited(&power.article)));
        ui.line(format!("      {}", say.power(power)));
    }
    for penalty in penalties {
        let rule = regime.penalties().iter().find(|rule| rule.id == penalty.id);
        let name = rule.map_or(penalty.id.as_str(), |rule| text(ui, &rule.text));
        ui.line(format!("  {name}  [{}]", cited(&penalty.article)));
        ui.line(format!("      {}", say.penalty(penalty)));
    }
    if assessment.coverage == Coverage::Undetermined {
        let hint = ui.text(
            "\n足りない事実の照会文は --request で作れます。",
            "\nWith --request, the letter that asks for what is missing.",
        );
        ui.line(hint);
    }
    if tree {
        heading(ui.text("条件の木", "tree of conditions"), ui);
        for line in assessment.reason.outline().lines() {
            ui.line(format!("  {line}"));
        }
    }
    advice(ui);
}

fn heading(name: &str, ui: &Ui) {
    ui.line(format!("\n{name}"));
}

pub(super) fn advice(ui: &Ui) {
    ui.line(ui.text("\nこれは助言であり、決めるのは人です。", "\nThis is advice; people decide."));
}

/// Prints the letter that asks for what keeps the answer open.
fn request(case: &Case, ui: &Ui) -> Result<(), Failure> {
    let Case { regime, settings, record, assessment } = case;
    let sets = law::missing_sets(regime, settings, record, assessment.as_of, Goal::Coverage)
        .map_err(|error| Failure::new(Kind::Data, error))?;
    let smallest = sets.sets.iter().find(|set| set.unsettled.is_empty()).or(sets.sets.first());
    let names = |because: &law::Because| because.missing.union(&because.disputed);
    let mut facts = smallest.map(names).unwrap_or_default();
    if facts.is_empty() {
        // The coverage is settled, or only the law keeps it open: what classes and duties ask.
        let duties = assessment.duties.iter().filter(|duty| duty.owed != Truth::False);
        let open = duties.flat_map(|duty| [&duty.because, &duty.due_because.because]);
        facts =
            open.fold(assessment.missing.union(&assessment.disputed), |all, open| all.union(&names(open)));
    }
    if facts.is_empty() {
        ui.line(
            ui.text("照会すべき事実はありません。", "Nothing is to be asked: no fact keeps an answer open."),
        );
        return ui.object(&json!({ "asked": [], "letter": null, "sets": sets.sets }));
    }
    let request = given::Case::wording(case, ui).request(&facts);
    ui.line(request.letter.trim_end());
    ui.object(&json!({ "asked": request.asked, "letter": request.letter, "sets": sets.sets }))
}
