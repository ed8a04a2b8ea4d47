//! What a scripted agent does, as data: read from YAML, walked without any I/O, so that the
//! agent's program and the simulation obey the same script.
//!
//! The language is described in `docs/scripted-agent.md`.

use std::vec::IntoIter;

use serde::{Deserialize, Serialize};

use crate::yaml::{self, Located};

mod step;

pub use step::{
    Ask, AwaitSteer, Checkout, ClaimStep, Commit, FakeTool, FileText, Flood, Hang, On, Orphan,
    PathOnly, Quota, Replace, Run, Signal, Spent, Step, Stream, ToolCall,
};

/// Bytes that a script may have.
pub const SCRIPT_BYTES_MAX: usize = 256 * 1024;
/// The version of the language that this program speaks.
pub const SCRIPT_VERSION: u32 = 1;

/// A whole script.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Script {
    /// [`SCRIPT_VERSION`].
    #[serde(default = "script_version")]
    pub version: u32,
    /// Milliseconds to wait before each step, so that a person can watch.
    #[serde(default)]
    pub pace_ms: u64,
    /// What is done, in this order.
    pub steps: Vec<Step>,
}

fn script_version() -> u32 {
    SCRIPT_VERSION
}

impl Script {
    /// Reads a script that begins behind `lines_before` lines of `file`. The error names the
    /// file, the line and the column.
    pub fn parse(text: &str, file: &str, lines_before: u64) -> Result<Self, Located> {
        let refuse =
            |message: String| Located { file: file.to_owned(), line: 0, column: 0, message };
        if text.len() > SCRIPT_BYTES_MAX {
            let bytes = text.len();
            return Err(refuse(format!("{bytes} bytes are more than {SCRIPT_BYTES_MAX}")));
        }
        let script: Self = yaml::read(text, file, lines_before)?;
        if script.version != SCRIPT_VERSION {
            return Err(refuse(format!(
                "version {} is not known; this program speaks version {SCRIPT_VERSION}",
                script.version
            )));
        }
        Ok(script)
    }
}

/// What conditions are judged by.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Situation {
    /// The try's number, from 1.
    pub try_no: u32,
    /// Whether the session was resumed.
    pub resumed: bool,
    /// What persons have hinted at, all in one text.
    pub hints: String,
    /// The brief, without the script that may stand in it.
    pub brief: String,
}

impl Situation {
    fn meets(&self, on: &On) -> bool {
        let holds = |text: &str, part: &Option<String>| {
            part.as_ref().is_none_or(|part| text.to_lowercase().contains(&part.to_lowercase()))
        };
        on.try_no.is_none_or(|wanted| wanted == self.try_no)
            && on.resumed.is_none_or(|wanted| wanted == self.resumed)
            && holds(&self.hints, &on.hint_contains)
            && holds(&self.brief, &on.brief_contains)
    }
}

/// A script being walked: an iterator of steps in which no [`Step::On`] is left. After a
/// [`Step::Ask`] it wants [`Walk::answered`] before the next step.
#[derive(Debug)]
pub struct Walk {
    situation: Situation,
    /// The innermost list of steps last.
    open: Vec<IntoIter<Step>>,
    asked: Option<Ask>,
}

impl Walk {
    /// Begins at the first step.
    pub fn new(script: Script, situation: Situation) -> Self {
        Self { situation, open: vec![script.steps.into_iter()], asked: None }
    }

    /// Goes on with the steps for this answer to the last question.
    pub fn answered(&mut self, answer: &str) {
        let Some(ask) = self.asked.take() else { return };
        let folded = |text: &str| text.trim().to_lowercase();
        let given = folded(answer);
        let fitting = ask.answers.into_iter().find(|(wanted, _)| folded(wanted) == given);
        let steps = fitting.map_or(ask.otherwise, |(_, steps)| steps);
        self.open.push(steps.into_iter());
    }
}

impl Iterator for Walk {
    type Item = Step;

    fn next(&mut self) -> Option<Step> {
        loop {
            let Some(step) = self.open.last_mut()?.next() else {
                self.open.pop();
                continue;
            };
            if let Step::On(on) = step {
                let steps = if self.situation.meets(&on) { on.steps } else { on.otherwise };
                self.open.push(steps.into_iter());
                continue;
            }
            if let Step::Ask(ask) = &step {
                self.asked = Some(ask.clone());
            }
            return Some(step);
        }
    }
}

#[cfg(test)]
mod tests;
