//! May they say it? Signature → key → holder → organisation → role → policy in force.

use evidence::predicate::{ApprovalDecision, NodeGenesis};
use evidence::{
    Digest, Envelope, EnvelopeError, Issuer, Predicate, PublicKey, Statement, Timestamp, Visibility,
    origin_subject,
};

use crate::citations;
use crate::library::Library;
use crate::office;
use crate::policy::{ActRow, ApprovalRow, Policy, Relation, RoleOf};
use crate::refusal::{Code, Refusal};
use crate::state::{Recorded, Register};

/// The clock of a signer may be ahead of the operator's by this much.
const CLOCK_SKEW_MS: i64 = 5 * 60 * 1000;

/// When and where a statement would enter.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    /// Entry time.
    pub time: Timestamp,
    /// Time of arrival.
    pub arrived_at: Timestamp,
}

/// A statement with its envelope, as submitted or as found in a log.
#[derive(Debug, Clone, Copy)]
pub struct Signed<'s> {
    /// The statement.
    pub statement: &'s Statement,
    /// The envelope that it came in.
    pub envelope: &'s Envelope,
}

type Judgement<T = ()> = Result<T, Refusal>;

fn refuse<T>(code: Code, detail: impl std::fmt::Display) -> Judgement<T> {
    Err(Refusal::new(code, detail))
}

impl Register {
    /// Judges a statement by the register as it stands, and returns its envelope in normal form.
    pub fn judge(&self, signed: Signed<'_>, at: Moment, library: &Library) -> Result<Envelope, Refusal> {
        let Signed { statement, envelope } = signed;
        if self.recorded.contains_key(&statement.digest()) {
            return refuse(Code::Duplicate, statement.digest());
        }
        self.judge_place(statement)?;
        let signers = self.signers(statement, at.time)?;
        let envelope = envelope.verified_by(&signers).map_err(|e| match e {
            EnvelopeError::KeyUnknown(_) => Refusal::new(Code::UnknownKey, e),
            other => Refusal::new(Code::BadSignature, other),
        })?;
        let policy = self.policy_for(statement, library)?;
        self.judge_role(statement, &policy, at.time)?;
        self.judge_subject(statement, &policy, at.time)?;
        let name = statement.predicate().name();
        let row = policy.act(name).ok_or_else(|| Refusal::new(Code::UnknownType, name))?;
        self.judge_form(statement, row, at)?;
        citations::judge(self, statement, at, library)?;
        self.judge_grounds(statement.predicate(), statement.subject())?;
        self.judge_procedure(statement, row, at.time)?;
        self.judge_impartial(statement, at.time)?;
        self.judge_approvals(statement, row, at.time)?;
        self.judge_supersession(statement, row)?;
        Ok(envelope)
    }

    /// The statement was made for this log and this history.
    fn judge_place(&self, statement: &Statement) -> Judgement {
        let log = &statement.common().log;
        let is_genesis = matches!(statement.predicate(), Predicate::NodeGenesis(_));
        if is_genesis != (self.size == 0) {
            return refuse(
                Code::GenesisMisplaced,
                format_args!("entry {} is {}", self.size, statement.predicate().name()),
            );
        }
        if log.origin != self.origin {
            return refuse(
                Code::WrongLog,
                format_args!("made for {:?}, this log is {:?}", log.origin, self.origin),
            );
        }
        if is_genesis {
            return if log.size == 0 && log.root == Library::empty_root() {
                Ok(())
            } else {
                refuse(Code::WrongLog, "a genesis names size 0 and the empty root")
            };
        }
        match self.marks.get(&log.size) {
            Some((root, _)) if *root == log.root && log.size >= 1 => Ok(()),
            Some(_) => refuse(Code::WrongLog, format_args!("this log had another root at size {}", log.size)),
            None => refuse(
                Code::WrongLog,
                format_args!("this log never published a checkpoint of size {}", log.size),
            ),
        }
    }

