//! Tokens to a tree, by recursive descent with a bounded depth.

use std::ops::Range;

use super::lexer::{Token, tokens};
use super::{Comparison, EventPattern, Extreme, Kind, Node, Operator};
use crate::diagnostic::Problem;

/// Deepest nesting of parentheses, `not` and minus signs.
const MAX_DEPTH: usize = 48;

const FUNCTIONS: [&str; 8] = ["class", "switch", "param", "unmet", "days_late", "event", "max", "min"];

pub(super) fn parse(source: &str) -> Result<Node, Problem> {
    let mut parser = Parser { source, tokens: tokens(source)?, at: 0, depth: 0 };
    let node = parser.disjunction()?;
    match parser.peek() {
        (Token::End, _) => Ok(node),
        (_, span) => Err(parser.unexpected(span, "the condition to end here, or `and`, `or`, a comparison")),
    }
}

struct Parser<'s> {
    source: &'s str,
    tokens: Vec<(Token, Range<usize>)>,
    at: usize,
    depth: usize,
}

impl<'s> Parser<'s> {
    fn peek(&self) -> (Token, Range<usize>) {
        self.tokens[self.at.min(self.tokens.len() - 1)].clone()
    }

    fn next(&mut self) -> (Token, Range<usize>) {
        let token = self.peek();
        self.at += 1;
        token
    }

