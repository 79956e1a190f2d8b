//! The shipped data under the shipped regimes, and small data sets.

use jiff::civil::date;
use proptest::prelude::*;

use super::*;
use crate::Goal;
use crate::assess::assess;
use crate::assessment::Coverage;
use crate::record::{FactValue, Record};
use crate::regime::Regime;
use crate::settings::SwitchSettings;
use crate::testing::{Chance, DAY, all_shipped, shipped};
use crate::truth::Truth;

const MODELS: &[u8] = include_bytes!("../../../../data/models/large_scale_ai_models.csv");
const COLUMNS: &str = include_str!("../../../../data/models/columns.toml");

const SMALL: &str = r#"
[data]
name = "model"
date = "day"
country = "country"
developer = "developer"
as_of = "2026-11-24"
source = { ja = "試験", en = "a test" }
licence = "none"

[fact.compute_cumulative]
column = "compute"
low = "low"
high = "high"
unit = "FLOP"

[fact.general_purpose]
column = "general"

[fact.services_in_japan]
assume = "true"
"#;

const CSV: &str = "model,day,country,developer,compute,low,high,general\n\
    exact,2024-05-01,Japan,One,1e25,,,true\n\
    below,2024-01-01,Japan,One,9e24,,,true\n\
    between,2025-01-01,\"Japan, France\",\"One, Two\",,8e24,2e25,true\n\
    nothing,2025-06-01,France,Two,,,,true\n\
    narrow,2025-07-01,France,Two,1e26,,,false\n";

fn basic_law() -> (Regime, SwitchSettings) {
    let regime = shipped("jp-basic-law-2024");
    let mut settings = SwitchSettings::preset(&regime, "illustration").unwrap();
    settings.set(&regime, "compute_threshold", "1e25 FLOP").unwrap();
    (regime, settings)
}

fn small(regime: &Regime) -> Models {
    Models::read(CSV.as_bytes(), &Columns::read(SMALL).unwrap(), regime).unwrap()
}

fn tally(covered: usize, undetermined: usize, not_covered: usize) -> Tally {
    Tally { covered, undetermined, not_covered }
}

#[test]
fn a_model_without_a_compute_figure_is_undetermined_at_every_threshold() {
    let (regime, settings) = basic_law();
    let columns = Columns::read(COLUMNS).unwrap();
    let models = Models::read(MODELS, &columns, &regime).unwrap();
    let variant = Variant { regime: &regime, settings: &settings, as_of: DAY };
    let dial = Dial::find(&regime, "compute_threshold").unwrap();
    let values = ["1e25".parse().unwrap(), "1e26".parse().unwrap()];
    let found = sweep(variant, &models, Goal::Coverage, &dial, &values).unwrap();
    assert_eq!(found.points[0].counts.models, tally(20, 187, 266));
    assert_eq!(found.points[1].counts.models, tally(3, 187, 283));
    let table = apply(variant, &models).coverage();
    assert_eq!(table.counts(), found.points[0].counts);
    assert_eq!(table.by_year()[&2024], tally(8, 64, 96));
    assert_eq!(table.by_country()["Japan"].covered, 0);
    assert_eq!(table.counts().first.unwrap().year(), 2023);
}

#[test]
fn the_ai_act_takes_its_own_two_thresholds() {
    let regime = shipped("eu-gpai");
    let models = Models::read(MODELS, &Columns::read(COLUMNS).unwrap(), &regime).unwrap();
    let settings = SwitchSettings::default();
    let applied = apply(Variant { regime: &regime, settings: &settings, as_of: DAY }, &models);
    let (all, systemic) = (applied.coverage().total(), applied.last_class().unwrap().total());
    assert!(all.covered > 200 && systemic.covered < 21 && systemic.covered > 10, "{all:?} {systemic:?}");
    assert!(all.undetermined >= 187, "{all:?}");
}

#[test]
fn a_developer_is_covered_with_any_of_its_models_and_open_with_any_that_is_open() {
    let (regime, settings) = basic_law();
    let models = small(&regime);
    let variant = Variant { regime: &regime, settings: &settings, as_of: DAY };
    let counts = apply(variant, &models).coverage().counts();
    assert_eq!(counts.models, tally(1, 2, 2));
    assert_eq!(counts.developers, tally(1, 1, 0));
    assert_eq!(counts.countries, tally(1, 1, 0));
    assert_eq!(counts.first, Some(date(2024, 5, 1)));
    assert_eq!(counts.first_possible, Some(date(2024, 5, 1)));
}