    /// Finds the keys of the named signers, and checks whose they are.
    fn signers(&self, statement: &Statement, time: Timestamp) -> Judgement<Vec<PublicKey>> {
        let common = statement.common();
        let mandate = self.mandate_of(statement, time);
        let introduced = introduced_keys(statement.predicate())?;
        let mut keys = Vec::with_capacity(common.signers.len());
        let mut drafted = false;
        for hash in &common.signers {
            let (public, organisation, holder) = if let Some(key) = self.keys.get(hash) {
                if let Some(ended) = &key.ended {
                    return refuse(Code::EndedKey, format_args!("{hash} ended with entry {}", ended.by));
                }
                (key.public.clone(), Some(key.organisation), key.holder.clone())
            } else if let Some((public, holder)) = introduced.iter().find(|(k, _)| k.hash() == *hash) {
                (public.clone(), None, holder.clone())
            } else {
                return refuse(Code::UnknownKey, hash);
            };
            let belongs = match (organisation, &common.issuer) {
                // Introduced by this very statement.
                (None, _) | (Some(None), Issuer::Node) => true,
                // All of the issuer, or all of one agent.
                (Some(Some(organisation)), Issuer::Organisation(issuer)) => {
                    organisation == mandate.map_or(*issuer, |mandate| mandate.agent)
                }
                _ => false,
            };
            if !belongs {
                return refuse(Code::ForeignKey, format_args!("{hash} is not a key of {}", common.issuer));
            }
            // A key that a key-change introduces proves its possession, but drafts nothing yet.
            let may_draft =
                organisation.is_some() || !matches!(statement.predicate(), Predicate::KeyChange(_));
            drafted |= may_draft && (holder == common.holder || common.issuer == Issuer::Node);
            keys.push(public);
        }
        if !drafted {
            return refuse(Code::WrongHolder, format_args!("no signing key is held by {}", common.holder));
        }
        if let Some((missing, _)) = introduced.iter().find(|(k, _)| !common.signers.contains(&k.hash()))
            && common.issuer != Issuer::Node
        {
            return refuse(
                Code::BadKey,
                format_args!("the new key {} has not signed (proof of possession)", missing.hash()),
            );
        }
        if common.issuer == Issuer::Node {
            let threshold = match statement.predicate() {
                Predicate::NodeGenesis(genesis) => genesis.threshold,
                _ => self.genesis.as_ref().map_or(u32::MAX, |g| g.threshold),
            };
            if keys.len() < threshold as usize || threshold == 0 {
                return refuse(
                    Code::Threshold,
                    format_args!("{} root keys have signed, {threshold} are needed", keys.len()),
                );
            }
        }
        Ok(keys)
    }

    fn policy_for(&self, statement: &Statement, library: &Library) -> Judgement<std::sync::Arc<Policy>> {
        if let Predicate::NodeGenesis(NodeGenesis { policy, .. }) = statement.predicate() {
            return library.policy(policy).ok_or_else(|| Refusal::new(Code::PolicyUnknown, policy));
        }
        self.policy.clone().ok_or_else(|| Refusal::new(Code::PolicyUnknown, "no policy is in force"))
    }

