//! The rest of the oversight cycle on the bench: what it is about, and what an attempt says.

use evidence::predicate::{
    CheckOutcome, ChecklistItem, ChecklistResult, CodeKind, CodeOfConduct, CodeStage, Consultation,
    Inspection, Inspector, Mandate, MonitoringPlan, PlannedItem, Procedure, ProcedureKind, Question,
    Succession, SuccessionKind,
};
use evidence::{Attachment, Digest, Part, Predicate, PredicateType, Visibility};

use super::world::{DUTY, Words, World, day, now, slug, texts};

/// The holder who approves an act of the authority; `words` says who drafts it.
pub(super) fn approver(act: &str) -> usize {
    // The first officer drafted the designation: it takes no part in deciding on it.
    if act == "objection-decision" { 3 } else { 1 }
}

impl World {
    /// Makes what the acts of the rest of the cycle are about. A policy may not know them: then
    /// the thing is missing, and its acts cannot be tried.
    pub(super) fn cycle(&mut self) {
        for make in [Self::plans, Self::codes, Self::enforcement, Self::redress, Self::parties] {
            // What could be made before a policy said no stays.
            let _made: Option<()> = make(self);
        }
    }

    fn made(&mut self, name: &'static str, by: &str, words: Words) -> Option<Digest> {
        let id = self.say(by, words).ok()?;
        self.things.insert(name, id);
        Some(id)
    }

    fn plans(&mut self) -> Option<()> {
        let plan = MonitoringPlan {
            from: day("2026-04-01"),
            until: day("2027-03-31"),
            principles: texts(),
            items: vec![PlannedItem { id: slug("item")?, text: texts(), due: None }],
        };
        let plan = self.made("plan", "authority", Words::about(self.things["authority"], plan))?;
        self.made("plan-consultation", "authority", Words::about(plan, self.consultation(false)?))?;
        Some(())
    }

    fn codes(&mut self) -> Option<()> {
        let code = Self::code(CodeStage::Final)?;
        let code = self.made("code", "association", Words::about(self.things["association"], code))?;
        self.made("consultation", "association", Words::about(code, self.consultation(true)?))?;
        self.made("code-consultation", "association", Words::about(code, self.consultation(false)?))?;
        Some(())
    }

    pub(crate) fn code(stage: CodeStage) -> Option<CodeOfConduct> {
        Some(CodeOfConduct {
            slug: slug("code")?,
            kind: CodeKind::CodeOfConduct,
            title: texts(),
            version: "1".into(),
            stage,
            summary: texts(),
        })
    }

    /// A consultation that is open for long, or for the day of its entry only.
    pub(crate) fn consultation(&self, open: bool) -> Option<Consultation> {
        Some(Consultation {
            questions: vec![Question { id: slug("scope")?, text: texts() }],
            audience: texts(),
            until: if open { day("2099-01-01") } else { self.clock.utc_date() },
        })
    }

    fn enforcement(&mut self) -> Option<()> {
        let model = self.things["model"];
        for (name, act, answer_by) in [
            ("order-procedure", "order", "past"),
            ("order-procedure-open", "order", "2099-12-31"),
            ("surcharge-procedure", "surcharge", "past"),
            ("surcharge-procedure-open", "surcharge", "2099-12-31"),
            ("disclosure-procedure", "disclosure", "past"),
            ("disclosure-procedure-open", "disclosure", "2099-12-31"),
        ] {
            let procedure = self.procedure(act, ProcedureKind::OpportunityToExplain, answer_by)?;
            self.made(name, "authority", Words::about(model, procedure))?;
        }
        let hearing = self.procedure("finding", ProcedureKind::Hearing, "2099-12-31")?;
        self.made("hearing", "authority", Words::about(model, hearing))?;
        let inspection = Words::about(model, self.inspection()?);
        let inspection = self.approved("authority", inspection, 1).ok()?;
        self.things.insert("inspection", inspection);
        Some(())
    }

