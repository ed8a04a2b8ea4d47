//! What a scripted agent and its driver say to one another, a line of JSON each.

use serde::{Deserialize, Serialize};

use crate::driver::PlanItem;

/// The version of this protocol.
pub const PROTOCOL_VERSION: u32 = 1;
/// Info string of the fenced block that carries a script in a ticket's body.
pub const BLOCK: &str = "gangline-script";

/// What the agent says on its standard output.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Said {
    /// The first line.
    Started {
        /// [`PROTOCOL_VERSION`].
        version: u32,
        /// By which it can be resumed.
        session: String,
        /// Whether it was.
        resumed: bool,
        /// Always `scripted`.
        model: String,
    },
    /// It says something.
    Message {
        /// Its words.
        text: String,
    },
    /// It thinks aloud.
    Thought {
        /// Its words.
        text: String,
    },
    /// It uses a tool.
    ToolStarted {
        /// Unique within the session's process.
        id: String,
        /// Such as `Write`.
        tool: String,
        /// One line about it.
        #[serde(default)]
        detail: String,
        /// The files that it names.
        #[serde(default)]
        paths: Vec<String>,
    },
    /// The tool is done.
    ToolFinished {
        /// That of the start.
        id: String,
        /// Whether it worked.
        ok: bool,
        /// The end of its result.
        #[serde(default)]
        detail: String,
    },
    /// Its plan.
    Plan {
        /// In order.
        items: Vec<PlanItem>,
    },
    /// What it has spent so far, in all.
    Usage {
        /// Tokens, in and out.
        tokens: u64,
        /// Millionths of a US dollar.
        cost_microusd: u64,
    },
    /// It asks, and waits.
    Question {
        /// Unique within the session's process.
        id: String,
        /// What it asks.
        text: String,
        /// Answers that it offers.
        #[serde(default)]
        options: Vec<String>,
    },
    /// The last line, unless it crashes.
    Finished {
        /// How it ended.
        how: How,
        /// In words.
        #[serde(default)]
        text: String,
        /// When a quota is said to be renewed, in seconds since the Unix epoch.
        #[serde(default)]
        resets_at: Option<i64>,
    },
}

/// How a scripted agent ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// The script came to its end. Exit code 0.
    Completed,
    /// Step `give_up`. Exit code 3.
    GaveUp,
    /// Step `no_change`. Exit code 4.
    NoChangeNeeded,
    /// Step `quota`. Exit code 75.
    Quota,
    /// Step `auth_fail`. Exit code 77.
    AuthFailed,
    /// It was told to. Exit code 130.
    Interrupted,
}

impl How {
    /// The exit code that goes with it.
    pub fn exit_code(self) -> i32 {
        match self {
            Self::Completed => 0,
            Self::GaveUp => 3,
            Self::NoChangeNeeded => 4,
            Self::Quota => 75,
            Self::AuthFailed => 77,
            Self::Interrupted => 130,
        }
    }
}

/// What the agent is told on its standard input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Told {
    /// The answer to a question.
    Answer {
        /// The question's id.
        question: String,
        /// In words.
        text: String,
    },
    /// Something that it should know.
    Steer {
        /// In words.
        text: String,
    },
    /// It shall end.
    Interrupt,
}
