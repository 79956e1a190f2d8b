//! Dates, times and numbers as people write them in each language.

pub(crate) use desk::task::{days_between, japanese_day};
use evidence::{Language, Timestamp};
use jiff::tz::{TimeZone, offset};

use super::parts::{Html, escape};
use super::text::Say;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// First days of the eras, latest first (元号を改める政令).
const ERAS: [((i16, i8, i8), &str); 3] =
    [((2019, 5, 1), "令和"), ((1989, 1, 8), "平成"), ((1926, 12, 25), "昭和")];

/// Writes a day: `2026年12月18日`, `18 December 2026`.
pub(crate) fn day(language: Language, date: jiff::civil::Date) -> String {
    match language {
        Language::Ja => format!("{}年{}月{}日", date.year(), date.month(), date.day()),
        Language::En => format!("{} {} {}", date.day(), month(date), date.year()),
    }
}

/// Writes the day of a deadline, in Japanese with the year of the era.
pub(crate) fn legal_day(language: Language, date: jiff::civil::Date) -> Html {
    let text = match language {
        Language::Ja => match era(date) {
            Some((name, year)) => {
                let year = if year == 1 { "元".to_owned() } else { year.to_string() };
                format!("{}（{name}{year}年）", day(language, date))
            }
            None => day(language, date),
        },
        Language::En => day(language, date),
    };
    Html(format!("<time datetime=\"{date}\">{text}</time>"))
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
    let local = TimeZone::fixed(offset(9)).to_datetime(time.instant());
    let text = match language {
        Language::Ja => format!(
            "{} {}時{:02}分{:02}秒（日本時間）",
            day(language, local.date()),
            local.hour(),
            local.minute(),
            local.second()
        ),
        Language::En => format!(
            "{}, {:02}:{:02}:{:02} Japan time",
            day(language, local.date()),
            local.hour(),
            local.minute(),
            local.second()
        ),
    };
    Html(format!("<time datetime=\"{time}\">{text}</time>"))
}

fn month(date: jiff::civil::Date) -> &'static str {
    usize::try_from(date.month() - 1).ok().and_then(|at| MONTHS.get(at)).copied().unwrap_or_default()
}

fn era(date: jiff::civil::Date) -> Option<(&'static str, i16)> {
    ERAS.iter()
        .find(|((year, month, day), _)| (date.year(), date.month(), date.day()) >= (*year, *month, *day))
        .map(|((first, ..), name)| (*name, date.year() - first + 1))
}

/// Groups the digits of a decimal number by three: `134,515,008`.
pub(crate) fn group(number: &str) -> String {
    let (sign, rest) = number.strip_prefix('-').map_or(("", number), |rest| ("−", rest));
    let (whole, fraction) = rest.split_once('.').map_or((rest, ""), |(whole, fraction)| (whole, fraction));
    let mut grouped = String::with_capacity(number.len() + 4);
    grouped.push_str(sign);
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    if !fraction.is_empty() {
        grouped.push('.');
        grouped.push_str(fraction);
    }
    grouped
}

