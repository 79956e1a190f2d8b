//! Requests for disclosure of administrative documents (開示請求), by anyone: Act on Access to Information
//! Held by Administrative Organs (行政機関の保有する情報の公開に関する法律, Act 42 of 1999).
//!
//! Who asks must give a name and an address (Art. 4(1)). Both stay here: nothing of a request goes onto
//! the record, and only numbers are public. Every step is written down with who and when. The days are
//! counted by a calendar of a law's files (`law::Calendar`), never here.

use evidence::{Date, Digest, Timestamp};
use jiff::civil;
use jiff::tz::TimeZone;
use law::{Calendar, CountError};
use serde::{Deserialize, Serialize};

use crate::consultation::checked;
use crate::desk::{Desk, DeskError, Kept, Versioned};
use crate::secret::{hash_of, new_id, plain_code, short_code};

/// The longest text of a request, an answer or a reason, in characters.
pub const MAX_TEXT: usize = 8_000;
/// The longest name, address or way to be reached, in characters.
pub const MAX_LINE: usize = 300;
/// The most steps of one request.
pub const MAX_STEPS: usize = 300;
/// The most parts of one decision.
pub const MAX_PARTS: usize = 40;
/// The most third parties of one request.
pub const MAX_PARTIES: usize = 20;
/// The most requests to an authority that are open at a time.
pub const MAX_OPEN: usize = 1_000;

/// The period for the decision (Art. 10(1)), the extension (Art. 10(2)), the period for a substantial
/// part where the documents are remarkably many (Art. 11), and the least time between a decision that a
/// third party opposed and the disclosure (Art. 13(3)).
const DECIDE: &str = "30 days";
const EXTENDED: &str = "60 days";
const FIRST_PART: &str = "60 days";
const BEFORE_DISCLOSURE: &str = "2 weeks";

/// The calendar by which an agency's own periods are counted: they do not move past its holidays.
pub const AGENCY_CALENDAR: &str = "jp-agency";

/// How long the desk keeps a request, as a schedule of retention. Five years are this project's own
/// choice, to be set by the authority's rules on documents: the Act names no time.
pub const RETENTION: &str = r#"
[class.disclosure-request]
years = 5
kinds = ["disclosure-request"]
then = "destroy"
"#;

/// A request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DisclosureRequest {
    /// Its name among the documents.
    pub id: String,
    /// SHA-256 of the code that the requester was given.
    pub code: Digest,
    /// The authority that it was sent to.
    pub authority: Digest,
    /// Who asks (Art. 4(1)(i)).
    pub requester: Requester,
    /// Which documents (Art. 4(1)(ii)).
    pub documents: String,
    /// When it arrived.
    pub arrived: Timestamp,
    /// What happened since, oldest first.
    pub steps: Vec<Step>,
}

/// Who asks. Personal data: it leaves the desk for nobody but the authority's members.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Requester {
    /// The name; of a body corporate with that of its representative.
    pub name: String,
    /// Where they live, or their seat.
    pub address: String,
    /// How else they can be reached; may be empty.
    pub contact: String,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// The account that did it; none: the requester.
    pub by: Option<String>,
    /// When.
    pub at: Timestamp,
    /// What.
    pub what: What,
}

/// What can happen to a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum What {
    /// A message, by either side.
    Said {
        /// What is said.
        text: String,
    },
    /// The authority notes something for itself, such as a letter to a third party that is not registered.
    Noted {
        /// What.
        text: String,
    },
    /// The authority asks that something formal be put right (Art. 4(2)).
    CorrectionAsked {
        /// What.
        text: String,
        /// Until when.
        until: Date,
    },
    /// It was put right. The days since it was asked do not count (Art. 10(1), proviso).
    Corrected {
        /// What the requester says, or the officer who notes it.
        text: String,
    },
    /// The period is extended (Art. 10(2)).
    Extended {
        /// Why, as the requester is told.
        reasons: String,
        /// The new last day.
        until: Date,
    },
    /// The special rule for remarkably many documents is applied (Art. 11).
    ManyDocuments {
        /// Why.
        reasons: String,
        /// The last day for a substantial part.
        first_part: Date,
        /// The last day for the rest.
        until: Date,
    },
    /// A third party is given the opportunity to say what it thinks (Art. 13(1) or (2)).
    OpinionAsked {
        /// Who.
        party: Digest,
        /// What the documents hold about it.
        about: String,
        /// Whether the law leaves no choice (Art. 13(2)).
        must: bool,
        /// Until when.
        until: Date,
    },
    /// A third party said what it thinks.
    OpinionGiven {
        /// Who.
        party: Digest,
        /// Whether it opposes disclosure.
        opposes: bool,
        /// What it says.
        text: String,
    },
    /// It was decided (Art. 9).
    Decided(Ruling),
    /// The requester withdrew it.
    Withdrawn,
}

