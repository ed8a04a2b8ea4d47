//! All that is shown, as the daemon last told it.

use std::collections::{BTreeMap, BTreeSet};

use gangline_api::client::{Client, ClientError, TicketRef};
use gangline_api::main_agent::MainAgentView;
use gangline_api::node::{JobPulse, QueueEntry};
use gangline_api::project::ProjectView;
use gangline_api::status::Status;
use gangline_api::ticket::{TicketDetail, TicketView, TicketsQuery};

/// Tickets whose evidence is read at once, those that need a person first.
const DETAILS_MAX: usize = 64;
/// Microseconds of a day.
const DAY_US: i64 = 86_400_000_000;

/// What the daemon told.
#[derive(Debug, Clone)]
pub(super) struct Board {
    pub(super) status: Status,
    pub(super) projects: Vec<ProjectView>,
    /// Live ones, by project and key.
    pub(super) tickets: Vec<TicketView>,
    /// In landing order.
    pub(super) queue: Vec<QueueEntry>,
    /// Those that people talk with.
    pub(super) main_agents: Vec<MainAgentView>,
    /// The evidence of some tickets: at least of those that need a person or have an agent.
    pub(super) details: BTreeMap<TicketRef, TicketDetail>,
}

/// What is to be read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Wanted {
    /// Only this project.
    pub(super) project: Option<String>,
    /// The evidence of this ticket, too.
    pub(super) selected: Option<TicketRef>,
    /// Something happened to these: what is known of them is stale.
    pub(super) changed: BTreeSet<TicketRef>,
}

/// The name of a ticket in a list.
pub(super) fn named(ticket: &TicketView) -> TicketRef {
    TicketRef { project: ticket.project.clone(), key: ticket.key.clone() }
}

/// Whether somebody or something works on it, or a person may be needed: its evidence is shown.
fn tells(ticket: &TicketView) -> bool {
    matches!(ticket.state.as_str(), "working" | "verifying" | "review" | "escalated" | "landing")
        || ticket.wait.reason == "person"
}

impl Board {
    /// Reads everything; of tickets that have not changed, the evidence of `known` is kept.
    pub(super) async fn load(
        client: &Client,
        wanted: &Wanted,
        known: BTreeMap<TicketRef, TicketDetail>,
    ) -> Result<Self, ClientError> {
        let status = client.status().await?;
        let projects = match &wanted.project {
            Some(name) => vec![client.project(name).await?],
            None => client.projects().await?.projects,
        };
        let query = TicketsQuery { project: wanted.project.clone(), ..TicketsQuery::default() };
        let tickets = client.tickets(&query).await?.tickets;
        let mut queue = client.queue().await?.entries;
        queue.retain(|entry| wanted.project.as_ref().is_none_or(|name| *name == entry.project));
        let main_agents = client.main_agents().await?.main_agents;
        let details = BTreeMap::new();
        let mut board = Self { status, projects, tickets, queue, main_agents, details };
        board.keep(wanted, known);
        for ticket in board.missing(wanted) {
            match client.ticket(&ticket).await {
                Ok(detail) => {
                    board.details.insert(ticket, detail);
                }
                // It was closed or removed a moment ago, which the next reading tells.
                Err(ClientError::Refused(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(board)
    }

    /// Keeps what is known of tickets that are as they were.
    fn keep(&mut self, wanted: &Wanted, mut known: BTreeMap<TicketRef, TicketDetail>) {
        for ticket in &self.tickets {
            let name = named(ticket);
            let same = |detail: &TicketDetail| {
                let (old, new) = (&detail.ticket, ticket);
                (&old.state, old.since_us, &old.wait) == (&new.state, new.since_us, &new.wait)
            };
            if !wanted.changed.contains(&name)
                && let Some(detail) = known.remove(&name).filter(same)
            {
                self.details.insert(name, detail);
            }
        }
    }

    fn missing(&self, wanted: &Wanted) -> Vec<TicketRef> {
        let mut telling: Vec<&TicketView> = self.tickets.iter().filter(|t| tells(t)).collect();
        telling.sort_by_key(|ticket| ticket.wait.reason != "person");
        let telling = telling.into_iter().take(DETAILS_MAX).map(named);
        let all: BTreeSet<TicketRef> = wanted.selected.iter().cloned().chain(telling).collect();
        all.into_iter().filter(|name| !self.details.contains_key(name)).collect()
    }

    /// The ticket in the list.
    pub(super) fn ticket(&self, name: &TicketRef) -> Option<&TicketView> {
        self.tickets.iter().find(|ticket| ticket.key == name.key && ticket.project == name.project)
    }

    /// For each ticket, the keys of the live ones that wait for it.
    pub(super) fn waiting(&self) -> BTreeMap<TicketRef, BTreeSet<&str>> {
        let mut waiting: BTreeMap<TicketRef, BTreeSet<&str>> = BTreeMap::new();
        for ticket in &self.tickets {
            for on in &ticket.wait.on {
                let on = TicketRef { project: ticket.project.clone(), key: on.clone() };
                waiting.entry(on).or_default().insert(&ticket.key);
            }
        }
        let live: BTreeSet<(&str, &str)> =
            self.tickets.iter().map(|ticket| (&*ticket.project, &*ticket.key)).collect();
        for (name, detail) in &self.details {
            let told = detail.dependents.iter().map(String::as_str);
            let told: Vec<&str> =
                told.filter(|key| live.contains(&(&*name.project, *key))).collect();
            if !told.is_empty() {
                waiting.entry(name.clone()).or_default().extend(told);
            }
        }
        waiting
    }

    /// What the ticket's job was last heard doing.
    pub(super) fn pulse(&self, name: &TicketRef) -> Option<&JobPulse> {
        let prefix = format!("{}.{}.", name.project, name.key);
        let jobs = self.status.nodes.iter().flat_map(|node| &node.jobs);
        // A ticket has one job at a time; of a lost one, the later is the living.
        jobs.filter(|pulse| pulse.job.starts_with(&prefix)).max_by_key(|p| p.last_activity_us)
    }

    /// What was spent today (UTC) and what may be: millionths of a dollar, then tokens.
    pub(super) fn today(&self, now_us: i64) -> Spent {
        let today = now_us.div_euclid(DAY_US) * DAY_US;
        let mut spent = Spent::default();
        for project in &self.projects {
            for day in project.days.iter().filter(|day| day.day_us == today) {
                spent.microusd += day.usage.cost_microusd;
                spent.tokens += day.usage.tokens;
            }
        }
        // Of several projects, no sum of budgets is one.
        if let [project] = &self.projects[..] {
            spent.microusd_max = project.day_budget.cost_microusd;
        }
        spent
    }
}

/// What was spent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Spent {
    /// Millionths of a US dollar.
    pub(super) microusd: u64,
    /// What they may come to.
    pub(super) microusd_max: Option<u64>,
    pub(super) tokens: u64,
}
