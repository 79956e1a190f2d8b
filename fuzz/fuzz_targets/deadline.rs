//! Deadlines: whatever a rule calls one is refused with its place, or counts without a panic, and
//! never to a day before the event.
#![no_main]

use std::collections::BTreeMap;
use std::sync::LazyLock;

use law::{Event, Regime, SwitchSettings, assess};
use libfuzzer_sys::fuzz_target;

static FILES: LazyLock<BTreeMap<String, Vec<u8>>> = LazyLock::new(|| {
    [
        ("regime.toml", include_str!("../../crates/law/tests/lunar-code/regime.toml")),
        ("facts.toml", include_str!("../../crates/law/tests/lunar-code/facts.toml")),
        ("switches.toml", include_str!("../../crates/law/tests/lunar-code/switches.toml")),
        ("rules.toml", include_str!("../../crates/law/tests/lunar-code/rules.toml")),
        ("text.toml", include_str!("../../crates/law/tests/lunar-code/text.toml")),
        ("calendars/lunar-days.toml", include_str!("../../crates/law/tests/lunar-code/calendars/lunar-days.toml")),
    ]
    .map(|(name, text)| {
        let clocks = "months = 'corresponding_day'\nmissing_day = 'undefined'\nhours = 'from_the_next_full_hour'\nhours_end = 'same_hour_next_working_day'\nbackward = 'previous_working_day'\nfirst_day";
        (name.to_owned(), text.replacen("first_day", clocks, 1).into_bytes())
    })
    .into()
});

fuzz_target!(|data: &[u8]| {
    let Ok(due) = std::str::from_utf8(data) else { return };
    // A literal text of TOML has neither quotes of its own kind nor line ends.
    if due.contains(['\'', '\n', '\r']) || due.chars().any(char::is_control) {
        return;
    }
    let mut files = FILES.clone();
    let rules = String::from_utf8_lossy(&files["rules.toml"]);
    let rules = rules.replace("\"3 working days after landed_at\"", &format!("'{due}'"));
    files.insert("rules.toml".to_owned(), rules.into_bytes());
    let Ok(regime) = Regime::load(&files) else { return };
    let settings = SwitchSettings::new(&regime, [("heavy", "1 kg")]).expect("the switch is there");
    let facts = r#"{"mass": 5, "landed_at": "2031-01-31"}"#;
    let mut record = regime.facts_from_json(facts).expect("the facts are there");
    record.events.push(Event {
        arrived: "2031-02-28T23:59:59Z".parse().expect("an instant"),
        entry: 1,
        predicate: "beacon".to_owned(),
        statement: String::new(),
        attributes: BTreeMap::new(),
    });
    for day in ["2030-01-01", "2031-03-01", "2099-12-31"] {
        let found = assess(&regime, &settings, &record, day.parse().expect("a day")).expect("an assessment");
        for duty in &found.duties {
            if let (Some(day), Some(from)) = (duty.due, duty.due_because.from) {
                assert!(day >= from || due.contains("before"), "{due}: {from} to {day}");
            }
        }
    }
    for calendar in regime.calendars().values() {
        let at = "2031-01-31T10:00:00Z".parse().expect("an instant");
        if let Ok(end) = calendar.count(at, due, regime.time_zone()) {
            assert!(end.day >= end.counted);
        }
        let _ = calendar.count_back(at, due, regime.time_zone());
    }
});
