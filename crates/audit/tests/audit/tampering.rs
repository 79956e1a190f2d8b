//! Every way of tampering, with the faults that the audit must find: written by hand, entry and
//! reason code.

use std::path::{Path, PathBuf};

use evidence::predicate::{
    Effect, Finding, FindingResult, Mandate, Notification, Objection, ObjectionDecision, ObjectionResult,
    PolicyAdoption, Procedure, ProcedureKind, Question, ReportDemand, RoleEnd, RoleGrant, Ruling,
};
use evidence::{Digest, Envelope, LogReference, Visibility, sha256};
use kanae_audit::{FolderSource, Trust, run};
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

use crate::forge::{Actor, Forge, HONEST, ORIGIN, Words, approval, folder, slug, texts};

/// One way of tampering with the honest log, whose 19 entries are
///
/// | | | | |
/// |---|---|---|---|
/// | 0 genesis | 5 officer-2 | 10 facts | 15 approval of 16 |
/// | 1 regime adopted | 6 developer | 11 notification, with parts | 16 designation |
/// | 2 authority | 7 role of the developer | 12 restricted | 17 approval of 18 |
/// | 3 role of the authority | 8 model | 13 key `records` ended | 18 finding, departs |
/// | 4 officer-1 | 9 version | 14 assessment | |
struct Tampering {
    name: &'static str,
    how: How,
    faults: &'static [(Option<u64>, &'static str)],
}

enum How {
    /// Someone changes the published files.
    Files(fn(&Path)),
    /// The operator makes another log, and signs it with the log's key.
    Log(fn(&mut Forge)),
}

use How::{Files, Log};

/// Where the first entry lies that is slipped in.
const NEXT: Option<u64> = Some(HONEST);