/// A decision on a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Ruling {
    /// What is decided about each part.
    pub parts: Vec<Part>,
    /// How, where and from which day what is disclosed can be had.
    pub access: String,
    /// The first day of disclosure.
    pub disclosed_from: Option<Date>,
    /// How it can be contested (教示: Administrative Complaint Review Act, Art. 82; Administrative Case
    /// Litigation Act, Art. 46).
    pub remedies: String,
    /// Whether it is about a first part only (Art. 11).
    pub partial: bool,
}

/// What is decided about a part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Part {
    /// Which document, or which part of it.
    pub what: String,
    /// What is decided.
    pub outcome: Outcome,
    /// The grounds, where it is not disclosed.
    pub grounds: Vec<Ground>,
    /// Why.
    pub reasons: String,
}

/// What can be decided about a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It is disclosed.
    Disclosed,
    /// It is disclosed but for what is withheld (Art. 6).
    PartlyDisclosed,
    /// It is disclosed in the public interest although it need not be (Art. 7).
    PublicInterest,
    /// It is not disclosed.
    Withheld,
    /// Whether it exists is not said (Art. 8).
    ExistenceNotSaid,
    /// It is not held.
    NotHeld,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Self; 6] = [
        Self::Disclosed,
        Self::PartlyDisclosed,
        Self::PublicInterest,
        Self::Withheld,
        Self::ExistenceNotSaid,
        Self::NotHeld,
    ];

    /// Returns the name, as forms and texts write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Disclosed => "disclosed",
            Self::PartlyDisclosed => "partly_disclosed",
            Self::PublicInterest => "public_interest",
            Self::Withheld => "withheld",
            Self::ExistenceNotSaid => "existence_not_said",
            Self::NotHeld => "not_held",
        }
    }

    /// Tells whether grounds of Art. 5 must be named.
    pub fn needs_ground(self) -> bool {
        matches!(self, Self::PartlyDisclosed | Self::Withheld | Self::ExistenceNotSaid)
    }

    /// Tells whether anything is disclosed.
    pub fn discloses(self) -> bool {
        matches!(self, Self::Disclosed | Self::PartlyDisclosed | Self::PublicInterest)
    }
}

/// What need not be disclosed (Art. 5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ground {
    /// About a person (i).
    Person,
    /// Made anonymous by an administrative organ, and what was deleted for it (i-2).
    Anonymised,
    /// About a body corporate, or a business of a person (ii).
    Business,
    /// Security of the State and trust between States (iii).
    Security,
    /// Prevention and investigation of crime, and public order (iv).
    Order,
    /// Deliberation within the State and local governments (v).
    Deliberation,
    /// The proper conduct of administration (vi).
    Administration,
}

impl Ground {
    /// Every ground, in the order of the Act.
    pub const ALL: [Self; 7] = [
        Self::Person,
        Self::Anonymised,
        Self::Business,
        Self::Security,
        Self::Order,
        Self::Deliberation,
        Self::Administration,
    ];

    /// Returns the name, as forms and texts write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Anonymised => "anonymised",
            Self::Business => "business",
            Self::Security => "security",
            Self::Order => "order",
            Self::Deliberation => "deliberation",
            Self::Administration => "administration",
        }
    }
}

