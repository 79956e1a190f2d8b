//! Dates, times and numbers as people write them in each language.

use std::fmt::Write as _;

pub(crate) use desk::task::days_between;
use evidence::{Language, Timestamp};
pub(crate) use records::{day, japanese_day};
pub(crate) use texts::{bytes, group};

use super::parts::{Html, escape};
use super::text::Say;

/// Writes the day of a deadline, in Japanese with the year of the era.
pub(crate) fn legal_day(language: Language, date: jiff::civil::Date) -> Html {
    Html(format!("<time datetime=\"{date}\">{}</time>", records::legal_day(language, date)))
}

/// Writes a day within a sentence.
pub(crate) fn long_day(language: Language, date: jiff::civil::Date) -> Html {
    Html(format!("<time datetime=\"{date}\">{}</time>", day(language, date)))
}

/// Writes a day for a table: `2026-12-18`.
pub(crate) fn short_day(date: jiff::civil::Date) -> Html {
    Html(format!("<time datetime=\"{date}\">{date}</time>"))
}

/// Writes an instant in Japanese time, with seconds.
pub(crate) fn moment(language: Language, time: Timestamp) -> Html {
    let text = records::moment(language, time);
    Html(format!("<time datetime=\"{time}\">{text}</time>"))
}

/// Writes a rate such as `0.8125` in percent with one decimal: `81.3`.
pub(crate) fn percent(rate: &str) -> Option<f64> {
    rate.parse::<f64>()
        .ok()
        .filter(|rate| (-1.0..=1.0).contains(rate))
        .map(|rate| (rate * 1000.0).round() / 10.0)
}

/// Writes a value as the rules and statements have it, its powers raised.
pub(crate) fn figure(say: Say, text: &str) -> Html {
    Html(raised(&escape(&texts::figure(say.0, text))))
}

/// Marks up the powers of ten, which are written in raised digits.
fn raised(text: &str) -> String {
    const RAISED: [char; 11] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹', '⁻'];
    let mut shown = String::with_capacity(text.len());
    let mut pieces = text.split("10");
    shown.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        let rest = piece.trim_start_matches(RAISED);
        let power = &piece[..piece.len() - rest.len()];
        let digit = |c| match RAISED.iter().position(|raised| *raised == c) {
            Some(10) | None => '−',
            Some(at) => char::from_digit(u32::try_from(at).unwrap_or_default(), 10).unwrap_or(c),
        };
        shown.push_str("10");
        if !power.is_empty() {
            let power: String = power.chars().map(digit).collect();
            let _ = write!(shown, "<sup>{power}</sup>");
        }
        shown.push_str(rest);
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_superscript_powers_and_keep_their_interval() {
        let show = |text| figure(Say(Language::En), text).0;
        assert_eq!(show("1.5e21 to 1.7e21 FLOP"), "1.5–1.7 × 10<sup>21</sup> FLOP");
        assert_eq!(show("9e20 to 1.7e21 FLOP"), "9 × 10<sup>20</sup>–1.7 × 10<sup>21</sup> FLOP");
        assert_eq!(show("1e25 FLOP"), "10<sup>25</sup> FLOP");
        assert_eq!(show("10000000000000000000000000 FLOP"), "10<sup>25</sup> FLOP");
        assert_eq!(show("134515008"), "134,515,008");
        assert_eq!(show("1.5e21 FLOP to 1.7e21 FLOP"), "1.5–1.7 × 10<sup>21</sup> FLOP");
        assert_eq!(figure(Say(Language::Ja), "134515008 parameters").0, "134,515,008 個");
        assert_eq!(show("at least 1e25 FLOP"), "at least 10<sup>25</sup> FLOP");
        assert_eq!(show("<b>yes</b>"), "&lt;b&gt;yes&lt;/b&gt;");
        assert_eq!(show("30 days"), "30 days");
        assert_eq!(
            figure(Say(Language::Ja), "1e23 FLOP | 2e23 FLOP").0,
            "10<sup>23</sup> FLOP、または 2 × 10<sup>23</sup> FLOP"
        );
    }

    #[test]
    fn deadlines_carry_the_year_of_the_era() {
        let at = |year, month, day| jiff::civil::date(year, month, day);
        assert!(legal_day(Language::Ja, at(2026, 12, 18)).0.contains("2026年12月18日（令和8年）"));
        assert!(legal_day(Language::Ja, at(2019, 4, 30)).0.contains("平成31年"));
        assert!(legal_day(Language::Ja, at(2019, 5, 1)).0.contains("令和元年"));
        assert!(legal_day(Language::En, at(2026, 12, 18)).0.contains("18 December 2026"));
    }

    #[test]
    fn rates_are_percent_with_one_decimal() {
        assert_eq!(percent("0.8125"), Some(81.3));
        assert_eq!(percent("NaN"), None);
    }
}
