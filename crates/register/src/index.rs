//! Search over the statements that a register holds, so over what its reader may see.
//!
//! An index is a value: it is made from a register and extended entry by entry; it never changes.
//! Words of scripts with spaces are found by any part of them; runs of letters without spaces,
//! Japanese above all, by any letters that follow each other in them, one letter too. What is looked
//! for is folded as the texts are: width, case, accents, hiragana and katakana make no difference.
//! A word that stands nowhere is read as the name next to it.
//!
//! It consists of segments, each for some consecutive entries and twice as large as the next one at
//! least, as logs of databases are merged: an entry costs little, however many there are. An index that
//! goes further than a register serves it too: what came later is left out.

mod segment;
mod set;
mod text;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use evidence::{Digest, Timestamp};

use crate::state::Register;
use segment::{END, Facet, Gram, Segment};
use set::Set;
use text::Piece;

/// How many entries are read into one segment at a time.
const CHUNK: u32 = 2048;
/// Most pieces of a text that are looked for, and most of its characters.
const MAX_PIECES: usize = 16;
const MAX_TEXT: usize = 200;
/// Shortest piece that is taken for a name with a typing error, in characters.
const MIN_NAME: usize = 3;

/// The statements of a register, ready to be searched.
#[derive(Debug, Clone, Default)]
pub struct Index {
    segments: Vec<Arc<Segment>>,
    size: u32,
}

/// What is looked for. Everything that is named must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    /// Words: each must stand in the statement, its kind, or the names of those concerned.
    pub text: String,
    /// Names of predicates, one of which it must be; any where none is named.
    pub kinds: BTreeSet<String>,
    /// An organisation that said it or that it concerns.
    pub organisation: Option<Digest>,
    /// The law under which it was done.
    pub law: Option<String>,
    /// Whether it was corrected later.
    pub corrected: Option<bool>,
    /// Recorded then or later.
    pub from: Option<Timestamp>,
    /// Recorded before then.
    pub before: Option<Timestamp>,
}

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// Indexes of the entries, oldest first.
    pub entries: Vec<u64>,
    /// How many of them are of each kind.
    pub kinds: BTreeMap<String, usize>,
    /// Words that stand nowhere, and the names that they were taken for.
    pub instead: Vec<(String, String)>,
}

impl Index {
    /// Returns how many entries it covers.
    pub fn size(&self) -> u64 {
        self.size.into()
    }

    /// Returns the index that covers what the register holds: this one, and what came since.
    #[must_use]
    pub fn extended(&self, register: &Register) -> Self {
        let mut next = self.clone();
        let size = u32::try_from(register.size()).unwrap_or(u32::MAX);
        while next.size < size {
            let to = size.min(next.size.saturating_add(CHUNK));
            next.push(Segment::read(register, next.size, to));
            next.size = to;
        }
        next
    }

    fn push(&mut self, mut segment: Segment) {
        while let Some(before) = self.segments.pop_if(|before| before.len() < 2 * segment.len()) {
            segment = before.joined(&segment);
        }
        self.segments.push(Arc::new(segment));
    }

    /// Finds statements of a register that this index covers, or an earlier state of it.
    pub fn search(&self, register: &Register, query: &Query) -> Found {
        let typed: String = query.text.chars().take(MAX_TEXT).collect();
        let mut pieces = text::pieces(&typed);
        pieces.truncate(MAX_PIECES);
        let mut found = Found::default();
        for piece in &mut pieces {
            if let Some(name) = self.instead_of(piece) {
                found.instead.push((shown(piece), shown(&name)));
                *piece = name;
            }
        }
        // Nothing but signs was typed: nothing holds them.
        if pieces.is_empty() && !typed.trim().is_empty() {
            return found;
        }
        let range = span(register, query, self.size);
        let corrected = self.corrected(register.size());
        for segment in &self.segments {
            let mut set = Set::of(segment.from, segment.to, range);
            set.keep(&facet(segment, &Facet::Any));
            for piece in &pieces {
                set.keep(&holding(segment, piece));
            }
            if let Some(organisation) = query.organisation {
                set.keep(&facet(segment, &Facet::Organisation(organisation)));
            }
            if let Some(law) = &query.law {
                set.keep(&facet(segment, &Facet::Law(law.as_str().into())));
            }
            if !query.kinds.is_empty() {
                let mut of_kinds = Set::new(segment.from, segment.to);
                for kind in &query.kinds {
                    of_kinds.add(segment.facets.get(&Facet::Kind(kind.as_str().into())).iter().copied());
                }
                set.keep(&of_kinds);
            }
            if let Some(wanted) = query.corrected {
                let mut old = Set::new(segment.from, segment.to);
                old.add(corrected.iter().copied());
                if wanted { set.keep(&old) } else { set.drop(&old) }
            }
            for (facet, list) in segment.facets.range(|key| *key < Facet::Kind("".into()), is_kind) {
                let Facet::Kind(kind) = facet else { continue };
                let count = list.iter().filter(|entry| set.has(**entry)).count();
                if count > 0 {
                    *found.kinds.entry(kind.to_string()).or_default() += count;
                }
            }
            set.write(&mut found.entries);
        }
        found
    }

