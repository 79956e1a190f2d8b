//! What tests of this crate share: the shipped regimes, small invented ones, records by chance.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;

use jiff::civil::{Date, date};

use crate::number::Number;
use crate::record::{Event, FactValue, Record};
use crate::regime::{Regime, ValueKind};
use crate::settings::SwitchSettings;

/// A day on which the shipped regimes are in force.
pub(crate) const DAY: Date = date(2027, 11, 24);

fn files(folder: &Path, base: &Path, found: &mut BTreeMap<String, Vec<u8>>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, base, found);
        } else {
            let name = path.strip_prefix(base).unwrap().to_str().unwrap().to_owned();
            found.insert(name, std::fs::read(&path).unwrap());
        }
    }
}

fn load(folder: &Path, change: impl Fn(&mut BTreeMap<String, Vec<u8>>)) -> Regime {
    let mut found = BTreeMap::new();
    files(folder, folder, &mut found);
    change(&mut found);
    Regime::load(&found).unwrap()
}

fn regimes() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../regimes")
}

pub(crate) fn shipped(id: &str) -> Regime {
    all_shipped().iter().find(|regime| regime.id == id).unwrap().clone()
}

/// Every shipped regime, read once.
pub(crate) fn all_shipped() -> &'static [Regime] {
    static ALL: LazyLock<Vec<Regime>> = LazyLock::new(|| {
        let mut ids: Vec<_> = std::fs::read_dir(regimes())
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.join("regime.toml").is_file())
            .collect();
        ids.sort();
        ids.iter().map(|path| load(path, |_| {})).collect()
    });
    &ALL
}

/// A regime of one condition over the facts a, b (boolean), x, y (numbers), t (p, q or r).
pub(crate) fn invented(condition: &str) -> Regime {
    const FACTS: &str = r#"
fact.a = { type = "boolean", label = { ja = "a", en = "a" } }
fact.b = { type = "boolean", label = { ja = "b", en = "b" } }
fact.x = { type = "number", label = { ja = "x", en = "x" } }
fact.y = { type = "number", label = { ja = "y", en = "y" } }
fact.t = { type = "choice", values = [["p", "p", "p"], ["q", "q", "q"], ["r", "r", "r"]], label = { ja = "t", en = "t" } }
"#;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lunar-code");
    load(&folder, |files| {
        files.retain(|name, _| !name.starts_with("tests/") && name != "switches.toml");
        files.insert("facts.toml".into(), FACTS.into());
        let rules = format!("coverage = {{ article = \"Charter 1\", when = \"{condition}\" }}\n");
        files.insert("rules.toml".into(), rules.into());
    })
}

/// Chance that can be repeated (splitmix64).
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % bound as u64).unwrap()
    }

    pub(crate) fn number(&mut self) -> Number {
        let pool = [
            "0", "1", "15", "1e6", "1e7", "1e10", "1e12", "1e13", "5e22", "1e23", "2e23", "3e24", "1e25",
            "1.1e25", "1e26", "5e26",
        ];
        pool[self.below(pool.len())].parse().unwrap()
    }

    pub(crate) fn value(&mut self, kind: &ValueKind) -> FactValue {
        match kind {
            ValueKind::Boolean => FactValue::Boolean(self.below(2) == 0),
            ValueKind::Number { unit } => {
                let (one, other) = (self.number(), self.number());
                let unit = unit.clone();
                match self.below(5) {
                    0 => FactValue::Range { low: Some(one), high: None, unit },
                    1 => FactValue::Range { low: None, high: Some(one), unit },
                    2 => FactValue::Range {
                        low: Some(one.clone().min(other.clone())),
                        high: Some(one.max(other)),
                        unit,
                    },
                    _ => FactValue::Number { value: one, unit },
                }
            }
            ValueKind::Choice { values } => FactValue::Text(values[self.below(values.len())].id.clone()),
            ValueKind::Date => {
                let days = [date(2025, 8, 1), date(2025, 8, 2), date(2026, 12, 1), date(2027, 11, 1)];
                FactValue::Date(days[self.below(days.len())])
            }
            _ => FactValue::Text("text".to_owned()),
        }
    }

    /// Known, unknown, disputed facts, and statements of every predicate.
    pub(crate) fn record(&mut self, regime: &Regime) -> Record {
        let mut record = Record::default();
        for fact in &regime.facts {
            let times = [0, 1, 1, 1, 1, 2][self.below(6)];
            for _ in 0..times {
                record.state(&fact.name, self.value(&fact.kind));
            }
            if self.below(8) == 0 {
                record.state(&fact.name, FactValue::Unknown);
            }
        }
        for (predicate, kind) in &regime.schema.events {
            if self.below(3) > 0 {
                continue;
            }
            let entry = record.events.len() as u64 + 1;
            let mut attributes = std::collections::BTreeMap::new();
            for (name, values) in kind.attributes.iter().filter(|(_, values)| !values.is_empty()) {
                if !kind.unknown_if_absent.contains(name) || self.below(3) > 0 {
                    attributes.insert(name.clone(), values[self.below(values.len())].clone());
                }
            }
            record.events.push(Event {
                arrived: "2027-01-05T03:00:00Z".parse().unwrap(),
                entry,
                predicate: predicate.clone(),
                statement: format!("test-{entry}"),
                attributes,
            });
        }
        record
    }

    /// A preset with some switches left open, or no setting.
    pub(crate) fn settings(&mut self, regime: &Regime) -> SwitchSettings {
        if regime.presets.is_empty() {
            return SwitchSettings::default();
        }
        let preset = &regime.presets[self.below(regime.presets.len())].id;
        let mut settings = SwitchSettings::preset(regime, preset).unwrap();
        let open = [0, 0, 6, 2][self.below(4)];
        for switch in &regime.switches {
            if open > 0 && self.below(open) == 0 {
                settings.unset(&switch.id);
            }
        }
        settings
    }
}
