//! Tests that failed and passed without a change.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `GET /projects/{project}/flaky-tests`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FlakyTests {
    /// The project.
    pub project: String,
    /// Those that were seen most often first.
    pub tests: Vec<FlakyTestView>,
}

/// What is known of one of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FlakyTestView {
    /// The check that ran it.
    pub check: String,
    /// Its name, as its runner says it.
    pub test: String,
    /// Commits on which it failed and passed.
    pub times: u32,
    /// Runs in which it failed, on all of these together.
    pub failed: u32,
    /// All of those runs.
    pub runs: u32,
    /// Those of `times` in which it failed on the base, too.
    pub on_base: u32,
    /// When it was seen first.
    pub first_us: i64,
    /// When it was seen last.
    pub last_us: i64,
    /// With whose commit that was.
    pub last_ticket: String,
}