    fn text(&self, span: &Range<usize>) -> &'s str {
        &self.source[span.clone()]
    }

    fn takes(&mut self, symbol: &str) -> bool {
        let found = matches!(self.peek().0, Token::Symbol(s) if s == symbol);
        self.at += usize::from(found);
        found
    }

    fn takes_word(&mut self, word: &str) -> bool {
        let (token, span) = self.peek();
        let found = token == Token::Word && self.text(&span) == word;
        self.at += usize::from(found);
        found
    }

    fn needs(&mut self, symbol: &str) -> Result<Range<usize>, Problem> {
        let (_, span) = self.peek();
        if self.takes(symbol) { Ok(span) } else { Err(self.unexpected(span, &format!("`{symbol}`"))) }
    }

    fn needs_word(&mut self, what: &str) -> Result<String, Problem> {
        match self.next() {
            (Token::Word, span) => Ok(self.text(&span).to_owned()),
            (_, span) => Err(self.unexpected(span, what)),
        }
    }

    fn unexpected(&self, span: Range<usize>, expected: &str) -> Problem {
        let found = match self.text(&span) {
            "" => "the end of the text".to_owned(),
            text => format!("`{text}`"),
        };
        let problem = Problem::new(span.clone(), format!("found {found}, expected {expected}"));
        match self.text(&span) {
            "=" => problem.hint("comparisons are =, !=, <, <=, >, >="),
            _ => problem,
        }
    }

    fn deeper<T>(&mut self, inner: impl FnOnce(&mut Self) -> Result<T, Problem>) -> Result<T, Problem> {
        if self.depth >= MAX_DEPTH {
            return Err(Problem::new(self.peek().1, format!("nested more than {MAX_DEPTH} deep"))
                .hint("name parts of it as classes"));
        }
        self.depth += 1;
        let result = inner(self);
        self.depth -= 1;
        result
    }

    fn disjunction(&mut self) -> Result<Node, Problem> {
        self.chain("or", Self::conjunction, Kind::Or)
    }

    fn conjunction(&mut self) -> Result<Node, Problem> {
        self.chain("and", Self::negation, Kind::And)
    }

    fn chain(
        &mut self,
        word: &str,
        part: fn(&mut Self) -> Result<Node, Problem>,
        join: fn(Vec<Node>) -> Kind,
    ) -> Result<Node, Problem> {
        let first = part(self)?;
        let start = first.span.start;
        let mut parts = vec![first];
        while self.takes_word(word) {
            parts.push(part(self)?);
        }
        let end = parts.last().map_or(start, |last| last.span.end);
        match (parts.len(), parts.pop()) {
            (1, Some(only)) => Ok(only),
            (_, last) => {
                parts.extend(last);
                Ok(Node::new(join(parts), start..end))
            }
        }
    }

    fn negation(&mut self) -> Result<Node, Problem> {
        let start = self.peek().1.start;
        if !self.takes_word("not") {
            return self.comparison();
        }
        let inner = self.deeper(Self::negation)?;
        let span = start..inner.span.end;
        Ok(Node::new(Kind::Not(Box::new(inner)), span))
    }

    fn comparison(&mut self) -> Result<Node, Problem> {
        let left = self.sum()?;
        let comparison = match self.peek().0 {
            Token::Symbol("=") => Comparison::Equal,
            Token::Symbol("!=") => Comparison::Different,
            Token::Symbol("<") => Comparison::Less,
            Token::Symbol("<=") => Comparison::AtMost,
            Token::Symbol(">") => Comparison::More,
            Token::Symbol(">=") => Comparison::AtLeast,
            _ => {
                if !self.takes_word("in") {
                    return Ok(left);
                }
                let list = self.sum()?;
                let span = left.span.start..list.span.end;
                return Ok(Node::new(Kind::In(Box::new(left), Box::new(list)), span));
            }
        };
        self.at += 1;
        let right = self.sum()?;
        let span = left.span.start..right.span.end;
        Ok(Node::new(Kind::Compare(comparison, Box::new(left), Box::new(right)), span))
    }

    fn sum(&mut self) -> Result<Node, Problem> {
        self.arithmetic(Self::product, |symbol| match symbol {
            "+" => Some(Operator::Add),
            "-" => Some(Operator::Subtract),
            _ => None,
        })
    }

    fn product(&mut self) -> Result<Node, Problem> {
        self.arithmetic(Self::signed, |symbol| match symbol {
            "*" => Some(Operator::Multiply),
            "/" => Some(Operator::Divide),
            _ => None,
        })
    }

    /// A left-associative chain. Each link makes the tree one deeper, so links count as nesting.
    fn arithmetic(
        &mut self,
        part: fn(&mut Self) -> Result<Node, Problem>,
        operator: fn(&str) -> Option<Operator>,
    ) -> Result<Node, Problem> {
        let mut left = part(self)?;
        let mut links = 0;
        while let (Token::Symbol(symbol), place) = self.peek() {
            let Some(operator) = operator(symbol) else { break };
            links += 1;
            if links > MAX_DEPTH {
                return Err(Problem::new(place, format!("more than {MAX_DEPTH} operations in a row")));
            }
            self.at += 1;
            let right = part(self)?;
            let span = left.span.start..right.span.end;
            left = Node::new(Kind::Arithmetic(operator, Box::new(left), Box::new(right)), span);
        }
        Ok(left)
    }

    fn signed(&mut self) -> Result<Node, Problem> {
        let start = self.peek().1.start;
        if !self.takes("-") {
            return self.atom();
        }
        let inner = self.deeper(Self::signed)?;
        let span = start..inner.span.end;
        Ok(Node::new(Kind::Negate(Box::new(inner)), span))
    }

    fn atom(&mut self) -> Result<Node, Problem> {
        let (token, span) = self.next();
        let kind = match token {
            Token::Number => return self.number(span),
            Token::Date => {
                let date = self.text(&span).parse().map_err(|_| {
                    Problem::new(span.clone(), format!("`{}` is not a day of the calendar", self.text(&span)))
                })?;
                Kind::Date(date)
            }
            Token::Text => Kind::Text(self.text(&(span.start + 1..span.end - 1)).to_owned()),
            Token::Symbol("(") => {
                let mut inner = self.deeper(Self::disjunction)?;
                let close = self.needs(")")?;
                inner.span = span.start..close.end;
                return Ok(inner);
            }
            Token::Symbol("[") => return self.list(span.start),
            Token::Word => return self.word(span),
            _ => {
                return Err(self.unexpected(span, "a fact, a number, a text in quotes, `not` or `(`"));
            }
        };
        Ok(Node::new(kind, span))
    }

    fn number(&mut self, span: Range<usize>) -> Result<Node, Problem> {
        let value =
            self.text(&span).parse().map_err(|error| Problem::new(span.clone(), format!("{error}")))?;
        let (token, place) = self.peek();
        let unit = match (token, self.text(&place)) {
            (Token::Symbol("%"), _) => Some("%"),
            (Token::Word, "and" | "or" | "in" | "not") => None,
            (Token::Word, unit) => Some(unit),
            _ => None,
        };
        let end = if unit.is_some() { place.end } else { span.end };
        self.at += usize::from(unit.is_some());
        Ok(Node::new(Kind::Number(value, unit.map(str::to_owned)), span.start..end))
    }

    fn list(&mut self, start: usize) -> Result<Node, Problem> {
        let mut items = Vec::new();
        loop {
            items.push(self.quoted("a text in quotes")?);
            if !self.takes(",") {
                let close = self.needs("]")?;
                return Ok(Node::new(Kind::List(items), start..close.end));
            }
        }
    }

    fn quoted(&mut self, what: &str) -> Result<String, Problem> {
        match self.next() {
            (Token::Text, span) => Ok(self.text(&(span.start + 1..span.end - 1)).to_owned()),
            (_, span) => Err(self.unexpected(span, what)),
        }
    }

    fn word(&mut self, span: Range<usize>) -> Result<Node, Problem> {
        let word = self.text(&span);
        if !self.takes("(") {
            let kind = match word {
                "true" => Kind::Boolean(true),
                "false" => Kind::Boolean(false),
                "designated" => Kind::Designated,
                "as_of" => Kind::AsOf,
                "and" | "or" | "in" => return Err(self.unexpected(span, "a condition before it")),
                fact => Kind::Fact(fact.to_owned()),
            };
            return Ok(Node::new(kind, span));
        }
        let kind = match word {
            "class" => Kind::Class(self.needs_word("the id of a class")?),
            "switch" => Kind::Switch(self.needs_word("the id of a switch")?),
            "param" => Kind::Parameter(self.needs_word("the id of a parameter")?),
            "days_late" => Kind::DaysLate(self.needs_word("the id of a duty")?),
            "unmet" => Kind::Unmet(self.needs_word("the id of a duty")?),
            "event" => Kind::Event(self.event_pattern()?),
            "max" => Kind::Extreme(Extreme::Largest, self.arguments()?),
            "min" => Kind::Extreme(Extreme::Smallest, self.arguments()?),
            other => {
                return Err(Problem::new(span, format!("there is no `{other}(…)`")).suggest(other, FUNCTIONS));
            }
        };
        let close = self.needs(")")?;
        Ok(Node::new(kind, span.start..close.end))
    }

    fn event_pattern(&mut self) -> Result<EventPattern, Problem> {
        let predicate = self.needs_word("the name of a predicate")?;
        let mut attributes = Vec::new();
        while self.takes(",") {
            let name = self.needs_word("the name of an attribute")?;
            if self.takes_word("in") {
                let start = self.needs("[")?.start;
                let Kind::List(values) = self.list(start)?.kind else { continue };
                attributes.push((name, values));
            } else {
                self.needs("=")?;
                attributes.push((name, vec![self.quoted("the attribute's value in quotes")?]));
            }
        }
        Ok(EventPattern { predicate, attributes })
    }

    fn arguments(&mut self) -> Result<Vec<Node>, Problem> {
        let mut found = vec![self.deeper(Self::sum)?];
        while self.takes(",") {
            found.push(self.deeper(Self::sum)?);
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::expression::parse;

    fn problem(source: &str) -> String {
        let problem = parse(source).unwrap_err();
        format!("{}: {problem}", problem.span.start)
    }

    #[test]
    fn what_cannot_be_read_is_said_with_its_place() {
        assert_eq!(
            problem("compute > "),
            "10: found the end of the text, expected a fact, a number, a text in quotes, `not` or `(`"
        );
        assert_eq!(problem("a and or b"), "6: found `or`, expected a condition before it");
        assert_eq!(
            problem("a > 1 > 2"),
            "6: found `>`, expected the condition to end here, or `and`, `or`, a comparison"
        );
        assert_eq!(problem("clas(x)"), "0: there is no `clas(…)`; did you mean `class`?");
        assert_eq!(problem("a = 'x"), "4: the text in quotes is not closed; close it with '");
        assert_eq!(problem("as_of < 2026-02-30"), "8: `2026-02-30` is not a day of the calendar");
        assert_eq!(problem("a && b"), "2: unexpected character `&`; write `and`");
        assert!(problem("compute > 1e999999999 FLOP").contains("out of range"));
    }

    #[test]
    fn nesting_and_length_are_bounded() {
        for text in
            ["(".repeat(4000), "not ".repeat(1000), "-".repeat(4000), format!("1{}", "+1".repeat(2000))]
        {
            assert!(parse(&text).is_err());
        }
        assert!(problem(&"a ".repeat(3000)).contains("at most 4096"));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]
        #[test]
        fn no_text_makes_the_parser_panic(text in "[a-z0-9 ()\\[\\]<>=!+*/,.'%_\"あ-]{0,60}") {
            let _ = parse(&text);
        }
    }
}
