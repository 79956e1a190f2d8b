//! A part of the index: the statements of some consecutive entries. Never changed once made; parts
//! that follow each other are joined by putting their lists one behind the other.

use std::collections::{BTreeMap, BTreeSet};

use evidence::{Digest, Language, Predicate, PredicateType};
use serde_json::Value;

use super::text::{Piece, pieces};
use crate::state::{Recorded, Register};

/// Two letters of a run, or its last letter and nothing.
pub(super) type Gram = (char, char);

/// What stands behind the last letter of a run.
pub(super) const END: char = '\0';

/// The deepest level of a statement that is read.
const MAX_DEPTH: usize = 32;

/// Lists by key, in the order of their keys.
#[derive(Debug)]
pub(super) struct Lists<K, P> {
    keys: Vec<K>,
    /// Where each list ends.
    ends: Vec<usize>,
    all: Vec<P>,
}

impl<K: Ord + Clone, P: Copy> Lists<K, P> {
    fn new(found: BTreeMap<K, Vec<P>>) -> Self {
        let mut lists = Self { keys: Vec::new(), ends: Vec::new(), all: Vec::new() };
        for (key, list) in found {
            lists.push(key, &[&list]);
        }
        lists
    }

    fn push(&mut self, key: K, parts: &[&[P]]) {
        self.keys.push(key);
        for part in parts {
            self.all.extend_from_slice(part);
        }
        self.ends.push(self.all.len());
    }

    fn at(&self, place: usize) -> &[P] {
        let start = place.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        self.ends.get(place).and_then(|end| self.all.get(start..*end)).unwrap_or_default()
    }

    /// Returns the list of a key.
    pub(super) fn get<Q: Ord + ?Sized>(&self, key: &Q) -> &[P]
    where
        K: std::borrow::Borrow<Q>,
    {
        self.keys.binary_search_by(|known| known.borrow().cmp(key)).map_or(&[], |place| self.at(place))
    }

    /// Returns the lists of the keys from the first for which `before` does not hold, as long as
    /// `within` holds.
    pub(super) fn range(
        &self,
        before: impl FnMut(&K) -> bool,
        within: impl Fn(&K) -> bool,
    ) -> impl Iterator<Item = (&K, &[P])> {
        let first = self.keys.partition_point(before);
        let keys = self.keys.get(first..).unwrap_or_default();
        (first..).zip(keys).take_while(move |(_, key)| within(key)).map(|(place, key)| (key, self.at(place)))
    }

    /// Returns every key with its list.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&K, &[P])> {
        self.keys.iter().enumerate().map(|(place, key)| (key, self.at(place)))
    }

    fn joined(&self, next: &Self) -> Self {
        let mut lists = Self {
            keys: Vec::with_capacity(self.keys.len().max(next.keys.len())),
            ends: Vec::new(),
            all: Vec::with_capacity(self.all.len() + next.all.len()),
        };
        let (mut left, mut right) = (0, 0);
        loop {
            match (self.keys.get(left), next.keys.get(right)) {
                (Some(one), Some(other)) if one == other => {
                    lists.push(one.clone(), &[self.at(left), next.at(right)]);
                    (left, right) = (left + 1, right + 1);
                }
                (Some(one), other) if other.is_none_or(|other| one < other) => {
                    lists.push(one.clone(), &[self.at(left)]);
                    left += 1;
                }
                (_, Some(other)) => {
                    lists.push(other.clone(), &[next.at(right)]);
                    right += 1;
                }
                (_, None) => return lists,
            }
        }
    }
}

/// A part of the index.
#[derive(Debug)]
pub(super) struct Segment {
    /// The first entry, and the one after the last.
    pub(super) from: u32,
    pub(super) to: u32,
    /// Where grams stand: entry and place in its text.
    pub(super) grams: Lists<Gram, (u32, u32)>,
    pub(super) words: Lists<Box<str>, u32>,
    /// What a statement is rather than says: kind, law, who is concerned.
    pub(super) facets: Lists<Facet, u32>,
    /// The pieces of names, for typing errors.
    pub(super) names: BTreeSet<Piece>,
    /// Statements that were corrected, and by which entry.
    pub(super) corrected: Vec<(u32, u32)>,
}

/// What statements are chosen by, apart from their text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Facet {
    /// A statement that this reader may see: entries without one are in no list.
    Any,
    /// Name of the predicate.
    Kind(Box<str>),
    /// Who said it, or whom it concerns.
    Organisation(Digest),
    /// The law under which it was done.
    Law(Box<str>),
}

impl Segment {
    /// Reads the statements of some entries.
    pub(super) fn read(register: &Register, from: u32, to: u32) -> Self {
        let mut reader = Reader::default();
        for recorded in (from..to).filter_map(|index| register.at_index(u64::from(index))) {
            reader.read(register, recorded);
        }
        Self {
            from,
            to,
            grams: Lists::new(reader.grams),
            words: Lists::new(reader.words),
            facets: Lists::new(reader.facets),
            names: reader.names,
            corrected: reader.corrected,
        }
    }

