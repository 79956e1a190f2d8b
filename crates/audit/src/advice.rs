//! Assessments, computed again from the public record and compared.

use evidence::predicate::{Assessment, AssessmentInput, AssessmentResult, DutyResult, InputSource};
use evidence::{Date, Statement};
use register::{Library, Register};

/// What came of computing an assessment again.
pub(crate) enum Recomputed {
    /// The same; so many duties are left out of it because only a signed act may state them.
    Same { withheld_duties: u64 },
    /// It uses facts that the public does not have.
    Withheld,
    /// Something else: what.
    Differs(String),
}

/// Computes an assessment again on the register as it was at the size that it names.
pub(crate) fn recompute(
    statement: &Statement,
    stated: &Assessment,
    register: Option<&Register>,
    library: &Library,
) -> Recomputed {
    if stated.inputs.iter().any(|input| matches!(input.source, InputSource::Withheld(_))) {
        return Recomputed::Withheld;
    }
    let (Some(register), Some(regime)) = (register, &statement.common().regime) else {
        return Recomputed::Differs(format!("there is no register of size {}", stated.register.size));
    };
    let advice = match register.advise(regime.as_str(), &statement.subject(), stated.as_of, library) {
        Ok(advice) => advice,
        Err(error) => return Recomputed::Differs(error.to_string()),
    };
    let Some(computed) = register.assessment_of(&advice, stated.as_of) else {
        return Recomputed::Differs(format!("there is no root at size {}", stated.register.size));
    };
    match difference(stated, &computed) {
        Err(difference) if stated.engine == computed.engine => Recomputed::Differs(difference),
        Err(difference) => Recomputed::Differs(format!(
            "{difference} (stated by {}, computed by {})",
            stated.engine, computed.engine
        )),
        Ok(withheld_duties) => Recomputed::Same { withheld_duties },
    }
}

/// Compares field by field; returns how many duties are left out, as they may be.
fn difference(stated: &Assessment, computed: &Assessment) -> Result<u64, String> {
    let differs = |what: &str, stated: String, computed: String| {
        Err(format!("{what}: it says {stated}, computed again it is {computed}"))
    };
    if stated.regime_adoption != computed.regime_adoption {
        return differs(
            "the regime's adoption in force at that size",
            stated.regime_adoption.to_string(),
            computed.regime_adoption.to_string(),
        );
    }
    let (said, found) = (&stated.result, &computed.result);
    if said.coverage != found.coverage {
        return differs("coverage", said.coverage.clone(), found.coverage.clone());
    }
    if sorted(&said.classes) != sorted(&found.classes) {
        return differs("classes", said.classes.join(", "), found.classes.join(", "));
    }
    if sorted(&said.missing) != sorted(&found.missing) {
        return differs("missing facts", said.missing.join(", "), found.missing.join(", "));
    }
    let inputs = |inputs: &[AssessmentInput]| {
        let lines = inputs.iter().map(|i| (i.fact.clone(), i.value.clone(), format!("{:?}", i.source)));
        sorted(&lines.collect::<Vec<_>>())
    };
    if inputs(&stated.inputs) != inputs(&computed.inputs) {
        let list = |inputs: &[AssessmentInput]| {
            inputs.iter().map(|i| format!("{} = {}", i.fact, i.value)).collect::<Vec<_>>().join(", ")
        };
        return differs("inputs", list(&stated.inputs), list(&computed.inputs));
    }
    duties(said, found, stated.as_of)
}

fn duties(said: &AssessmentResult, found: &AssessmentResult, as_of: Date) -> Result<u64, String> {
    let words = |duty: Option<&DutyResult>| {
        duty.map_or_else(
            || "nothing".to_owned(),
            |d| d.due.map_or_else(|| d.status.clone(), |due| format!("{}, due {due}", d.status)),
        )
    };
    let named = |duties: &AssessmentResult, id: &str| duties.duties.iter().find(|d| d.id == id).cloned();
    let mut left_out = 0;
    for duty in &found.duties {
        match named(said, &duty.id) {
            None if withholdable(duty, as_of) => left_out += 1,
            stated if stated.as_ref() == Some(duty) => {}
            stated => {
                return Err(format!(
                    "duty {}: it says {}, computed again it is {}",
                    duty.id,
                    words(stated.as_ref()),
                    words(Some(duty))
                ));
            }
        }
    }
    if let Some(stranger) = said.duties.iter().find(|d| named(found, &d.id).is_none()) {
        return Err(format!("duty {}: the regime has no such duty here", stranger.id));
    }
    if said.duties.len() + usize::try_from(left_out).unwrap_or(0) != found.duties.len() {
        return Err("a duty is stated twice".to_owned());
    }
    Ok(left_out)
}

/// Tells whether only a signed act may say this of a named organisation: unmet, or past due.
fn withholdable(duty: &DutyResult, as_of: Date) -> bool {
    let open = matches!(duty.status.as_str(), "open" | "unresolved");
    duty.status == "appears_unmet" || open && duty.due.is_some_and(|due| due < as_of)
}

fn sorted<T: Ord + Clone>(list: &[T]) -> Vec<T> {
    let mut list = list.to_vec();
    list.sort();
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result(duties: &[(&str, &str, Option<&str>)]) -> AssessmentResult {
        AssessmentResult {
            coverage: "covered".into(),
            classes: Vec::new(),
            missing: Vec::new(),
            duties: duties
                .iter()
                .map(|(id, status, due)| DutyResult {
                    id: (*id).to_owned(),
                    status: (*status).to_owned(),
                    due: due.map(|due| due.parse().unwrap()),
                })
                .collect(),
        }
    }

    #[test]
    fn only_what_a_signed_act_must_say_first_may_be_left_out() {
        let as_of = "2026-11-23".parse().unwrap();
        let found = result(&[
            ("a", "open", Some("2026-12-01")),
            ("b", "open", Some("2026-11-22")),
            ("c", "appears_unmet", None),
        ]);
        let said = result(&[("a", "open", Some("2026-12-01"))]);
        assert_eq!(duties(&said, &found, as_of), Ok(2));
        assert_eq!(duties(&found, &found, as_of), Ok(0));
        assert!(
            duties(&result(&[]), &found, as_of).is_err(),
            "an open duty that is not due yet must be stated"
        );
        let twice = result(&[("a", "open", Some("2026-12-01")), ("a", "open", Some("2026-12-01"))]);
        assert!(duties(&twice, &found, as_of).is_err());
        let other_day = result(&[("a", "open", Some("2026-12-02"))]);
        assert!(duties(&other_day, &found, as_of).is_err());
        let stranger = result(&[("a", "open", Some("2026-12-01")), ("d", "open", None)]);
        assert!(duties(&stranger, &found, as_of).is_err());
    }
}
