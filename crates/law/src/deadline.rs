//! Deadlines as a law writes them: `2 weeks after threshold_known_at`.

use std::ops::Range;

use jiff::civil::Date;

use crate::calendar::{Calendar, Unit};
use crate::diagnostic::Problem;
use crate::expression::{Schema, Token, Type, tokens};

/// Deadlines in words that have no date. Japanese law grades 直ちに, 速やかに, 遅滞なく.
const QUALITATIVE: [&str; 4] = ["without undue delay", "without delay", "immediately", "promptly"];
/// Most units of a period, and deepest nesting of `earliest` and `latest`.
const MAX_COUNT: i64 = 14_000;
const MAX_DEPTH: usize = 8;

/// A deadline: words without a date, a date, or both ("without delay, at the latest …").
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Deadline {
    pub(crate) qualitative: Option<&'static str>,
    /// From when the words run, so that their age can be told.
    pub(crate) aged_from: Option<Trigger>,
    pub(crate) limit: Option<Limit>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Limit {
    After {
        period: PeriodTerm,
        trigger: Trigger,
    },
    Before {
        period: PeriodTerm,
        trigger: Trigger,
    },
    /// From an event: first due when a period has passed. From a day that the law names: first due
    /// on that day.
    Every {
        period: PeriodTerm,
        trigger: Trigger,
    },
    /// On the day itself.
    On(Trigger),
    Earliest(Vec<Limit>),
    Latest(Vec<Limit>),
}

/// What a period is counted from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Trigger {
    /// A date fact, an event, or an instant that an event's attribute gives.
    Named {
        name: String,
        attribute: Option<String>,
    },
    /// A day that the law itself names.
    Day(Date),
    /// The same, as a parameter.
    Parameter(String),
    /// The first of them that is on record, in the order written.
    First(Vec<Trigger>),
    Earliest(Vec<Trigger>),
}

impl Trigger {
    /// Returns what is asked for where it is not known.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Named { name, attribute: None } => name.clone(),
            Self::Named { name, attribute: Some(attribute) } => format!("{name}.{attribute}"),
            Self::Day(day) => day.to_string(),
            Self::Parameter(id) => id.clone(),
            Self::First(all) | Self::Earliest(all) => all.first().map(Self::name).unwrap_or_default(),
        }
    }

    /// Returns whether it can be the own day of a statement of a predicate.
    fn is_day_of(&self, predicate: &str) -> bool {
        match self {
            Self::Named { name, attribute } => name == predicate && attribute.is_none(),
            Self::Day(_) | Self::Parameter(_) => false,
            Self::First(all) | Self::Earliest(all) => all.iter().any(|one| one.is_day_of(predicate)),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum PeriodTerm {
    Fixed(Period),
    Switch(String),
    Parameter(String),
}

/// A length of time in the unit in which the law states it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Period {
    pub(crate) count: i64,
    pub(crate) unit: Unit,
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
}

/// Reads a limit alone, without words before it.
pub(crate) fn parse_limit(text: &str) -> Result<Deadline, Problem> {
    let mut words = Words::new(text)?;
    let limit = words.limit()?;
    words.end()?;
    Ok(Deadline { qualitative: None, aged_from: None, limit: Some(limit) })
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
    let deadline = words.deadline(qualitative).map_err(at)?;
    words.end().map_err(at)?;
    Ok(deadline)
}

impl Deadline {
    /// Checks names, and that each calendar has a clock for each unit.
    pub(crate) fn problems(&self, schema: &Schema, calendars: &[&Calendar]) -> Vec<Problem> {
        let mut check = Check { schema, calendars, problems: Vec::new() };
        if let Some(trigger) = &self.aged_from {
            check.trigger(trigger);
        }
        if let Some(limit) = &self.limit {
            check.limit(limit, true);
        }
        check.problems
    }

    /// Returns why a period that a switch or a parameter gives cannot be counted here.
    pub(crate) fn uncountable(
        &self,
        given: &PeriodTerm,
        period: Period,
        calendar: &Calendar,
    ) -> Option<String> {
        self.limit.as_ref()?.uncountable(given, period, calendar)
    }

    /// Returns the periods that switches and parameters give.
    pub(crate) fn given(&self) -> Vec<&PeriodTerm> {
        fn of(limit: &Limit) -> Vec<&PeriodTerm> {
            match limit {
                Limit::On(_) => Vec::new(),
                Limit::Earliest(limits) | Limit::Latest(limits) => limits.iter().flat_map(of).collect(),
                Limit::After { period, .. } | Limit::Before { period, .. } | Limit::Every { period, .. } => {
                    vec![period]
                }
            }
        }
        let mut given = self.limit.as_ref().map(of).unwrap_or_default();
        given.retain(|period| !matches!(period, PeriodTerm::Fixed(_)));
        given.sort();
        given.dedup();
        given
    }

    /// Returns whether what is due for an event may be done before it: where it is due a period before
    /// some day, or on the day of the event. What is due on a day that the event names answers it.
    pub(crate) fn looks_back(&self, predicate: &str) -> bool {
        match &self.limit {
            Some(Limit::Before { .. }) => true,
            Some(Limit::On(trigger)) => trigger.is_day_of(predicate),
            _ => false,
        }
    }

    /// Returns whether the duty recurs.
    pub(crate) fn recurs(&self) -> bool {
        matches!(self.limit, Some(Limit::Every { .. }))
    }
}

impl Limit {
    fn uncountable(&self, given: &PeriodTerm, period: Period, calendar: &Calendar) -> Option<String> {
        let (term, backwards) = match self {
            Self::On(_) => return None,
            Self::Earliest(limits) | Self::Latest(limits) => {
                return limits.iter().find_map(|limit| limit.uncountable(given, period, calendar));
            }
            Self::After { period, .. } | Self::Every { period, .. } => (period, false),
            Self::Before { period, .. } => (period, true),
        };
        if term != given {
            return None;
        }
        if period.unit == Unit::Hours && !matches!(self, Self::After { .. }) {
            return Some("hours are counted forwards, and once".to_owned());
        }
        calendar.lacks(period.unit, backwards).map(|lacks| {
            format!("the calendar `{}` does not say how to count it: it lacks {lacks}", calendar.id)
        })
    }
}

struct Check<'s> {
    schema: &'s Schema,
    calendars: &'s [&'s Calendar],
    problems: Vec<Problem>,
}

