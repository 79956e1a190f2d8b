//! Step 5: the developer notifies, and the authority designates; what must be refused is refused.

use std::sync::Arc;

use evidence::BasisKind;
use serde_json::{Value, json};

use super::Stage;
use super::model::RegisteredModel;
use crate::cast::{INSTITUTE, MINATO, MODEL, OFFICER_1, OFFICER_2};
use crate::scene::{DemoError, Scene, Signed};

/// A designated developer.
pub(super) struct Designated {
    pub(super) assessment: Signed,
}

pub(super) async fn play(
    scene: &mut Scene<'_>,
    stage: &Stage,
    model: &RegisteredModel,
) -> Result<Designated, DemoError> {
    scene.begin(5, "届出と指定", "Notification and designation");
    let law = Arc::clone(&scene.law);
    let notification = json!({
        "grounds": {
            "ja": "累積学習計算量が、ここで仮に定めた閾値を超えます。",
            "en": "The cumulative training compute is above the threshold set here."
        },
        "facts": [],
    });
    let notify = |role, facts: Option<String>| {
        let mut action = Scene::action(role, "notification", MODEL);
        law.put_under(&mut action, BasisKind::Duty);
        action.references = facts.map(|facts| ("/facts/-".to_owned(), facts)).into_iter().collect();
        action
    };
    let stranger = scene.sign(INSTITUTE, notify(INSTITUTE, None), &notification).await?;
    scene
        .refuse(
            &[&stranger],
            INSTITUTE,
            "wrong-role",
            ("開発者の役割がない者による届出", "A notification by someone who is no developer"),
        )
        .await?;
    scene.say(MINATO, notify(MINATO, Some(model.facts.reference())), &notification).await?;

    let mut advice = Scene::action(OFFICER_1, "assessment", MODEL);
    advice.under = Some(law.law.clone());
    advice.advice_as_of = Some(stage.today.to_string());
    let assessment = scene.say(OFFICER_1, advice, &json!({})).await?;

    let draft =
        |reasons: Value| json!({"class": law.designation.class, "advice": "follows", "reasons": reasons});
    let act = |assessment: &Signed| {
        let mut action = Scene::action(OFFICER_1, "designation", MODEL);
        law.put_under(&mut action, BasisKind::Duty);
        action.references = vec![
            ("/developer".to_owned(), MINATO.issuer.to_owned()),
            ("/assessment".to_owned(), assessment.reference()),
        ];
        action
    };
    let first = draft(json!({"ja": "閾値を超えます。", "en": "Above the threshold."}));
    let final_text = draft(json!({
        "ja": "閾値を超え、汎用であり、国内のサービスに使われます。計算による助言に従います。",
        "en": "Above the threshold, of general purpose, and used for services in Japan. This follows the computed advice."
    }));
    let early = scene.sign(OFFICER_1, act(&assessment), &first).await?;
    let designation = scene.sign(OFFICER_1, act(&assessment), &final_text).await?;
    scene
        .refuse(
            &[&designation],
            OFFICER_1,
            "approval-missing",
            ("二人目の承認がない指定", "A designation that no second officer has approved"),
        )
        .await?;
    let approved_early = scene.approve(OFFICER_2, &early, "Checked the first draft.").await?;
    scene
        .refuse(
            &[&approved_early, &designation],
            OFFICER_2,
            "approval-other-draft",
            ("別の案への承認を付けた指定", "A designation with the approval of another draft"),
        )
        .await?;
    let approval =
        scene.approve(OFFICER_2, &designation, "Checked against the advice and the facts.").await?;
    scene.submit(&[&approval, &designation], OFFICER_2).await?;
    Ok(Designated { assessment })
}