    /// Puts the part that follows behind this one.
    pub(super) fn joined(&self, next: &Self) -> Self {
        Self {
            from: self.from,
            to: next.to,
            grams: self.grams.joined(&next.grams),
            words: self.words.joined(&next.words),
            facets: self.facets.joined(&next.facets),
            names: self.names.union(&next.names).cloned().collect(),
            corrected: [&self.corrected[..], &next.corrected].concat(),
        }
    }

    pub(super) fn len(&self) -> u32 {
        self.to - self.from
    }
}

#[derive(Default)]
struct Reader {
    grams: BTreeMap<Gram, Vec<(u32, u32)>>,
    words: BTreeMap<Box<str>, Vec<u32>>,
    facets: BTreeMap<Facet, Vec<u32>>,
    names: BTreeSet<Piece>,
    corrected: Vec<(u32, u32)>,
    /// The entry that is read, and how far its text goes.
    entry: u32,
    place: u32,
}

impl Reader {
    fn read(&mut self, register: &Register, recorded: &Recorded) {
        let Ok(entry) = u32::try_from(recorded.index) else { return };
        (self.entry, self.place) = (entry, 0);
        let statement = &recorded.statement;
        let predicate = statement.predicate();
        if let Some(kind) = PredicateType::find(predicate.name()) {
            self.text(kind.label(Language::Ja));
            self.text(kind.label(Language::En));
        }
        self.text(predicate.name());
        self.value(&predicate.to_value(), 0);
        let common = statement.common();
        self.text(common.holder.as_str());
        self.text(common.basis.article.as_deref().unwrap_or_default());
        common.attachments.iter().for_each(|attachment| self.text(&attachment.name));
        self.names_of(register, statement.subject());
        let concerned = register.addressee(&statement.digest());
        let mut organisations = BTreeSet::new();
        for id in [recorded.issuer, concerned].into_iter().flatten() {
            if register.organisation(&id).is_some() && organisations.insert(id) {
                self.facet(Facet::Organisation(id));
                self.names_of(register, id);
            }
        }
        self.facet(Facet::Any);
        self.facet(Facet::Kind(predicate.name().into()));
        if let Some(law) = &common.regime {
            self.facet(Facet::Law(law.as_str().into()));
            self.text(law.as_str());
        }
        let names = match predicate {
            Predicate::Organisation(organisation) => Some((&organisation.names, &organisation.slug)),
            Predicate::Model(model) => Some((&model.names, &model.slug)),
            _ => None,
        };
        if let Some((names, slug)) = names {
            let texts = [names.ja.as_deref(), names.en.as_deref(), Some(slug.as_str())];
            self.names.extend(texts.into_iter().flatten().flat_map(pieces));
        }
        if let Some(old) = common.supersedes.and_then(|old| register.recorded(&old)) {
            self.corrected.extend(u32::try_from(old.index).ok().map(|old| (old, entry)));
        }
    }

    /// Reads the names of a thing and of what it is below.
    fn names_of(&mut self, register: &Register, id: Digest) {
        let mut next = Some(id);
        // A thing is always younger than what it is below, so this ends.
        while let Some(id) = next {
            next = register.thing(&id).map(|thing| thing.parent);
            let Some(recorded) = register.recorded(&id) else { return };
            let (names, slug) = match recorded.statement.predicate() {
                Predicate::Organisation(organisation) => (Some(&organisation.names), &organisation.slug),
                Predicate::Model(model) => (Some(&model.names), &model.slug),
                Predicate::ModelVersion(version) => (None, &version.slug),
                Predicate::Certificate(certificate) => (Some(&certificate.scheme), &certificate.slug),
                _ => return,
            };
            for text in names.into_iter().flat_map(|names| [&names.ja, &names.en]).flatten() {
                self.text(text);
            }
            self.text(slug.as_str());
        }
    }

    /// Reads every text in a statement's body.
    fn value(&mut self, value: &Value, depth: usize) {
        match value {
            Value::String(text) => self.text(text),
            Value::Array(values) if depth < MAX_DEPTH => {
                for value in values {
                    self.value(value, depth + 1);
                }
            }
            Value::Object(fields) if depth < MAX_DEPTH => {
                fields.values().for_each(|value| self.value(value, depth + 1));
            }
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        for piece in pieces(text) {
            match piece {
                Piece::Word(word) => {
                    let list = self.words.entry(word.into()).or_default();
                    if list.last() != Some(&self.entry) {
                        list.push(self.entry);
                    }
                }
                Piece::Run(letters) => {
                    for (at, first) in letters.iter().enumerate() {
                        let second = letters.get(at + 1).copied().unwrap_or(END);
                        self.grams.entry((*first, second)).or_default().push((self.entry, self.place));
                        self.place += 1;
                    }
                    // The next piece does not continue this one.
                    self.place += 1;
                }
            }
        }
    }

    fn facet(&mut self, facet: Facet) {
        self.facets.entry(facet).or_default().push(self.entry);
    }
}
