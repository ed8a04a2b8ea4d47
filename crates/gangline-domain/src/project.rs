//! A project as the scheduler sees it: settings taken from its committed policy.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::budget::{Budget, Usage};
use crate::external::External;
use crate::flaky::FlakyTest;
use crate::honesty::HonestyRecord;
use crate::ids::{
    AgentKind, AgentName, BranchName, ExternalId, ProjectId, ScheduleName, Timestamp,
};
use crate::lesson::Lessons;
use crate::reviewer::ReviewerSettings;
use crate::schedule::{ScheduleSettings, ScheduleState};

/// Days of which is known what was spent on them.
pub const DAYS_MAX: usize = 31;

/// A git repository under Gangline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Project {
    /// Its name.
    pub id: ProjectId,
    /// What its policy says.
    pub settings: ProjectSettings,
    /// No new job starts while set.
    pub paused: bool,
    /// The number that the next ticket without a key gets.
    pub next_number: u64,
    /// Spent by all attempts.
    pub usage: Usage,
    /// Spent on each of the last days (UTC) on which anything was, at most [`DAYS_MAX`] of them, by
    /// the number of days since the Unix epoch.
    pub days: BTreeMap<i64, Usage>,
    /// What became of its agents' claims, by definition, kind and model, at most
    /// [`RECORDS_MAX`](crate::honesty::RECORDS_MAX) of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub honesty: Vec<HonestyRecord>,
    /// Tests that failed and passed without a change, by check and name, at most
    /// [`FLAKY_MAX`](crate::flaky::FLAKY_MAX) of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flaky: Vec<FlakyTest>,
    /// What helped, to be offered to its tickets.
    #[serde(default, skip_serializing_if = "Lessons::is_new")]
    pub lessons: Lessons,
    /// Sessions that Gangline did not start, and that take work.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub externals: BTreeMap<ExternalId, External>,
    /// What was decided about the schedules that its settings have.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub schedules: BTreeMap<ScheduleName, ScheduleState>,
}

/// What the scheduler needs of a project's policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProjectSettings {
    /// The person's repository, as an absolute path on the orchestrator's host.
    pub repo: String,
    /// The branch that verified work reaches.
    pub target: BranchName,
    /// What keys begin with, such as `APP`.
    pub key_prefix: String,
    /// SHA-256 of the policy's text.
    pub policy_sha256: String,
    /// The policy's text where the target branch has none committed yet; accepted by a person.
    pub policy_snapshot: Option<String>,
    /// Whether a person approves each landing.
    pub review: ReviewPolicy,
    /// Whether another agent reads each change, and which.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reviewer: Option<ReviewerSettings>,
    /// What becomes of approved work.
    pub landing: LandingMode,
    /// Bounds.
    pub limits: Limits,
    /// What may be spent.
    pub budgets: Budgets,
    /// The definition of tickets that name none.
    pub default_agent: AgentName,
    /// The definitions that tickets may name.
    pub agents: BTreeMap<AgentName, AgentFacts>,
    /// What changes when a ticket fails as it did before.
    #[serde(default, skip_serializing_if = "Retry::is_usual")]
    pub retry: Retry,
    /// Tickets that come again by the clock.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub schedules: BTreeMap<ScheduleName, ScheduleSettings>,
}

/// What changes when a ticket fails as it did before. The next try begins with a new session in a
/// new worktree in any case.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retry {
    /// Who does it.
    pub same_failure: SameFailure,
    /// Definitions that come then, the first whose agent kind works; each further repetition
    /// begins with the next of them. Those of the definition's `fallback`, when empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub agents: Vec<AgentName>,
}

/// Who works on a ticket that failed as it did before.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SameFailure {
    /// Another definition, where there is one.
    #[default]
    OtherAgent,
    /// The same definition, in a new session.
    Fresh,
}

impl Retry {
    fn is_usual(&self) -> bool {
        *self == Self::default()
    }
}

