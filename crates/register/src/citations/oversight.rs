//! What acts of oversight rest on: requests, inspections, orders, decisions on objections.

use evidence::predicate::{
    FindingResult, Inspection, InspectionMinutes, ObjectionDecision, ObjectionResult, Order, ProcedureKind,
    Question, Reply, Surcharge,
};
use evidence::{Date, Digest, Issuer, Predicate, Slug, Statement};

use super::{may_say, wrong};
use crate::judge::Moment;
use crate::redress::is_final;
use crate::refusal::{Code, Refusal};
use crate::state::Register;
use crate::{ActState, office};

type Judgement = Result<(), Refusal>;

pub(super) fn judge(register: &Register, statement: &Statement, at: Moment) -> Judgement {
    let subject = statement.subject();
    let today = at.time.utc_date();
    match statement.predicate() {
        Predicate::InformationRequest(request) => {
            distinct(request.questions.iter().map(|q| &q.id), "question")?;
            if let Some(addressee) = request.addressee {
                other_organisation(register, statement, addressee)?;
            }
            not_past(request.answer_by, today)
        }
        Predicate::ReportDemand(demand) => {
            distinct(demand.questions.iter().map(|q| &q.id), "question")?;
            failure_or_incident(register, &demand.cites, subject)?;
            not_past(demand.answer_by, today)
        }
        Predicate::Inspection(inspection) => {
            failure_or_incident(register, &inspection.cites, subject)?;
            planned(register, statement, inspection, today)
        }
        Predicate::InspectionMinutes(minutes) => taken(register, statement, minutes, at),
        Predicate::Order(order) => {
            unmet(register, &order.finding, subject, &order.duty, "an order")?;
            requested(register, order)?;
            not_past(order.deadline, today)
        }
        Predicate::Surcharge(surcharge) => {
            unmet(register, &surcharge.finding, subject, &surcharge.duty, "a surcharge")?;
            ordered(register, surcharge, subject)?;
            not_past(surcharge.pay_by, today)
        }
        Predicate::DesignationEnd(_) => {
            same_regime(register, statement)?;
            match register.act_state(&subject) {
                ActState::Ended { by } => wrong(format_args!("the designation has already ended by {by}")),
                _ => Ok(()),
            }
        }
        Predicate::Objection(_) => same_regime(register, statement),
        Predicate::Extension(extension) => match register.last_day(&subject) {
            Some(day) if day < extension.until => Ok(()),
            Some(day) => Err(Refusal::new(
                Code::WrongTime,
                format_args!("the last day is {day} already: an extension names a later one"),
            )),
            None => wrong("the statement names no day that could be extended"),
        },
        Predicate::Assignment(assignment) => {
            other_organisation(register, statement, assignment.assignee)?;
            may_say(register, assignment.assignee, &assignment.asks_for, at.time)?;
            not_past(assignment.due, today)
        }
        Predicate::Opinion(opinion) => match opinion.answers {
            Some(request) => asked_for(register, statement, &request),
            None => Ok(()),
        },
        Predicate::Reply(reply) => answered(register, reply, subject),
        Predicate::HearingRecord(record) => {
            if record.held_at > at.time {
                return Err(Refusal::new(Code::WrongTime, "the hearing is still to come"));
            }
            presided(register, statement, at)
        }
        Predicate::ObjectionDecision(decision) => {
            same_regime(register, statement)?;
            decided(register, decision, subject)
        }
        Predicate::Ruling(ruling) => {
            if ruling.decided_on > today {
                return Err(Refusal::new(Code::WrongTime, "the day of the ruling is still to come"));
            }
            if statement.common().attachments.is_empty() {
                return wrong("attach the ruling: the register obeys a court, not an account of it");
            }
            Ok(())
        }
        Predicate::MonitoringPlan(plan) if plan.from > plan.until => {
            Err(Refusal::new(Code::WrongTime, "the plan would end before it begins"))
        }
        _ => Ok(()),
    }
}

/// The cited statement finds that this duty of this model is unmet.
pub(super) fn unmet(
    register: &Register,
    finding: &Digest,
    model: Digest,
    duty: &Slug,
    what: &str,
) -> Judgement {
    let found = register.recorded(finding).is_some_and(|r| {
        r.statement.subject() == model
            && matches!(r.statement.predicate(), Predicate::Finding(f)
                if f.duty == *duty && f.result == FindingResult::Unmet)
    });
    if found {
        Ok(())
    } else {
        wrong(format_args!("{what} rests on a finding that this duty of this model is unmet"))
    }
}

