//! What somebody is told: an event, by ids only; its words are made where it is shown.

use evidence::{Date, Digest};
use jiff::civil;
use serde::{Deserialize, Serialize};

use crate::task::days_between;

/// The last week for which something that is overdue is recalled.
pub const MAX_OVERDUE: u8 = 8;

/// Days before a day at which it is recalled.
const AHEAD: [(i32, Stage); 4] = [(0, Stage::Today), (1, Stage::In1), (7, Stage::In7), (30, Stage::In30)];

/// How near a day is. Later stages are greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// At most thirty days are left.
    In30,
    /// At most seven days are left.
    In7,
    /// One day is left.
    In1,
    /// It is the day.
    Today,
    /// It is past, in this week after it: from 1 on.
    Overdue(u8),
}

impl Stage {
    /// Returns the stage that is reached on a day; none where more than thirty days are left.
    pub fn reached(today: civil::Date, day: civil::Date) -> Option<Self> {
        let left = days_between(today, day);
        if left < 0 {
            let week = (-left - 1) / 7 + 1;
            return Some(Self::Overdue(u8::try_from(week).map_or(MAX_OVERDUE, |week| week.min(MAX_OVERDUE))));
        }
        AHEAD.iter().find(|(ahead, _)| left <= *ahead).map(|(_, stage)| *stage)
    }
}

/// What has a day.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "task", rename_all = "snake_case")]
pub enum TaskName {
    /// A duty under a regime, about a model.
    Duty {
        /// The model.
        model: Digest,
        /// The regime.
        regime: String,
        /// The duty's id in it.
        duty: String,
    },
    /// A statement that waits for an answer.
    Answer {
        /// The statement.
        statement: Digest,
    },
}

impl TaskName {
    /// Returns the name by which it is remembered.
    pub(crate) fn key(&self) -> String {
        match self {
            Self::Duty { model, regime, duty } => format!("duty {model} {regime} {duty}"),
            Self::Answer { statement } => format!("answer {statement}"),
        }
    }
}

/// Something that somebody is told. Kept in documents: variants are never renamed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A day comes near, is there, or is past.
    Due {
        /// What has the day.
        #[serde(flatten)]
        task: TaskName,
        /// The day.
        day: Date,
        /// How near it is.
        stage: Stage,
        /// The days left when this was said; negative where they are past.
        left: i32,
    },
    /// Something new is asked of the organisation.
    Asked {
        /// The statement that asks.
        statement: Digest,
    },
    /// Somebody answered or objected to what the organisation had said.
    Answered {
        /// The statement that came.
        statement: Digest,
    },
    /// An act about the organisation, or what is its own, was recorded.
    Recorded {
        /// The act.
        statement: Digest,
    },
    /// A draft waits for an approval that the account could give.
    Approval {
        /// The draft.
        draft: String,
        /// The kind of statement that it will be.
        kind: String,
        /// The bytes that wait.
        digest: Digest,
    },
    /// An organisation waits to be accepted.
    Registration {
        /// Its registration.
        registration: Digest,
    },
    /// A webhook was stopped after too many failures.
    Stopped {
        /// The webhook.
        endpoint: String,
        /// Its address without what follows the host.
        host: String,
    },
    /// Somebody tries whether a webhook works.
    Test,
}

/// The kinds of events, as webhooks choose them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum EventKind {
    /// [`Event::Due`].
    #[serde(rename = "task.due")]
    Due,
    /// [`Event::Asked`].
    #[serde(rename = "task.asked")]
    Asked,
    /// [`Event::Answered`].
    #[serde(rename = "statement.answered")]
    Answered,
    /// [`Event::Recorded`].
    #[serde(rename = "statement.recorded")]
    Recorded,
    /// [`Event::Approval`].
    #[serde(rename = "draft.approval")]
    Approval,
    /// [`Event::Registration`].
    #[serde(rename = "registration.waiting")]
    Registration,
    /// [`Event::Stopped`].
    #[serde(rename = "webhook.stopped")]
    Stopped,
    /// [`Event::Test`].
    #[serde(rename = "webhook.test")]
    Test,
}

impl EventKind {
    /// What a webhook can choose.
    pub const CHOICES: [Self; 5] =
        [Self::Due, Self::Asked, Self::Answered, Self::Recorded, Self::Registration];

    /// Returns the name in a webhook's body.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Due => "task.due",
            Self::Asked => "task.asked",
            Self::Answered => "statement.answered",
            Self::Recorded => "statement.recorded",
            Self::Approval => "draft.approval",
            Self::Registration => "registration.waiting",
            Self::Stopped => "webhook.stopped",
            Self::Test => "webhook.test",
        }
    }

    /// Returns the word in forms and keys of messages.
    pub fn word(self) -> &'static str {
        match self {
            Self::Due => "due",
            Self::Asked => "asked",
            Self::Answered => "answered",
            Self::Recorded => "recorded",
            Self::Approval => "approval",
            Self::Registration => "registration",
            Self::Stopped => "stopped",
            Self::Test => "test",
        }
    }
}

impl Event {
    /// Returns its kind.
    pub fn kind(&self) -> EventKind {
        match self {
            Self::Due { .. } => EventKind::Due,
            Self::Asked { .. } => EventKind::Asked,
            Self::Answered { .. } => EventKind::Answered,
            Self::Recorded { .. } => EventKind::Recorded,
            Self::Approval { .. } => EventKind::Approval,
            Self::Registration { .. } => EventKind::Registration,
            Self::Stopped { .. } => EventKind::Stopped,
            Self::Test => EventKind::Test,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_are_reached_thirty_seven_and_one_days_before_on_the_day_and_by_weeks_after() {
        let day = civil::date(2026, 12, 31);
        let at = |left: i64| Stage::reached(day.checked_sub(jiff::Span::new().days(left)).unwrap(), day);
        assert_eq!(at(31), None);
        assert_eq!((at(30), at(8)), (Some(Stage::In30), Some(Stage::In30)));
        assert_eq!((at(7), at(2)), (Some(Stage::In7), Some(Stage::In7)));
        assert_eq!((at(1), at(0)), (Some(Stage::In1), Some(Stage::Today)));
        assert_eq!(
            (at(-1), at(-7), at(-8)),
            (Some(Stage::Overdue(1)), Some(Stage::Overdue(1)), Some(Stage::Overdue(2)))
        );
        assert_eq!(at(-4000), Some(Stage::Overdue(MAX_OVERDUE)));
        assert!(Stage::In30 < Stage::In7 && Stage::Today < Stage::Overdue(1));
        assert!(Stage::Overdue(1) < Stage::Overdue(2));
    }
}
