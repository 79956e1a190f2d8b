//! A condition of a rule, read for being said in words. The engine has checked it before.

/// Most levels that are read; deeper conditions are shown as they are written.
const MAX_DEPTH: usize = 64;

/// A condition, or a part of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Node {
    Boolean(bool),
    /// A number as written, with its unit.
    Number(String),
    Text(String),
    Date(String),
    List(Vec<String>),
    Fact(String),
    AsOf,
    Designated,
    /// `class(…)`, `switch(…)`, `param(…)`, `unmet(…)`, `days_late(…)`: what is called, and of what.
    Of(Word, String),
    /// Statements of a kind, with attributes and the values of which each has one.
    Event(String, Vec<(String, Vec<String>)>),
    Not(Box<Node>),
    All(Vec<Node>),
    Any(Vec<Node>),
    Compare(&'static str, Box<Node>, Box<Node>),
    In(Box<Node>, Box<Node>),
    Sum(&'static str, Box<Node>, Box<Node>),
    /// The lowest or the highest of some.
    Lowest(Vec<Node>),
    Highest(Vec<Node>),
}

/// What can be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Word {
    Class,
    Switch,
    Parameter,
    Unmet,
    DaysLate,
}

/// Reads a condition; none where it is not one, as of the sentences that some reasons hold.
pub(super) fn read(text: &str) -> Option<Node> {
    let mut reader = Reader { rest: text.trim(), depth: 0 };
    let node = reader.any()?;
    reader.rest.is_empty().then_some(node)
}

struct Reader<'t> {
    rest: &'t str,
    depth: usize,
}

