//! `gangline list`.

use clap::Args;
use gangline_api::main_agent::{MainAgentView, Presence};
use gangline_api::status::Status;
use gangline_api::ticket::{AlertView, TicketView, TicketsQuery};

use super::context::{Context, now_us};
use super::place;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::screen::{Cell, Out, Table, Tone, age, clock, plain};

/// `gangline list`.
#[derive(Debug, Args)]
pub(crate) struct List {
    /// Closed tickets too
    #[arg(long, short)]
    all: bool,
    /// Of every project
    #[arg(long, conflicts_with = "project")]
    all_projects: bool,
    /// Only those in this state, such as working, review or escalated
    #[arg(long, value_name = "STATE")]
    state: Option<String>,
    /// Only those with this label
    #[arg(long, value_name = "WORD")]
    label: Option<String>,
    /// Closed tickets at most
    #[arg(long, value_name = "N", default_value_t = 50)]
    limit: u32,
}

const CLOSED: [&str; 3] = ["landed", "delivered", "cancelled"];

impl List {
    pub(crate) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let client = context.client();
        let project = match self.all_projects {
            true => None,
            false => Some(place::project(context, &client).await?.name),
        };
        let closed = self.all || self.state.as_deref().is_some_and(|s| CLOSED.contains(&s));
        let query = TicketsQuery {
            project,
            state: self.state,
            label: self.label,
            closed,
            limit: Some(self.limit),
            ..TicketsQuery::default()
        };
        let tickets = client.tickets(&query).await?;
        if context.json {
            context.out.json(&tickets)?;
            return Ok(Exit::Done);
        }
        for agent in client.main_agents().await?.main_agents {
            context.out.line(&there(&agent, context.out))?;
        }
        for warning in warnings(&client.status().await?) {
            context.out.line(&context.out.paint(Tone::Attention, &warning))?;
        }
        if tickets.tickets.is_empty() {
            context.out.line("no tickets")?;
            context.out.line(" next: gangline add \"What is wanted\"")?;
        } else {
            context.out.lines(rendered(&tickets.tickets, context.out, now_us()))?;
        }
        Ok(Exit::Done)
    }
}

/// That a main agent is there.
pub(crate) fn there(agent: &MainAgentView, out: Out) -> String {
    let tone = match agent.presence {
        Presence::Active => Tone::Active,
        Presence::Idle => Tone::Plain,
        Presence::Away => Tone::Faint,
    };
    let (name, person) = (plain(&agent.name), plain(&agent.person));
    format!("{name} of {person}: {}", out.paint(tone, &agent.text))
}

/// What is wrong with the daemon's machine, a line each.
fn warnings(status: &Status) -> Vec<String> {
    let mut told = vec![];
    for node in &status.nodes {
        let short = |alert: &AlertView| format!("node {} runs short: {}", node.name, alert.text);
        told.extend(node.alerts.iter().map(short));
        if node.draining {
            let name = &node.name;
            told.push(format!("node {name} is being drained; gangline node resume {name}"));
        }
    }
    if let Some(config) = &status.config {
        if let Some(refused) = &config.refused {
            let why = refused.why.lines().next().unwrap_or_default();
            told.push(format!("config.toml is not followed: {why}; see gangline doctor"));
        }
        if !config.restart.is_empty() {
            let keys = config.restart.join(", ");
            told.push(format!("config.toml: {keys} waits for the daemon's next start"));
        }
    }
    told.iter().map(|line| plain(line)).collect()
}

/// The table, with the project in front of the key when there are several.
fn rendered(tickets: &[TicketView], out: Out, now_us: i64) -> Vec<String> {
    let several = tickets.windows(2).any(|pair| pair[0].project != pair[1].project);
    let mut table =
        Table::new(["key", "state", "since", "priority", "agent", "title…", "waits for…"]);
    for ticket in tickets {
        let key = match several {
            true => format!("{}.{}", ticket.project, ticket.key),
            false => ticket.key.clone(),
        };
        table.row([
            Cell::toned(Tone::Strong, key),
            Cell::toned(tone(&ticket.state), ticket.state.clone()),
            Cell::toned(Tone::Faint, age(ticket.since_us, now_us)),
            Cell::new(ticket.priority.clone()),
            Cell::new(plain(&ticket.agent)),
            Cell::new(plain(&ticket.title)),
            match alerts(ticket, now_us).as_str() {
                "" => Cell::toned(Tone::Faint, waits(ticket)),
                alerts => Cell::toned(Tone::Attention, alerts.to_owned()),
            },
        ]);
    }
    table.render(out)
}

/// What is being done, or what is waited for.
pub(crate) fn waits(ticket: &TicketView) -> String {
    match (&ticket.activity, ticket.wait.until_us) {
        (Some(activity), _) => plain(activity),
        (None, Some(until)) => format!("{} (until {})", plain(&ticket.wait.text), clock(until)),
        (None, None) => plain(&ticket.wait.text),
    }
}

/// What a person may want to look at, and since when it has been so.
pub(crate) fn alerts(ticket: &TicketView, now_us: i64) -> String {
    let told =
        |alert: &AlertView| format!("{} for {}", plain(&alert.text), age(alert.since_us, now_us));
    ticket.alerts.iter().map(told).collect::<Vec<_>>().join("; ")
}

/// How a state looks.
pub(crate) fn tone(state: &str) -> Tone {
    match state {
        "landed" | "delivered" => Tone::Good,
        "escalated" => Tone::Bad,
        "review" | "parked" | "held" => Tone::Attention,
        "working" | "verifying" | "landing" => Tone::Active,
        "draft" | "cancelled" | "backoff" => Tone::Faint,
        _other => Tone::Plain,
    }
}
