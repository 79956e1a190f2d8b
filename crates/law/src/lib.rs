#![doc = include_str!("../README.md")]

mod assess;
mod assessment;
mod calendar;
mod crosswalk;
mod deadline;
mod diagnostic;
mod document;
mod duty;
pub mod events_file;
mod explain;
pub mod expression;
mod facts_file;
mod formula;
mod law_test;
mod lint;
mod missing;
mod number;
mod oscal;
mod reason;
mod record;
mod regime;
mod request;
#[cfg(test)]
mod schema;
mod settings;
pub mod simulate;
#[cfg(test)]
mod testing;
mod truth;
mod wording;

pub use assess::assess;
pub use assessment::{
    Assessment, ClassResult, Coverage, DueReason, DutyResult, Force, Money, Party, PenaltyResult,
    PowerResult, Status,
};
pub use calendar::{Calendar, CountError, PeriodEnd};
pub use crosswalk::{Answer, Common, Crosswalk, CrosswalkRow, Vocabulary, crosswalk, told_of_incidents};
pub use diagnostic::{Diagnostic, Problem, closest};
pub use document::{document, party};
pub use events_file::EventsFile;
pub use facts_file::{FactError, FactsFile};
pub use law_test::{Difference, LawTest, LawTestResult};
pub use lint::{Finding, FindingKind, Severity, findings_across};
pub use missing::{Goal, GoalError, MissingSets, missing_sets, next_question, questions};
pub use number::{Number, NumberError};
pub use oscal::Exported;
pub use reason::{EventUsed, FactUsed, LazyReason, ParameterUsed, Reason, Stated, SwitchUsed};
pub use record::{Event, FactEntry, FactValue, Record, Source};
pub use regime::{
    Applies, Article, AttributeSchema, Certainty, Choice, Class, CoverageRule, Dated, Duty, EarlierText,
    EventSchema, FactSchema, Instrument, Parameter, Penalty, Power, Preset, Procedure, Regime, RegimeStatus,
    SourceLines, Switch, Text, ValueKind, Version, VersionState,
};
pub use request::{Asked, Request};
pub use settings::{SwitchError, SwitchSettings};
pub use truth::{Because, NameSet, Truth};
pub use wording::{Language, Names, Wording, day, instant};
