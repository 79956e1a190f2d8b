//! Where answers to choose from come from: the law, the register, the organisation's own keys.

use std::collections::BTreeSet;

use desk::Draft;
use desk::form::{Reach, Source};
use evidence::{Digest, Predicate, PredicateType, Slug, Statement, Texts};
use register::state::Recorded;

use super::room::Room;
use crate::pages::{Scene, risk_areas};

/// The most answers that a question offers.
const MOST: usize = 300;

/// An answer to choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Choice {
    pub(crate) value: String,
    pub(crate) label: String,
}

fn named(value: &(impl ToString + ?Sized), label: impl Into<String>) -> Choice {
    Choice { value: value.to_string(), label: label.into() }
}

/// Returns the answers to choose from.
pub(crate) fn choices(
    scene: &Scene,
    source: &Source,
    organisation: Option<&Digest>,
    about: Option<&Digest>,
    regime: Option<&str>,
) -> Vec<Choice> {
    let register = scene.register();
    let words = |text: &law::Text| if scene.say.is_ja() { text.ja.clone() } else { text.en.clone() };
    // What the statement that it is about says, where the organisation may read it.
    let subject = || {
        about
            .and_then(|id| register.recorded(id))
            .filter(|recorded| readable(scene, recorded, organisation))
            .map(|recorded| &recorded.statement)
    };
    let mut found: Vec<Choice> = match source {
        Source::Duties => of_laws(scene, regime, |law| {
            law.duties().iter().map(|duty| named(&duty.id, words(&duty.text))).collect()
        }),
        Source::Classes => of_laws(scene, regime, |law| {
            law.classes().iter().map(|class| named(&class.id, words(&class.text))).collect()
        }),
        Source::Facts => of_laws(scene, regime, |law| {
            law.facts().iter().map(|fact| named(&fact.name, words(&fact.label))).collect()
        }),
        Source::Organisations(role) => register
            .organisations()
            .filter(|o| role.as_ref().is_none_or(|role| register.has_role(&o.id, role, scene.now)))
            .map(|o| named(&o.id, scene.plain_name(&o.id)))
            .collect(),
        Source::Models => {
            let owner = about.and_then(|about| register.owner(about)).or(organisation.copied());
            register
                .models()
                .filter(|model| register.owner(&model.id) == owner)
                .map(|model| named(&model.id, scene.plain_name(&model.id)))
                .collect()
        }
        Source::Statements(reach, kinds) => statements(scene, *reach, kinds, organisation, about),
        Source::Items => subject().map(|statement| items(scene, statement)).unwrap_or_default(),
        Source::Attachments => subject()
            .into_iter()
            .flat_map(|statement| &statement.common().attachments)
            .filter(|attachment| register.erased_by(&attachment.commitment).is_none())
            .map(|attachment| named(&attachment.commitment, &attachment.name))
            .collect(),
        Source::Holders => {
            let keys = organisation.map(|o| register.keys_of(o)).unwrap_or_default();
            let holders: BTreeSet<String> =
                keys.iter().filter(|key| key.ended.is_none()).map(|key| key.holder.to_string()).collect();
            holders.into_iter().map(|holder| named(&holder, holder.clone())).collect()
        }
        Source::RegisteredKeys => {
            let keys = organisation.map(|o| register.keys_of(o)).unwrap_or_default();
            keys.iter()
                .filter(|key| key.ended.is_none())
                .map(|key| {
                    named(&key.public.hash(), format!("{} · {}…", key.holder, key.public.hash().short()))
                })
                .collect()
        }
        Source::Roles => register
            .policy()
            .into_iter()
            .flat_map(|policy| policy.table().role.keys())
            .map(|role| named(role, scene.role(role)))
            .collect(),
        // Whose keys they are, the page knows.
        Source::Keys => Vec::new(),
        Source::Kinds(kinds) => {
            kinds_where(scene, |kind| kinds.is_empty() || kinds.iter().any(|name| name == kind))
        }
        Source::Acts => kinds_where(scene, |kind| register.policy().is_some_and(|p| p.act(kind).is_some())),
        Source::AdverseActs => kinds_where(scene, |kind| {
            register.policy().and_then(|p| p.act(kind)).is_some_and(|row| !row.procedure.is_empty())
        }),
        Source::RiskAreas => {
            risk_areas(scene.say).into_iter().map(|(id, name)| Choice { value: id, label: name }).collect()
        }
    };
    found.truncate(MOST);
    found
}

/// Returns the answers that a question offers: those of its source, and one's own passkeys where
/// keys are asked for.
pub(crate) fn offered(room: &Room, draft: &Draft, source: &Source) -> Vec<Choice> {
    let regime = draft.regime.as_ref().map(Slug::as_str);
    let scene = room.as_of(draft.organisation.as_ref());
    let mut found = choices(&scene, source, draft.organisation.as_ref(), draft.about.as_ref(), regime);
    if *source == Source::Keys {
        found.extend(room.member.account.passkeys.iter().map(|passkey| Choice {
            value: passkey.spki.clone(),
            label: room.scene.say.text("own-passkey").with("label", &passkey.label).to_string(),
        }));
    }
    found
}

/// Returns what the law under which it is said has to choose from; under none, every law applied
/// here, each answer once.
fn of_laws(scene: &Scene, regime: Option<&str>, read: impl Fn(&law::Regime) -> Vec<Choice>) -> Vec<Choice> {
    let mut seen = BTreeSet::new();
    scene
        .register()
        .regimes()
        .filter(|(id, _)| regime.is_none_or(|regime| regime == *id))
        .filter_map(|(_, adopted)| scene.view.library.regime(&adopted.folder))
        .flat_map(|law| read(&law))
        .filter(|choice| seen.insert(choice.value.clone()))
        .collect()
}

