//! What `kanae law check` finds in a regime that can be read.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its files fails here")]

#[expect(dead_code, reason = "the other tests use the rest")]
mod support;

use std::collections::BTreeMap;
use std::path::Path;

use kanae_law::{Finding, FindingKind, Severity, findings_across};
use support::{files, load, names, root};

type Files = BTreeMap<String, Vec<u8>>;

fn lunar() -> Files {
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lunar-code"))
}

fn change(files: &mut Files, file: &str, from: &str, to: &str) {
    let text = String::from_utf8(files.remove(file).unwrap_or_default()).unwrap();
    assert!(text.contains(from), "{file}: {from}");
    files.insert(file.to_owned(), text.replacen(from, to, 1).into());
}

fn findings(files: &Files) -> Vec<Finding> {
    load(files).findings(files, names())
}

/// What a change brings up that was not there before.
fn brought(file: &str, from: &str, to: &str) -> Vec<String> {
    let mut files = lunar();
    let before = findings(&files);
    change(&mut files, file, from, to);
    let same =
        |one: &Finding, other: &Finding| one.kind == other.kind && one.place.problem == other.place.problem;
    let new = findings(&files).into_iter().filter(|finding| !before.iter().any(|old| same(old, finding)));
    new.map(|finding| format!("{:?}: {}", finding.severity, finding.place)).collect()
}

#[test]
fn no_shipped_regime_has_a_problem() {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(root().join("regimes")).unwrap() {
        let files = files(&entry.unwrap().path());
        all.push((load(&files), files));
    }
    for (regime, files) in &all {
        let problems: Vec<_> = regime
            .findings(files, names())
            .into_iter()
            .filter(|finding| finding.severity == Severity::Problem || finding.kind == FindingKind::Unnamed)
            .map(|finding| finding.place.to_string())
            .collect();
        assert_eq!(problems, Vec::<String>::new(), "{}", regime.id());
    }
    let pairs: Vec<_> = all.iter().map(|(regime, files)| (regime, files)).collect();
    let across = findings_across(&pairs);
    let told: Vec<_> = across
        .iter()
        .filter(|finding| finding.severity == Severity::Problem || finding.kind == FindingKind::OtherWords)
        .collect();
    assert!(told.is_empty(), "{told:#?}");
}