/// How the time of a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clock {
    /// The last day for the decision; for a first part where Art. 11 applies and none was decided.
    pub due: civil::Date,
    /// The last day without extension.
    pub in_principle: civil::Date,
    /// Days that did not count since corrections were awaited.
    pub awaited: i32,
    /// Whether it stands still, since a correction is awaited.
    pub stopped: bool,
}

/// Where a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// The authority has to decide.
    Open,
    /// The requester has to put something right.
    Correcting,
    /// Decided on the whole.
    Decided,
    /// Withdrawn.
    Withdrawn,
}

/// Numbers of requests, without anything about whoever asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Numbers {
    /// Requests that arrived.
    pub received: usize,
    /// Of these, open.
    pub open: usize,
    /// Open and past the last day.
    pub late: usize,
    /// Decided on the whole.
    pub decided: usize,
    /// Decided by the last day.
    pub in_time: usize,
    /// Extended.
    pub extended: usize,
    /// Under the rule for many documents.
    pub many: usize,
    /// Withdrawn.
    pub withdrawn: usize,
}

/// Why a request, or a step of it, was not taken.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    /// Something is missing.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// A text is too long, or has characters that are none.
    #[error("{0}: at most {1} characters")]
    TooLong(&'static str, usize),
    /// There are too many.
    #[error("no more requests can be taken here: write by post")]
    Full,
    /// It is not at the stage for this.
    #[error("the request is no longer at this stage: load the page again")]
    Stage,
    /// The period was extended before, or cannot be any more.
    #[error("the period was extended before, or is over")]
    NoExtension,
    /// A day is before what it must follow.
    #[error("the day lies too early: {0} at the earliest")]
    TooEarly(civil::Date),
    /// The days cannot be counted.
    #[error("the days cannot be counted: {0}")]
    Count(#[from] CountError),
    /// The desk failed.
    #[error(transparent)]
    Desk(#[from] DeskError),
}

impl From<getrandom::Error> for RequestError {
    fn from(error: getrandom::Error) -> Self {
        Self::Desk(error.into())
    }
}

/// Reads a text within bounds; one that must be there is not empty.
pub fn text(name: &'static str, typed: &str, most: usize, must: bool) -> Result<String, RequestError> {
    let text = checked(typed, most).ok_or(RequestError::TooLong(name, most))?;
    if must && text.is_empty() { Err(RequestError::Missing(name)) } else { Ok(text) }
}

/// How days are counted: a calendar of a law's files, in a zone.
#[derive(Debug, Clone, Copy)]
pub struct Counting<'c> {
    /// The calendar of an agency's own periods.
    pub calendar: &'c Calendar,
    /// The zone of its days.
    pub zone: &'c TimeZone,
}

impl Counting<'_> {
    fn after(self, at: Timestamp, period: &str) -> Result<civil::Date, CountError> {
        Ok(self.calendar.count(at.instant(), period, self.zone)?.day)
    }

    /// Returns the day of a moment.
    pub fn day(self, at: Timestamp) -> civil::Date {
        self.zone.to_datetime(at.instant()).date()
    }

    /// Returns the first day on which something may be disclosed that a third party opposed: two weeks
    /// lie between it and the decision (Art. 13(3)).
    pub fn first_disclosure(self, decided: Timestamp) -> Result<civil::Date, CountError> {
        let last = self.after(decided, BEFORE_DISCLOSURE)?;
        last.tomorrow().map_err(|_| CountError::BeyondHolidays)
    }
}

impl DisclosureRequest {
    /// Tells where it stands.
    pub fn state(&self) -> State {
        let mut state = State::Open;
        for step in &self.steps {
            state = match &step.what {
                What::CorrectionAsked { .. } => State::Correcting,
                What::Corrected { .. } => State::Open,
                What::Withdrawn => State::Withdrawn,
                What::Decided(ruling) if !ruling.partial => State::Decided,
                _ => state,
            };
        }
        state
    }

    /// Tells whether nothing more is to be done.
    pub fn is_over(&self) -> bool {
        matches!(self.state(), State::Decided | State::Withdrawn)
    }

