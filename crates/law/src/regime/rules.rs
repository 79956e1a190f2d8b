//! Reading the rules: every condition parsed, typed and placed.

use std::collections::{BTreeMap, BTreeSet};

use smol_str::SmolStr;
use toml::Spanned;

use super::files::{Keyed, RawClass, RawDuty, RawPenalty, RawPower, RawProcedure, RawRules};
use super::load::{Loader, MAX_ENTRIES};
use super::{
    Class, Counting, CoverageRule, DesignationRule, Duty, Fulfilment, Penalty, Power, Procedure, SourceLines,
};
use crate::assessment::Party;
use crate::calendar::Calendar;
use crate::deadline::{self, Deadline};
use crate::diagnostic::{Problem, Source, closest};
use crate::expression::{self, EventPattern, Expression, Kind, Node, Schema, Type};

/// The lines of the file, so that rules are placed without reading it again for each.
pub(super) struct Lines<'f> {
    texts: Vec<&'f str>,
    /// Where each line begins.
    starts: Vec<usize>,
    /// Lines, from 1, on which a table of the file begins, with its header.
    heads: Vec<(usize, &'f str)>,
    /// Class → line of its header.
    classes: BTreeMap<&'f str, usize>,
}

impl<'f> Lines<'f> {
    pub(super) fn of(text: &'f str) -> Self {
        let (mut texts, mut starts, mut offset) = (Vec::new(), Vec::new(), 0);
        for line in text.split_inclusive('\n') {
            texts.push(line.trim_end_matches(['\n', '\r']));
            starts.push(offset);
            offset += line.len();
        }
        let heads: Vec<_> = texts
            .iter()
            .enumerate()
            .filter(|(_, line)| line.starts_with('['))
            .map(|(at, line)| (at + 1, *line))
            .collect();
        let mut classes = BTreeMap::new();
        for (at, line) in texts.iter().enumerate() {
            let header = line.trim_start().strip_prefix("[class.");
            if let Some((name, _)) = header.and_then(|rest| rest.split_once(']')) {
                classes.entry(name).or_insert(at + 1);
            }
        }
        Self { texts, starts, heads, classes }
    }

    /// Returns the line, from 1, of a byte offset.
    fn at(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset).max(1)
    }

    /// Returns the first and last line of a table with its sub-tables (`[duty.notify.text]`).
    fn of_table(&self, offset: usize, table: &str) -> (usize, usize) {
        let first = self.at(offset);
        let below = self.heads.partition_point(|(line, _)| *line <= first);
        let next = self.heads[below..].iter().find(|(_, head)| {
            let name = head.trim_start_matches('[');
            !name.strip_prefix(table).is_some_and(|rest| rest.starts_with('.'))
        });
        let end = next.map_or(self.texts.len(), |(line, _)| line - 1);
        let blank = |line: &&&str| line.trim().is_empty() || line.starts_with('#');
        let own = &self.texts[first.min(end)..end];
        let trailing = own.iter().rev().take_while(blank).count();
        (first, (end - trailing).max(first))
    }
}

/// A reader of `rules.toml`, with all that rules may refer to.
pub(super) struct Rules<'r, 'f> {
    pub(super) loader: &'r mut Loader<'f>,
    pub(super) source: &'r Source<'f>,
    pub(super) schema: &'r Schema,
    pub(super) articles: BTreeSet<&'r str>,
    pub(super) calendars: &'r BTreeMap<String, Calendar>,
    /// Party, or `default` → counting rules.
    pub(super) counting: BTreeMap<&'r str, &'r str>,
    pub(super) lines: Lines<'f>,
    /// Class → how deep its reasons nest.
    pub(super) depths: BTreeMap<String, usize>,
}

/// Deepest nesting of a tree of reasons; JSON readers stop at 128 levels, of which a reason takes two.
const MAX_REASON_DEPTH: usize = 48;

