//! What the stub does, as a prompt says it.
//!
//! Either by marks in the text, in the order in which they stand:
//!
//! ```text
//! @@write:src/a.txt=content@@  @@run:cargo test@@  @@commit:message@@  @@say:last words@@
//! @@first:words beside the first call@@
//! @@err529:2@@ (twice, then on)  @@err401@@ (always)  @@sleep:300@@  @@hang@@  @@quota:EPOCH@@
//! ```
//!
//! or by a fenced block `model-stub` with JSON:
//!
//! ```text
//! { "calls": [ { "write": { "path": "a.txt", "text": "1" } }, { "run": "cargo test" },
//!              { "commit": "Add a" }, { "tool": "Read", "input": { "file_path": "/x" } } ],
//!   "first": "I begin.", "final": "Done.",
//!   "faults": [ { "error": { "status": 529, "times": 2 } }, { "sleep_ms": 300 }, "hang",
//!               { "quota": { "resets_at": 1800000000 } } ],
//!   "when": [ { "contains": "half up", "calls": [], "final": "As hinted." } ] }
//! ```
//!
//! The first entry of `when` whose text stands in the prompt (the block itself apart) is played
//! instead of the rest. Paths are from the agent's working directory. Writes, runs and commits take
//! whichever tool the agent offers for them; `tool` is called as it is named, in the responses API
//! with `NAMESPACE/` before it where it is in one, and with a text as `input` where it wants such.

use serde::Deserialize;
use serde_json::Value;

use crate::fence;

/// Info string of the fenced block.
pub const BLOCK: &str = "model-stub";

/// What is played for one prompt.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Tool calls, one per request.
    #[serde(default)]
    pub calls: Vec<Call>,
    /// What is said beside the first call.
    #[serde(default)]
    pub first: Option<String>,
    /// The last words.
    #[serde(default, rename = "final")]
    pub last: Option<String>,
    /// What goes wrong before each answer.
    #[serde(default)]
    pub faults: Vec<Fault>,
    /// Other scenarios for prompts that contain a certain text.
    #[serde(default)]
    pub when: Vec<When>,
}

/// A scenario for prompts that contain a certain text.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct When {
    /// The text, compared without regard to case.
    pub contains: String,
    /// Tool calls, one per request.
    #[serde(default)]
    pub calls: Vec<Call>,
    /// The last words.
    #[serde(default, rename = "final")]
    pub last: Option<String>,
    /// What goes wrong before each answer.
    #[serde(default)]
    pub faults: Vec<Fault>,
}

/// One tool call.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum Call {
    /// Writes a file.
    Write {
        /// What and where.
        write: Written,
    },
    /// Runs a shell line.
    Run {
        /// The line.
        run: String,
    },
    /// Commits everything.
    Commit {
        /// The message.
        commit: String,
    },
    /// Any tool of the agent.
    Tool {
        /// Its name.
        tool: String,
        /// Its input.
        #[serde(default)]
        input: Value,
    },
}

/// A file that is written.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Written {
    /// From the agent's working directory.
    pub path: String,
    /// The whole text.
    pub text: String,
}

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// An error instead of an answer.
    Error {
        /// HTTP status.
        status: u16,
        /// How often; for ever when absent.
        #[serde(default)]
        times: Option<u32>,
    },
    /// A wait before the answer, in milliseconds.
    SleepMs(u64),
    /// No answer at all.
    Hang,
    /// A used-up quota.
    Quota {
        /// When it ends, in seconds since the Unix epoch.
        resets_at: i64,
    },
}

/// Why a prompt's scenario cannot be played.
#[derive(Debug, thiserror::Error)]
pub enum ScenarioError {
    /// The block is not JSON of the described shape.
    #[error("the `{BLOCK}` block is not as described: {0}")]
    Block(#[from] serde_json::Error),
    /// A mark that is not known.
    #[error("the mark `@@{0}@@` is not known")]
    Mark(String),
}

impl Scenario {
    /// The scenario of a prompt, if it has one.
    pub fn in_prompt(prompt: &str) -> Result<Option<Self>, ScenarioError> {
        let (block, rest) = fence::take(prompt, BLOCK);
        if let Some(block) = block {
            let scenario: Self = serde_json::from_str(&block.text)?;
            return Ok(Some(scenario.for_prompt(&rest)));
        }
        let marks: Vec<&str> = marks(prompt).collect();
        if marks.is_empty() {
            return Ok(None);
        }
        let mut scenario = Self::default();
        for mark in marks {
            scenario.obey(mark)?;
        }
        Ok(Some(scenario))
    }

    fn for_prompt(mut self, prompt: &str) -> Self {
        let prompt = prompt.to_lowercase();
        let fits = |when: &When| prompt.contains(&when.contains.to_lowercase());
        match self.when.iter().position(fits) {
            None => self,
            Some(at) => {
                let When { calls, last, faults, .. } = self.when.swap_remove(at);
                Self { calls, first: None, last, faults, when: vec![] }
            }
        }
    }

    fn obey(&mut self, mark: &str) -> Result<(), ScenarioError> {
        let unknown = || ScenarioError::Mark(mark.to_owned());
        let (name, value) = mark.split_once(':').unwrap_or((mark, ""));
        let number = |text: &str| text.parse().map_err(|_| unknown());
        match name {
            "commit" if value.is_empty() => {
                let write = Written { path: "hello.txt".to_owned(), text: "hello\n".to_owned() };
                self.calls.push(Call::Write { write });
                self.calls.push(Call::Commit { commit: "Add hello.txt".to_owned() });
            }
            "commit" => self.calls.push(Call::Commit { commit: value.to_owned() }),
            "write" => {
                let (path, text) = value.split_once('=').ok_or_else(unknown)?;
                let write = Written { path: path.to_owned(), text: text.to_owned() };
                self.calls.push(Call::Write { write });
            }
            "run" => self.calls.push(Call::Run { run: value.to_owned() }),
            "first" => self.first = Some(value.to_owned()),
            "say" => self.last = Some(value.to_owned()),
            "sleep" => self.faults.push(Fault::SleepMs(number(value)?)),
            "hang" => self.faults.push(Fault::Hang),
            "quota" => {
                let resets_at = value.parse().map_err(|_| unknown())?;
                self.faults.push(Fault::Quota { resets_at });
            }
            _ => {
                let status = name.strip_prefix("err").and_then(|status| status.parse().ok());
                let status = status.ok_or_else(unknown)?;
                let times = if value.is_empty() { None } else { Some(number(value)?) };
                let times = times.map(|times| u32::try_from(times).unwrap_or(u32::MAX));
                self.faults.push(Fault::Error { status, times });
            }
        }
        Ok(())
    }
}

/// What stands between pairs of `@@` on one line.
fn marks(prompt: &str) -> impl Iterator<Item = &str> {
    prompt.lines().flat_map(|line| {
        let parts: Vec<&str> = line.split("@@").collect();
        let closed = parts.len().saturating_sub(1) / 2;
        parts.into_iter().skip(1).step_by(2).take(closed)
    })
}

#[cfg(test)]
mod tests;
