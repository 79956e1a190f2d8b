//! Deadlines as a law writes them: `2 weeks after threshold_known_at`.

use std::ops::Range;

use jiff::civil::Date;

use crate::calendar::{Calendar, Counted, MAX_DAYS};
use crate::diagnostic::Problem;
use crate::expression::{Schema, Token, Type, tokens};

/// Deadlines in words that have no date. Japanese law grades 直ちに, 速やかに, 遅滞なく.
const QUALITATIVE: [&str; 4] = ["without undue delay", "without delay", "immediately", "promptly"];

/// A deadline: words without a date, a date, or both ("without delay, at the latest …").
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Deadline {
    pub(crate) qualitative: Option<&'static str>,
    pub(crate) limit: Option<Limit>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Limit {
    After { period: PeriodTerm, triggers: Vec<String> },
    Every { period: PeriodTerm, triggers: Vec<String> },
    Before { period: PeriodTerm, triggers: Vec<String> },
    On(Date),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PeriodTerm {
    Fixed(Period),
    Switch(String),
}

/// A length of time in the unit in which the law states it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Period {
    pub(crate) count: i64,
    pub(crate) unit: Unit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    Hours,
    Days,
    WorkingDays,
    Weeks,
    Months,
    Years,
}

impl std::fmt::Display for Period {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let unit = match self.unit {
            Unit::Hours => "hour",
            Unit::Days => "day",
            Unit::WorkingDays => "working day",
            Unit::Weeks => "week",
            Unit::Months => "month",
            Unit::Years => "year",
        };
        write!(f, "{} {unit}{}", self.count, if self.count == 1 { "" } else { "s" })
    }
}

impl Period {
    /// Reads a period such as `30 days`, `5 working days` or `6 months`.
    pub(crate) fn parse(text: &str) -> Result<Self, Problem> {
        let mut words = Words::new(text)?;
        let period = words.period()?;
        words.end()?;
        Ok(period)
    }

    /// Returns why the period cannot be counted here. Hours, months and years each have rules of
    /// their own in every legal order; counting them as days would be wrong without a word.
    pub(crate) fn uncountable(self) -> Option<String> {
        match self.unit {
            Unit::Days | Unit::WorkingDays | Unit::Weeks => None,
            Unit::Hours | Unit::Months | Unit::Years => Some(format!(
                "`{self}`: no clock for this unit is built yet; days, working days and weeks are counted"
            )),
        }
    }

    pub(crate) fn count_from(self, calendar: &Calendar, event: Date) -> Option<Counted> {
        match self.unit {
            Unit::Days => calendar.after_days(event, self.count),
            Unit::Weeks => calendar.after_days(event, self.count.checked_mul(7)?),
            Unit::WorkingDays => calendar.after_working_days(event, self.count),
            Unit::Hours | Unit::Months | Unit::Years => None,
        }
    }
}

/// Reads a deadline. Nothing is looked up.
pub(crate) fn parse(text: &str) -> Result<Deadline, Problem> {
    let trimmed = text.trim_start();
    let skipped = text.len() - trimmed.len();
    let qualitative = QUALITATIVE.into_iter().find(|words| trimmed.starts_with(words));
    let start = skipped + qualitative.map_or(0, str::len);
    let at =
        |problem: Problem| Problem { span: problem.span.start + start..problem.span.end + start, ..problem };
    let mut words = Words::new(&text[start..]).map_err(at)?;
    let limit = words.limit(qualitative.is_some()).map_err(at)?;
    words.end().map_err(at)?;
    Ok(Deadline { qualitative, limit })
}

