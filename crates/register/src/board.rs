//! What does the law ask? The register turned into the record that a regime is applied to.

use std::collections::BTreeMap;
use std::sync::Arc;

use evidence::predicate::{
    Assessment, AssessmentInput, AssessmentResult, CertificateState, DutyResult, FactValue, FindingResult,
    Incident, InputSource, ObjectionResult, RegisterState, VerificationScope,
};
use evidence::{Date, Digest, Issuer, Predicate, Slug, Statement};
use law::{Event, FactEntry, Record, Regime, Source, SwitchSettings};

use crate::citations::procedure_name;
use crate::library::Library;
use crate::redress::is_final;
use crate::state::{AdoptedRegime, Recorded, Register};

/// The name and version of the engine, as assessments record it.
pub const ENGINE: &str = concat!("kanae-law ", env!("CARGO_PKG_VERSION"));

/// Why there is no advice.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BoardError {
    /// The regime is not adopted in this register.
    #[error("the regime {0:?} is not adopted here")]
    NotAdopted(String),
    /// The files of the adopted regime are not at hand.
    #[error("the files of the regime with the folder digest {0} are not at hand")]
    NoFiles(Digest),
    /// The model is not in the register.
    #[error("{0} is no model in this register")]
    NoModel(Digest),
    /// The engine refused a fact or a setting.
    #[error("{0}")]
    Engine(String),
}

/// Advice: what a regime makes of what is on record about a model.
#[derive(Debug, Clone)]
pub struct Advice {
    /// The regime's files.
    pub regime: Regime,
    /// The adoption that settles its switches.
    pub adopted: Arc<AdoptedRegime>,
    /// What was on record.
    pub record: Record,
    /// What came out, with reasons.
    pub assessment: law::Assessment,
}

/// Reads the switches of an adoption against the regime's own.
pub(crate) fn settings(
    regime: &Regime,
    switches: &BTreeMap<String, String>,
) -> Result<SwitchSettings, String> {
    SwitchSettings::new(regime, switches.iter().map(|(k, v)| (k.as_str(), v.as_str())))
        .map_err(|e| e.to_string())
}

impl Register {
    /// Applies a regime to what is on record about a model, as of a day.
    pub fn advise(
        &self,
        regime: &str,
        model: &Digest,
        as_of: Date,
        library: &Library,
    ) -> Result<Advice, BoardError> {
        let adopted = self.regime(regime).ok_or_else(|| BoardError::NotAdopted(regime.to_owned()))?;
        let files = library.regime(&adopted.folder).ok_or(BoardError::NoFiles(adopted.folder))?;
        if !self.models().any(|m| m.id == *model) {
            return Err(BoardError::NoModel(*model));
        }
        let settings = settings(&files, &adopted.switches).map_err(BoardError::Engine)?;
        let record = self.record_of(model, regime, &files);
        let assessment = law::assess(&files, &settings, &record, as_of.civil())
            .map_err(|e| BoardError::Engine(e.to_string()))?;
        Ok(Advice { regime: files, adopted: Arc::clone(adopted), record, assessment })
    }

    /// Returns what is on record about a model, as a regime may look at it.
    fn record_of(&self, model: &Digest, regime: &str, files: &Regime) -> Record {
        // An act under another regime has no effect under this one.
        self.record_where(model, files, |statement| {
            statement.common().regime.as_ref().is_none_or(|named| named.as_str() == regime)
        })
    }

    /// Returns what would be on record about a model under a regime, were everything that its
    /// developer filed filed under it too: what is reported once and asked for in several places.
    /// What authorities did under other regimes has no effect.
    pub fn record_across(&self, model: &Digest, files: &Regime) -> Record {
        let developer = self.thing(model).map(|thing| thing.parent);
        self.record_where(model, files, |statement| {
            let common = statement.common();
            let named = common.regime.as_ref();
            // What the predecessor of the developer filed counts as filed.
            let filed = match common.issuer {
                Issuer::Organisation(issuer) => Some(self.heir(issuer, model)) == developer,
                _ => false,
            };
            filed || named.is_none_or(|named| named.as_str() == files.id())
        })
    }

    fn record_where(&self, model: &Digest, files: &Regime, counts: impl Fn(&Statement) -> bool) -> Record {
        let mut record = Record::default();
        for recorded in self.dossier(model) {
            // What is known of an incident is what was said of it last.
            let corrected = recorded.superseded_by.is_some()
                && matches!(recorded.statement.predicate(), Predicate::Incident(_));
            if recorded.superseded_by.is_none()
                && let Predicate::ModelFacts(facts) = recorded.statement.predicate()
            {
                for (name, fact) in &facts.facts {
                    let Some(value) = fact_value(files, name, &fact.value) else { continue };
                    let source =
                        Source { statement: recorded.statement.digest().to_string(), entry: recorded.index };
                    record.facts.entry(name.clone()).or_default().push(FactEntry {
                        value,
                        known_at: Some(fact.known_at.instant()),
                        source: Some(source),
                    });
                }
            }
            // What is stayed or annulled is as if it had not been said.
            let stands = self.act_state(&recorded.statement.digest()).counts();
            if !corrected && stands && !self.has_left(recorded) && counts(&recorded.statement) {
                let last_day = self.last_day(&recorded.statement.digest());
                record.events.extend(occurrences(recorded.statement.predicate(), last_day).into_iter().map(
                    |attributes| Event {
                        arrived: recorded.arrived_at.instant(),
                        entry: recorded.index,
                        predicate: recorded.statement.predicate().name().to_owned(),
                        statement: recorded.statement.digest().to_string(),
                        attributes,
                    },
                ));
            }
        }
        record
    }