#[test]
fn at_the_margin_are_figures_that_equal_the_threshold_or_straddle_it() {
    let (regime, settings) = basic_law();
    let variant = Variant { regime: &regime, settings: &settings, as_of: DAY };
    let dial = Dial::find(&regime, "compute_threshold").unwrap();
    let values = ["1e25", "1.5e25", "1e26"].map(|value| value.parse().unwrap());
    let found = sweep(variant, &small(&regime), Goal::Coverage, &dial, &values).unwrap();
    let margins: Vec<_> = found.points.iter().map(|point| point.margin.join(" ")).collect();
    assert_eq!(margins, ["exact between", "between", ""]);
}

#[test]
fn what_a_change_does_has_a_lower_and_an_upper_bound() {
    let (regime, old) = basic_law();
    let mut new = old.clone();
    new.set(&regime, "compute_threshold", "9e24 FLOP").unwrap();
    let models = small(&regime);
    let variant = |settings| Variant { regime: &regime, settings, as_of: DAY };
    let lower = difference(variant(&old), variant(&new), &models, &models);
    assert_eq!((lower.old.models.covered, lower.new.models.covered), (1, 2));
    // `between` and `nothing` may lie between the thresholds.
    assert_eq!(lower.newly_covered, Bounds { at_least: 1, at_most: 3 });
    assert_eq!(lower.no_longer_covered, Bounds { at_least: 0, at_most: 0 });
    assert_eq!(lower.changes.len(), 1);
    assert_eq!((lower.changes[0].model.as_str(), lower.changes[0].new), ("below", Truth::True));
    let same = difference(variant(&old), variant(&old), &models, &models);
    assert_eq!(same.newly_covered, Bounds::default());
    assert!(same.changes.is_empty() && same.duties.is_empty());
}

#[test]
fn a_duty_that_is_newly_owed_is_named_with_a_model() {
    let regime = shipped("eu-gpai");
    let settings = SwitchSettings::default();
    let data = r#"[{"model": "big", "day": "2026-01-01", "country": "X", "developer": "D", "compute": 2e25,
        "low": null, "high": null, "general": true}]"#;
    let columns = SMALL.replace("services_in_japan", "placed_on_union_market")
        + "[fact.modifies_model]\nassume = \"false\"\n";
    let models = Models::read(data.as_bytes(), &Columns::read(&columns).unwrap(), &regime).unwrap();
    let variant = |as_of| Variant { regime: &regime, settings: &settings, as_of };
    let found = difference(variant(date(2026, 8, 1)), variant(date(2027, 8, 3)), &models, &models);
    let duty = found.duties.iter().find(|duty| duty.duty == "training-summary").unwrap();
    assert_eq!((duty.old, duty.new), (Some(tally(0, 1, 0)), Some(tally(1, 0, 0))));
    assert_eq!(duty.newly_owed, ["big"]);
}

#[test]
fn settings_stand_side_by_side_with_the_models_that_they_answer_differently() {
    let (regime, strict) = basic_law();
    let mut light = strict.clone();
    light.set(&regime, "target", "false").unwrap();
    let models = small(&regime);
    let variant = |settings| Variant { regime: &regime, settings, as_of: DAY };
    let sides = [("strict", variant(&strict), &models), ("light", variant(&light), &models)];
    let found = compare(&sides, Goal::Coverage).unwrap();
    assert_eq!(found.sides[1].counts.models, tally(0, 0, 5));
    let named: Vec<_> = found.differing.iter().map(|row| row.model.as_str()).collect();
    assert_eq!(named, ["exact", "between", "nothing"]);
    assert!(compare(&sides, Goal::Class("no-such-class")).is_err());
}

#[test]
fn rows_as_json_read_as_rows_as_csv_do() {
    let (regime, _) = basic_law();
    let json = r#"[
        {"model": "exact", "day": "2024-05-01", "country": "Japan", "developer": "One", "compute": 1e25, "general": true, "low": null, "high": null},
        {"model": "below", "day": "2024-01-01", "country": "Japan", "developer": "One", "compute": "9e24", "general": true},
        {"model": "between", "day": "2025-01-01", "country": "Japan, France", "developer": "One, Two", "compute": {"low": "8e24 FLOP", "high": "2e25 FLOP"}, "general": true},
        {"model": "nothing", "day": "2025-06-01", "country": "France", "developer": "Two", "general": true},
        {"model": "narrow", "day": "2025-07-01", "country": "France", "developer": "Two", "compute": 1e26, "general": false}]"#;
    let columns = Columns::read(SMALL).unwrap();
    assert_eq!(Models::read(json.as_bytes(), &columns, &regime).unwrap(), small(&regime));
}

