//! Numbers as people write them in each language.

use evidence::Language;

use crate::word;

/// Groups the digits of a decimal number by three: `134,515,008`.
pub fn group(number: &str) -> String {
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
pub fn bytes(count: u64) -> String {
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

/// Writes a power in raised digits: `²⁵`.
fn raised(power: i32) -> String {
    let digits = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    let raise = |c: char| c.to_digit(10).and_then(|digit| digits.get(digit as usize)).copied().unwrap_or('⁻');
    power.to_string().chars().map(raise).collect()
}

fn scaled(mantissa: &str, power: Option<i32>) -> String {
    match power {
        None | Some(0) => group(mantissa),
        Some(power) => {
            let power = raised(power);
            match mantissa {
                "1" | "1.0" => format!("10{power}"),
                _ => format!("{} × 10{power}", group(mantissa)),
            }
        }
    }
}

/// Writes a value as the rules and statements have it: `1.6e21 FLOP`, `1.5e21 to 1.7e21 FLOP`,
/// `1.5e21 FLOP | 1.7e21 FLOP`. What is no number is shown as it is.
pub fn figure(language: Language, text: &str) -> String {
    let or = if language == Language::Ja { "、または " } else { " or " };
    let shown: Vec<String> = text.split(" | ").map(|one| one_figure(language, one)).collect();
    shown.join(or)
}

fn one_figure(language: Language, text: &str) -> String {
    let (number, unit) = match text.rsplit_once(' ') {
        Some((number, unit)) if apart(unit).is_none() => (number, unit),
        _ => (text, ""),
    };
    // The low end of an interval may repeat the unit.
    let repeated = format!(" {unit}");
    let unit = if unit.is_empty() { String::new() } else { format!(" {}", word(language, "unit", unit)) };
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
        None => text.to_owned(),
    }
}

fn range(language: Language, low: &(String, Option<i32>), high: &(String, Option<i32>)) -> String {
    let dash = if language == Language::Ja { "〜" } else { "–" };
    match (low, high) {
        ((low, Some(one)), (high, Some(other))) if one == other => {
            format!("{}{dash}{} × 10{}", group(low), group(high), raised(*one))
        }
        _ => format!("{}{dash}{}", scaled(&low.0, low.1), scaled(&high.0, high.1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_raised_powers_and_keep_their_interval() {
        let show = |text| figure(Language::En, text);
        assert_eq!(show("1.5e21 to 1.7e21 FLOP"), "1.5–1.7 × 10²¹ FLOP");
        assert_eq!(show("9e20 to 1.7e21 FLOP"), "9 × 10²⁰–1.7 × 10²¹ FLOP");
        assert_eq!(show("1e25 FLOP"), "10²⁵ FLOP");
        assert_eq!(show("2e-3"), "2 × 10⁻³");
        assert_eq!(show("10000000000000000000000000 FLOP"), "10²⁵ FLOP");
        assert_eq!(show("134515008"), "134,515,008");
        assert_eq!(show("1.5e21 FLOP to 1.7e21 FLOP"), "1.5–1.7 × 10²¹ FLOP");
        assert_eq!(figure(Language::Ja, "134515008 parameters"), "134,515,008 個");
        assert_eq!(show("at least 1e25 FLOP"), "at least 10²⁵ FLOP");
        assert_eq!(show("<b>yes</b>"), "<b>yes</b>");
        assert_eq!(show("30 days"), "30 days");
        assert_eq!(figure(Language::Ja, "1e23 FLOP | 2e23 FLOP"), "10²³ FLOP、または 2 × 10²³ FLOP");
    }

    #[test]
    fn digits_are_grouped_by_three() {
        assert_eq!(group("1"), "1");
        assert_eq!(group("1000"), "1,000");
        assert_eq!(group("-123456.75"), "−123,456.75");
        assert_eq!(bytes(98_362_432), "98 MB");
        assert_eq!(bytes(1_234_567), "1.2 MB");
        assert_eq!(bytes(999), "999 B");
    }
}