/// The rules as read.
pub(super) struct Read {
    pub(super) coverage: CoverageRule,
    pub(super) designation: Option<DesignationRule>,
    pub(super) reviews: Vec<String>,
    pub(super) decisions: Vec<String>,
    pub(super) classes: Vec<Class>,
    pub(super) duties: Vec<Duty>,
    pub(super) powers: Vec<Power>,
    pub(super) penalties: Vec<Penalty>,
    pub(super) procedures: Vec<Procedure>,
}

impl Rules<'_, '_> {
    fn inside(&mut self, place: &Spanned<String>, problem: Problem) {
        let diagnostic = self.source.inside(&place.span(), place.get_ref(), problem);
        self.loader.problems.push(diagnostic);
    }

    fn article(&mut self, article: &Spanned<String>) -> SmolStr {
        if !self.articles.contains(article.get_ref().as_str()) {
            let hint = closest(article.get_ref(), self.articles.iter().copied())
                .map_or("add it to text.toml".to_owned(), |best| {
                    format!("add it to text.toml, or did you mean `{best}`?")
                });
            self.loader.at(
                self.source,
                article,
                format!("there is no text of the article `{}`", article.get_ref()),
                Some(hint),
            );
        }
        article.get_ref().into()
    }

    fn event(&mut self, name: &Spanned<String>) -> String {
        for problem in expression::pattern_problems(&EventPattern::all(name.get_ref()), self.schema) {
            self.inside(name, problem);
        }
        name.get_ref().clone()
    }

    fn patterns(&mut self, text: &Spanned<String>) -> Vec<EventPattern> {
        let patterns = expression::parse_patterns(text.get_ref());
        if let Err(problem) = &patterns {
            self.inside(text, problem.clone());
        }
        let patterns = patterns.unwrap_or_default();
        for problem in patterns.iter().flat_map(|pattern| expression::pattern_problems(pattern, self.schema))
        {
            self.inside(text, problem);
        }
        let mixed = patterns.windows(2).any(|pair| pair[0].predicate != pair[1].predicate);
        if mixed {
            self.inside(text, Problem::new(0..0, "`each` is about statements of one predicate"));
        }
        patterns
    }

    /// Reads `counting`: the id of a calendar, or `switch(ID)` of a choice among calendars.
    fn counting(&mut self, text: &Spanned<String>) -> Counting {
        let written = text.get_ref().as_str();
        let known = |id: &str| self.calendars.contains_key(id);
        let switch = written.strip_prefix("switch(").and_then(|rest| rest.strip_suffix(')'));
        if let Some(id) = switch {
            let calendars = match self.schema.switches.get(id) {
                Some(Type::Text(Some(values))) => values.iter().all(|value| known(value)),
                _ => false,
            };
            if !calendars {
                let problem = format!("`{id}` is not a switch whose values are the ids of calendars");
                self.loader.at(self.source, text, problem, None);
            }
            return Counting::Switch(id.to_owned());
        }
        if !known(written) {
            let hint = closest(written, self.calendars.keys().map(String::as_str))
                .map(|best| format!("did you mean `{best}`?"));
            self.loader.at(self.source, text, format!("there is no calendar `{written}`"), hint);
        }
        Counting::Calendar(written.to_owned())
    }

    fn calendars_of(&self, counting: &Counting) -> Vec<&Calendar> {
        match counting {
            Counting::Calendar(id) => self.calendars.get(id).into_iter().collect(),
            Counting::Switch(id) => match self.schema.switches.get(id) {
                Some(Type::Text(Some(values))) => {
                    values.iter().filter_map(|value| self.calendars.get(value)).collect()
                }
                _ => Vec::new(),
            },
        }
    }

    fn parsed(&mut self, text: &Spanned<String>) -> Option<Expression> {
        match expression::parse(text.get_ref()) {
            Ok(expression) => Some(expression),
            Err(problem) => {
                self.inside(text, problem);
                None
            }
        }
    }