    /// The issuer has a role that may say this, and the drafter the office that it takes.
    fn judge_role(&self, statement: &Statement, policy: &Policy, time: Timestamp) -> Judgement {
        let common = statement.common();
        let name = statement.predicate().name();
        let row = policy.act(name).ok_or_else(|| Refusal::new(Code::UnknownType, name))?;
        if let Issuer::Organisation(id) = &common.issuer
            && self.organisation(id).is_none()
        {
            return refuse(Code::UnknownIssuer, id);
        }
        if !row.said_by.iter().any(|speaker| self.speaks_as(&common.issuer, speaker, time)) {
            return refuse(Code::WrongRole, format_args!("{name} is said by {:?}", row.said_by));
        }
        if let (Some(role), Issuer::Organisation(id)) = (&row.drafted_by, &common.issuer)
            && self.takes_officers(row, id, time)
        {
            // An agent's holder is no officer of the issuer, whatever it is called.
            if let Some(mandate) = self.mandate_of(statement, time) {
                return refuse(
                    Code::OfficerRequired,
                    format_args!("{} is an agent, and this takes an officer of {id}", mandate.agent),
                );
            }
            if !self.holder_has_role(id, &common.holder, role, time) {
                return refuse(
                    Code::OfficerRequired,
                    format_args!("{} does not hold the role {role}", common.holder),
                );
            }
        }
        // Who may grant or end a role stands with the role.
        let role = match statement.predicate() {
            Predicate::RoleGrant(grant) => {
                let row = policy.role(grant.role.as_str()).ok_or_else(|| {
                    Refusal::new(Code::WrongRole, format_args!("the policy has no role {}", grant.role))
                })?;
                if (row.of == RoleOf::Holder) != grant.holder.is_some() {
                    return refuse(Code::WrongRole, format_args!("{} is a role of {:?}", grant.role, row.of));
                }
                Some(row)
            }
            Predicate::RoleEnd(_) => {
                self.grants.get(&statement.subject()).and_then(|grant| policy.role(grant.role.as_str()))
            }
            _ => None,
        };
        if let Some(role) = role
            && !self.speaks_as(&common.issuer, &role.granted_by, time)
        {
            return refuse(
                Code::WrongRole,
                format_args!("this role is granted and ended by {:?}", role.granted_by),
            );
        }
        Ok(())
    }

    /// Tells whether officers draft and approve this act where this organisation says it.
    fn takes_officers(&self, row: &ActRow, issuer: &Digest, time: Timestamp) -> bool {
        row.officers_of.as_ref().is_none_or(|role| self.has_role(issuer, role, time))
    }

    /// The subject is of the right kind, and the issuer stands to it as the policy asks.
    fn judge_subject(&self, statement: &Statement, policy: &Policy, time: Timestamp) -> Judgement {
        let subject = statement.subject();
        let Some(row) = policy.act(statement.predicate().name()) else { return Ok(()) };
        match statement.predicate() {
            Predicate::NodeGenesis(_) => {
                return if subject == origin_subject(&self.origin) {
                    Ok(())
                } else {
                    refuse(Code::WrongSubject, "a genesis is about the SHA-256 of the log's origin")
                };
            }
            Predicate::Organisation(organisation) => {
                let first = organisation.keys.first().map(|k| evidence::sha256(&decode(&k.spki)));
                return if first == Some(subject) {
                    Ok(())
                } else {
                    refuse(
                        Code::WrongSubject,
                        "an organisation's subject is the SHA-256 of its first key's SPKI",
                    )
                };
            }
            // The act that an approval is about comes after it.
            Predicate::Approval(_) => return Ok(()),
            _ => {}
        }
        let kind = self.kind_of(&subject).ok_or_else(|| Refusal::new(Code::UnknownSubject, subject))?;
        if !row.about.is_empty() && !row.about.iter().any(|k| k == kind.name()) {
            return refuse(
                Code::WrongSubject,
                format_args!("the subject is a {}, expected {:?}", kind.name(), row.about),
            );
        }
        if let (Some(relation), Issuer::Organisation(issuer)) = (row.relation, &statement.common().issuer) {
            let holds = match relation {
                Relation::Own => self.owner(&subject) == Some(*issuer),
                Relation::Other => self.addressee(&subject).is_some_and(|owner| owner != *issuer),
                Relation::Addressed => self.addressee(&subject) == Some(*issuer),
                Relation::Party => {
                    self.owner(&subject) == Some(*issuer) || self.addressee(&subject) == Some(*issuer)
                }
            };
            if !holds {
                return refuse(
                    Code::WrongRelation,
                    format_args!("expected the subject to be {relation:?} to the issuer"),
                );
            }
        }
        if let Issuer::Organisation(issuer) = &statement.common().issuer
            && !row.own_by.is_empty()
            && self.addressee(&subject) != Some(*issuer)
            && !row.said_by.iter().any(|speaker| {
                !row.own_by.contains(speaker) && self.speaks_as(&statement.common().issuer, speaker, time)
            })
        {
            return refuse(
                Code::WrongRelation,
                format_args!("{:?} say this of what concerns themselves only", row.own_by),
            );
        }
        if let Some(role) = &row.owner_role
            && !self.addressee(&subject).is_some_and(|owner| self.has_role(&owner, role, time))
        {
            return refuse(
                Code::WrongRelation,
                format_args!("the organisation concerned does not have the role {role}"),
            );
        }
        Ok(())
    }

