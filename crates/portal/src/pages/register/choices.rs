//! The form that narrows a list down.

use evidence::PredicateType;

use super::super::parts::Choice;
use super::super::scene::Scene;
use super::super::standing::words;

/// Most organisations that the form suggests.
const MAX_SUGGESTED: usize = 200;

/// What a list can be narrowed down by.
pub(super) struct Narrow {
    pub(super) laws: Vec<Choice>,
    is_set: bool,
    /// What only statements have.
    pub(super) statements: Option<OfStatements>,
}

impl Narrow {
    /// Tells whether the list is narrowed down.
    pub(super) fn is_set(&self) -> bool {
        self.is_set
    }
}

/// What statements can be narrowed down by.
pub(super) struct OfStatements {
    pub(super) kinds: Vec<Choice>,
    pub(super) statuses: Vec<Choice>,
    pub(super) organisation: String,
    pub(super) organisations: Vec<(String, String)>,
    pub(super) from: String,
    pub(super) until: String,
}

/// Returns the form of a list; none where there is nothing to choose.
pub(super) fn narrow(scene: &Scene, kind: &str) -> Option<Narrow> {
    if !matches!(kind, "duty" | "statement") {
        return None;
    }
    let (say, asked, register) = (scene.say, &scene.query, scene.register());
    let any = |chosen: &str| Choice {
        value: String::new(),
        label: say.text("narrow-any").to_string(),
        chosen: chosen.is_empty(),
    };
    let choice = |value: &str, label: String, chosen: &str| Choice {
        value: value.to_owned(),
        label,
        chosen: value == chosen,
    };
    let mut laws = vec![any(&asked.law)];
    for (id, adopted) in register.regimes() {
        let files = scene.view.library.regime(&adopted.folder);
        let label = files.map_or_else(|| id.to_owned(), |files| words(scene, files.title()).to_owned());
        laws.push(choice(id, label, &asked.law));
    }
    let statements = (kind == "statement").then(|| {
        let mut kinds = vec![any(&asked.said)];
        kinds.extend(
            PredicateType::all()
                .iter()
                .map(|kind| choice(kind.name, kind.label(say.0).to_owned(), &asked.said)),
        );
        let mut statuses = vec![any(&asked.status)];
        statuses.extend(
            ["current", "corrected"].map(|status| choice(status, say.word("narrow", status), &asked.status)),
        );
        let suggested = register.organisations().take(MAX_SUGGESTED);
        OfStatements {
            kinds,
            statuses,
            organisation: asked.organisation.clone(),
            organisations: suggested.map(|one| (one.slug.to_string(), scene.plain_name(&one.id))).collect(),
            from: asked.from.clone(),
            until: asked.until.clone(),
        }
    });
    let is_set = asked.kept().iter().any(|(name, _)| !matches!(*name, "q" | "kind"));
    Some(Narrow { laws, is_set, statements })
}
