//! Figures, days and periods as people write them.

use std::fmt::Write as _;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::Language;
use crate::number::Number;
use crate::regime::{Choice, ValueKind};

/// Significant digits of a number that has no finite decimal.
const DIGITS: usize = 4;

/// Writes a number: `5×10^25`, `134,515,008`, `0.03`; a fraction without end is rounded and says so.
pub(super) fn number(language: Language, number: &Number) -> String {
    let text = number.to_string();
    if text.contains('/') && text.len() > 6 {
        let about = language.pick("約", "about ");
        return format!("{about}{}", spread(&format!("{:.*e}", DIGITS - 1, number.approximate())));
    }
    spread(&text)
}

/// Writes a part of a whole: `3 %`, `1/3`, `3分の1`.
pub(super) fn share(language: Language, share: &Number) -> String {
    let hundredfold = share.times(&Number::from(100)).to_string();
    let text = share.to_string();
    match (text.split_once('/'), language) {
        (None, Language::Ja) => format!("{}％", spread(&hundredfold)),
        (None, Language::En) => format!("{} %", spread(&hundredfold)),
        (Some((parts, whole)), Language::Ja) => format!("{whole}分の{parts}"),
        (Some(_), Language::En) => text,
    }
}

fn spread(text: &str) -> String {
    let Some((mantissa, power)) = text.split_once('e') else { return group(text) };
    let mantissa = match mantissa.split_once('.') {
        Some((whole, places)) => match places.trim_end_matches('0') {
            "" => whole.to_owned(),
            places => format!("{whole}.{places}"),
        },
        None => mantissa.to_owned(),
    };
    let power: i32 = power.parse().unwrap_or_default();
    if (0..6).contains(&power) {
        let plain = text.parse::<Number>().map_or_else(|_| text.to_owned(), |number| number.to_string());
        return group(&plain);
    }
    match mantissa.as_str() {
        "1" => format!("10^{power}"),
        _ => format!("{mantissa}×10^{power}"),
    }
}

fn group(text: &str) -> String {
    let (sign, rest) = text.strip_prefix('-').map_or(("", text), |rest| ("−", rest));
    let (whole, places) = rest.split_once('.').map_or((rest, None), |(whole, places)| (whole, Some(places)));
    let mut grouped = sign.to_owned();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    if let Some(places) = places {
        grouped.push('.');
        grouped.push_str(places);
    }
    grouped
}

/// Writes a number with its unit: `5×10^25 FLOP`, `EUR 15,000,000`, `15,000,000ユーロ`.
pub(super) fn quantity(language: Language, value: &Number, unit: Option<&str>) -> String {
    let Some(unit) = unit else { return number(language, value) };
    let currency = is_currency(unit);
    let text = value.to_string();
    let digits = text.trim_end_matches('0').len();
    if currency
        && language == Language::Ja
        && let Some(text) = myriads(&text)
    {
        return with_unit(language, &text, unit);
    }
    // A large round count is easier to read as a power of ten; money is written out.
    if !currency && text.len() > 9 && digits <= DIGITS && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return with_unit(language, &spread(&format!("{:.*e}", DIGITS - 1, value.approximate())), unit);
    }
    with_unit(language, &number(language, value), unit)
}

fn below_one(value: &Number) -> bool {
    !value.is_negative() && !value.is_zero() && *value < Number::from(1)
}

fn is_currency(unit: &str) -> bool {
    unit.len() == 3 && unit.bytes().all(|byte| byte.is_ascii_uppercase())
}

/// Writes round amounts as Japanese reads them: `1,500万`, `20億5,000万`.
fn myriads(text: &str) -> Option<String> {
    let amount: u64 = text.parse().ok().filter(|amount| *amount > 0 && amount % 10_000 == 0)?;
    let steps = [(1_000_000_000_000, "兆"), (100_000_000, "億"), (10_000, "万")];
    let mut rest = amount;
    let mut written = String::new();
    for (size, name) in steps {
        if rest >= size {
            let _ = write!(written, "{}{name}", group(&(rest / size).to_string()));
            rest %= size;
        }
    }
    Some(written)
}

