//! A law tried out on the shipped data set of models: open points settled, figures changed, one of them
//! moved over a range. A calculation, not a decision about anyone.

mod answer;

use std::collections::BTreeMap;

use jiff::civil::Date;
use law::simulate::{Range, Variant};
use law::{Goal, Number, Regime, SwitchSettings, ValueKind};
use unicode_normalization::UnicodeNormalization as _;

pub(crate) use answer::{Answer, Moved, Sheet, answer, word};

use crate::at_hand::Law;

use super::dataset::columns;
use super::fault::{BOUNDS, Fault, FaultKind, MAX_POINTS};
use super::query::Query;

/// Values where the address does not say how many.
const POINTS: usize = 61;
/// The range over which compute is moved where the address does not say: what models have used.
const COMPUTE: (f64, f64) = (1e23, 1e27);
/// Names that an address may hold beside figures and open points.
const KNOWN: [&str; 12] =
    ["law", "base", "as_of", "goal", "dial", "moved", "from", "to", "points", "given", "size", "of"];

/// With what a setting is compared, and from where it departs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Base {
    /// The law as adopted here.
    Adopted,
    /// Every open point left open.
    Open,
    /// A preset of the law.
    Preset(String),
}

impl Base {
    /// Reads a base as written in addresses.
    pub(crate) fn read(law: &Law, text: &str) -> Option<Self> {
        match text {
            "adopted" => law.adopted.is_some().then_some(Self::Adopted),
            "open" => Some(Self::Open),
            id => {
                law.regime.presets().iter().any(|preset| preset.id == id).then(|| Self::Preset(id.to_owned()))
            }
        }
    }

    /// Returns the base as written in addresses.
    pub(crate) fn as_str(&self) -> &str {
        match self {
            Self::Adopted => "adopted",
            Self::Open => "open",
            Self::Preset(id) => id,
        }
    }

    /// Chooses where to begin: as adopted here where something is settled, else the preset that the data
    /// set's columns name, else with everything open.
    pub(crate) fn of(law: &Law) -> Self {
        let settled = law.adopted.as_ref().is_some_and(|adopted| !adopted.switches.is_empty());
        let reading = columns().and_then(|columns| columns.regime.get(law.regime.id()));
        let preset = reading.and_then(|reading| reading.preset.as_deref());
        match preset.and_then(|preset| Self::read(law, preset)) {
            _ if settled => Self::Adopted,
            Some(preset) => preset,
            None => Self::Open,
        }
    }

    /// Returns every base of a law, the one to begin with first.
    pub(crate) fn all(law: &Law) -> Vec<Self> {
        let mut all = vec![Self::of(law)];
        let presets = law.regime.presets().iter().map(|preset| Self::Preset(preset.id.clone()));
        let adopted = law.adopted.as_ref().filter(|adopted| !adopted.switches.is_empty());
        for base in presets.chain(adopted.map(|_| Self::Adopted)).chain([Self::Open]) {
            if !all.contains(&base) {
                all.push(base);
            }
        }
        all
    }

    /// Returns how the base settles the open points.
    pub(crate) fn settings(&self, law: &Law) -> SwitchSettings {
        let settings = match self {
            Self::Adopted => law.settings(),
            Self::Open => Ok(SwitchSettings::default()),
            Self::Preset(id) => SwitchSettings::preset(&law.regime, id),
        };
        // What an adoption or a preset sets was checked when it was read.
        settings.unwrap_or_default()
    }
}

/// What is asked of every model.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum Asked {
    /// Whether the law covers it.
    #[default]
    Coverage,
    /// Whether it belongs to a class.
    Class(String),
    /// Whether a duty is owed.
    Duty(String),
}

impl Asked {
    fn read(regime: &Regime, text: &str) -> Option<Self> {
        match text.split_once(':') {
            None => (text == "coverage").then_some(Self::Coverage),
            Some(("class", id)) => {
                regime.classes().iter().any(|class| class.id == id).then(|| Self::Class(id.to_owned()))
            }
            Some(("duty", id)) => regime.duty(id).map(|_| Self::Duty(id.to_owned())),
            Some(_) => None,
        }
    }

