//! The register as it stood: earlier states, folded again from what stands now.

use crate::library::Library;
use crate::state::{Recorded, Register};

/// How many entries lie between two states that are kept. A state between them is folded from the
/// one before it, so that looking back costs at most so many entries.
const STEP: u64 = 4096;

/// Earlier states of one register, kept at every 4,096 entries once they have been asked for. They
/// never change, and share with each other what has not changed between them.
#[derive(Debug, Clone, Default)]
pub struct History {
    steps: Vec<Register>,
}

impl History {
    /// Returns the register as it stood at `size`; nothing where it has not grown so far.
    ///
    /// `now` must always be a state of the same log. What it holds was judged when it was folded, so
    /// nothing is judged again.
    pub fn at(&mut self, now: &Register, size: u64, library: &Library) -> Option<Register> {
        if size >= now.size() {
            return (size == now.size()).then(|| now.clone());
        }
        let first = || Register::new(now.origin());
        while (self.steps.len() as u64 + 1) * STEP <= size {
            let from = self.steps.last().cloned().unwrap_or_else(first);
            self.steps.push(now.refolded(from, (self.steps.len() as u64 + 1) * STEP, library));
        }
        let step = usize::try_from(size / STEP).ok()?.checked_sub(1);
        let from = step.and_then(|step| self.steps.get(step)).cloned().unwrap_or_else(first);
        Some(now.refolded(from, size, library))
    }
}

impl Register {
    /// Folds what this register holds into an earlier state of it, until that has `size` entries.
    fn refolded(&self, mut past: Self, size: u64, library: &Library) -> Self {
        let from = past.size;
        let mut refused = self.refused.iter().skip_while(|(index, _)| *index < from).peekable();
        let mut carried = self.carried.iter().skip_while(|index| **index < from).peekable();
        for index in from..size.min(self.size) {
            let Some((root, time)) = self.marks.get(&(index + 1)).copied() else { break };
            if let Some(recorded) = self.at_index(index) {
                past.restricted += u64::from(!recorded.statement.is_public());
                past = past.recording(Recorded { superseded_by: None, ..Recorded::clone(recorded) }, library);
            } else if let Some(refusal) = refused.next_if(|(at, _)| *at == index) {
                past.refused.push_back_mut(refusal.clone());
            } else if let Some(index) = carried.next_if(|at| **at == index) {
                past.carried.push_back_mut(*index);
            } else {
                past.restricted += 1;
            }
            past = past.at_next(root, time);
        }
        past
    }
}

#[cfg(test)]
mod tests;
