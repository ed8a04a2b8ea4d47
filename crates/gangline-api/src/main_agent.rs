//! The agents that people talk with, and whether they are there.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `GET /main-agents`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MainAgents {
    /// Those that asked something within a day, those first that are there.
    pub main_agents: Vec<MainAgentView>,
}

/// A main agent, by what it asks of Gangline's tools.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MainAgentView {
    /// Its id: the process that its tools were started by, or its token.
    pub id: String,
    /// What its program calls itself.
    pub name: String,
    /// In whose name it asks.
    pub person: String,
    /// By which door.
    pub via: String,
    /// Whether it is there.
    pub presence: Presence,
    /// The same in words.
    pub text: String,
    /// Whether it waits for events at this moment.
    pub waits: bool,
    /// When it asked for something last.
    pub called_us: i64,
}

/// Whether a main agent is there.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// It has just asked something: somebody talks with it.
    Active,
    /// It is there, and waits or is silent.
    Idle,
    /// Nothing was heard of it for long, or it has left.
    Away,
}

impl Presence {
    /// In words.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Active => "Active - Conversing",
            Self::Idle => "Idle",
            Self::Away => "Away",
        }
    }
}

/// The answer to a main agent that has left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Left {
    /// Whether it was known.
    pub known: bool,
}
