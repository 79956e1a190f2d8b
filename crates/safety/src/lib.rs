#![doc = include_str!("../README.md")]

mod compare;
mod endpoint;
mod eval_log;
mod journal;
mod run;
mod scorer;
pub mod statistics;
mod suite;
mod summary;
mod taxonomy;

pub use compare::{Difference, NotComparable, compare};
pub use endpoint::{Endpoint, EndpointError, Patience};
pub use run::{Options, Progress, Run, RunError, SampleResult, run};
pub use scorer::{Behaviour, Judgement, Outcome, Scorer, Unscored, behaviour_of, judge};
pub use suite::{Files, InvalidSuite, Notice, Problem, Sample, Source, Suite, Threshold};
pub use summary::{Reading, Summary, ThresholdReading};
pub use taxonomy::{Risk, Taxonomy, Title};