impl Check<'_> {
    fn limit(&mut self, limit: &Limit, outermost: bool) {
        match limit {
            Limit::On(trigger) => self.trigger(trigger),
            Limit::After { period, trigger } | Limit::Before { period, trigger } => {
                self.counted(limit, period, trigger);
            }
            Limit::Every { period, trigger } => {
                self.counted(limit, period, trigger);
                if !outermost {
                    self.problems.push(Problem::new(0..0, "`every` stands alone, not in earliest or latest"));
                }
            }
            Limit::Earliest(limits) | Limit::Latest(limits) => {
                for limit in limits {
                    self.limit(limit, false);
                }
            }
        }
    }

    fn counted(&mut self, limit: &Limit, term: &PeriodTerm, trigger: &Trigger) {
        let (what, id, known) = match term {
            PeriodTerm::Fixed(period) => {
                let why =
                    self.calendars.iter().find_map(|calendar| limit.uncountable(term, *period, calendar));
                if let Some(why) = why {
                    let hint = "describe the clock in the calendar, or name another with `counting`";
                    self.problems.push(Problem::new(0..0, format!("`{period}`: {why}")).hint(hint));
                }
                return self.trigger(trigger);
            }
            PeriodTerm::Switch(id) => ("switch", id, &self.schema.switches),
            PeriodTerm::Parameter(id) => ("parameter", id, &self.schema.parameters),
        };
        match known.get(id) {
            Some(Type::Period) => {}
            Some(other) => {
                self.problems
                    .push(Problem::new(0..0, format!("{what} `{id}` is {other}, expected a period")));
            }
            None => self.problems.push(
                Problem::new(0..0, format!("unknown {what} `{id}`"))
                    .suggest(id, known.keys().map(String::as_str)),
            ),
        }
        self.trigger(trigger);
    }

    fn trigger(&mut self, trigger: &Trigger) {
        let schema = self.schema;
        let (name, attribute) = match trigger {
            Trigger::Named { name, attribute } => (name, attribute),
            Trigger::Day(_) => return,
            Trigger::Parameter(id) => {
                if schema.parameters.get(id) != Some(&Type::Date) {
                    self.problems.push(
                        Problem::new(0..0, format!("`param({id})` is not a day"))
                            .suggest(id, schema.parameters.keys().map(String::as_str)),
                    );
                }
                return;
            }
            Trigger::First(all) | Trigger::Earliest(all) => {
                for trigger in all {
                    self.trigger(trigger);
                }
                return;
            }
        };
        match (schema.facts.get(name), schema.events.get(name), attribute) {
            (Some(Type::Date), _, None) | (None, Some(_), None) => {}
            (None, Some(event), Some(attribute)) => {
                if !event.attributes.contains_key(attribute) {
                    self.problems.push(
                        Problem::new(0..0, format!("event `{name}` has no attribute `{attribute}`"))
                            .suggest(attribute, event.attributes.keys().map(String::as_str)),
                    );
                }
            }
            (Some(_), _, Some(attribute)) => self
                .problems
                .push(Problem::new(0..0, format!("`{name}` is a fact: it has no attribute `{attribute}`"))),
            (Some(other), _, None) => self
                .problems
                .push(Problem::new(0..0, format!("`{name}` is {other}, expected a date or an event"))),
            (None, None, _) => {
                let dates = schema
                    .facts
                    .iter()
                    .filter(|(_, kind)| **kind == Type::Date)
                    .map(|(name, _)| name.as_str());
                self.problems.push(
                    Problem::new(0..0, format!("unknown date or event `{name}`"))
                        .suggest(name, dates.chain(schema.events.keys().map(String::as_str))),
                );
            }
        }
    }
}

