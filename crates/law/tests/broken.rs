//! Regimes that cannot be read: broken ones say where and what to do, hostile ones are refused or
//! read within bounds.
//!
//! Bounds are counted, not timed: files and entries that are read, problems that are told, steps of
//! a search, statements that a reason names. What is over a bound is refused before it is looked at.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its files fails here")]

#[expect(dead_code, reason = "the other tests use the rest")]
mod support;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use jiff::civil::date;
use kanae_law::{
    Assessment, Diagnostic, Event, FactEntry, FactValue, Language, Names, Number, Record, Regime, Source,
    Status, SwitchSettings, Wording, assess,
};
use serde::Deserialize;
use support::{files, load};

type Files = BTreeMap<String, Vec<u8>>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cases {
    case: Vec<Case>,
}

/// A patch over the invented regime.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    what: String,
    file: Option<String>,
    from: Option<String>,
    to: Option<String>,
    #[serde(default)]
    files: BTreeMap<String, String>,
    #[serde(default)]
    bytes: BTreeMap<String, Vec<u8>>,
}

fn lunar() -> Files {
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lunar-code"))
}

fn replace(files: &mut Files, file: &str, from: &str, to: &str) {
    let text = String::from_utf8(files.remove(file).unwrap()).unwrap();
    assert!(text.contains(from), "{file}: {from}");
    files.insert(file.to_owned(), text.replacen(from, to, 1).into());
}

fn problems(files: &Files) -> Vec<Diagnostic> {
    Regime::load(files).err().unwrap_or_default()
}

#[test]
fn each_of_many_kinds_of_broken_files_says_where_what_and_what_to_do() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/broken");
    let mut lines = Vec::new();
    let mut count = 0;
    for (name, text) in files(&folder).into_iter().filter(|(name, _)| name != "README.md") {
        lines.push(format!("# {name}"));
        let cases: Cases = toml::from_str(std::str::from_utf8(&text).unwrap()).unwrap();
        for case in cases.case {
            let mut files = lunar();
            files.extend(case.files.into_iter().map(|(file, text)| (file, text.into_bytes())));
            files.extend(case.bytes);
            if let Some(file) = &case.file {
                replace(&mut files, file, &case.from.unwrap(), &case.to.unwrap());
            }
            let found = problems(&files);
            assert!(!found.is_empty(), "{}", case.what);
            lines.push(case.what);
            lines.extend(found.iter().map(|problem| format!("    {problem}")));
            count += 1;
        }
    }
    assert!(count >= 60, "{count}");
    insta::assert_snapshot!(lines.join("\n"));
}

/// The one problem of a regime that is refused for its size or depth.
fn refusal(file: &str, text: String) -> String {
    let mut files = lunar();
    files.insert(file.to_owned(), text.into_bytes());
    let found = problems(&files);
    assert_eq!(found.len(), 1, "{found:#?}");
    found[0].to_string().chars().take(200).collect()
}

fn many(count: usize, one: impl Fn(usize) -> String) -> String {
    (0..count).fold(String::new(), |mut text, at| {
        text.push_str(&one(at));
        text
    })
}

