//! Charts as SVG: shapes and numbers, drawn with the classes of a style sheet. Each is to stand beside
//! a table of the same numbers.

use std::fmt::Write as _;

use super::{Sweep, Tally};

/// Height of the tallest bar, in the chart's units.
const TALLEST: usize = 172;
/// Where bars stand.
const GROUND: usize = 206;
/// Bars of at least this height carry their number inside.
const ROOMY: usize = 16;

/// The style of a chart that stands alone, outside a page: as in the portal's style sheet.
const STYLE: &str = "<style>text{font:12px sans-serif;fill:#1a1a1c}.soft{fill:#626264}.bold{font-weight:700}\
.on-key{fill:#fff}rect.covered,.area-covered{fill:#0017c1}rect.not-covered{fill:#e6e6e6}\
rect.undetermined,.area-undetermined{fill:#7096f8;fill-opacity:.45}.axis,.grid{stroke:#949494;fill:none}\
.grid{stroke-opacity:.4}.line-covered{stroke:#0017c1;stroke-width:2;fill:none}\
.line-at-most{stroke:#0017c1;stroke-width:1.5;stroke-dasharray:4 3;fill:none}.halo{fill:#fff}</style>";

/// Makes a chart a file of its own.
pub fn standalone(svg: &str) -> String {
    match svg.split_once('>') {
        Some((head, rest)) => format!("{head} xmlns=\"http://www.w3.org/2000/svg\">{STYLE}{rest}\n"),
        None => svg.to_owned(),
    }
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            control if control.is_control() => escaped.push(' '),
            other => escaped.push(other),
        }
    }
    escaped
}

/// Draws a stack of covered, undetermined and not covered models for each year. `most` is the largest
/// stack of all charts that stand side by side; undetermined bars are filled with the page's `#hatch`.
pub fn stacks(id: &str, title: &str, years: &[(i16, Tally)], most: usize) -> String {
    let mut svg = format!(
        "<svg class=\"chart\" viewBox=\"0 0 {} 236\" role=\"img\" aria-labelledby=\"{id}\"><title id=\"{id}\">{}</title>",
        (20 + years.len() * 70).max(300),
        escape(title)
    );
    for (at, (year, tally)) in years.iter().enumerate() {
        let x = 20 + at * 70;
        let mut y = GROUND;
        let parts = [
            ("covered", "bold on-key", "", tally.covered),
            ("undetermined", "soft", " fill=\"url(#hatch)\"", tally.undetermined),
            ("not-covered", "soft", "", tally.not_covered),
        ];
        for (class, text, fill, count) in parts {
            if count == 0 {
                continue;
            }
            let height = (count * TALLEST / most.max(1)).max(2);
            y = y.saturating_sub(height);
            let _ = write!(
                svg,
                "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"50\" height=\"{height}\"{fill}/>"
            );
            if height >= ROOMY {
                let (middle, label) = (x + 25, y + height / 2);
                if class == "undetermined" {
                    let _ = write!(
                        svg,
                        "<rect class=\"halo\" x=\"{}\" y=\"{}\" width=\"30\" height=\"19\" rx=\"4\"/>",
                        middle - 15,
                        label.saturating_sub(10)
                    );
                }
                let _ = write!(
                    svg,
                    "<text class=\"{text}\" x=\"{middle}\" y=\"{}\" text-anchor=\"middle\">{count}</text>",
                    label + 5
                );
            } else if class == "covered" {
                let _ = write!(
                    svg,
                    "<text class=\"bold\" x=\"{}\" y=\"{GROUND}\" text-anchor=\"end\">{count}</text>",
                    x - 3
                );
            }
        }
        let _ = write!(svg, "<text x=\"{}\" y=\"226\" text-anchor=\"middle\">{year}</text>", x + 25);
    }
    let _ = write!(
        svg,
        "<line class=\"axis\" x1=\"8\" x2=\"{}\" y1=\"{GROUND}\" y2=\"{GROUND}\"/></svg>",
        16 + years.len() * 70
    );
    svg
}

/// What a chart of a sweep says in words.
#[derive(Debug, Clone, Copy)]
pub struct Words<'w> {
    /// The title.
    pub title: &'w str,
    /// What stands along the figure's axis: its name and unit.
    pub figure: &'w str,
    /// The line of those covered.
    pub covered: &'w str,
    /// The line of those covered or undetermined.
    pub at_most: &'w str,
}

