//! Days as offices write them: eras, fiscal years, Japanese time.

use std::fmt;

use evidence::{Language, Timestamp};
use jiff::civil::Date;
use jiff::tz::{TimeZone, offset};

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

/// First days of the eras, latest first (元号を改める政令; the Gregorian calendar since 1873).
const ERAS: [((i16, i8, i8), &str, &str); 5] = [
    ((2019, 5, 1), "令和", "Reiwa"),
    ((1989, 1, 8), "平成", "Heisei"),
    ((1926, 12, 25), "昭和", "Showa"),
    ((1912, 7, 30), "大正", "Taisho"),
    ((1873, 1, 1), "明治", "Meiji"),
];

/// A year of an era: 令和8年.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Era {
    name: &'static str,
    latin: &'static str,
    year: i16,
}

impl Era {
    /// Returns the era's name.
    pub fn name(self, language: Language) -> &'static str {
        match language {
            Language::Ja => self.name,
            Language::En => self.latin,
        }
    }

    /// Returns the number of the year within it.
    pub fn year(self) -> i16 {
        self.year
    }

    fn written(self) -> String {
        // The first year of an era is its 元年.
        if self.year == 1 { "元".to_owned() } else { self.year.to_string() }
    }
}

impl fmt::Display for Era {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}年", self.name, self.written())
    }
}

/// Returns the year of the era in which a day lies; none before 1873.
pub fn era(date: Date) -> Option<Era> {
    let (first, name, latin) = ERAS
        .iter()
        .find(|((year, month, day), ..)| (date.year(), date.month(), date.day()) >= (*year, *month, *day))?;
    // Meiji 1 is 1868; the table begins with the calendar that is used today.
    let first = if *latin == "Meiji" { 1868 } else { first.0 };
    Some(Era { name, latin, year: date.year() - first + 1 })
}

/// Writes a day: `2026年12月18日`, `18 December 2026`.
pub fn day(language: Language, date: Date) -> String {
    match language {
        Language::Ja => format!("{}年{}月{}日", date.year(), date.month(), date.day()),
        Language::En => format!("{} {} {}", date.day(), month(date), date.year()),
    }
}

/// Writes a day with its era: `令和8年11月29日`.
pub fn era_day(date: Date) -> String {
    match era(date) {
        Some(era) => format!("{era}{}月{}日", date.month(), date.day()),
        None => day(Language::Ja, date),
    }
}

/// Writes a day on which something depends, in Japanese with the year of the era beside it.
pub fn legal_day(language: Language, date: Date) -> String {
    match (language, era(date)) {
        (Language::Ja, Some(era)) => format!("{}（{era}）", day(language, date)),
        _ => day(language, date),
    }
}

/// Writes an instant in Japanese time, with seconds.
pub fn moment(language: Language, time: Timestamp) -> String {
    let local = TimeZone::fixed(offset(9)).to_datetime(time.instant());
    let (hour, minute, second) = (local.hour(), local.minute(), local.second());
    match language {
        Language::Ja => {
            format!("{} {hour}時{minute:02}分{second:02}秒（日本時間）", day(language, local.date()))
        }
        Language::En => {
            format!("{}, {hour:02}:{minute:02}:{second:02} Japan time", day(language, local.date()))
        }
    }
}

/// Returns the day of an instant in Japanese time.
pub fn japanese_day(time: Timestamp) -> Date {
    TimeZone::fixed(offset(9)).to_datetime(time.instant()).date()
}

fn month(date: Date) -> &'static str {
    usize::try_from(date.month() - 1).ok().and_then(|at| MONTHS.get(at)).copied().unwrap_or_default()
}

/// A Japanese fiscal year: April to March (財政法第11条), named after the year of its April.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FiscalYear(i16);

impl FiscalYear {
    /// Returns the fiscal year in which a day lies.
    pub fn of(date: Date) -> Self {
        Self(if date.month() >= 4 { date.year() } else { date.year() - 1 })
    }

    /// Returns the calendar year of its April.
    pub fn year(self) -> i16 {
        self.0
    }

    /// Returns its first and its last day.
    pub fn days(self) -> (Date, Date) {
        let at = |year, month, day| Date::new(year, month, day).unwrap_or(Date::MIN);
        (at(self.0, 4, 1), at(self.0.saturating_add(1), 3, 31))
    }

    /// Returns the era of its first day: a fiscal year keeps the name that it began with, save the
    /// one in which Reiwa began, which is called 令和元年度 as a whole (内閣, 2019年4月1日).
    pub fn era(self) -> Option<Era> {
        let (first, _) = self.days();
        if self.0 == 2019 { era(Date::new(2019, 5, 1).ok()?) } else { era(first) }
    }

    /// Writes it: `令和8年度`, `FY2026`.
    pub fn write(self, language: Language) -> String {
        match (language, self.era()) {
            (Language::Ja, Some(era)) => format!("{era}度"),
            (Language::Ja, None) => format!("{}年度", self.0),
            (Language::En, _) => format!("FY{}", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(year: i16, month: i8, day: i8) -> Date {
        jiff::civil::date(year, month, day)
    }

    #[test]
    fn an_era_begins_on_its_day_with_its_first_year() {
        assert_eq!(era_day(at(2026, 11, 29)), "令和8年11月29日");
        assert_eq!(era_day(at(2019, 5, 1)), "令和元年5月1日");
        assert_eq!(era_day(at(2019, 4, 30)), "平成31年4月30日");
        assert_eq!(era_day(at(1989, 1, 8)), "平成元年1月8日");
        assert_eq!(era_day(at(1989, 1, 7)), "昭和64年1月7日");
        assert_eq!(era_day(at(1926, 12, 24)), "大正15年12月24日");
        assert_eq!(era_day(at(1912, 7, 29)), "明治45年7月29日");
        assert_eq!(era_day(at(1873, 1, 1)), "明治6年1月1日");
        assert_eq!(era_day(at(1872, 12, 31)), "1872年12月31日");
        assert_eq!(era(at(2026, 1, 1)).unwrap().name(Language::En), "Reiwa");
    }

    #[test]
    fn a_legal_day_stands_beside_its_era_in_japanese_only() {
        assert_eq!(legal_day(Language::Ja, at(2026, 12, 18)), "2026年12月18日（令和8年）");
        assert_eq!(legal_day(Language::En, at(2026, 12, 18)), "18 December 2026");
    }

    #[test]
    fn a_fiscal_year_turns_on_the_first_of_april() {
        assert_eq!(FiscalYear::of(at(2027, 3, 31)).write(Language::Ja), "令和8年度");
        assert_eq!(FiscalYear::of(at(2027, 4, 1)).write(Language::Ja), "令和9年度");
        assert_eq!(FiscalYear::of(at(2027, 3, 31)).write(Language::En), "FY2026");
        assert_eq!(FiscalYear::of(at(2026, 4, 1)).days(), (at(2026, 4, 1), at(2027, 3, 31)));
        assert_eq!(FiscalYear::of(at(2019, 4, 1)).write(Language::Ja), "令和元年度");
        assert_eq!(FiscalYear::of(at(2019, 3, 31)).write(Language::Ja), "平成30年度");
    }

    #[test]
    fn a_moment_is_told_in_japanese_time() {
        let time = "2026-11-28T15:04:05.678Z".parse().unwrap();
        assert_eq!(moment(Language::Ja, time), "2026年11月29日 0時04分05秒（日本時間）");
        assert_eq!(moment(Language::En, time), "29 November 2026, 00:04:05 Japan time");
        assert_eq!(japanese_day(time), at(2026, 11, 29));
    }
}
