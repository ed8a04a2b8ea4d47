//! Claims and facts: what an agent says happened, and what Gangline measured.

use serde::{Deserialize, Serialize};

use crate::flaky::FlakySeen;
use crate::ids::{CommitId, TreeId};
use crate::proposal::Proposal;

/// Characters that an agent's summary may have: what other agents and people get to see.
pub const SUMMARY_CHARS_MAX: usize = 2_000;
/// Decisive lines that a failed check may hand to the next try.
pub const DECISIVE_LINES_MAX: usize = 40;

/// The result of a check, and of a report. The order is that of severity: the worst one counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Measured, and as required.
    Pass,
    /// Could not be measured. Never counts as a pass.
    Inconclusive,
    /// Measured, and not as required.
    Fail,
}

/// What an agent says it did. Believed by nobody.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// Where the claim was read.
    #[serde(default)]
    pub source: ClaimSource,
    /// The agent's own words, at most [`SUMMARY_CHARS_MAX`] characters.
    #[serde(default)]
    pub summary: String,
    /// How many commits it says it made.
    #[serde(default)]
    pub commits: Option<u32>,
    /// Which files it says it changed, from the repository's root.
    #[serde(default)]
    pub files: Option<Vec<String>>,
    /// Checks it says it ran, by name, and whether it says they passed.
    #[serde(default)]
    pub checks: std::collections::BTreeMap<String, bool>,
    /// What it says the next try should know.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lessons: Vec<String>,
}

/// Where a claim was read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClaimSource {
    /// The agent claimed nothing that could be read.
    #[default]
    Nothing,
    /// A structured outcome file.
    Outcome,
    /// A reading of the agent's final message.
    Message,
}

/// What became of a claim when it was put beside the facts. The worst one counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Truth {
    /// What was measured is what was claimed.
    True,
    /// Nothing was measured that speaks for or against it.
    Unproven,
    /// What was measured contradicts it.
    False,
}

/// A claim about just what one check measures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judged {
    /// What was claimed: `commits`, `files`, or a check by the name that the claim gave it.
    pub claim: String,
    /// What became of it.
    pub truth: Truth,
}

/// One measurement of a commit, with what it takes to repeat it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckResult {
    /// Such as `commits`, `files`, `clean`, or the name of a command check.
    pub name: String,
    /// Whether a report with this check not passed can pass.
    pub required: bool,
    /// What was found.
    pub verdict: Verdict,
    /// What the agent claimed about just this, in words; absent when it claimed nothing.
    pub claimed: Option<String>,
    /// What became of that claim; absent when there was none, and in reports of versions that did
    /// not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub judged: Option<Judged>,
    /// What was measured, in words: one line.
    pub fact: String,
    /// Lines that say what to mend, most decisive first, at most [`DECISIVE_LINES_MAX`].
    #[serde(default)]
    pub lines: Vec<String>,
    /// How it was measured, when by a command.
    #[serde(default)]
    pub evidence: Option<Evidence>,
    /// Paths whose change a person may permit, so that this check passes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub permit: Vec<String>,
    /// What the coverage files of the check say altogether, where it has any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coverage: Option<Coverage>,
    /// What a person should look at before this lands, though nothing failed: a line each. A
    /// commit with a doubt is reviewed whatever the project's policy says of reviews.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub doubts: Vec<String>,
}

impl CheckResult {
    /// A required check that no claim and no command belongs to.
    pub fn required(name: &str, verdict: Verdict, fact: String) -> Self {
        Self {
            name: name.to_owned(),
            required: true,
            verdict,
            claimed: None,
            judged: None,
            fact,
            lines: vec![],
            evidence: None,
            permit: vec![],
            coverage: None,
            doubts: vec![],
        }
    }
}

/// How much of the code that coverage files tell of has run, in lines, and in statements where the
/// files are of Go. As the tool says it: it chooses which files it tells of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// Those that ran.
    pub ran: u64,
    /// All of them; at least one.
    pub all: u64,
}

/// How a command check was measured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// The argument vector or shell line of the policy.
    pub command: String,
    /// Its exit code; absent when a signal or the deadline ended it.
    pub exit: Option<i32>,
    /// Wall time in milliseconds.
    pub duration_ms: u64,
    /// Counted tests, where the output could be read.
    #[serde(default)]
    pub tests: Option<TestCounts>,
    /// SHA-256 of the whole kept log, in hexadecimal.
    pub log_sha256: String,
    /// The log's name in the job's directory.
    pub log_file: String,
    /// Tests that failed and passed on this tree, at most
    /// [`FLAKY_OF_CHECK_MAX`](crate::flaky::FLAKY_OF_CHECK_MAX) of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flaky: Vec<FlakySeen>,
}

/// Tests, as the runner's own summary counted them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestCounts {
    /// Passed.
    pub passed: u32,
    /// Failed or errored.
    pub failed: u32,
    /// Skipped or ignored.
    pub skipped: u32,
}

impl TestCounts {
    /// Tests that really ran.
    pub fn ran(&self) -> u32 {
        self.passed.saturating_add(self.failed)
    }
}

/// All checks of one commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The commit whose tree was measured.
    pub commit: CommitId,
    /// That tree.
    pub tree: TreeId,
    /// The commit whose policy and configuration judged it.
    pub base: CommitId,
    /// SHA-256 of that policy's text.
    pub policy_sha256: String,
    /// In the order in which they ran.
    pub checks: Vec<CheckResult>,
    /// The tickets that a plan proposes, where one was asked for and could be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proposal: Option<Box<Proposal>>,
}

impl Report {
    /// The worst verdict of the required checks; a report without any is inconclusive, because
    /// nothing was measured.
    pub fn verdict(&self) -> Verdict {
        self.checks
            .iter()
            .filter(|check| check.required)
            .map(|check| check.verdict)
            .max()
            .unwrap_or(Verdict::Inconclusive)
    }

    /// What a person should look at, with the names of the checks that say so.
    pub fn doubts(&self) -> impl Iterator<Item = String> {
        self.checks
            .iter()
            .flat_map(|check| check.doubts.iter().map(|doubt| format!("{}: {doubt}", check.name)))
    }

    /// The required checks that did not pass.
    pub fn not_passed(&self) -> impl Iterator<Item = &CheckResult> {
        self.checks.iter().filter(|check| check.required && check.verdict != Verdict::Pass)
    }
}

#[cfg(test)]
impl Report {
    /// A report of these checks, on some commit.
    pub(crate) fn of(checks: Vec<CheckResult>) -> Self {
        Self {
            commit: "a".repeat(40).parse().unwrap(),
            tree: "b".repeat(40).parse().unwrap(),
            base: "c".repeat(40).parse().unwrap(),
            policy_sha256: String::new(),
            checks,
            proposal: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(checks: &[(bool, Verdict)]) -> Report {
        let check = |&(required, verdict): &(bool, Verdict)| CheckResult {
            required,
            ..CheckResult::required("test", verdict, String::new())
        };
        Report::of(checks.iter().map(check).collect())
    }

    #[test]
    fn inconclusive_never_counts_as_a_pass() {
        use Verdict::{Fail, Inconclusive, Pass};
        for (checks, expected) in [
            (&[(true, Pass), (true, Inconclusive)][..], Inconclusive),
            (&[(true, Fail), (true, Inconclusive)], Fail),
            (&[(true, Pass), (false, Fail)], Pass),
            (&[(false, Pass)], Inconclusive),
            (&[], Inconclusive),
            (&[(true, Pass)], Pass),
        ] {
            assert_eq!(report(checks).verdict(), expected, "{checks:?}");
        }
    }
}