    /// Tells whether a statement adheres to a code that its issuer said later to have left, or says so.
    fn has_left(&self, recorded: &Recorded) -> bool {
        let Predicate::CodeAdherence(adherence) = recorded.statement.predicate() else { return false };
        let code = self.current(&adherence.code).map(|code| code.index);
        let subject = recorded.statement.subject();
        let last = self.about(&subject).filter_map(|later| match later.statement.predicate() {
            Predicate::CodeAdherence(said)
                if later.issuer == recorded.issuer
                    && self.current(&said.code).map(|code| code.index) == code =>
            {
                Some(said.adheres)
            }
            _ => None,
        });
        last.last() == Some(false)
    }

    /// Returns every statement about a model, and about what is below it and said of that, in the
    /// order of the log.
    pub fn dossier(&self, model: &Digest) -> Vec<&Arc<Recorded>> {
        let mut found: BTreeMap<u64, &Arc<Recorded>> = BTreeMap::new();
        let mut waiting = vec![*model];
        found.extend(self.recorded(model).map(|r| (r.index, r)));
        while let Some(subject) = waiting.pop() {
            for recorded in self.about(&subject) {
                if found.insert(recorded.index, recorded).is_none() {
                    waiting.push(recorded.statement.digest());
                }
            }
        }
        found.into_values().collect()
    }

    /// Makes the body of a public `assessment` statement from advice on this register. Duties that
    /// appear unmet are left out: of a named organisation only a signed act may say so.
    pub fn assessment_of(&self, advice: &Advice, as_of: Date) -> Option<Assessment> {
        let inputs = advice
            .record
            .facts
            .iter()
            .flat_map(|(name, entries)| entries.iter().map(move |entry| (name, entry)))
            .filter_map(|(name, entry)| {
                let statement = entry.source.as_ref()?.statement.parse().ok()?;
                Some(AssessmentInput {
                    fact: name.clone(),
                    value: entry.value.to_string(),
                    source: InputSource::Statement(statement),
                })
            })
            .collect();
        let mut result = result_of(&advice.assessment);
        result.duties.retain(|duty| duty.status != law::Status::AppearsUnmet.as_str());
        Some(Assessment {
            register: RegisterState { size: self.size(), root: self.root_at(self.size())? },
            as_of,
            regime_adoption: advice.adopted.adoption,
            engine: ENGINE.to_owned(),
            inputs,
            result,
        })
    }
}

/// Returns the part of an assessment that statements record and audits compare.
pub fn result_of(assessment: &law::Assessment) -> AssessmentResult {
    AssessmentResult {
        coverage: match assessment.coverage {
            law::Coverage::Covered => "covered",
            law::Coverage::NotCovered => "not_covered",
            law::Coverage::Undetermined => "undetermined",
        }
        .to_owned(),
        classes: assessment
            .classes
            .iter()
            .filter(|c| c.holds == law::Truth::True)
            .map(|c| c.id.to_string())
            .collect(),
        missing: assessment.missing.iter().map(ToString::to_string).collect(),
        duties: assessment
            .duties
            .iter()
            .map(|d| DutyResult {
                id: d.id.to_string(),
                status: d.status.as_str().to_owned(),
                due: d.due.map(Date::new),
            })
            .collect(),
    }
}

/// Reads a stated fact by the regime's own schema; facts that the regime does not know, or states
/// in another unit, do not count under it.
fn fact_value(regime: &Regime, name: &str, value: &FactValue) -> Option<law::FactValue> {
    match value {
        FactValue::Unknown => Some(law::FactValue::Unknown),
        FactValue::Boolean(value) => regime.read_fact(name, if *value { "true" } else { "false" }).ok(),
        FactValue::Number(text) | FactValue::Text(text) => regime.read_fact(name, text).ok(),
        FactValue::Date(date) => regime.read_fact(name, &date.to_string()).ok(),
        FactValue::Interval { low, high } => {
            match (regime.read_fact(name, low).ok()?, regime.read_fact(name, high).ok()?) {
                (law::FactValue::Number { value: low, unit }, law::FactValue::Number { value: high, .. })
                    if low <= high =>
                {
                    Some(law::FactValue::Range { low: Some(low), high: Some(high), unit })
                }
                _ => None,
            }
        }
    }
}

