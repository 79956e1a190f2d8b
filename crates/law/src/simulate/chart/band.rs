//! The chart of a sweep.

use std::fmt::Write as _;

use super::super::{Sweep, Tally};
use super::axis::{Tick, length, step, ticks};
use super::escape;

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

/// Width of the chart, and where its axes stand.
const WIDTH: f64 = 480.0;
const LEFT: f64 = 44.0;
const RIGHT: f64 = 40.0;
/// Height of the field between the axes.
const FIELD: f64 = 200.0;
/// From line to line of text, and the width of a character at most: on a narrow screen letters are
/// larger beside the chart.
const LINE: f64 = 20.0;
const LETTER: f64 = 8.6;
/// Least space between two labels.
const GAP: f64 = 10.0;
/// Most steps of the axis of counts.
const STEPS: f64 = 4.0;

/// Draws how many models are covered at each value of a figure: a band between those covered and those
/// covered or undetermined. Equal ratios are equally far apart where `logarithmic`.
pub fn band(id: &str, words: Words<'_>, sweep: &Sweep, logarithmic: bool) -> String {
    let place = |value: f64| if logarithmic { value.max(f64::MIN_POSITIVE).log10() } else { value };
    let figures: Vec<f64> = sweep.points.iter().map(|point| point.value.to_f64()).collect();
    let (low, high) = (figures.first().copied().unwrap_or(0.0), figures.last().copied().unwrap_or(1.0));
    let span = (place(high) - place(low)).max(f64::MIN_POSITIVE);
    let x = |value: f64| LEFT + (place(value) - place(low)) / span * (WIDTH - LEFT - RIGHT);

    let most = sweep.points.iter().map(|point| point.counts.models.at_most()).max().unwrap_or(0).max(1);
    let counts = counts(most);
    let highest = counts.last().copied().unwrap_or(1);
    let legend = legend(words);
    let top = legend.last().map_or(0.0, |line| line.y) + 16.0;
    let ground = top + FIELD;
    let y = |count: usize| ground - ratio(count, highest) * FIELD;

    let name = lines(words.figure, (WIDTH - 16.0) / LETTER);
    let name_at = ground + 2.0 * LINE + 4.0;
    let height = name_at + LINE * ratio(name.len().saturating_sub(1), 1) + 10.0;
    let mut svg = format!(
        "<svg class=\"chart sweep\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-labelledby=\"{id}\" aria-describedby=\"{id}-ends\"><title id=\"{id}\">{}</title><desc id=\"{id}-ends\">{}</desc>",
        escape(words.title),
        escape(&ends(words, sweep))
    );
    let right = WIDTH - RIGHT;
    for count in counts {
        let _ = write!(
            svg,
            "<path class=\"grid\" d=\"M{LEFT} {y:.1}H{right}\"/><text class=\"soft\" x=\"{x}\" y=\"{text:.1}\" text-anchor=\"end\">{count}</text>",
            y = y(count),
            x = LEFT - 6.0,
            text = y(count) + 4.0
        );
    }
    let line = |of: fn(&Tally) -> usize| {
        let mut path = String::new();
        for (figure, point) in figures.iter().zip(&sweep.points) {
            let step = if path.is_empty() { 'M' } else { 'L' };
            let _ = write!(path, "{step}{:.1} {:.1}", x(*figure), y(of(&point.counts.models)));
        }
        path
    };
    let (covered, at_most) = (line(|tally| tally.covered), line(|tally| tally.at_most()));
    let back: Vec<String> = figures
        .iter()
        .zip(&sweep.points)
        .rev()
        .map(|(figure, point)| format!("L{:.1} {:.1}", x(*figure), y(point.counts.models.covered)))
        .collect();
    let _ = write!(
        svg,
        "<path class=\"area-undetermined\" d=\"{at_most}{}Z\"/><path class=\"line-at-most\" d=\"{at_most}\"/><path class=\"line-covered\" d=\"{covered}\"/><path class=\"axis\" d=\"M{LEFT} {ground}H{right}\"/>",
        back.concat()
    );
    for (tick, is_named) in with_room(ticks(low, high, logarithmic), &x) {
        let at = x(tick.value);
        let _ = write!(svg, "<path class=\"tick\" d=\"M{at:.1} {ground}v5\"/>");
        if is_named {
            let _ = write!(
                svg,
                "<text class=\"soft\" x=\"{at:.1}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
                ground + LINE,
                tick.label
            );
        }
    }
    for (at, text) in name.iter().enumerate() {
        let _ = write!(
            svg,
            "<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
            WIDTH / 2.0,
            name_at + LINE * ratio(at, 1),
            escape(text)
        );
    }
    for Entry { class, text, x, y } in legend {
        let _ = write!(
            svg,
            "<path class=\"{class}\" d=\"M{x} {}h24\"/><text x=\"{}\" y=\"{y}\">{}</text>",
            y - 4.0,
            x + 30.0,
            escape(text)
        );
    }
    svg.push_str("</svg>");
    svg
}

