//! Claim beside fact.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// All checks of one commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReportView {
    /// The job that measured.
    pub job: String,
    /// `pass`, `fail` or `inconclusive`: the worst of the required checks.
    pub verdict: String,
    /// The commit whose tree was measured.
    pub commit: String,
    /// The commit whose policy judged it.
    pub base: String,
    /// SHA-256 of that policy.
    pub policy_sha256: String,
    /// What the agent said in all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim: Option<ClaimView>,
    /// In the order in which they ran.
    pub checks: Vec<CheckView>,
}

/// What an agent says it did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ClaimView {
    /// Where it was read: `nothing`, `outcome` or `message`.
    pub source: String,
    /// The agent's own words.
    pub summary: String,
    /// How it ended: `done` or `no change needed`; absent when it did not, or without a word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ending: Option<String>,
    /// What became of that: `true`, `false` or `unproven`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub truth: Option<String>,
}

/// One measurement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CheckView {
    /// Such as `commits`, `files`, `clean`, or the name of a command.
    pub name: String,
    /// Whether it must pass.
    pub required: bool,
    /// `pass`, `fail` or `inconclusive`.
    pub verdict: String,
    /// What the agent claimed about just this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claimed: Option<String>,
    /// What became of that claim: `true`, `false`, or `unproven` when nothing was measured that
    /// speaks for or against it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim: Option<String>,
    /// What was measured.
    pub fact: String,
    /// Lines that say what to mend, most decisive first.
    #[serde(default)]
    pub lines: Vec<String>,
    /// Paths whose change a person may permit, so that this check passes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub permit: Vec<String>,
    /// What a person should look at, though nothing failed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub doubts: Vec<String>,
    /// How it was measured, when by a command.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<EvidenceView>,
}

/// How a command check was measured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EvidenceView {
    /// The command.
    pub command: String,
    /// Its exit code; absent when a signal or the deadline ended it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit: Option<i32>,
    /// Wall time.
    pub duration_ms: u64,
    /// Counted tests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tests: Option<TestsView>,
    /// SHA-256 of the log.
    pub log_sha256: String,
    /// The log's name in the job's directory.
    pub log_file: String,
}

/// Tests, as the runner counted them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TestsView {
    /// Passed.
    pub passed: u32,
    /// Failed or errored.
    pub failed: u32,
    /// Skipped or ignored.
    pub skipped: u32,
}
