//! Tickets as they are shown.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::verification::{ClaimView, ReportView};

/// `GET /tickets?project=&state=&label=&closed=&limit=`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TicketsQuery {
    /// Only of this project.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// Only in this state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Only with this label.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Closed ones too, the last closed first, at most `limit` of each project.
    pub closed: bool,
    /// See `closed`; 100 when absent, at most 1000.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Page by page, at most so many tickets each, up to 1000; all at once when absent. Closed ones of
    /// all projects then follow the live ones, the last closed first, without end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<u32>,
    /// The page behind the one that told this as `next`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// A list of tickets.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tickets {
    /// By project and key, closed ones last.
    pub tickets: Vec<TicketView>,
    /// Where the next page begins; absent on the last one. A page may be short and yet not the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// A ticket in a list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TicketView {
    /// Its project.
    pub project: String,
    /// Its key.
    pub key: String,
    /// One line.
    pub title: String,
    /// Where it stands, in one word.
    pub state: String,
    /// Since when.
    pub since_us: i64,
    /// `critical`, `high`, `medium` or `low`.
    pub priority: String,
    /// Free words.
    pub labels: Vec<String>,
    /// The definition that works on it, or will; empty while none can.
    pub agent: String,
    /// What it waits for.
    pub wait: WaitView,
    /// Tries that failures have used up.
    pub tries_spent: u8,
    /// Tries that it has in all.
    pub tries: u8,
    /// When it was added.
    pub created_us: i64,
    /// What another system calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_ref: Option<String>,
    /// Keys that must have landed first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dependencies: Vec<String>,
    /// What it has spent.
    #[serde(default)]
    pub usage: UsageView,
    /// Why it is escalated, in one word, such as `tries_spent`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub escalated_for: Option<String>,
    /// What its job is at: the current tool call or step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub activity: Option<String>,
    /// What a person may want to look at while it is being worked on. It ends nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alerts: Vec<AlertView>,
}

/// Something that a person may want to look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AlertView {
    /// `silence` or `uncommitted`, of the running attempt; `tests_failing` or `conflict`, of the
    /// ticket's work; `disk` or `memory`, of a node.
    pub kind: String,
    /// For people.
    pub text: String,
    /// Since when it has been so.
    pub since_us: i64,
}

/// What a ticket waits for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WaitView {
    /// In one word: `person`, `dependencies`, `clock`, `paused`, `circuit`, `definition`,
    /// `capability`, `scope`, `budget`, `slot`, `external`, `node`, `lane`, `publication`, `job`, `swap` or `nothing`.
    #[serde(rename = "for")]
    pub reason: String,
    /// For people.
    pub text: String,
    /// When it goes on by itself, if the clock decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until_us: Option<i64>,
    /// Keys of tickets it waits for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub on: Vec<String>,
}

/// `GET /projects/{project}/tickets/{key}`: a ticket with all its evidence.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TicketDetail {
    /// As in a list.
    #[serde(flatten)]
    pub ticket: TicketView,
    /// Markdown.
    pub body: String,
    /// What a person wrote to its agents about who they are and what they are to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub brief: Option<String>,
    /// `commit`, `artifact`, `report` or `plan`.
    pub deliverable: String,
    /// Who added it.
    pub created_by: String,
    /// What must have landed first.
    pub depends_on: Vec<DependencyView>,
    /// Live tickets that wait for this one.
    pub dependents: Vec<String>,
    /// Patterns of the files it means to change.
    pub scope: Vec<String>,
    /// Patterns of protected files and existing tests that its agents may change.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub permits: Vec<String>,
    /// What its agent must be able to do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub capabilities: Vec<String>,
    /// What it may spend.
    pub budget: BudgetView,
    /// Its attempts, in order.
    pub attempts: Vec<AttemptView>,
    /// What failed attempts taught, oldest first.
    pub records: Vec<RecordView>,
    /// What people said to the next attempt, oldest first.
    pub hints: Vec<HintView>,
    /// Questions that wait for a person, oldest first.
    pub questions: Vec<QuestionView>,
    /// The last verification.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report: Option<ReportView>,
    /// The last verification of a merge candidate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub candidate_report: Option<ReportView>,
    /// From 1, when it is in the merge queue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queue_position: Option<u32>,
    /// How it landed, or is about to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub landing: Option<LandingView>,
    /// Why a person is needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub escalation: Option<EscalationView>,
    /// A person works in its worktree.
    #[serde(default)]
    pub taken_over: bool,
    /// Where its worktree is, if it is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worktree: Option<String>,
    /// Its branch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
    /// What is proposed to land, or has landed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
}