impl<'t> Reader<'t> {
    fn take(&mut self, length: usize) -> &'t str {
        let (taken, rest) = self.rest.split_at(length);
        self.rest = rest.trim_start();
        taken
    }

    fn symbol(&mut self, symbol: &str) -> Option<()> {
        self.rest = self.rest.strip_prefix(symbol)?.trim_start();
        Some(())
    }

    /// Returns the word that comes next: letters, digits, `_`, and `-` between them.
    fn peek(&self) -> &'t str {
        if !self.rest.starts_with(|c: char| c.is_ascii_alphabetic()) {
            return "";
        }
        let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        let bytes = self.rest.as_bytes();
        let end = (0..bytes.len()).find(|at| {
            let joins = bytes[*at] == b'-' && bytes.get(at + 1).is_some_and(|next| is_part(*next));
            !is_part(bytes[*at]) && !joins
        });
        &self.rest[..end.unwrap_or(self.rest.len())]
    }

    fn word(&mut self, word: &str) -> Option<()> {
        (self.peek() == word).then(|| {
            self.take(word.len());
        })
    }

    fn joined(&mut self, word: &str, part: fn(&mut Self) -> Option<Node>) -> Option<Vec<Node>> {
        let mut parts = vec![part(self)?];
        while self.word(word).is_some() {
            parts.push(part(self)?);
        }
        Some(parts)
    }

    fn any(&mut self) -> Option<Node> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return None;
        }
        let mut parts = self.joined("or", Self::all)?;
        self.depth -= 1;
        if parts.len() == 1 { parts.pop() } else { Some(Node::Any(parts)) }
    }

    fn all(&mut self) -> Option<Node> {
        let mut parts = self.joined("and", Self::not)?;
        if parts.len() == 1 { parts.pop() } else { Some(Node::All(parts)) }
    }

    fn not(&mut self) -> Option<Node> {
        let mut negations = 0_usize;
        while self.word("not").is_some() {
            negations += 1;
        }
        let node = self.compared()?;
        Some(if negations % 2 == 1 { Node::Not(Box::new(node)) } else { node })
    }

    fn compared(&mut self) -> Option<Node> {
        let left = self.sum()?;
        if self.word("in").is_some() {
            return Some(Node::In(Box::new(left), Box::new(self.sum()?)));
        }
        let sign = ["!=", "<=", ">=", "=", "<", ">"].into_iter().find(|sign| self.symbol(sign).is_some());
        Some(match sign {
            Some(sign) => Node::Compare(sign, Box::new(left), Box::new(self.sum()?)),
            None => left,
        })
    }

    fn sum(&mut self) -> Option<Node> {
        let mut left = self.product()?;
        while let Some(sign) = ["+", "-"].into_iter().find(|sign| self.symbol(sign).is_some()) {
            left = Node::Sum(sign, Box::new(left), Box::new(self.product()?));
        }
        Some(left)
    }

    fn product(&mut self) -> Option<Node> {
        let mut left = self.one()?;
        while let Some(sign) = ["*", "/"].into_iter().find(|sign| self.symbol(sign).is_some()) {
            left = Node::Sum(sign, Box::new(left), Box::new(self.one()?));
        }
        Some(left)
    }

    fn one(&mut self) -> Option<Node> {
        let first = self.rest.chars().next()?;
        if self.symbol("(").is_some() {
            let node = self.any()?;
            self.symbol(")")?;
            return Some(node);
        }
        if first == '[' {
            return self.list().map(Node::List);
        }
        if first == '\'' || first == '"' {
            return self.text().map(Node::Text);
        }
        if first.is_ascii_digit() {
            return Some(self.number());
        }
        let word = self.peek();
        if word.is_empty() {
            return None;
        }
        self.take(word.len());
        let of = match word {
            "true" => return Some(Node::Boolean(true)),
            "false" => return Some(Node::Boolean(false)),
            "as_of" => return Some(Node::AsOf),
            "designated" => return Some(Node::Designated),
            "event" => return self.event(),
            "max" => return self.several().map(Node::Highest),
            "min" => return self.several().map(Node::Lowest),
            "class" => Word::Class,
            "switch" => Word::Switch,
            "param" => Word::Parameter,
            "unmet" => Word::Unmet,
            "days_late" => Word::DaysLate,
            _ => return Some(Node::Fact(word.to_owned())),
        };
        self.symbol("(")?;
        let id = self.peek();
        self.take(id.len());
        self.symbol(")")?;
        Some(Node::Of(of, id.to_owned()))
    }

    fn several(&mut self) -> Option<Vec<Node>> {
        self.symbol("(")?;
        let mut parts = vec![self.any()?];
        while self.symbol(",").is_some() {
            parts.push(self.any()?);
        }
        self.symbol(")")?;
        Some(parts)
    }

    fn event(&mut self) -> Option<Node> {
        self.symbol("(")?;
        let predicate = self.peek();
        self.take(predicate.len());
        let mut attributes = Vec::new();
        while self.symbol(",").is_some() {
            let name = self.peek();
            self.take(name.len());
            let values = if self.word("in").is_some() {
                self.list()?
            } else {
                vec![self.symbol("=").and_then(|()| self.text())?]
            };
            attributes.push((name.to_owned(), values));
        }
        self.symbol(")")?;
        Some(Node::Event(predicate.to_owned(), attributes))
    }

    fn list(&mut self) -> Option<Vec<String>> {
        self.symbol("[")?;
        let mut values = vec![self.text()?];
        while self.symbol(",").is_some() {
            values.push(self.text()?);
        }
        self.symbol("]")?;
        Some(values)
    }

    fn text(&mut self) -> Option<String> {
        let quote = self.rest.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
        let length = self.rest[1..].find(quote)?;
        Some(self.take(length + 2)[1..=length].to_owned())
    }

    fn number(&mut self) -> Node {
        let is_part = |c: char| c.is_ascii_alphanumeric() || "._".contains(c);
        let day = self.rest.get(..10).filter(|day| day.parse::<jiff::civil::Date>().is_ok());
        if let Some(day) = day {
            self.take(day.len());
            return Node::Date(day.to_owned());
        }
        let mut end = self.rest.find(|c| !is_part(c)).unwrap_or(self.rest.len());
        // An exponent may have a sign.
        if self.rest[..end].ends_with(['e', 'E']) && self.rest[end..].starts_with(['+', '-']) {
            end += 1 + self.rest[end + 1..].find(|c| !is_part(c)).unwrap_or(self.rest.len() - end - 1);
        }
        let mut number = self.take(end).to_owned();
        let unit = if self.symbol("%").is_some() { "%" } else { self.peek() };
        if !unit.is_empty() && !["and", "or", "in", "not"].contains(&unit) {
            if unit != "%" {
                self.take(unit.len());
            }
            number = format!("{number} {unit}");
        }
        Node::Number(number)
    }
}