/// Writes bytes in a readable unit.
pub(crate) fn bytes(count: u64) -> String {
    const UNITS: [(&str, u64); 4] =
        [("TB", 1_000_000_000_000), ("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000)];
    match UNITS.iter().find(|(_, size)| count >= *size) {
        Some((unit, size)) => {
            let tenths = (count / (size / 10)).max(1);
            if tenths >= 100 {
                format!("{} {unit}", tenths / 10)
            } else {
                format!("{}.{} {unit}", tenths / 10, tenths % 10)
            }
        }
        None => format!("{count} B"),
    }
}

/// Writes a rate such as `0.8125` in percent with one decimal: `81.3`.
pub(crate) fn percent(rate: &str) -> Option<f64> {
    rate.parse::<f64>()
        .ok()
        .filter(|rate| (-1.0..=1.0).contains(rate))
        .map(|rate| (rate * 1000.0).round() / 10.0)
}

/// A decimal number apart: mantissa, and the power of ten where it is written with one.
fn apart(number: &str) -> Option<(String, Option<i32>)> {
    let plain = number.replace(['_', ','], "");
    let (mantissa, power) = match plain.split_once(['e', 'E']) {
        Some((mantissa, power)) => {
            (mantissa.to_owned(), Some(power.strip_prefix('+').unwrap_or(power).parse().ok()?))
        }
        None => (plain, None),
    };
    let digits = mantissa.strip_prefix('-').unwrap_or(&mantissa);
    let is_number = !digits.is_empty()
        && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        && digits.bytes().filter(|byte| *byte == b'.').count() <= 1;
    if !is_number {
        return None;
    }
    if power.is_none() && !digits.contains('.') && digits.len() > 15 {
        let significant = digits.trim_end_matches('0');
        let power = i32::try_from(digits.len()).ok()? - 1;
        let (first, others) = significant.split_at(1);
        let point = if others.is_empty() { "" } else { "." };
        return Some((format!("{first}{point}{others}"), Some(power)));
    }
    Some((mantissa, power))
}

fn scaled(mantissa: &str, power: Option<i32>) -> String {
    match power {
        None | Some(0) => group(mantissa),
        Some(power) => {
            let power = power.to_string().replace('-', "−");
            match mantissa {
                "1" | "1.0" => format!("10<sup>{power}</sup>"),
                _ => format!("{} × 10<sup>{power}</sup>", group(mantissa)),
            }
        }
    }
}

/// Writes a value as the rules and statements have it: `1.6e21 FLOP`, `1.5e21 to 1.7e21 FLOP`,
/// `1.5e21 FLOP | 1.7e21 FLOP`. What is no number is shown as it is.
pub(crate) fn figure(say: Say, text: &str) -> Html {
    let language = say.0;
    let or = if language == Language::Ja { "、または " } else { " or " };
    let shown: Vec<String> = text.split(" | ").map(|one| one_figure(say, one)).collect();
    Html(shown.join(or))
}

fn one_figure(say: Say, text: &str) -> String {
    let language = say.0;
    let (number, unit) = match text.rsplit_once(' ') {
        Some((number, unit)) if apart(unit).is_none() => (number, unit),
        _ => (text, ""),
    };
    // The low end of an interval may repeat the unit.
    let repeated = format!(" {unit}");
    let unit = if unit.is_empty() { String::new() } else { format!(" {}", escape(&say.word("unit", unit))) };
    if let Some((low, high)) = number.split_once(" to ") {
        let low = low.strip_suffix(repeated.as_str()).unwrap_or(low);
        if let (Some(low), Some(high)) = (apart(low), apart(high)) {
            return format!("{}{unit}", range(language, &low, &high));
        }
    }
    for (words, ja, en) in [("at least ", "以上", "at least "), ("at most ", "以下", "at most ")] {
        if let Some((mantissa, power)) = number.strip_prefix(words).and_then(apart) {
            let shown = scaled(&mantissa, power);
            return if language == Language::Ja {
                format!("{shown}{unit} {ja}")
            } else {
                format!("{en}{shown}{unit}")
            };
        }
    }
    match apart(number) {
        Some((mantissa, power)) => format!("{}{unit}", scaled(&mantissa, power)),
        None => escape(text),
    }
}

fn range(language: Language, low: &(String, Option<i32>), high: &(String, Option<i32>)) -> String {
    let dash = if language == Language::Ja { "〜" } else { "–" };
    match (low, high) {
        ((low, Some(one)), (high, Some(other))) if one == other => {
            let power = one.to_string().replace('-', "−");
            format!("{}{dash}{} × 10<sup>{power}</sup>", group(low), group(high))
        }
        _ => format!("{}{dash}{}", scaled(&low.0, low.1), scaled(&high.0, high.1)),
    }
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
    fn digits_are_grouped_by_three() {
        assert_eq!(group("1"), "1");
        assert_eq!(group("1000"), "1,000");
        assert_eq!(group("-123456.75"), "−123,456.75");
        assert_eq!(bytes(98_362_432), "98 MB");
        assert_eq!(bytes(1_234_567), "1.2 MB");
        assert_eq!(bytes(999), "999 B");
        assert_eq!(percent("0.8125"), Some(81.3));
        assert_eq!(percent("NaN"), None);
    }
}
