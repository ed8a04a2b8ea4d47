//! What agents did: journals, diffs and work logs.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Bytes of a journal that one page covers.
pub const JOURNAL_PAGE_BYTES_MAX: u64 = 1024 * 1024;

/// `GET /projects/{project}/tickets/{key}/journal?job=&from=&wait_ms=`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct JournalQuery {
    /// The job; the ticket's last one when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job: Option<String>,
    /// Where to begin, in bytes.
    pub from: u64,
    /// Wait so long for a first line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wait_ms: Option<u64>,
}

/// A piece of a job's journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct JournalPage {
    /// The job, such as `shop.APP-12.a1`.
    pub job: String,
    /// Whole lines, in order.
    pub lines: Vec<JournalLine>,
    /// Read on from this byte.
    pub next: u64,
    /// The job has ended and this page reaches its end.
    pub ended: bool,
    /// A job of the ticket that began after this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub later: Option<String>,
}

/// `GET /projects/{project}/tickets/{key}/check-log?check=&job=&from=`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CheckLogQuery {
    /// The check, as its report names it.
    pub check: String,
    /// The job that measured it; the ticket's last one when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job: Option<String>,
    /// Where to begin, in bytes.
    pub from: u64,
}

/// A piece of what a check's command printed, at most [`JOURNAL_PAGE_BYTES_MAX`] bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CheckLog {
    /// The job that measured it.
    pub job: String,
    /// The check.
    pub check: String,
    /// What stands there. What is no UTF-8 is shown as `�`, and secrets as what they are called.
    pub text: String,
    /// Read on from this byte.
    pub next: u64,
    /// Bytes of the whole log, as it was kept.
    pub size: u64,
}

/// One line of a journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct JournalLine {
    /// As people read it, such as `[TICKET-WORKER-1] → Read src/lib.rs`; empty for lines that only
    /// programs read. What an agent wrote into it is not made safe for a terminal yet.
    pub text: String,
    /// As it stands in the journal.
    pub entry: serde_json::Value,
    /// The byte behind it: read on from there.
    pub next: u64,
}

/// `GET /projects/{project}/tickets/{key}/brief`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BriefView {
    /// The attempt that began with it, such as `shop.APP-12.a1`.
    pub job: String,
    /// Markdown.
    pub text: String,
}

/// `GET /projects/{project}/tickets/{key}/diff?attempt=&since=&ignore_whitespace=`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DiffQuery {
    /// What this attempt changed, such as `a3` or `shop.APP-12.a3`; the last one when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempt: Option<String>,
    /// Only what it changed otherwise than this earlier attempt did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// Lines that differ in blanks do not differ, nor do blank lines.
    pub ignore_whitespace: bool,
}

/// `GET /projects/{project}/tickets/{key}/diff`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Diff {
    /// From this commit.
    pub base: String,
    /// To this one.
    pub commit: String,
    /// Changed files.
    pub files: Vec<DiffFile>,
    /// The unified diff.
    pub text: String,
    /// Whether the text was cut at its bound.
    pub truncated: bool,
    /// The attempt whose changes these are, such as `shop.APP-12.a3`.
    #[serde(default)]
    pub job: String,
    /// The earlier attempt from which it is told apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// The two attempts grew from different commits, and what the earlier one changed does not fit
    /// upon the later one's base: what the target changed between them is in the diff, too.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub with_base: bool,
}

/// A changed file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DiffFile {
    /// From the repository's root.
    pub path: String,
    /// One letter, as git prints it.
    pub status: String,
    /// Lines added; absent for binary files.
    pub added: Option<u32>,
    /// Lines deleted; absent for binary files.
    pub deleted: Option<u32>,
}

/// `GET /projects/{project}/tickets/{key}/worklog`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Worklog {
    /// One for each attempt, in order.
    pub entries: Vec<WorklogEntry>,
}

/// The record of one assignment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WorklogEntry {
    /// The ticket, such as `shop.APP-12`.
    pub ticket: String,
    /// The attempt, such as `shop.APP-12.a1`.
    pub job: String,
    /// `ai:<agent>`, or `person:<name>` for work that was taken over.
    pub started_by: String,
    /// The project's repository.
    pub project_path: String,
    /// Where it worked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worktree_path: Option<String>,
    /// On which branch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
    /// When it began.
    pub started_us: i64,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_us: Option<i64>,
    /// The last commit it left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// How it ended, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
}
