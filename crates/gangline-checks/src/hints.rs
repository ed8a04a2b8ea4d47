//! From a report that did not pass to what the next try is told. Pure.

use gangline_domain::verdict::{CheckResult, DECISIVE_LINES_MAX, Report, Verdict};
use gangline_policy::CheckKind;

use crate::decisive::FAILED_TEST;
use crate::deliverable;
use crate::registry::{count, listed};
use crate::{clean, commits, files, markers, protected, scope, setup};

/// Bytes of one line: what agents and people are shown is bounded.
const HINT_CHARS_MAX: usize = 600;

/// What a failed verification taught.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovery {
    /// What kind of failure it was: of the first required check that failed.
    pub class: FailureClass,
    /// One line: what went wrong.
    pub error: String,
    /// What was measured, one line for each required check, with the claim beside it.
    pub facts: Vec<String>,
    /// Decisive lines of the checks that did not pass, at most [`DECISIVE_LINES_MAX`].
    pub lines: Vec<String>,
    /// What to do, in the imperative.
    pub hints: Vec<String>,
}

/// Kinds of failed verification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureClass {
    /// Nothing was committed.
    NoCommits,
    /// What was committed is not where it should be: another branch, another history, no change.
    WrongCommits,
    /// Something was claimed to have changed that did not.
    FalseClaim,
    /// Work was left uncommitted.
    Uncommitted,
    /// Files outside the declared scope changed.
    OutsideScope,
    /// Protected files changed.
    NeedsPerson,
    /// A conflict was left in the files.
    Conflict,
    /// The project could not be set up.
    Setup,
    /// Tests failed.
    Tests,
    /// Types do not check.
    Types,
    /// A linter complains.
    Lint,
    /// It does not build.
    Build,
    /// Another command failed.
    Command,
    /// The artifact or report is not as it should be.
    Deliverable,
    /// Nothing failed, but something could not be measured.
    NotMeasured,
}

/// What the next try should know about `report`; `None` when it passed.
pub fn recovery(report: &Report) -> Option<Recovery> {
    let mut open: Vec<&CheckResult> = report.not_passed().collect();
    // What failed comes before what could not be measured; otherwise the report's order stands.
    open.sort_by_key(|check| check.verdict != Verdict::Fail);
    let first = match (open.first(), report.verdict()) {
        (Some(first), _) => *first,
        (None, Verdict::Pass) => return None,
        (None, Verdict::Inconclusive | Verdict::Fail) => return Some(unmeasured(report)),
    };
    let class = match first.verdict {
        Verdict::Fail => class(first),
        Verdict::Inconclusive | Verdict::Pass => FailureClass::NotMeasured,
    };
    let others = match open.len() - 1 {
        0 => String::new(),
        others => format!(" (and {})", count(others, "other check")),
    };
    let mut lines: Vec<String> = Vec::new();
    for check in &open {
        lines.extend(
            check.lines.iter().filter(|line| !lines.contains(line)).cloned().collect::<Vec<_>>(),
        );
    }
    lines.truncate(DECISIVE_LINES_MAX);
    Some(Recovery {
        class,
        error: format!("{}: {}{others}", first.name, first.fact),
        facts: facts(report),
        lines,
        hints: open.iter().filter_map(|check| hint(check, report)).collect(),
    })
}

fn unmeasured(report: &Report) -> Recovery {
    Recovery {
        class: FailureClass::NotMeasured,
        error: "nothing was measured".to_owned(),
        facts: facts(report),
        lines: vec![],
        hints: vec![],
    }
}

fn facts(report: &Report) -> Vec<String> {
    let told = |check: &CheckResult| {
        let claimed = check.claimed.as_ref().map(|claim| format!(" (claimed: {claim})"));
        let word = match check.verdict {
            Verdict::Pass => "pass",
            Verdict::Inconclusive => "inconclusive",
            Verdict::Fail => "fail",
        };
        format!("{} {word}: {}{}", check.name, check.fact, claimed.unwrap_or_default())
    };
    report.checks.iter().filter(|check| check.required).map(told).collect()
}