    pub(crate) fn procedure(&self, act: &str, kind: ProcedureKind, answer_by: &str) -> Option<Procedure> {
        Some(Procedure {
            kind,
            planned_act: slug(act)?,
            addressee: self.things["developer"],
            duty: slug(DUTY),
            grounds: texts(),
            answer_by: if answer_by == "past" { day("2026-01-01") } else { day(answer_by) },
        })
    }

    pub(crate) fn inspection(&self) -> Option<Inspection> {
        let inspector = |office| Some(Inspector { holder: slug(office)?, identity_card: "1".into() });
        Some(Inspection {
            cites: vec![self.things["finding"]],
            duty: slug(DUTY),
            reasons: texts(),
            place: texts(),
            from: day("2026-11-01"),
            until: day("2099-12-31"),
            team: vec![inspector("officer-1")?, inspector("officer-2")?],
            checklist: vec![ChecklistItem { id: slug("item")?, text: texts() }],
            remedies: texts(),
        })
    }

    fn redress(&mut self) -> Option<()> {
        let designation = Words::about(self.things["model"], self.designation()?);
        let designation = self.approved("authority", designation, 1).ok()?;
        self.things.insert("designation", designation);
        let objection = PredicateType::find("objection")?.example();
        self.made("objection", "developer", Words::about(designation, objection))?;
        Some(())
    }

    fn parties(&mut self) -> Option<()> {
        let mandate = self.mandate("certifier", &["notification"])?;
        self.made("mandate", "developer", Words::about(self.things["developer"], mandate))?;
        let mut application = PredicateType::find("application")?.example();
        if let Predicate::Application(application) = &mut application {
            application.addressee = self.things["authority"];
            application.asks_for = slug("succession")?;
        }
        self.made("application", "rival", Words::about(self.things["developer"], application))?;
        Some(())
    }

    pub(crate) fn mandate(&self, agent: &str, acts: &[&str]) -> Option<Mandate> {
        Some(Mandate {
            agent: self.things[agent],
            acts: acts.iter().map(|act| slug(act)).collect::<Option<_>>()?,
            from: day("2026-01-01"),
            until: day("2030-12-31"),
            terms: texts(),
        })
    }

    pub(crate) fn succession(&self) -> Succession {
        Succession {
            successor: self.things["rival"],
            kind: SuccessionKind::Merger,
            application: self.things["application"],
            models: vec![self.things["model"]],
            effective_on: day("2026-01-01"),
            reasons: texts(),
        }
    }
}

