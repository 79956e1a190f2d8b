//! Charts as SVG: shapes and numbers, drawn with classes of the style sheet. Each stands beside a
//! table of the same numbers.

use std::fmt::Write as _;

use crate::coverage::Tally;

use super::format::group;
use super::parts::{Html, escape};

/// Draws a stack of covered, undetermined and not covered models for each year.
pub(crate) fn stacks(id: &str, title: &str, years: &[(i16, Tally)], most: usize) -> Html {
    Html(law::simulate::chart::stacks(id, title, years, most))
}

/// A result in percent with its interval.
pub(crate) struct Span {
    pub(crate) low: f64,
    pub(crate) value: f64,
    pub(crate) high: f64,
    /// Drawn as the verifier's triangle; otherwise as the developer's dot.
    pub(crate) external: bool,
}

/// Draws results with their intervals, one below the other, on a scale from 0 to 100 %.
pub(crate) fn spans(label: &str, spans: &[Span]) -> Html {
    let at = |value: f64| 12.0 + value.clamp(0.0, 100.0) * 3.0;
    let bottom = 8 + spans.len() * 28;
    let mut svg = format!(
        "<svg class=\"chart\" viewBox=\"0 0 372 {}\" role=\"img\" aria-label=\"{}\">",
        bottom + 24,
        escape(label)
    );
    for tick in [0.0, 25.0, 50.0, 75.0, 100.0] {
        let _ = write!(
            svg,
            "<path class=\"grid\" d=\"M{x:.1} 4V{bottom}\"/><text class=\"soft\" x=\"{x:.1}\" y=\"{}\" text-anchor=\"middle\">{tick}</text>",
            bottom + 18,
            x = at(tick)
        );
    }
    for (row, span) in spans.iter().enumerate() {
        let y = 18 + row * 28;
        let (low, value, high) = (at(span.low), at(span.value), at(span.high));
        let _ = write!(
            svg,
            "<path class=\"interval\" d=\"M{low:.1} {y}H{high:.1}M{low:.1} {top}v12M{high:.1} {top}v12\"/>",
            top = y - 6
        );
        let _ = if span.external {
            write!(svg, "<path d=\"M{value:.1} {}l8 14h-16z\"/>", y - 8)
        } else {
            write!(svg, "<circle cx=\"{value:.1}\" cy=\"{y}\" r=\"6\"/>")
        };
        // The number stands right of the interval, or left of it where the right has no room.
        let (x, anchor) = if span.high > 86.0 { (low - 8.0, "end") } else { (high + 8.0, "start") };
        let _ = write!(
            svg,
            "<text class=\"bold\" x=\"{x:.1}\" y=\"{}\" text-anchor=\"{anchor}\">{}</text>",
            y + 5,
            span.value
        );
    }
    svg.push_str("</svg>");
    Html(svg)
}

/// Width of the charts of counts, and of the part that bars may fill.
const WIDE: usize = 372;
const FULL: usize = 300;

fn open(label: &str, height: usize) -> String {
    format!(
        "<svg class=\"chart counts\" viewBox=\"0 0 {WIDE} {height}\" role=\"img\" aria-label=\"{}\">",
        escape(label)
    )
}

/// Cuts a name to what fits above a bar; the table has the whole of it.
fn short(name: &str) -> String {
    let (mut width, mut cut) = (0, String::new());
    for letter in name.chars() {
        width += if letter.is_ascii() { 7 } else { 13 };
        if width > WIDE - 13 {
            return cut + "…";
        }
        cut.push(letter);
    }
    cut
}