fn class(check: &CheckResult) -> FailureClass {
    match check.name.as_str() {
        commits::NAME if check.fact.starts_with(commits::NONE) => FailureClass::NoCommits,
        files::NAME if check.lines.iter().any(|line| line.starts_with(files::UNTRUE)) => {
            FailureClass::FalseClaim
        }
        commits::NAME | files::NAME => FailureClass::WrongCommits,
        clean::NAME => FailureClass::Uncommitted,
        scope::NAME => FailureClass::OutsideScope,
        protected::NAME => FailureClass::NeedsPerson,
        markers::NAME => FailureClass::Conflict,
        setup::NAME => FailureClass::Setup,
        deliverable::ARTIFACT | deliverable::REPORT => FailureClass::Deliverable,
        name => match kind(check, name) {
            CheckKind::Test => FailureClass::Tests,
            CheckKind::Typecheck => FailureClass::Types,
            CheckKind::Lint => FailureClass::Lint,
            CheckKind::Build => FailureClass::Build,
            CheckKind::Custom => FailureClass::Command,
        },
    }
}

/// A report does not hold kinds; but what counted tests was a test, whatever its name.
fn kind(check: &CheckResult, name: &str) -> CheckKind {
    let counted = check.evidence.as_ref().is_some_and(|evidence| evidence.tests.is_some());
    if counted { CheckKind::Test } else { CheckKind::of_name(name) }
}

fn hint(check: &CheckResult, report: &Report) -> Option<String> {
    let text = match check.verdict {
        // What could not be measured is for whoever keeps the machine, not for the agent.
        Verdict::Pass | Verdict::Inconclusive => return None,
        Verdict::Fail => hint_for(class(check), check, report),
    };
    let text: String = text.chars().take(HINT_CHARS_MAX).collect();
    Some(text).filter(|text| !text.is_empty())
}

fn hint_for(class: FailureClass, check: &CheckResult, report: &Report) -> String {
    let command = check.evidence.as_ref().map_or(check.name.as_str(), |e| e.command.as_str());
    let again = format!("run `{command}` yourself and let it pass before you finish");
    let lines = listed(&check.lines);
    match class {
        FailureClass::NoCommits => {
            let left = report.checks.iter().find(|check| check.name == clean::NAME);
            let left = left.filter(|clean| !clean.lines.is_empty());
            let left = left.map(|clean| {
                format!("; the worktree had these uncommitted files: {}", listed(&clean.lines))
            });
            format!("{lines}{}", left.unwrap_or_default())
        }
        FailureClass::WrongCommits | FailureClass::Deliverable => lines,
        FailureClass::FalseClaim => {
            format!(
                "change what the ticket asks for, and claim only files that your commits change; {lines}"
            )
        }
        FailureClass::Uncommitted => format!(
            "commit what belongs to the work, and delete or ignore (.gitignore) what does not: {lines}"
        ),
        FailureClass::OutsideScope => {
            format!("take back your changes of files that the ticket does not declare: {lines}")
        }
        FailureClass::NeedsPerson => format!(
            "take back your changes of protected files, or ask for them: only a person may approve \
             them: {lines}"
        ),
        FailureClass::Conflict => {
            format!("resolve the conflicts and remove their markers: {lines}")
        }
        FailureClass::Setup => format!("the setup does not work with your commit: {lines}"),
        FailureClass::Tests => {
            let names: Vec<&str> =
                check.lines.iter().filter_map(|line| line.strip_prefix(FAILED_TEST)).collect();
            match names.as_slice() {
                [] => format!("{again}; do not weaken or remove tests"),
                names => format!(
                    "these tests fail: {}; {again}; do not weaken or remove tests",
                    listed(names)
                ),
            }
        }
        FailureClass::Types | FailureClass::Lint | FailureClass::Build | FailureClass::Command => {
            again
        }
        FailureClass::NotMeasured => check.fact.clone(),
    }
}

#[cfg(test)]
mod tests;
