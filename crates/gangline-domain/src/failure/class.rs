//! Classes of failures.

use serde::{Deserialize, Serialize};

use crate::reviewer::REVIEW_CHECK;
use crate::ticket::Cause;
use crate::verdict::{CheckResult, TestCounts, Verdict};

/// How the fact of the check `commits` begins where there is none.
pub const NO_NEW_COMMIT: &str = "no new commit";
/// How the line of the check `files` begins that names files which were claimed, and did not change.
pub const UNTRUE_FILES: &str = "claimed but unchanged: ";

/// Kinds of failures: as many as there are kinds of advice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureClass {
    /// It does not compile, or cannot be built.
    Compile,
    /// Types do not check.
    Type,
    /// Tests failed.
    Test,
    /// A linter complains.
    Lint,
    /// Another command failed.
    Command,
    /// The project could not be set up with it.
    Setup,
    /// Nothing was committed.
    NoCommit,
    /// What was committed is not where it should be: another branch, another history, no change.
    WrongCommits,
    /// Something was claimed to have changed that did not.
    FalseClaim,
    /// Work was left uncommitted.
    Uncommitted,
    /// Files outside of the declared scope changed.
    Scope,
    /// Something changed that needs a person's leave.
    Protected,
    /// Tests went, or prove less than they did.
    TestsWeakened,
    /// A secret was committed.
    Secrets,
    /// A conflict was left in the files.
    ConflictMarkers,
    /// The artifact or report is not as it should be.
    Deliverable,
    /// A required check could not be measured.
    NotMeasured,
    /// The agent gave up.
    GaveUp,
    /// The session's time was up.
    Timeout,
    /// The agent's process died.
    Crash,
    /// The agent could not log in or is not installed.
    AgentBroken,
    /// The machine failed.
    Machine,
    /// The branch conflicts with the target.
    Conflict,
    /// The merged tree is red.
    RedOnMerged,
    /// An agent that read the commit found something that must not land.
    Review,
    /// A reviewer sent it back.
    Rejected,
    /// Checks failed, in a version that did not say of what kind.
    Unknown,
}

/// What is a command's own affair, by the last word of a check's name that says so.
const WORDS: [(FailureClass, &[&str]); 4] = [
    (FailureClass::Type, &["typecheck", "types", "type", "tsc", "mypy", "pyright", "check"]),
    (
        FailureClass::Lint,
        &["lint", "clippy", "fmt", "format", "eslint", "ruff", "vet", "biome", "flake8", "style"],
    ),
    (
        FailureClass::Test,
        &[
            "test", "tests", "unit", "pytest", "unittest", "spec", "e2e", "jest", "vitest",
            "nextest",
        ],
    ),
    (FailureClass::Compile, &["build", "compile", "bundle"]),
];

impl FailureClass {
    /// Of a failed command, by the name of its check, as in `test-lint`.
    pub fn of_command(name: &str) -> Self {
        let class = |word: &str| {
            WORDS.iter().find(|(_, words)| words.contains(&word)).map(|(class, _)| *class)
        };
        name.split(['-', '_', '.']).rev().find_map(class).unwrap_or(Self::Command)
    }

    /// Of a check that did not pass.
    pub fn of_check(check: &CheckResult) -> Self {
        of_check(check)
    }

    /// What is known where only the cause is.
    pub fn of_cause(cause: Cause) -> Self {
        match cause {
            Cause::ChecksFailed => Self::Unknown,
            Cause::GaveUp => Self::GaveUp,
            Cause::TimedOut => Self::Timeout,
            Cause::Crashed => Self::Crash,
            Cause::AgentBroken => Self::AgentBroken,
            Cause::Infra => Self::Machine,
            Cause::Conflict => Self::Conflict,
            Cause::RedOnMerged => Self::RedOnMerged,
            Cause::Rejected => Self::Rejected,
        }
    }

