//! Axes: where the ticks of a chart stand, and what they say.

use std::fmt::Write as _;

/// Decades up to which an axis of powers of ten has 2 and 5 between them.
const FEW: f64 = 2.5;
/// Most steps of an axis with equal steps.
const STEPS: f64 = 5.0;
/// From here on, numbers are written with a power of ten.
const LARGE: f64 = 1e9;
const SMALL: f64 = 1e-4;
/// The same on an axis of powers of ten.
const LARGE_POWER: f64 = 1e6;
const SMALL_POWER: f64 = 1e-3;

/// A tick.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tick {
    pub(super) value: f64,
    /// What it says, as markup.
    pub(super) label: String,
    /// How wide that is, in characters.
    pub(super) width: f64,
    /// Whether it gives way where there is no room.
    pub(super) minor: bool,
}

impl Tick {
    fn new(value: f64, step: f64, raised: bool, minor: bool) -> Self {
        let (label, width) = written(value, step, raised);
        Self { value, label, width, minor }
    }
}

/// Returns the ticks between two values, the ends included.
pub(super) fn ticks(low: f64, high: f64, logarithmic: bool) -> Vec<Tick> {
    if high.partial_cmp(&low) != Some(std::cmp::Ordering::Greater) {
        return Vec::new();
    }
    if logarithmic && low > 0.0 { powers(low, high) } else { steps(low, high) }
}

/// Returns the size of the steps between round values: 1, 2 or 5 with a power of ten.
pub(super) fn step(span: f64, most: f64) -> f64 {
    let least = span / most;
    let unit = 10_f64.powf(least.log10().floor());
    // What is computed may miss a round value by a hair.
    [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|factor| factor * unit)
        .find(|step| *step >= least * 0.999_999)
        .unwrap_or(unit)
}

fn steps(low: f64, high: f64) -> Vec<Tick> {
    let step = step(high - low, STEPS);
    let (first, last) = ((low / step - 1e-6).ceil(), (high / step + 1e-6).floor());
    let raised = is_raised(low, high, SMALL, LARGE);
    let mut ticks = Vec::new();
    let mut at = first;
    while at <= last {
        ticks.push(Tick::new(at * step, step, raised, false));
        at += 1.0;
    }
    ticks
}

/// Returns powers of ten and, where they are few, twice and five times each.
fn powers(low: f64, high: f64) -> Vec<Tick> {
    let (from, to) = (low.log10(), high.log10());
    let raised = is_raised(low, high, SMALL_POWER, LARGE_POWER);
    // Of very many decades only every second, fifth … is named.
    let every = step((to - from).max(STEPS), 2.0 * STEPS).max(1.0);
    let factors: &[f64] = if to - from <= FEW { &[1.0, 2.0, 5.0] } else { &[1.0] };
    let mut ticks = Vec::new();
    let mut power = ((from - 1.0) / every).floor() * every;
    while power <= to + 1e-6 {
        let unit = 10_f64.powf(power);
        for factor in factors {
            let value = factor * unit;
            if value >= low * 0.999_999 && value <= high * 1.000_001 {
                ticks.push(Tick::new(value, unit, raised, *factor > 1.0));
            }
        }
        power += every;
    }
    ticks
}

fn is_raised(low: f64, high: f64, small: f64, large: f64) -> bool {
    let least = [low.abs(), high.abs()].into_iter().filter(|end| *end > 0.0).fold(f64::MAX, f64::min);
    let most = low.abs().max(high.abs());
    most >= large || (low > 0.0 && least < small) || most < small
}