fn with_unit(language: Language, text: &str, unit: &str) -> String {
    match (language, unit) {
        (Language::En, "%") => format!("{text} %"),
        (Language::En, _) if is_currency(unit) => format!("{unit} {text}"),
        (Language::Ja, _) if japanese_unit(unit).is_some() => {
            format!("{text}{}", self::unit(language, unit))
        }
        _ => format!("{text} {unit}"),
    }
}

/// Names a unit.
pub(crate) fn unit(language: Language, unit: &str) -> &str {
    language.pick(japanese_unit(unit).unwrap_or(unit), unit)
}

fn japanese_unit(unit: &str) -> Option<&'static str> {
    Some(match unit {
        "JPY" => "円",
        "EUR" => "ユーロ",
        "USD" => "米ドル",
        "KRW" => "ウォン",
        "CNY" => "人民元",
        "parameters" => "個",
        "tokens" => "トークン",
        "users" => "者",
        "seconds" => "秒",
        "%" => "％",
        _ => return None,
    })
}

/// Writes the value of a fact or a switch from its text on record.
pub(crate) fn value(language: Language, kind: Option<&ValueKind>, text: &str) -> String {
    match kind {
        Some(ValueKind::Boolean) => yes_or_no(language, text),
        Some(ValueKind::Choice { values } | ValueKind::Choices { values }) => {
            let labels: Vec<_> = text.split(',').map(|id| choice(language, values, id.trim())).collect();
            labels.join(language.pick("、", ", "))
        }
        Some(ValueKind::Date) => text.parse().map_or_else(|_| text.to_owned(), |date| day(language, date)),
        Some(ValueKind::Period) => period(language, text),
        Some(ValueKind::Text) => language.quoted(text),
        // A pure number below one is a rate or a share.
        Some(ValueKind::Number { unit: None }) if text.parse().is_ok_and(|value| below_one(&value)) => {
            text.parse().map_or_else(|_| text.to_owned(), |value| share(language, &value))
        }
        Some(ValueKind::Number { .. }) | None => figure(language, text),
    }
}

pub(super) fn choice(language: Language, values: &[Choice], id: &str) -> String {
    values
        .iter()
        .find(|choice| choice.id == id)
        .map_or_else(|| id.to_owned(), |choice| choice.label.get(language).to_owned())
}

fn yes_or_no(language: Language, text: &str) -> String {
    match text {
        "true" => language.pick("はい", "yes").to_owned(),
        "false" => language.pick("いいえ", "no").to_owned(),
        other => other.to_owned(),
    }
}

/// Writes a number or an interval as it stands on record: `8e24 to 1.1e25 FLOP`. What is none stays.
fn figure(language: Language, text: &str) -> String {
    let (number, unit) = match text.rsplit_once(' ') {
        Some((number, unit)) if unit.parse::<Number>().is_err() => (number, Some(unit)),
        _ => (text, None),
    };
    let shown = |text: &str| text.parse::<Number>().ok().map(|value| quantity(language, &value, unit));
    let written = if let Some((low, high)) = number.split_once(" to ") {
        shown(low).zip(shown(high)).map(|(low, high)| match language {
            Language::Ja => format!("{low}から{high}の間"),
            Language::En => format!("between {low} and {high}"),
        })
    } else if let Some(low) = number.strip_prefix("at least ") {
        shown(low).map(|low| match language {
            Language::Ja => format!("{low}以上"),
            Language::En => format!("at least {low}"),
        })
    } else if let Some(high) = number.strip_prefix("at most ") {
        shown(high).map(|high| match language {
            Language::Ja => format!("{high}以下"),
            Language::En => format!("at most {high}"),
        })
    } else {
        shown(number)
    };
    written.unwrap_or_else(|| text.to_owned())
}

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