#[test]
fn data_that_cannot_be_read_is_refused_with_its_place() {
    let (regime, _) = basic_law();
    let columns = Columns::read(SMALL).unwrap();
    let refused = |data: &str| Models::read(data.as_bytes(), &columns, &regime).unwrap_err().to_string();
    assert!(refused("model\nx\n").contains("\"compute\""));
    assert!(refused(&CSV.replace("9e24", "much")).starts_with("row 2: fact `compute_cumulative`"));
    assert!(refused("[1]").contains("JSON array of objects"));
    assert!(refused(&CSV.replace("8e24,2e25", "2e25,8e24")).starts_with("row 3"));
    let other = Columns::read(&SMALL.replace("[fact.", "[regime.other.fact.")).unwrap();
    let error = Models::read(CSV.as_bytes(), &other, &regime).unwrap_err();
    assert!(matches!(error, DataError::NoRegime(_)), "{error}");
}

#[test]
fn a_range_has_exact_ends_and_values_that_can_be_named() {
    let texts = |range: &str| {
        let range: Range = range.parse().unwrap();
        range.values().iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(texts("1e23..1e27:5"), ["1e23", "1e24", "1e25", "1e26", "1e27"]);
    assert_eq!(texts("10..20:3"), ["10", "15", "20"]);
    assert_eq!(texts("0..1:2"), ["0", "1"]);
    let even: Range = "1e3..1e6:4".parse().unwrap();
    assert_eq!(even.in_equal_steps().values()[1].to_string(), "334000");
    for wrong in ["", "1..", "2..1", "1..1", "1..2:1", "1..2:99999", "a..b"] {
        assert!(wrong.parse::<Range>().is_err(), "{wrong}");
    }
}

#[test]
fn a_chart_stands_alone_and_shows_outside_text_as_text() {
    let (regime, settings) = basic_law();
    let variant = Variant { regime: &regime, settings: &settings, as_of: DAY };
    let dial = Dial::find(&regime, "compute_threshold").unwrap();
    let range: Range = "1e23..1e27:9".parse().unwrap();
    let found = sweep(variant, &small(&regime), Goal::Coverage, &dial, &range.values()).unwrap();
    let words = chart::Words { title: "<b>&", figure: "FLOP", covered: "covered", at_most: "at most" };
    let svg = chart::standalone(&chart::band("c", words, &found, range.is_logarithmic()));
    assert!(svg.starts_with("<svg") && svg.contains("xmlns=") && svg.contains("&lt;b&gt;&amp;"));
    assert!(!svg.contains("NaN") && !svg.contains("inf"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_sweep_answers_at_each_value_as_the_assessment_does(seed in any::<u64>()) {
        let mut chance = Chance(seed);
        let (regime, _) = basic_law();
        let settings = chance.settings(&regime);
        let dial = Dial::find(&regime, "compute_threshold").unwrap();
        // In order, where steps are looked for, and out of order, where every value is looked at.
        let mut values: Vec<_> = (0..12).map(|_| chance.number()).collect();
        if seed % 2 == 0 {
            values.sort();
            values.dedup();
        }
        let models = small(&regime);
        let variant = Variant { regime: &regime, settings: &settings, as_of: DAY };
        let found = sweep(variant, &models, Goal::Coverage, &dial, &values).unwrap();
        for (value, point) in values.iter().zip(&found.points) {
            let mut settings = settings.clone();
            settings.set(&regime, "compute_threshold", &format!("{value} FLOP")).unwrap();
            let table = apply(Variant { settings: &settings, ..variant }, &models).coverage();
            prop_assert_eq!(table.counts(), point.counts);
            let alone = sweep(variant, &models, Goal::Coverage, &dial, std::slice::from_ref(value)).unwrap();
            prop_assert_eq!(&alone.points[0].margin, &point.margin);
        }
    }
}

#[test]
fn every_row_is_answered_as_the_assessment_answers_it() {
    let (regime, settings) = basic_law();
    let models = small(&regime);
    let variant = Variant { regime: &regime, settings: &settings, as_of: DAY };
    let number = |text: &str| text.parse().ok();
    let unit = || Some("FLOP".to_owned());
    let figures = [
        (number("1e25"), number("1e25")),
        (number("9e24"), number("9e24")),
        (number("8e24"), number("2e25")),
    ];
    let table = apply(variant, &models).coverage();
    for ((_, truth), (low, high)) in table.rows().zip(figures) {
        let mut record = Record::default();
        record.state("compute_cumulative", FactValue::Range { low, high, unit: unit() });
        record.state("general_purpose", FactValue::Boolean(true));
        record.state("services_in_japan", FactValue::Boolean(true));
        let assessed = assess(&regime, &settings, &record, DAY).unwrap();
        assert_eq!(Coverage::from(truth), assessed.coverage);
    }
    assert!(!all_shipped().is_empty());
}
