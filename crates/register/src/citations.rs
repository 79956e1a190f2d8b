//! What a statement's own words must agree with: the things and statements that it names.
//!
//! The policy says who may speak; this says what makes sense, and holds under every policy.

use evidence::predicate::{CertificateState, FindingResult, ProcedureKind, VerificationScope};
use evidence::{Digest, Issuer, Predicate, Slug, Statement, Timestamp};

use crate::judge::{Moment, introduced_keys};
use crate::library::Library;
use crate::refusal::{Code, Refusal};
use crate::state::{Kind, Recorded, Register};

mod oversight;
mod parties;

/// Words that stand for something else where an organisation's short name is expected.
const RESERVED: &[&str] = &["node", "self", "genesis"];

fn wrong<T>(problem: impl std::fmt::Display) -> Result<T, Refusal> {
    Err(Refusal::new(Code::WrongCitation, problem))
}

/// An adverse act: what its procedure must fit.
pub(crate) struct Adverse<'p> {
    pub(crate) procedure: Option<Digest>,
    pub(crate) duty: Option<&'p str>,
}

/// Returns what makes an act adverse to someone, where it is.
pub(crate) fn adverse(predicate: &Predicate) -> Option<Adverse<'_>> {
    match predicate {
        Predicate::Finding(finding) if finding.result == FindingResult::Unmet => {
            Some(Adverse { procedure: finding.procedure, duty: Some(finding.duty.as_str()) })
        }
        Predicate::RemedyRequest(request) => {
            Some(Adverse { procedure: Some(request.procedure), duty: Some(request.duty.as_str()) })
        }
        Predicate::Order(order) => {
            Some(Adverse { procedure: Some(order.procedure), duty: Some(order.duty.as_str()) })
        }
        Predicate::Surcharge(surcharge) => {
            Some(Adverse { procedure: Some(surcharge.procedure), duty: Some(surcharge.duty.as_str()) })
        }
        Predicate::Disclosure(disclosure) if disclosure.names_failure => Some(Adverse {
            procedure: disclosure.procedure,
            duty: disclosure.duty.as_ref().map(Slug::as_str),
        }),
        Predicate::CertificateStatus(status) if status.state != CertificateState::Valid => {
            Some(Adverse { procedure: status.procedure, duty: None })
        }
        _ => None,
    }
}

/// Returns the name of a kind of procedure, as the policy's table and statements write it.
pub fn procedure_name(kind: ProcedureKind) -> &'static str {
    match kind {
        ProcedureKind::Hearing => "hearing",
        ProcedureKind::OpportunityToExplain => "opportunity_to_explain",
        ProcedureKind::Urgency => "urgency",
    }
}

