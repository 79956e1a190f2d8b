//! The policy in force as people read it: who grants which role, who may say what about what, and
//! what it needs; and for any organisation, what it may say today, worked out by the same rules.

use std::collections::BTreeSet;

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use evidence::{PredicateType, Visibility};
use register::policy::{ActRow, Policy, Relation, RoleOf, Speaker};

use super::frame::Frame;
use super::parts::{Choice, Html, hash};
use super::scene::{Scene, leg_class};
use super::text::Say;
use super::{Failure, Request, page};

#[derive(Template)]
#[template(path = "policy.html")]
struct PolicyPage {
    frame: Frame,
    say: Say,
    title: String,
    version: String,
    digest: Html,
    roles: Vec<RoleLine>,
    acts: Vec<ActLine>,
    organisations: Vec<Choice>,
    kinds: Vec<Choice>,
    tried: Option<Tried>,
}

struct RoleLine {
    voice: &'static str,
    title: String,
    of: String,
    granted_by: String,
    never_vacant: bool,
}

struct ActLine {
    id: &'static str,
    label: String,
    said_by: String,
    about: String,
    needs: Vec<String>,
}

/// What came out for one organisation and one kind of statement.
struct Tried {
    may: bool,
    organisation: Html,
    kind: String,
    roles: String,
    said_by: String,
    about: String,
    needs: Vec<String>,
}

pub(crate) async fn show(Path(language): Path<String>, request: Request) -> Response {
    page(&language, request, make).await
}

fn make(scene: &Scene) -> Result<PolicyPage, Failure> {
    let (say, register) = (scene.say, scene.register());
    let policy = register.policy().ok_or(Failure::Missing)?;
    let words = Words { scene, policy };
    let table = policy.table();
    let acts = PredicateType::all().iter().filter_map(|kind| Some((kind, policy.act(kind.name)?)));
    let wanted = &scene.query;
    let tried = tried(scene, &words, &wanted.organisation, &wanted.said);
    let title = say.text("policy-title").to_string();
    // What it rests on: the birth of the node, and the adoption that replaced its policy.
    let adopted = register.genesis().and_then(|id| {
        let adoptions =
            register.about(&id).filter(|one| one.statement.predicate().name() == "policy-adoption");
        adoptions.last().or_else(|| register.recorded(&id))
    });
    let entries: BTreeSet<u64> = adopted.map(|one| one.index).into_iter().collect();
    Ok(PolicyPage {
        frame: Frame::new(scene, "check", title).rests_on(scene, &entries, "/api/v1/policy".to_owned()),
        say,
        title: table.policy.title.get(say.0).to_owned(),
        version: table.policy.version.clone(),
        digest: hash(&policy.digest()),
        roles: table
            .role
            .values()
            .map(|row| RoleLine {
                voice: leg_class(row.leg),
                title: row.title.get(say.0).to_owned(),
                of: say.word(
                    "policy-of",
                    if row.of == RoleOf::Organisation { "organisation" } else { "holder" },
                ),
                granted_by: words.speaker(&row.granted_by),
                never_vacant: row.never_vacant,
            })
            .collect(),
        acts: acts
            .clone()
            .map(|(kind, row)| ActLine {
                id: kind.name,
                label: kind.label(say.0).to_owned(),
                said_by: words.speakers(&row.said_by),
                about: words.about(row),
                needs: words.needs(row),
            })
            .collect(),
        organisations: register
            .organisations()
            .map(|one| Choice {
                value: one.slug.to_string(),
                label: scene.plain_name(&one.id),
                chosen: one.slug.as_str() == wanted.organisation,
            })
            .collect(),
        kinds: acts
            .map(|(kind, _)| Choice {
                value: kind.name.to_owned(),
                label: kind.label(say.0).to_owned(),
                chosen: kind.name == wanted.said,
            })
            .collect(),
        tried,
    })
}

