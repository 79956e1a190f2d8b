//! Charts as SVG: shapes and numbers, drawn with classes of the style sheet. Each stands beside a
//! table of the same numbers.

use std::fmt::Write as _;

use crate::coverage::Tally;

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