struct Words<'s> {
    text: &'s str,
    tokens: Vec<(Token, Range<usize>)>,
    at: usize,
    depth: usize,
}

impl<'s> Words<'s> {
    fn new(text: &'s str) -> Result<Self, Problem> {
        Ok(Self { text, tokens: tokens(text)?, at: 0, depth: 0 })
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

    fn deadline(&mut self, qualitative: Option<&'static str>) -> Result<Deadline, Problem> {
        let mut deadline = Deadline { qualitative, aged_from: None, limit: None };
        if qualitative.is_some() {
            if self.takes("after") {
                deadline.aged_from = Some(self.trigger()?);
            }
            if self.peek().0 == Token::End {
                return Ok(deadline);
            }
            if self.takes(",") {
                self.needs("at")?;
                self.needs("the")?;
                self.needs("latest")?;
            }
        }
        deadline.limit = Some(self.limit()?);
        Ok(deadline)
    }

    fn deeper<T>(&mut self, inner: impl FnOnce(&mut Self) -> Result<T, Problem>) -> Result<T, Problem> {
        if self.depth >= MAX_DEPTH {
            return Err(Problem::new(self.peek().2, format!("nested more than {MAX_DEPTH} deep")));
        }
        self.depth += 1;
        let result = inner(self);
        self.depth -= 1;
        result
    }

    /// Reads `( … , … )`.
    fn listed<T>(&mut self, mut one: impl FnMut(&mut Self) -> Result<T, Problem>) -> Result<Vec<T>, Problem> {
        self.needs("(")?;
        let mut all = vec![self.deeper(&mut one)?];
        while self.takes(",") {
            all.push(self.deeper(&mut one)?);
        }
        self.needs(")")?;
        Ok(all)
    }

    fn limit(&mut self) -> Result<Limit, Problem> {
        if self.takes("earliest") {
            return self.listed(Self::limit).map(Limit::Earliest);
        }
        if self.takes("latest") {
            return self.listed(Self::limit).map(Limit::Latest);
        }
        if self.takes("on") {
            return Ok(Limit::On(self.trigger()?));
        }
        if self.takes("every") {
            let period = self.period_term()?;
            self.needs("from")?;
            return Ok(Limit::Every { period, trigger: self.trigger()? });
        }
        let period = self.period_term()?;
        if self.takes("before") {
            return Ok(Limit::Before { period, trigger: self.trigger()? });
        }
        self.needs("after")?;
        Ok(Limit::After { period, trigger: self.trigger()? })
    }

    fn trigger(&mut self) -> Result<Trigger, Problem> {
        let first = self.one_trigger()?;
        if self.peek().1 != "or" {
            return Ok(first);
        }
        let mut all = vec![first];
        while self.takes("or") {
            all.push(self.one_trigger()?);
        }
        Ok(Trigger::First(all))
    }

    fn one_trigger(&mut self) -> Result<Trigger, Problem> {
        const EXPECTED: &str = "a date or an event";
        if let (Token::Date, text, span) = self.peek() {
            self.at += 1;
            let not_a_day = |_| Problem::new(span, format!("`{text}` is not a day of the calendar"));
            return text.parse().map(Trigger::Day).map_err(not_a_day);
        }
        let name = self.word(EXPECTED)?;
        if name == "earliest" && self.peek().1 == "(" {
            return self.listed(Self::trigger).map(Trigger::Earliest);
        }
        if name == "param" && self.takes("(") {
            let id = self.word("the id of a day")?;
            self.needs(")")?;
            return Ok(Trigger::Parameter(id));
        }
        let attribute = if self.takes(".") { Some(self.word("an attribute of the event")?) } else { None };
        Ok(Trigger::Named { name, attribute })
    }

    fn period_term(&mut self) -> Result<PeriodTerm, Problem> {
        let term = if self.takes("switch") {
            PeriodTerm::Switch
        } else if self.takes("param") {
            PeriodTerm::Parameter
        } else {
            return Ok(PeriodTerm::Fixed(self.period()?));
        };
        self.needs("(")?;
        let id = self.word("the id of a period")?;
        self.needs(")")?;
        Ok(term(id))
    }

    fn period(&mut self) -> Result<Period, Problem> {
        let (token, text, span) = self.peek();
        if token != Token::Number {
            return Err(self.unexpected("a number of days or weeks"));
        }
        let count = text.parse().ok().filter(|count| (1..=MAX_COUNT).contains(count));
        let Some(count) = count else {
            return Err(Problem::new(
                span,
                format!("`{text}` is out of range; a period has 1 to {MAX_COUNT} units"),
            ));
        };
        self.at += 1;
        let unit = match self.peek().1 {
            "hour" | "hours" => Unit::Hours,
            "day" | "days" => Unit::Days,
            "week" | "weeks" => Unit::Weeks,
            "month" | "months" => Unit::Months,
            "year" | "years" => Unit::Years,
            "working" | "business" => {
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

    fn named(name: &str) -> Trigger {
        Trigger::Named { name: name.to_owned(), attribute: None }
    }

    #[test]
    fn deadlines_read_as_laws_write_them() {
        let deadline = parse("without delay, at the latest 2 weeks after threshold_known_at").unwrap();
        assert_eq!(deadline.qualitative, Some("without delay"));
        let period = PeriodTerm::Fixed(Period { count: 2, unit: Unit::Weeks });
        assert_eq!(deadline.limit, Some(Limit::After { period, trigger: named("threshold_known_at") }));
        assert_eq!(parse("without undue delay").unwrap().limit, None);
        let aged = parse("without undue delay after incident.aware_at").unwrap();
        let aware = Trigger::Named { name: "incident".to_owned(), attribute: Some("aware_at".to_owned()) };
        assert_eq!((aged.aged_from, aged.limit), (Some(aware), None));
        let every = Limit::Every {
            period: PeriodTerm::Switch("interval".into()),
            trigger: Trigger::First(vec![named("designation"), named("notification")]),
        };
        assert_eq!(
            parse("every switch(interval) from designation or notification").unwrap().limit,
            Some(every)
        );
        let both = parse("earliest(4 weeks after notification, 2 weeks before placed_at)").unwrap().limit;
        assert!(matches!(both, Some(Limit::Earliest(limits)) if limits.len() == 2));
        let believed =
            parse("72 hours after earliest(incident.determined_at, incident.believed_at)").unwrap();
        assert!(matches!(believed.limit, Some(Limit::After { trigger: Trigger::Earliest(_), .. })));
        assert_eq!(parse("on placed_at").unwrap().limit, Some(Limit::On(named("placed_at"))));
        let parameter = parse("param(within) after notification").unwrap().limit;
        assert!(matches!(parameter, Some(Limit::After { period: PeriodTerm::Parameter(_), .. })));
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
            ("earliest(3 days after x", 23, "expected `)`"),
        ] {
            let problem = parse(text).unwrap_err();
            assert_eq!(problem.span.start, at, "{problem}");
            assert!(problem.problem.contains(what), "{problem}");
        }
        assert!(parse(&"earliest(".repeat(400)).is_err());
    }
}
