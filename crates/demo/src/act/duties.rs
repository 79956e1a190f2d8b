//! Step 6: the duties of §3; the developer files, and one is left open.

use std::sync::Arc;

use evidence::BasisKind;
use serde_json::{Value, json};

use super::designation::Designated;
use super::{Stage, board};
use crate::cast::{INSTITUTE, MINATO, MODEL};
use crate::scene::{DemoError, Scene, Signed};

pub(super) struct Filed {
    pub(super) marking: Signed,
    pub(super) report: Signed,
    pub(super) assessment: String,
}

pub(super) async fn play(
    scene: &mut Scene<'_>,
    stage: &Stage,
    designated: &Designated,
) -> Result<Filed, DemoError> {
    scene.begin(6, "義務：届け出たものと、残っているもの", "Duties: what is filed, and what is still open");
    scene.note(
        "指定の後の義務です。安全性検証は済みました。ここで五つを届け出て、「社会的リスクの研究」を残します。",
        "The duties after designation. Safety verification is done. Five are filed here; research on societal risks is left open.",
    );
    board::show(scene, stage).await?;
    let system = json!({
        "duty": "safety-verification",
        "post": {"ja": "安全責任者", "en": "Head of safety"},
        "rules": {"ja": "安全性検証規程（第2版）", "en": "Rules for safety verification, second edition"},
        "resources": {"ja": "専任四名", "en": "Four full-time staff"},
        "reviewOn": "2027-04-01",
    });
    file(scene, "system-description", &system).await?;
    risk_information(scene).await?;
    let weights = json!({
        "measures": {
            "ja": "保管場所を一つにまとめ、取り出しに二人の承認を求め、記録を残します。",
            "en": "One place of storage; taking weights out needs two people and leaves a record."
        },
        "externallyTested": false,
        "reviewOn": "2027-04-01",
    });
    file(scene, "weights-protection", &weights).await?;
    let vulnerabilities = json!({
        "contact": "https://minato.example/security",
        "scope": {"ja": "公開中のモデルとAPI", "en": "The released model and its API"},
        "safeHarbour": true,
        "rewards": {"ja": "重大さに応じた報奨金", "en": "A bounty by severity"},
        "openedOn": "2026-11-01",
    });
    file(scene, "vulnerability-programme", &vulnerabilities).await?;
    let marking = json!({
        "methods": {"ja": "画面での表示", "en": "A notice on the screen"},
        "test": {
            "method": {"ja": "社内の20件による確認", "en": "Twenty items checked in-house"},
            "samples": 20, "recognised": 20,
        },
    });
    let marking = file(scene, "content-marking", &marking).await?;
    let public = json!({
        "capabilities": {"ja": "短い英文の作成と要約", "en": "Writes and summarises short English texts"},
        "limitations": {"ja": "日本語はほとんど扱えません。事実を誤ることがあります。", "en": "Hardly any Japanese. Gets facts wrong."},
        "appropriateUse": {"ja": "重要な判断に使わないでください。", "en": "Not for decisions of consequence."},
    });
    file(scene, "public-report", &public).await?;

    let report = json!({
        "periodFrom": "2026-11-01",
        "periodUntil": "2026-11-23",
        "duties": [
            account("safety-verification", "内部・外部の検証を行いました。", "Verified inside and outside."),
            account("content-marking", "表示を始め、確認しました。", "Marking has begun and was checked."),
            account("societal-risk-research", "計画中です。", "Being planned."),
        ],
    });
    let mut action = Scene::action(MINATO, "compliance-report", MODEL);
    scene.law.put_under(&mut action, BasisKind::Duty);
    action.references = vec![("/duties/1/evidence/-".to_owned(), marking.reference())];
    let report = scene.say(MINATO, action, &report).await?;
    board::show(scene, stage).await?;
    Ok(Filed { marking, report, assessment: designated.assessment.reference() })
}

fn account(duty: &str, ja: &str, en: &str) -> Value {
    json!({"duty": duty, "account": {"ja": ja, "en": en}, "evidence": []})
}

/// Files what one duty asks for.
pub(super) async fn file(scene: &mut Scene<'_>, kind: &str, body: &Value) -> Result<Signed, DemoError> {
    let mut action = Scene::action(MINATO, kind, MODEL);
    scene.law.put_under(&mut action, BasisKind::Duty);
    scene.say(MINATO, action, body).await
}

/// Shares risk information: the summary is public, the substance a restricted attachment; and a
/// second piece is restricted as a whole, so that the log tells nothing but that it is there.
async fn risk_information(scene: &mut Scene<'_>) -> Result<(), DemoError> {
    let body = json!({
        "areas": ["security.prompt_injection"],
        "recipients": [],
        "summary": {"ja": "指示の差し替えの手口を一つ共有しました。", "en": "One way of replacing instructions was shared."},
    });
    let detail = scene.file("technique.txt", b"An invented technique, for the recipients only.\n")?;
    let law = Arc::clone(&scene.law);
    let share = || {
        let mut action = Scene::action(MINATO, "risk-information", MODEL);
        law.put_under(&mut action, BasisKind::Duty);
        action.references = vec![("/recipients/-".to_owned(), INSTITUTE.issuer.to_owned())];
        action
    };
    let mut open = share();
    let ground = scene.text("悪用のおそれ", "could be misused").to_owned();
    open.attachments = vec![(detail, Some(ground.clone()))];
    scene.say(MINATO, open, &body).await?;
    let mut closed = share();
    closed.restricted = Some(ground);
    scene.say(MINATO, closed, &body).await?;
    Ok(())
}
