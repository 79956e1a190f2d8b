//! Assessments for tools of the trade: OSCAL assessment results, and a table of duties.
//!
//! OSCAL (NIST) 1.1.3, <https://pages.nist.gov/OSCAL-Reference/models/v1.1.3/assessment-results/json-reference/>.
//! A duty is the target of a finding, a statement on record an observation with its digest. OSCAL
//! knows two states only, so a duty that is open, filed or unresolved is `not-satisfied` for the
//! reason `other`, and its true state stands in the property `verdict`.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::assessment::{Assessment, DutyResult, Status};
use crate::reason::Reason;
use crate::record::{Event, Record};
use crate::regime::Regime;
use crate::settings::SwitchSettings;
use crate::truth::Truth;
use crate::wording::Wording;

/// Version of OSCAL that is written.
const VERSION: &str = "1.1.3";
/// Namespace of the properties that OSCAL has no name for: a name, not an address (RFC 2606).
const NAMESPACE: &str = "https://kanae.invalid/oscal";
/// Longest text that is written as the value of a property.
const MAX_VALUE: usize = 1024;

/// What an export is made of.
#[derive(Debug, Clone, Copy)]
pub struct Exported<'e> {
    /// The regime.
    pub regime: &'e Regime,
    /// How its open issues are set.
    pub settings: &'e SwitchSettings,
    /// What was on record.
    pub record: &'e Record,
    /// The answer.
    pub assessment: &'e Assessment,
    /// The answer in words.
    pub wording: Wording<'e>,
    /// Whom it is about: a model version, a developer.
    pub subject: &'e str,
    /// Where a statement can be read: its digest follows. None: it is named by its digest.
    pub statements: Option<&'e str>,
    /// When the export is made.
    pub at: Timestamp,
}