    /// Counts its days as of a moment.
    ///
    /// Days during which a correction was awaited do not count (Art. 10(1), proviso): the last day moves
    /// by as many days as lie between the asking and the correction.
    pub fn clock(&self, counting: Counting<'_>, now: Timestamp) -> Result<Clock, CountError> {
        let mut awaited = 0;
        let mut asked: Option<Timestamp> = None;
        for step in &self.steps {
            match step.what {
                What::CorrectionAsked { .. } => asked = asked.or(Some(step.at)),
                What::Corrected { .. } => {
                    if let Some(from) = asked.take() {
                        awaited += crate::task::days_between(counting.day(from), counting.day(step.at));
                    }
                }
                _ => {}
            }
        }
        let stopped = asked.is_some();
        if let Some(from) = asked {
            awaited += crate::task::days_between(counting.day(from), counting.day(now)).max(0);
        }
        let moved = |day: civil::Date| {
            day.checked_add(jiff::Span::new().days(awaited)).map_err(|_| CountError::BeyondHolidays)
        };
        let in_principle = moved(counting.after(self.arrived, DECIDE)?)?;
        let mut due = in_principle;
        let first_decided = self.steps.iter().any(|step| matches!(step.what, What::Decided(_)));
        for step in &self.steps {
            match &step.what {
                What::Extended { until, .. } => due = until.civil(),
                What::ManyDocuments { first_part, until, .. } => {
                    due = if first_decided { until.civil() } else { first_part.civil() };
                }
                _ => {}
            }
        }
        Ok(Clock { due, in_principle, awaited, stopped })
    }