impl Deadline {
    /// Checks names and clocks.
    pub(crate) fn problems(&self, schema: &Schema) -> Vec<Problem> {
        let (period, triggers) = match &self.limit {
            None | Some(Limit::On(_)) => return Vec::new(),
            Some(Limit::After { period, triggers } | Limit::Every { period, triggers }) => (period, triggers),
            Some(Limit::Before { .. }) => {
                return vec![
                    Problem::new(0..0, "no clock that counts backwards is built yet")
                        .hint("periods run `after` an event"),
                ];
            }
        };
        let mut problems = Vec::new();
        match period {
            PeriodTerm::Fixed(period) => {
                problems.extend(period.uncountable().map(|why| Problem::new(0..0, why)));
            }
            PeriodTerm::Switch(id) => match schema.switches.get(id) {
                Some(Type::Period) => {}
                Some(other) => {
                    problems.push(Problem::new(0..0, format!("switch `{id}` is {other}, expected a period")));
                }
                None => problems.push(
                    Problem::new(0..0, format!("unknown switch `{id}`"))
                        .suggest(id, schema.switches.keys().map(String::as_str)),
                ),
            },
        }
        for trigger in triggers {
            match (schema.facts.get(trigger), schema.events.get(trigger)) {
                (Some(Type::Date), _) | (None, Some(_)) => {}
                (Some(other), _) => {
                    problems.push(Problem::new(
                        0..0,
                        format!("`{trigger}` is {other}, expected a date or an event"),
                    ));
                }
                (None, None) => {
                    let dates = schema
                        .facts
                        .iter()
                        .filter(|(_, kind)| **kind == Type::Date)
                        .map(|(name, _)| name.as_str());
                    problems.push(
                        Problem::new(0..0, format!("unknown date or event `{trigger}`"))
                            .suggest(trigger, dates.chain(schema.events.keys().map(String::as_str))),
                    );
                }
            }
        }
        problems
    }
}

struct Words<'s> {
    text: &'s str,
    tokens: Vec<(Token, Range<usize>)>,
    at: usize,
}

impl<'s> Words<'s> {
    fn new(text: &'s str) -> Result<Self, Problem> {
        Ok(Self { text, tokens: tokens(text)?, at: 0 })
    }

    fn peek(&self) -> (Token, &'s str, Range<usize>) {
        let (token, span) = self.tokens[self.at.min(self.tokens.len() - 1)].clone();
        (token, &self.text[span.clone()], span)
    }

    fn takes(&mut self, text: &str) -> bool {
        let found = self.peek().1 == text;
        self.at += usize::from(found);
        found
    }

    fn needs(&mut self, text: &str) -> Result<(), Problem> {
        if self.takes(text) { Ok(()) } else { Err(self.unexpected(&format!("`{text}`"))) }
    }

    fn unexpected(&self, expected: &str) -> Problem {
        let (_, found, span) = self.peek();
        let found = if found.is_empty() { "the end of the text".to_owned() } else { format!("`{found}`") };
        Problem::new(span, format!("found {found}, expected {expected}"))
            .hint("write as in `2 weeks after threshold_known_at`, `every switch(interval) from designation`, `on 2027-08-02` or `without delay`")
    }

    fn word(&mut self, expected: &str) -> Result<String, Problem> {
        match self.peek() {
            (Token::Word, word, _) => {
                self.at += 1;
                Ok(word.to_owned())
            }
            _ => Err(self.unexpected(expected)),
        }
    }

    fn end(&mut self) -> Result<(), Problem> {
        if self.peek().0 == Token::End { Ok(()) } else { Err(self.unexpected("the end of the deadline")) }
    }

    fn limit(&mut self, qualified: bool) -> Result<Option<Limit>, Problem> {
        if qualified && self.peek().0 == Token::End {
            return Ok(None);
        }
        if qualified {
            self.takes(",");
        }
        if self.takes("at") {
            self.needs("the")?;
            self.needs("latest")?;
        }
        if self.takes("on") {
            let (token, text, span) = self.peek();
            let date = text.parse().ok().filter(|_| token == Token::Date);
            self.at += 1;
            return match date {
                Some(date) => Ok(Some(Limit::On(date))),
                None => Err(Problem::new(span, format!("`{text}` is not a day of the calendar"))),
            };
        }
        if self.takes("every") {
            let period = self.period_term()?;
            self.needs("from")?;
            return Ok(Some(Limit::Every { period, triggers: self.triggers()? }));
        }
        let period = self.period_term()?;
        if self.takes("before") {
            return Ok(Some(Limit::Before { period, triggers: self.triggers()? }));
        }
        self.needs("after")?;
        Ok(Some(Limit::After { period, triggers: self.triggers()? }))
    }