const TAMPERINGS: &[Tampering] = &[
    // ── The files, changed by whoever can reach them ────────────────────────────────────────────
    Tampering {
        name: "a byte in an envelope",
        how: Files(|log| flip(&envelope(log, 10), 40)),
        faults: &[(Some(10), "envelope-mismatch")],
    },
    Tampering {
        name: "an envelope in another spelling of the same JSON",
        how: Files(|log| {
            let path = envelope(log, 10);
            let text = std::fs::read_to_string(&path).unwrap();
            std::fs::write(&path, text.replacen("{\"payload\"", "{ \"payload\"", 1)).unwrap();
        }),
        faults: &[(Some(10), "envelope-mismatch")],
    },
    Tampering {
        name: "an envelope removed",
        how: Files(|log| std::fs::remove_file(envelope(log, 16)).unwrap()),
        faults: &[(Some(16), "envelope-missing")],
    },
    Tampering {
        name: "two envelopes swapped",
        how: Files(|log| {
            let (one, other) = (envelope(log, 8), envelope(log, 9));
            let bytes = std::fs::read(&one).unwrap();
            std::fs::copy(&other, &one).unwrap();
            std::fs::write(&other, bytes).unwrap();
        }),
        faults: &[(Some(8), "envelope-mismatch"), (Some(9), "envelope-mismatch")],
    },
    Tampering {
        name: "an envelope blown up",
        how: Files(|log| std::fs::write(envelope(log, 4), vec![b' '; (1 << 20) + 1]).unwrap()),
        faults: &[(Some(4), "file-too-long")],
    },
    Tampering {
        name: "a byte in an entry",
        how: Files(|log| flip(&log.join("tile/entries/000.p/19"), 2 + 10)),
        faults: &[(Some(0), "entry-mismatch")],
    },
    Tampering {
        name: "a byte in a later entry, and one in an earlier envelope",
        how: Files(|log| {
            edit_entries(log, |entries| entries[14][20] ^= 1);
            flip(&envelope(log, 9), 40);
        }),
        faults: &[(Some(9), "envelope-mismatch"), (Some(14), "entry-mismatch")],
    },
    Tampering {
        name: "a byte in a tile",
        how: Files(|log| flip(&log.join("tile/0/000.p/19"), 100)),
        faults: &[(None, "tile-mismatch")],
    },
    Tampering {
        name: "a tile removed",
        how: Files(|log| std::fs::remove_file(log.join("tile/0/000.p/19")).unwrap()),
        faults: &[(None, "tile-missing")],
    },
    Tampering {
        name: "a byte in the checkpoint's text",
        how: Files(|log| edit(&log.join("checkpoint"), "\n19\n", "\n18\n")),
        faults: &[(None, "checkpoint-signature")],
    },
    Tampering {
        name: "a byte in the checkpoint's form",
        how: Files(|log| edit(&log.join("checkpoint"), "\n\n", "\n")),
        faults: &[(None, "checkpoint-malformed")],
    },
    Tampering {
        name: "the last entry dropped from the files",
        how: Files(|log| {
            edit_entries(log, |entries| {
                entries.pop();
            });
        }),
        faults: &[(Some(18), "entry-missing")],
    },
    Tampering {
        name: "two entries reordered in the files",
        how: Files(|log| edit_entries(log, |entries| entries.swap(7, 8))),
        faults: &[(Some(7), "entry-mismatch")],
    },
    Tampering {
        name: "the policy's text changed",
        how: Files(|log| {
            let policy = blob(log, "policy.toml");
            let text = std::fs::read_to_string(&policy).unwrap();
            std::fs::write(&policy, text.replacen("count = 1", "count = 0", 1)).unwrap();
        }),
        faults: &[(Some(0), "policy-mismatch")],
    },
    Tampering {
        name: "the policy swapped for another, with a list of files to match",
        how: Files(|log| {
            let policy = blob(log, "policy.toml");
            let index = policy.with_file_name("index");
            std::fs::write(&policy, "changed").unwrap();
            std::fs::write(index, format!("{} 7 policy.toml\n", sha256(b"changed"))).unwrap();
        }),
        faults: &[(Some(0), "policy-mismatch")],
    },
    Tampering {
        name: "the policy removed",
        how: Files(|log| std::fs::remove_file(blob(log, "policy.toml")).unwrap()),
        faults: &[(Some(0), "policy-missing")],
    },
    Tampering {
        name: "the law changed",
        how: Files(|log| {
            let figures = blob(log, "parameters.toml");
            let text = std::fs::read_to_string(&figures).unwrap();
            assert!(text.contains("1e25"));
            std::fs::write(&figures, text.replace("1e25", "1e26")).unwrap();
        }),
        faults: &[(Some(1), "regime-mismatch")],
    },
    Tampering {
        name: "a byte in an attachment",
        how: Files(|log| {
            let parts: Vec<_> = std::fs::read_dir(log.join("part")).unwrap().collect();
            assert_eq!(parts.len(), 1, "the restricted part is not served");
            flip(&parts[0].as_ref().unwrap().path(), 35);
        }),
        faults: &[(Some(11), "part-mismatch")],
    },
    // ── The log itself, rewritten and signed again with its key ─────────────────────────────────
    Tampering {
        name: "the last entry dropped, and signed again",
        how: Log(|forge| forge.forget_from(18)),
        faults: &[(Some(18), "checkpoint-older")],
    },
    Tampering {
        name: "the last entry rewritten",
        how: Log(|forge| {
            forge.forget_from(17);
            forge.slip_in("authority", Words::about(forge.things["model"], forge.assessment()));
            forge.slip_in("authority", Words::about(forge.things["model"], forge.assessment()));
        }),
        faults: &[(None, "history-rewritten")],
    },
    Tampering {
        name: "approval and designation reordered: their times too, and what was signed later saw another history",
        how: Log(|forge| forge.swap(15, 16)),
        faults: &[
            (None, "history-rewritten"),
            (Some(15), "approval-missing"),
            (Some(16), "wrong-time"),
            (Some(17), "wrong-log"),
            (Some(18), "wrong-log"),
        ],
    },
    Tampering {
        name: "another genesis of the same name",
        how: Log(|forge| {
            let mut body = genesis(forge);
            body.threshold = 1;
            body.notice = Some(texts());
            forge.forget_from(0);
            forge.slip_in("node", Words::about(evidence::origin_subject(ORIGIN), body));
            for _ in 1..HONEST {
                forge.restrict_more(1);
            }
        }),
        faults: &[(None, "history-rewritten"), (Some(0), "genesis-mismatch")],
    },
    Tampering {
        name: "a checkpoint signed with another key",
        how: Log(|forge| forge.log_key = 9),
        faults: &[(None, "checkpoint-signature")],
    },
    // ── Slipped in past the server ──────────────────────────────────────────────────────────────
    Tampering {
        name: "a forged signature",
        how: Log(|forge| {
            let facts = forge.facts_again();
            let (statement, envelope) = forge.sign(&forge.actors["developer"], facts);
            let other = forge.sign(&forge.actors["developer"], forge.words_of_model("other")).1;
            forge.append(&statement, &with_signature_of(&envelope, &other));
        }),
        faults: &[(NEXT, "bad-signature")],
    },
    Tampering {
        name: "a revoked key",
        how: Log(|forge| {
            let words = forge.words_of_model("revoked").by_holder(1);
            forge.slip_in("developer", words);
        }),
        faults: &[(NEXT, "ended-key")],
    },
    Tampering {
        name: "a key that nobody registered",
        how: Log(|forge| {
            let issuer = forge.actors["developer"].issuer;
            forge.actors.insert("impostor", Actor::new("impostor", issuer, &["compliance"]));
            forge.slip_in("impostor", forge.words_of_model("stolen"));
        }),
        faults: &[(NEXT, "unknown-key")],
    },
    Tampering {
        name: "a designation by a developer",
        how: Log(|forge| {
            forge.slip_in("developer", Words::about(forge.things["model"], forge.designation()));
        }),
        faults: &[(NEXT, "wrong-role")],
    },
    Tampering {
        name: "a designation without approval",
        how: Log(|forge| {
            forge.slip_in("authority", Words::about(forge.things["model"], forge.designation()));
        }),
        faults: &[(NEXT, "approval-missing")],
    },
    Tampering {
        name: "an approval of another draft",
        how: Log(|forge| {
            let other = Words::about(sha256(b"another draft"), approval()).by_holder(1);
            forge.slip_in("authority", other);
            forge.slip_in("authority", Words::about(forge.things["model"], forge.designation()));
        }),
        faults: &[(Some(HONEST + 1), "approval-other-draft")],
    },
    Tampering {
        name: "an approval by the drafter",
        how: Log(|forge| {
            let words = Words::about(forge.things["model"], forge.designation());
            let (act, envelope) = forge.sign(&forge.actors["authority"], words);
            forge.slip_in("authority", Words::about(act.digest(), approval()));
            forge.append(&act, &envelope);
        }),
        faults: &[(Some(HONEST + 1), "approval-missing")],
    },
    Tampering {
        name: "a lax policy adopted by an authority",
        how: Log(|forge| {
            let mut files = folder("policies/standard");
            let text = String::from_utf8(files["policy.toml"].clone()).unwrap();
            files.insert("policy.toml".into(), text.replace("count = 1", "count = 0").into_bytes());
            let policy = forge.shelve(&files);
            let adoption = PolicyAdoption { policy, reasons: texts() };
            forge.slip_in("authority", Words::about(forge.things["genesis"], adoption));
        }),
        faults: &[(NEXT, "wrong-role")],
    },
    Tampering {
        name: "a policy adopted whose files are not served: what comes after cannot be judged",
        how: Log(|forge| {
            let adoption = PolicyAdoption { policy: sha256(b"no such policy"), reasons: texts() };
            forge.slip_in("node", Words::about(forge.things["genesis"], adoption));
            forge.slip_in("authority", Words::about(forge.things["model"], forge.designation()));
        }),
        faults: &[(NEXT, "policy-missing")],
    },
    Tampering {
        name: "a developer makes itself the authority",
        how: Log(|forge| {
            let grant = RoleGrant {
                role: slug("authority"),
                holder: None,
                legal_basis: texts(),
                from: None,
                until: None,
                acting_for: None,
            };
            forge.slip_in("developer", Words::about(forge.things["developer"], grant));
        }),
        faults: &[(NEXT, "wrong-role")],
    },
    Tampering {
        name: "a report demanded without a failure",
        how: Log(|forge| {
            // What it cites finds that the duty was met.
            let demand = report_demand(forge.at(18));
            forge.slip_in_approved(Words::about(forge.things["model"], demand), 1);
        }),
        faults: &[(Some(HONEST + 1), "wrong-citation")],
    },
    Tampering {
        name: "an approval by who stands in for the drafter",
        how: Log(|forge| {
            let grant = RoleGrant {
                role: slug("officer"),
                holder: Some(slug("registrar")),
                legal_basis: texts(),
                from: None,
                until: "2027-03-31".parse().ok(),
                acting_for: Some(slug("officer-1")),
            };
            let words = Words::about(forge.things["authority"], grant).by_holder(2);
            forge.say("authority", words);
            forge.slip_in_approved(Words::about(forge.things["model"], forge.designation()), 2);
        }),
        faults: &[(Some(HONEST + 2), "approval-missing")],
    },
    Tampering {
        name: "the last officer removed",
        how: Log(|forge| {
            for index in [5, 4] {
                let end = Words::about(forge.at(index), RoleEnd { reasons: texts() });
                forge.slip_in("authority", end.by_holder(2));
            }
        }),
        faults: &[(Some(HONEST + 1), "last-officer")],
    },
    Tampering {
        name: "an agent beyond its mandate",
        how: Log(|forge| {
            let mandate = Mandate {
                agent: forge.things["authority"],
                acts: vec![slug("notification")],
                from: "2026-01-01".parse().unwrap(),
                until: "2027-12-31".parse().unwrap(),
                terms: texts(),
            };
            forge.say("developer", Words::about(forge.things["developer"], mandate));
            let developer = forge.actors["developer"].issuer;
            forge.actors.insert("agent", Actor::new("authority", developer, &["registrar"]));
            // Within the mandate, then beyond it.
            let notification = Notification { grounds: texts(), facts: Vec::new(), arguments: None };
            forge.say("agent", Words::about(forge.things["model"], notification));
            forge.slip_in("agent", forge.facts_again());
        }),
        faults: &[(Some(HONEST + 2), "foreign-key")],
    },
    Tampering {
        name: "an objection decided by who drafted the act",
        how: Log(|forge| {
            let objection = Objection { asks_for: texts(), grounds: texts(), evidence: Vec::new() };
            let objection = forge.say("developer", Words::about(forge.at(16), objection));
            let decision = ObjectionDecision {
                result: ObjectionResult::Rejected,
                effect: Effect::Maintains,
                reasons: texts(),
                remedies: texts(),
            };
            forge.slip_in_approved(Words::about(objection, decision), 1);
        }),
        faults: &[(Some(HONEST + 2), "own-act")],
    },
    Tampering {
        name: "an annulled finding relied upon",
        how: Log(|forge| {
            let model = forge.things["model"];
            let procedure = Procedure {
                kind: ProcedureKind::Urgency,
                planned_act: slug("finding"),
                addressee: forge.things["developer"],
                duty: Some(slug("notify")),
                grounds: texts(),
                answer_by: "2026-12-31".parse().unwrap(),
            };
            let procedure = forge.say("authority", Words::about(model, procedure));
            let unmet =
                Finding { result: FindingResult::Unmet, procedure: Some(procedure), ..forge.finding() };
            let finding = forge.approved("authority", Words::about(model, unmet));
            let ruling = Ruling {
                court: texts(),
                case_number: "1".into(),
                decided_on: "2026-01-01".parse().unwrap(),
                effect: Effect::Annuls,
                summary: texts(),
            };
            let mut words = Words::about(finding, ruling);
            words.attachments = vec![forge.attach("ruling.txt", b"annulled", Visibility::Public)];
            forge.say("developer", words);
            forge.slip_in_approved(Words::about(model, report_demand(finding)), 1);
        }),
        faults: &[(Some(HONEST + 5), "not-in-force")],
    },
    Tampering {
        name: "a statement made for another log",
        how: Log(|forge| {
            let mut words = forge.words_of_model("elsewhere");
            let root = forge.register.root_at(5).unwrap();
            words.log = Some(LogReference { origin: "other.example/log".into(), size: 5, root });
            forge.slip_in("developer", words);
        }),
        faults: &[(NEXT, "wrong-log")],
    },
    Tampering {
        name: "a statement made for a fork of this log",
        how: Log(|forge| {
            let mut words = forge.words_of_model("fork");
            words.log = Some(LogReference { origin: ORIGIN.into(), size: 5, root: sha256(b"fork") });
            forge.slip_in("developer", words);
        }),
        faults: &[(NEXT, "wrong-log")],
    },
    Tampering {
        name: "a wrong assessment: coverage",
        how: Log(|forge| {
            let mut assessment = forge.assessment();
            assessment.result.coverage = "not_covered".into();
            forge.slip_in("authority", Words::about(forge.things["model"], assessment));
        }),
        faults: &[(NEXT, "wrong-assessment")],
    },
    Tampering {
        name: "a wrong assessment: a due date",
        how: Log(|forge| {
            let mut assessment = forge.assessment();
            let duty = assessment.result.duties.iter_mut().find(|duty| duty.due.is_some()).unwrap();
            duty.due = Some("2027-01-01".parse().unwrap());
            forge.slip_in("authority", Words::about(forge.things["model"], assessment));
        }),
        faults: &[(NEXT, "wrong-assessment")],
    },
    Tampering {
        name: "a wrong assessment: a duty left out that may be stated",
        how: Log(|forge| {
            let mut assessment = forge.assessment();
            assessment.result.duties.pop();
            forge.slip_in("authority", Words::about(forge.things["model"], assessment));
        }),
        faults: &[(NEXT, "wrong-assessment")],
    },
    Tampering {
        name: "a wrong assessment: another input than is on record",
        how: Log(|forge| {
            let mut assessment = forge.assessment();
            assessment.inputs[0].value.push('0');
            forge.slip_in("authority", Words::about(forge.things["model"], assessment));
        }),
        faults: &[(NEXT, "wrong-assessment")],
    },
    Tampering {
        name: "a leaf that names another issuer",
        how: Log(|forge| {
            let (statement, envelope) = forge.sign(&forge.actors["developer"], forge.words_of_model("leaf"));
            let mut leaf = forge.leaf(&statement, &envelope);
            leaf.issuer = forge.things["authority"];
            forge.append_leaf(&leaf, &statement, &envelope);
        }),
        faults: &[(NEXT, "leaf-mismatch")],
    },
    Tampering {
        name: "a backdated entry",
        how: Log(|forge| {
            let (statement, envelope) = forge.sign(&forge.actors["developer"], forge.words_of_model("late"));
            let mut leaf = forge.leaf(&statement, &envelope);
            let earlier = evidence::Timestamp::from_millis(leaf.time.as_millis() - 120_000).unwrap();
            (leaf.time, leaf.arrived_at) = (earlier, earlier);
            forge.append_leaf(&leaf, &statement, &envelope);
        }),
        faults: &[(NEXT, "wrong-time")],
    },
    Tampering {
        name: "a statement entered twice",
        how: Log(|forge| {
            let (statement, envelope) = forge.sign(&forge.actors["developer"], forge.words_of_model("twice"));
            forge.append(&statement, &envelope);
            forge.append(&statement, &envelope);
        }),
        faults: &[(Some(HONEST + 1), "duplicate")],
    },
    Tampering {
        name: "an entry that is no leaf",
        how: Log(|forge| forge.push_bytes(b"not a leaf".to_vec())),
        faults: &[(NEXT, "leaf-malformed")],
    },
];

