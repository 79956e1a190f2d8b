//! What acts of oversight rest on, and who answers them.

use evidence::predicate::{
    Answer, Assignment, CheckOutcome, CodeAdherence, CodeStage, Comment, ConsultationResult, Extension,
    HearingRecord, Incident, InformationRequest, InspectionMinutes, Opinion, Order, Position, Question,
    RemedyRequest, Reply, ReportDemand, Surcharge,
};
use evidence::{Digest, Predicate, PredicateType};

use super::world;
use crate::bench::words::words;
use crate::bench::world::{DUTY, Words, World, day, now, slug, texts};
use crate::{Code, Refusal};

/// The bench's words for an act, of one type.
macro_rules! body {
    ($world:expr, $name:literal, $kind:ident) => {{
        let example = PredicateType::find($name).unwrap().example();
        let words = words(&mut $world.clone(), example, $name, "authority", "").unwrap();
        let Predicate::$kind(body) = words.body else { unreachable!() };
        body
    }};
}

fn decide(world: &World, body: impl Into<Predicate>) -> Result<Digest, Code> {
    let words = Words::about(world.things["model"], body);
    world.clone().approved("authority", words, 1).map_err(|refusal| refusal.code)
}

fn answer(question: &str) -> Answer {
    Answer { question: slug(question).unwrap(), text: texts() }
}

fn reply(answers: Vec<Answer>) -> Reply {
    Reply { position: Position::Explains, answer: texts(), evidence: Vec::new(), answers }
}

fn incident(world: &mut World, developer: &str, model: &str) -> Digest {
    let Predicate::Incident(mut incident) = PredicateType::find("incident").unwrap().example() else {
        unreachable!()
    };
    incident = Incident { ..incident };
    world.say(developer, Words::about(world.things[model], incident)).unwrap()
}

#[test]
fn nobody_is_made_to_report_or_visited_without_a_failure_or_an_incident() {
    let mut world = world();
    let (own, other) =
        (incident(&mut world, "developer", "model"), incident(&mut world, "rival", "rival-model"));
    let mut met = world.finding().unwrap();
    (met.result, met.procedure) = (evidence::predicate::FindingResult::Met, None);
    let met = world.approved("authority", Words::about(world.things["model"], met), 1).unwrap();
    let finding = world.things["finding"];
    let demand = body!(world, "report-demand", ReportDemand);
    let inspection = world.inspection().unwrap();
    for (cites, expected) in [
        (vec![finding], None),
        (vec![own], None),
        (vec![finding, own], None),
        (Vec::new(), Some(Code::WrongCitation)),
        (vec![met], Some(Code::WrongCitation)),
        (vec![other], Some(Code::WrongCitation)),
        (vec![world.things["report"]], Some(Code::WrongCitation)),
        (vec![finding, other], Some(Code::WrongCitation)),
    ] {
        let demand = ReportDemand { cites: cites.clone(), ..demand.clone() };
        assert_eq!(decide(&world, demand).err(), expected, "{cites:?}");
        let inspection = evidence::predicate::Inspection { cites: cites.clone(), ..inspection.clone() };
        assert_eq!(decide(&world, inspection).err(), expected, "{cites:?}");
    }
}

#[test]
fn questions_have_names_of_their_own_and_days_to_come() {
    let world = world();
    let request = body!(world, "information-request", InformationRequest);
    let say = |request: InformationRequest| {
        let words = Words::about(world.things["model"], request);
        world.clone().say("authority", words).map_err(|refusal| refusal.code)
    };
    let twice = vec![Question { id: slug("a").unwrap(), text: texts() }; 2];
    assert!(say(request.clone()).is_ok());
    assert_eq!(say(InformationRequest { questions: twice, ..request.clone() }), Err(Code::WrongCitation));
    assert_eq!(
        say(InformationRequest { questions: Vec::new(), ..request.clone() }),
        Err(Code::WrongCitation)
    );
    assert_eq!(
        say(InformationRequest { answer_by: day("2020-01-01"), ..request.clone() }),
        Err(Code::WrongTime)
    );
    let stranger = Some(world.things["model"]);
    assert_eq!(say(InformationRequest { addressee: stranger, ..request }), Err(Code::WrongCitation));
}

