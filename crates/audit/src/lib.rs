#![doc = include_str!("../README.md")]

mod advice;
mod folders;
mod log;
mod reason;
mod report;
mod run;
mod source;
mod trust;
mod watch;

pub use log::{Log, LogError};
pub use reason::{NotShown, Reason};
pub use report::{Checked, Counted, Departure, Fault, Head, MAX_FAULTS, Report, Unshown};
pub use run::{MAX_ENTRIES, Progress, run};
pub use source::{FolderSource, HttpSource, Source, SourceError, open_source};
pub use trust::{Trust, TrustError};
pub use watch::{Sighting, Watch, WatchError};