/// Nobody is made to report or visited without a failure or an incident.
fn failure_or_incident(register: &Register, cites: &[Digest], model: Digest) -> Judgement {
    if cites.is_empty() {
        return wrong("it rests on a finding that a duty is unmet, or on an incident");
    }
    for cited in cites {
        let fits = register.recorded(cited).is_some_and(|r| {
            r.statement.subject() == model
                && match r.statement.predicate() {
                    Predicate::Incident(_) => true,
                    Predicate::Finding(finding) => finding.result == FindingResult::Unmet,
                    _ => false,
                }
        });
        if !fits {
            return wrong(format_args!(
                "{cited} is neither a finding that a duty of this model is unmet nor an incident with it"
            ));
        }
    }
    Ok(())
}

fn planned(register: &Register, statement: &Statement, inspection: &Inspection, today: Date) -> Judgement {
    if inspection.from > inspection.until {
        return Err(Refusal::new(Code::WrongTime, "the inspection would end before it begins"));
    }
    not_past(inspection.until, today)?;
    distinct(inspection.checklist.iter().map(|item| &item.id), "item of the checklist")?;
    distinct(inspection.team.iter().map(|inspector| &inspector.holder), "inspector")?;
    let Issuer::Organisation(issuer) = statement.common().issuer else { return Ok(()) };
    let keys = register.keys_of(&issuer);
    match inspection.team.iter().find(|i| !keys.iter().any(|k| k.holder == i.holder && k.ended.is_none())) {
        Some(stranger) => wrong(format_args!("{} holds no key to sign the minutes with", stranger.holder)),
        None => Ok(()),
    }
}

/// The minutes say something of every item, and the team signs them.
fn taken(register: &Register, statement: &Statement, minutes: &InspectionMinutes, at: Moment) -> Judgement {
    if minutes.began_at > minutes.ended_at || minutes.ended_at > at.time {
        return Err(Refusal::new(Code::WrongTime, "an inspection begins, ends and is then recorded"));
    }
    let Some(Predicate::Inspection(inspection)) =
        register.recorded(&statement.subject()).map(|r| r.statement.predicate())
    else {
        return wrong("the minutes are of no inspection in this register");
    };
    distinct(minutes.results.iter().map(|result| &result.item), "item")?;
    if let Some(more) = minutes.results.iter().find(|r| !inspection.checklist.iter().any(|c| c.id == r.item))
    {
        return wrong(format_args!("{} is not in the checklist", more.item));
    }
    if let Some(missing) =
        inspection.checklist.iter().find(|c| !minutes.results.iter().any(|r| r.item == c.id))
    {
        return wrong(format_args!(
            "the minutes say nothing of {}; \"not seen\" is a result too",
            missing.id
        ));
    }
    let signers = &statement.common().signers;
    let mut holders: Vec<&Slug> =
        signers.iter().filter_map(|hash| register.key(hash)).map(|key| &key.holder).collect();
    holders.sort_unstable();
    holders.dedup();
    if let Some(stranger) = holders.iter().find(|h| !inspection.team.iter().any(|i| i.holder == ***h)) {
        return wrong(format_args!("{stranger} signs, but is not of the team"));
    }
    let needed = inspection.team.len().min(2);
    if holders.len() < needed {
        return Err(Refusal::new(
            Code::ApprovalMissing,
            format_args!("{} of the team have signed the minutes, {needed} are needed", holders.len()),
        ));
    }
    Ok(())
}

/// The remedy request that an order cites asked for the same failure to be mended.
fn requested(register: &Register, order: &Order) -> Judgement {
    let Some(cited) = &order.remedy_request else { return Ok(()) };
    match register.recorded(cited).map(|r| r.statement.predicate()) {
        Some(Predicate::RemedyRequest(request)) if request.finding == order.finding => Ok(()),
        _ => wrong(format_args!("{cited} is no remedy request on the same finding")),
    }
}

/// The order that a surcharge cites was about the same duty of the same model.
fn ordered(register: &Register, surcharge: &Surcharge, model: Digest) -> Judgement {
    let Some(cited) = &surcharge.order else { return Ok(()) };
    let fits = register.recorded(cited).is_some_and(|r| {
        r.statement.subject() == model
            && matches!(r.statement.predicate(), Predicate::Order(order) if order.duty == surcharge.duty)
    });
    if fits { Ok(()) } else { wrong(format_args!("{cited} is no order on this duty of this model")) }
}

/// An opinion answers what its author was asked.
fn asked_for(register: &Register, statement: &Statement, request: &Digest) -> Judgement {
    match register.recorded(request).map(|r| r.statement.predicate()) {
        Some(Predicate::InformationRequest(_)) => {}
        Some(Predicate::Assignment(assignment)) if assignment.asks_for.as_str() == "opinion" => {}
        _ => return wrong(format_args!("{request} asks for no opinion")),
    }
    if register.addressee(request).map(Issuer::Organisation) == Some(statement.common().issuer) {
        Ok(())
    } else {
        wrong(format_args!("{request} was put to somebody else"))
    }
}

