//! What the events come to over time.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Days that are told where none are asked for.
pub const DAYS_DEFAULT: u32 = 30;
/// Days that are kept.
pub const DAYS_MAX: u32 = 400;

/// `GET /insights?project=&days=`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct InsightsQuery {
    /// Only of this project.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// Days (UTC) that are told, up to today: [`DAYS_DEFAULT`] when absent, [`DAYS_MAX`] at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days: Option<u32>,
}

/// All figures, as far as they were counted.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Insights {
    /// Events up to this number are counted in it.
    pub seq: u64,
    /// Of each project.
    pub projects: Vec<ProjectInsights>,
}

/// The figures of one project.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ProjectInsights {
    /// Its name.
    pub project: String,
    /// From the first event on.
    pub total: TallyView,
    /// Days on which anything happened, oldest first.
    pub days: Vec<DayInsights>,
    /// By definition and kind of agent.
    pub agents: Vec<AgentInsights>,
    /// Required checks that failed, most often first.
    pub failing: Vec<Counted>,
    /// What tries failed with, by class, most often first.
    pub failures: Vec<Counted>,
    /// Landed tickets by their number of tries.
    pub tries: Vec<Counted>,
    /// From the ticket to its landing.
    pub to_landing: SpreadView,
    /// From the approval to the landing.
    pub to_merge: SpreadView,
    /// From the request of a review to its answer.
    pub to_review: SpreadView,
    /// How long attempts worked.
    pub attempt: SpreadView,
    /// From a commit to its verdict.
    pub verification: SpreadView,
    /// Tickets that landed or were delivered, per day of the last seven.
    pub landed_per_day: f64,
    /// Of all reviews, those that let a commit pass; absent where there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review_pass_rate: Option<f64>,
    /// Collisions with the target; absent where no commit was left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conflicts_per_100_commits: Option<f64>,
    /// What ran of the code, for what landed last and was measured; empty where nothing was.
    #[serde(default)]
    pub coverage: Vec<CoverageView>,
}

/// How much of the code that the coverage files of one check tell of has run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CoverageView {
    /// The check, such as `test:coverage`.
    pub check: String,
    /// Lines that ran; statements where the files are of Go.
    pub ran: u64,
    /// All of them.
    pub all: u64,
}

/// One day.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DayInsights {
    /// Such as `2026-11-22`, in UTC.
    pub day: String,
    /// What was counted on it.
    #[serde(flatten)]
    pub tally: TallyView,
}

/// What was counted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TallyView {
    /// Tickets that were added.
    pub added: u64,
    /// Tickets that landed.
    pub landed: u64,
    /// Tickets that were delivered without a landing.
    pub delivered: u64,
    /// Tickets that were cancelled.
    pub cancelled: u64,
    /// Times that a ticket was handed to a person.
    pub escalated: u64,
    /// Questions that agents asked.
    pub questions: u64,
    /// Alerts that were raised.
    pub alerts: u64,
    /// Attempts that were started.
    pub attempts: u64,
    /// Commits that they left.
    pub commits: u64,
    /// Measured commits that passed.
    pub passed: u64,
    /// Measured commits that failed.
    pub failed: u64,
    /// Measurements that told nothing.
    pub inconclusive: u64,
    /// Tickets of which a commit was measured.
    pub measured_first: u64,
    /// Those of them whose first commit passed.
    pub passed_first: u64,
    /// Reviews that let a commit pass.
    pub approved: u64,
    /// Reviews that sent one back.
    pub rejected: u64,
    /// Candidates of the merge queue that collided with the target.
    pub conflicts: u64,
    /// Tokens that agents used.
    pub tokens: u64,
    /// Millionths of a US dollar.
    pub cost_microusd: u64,
    /// Milliseconds that agents worked.
    pub busy_ms: u64,
}

/// One definition of an agent, driven in one way.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AgentInsights {
    /// The definition.
    pub agent: String,
    /// How it was driven.
    pub kind: String,
    /// Attempts that were started.
    pub attempts: u64,
    /// Attempts by how they ended, most often first.
    pub ends: Vec<Counted>,
    /// Measured commits that passed.
    pub passed: u64,
    /// Measured commits that failed.
    pub failed: u64,
    /// Tokens that it used.
    pub tokens: u64,
    /// Millionths of a US dollar.
    pub cost_microusd: u64,
    /// Milliseconds that it worked.
    pub busy_ms: u64,
}

/// How often something was.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Counted {
    /// What.
    pub name: String,
    /// How often.
    pub count: u64,
}

/// How long something took, over and over.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SpreadView {
    /// How often.
    pub count: u64,
    /// The mean, in milliseconds; absent where there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mean_ms: Option<u64>,
    /// Half took at most so long: the upper bound of a bucket, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub half_ms: Option<u64>,
    /// Nine of ten took at most so long, in the same way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nine_of_ten_ms: Option<u64>,
}