    fn judge_form(&self, statement: &Statement, row: &ActRow, at: Moment) -> Judgement {
        let common = statement.common();
        if let Some(visibility) = row.visibility
            && visibility != common.visibility
        {
            return refuse(Code::WrongVisibility, format_args!("expected {visibility:?}"));
        }
        if row.as_subject
            && let Some(about) = self.recorded(&statement.subject())
            && about.statement.common().visibility != common.visibility
        {
            return refuse(
                Code::WrongVisibility,
                format_args!(
                    "entry {} is {:?}, and so is this",
                    about.index,
                    about.statement.common().visibility
                ),
            );
        }
        if row.under_regime || common.regime.is_some() {
            let regime = common
                .regime
                .as_ref()
                .ok_or_else(|| Refusal::new(Code::UnknownRegime, "the statement names no regime"))?;
            if self.regime(regime.as_str()).is_none() {
                return refuse(Code::UnknownRegime, format_args!("{regime} is not adopted here"));
            }
        }
        if common.issued_at.as_millis() > at.time.as_millis().saturating_add(CLOCK_SKEW_MS) {
            return refuse(
                Code::WrongTime,
                format_args!(
                    "signed at {}, recorded at {}: check the signer's clock",
                    common.issued_at, at.time
                ),
            );
        }
        if at.arrived_at > at.time || self.time.is_some_and(|last| at.time < last) {
            return refuse(Code::WrongTime, "arrival, entry and the entries before it are in order of time");
        }
        Ok(())
    }

    /// The procedure before an adverse act stands, and the addressee could speak.
    fn judge_procedure(&self, statement: &Statement, row: &ActRow, time: Timestamp) -> Judgement {
        let Some(adverse) = self.adverse(statement) else { return Ok(()) };
        if row.procedure.is_empty() {
            return Ok(());
        }
        let Some(digest) = adverse.procedure else {
            return refuse(
                Code::ProcedureMissing,
                format_args!("{} needs one of {:?}", statement.predicate().name(), row.procedure),
            );
        };
        let Some((recorded, procedure)) =
            self.recorded.get(&digest).and_then(|r| match r.statement.predicate() {
                Predicate::Procedure(procedure) => Some((r, procedure)),
                _ => None,
            })
        else {
            return refuse(Code::ProcedureMissing, format_args!("{digest} is no procedure in this register"));
        };
        let kind = citations::procedure_name(procedure.kind);
        let fits = recorded.statement.subject() == statement.subject()
            && procedure.planned_act.as_str() == statement.predicate().name()
            && recorded.issuer == issuer_of(statement)
            && procedure.duty.as_ref().map(evidence::Slug::as_str) == adverse.duty
            && self.addressee(&digest) == self.addressee(&statement.subject());
        if !fits || !row.procedure.iter().any(|k| k == kind) {
            return refuse(
                Code::ProcedureMissing,
                format_args!("the procedure in entry {} is not for this act", recorded.index),
            );
        }
        let addressees = [Some(procedure.addressee), self.addressee(&digest)];
        let answered = self.about(&digest).any(|r| {
            matches!(r.statement.predicate(), Predicate::Reply(_)) && addressees.contains(&r.issuer)
        });
        let last_day = self.last_day(&digest).unwrap_or(procedure.answer_by);
        if kind != "urgency" && !answered && time.utc_date() <= last_day {
            return refuse(
                Code::ProcedureOpen,
                format_args!("no answer yet, and one can be given until {last_day}"),
            );
        }
        Ok(())
    }

