//! Law tests: what they compare, and the table that lawyers edit.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its files fails here")]

#[expect(dead_code, reason = "the other tests use the rest")]
mod support;

use std::collections::BTreeMap;
use std::path::Path;

use kanae_law::{Diagnostic, LawTest, Regime};
use support::{files, load};

const HEAD: &str = "name,basis,as_of,preset,switch:heavy,fact:mass,fact:crew,fact:landed_at,event:beacon,event:beacon,coverage,force,class,missing,unsettled,class:heavy,duty:light-a-beacon";

fn lunar() -> BTreeMap<String, Vec<u8>> {
    let mut files = files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lunar-code"));
    files.remove("tests/beacon.toml");
    files
}

fn with_table(table: &str) -> Result<Regime, Vec<Diagnostic>> {
    let mut files = lunar();
    files.insert("tests/lawyer.csv".into(), table.as_bytes().to_vec());
    Regime::load(&files)
}

fn tests(table: &str) -> Vec<LawTest> {
    with_table(table).unwrap_or_else(|problems| panic!("{problems:#?}")).tests().to_vec()
}

#[test]
fn a_row_is_the_test_that_toml_says_at_length() {
    let toml = r#"
[[test]]
name     = "a beacon, in time"
basis    = ["Charter 1", "Charter 2"]
as_of    = 2031-01-02
facts    = { mass = 100, landed_at = 2030-12-28 }
switches = { heavy = "100 kg" }
events   = [{ is = "beacon", arrived = "2030-12-29" }, { is = "beacon", arrived = "2030-12-29T10:00:00+09:00" }]
expect   = { coverage = "covered", class = "heavy", missing = [], classes = { heavy = "true" }, duties = { light-a-beacon = { status = "appears_met", due = "2031-01-02" } } }
[[test]]
name     = "a mass between two ends"
as_of    = 2031-01-02
facts    = { mass = { low = 90, high = 1.1e2 }, crew = "robots" }
switches = { heavy = "100 kg" }
expect   = { coverage = "undetermined", missing = ["mass"] }
"#;
    let mut files = lunar();
    files.insert("tests/a.toml".into(), toml.into());
    let expected = load(&files);
    let rows = [
        "\"a beacon, in time\",Charter 1; Charter 2,2031-01-02,,100 kg,100,,2030-12-28,2030-12-29,2030-12-29T10:00:00+09:00,covered,,heavy,none,,true,appears_met 2031-01-02",
        "a mass between two ends,,2031-01-02,,100 kg,90 to 1.1e2 kg,robots,,,,undetermined,,,mass,,,",
    ];
    let plain = format!("{HEAD}\n{}\n", rows.join("\n"));
    // What spreadsheet programs make of the same table.
    let excel = format!("\u{feff}{}\n", plain.replace("2031-01-02,,", "2031/1/2,,").replace("true", "TRUE"))
        .replace('\n', "\r\n");
    let european = plain.replace("Charter 1; Charter 2", "\"Charter 1; Charter 2\"");
    let european =
        european.replace("a beacon, in time", "a beacon# in time").replace(',', ";").replace('#', ",");
    for table in [plain, excel, european] {
        let found = tests(&table);
        assert_eq!(found.len(), 2, "{table}");
        for (row, test) in found.iter().zip(expected.tests()) {
            assert_eq!((&row.name, &row.basis, row.as_of), (&test.name, &test.basis, test.as_of), "{table}");
            assert_eq!((&row.record, &row.settings), (&test.record, &test.settings), "{table}");
        }
        let results = with_table(&table).unwrap().run_tests();
        assert!(results.iter().all(|result| result.failures.is_empty()), "{results:#?}");
        assert_eq!(results.iter().map(|result| result.line).collect::<Vec<_>>(), [2, 3]);
    }
}