#[test]
fn each_finding_says_where_what_and_what_to_do() {
    let rule = |when: &str, rest: &str| {
        format!(
            "[class.odd]\narticle = \"Charter 1\"\nauxiliary = false\nwhen = \"{when}\"\ntext.ja = \"妙\"\ntext.en = \"Odd\"\n{rest}\n[class.heavy]"
        )
    };
    let never = |when: &str| ("rules.toml", "[class.heavy]".to_owned(), rule(when, ""));
    let fact = |text: &str| ("facts.toml", "[fact.mass]".to_owned(), format!("{text}\n[fact.mass]"));
    let one = |file, from: &str, to: &str| (file, from.to_owned(), to.to_owned());
    let cases = [
        ("a switch that nothing reads", one("switches.toml", "[switch.heavy]", "[switch.light]\ntype = \"boolean\"\nquestion.ja = \"軽い？\"\nquestion.en = \"Light?\"\n[switch.heavy]")),
        ("a fact that nothing reads", fact("[fact.colour]\ntype = \"text\"\nlabel.ja = \"色\"\nlabel.en = \"Colour\"")),
        ("an event that nothing reads", one("facts.toml", "[event.beacon]", "[event.flag]\n[event.beacon]")),
        ("an auxiliary class that nothing reads", one("rules.toml", "[class.heavy]", "[class.aux]\narticle = \"Charter 1\"\nauxiliary = true\nwhen = \"true\"\ntext.ja = \"補助\"\ntext.en = \"Aux\"\n[class.heavy]")),
        ("two numbers that exclude each other", never("mass > 10 kg and mass < 10 kg")),
        ("a threshold and its edge", never("mass >= 10 kg and mass < 10 kg")),
        ("two choices at once", never("crew = 'robots' and crew = 'people'")),
        ("a choice and everything else", never("not (crew = 'robots' or crew = 'people')")),
        ("a calculation", never("mass * 2 > 10 kg and mass < 3 kg and mass > 20 kg")),
        ("the day", never("as_of < 2029-01-01")),
        ("a literal", never("false")),
        ("two days", ("rules.toml", "[duty.light".to_owned(), "[class.narrow]\narticle = \"Charter 1\"\nwhen = \"landed_at > 2031-01-01 and landed_at < 2030-12-31\"\ntext.ja = \"狭\"\ntext.en = \"Narrow\"\n[duty.light".to_owned())),
        ("what may hold", never("mass > 10 kg and mass < 11 kg and (crew = 'robots' or landed_at < 2031-01-01) and event(beacon)")),
        ("`from` after `to`", one("rules.toml", "[class.heavy]", &rule("true", "from = 2031-01-01\nto = 2030-01-01"))),
        ("days without a text", one("rules.toml", "[class.heavy]", &rule("true", "to = 2029-12-31"))),
        ("a version that ends before it begins", one("regime.toml", "from      = 2030-01-01", "from      = 2030-01-01\nto = 2029-01-01")),
        ("no Japanese", one("rules.toml", "重い計算機", "")),
        ("no English", one("facts.toml", "Day of landing", " ")),
        ("the same in both", one("switches.toml", "何キログラムから重いとするか", "From what mass is a computer heavy?")),
        ("a parameter that does not exist", one("text.toml", "within three working days", "within {days}")),
        ("a duty without a deadline", one("rules.toml", "due          = \"3 working days after landed_at\"\n", "")),
        ("a duty that nothing fulfils", one("rules.toml", "fulfilled_by = \"beacon\"\n", "")),
        ("a preset that leaves all open", one("switches.toml", "[switch.heavy]", "[preset.none]\nlabel.ja = \"無\"\nlabel.en = \"None\"\nset = {}\n[switch.heavy]")),
        ("a law in force with few tests", one("regime.toml", "\"voluntary\"", "\"in_force\"")),
        ("switches without a test", one("tests/beacon.toml", "[[test.vary]]\nswitches = { heavy = \"100.5 kg\" }\nfacts    = { crew = \"robots\" }\nexpect   = { coverage = \"not_covered\", duties = { light-a-beacon = { status = \"not_yet\", due = \"none\" } } }\n\n[[test.vary]]\nwithout_switches = [\"heavy\"]\nexpect = { coverage = \"undetermined\", missing = [\"crew\"], unsettled = [\"heavy\"] }\n\n[[test.vary]]\nwithout_switches = [\"heavy\"]\nfacts  = { crew = \"people\" }\nexpect = { coverage = \"covered\", missing = [], unsettled = [] }\n\n[[test.vary]]\nswitches = { heavy = \"101 kg\" }\nexpect   = { coverage = \"undetermined\", missing = [\"crew\"] }", "")),
    ];
    let lines: Vec<_> = cases
        .into_iter()
        .map(|(what, (file, from, to))| {
            let found = brought(file, &from, &to);
            std::iter::once(what.to_owned())
                .chain(found.into_iter().map(|line| format!("    {line}")))
                .collect::<Vec<_>>()
                .join("\n")
        })
        .collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn parameters_and_what_people_are_told_are_looked_at_too() {
    let mut files = lunar();
    let parameter = |id: &str| {
        format!(
            "[parameter.{id}]\ntype = 'number'\nunit = 'kg'\narticle = 'Charter 1'\nlabel = {{ ja = '重さ', en = 'Weight' }}\nvalues = [{{ from = 2030-01-01, value = '10 kg' }}]\n"
        )
    };
    files.insert(
        "parameters.toml".into(),
        (parameter("heft") + &parameter("bulk") + &parameter("limit")).into(),
    );
    change(&mut files, "text.toml", "heavy computers", "computers of {heft}");
    change(&mut files, "rules.toml", "crew = 'people'", "crew = 'people' or mass > param(limit)");
    let unread: Vec<_> =
        findings(&files).into_iter().filter(|finding| finding.kind == FindingKind::Unread).collect();
    assert_eq!(unread.len(), 1, "{unread:#?}");
    assert_eq!(
        unread[0].place.to_string(),
        "parameters.toml:7:1: no rule reads parameter `bulk`; a change of it would change nothing: use it in a rule as `param(…)`, or drop it"
    );
    let readme = |files: &Files| findings(files).iter().any(|finding| finding.kind == FindingKind::Readme);
    assert!(readme(&files));
    files.insert("README.md".into(), "# Lunar code\n\n## What a lawyer must check\n\nEverything.\n".into());
    assert!(!readme(&files));
}

#[test]
fn one_name_with_two_meanings_in_two_regimes_is_found() {
    let one = lunar();
    let mut other = lunar();
    change(&mut other, "facts.toml", "unit     = \"kg\"", "unit     = \"t\"");
    change(&mut other, "facts.toml", "[event.beacon]", "[event.beacon]\nattributes = { colour = [] }");
    change(&mut other, "switches.toml", "unit        = \"kg\"", "unit        = \"t\"");
    change(&mut other, "regime.toml", "\"lunar-code\"", "\"lunar-two\"");
    other.remove("tests/beacon.toml");
    let (first, second) = (load(&one), load(&other));
    let lines: Vec<_> = findings_across(&[(&first, &one), (&second, &other), (&first, &one)])
        .iter()
        .map(|finding| format!("{:?} {}", finding.severity, finding.place))
        .collect();
    assert_eq!(
        lines,
        [
            "Problem lunar-two/facts.toml:1:1: fact `mass` is a number in t here, a number in kg in lunar-code; facts of one name mean the same everywhere: take the same type and unit, or another name"
        ]
    );
}

#[test]
fn what_sentences_would_show_by_its_id_is_named() {
    let mut files = lunar();
    change(
        &mut files,
        "facts.toml",
        "[event.beacon]",
        "[event.flag]\nattributes = { hoist-colour = [\"deep-red\", \"blue\"], lit = [\"true\"], kind = [] }\n[event.beacon]",
    );
    let fulfilled = "fulfilled_by = \"event(flag, hoist-colour = 'deep-red', lit = 'true', kind = 'x')\"";
    change(&mut files, "rules.toml", "fulfilled_by = \"beacon\"", fulfilled);
    let lines = |files: &Files| {
        let found = findings(files).into_iter().filter(|finding| finding.kind == FindingKind::Unnamed);
        found.map(|finding| format!("{:?} {}", finding.severity, finding.place)).collect::<Vec<_>>()
    };
    insta::assert_snapshot!(lines(&files).join("\n"));
    change(
        &mut files,
        "facts.toml",
        "[event.flag]",
        "[event.flag]\nlabel = { ja = \"旗\", en = \"Flag\" }\nlabels = { hoist-colour = { ja = \"色\", en = \"Colour\" }, lit = { ja = \"灯火\", en = \"Lit\" }, kind = { ja = \"種類\", en = \"Kind\" } }",
    );
    change(&mut files, "facts.toml", "\"deep-red\"", "[\"deep-red\", \"深紅\", \"deep red\"]");
    assert_eq!(lines(&files), Vec::<String>::new());
    // The register's own predicates have names.
    let mut files = lunar();
    change(&mut files, "facts.toml", "[event.beacon]", "[event.notification]\n[event.beacon]");
    change(
        &mut files,
        "rules.toml",
        "fulfilled_by = \"beacon\"",
        "fulfilled_by = \"beacon or notification\"",
    );
    assert_eq!(lines(&files), Vec::<String>::new());
}

#[test]
fn other_words_for_one_attribute_or_value_in_two_regimes_are_found() {
    let (mut one, mut other) = (lunar(), lunar());
    let event = |id: &str, en: &str| {
        format!(
            "[event.beacon]\nattributes = {{ colour = [[\"{id}\", \"赤\", \"{en}\"]] }}\nlabels.colour = {{ ja = \"色\", en = \"Colour\" }}"
        )
    };
    change(&mut one, "facts.toml", "[event.beacon]", &event("red", "red"));
    change(&mut other, "facts.toml", "[event.beacon]", &event("red", "crimson"));
    change(&mut other, "regime.toml", "\"lunar-code\"", "\"lunar-two\"");
    let (first, second) = (load(&one), load(&other));
    let found = findings_across(&[(&first, &one), (&second, &other)]);
    let lines: Vec<_> =
        found.iter().map(|finding| format!("{:?} {}", finding.severity, finding.place)).collect();
    assert_eq!(
        lines,
        [
            "Advice lunar-two/facts.toml:18:1: the value `red` of attribute `colour` of `beacon` is \"赤\", \"crimson\" here, \"赤\", \"red\" in lunar-code; one statement is read by all regimes: call the same thing by the same words"
        ]
    );
}
