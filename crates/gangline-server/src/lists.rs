//! Lists of tickets, and tickets, as they are sent, kept for those who ask for the same next.
//!
//! What was written is as good as new as long as nothing was committed, no node has said anything, and no time
//! to speak of has passed: what a ticket waits for tells moments.

use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::body::Bytes;
use gangline_api::ticket::TicketsQuery;
use gangline_domain::ids::ProjectId;
use gangline_engine::NodesView;
use serde::Serialize;

use crate::app::App;
use crate::archive::Archive;
use crate::etag::Written;
use crate::identity::Identity;
use crate::orchestrator::Orchestrator;

/// How old it becomes.
const AGE_MAX: Duration = Duration::from_secs(1);
/// Answers of one kind that are kept.
const KEPT_MAX: usize = 64;

/// Which list was asked for, and by whom as far as that matters.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct ListOf {
    pub(crate) query: TicketsQuery,
    projects: Option<BTreeSet<ProjectId>>,
}

/// The moment that an answer is of.
#[derive(Debug, Clone)]
pub(crate) struct AsOf {
    seq: u64,
    nodes: Arc<NodesView>,
    at: Instant,
}

#[derive(Debug)]
struct Kept<T> {
    as_of: AsOf,
    written: Written<T>,
}

/// Answers that were sent, by what was asked.
#[derive(Debug)]
pub(crate) struct Sent<K, T>(Mutex<HashMap<K, Kept<T>>>);

impl<K, T> Default for Sent<K, T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl ListOf {
    pub(crate) fn new(query: TicketsQuery, identity: &Identity) -> Self {
        Self { query, projects: identity.projects.clone() }
    }
}

impl AsOf {
    /// Now. What is read behind this is at least as new.
    pub(crate) fn now<O: Orchestrator, A: Archive>(app: &App<O, A>) -> Self {
        let seq = app.orchestrator.committed();
        Self { seq, nodes: app.orchestrator.nodes(), at: Instant::now() }
    }

    fn is_good_for(&self, asked: &Self) -> bool {
        self.seq == asked.seq
            && Arc::ptr_eq(&self.nodes, &asked.nodes)
            && asked.at.saturating_duration_since(self.at) < AGE_MAX
    }
}

impl<K: Eq + Hash, T: Serialize> Sent<K, T> {
    /// The answer, if it was sent just so.
    pub(crate) fn get(&self, of: &K, asked: &AsOf) -> Option<Written<T>> {
        let lists = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = lists.get(of)?;
        kept.as_of.is_good_for(asked).then(|| kept.written.clone())
    }

    /// Writes it down, for this answer and the next ones.
    pub(crate) fn keep(&self, of: K, as_of: AsOf, answer: &T) -> Written<T> {
        let body = serde_json::to_vec(answer).expect("BUG: an answer is JSON");
        let written = Written::new(Bytes::from(body));
        let mut lists = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if lists.len() >= KEPT_MAX {
            lists.retain(|_, kept| kept.as_of.is_good_for(&as_of));
        }
        if lists.len() < KEPT_MAX {
            lists.insert(of, Kept { as_of, written: written.clone() });
        }
        written
    }
}
