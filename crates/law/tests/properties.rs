//! Laws that every regime obeys, on random records: learning only narrows, the order of a record does
//! not matter, intervals agree with their ends, no deadline lies before its event.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its files fails here")]

#[expect(dead_code, reason = "the other tests use the rest")]
mod support;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use kanae_law::expression::{self, Kind};
use kanae_law::{
    Assessment, Event, FactEntry, FactValue, Number, Reason, Record, Regime, Source, Status, SwitchSettings,
    Truth, ValueKind, assess,
};
use proptest::prelude::*;
use support::{files, load, root};

/// All shipped regimes, and an invented one whose duties end, count in figures of the law and answer
/// to what is not known of an event.
static REGIMES: LazyLock<Vec<Regime>> = LazyLock::new(|| {
    let mut folders: Vec<_> =
        std::fs::read_dir(root().join("regimes")).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    let mut regimes: Vec<_> = folders.iter().map(|folder| load(&files(folder))).collect();
    regimes.push(invented());
    regimes
});

fn invented() -> Regime {
    let mut files = files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lunar-code"));
    files.remove("tests/beacon.toml");
    let mut change = |file: &str, from: &str, to: &str| {
        let text = String::from_utf8(files.remove(file).unwrap_or_default()).unwrap();
        assert!(text.contains(from), "{from}");
        files.insert(file.into(), text.replacen(from, to, 1).into());
    };
    change("regime.toml", "from      = 2030-01-01", "from      = 2020-01-01");
    change(
        "calendars/lunar-days.toml",
        "first_day",
        "months = 'corresponding_day'\nmissing_day = 'undefined'\nhours = 'from_the_instant'\nhours_end = 'stays'\nbackward = 'stays'\nfirst_day",
    );
    change(
        "facts.toml",
        "[event.beacon]",
        "[event.beacon]\n[event.incident]\nattributes = { death = ['true', 'false'], leak = ['true', 'false'], aware_at = [] }\nunknown_if_absent = ['death', 'leak', 'aware_at']",
    );
    change(
        "rules.toml",
        "[duty.light-a-beacon]",
        "
[duty.report]
article = 'Charter 2'
by = 'developer'
owed_when = \"event(incident, death = 'true') or event(incident, leak = 'true') and mass > param(limit)\"
each = \"event(incident, death = 'true') or event(incident, leak = 'true')\"
due = 'param(wait) after incident.aware_at'
fulfilled_by = 'beacon'
text = { ja = '報告', en = 'Report' }
[duty.keep]
article = 'Charter 2'
by = 'developer'
owed_when = 'class(heavy)'
due = 'earliest(30 days after landed_at, 2 weeks before incident.aware_at)'
until = 'latest(2 months after landed_at, param(wait) after incident.aware_at)'
fulfilled_by = 'beacon'
text = { ja = '保存', en = 'Keep' }
[power.ask]
article = 'Charter 2'
act = 'beacon'
when = 'unmet(report) or unmet(keep) or days_late(keep) > 10'
text = { ja = '求める', en = 'Ask' }
[penalty.fine]
article = 'Charter 2'
when = 'unmet(developer)'
maximum = 'max(param(limit), mass * days_late(keep))'
text = { ja = '過料', en = 'Fine' }
[duty.light-a-beacon]",
    );
    files.insert("parameters.toml".into(), b"[parameter.limit]\ntype='number'\nunit='kg'\narticle='Charter 1'\nlabel={ja='',en=''}\nvalues=[{from=2020-01-01,value='1e24 kg'},{from=2026-06-01,value='2e24 kg'}]\n[parameter.wait]\ntype='period'\narticle='Charter 1'\nlabel={ja='',en=''}\nvalues=[{from=2020-01-01,value='72 hours'},{from=2026-06-01,value='1 month'}]\n".to_vec());
    load(&files)
}

/// Numbers that proptest drew, used up one by one.
struct Draws<'d>(std::iter::Cycle<std::slice::Iter<'d, u64>>);

