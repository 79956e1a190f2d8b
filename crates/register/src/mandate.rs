//! Who signs for another? Mandates (委任), and whose keys count for whom.

use std::sync::Arc;

use evidence::{Date, Digest, Issuer, Slug, Statement, Timestamp};

use crate::refusal::{Code, Refusal};
use crate::state::{Recorded, Register};

/// What nobody says for another: who has which key, role or mandate, the approval of one's own
/// act, and what the node itself says.
const NEVER: &[&str] = &[
    "node-genesis",
    "policy-adoption",
    "regime-adoption",
    "organisation",
    "key-change",
    "role-grant",
    "role-end",
    "approval",
    "mandate",
    "mandate-end",
];

/// The longest mandate, in years.
const MAX_YEARS: i16 = 5;

/// A mandate and its time in force.
#[derive(Debug, Clone)]
pub struct Mandate {
    /// The `mandate` statement.
    pub id: Digest,
    /// The organisation that gave it.
    pub principal: Digest,
    /// The organisation that acts.
    pub agent: Digest,
    /// What the agent may say, by predicate name.
    pub acts: Vec<Slug>,
    /// First and last day.
    pub period: (Date, Date),
    /// The entry that gave it.
    pub since: u64,
    /// The entry that ended it.
    pub ended: Option<u64>,
}

impl Mandate {
    pub(crate) fn new(
        id: Digest,
        principal: Digest,
        body: &evidence::predicate::Mandate,
        since: u64,
    ) -> Self {
        Self {
            id,
            principal,
            agent: body.agent,
            acts: body.acts.clone(),
            period: (body.from, body.until),
            since,
            ended: None,
        }
    }

    /// Tells whether it is in force on the day of `time`.
    pub fn in_force(&self, time: Timestamp) -> bool {
        let day = time.utc_date();
        self.ended.is_none() && self.period.0 <= day && day <= self.period.1
    }
}

impl Register {
    /// Returns the mandates that an organisation gave or was given, oldest first.
    pub fn mandates_of(&self, organisation: &Digest) -> Vec<&Arc<Mandate>> {
        let mut found: Vec<_> = self
            .mandates
            .values()
            .filter(|m| m.principal == *organisation || m.agent == *organisation)
            .collect();
        found.sort_by_key(|mandate| mandate.since);
        found
    }

    /// Returns a mandate.
    pub fn mandate(&self, id: &Digest) -> Option<&Arc<Mandate>> {
        self.mandates.get(id)
    }

    /// Returns the mandate under which an agent signs a statement for its issuer: the oldest in
    /// force that covers it. `None` where the issuer signs for itself.
    pub fn mandate_of(&self, statement: &Statement, time: Timestamp) -> Option<&Arc<Mandate>> {
        let common = statement.common();
        let Issuer::Organisation(issuer) = common.issuer else { return None };
        let name = statement.predicate().name();
        // All signers belong together, so the first one tells. The judge checks the others.
        let signer = self.key(common.signers.first()?)?.organisation?;
        if signer == issuer || NEVER.contains(&name) {
            return None;
        }
        self.mandates
            .values()
            .filter(|m| {
                m.principal == issuer
                    && m.agent == signer
                    && m.in_force(time)
                    && m.acts.iter().any(|act| act.as_str() == name)
            })
            .min_by_key(|mandate| mandate.since)
    }

    /// Returns the organisation and the holder who drafted a statement: an agent's, where one signed.
    pub fn drafter(&self, recorded: &Recorded) -> Option<(Digest, Slug)> {
        let agent = recorded.under_mandate.and_then(|id| self.mandate(&id)).map(|mandate| mandate.agent);
        Some((agent.or(recorded.issuer)?, recorded.statement.common().holder.clone()))
    }
}

/// What a mandate's words must agree with.
pub(crate) fn judge(
    register: &Register,
    principal: Digest,
    mandate: &evidence::predicate::Mandate,
) -> Result<(), Refusal> {
    let wrong = |problem: String| Err(Refusal::new(Code::WrongCitation, problem));
    if register.organisation(&mandate.agent).is_none() || mandate.agent == principal {
        return wrong(format!("the agent {} is no other organisation in this register", mandate.agent));
    }
    if mandate.acts.is_empty() {
        return wrong("the mandate names no kind of statement".into());
    }
    let policy = register.policy();
    for act in &mandate.acts {
        if NEVER.contains(&act.as_str()) {
            return wrong(format!("{act} is said by nobody for another"));
        }
        if policy.is_none_or(|policy| policy.act(act.as_str()).is_none()) {
            return wrong(format!("the policy has no act {act}"));
        }
    }
    if mandate.from > mandate.until {
        return Err(Refusal::new(Code::WrongTime, "the mandate would end before it begins"));
    }
    if !within_years(mandate.from, mandate.until, MAX_YEARS) {
        return Err(Refusal::new(
            Code::WrongTime,
            format_args!("a mandate is for {MAX_YEARS} years at most; give another when it ends"),
        ));
    }
    Ok(())
}

/// A mandate ends once.
pub(crate) fn judge_end(register: &Register, mandate: &Digest) -> Result<(), Refusal> {
    match register.mandate(mandate) {
        Some(given) if given.ended.is_none() => Ok(()),
        _ => Err(Refusal::new(Code::WrongCitation, "the mandate has already ended")),
    }
}

/// Tells whether a period from one day to the other, both counted, is no longer than some years.
pub(crate) fn within_years(from: Date, until: Date, years: i16) -> bool {
    let span = jiff::Span::new().years(years);
    from.civil().checked_add(span).is_ok_and(|limit| until.civil() < limit)
}