    /// In words: `the tests failed`.
    pub fn words(self) -> &'static str {
        match self {
            Self::Compile => "it does not compile",
            Self::Type => "types do not check",
            Self::Test => "tests failed",
            Self::Lint => "a linter complains",
            Self::Command => "a check's command failed",
            Self::Setup => "the project could not be set up with it",
            Self::NoCommit => "nothing was committed",
            Self::WrongCommits => "its commits are not where they should be",
            Self::FalseClaim => "files were claimed that did not change",
            Self::Uncommitted => "work was left uncommitted",
            Self::Scope => "files outside of the scope changed",
            Self::Protected => "something changed that needs a person's leave",
            Self::TestsWeakened => "tests prove less than they did",
            Self::Secrets => "a secret was committed",
            Self::ConflictMarkers => "conflict markers were left in files",
            Self::Deliverable => "the artifact, report or plan is not as it should be",
            Self::NotMeasured => "a check could not be measured",
            Self::GaveUp => "the agent gave up",
            Self::Timeout => "the session's time was up",
            Self::Crash => "the agent died",
            Self::AgentBroken => "the agent does not work",
            Self::Machine => "the machine failed",
            Self::Conflict => "it conflicts with the target branch",
            Self::RedOnMerged => "the merged tree is red",
            Self::Review => "another agent found something that must not land",
            Self::Rejected => "a reviewer sent it back",
            Self::Unknown => "checks failed",
        }
    }
}

/// Of a check that did not pass.
fn of_check(check: &CheckResult) -> FailureClass {
    if check.verdict == Verdict::Inconclusive {
        return FailureClass::NotMeasured;
    }
    match check.name.as_str() {
        "commits" if check.fact.starts_with(NO_NEW_COMMIT) => FailureClass::NoCommit,
        "files" if check.lines.iter().any(|line| line.starts_with(UNTRUE_FILES)) => {
            FailureClass::FalseClaim
        }
        "commits" | "files" => FailureClass::WrongCommits,
        "clean" => FailureClass::Uncommitted,
        "scope" => FailureClass::Scope,
        "protected" | "harness" | "lockfile" | "built" | "hidden" | "licence" => {
            FailureClass::Protected
        }
        "test-changes" => FailureClass::TestsWeakened,
        "markers" => FailureClass::ConflictMarkers,
        "secrets" => FailureClass::Secrets,
        "setup" => FailureClass::Setup,
        REVIEW_CHECK => FailureClass::Review,
        "artifact" | "report" | "plan" => FailureClass::Deliverable,
        name => match name.rsplit_once(':').map(|(_, trial)| trial) {
            Some("base-tests" | "canary" | "new-tests" | "kept" | "elsewhere") => {
                FailureClass::TestsWeakened
            }
            Some("sources") => FailureClass::Protected,
            Some(_) | None => of_command(check, name),
        },
    }
}

/// What counted tests was a test, whatever its name; and what counted none may not even have been
/// compiled.
fn of_command(check: &CheckResult, name: &str) -> FailureClass {
    let counts = check.evidence.as_ref().and_then(|evidence| evidence.tests);
    let by_name = FailureClass::of_command(name);
    if counts.is_some_and(|counts: TestCounts| counts.ran() > 0) {
        return FailureClass::Test;
    }
    let may_compile =
        matches!(by_name, FailureClass::Test | FailureClass::Compile | FailureClass::Command);
    match check.lines.iter().find_map(|line| of_line(line)) {
        Some(found) if may_compile => found,
        Some(_) | None if counts.is_some() => FailureClass::Test,
        Some(_) | None => by_name,
    }
}

/// What a line of a compiler says, in the ecosystems whose lines are known.
fn of_line(line: &str) -> Option<FailureClass> {
    const TYPES: [&str; 2] = ["error TS", "incompatible types"];
    const STARTS: [&str; 4] =
        ["error[E", "error: could not compile", "SyntaxError", "[ERROR] COMPILATION ERROR"];
    const PARTS: [&str; 6] = [
        ": fatal error: ",
        "SyntaxError: ",
        "IndentationError: ",
        "cannot find symbol",
        "[build failed]",
        ": error: expected ",
    ];
    if TYPES.iter().any(|part| line.contains(part)) {
        return Some(FailureClass::Type);
    }
    let compile = STARTS.iter().any(|start| line.starts_with(start))
        || PARTS.iter().any(|part| line.contains(part))
        || is_go(line);
    compile.then_some(FailureClass::Compile)
}

/// `./cart.go:3:2: total declared and not used`.
fn is_go(line: &str) -> bool {
    let Some((file, rest)) = line.split_once(".go:") else { return false };
    let mut parts = rest.splitn(3, ':');
    let number = |part: Option<&str>| part.is_some_and(|part| part.parse::<u32>().is_ok());
    let placed = number(parts.next()) && number(parts.next());
    placed && !file.contains(' ') && !file.ends_with("_test")
}