impl Draws<'_> {
    fn below(&mut self, end: usize) -> usize {
        let drawn = usize::try_from(*self.0.next().unwrap() % 1_000_003).unwrap();
        drawn % end
    }

    fn day(&mut self) -> Date {
        "2025-01-01"
            .parse::<Date>()
            .unwrap()
            .checked_add(i64::try_from(self.below(900)).unwrap().days())
            .unwrap()
    }

    fn instant(&mut self) -> Timestamp {
        let day = jiff::tz::TimeZone::UTC.to_timestamp(self.day().at(0, 0, 0, 0)).unwrap();
        day.checked_add(i64::try_from(self.below(86_400)).unwrap().seconds()).unwrap()
    }

    fn number(&mut self) -> Number {
        format!("{}e{}", self.below(40), 22 + self.below(5)).parse().unwrap()
    }

    /// What may become known of a fact, and one value that it may then turn out to have.
    fn value(&mut self, kind: &ValueKind) -> (FactValue, FactValue) {
        let exact = match kind {
            ValueKind::Boolean => FactValue::Boolean(self.below(2) == 0),
            ValueKind::Date => FactValue::Date(self.day()),
            ValueKind::Choice { values } => FactValue::Text(values[self.below(values.len())].id.clone()),
            ValueKind::Text | ValueKind::Choices { .. } | ValueKind::Period => FactValue::Unknown,
            ValueKind::Number { unit } => {
                let (one, other) = (self.number(), self.number());
                let (low, high) = if one <= other { (one, other) } else { (other, one) };
                let end = if self.below(2) == 0 { low.clone() } else { high.clone() };
                let exact = FactValue::Number { value: end, unit: unit.clone() };
                let vague = match self.below(3) {
                    0 => FactValue::Range { low: Some(low), high: Some(high), unit: unit.clone() },
                    1 => FactValue::Range { low: Some(low), high: None, unit: unit.clone() },
                    _ => exact.clone(),
                };
                return (vague, exact);
            }
        };
        (exact.clone(), exact)
    }

    /// A record of which little is known, and the same when all is known.
    fn records(&mut self, regime: &Regime) -> (Record, Record) {
        let (mut vague, mut exact) = (Record::default(), Record::default());
        for fact in regime.facts() {
            let (value, point) = self.value(&fact.kind);
            if self.below(2) == 0 {
                vague.state(&fact.name, value);
            }
            exact.state(&fact.name, point);
        }
        let kinds: Vec<_> = regime.events().iter().collect();
        for entry in 0..self.below(6) {
            let (predicate, schema) = kinds[self.below(kinds.len())];
            let arrived = self.instant();
            let (mut known, mut all) = (BTreeMap::new(), BTreeMap::new());
            for (name, attribute) in &schema.attributes {
                let value = match attribute.values.len() {
                    0 => self.instant().to_string(),
                    count => attribute.values[self.below(count)].id.clone(),
                };
                if !attribute.unknown_if_absent || self.below(2) == 0 {
                    known.insert(name.clone(), value.clone());
                }
                all.insert(name.clone(), value);
            }
            let event = |attributes| Event {
                arrived,
                entry: entry as u64 + 1,
                predicate: predicate.clone(),
                statement: format!("{entry:064}"),
                attributes,
            };
            vague.events.push(event(known));
            exact.events.push(event(all));
        }
        (vague, exact)
    }

    /// Settings of all switches, and the same with some left open.
    fn settings(&mut self, regime: &Regime) -> (SwitchSettings, SwitchSettings) {
        let presets = regime.presets();
        let settled = match presets.len() {
            0 => SwitchSettings::default(),
            count => SwitchSettings::preset(regime, &presets[self.below(count)].id).unwrap(),
        };
        let mut wider = settled.clone();
        for switch in regime.switches() {
            if self.below(3) == 0 {
                wider.unset(&switch.id);
            }
        }
        (settled, wider)
    }
}