    /// Returns what makes an act adverse to someone else, where it is.
    fn adverse<'s>(&self, statement: &'s Statement) -> Option<citations::Adverse<'s>> {
        // Whoever makes its own failure public needs no procedure against itself.
        let of_itself = matches!(statement.predicate(), Predicate::Disclosure(_))
            && self.addressee(&statement.subject()).map(Issuer::Organisation)
                == Some(statement.common().issuer);
        if of_itself { None } else { citations::adverse(statement.predicate()) }
    }

    /// Returns the approvals that this very statement needs by the policy in force.
    pub fn approval_needed(&self, statement: &Statement, time: Timestamp) -> Option<&ApprovalRow> {
        let row = self.policy()?.act(statement.predicate().name())?;
        self.asks_for_approval(statement, row, time)
    }

    fn asks_for_approval<'p>(
        &self,
        statement: &Statement,
        row: &'p ActRow,
        time: Timestamp,
    ) -> Option<&'p ApprovalRow> {
        let Issuer::Organisation(issuer) = &statement.common().issuer else { return None };
        let needed = row.approval.as_ref()?;
        let asked = self.takes_officers(row, issuer, time)
            && (!needed.where_adverse || self.adverse(statement).is_some());
        asked.then_some(needed)
    }

    /// Enough other holders in office have approved exactly this act.
    fn judge_approvals(&self, statement: &Statement, row: &ActRow, time: Timestamp) -> Judgement {
        let (Some(needed), Issuer::Organisation(issuer)) =
            (self.asks_for_approval(statement, row, time), &statement.common().issuer)
        else {
            return Ok(());
        };
        let mut holders = Vec::new();
        for recorded in self.about(&statement.digest()) {
            let common = recorded.statement.common();
            if let Predicate::Approval(approval) = recorded.statement.predicate()
                && approval.function == needed.function
                && recorded.issuer == Some(*issuer)
                && common.visibility == statement.common().visibility
                && self.holder_has_role(issuer, &common.holder, &needed.role, time)
            {
                let offices = self.offices(issuer, &common.holder, time, Some(recorded));
                let drafter = self.offices(issuer, &statement.common().holder, time, Some(recorded));
                let contested = self.contested_drafter(statement, issuer, time, Some(recorded));
                if office::same(&offices, &drafter)
                    || contested.is_some_and(|contested| office::same(&offices, &contested))
                {
                    continue;
                }
                if approval.decision == ApprovalDecision::Reject {
                    return refuse(
                        Code::ApprovalMissing,
                        format_args!("{} rejects the act in entry {}", common.holder, recorded.index),
                    );
                }
                holders.push(offices);
            }
        }
        let given = office::count(holders);
        if given >= needed.count as usize {
            return Ok(());
        }
        let detail = format!(
            "{given} of {} approvals as {} by others than {} and those who stand in for it",
            needed.count,
            needed.function,
            statement.common().holder
        );
        // An approval just before that is about nothing in the register was meant for another draft.
        let astray = self.at_index(self.size.wrapping_sub(1)).is_some_and(|last| {
            matches!(last.statement.predicate(), Predicate::Approval(_))
                && last.statement.subject() != statement.digest()
                && !self.recorded.contains_key(&last.statement.subject())
        });
        refuse(if astray { Code::ApprovalOtherDraft } else { Code::ApprovalMissing }, detail)
    }

    /// The offices of whoever drafted the act that a decision on an objection is about.
    fn contested_drafter(
        &self,
        statement: &Statement,
        issuer: &Digest,
        time: Timestamp,
        then: Option<&Recorded>,
    ) -> Option<office::Offices> {
        let Predicate::ObjectionDecision(_) = statement.predicate() else { return None };
        let objection = self.recorded(&statement.subject())?;
        let act = self.recorded(&objection.statement.subject())?;
        let (organisation, holder) = self.drafter(act)?;
        // Another organisation's holder of the same name is somebody else.
        (organisation == *issuer).then(|| self.offices(issuer, &holder, time, then.or(Some(act))))
    }

    /// Who drafted the contested act does not decide on it.
    fn judge_impartial(&self, statement: &Statement, time: Timestamp) -> Judgement {
        let Issuer::Organisation(issuer) = &statement.common().issuer else { return Ok(()) };
        let holder = &statement.common().holder;
        match self.contested_drafter(statement, issuer, time, None) {
            Some(contested) if office::same(&contested, &self.offices(issuer, holder, time, None)) => refuse(
                Code::OwnAct,
                format_args!("{holder} drafted the contested act, or stands in for who did"),
            ),
            _ => Ok(()),
        }
    }

    fn judge_supersession(&self, statement: &Statement, row: &ActRow) -> Judgement {
        let Some(corrected) = statement.common().supersedes else { return Ok(()) };
        let wrong = |problem: &str| refuse(Code::WrongSupersession, problem);
        if !row.correctable {
            return wrong("this type of statement is ended by its own statements, never corrected");
        }
        let Some(old) = self.recorded.get(&corrected) else {
            return wrong("the corrected statement is not in the register");
        };
        if old.statement.predicate().name() != statement.predicate().name() {
            return wrong("the corrected statement is of another type");
        }
        if old.statement.subject() != statement.subject() {
            return wrong("the corrected statement is about something else");
        }
        let author = old.issuer.map(|issuer| self.heir(issuer, &corrected));
        if old.issuer != issuer_of(statement) && author != issuer_of(statement) {
            return wrong("the corrected statement is someone else's");
        }
        if old.superseded_by.is_some() {
            return wrong("the statement is already corrected; correct the correction");
        }
        if old.statement.common().visibility != statement.common().visibility
            && statement.common().visibility == Visibility::Public
        {
            return wrong("a restricted statement is disclosed, not corrected into a public one");
        }
        Ok(())
    }
}