    pub(crate) fn goal(&self) -> Goal<'_> {
        match self {
            Self::Coverage => Goal::Coverage,
            Self::Class(id) => Goal::Class(id),
            Self::Duty(id) => Goal::Duty(id),
        }
    }

    /// Returns the goal as written in addresses.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Coverage => "coverage".to_owned(),
            Self::Class(id) => format!("class:{id}"),
            Self::Duty(id) => format!("duty:{id}"),
        }
    }
}

/// What is asked: a law, how its open points are settled, its figures, what is moved.
#[derive(Clone)]
pub(crate) struct Question {
    pub(crate) law: Law,
    pub(crate) as_of: Date,
    pub(crate) base: Base,
    pub(crate) base_settings: SwitchSettings,
    pub(crate) settings: SwitchSettings,
    /// Figure → its new value, where that differs from the law's.
    pub(crate) changed: BTreeMap<String, String>,
    /// The law with the new figures.
    pub(crate) regime: Regime,
    pub(crate) asked: Asked,
    /// The figure that is moved; none where the law has no number.
    pub(crate) dial: Option<String>,
    /// The range as written, and how many values.
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) points: usize,
    /// What is wrong with the address; the rest is read as far as it goes.
    pub(crate) faults: Vec<Fault>,
}

/// Figures of a law that are numbers: switches, then parameters.
pub(crate) fn dials(regime: &Regime) -> Vec<&str> {
    let number = |kind: &ValueKind| matches!(kind, ValueKind::Number { .. });
    let switches = regime.switches().iter().filter(|switch| number(&switch.kind));
    let parameters = regime.parameters().iter().filter(|parameter| number(&parameter.kind));
    let switches = switches.map(|switch| switch.id.as_str());
    switches.chain(parameters.map(|parameter| parameter.id.as_str())).collect()
}

/// Returns the unit of a figure that is a number.
pub(crate) fn unit<'r>(regime: &'r Regime, dial: &str) -> Option<&'r str> {
    let switch = regime.switches().iter().find(|switch| switch.id == dial).map(|switch| &switch.kind);
    let parameter = || regime.parameters().iter().find(|parameter| parameter.id == dial);
    match switch.or_else(|| parameter().map(|parameter| &parameter.kind)) {
        Some(ValueKind::Number { unit }) => unit.as_deref(),
        _ => None,
    }
}

/// Chooses the figure that is moved where the address names none: a threshold of compute if there is one.
fn first_dial(regime: &Regime) -> Option<String> {
    let all = dials(regime);
    let compute = all.iter().find(|dial| unit(regime, dial) == Some("FLOP"));
    compute.or(all.first()).map(|dial| (*dial).to_owned())
}

impl Question {
    /// Reads what an address asks about a law, strictly: every name is known, every value fits.
    pub(crate) fn read(query: &Query, law: Law, today: Date) -> Self {
        let mut faults = Vec::new();
        let regime = law.regime.clone();
        let mut or = |name: &str, kind: FaultKind| faults.push(Fault::new(name, kind));
        let as_of = match query.get("as_of").map(str::parse) {
            Some(Ok(day)) => day,
            None => law.day(today),
            Some(Err(_)) => {
                or("as_of", FaultKind::Day);
                law.day(today)
            }
        };
        let base = query.get("base").map_or_else(
            || Base::of(&law),
            |text| {
                Base::read(&law, text).unwrap_or_else(|| {
                    or("base", FaultKind::Base);
                    Base::of(&law)
                })
            },
        );
        let asked = query.get("goal").map_or_else(Asked::default, |text| {
            Asked::read(&regime, text).unwrap_or_else(|| {
                or("goal", FaultKind::Goal);
                Asked::default()
            })
        });
        let changes = |dial: &&str| query.get(&format!("p.{dial}")).is_some();
        let dial = match query.get("dial") {
            Some(id) if dials(&regime).contains(&id) => Some(id.to_owned()),
            // What someone changes is what they want to see moved.
            None if dials(&regime).iter().any(changes) => {
                dials(&regime).into_iter().find(changes).map(str::to_owned)
            }
            other => {
                if other.is_some() {
                    or("dial", FaultKind::Dial);
                }
                first_dial(&regime)
            }
        };
        let points = match query.get("points").map(str::parse) {
            Some(Ok(points)) if (2..=MAX_POINTS).contains(&points) => points,
            None => POINTS,
            Some(_) => {
                or("points", FaultKind::Points);
                POINTS
            }
        };
        let base_settings = base.settings(&law);
        let settings = settings(query, &regime, &base_settings, &mut faults);
        let (varied, changed) = figures(query, &regime, as_of, &mut faults);
        let mut question = Self {
            law,
            as_of,
            base,
            base_settings,
            settings,
            changed,
            regime: varied,
            asked,
            dial,
            from: String::new(),
            to: String::new(),
            points,
            faults,
        };
        question.ends(query);
        question.names(query);
        question
    }