fn kinds_where(scene: &Scene, wanted: impl Fn(&str) -> bool) -> Vec<Choice> {
    PredicateType::all()
        .iter()
        .filter(|kind| wanted(kind.name))
        .map(|kind| named(kind.name, kind.label(scene.say.0)))
        .collect()
}

fn readable(scene: &Scene, recorded: &Recorded, organisation: Option<&Digest>) -> bool {
    let statement = &recorded.statement;
    statement.is_public()
        || organisation.is_some_and(|by| scene.register().may_read(statement, by, scene.now))
}

fn statements(
    scene: &Scene,
    reach: Reach,
    kinds: &[String],
    organisation: Option<&Digest>,
    about: Option<&Digest>,
) -> Vec<Choice> {
    let register = scene.register();
    let fits = |recorded: &&std::sync::Arc<Recorded>| {
        kinds.iter().any(|kind| kind == recorded.statement.predicate().name())
            && recorded.superseded_by.is_none()
            && readable(scene, recorded, organisation)
    };
    let label = |recorded: &Recorded| {
        let kind = scene.kind(recorded.statement.predicate().name());
        let index = scene.say.text("entry").count("index", recorded.index).to_string();
        let day = crate::pages::japanese_day(recorded.time);
        let subject = recorded.statement.subject();
        let of = scene.names(&subject).map(|_| format!(" · {}", scene.plain_name(&subject)));
        let duty = duty_of(scene, recorded).map(|duty| format!("（{duty}）")).unwrap_or_default();
        named(
            &recorded.statement.digest(),
            format!("{kind}{duty}{} · {index} · {day}", of.unwrap_or_default()),
        )
    };
    if reach == Reach::Anywhere {
        return register.statements().rev().filter(fits).map(|recorded| label(recorded)).collect();
    }
    let mut roots: Vec<Digest> = about.copied().into_iter().collect();
    if reach == Reach::Around {
        // Up to the thing that it is about in the end; subjects are always older than what is about
        // them, so this ends.
        let mut at = about.copied();
        while let Some(id) = at {
            roots.push(id);
            at = register
                .recorded(&id)
                .filter(|_| scene.names(&id).is_none())
                .map(|recorded| recorded.statement.subject());
        }
        roots.extend(about.and_then(|about| register.owner(about)));
        roots.extend(about.and_then(|about| register.addressee(about)));
        roots.extend(organisation);
    }
    let mut seen = BTreeSet::new();
    roots
        .iter()
        .flat_map(|root| register.dossier(root))
        .filter(|recorded| seen.insert(recorded.index))
        .filter(fits)
        .map(|recorded| label(recorded))
        .collect()
}

/// Returns the duty that a finding, an order or the like is about, in the law's words.
fn duty_of(scene: &Scene, recorded: &Recorded) -> Option<String> {
    let body = recorded.statement.predicate().to_value();
    duty_text(scene, &recorded.statement, body.get("duty")?.as_str()?)
}

fn duty_text(scene: &Scene, statement: &Statement, duty: &str) -> Option<String> {
    let regime = statement.common().regime.as_ref()?;
    let adopted = scene.register().regime(regime.as_str())?;
    let law = scene.view.library.regime(&adopted.folder)?;
    let text = &law.duty(duty)?.text;
    Some(if scene.say.is_ja() { text.ja.clone() } else { text.en.clone() })
}

/// Returns what a statement numbers: the short name of each item, with its text; of a review, the
/// duties on which it has questions.
fn items(scene: &Scene, statement: &Statement) -> Vec<Choice> {
    if let Predicate::Review(review) = statement.predicate() {
        let label =
            |duty: &Slug| duty_text(scene, statement, duty.as_str()).unwrap_or_else(|| duty.to_string());
        return review.questions.iter().map(|duty| named(duty, label(duty))).collect();
    }
    let numbered = numbered(statement.predicate()).into_iter();
    numbered.map(|(id, text)| named(id, text.get(scene.say.0).0)).collect()
}

fn numbered(predicate: &Predicate) -> Vec<(&str, &Texts)> {
    match predicate {
        Predicate::InformationRequest(body) => {
            body.questions.iter().map(|q| (q.id.as_str(), &q.text)).collect()
        }
        Predicate::ReportDemand(body) => body.questions.iter().map(|q| (q.id.as_str(), &q.text)).collect(),
        Predicate::Consultation(body) => body.questions.iter().map(|q| (q.id.as_str(), &q.text)).collect(),
        Predicate::Inspection(body) => {
            body.checklist.iter().map(|item| (item.id.as_str(), &item.text)).collect()
        }
        Predicate::MonitoringPlan(body) => {
            body.items.iter().map(|item| (item.id.as_str(), &item.text)).collect()
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_numbers_questions_or_a_checklist_offers_them_to_who_answers() {
        for kind in ["information-request", "report-demand", "consultation", "inspection", "monitoring-plan"]
        {
            let example = PredicateType::find(kind).unwrap().example();
            let body = example.to_value();
            let list = ["questions", "checklist", "items"].iter().find_map(|name| body.get(*name)).unwrap();
            let ids: Vec<&str> =
                list.as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap()).collect();
            let found: Vec<&str> = numbered(&example).into_iter().map(|(id, _)| id).collect();
            assert_eq!(found, ids, "{kind}");
            assert!(!ids.is_empty(), "{kind}");
        }
        let order = PredicateType::find("order").unwrap().example();
        assert_eq!(numbered(&order), []);
    }
}
