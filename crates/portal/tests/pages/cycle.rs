//! A world in which everything that pages show has happened: a model, its verification, a
//! designation, filings, a finding against the advice, a remedy request.

use std::collections::BTreeMap;

use evidence::predicate::{
    Advice, Certificate, Comparison, Designation, Erasure, Example as _, Fact, FactValue, Finding,
    FindingResult, Model, ModelFacts, ModelVersion, Notification, Position, Procedure, ProcedureKind,
    RemedyRequest, Reply, SafetyVerification, Source, VerificationScope, VulnerabilityProgramme,
    WeightsManifest,
};
use evidence::{Date, Digest, Draft, Texts, Visibility};
use node::testing::{Actor, World, signed};

/// The regime under which everything is done.
pub(crate) const REGIME: &str = "jp-basic-law-2024";

/// The world, and the statements that tests look at.
pub(crate) struct Cycle {
    pub(crate) world: World,
    pub(crate) designation: Digest,
    pub(crate) notification: Digest,
    pub(crate) remedy: Digest,
    /// The index of a restricted entry.
    pub(crate) restricted: u64,
}

/// How the draft's open points are settled here: its own illustration, with a low threshold.
const SWITCHES: &[(&str, &str)] = &[
    ("target", "true"),
    ("size_metrics", "compute"),
    ("size_rule", "any"),
    ("size_boundary", "at_least"),
    ("compute_threshold", "1e21 FLOP"),
    ("purpose_test", "general_purpose"),
    ("geographic_scope", "services_in_japan"),
    ("designation_mode", "notification_then_designation"),
    ("notify_within", "30 days"),
    ("answer_within", "60 days"),
    ("system_within", "90 days"),
    ("standards", "code_of_conduct"),
    ("code_adherence", "true"),
    ("report_to", "government"),
    ("remedy_within", "30 days"),
];

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn under(mut draft: Draft, article: &str) -> Draft {
    draft.common.regime = Some(REGIME.parse().unwrap());
    draft.common.basis.kind = evidence::BasisKind::Duty;
    draft.common.basis.article = Some(article.to_owned());
    draft
}

impl Cycle {
    /// Lives through the cycle. `names` are the model's, as a developer may write them.
    pub(crate) async fn live(names: Texts) -> Self {
        let world = World::start().await;
        world.adopt_regime(REGIME, SWITCHES).await;
        world.adopt_regime("eu-gpai", &[]).await;
        let (developer, authority, institute) = (&world.developer, &world.authority, &world.institute);
        let body = Model {
            slug: "wakaba".parse().unwrap(),
            names,
            description: Texts::both("小さな言語モデル。", "A small language model."),
        };
        let model = world.record(developer, body, developer.id).await;
        let version = world.record(developer, ModelVersion::example(), model).await;
        world.record(developer, WeightsManifest::example(), version).await;
        let facts = world.record(developer, facts(&world), model).await;

        let notification = Notification {
            grounds: Texts::both("計算量が基準を超えます。", "The compute is above the threshold."),
            facts: vec![facts],
            arguments: None,
        };
        let mut draft = under(world.draft(developer, notification, model), "§2 designation");
        let open = World::attach(&mut draft, "estimate.txt", b"6 x parameters x tokens", Visibility::Public);
        let secret = World::attach(&mut draft, "method.txt", b"how exactly", Visibility::Restricted);
        let wrong = World::attach(&mut draft, "contact.txt", b"a person's name", Visibility::Public);
        let erased = wrong.commitment();
        let submission = signed(draft, &[developer.key()], vec![open, secret, wrong]);
        let notification = node::testing::statement_of(&submission).digest();
        world.submit(vec![submission]).await.unwrap();

        world.clock.advance_days(7);
        let advice = assessment(&world, model).await;
        let body = Designation {
            developer: developer.id,
            class: "advanced-developer".parse().unwrap(),
            assessment: advice,
            advice: Advice::Follows,
            reasons: Texts::both(
                "計算量が基準を超え、国内で提供されているため。",
                "The compute is above the threshold and the model serves Japan.",
            ),
            remedies: None,
        };
        let designation = world.decide(under(world.draft(authority, body, model), "§2")).await;

        world.clock.advance_days(10);
        let internal = verification(VerificationScope::Internal, "0.9400", "0.8980", "0.9650", None);
        let internal = world.record(developer, internal, version).await;
        let compared = Comparison {
            statement: internal,
            paired: 193,
            difference: "-0.0850".into(),
            p_value: "0.0011".into(),
        };
        let external =
            verification(VerificationScope::External, "0.8550", "0.8000", "0.8970", Some(compared));
        world.record(institute, external, version).await;
        world
            .record_draft(
                developer,
                under(world.draft(developer, VulnerabilityProgramme::example(), model), "§3-4"),
            )
            .await;
        let certificate = Certificate { slug: "wakaba-2026".parse().unwrap(), ..Certificate::example() };
        let certificate = Certificate { evidence: vec![internal], ..certificate };
        world.record(&world.certifier, certificate, version).await;

        let mut hidden = world.draft(
            institute,
            verification(VerificationScope::External, "0.5000", "0.4000", "0.6000", None),
            version,
        );
        World::restrict(&mut hidden);
        let restricted = world.node().view().head.size;
        world.record_draft(institute, hidden).await;

        let procedure = Procedure {
            kind: ProcedureKind::OpportunityToExplain,
            planned_act: "finding".parse().unwrap(),
            addressee: developer.id,
            duty: Some("safety-verification".parse().unwrap()),
            grounds: Texts::both("内部と外部の結果に差があります。", "Internal and external results differ."),
            answer_by: day("2026-12-20"),
        };
        let procedure =
            world.record_draft(authority, under(world.draft(authority, procedure, model), "§4 review")).await;
        let reply = Reply {
            position: Position::Contests,
            answer: Texts::both("設問の訳が違います。", "The translated questions differ."),
            evidence: vec![internal],
            answers: Vec::new(),
        };
        world.record_draft(developer, under(world.draft(developer, reply, procedure), "§4 review")).await;

        world.clock.advance_days(14);
        let advice = assessment(&world, model).await;
        let finding = Finding {
            duty: "safety-verification".parse().unwrap(),
            result: FindingResult::Unmet,
            assessment: advice,
            advice: Advice::Departs,
            procedure: Some(procedure),
            reasons: Texts::both(
                "内部検証だけでは確かめられない。",
                "The internal verification alone does not show it.",
            ),
            remedies: None,
        };
        let finding = world.decide(under(world.draft(authority, finding, model), "§4 review")).await;
        let remedy = RemedyRequest {
            finding,
            duty: "safety-verification".parse().unwrap(),
            request: Texts::both("再検証の結果を提出すること。", "File a new verification."),
            deadline: day("2027-01-20"),
            procedure: planned(&world, model).await,
            remedies: None,
        };
        let remedy = world.decide(under(world.draft(authority, remedy, model), "§4 remedy")).await;
        let erasure = Erasure {
            parts: vec![erased],
            ground: Texts::both("個人情報の削除請求。", "A request to erase personal data."),
        };
        let erasure = world.draft(authority, erasure, notification);
        world.decide(erasure).await;
        Self { world, designation, notification, remedy, restricted }
    }
}