impl Exported<'_> {
    /// Writes OSCAL assessment results. The same input has the same bytes: identifiers come from
    /// the content (UUID version 5).
    pub fn oscal(&self) -> Value {
        let observations = self.observations();
        let findings: Vec<Value> = self
            .assessment
            .duties
            .iter()
            .filter(|duty| duty.owed != Truth::False)
            .map(|duty| self.finding(duty, &observations))
            .collect();
        let controls: BTreeSet<&str> = self.regime.duties().iter().map(|duty| duty.id.as_str()).collect();
        let controls: Vec<Value> = controls.into_iter().map(|id| json!({ "control-id": id })).collect();
        let selection = if controls.is_empty() {
            json!({ "include-all": {} })
        } else {
            json!({ "include-controls": controls })
        };
        let plan = self.uuid("plan", "");
        let mut result = json!({
            "uuid": self.uuid("result", ""),
            "title": line(self.regime.title().get(self.wording.language())),
            "description": line(&self.wording.coverage()),
            "start": self.at.to_string(),
            "end": self.at.to_string(),
            "props": self.props(),
            "reviewed-controls": { "control-selections": [selection] },
        });
        let listed: Vec<Value> = observations.into_values().map(|observation| observation.json).collect();
        for (name, list) in [("observations", listed), ("findings", findings)] {
            if !list.is_empty() {
                result[name] = Value::Array(list);
            }
        }
        json!({
            "assessment-results": {
                "uuid": self.uuid("document", ""),
                "metadata": {
                    "title": line(&format!("{}: {}", self.regime.id(), self.subject)),
                    "last-modified": self.at.to_string(),
                    "version": self.assessment.as_of.to_string(),
                    "oscal-version": VERSION,
                    "remarks": "An assessment is advice; people decide.",
                },
                "import-ap": { "href": format!("#{plan}") },
                "results": [result],
                "back-matter": { "resources": [{
                    "uuid": plan,
                    "title": line(&format!("Rules of {}", self.regime.id())),
                    "description": "There is no plan apart from the regime: its rules say what is looked at.",
                    "props": [property("regime", self.regime.id())],
                }] },
            }
        })
    }

    /// Writes the duties as a table with a head line, for spreadsheets.
    pub fn duties_csv(&self) -> String {
        let mut table = csv::Writer::from_writer(Vec::new());
        let heads = [
            "regime",
            "as_of",
            "subject",
            "duty",
            "name",
            "article",
            "by",
            "owed",
            "status",
            "due",
            "due_at",
            "late",
            "fulfilled_by",
            "common",
            "why",
            "deadline",
        ];
        let language = self.wording.language();
        let mut written = table.write_record(heads);
        for duty in &self.assessment.duties {
            let rule = self.regime.duty(&duty.id);
            let entries: Vec<_> = duty.fulfilled_by.iter().map(u64::to_string).collect();
            let cells = [
                self.regime.id().to_owned(),
                self.assessment.as_of.to_string(),
                self.subject.to_owned(),
                duty.id.to_string(),
                rule.map_or_else(String::new, |rule| rule.text.get(language).to_owned()),
                duty.article.to_string(),
                duty.by.as_str().to_owned(),
                truth(duty.owed).to_owned(),
                duty.status.as_str().to_owned(),
                duty.due.map_or_else(String::new, |due| due.to_string()),
                duty.due_at.map_or_else(String::new, |at| at.to_string()),
                duty.late.to_string(),
                entries.join(" "),
                rule.map_or_else(String::new, |rule| rule.common.join(" ")),
                self.wording.duty(duty),
                self.wording.due(duty).unwrap_or_default(),
            ];
            written = written.and_then(|()| table.write_record(cells.map(|cell| tame(&cell))));
        }
        // Writing to memory does not fail.
        let bytes = written.ok().and_then(|()| table.into_inner().ok()).unwrap_or_default();
        String::from_utf8(bytes).unwrap_or_default()
    }

    /// Makes an identifier from what the export is about.
    fn uuid(&self, kind: &str, id: &str) -> String {
        let namespace = Uuid::new_v5(&Uuid::NAMESPACE_URL, NAMESPACE.as_bytes());
        let assessment = Uuid::new_v5(&namespace, &self.assessment.to_canonical_json());
        let name = format!("{kind}\n{id}\n{}\n{}", self.subject, self.at);
        Uuid::new_v5(&assessment, name.as_bytes()).to_string()
    }

    /// The regime, its text, and every figure and open issue that the answer took.
    fn props(&self) -> Vec<Value> {
        let assessment = self.assessment;
        let coverage = match assessment.coverage {
            crate::Coverage::Covered => "covered",
            crate::Coverage::NotCovered => "not_covered",
            crate::Coverage::Undetermined => "undetermined",
        };
        let mut props = vec![
            property("regime", self.regime.id()),
            property("as-of", &assessment.as_of.to_string()),
            property("force", assessment.force.as_str()),
            property("coverage", coverage),
            property("subject", self.subject),
        ];
        props.extend(assessment.version.iter().map(|version| property("text", version)));
        props.extend(assessment.class.iter().map(|class| property("class", class)));
        for (name, ids) in [
            ("missing", &assessment.missing),
            ("disputed", &assessment.disputed),
            ("unsettled", &assessment.unsettled),
        ] {
            props.extend(ids.iter().map(|id| property(name, id)));
        }
        props.extend(self.settings.texts().iter().map(|(id, text)| of("switch", id, text)));
        for parameter in self.regime.parameters() {
            props.extend(parameter.on(assessment.as_of).map(|value| of("param", &parameter.id, &value.text)));
        }
        props
    }

    fn finding(&self, duty: &DutyResult, observations: &BTreeMap<u64, Observation>) -> Value {
        let rule = self.regime.duty(&duty.id);
        let title = rule.map_or(duty.id.as_str(), |rule| rule.text.get(self.wording.language()));
        let (state, reason) = match duty.status {
            Status::AppearsMet => ("satisfied", "pass"),
            Status::AppearsUnmet => ("not-satisfied", "fail"),
            _ => ("not-satisfied", "other"),
        };
        let mut props = vec![
            property("article", &duty.article),
            property("owed", truth(duty.owed)),
            property("owed-by", duty.by.as_str()),
            property("verdict", duty.status.as_str()),
            property("late", if duty.late { "true" } else { "false" }),
        ];
        props.extend(duty.due.map(|due| property("due", &due.to_string())));
        props.extend(duty.due_at.map(|at| property("due-at", &at.to_string())));
        props.extend(duty.due_because.rule.iter().map(|rule| property("deadline", rule)));
        if let Some(rule) = rule {
            props.extend(rule.common.iter().map(|common| property("common", common)));
        }
        let mut description = self.wording.duty(duty);
        if let Some(due) = self.wording.due(duty) {
            description.push(' ');
            description.push_str(&due);
        }
        let mut entries: BTreeSet<u64> = duty.fulfilled_by.iter().copied().collect();
        entries_of(&duty.reason, &mut entries);
        let related: Vec<Value> = entries
            .iter()
            .filter_map(|entry| observations.get(entry))
            .map(|observation| json!({ "observation-uuid": observation.uuid }))
            .collect();
        let mut finding = json!({
            "uuid": self.uuid("finding", &duty.id),
            "title": line(title),
            "description": line(&description),
            "props": props,
            "target": {
                "type": "objective-id",
                "target-id": duty.id,
                "status": { "state": state, "reason": reason, "remarks": "See the property `verdict`." },
            },
        });
        if !related.is_empty() {
            finding["related-observations"] = Value::Array(related);
        }
        finding
    }

    /// One observation for each statement on record, by its entry.
    fn observations(&self) -> BTreeMap<u64, Observation> {
        let mut found: BTreeMap<u64, Observation> = BTreeMap::new();
        for event in &self.record.events {
            found.entry(event.entry).or_insert_with(|| self.event(event));
        }
        for (fact, entries) in &self.record.facts {
            for stated in entries {
                let Some(source) = &stated.source else { continue };
                let observation = found.entry(source.entry).or_insert_with(|| {
                    self.observation(source.entry, &source.statement, "model-facts", self.at)
                });
                let stated = of("states", fact, &stated.value.to_string());
                if let Some(props) = observation.json["props"].as_array_mut() {
                    props.push(stated);
                }
            }
        }
        found
    }

    fn event(&self, event: &Event) -> Observation {
        let mut observation =
            self.observation(event.entry, &event.statement, &event.predicate, event.arrived);
        if let Some(props) = observation.json["props"].as_array_mut() {
            props.extend(event.attributes.iter().map(|(name, value)| of("attribute", name, value)));
        }
        observation
    }

    fn observation(&self, entry: u64, digest: &str, predicate: &str, collected: Timestamp) -> Observation {
        let uuid = self.uuid("observation", &entry.to_string());
        let href = match self.statements {
            Some(base) => format!("{base}{digest}"),
            None => format!("urn:kanae:statement:{digest}"),
        };
        let mut props = vec![property("predicate", predicate)];
        props.push(property("entry", &entry.to_string()));
        let json = json!({
            "uuid": uuid,
            "description": format!("Statement `{predicate}`, entry {entry} of the log."),
            "props": props,
            "methods": ["EXAMINE"],
            "collected": collected.to_string(),
            "relevant-evidence": [{
                "href": href,
                "description": "The signed statement.",
                "props": [property("sha-256", digest)],
            }],
        });
        Observation { uuid, json }
    }
}