    /// Returns the third parties that were asked and have not answered, with the last day.
    pub fn awaited_opinions(&self) -> impl Iterator<Item = (Digest, Date)> + '_ {
        self.steps.iter().filter_map(|step| match &step.what {
            What::OpinionAsked { party, until, .. } if self.opinion_of(party).is_none() => {
                Some((*party, *until))
            }
            _ => None,
        })
    }

    /// Returns what a third party was asked.
    pub fn asked_of(&self, party: &Digest) -> Option<(&str, bool, Date)> {
        self.steps.iter().rev().find_map(|step| match &step.what {
            What::OpinionAsked { party: asked, about, must, until } if asked == party => {
                Some((about.as_str(), *must, *until))
            }
            _ => None,
        })
    }

    /// Returns what a third party said: whether it opposes, and its words.
    pub fn opinion_of(&self, party: &Digest) -> Option<(bool, &str)> {
        self.steps.iter().rev().find_map(|step| match &step.what {
            What::OpinionGiven { party: by, opposes, text } if by == party => Some((*opposes, text.as_str())),
            _ => None,
        })
    }

    /// Tells whether a third party opposes disclosure.
    pub fn is_opposed(&self) -> bool {
        self.steps.iter().any(|step| matches!(step.what, What::OpinionGiven { opposes: true, .. }))
    }

    /// Returns the last day on which the desk keeps it, once it is over.
    pub fn kept_until(&self, counting: Counting<'_>) -> Option<civil::Date> {
        let last = self.steps.last().filter(|_| self.is_over())?;
        records::Schedule::parse(RETENTION).ok()?.kept_until(Self::KIND, counting.day(last.at))
    }

    /// Returns the last decision.
    pub fn ruling(&self) -> Option<(&Step, &Ruling)> {
        self.steps.iter().rev().find_map(|step| match &step.what {
            What::Decided(ruling) => Some((step, ruling)),
            _ => None,
        })
    }

    /// Writes a step down, where it may be taken.
    pub fn step(
        &mut self,
        by: Option<&str>,
        what: What,
        counting: Counting<'_>,
        now: Timestamp,
    ) -> Result<(), RequestError> {
        let over = self.is_over();
        if self.steps.len() >= MAX_STEPS {
            return Err(RequestError::Full);
        }
        let today = counting.day(now);
        let not_past = |day: Date| {
            if day.civil() < today { Err(RequestError::TooEarly(today)) } else { Ok(()) }
        };
        let fits = match &what {
            // What was decided can be talked about; nothing else happens to it.
            What::Said { .. } => self.state() != State::Withdrawn,
            What::Noted { .. } => by.is_some(),
            What::CorrectionAsked { until, .. } => {
                not_past(*until)?;
                self.state() == State::Open
            }
            What::Corrected { .. } => self.state() == State::Correcting,
            What::OpinionAsked { party, until, .. } => {
                not_past(*until)?;
                let asked = self.steps.iter().filter(|step| matches!(step.what, What::OpinionAsked { .. }));
                !over && self.asked_of(party).is_none() && asked.count() < MAX_PARTIES
            }
            What::OpinionGiven { party, .. } => {
                !over && self.asked_of(party).is_some() && self.opinion_of(party).is_none()
            }
            What::Extended { .. } | What::ManyDocuments { .. } => {
                self.may_extend(counting, now)?;
                true
            }
            What::Decided(ruling) => {
                self.check_ruling(ruling, counting, now)?;
                !over && self.state() == State::Open
            }
            What::Withdrawn => !over && by.is_none(),
        };
        if !fits {
            return Err(RequestError::Stage);
        }
        self.steps.push(Step { by: by.map(str::to_owned), at: now, what });
        Ok(())
    }

    /// An extension, and the rule for many documents, are said once, within the first period.
    fn may_extend(&self, counting: Counting<'_>, now: Timestamp) -> Result<(), RequestError> {
        let before = self
            .steps
            .iter()
            .any(|step| matches!(step.what, What::Extended { .. } | What::ManyDocuments { .. }));
        let clock = self.clock(counting, now)?;
        if before || self.is_over() || clock.in_principle < counting.day(now) {
            return Err(RequestError::NoExtension);
        }
        Ok(())
    }

    /// Returns the last day of an extension: thirty days more at the most (Art. 10(2)).
    pub fn extended_until(&self, counting: Counting<'_>, now: Timestamp) -> Result<civil::Date, CountError> {
        let awaited = self.clock(counting, now)?.awaited;
        let day = counting.after(self.arrived, EXTENDED)?;
        day.checked_add(jiff::Span::new().days(awaited)).map_err(|_| CountError::BeyondHolidays)
    }

    /// Returns the last day for a substantial part under Art. 11.
    pub fn first_part_until(
        &self,
        counting: Counting<'_>,
        now: Timestamp,
    ) -> Result<civil::Date, CountError> {
        let awaited = self.clock(counting, now)?.awaited;
        let day = counting.after(self.arrived, FIRST_PART)?;
        day.checked_add(jiff::Span::new().days(awaited)).map_err(|_| CountError::BeyondHolidays)
    }

    fn check_ruling(
        &self,
        ruling: &Ruling,
        counting: Counting<'_>,
        now: Timestamp,
    ) -> Result<(), RequestError> {
        if ruling.parts.is_empty() || ruling.parts.len() > MAX_PARTS {
            return Err(RequestError::Missing("parts"));
        }
        for part in &ruling.parts {
            text("part", &part.what, MAX_TEXT, true)?;
            let adverse = part.outcome != Outcome::Disclosed;
            text("reasons", &part.reasons, MAX_TEXT, adverse && part.outcome != Outcome::PublicInterest)?;
            if part.outcome.needs_ground() && part.grounds.is_empty() {
                return Err(RequestError::Missing("ground"));
            }
        }
        // Whatever is not disclosed in full can be contested, and it must be said how.
        let adverse = ruling.parts.iter().any(|part| part.outcome != Outcome::Disclosed);
        text("remedies", &ruling.remedies, MAX_TEXT, adverse || self.is_opposed())?;
        let many = self.steps.iter().any(|step| matches!(step.what, What::ManyDocuments { .. }));
        if ruling.partial && !many {
            return Err(RequestError::Stage);
        }
        // Those whom the law says to hear were heard, or their time is over (Art. 13(2)).
        let today = counting.day(now);
        let unheard = self.steps.iter().any(|step| match &step.what {
            What::OpinionAsked { party, must: true, until, .. } => {
                self.opinion_of(party).is_none() && today <= until.civil()
            }
            _ => false,
        });
        let discloses = ruling.parts.iter().any(|part| part.outcome.discloses());
        if unheard && discloses {
            return Err(RequestError::Missing("opinion"));
        }
        if discloses && self.is_opposed() {
            let first = counting.first_disclosure(now)?;
            match ruling.disclosed_from {
                Some(day) if day.civil() >= first => {}
                _ => return Err(RequestError::TooEarly(first)),
            }
        }
        Ok(())
    }
}