/// What a statement asks, by the short names of its questions.
pub(super) fn questions_of(register: &Register, statement: &Digest) -> Vec<Slug> {
    let names = |questions: &[Question]| questions.iter().map(|q| q.id.clone()).collect();
    match register.recorded(statement).map(|r| r.statement.predicate()) {
        Some(Predicate::InformationRequest(request)) => names(&request.questions),
        Some(Predicate::ReportDemand(demand)) => names(&demand.questions),
        Some(Predicate::Consultation(consultation)) => names(&consultation.questions),
        // A review asks about duties.
        Some(Predicate::Review(review)) => review.questions.clone(),
        _ => Vec::new(),
    }
}

/// Answers name questions that were asked, each once.
pub(super) fn answers_fit<'a>(
    register: &Register,
    asked_in: &Digest,
    answers: impl Iterator<Item = &'a Slug> + Clone,
) -> Judgement {
    let asked = questions_of(register, asked_in);
    if let Some(stray) = answers.clone().find(|answer| !asked.contains(answer)) {
        return wrong(format_args!("nobody asked {stray:?} there"));
    }
    let mut seen = Vec::new();
    for answer in answers {
        if seen.contains(&answer) {
            return wrong(format_args!("{answer:?} is answered twice"));
        }
        seen.push(answer);
    }
    Ok(())
}

fn answered(register: &Register, reply: &Reply, subject: Digest) -> Judgement {
    answers_fit(register, &subject, reply.answers.iter().map(|answer| &answer.question))
}

/// Whoever presided over a hearing is not who opened the procedure.
fn presided(register: &Register, statement: &Statement, at: Moment) -> Judgement {
    let procedure = register.recorded(&statement.subject());
    let Some((recorded, Predicate::Procedure(procedure))) = procedure.map(|r| (r, r.statement.predicate()))
    else {
        return wrong("the record is of no procedure in this register");
    };
    if procedure.kind != ProcedureKind::Hearing {
        return wrong("the procedure is no hearing");
    }
    let Some((organisation, drafter)) = register.drafter(recorded) else { return Ok(()) };
    let holder = &statement.common().holder;
    let presiding = match register.mandate_of(statement, at.time) {
        Some(mandate) => mandate.agent,
        None => match statement.common().issuer {
            Issuer::Organisation(issuer) => issuer,
            _ => return Ok(()),
        },
    };
    if organisation == presiding
        && office::same(
            &register.offices(&organisation, &drafter, at.time, Some(recorded)),
            &register.offices(&organisation, holder, at.time, None),
        )
    {
        return Err(Refusal::new(Code::OwnAct, format_args!("{drafter} opened the procedure")));
    }
    Ok(())
}

fn decided(register: &Register, decision: &ObjectionDecision, objection: Digest) -> Judgement {
    use evidence::predicate::Effect;
    let fails = matches!(decision.result, ObjectionResult::Rejected | ObjectionResult::Inadmissible);
    if fails && matches!(decision.effect, Effect::Annuls | Effect::Stays) {
        return wrong("an objection that fails neither annuls nor stays the act");
    }
    if register.is_decided(&objection) {
        return wrong("the objection is already decided");
    }
    let act = register.recorded(&objection).map(|r| r.statement.subject());
    let annulled = act.is_some_and(|act| matches!(register.act_state(&act), ActState::Annulled { .. }));
    if annulled && !is_final(decision.effect) {
        return wrong("the act is annulled already: there is nothing to stay");
    }
    Ok(())
}

/// What ends or contests an act has its effect under the regime of the act.
fn same_regime(register: &Register, statement: &Statement) -> Judgement {
    let act = register.recorded(&statement.subject()).and_then(|r| r.statement.common().regime.clone());
    match act {
        Some(regime) if statement.common().regime.as_ref() != Some(&regime) => {
            wrong(format_args!("the act is under {regime}: name the same regime"))
        }
        _ => Ok(()),
    }
}

fn other_organisation(register: &Register, statement: &Statement, named: Digest) -> Judgement {
    if register.organisation(&named).is_none() {
        return wrong(format_args!("{named} is no organisation in this register"));
    }
    if statement.common().issuer == Issuer::Organisation(named) {
        return wrong("nobody asks themselves");
    }
    Ok(())
}

/// Short names that later statements refer to: some, each once.
pub(super) fn distinct<'a>(names: impl Iterator<Item = &'a Slug>, what: &str) -> Judgement {
    let mut seen: Vec<&Slug> = Vec::new();
    for name in names {
        if seen.contains(&name) {
            return wrong(format_args!("{name} names more than one {what}"));
        }
        seen.push(name);
    }
    if seen.is_empty() { wrong(format_args!("there is no {what}")) } else { Ok(()) }
}

/// A day by which something is to be done is not over when it is set. The day of an entry is in
/// UTC, where it begins last.
pub(super) fn not_past(day: Date, today: Date) -> Judgement {
    if day < today {
        return Err(Refusal::new(Code::WrongTime, format_args!("{day} is already over on {today}")));
    }
    Ok(())
}
