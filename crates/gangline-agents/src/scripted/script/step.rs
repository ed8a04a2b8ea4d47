//! The steps of the language, and what each says.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::scripted::shorthand::{Shorthand, short};

/// One thing that a scripted agent does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Says something; what it says last is its summary.
    Say(String),
    /// Thinks aloud.
    Think(String),
    /// Shows its plan.
    Plan(Vec<String>),
    /// Pretends to use a tool.
    Tool(FakeTool),
    /// Writes a file, with its folders.
    Write(FileText),
    /// Appends to a file.
    Append(FileText),
    /// Replaces the first occurrence of a text; it is an error when there is none.
    Replace(Replace),
    /// Deletes a file or a folder.
    Delete(#[serde(deserialize_with = "short")] PathOnly),
    /// Writes into the attempt's output folder.
    WriteOutput(FileText),
    /// Writes a file that no later `commit` of this script takes along.
    LeaveDirty(FileText),
    /// Makes a git repository with one commit inside the worktree.
    NestedRepo(#[serde(deserialize_with = "short")] PathOnly),
    /// Runs a program without a shell.
    Run(#[serde(deserialize_with = "short")] Run),
    /// `git add` of these paths.
    Stage(Vec<String>),
    /// `git commit`, of everything unless it says otherwise.
    Commit(#[serde(deserialize_with = "short")] Commit),
    /// `git checkout` of another branch.
    Checkout(#[serde(deserialize_with = "short")] Checkout),
    /// Waits, in milliseconds.
    Sleep(u64),
    /// Adds to what was spent.
    Usage(Spent),
    /// Writes the outcome file, truthful or not.
    Claim(ClaimStep),
    /// Writes the outcome file with exactly this text.
    ClaimRaw(String),
    /// Uses one of the worker's tools.
    Call(ToolCall),
    /// Asks, and waits for the answer.
    Ask(Ask),
    /// Waits for a steering text; without one in time it goes on.
    AwaitSteer(AwaitSteer),
    /// Prints one line on the standard output as it stands.
    Raw(String),
    /// Prints a great many bytes.
    Flood(Flood),
    /// Does nothing for ever.
    Hang(Hang),
    /// Starts a process in a session of its own, which outlives the agent.
    Fork(Orphan),
    /// The same, by way of a process between them, so that it is nobody's child.
    Daemonise(Orphan),
    /// Ends at once with this exit code and no closing event.
    Exit(i32),
    /// Ends by a signal to itself: `KILL`, `TERM`, `INT`, `ABRT` or `SEGV`.
    KillSelf(Signal),
    /// Ends because the model's quota is used up.
    Quota(Quota),
    /// Ends because the login failed.
    AuthFail(String),
    /// Ends because it cannot do it.
    GiveUp(String),
    /// Ends because nothing needs to change.
    NoChange(String),
    /// Steps for a certain situation.
    On(On),
}

/// A file and a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileText {
    /// From the worktree's root (or the output folder), or absolute.
    pub path: String,
    /// The whole text.
    #[serde(default)]
    pub text: String,
    /// Whether the script goes on when it cannot be written.
    #[serde(default)]
    pub may_fail: bool,
}

/// A path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PathOnly {
    /// From the worktree's root, or absolute.
    pub path: String,
    /// Whether the script goes on when it cannot be done.
    #[serde(default)]
    pub may_fail: bool,
}

/// A replacement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Replace {
    /// From the worktree's root, or absolute.
    pub path: String,
    /// What is there.
    pub from: String,
    /// What is put in its place.
    pub to: String,
    /// Whether the script goes on when it cannot be done.
    #[serde(default)]
    pub may_fail: bool,
}

/// A program and its arguments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// The program first.
    pub argv: Vec<String>,
    /// Whether the agent ends when the program fails. It does not by default, as agents do not.
    #[serde(default)]
    pub must_pass: bool,
    /// Milliseconds after which the program is ended.
    #[serde(default = "run_deadline_ms")]
    pub deadline_ms: u64,
}

fn run_deadline_ms() -> u64 {
    600_000
}

/// A commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Commit {
    /// Its message.
    pub message: String,
    /// A forged date of author and committer, in a form that git reads.
    #[serde(default)]
    pub date: Option<String>,
    /// Whether everything is staged first; otherwise only what `stage` staged is committed.
    #[serde(default = "yes")]
    pub all: bool,
    /// Whether a commit without changes is made.
    #[serde(default)]
    pub allow_empty: bool,
}

fn yes() -> bool {
    true
}

/// A branch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checkout {
    /// Its name.
    pub branch: String,
    /// Whether it is made here.
    #[serde(default)]
    pub create: bool,
}

/// What a fake tool call shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FakeTool {
    /// Its name, such as `Read`.
    pub tool: String,
    /// One line about it.
    #[serde(default)]
    pub detail: String,
    /// The paths that it touches.
    #[serde(default)]
    pub paths: Vec<String>,
    /// Whether it worked.
    #[serde(default = "yes")]
    pub ok: bool,
}

/// Tokens and money, added to what was spent before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spent {
    /// Tokens, in and out.
    #[serde(default)]
    pub tokens: u64,
    /// Millionths of a US dollar.
    #[serde(default)]
    pub cost_microusd: u64,
}