    fn condition(&mut self, text: &Spanned<String>, after_duties: bool) -> Option<Expression> {
        let expression = self.parsed(text)?;
        let problems = expression::boolean(expression.root(), self.schema, after_duties);
        let sound = problems.is_empty();
        for problem in problems {
            self.inside(text, problem);
        }
        let depth = self.depth(expression.root());
        if depth > MAX_REASON_DEPTH {
            let problem = format!(
                "the reasons nest {depth} deep, through classes and brackets; at most {MAX_REASON_DEPTH}"
            );
            self.inside(text, Problem::new(0..0, problem).hint("rest it on fewer layers of classes"));
        }
        sound.then_some(expression)
    }

    fn depth(&self, node: &Node) -> usize {
        1 + match &node.kind {
            Kind::Class(id) => self.depths.get(id).copied().unwrap_or(0),
            Kind::Not(inner) => self.depth(inner),
            Kind::And(parts) | Kind::Or(parts) => {
                parts.iter().map(|part| self.depth(part)).max().unwrap_or(0)
            }
            _ => 0,
        }
    }

    fn lines(&self, offset: usize, table: &str) -> SourceLines {
        let (first, last) = self.lines.of_table(offset, table);
        SourceLines { file: self.source.file.to_owned(), first, last }
    }

    /// Reads the rules of one kind; ends where enough problems are known.
    fn all<R, T>(
        &mut self,
        table: Keyed<R>,
        mut one: impl FnMut(&mut Self, &Spanned<String>, R) -> Option<T>,
    ) -> Vec<T> {
        let entries = self.loader.entries(self.source, table, MAX_ENTRIES);
        let mut read = Vec::new();
        for (id, raw) in entries {
            if self.loader.is_full() {
                break;
            }
            read.extend(one(self, &id, raw));
        }
        read
    }

    pub(super) fn read(&mut self, raw: RawRules) -> Option<Read> {
        let designation = raw
            .designation
            .map(|rule| DesignationRule { begins: self.event(&rule.begins), ends: self.event(&rule.ends) });
        let mut standing =
            |names: Vec<Spanned<String>>| names.iter().map(|name| self.event(name)).collect::<Vec<_>>();
        let (reviews, decisions) = (standing(raw.standing.reviewed_by), standing(raw.standing.decided_by));
        let classes = self.all(raw.class, Self::class);
        let coverage_at = raw.coverage.span().start;
        let coverage = raw.coverage.into_inner();
        let coverage = self.condition(&coverage.when, false).map(|condition| CoverageRule {
            article: self.article(&coverage.article),
            condition,
            lines: self.lines(coverage_at, "coverage"),
        });
        let duties = self.all(raw.duty, Self::duty);
        let powers = self.all(raw.power, Self::power);
        let penalties = self.all(raw.penalty, Self::penalty);
        let procedures = self.all(raw.procedure, |rules, id, raw| Some(rules.procedure(id, raw)));
        if self.loader.refused {
            return None;
        }
        Some(Read {
            coverage: coverage?,
            designation,
            reviews,
            decisions,
            classes,
            duties,
            powers,
            penalties,
            procedures,
        })
    }

