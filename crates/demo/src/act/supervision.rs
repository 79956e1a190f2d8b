//! Step 7: review, opportunity to explain, finding, remedy request, the remedy; a certificate,
//! later suspended.

use std::sync::Arc;

use evidence::BasisKind;
use serde_json::json;

use super::duties::{Filed, file};
use super::verification::Verified;
use super::{Stage, after};
use crate::cast::{AGENCY, CERTIFIER, MINATO, MODEL, OFFICER_1, Role, VERSION};
use crate::scene::{DemoError, Scene, Signed};

pub(super) async fn play(
    scene: &mut Scene<'_>,
    stage: &Stage,
    verified: &Verified,
    filed: &Filed,
) -> Result<(), DemoError> {
    scene.begin(7, "監督：報告から是正まで", "Supervision: from the report to the remedy");
    let law = Arc::clone(&scene.law);
    let duty = law.supervision.duty.as_str();
    let certificate = certify(scene, stage, verified).await?;
    let review = json!({
        "outcome": "questions",
        "questions": [duty],
        "summary": {
            "ja": "表示の確認が社内の20件だけです。実際の利用での確認について説明を求めます。",
            "en": "Marking was checked on twenty items in-house only. An explanation is asked for how it fares in use."
        },
    });
    let mut action = Scene::action(AGENCY, "review", &filed.report.reference());
    scene.law.put_under(&mut action, BasisKind::Duty);
    scene.say(AGENCY, action, &review).await?;

    let first = procedure(scene, OFFICER_1, "finding", MODEL, stage, Some(duty)).await?;
    reply(
        scene,
        &first,
        "contests",
        "20件で足りると考えます。",
        "We consider twenty items sufficient.",
        None,
    )
    .await?;
    let finding = json!({
        "duty": duty, "result": "unmet", "advice": "departs",
        "reasons": {
            "ja": "届出はありますが、確認が実際の利用を写していません。計算による助言は届出の有無だけを見ています。",
            "en": "It was filed, but the check does not reflect actual use. The computed advice looks only at whether something was filed."
        },
    });
    let mut action = Scene::action(OFFICER_1, "finding", MODEL);
    scene.law.put_under(&mut action, BasisKind::Duty);
    action.references = vec![
        ("/assessment".to_owned(), filed.assessment.clone()),
        ("/procedure".to_owned(), first.reference()),
    ];
    let finding = scene.decide(action, &finding, "The explanation was considered.").await?;

    let second = procedure(scene, OFFICER_1, "remedy-request", MODEL, stage, Some(duty)).await?;
    reply(scene, &second, "accepts", "是正します。", "We will remedy it.", None).await?;
    let request = json!({
        "duty": duty,
        "request": {
            "ja": "利用者の画面から無作為に選んだ200件以上で、表示を確認し直してください。",
            "en": "Check the marking again on at least 200 items drawn at random from users' screens."
        },
        "deadline": after(stage.today, 30)?,
    });
    let mut action = Scene::action(OFFICER_1, "remedy-request", MODEL);
    scene.law.put_under(&mut action, BasisKind::Duty);
    action.references =
        vec![("/finding".to_owned(), finding.reference()), ("/procedure".to_owned(), second.reference())];
    let request = scene.decide(action, &request, "Proportionate to the finding.").await?;

    let remedy = json!({
        "methods": {"ja": "画面での表示と来歴情報", "en": "A notice on the screen and provenance data"},
        "test": {
            "method": {"ja": "利用者の画面からの無作為抽出", "en": "A random sample of users' screens"},
            "samples": 240, "recognised": 231,
        },
    });
    let mut action = Scene::action(MINATO, "content-marking", MODEL);
    scene.law.put_under(&mut action, BasisKind::Demand);
    action.supersedes = Some(filed.marking.reference());
    let remedy = scene.say(MINATO, action, &remedy).await?;
    reply(
        scene,
        &request,
        "remedied",
        "240件で確認し直し、231件が識別されました。",
        "Checked again on 240 items; 231 were recognised.",
        Some(&remedy),
    )
    .await?;
    suspend(scene, stage, &certificate).await
}