#[test]
fn whoever_is_asked_answers_what_was_asked() {
    let mut world = world();
    let request = body!(world, "information-request", InformationRequest);
    let model = world.things["model"];
    let to_developer = world.say("authority", Words::about(model, request.clone())).unwrap();
    let institute = Some(world.things["institute"]);
    let request = InformationRequest { addressee: institute, ..request };
    let to_institute = world.say("authority", Words::about(model, request)).unwrap();
    let assignment = body!(world, "assignment", Assignment);
    let assigned = world.say("authority", Words::about(world.things["version"], assignment)).unwrap();
    let mut code = |by: &str, about, reply: Reply| {
        world.say(by, Words::about(about, reply)).map_err(|refusal| refusal.code)
    };
    assert_eq!(code("institute", to_developer, reply(Vec::new())), Err(Code::WrongRelation));
    assert_eq!(code("developer", to_institute, reply(Vec::new())), Err(Code::WrongRelation));
    assert_eq!(code("developer", assigned, reply(Vec::new())), Err(Code::WrongRelation));
    assert!(code("institute", assigned, reply(Vec::new())).is_ok());
    assert!(code("institute", to_institute, reply(vec![answer("users")])).is_ok());
    assert_eq!(code("developer", to_developer, reply(vec![answer("other")])), Err(Code::WrongCitation));
    let twice = reply(vec![answer("users"), answer("users")]);
    assert_eq!(code("developer", to_developer, twice), Err(Code::WrongCitation));
    assert!(code("developer", to_developer, reply(vec![answer("users")])).is_ok());
}

#[test]
fn work_is_asked_of_who_may_do_it() {
    let world = world();
    let assignment = body!(world, "assignment", Assignment);
    let say = |assignment: Assignment| {
        let words = Words::about(world.things["version"], assignment);
        world.clone().say("authority", words).map_err(|refusal| refusal.code)
    };
    assert!(say(assignment.clone()).is_ok());
    let stranger = world.things["stranger"];
    assert_eq!(say(Assignment { assignee: stranger, ..assignment.clone() }), Err(Code::WrongCitation));
    let certificate = slug("certificate").unwrap();
    assert_eq!(say(Assignment { asks_for: certificate, ..assignment.clone() }), Err(Code::WrongCitation));
    let itself = world.things["authority"];
    let opinion = slug("opinion").unwrap();
    assert_eq!(
        say(Assignment { assignee: itself, asks_for: opinion, ..assignment }),
        Err(Code::WrongCitation)
    );
}

#[test]
fn an_application_goes_to_who_may_do_what_is_asked() {
    let world = world();
    let application = body!(world, "application", Application);
    let say = |addressee: &str| {
        let mut application = application.clone();
        application.addressee = world.things[addressee];
        let words = Words::about(world.things["model"], application);
        world.clone().say("developer", words).map_err(|refusal| refusal.code)
    };
    assert!(say("certifier").is_ok());
    assert_eq!(say("authority"), Err(Code::WrongCitation), "no authority certifies");
    assert_eq!(say("model"), Err(Code::WrongCitation));
}

#[test]
fn an_opinion_answers_who_asked_its_author() {
    let mut world = world();
    let opinion = body!(world, "opinion", Opinion);
    let assignment =
        Assignment { asks_for: slug("opinion").unwrap(), ..body!(world, "assignment", Assignment) };
    let asked = world.say("authority", Words::about(world.things["version"], assignment)).unwrap();
    let mut code = |by: &str, answers| {
        let words =
            Words::about(world.things["report"], Opinion { answers: Some(answers), ..opinion.clone() });
        world.say(by, words).map_err(|refusal| refusal.code)
    };
    assert!(code("institute", asked).is_ok());
    assert_eq!(code("rival", asked), Err(Code::WrongCitation));
    let finding = code("institute", evidence::sha256(b"nothing"));
    assert_eq!(finding, Err(Code::WrongCitation));
}

