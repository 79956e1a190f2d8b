//! Watching for what other servers record in the same database.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio::sync::mpsc::WeakSender;

use super::View;
use crate::sequencer::Job;
use crate::store::{Standing, Store, StoredToken};

/// How often the database is asked whether something is new.
const EVERY: Duration = Duration::from_millis(250);

/// A thread that asks the database whether something is new; it ends when this is dropped.
pub(crate) struct Follower {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Follower {
    /// Starts to watch: the sequencer is told of new entries, and new tokens are taken in.
    pub(super) fn start(
        store: Box<dyn Store>,
        jobs: WeakSender<Job>,
        view: Arc<ArcSwap<View>>,
        tokens: Arc<ArcSwap<Vec<StoredToken>>>,
    ) -> io::Result<Self> {
        let (stop, stopped) = channel();
        let watch = move || {
            let mut known: Option<Standing> = None;
            while stopped.recv_timeout(EVERY) == Err(RecvTimeoutError::Timeout) {
                let standing = match store.standing() {
                    Ok(standing) => standing,
                    Err(error) => {
                        tracing::debug!(%error, "cannot ask the database whether something is new");
                        continue;
                    }
                };
                if known.is_none_or(|known| known.tokens != standing.tokens) {
                    match store.tokens() {
                        Ok(found) => tokens.store(Arc::new(found)),
                        Err(_) => continue,
                    }
                }
                known = Some(standing);
                if standing.head != view.load().head {
                    let Some(jobs) = jobs.upgrade() else { return };
                    // Where the queue is full, the sequencer will see what is new with its next turn.
                    let _ = jobs.try_send(Job::Look(None));
                }
            }
        };
        let thread = std::thread::Builder::new().name("follower".into()).spawn(watch)?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread that follows other servers had died");
        }
    }
}
