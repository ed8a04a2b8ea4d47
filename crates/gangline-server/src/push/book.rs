//! Who is told, how far that is, and what waits: all of it in one file, whole or as it was before.

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use gangline_api::push::{AddPushSubscription, PushKeys, PushSubscriptionView, PushTrouble};
use gangline_domain::ids::{ProjectId, Timestamp, TokenId};
use gangline_domain::network::HttpAddress;
use serde::{Deserialize, Serialize};

use super::words::Message;
use crate::identity::Identity;
use crate::pause::pause;
use crate::secret;

/// Devices of one person, and of all.
const OF_ONE_MAX: usize = 20;
const ALL_MAX: usize = 500;
/// Messages that wait for one push service; the oldest is given up when there are more.
const WAITING_MAX: usize = 50;
/// How long a message is worth anything: a push service keeps it for what is left of that.
pub(super) const WORTH_MS: u64 = 24 * 3_600_000;
/// Characters of a device's name.
const LABEL_CHARS_MAX: usize = 64;

/// All that is kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Book {
    /// The key pair of this daemon.
    pub(super) key: Option<Hidden>,
    /// All events up to this one were looked at; what they come to waits, or is done.
    pub(super) cursor: u64,
    /// Oldest first.
    pub(super) subscriptions: Vec<Subscription>,
}

/// A text that is written down and never shown.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Hidden(pub(super) String);

impl std::fmt::Debug for Hidden {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("…")
    }
}

/// A browser that is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Subscription {
    pub(super) id: String,
    /// Whoever knows it can send there.
    endpoint: Hidden,
    p256dh: Hidden,
    auth: Hidden,
    label: String,
    pub(super) owner: Owner,
    added_us: i64,
    /// Told of what happens behind this event.
    since: u64,
    told_us: Option<i64>,
    /// Oldest first; one for each tag.
    pub(super) waiting: VecDeque<Message>,
    /// Tries in a row that failed, since when, why the last one did, and when the next one is.
    failures: u32,
    failing_since_us: Option<i64>,
    error: Option<String>,
    next_try_us: Option<i64>,
}

/// Whose a device is, and what lets them in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Owner {
    /// What their deeds are told under.
    pub(crate) person: String,
    /// The token or session by which they subscribed; the socket of this machine, when absent.
    token: Option<TokenId>,
    /// The projects that they may see; all, when absent.
    projects: Option<BTreeSet<ProjectId>>,
    /// From when on they are let in no more.
    until: Option<Timestamp>,
}

/// As many devices are kept as can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Full {
    /// Of this person.
    OfOne,
    /// Of all.
    OfAll,
}

/// How a try ended.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub(crate) enum Told {
    /// The push service has it.
    Taken,
    /// The push service knows the browser no more.
    Gone,
    /// It takes no such message, now or later.
    Refused(String),
    /// It is tried again.
    Failed(String),
}

/// The name of the device behind an endpoint.
fn id_of(endpoint: &str) -> String {
    secret::digest(endpoint)[..16].to_owned()
}

impl Owner {
    pub(crate) fn new(person: String, identity: &Identity) -> Self {
        let Identity { token, projects, until, .. } = identity.clone();
        Self { person, token, projects, until }
    }

    /// Whether what let them in is still worth something. `known` says so of a token.
    pub(super) fn is_still_in(&self, now: Timestamp, known: impl Fn(&TokenId) -> bool) -> bool {
        self.until.is_none_or(|until| now < until) && self.token.as_ref().is_none_or(known)
    }

    /// Whether they may see this project; what concerns all is for those who see all.
    fn may_see(&self, project: Option<&ProjectId>) -> bool {
        match (&self.projects, project) {
            (None, _) => true,
            (Some(projects), Some(project)) => projects.contains(project),
            (Some(_), None) => false,
        }
    }
}

impl Subscription {
    /// Told of what happens behind the event `since`.
    pub(crate) fn new(
        asked: &AddPushSubscription,
        owner: Owner,
        since: u64,
        now: Timestamp,
    ) -> Self {
        Self {
            id: id_of(&asked.endpoint),
            endpoint: Hidden(asked.endpoint.clone()),
            p256dh: Hidden(asked.keys.p256dh.clone()),
            auth: Hidden(asked.keys.auth.clone()),
            label: asked.label.trim().chars().take(LABEL_CHARS_MAX).collect(),
            owner,
            added_us: now.0,
            since,
            told_us: None,
            waiting: VecDeque::new(),
            failures: 0,
            failing_since_us: None,
            error: None,
            next_try_us: None,
        }
    }

    pub(super) fn address(&self) -> Option<HttpAddress> {
        self.endpoint.0.parse().ok()
    }

    pub(super) fn keys(&self) -> PushKeys {
        PushKeys { p256dh: self.p256dh.0.clone(), auth: self.auth.0.clone() }
    }

    /// For people and programs.
    pub(crate) fn view(&self) -> PushSubscriptionView {
        PushSubscriptionView {
            id: self.id.clone(),
            label: self.label.clone(),
            service: self.address().map(|to| to.target.host.to_string()).unwrap_or_default(),
            added_us: self.added_us,
            told_us: self.told_us,
            waiting: u32::try_from(self.waiting.len()).unwrap_or(u32::MAX),
            failing_since_us: self.failing_since_us,
            error: self.error.clone(),
        }
    }

