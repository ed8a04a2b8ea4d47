//! A review by another agent: who reads a change, what came of it, and the check that follows.
//!
//! A reviewer can only take away. What it says makes a check fail or be doubted, and never makes
//! one pass that did not, so that nothing is won by talking to it.

use serde::{Deserialize, Serialize};

use crate::budget::{Budget, Usage};
use crate::ids::{AgentKind, AgentName, Timestamp};
use crate::job::{Attempt, EndKind};
use crate::mutant::{Mutant, active};
use crate::verdict::{CheckResult, DECISIVE_LINES_MAX, Verdict};

/// The name of the check that a review comes to.
pub const REVIEW_CHECK: &str = "review";
/// Findings of one review; what is beyond is counted and left out.
pub const FINDINGS_MAX: usize = DECISIVE_LINES_MAX;
/// Characters of one finding.
pub const FINDING_CHARS_MAX: usize = 1_000;
/// How often a reviewer that gave no answer is asked.
pub const ASKED_MAX: u8 = 2;

/// Whether, by whom and how changes are reviewed by an agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewerSettings {
    /// The definitions that review, the preferred one first. One of another kind than the author's
    /// goes before all others.
    pub agents: Vec<AgentName>,
    /// What findings do.
    pub findings: OnFindings,
    /// Whether a change that failed a check is read as well, so that its author gets everything in
    /// one batch.
    pub always: bool,
    /// How long a review may take, in milliseconds.
    pub timeout_ms: u64,
}

/// What the findings of a review do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnFindings {
    /// A blocking one fails the commit; a review that nobody could make keeps it from passing.
    Fail,
    /// A person looks at the commit.
    Review,
    /// They are told.
    Note,
}

/// Who reviews now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reviewer {
    /// The definition.
    pub agent: AgentName,
    /// How it is driven.
    pub kind: AgentKind,
    /// The model that the definition asked for, where it named one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// What it may spend; held back from others while it runs.
    pub allotment: Budget,
    /// When its job must have ended.
    pub deadline: Timestamp,
}

/// What a review job reports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentReview {
    /// What came of it.
    pub end: ReviewEnd,
    /// What it spent.
    pub usage: Usage,
}

/// What came of a review.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReviewEnd {
    /// An answer that could be read.
    Answered {
        /// The reviewer's own words.
        summary: String,
        /// In the reviewer's order, at most [`FINDINGS_MAX`] of them.
        findings: Vec<Finding>,
        /// How many more there were.
        #[serde(default)]
        left_out: u32,
    },
    /// An answer that could not, and why.
    Unreadable(String),
    /// None.
    Ended(EndKind),
}

/// One thing that a reviewer found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// From the repository's root; empty when it is about the whole change.
    #[serde(default)]
    pub file: String,
    /// From 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// Whether the change should not land with it.
    pub blocking: bool,
    /// What, and what would mend it; at most [`FINDING_CHARS_MAX`] characters.
    pub text: String,
}

impl Finding {
    /// One line: where, and what.
    fn shown(&self) -> String {
        let Self { file, line, blocking, text } = self;
        let weight = if *blocking { "" } else { "(remark) " };
        match (file.as_str(), line) {
            ("", _) => format!("{weight}{text}"),
            (file, None) => format!("{file}: {weight}{text}"),
            (file, Some(line)) => format!("{file}:{line}: {weight}{text}"),
        }
    }
}

/// What a reviewer's answer comes to.
pub(crate) fn answered(
    (summary, findings, left_out): (&str, &[Finding], u32),
    (reviewer, author): (&Reviewer, &Attempt),
    on: OnFindings,
) -> CheckResult {
    let (blocking, remarks): (Vec<&Finding>, Vec<&Finding>) =
        findings.iter().partition(|finding| finding.blocking);
    let counted = match (blocking.len(), remarks.len()) {
        (0, 0) => "nothing found".to_owned(),
        (0, remarks) => numbered(remarks, "remark"),
        (blocking, 0) => numbered(blocking, "blocking finding"),
        (blocking, remarks) => {
            format!(
                "{} and {}",
                numbered(blocking, "blocking finding"),
                numbered(remarks, "remark")
            )
        }
    };
    let more =
        if left_out > 0 { format!(" (and {left_out} more, left out)") } else { String::new() };
    let said = if summary.is_empty() { String::new() } else { format!(": {summary}") };
    let lines: Vec<String> = blocking.iter().chain(&remarks).map(|found| found.shown()).collect();
    let failed = !blocking.is_empty() && !active(Mutant::IgnoreFindings);
    let verdict = match on {
        OnFindings::Fail | OnFindings::Note if failed => Verdict::Fail,
        OnFindings::Fail | OnFindings::Review | OnFindings::Note => Verdict::Pass,
    };
    let doubts = match on {
        OnFindings::Review => blocking.iter().map(|found| found.shown()).collect(),
        OnFindings::Fail | OnFindings::Note => vec![],
    };
    let by = signed(reviewer, author);
    CheckResult { lines, doubts, ..check(on, verdict, format!("{counted}{more} by {by}{said}")) }
}

/// What it comes to that nobody could answer.
pub(crate) fn unanswered(why: &str, on: OnFindings) -> CheckResult {
    let fact = format!("it was not reviewed: {why}");
    match on {
        OnFindings::Review => {
            CheckResult { doubts: vec![fact.clone()], ..check(on, Verdict::Pass, fact) }
        }
        OnFindings::Fail | OnFindings::Note => check(on, Verdict::Inconclusive, fact),
    }
}

/// The review of a commit that a person has had judged once more: the reviewer is not asked again,
/// and what it found is for the person to weigh.
pub(crate) fn stands(found: &CheckResult) -> CheckResult {
    if found.verdict != Verdict::Fail {
        return found.clone();
    }
    let verdict = if found.required { Verdict::Pass } else { found.verdict };
    let doubts = found.lines.clone();
    CheckResult { verdict, doubts, ..found.clone() }
}

fn check(on: OnFindings, verdict: Verdict, fact: String) -> CheckResult {
    let required = on != OnFindings::Note;
    CheckResult { required, ..CheckResult::required(REVIEW_CHECK, verdict, fact) }
}

fn signed(reviewer: &Reviewer, author: &Attempt) -> String {
    let Reviewer { agent, kind, .. } = reviewer;
    let own = if *kind == author.kind { ", the author's own kind" } else { "" };
    format!("{agent} ({kind}{own})")
}

fn numbered(count: usize, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}

/// How a review ended that brought no answer, in words.
pub(crate) fn in_words(end: &EndKind) -> String {
    match end {
        EndKind::GaveUp(why) => format!("the reviewer gave up: {why}"),
        EndKind::TimedOut => "the reviewer's time was up".to_owned(),
        EndKind::Crashed(why) => format!("the reviewer died: {why}"),
        EndKind::BudgetSpent => "the reviewer's budget was used up".to_owned(),
        EndKind::Quota { message, .. } => format!("the model's quota is used up: {message}"),
        EndKind::AuthFailed(why) => format!("the reviewer could not log in: {why}"),
        EndKind::AgentMissing(program) => {
            format!("the reviewer's program `{program}` is not installed")
        }
        EndKind::Unanswered(_) => "the reviewer waited for an answer".to_owned(),
        EndKind::Infra(infra) => infra.to_string(),
        EndKind::Finished | EndKind::NoChangeNeeded | EndKind::HandedBack | EndKind::Stopped => {
            "the reviewer ended without an answer".to_owned()
        }
    }
}
