//! What someone brings along through signing in: the answers of an interview, kept for a day.

use evidence::Timestamp;
use serde::{Deserialize, Serialize};

use crate::desk::{Desk, DeskError, Kept, Versioned};
use crate::secret::new_id;

/// How long it is kept.
const MILLIS: i64 = 86_400_000;
/// The longest text, in bytes.
pub const MAX_CARRIED: usize = 8 << 10;
/// How many that are over their time are removed whenever one is added.
const SWEPT: usize = 20;

/// What someone brings along.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Carried {
    /// Its name among the documents; whoever knows it may read it.
    pub id: String,
    /// The query of the page that it comes from.
    pub query: String,
    /// When it was left here.
    pub at: Timestamp,
}

impl Carried {
    /// Tells whether its time is over.
    fn is_over(&self, now: Timestamp) -> bool {
        now.as_millis() - self.at.as_millis() > MILLIS
    }
}

impl Kept for Carried {
    const KIND: &'static str = "carried";

    fn id(&self) -> &str {
        &self.id
    }

    fn keys(&self) -> Vec<(&'static str, String)> {
        vec![("all", "carried".to_owned())]
    }
}

impl Desk {
    /// Keeps a query for a day; returns the name under which it is found. None where it is too long.
    pub fn carry(&self, query: &str, now: Timestamp) -> Result<Option<String>, DeskError> {
        if query.len() > MAX_CARRIED {
            return Ok(None);
        }
        let id = new_id(now)?;
        let carried = Carried { id: id.clone(), query: query.to_owned(), at: now };
        // Names follow time, so the oldest come first.
        let oldest = self.list::<Carried>("all", "carried", None, SWEPT)?;
        let mut changes: Vec<_> =
            oldest.iter().filter(|one| one.is_over(now)).map(Versioned::remove).collect();
        changes.push(Versioned::new(carried.clone()).put()?);
        match self.write(&changes) {
            // Somebody else has removed the same ones: the new one is what matters.
            Err(error) if error.is_conflict() => self.save(&mut Versioned::new(carried))?,
            done => done?,
        }
        Ok(Some(id))
    }

    /// Returns what was left under a name, while it is kept.
    pub fn carried(&self, id: &str, now: Timestamp) -> Result<Option<Versioned<Carried>>, DeskError> {
        Ok(self.load::<Carried>(id)?.filter(|carried| !carried.is_over(now)))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::records::SqliteRecords;

    #[test]
    fn what_is_carried_is_found_for_a_day_and_then_removed() {
        let desk = Desk::new(Arc::new(SqliteRecords::in_memory().unwrap()));
        let at = |hours: i64| Timestamp::from_millis(1_795_000_000_000 + hours * 3_600_000).unwrap();
        let id = desk.carry("law=all&f.parameters=1e12", at(0)).unwrap().unwrap();
        assert_eq!(desk.carried(&id, at(24)).unwrap().unwrap().query, "law=all&f.parameters=1e12");
        assert!(desk.carried(&id, at(25)).unwrap().is_none());
        desk.carry("law=all", at(25)).unwrap();
        assert!(desk.load::<Carried>(&id).unwrap().is_none(), "the next one sweeps it away");
        assert_eq!(desk.carry(&"a".repeat(MAX_CARRIED + 1), at(25)).unwrap(), None);
    }
}