    /// Returns the entries that another one had corrected before a size.
    fn corrected(&self, before: u64) -> Vec<u32> {
        let all = self.segments.iter().flat_map(|segment| &segment.corrected);
        all.filter(|(_, by)| u64::from(*by) < before).map(|(old, _)| *old).collect()
    }

    /// Returns the name that a piece is taken for, where the piece stands nowhere.
    fn instead_of(&self, piece: &Piece) -> Option<Piece> {
        let typed = shown(piece);
        let length = typed.chars().count();
        if length < MIN_NAME || self.segments.iter().any(|segment| !holding(segment, piece).is_empty()) {
            return None;
        }
        let names = self.segments.iter().flat_map(|segment| &segment.names);
        let alike: BTreeSet<String> = names
            .filter(|name| std::mem::discriminant(*name) == std::mem::discriminant(piece))
            .map(shown)
            .filter(|name| name.chars().count().abs_diff(length) <= 1 + length / 4)
            .collect();
        let name = law::closest(&typed, alike.iter().map(String::as_str))?;
        Some(match piece {
            Piece::Word(_) => Piece::Word(name.to_owned()),
            Piece::Run(_) => Piece::Run(name.chars().collect()),
        })
    }
}

fn is_kind(facet: &Facet) -> bool {
    matches!(facet, Facet::Kind(_))
}

fn shown(piece: &Piece) -> String {
    match piece {
        Piece::Word(word) => word.clone(),
        Piece::Run(letters) => letters.iter().collect(),
    }
}

/// Returns the entries among which is looked: those of the days asked for, and none that the register
/// does not have.
fn span(register: &Register, query: &Query, indexed: u32) -> (u32, u32) {
    let size = u32::try_from(register.size()).unwrap_or(u32::MAX).min(indexed);
    let just_before = |time: Timestamp| Timestamp::from_millis(time.as_millis() - 1);
    let until = |time: Timestamp| {
        let size = just_before(time).map_or(0, |time| register.size_on(time));
        u32::try_from(size).unwrap_or(u32::MAX)
    };
    (query.from.map_or(0, until), query.before.map_or(size, until).min(size))
}

fn facet(segment: &Segment, facet: &Facet) -> Set {
    let mut set = Set::new(segment.from, segment.to);
    set.add(segment.facets.get(facet).iter().copied());
    set
}

/// Returns the entries whose text holds a piece.
fn holding(segment: &Segment, piece: &Piece) -> Set {
    let mut set = Set::new(segment.from, segment.to);
    match piece {
        Piece::Word(part) => {
            for (word, list) in segment.words.iter() {
                if word.contains(part.as_str()) {
                    set.add(list.iter().copied());
                }
            }
        }
        Piece::Run(letters) => match letters.as_slice() {
            [] => {}
            [letter] => {
                let lists = segment.grams.range(|key| *key < (*letter, END), |key| key.0 == *letter);
                for (_, list) in lists {
                    set.add(list.iter().map(|(entry, _)| *entry));
                }
            }
            letters => set.add(following(segment, letters).into_iter()),
        },
    }
    set
}

/// Returns the entries in which letters follow each other: their grams must stand side by side.
fn following(segment: &Segment, letters: &[char]) -> Vec<u32> {
    let grams = letters.windows(2).filter_map(|two| match two {
        [one, other] => Some::<Gram>((*one, *other)),
        _ => None,
    });
    let mut lists: Vec<(u32, &[(u32, u32)])> =
        (0..).zip(grams).map(|(at, gram)| (at, segment.grams.get(&gram))).collect();
    lists.sort_by_key(|(_, list)| list.len());
    let Some(((first, rarest), others)) = lists.split_first() else { return Vec::new() };
    let mut starts: Vec<(u32, u32)> =
        rarest.iter().filter_map(|(entry, place)| Some((*entry, place.checked_sub(*first)?))).collect();
    for (at, list) in others {
        let mut rest = *list;
        starts.retain(|(entry, start)| {
            let wanted = (*entry, start + at);
            rest = rest.get(gallop(rest, wanted)..).unwrap_or_default();
            rest.first() == Some(&wanted)
        });
    }
    starts.dedup_by_key(|(entry, _)| *entry);
    starts.into_iter().map(|(entry, _)| entry).collect()
}

/// Returns where the first element that is not before `wanted` stands: near the front as a rule.
fn gallop(list: &[(u32, u32)], wanted: (u32, u32)) -> usize {
    let mut step = 1;
    while list.get(step).is_some_and(|known| *known < wanted) {
        step *= 2;
    }
    let low = step / 2;
    let high = (step + 1).min(list.len());
    low + list.get(low..high).unwrap_or_default().partition_point(|known| *known < wanted)
}

/// A search, for texts that are not in the register.
#[derive(Debug)]
pub struct Sought(Vec<Piece>);

impl Sought {
    /// Reads what is looked for.
    pub fn new(text: &str) -> Self {
        let text: String = text.chars().take(MAX_TEXT).collect();
        Self(text::pieces(&text).into_iter().take(MAX_PIECES).collect())
    }

    /// Tells whether every piece of it stands in a text.
    pub fn is_in(&self, text: &str) -> bool {
        let folded = text::folded(text);
        !self.0.is_empty() && self.0.iter().all(|piece| folded.contains(&shown(piece)))
    }
}

#[cfg(test)]
mod tests;
