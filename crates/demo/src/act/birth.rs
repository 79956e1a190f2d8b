//! Step 1: a node is born, laws are adopted, organisations are accepted into roles.

use serde_json::json;

use super::Stage;
use crate::cast::{AGENCY, CERTIFIER, INSTITUTE, MINATO, NORTHLIGHT, OFFICER_1, OFFICER_2, OPERATOR, Role};
use crate::scene::{DemoError, Scene};

pub(super) async fn play(scene: &mut Scene<'_>, stage: &Stage) -> Result<(), DemoError> {
    scene.begin(
        1,
        "台帳が生まれ、組織が役割に受け入れられる",
        "A register is born, and organisations are accepted into roles",
    );
    for adopted in &stage.regimes {
        let body = json!({
            "regime": adopted.regime.id(), "folder": adopted.folder, "switches": adopted.switches,
            "reasons": {
                "ja": "実演のための採択です。素案が決めていない点は、ここで仮に決めています。",
                "en": "Adopted for a demonstration. What the draft leaves open is settled here for the moment."
            },
        });
        scene.say(OPERATOR, Scene::action(OPERATOR, "regime-adoption", "genesis"), &body).await?;
    }
    accept(scene, AGENCY, "authority", OPERATOR, &json!({"country": "JP"})).await?;
    for officer in [OFFICER_1, OFFICER_2] {
        scene.enter(officer)?;
        let mut change = Scene::action(AGENCY, "key-change", AGENCY.issuer);
        change.cosigners = vec![Scene::actor(officer)];
        scene.say(AGENCY, change, &json!({})).await?;
        let grant = json!({
            "role": "officer", "holder": officer.holder,
            "legalBasis": {"ja": "庁内の任命による。", "en": "By appointment within the agency."},
        });
        scene.say(AGENCY, Scene::action(AGENCY, "role-grant", AGENCY.issuer), &grant).await?;
        scene.admit(officer).await?;
    }
    accept(scene, INSTITUTE, "safety-institute", AGENCY, &json!({"country": "JP"})).await?;
    accept(scene, MINATO, "developer", AGENCY, &json!({"country": "JP"})).await?;
    let abroad = json!({
        "country": "US",
        "representative": {"ja": "ノースライトAI日本代表事務所", "en": "Northlight AI, representative office in Japan"},
    });
    accept(scene, NORTHLIGHT, "developer", AGENCY, &abroad).await?;
    accept(scene, CERTIFIER, "certification-body", AGENCY, &json!({"country": "JP"})).await
}

/// An organisation registers itself, and someone accepts it in a role.
async fn accept(
    scene: &mut Scene<'_>,
    role: Role,
    granted: &str,
    by: Role,
    more: &serde_json::Value,
) -> Result<(), DemoError> {
    scene.enter(role)?;
    let mut body = json!({"slug": role.issuer, "names": {"ja": role.ja, "en": role.en}});
    if let (Some(body), Some(more)) = (body.as_object_mut(), more.as_object()) {
        body.extend(more.clone());
    }
    let organisation = scene.say(role, Scene::action(role, "organisation", ""), &body).await?;
    let grant = json!({
        "role": granted,
        "legalBasis": {"ja": "登録の申請による。", "en": "On its request for registration."},
    });
    scene.say(by, Scene::action(by, "role-grant", &organisation.reference()), &grant).await?;
    scene.admit(role).await
}