    /// One or several: the first of them that has happened counts.
    fn triggers(&mut self) -> Result<Vec<String>, Problem> {
        let mut triggers = vec![self.word("a date or an event")?];
        while self.takes("or") {
            triggers.push(self.word("a date or an event")?);
        }
        Ok(triggers)
    }

    fn period_term(&mut self) -> Result<PeriodTerm, Problem> {
        if !self.takes("switch") {
            return Ok(PeriodTerm::Fixed(self.period()?));
        }
        self.needs("(")?;
        let id = self.word("the id of a switch")?;
        self.needs(")")?;
        Ok(PeriodTerm::Switch(id))
    }

    fn period(&mut self) -> Result<Period, Problem> {
        let (token, text, span) = self.peek();
        if token != Token::Number {
            return Err(self.unexpected("a number of days or weeks"));
        }
        let count = text.parse().ok().filter(|count| (1..=MAX_DAYS / 7).contains(count));
        let Some(count) = count else {
            return Err(Problem::new(
                span,
                format!("`{text}` is out of range; a period has 1 to {} units", MAX_DAYS / 7),
            ));
        };
        self.at += 1;
        let unit = match self.peek().1 {
            "hour" | "hours" => Unit::Hours,
            "day" | "days" => Unit::Days,
            "week" | "weeks" => Unit::Weeks,
            "month" | "months" => Unit::Months,
            "year" | "years" => Unit::Years,
            "working" => {
                self.at += 1;
                if !matches!(self.peek().1, "day" | "days") {
                    return Err(self.unexpected("`days`"));
                }
                Unit::WorkingDays
            }
            _ => return Err(self.unexpected("hours, days, working days, weeks, months or years")),
        };
        self.at += 1;
        Ok(Period { count, unit })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deadlines_read_as_laws_write_them() {
        let deadline = parse("without delay, at the latest 2 weeks after threshold_known_at").unwrap();
        assert_eq!(deadline.qualitative, Some("without delay"));
        let period = PeriodTerm::Fixed(Period { count: 2, unit: Unit::Weeks });
        assert_eq!(
            deadline.limit,
            Some(Limit::After { period, triggers: vec!["threshold_known_at".into()] })
        );
        assert_eq!(parse("without undue delay").unwrap().limit, None);
        let every = Limit::Every {
            period: PeriodTerm::Switch("interval".into()),
            triggers: vec!["designation".into(), "notification".into()],
        };
        assert_eq!(
            parse("every switch(interval) from designation or notification").unwrap().limit,
            Some(every)
        );
        assert!(matches!(parse("24 hours after incident").unwrap().limit, Some(Limit::After { .. })));
        assert!(matches!(parse("4 weeks before placing").unwrap().limit, Some(Limit::Before { .. })));
    }

    #[test]
    fn a_deadline_that_cannot_be_read_says_where() {
        for (text, at, what) in [
            ("2 weaks after x", 2, "hours, days"),
            ("0 days after x", 0, "out of range"),
            ("on 2027-02-30", 3, "not a day"),
            ("without delay soon", 14, "expected a number"),
            ("3 days after", 12, "expected a date or an event"),
            ("5 working hours after x", 10, "`days`"),
        ] {
            let problem = parse(text).unwrap_err();
            assert_eq!(problem.span.start, at, "{problem}");
            assert!(problem.problem.contains(what), "{problem}");
        }
    }
}