#[test]
fn what_is_too_large_or_too_deep_is_refused_and_nothing_more_is_read() {
    let rules = String::from_utf8(lunar()["rules.toml"].clone()).unwrap();
    let rule = |kind: &str, at: usize, rest: &str| {
        format!("[{kind}.r{at}]\narticle='Charter 1'\n{rest}\ntext={{ja='',en=''}}\n")
    };
    let cases = [
        ("a million rules", "rules.toml", many(1_000_000, |at| format!("[class.c{at}]\n"))),
        ("600 classes", "rules.toml", rules.clone() + &many(600, |at| rule("class", at, "when='true'"))),
        ("600 duties", "rules.toml", rules.clone() + &many(600, |at| rule("duty", at, "by='developer'\nowed_when='true'"))),
        ("600 facts", "facts.toml", many(600, |at| format!("[fact.f{at}]\ntype='date'\nlabel={{ja='',en=''}}\n"))),
        ("600 events", "facts.toml", many(600, |at| format!("[event.e{at}]\n"))),
        ("600 switches", "switches.toml", many(600, |at| format!("[switch.s{at}]\ntype='boolean'\nquestion={{ja='',en=''}}\n"))),
        ("40 presets", "switches.toml", many(40, |at| format!("[preset.p{at}]\nlabel={{ja='',en=''}}\nset={{}}\n"))),
        ("600 articles", "text.toml", many(600, |at| format!("[article.a{at}]\ncertainty='memory'\nja=''\nen=''\n"))),
        ("nested arrays", "switches.toml", format!("a = {}", "[".repeat(500_000))),
        ("nested tables", "switches.toml", format!("a = {}", "{a=".repeat(300_000))),
        ("a dotted key", "switches.toml", format!("{}a = 1", "a.".repeat(500_000))),
        ("a table of tables", "switches.toml", format!("[{}a]", "a.".repeat(500_000))),
        ("3000 tests", "tests/beacon.toml", many(3000, |_| "[[test]]\nname='a'\nas_of=2030-01-01\nexpect={coverage='covered'}\n".to_owned())),
        ("a test with 3000 variations", "tests/beacon.toml", "[[test]]\nname='a'\nas_of=2030-01-01\nexpect={coverage='covered'}\n".to_owned() + &many(3000, |_| "[[test.vary]]\nexpect={coverage='covered'}\n".to_owned())),
        ("a table of 3000 rows", "tests/lawyer.csv", "name,as_of,coverage\n".to_owned() + &many(3000, |_| "a,2030-01-01,covered\n".to_owned())),
        ("a table of 300 columns", "tests/lawyer.csv", "name,as_of".to_owned() + &",event:beacon".repeat(300)),
        ("a large table of holidays", "calendars/lunar-days.toml", "title={ja='',en=''}\nsource=''\ncertainty='memory'\nweekend=[]\nfirst_day='counts'\nlast_day='stays'\nfixed_dates='stays'\nholidays=['big.csv']".to_owned()),
    ];
    let mut lines = Vec::new();
    for (what, file, text) in cases {
        let refused = if what == "a large table of holidays" {
            let mut files = lunar();
            files.insert(file.to_owned(), text.into_bytes());
            files.insert(
                "calendars/big.csv".into(),
                ("date,name\n".to_owned() + &"2030-01-01,x\n".repeat(6000)).into(),
            );
            problems(&files)[0].to_string()
        } else {
            refusal(file, text)
        };
        lines.push(format!("{what}\n    {refused}"));
    }
    let mut all = lunar();
    for at in 0..9 {
        all.insert(format!("tests/{at}.toml"), vec![b' '; 1 << 20]);
    }
    lines.push(format!("nine megabytes\n    {}", problems(&all)[0]));
    for at in 0..300 {
        all.insert(format!("tests/{at}.toml"), Vec::new());
    }
    lines.push(format!("300 files\n    {}", problems(&all)[0]));
    let mut all = lunar();
    let calendar = all["calendars/lunar-days.toml"].clone();
    all.extend((0..40).map(|at| (format!("calendars/c{at}.toml"), calendar.clone())));
    lines.push(format!("41 calendars\n    {}", problems(&all)[0]));
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn a_text_that_is_wrong_everywhere_tells_a_bounded_number_of_problems() {
    let mut files = lunar();
    files.remove("tests/beacon.toml");
    // 400 facts with long names, and conditions full of names that nearly are one of them.
    let name = |at: usize| format!("{}{at:03}", "long_name_".repeat(6));
    let facts = many(400, |at| format!("[fact.{}]\ntype='date'\nlabel={{ja='',en=''}}\n", name(at)));
    files.insert("facts.toml".into(), facts.into());
    let condition = vec!["long_name_long_name_long_nane_long_nane_long_nane_x"; 70].join(" and ");
    let rules = "[coverage]\narticle='Charter 1'\nwhen='true'\n".to_owned()
        + &many(200, |at| {
            format!("[class.c{at}]\narticle='Charter 1'\nwhen='{condition}'\ntext={{ja='',en=''}}\n")
        });
    files.insert("rules.toml".into(), rules.into());
    let found = problems(&files);
    // 16 of one condition, until 200 are known.
    assert_eq!(found.len(), 200);
    assert!(found.iter().map(|problem| problem.line).max().unwrap() < 60);
}

/// Said anew at each mention, the grounds of the last class would be 100 to the power 20.
#[test]
fn classes_that_name_each_other_often_are_said_once() {
    let mut files = lunar();
    let rules = String::from_utf8(files["rules.toml"].clone()).unwrap();
    let class = |at: usize, when: &str| {
        format!("\n[class.c{at}]\narticle='Charter 1'\nwhen='{when}'\ntext={{ja='甲{at}',en='A {at}'}}\n")
    };
    let chain = many(20, |at| match at {
        0 => class(0, "as_of < 2000-01-01"),
        _ => class(at, &vec![format!("class(c{})", at - 1); 100].join(" or ")),
    });
    files.insert("rules.toml".into(), (rules + &chain).into());
    let regime = load(&files);
    let settings = SwitchSettings::default();
    let found = assess(&regime, &settings, &Record::default(), date(2030, 1, 1)).unwrap();
    for language in [Language::Ja, Language::En] {
        let say = Wording::new(&regime, &settings, &found, language, Names::plain(language));
        let last = found.classes.iter().find(|class| class.id == "c19").unwrap();
        assert!(say.class(last).len() < 1000, "{}", say.class(last));
    }
}

#[test]
fn numbers_that_grow_beyond_reason_leave_a_result_open_instead_of_growing_on() {
    let mut files = lunar();
    files.remove("tests/beacon.toml");
    let product = |count: usize| vec!["1e400"; count].join(" * ");
    let huge = vec![format!("({})", product(30)); 16].join(" * ");
    replace(&mut files, "rules.toml", "mass >= switch(heavy)", &format!("mass >= switch(heavy) * {huge}"));
    let regime = load(&files);
    let settings = SwitchSettings::new(&regime, [("heavy", "1 kg")]).unwrap();
    let record = regime.facts_from_json(r#"{"mass": "1e400", "crew": "robots"}"#).unwrap();
    let found = assess(&regime, &settings, &record, date(2030, 6, 1)).unwrap();
    assert_eq!(found.coverage, kanae_law::Coverage::Undetermined);
    // Figures that a law could have are exact, as they were.
    let mut files = lunar();
    files.remove("tests/beacon.toml");
    replace(&mut files, "rules.toml", "mass >= switch(heavy)", "mass >= switch(heavy) * 1e400 / 1e400");
    let regime = load(&files);
    let record = regime.facts_from_json(r#"{"mass": 1, "crew": "robots"}"#).unwrap();
    let found = assess(&regime, &settings, &record, date(2030, 6, 1)).unwrap();
    assert_eq!(found.coverage, kanae_law::Coverage::Covered);
}

fn event(predicate: &str, at: u64, second: i64) -> Event {
    Event {
        arrived: jiff::Timestamp::from_second(second).unwrap(),
        entry: at,
        predicate: predicate.into(),
        statement: String::new(),
        attributes: BTreeMap::new(),
    }
}

/// A regime that asks for something every day since 1900, and answers to each beacon.
fn daily() -> Regime {
    let mut files = lunar();
    files.remove("tests/beacon.toml");
    replace(&mut files, "regime.toml", "from      = 2030-01-01", "from      = 1900-01-01");
    replace(&mut files, "facts.toml", "[event.beacon]", "[event.beacon]\n[event.flag]");
    replace(
        &mut files,
        "rules.toml",
        "[duty.light-a-beacon]",
        "[duty.daily]\narticle='Charter 2'\nby='developer'\nowed_when='class(heavy) and event(beacon)'\ndue='every 1 day from 1900-01-01'\nfulfilled_by='beacon or flag'\ntext={ja='',en=''}\n[duty.each]\narticle='Charter 2'\nby='developer'\nowed_when='class(heavy)'\ndue='3 days after beacon'\neach='beacon'\nfulfilled_by='event(beacon) and event(flag)'\ntext={ja='',en=''}\n[duty.light-a-beacon]",
    );
    load(&files)
}

#[test]
fn a_record_of_a_hundred_thousand_statements_has_a_small_assessment() {
    let regime = daily();
    let settings = SwitchSettings::new(&regime, [("heavy", "1 kg")]).unwrap();
    let mut record = regime.facts_from_json(r#"{"crew": "people"}"#).unwrap();
    let start: jiff::Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
    record.events =
        (0..100_000_i64).map(|at| event("beacon", at.unsigned_abs(), start.as_second() + at)).collect();
    // As many statements of one fact, all different.
    let stated = (0..100_000_i64).map(|at| FactEntry {
        value: FactValue::Number { value: Number::from(at), unit: Some("kg".into()) },
        known_at: None,
        source: Some(Source { statement: format!("{at:064}"), entry: at.unsigned_abs() }),
    });
    record.facts.insert("mass".into(), stated.collect());
    let day = date(2030, 6, 1);
    let found = assess(&regime, &settings, &record, day).unwrap();
    let json = found.to_canonical_json();
    assert!(json.len() < 200_000, "{} bytes", json.len());
    assert!(serde_json::from_slice::<Assessment>(&json).is_ok());
    // 4096 days were answered, and more have passed than are looked at: which one runs is not said.
    let daily = found.duty("daily").unwrap();
    assert_eq!((daily.due, daily.due_because.beyond_calendar), (None, true));
    let mut turned = record.clone();
    turned.events.reverse();
    turned.facts.get_mut("mass").unwrap().reverse();
    assert_eq!(assess(&regime, &settings, &turned, day).unwrap().to_canonical_json(), json);
}

#[test]
fn a_day_without_an_answer_ends_the_count_at_that_day() {
    let regime = daily();
    let settings = SwitchSettings::new(&regime, [("heavy", "1 kg")]).unwrap();
    let mut record = regime.facts_from_json(r#"{"crew": "people"}"#).unwrap();
    let first: jiff::Timestamp = "1900-01-01T12:00:00Z".parse().unwrap();
    record.events =
        (0..5_i64).map(|at| event("flag", at.unsigned_abs(), first.as_second() + at * 86_400)).collect();
    record.events.push(event("beacon", 9, first.as_second()));
    let found = assess(&regime, &settings, &record, date(1900, 2, 1)).unwrap();
    let daily = found.duty("daily").unwrap();
    assert_eq!((daily.status, daily.due), (Status::AppearsUnmet, Some(date(1900, 1, 6))));
    let each = found.duty("each").unwrap();
    assert_eq!((each.status, each.due), (Status::AppearsUnmet, Some(date(1900, 1, 3))));
}

#[test]
fn five_hundred_classes_that_name_each_other_are_read_once_each() {
    let mut files = lunar();
    files.remove("tests/beacon.toml");
    // Each class names up to sixty above it, in pairs; none nests deeper than reasons can.
    let mut rules = String::from("[coverage]\narticle='Charter 1'\nwhen='class(c499)'\n");
    for at in 0..500_usize {
        let layer = at / 30;
        let above: Vec<_> =
            (0..30).filter(|_| layer > 0).map(|n| format!("class(c{})", (layer - 1) * 30 + n)).collect();
        let when = if above.is_empty() { "mass > 1 kg".to_owned() } else { above.join(" or ") };
        writeln!(rules, "[class.c{at}]\narticle='Charter 1'\nwhen='{when}'\ntext={{ja='',en=''}}").unwrap();
    }
    files.insert("rules.toml".into(), rules.into());
    let regime = load(&files);
    let found = assess(&regime, &SwitchSettings::default(), &Record::default(), date(2030, 1, 1)).unwrap();
    // A tree has each class once, so its size is that of the rules.
    assert!(found.reason.outline().lines().count() < 500 * 32);
    // The search for rules that never hold counts its steps and ends.
    assert!(
        regime
            .findings(&files, Names::plain(Language::En))
            .iter()
            .all(|finding| finding.kind != kanae_law::FindingKind::NeverHolds)
    );
}
