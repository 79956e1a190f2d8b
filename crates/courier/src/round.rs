//! The round: whose turn it is, what there is to say, what goes out. Everything is written down
//! before it happens, so a round can break off anywhere and the next one goes on.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use desk::notice::{
    Channel, Delivery, Endpoint, Event, Notice, Offices, Recipient, Told, Verdict, describe, first_since,
    letter, plan,
};
use desk::{Account, Desk, DeskError, Draft, Versioned};
use evidence::{Digest, Language, Slug, Timestamp};
use node::{Node, StoreError, View};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::mail::Mailer;
use crate::settings::Settings;
use crate::webhook;

/// How often it is looked whether something has to go out.
const TICK: Duration = Duration::from_secs(15);
/// After the log has grown, what there is to say is worked out no more often than this.
const AFTER_GROWTH_MILLIS: i64 = 5 * 60_000;
/// A turn that nobody prolongs ends after so long. It is longer than any one delivery.
const TURN_MILLIS: i64 = 3 * 60_000;
/// The most deliveries of one round.
const MAX_DELIVERIES: usize = 500;

/// Whose turn it is: one document, taken by who saw its last version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Turn {
    id: String,
    /// The server.
    by: String,
    /// Until when it has the turn.
    until: Timestamp,
    /// When it was last worked out what there is to say, and the size of the log then.
    planned: Option<(Timestamp, u64)>,
}

impl desk::Kept for Turn {
    const KIND: &'static str = "turn";

    fn id(&self) -> &str {
        &self.id
    }

    fn keys(&self) -> Vec<(&'static str, String)> {
        Vec::new()
    }
}

