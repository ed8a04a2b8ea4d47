//! Whether a person's main agent is there: by what it asks, and by how it waits.
//!
//! ```text
//!   asks ──▶ active ── nothing for 5 min, or it waits for events ──▶ idle ── 30 min, or it left ──▶ away
//!              ▲                                                       │                             │
//!              └────────────────────────── asks ───────────────────────┴─────────────────────────────┘
//! ```
//!
//! Nothing of this is durable: a daemon that starts has heard of nobody yet.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::Request;
use axum::http::HeaderMap;
use gangline_api::main_agent::{MainAgentView, Presence};
use gangline_api::version::MAIN_AGENT_HEADER;
use gangline_domain::ids::Timestamp;

use crate::app::App;
use crate::archive::Archive;
use crate::extract::decoded;
use crate::identity::Identity;
use crate::orchestrator::Orchestrator;

/// So long after its last call it is taken to talk with its person.
const ACTIVE_US: i64 = 5 * 60 * 1_000_000;
/// So long after its last call it is taken to be there.
const IDLE_US: i64 = 30 * 60 * 1_000_000;
/// So long after its last call it is remembered.
const KNOWN_US: i64 = 24 * 60 * 60 * 1_000_000;
/// Main agents that are remembered.
const KNOWN_MAX: usize = 64;
/// Characters of an id or a name.
const NAME_CHARS_MAX: usize = 80;
/// By which door the tools of a main agent come to the socket.
const STDIO: &str = "mcp stdio";

/// The main agents that were heard of, by id.
#[derive(Debug, Default)]
pub(crate) struct Presences {
    known: Mutex<BTreeMap<String, Known>>,
}

#[derive(Debug, Clone)]
struct Known {
    name: String,
    person: String,
    via: String,
    called: Timestamp,
    waits: u32,
    left: bool,
}

/// Who a main agent says it is.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Said {
    id: String,
    name: String,
}

impl Said {
    /// `ID NAME`, percent-encoded.
    fn read(headers: &HeaderMap) -> Option<Self> {
        let text = decoded(headers.get(MAIN_AGENT_HEADER)?.as_bytes());
        let short = |part: &str| -> String {
            part.chars().filter(|c| !c.is_control()).take(NAME_CHARS_MAX).collect()
        };
        let (id, name) = text.split_once(' ').unwrap_or((&text, ""));
        Some(Self { id: short(id), name: short(name) })
    }
}

/// Takes down that a main agent asks, and that it does so by its tools. It waits as long as what is
/// given back is kept.
pub(crate) fn attended<O: Orchestrator, A: Archive>(
    app: &App<O, A>,
    request: &mut Request,
) -> Option<Waiting> {
    let said = Said::read(request.headers())?;
    let identity = request.extensions_mut().get_mut::<Identity>();
    let identity = identity.expect("BUG: nobody said who asks");
    let via = identity.via.get_or_insert_with(|| STDIO.to_owned()).clone();
    let person = identity.name.clone().unwrap_or_else(|| {
        let named = request.headers().get(gangline_api::version::PERSON_HEADER);
        named.map(|name| decoded(name.as_bytes())).unwrap_or_default()
    });
    let asked = request.uri();
    let may_wait = asked.query().is_some_and(|query| query.contains("wait_ms="));
    let waits = may_wait && asked.path().ends_with("/events");
    app.presences.heard(said, (person, via), waits, App::<O, A>::now())
}

/// As long as it is kept, its main agent waits.
#[derive(Debug)]
pub(crate) struct Waiting {
    presences: Arc<Presences>,
    id: String,
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let mut known = self.presences.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known.get_mut(&self.id) {
            known.waits = known.waits.saturating_sub(1);
        }
    }
}

