//! Entries of one segment, a bit for each.

/// A set of entries.
#[derive(Debug)]
pub(super) struct Set {
    from: u32,
    to: u32,
    bits: Vec<u64>,
}

impl Set {
    /// Makes the empty set.
    pub(super) fn new(from: u32, to: u32) -> Self {
        Self { from, to, bits: vec![0; (to - from).div_ceil(64) as usize] }
    }

    /// Makes the set of a segment's entries that lie in a range.
    pub(super) fn of(from: u32, to: u32, (first, end): (u32, u32)) -> Self {
        let mut set = Self::new(from, to);
        set.add(first.max(from)..end.min(to));
        set
    }

    fn place(&self, entry: u32) -> Option<(usize, u64)> {
        let at = entry.checked_sub(self.from).filter(|_| entry < self.to)?;
        Some(((at / 64) as usize, 1 << (at % 64)))
    }

    /// Adds entries; those of other segments are left out.
    pub(super) fn add(&mut self, entries: impl Iterator<Item = u32>) {
        let mut last = None;
        for entry in entries {
            // An entry holds most letters several times.
            if last.replace(entry) == Some(entry) {
                continue;
            }
            if let Some((word, bit)) = self.place(entry)
                && let Some(word) = self.bits.get_mut(word)
            {
                *word |= bit;
            }
        }
    }

    pub(super) fn has(&self, entry: u32) -> bool {
        self.place(entry).is_some_and(|(word, bit)| self.bits.get(word).is_some_and(|word| word & bit != 0))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.bits.iter().all(|word| *word == 0)
    }

    /// Keeps what the other set of the same segment has too.
    pub(super) fn keep(&mut self, other: &Self) {
        self.bits.iter_mut().zip(&other.bits).for_each(|(word, other)| *word &= other);
    }

    /// Drops what the other set of the same segment has.
    pub(super) fn drop(&mut self, other: &Self) {
        self.bits.iter_mut().zip(&other.bits).for_each(|(word, other)| *word &= !other);
    }

    /// Writes its entries down, in order.
    pub(super) fn write(&self, entries: &mut Vec<u64>) {
        for (at, word) in (0_u64..).zip(&self.bits) {
            let mut rest = *word;
            while rest != 0 {
                entries.push(u64::from(self.from) + at * 64 + u64::from(rest.trailing_zeros()));
                rest &= rest - 1;
            }
        }
    }
}