    /// A class may rest on classes above it only: so no class rests on itself.
    fn class(&mut self, id: &Spanned<String>, raw: RawClass) -> Option<Class> {
        let condition = self.condition(&raw.when, false)?;
        self.depths.insert(id.get_ref().clone(), self.depth(condition.root()));
        let line = self.lines.at(id.span().start);
        let above = |lines: &Lines<'_>, name: &str| {
            lines.classes.get(name).is_some_and(|header| *header < line) && name != id.get_ref()
        };
        for (name, span) in classes_in(condition.root()) {
            if self.schema.classes.contains(name) && !above(&self.lines, name) {
                let problem =
                    Problem::new(span, format!("class `{name}` stands below, or is this class itself")).hint(
                        "put the class that is used above the one that uses it, under a header `[class.…]`",
                    );
                self.inside(&raw.when, problem);
            }
        }
        Some(Class {
            id: id.get_ref().into(),
            article: self.article(&raw.article),
            condition,
            applies: raw.applies(),
            effect: raw.effect,
            auxiliary: raw.auxiliary,
            text: raw.text.into(),
            lines: self.lines(id.span().start, &format!("class.{}", id.get_ref())),
        })
    }

    fn duty(&mut self, id: &Spanned<String>, raw: RawDuty) -> Option<Duty> {
        let owed_when = self.condition(&raw.owed_when, false)?;
        let each_patterns = raw.each.as_ref().map(|text| self.patterns(text)).unwrap_or_default();
        let deadline = match raw.due.as_ref().map(|due| (due, deadline::parse(due.get_ref()))) {
            None => None,
            Some((_, Ok(deadline))) => Some(deadline),
            Some((due, Err(problem))) => {
                self.inside(due, problem);
                None
            }
        };
        let party = raw.by.as_str();
        if Party::ALL.iter().any(|party| party.as_str() == id.get_ref()) {
            self.loader.at(
                self.source,
                id,
                "a duty cannot have the name of a party",
                Some("rename it".to_owned()),
            );
        }
        let until_limit =
            match raw.until.as_ref().map(|until| (until, deadline::parse_limit(until.get_ref()))) {
                None => None,
                Some((_, Ok(limit))) => Some(limit),
                Some((until, Err(problem))) => {
                    self.inside(until, problem);
                    None
                }
            };
        let counted_by = match &raw.counting {
            Some(text) => Some(self.counting(text)),
            None => self
                .counting
                .get(party)
                .or_else(|| self.counting.get("default"))
                .map(|id| Counting::Calendar((*id).to_owned())),
        };
        let mut problems = Vec::new();
        let calendars = counted_by.as_ref().map(|counting| self.calendars_of(counting)).unwrap_or_default();
        for (text, limit) in [(&raw.due, &deadline), (&raw.until, &until_limit)] {
            if let (Some(text), Some(limit)) = (text, limit) {
                problems.extend(
                    limit.problems(self.schema, &calendars).into_iter().map(|problem| (text, problem)),
                );
            }
        }
        if let (Some(due), true) = (&raw.due, raw.each.is_some())
            && deadline.as_ref().is_some_and(Deadline::recurs)
        {
            problems.push((due, Problem::new(0..0, "`each` and `every` exclude each other")));
        }
        if let (Some(until), true) = (&raw.until, until_limit.as_ref().is_some_and(Deadline::recurs)) {
            problems.push((until, Problem::new(0..0, "a duty ends once: `until` has no `every`")));
        }
        for (text, problem) in problems {
            self.inside(text, problem);
        }
        let counting = counted_by.as_ref().map(|counting| match counting {
            Counting::Calendar(id) => id.clone(),
            Counting::Switch(id) => format!("switch({id})"),
        });
        let fulfilment = match &raw.fulfilled_by {
            Some(text) => Some(self.fulfilment(text)?),
            None => None,
        };
        Some(Duty {
            id: id.get_ref().into(),
            article: self.article(&raw.article),
            by: raw.by,
            applies: raw.applies(),
            text: raw.text.into(),
            addressee: raw.addressee.map(Into::into),
            owed_when,
            counting: counting.filter(|_| raw.due.is_some() || until_limit.is_some()).map(SmolStr::from),
            due: raw.due.map(|due| due.into_inner().into()),
            fulfilled_by: raw.fulfilled_by.map(Spanned::into_inner),
            reviewed: raw.reviewed,
            each: raw.each.map(Spanned::into_inner),
            each_patterns,
            counted_by,
            until: raw.until.map(Spanned::into_inner),
            until_limit,
            common: raw.common,
            lines: self.lines(id.span().start, &format!("duty.{}", id.get_ref())),
            deadline,
            fulfilment,
        })
    }

    fn fulfilment(&mut self, text: &Spanned<String>) -> Option<Fulfilment> {
        let expression = self.parsed(text)?;
        match fulfilment(expression.root(), self.schema) {
            Ok(fulfilment) => Some(fulfilment),
            Err(problem) => {
                self.inside(text, problem);
                None
            }
        }
    }

    fn power(&mut self, id: &Spanned<String>, raw: RawPower) -> Option<Power> {
        Some(Power {
            id: id.get_ref().into(),
            article: self.article(&raw.article),
            act: self.event(&raw.act),
            condition: self.condition(&raw.when, true)?,
            applies: raw.applies(),
            text: raw.text.into(),
            lines: self.lines(id.span().start, &format!("power.{}", id.get_ref())),
        })
    }

    fn penalty(&mut self, id: &Spanned<String>, raw: RawPenalty) -> Option<Penalty> {
        let amount = match &raw.maximum {
            None => None,
            Some(text) => {
                let expression = self.parsed(text)?;
                match expression::quantity(expression.root(), self.schema) {
                    Ok(unit) => Some((expression, unit)),
                    Err(problems) => {
                        for problem in problems {
                            self.inside(text, problem);
                        }
                        None
                    }
                }
            }
        };
        Some(Penalty {
            id: id.get_ref().into(),
            article: self.article(&raw.article),
            act: raw.act.as_ref().map(|act| self.event(act)),
            condition: self.condition(&raw.when, true)?,
            applies: raw.applies(),
            maximum: raw.maximum.map(Spanned::into_inner),
            text: raw.text.into(),
            lines: self.lines(id.span().start, &format!("penalty.{}", id.get_ref())),
            amount,
        })
    }

    fn procedure(&mut self, id: &Spanned<String>, raw: RawProcedure) -> Procedure {
        let pattern = EventPattern::with(raw.act.get_ref(), &raw.attributes);
        for problem in expression::pattern_problems(&pattern, self.schema) {
            self.inside(&raw.act, problem);
        }
        Procedure {
            id: id.get_ref().clone(),
            article: self.article(&raw.article).into(),
            act: raw.act.into_inner(),
            attributes: raw.attributes,
            requires: raw.requires,
            text: raw.text.into(),
            certainty: raw.certainty,
        }
    }
}