impl Presences {
    fn heard(
        self: &Arc<Self>,
        Said { id, name }: Said,
        (person, via): (String, String),
        waits: bool,
        now: Timestamp,
    ) -> Option<Waiting> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|_, known| known.waits > 0 || now.0 - known.called.0 < KNOWN_US);
        if known.len() >= KNOWN_MAX && !known.contains_key(&id) {
            let oldest = known.iter().min_by_key(|(_, known)| known.called);
            let oldest = oldest.map(|(id, _)| id.clone());
            oldest.and_then(|id| known.remove(&id));
        }
        let fresh = Known { name: String::new(), person, via, called: now, waits: 0, left: false };
        let entry = known.entry(id.clone()).or_insert(fresh);
        entry.left = false;
        if !name.is_empty() {
            entry.name = name;
        }
        if !waits {
            entry.called = now;
            return None;
        }
        entry.waits += 1;
        drop(known);
        Some(Waiting { presences: Arc::clone(self), id })
    }

    /// One is gone. Whether it was known.
    pub(crate) fn left(&self, id: &str) -> bool {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.get_mut(id).map(|known| known.left = true).is_some()
    }

    /// All that are known, those first that were heard last.
    pub(crate) fn all(&self, now: Timestamp) -> Vec<MainAgentView> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all: Vec<MainAgentView> =
            known.iter().map(|(id, known)| known.view(id, now)).collect();
        all.sort_by_key(|agent| (agent.presence, -agent.called_us));
        all
    }
}

impl Known {
    fn view(&self, id: &str, now: Timestamp) -> MainAgentView {
        let Self { name, person, via, called, waits, left } = self.clone();
        let silent = now.0 - called.0;
        let presence = match waits {
            _ if left => Presence::Away,
            0 if silent < ACTIVE_US => Presence::Active,
            0 if silent >= IDLE_US => Presence::Away,
            _waiting_or_silent => Presence::Idle,
        };
        MainAgentView {
            id: id.to_owned(),
            name: if name.is_empty() { "main agent".to_owned() } else { name },
            person,
            via,
            presence,
            text: presence.text().to_owned(),
            waits: waits > 0,
            called_us: called.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60 * 1_000_000;

    fn at(minute: i64) -> Timestamp {
        Timestamp(minute * MINUTE)
    }

    fn heard(presences: &Arc<Presences>, id: &str, waits: bool, minute: i64) -> Option<Waiting> {
        let said = Said { id: id.to_owned(), name: "claude-code".to_owned() };
        presences.heard(said, ("ann".to_owned(), STDIO.to_owned()), waits, at(minute))
    }

    fn text(presences: &Presences, minute: i64) -> String {
        presences.all(at(minute)).remove(0).text
    }

    #[test]
    fn presence_follows_from_calls_and_waits() {
        let presences = Arc::new(Presences::default());
        assert!(heard(&presences, "7", false, 0).is_none());
        for (minute, expected) in [
            (0, "Active - Conversing"),
            (4, "Active - Conversing"),
            (5, "Idle"),
            (29, "Idle"),
            (30, "Away"),
        ] {
            assert_eq!(text(&presences, minute), expected, "minute {minute}");
        }
        heard(&presences, "7", false, 40);
        let waiting = heard(&presences, "7", true, 40);
        assert_eq!(text(&presences, 40), "Idle", "it waits, and talks with nobody");
        assert_eq!(text(&presences, 90), "Idle", "who waits is there");
        drop(waiting);
        assert_eq!(text(&presences, 90), "Away");
        heard(&presences, "7", false, 91);
        assert!(presences.left("7"));
        assert_eq!(text(&presences, 91), "Away");
        heard(&presences, "7", false, 92);
        assert_eq!(text(&presences, 92), "Active - Conversing", "it came back");
        assert!(!presences.left("8"));
    }

    #[test]
    fn no_more_are_remembered_than_there_is_room_for() {
        let presences = Arc::new(Presences::default());
        for n in 0..100 {
            heard(&presences, &n.to_string(), false, n);
        }
        let all = presences.all(at(100));
        assert_eq!((all.len(), all[0].id.as_str(), all[63].id.as_str()), (64, "99", "36"));
        heard(&presences, "new", false, 3_000);
        assert_eq!(presences.all(at(3_000)).len(), 1, "the others were forgotten");
    }
}
