//! Bounds and budgets.

use gangline_domain::budget::Budget;
use serde::Deserialize;

use crate::amount::{dollars, whole};
use crate::period::Period;

/// `[limits]`: bounds of one project.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Attempts at once, 1 to 128.
    #[serde(deserialize_with = "whole::<_, _, 1, 128>")]
    pub agents: u32,
    /// Attempts at once of one agent definition that says nothing itself, 1 to 128.
    #[serde(deserialize_with = "whole::<_, _, 1, 128>")]
    pub per_definition: u32,
    /// Worktrees of running attempts, 1 to 1000.
    #[serde(deserialize_with = "whole::<_, _, 1, 1000>")]
    pub worktrees: u32,
    /// How long an attempt may take.
    pub session: Period,
    /// How long all checks of one commit together may take.
    pub verification: Period,
    /// Tries of a ticket, 1 to 10.
    #[serde(deserialize_with = "whole::<_, _, 1, 10>")]
    pub tries: u8,
    /// A person is told when an agent has said nothing for so long.
    pub silence_alert: Period,
    /// A person is told when work has not been committed for so long.
    pub uncommitted_alert: Period,
    /// Verifications and integrations at once, 1 to 64.
    #[serde(deserialize_with = "whole::<_, _, 1, 64>")]
    pub verifications: u32,
    /// Commands and trials of one commit at once, 1 to 16.
    #[serde(deserialize_with = "whole::<_, _, 1, 16>")]
    pub checks: u8,
    /// What to do with tickets whose declared scopes meet.
    pub scope_collision: ScopeCollision,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            agents: 5,
            per_definition: 2,
            worktrees: 10,
            session: Period::seconds(4 * 3_600),
            verification: Period::seconds(3_600),
            tries: 3,
            silence_alert: Period::seconds(30 * 60),
            uncommitted_alert: Period::seconds(2 * 3_600),
            verifications: 2,
            checks: 2,
            scope_collision: ScopeCollision::Avoid,
        }
    }
}

/// What to do with a ticket whose declared scope meets that of a running one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ScopeCollision {
    /// It waits.
    Avoid,
    /// It starts, and the collision is told.
    Warn,
    /// It starts.
    Ignore,
}

/// `[budgets]`: what may be spent, by whom. All without limit unless given.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Budgets {
    /// By each ticket that says nothing itself.
    pub ticket: Budget,
    /// By the project, ever.
    pub project: Budget,
    /// By the project, in one day (UTC).
    pub day: Budget,
}

/// [`Budgets`] as they are written.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct BudgetsFile {
    ticket: BudgetFile,
    project: BudgetFile,
    day: BudgetFile,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct BudgetFile {
    tokens: Option<u64>,
    #[serde(deserialize_with = "dollars")]
    cost_usd: Option<u64>,
    wall: Option<Period>,
}

impl From<BudgetFile> for Budget {
    fn from(file: BudgetFile) -> Self {
        Self {
            tokens: file.tokens,
            cost_microusd: file.cost_usd,
            wall_ms: file.wall.map(Period::ms),
        }
    }
}

impl From<BudgetsFile> for Budgets {
    fn from(file: BudgetsFile) -> Self {
        Self { ticket: file.ticket.into(), project: file.project.into(), day: file.day.into() }
    }
}