/// Reads what fulfils a duty: names of predicates, `event(…)`, `and`, `or`.
fn fulfilment(node: &Node, schema: &Schema) -> Result<Fulfilment, Problem> {
    let pattern = match &node.kind {
        Kind::Fact(name) => expression::EventPattern { predicate: name.clone(), attributes: Vec::new() },
        Kind::Event(pattern) => pattern.clone(),
        Kind::And(parts) => {
            return parts
                .iter()
                .map(|part| fulfilment(part, schema))
                .collect::<Result<_, _>>()
                .map(Fulfilment::All);
        }
        Kind::Or(parts) => {
            return parts
                .iter()
                .map(|part| fulfilment(part, schema))
                .collect::<Result<_, _>>()
                .map(Fulfilment::Any);
        }
        _ => {
            return Err(Problem::new(node.span.clone(), "only statements fulfil a duty")
                .hint("write as in `notification` or `event(safety-verification, scope = 'internal')`, joined by and, or"));
        }
    };
    match expression::pattern_problems(&pattern, schema).into_iter().next() {
        Some(problem) => Err(Problem { span: node.span.clone(), ..problem }),
        None => Ok(Fulfilment::Event(pattern)),
    }
}

fn classes_in(node: &Node) -> Vec<(&str, std::ops::Range<usize>)> {
    match &node.kind {
        Kind::Class(id) => vec![(id.as_str(), node.span.clone())],
        Kind::Not(inner) | Kind::Negate(inner) => classes_in(inner),
        Kind::And(parts) | Kind::Or(parts) | Kind::Extreme(_, parts) => {
            parts.iter().flat_map(classes_in).collect()
        }
        Kind::Compare(_, left, right) | Kind::In(left, right) | Kind::Arithmetic(_, left, right) => {
            let mut found = classes_in(left);
            found.extend(classes_in(right));
            found
        }
        _ => Vec::new(),
    }
}
