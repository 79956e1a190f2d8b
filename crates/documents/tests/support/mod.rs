//! Statements, regimes and names for the tests of documents.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use evidence::{
    Algorithm, Attachment, Basis, BasisKind, Common, Digest, Draft, Issuer, Language, LogReference, Nonce,
    Predicate, SecretKey, Statement, Texts, Visibility, sha256,
};
use kanae_documents::{Entry, Letter, Letterhead, Names, Occasion, Sender, letter};
use law::Regime;

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

pub(crate) fn shipped(id: &str) -> Regime {
    let folder = root().join("regimes").join(id);
    let mut files = BTreeMap::new();
    let mut waiting = vec![folder.clone()];
    while let Some(next) = waiting.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
            } else {
                let name = path.strip_prefix(&folder).unwrap().to_str().unwrap().to_owned();
                files.insert(name, std::fs::read(&path).unwrap());
            }
        }
    }
    Regime::load(&files).unwrap_or_else(|problems| panic!("{id}: {}", problems.len()))
}

/// Signs what is said, under a regime.
pub(crate) fn statement(predicate: Predicate, regime: &str, attachments: Vec<Attachment>) -> Statement {
    let key = SecretKey::generate(Algorithm::Ed25519).unwrap();
    let draft = Draft {
        subject: sha256(b"model"),
        common: Common {
            issuer: Issuer::Organisation(sha256(b"issuer")),
            signers: Vec::new(),
            holder: "officer-1".parse().unwrap(),
            issued_at: "2026-11-29T01:02:03.000Z".parse().unwrap(),
            log: LogReference {
                origin: "log.kanae.example/2026".to_owned(),
                size: 41,
                root: sha256(b"root"),
            },
            regime: Some(regime.parse().unwrap()),
            basis: Basis { kind: BasisKind::Duty, article: Some("§5".to_owned()) },
            visibility: Visibility::Public,
            confidentiality_ground: None,
            nonce: Nonce::from_bytes([7; 16]),
            attachments,
            authentic_language: Language::Ja,
            supersedes: None,
        },
        predicate,
    };
    draft.sign(&[&key]).unwrap().0
}

pub(crate) fn attachments() -> Vec<Attachment> {
    let one = |name: &str, visibility, ground: Option<Texts>| Attachment {
        name: name.to_owned(),
        media_type: "application/pdf".to_owned(),
        size: 1_234_567,
        commitment: sha256(name.as_bytes()),
        visibility,
        confidentiality_ground: ground,
    };
    let ground = Texts::both("営業秘密", "trade secret");
    vec![
        one("test-records.pdf", Visibility::Public, None),
        one("weights-storage.pdf", Visibility::Restricted, Some(ground)),
    ]
}

pub(crate) struct Register(pub(crate) Language);

impl Names for Register {
    fn name(&self, digest: &Digest) -> Option<String> {
        let names = [
            ("model", "若葉（Wakaba）", "Wakaba"),
            ("developer", "みなと人工知能研究所", "Minato AI Laboratory"),
            ("assessment", "判定の助言（記録33）", "Assessment (entry 33)"),
            ("procedure", "手続の通知（記録35）", "Procedure (entry 35)"),
        ];
        let (_, ja, en) = names.into_iter().find(|(seed, ..)| sha256(seed.as_bytes()) == *digest)?;
        Some(if self.0 == Language::Ja { ja } else { en }.to_owned())
    }

    fn role(&self, _: &str) -> Option<String> {
        None
    }
}

/// Makes the letter of a statement, as an authority's office would.
pub(crate) fn letter_of(statement: &Statement, language: Language, regime: &Regime) -> Letter {
    with_occasion(statement, language, regime, letter)
}

pub(crate) fn with_occasion(
    statement: &Statement,
    language: Language,
    regime: &Regime,
    make: fn(&Statement, &Occasion<'_>) -> Letter,
) -> Letter {
    let ja = language == Language::Ja;
    let say = |ja_text: &str, en_text: &str| if ja { ja_text } else { en_text }.to_owned();
    let issuer = Sender {
        name: say("AI監督庁", "AI Supervision Agency"),
        lines: vec![say("所管庁", "competent authority")],
    };
    let head = Letterhead {
        name: say("AI監督庁", "AI Supervision Agency"),
        lines: vec![say(
            "東京都千代田区○○1-2-3　電話 03-0000-0000",
            "1-2-3 Chiyoda, Tokyo · +81 3 0000 0000",
        )],
    };
    let address = format!("https://kanae.example/{}/statements/{}", language.tag(), statement.digest());
    let regimes = std::slice::from_ref(regime);
    let names = Register(language);
    make(
        statement,
        &Occasion {
            language,
            regimes,
            under_first: true,
            names: &names,
            issuer: Some(&issuer),
            addressee: None,
            number: Some("AI監第8-0012号"),
            letterhead: Some(&head),
            entry: Some(Entry {
                index: 42,
                time: "2026-11-29T01:02:05.000Z".parse().unwrap(),
                arrived_at: "2026-11-29T01:02:04.000Z".parse().unwrap(),
            }),
            superseded_by: None,
            address: Some(&address),
        },
    )
}