/// Why a round broke off.
#[derive(Debug, thiserror::Error)]
pub enum CourierError {
    /// The desk failed.
    #[error(transparent)]
    Desk(#[from] DeskError),
    /// The node failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A thread or its runtime could not be made.
    #[error("notices cannot be carried out: {0}")]
    Thread(#[from] std::io::Error),
}

/// What somebody would be told.
#[derive(Debug, Clone)]
pub struct ToTell {
    /// Who: a person's name and address, or a webhook's host.
    pub to: String,
    /// What, one line each: what it is, and about whom or what.
    pub lines: Vec<(String, String)>,
}

/// Carries notices out.
#[derive(Debug)]
pub struct Courier {
    node: Node,
    desk: Desk,
    settings: Settings,
    mailer: Option<Mailer>,
    /// This server's name among those that share a desk.
    name: String,
}

/// A courier at work.
#[derive(Debug)]
pub struct Running {
    stop: watch::Sender<bool>,
    thread: std::thread::JoinHandle<()>,
}

impl Running {
    /// Ends it: what is on its way is broken off, and goes out again later under the same name.
    pub fn stop(self) {
        let _ = self.stop.send(true);
        if self.thread.join().is_err() {
            tracing::error!("the courier of notices had died");
        }
    }
}

/// Everyone who may be told something, and what they were told.
struct Everyone {
    accounts: Vec<(Versioned<Account>, Recipient, Versioned<Told>)>,
    endpoints: Vec<(Versioned<Endpoint>, Recipient, Versioned<Told>)>,
}

impl Courier {
    /// Makes ready to carry a node's notices.
    pub fn new(node: Node, desk: Desk, settings: Settings) -> Result<Self, String> {
        let mailer = settings.mail.as_ref().map(Mailer::new).transpose()?;
        let name = desk.new_id(node.now()).map_err(|error| error.to_string())?;
        Ok(Self { node, desk, settings, mailer, name })
    }

    /// Begins to work, in a thread of its own: at once, and then as often as the settings say.
    pub fn start(self) -> Result<Running, CourierError> {
        let (stop, mut stopped) = watch::channel(false);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let work = move || {
            runtime.block_on(async move {
                loop {
                    tokio::select! {
                        _ = stopped.changed() => return,
                        done = self.round() => if let Err(error) = done {
                            tracing::error!(%error, "a round of notices broke off");
                        },
                    }
                    tokio::select! {
                        _ = stopped.changed() => return,
                        () = tokio::time::sleep(TICK) => {}
                    }
                }
            });
        };
        let thread = std::thread::Builder::new().name("courier".to_owned()).spawn(work)?;
        Ok(Running { stop, thread })
    }

    /// Makes one round, if it is this server's turn: tells whether it was.
    pub async fn round(&self) -> Result<bool, CourierError> {
        let now = self.node.now();
        let Some(mut turn) = self.take_turn(now)? else { return Ok(false) };
        let size = self.node.view().head.size;
        if self.is_time(turn.planned, size, now) {
            self.plan(now)?;
            turn.planned = Some((now, size));
            self.desk.sweep_notices(now)?;
            if !self.keep_turn(&mut turn)? {
                return Ok(false);
            }
        }
        self.deliver(&mut turn).await?;
        Ok(true)
    }

    fn is_time(&self, planned: Option<(Timestamp, u64)>, size: u64, now: Timestamp) -> bool {
        let every = i64::try_from(self.settings.every.as_millis()).unwrap_or(i64::MAX);
        planned.is_none_or(|(at, seen)| {
            let passed = now.as_millis() - at.as_millis();
            // A clock that was put back must not keep everything waiting.
            passed < 0 || passed >= every || (seen != size && passed >= AFTER_GROWTH_MILLIS)
        })
    }

    /// Takes the turn, where nobody has it.
    fn take_turn(&self, now: Timestamp) -> Result<Option<Versioned<Turn>>, DeskError> {
        let id = "notices".to_owned();
        let mut turn = match self.desk.load::<Turn>(&id)? {
            Some(turn) if turn.by != self.name && now < turn.until => return Ok(None),
            Some(turn) => turn,
            None => Versioned::new(Turn { id, by: String::new(), until: now, planned: None }),
        };
        turn.by.clone_from(&self.name);
        Ok(self.keep_turn(&mut turn)?.then_some(turn))
    }

    /// Prolongs the turn; false where somebody else has taken it.
    fn keep_turn(&self, turn: &mut Versioned<Turn>) -> Result<bool, DeskError> {
        let now = self.node.now();
        turn.until = Timestamp::from_millis(now.as_millis().saturating_add(TURN_MILLIS)).unwrap_or(now);
        match self.desk.save(turn) {
            Err(error) if error.is_conflict() => Ok(false),
            done => done.map(|()| true),
        }
    }

    fn everyone(&self) -> Result<Everyone, DeskError> {
        let told = |id: &str| -> Result<Versioned<Told>, DeskError> {
            let fresh = || Versioned::new(Told { id: id.to_owned(), ..Told::default() });
            Ok(self.desk.load::<Told>(id)?.unwrap_or_else(fresh))
        };
        let mut everyone = Everyone { accounts: Vec::new(), endpoints: Vec::new() };
        for account in self.desk.all::<Account>("all", "")? {
            if let Some(recipient) = Recipient::of_account(&account) {
                let told = told(&account.id)?;
                everyone.accounts.push((account, recipient, told));
            }
        }
        for endpoint in self.desk.all::<Endpoint>("all", "")? {
            if let Some(recipient) = Recipient::of_endpoint(&endpoint) {
                let told = told(&endpoint.id)?;
                everyone.endpoints.push((endpoint, recipient, told));
            }
        }
        Ok(everyone)
    }

    /// Works out what stands for everyone.
    fn offices(&self, view: &View, everyone: &Everyone, now: Timestamp) -> Result<Offices, CourierError> {
        let register = &view.register;
        let mut asking: BTreeMap<Option<Digest>, BTreeSet<Slug>> = BTreeMap::new();
        let mut from = register.size();
        let accounts = everyone.accounts.iter().map(|(_, recipient, told)| (recipient, told));
        let endpoints = everyone.endpoints.iter().map(|(_, recipient, told)| (recipient, told));
        for (recipient, told) in accounts.chain(endpoints) {
            for (id, holder) in &recipient.organisations {
                asking.entry(*id).or_default().extend(holder.clone());
            }
            if !recipient.organisations.is_empty() {
                from = from.min(told.from(recipient, |since| first_since(register, since)));
            }
        }
        let days = register.days(&view.library, now);
        let boards = register.boards(&view.library, &days);
        let mut offices = Offices::new(register, view.full(), &boards, &asking, from, now);
        offices.waiting = self.node.waiting()?.into_iter().map(|waiting| waiting.statement).collect();
        for id in asking.keys().flatten() {
            for draft in self.desk.all::<Draft>("open", &id.to_string())? {
                offices.add_draft(register, &draft, &asking, now);
            }
        }
        Ok(offices)
    }

    /// Writes down what everyone is to be told.
    fn plan(&self, now: Timestamp) -> Result<(), CourierError> {
        let view = self.node.view();
        let everyone = self.everyone()?;
        let offices = self.offices(&view, &everyone, now)?;
        let first = |since| first_since(&view.register, since);
        let mail = self.mailer.is_some();
        for (account, recipient, mut told) in everyone.accounts {
            let (events, then) = plan(&recipient, &offices, &told, first, now);
            if then != *told {
                *told = then;
                settle(self.desk.tell(&account, &told, events, mail, now))?;
            }
        }
        for (endpoint, recipient, mut told) in everyone.endpoints {
            let (events, then) = plan(&recipient, &offices, &told, first, now);
            if then != *told {
                *told = then;
                settle(self.desk.tell_endpoint(&endpoint, &told, events, now))?;
            }
        }
        Ok(())
    }

    /// Says what everyone would be told now, and writes nothing.
    pub fn dry_run(&self, language: Language) -> Result<Vec<ToTell>, CourierError> {
        let now = self.node.now();
        let view = self.node.view();
        let everyone = self.everyone()?;
        let offices = self.offices(&view, &everyone, now)?;
        let first = |since| first_since(&view.register, since);
        let mut all = Vec::new();
        let mut add = |to: String, events: Vec<(Option<Digest>, Event)>| {
            let lines = events.iter().map(|(id, event)| {
                let line = describe(event, id.as_ref(), &view.register, &view.library, language);
                (line.title, line.about)
            });
            let lines: Vec<_> = lines.collect();
            if !lines.is_empty() {
                all.push(ToTell { to, lines });
            }
        };
        for (account, recipient, told) in &everyone.accounts {
            let address = account.email.as_ref().map(|email| format!(" <{email}>")).unwrap_or_default();
            add(format!("{}{address}", account.name), plan(recipient, &offices, told, first, now).0);
        }
        for (endpoint, recipient, told) in &everyone.endpoints {
            add(endpoint.host(), plan(recipient, &offices, told, first, now).0);
        }
        Ok(all)
    }

    /// Sends what is due, as long as the turn is this server's.
    async fn deliver(&self, turn: &mut Versioned<Turn>) -> Result<(), CourierError> {
        for mut delivery in self.desk.due_deliveries(self.node.now())?.into_iter().take(MAX_DELIVERIES) {
            if !self.keep_turn(turn)? || !self.desk.begin_delivery(&mut delivery, self.node.now())? {
                return Ok(());
            }
            let (verdict, gone) = match &delivery.channel {
                Channel::Mail { account, notices } => (self.mail(&delivery, account, notices).await?, false),
                Channel::Webhook { endpoint, event } => self.call(&delivery, endpoint, event).await?,
            };
            match &verdict {
                Verdict::Taken(_) => tracing::debug!(delivery = delivery.id, "a notice went out"),
                Verdict::Later(problem) | Verdict::Never(problem) => {
                    tracing::warn!(delivery = delivery.id, problem, "a notice did not go out");
                }
            }
            self.desk.end_delivery(&mut delivery, &verdict, gone, self.node.now())?;
        }
        Ok(())
    }

    async fn mail(
        &self,
        delivery: &Delivery,
        account: &str,
        notices: &[String],
    ) -> Result<Verdict, DeskError> {
        let Some(mailer) = &self.mailer else {
            return Ok(Verdict::Later("no mail server is set up".to_owned()));
        };
        let account = self.desk.load::<Account>(account)?.filter(|account| !account.shut);
        let Some(account) = account else { return Ok(Verdict::Never("the account is shut".to_owned())) };
        let Some(address) = &account.email else {
            return Ok(Verdict::Never("the account has no address".to_owned()));
        };
        let view = self.node.view();
        let language = account.language;
        let mut lines = Vec::new();
        for id in notices {
            // What was read in the portal since needs no mail, nor what concerns a membership that
            // has ended since.
            let Some(notice) = self.desk.load::<Notice>(id)?.filter(|notice| notice.read_at.is_none()) else {
                continue;
            };
            let of = notice.organisation.as_ref();
            if of.is_none_or(|id| account.membership(id).is_some()) {
                lines.push(describe(&notice.event, of, &view.register, &view.library, language));
            }
        }
        if lines.is_empty() {
            return Ok(Verdict::Never("everything was read in the portal meanwhile".to_owned()));
        }
        let written = letter(&account.name, &lines, &self.settings.site, language);
        Ok(mailer.send(&delivery.id, address, desk::notice::site_name(language).as_str(), &written).await)
    }

    async fn call(
        &self,
        delivery: &Delivery,
        endpoint: &str,
        event: &Event,
    ) -> Result<(Verdict, bool), DeskError> {
        let Some(endpoint) = self.desk.load::<Endpoint>(endpoint)? else {
            return Ok((Verdict::Never("the webhook was removed".to_owned()), false));
        };
        if !endpoint.is_on() && *event != Event::Test {
            return Ok((Verdict::Never("the webhook is stopped".to_owned()), false));
        }
        let body = self.body(delivery, event);
        let seconds = self.node.now().as_millis().div_euclid(1_000);
        Ok(webhook::call(&endpoint, &delivery.id, seconds, body, self.settings.local_webhooks).await)
    }

    /// The body of a webhook's message: ids and links, and nothing that would need protection.
    fn body(&self, delivery: &Delivery, event: &Event) -> String {
        let view = self.node.view();
        let of = delivery.organisation.as_ref();
        let path = describe(event, of, &view.register, &view.library, Language::En).path;
        let mut data = serde_json::to_value(event).unwrap_or_default();
        if let Some(data) = data.as_object_mut() {
            data.remove("event");
            data.insert("organisation".to_owned(), serde_json::json!(of));
            let site = self.settings.site.trim_end_matches('/');
            data.insert("page".to_owned(), serde_json::json!(format!("{site}/en/{path}")));
        }
        serde_json::json!({ "type": event.kind().as_str(), "timestamp": delivery.at, "data": data })
            .to_string()
    }
}

/// Somebody else told it, or changed something, at the same time: the next round sees what is left.
fn settle(done: Result<(), DeskError>) -> Result<(), DeskError> {
    match done {
        Err(error) if error.is_conflict() => Ok(()),
        done => done,
    }
}
