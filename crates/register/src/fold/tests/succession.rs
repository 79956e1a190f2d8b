//! Models that pass over to another organisation, with what was asked about them.

use evidence::predicate::{Application, Model, ModelVersion, Position, Reply, Succession};
use evidence::{Digest, Predicate};

use super::{facts, world};
use crate::bench::world::{Words, World, day, slug, texts};
use crate::{Code, Refusal};

fn succeed(world: &mut World, succession: Succession) -> Result<Digest, Refusal> {
    world.approved("authority", Words::about(world.things["developer"], succession), 1)
}

fn reply() -> Reply {
    Reply { position: Position::Explains, answer: texts(), evidence: Vec::new(), answers: Vec::new() }
}

#[test]
fn the_successor_owns_the_models_and_answers_what_was_asked_about_them() {
    let mut world = world();
    let (model, version, rival) = (world.things["model"], world.things["version"], world.things["rival"]);
    let report = world.things["report"];
    let succession = world.succession();
    succeed(&mut world, succession).unwrap();
    let register = &world.register;
    assert_eq!(register.owner(&model), Some(rival));
    assert_eq!(register.owner(&version), Some(rival));
    assert_eq!(register.thing(&model).unwrap().parent, rival);
    assert_eq!(register.below(&world.things["developer"]).len(), 0);
    assert!(register.below(&rival).iter().any(|thing| thing.id == model));
    assert!(register.models().any(|m| m.id == model && m.parent == rival));
    for act in ["designation", "finding", "finding-procedure-open", "certificate", "status-procedure-open"] {
        assert_eq!(register.addressee(&world.things[act]), Some(rival), "{act}");
    }
    assert_eq!(
        register.recorded(&report).unwrap().issuer,
        Some(world.things["developer"]),
        "who said it, said it"
    );
    // Facts are the successor's to state, answers its to give.
    let version_two =
        ModelVersion { slug: slug("v2").unwrap(), released_on: None, licence: None, origin: None };
    let words = Words::about(model, version_two);
    world.say("rival", words).unwrap();
    let open = world.things["finding-procedure-open"];
    assert_eq!(world.say("developer", Words::about(open, reply())).unwrap_err().code, Code::WrongRelation);
    world.say("rival", Words::about(open, reply())).unwrap();
    // The procedure that the predecessor was heard in still stands; so does the answer given now.
    for procedure in ["finding-procedure", "finding-procedure-open"] {
        let mut finding = world.finding().unwrap();
        finding.procedure = Some(world.things[procedure]);
        world.approved("authority", Words::about(model, finding), 1).unwrap();
    }
}

#[test]
fn a_model_is_found_under_its_old_path_and_its_new_one() {
    let mut world = world();
    let (model, version) = (world.things["model"], world.things["version"]);
    // The rival has a model of the same short name: the old path stays the path.
    let succession = world.succession();
    let mut taken = world.clone();
    succeed(&mut taken, succession.clone()).unwrap();
    assert_eq!(taken.register.path_of(&model).unwrap(), "developer/m");
    assert_eq!(taken.register.find("developer/m/v1"), Some(version));
    assert_eq!(taken.register.find("rival/m"), Some(world.things["rival-model"]));
    // A model with a name of its own is under both, and so is what comes below it later.
    let body = Model { slug: slug("own").unwrap(), names: texts(), description: texts() };
    let own = world.say("developer", Words::about(world.things["developer"], body.clone())).unwrap();
    succeed(&mut world, Succession { models: vec![model, own], ..succession }).unwrap();
    let version = ModelVersion { slug: slug("v1").unwrap(), released_on: None, licence: None, origin: None };
    let version = world.say("rival", Words::about(own, version)).unwrap();
    let register = &world.register;
    assert_eq!(register.path_of(&own).unwrap(), "rival/own");
    assert_eq!(register.path_of(&version).unwrap(), "rival/own/v1");
    for path in ["rival/own/v1", "developer/own/v1"] {
        assert_eq!(register.find(path), Some(version), "{path}");
    }
    // The old address never comes to mean something else.
    let again = world.say("developer", Words::about(world.things["developer"], body)).unwrap_err();
    assert_eq!(again.code, Code::SlugTaken);
}

#[test]
fn a_succession_rests_on_an_application_and_passes_over_what_the_predecessor_has() {
    let world = world();
    let good = world.succession();
    let code = |change: &dyn Fn(&mut Succession)| {
        let mut succession = good.clone();
        change(&mut succession);
        succeed(&mut world.clone(), succession).map_err(|refusal| refusal.code)
    };
    assert!(code(&|_| {}).is_ok());
    assert_eq!(code(&|s| s.successor = world.things["developer"]), Err(Code::WrongCitation), "itself");
    assert_eq!(code(&|s| s.successor = world.things["model"]), Err(Code::WrongCitation), "not registered");
    // The application is of the rival: it is for nobody else's succession.
    assert_eq!(code(&|s| s.successor = world.things["institute"]), Err(Code::WrongCitation));
    assert_eq!(code(&|s| s.application = world.things["finding"]), Err(Code::WrongCitation));
    assert_eq!(code(&|s| s.models.clear()), Err(Code::WrongCitation));
    assert_eq!(code(&|s| s.models.push(world.things["rival-model"])), Err(Code::WrongCitation));
    assert_eq!(code(&|s| s.models.push(world.things["version"])), Err(Code::WrongCitation));
    assert_eq!(code(&|s| s.effective_on = day("2099-01-01")), Err(Code::WrongTime));
}

#[test]
fn an_application_for_something_else_makes_no_successor() {
    let mut world = world();
    let application = Application {
        addressee: world.things["authority"],
        asks_for: slug("designation").unwrap(),
        grounds: texts(),
        evidence: Vec::new(),
    };
    let application = world.say("rival", Words::about(world.things["developer"], application)).unwrap();
    let succession = Succession { application, ..world.succession() };
    assert_eq!(succeed(&mut world, succession).unwrap_err().code, Code::WrongCitation);
}

#[test]
fn the_successor_corrects_what_the_predecessor_filed_about_its_model() {
    let mut world = world();
    let (model, old) = (world.things["model"], world.things["facts"]);
    let corrects = |supersedes| {
        let mut words = Words::about(model, facts());
        words.supersedes = Some(supersedes);
        words
    };
    assert_eq!(world.say("rival", corrects(old)).unwrap_err().code, Code::WrongSupersession);
    let succession = world.succession();
    succeed(&mut world, succession).unwrap();
    world.say("rival", corrects(old)).unwrap();
    assert!(matches!(
        world.register.latest(&model, "model-facts").unwrap().statement.predicate(),
        Predicate::ModelFacts(_)
    ));
}