impl Node {
    /// Says the opposite.
    pub(super) fn opposite(self) -> Self {
        match self {
            Self::Not(inner) => *inner,
            Self::All(parts) => Self::Any(parts.into_iter().map(Self::opposite).collect()),
            Self::Any(parts) => Self::All(parts.into_iter().map(Self::opposite).collect()),
            Self::Boolean(value) => Self::Boolean(!value),
            other => Self::Not(Box::new(other)),
        }
    }

    /// Takes `not` to the conditions themselves: neither A nor B is not A and not B.
    pub(super) fn plain(self) -> Self {
        match self {
            Self::Not(inner) => match inner.plain() {
                node @ (Self::All(_) | Self::Any(_) | Self::Not(_) | Self::Boolean(_)) => node.opposite(),
                other => Self::Not(Box::new(other)),
            },
            Self::All(parts) => Self::All(parts.into_iter().map(Self::plain).collect()),
            Self::Any(parts) => Self::Any(parts.into_iter().map(Self::plain).collect()),
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(folder: &std::path::Path) -> law::Regime {
        let mut files = std::collections::BTreeMap::new();
        let mut waiting = vec![folder.to_owned()];
        while let Some(path) = waiting.pop() {
            if path.is_dir() {
                waiting.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
                continue;
            }
            let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
            files.insert(name, std::fs::read(&path).unwrap());
        }
        law::Regime::load(&files).unwrap()
    }

    #[test]
    fn conditions_of_all_shipped_laws_are_read() {
        let mut read_of = 0;
        for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../../regimes")).unwrap() {
            let regime = load(&entry.unwrap().path());
            let rules = regime.classes().iter().map(|class| &class.condition);
            let rules = rules.chain(regime.duties().iter().map(|duty| &duty.owed_when));
            let rules = rules.chain(regime.powers().iter().map(|power| &power.condition));
            let rules = rules.chain(regime.penalties().iter().map(|penalty| &penalty.condition));
            let texts = rules.chain([&regime.coverage().condition]).map(law::expression::Expression::source);
            let amounts = regime.penalties().iter().filter_map(|penalty| penalty.maximum.as_deref());
            for text in texts.chain(amounts) {
                assert!(read(text).is_some(), "{}: {text}", regime.id());
                read_of += 1;
            }
        }
        assert!(read_of > 300, "{read_of}");
    }

    #[test]
    fn a_condition_is_read_as_it_is_joined() {
        let of = |word, id: &str| Node::Of(word, id.to_owned());
        let fact = |name: &str| Box::new(Node::Fact(name.to_owned()));
        let number = |text: &str| Box::new(Node::Number(text.to_owned()));
        assert_eq!(
            read("class(a-b) and not (x or y) and z > 1e25 FLOP").map(Node::plain),
            Some(Node::All(vec![
                of(Word::Class, "a-b"),
                Node::All(vec![Node::Not(fact("x")), Node::Not(fact("y"))]),
                Node::Compare(">", fact("z"), number("1e25 FLOP")),
            ]))
        );
        assert_eq!(
            read("x = 3 % or event(e, d = 'true', k in ['a', 'b'])"),
            Some(Node::Any(vec![
                Node::Compare("=", fact("x"), number("3 %")),
                Node::Event(
                    "e".into(),
                    vec![("d".into(), vec!["true".into()]), ("k".into(), vec!["a".into(), "b".into()])]
                ),
            ]))
        );
        assert_eq!(
            read("x >= 2026-08-02"),
            Some(Node::Compare(">=", fact("x"), Box::new(Node::Date("2026-08-02".into()))))
        );
        assert!(read("the rule applies on 2026-08-02").is_none());
        assert!(read(&"(".repeat(9999)).is_none() && read("").is_none() && read("é").is_none());
    }
}
