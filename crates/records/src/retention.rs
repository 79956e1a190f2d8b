//! How long what is kept: retention classes (保存期間) as data.

use std::collections::BTreeMap;

use evidence::Slug;
use jiff::ToSpan as _;
use jiff::civil::Date;
use serde::Deserialize;

use crate::FiscalYear;

/// The longest schedule, in bytes.
const MAX_SCHEDULE: usize = 64 << 10;
/// The longest retention, in years.
const MAX_YEARS: u16 = 200;

/// Which records are kept how long, as policy data.
///
/// ```toml
/// [class.act]                    # designations, orders, surcharges
/// years = 30
/// kinds = ["designation", "order", "surcharge"]
/// then  = "archive"              # or "destroy"
/// article = "公文書等の管理に関する法律施行令 別表"
///
/// [class.log]
/// kinds = ["node-genesis"]       # no years: for as long as the log
/// then  = "keep"
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    classes: BTreeMap<Slug, Retention>,
    by_kind: BTreeMap<String, Slug>,
}

/// One class of records.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    /// How many years it is kept; none for as long as the log is.
    pub years: Option<u16>,
    /// The kinds of statements in it, by predicate name.
    pub kinds: Vec<Slug>,
    /// What is done when the time is over.
    pub then: Until,
    /// The rule that says so.
    pub article: Option<String>,
}

/// What is done with a record when its time is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Until {
    /// It goes to the archives (移管).
    Archive,
    /// It is destroyed (廃棄): its attachments are erased, its leaf stays.
    Destroy,
    /// It is never let go.
    Keep,
}

/// Why a schedule cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RetentionError {
    /// Not TOML of the right shape.
    #[error("the retention schedule cannot be read: {0}")]
    Shape(String),
    /// A class that says both or neither.
    #[error(
        "class.{0}: years, of 1 to {MAX_YEARS}, go with then = \"archive\" or \"destroy\"; without years it is \"keep\""
    )]
    Years(Slug),
    /// A kind in two classes.
    #[error("{kind} is in class.{first} and in class.{second}; a kind is kept for one time")]
    Twice {
        /// The kind.
        kind: Slug,
        /// One class.
        first: Slug,
        /// The other.
        second: Slug,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    class: BTreeMap<Slug, Retention>,
}

impl Schedule {
    /// Reads a schedule.
    pub fn parse(text: &str) -> Result<Self, RetentionError> {
        if text.len() > MAX_SCHEDULE {
            return Err(RetentionError::Shape(format!("longer than {MAX_SCHEDULE} bytes")));
        }
        let file: File = toml::from_str(text).map_err(|error| RetentionError::Shape(error.to_string()))?;
        let mut by_kind: BTreeMap<String, Slug> = BTreeMap::new();
        for (name, class) in &file.class {
            let fits = match class.years {
                Some(years) => (1..=MAX_YEARS).contains(&years) && class.then != Until::Keep,
                None => class.then == Until::Keep,
            };
            if !fits {
                return Err(RetentionError::Years(name.clone()));
            }
            for kind in &class.kinds {
                if let Some(first) = by_kind.insert(kind.to_string(), name.clone()) {
                    return Err(RetentionError::Twice { kind: kind.clone(), first, second: name.clone() });
                }
            }
        }
        Ok(Self { classes: file.class, by_kind })
    }

    /// Returns the class of a kind of statement; a kind that no class names is kept.
    pub fn class_of(&self, kind: &str) -> Option<(&Slug, &Retention)> {
        self.classes.get_key_value(self.by_kind.get(kind)?)
    }

    /// Returns the last day on which a record of a kind is kept: years count from the first of April
    /// after the day on which it was made (公文書等の管理に関する法律施行令第8条第4項). None where it
    /// is kept for good.
    pub fn kept_until(&self, kind: &str, made: Date) -> Option<Date> {
        let years = self.class_of(kind)?.1.years?;
        let (_, last) = FiscalYear::of(made).days();
        last.checked_add(i32::from(years).years()).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCHEDULE: &str = r#"
[class.act]
years = 30
kinds = ["designation", "order"]
then = "archive"
article = "Art. 8"
[class.letter]
years = 5
kinds = ["reply"]
then = "destroy"
[class.log]
kinds = ["node-genesis"]
then = "keep"
"#;

    #[test]
    fn years_count_from_the_april_after_the_record() {
        let schedule = Schedule::parse(SCHEDULE).unwrap();
        let at = |year, month, day| jiff::civil::date(year, month, day);
        assert_eq!(schedule.kept_until("designation", at(2026, 11, 29)), Some(at(2057, 3, 31)));
        assert_eq!(schedule.kept_until("reply", at(2027, 3, 31)), Some(at(2032, 3, 31)));
        assert_eq!(schedule.kept_until("reply", at(2027, 4, 1)), Some(at(2033, 3, 31)));
        assert_eq!(schedule.kept_until("node-genesis", at(2026, 11, 29)), None);
        assert_eq!(schedule.kept_until("something-new", at(2026, 11, 29)), None);
        assert_eq!(schedule.class_of("order").unwrap().1.then, Until::Archive);
    }

    #[test]
    fn a_schedule_that_contradicts_itself_is_refused() {
        let read = |text: &str| Schedule::parse(text).unwrap_err();
        assert!(matches!(read("[class.a]\nkinds = []\nthen = \"destroy\""), RetentionError::Years(_)));
        assert!(matches!(
            read("[class.a]\nyears = 3\nkinds = []\nthen = \"keep\""),
            RetentionError::Years(_)
        ));
        assert!(matches!(
            read("[class.a]\nyears = 0\nkinds = []\nthen = \"destroy\""),
            RetentionError::Years(_)
        ));
        let twice = "[class.a]\nyears = 3\nkinds = [\"reply\"]\nthen = \"destroy\"\n[class.b]\nyears = 5\nkinds = [\"reply\"]\nthen = \"destroy\"";
        assert!(matches!(read(twice), RetentionError::Twice { .. }));
        assert!(matches!(read("[class.a]\nyaers = 3"), RetentionError::Shape(_)));
    }
}