#[test]
fn an_order_and_a_surcharge_rest_on_the_failure_that_they_are_about() {
    let mut world = world();
    let request = RemedyRequest {
        finding: world.things["finding"],
        duty: slug(DUTY).unwrap(),
        request: texts(),
        deadline: day("2027-03-31"),
        procedure: world.things["request-procedure"],
        remedies: None,
    };
    let request = world.approved("authority", Words::about(world.things["model"], request), 1).unwrap();
    let again = world.approved("authority", Words::about(world.things["model"], world.finding().unwrap()), 1);
    let other_finding = again.unwrap();
    let order = body!(world, "order", Order);
    let cites = |finding, remedy_request| Order { finding, remedy_request, ..order.clone() };
    let finding = world.things["finding"];
    assert!(decide(&world, cites(finding, None)).is_ok());
    assert!(decide(&world, cites(finding, Some(request))).is_ok());
    assert_eq!(decide(&world, cites(other_finding, Some(request))).err(), Some(Code::WrongCitation));
    assert_eq!(decide(&world, cites(world.things["assessment"], None)).err(), Some(Code::WrongCitation));
    let other_duty = Order { duty: slug("public-report").unwrap(), ..order.clone() };
    assert_eq!(decide(&world, other_duty).err(), Some(Code::WrongCitation));
    let ordered = world.approved("authority", Words::about(world.things["model"], order), 1).unwrap();
    let surcharge = body!(world, "surcharge", Surcharge);
    let rests = |order| Surcharge { order: Some(order), ..surcharge.clone() };
    assert!(decide(&world, rests(ordered)).is_ok());
    assert_eq!(decide(&world, rests(finding)).err(), Some(Code::WrongCitation));
    let past = Surcharge { pay_by: day("2020-01-01"), ..surcharge };
    assert_eq!(decide(&world, past).err(), Some(Code::WrongTime));
}

#[test]
fn the_team_signs_the_minutes_and_they_say_something_of_every_item() {
    let world = world();
    let minutes = body!(world, "inspection-minutes", InspectionMinutes);
    let say = |minutes: InspectionMinutes, holder: usize, co_signers: Vec<usize>| {
        let mut words = Words::about(world.things["inspection"], minutes).by_holder(holder);
        words.co_signers = co_signers;
        world.clone().say("authority", words).map_err(|refusal| refusal.code)
    };
    assert!(say(minutes.clone(), 0, vec![1]).is_ok());
    assert_eq!(say(minutes.clone(), 0, Vec::new()), Err(Code::ApprovalMissing), "one of two");
    assert_eq!(say(minutes.clone(), 0, vec![3]), Err(Code::WrongCitation), "not of the team");
    assert_eq!(say(minutes.clone(), 0, vec![1, 3]), Err(Code::WrongCitation), "one more, not of the team");
    let missing = InspectionMinutes { results: Vec::new(), ..minutes.clone() };
    assert_eq!(say(missing, 0, vec![1]), Err(Code::WrongCitation));
    let mut more = minutes.clone();
    more.results.push(evidence::predicate::ChecklistResult {
        item: slug("more").unwrap(),
        outcome: CheckOutcome::NotSeen,
        note: texts(),
    });
    assert_eq!(say(more, 0, vec![1]), Err(Code::WrongCitation));
    let backwards = InspectionMinutes {
        began_at: now(),
        ended_at: "2026-01-01T00:00:00.000Z".parse().unwrap(),
        ..minutes
    };
    assert_eq!(say(backwards, 0, vec![1]), Err(Code::WrongTime));
}