fn tried(scene: &Scene, words: &Words<'_>, organisation: &str, kind: &str) -> Option<Tried> {
    let register = scene.register();
    let id = register.find(organisation).filter(|id| register.organisation(id).is_some())?;
    let kind = PredicateType::find(kind)?;
    let row = words.policy.act(kind.name)?;
    let issuer = evidence::Issuer::Organisation(id);
    let roles = super::organisation::roles(scene, &id);
    Some(Tried {
        may: row.said_by.iter().any(|speaker| register.speaks_as(&issuer, speaker, scene.now)),
        organisation: scene.link(&id),
        kind: kind.label(scene.say.0).to_owned(),
        roles: if roles.is_empty() { scene.say.text("none").to_string() } else { words.list(roles) },
        said_by: words.speakers(&row.said_by),
        about: words.about(row),
        needs: words.needs(row),
    })
}

/// The words of a policy's table.
struct Words<'s> {
    scene: &'s Scene,
    policy: &'s Policy,
}

impl Words<'_> {
    fn list(&self, words: impl IntoIterator<Item = String>) -> String {
        let words: Vec<String> = words.into_iter().collect();
        words.join(if self.scene.say.is_ja() { "、" } else { ", " })
    }

    fn speaker(&self, speaker: &Speaker) -> String {
        let say = self.scene.say;
        match speaker {
            Speaker::Node => say.text("policy-node").to_string(),
            Speaker::Itself => say.text("policy-itself").to_string(),
            Speaker::Accepted => say.text("policy-accepted").to_string(),
            Speaker::Anyone => say.text("policy-anyone").to_string(),
            Speaker::Role(role) => self.role(role),
        }
    }

    fn speakers(&self, speakers: &[Speaker]) -> String {
        self.list(speakers.iter().map(|speaker| self.speaker(speaker)))
    }

    fn role(&self, role: &str) -> String {
        let title = self.policy.role(role).map(|row| row.title.get(self.scene.say.0).to_owned());
        title.unwrap_or_else(|| role.to_owned())
    }

    fn kind(&self, name: &str) -> String {
        match PredicateType::find(name) {
            Some(known) => known.label(self.scene.say.0).to_owned(),
            None => self.scene.say.word("policy-kind", name),
        }
    }

    fn about(&self, row: &ActRow) -> String {
        let say = self.scene.say;
        let kinds = if row.about.is_empty() {
            say.text("policy-about-any").to_string()
        } else {
            self.list(row.about.iter().map(|name| self.kind(name)))
        };
        let key = match row.relation {
            None => return kinds,
            Some(Relation::Own) => "policy-relation-own",
            Some(Relation::Other) => "policy-relation-other",
            Some(Relation::Addressed) => "policy-relation-addressed",
            Some(Relation::Party) => "policy-relation-party",
        };
        say.text(key).with("kinds", kinds).to_string()
    }

    /// Says what an act needs besides being said by the right one.
    fn needs(&self, row: &ActRow) -> Vec<String> {
        let say = self.scene.say;
        let mut needs = Vec::new();
        if let Some(role) = &row.drafted_by {
            needs.push(say.text("policy-drafted-by").with("role", self.role(role)).to_string());
        }
        if let Some(approval) = &row.approval {
            let key = if approval.where_adverse { "policy-approval-adverse" } else { "policy-approval" };
            let role = self.role(&approval.role);
            needs
                .push(say.text(key).count("count", u64::from(approval.count)).with("role", role).to_string());
        }
        if !row.procedure.is_empty() {
            let kinds = self.list(row.procedure.iter().map(|kind| say.word("value", kind)));
            needs.push(say.text("policy-procedure").with("kinds", kinds).to_string());
        }
        if let Some(role) = &row.owner_role {
            needs.push(say.text("policy-owner-role").with("role", self.role(role)).to_string());
        }
        if row.under_regime {
            needs.push(say.text("policy-under-regime").to_string());
        }
        needs.extend(match row.visibility {
            Some(Visibility::Public) => Some(say.text("policy-public").to_string()),
            Some(Visibility::Restricted) => Some(say.text("policy-restricted").to_string()),
            None => None,
        });
        if row.as_subject {
            needs.push(say.text("policy-as-subject").to_string());
        }
        if row.correctable {
            needs.push(say.text("policy-correctable").to_string());
        }
        needs
    }
}