fn truths(found: &Assessment) -> Vec<(String, Truth)> {
    let classes = found.classes.iter().map(|class| (format!("class {}", class.id), class.holds));
    let duties = found.duties.iter().map(|duty| (format!("duty {}", duty.id), duty.owed));
    let powers = found.powers.iter().map(|power| (format!("power {}", power.id), power.available));
    let penalties =
        found.penalties.iter().map(|penalty| (format!("penalty {}", penalty.id), penalty.applies));
    let coverage = [("coverage".to_owned(), found.reason.truth)];
    classes.chain(duties).chain(powers).chain(penalties).chain(coverage).collect()
}

/// Returns whether each reason has the truth that its parts give it.
fn adds_up(reason: &Reason) -> bool {
    let of_parts = match (&reason.children[..], expression::parse(&reason.condition)) {
        // A duty that is asked for a time only has its condition and the time as parts.
        ([owed, lasts], _) if owed.condition == reason.condition => Some(owed.truth.and(lasts.truth)),
        (parts, Ok(read)) => match read.root().kind() {
            Kind::And(_) => parts.iter().map(|part| part.truth).reduce(Truth::and),
            Kind::Or(_) => parts.iter().map(|part| part.truth).reduce(Truth::or),
            Kind::Not(_) => parts.first().map(|part| part.truth.negated()),
            _ => parts.first().map(|part| part.truth),
        },
        // A few sentences, as of a rule that does not apply on the day.
        (_, Err(_)) => None,
    };
    of_parts.is_none_or(|truth| truth == reason.truth) && reason.children.iter().all(adds_up)
}