/// Returns the issuing organisation, for a statement that some organisation issued.
fn issuer_of(statement: &Statement) -> Option<Digest> {
    match statement.common().issuer {
        Issuer::Organisation(id) => Some(id),
        Issuer::Itself => Some(statement.digest()),
        Issuer::Node => None,
    }
}

fn decode(spki: &str) -> Vec<u8> {
    evidence::key::decode_spki(spki).map(|k| k.spki_der().to_vec()).unwrap_or_default()
}

/// Returns the keys that a statement brings with it, and their holders.
pub(crate) fn introduced_keys(predicate: &Predicate) -> Judgement<Vec<(PublicKey, evidence::Slug)>> {
    let entries = match predicate {
        Predicate::NodeGenesis(genesis) => &genesis.root_keys,
        Predicate::Organisation(organisation) => &organisation.keys,
        Predicate::KeyChange(change) => &change.add,
        _ => return Ok(Vec::new()),
    };
    let mut keys: Vec<(PublicKey, evidence::Slug)> = Vec::with_capacity(entries.len());
    for entry in entries {
        let key = evidence::key::decode_spki(&entry.spki).map_err(|e| Refusal::new(Code::BadKey, e))?;
        if keys.iter().any(|(other, _)| *other == key) {
            return refuse(Code::BadKey, format_args!("{} is listed twice", key.hash()));
        }
        keys.push((key, entry.holder.clone()));
    }
    Ok(keys)
}