/// Draws counts as bars, one below the other, each under its name.
pub(crate) fn bars(label: &str, counts: &[(String, usize)]) -> Html {
    let most = counts.iter().map(|(_, count)| *count).max().unwrap_or_default().max(1);
    let mut svg = open(label, counts.len() * 44 + 4);
    for (row, (name, count)) in counts.iter().enumerate() {
        let y = row * 44;
        let width = (count * FULL / most).max(usize::from(*count > 0) * 2);
        let _ = write!(
            svg,
            "<text x=\"0\" y=\"{}\">{}</text><rect class=\"covered\" x=\"0\" y=\"{}\" width=\"{width}\" height=\"16\"/><text class=\"bold\" x=\"{}\" y=\"{}\">{}</text>",
            y + 14,
            escape(&short(name)),
            y + 20,
            width + 6,
            y + 33,
            group(&count.to_string())
        );
    }
    svg.push_str("</svg>");
    Html(svg)
}

/// Draws counts by month as upright bars; every month that has room carries its name.
pub(crate) fn months(label: &str, counts: &[(String, usize)]) -> Html {
    let most = counts.iter().map(|(_, count)| *count).max().unwrap_or_default().max(1);
    let pitch = (WIDE / counts.len().max(1)).clamp(14, 62);
    let width = pitch * 2 / 3;
    let named = (52_usize).div_ceil(pitch);
    let mut svg = open(label, 200);
    for (at, (name, count)) in counts.iter().enumerate() {
        let x = at * pitch;
        let height = (count * 140 / most).max(usize::from(*count > 0) * 2);
        let middle = x + width / 2;
        let _ = write!(
            svg,
            "<rect class=\"covered\" x=\"{x}\" y=\"{}\" width=\"{width}\" height=\"{height}\"/>",
            170 - height
        );
        if pitch >= 28 {
            let _ = write!(
                svg,
                "<text class=\"bold\" x=\"{middle}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
                163 - height,
                group(&count.to_string())
            );
        }
        // From the last month back, so that the latest always has its name.
        if (counts.len() - 1 - at).is_multiple_of(named) {
            let anchor = if at == 0 { "start" } else { "middle" };
            let at = if at == 0 { x } else { middle.min(WIDE - 26) };
            let _ = write!(
                svg,
                "<text class=\"soft\" x=\"{at}\" y=\"190\" text-anchor=\"{anchor}\">{}</text>",
                escape(name)
            );
        }
    }
    let end = (counts.len() * pitch).clamp(pitch, WIDE);
    let _ = write!(svg, "<line class=\"axis\" x1=\"0\" x2=\"{end}\" y1=\"170\" y2=\"170\"/></svg>");
    Html(svg)
}

/// Draws how a number is made up of parts, one bar for each name; parts are drawn by their class.
pub(crate) fn parts(label: &str, rows: &[(String, Vec<(&'static str, usize)>)]) -> Html {
    let total = |parts: &[(&str, usize)]| parts.iter().map(|(_, count)| count).sum::<usize>();
    let most = rows.iter().map(|(_, parts)| total(parts)).max().unwrap_or_default().max(1);
    let mut svg = open(label, rows.len() * 52 + 4);
    for (row, (name, parts)) in rows.iter().enumerate() {
        let y = row * 52;
        let _ = write!(svg, "<text x=\"0\" y=\"{}\">{}</text>", y + 14, escape(&short(name)));
        let (mut done, mut x) = (0, 0);
        for (class, count) in parts.iter().filter(|(_, count)| *count > 0) {
            done += count;
            let end = done * FULL / most;
            let width = end.saturating_sub(x).max(2);
            let _ = write!(
                svg,
                "<rect class=\"part {class}\" x=\"{x}\" y=\"{}\" width=\"{width}\" height=\"22\"/>",
                y + 20
            );
            // A number stands in its part where that has room.
            if width >= 10 + 8 * count.to_string().len() {
                let _ = write!(
                    svg,
                    "<text class=\"on-{class}\" x=\"{}\" y=\"{}\" text-anchor=\"middle\">{count}</text>",
                    x + width / 2,
                    y + 36
                );
            }
            x = end.max(x + 2);
        }
        let _ = write!(svg, "<text class=\"bold\" x=\"{}\" y=\"{}\">{}</text>", x + 6, y + 36, total(parts));
    }
    svg.push_str("</svg>");
    Html(svg)
}