fn narrows(before: Truth, after: Truth) -> bool {
    before == Truth::Undetermined || before == after
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_becomes_known_of_facts_events_and_switches_only_narrows(
        drawn in proptest::collection::vec(any::<u64>(), 200),
    ) {
        let mut draws = Draws(drawn.iter().cycle());
        for regime in REGIMES.iter() {
            let (vague, exact) = draws.records(regime);
            let (settled, wider) = draws.settings(regime);
            let day = draws.day();
            let before = assess(regime, &wider, &vague, day).unwrap();
            let after = assess(regime, &settled, &exact, day).unwrap();
            for ((what, before), (_, after)) in truths(&before).into_iter().zip(truths(&after)) {
                prop_assert!(narrows(before, after), "{}: {what}: {before:?} became {after:?}\n{vague:#?}\n{exact:#?} on {day}", regime.id());
            }
            for (before, after) in before.penalties.iter().zip(&after.penalties) {
                // The amount that is known lies within what was known of it.
                if let (Some(outer), Some(inner)) = (&before.maximum, &after.maximum) {
                    let above = outer.low.as_ref().is_none_or(|low| inner.low.as_ref().is_none_or(|found| low <= found));
                    let below = outer.high.as_ref().is_none_or(|high| inner.high.as_ref().is_none_or(|found| found <= high));
                    prop_assert!(above && below, "{}: {}: {outer:?}, {inner:?}", regime.id(), before.id);
                }
            }
        }
    }

    #[test]
    fn reasons_told_afterwards_say_what_came_out(
        drawn in proptest::collection::vec(any::<u64>(), 200),
    ) {
        let mut draws = Draws(drawn.iter().cycle());
        for regime in REGIMES.iter() {
            let (record, _) = draws.records(regime);
            let (_, settings) = draws.settings(regime);
            let found = assess(regime, &settings, &record, draws.day()).unwrap();
            let classes = found.classes.iter().map(|class| (&class.id, class.holds, &class.reason));
            let duties = found.duties.iter().map(|duty| (&duty.id, duty.owed, &duty.reason));
            let powers = found.powers.iter().map(|power| (&power.id, power.available, &power.reason));
            let penalties = found.penalties.iter().map(|one| (&one.id, one.applies, &one.reason));
            for (id, truth, reason) in classes.chain(duties).chain(powers).chain(penalties) {
                prop_assert_eq!(reason.truth, truth, "{}: {}", regime.id(), id);
                prop_assert!(adds_up(reason), "{}: {id}: {}", regime.id(), reason.outline());
            }
            prop_assert!(adds_up(&found.reason), "{}: {}", regime.id(), found.reason.outline());
            let read: Assessment = serde_json::from_slice(&found.to_canonical_json()).unwrap();
            prop_assert_eq!(read, found);
        }
    }

    #[test]
    fn the_order_of_facts_and_events_does_not_matter(
        drawn in proptest::collection::vec(any::<u64>(), 200),
        turn in any::<usize>(),
    ) {
        let mut draws = Draws(drawn.iter().cycle());
        for regime in REGIMES.iter() {
            let (vague, exact) = draws.records(regime);
            let (settled, _) = draws.settings(regime);
            let day = draws.day();
            // Both records at once: some facts are disputed.
            let mut record = vague;
            for (at, (name, entries)) in exact.facts.into_iter().enumerate() {
                let stated = entries.into_iter().map(|entry| FactEntry {
                    source: Some(Source { statement: format!("{at:064}"), entry: at as u64 }),
                    ..entry
                });
                record.facts.entry(name).or_default().extend(stated);
            }
            let found = assess(regime, &settled, &record, day).unwrap();
            let mut turned = record.clone();
            turned.facts.values_mut().for_each(|entries| entries.reverse());
            let middle = turn % turned.events.len().max(1);
            turned.events.rotate_left(middle);
            let again = assess(regime, &settled, &turned, day).unwrap();
            prop_assert_eq!(found.to_canonical_json(), again.to_canonical_json());
            let text = serde_json::to_vec(&turned).unwrap();
            let read: Record = serde_json::from_slice(&text).unwrap();
            prop_assert_eq!(assess(regime, &settled, &read, day).unwrap().to_canonical_json(), found.to_canonical_json());
        }
    }

    #[test]
    fn no_deadline_lies_before_what_it_is_counted_from(
        drawn in proptest::collection::vec(any::<u64>(), 200),
    ) {
        let mut draws = Draws(drawn.iter().cycle());
        for regime in REGIMES.iter() {
            let (_, exact) = draws.records(regime);
            let (settled, _) = draws.settings(regime);
            let found = assess(regime, &settled, &exact, draws.day()).unwrap();
            for duty in &found.duties {
                let back = duty.due_because.rule.as_ref().is_some_and(|rule| rule.contains("before"));
                if let (Some(due), Some(from), false) = (duty.due, duty.due_because.from, back) {
                    prop_assert!(due >= from, "{}: {} is due {due}, counted from {from}", regime.id(), duty.id);
                }
            }
            let (at, count) = (draws.instant(), 1 + draws.below(60));
            let day = regime.time_zone().to_datetime(at).date();
            for calendar in regime.calendars().values() {
                for unit in ["hours", "days", "working days", "weeks", "months", "years"] {
                    let count = |count: usize| calendar.count(at, &format!("{count} {unit}"), regime.time_zone());
                    let period = format!("{} {unit}", 1 + draws.below(60));
                    if let Ok(found) = count(1 + draws.below(60)) {
                        prop_assert!(found.counted >= day && found.day >= found.counted, "{unit} after {at}: {found:?}");
                        prop_assert!(found.instant.is_none_or(|instant| instant > at));
                    }
                    if let Ok(found) = calendar.count_back(at, &period, regime.time_zone()) {
                        prop_assert!(found.counted < day && found.day <= found.counted, "{period} before {at}: {found:?}");
                    }
                }
                // A longer period does not end on an earlier day. (It may end at an earlier hour: where hours
                // that end on a Sunday end at the same hour of Monday, those of 23:00 end after those
                // of one hour more.)
                for unit in ["hours", "days", "working days", "weeks", "months", "years"] {
                    let ends = [count, count + 1].map(|count| calendar.count(at, &format!("{count} {unit}"), regime.time_zone()));
                    if let [Ok(short), Ok(long)] = ends {
                        prop_assert!(short.day <= long.day, "{count} {unit} after {at}");
                    }
                }
            }
        }
    }

    #[test]
    fn an_interval_decides_where_its_ends_agree(
        thresholds in proptest::collection::vec((0_i64..20, any::<bool>(), any::<bool>()), 1..5),
        one in 0_i64..20,
        other in 0_i64..20,
        down in any::<bool>(),
    ) {
        let mut condition = String::new();
        for (threshold, strict, joined) in &thresholds {
            let comparison = match (down, strict) {
                (false, true) => ">",
                (false, false) => ">=",
                (true, true) => "<",
                (true, false) => "<=",
            };
            let join = match (condition.is_empty(), joined) {
                (true, _) => "",
                (_, true) => " and ",
                (_, false) => " or ",
            };
            condition = format!("{condition}{join}mass {comparison} {threshold} kg");
        }
        let mut files = files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lunar-code"));
        files.remove("tests/beacon.toml");
        let rules = String::from_utf8(files["rules.toml"].clone()).unwrap();
        files.insert("rules.toml".into(), rules.replace("mass >= switch(heavy) or crew = 'people'", &condition).into());
        let regime = load(&files);
        let (low, high) = (one.min(other), one.max(other));
        let truth = |facts: String| {
            let record = regime.facts_from_json(&facts).unwrap();
            let day = jiff::civil::date(2030, 6, 1);
            assess(&regime, &SwitchSettings::default(), &record, day).unwrap().reason.truth
        };
        let (first, last) = (truth(format!("{{\"mass\": {low}}}")), truth(format!("{{\"mass\": {high}}}")));
        let expected = if first == last { first } else { Truth::Undetermined };
        prop_assert_eq!(truth(format!("{{\"mass\": {{\"low\": {low}, \"high\": {high}}}}}")), expected, "{}", condition);
    }

    #[test]
    fn a_figure_as_a_parameter_says_what_the_same_figure_says_in_the_rule(
        drawn in proptest::collection::vec(any::<u64>(), 200),
    ) {
        let mut draws = Draws(drawn.iter().cycle());
        for regime in REGIMES.iter() {
            let (vague, _) = draws.records(regime);
            let (_, wider) = draws.settings(regime);
            let day = draws.day();
            // The figures of the day, set for all days, change nothing on that day.
            let figures: Vec<_> = regime
                .parameters()
                .iter()
                .map(|parameter| (parameter.id.as_str(), parameter.on(day).unwrap().text.as_str()))
                .collect();
            let same = regime.with_parameters(figures).unwrap();
            prop_assert_eq!(
                assess(regime, &wider, &vague, day).unwrap().to_canonical_json(),
                assess(&same, &wider, &vague, day).unwrap().to_canonical_json()
            );
        }
    }
}

