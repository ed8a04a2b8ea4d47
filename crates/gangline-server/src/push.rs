//! Push messages: what needs a person, told to the browsers where they want to be told, also while no
//! page is open. By RFC 8030 (delivery), RFC 8291 (encryption) and RFC 8292 (who sends).
//!
//! ```text
//!   sequence of events ──what needs a person──▶ book ──one at a time for each device──▶ push service
//!                                                │ ▲                                         │
//!                                                ▼ │ again: 1 s … 1 h, one day               ▼
//!                                     cursor and what waits, one synced file              browser
//! ```
//!
//! The sequence of events is the outbox: what an event comes to stands in the book before the cursor
//! counts, and leaves it when a push service has taken it. A crash repeats a message and never leaves
//! one out; in the browser a message replaces the one before it about the same thing.

mod book;
mod seal;
mod send;
mod vapid;
mod words;

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};

use gangline_api::push::{PushTrouble, PushView};
use gangline_domain::network::HttpAddress;
use tokio::sync::Notify;

pub(crate) use book::{Full, Owner, Subscription, Told};
pub(crate) use seal::Keys;
pub use send::tell_devices;
pub(crate) use send::{Reached, may_reach, test};

use crate::shelf::Shelf;
use book::Book;
use vapid::Vapid;

/// The name of the file.
const NAME: &str = "push";

/// How push services are reached, as it is configured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushReach {
    /// Whom a push service may ask about this daemon: a `mailto:` or `https:` URI.
    pub contact: String,
    /// Whether they may be on this machine or in its private networks.
    pub allow_private: bool,
}

/// Push messages at work.
#[derive(Debug)]
pub struct Push {
    reach: PushReach,
    kept: Arc<Kept>,
}

/// What outlives a changed configuration.
#[derive(Debug)]
struct Kept {
    shelf: Shelf,
    /// Replaced by whoever holds `writing`, once it is written.
    book: Mutex<Book>,
    writing: Arc<tokio::sync::Mutex<()>>,
    /// Something waits, or a device is new.
    nudge: Notify,
}

impl Push {
    /// Goes on where it was left in `folder`; without a device it begins behind `seq`.
    pub fn open(folder: &Path, reach: PushReach, seq: u64) -> io::Result<Arc<Self>> {
        let shelf = Shelf::of(folder, NAME);
        let mut book: Book = shelf.load()?.unwrap_or_default();
        if book.subscriptions.is_empty() {
            book.cursor = seq;
        }
        let (book, writing, nudge) = (Mutex::new(book), Arc::default(), Notify::new());
        Ok(Arc::new(Self { reach, kept: Arc::new(Kept { shelf, book, writing, nudge }) }))
    }

    /// The same devices, reached otherwise.
    #[must_use]
    pub fn changed(&self, reach: PushReach) -> Arc<Self> {
        Arc::new(Self { reach, kept: Arc::clone(&self.kept) })
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.kept.book.lock().expect("BUG: a book is only ever replaced")
    }

    /// Changes the book, on disk first. It is done or not done as a whole, even if whoever wants it
    /// does not wait for it.
    async fn change<R: Send + 'static>(
        &self,
        change: impl FnOnce(&mut Book) -> R + Send + 'static,
    ) -> io::Result<R> {
        let alone = Arc::clone(&self.kept.writing).lock_owned().await;
        let kept = Arc::clone(&self.kept);
        let work = move || {
            let _alone = alone;
            let now = || kept.book.lock().expect("BUG: a book is only ever replaced");
            let mut book = now().clone();
            let result = change(&mut book);
            if *now() != book {
                kept.shelf.write(&book)?;
                *now() = book;
            }
            Ok(result)
        };
        match tokio::task::spawn_blocking(work).await {
            Ok(done) => done,
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }

    /// What this daemon shows itself by; made when it is first needed.
    async fn vapid(&self) -> io::Result<Vapid> {
        if let Some(key) = &self.book().key
            && let Some(vapid) = Vapid::read(key)
        {
            return Ok(vapid);
        }
        let made = |book: &mut Book| {
            let known = book.key.as_ref().and_then(Vapid::read);
            known.unwrap_or_else(|| {
                let (key, vapid) = Vapid::fresh();
                if book.key.replace(key).is_some() {
                    // What was subscribed with another key is of no use with this one.
                    book.subscriptions.clear();
                }
                vapid
            })
        };
        self.change(made).await
    }

    /// For the person of this name.
    pub(crate) async fn view(&self, person: &str) -> io::Result<PushView> {
        let public_key = Some(self.vapid().await?.public_text());
        let subscriptions = self.book().of(person).map(Subscription::view).collect();
        Ok(PushView { enabled: true, public_key, subscriptions })
    }

    /// Tells this device from now on.
    pub(crate) async fn enter(&self, new: Subscription) -> io::Result<Result<Subscription, Full>> {
        let entered = self.change(|book| book.enter(new)).await?;
        self.kept.nudge.notify_one();
        Ok(entered)
    }

    /// Tells a device nothing more; whether it was one of this person's.
    pub(crate) async fn remove(&self, person: &str, id: &str) -> io::Result<bool> {
        if self.named(person, id).is_none() {
            return Ok(false);
        }
        let (person, id) = (person.to_owned(), id.to_owned());
        self.change(move |book| book.remove(&id, |owner| owner.person == person)).await
    }

    /// A device of this person.
    pub(crate) fn named(&self, person: &str, id: &str) -> Option<Subscription> {
        self.book().of(person).find(|known| known.id == id).cloned()
    }

    /// What is wrong, if anything is.
    pub(crate) fn trouble(&self) -> Option<PushTrouble> {
        self.book().trouble()
    }

    /// How push services are reached.
    pub(crate) fn reach(&self) -> &PushReach {
        &self.reach
    }
}

/// The origin of an address, without a port that is the usual one.
fn origin(to: &HttpAddress) -> String {
    let (scheme, usual) = if to.tls { ("https", 443) } else { ("http", 80) };
    match to.target.port == usual {
        true => format!("{scheme}://{}", to.target.host),
        false => format!("{scheme}://{}", to.target),
    }
}