    /// Reads the ends of the range; where they are not given, around the figure as it stands.
    fn ends(&mut self, query: &Query) {
        let compute = self.dial.as_deref().and_then(|dial| unit(&self.regime, dial)) == Some("FLOP");
        let present = self.present().and_then(|value| value.to_string().parse::<f64>().ok());
        let around = match present {
            // The figure as it stands lies within the range.
            Some(value) if compute && value > 0.0 && !(COMPUTE.0..=COMPUTE.1).contains(&value) => (
                format!("{:e}", (value / 10.0).min(COMPUTE.0)),
                format!("{:e}", (value * 10.0).max(COMPUTE.1)),
            ),
            _ if compute => (format!("{:e}", COMPUTE.0), format!("{:e}", COMPUTE.1)),
            Some(value) if value > 0.0 && value <= 1.0 => ("0".to_owned(), "1".to_owned()),
            Some(value) if value > 1.0 => (format!("{:e}", value / 100.0), format!("{:e}", value * 100.0)),
            _ => ("1".to_owned(), "1e6".to_owned()),
        };
        let given = |name| query.get(name).map(str::to_owned);
        // Ends that were meant for another figure are not taken over.
        let same = query.get("moved").is_none_or(|moved| Some(moved) == self.dial.as_deref());
        let (from, to) = if same { (given("from"), given("to")) } else { (None, None) };
        self.from = from.unwrap_or(around.0);
        self.to = to.unwrap_or(around.1);
        if self.dial.is_some() && self.range().is_none() {
            self.faults.push(Fault::new("from", FaultKind::Ends));
        }
    }

    fn range(&self) -> Option<Range> {
        // Beyond what any figure can be, every step would be a number of hundreds of digits.
        let is_near = |end: &str| {
            let near = |part: &str| {
                part.trim().parse::<f64>().is_ok_and(|part| part == 0.0 || BOUNDS.contains(&part))
            };
            end.trim_end_matches([' ', '%']).split('/').all(near)
        };
        if !is_near(&self.from) || !is_near(&self.to) {
            return None;
        }
        format!("{}..{}:{}", self.from, self.to, self.points).parse().ok()
    }

    /// Refuses names that mean nothing here.
    fn names(&mut self, query: &Query) {
        let regime = &self.law.regime;
        for (name, _) in query.pairs() {
            let parameter = |id: &str| regime.parameters().iter().any(|parameter| parameter.id == id);
            let switch = |rest: &str| {
                let (id, choice) =
                    rest.split_once('.').map_or((rest, None), |(id, choice)| (id, Some(choice)));
                regime.switches().iter().find(|switch| switch.id == id).is_some_and(|switch| {
                    match &switch.kind {
                        ValueKind::Choices { values } => {
                            choice.is_none_or(|choice| values.iter().any(|value| value.id == choice))
                        }
                        _ => choice.is_none(),
                    }
                })
            };
            let known = KNOWN.contains(&name)
                || name.strip_prefix("p.").is_some_and(parameter)
                || name.strip_prefix("s.").is_some_and(switch);
            if !known {
                self.faults.push(Fault::new(name, FaultKind::Unknown));
            }
        }
    }

    /// Returns the value at which the figure that is moved stands now.
    pub(crate) fn present(&self) -> Option<Number> {
        let dial = self.dial.as_deref()?;
        let parameter = self.regime.parameters().iter().find(|parameter| parameter.id == dial);
        let text = match parameter {
            Some(parameter) => parameter.on(self.as_of)?.text.clone(),
            None => self.settings.texts().get(dial)?.clone(),
        };
        text.split(' ').next()?.parse().ok()
    }

