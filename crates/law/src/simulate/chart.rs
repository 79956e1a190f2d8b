//! Charts as SVG: shapes and numbers, drawn with the classes of a style sheet. Each is to stand beside
//! a table of the same numbers.

mod axis;
mod band;

use std::fmt::Write as _;

use super::Tally;
pub use band::{Words, band};

/// Height of the tallest bar, in the chart's units.
const TALLEST: usize = 172;
/// Where bars stand.
const GROUND: usize = 206;
/// Bars of at least this height carry their number inside, others beside them.
const ROOMY: usize = 18;
/// From one bar to the next, and a bar's width: the gap has room for a number of three digits.
const PITCH: usize = 74;
const BAR: usize = 40;
/// Numbers beside a bar are so far apart.
const LINE: usize = 15;

/// The style of a chart that stands alone, outside a page: as in the portal's style sheet.
const STYLE: &str = "<style>text{font:12px sans-serif;fill:#1a1a1c}.soft{fill:#626264}.bold{font-weight:700}\
.on-key{fill:#fff}rect.covered,.area-covered{fill:#0017c1}rect.not-covered{fill:#e6e6e6}\
rect.undetermined,.area-undetermined{fill:#7096f8;fill-opacity:.45}.axis,.grid{stroke:#949494;fill:none}\
.grid{stroke-opacity:.4}.line-covered{stroke:#0017c1;stroke-width:2;fill:none}\
.leader{stroke:#949494;fill:none}.tick{stroke:#949494;fill:none}.line-at-most{stroke:#0017c1;stroke-width:1.5;stroke-dasharray:4 3;fill:none}.halo{fill:#fff}</style>";

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
    let width = (16 + years.len() * PITCH).max(300);
    let mut svg = format!(
        "<svg class=\"chart\" viewBox=\"0 0 {width} 236\" role=\"img\" aria-labelledby=\"{id}\"><title id=\"{id}\">{}</title>",
        escape(title)
    );
    for (at, (year, tally)) in years.iter().enumerate() {
        let x = 16 + at * PITCH;
        stack(&mut svg, x, *tally, most);
        let _ = write!(svg, "<text x=\"{}\" y=\"226\" text-anchor=\"middle\">{year}</text>", x + BAR / 2);
    }
    let _ = write!(
        svg,
        "<line class=\"axis\" x1=\"8\" x2=\"{}\" y1=\"{GROUND}\" y2=\"{GROUND}\"/></svg>",
        8 + years.len() * PITCH
    );
    svg
}

/// Draws one stack with its numbers.
fn stack(svg: &mut String, x: usize, tally: Tally, most: usize) {
    let parts = [
        ("covered", "bold on-key", "", tally.covered),
        ("undetermined", "soft", " fill=\"url(#hatch)\"", tally.undetermined),
        ("not-covered", "soft", "", tally.not_covered),
    ];
    let mut y = GROUND;
    // Numbers that stand beside the bar: the middle of their part, class and number, from below.
    let mut beside: Vec<(usize, &str, usize)> = Vec::new();
    for (class, text, fill, count) in parts {
        if count == 0 {
            continue;
        }
        let height = (count * TALLEST / most.max(1)).max(2);
        y = y.saturating_sub(height);
        let _ = write!(
            svg,
            "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{BAR}\" height=\"{height}\"{fill}/>"
        );
        let label = y + height / 2;
        if height < ROOMY {
            beside.push((label, if class == "covered" { "bold" } else { "soft" }, count));
            continue;
        }
        let middle = x + BAR / 2;
        if class == "undetermined" {
            let _ = write!(
                svg,
                "<rect class=\"halo\" x=\"{}\" y=\"{}\" width=\"34\" height=\"17\" rx=\"4\"/>",
                middle - 17,
                label.saturating_sub(8)
            );
        }
        let _ = write!(
            svg,
            "<text class=\"{text}\" x=\"{middle}\" y=\"{}\" text-anchor=\"middle\">{count}</text>",
            label + 5
        );
    }
    let mut free = GROUND - 4;
    for (part, class, count) in beside {
        let middle = part.min(free);
        let _ = write!(
            svg,
            "<path class=\"leader\" d=\"M{} {part}L{} {middle}\"/><text class=\"{class}\" x=\"{}\" y=\"{}\">{count}</text>",
            x + BAR,
            x + BAR + 5,
            x + BAR + 7,
            middle + 4
        );
        free = middle.saturating_sub(LINE);
    }
}