/// The developer says that it has done what was asked.
pub(crate) async fn remedied(cycle: &Cycle) {
    let (world, done) = (&cycle.world, Texts::both("再検証しました。", "We verified again."));
    let reply =
        Reply { position: Position::Remedied, answer: done, evidence: Vec::new(), answers: Vec::new() };
    let draft = under(world.draft(&world.developer, reply, cycle.remedy), "§4 remedy");
    world.record_draft(&world.developer, draft).await;
}

/// Opens the procedure before the remedy request.
async fn planned(world: &World, model: Digest) -> Digest {
    let procedure = Procedure {
        kind: ProcedureKind::OpportunityToExplain,
        planned_act: "remedy-request".parse().unwrap(),
        addressee: world.developer.id,
        duty: Some("safety-verification".parse().unwrap()),
        grounds: Texts::both("再検証を求める予定です。", "A new verification is to be requested."),
        answer_by: day("2026-12-23"),
    };
    let draft = under(world.draft(&world.authority, procedure, model), "§4 remedy");
    let procedure = world.record_draft(&world.authority, draft).await;
    let reply = Reply {
        position: Position::Accepts,
        answer: Texts::both("応じます。", "We will."),
        evidence: Vec::new(),
        answers: Vec::new(),
    };
    world
        .record_draft(&world.developer, under(world.draft(&world.developer, reply, procedure), "§4 remedy"))
        .await;
    procedure
}

fn facts(world: &World) -> ModelFacts {
    let fact = |value| Fact { value, known_at: world.clock.now(), method: None, sources: Vec::new() };
    let compute = Fact {
        method: Some(Texts::both("6 × パラメータ数 × トークン数", "6 × parameters × tokens")),
        sources: vec![Source {
            title: "Model card".into(),
            url: Some("https://model.example/card".into()),
            statement: None,
        }],
        ..fact(FactValue::Interval { low: "1.5e21 FLOP".into(), high: "1.7e21 FLOP".into() })
    };
    ModelFacts {
        facts: BTreeMap::from([
            ("compute_cumulative".to_owned(), compute),
            ("parameters".to_owned(), fact(FactValue::Number("134515008 parameters".into()))),
            ("general_purpose".to_owned(), fact(FactValue::Boolean(true))),
            ("services_in_japan".to_owned(), fact(FactValue::Boolean(true))),
            ("placed_on_union_market".to_owned(), fact(FactValue::Unknown)),
        ]),
    }
}

fn verification(
    scope: VerificationScope,
    value: &str,
    low: &str,
    high: &str,
    comparison: Option<Comparison>,
) -> SafetyVerification {
    let rate = evidence::predicate::Rate {
        value: Some(value.into()),
        low: Some(low.into()),
        high: Some(high.into()),
    };
    let example = SafetyVerification::example();
    let counts =
        evidence::predicate::Counts { samples: 200, scored: 193, correct: 165, unscored: 4, errors: 3 };
    let mut group = example.groups[0].clone();
    group.score = rate.clone();
    group.counts = counts;
    SafetyVerification { scope, score: rate, counts, groups: vec![group], comparison, ..example }
}

/// Records what the rules make of the register as it stands.
async fn assessment(world: &World, model: Digest) -> Digest {
    let view = world.node().view();
    let today = world.clock.now().utc_date();
    let advice = view.register.advise(REGIME, &model, today, &view.library).unwrap();
    let body = view.register.assessment_of(&advice, today).unwrap();
    let draft = under(world.draft(&world.authority, body, model), "§2");
    world.record_draft(&world.authority, draft).await
}

/// A model of a hostile developer: its name tries to be markup, its description to turn around.
pub(crate) async fn hostile(world: &World, actor: &Actor) -> Digest {
    let body = Model {
        slug: "hostile".parse().unwrap(),
        names: Texts::both("<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>"),
        description: Texts::both("安全\u{202e}たっ返り裏\u{200b}", "safe\u{202e}kcart\u{0}\u{1b}[31m"),
    };
    world.record(actor, body, actor.id).await
}