fn report_demand(cited: Digest) -> ReportDemand {
    ReportDemand {
        cites: vec![cited],
        duty: None,
        questions: vec![Question { id: slug("what"), text: texts() }],
        reasons: texts(),
        answer_by: "2027-01-31".parse().unwrap(),
        remedies: texts(),
    }
}

#[test]
fn every_tampering_is_found_at_its_entry_with_its_reason() {
    let trust = Forge::honest().trust();
    let wrong: Vec<String> = TAMPERINGS
        .iter()
        .filter_map(|tampering| {
            let found = audit(&tampering.how, Some(&trust));
            let expected: Vec<(Option<u64>, String)> =
                tampering.faults.iter().map(|(entry, reason)| (*entry, (*reason).to_owned())).collect();
            (found != expected).then(|| format!("{}: expected {expected:?}, found {found:?}", tampering.name))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Without a trust file nothing shows that history was rewritten; everything else is found.
#[test]
fn what_was_slipped_in_is_found_without_a_trust_file_too() {
    for tampering in TAMPERINGS.iter().filter(|tampering| tampering.faults[0].0 >= NEXT) {
        let found = audit(&tampering.how, None);
        assert_eq!(found[0].1, tampering.faults[0].1, "{}", tampering.name);
    }
    let rewritten = Log(|forge| forge.forget_from(17));
    assert!(audit(&rewritten, None).is_empty());
}

#[test]
fn a_fault_says_where_what_and_how_much_could_not_be_judged() {
    let folder = tempfile::tempdir().unwrap();
    let forge = Forge::honest();
    forge.publish(folder.path());
    std::fs::remove_file(envelope(folder.path(), 16)).unwrap();
    let source = FolderSource::open(folder.path()).unwrap();
    let report = run(&source, Some(&forge.trust()), &|_| {}).unwrap();
    let digest = &forge.entries[16].1.as_ref().unwrap().0;
    assert_eq!(
        report.first_fault().unwrap().to_string(),
        format!("entry 16: envelope-missing (envelope/{digest} is not served)")
    );
    let unjudged = serde_json::to_value(&report.not_shown).unwrap();
    assert!(
        unjudged.as_array().unwrap().contains(&json!({ "what": "not-judged", "count": 3 })),
        "{unjudged}"
    );
}

/// Lists every published file.
fn published(at: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(at).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files.append(&mut published(&path)) } else { files.push(path) }
    }
    files.sort();
    files
}

#[test]
fn a_changed_or_shortened_file_never_goes_unnoticed() {
    let folder = tempfile::tempdir().unwrap();
    let forge = Forge::honest();
    forge.publish(folder.path());
    let (files, trust) = (published(folder.path()), forge.trust());
    let mut runner = TestRunner::new(Config { cases: 32, failure_persistence: None, ..Config::default() });
    let damage = (any::<Index>(), any::<Index>(), 0..8_u8, any::<bool>());
    runner
        .run(&damage, |(file, at, bit, cut)| {
            let path = file.get(&files);
            let good = std::fs::read(path).unwrap();
            let at = at.index(good.len());
            let mut bad = good.clone();
            if cut {
                bad.truncate(at);
            } else {
                bad[at] ^= 1 << bit;
            }
            std::fs::write(path, bad).unwrap();
            let report = run(&FolderSource::open(folder.path()).unwrap(), Some(&trust), &|_| {});
            std::fs::write(path, good).unwrap();
            prop_assert!(report.is_ok_and(|report| !report.ok), "{}", path.display());
            Ok(())
        })
        .unwrap();
}

fn audit(how: &How, trust: Option<&Trust>) -> Vec<(Option<u64>, String)> {
    let folder = tempfile::tempdir().unwrap();
    let mut forge = Forge::honest();
    match how {
        Files(change) => {
            forge.publish(folder.path());
            change(folder.path());
        }
        Log(change) => {
            change(&mut forge);
            forge.publish(folder.path());
        }
    }
    let source = FolderSource::open(folder.path()).unwrap();
    let report = run(&source, trust, &|_| {}).unwrap();
    assert_eq!(report.ok, report.faults.is_empty());
    report.faults.iter().map(|fault| (fault.entry, fault.reason.to_string())).collect()
}

fn genesis(forge: &Forge) -> evidence::predicate::NodeGenesis {
    match forge.register.at_index(0).unwrap().statement.predicate() {
        evidence::Predicate::NodeGenesis(genesis) => genesis.clone(),
        other => panic!("{other:?}"),
    }
}

fn envelope(log: &Path, index: usize) -> PathBuf {
    // The honest log is the same every time.
    let digest: Digest = Forge::honest().entries[index].1.as_ref().unwrap().0;
    log.join(format!("envelope/{digest}"))
}

/// Finds the adopted folder that has a file of this name.
fn blob(log: &Path, file: &str) -> PathBuf {
    let folders = std::fs::read_dir(log.join("blob")).unwrap();
    folders.map(|folder| folder.unwrap().path().join(file)).find(|path| path.exists()).unwrap()
}

fn flip(path: &Path, at: usize) {
    let mut bytes = std::fs::read(path).unwrap();
    bytes[at] ^= 1;
    std::fs::write(path, bytes).unwrap();
}

fn edit(path: &Path, from: &str, to: &str) {
    let text = std::fs::read_to_string(path).unwrap();
    assert!(text.contains(from));
    std::fs::write(path, text.replacen(from, to, 1)).unwrap();
}

fn edit_entries(log: &Path, change: impl Fn(&mut Vec<Vec<u8>>)) {
    let path = log.join("tile/entries/000.p/19");
    let bytes = std::fs::read(&path).unwrap();
    let mut entries: Vec<Vec<u8>> =
        ledger::decode_bundle(&bytes).unwrap().into_iter().map(<[u8]>::to_vec).collect();
    change(&mut entries);
    std::fs::write(&path, ledger::encode_bundle(&entries).unwrap()).unwrap();
}

/// Puts the signature of one envelope onto the payload of another.
fn with_signature_of(envelope: &Envelope, other: &Envelope) -> Envelope {
    let read = |envelope: &Envelope| -> Value { serde_json::from_slice(&envelope.to_bytes()).unwrap() };
    let mut forged = read(envelope);
    forged["signatures"] = read(other)["signatures"].clone();
    Envelope::parse(forged.to_string().as_bytes()).unwrap()
}
