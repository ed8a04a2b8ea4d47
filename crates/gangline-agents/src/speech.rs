//! Words that come in pieces, put together.

use crate::driver::AgentEvent;

/// Bytes that are held back for more.
const HELD_BYTES_MAX: usize = 16 * 1024;
/// Bytes of the last words that serve as a summary.
const SUMMARY_BYTES_MAX: usize = 16 * 1024;

/// Characters that a tool's detail may have.
const DETAIL_CHARS_MAX: usize = 500;

/// What the agent is saying.
#[derive(Debug, Default)]
pub(crate) struct Speech {
    open: Option<Open>,
    /// What it said last, aloud.
    said: String,
    /// Whether that is still being said.
    saying: bool,
}

#[derive(Debug)]
struct Open {
    thought: bool,
    /// The message's id, where the agent gives one.
    id: String,
    text: String,
}

impl Speech {
    /// Takes a piece of a message or thought, of this id where there is one; gives what it
    /// completes.
    pub(crate) fn piece(&mut self, piece: &str, id: &str, thought: bool) -> Vec<AgentEvent> {
        let goes_on =
            self.open.as_ref().is_some_and(|open| open.thought == thought && open.id == id);
        let mut events = if goes_on { vec![] } else { self.flush() };
        if !thought {
            self.remember(piece, goes_on);
        }
        let open = self.open.get_or_insert_with(|| Open {
            thought,
            id: id.to_owned(),
            text: String::new(),
        });
        open.text.push_str(piece);
        if open.text.len() > HELD_BYTES_MAX {
            events.extend(self.pause());
        }
        events
    }

    /// Tells what is held back, because something else happens now.
    pub(crate) fn flush(&mut self) -> Vec<AgentEvent> {
        self.saying = false;
        self.take().into_iter().collect()
    }

    /// Tells what is held back; more of the same may follow.
    pub(crate) fn pause(&mut self) -> Vec<AgentEvent> {
        self.take().into_iter().collect()
    }

    pub(crate) fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// What it said last.
    pub(crate) fn last(&self) -> &str {
        self.said.trim()
    }

    fn take(&mut self) -> Option<AgentEvent> {
        let Open { thought, text, .. } = self.open.take()?;
        if text.trim().is_empty() {
            return None;
        }
        Some(if thought { AgentEvent::Thought { text } } else { AgentEvent::Message { text } })
    }

    fn remember(&mut self, piece: &str, goes_on: bool) {
        // A pause in the middle of a message does not make two of it.
        if !goes_on && !self.saying && !piece.trim().is_empty() {
            self.said.clear();
        }
        self.saying = true;
        self.said.push_str(piece);
        let excess = self.said.len().saturating_sub(SUMMARY_BYTES_MAX);
        if excess > 0 {
            let at = self.said.ceil_char_boundary(excess);
            self.said.drain(..at);
        }
    }
}

/// A text in the length of a detail.
pub(crate) fn shortened(text: &str) -> String {
    match text.char_indices().nth(DETAIL_CHARS_MAX) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}