#[test]
fn an_inspection_of_one_is_signed_by_one_and_nobody_without_a_key_inspects() {
    let mut world = world();
    let mut inspection = world.inspection().unwrap();
    inspection.team.truncate(1);
    let alone =
        world.approved("authority", Words::about(world.things["model"], inspection.clone()), 1).unwrap();
    let minutes = body!(world, "inspection-minutes", InspectionMinutes);
    world.say("authority", Words::about(alone, minutes)).unwrap();
    inspection.team[0].holder = slug("nobody").unwrap();
    assert_eq!(decide(&world, inspection.clone()).err(), Some(Code::WrongCitation));
    inspection.team[0].holder = slug("officer-1").unwrap();
    inspection.until = day("2026-10-01");
    assert_eq!(decide(&world, inspection).err(), Some(Code::WrongTime));
}

#[test]
fn an_extension_names_a_later_day_and_the_procedure_waits_for_it() {
    let mut world = world();
    let model = world.things["model"];
    let mut procedure =
        world.procedure("finding", evidence::predicate::ProcedureKind::Hearing, "past").unwrap();
    procedure.answer_by = now().utc_date();
    let procedure = world.say("authority", Words::about(model, procedure)).unwrap();
    let extend = |world: &mut World, until: &str| -> Result<Digest, Refusal> {
        world.say("authority", Words::about(procedure, Extension { until: day(until), reasons: texts() }))
    };
    assert_eq!(extend(&mut world, "2026-01-01").unwrap_err().code, Code::WrongTime);
    extend(&mut world, "2027-06-30").unwrap();
    assert_eq!(extend(&mut world, "2027-06-30").unwrap_err().code, Code::WrongTime);
    assert_eq!(world.register.last_day(&procedure), Some(day("2027-06-30")));
    let finding = |world: &World| {
        let mut finding = world.finding().unwrap();
        finding.procedure = Some(procedure);
        Words::about(model, finding)
    };
    // The first day has passed, the extended one has not.
    world.clock = "2027-06-30T23:59:59.000Z".parse().unwrap();
    let words = finding(&world);
    assert_eq!(world.clone().approved("authority", words, 1).unwrap_err().code, Code::ProcedureOpen);
    world.clock = "2027-07-01T00:00:00.000Z".parse().unwrap();
    let words = finding(&world);
    world.approved("authority", words, 1).unwrap();
}

#[test]
fn the_law_counts_from_the_extended_day() {
    let mut world = world();
    let request = RemedyRequest {
        finding: world.things["finding"],
        duty: slug(DUTY).unwrap(),
        request: texts(),
        deadline: day("2027-03-31"),
        procedure: world.things["request-procedure"],
        remedies: None,
    };
    let model = world.things["model"];
    let request = world.approved("authority", Words::about(model, request), 1).unwrap();
    let extension = Extension { until: day("2027-05-31"), reasons: texts() };
    world.say("authority", Words::about(request, extension)).unwrap();
    let advice = world.register.advise("eu-gpai", &model, now().utc_date(), &world.library).unwrap();
    let event = advice.record.events.iter().find(|event| event.predicate == "remedy-request").unwrap();
    assert_eq!(event.attributes["deadline"], "2027-05-31");
}

#[test]
fn who_opened_a_hearing_does_not_preside_over_it() {
    let world = world();
    let record = body!(world, "hearing-record", HearingRecord);
    let say = |holder: usize, about: &str, record: HearingRecord| {
        let words = Words::about(world.things[about], record).by_holder(holder);
        world.clone().say("authority", words).map_err(|refusal| refusal.code)
    };
    assert!(say(1, "hearing", record.clone()).is_ok());
    assert_eq!(say(0, "hearing", record.clone()), Err(Code::OwnAct));
    assert_eq!(say(1, "finding-procedure", record.clone()), Err(Code::WrongCitation), "no hearing");
    let early = HearingRecord { held_at: "2099-01-01T00:00:00.000Z".parse().unwrap(), ..record };
    assert_eq!(say(1, "hearing", early), Err(Code::WrongTime));
}