#[test]
fn an_incident_that_may_be_none_makes_no_duty_appear_unmet() {
    let regime = invented();
    let incident = |entry: u64, day: &str, attributes: &[(&str, &str)]| Event {
        arrived: format!("{day}T00:00:00Z").parse().unwrap(),
        entry,
        predicate: if attributes.is_empty() { "beacon" } else { "incident" }.into(),
        statement: format!("{entry:064}"),
        attributes: attributes
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
    };
    let mut record = Record {
        events: vec![
            incident(1, "2026-06-01", &[("death", "true"), ("aware_at", "2026-06-01")]),
            incident(2, "2026-06-02", &[]),
            // Whether anybody died in this one is not known, and nothing was reported after it.
            incident(3, "2026-07-01", &[("leak", "false"), ("aware_at", "2026-07-01")]),
        ],
        ..Record::default()
    };
    let day = jiff::civil::date(2026, 9, 1);
    let ask = |record: &Record| {
        let found = assess(&regime, &SwitchSettings::default(), record, day).unwrap();
        let report = found.duty("report").unwrap().clone();
        (report.owed, report.status, found.powers[0].available, found.powers[0].because.missing.clone())
    };
    let open = ask(&record);
    assert_eq!((open.0, open.1, open.2), (Truth::True, Status::Unresolved, Truth::Undetermined));
    assert!(open.3.contains("incident.death"), "{:?}", open.3);
    for (died, status) in [("true", Status::AppearsUnmet), ("false", Status::AppearsMet)] {
        record.events[2].attributes.insert("death".into(), died.into());
        assert_eq!(ask(&record).1, status);
    }
}