    /// Returns the law and settings with which the new ones are compared.
    pub(crate) fn before(&self) -> Variant<'_> {
        Variant { regime: &self.law.regime, settings: &self.base_settings, as_of: self.as_of }
    }

    /// Returns the law and settings that are asked about.
    pub(crate) fn after(&self) -> Variant<'_> {
        Variant { regime: &self.regime, settings: &self.settings, as_of: self.as_of }
    }

    /// Returns whether anything differs from what it is compared with.
    pub(crate) fn differs(&self) -> bool {
        !self.changed.is_empty() || self.settings != self.base_settings
    }
}

/// Japanese units of periods, as typed, and as regimes have them.
const PERIODS: [(&str, &str); 10] = [
    ("営業日", "business day"),
    ("開庁日", "working day"),
    ("時間", "hour"),
    ("週間", "week"),
    ("か月", "month"),
    ("ヶ月", "month"),
    ("カ月", "month"),
    ("箇月", "month"),
    ("年", "year"),
    ("日", "day"),
];

/// Returns a value as regimes write it: a period may be typed in Japanese too, as in `30日`.
fn read(kind: &ValueKind, typed: &str) -> String {
    if *kind != ValueKind::Period {
        return typed.to_owned();
    }
    let text: String = typed.nfkc().collect();
    let unit = |(ja, en): &(&str, &str)| {
        text.trim().strip_suffix(ja).map(|count| (count.trim().to_owned(), (*en).to_owned()))
    };
    match PERIODS.iter().find_map(unit) {
        Some((count, unit)) => format!("{count} {unit}{}", if count == "1" { "" } else { "s" }),
        None => typed.to_owned(),
    }
}

/// Reads how the open points are settled: as in the base, with what the address says instead. A form
/// that shows all of them says so; then what is left empty is left open.
fn settings(
    query: &Query,
    regime: &Regime,
    base: &SwitchSettings,
    faults: &mut Vec<Fault>,
) -> SwitchSettings {
    let all = query.get("given").is_some();
    let mut settings = if all { SwitchSettings::default() } else { base.clone() };
    for switch in regime.switches() {
        let name = format!("s.{}", switch.id);
        let ticked: Vec<&str> = match &switch.kind {
            ValueKind::Choices { values } => values
                .iter()
                .filter(|value| query.get(&format!("{name}.{}", value.id)).is_some())
                .map(|value| value.id.as_str())
                .collect(),
            _ => Vec::new(),
        };
        let ticked = (!ticked.is_empty()).then(|| ticked.join(","));
        let given = query.get(&name).map(|text| read(&switch.kind, text));
        match given.or(ticked).as_deref() {
            Some("open") => settings.unset(&switch.id),
            Some(text) if text.starts_with('-') || settings.set(regime, &switch.id, text).is_err() => {
                faults.push(Fault::value(&name, text, &switch.kind));
            }
            Some(_) | None => {}
        }
    }
    settings
}

/// Reads the law's figures with the changes that the address makes, and which do change something.
fn figures(
    query: &Query,
    regime: &Regime,
    as_of: Date,
    faults: &mut Vec<Fault>,
) -> (Regime, BTreeMap<String, String>) {
    let mut changed = BTreeMap::new();
    let mut varied = regime.clone();
    for parameter in regime.parameters() {
        let name = format!("p.{}", parameter.id);
        let Some(typed) = query.get(&name) else { continue };
        let text = read(&parameter.kind, typed);
        let Ok(with) = varied.with_parameters([(parameter.id.as_str(), text.as_str())]) else {
            faults.push(Fault::value(&name, typed, &parameter.kind));
            continue;
        };
        let on = |regime: &Regime| {
            let parameter = regime.parameters().iter().find(|known| known.id == parameter.id)?;
            parameter.on(as_of).map(|dated| dated.text.clone())
        };
        let new = on(&with);
        if new != on(regime) {
            changed.insert(parameter.id.clone(), new.unwrap_or_default());
            varied = with;
        }
    }
    (varied, changed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_are_read_in_both_languages() {
        let read = |text| read(&ValueKind::Period, text);
        assert_eq!(read("30 days"), "30 days");
        assert_eq!(read("３０日"), "30 days");
        assert_eq!(read("1か月"), "1 month");
        assert_eq!(read("5 営業日"), "5 business days");
        assert_eq!(read("いつか"), "いつか");
        assert_eq!(super::read(&ValueKind::Text, "30日"), "30日");
    }
}
