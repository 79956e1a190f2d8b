//! What a node counts about its work, and whether it can do it.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

/// Upper bounds of what a commit takes, in seconds.
const COMMIT_BOUNDS: [f64; 10] = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];

/// What the sequencer counts. Cheap to clone: all clones count together.
#[derive(Debug, Clone)]
pub(crate) struct Measures {
    pub(crate) batches: Counter,
    pub(crate) entries: Counter,
    pub(crate) failures: Counter,
    pub(crate) overtaken: Counter,
    pub(crate) commit: Histogram,
}

impl Measures {
    pub(crate) fn new() -> Self {
        Self {
            batches: Counter::default(),
            entries: Counter::default(),
            failures: Counter::default(),
            overtaken: Counter::default(),
            commit: Histogram::new(COMMIT_BOUNDS),
        }
    }

    pub(crate) fn register(&self, registry: &mut Registry) {
        registry.register("batches", "Batches that this server committed", self.batches.clone());
        registry.register("entries", "Entries that this server committed", self.entries.clone());
        registry.register(
            "batches_failed",
            "Batches that were not committed, or of which it is not known",
            self.failures.clone(),
        );
        registry.register(
            "batches_overtaken",
            "Batches that another server was faster than",
            self.overtaken.clone(),
        );
        registry.register_with_unit(
            "commit",
            "From the judged batch to its published checkpoint",
            Unit::Seconds,
            self.commit.clone(),
        );
    }
}

/// Whether a node can do its work, part by part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Health {
    /// Whether the database answers.
    pub database: bool,
    /// Whether submissions are taken: the sequencer runs, and has not closed itself.
    pub sequencer: bool,
}
