//! Where answers to choose from come from: the law, the register, the organisation's own keys.

use desk::form::Source;
use evidence::{Digest, PredicateType};

use crate::pages::Scene;

/// The most answers that a question offers.
const MOST: usize = 300;

/// An answer to choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Choice {
    pub(crate) value: String,
    pub(crate) label: String,
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
    let law = regime
        .and_then(|id| register.regime(id))
        .and_then(|adopted| scene.view.library.regime(&adopted.folder));
    let words = |text: &law::Text| if scene.say.is_ja() { text.ja.clone() } else { text.en.clone() };
    let named = |value: &str, label: String| Choice { value: value.to_owned(), label };
    let mut found: Vec<Choice> = match source {
        Source::Duties => {
            law.iter().flat_map(|law| law.duties()).map(|duty| named(&duty.id, words(&duty.text))).collect()
        }
        Source::Classes => law
            .iter()
            .flat_map(|law| law.classes())
            .map(|class| named(&class.id, words(&class.text)))
            .collect(),
        Source::Facts => {
            law.iter().flat_map(|law| law.facts()).map(|fact| named(&fact.name, words(&fact.label))).collect()
        }
        Source::Organisations(role) => register
            .organisations()
            .filter(|o| role.as_ref().is_none_or(|role| register.has_role(&o.id, role, scene.now)))
            .map(|o| named(&o.id.to_string(), scene.plain_name(&o.id)))
            .collect(),
        Source::Models => {
            let owner = about.and_then(|about| register.owner(about)).or(organisation.copied());
            register
                .models()
                .filter(|model| register.owner(&model.id) == owner)
                .map(|model| named(&model.id.to_string(), scene.plain_name(&model.id)))
                .collect()
        }
        Source::Statements(kinds) => {
            // About the thing, about what it belongs to, and about what hangs on these.
            let roots = about.into_iter().copied().chain(about.and_then(|about| register.owner(about)));
            let mut seen = std::collections::BTreeSet::new();
            roots
                .flat_map(|root| register.dossier(&root))
                .filter(|recorded| kinds.iter().any(|kind| kind == recorded.statement.predicate().name()))
                .filter(|recorded| recorded.superseded_by.is_none() && seen.insert(recorded.index))
                .map(|recorded| {
                    let kind = scene.kind(recorded.statement.predicate().name());
                    let index = scene.say.text("entry").count("index", recorded.index).to_string();
                    let day = recorded.time.utc_date();
                    named(&recorded.statement.digest().to_string(), format!("{kind} · {index} · {day}"))
                })
                .collect()
        }
        Source::Holders => {
            let keys = organisation.map(|o| register.keys_of(o)).unwrap_or_default();
            let mut holders: Vec<String> =
                keys.iter().filter(|key| key.ended.is_none()).map(|key| key.holder.to_string()).collect();
            holders.sort_unstable();
            holders.dedup();
            holders.into_iter().map(|holder| named(&holder, holder.clone())).collect()
        }
        Source::Roles => register
            .policy()
            .into_iter()
            .flat_map(|policy| policy.table().role.keys())
            .map(|role| named(role, scene.role(role)))
            .collect(),
        // Whose keys they are, the page knows.
        Source::Keys => Vec::new(),
        Source::Kinds => PredicateType::all()
            .iter()
            .map(|kind| named(kind.name, kind.label(scene.say.0).to_owned()))
            .collect(),
    };
    found.truncate(MOST);
    found
}