pub(crate) fn judge(
    register: &Register,
    statement: &Statement,
    at: Moment,
    library: &Library,
) -> Result<(), Refusal> {
    let subject = statement.subject();
    match statement.predicate() {
        Predicate::NodeGenesis(genesis) => {
            if genesis.origin != register.origin() {
                return Err(Refusal::new(Code::WrongLog, "the genesis names another origin"));
            }
            if genesis.threshold as usize > genesis.root_keys.len() {
                return Err(Refusal::new(
                    Code::Threshold,
                    "the threshold is larger than the number of root keys",
                ));
            }
        }
        Predicate::PolicyAdoption(adoption) => {
            library
                .policy(&adoption.policy)
                .ok_or_else(|| Refusal::new(Code::PolicyUnknown, adoption.policy))?;
        }
        Predicate::RegimeAdoption(adoption) => {
            let regime = library.regime(&adoption.folder).ok_or_else(|| {
                Refusal::new(
                    Code::RegimeUnknown,
                    format_args!("no files with the folder digest {}", adoption.folder),
                )
            })?;
            if regime.id() != adoption.regime.as_str() {
                return Err(Refusal::new(
                    Code::RegimeUnknown,
                    format_args!("the files are of {}", regime.id()),
                ));
            }
            crate::board::settings(&regime, &adoption.switches)
                .map_err(|problem| Refusal::new(Code::RegimeUnknown, problem))?;
        }
        Predicate::Organisation(organisation) => {
            fresh_keys(register, statement)?;
            if register.find(organisation.slug.as_str()).is_some()
                || RESERVED.contains(&organisation.slug.as_str())
            {
                return Err(Refusal::new(Code::SlugTaken, &organisation.slug));
            }
            if organisation.keys.is_empty() || organisation.keys.len() > 16 {
                return Err(Refusal::new(Code::BadKey, "an organisation registers 1 to 16 keys"));
            }
        }
        Predicate::KeyChange(change) => {
            fresh_keys(register, statement)?;
            for end in &change.end {
                let known =
                    register.key(&end.key).filter(|k| k.ended.is_none() && k.organisation == Some(subject));
                if known.is_none() {
                    return Err(Refusal::new(
                        Code::UnknownKey,
                        format_args!("{} is no key in force of this organisation", end.key),
                    ));
                }
            }
            let remaining = register
                .keys_of(&subject)
                .iter()
                .filter(|k| k.ended.is_none() && !change.end.iter().any(|e| e.key == k.public.hash()))
                .count();
            if remaining + change.add.len() == 0 {
                return Err(Refusal::new(
                    Code::BadKey,
                    "the last key of an organisation cannot be ended: add another with it",
                ));
            }
            let keys = register.keys_of(&subject);
            register.judge_vacancy(&subject, at.time, |_, holder| {
                let keeps = |key: &crate::state::Key| {
                    key.holder == *holder
                        && key.ended.is_none()
                        && !change.end.iter().any(|e| e.key == key.public.hash())
                };
                keys.iter().any(|key| keeps(key)) || change.add.iter().any(|added| added.holder == *holder)
            })?;
        }
        Predicate::RoleGrant(grant) => {
            if grant.from.zip(grant.until).is_some_and(|(from, until)| from > until) {
                return Err(Refusal::new(Code::WrongTime, "the role would end before it begins"));
            }
            if let Some(holder) = &grant.holder {
                if statement.common().issuer != Issuer::Organisation(subject) {
                    return Err(Refusal::new(
                        Code::WrongRelation,
                        "an organisation names its own officers only",
                    ));
                }
                if !register.keys_of(&subject).iter().any(|k| k.holder == *holder && k.ended.is_none()) {
                    return wrong(format_args!("{holder} holds no key of this organisation"));
                }
            }
            register.judge_substitute(&subject, grant, at.time)?;
        }
        Predicate::RoleEnd(_) => match register.grants.get(&subject) {
            Some(ended) if ended.ended.is_none() => {
                register.judge_vacancy(&ended.organisation, at.time, |grant, _| grant.id != ended.id)?;
            }
            _ => return wrong("the role has already ended"),
        },
        Predicate::Erasure(erasure) => {
            let attachments = register
                .recorded(&subject)
                .map(|r| r.statement.common().attachments.clone())
                .unwrap_or_default();
            if let Some(stranger) =
                erasure.parts.iter().find(|p| !attachments.iter().any(|a| a.commitment == **p))
            {
                return wrong(format_args!("{stranger} is no attachment of the statement"));
            }
        }
        Predicate::Model(model) => free_slug(register, &subject, &model.slug, statement)?,
        Predicate::ModelVersion(version) => free_slug(register, &subject, &version.slug, statement)?,
        Predicate::Certificate(certificate) => {
            free_slug(register, &subject, &certificate.slug, statement)?;
            if certificate.valid_from > certificate.valid_until {
                return Err(Refusal::new(Code::WrongTime, "the certificate would end before it begins"));
            }
        }
        Predicate::SafetyVerification(verification) => {
            let own = register.owner(&subject).map(Issuer::Organisation) == Some(statement.common().issuer);
            if own != (verification.scope == VerificationScope::Internal) {
                return Err(Refusal::new(
                    Code::WrongRelation,
                    "internal is the developer's own verification, external is by someone else",
                ));
            }
            if let Some(comparison) = &verification.comparison {
                expect(register, &comparison.statement, "safety-verification", Some(subject))?;
            }
        }
        Predicate::Notification(notification) => {
            for facts in &notification.facts {
                expect(register, facts, "model-facts", Some(subject))?;
            }
        }
        Predicate::Assessment(assessment) => {
            let regime = statement.common().regime.as_ref().and_then(|r| register.regime(r.as_str()));
            if regime.map(|r| r.adoption) != Some(assessment.regime_adoption) {
                return wrong("regimeAdoption is not the adoption in force of the regime named");
            }
            if register.root_at(assessment.register.size) != Some(assessment.register.root) {
                return wrong(format_args!("this log has no such root at size {}", assessment.register.size));
            }
            if statement.is_public() && assessment.result.duties.iter().any(|d| d.status == "appears_unmet") {
                return Err(Refusal::new(
                    Code::Premature,
                    "put the duties into a restricted statement until a signed act says so",
                ));
            }
        }
        Predicate::Designation(designation) => {
            if register.owner(&subject) != Some(designation.developer) {
                return wrong("the designated developer is not the one whose model it is");
            }
            expect(register, &designation.assessment, "assessment", Some(subject))?;
        }
        Predicate::Procedure(procedure) => {
            if register.addressee(&subject) != Some(procedure.addressee) {
                return wrong("the addressee is not the organisation concerned");
            }
            let acts = register.policy().and_then(|p| p.act(procedure.planned_act.as_str()));
            let Some(act) = acts.filter(|a| !a.procedure.is_empty()) else {
                return wrong(format_args!(
                    "{} is no act that a procedure stands before",
                    procedure.planned_act
                ));
            };
            // Who opens a procedure is who may do the act.
            if !act.said_by.iter().any(|s| register.speaks_as(&statement.common().issuer, s, at.time))
                || register.kind_of(&subject) == Some(Kind::Certificate)
                    && register.owner(&subject).map(Issuer::Organisation) != Some(statement.common().issuer)
            {
                return Err(Refusal::new(
                    Code::WrongRelation,
                    format_args!("the issuer could not do the planned act ({})", procedure.planned_act),
                ));
            }
        }
        Predicate::Finding(finding) => expect(register, &finding.assessment, "assessment", Some(subject))?,
        Predicate::RemedyRequest(request) => {
            oversight::unmet(register, &request.finding, subject, &request.duty, "a remedy request")?;
        }
        Predicate::CertificateStatus(status) => {
            let state = register.certificate_state(&subject);
            if state == CertificateState::Revoked {
                return wrong("a revoked certificate stays revoked");
            }
            if state == status.state {
                return wrong("the certificate is already in this state");
            }
        }
        _ => {
            oversight::judge(register, statement, at)?;
            parties::judge(register, statement, at)?;
        }
    }
    Ok(())
}