/// What an attempt at one of these acts says; `None` for the others.
pub(super) fn words(
    world: &mut World,
    example: &Predicate,
    act: &str,
    speaker: &str,
    attempt: &str,
) -> Option<Words> {
    let rival = attempt == "other-owner";
    let thing = |name: &str| world.things.get(name).copied();
    let subject = subject(world, act, speaker, rival)?;
    let mut body = example.clone();
    let own = thing("finding");
    let later = day("2099-12-31");
    let procedure = |closed: &str, open: &str| match attempt {
        "no-procedure" => thing("facts"),
        "open-procedure" => thing(open),
        _ => thing(closed),
    };
    match &mut body {
        Predicate::Mandate(mandate) => {
            // Nobody gives a mandate to itself.
            let agent = if speaker == "certifier" { "institute" } else { "certifier" };
            *mandate = world.mandate(agent, &["notification"])?;
        }
        Predicate::Succession(_) if thing("application").is_none() => return None,
        Predicate::Succession(succession) => *succession = world.succession(),
        Predicate::Application(application) => {
            application.addressee = thing("certifier")?;
            application.evidence.clear();
        }
        Predicate::MonitoringPlan(plan) => (plan.from, plan.until) = (day("2027-04-01"), day("2028-03-31")),
        Predicate::InformationRequest(request) => request.answer_by = later,
        Predicate::Guidance(guidance) => guidance.considered.clear(),
        Predicate::Assignment(assignment) => {
            (assignment.assignee, assignment.due) = (thing("institute")?, later);
        }
        Predicate::Opinion(opinion) => opinion.evidence.clear(),
        Predicate::Extension(extension) => extension.until = day("2100-12-31"),
        Predicate::HearingRecord(record) => record.held_at = now(),
        Predicate::ReportDemand(demand) => (demand.cites, demand.answer_by) = (vec![own?], later),
        Predicate::Inspection(inspection) => *inspection = world.inspection()?,
        Predicate::InspectionMinutes(minutes) => {
            (minutes.began_at, minutes.ended_at) = (now(), now());
            let item = slug("item")?;
            minutes.results = vec![ChecklistResult { item, outcome: CheckOutcome::InOrder, note: texts() }];
        }
        Predicate::Order(order) => {
            (order.finding, order.remedy_request) = (own?, None);
            (order.duty, order.deadline) = (slug(DUTY)?, later);
            order.procedure = procedure("order-procedure", "order-procedure-open")?;
        }
        Predicate::Surcharge(surcharge) => {
            (surcharge.finding, surcharge.order) = (own?, None);
            (surcharge.duty, surcharge.pay_by) = (slug(DUTY)?, later);
            surcharge.procedure = procedure("surcharge-procedure", "surcharge-procedure-open")?;
        }
        Predicate::Disclosure(disclosure) => {
            disclosure.statements.clear();
            disclosure.duty = slug(DUTY);
            disclosure.procedure = None;
            // Where something is wrong with how an authority names a failure.
            disclosure.names_failure = matches!(
                attempt,
                "no-approval" | "own-approval" | "other-draft" | "no-procedure" | "open-procedure"
            );
            if disclosure.names_failure && attempt != "no-procedure" {
                disclosure.procedure = procedure("disclosure-procedure", "disclosure-procedure-open");
            }
        }
        Predicate::CodeOfConduct(code) => {
            *code = World::code(CodeStage::Final)?;
            code.slug = slug("new")?;
        }
        Predicate::CodeAdherence(adherence) => adherence.code = thing("code")?,
        Predicate::Consultation(consultation) => *consultation = world.consultation(true)?,
        Predicate::ConsultationResult(result) => result.responses.clear(),
        Predicate::Objection(objection) => objection.evidence.clear(),
        Predicate::Ruling(ruling) => ruling.decided_on = day("2026-01-01"),
        _ => {}
    }
    let mut words = Words::about(subject, body);
    match act {
        "hearing-record" | "objection-decision" => words.holder = 1,
        "inspection-minutes" => words.co_signers = vec![1],
        "ruling" => words.attachments = vec![the_ruling()],
        _ => {}
    }
    Some(words)
}

fn subject(world: &World, act: &str, speaker: &str, rival: bool) -> Option<Digest> {
    let by_authority = speaker == "authority";
    let name = match act {
        "mandate" | "code-of-conduct" | "monitoring-plan" => match speaker {
            _ if rival => "rival",
            "node" => "developer",
            other => other,
        },
        "mandate-end" => "mandate",
        "succession" => "developer",
        "application"
        | "information-request"
        | "guidance"
        | "report-demand"
        | "inspection"
        | "order"
        | "surcharge"
        | "disclosure"
        | "code-adherence" => {
            if rival {
                "rival-model"
            } else {
                "model"
            }
        }
        "assignment" => "version",
        "opinion" => "report",
        "extension" if speaker == "certifier" => "status-procedure-open",
        "extension" => "finding-procedure-open",
        "hearing-record" => "hearing",
        "inspection-minutes" => "inspection",
        "designation-end" | "objection" | "ruling" => "designation",
        "objection-decision" => "objection",
        "consultation" => {
            if by_authority {
                "plan"
            } else {
                "code"
            }
        }
        "comment" => "consultation",
        "consultation-result" => {
            if by_authority {
                "plan-consultation"
            } else {
                "code-consultation"
            }
        }
        _ => return None,
    };
    world.things.get(name).copied()
}

/// A court's ruling, attached.
pub(crate) fn the_ruling() -> Attachment {
    let part = Part { salt: [7; 32], bytes: b"ruling".to_vec() };
    Attachment {
        name: "ruling.txt".into(),
        media_type: "text/plain".into(),
        size: 6,
        commitment: part.commitment(),
        visibility: Visibility::Public,
        confidentiality_ground: None,
    }
}