impl Kept for DisclosureRequest {
    const KIND: &'static str = "disclosure-request";

    fn id(&self) -> &str {
        &self.id
    }

    fn keys(&self) -> Vec<(&'static str, String)> {
        let state = if self.is_over() { "over" } else { "open" };
        let mut keys = vec![("code", self.code.to_string()), (state, self.authority.to_string())];
        keys.extend(self.steps.iter().filter_map(|step| match &step.what {
            What::OpinionAsked { party, .. } => Some(("party", party.to_string())),
            _ => None,
        }));
        keys
    }
}

impl Desk {
    /// Takes a request, and returns the code that leads back to it: shown once, kept nowhere.
    pub fn take_disclosure_request(
        &self,
        authority: Digest,
        requester: &Requester,
        documents: &str,
        now: Timestamp,
    ) -> Result<String, RequestError> {
        let requester = Requester {
            name: text("name", &requester.name, MAX_LINE, true)?,
            address: text("address", &requester.address, MAX_LINE, true)?,
            contact: text("contact", &requester.contact, MAX_LINE, false)?,
        };
        let documents = text("documents", documents, MAX_TEXT, true)?;
        let open = self.list::<DisclosureRequest>("open", &authority.to_string(), None, MAX_OPEN)?;
        if open.len() >= MAX_OPEN {
            return Err(RequestError::Full);
        }
        let code = short_code()?;
        let request = DisclosureRequest {
            id: new_id(now)?,
            code: hash_of(&plain_code(&code)),
            authority,
            requester,
            documents,
            arrived: now,
            steps: Vec::new(),
        };
        self.save(&mut Versioned::new(request))?;
        Ok(code)
    }

    /// Finds the request that a code leads to.
    pub fn disclosure_request_of(
        &self,
        code: &str,
    ) -> Result<Option<Versioned<DisclosureRequest>>, DeskError> {
        self.one("code", &hash_of(&plain_code(code)).to_string())
    }

    /// Counts the requests to an authority.
    pub fn disclosure_numbers(
        &self,
        authority: &Digest,
        counting: Counting<'_>,
        now: Timestamp,
    ) -> Result<Numbers, DeskError> {
        let mut numbers = Numbers::default();
        for state in ["open", "over"] {
            let mut after: Option<String> = None;
            loop {
                let found: Vec<Versioned<DisclosureRequest>> =
                    self.list(state, &authority.to_string(), after.as_deref(), crate::records::MAX_FOUND)?;
                for request in &found {
                    numbers.add(request, counting, now);
                }
                if found.len() < crate::records::MAX_FOUND {
                    break;
                }
                after = found.last().map(|last| last.id.clone());
            }
        }
        Ok(numbers)
    }
}

impl Numbers {
    /// Counts a request.
    fn add(&mut self, request: &DisclosureRequest, counting: Counting<'_>, now: Timestamp) {
        let has = |is: fn(&What) -> bool| request.steps.iter().any(|step| is(&step.what));
        self.received += 1;
        self.extended += usize::from(has(|what| matches!(what, What::Extended { .. })));
        self.many += usize::from(has(|what| matches!(what, What::ManyDocuments { .. })));
        let clock = request.clock(counting, now);
        match request.state() {
            State::Withdrawn => self.withdrawn += 1,
            State::Decided => {
                self.decided += 1;
                let decided = request.ruling().map(|(step, _)| counting.day(step.at));
                let in_time = clock.is_ok_and(|clock| decided.is_some_and(|day| day <= clock.due));
                self.in_time += usize::from(in_time);
            }
            State::Open | State::Correcting => {
                self.open += 1;
                let late = clock.is_ok_and(|clock| !clock.stopped && clock.due < counting.day(now));
                self.late += usize::from(late);
            }
        }
    }
}

#[cfg(test)]
mod tests;
