//! What is said to the agent, and when.

use std::collections::BTreeMap;

use crate::driver::DENY;

/// How often an agent is told to go on after leave was refused.
const FOLLOW_UPS_MAX: u32 = 10;

/// Prompts that were sent, and words that wait for the end of a turn.
#[derive(Debug, Default)]
pub(super) struct Prompts {
    /// Not answered yet, by the request's number.
    open: BTreeMap<u64, String>,
    waiting: Vec<String>,
    denied: Option<Denied>,
    follow_ups: u32,
}

#[derive(Debug)]
struct Denied {
    reason: String,
    /// Whether the agent did something after it was told.
    went_on: bool,
}

impl Prompts {
    pub(super) fn sent(&mut self, id: u64, text: String) {
        self.open.insert(id, text);
    }

    /// One is answered: its text.
    pub(super) fn answered(&mut self, id: u64) -> String {
        self.open.remove(&id).unwrap_or_default()
    }

    pub(super) fn any_open(&self) -> bool {
        !self.open.is_empty()
    }

    /// To be said when the turn is over.
    pub(super) fn wait(&mut self, text: String) {
        self.waiting.push(text);
    }

    /// Nothing more is to be said.
    pub(super) fn clear(&mut self) {
        self.waiting.clear();
        self.denied = None;
    }

    pub(super) fn denied(&mut self, reason: &str) {
        let reason = if reason == DENY { String::new() } else { reason.to_owned() };
        self.denied = Some(Denied { reason, went_on: false });
    }

    /// The agent does something.
    pub(super) fn goes_on(&mut self) {
        if let Some(denied) = &mut self.denied {
            denied.went_on = true;
        }
    }

    /// What is said at the end of a turn, if anything.
    pub(super) fn next(&mut self, cancelled: bool) -> Option<String> {
        let follow_up = self.follow_up(cancelled);
        if self.waiting.is_empty() {
            return follow_up;
        }
        let said = follow_up.into_iter().chain(std::mem::take(&mut self.waiting));
        Some(said.collect::<Vec<_>>().join("\n\n"))
    }

    /// The protocol has no words for a refusal, and some agents end their turn with one.
    fn follow_up(&mut self, cancelled: bool) -> Option<String> {
        let Denied { reason, went_on } = self.denied.take()?;
        if (went_on && !cancelled && reason.is_empty()) || self.follow_ups >= FOLLOW_UPS_MAX {
            return None;
        }
        self.follow_ups += 1;
        let reason = if reason.is_empty() { reason } else { format!(": {reason}") };
        Some(format!("You were not given leave{reason}. Go on without it, or say why you cannot."))
    }
}
