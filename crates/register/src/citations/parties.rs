//! What organisations say of themselves and each other: mandates, successions, applications,
//! codes of conduct and the consultations on them.

use evidence::predicate::{Application, CodeAdherence, CodeStage, ConsultationResult, Succession};
use evidence::{Digest, Predicate, Statement};

use super::oversight::{answers_fit, distinct, not_past};
use super::{expect, free_slug, may_say, wrong};
use crate::judge::Moment;
use crate::mandate;
use crate::refusal::{Code, Refusal};
use crate::state::{Kind, Register};

type Judgement = Result<(), Refusal>;

pub(super) fn judge(register: &Register, statement: &Statement, at: Moment) -> Judgement {
    let subject = statement.subject();
    let today = at.time.utc_date();
    match statement.predicate() {
        Predicate::Mandate(body) => mandate::judge(register, subject, body),
        Predicate::MandateEnd(_) => mandate::judge_end(register, &subject),
        Predicate::Succession(succession) => {
            if succession.effective_on > today {
                return Err(Refusal::new(
                    Code::WrongTime,
                    "the succession is still to come: record it when it is effective",
                ));
            }
            succeeded(register, succession, subject)
        }
        Predicate::Application(Application { addressee, asks_for, .. }) => {
            if register.organisation(addressee).is_none() {
                return wrong(format_args!("{addressee} is no organisation in this register"));
            }
            may_say(register, *addressee, asks_for, at.time)
        }
        Predicate::CodeOfConduct(code) => free_slug(register, &subject, &code.slug, statement),
        Predicate::CodeAdherence(adherence) => adhered(register, adherence),
        Predicate::Consultation(consultation) => {
            distinct(consultation.questions.iter().map(|q| &q.id), "question")?;
            not_past(consultation.until, today)
        }
        Predicate::Comment(comment) => {
            if let Some(day) = register.last_day(&subject)
                && day < today
            {
                return Err(Refusal::new(Code::WrongTime, format_args!("comments were open until {day}")));
            }
            answers_fit(register, &subject, comment.answers.iter().map(|answer| &answer.question))
        }
        Predicate::ConsultationResult(result) => {
            if let Some(day) = register.last_day(&subject)
                && today <= day
            {
                return Err(Refusal::new(Code::WrongTime, format_args!("comments are open until {day}")));
            }
            commented(register, result, subject)
        }
        _ => Ok(()),
    }
}

fn succeeded(register: &Register, succession: &Succession, predecessor: Digest) -> Judgement {
    let successor = succession.successor;
    if register.organisation(&successor).is_none() || successor == predecessor {
        return wrong(format_args!("{successor} is no other organisation in this register"));
    }
    expect(register, &succession.application, "application", Some(predecessor))?;
    let applied = register.recorded(&succession.application).is_some_and(|r| {
        matches!(r.statement.predicate(), Predicate::Application(a) if a.asks_for.as_str() == "succession")
            && [Some(predecessor), Some(successor)].contains(&r.issuer)
    });
    if !applied {
        return wrong("a succession rests on an application for it by either organisation");
    }
    if succession.models.is_empty() {
        return wrong("the succession names no model");
    }
    for model in &succession.models {
        // A correction of a model is none itself.
        let is_model = register.kind_of(model) == Some(Kind::Model) && register.thing(model).is_some();
        if !is_model || register.owner(model) != Some(predecessor) {
            return wrong(format_args!("{model} is no model of the predecessor"));
        }
    }
    Ok(())
}

/// One adheres to a code that is in use; one can leave any.
fn adhered(register: &Register, adherence: &CodeAdherence) -> Judgement {
    expect(register, &adherence.code, "code-of-conduct", None)?;
    let stage = register.current(&adherence.code).map(|r| r.statement.predicate());
    match stage {
        Some(Predicate::CodeOfConduct(code)) if code.stage != CodeStage::Final && adherence.adheres => {
            wrong("the code is not in use: it is a draft, or withdrawn")
        }
        _ => Ok(()),
    }
}

fn commented(register: &Register, result: &ConsultationResult, consultation: Digest) -> Judgement {
    let cited = result.responses.iter().flat_map(|response| &response.statements);
    for comment in cited {
        expect(register, comment, "comment", Some(consultation))?;
    }
    Ok(())
}