/// Width and height of a chart of a sweep, and where its axes stand.
const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 300.0;
const LEFT: f64 = 48.0;
const RIGHT: f64 = 16.0;
const TOP: f64 = 28.0;
const BOTTOM: f64 = 44.0;

/// Draws how many models are covered at each value of a figure: a band between those covered and those
/// covered or undetermined. Equal ratios are equally far apart where `logarithmic`.
pub fn band(id: &str, words: Words<'_>, sweep: &Sweep, logarithmic: bool) -> String {
    let place = |value: f64| if logarithmic { value.max(f64::MIN_POSITIVE).log10() } else { value };
    let values: Vec<f64> = sweep.points.iter().map(|point| place(point.value.to_f64())).collect();
    let low = values.first().copied().unwrap_or(0.0);
    let high = values.last().copied().unwrap_or(1.0);
    let most = sweep.points.iter().map(|point| point.counts.models.at_most()).max().unwrap_or(0).max(1);
    let x = |value: f64| LEFT + (value - low) / (high - low).max(f64::MIN_POSITIVE) * (WIDTH - LEFT - RIGHT);
    let y = |count: usize| HEIGHT - BOTTOM - ratio(count, most) * (HEIGHT - TOP - BOTTOM);
    let line = |of: fn(&Tally) -> usize| {
        let mut path = String::new();
        for (value, point) in values.iter().zip(&sweep.points) {
            let step = if path.is_empty() { 'M' } else { 'L' };
            let _ = write!(path, "{step}{:.1} {:.1}", x(*value), y(of(&point.counts.models)));
        }
        path
    };
    let (covered, at_most) = (line(|tally| tally.covered), line(|tally| tally.at_most()));
    let back: Vec<String> = values
        .iter()
        .zip(&sweep.points)
        .rev()
        .map(|(value, point)| format!("L{:.1} {:.1}", x(*value), y(point.counts.models.covered)))
        .collect();
    let mut svg = format!(
        "<svg class=\"chart\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-labelledby=\"{id}\"><title id=\"{id}\">{}</title>",
        escape(words.title)
    );
    for part in 0..=4 {
        let count = most * part / 4;
        let _ = write!(
            svg,
            "<path class=\"grid\" d=\"M{LEFT} {y:.1}H{right}\"/><text class=\"soft\" x=\"{x}\" y=\"{text:.1}\" text-anchor=\"end\">{count}</text>",
            y = y(count),
            right = WIDTH - RIGHT,
            x = LEFT - 6.0,
            text = y(count) + 4.0
        );
    }
    let _ = write!(
        svg,
        "<path class=\"area-undetermined\" d=\"{at_most}{}Z\"/><path class=\"line-at-most\" d=\"{at_most}\"/><path class=\"line-covered\" d=\"{covered}\"/>",
        back.concat()
    );
    let _ = write!(
        svg,
        "<path class=\"axis\" d=\"M{LEFT} {ground}H{right}\"/>",
        ground = HEIGHT - BOTTOM,
        right = WIDTH - RIGHT
    );
    let marks = sweep.points.len().saturating_sub(1);
    for part in 0..=4 {
        let Some(point) = sweep.points.get(marks * part / 4) else { continue };
        let _ = write!(
            svg,
            "<text class=\"soft\" x=\"{:.1}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
            x(place(point.value.to_f64())),
            HEIGHT - BOTTOM + 16.0,
            point.value
        );
    }
    let _ = write!(
        svg,
        "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>",
        WIDTH - RIGHT,
        HEIGHT - 8.0,
        escape(words.figure)
    );
    let legend = [("line-covered", words.covered), ("line-at-most", words.at_most)];
    for ((class, text), x) in legend.into_iter().zip([LEFT, LEFT + 200.0]) {
        let _ = write!(
            svg,
            "<path class=\"{class}\" d=\"M{x} 14h24\"/><text x=\"{}\" y=\"18\">{}</text>",
            x + 30.0,
            escape(text)
        );
    }
    svg.push_str("</svg>");
    svg
}

#[expect(clippy::cast_precision_loss, reason = "counts of models are small")]
fn ratio(count: usize, most: usize) -> f64 {
    count as f64 / most as f64
}