/// Opens the procedure before an adverse act.
async fn procedure(
    scene: &mut Scene<'_>,
    by: Role,
    act: &str,
    about: &str,
    stage: &Stage,
    duty_id: Option<&str>,
) -> Result<Signed, DemoError> {
    let mut body = json!({
        "kind": "opportunity_to_explain",
        "plannedAct": act,
        "grounds": {
            "ja": "予定する行為とその理由をお知らせします。期限までに意見と証拠を出せます。",
            "en": "This is to tell what is planned and why. You can give your view and evidence until the day named."
        },
        "answerBy": after(stage.today, 14)?,
    });
    if let (Some(id), Some(body)) = (duty_id, body.as_object_mut()) {
        body.insert("duty".to_owned(), id.into());
    }
    let mut action = Scene::action(by, "procedure", about);
    scene.law.put_under(&mut action, BasisKind::Duty);
    action.references = vec![("/addressee".to_owned(), MINATO.issuer.to_owned())];
    scene.say(by, action, &body).await
}

/// The developer answers.
async fn reply(
    scene: &mut Scene<'_>,
    to: &Signed,
    position: &str,
    ja: &str,
    en: &str,
    evidence: Option<&Signed>,
) -> Result<(), DemoError> {
    let body = json!({"position": position, "answer": {"ja": ja, "en": en}, "evidence": []});
    let mut action = Scene::action(MINATO, "reply", &to.reference());
    scene.law.put_under(&mut action, BasisKind::Demand);
    action.references = evidence.map(|e| ("/evidence/-".to_owned(), e.reference())).into_iter().collect();
    scene.say(MINATO, action, &body).await?;
    Ok(())
}

async fn certify(scene: &mut Scene<'_>, stage: &Stage, verified: &Verified) -> Result<Signed, DemoError> {
    let body = json!({
        "slug": "process-2026",
        "scheme": {"ja": "安全性検証手順の認証", "en": "Certification of the process of safety verification"},
        "scope": {"ja": "検証の手順だけを対象とし、結果の良し悪しは対象としません。", "en": "The process of verification, not how good its results are."},
        "validFrom": stage.today,
        "validUntil": after(stage.today, 365)?,
        "evidence": [],
    });
    let mut action = Scene::action(CERTIFIER, "certificate", VERSION);
    action.under = Some(scene.law.law.clone());
    action.references = vec![("/evidence/-".to_owned(), verified.external.reference())];
    scene.say(CERTIFIER, action, &body).await
}

/// The certificate is suspended, after its procedure.
async fn suspend(scene: &mut Scene<'_>, stage: &Stage, certificate: &Signed) -> Result<(), DemoError> {
    let about = certificate.reference();
    let opened = procedure(scene, CERTIFIER, "certificate-status", &about, stage, None).await?;
    reply(scene, &opened, "explains", "確認の方法を改めました。", "The way of checking was improved.", None)
        .await?;
    let body = json!({
        "state": "suspended",
        "reasons": {
            "ja": "認定（未充足）を受け、確認の手順を見直すまで停止します。",
            "en": "Following the finding, suspended until the process of checking has been reviewed."
        },
    });
    let mut action = Scene::action(CERTIFIER, "certificate-status", &about);
    action.under = Some(scene.law.law.clone());
    action.references = vec![("/procedure".to_owned(), opened.reference())];
    scene.say(CERTIFIER, action, &body).await?;
    // The certified scheme asks for a description of the improved process.
    let body = json!({
        "duty": scene.law.supervision.duty,
        "post": {"ja": "製品責任者", "en": "Head of product"},
        "rules": {"ja": "表示確認規程", "en": "Rules for checking the marking"},
        "resources": {"ja": "専任一名", "en": "One full-time member of staff"},
        "reviewOn": after(stage.today, 180)?,
    });
    file(scene, "system-description", &body).await?;
    Ok(())
}