/// Writes a day: `4 May 2026`, `2026年5月4日`.
pub fn day(language: Language, date: Date) -> String {
    match language {
        Language::Ja => format!("{}年{}月{}日", date.year(), date.month(), date.day()),
        Language::En => {
            let month = usize::try_from(date.month() - 1).ok().and_then(|at| MONTHS.get(at));
            format!("{} {} {}", date.day(), month.copied().unwrap_or_default(), date.year())
        }
    }
}

/// Writes an instant in a zone, with the zone's offset on that day: `15:00 on 5 January 2027 (UTC-5)`.
pub fn instant(language: Language, at: Timestamp, zone: &TimeZone) -> String {
    let local = zone.to_datetime(at);
    let seconds = zone.to_offset(at).seconds();
    let (hours, minutes) = (seconds / 3600, seconds.abs() % 3600 / 60);
    let offset = match minutes {
        0 => format!("UTC{hours:+}"),
        _ => format!("UTC{hours:+}:{minutes:02}"),
    };
    let date = day(language, local.date());
    match language {
        Language::Ja => format!("{date}{}時{:02}分（{offset}）", local.hour(), local.minute()),
        Language::En => format!("{:02}:{:02} on {date} ({offset})", local.hour(), local.minute()),
    }
}

/// Writes a period: `2 weeks`, `2週間`.
pub(super) fn period(language: Language, text: &str) -> String {
    let Some((count, unit)) = text.split_once(' ') else { return text.to_owned() };
    let unit = unit.trim_end_matches('s');
    match language {
        Language::En => {
            let plural = if count == "1" { "" } else { "s" };
            format!("{count} {unit}{plural}")
        }
        Language::Ja => {
            let name = match unit {
                "hour" => "時間",
                "day" => "日",
                "working day" | "business day" => "開庁日",
                "week" => "週間",
                "month" => "か月",
                "year" => "年",
                other => return format!("{count} {other}"),
            };
            format!("{count}{name}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_read_as_people_write_them() {
        let kind = ValueKind::Number { unit: Some("FLOP".to_owned()) };
        let show = |language, text| value(language, Some(&kind), text);
        for (text, ja, en) in [
            ("5e25 FLOP", "5×10^25 FLOP", "5×10^25 FLOP"),
            ("1e25 FLOP", "10^25 FLOP", "10^25 FLOP"),
            (
                "8e24 to 1.1e25 FLOP",
                "8×10^24 FLOPから1.1×10^25 FLOPの間",
                "between 8×10^24 FLOP and 1.1×10^25 FLOP",
            ),
            ("at least 1e25 FLOP", "10^25 FLOP以上", "at least 10^25 FLOP"),
            ("15000000 EUR", "1,500万ユーロ", "EUR 15,000,000"),
            ("2050000000 JPY", "20億5,000万円", "JPY 2,050,000,000"),
            ("12345 JPY", "12,345円", "JPY 12,345"),
            ("1000000000000 parameters", "10^12個", "10^12 parameters"),
            ("134515008 parameters", "134,515,008個", "134,515,008 parameters"),
            ("2000000000000000000000000/3 FLOP", "約6.667×10^23 FLOP", "about 6.667×10^23 FLOP"),
            ("-0.5", "−0.5", "−0.5"),
        ] {
            assert_eq!(show(Language::Ja, text), ja);
            assert_eq!(show(Language::En, text), en);
        }
    }

    #[test]
    fn the_units_of_the_shipped_regimes_have_japanese_names() {
        for regime in crate::testing::all_shipped() {
            for unit in regime.schema.units.iter().filter(|unit| *unit != "FLOP") {
                assert_ne!(super::unit(Language::Ja, unit), unit, "{}", regime.id());
            }
        }
    }

    #[test]
    fn an_instant_names_its_offset() {
        let at: Timestamp = "2027-01-05T15:00:00-05:00".parse().unwrap();
        let zone = TimeZone::get("America/New_York").unwrap();
        assert_eq!(instant(Language::En, at, &zone), "15:00 on 5 January 2027 (UTC-5)");
        let tokyo = TimeZone::get("Asia/Tokyo").unwrap();
        assert_eq!(instant(Language::Ja, at, &tokyo), "2027年1月6日5時00分（UTC+9）");
    }
}