/// Says what stands at both ends, for those who do not see the chart.
fn ends(words: Words<'_>, sweep: &Sweep) -> String {
    let (Some(first), Some(last)) = (sweep.points.first(), sweep.points.last()) else { return String::new() };
    let models =
        |of: fn(&Tally) -> usize| format!("{} → {}", of(&first.counts.models), of(&last.counts.models));
    format!(
        "{}: {} → {}. {}: {}. {}: {}.",
        words.figure,
        first.value,
        last.value,
        words.covered,
        models(|tally| tally.covered),
        words.at_most,
        models(|tally| tally.at_most())
    )
}

/// A line of the legend.
struct Entry<'w> {
    class: &'static str,
    text: &'w str,
    x: f64,
    y: f64,
}

/// Places the legend: side by side where there is room, else one below the other.
fn legend(words: Words<'_>) -> [Entry<'_>; 2] {
    let second = LEFT + 30.0 + length(words.covered) * LETTER + 2.0 * GAP;
    let fits = second + 30.0 + length(words.at_most) * LETTER <= WIDTH;
    let (x, y) = if fits { (second, 18.0) } else { (LEFT, 18.0 + LINE) };
    [
        Entry { class: "line-covered", text: words.covered, x: LEFT, y: 18.0 },
        Entry { class: "line-at-most", text: words.at_most, x, y },
    ]
}

/// Tells which ticks have room for their label; powers of ten go before what lies between them.
fn with_room(ticks: Vec<Tick>, x: &impl Fn(f64) -> f64) -> Vec<(Tick, bool)> {
    let mut taken: Vec<(f64, f64)> = Vec::new();
    let mut named = vec![false; ticks.len()];
    for minor in [false, true] {
        for (tick, named) in ticks.iter().zip(&mut named).filter(|(tick, _)| tick.minor == minor) {
            let half = tick.width * LETTER / 2.0;
            let (from, to) = (x(tick.value) - half, x(tick.value) + half);
            let is_free = taken.iter().all(|(other, end)| to + GAP <= *other || *end + GAP <= from);
            if is_free && to <= WIDTH && from >= 0.0 {
                taken.push((from, to));
                *named = true;
            }
        }
    }
    ticks.into_iter().zip(named).collect()
}

/// Returns the round counts at which the axis of counts has a line; the last is at least `most`.
fn counts(most: usize) -> Vec<usize> {
    let size = step(ratio(most, 1), STEPS).max(1.0);
    let mut counts = vec![0];
    let mut at = 0.0;
    while counts.last().is_some_and(|last| *last < most) {
        at += size;
        counts.push(rounded(at));
    }
    counts
}

/// Breaks a text into lines, at spaces or between characters that need none.
fn lines(text: &str, width: f64) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut word = String::new();
    let mut put = |word: &mut String| {
        let last = lines.len() - 1;
        if !lines[last].is_empty() && length(&lines[last]) + length(word.trim_end()) > width {
            lines.push(String::new());
        }
        let last = lines.len() - 1;
        lines[last].push_str(word);
        word.clear();
    };
    let is_katakana = |c: char| matches!(c, '\u{30a0}'..='\u{30ff}');
    let mut before = ' ';
    for character in text.chars() {
        let together = is_katakana(before) && is_katakana(character) || "(（「『".contains(before);
        if character >= '\u{2e80}' && !together && !"、。）」』".contains(character) {
            put(&mut word);
        }
        before = character;
        word.push(character);
        if character == ' ' {
            put(&mut word);
        }
    }
    put(&mut word);
    lines
}

#[expect(clippy::cast_precision_loss, reason = "counts of models are small")]
fn ratio(count: usize, most: usize) -> f64 {
    count as f64 / most as f64
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "counts of models are small")]
fn rounded(count: f64) -> usize {
    count.round() as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_round_and_told_apart() {
        assert_eq!(counts(1), [0, 1]);
        assert_eq!(counts(3), [0, 1, 2, 3]);
        assert_eq!(counts(31), [0, 10, 20, 30, 40]);
        assert_eq!(counts(207), [0, 100, 200, 300]);
    }

    #[test]
    fn long_names_go_on_in_another_line() {
        assert_eq!(lines("Threshold of compute (FLOP)", 18.0), ["Threshold of ", "compute (FLOP)"]);
        assert_eq!(lines("計算量の閾値", 8.0), ["計算量の", "閾値"]);
        assert_eq!(lines("登録事業者数 (ユーザー)", 16.0), ["登録事業者数 ", "(ユーザー)"]);
        assert_eq!(lines("FLOP", 2.0), ["FLOP"]);
    }

    #[test]
    fn labels_never_overlap() {
        let x = |value: f64| LEFT + (value.log10() - 23.0) / 2.0 * 396.0;
        let placed = with_room(ticks(1e23, 1e25, true), &x);
        let ends: Vec<(f64, f64)> = placed
            .iter()
            .filter(|(_, is_named)| *is_named)
            .map(|(tick, _)| {
                let half = tick.width * LETTER / 2.0;
                (x(tick.value) - half, x(tick.value) + half)
            })
            .collect();
        assert!(ends.len() >= 3);
        assert!(ends.windows(2).all(|pair| pair[0].1 < pair[1].0), "{ends:?}");
    }
}