#[test]
fn a_row_that_expects_something_else_fails_and_says_what_came_out() {
    let table = format!(
        "{HEAD}\n\nwrong,,2030-06-01,,100 kg,100,,2030-05-28,,,not_covered,ended,none,mass,heavy,undetermined,not_yet none\n\nlate,,2030-06-30,,100 kg,100,,2030-05-28,2030-06-20,,,,,,,,appears_met 2030-05-31T00:00:00Z in_time\n,,,,,,,,,,,,,,,,\n"
    );
    let results = with_table(&table).unwrap().run_tests();
    let lines: Vec<_> = results
        .iter()
        .map(|result| {
            format!("{}:{} {}\n  {}", result.file, result.line, result.name, result.failures.join("\n  "))
        })
        .collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn a_cell_that_cannot_be_read_is_named_with_its_column_and_a_way_out() {
    let row = |from: &str, to: &str| {
        let row = "a case,Charter 1,2031-01-02,,100 kg,100,robots,2030-12-28,2030-12-29,,covered,in_force,heavy,,,true,open";
        assert!(row.contains(from), "{from}");
        format!("{HEAD}\n{}\n", row.replacen(from, to, 1))
    };
    let head = |from: &str, to: &str| {
        assert!(HEAD.contains(from), "{from}");
        row("a case", "a case").replacen(from, to, 1)
    };
    let mut cases = vec![
        ("a column misspelt", head("coverage", "covrage")),
        ("a fact misspelt", head("fact:mass", "fact:mas")),
        ("a kind misspelt", head("switch:heavy", "swich:heavy")),
        ("a column of another world", head("preset", "weather")),
        ("a column twice", head("fact:crew", "fact:mass")),
        ("no day of assessment", head("as_of,", "")),
        ("a column without a name", head("preset", "")),
        ("a cell below it", head("preset", "").replace("2031-01-02,,", "2031-01-02,x,")),
        ("an article misspelt", row("Charter 1", "Chapter 1")),
        ("a day of another form", row("2031-01-02", "01/02/2031")),
        ("no day", row("2031-01-02", "")),
        ("no name", row("a case", "")),
        ("another unit", row(",100,", ",100 lb,")),
        ("an interval turned round", row(",100,", ",110 to 90,")),
        ("another switch value", row("100 kg", "heavy")),
        ("no such choice", row("robots", "robot")),
        ("an event without a day", row("2030-12-29", "soon")),
        ("an attribute that nobody declared", row("2030-12-29", "2030-12-29; colour=red")),
        ("an attribute without a value", row("2030-12-29", "2030-12-29; colour")),
        ("an answer that does not exist", row(",covered", ",coverd")),
        ("a class that does not exist", row(",in_force,heavy", ",in_force,heavi")),
        ("a truth that does not exist", row(",true,", ",maybe,")),
        ("a status that does not exist", row(",open", ",overdue")),
        ("a preset that does not exist", row("2031-01-02,,", "2031-01-02,strict,")),
        ("too few cells", row(",open", "")),
        ("nothing expected", format!("{HEAD}\na case,,2031-01-02,,100 kg,100,,,,,,,,,,,\n")),
        ("an empty table", String::new()),
        ("a quote never closed", row("a case", "\"a case")),
    ];
    cases.push(("many rows wrong", format!("{HEAD}\n{}", "a,,soon,,,,,,,,,,,,,,\n".repeat(1500))));
    let lines: Vec<_> = cases
        .into_iter()
        .map(|(what, table)| {
            let problems = with_table(&table).err().unwrap_or_default();
            let shown: Vec<_> = problems.iter().take(3).map(|problem| format!("    {problem}")).collect();
            let more = if problems.len() > 3 {
                format!("\n    and {} more", problems.len() - 3)
            } else {
                String::new()
            };
            format!("{what}\n{}{more}", shown.join("\n"))
        })
        .collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn a_case_may_forget_a_fact_or_look_at_instants() {
    let toml = r#"
[[test]]
name     = "the mass is known, and then not"
as_of    = 2031-01-02
facts    = { mass = 120, landed_at = 2030-12-28, crew = "robots" }
switches = { heavy = "100 kg" }
expect   = { coverage = "covered", duties = { light-a-beacon = { due_at = "2031-01-02T00:00:00Z" } } }
[[test.vary]]
without_facts = ["mass"]
expect   = { coverage = "undetermined", missing = ["mass"] }
"#;
    let mut files = lunar();
    files.insert("tests/a.toml".into(), toml.into());
    let results = load(&files).run_tests();
    assert_eq!(
        results[0].failures,
        ["duty light-a-beacon, due_at: expected 2031-01-02T00:00:00Z, found none"]
    );
    assert!(results[1].failures.is_empty(), "{:?}", results[1]);
    files.insert("tests/a.toml".into(), toml.replace("[\"mass\"]\n", "[\"mas\"]\n").into());
    let problems = Regime::load(&files).unwrap_err();
    assert!(problems[0].to_string().ends_with("unknown fact `mas`; did you mean `mass`?"), "{}", problems[0]);
}