/// What a regime's rules may distinguish about a statement. A review with questions leaves each
/// duty that it asks about unresolved; a stay meanwhile decides nothing about an objection.
fn occurrences(predicate: &Predicate, last_day: Option<Date>) -> Vec<BTreeMap<String, String>> {
    if matches!(predicate, Predicate::ObjectionDecision(decision) if !is_final(decision.effect)) {
        return Vec::new();
    }
    let mut all = vec![attributes(predicate, last_day)];
    if let Predicate::Review(review) = predicate {
        all.extend(review.questions.iter().map(|duty| {
            BTreeMap::from([
                ("duty".to_owned(), duty.to_string()),
                ("result".to_owned(), "unresolved".to_owned()),
            ])
        }));
    }
    all
}

/// `last_day` is the day that the statement names, with the extensions that were given.
fn attributes(predicate: &Predicate, last_day: Option<Date>) -> BTreeMap<String, String> {
    let word = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let about = |duty: &Option<Slug>| duty.as_ref().map(|duty| word("duty", duty.as_str()));
    let by = |name: &str, day: Date| word(name, &last_day.unwrap_or(day).to_string());
    let words = match predicate {
        Predicate::SafetyVerification(v) => vec![word(
            "scope",
            match v.scope {
                VerificationScope::Internal => "internal",
                VerificationScope::External => "external",
            },
        )],
        Predicate::Incident(incident) => incident_words(incident),
        Predicate::Designation(d) => vec![word("class", d.class.as_str())],
        Predicate::SystemDescription(s) => vec![word("duty", s.duty.as_str())],
        Predicate::Finding(f) => vec![
            word("duty", f.duty.as_str()),
            word(
                "result",
                match f.result {
                    FindingResult::Met => "met",
                    FindingResult::Unmet => "unmet",
                    FindingResult::Unresolved => "unresolved",
                },
            ),
        ],
        Predicate::RemedyRequest(r) => {
            vec![word("duty", r.duty.as_str()), by("deadline", r.deadline)]
        }
        Predicate::Order(o) => vec![word("duty", o.duty.as_str()), by("deadline", o.deadline)],
        Predicate::Surcharge(s) => vec![word("duty", s.duty.as_str())],
        Predicate::InformationRequest(r) => {
            about(&r.duty).into_iter().chain([by("answer_by", r.answer_by)]).collect()
        }
        Predicate::ReportDemand(d) => {
            about(&d.duty).into_iter().chain([by("answer_by", d.answer_by)]).collect()
        }
        Predicate::Guidance(g) => about(&g.duty).into_iter().collect(),
        Predicate::Inspection(i) => about(&i.duty).into_iter().collect(),
        Predicate::Disclosure(d) => about(&d.duty).into_iter().collect(),
        Predicate::Opinion(o) => about(&o.duty).into_iter().collect(),
        Predicate::ObjectionDecision(d) => vec![word(
            "result",
            match d.result {
                ObjectionResult::Upheld | ObjectionResult::PartlyUpheld => "upheld",
                ObjectionResult::Rejected | ObjectionResult::Inadmissible => "rejected",
            },
        )],
        Predicate::Procedure(p) => {
            let mut words =
                vec![word("kind", procedure_name(p.kind)), word("planned_act", p.planned_act.as_str())];
            words.extend(about(&p.duty));
            words
        }
        Predicate::CertificateStatus(s) => vec![word(
            "status",
            match s.state {
                CertificateState::Valid => "reinstated",
                CertificateState::Suspended => "suspended",
                CertificateState::Revoked => "revoked",
            },
        )],
        _ => Vec::new(),
    };
    words.into_iter().collect()
}

/// What the regimes may ask about an incident; what it leaves out is not known.
fn incident_words(incident: &Incident) -> Vec<(String, String)> {
    let what = &incident.circumstances;
    let circumstances = [
        ("death", what.death),
        ("serious_injury", what.serious_injury),
        ("bodily_injury", what.bodily_injury),
        ("imminent_risk", what.imminent_risk),
        ("infrastructure_disruption", what.infrastructure_disruption),
        ("cybersecurity_breach", what.cybersecurity_breach),
        ("weights_accessed", what.weights_accessed),
        ("rights_infringement", what.rights_infringement),
        ("other_rights_infringement", what.other_rights_infringement),
        ("property_damage", what.property_damage),
        ("catastrophic_harm", what.catastrophic_harm),
        ("loss_of_control", what.loss_of_control),
        ("deception", what.deception),
        ("risk_increased", what.risk_increased),
        // Whoever says when it was resolved says that it was.
        ("resolved", incident.resolved_at.map(|_| true).or(what.resolved)),
    ];
    let instants = [
        ("occurred_at", incident.occurred_at),
        ("discovered_at", incident.discovered_at),
        ("aware_at", incident.aware_at),
        ("determined_at", incident.determined_at),
        ("believed_at", incident.believed_at),
        ("imminent_at", incident.imminent_at),
        ("resolved_at", incident.resolved_at),
    ];
    let circumstances =
        circumstances.into_iter().filter_map(|(name, value)| Some((name, value?.to_string())));
    let instants = instants.into_iter().filter_map(|(name, value)| Some((name, value?.to_string())));
    circumstances.chain(instants).map(|(name, value)| (name.to_owned(), value)).collect()
}