#[test]
fn a_developer_names_its_own_failures_and_an_authority_waits_for_the_procedure() {
    let world = world();
    let mut disclosure = body!(world, "disclosure", Disclosure);
    disclosure.names_failure = true;
    let words = |model: &str| Words::about(world.things[model], disclosure.clone());
    let code = |result: Result<Digest, Refusal>| result.map_err(|refusal| refusal.code);
    assert!(code(world.clone().say("developer", words("model"))).is_ok());
    assert_eq!(code(world.clone().say("rival", words("model"))), Err(Code::WrongRelation));
    assert_eq!(code(world.clone().approved("authority", words("model"), 1)), Err(Code::ProcedureMissing));
    disclosure.procedure = Some(world.things["disclosure-procedure"]);
    let words = Words::about(world.things["model"], disclosure);
    assert!(code(world.clone().approved("authority", words, 1)).is_ok());
}

#[test]
fn comments_come_while_a_consultation_is_open_and_its_result_afterwards() {
    let mut world = world();
    let (open, closed) = (world.things["consultation"], world.things["code-consultation"]);
    let comment = |question: &str| Comment { text: texts(), answers: vec![answer(question)] };
    let mut code = |by: &str, about, body: Predicate| {
        world.say(by, Words::about(about, body)).map_err(|refusal| refusal.code)
    };
    let said = code("rival", open, comment("scope").into()).unwrap();
    assert_eq!(code("rival", open, comment("other").into()), Err(Code::WrongCitation));
    assert_eq!(code("rival", closed, comment("scope").into()), Err(Code::WrongTime));
    let result = |statements: Vec<Digest>| {
        let responses =
            vec![evidence::predicate::ConsultationResponse { comment: texts(), statements, answer: texts() }];
        Predicate::from(ConsultationResult { comments: 1, responses, outcome: texts() })
    };
    assert_eq!(code("association", open, result(Vec::new())), Err(Code::WrongTime));
    assert_eq!(code("association", closed, result(vec![said])), Err(Code::WrongCitation), "of another one");
    // More time reopens it.
    let extension = Extension { until: day("2099-01-01"), reasons: texts() };
    code("association", closed, extension.into()).unwrap();
    assert_eq!(code("association", closed, result(Vec::new())), Err(Code::WrongTime));
    let said = code("rival", closed, comment("scope").into()).unwrap();
    world.clock = "2099-01-02T00:00:00.000Z".parse().unwrap();
    world.say("association", Words::about(closed, result(vec![said]))).unwrap();
}

#[test]
fn one_adheres_to_a_code_in_use_and_leaves_any() {
    let mut world = world();
    let (association, model) = (world.things["association"], world.things["model"]);
    let code = world.things["code"];
    let adheres = |code, adheres| Words::about(model, CodeAdherence { code, adheres, account: texts() });
    let adherences = |world: &World| {
        let advice = world.register.advise("eu-gpai", &model, now().utc_date(), &world.library).unwrap();
        advice.record.events.iter().filter(|event| event.predicate == "code-adherence").count()
    };
    world.say("developer", adheres(code, true)).unwrap();
    assert_eq!(adherences(&world), 1);
    // The code is corrected twice: a thing keeps its name. Whoever cites it cites what it is now.
    let mut previous = code;
    for stage in [CodeStage::Draft, CodeStage::Withdrawn] {
        let mut words = Words::about(association, World::code(stage).unwrap());
        words.supersedes = Some(previous);
        previous = world.say("association", words).unwrap();
        assert_eq!(world.say("developer", adheres(code, true)).unwrap_err().code, Code::WrongCitation);
    }
    assert_eq!(world.say("developer", adheres(model, true)).unwrap_err().code, Code::WrongCitation);
    world.say("developer", adheres(previous, false)).unwrap();
    assert_eq!(adherences(&world), 0, "it has left");
    assert_eq!(world.register.find("association/code"), Some(code));
}