    /// When what waits first is tried.
    pub(super) fn due(&self) -> Option<Timestamp> {
        self.waiting.front().map(|_| Timestamp(self.next_try_us.unwrap_or(i64::MIN)))
    }

    fn wait_for(&mut self, message: &Message) {
        self.waiting.retain(|older| older.says.tag != message.says.tag);
        self.waiting.push_back(message.clone());
        while self.waiting.len() > WAITING_MAX {
            self.waiting.pop_front();
        }
    }

    fn well(&mut self) {
        (self.failures, self.failing_since_us) = (0, None);
        (self.error, self.next_try_us) = (None, None);
    }
}

impl Book {
    /// The devices of a person.
    pub(super) fn of(&self, person: &str) -> impl Iterator<Item = &Subscription> {
        self.subscriptions.iter().filter(move |known| known.owner.person == person)
    }

    /// Adds a device. One that is known already is whose it is now, and keeps what waits for it where
    /// that is the same person's.
    pub(super) fn enter(&mut self, new: Subscription) -> Result<Subscription, Full> {
        let at = self.subscriptions.iter().position(|known| known.id == new.id);
        let before = at.map(|at| &self.subscriptions[at]);
        let same = before.is_some_and(|before| before.owner.person == new.owner.person);
        if !same && self.of(&new.owner.person).count() >= OF_ONE_MAX {
            return Err(Full::OfOne);
        }
        if let Some(at) = at {
            let known = &mut self.subscriptions[at];
            *known = match same {
                true => {
                    let Subscription { endpoint, p256dh, auth, label, owner, .. } = new;
                    Subscription { endpoint, p256dh, auth, label, owner, ..known.clone() }
                }
                false => new,
            };
            return Ok(known.clone());
        }
        if self.subscriptions.len() >= ALL_MAX {
            return Err(Full::OfAll);
        }
        self.subscriptions.push(new.clone());
        Ok(new)
    }

    /// Tells a device nothing more, if `whose` says so; whether it was there.
    pub(super) fn remove(&mut self, id: &str, whose: impl Fn(&Owner) -> bool) -> bool {
        let before = self.subscriptions.len();
        self.subscriptions.retain(|known| known.id != id || !whose(&known.owner));
        self.subscriptions.len() < before
    }

    /// Has messages wait for whoever may see what they are about, and goes on behind `cursor`.
    pub(super) fn take_up(&mut self, found: &[(Option<ProjectId>, Message)], cursor: u64) {
        for known in &mut self.subscriptions {
            for (project, message) in found {
                if message.seq > known.since && known.owner.may_see(project.as_ref()) {
                    known.wait_for(message);
                }
            }
        }
        self.cursor = cursor;
    }

    /// The store was restored to an earlier state: what was told of behind it never happened.
    pub(super) fn go_back(&mut self, seq: u64) {
        self.cursor = seq;
        for known in &mut self.subscriptions {
            known.since = known.since.min(seq);
            known.waiting.retain(|message| message.seq <= seq);
        }
    }

    /// Gives up what is worth nothing any more.
    pub(super) fn give_up(&mut self, now: Timestamp) {
        for known in &mut self.subscriptions {
            known.waiting.retain(|message| !is_stale(message, now));
        }
    }

    /// Whether there is something to give up.
    pub(super) fn has_stale(&self, now: Timestamp) -> bool {
        self.subscriptions.iter().any(|known| known.waiting.iter().any(|each| is_stale(each, now)))
    }

    /// As it is after a try of this event's message; a test has none. `chance` spreads pauses.
    pub(super) fn after(&mut self, id: &str, seq: u64, told: Told, now: Timestamp, chance: u32) {
        if told == Told::Gone {
            self.remove(id, |_owner| true);
            return;
        }
        let Some(known) = self.subscriptions.iter_mut().find(|known| known.id == id) else {
            return;
        };
        match told {
            Told::Taken | Told::Gone => {
                known.waiting.retain(|message| message.seq != seq);
                known.told_us = Some(now.0);
                known.well();
            }
            Told::Refused(why) => {
                known.waiting.retain(|message| message.seq != seq);
                known.error = Some(why);
            }
            Told::Failed(why) => {
                known.failures = known.failures.saturating_add(1);
                known.failing_since_us.get_or_insert(now.0);
                known.error = Some(why);
                let pause: Duration = pause(known.failures, chance);
                let pause_ms = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX);
                known.next_try_us = Some(now.plus_ms(pause_ms).0);
            }
        }
    }

    /// What is wrong, if anything is.
    pub(super) fn trouble(&self) -> Option<PushTrouble> {
        let failing = self.subscriptions.iter().filter(|known| known.failing_since_us.is_some());
        let first = failing.clone().min_by_key(|known| known.failing_since_us)?;
        Some(PushTrouble {
            devices: u32::try_from(failing.count()).unwrap_or(u32::MAX),
            failing_since_us: first.failing_since_us?,
            error: first.error.clone().unwrap_or_default(),
        })
    }
}

fn is_stale(message: &Message, now: Timestamp) -> bool {
    now.ms_since(Timestamp(message.at_us)) >= WORTH_MS
}

#[cfg(test)]
mod tests;
