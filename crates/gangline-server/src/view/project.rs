//! Projects.

use std::collections::BTreeMap;

use gangline_api::project::{AgentView, DayView, ProjectView};
use gangline_api::ticket::BudgetView;
use gangline_domain::board::Board;
use gangline_domain::budget::Budget;
use gangline_domain::project::{Project, ProjectSettings};

use super::history::usage;
use super::word;

const DAY_US: i64 = 86_400_000_000;

/// What may be spent.
pub(super) fn budget(budget: Budget) -> BudgetView {
    BudgetView {
        tokens: budget.tokens,
        cost_microusd: budget.cost_microusd,
        wall_ms: budget.wall_ms,
    }
}

/// Where the policy stands.
pub(crate) fn policy_word(settings: &ProjectSettings) -> &'static str {
    if settings.policy_snapshot.is_some() { "snapshot" } else { "committed" }
}

pub(crate) fn project(board: &Board, project: &Project) -> ProjectView {
    let settings = &project.settings;
    let mut tickets: BTreeMap<String, u32> = BTreeMap::new();
    for ticket in board.tickets.values().filter(|ticket| ticket.id.project == project.id) {
        *tickets.entry(ticket.state.word().to_owned()).or_default() += 1;
    }
    let policy = policy_word(settings);
    let agents = settings.agents.iter();
    ProjectView {
        name: project.id.to_string(),
        repo: settings.repo.clone(),
        target: settings.target.to_string(),
        key_prefix: settings.key_prefix.clone(),
        policy_sha256: settings.policy_sha256.clone(),
        policy: policy.to_owned(),
        review: word(settings.review),
        landing: word(settings.landing),
        paused: project.paused,
        tries: settings.limits.tries,
        default_agent: settings.default_agent.to_string(),
        agents: agents
            .map(|(name, facts)| AgentView { name: name.to_string(), kind: facts.kind.to_string() })
            .collect(),
        usage: usage(project.usage),
        budget: budget(settings.budgets.project),
        day_budget: budget(settings.budgets.day),
        days: project
            .days
            .iter()
            .map(|(day, spent)| DayView { day_us: day * DAY_US, usage: usage(*spent) })
            .collect(),
        tickets,
    }
}
