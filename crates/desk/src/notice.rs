//! Notices: what people and programs are told, worked out from the register and the drafts, and the
//! outbox in which every notice stands with what became of it.

mod occasion;
mod outbox;
mod plan;
mod webhook;
mod words;

pub use occasion::{Event, EventKind, MAX_OVERDUE, Stage, TaskName};
pub use outbox::{
    Attempt, Channel, Delivery, DeliveryState, MAX_ATTEMPTS, Notice, OutboxError, Verdict, next_try,
};
pub use plan::{MAX_AT_ONCE, Office, Offices, Recipient, Said, Told, first_since, plan};
pub use webhook::{
    Endpoint, EndpointState, HookSecret, MAX_ENDPOINTS, MAX_FAILURES, UrlError, check_url, is_public,
    signature,
};
pub use words::{Letter, Line, describe, letter, site_name};