/// Writes a value: `500,000`, `0.05`, `2 × 10²⁵`.
fn written(value: f64, step: f64, raised: bool) -> (String, f64) {
    if value.abs() < step * 1e-6 {
        return ("0".to_owned(), 1.0);
    }
    if !raised {
        let text = grouped(&format!("{value:.*}", decimals(step)));
        let width = length(&text);
        return (text, width);
    }
    let power = (value.abs() * 1.000_000_1).log10().floor();
    let unit = 10_f64.powf(power);
    let mantissa = format!("{:.*}", decimals(step / unit), value / unit);
    let digits = format!("{power}").replace('-', "−");
    let factor = if mantissa == "1" { String::new() } else { format!("{mantissa} × ") };
    let width = length(&factor) + 2.0 + 0.75 * length(&digits);
    let mut label = format!("{factor}10");
    let _ = write!(label, "<tspan dy=\"-5\" font-size=\"75%\">{digits}</tspan>");
    (label, width)
}

/// Returns how many decimals tell steps of a size apart.
fn decimals(step: f64) -> usize {
    let mut size = step;
    let mut decimals = 0;
    while size < 0.999_999 && decimals < 12 {
        size *= 10.0;
        decimals += 1;
    }
    decimals
}

fn grouped(number: &str) -> String {
    let (whole, fraction) =
        number.split_once('.').map_or((number, None), |(whole, rest)| (whole, Some(rest)));
    let (sign, digits) = whole.strip_prefix('-').map_or(("", whole), |digits| ("−", digits));
    let mut text = String::from(sign);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    if let Some(fraction) = fraction {
        let _ = write!(text, ".{fraction}");
    }
    text
}

/// Returns how wide a text is, in characters of the Latin alphabet.
#[expect(clippy::cast_precision_loss, reason = "texts are short")]
pub(super) fn length(text: &str) -> f64 {
    let wide = text.chars().filter(|c| *c >= '\u{1100}').count();
    (text.chars().count() + wide) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(low: f64, high: f64, logarithmic: bool) -> Vec<String> {
        let plain =
            |label: &str| label.replace("<tspan dy=\"-5\" font-size=\"75%\">", "^").replace("</tspan>", "");
        ticks(low, high, logarithmic).iter().map(|tick| plain(&tick.label)).collect()
    }

    #[test]
    fn an_axis_of_powers_of_ten_has_round_ticks() {
        assert_eq!(labels(1e23, 1e27, true), ["10^23", "10^24", "10^25", "10^26", "10^27"]);
        assert_eq!(labels(3e21, 4e25, true), ["10^22", "10^23", "10^24", "10^25"]);
        assert_eq!(
            labels(5e22, 5e24, true),
            ["5 × 10^22", "10^23", "2 × 10^23", "5 × 10^23", "10^24", "2 × 10^24", "5 × 10^24"]
        );
        assert_eq!(labels(1e2, 1e5, true), ["100", "1,000", "10,000", "100,000"]);
        assert_eq!(labels(1e-3, 1.0, true), ["0.001", "0.01", "0.1", "1"]);
        assert!(ticks(1e-12, 1e40, true).len() <= 12);
    }

    #[test]
    fn an_axis_of_equal_steps_has_round_ticks() {
        assert_eq!(labels(3.0, 47.0, false), ["10", "20", "30", "40"]);
        assert_eq!(labels(0.0, 1.0, false), ["0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
        assert_eq!(labels(0.01, 0.1, false), ["0.02", "0.04", "0.06", "0.08", "0.10"]);
        assert_eq!(
            labels(1e25, 3e25, false),
            ["1.0 × 10^25", "1.5 × 10^25", "2.0 × 10^25", "2.5 × 10^25", "3.0 × 10^25"]
        );
        assert_eq!(labels(0.0, 2e9, false), ["0", "5 × 10^8", "1.0 × 10^9", "1.5 × 10^9", "2.0 × 10^9"]);
        assert_eq!(labels(100_000.0, 900_000.0, false), ["200,000", "400,000", "600,000", "800,000"]);
        assert_eq!(labels(-5.0, 5.0, false), ["−4", "−2", "0", "2", "4"]);
        assert!(ticks(1.0, 1.0, false).is_empty() && ticks(f64::NAN, 1.0, true).is_empty());
    }
}
