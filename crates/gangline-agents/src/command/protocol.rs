//! What a program's output and exit code mean.

use std::collections::BTreeMap;

use gangline_process::Exit;

use crate::definition::ExitMeaning;
use crate::driver::{AgentEnd, AgentEvent, SendError};
use crate::lines::Line;
use crate::session::{Interrupt, Protocol};

/// Characters of the last lines that serve as a summary.
const SUMMARY_CHARS_MAX: usize = 2_000;

/// What an exit code means where the definition does not say: 0 done, 3 gave up, 4 nothing to
/// change, 75 quota (`EX_TEMPFAIL`), 77 not logged in (`EX_NOPERM`).
pub fn exit_meaning(code: i32) -> ExitMeaning {
    match code {
        0 => ExitMeaning::Completed,
        3 => ExitMeaning::GaveUp,
        4 => ExitMeaning::NoChangeNeeded,
        75 => ExitMeaning::Quota,
        77 => ExitMeaning::AuthFailed,
        _ => ExitMeaning::Crashed,
    }
}

/// Reads a program that knows nothing of Gangline.
pub(super) struct CommandProtocol {
    exit_codes: BTreeMap<i32, ExitMeaning>,
    /// The end of what it printed.
    last: String,
    interrupted: bool,
}

impl CommandProtocol {
    pub(super) fn new(exit_codes: BTreeMap<i32, ExitMeaning>) -> Self {
        Self { exit_codes, last: String::new(), interrupted: false }
    }

    fn keep(&mut self, text: &str) {
        self.last.push_str(text);
        self.last.push('\n');
        let excess = self.last.chars().count().saturating_sub(SUMMARY_CHARS_MAX);
        if excess > 0 {
            self.last = self.last.chars().skip(excess).collect();
        }
    }
}

impl Protocol for CommandProtocol {
    fn opening(&mut self) -> Option<AgentEvent> {
        Some(AgentEvent::Started { session: None, model: None })
    }

    fn line(&mut self, line: &Line) -> Vec<AgentEvent> {
        let text = line.shown();
        // The end of a long line is worth more than its beginning, and cheaper to keep.
        let skipped = text.char_indices().rev().nth(SUMMARY_CHARS_MAX).map_or(0, |(at, _)| at);
        self.keep(&text[skipped..]);
        vec![AgentEvent::Message { text }]
    }

    fn end(&mut self, exit: Exit, complaints: &str) -> AgentEnd {
        let crashed =
            || AgentEnd::Crashed { message: complaints.to_owned(), exit: exit.to_string() };
        let code = match exit {
            _ if self.interrupted => return AgentEnd::Interrupted,
            Exit::Signal(_) => return crashed(),
            Exit::Code(code) => code,
        };
        let said = self.last.trim().to_owned();
        let message = if said.is_empty() { complaints.to_owned() } else { said };
        match self.exit_codes.get(&code).copied().unwrap_or_else(|| exit_meaning(code)) {
            ExitMeaning::Completed => AgentEnd::Completed { summary: message },
            ExitMeaning::GaveUp => AgentEnd::GaveUp { reason: message },
            ExitMeaning::NoChangeNeeded => AgentEnd::NoChangeNeeded { reason: message },
            ExitMeaning::Quota => AgentEnd::Quota { message, resets_at: None },
            ExitMeaning::AuthFailed => AgentEnd::AuthFailed { message },
            ExitMeaning::Crashed => crashed(),
        }
    }

    fn answer(&mut self, question: &str, _: &str) -> Result<String, SendError> {
        Err(SendError::NotOpen { question: question.to_owned() })
    }

    fn steer(&mut self, _: &str) -> Result<String, SendError> {
        Err(SendError::Deaf { kind: "command" })
    }

    fn interrupt(&mut self) -> Interrupt {
        self.interrupted = true;
        Interrupt::Signals
    }

    fn listens(&self) -> bool {
        false
    }

    fn has_result(&self) -> bool {
        false
    }
}