/// A ticket that must have landed first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DependencyView {
    /// Its key.
    pub key: String,
    /// Its state.
    pub state: String,
    /// Whether it stands in the way no longer.
    pub met: bool,
}

/// What may be spent; an absent limit is no limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct BudgetView {
    /// Tokens, in and out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tokens: Option<u64>,
    /// Millionths of a US dollar.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost_microusd: Option<u64>,
    /// Wall time of attempts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wall_ms: Option<u64>,
}

/// What was spent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UsageView {
    /// Tokens, in and out.
    pub tokens: u64,
    /// Millionths of a US dollar.
    pub cost_microusd: u64,
    /// Wall time of attempts.
    pub wall_ms: u64,
}

/// One run of an agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AttemptView {
    /// Its job, such as `shop.APP-12.a1`.
    pub job: String,
    /// Which try it belongs to, from 1.
    pub try_no: u8,
    /// The definition.
    pub agent: String,
    /// How it is driven.
    pub kind: String,
    /// `fresh` or `resume`.
    pub start: String,
    /// The sandbox tier that it ran under: `bubblewrap`, `landlock` or `none`. Absent before it
    /// begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier: Option<String>,
    /// The commit it grew from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<String>,
    /// When it began.
    pub started_us: i64,
    /// When it must have ended.
    pub deadline_us: i64,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_us: Option<i64>,
    /// How it ended, in words; absent while it runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<String>,
    /// What the agent said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim: Option<ClaimView>,
    /// Its last commit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// The commit that holds what it left uncommitted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rescue: Option<String>,
    /// The first things that could not be kept, each with why: they go with the worktree.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<String>,
    /// `pass`, `fail` or `inconclusive`, once measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<String>,
    /// What it spent.
    pub usage: UsageView,
}

/// What one failed attempt taught.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RecordView {
    /// The attempt.
    pub job: String,
    /// Which try it was.
    pub try_no: u8,
    /// In one word, such as `checks_failed`.
    pub cause: String,
    /// What kind of failure it was, in one word, such as `compile` or `test`.
    #[serde(default)]
    pub class: String,
    /// The same in a few words.
    #[serde(default)]
    pub class_text: String,
    /// The required checks that failed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<String>,
    /// What the failure is recognised by: the same for the same decisive lines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
    /// An earlier attempt that failed in just this way: the try after this one starts anew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub same_as: Option<String>,
    /// One line: what went wrong.
    pub error: String,
    /// The agent's own summary.
    pub approach: String,
    /// What was measured.
    pub facts: Vec<String>,
    /// Decisive lines of the failed checks.
    pub lines: Vec<String>,
    /// Whether it used up a try.
    pub spent: bool,
}

/// A person's word to the next attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HintView {
    /// Who said it.
    pub by: String,
    /// What.
    pub text: String,
}

/// A question of an agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct QuestionView {
    /// Its id, to answer it by.
    pub id: String,
    /// What it asks.
    pub text: String,
    /// Answers it offers.
    pub options: Vec<String>,
    /// When it asked.
    pub asked_us: i64,
}

/// How a ticket lands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LandingView {
    /// `integrating`, `integrated`, `intended`, `deferred` or `landed`.
    pub stage: String,
    /// The target's tip before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old: Option<String>,
    /// What becomes, or became, the target's tip.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new: Option<String>,
    /// Why it waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// When it was proven.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub landed_us: Option<i64>,
}

/// Why a person is needed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EscalationView {
    /// In one word, such as `tries_spent`.
    pub reason: String,
    /// One line.
    pub summary: String,
    /// What can be done: `simplify`, `more_context`, `split`, `take_over`, `discard`,
    /// `mend_machine`, `calm`.
    pub suggestions: Vec<String>,
}