/// What the scheduler needs of an agent definition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentFacts {
    /// How it is driven.
    pub kind: AgentKind,
    /// The model that it asks for; its kind's own choice when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// How many attempts may use it at once; the project's `per_definition` when absent.
    pub max_concurrent: Option<u32>,
    /// Definitions that the last try uses instead: the first whose agent kind works.
    #[serde(with = "fallbacks")]
    pub fallback: Vec<AgentName>,
    /// What it can do: tickets choose by it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub capabilities: BTreeSet<String>,
}

impl AgentFacts {
    /// Those of `needs` that it cannot do.
    pub fn lacks<'n>(&self, needs: &BTreeSet<&'n str>) -> BTreeSet<&'n str> {
        needs.iter().copied().filter(|need| !self.capabilities.contains(*need)).collect()
    }
}

/// Whether a person approves each landing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReviewPolicy {
    /// A person approves.
    Required,
    /// Verified work goes on by itself.
    None,
}

/// What becomes of approved work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LandingMode {
    /// It lands on the local target branch.
    Local,
    /// Its branch is left in the repository.
    Branch,
}

/// What to do with a ticket whose declared scope meets that of a running one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScopeCollision {
    /// It waits.
    Avoid,
    /// It starts, and the collision is told.
    Warn,
    /// It starts.
    Ignore,
}

/// Bounds of a project. Times are in milliseconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Attempts at once.
    pub agents: u32,
    /// Attempts at once of one definition that says nothing itself.
    pub per_definition: u32,
    /// Attempts at once that hold a worktree; a live attempt always does.
    pub worktrees: u32,
    /// Verifications and integrations at once.
    pub verifications: u32,
    /// Tries of a ticket.
    pub tries: u8,
    /// How long an attempt may take.
    pub session_ms: u64,
    /// How long a verification or integration may take.
    pub verification_ms: u64,
    /// Colliding scopes.
    pub scope_collision: ScopeCollision,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            agents: 5,
            per_definition: 2,
            worktrees: 10,
            verifications: 2,
            tries: 3,
            session_ms: 4 * 3_600_000,
            verification_ms: 3_600_000,
            scope_collision: ScopeCollision::Avoid,
        }
    }
}

/// What may be spent, by whom.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Budgets {
    /// By each ticket that says nothing itself.
    pub ticket: Budget,
    /// By the project, ever.
    pub project: Budget,
    /// By the project, in one day (UTC).
    pub day: Budget,
}

impl Project {
    /// A new project.
    pub fn new(id: ProjectId, settings: ProjectSettings) -> Self {
        Self {
            id,
            settings,
            paused: false,
            next_number: 1,
            usage: Usage::default(),
            days: BTreeMap::new(),
            honesty: vec![],
            flaky: vec![],
            lessons: Lessons::default(),
            externals: BTreeMap::new(),
            schedules: BTreeMap::new(),
        }
    }

    /// Spent on the day of `now`.
    pub fn usage_on(&self, now: Timestamp) -> Usage {
        self.days.get(&now.day()).copied().unwrap_or_default()
    }

    /// Counts what was spent.
    pub(crate) fn spend(&mut self, spent: Usage, at: Timestamp) {
        self.usage = self.usage.plus(spent);
        let day = self.days.entry(at.day()).or_default();
        *day = day.plus(spent);
        while self.days.len() > DAYS_MAX {
            self.days.pop_first();
        }
    }
}

/// At first a definition had at most one fallback, written bare. None and one are still written
/// so, and what was stored then is read.
mod fallbacks {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::ids::AgentName;

    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Stored {
        Many(Vec<AgentName>),
        One(Option<AgentName>),
    }

    pub(super) fn serialize<S: Serializer>(names: &[AgentName], to: S) -> Result<S::Ok, S::Error> {
        match names {
            [] => to.serialize_none(),
            [one] => one.serialize(to),
            many => many.serialize(to),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Vec<AgentName>, D::Error> {
        Ok(match Stored::deserialize(from)? {
            Stored::Many(names) => names,
            Stored::One(name) => name.into_iter().collect(),
        })
    }
}