impl Register {
    /// Returns the state of a certificate: that of its last `certificate-status` that is neither
    /// stayed nor annulled.
    pub fn certificate_state(&self, certificate: &Digest) -> CertificateState {
        let states = self.about(certificate).filter_map(|r| match r.statement.predicate() {
            Predicate::CertificateStatus(status)
                if r.superseded_by.is_none() && self.act_state(&r.statement.digest()).counts() =>
            {
                Some(status.state)
            }
            _ => None,
        });
        states.last().unwrap_or(CertificateState::Valid)
    }

    /// Returns the last correction of a statement, or the statement itself.
    pub fn current(&self, id: &Digest) -> Option<&std::sync::Arc<Recorded>> {
        let mut at = self.recorded(id)?;
        // A correction is always later than what it corrects, so this ends.
        while let Some(next) = at.superseded_by.and_then(|next| self.recorded(&next)) {
            at = next;
        }
        Some(at)
    }
}

/// The organisation has a role that may say this.
fn may_say(register: &Register, organisation: Digest, act: &Slug, time: Timestamp) -> Result<(), Refusal> {
    let issuer = Issuer::Organisation(organisation);
    let row = register.policy().and_then(|policy| policy.act(act.as_str()));
    if row.is_some_and(|row| row.said_by.iter().any(|speaker| register.speaks_as(&issuer, speaker, time))) {
        return Ok(());
    }
    wrong(format_args!("{organisation} has no role that may say {act}"))
}

/// The cited statement is there, of this type, about this subject.
fn expect(
    register: &Register,
    cited: &Digest,
    predicate: &str,
    about: Option<Digest>,
) -> Result<(), Refusal> {
    let Some(recorded) = register.recorded(cited) else {
        return wrong(format_args!("{cited} is not in the register"));
    };
    if recorded.statement.predicate().name() != predicate {
        return wrong(format_args!(
            "entry {} is a {}, expected a {predicate}",
            recorded.index,
            recorded.statement.predicate().name()
        ));
    }
    if about.is_some_and(|subject| subject != recorded.statement.subject()) {
        return wrong(format_args!("entry {} is about something else", recorded.index));
    }
    Ok(())
}

fn fresh_keys(register: &Register, statement: &Statement) -> Result<(), Refusal> {
    for (key, _) in introduced_keys(statement.predicate())? {
        if register.key(&key.hash()).is_some() {
            return Err(Refusal::new(Code::BadKey, format_args!("{} is registered already", key.hash())));
        }
    }
    Ok(())
}

fn free_slug(
    register: &Register,
    parent: &Digest,
    slug: &Slug,
    statement: &Statement,
) -> Result<(), Refusal> {
    // A correction keeps its own name: that of the first statement, which created the thing.
    let mut own = statement.common().supersedes;
    while let Some(older) =
        own.and_then(|id| register.recorded(&id)).and_then(|r| r.statement.common().supersedes)
    {
        own = Some(older);
    }
    match register.named_below(parent, slug) {
        Some(taken) if Some(taken) != own => Err(Refusal::new(Code::SlugTaken, slug)),
        _ => Ok(()),
    }
}
