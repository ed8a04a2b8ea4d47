//! What became of agents' claims.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `GET /projects/{project}/honesty`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Honesty {
    /// The project.
    pub project: String,
    /// A record for each definition, kind and model, by these.
    pub agents: Vec<HonestyView>,
}

/// What is known of one agent's claims. What a person did, and what a person had judged once more,
/// is not in it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HonestyView {
    /// The definition.
    pub agent: String,
    /// How it was driven.
    pub kind: String,
    /// The model that the definition asked for, where it named one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Attempts whose work was verified.
    pub attempts: u32,
    /// Those of them that passed.
    pub passed: u32,
    /// Those of `attempts` that were the first of their ticket to get a verdict, on its first try.
    pub firsts: u32,
    /// Those of `firsts` that passed.
    pub first_passed: u32,
    /// Claims that were true.
    pub claims_true: u32,
    /// Claims that the measurement contradicts.
    pub claims_false: u32,
    /// Claims that nothing spoke for or against.
    pub claims_unproven: u32,
    /// Those of all these claims that were read from a final message, and may be misread.
    pub claims_read: u32,
    /// When it was added to last.
    pub last_us: i64,
}
