//! An oracle in Python, written from the texts of the laws with `python-dateutil`, counts what the
//! shipped calendars count; the tables of holidays are compared with the package `holidays`.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "the other tests use the rest")]
mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use jiff::Timestamp;
use kanae_law::{Calendar, CountError, PeriodEnd, Regime};
use support::{files, load, root};

/// Cases for each calendar and each unit, in each direction.
const CASES: u64 = 5_000;

fn python(arguments: &[&str], input: String) -> String {
    let program = std::env::var_os("KANAE_PEERS")
        .map(|peers| PathBuf::from(peers).join("python/bin/python"))
        .filter(|program| program.is_file())
        .expect("the Python peers are missing; run `cargo xtask test interop`");
    let mut child = Command::new(program)
        .arg(root().join("interop/python/calendars.py"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

fn regimes() -> Vec<Regime> {
    let mut folders: Vec<_> =
        std::fs::read_dir(root().join("regimes")).unwrap().map(|e| e.unwrap().path()).collect();
    folders.sort();
    folders.iter().map(|folder| load(&files(folder))).collect()
}

/// Numbers that look random and are the same in every run (SplitMix64).
struct Draw(u64);

impl Draw {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }
}

fn answer(counted: Result<PeriodEnd, CountError>) -> String {
    match counted {
        Ok(PeriodEnd { counted, day, instant }) => {
            format!("{counted} {day} {}", instant.map_or("-".to_owned(), |at| at.to_string()))
        }
        Err(CountError::BeyondHolidays) => "beyond".to_owned(),
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn an_oracle_counts_what_the_calendars_of_all_regimes_count() {
    let units =
        [("days", 120), ("working days", 60), ("weeks", 30), ("months", 36), ("years", 12), ("hours", 400)];
    let first: Timestamp = "2024-01-01T00:00:00Z".parse().unwrap();
    let mut draw = Draw(2026);
    let (mut input, mut cases, mut ours) = (String::new(), Vec::new(), Vec::new());
    let mut seen = BTreeSet::new();
    let mut counted_rules = BTreeMap::<&str, usize>::new();
    for regime in regimes() {
        let zone = regime.time_zone().clone();
        let zone_name = zone.iana_name().unwrap();
        for (id, calendar) in regime.calendars() {
            // The same calendar lies in several folders.
            if !seen.insert((id.clone(), zone_name.to_owned(), format!("{calendar:?}"))) {
                continue;
            }
            let name = format!("{}/{id}", regime.id());
            let days: Vec<_> = calendar.holidays().map(|day| day.to_string()).collect();
            writeln!(input, "table\t{name}{}{}", if days.is_empty() { "" } else { "\t" }, days.join("\t"))
                .unwrap();
            for (unit, most) in units {
                for back in [false, true] {
                    let count = |at, period: &str| {
                        if back {
                            calendar.count_back(at, period, &zone)
                        } else {
                            calendar.count(at, period, &zone)
                        }
                    };
                    // A calendar that has no clock for the unit says so; nothing is compared then.
                    if let Err(CountError::NoClock(_) | CountError::HoursBackwards) =
                        count(first, &format!("1 {unit}"))
                    {
                        continue;
                    }
                    *counted_rules.entry(unit).or_default() += 1;
                    for _ in 0..CASES {
                        // Eleven years from the first day; a whole hour, too, is drawn now and then.
                        let second = i64::try_from(draw.below(11 * 365 * 86_400)).unwrap();
                        let second = if draw.below(16) == 0 { second / 3600 * 3600 } else { second };
                        let at = Timestamp::from_second(first.as_second() + second).unwrap();
                        let number = 1 + draw.below(most);
                        let direction = if back { "before" } else { "after" };
                        let case = format!("{name}\t{zone_name}\t{at}\t{number}\t{unit}\t{direction}");
                        writeln!(input, "case\t{case}").unwrap();
                        cases.push(case);
                        ours.push(answer(count(at, &format!("{number} {unit}"))));
                    }
                }
            }
        }
    }
    let theirs = python(&[], input);
    let theirs: Vec<_> = theirs.lines().collect();
    assert_eq!(theirs.len(), cases.len());
    let differ: Vec<_> = cases
        .iter()
        .zip(ours.iter().zip(theirs))
        .filter(|(_, (ours, theirs))| ours != theirs)
        .map(|(case, (ours, theirs))| format!("{case}: we say {ours}, the oracle {theirs}"))
        .collect();
    assert!(
        differ.is_empty(),
        "{} of {} differ, such as\n{}",
        differ.len(),
        cases.len(),
        differ[..differ.len().min(20)].join("\n")
    );
    // Every unit was compared, and most answers are days.
    assert_eq!(counted_rules.len(), 6, "{counted_rules:?}");
    let beyond = ours.iter().filter(|answer| *answer == "beyond").count();
    assert!(beyond > 0 && beyond * 5 < ours.len(), "{beyond} of {}", ours.len());
}

#[test]
fn the_tables_of_holidays_differ_from_the_package_holidays_where_their_comments_say() {
    // Table → country and subdivision of the package. It has no calendar of the Commission.
    let peers = [
        ("jp-basic-law-2024", "jp_holidays_2024_2035.csv", "JP", "-"),
        ("kr-ai-basic-act", "kr_holidays_2024_2035.csv", "KR", "-"),
        ("us-ca-sb53", "us_ca_holidays_2024_2035.csv", "US", "CA"),
        ("us-ny-raise", "us_ny_holidays_2024_2035.csv", "US", "NY"),
        ("us-il-sb315", "us_il_holidays_2024_2035.csv", "US", "IL"),
    ];
    let mut found = String::new();
    for (regime, file, country, subdivision) in peers {
        let path = root().join("regimes").join(regime).join("calendars").join(file);
        let text = std::fs::read_to_string(path).unwrap();
        let ours: BTreeMap<&str, &str> =
            text.lines().skip(1).filter_map(|line| line.split_once(',')).collect();
        let said = python(&["holidays", country, subdivision, "2024", "2035"], String::new());
        let theirs: BTreeMap<&str, &str> = said.lines().filter_map(|line| line.split_once('\t')).collect();
        writeln!(
            found,
            "{file}: {} days, holidays {country} {subdivision}: {} days",
            ours.len(),
            theirs.len()
        )
        .unwrap();
        // By name, for a name stands or falls as a whole more often than a day.
        let mut only: BTreeMap<(&str, &str), BTreeSet<&str>> = BTreeMap::new();
        for (day, name) in ours.iter().filter(|(day, _)| !theirs.contains_key(*day)) {
            only.entry(("only ours", name)).or_default().insert(day);
        }
        for (day, name) in theirs.iter().filter(|(day, _)| !ours.contains_key(*day)) {
            only.entry(("only the package", name)).or_default().insert(day);
        }
        for ((who, name), days) in only {
            let days: Vec<_> = days.into_iter().collect();
            writeln!(found, "  {who}: {name}: {}", days.join(" ")).unwrap();
        }
    }
    insta::assert_snapshot!(found);
}

#[test]
fn what_a_calendar_cannot_count_it_says() {
    let regime = regimes().into_iter().find(|regime| regime.id() == "us-ca-sb53").unwrap();
    let count = |calendar: &Calendar, period| {
        calendar
            .count("2026-01-31T00:00:00Z".parse().unwrap(), period, regime.time_zone())
            .unwrap_err()
            .to_string()
    };
    let event = &regime.calendars()["us-ca-event"];
    assert!(count(event, "2 months").contains("`months` and `missing_day`"));
    assert!(count(event, "3 moons").contains("expected hours, days"));
    assert_eq!(count(event, "4000 working days"), "the holidays of the year are not known");
}