/// What is claimed in the outcome file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClaimStep {
    /// `completed` unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// In words.
    #[serde(default)]
    pub summary: String,
    /// Commits that were allegedly made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commits: Option<u32>,
    /// Files that were allegedly changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub files: Option<Vec<String>>,
    /// Whether the tests allegedly pass.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tests_pass: Option<bool>,
    /// Whether checks allegedly pass, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub checks: BTreeMap<String, bool>,
}

/// A use of one of the worker's tools, such as `report_progress`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ToolCall {
    /// Its name.
    pub tool: String,
    /// What it is called with: an object.
    #[serde(default)]
    pub arguments: serde_json::Value,
    /// Milliseconds after which it hangs up; it waits for ever by default.
    #[serde(default)]
    pub patience_ms: Option<u64>,
    /// Whether the script goes on when it is refused.
    #[serde(default)]
    pub may_fail: bool,
}

/// A question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    /// What it asks.
    pub text: String,
    /// Answers that it offers.
    #[serde(default)]
    pub options: Vec<String>,
    /// Steps by answer; compared without regard to case and surrounding space.
    #[serde(default)]
    pub answers: BTreeMap<String, Vec<Step>>,
    /// Steps for any other answer.
    #[serde(default)]
    pub otherwise: Vec<Step>,
}

/// A wait for a steering text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AwaitSteer {
    /// Milliseconds after which it goes on without one.
    pub within_ms: u64,
}

/// A flood of output.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Flood {
    /// Bytes in all.
    pub bytes: u64,
    /// Bytes from one line's end to the next; 0 for a single line without end.
    #[serde(default = "flood_line_bytes")]
    pub line_bytes: u64,
    /// Where to.
    #[serde(default)]
    pub to: Stream,
}

fn flood_line_bytes() -> u64 {
    100
}

/// One of the two output streams.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stream {
    /// The standard output.
    #[default]
    Stdout,
    /// The standard error.
    Stderr,
}

/// How to hang.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hang {
    /// Whether it also survives SIGTERM and SIGINT.
    #[serde(default)]
    pub ignore_sigterm: bool,
    /// Whether it also disregards an `interrupt` line.
    #[serde(default)]
    pub ignore_interrupt: bool,
}

/// A process that outlives the agent, and writes a file as proof of its life.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Orphan {
    /// Milliseconds after which it writes.
    pub after_ms: u64,
    /// The file, from the worktree's root, or absolute.
    pub path: String,
    /// What it writes.
    #[serde(default)]
    pub text: String,
    /// Whether it keeps the agent's standard output open.
    #[serde(default)]
    pub hold_output: bool,
    /// Whether it drops the environment that could identify it.
    #[serde(default)]
    pub scrub_env: bool,
    /// Milliseconds that it lives on after it wrote.
    #[serde(default)]
    pub linger_ms: u64,
}

/// A signal that a script may send to its own agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Signal {
    /// Cannot be caught.
    Kill,
    /// Asks to end.
    Term,
    /// A person's control-C.
    Int,
    /// A failed assertion.
    Abrt,
    /// A wild pointer.
    Segv,
}

/// A used-up quota.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quota {
    /// The provider's words.
    #[serde(default = "quota_message")]
    pub message: String,
    /// When it ends, in seconds since the Unix epoch.
    #[serde(default)]
    pub resets_at: Option<i64>,
    /// The same, from now on.
    #[serde(default)]
    pub resets_in_s: Option<i64>,
}

fn quota_message() -> String {
    "usage limit reached".to_owned()
}

/// Steps for a certain situation. All conditions that are given must hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct On {
    /// The try's number, from 1.
    #[serde(default, rename = "try")]
    pub try_no: Option<u32>,
    /// Whether the session was resumed.
    #[serde(default)]
    pub resumed: Option<bool>,
    /// What a person's hints contain, without regard to case.
    #[serde(default)]
    pub hint_contains: Option<String>,
    /// What the brief contains (the script itself apart), without regard to case.
    #[serde(default)]
    pub brief_contains: Option<String>,
    /// What is done then.
    #[serde(default)]
    pub steps: Vec<Step>,
    /// What is done otherwise.
    #[serde(default, rename = "else")]
    pub otherwise: Vec<Step>,
}

impl TryFrom<Shorthand> for PathOnly {
    type Error = &'static str;
    fn try_from(short: Shorthand) -> Result<Self, Self::Error> {
        let Shorthand::Text(path) = short else { return Err("a path, not a list") };
        Ok(Self { path, may_fail: false })
    }
}

impl TryFrom<Shorthand> for Run {
    type Error = &'static str;
    fn try_from(short: Shorthand) -> Result<Self, Self::Error> {
        let Shorthand::List(argv) = short else {
            return Err("a list such as [cargo, test], because no shell reads it");
        };
        if argv.is_empty() {
            return Err("a list with a program in it");
        }
        Ok(Self { argv, must_pass: false, deadline_ms: run_deadline_ms() })
    }
}

impl TryFrom<Shorthand> for Commit {
    type Error = &'static str;
    fn try_from(short: Shorthand) -> Result<Self, Self::Error> {
        let Shorthand::Text(message) = short else { return Err("a message, not a list") };
        Ok(Self { message, date: None, all: true, allow_empty: false })
    }
}

impl TryFrom<Shorthand> for Checkout {
    type Error = &'static str;
    fn try_from(short: Shorthand) -> Result<Self, Self::Error> {
        let Shorthand::Text(branch) = short else { return Err("a branch, not a list") };
        Ok(Self { branch, create: false })
    }
}