struct Observation {
    uuid: String,
    json: Value,
}

fn entries_of(reason: &Reason, entries: &mut BTreeSet<u64>) {
    let mut waiting = vec![reason];
    while let Some(reason) = waiting.pop() {
        entries.extend(reason.events.iter().map(|event| event.entry));
        entries.extend(reason.facts.iter().flat_map(|fact| &*fact.stated).map(|stated| stated.source.entry));
        waiting.extend(&reason.children);
    }
}

fn property(name: &str, value: &str) -> Value {
    json!({ "name": name, "ns": NAMESPACE, "value": line(value) })
}

/// A property of one of several things of a kind, which its class names.
fn of(name: &str, class: &str, value: &str) -> Value {
    json!({ "name": name, "ns": NAMESPACE, "class": class, "value": line(value) })
}

/// Writes a text on one line, as OSCAL asks of values; an empty one as a dash.
fn line(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match text.char_indices().nth(MAX_VALUE) {
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
        None if text.is_empty() => "-".to_owned(),
        None => text,
    }
}

fn truth(truth: Truth) -> &'static str {
    match truth {
        Truth::True => "true",
        Truth::False => "false",
        Truth::Undetermined => "undetermined",
    }
}

/// Keeps a spreadsheet from taking a text for a formula.
fn tame(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_never_a_formula_and_a_value_never_two_lines() {
        assert_eq!(tame("=1+1"), "'=1+1");
        assert_eq!(tame("2026-11-24"), "2026-11-24");
        assert_eq!(line(" a\n b\t"), "a b");
        assert_eq!(line(""), "-");
        assert_eq!(line(&"語".repeat(5000)).chars().count(), MAX_VALUE + 1);
    }
}
