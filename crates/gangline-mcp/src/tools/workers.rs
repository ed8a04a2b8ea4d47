//! `check_worker_status`, `list_workers`, `stop_worker`: tickets that are handed to agents, in the
//! words of those who speak of workers.

use gangline_api::client::TicketRef;
use gangline_api::command::Verb;
use gangline_api::main_agent::MainAgentView;
use gangline_api::ticket::{
    AlertView, EscalationView, LandingView, QuestionView, TicketView, TicketsQuery, WaitView,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::arguments::{Detail, page};
use super::list::Answer;
use crate::place::Place;
use crate::refusal::Refusal;
use crate::server::Server;
use crate::shown::{cut, moment};

/// Characters of a question in an answer.
const QUESTION_CHARS_MAX: usize = 1_000;

/// What becomes of a ticket, in one of four words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Status {
    Spawned,
    Running,
    Completed,
    Failed,
}

impl Status {
    /// As it is sent.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Spawned => "spawned",
            Self::Running => "running",
            Self::Completed => "completed",
            Self::Failed => "failed",
        }
    }
}

/// Of a ticket's state.
pub(super) fn status_of(state: &str) -> Status {
    match state {
        "working" | "verifying" | "review" | "queued" | "landing" => Status::Running,
        "landed" | "delivered" => Status::Completed,
        "escalated" | "cancelled" => Status::Failed,
        _not_yet => Status::Spawned,
    }
}

/// What a ticket waits for, in words, when it waits for anything but its own job.
pub(super) fn waits_for(wait: &WaitView) -> Option<String> {
    let own = matches!(wait.reason.as_str(), "" | "nothing" | "job" | "swap");
    (!own).then(|| wait.text.clone())
}

/// `check_worker_status`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct CheckWorkerStatus {
    /// As delegate_ticket answered it: the ticket's key
    #[serde(alias = "ticketId", alias = "worker_id", alias = "ticket_id")]
    worker_id: String,
    /// The project; by default the working directory's
    #[serde(default)]
    project: Option<String>,
}

/// Where a worker stands.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct WorkerStatus {
    worker_id: String,
    ticket_id: String,
    project: String,
    title: String,
    status: Status,
    /// The ticket's state in Gangline's own words
    state: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    current_task: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    waits_for: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    branch: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    worktree_path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    started_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    completed_at: Option<String>,
    /// Why it failed
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    tries_spent: u8,
    tries: u8,
    /// What answer_question answers
    #[serde(skip_serializing_if = "Vec::is_empty")]
    questions: Vec<Question>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    alerts: Vec<String>,
}

impl Answer for WorkerStatus {}

/// A question of an agent, which waits for a person.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Question {
    id: String,
    text: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    options: Vec<String>,
}

impl From<QuestionView> for Question {
    fn from(question: QuestionView) -> Self {
        let QuestionView { id, text, options, asked_us: _ } = question;
        Self { id, text: cut(&text, QUESTION_CHARS_MAX), options }
    }
}

/// What of a ticket's document a worker's status is made of.
#[derive(Debug, Clone, Deserialize)]
struct Seen {
    project: String,
    key: String,
    title: String,
    state: String,
    since_us: i64,
    wait: WaitView,
    tries_spent: u8,
    tries: u8,
    activity: Option<String>,
    #[serde(default)]
    alerts: Vec<AlertView>,
    attempts: Vec<Begun>,
    questions: Vec<QuestionView>,
    landing: Option<LandingView>,
    escalation: Option<EscalationView>,
    worktree: Option<String>,
    branch: Option<String>,
}

/// The same of an attempt.
#[derive(Debug, Clone, Deserialize)]
struct Begun {
    started_us: i64,
}

impl From<Seen> for WorkerStatus {
    fn from(ticket: Seen) -> Self {
        let status = status_of(&ticket.state);
        let escalated = ticket.escalation.map(|escalation| escalation.summary);
        let error = (status == Status::Failed).then(|| match escalated {
            Some(summary) => summary,
            None => ticket.state.clone(),
        });
        let ended = matches!(status, Status::Completed | Status::Failed);
        let landed = ticket.landing.and_then(|landing| landing.landed_us);
        let completed = landed.or(ended.then_some(ticket.since_us));
        Self {
            worker_id: ticket.key.clone(),
            waits_for: waits_for(&ticket.wait),
            ticket_id: ticket.key,
            project: ticket.project,
            title: ticket.title,
            status,
            state: ticket.state,
            current_task: ticket.activity,
            branch: ticket.branch,
            worktree_path: ticket.worktree,
            started_at: ticket.attempts.first().map(|attempt| moment(attempt.started_us)),
            completed_at: completed.map(moment),
            error,
            tries_spent: ticket.tries_spent,
            tries: ticket.tries,
            questions: ticket.questions.into_iter().map(Into::into).collect(),
            alerts: ticket.alerts.into_iter().map(|alert| alert.text).collect(),
        }
    }
}

/// Where the worker of a ticket stands.
async fn seen<P: Place>(server: &Server<P>, ticket: &TicketRef) -> Result<WorkerStatus, Refusal> {
    Ok(server.place.client().ticket_as::<Seen>(ticket).await?.into())
}

pub(super) async fn check_worker_status<P: Place>(
    server: &Server<P>,
    wish: CheckWorkerStatus,
) -> Result<WorkerStatus, Refusal> {
    let ticket = server.ticket(&wish.worker_id, wish.project).await?;
    seen(server, &ticket).await
}

/// `list_workers`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ListWorkers {
    /// The project; by default the working directory's
    #[serde(default)]
    project: Option<String>,
    /// Only in this state: open, working, review, escalated, landed …
    #[serde(default)]
    state: Option<String>,
    /// Closed tickets too, and drafts
    #[serde(default)]
    all: bool,
    /// At most so many, up to 100; 20 when absent
    #[serde(default)]
    limit: Option<u32>,
    /// How many to leave out before the first one
    #[serde(default)]
    offset: u32,
    /// full: branch, worktree, times and questions of each
    #[serde(default)]
    detail: Detail,
}

/// Tickets that are under way.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct UnderWay {
    workers: Vec<Listed>,
    /// How many there are in all
    total: u32,
    /// The main agents that are there or were today, this one too
    #[serde(skip_serializing_if = "Vec::is_empty")]
    main_agents: Vec<MainAgent>,
}

/// An agent that a person talks with.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct MainAgent {
    name: String,
    person: String,
    /// Active - Conversing, Idle or Away
    presence: String,
}

impl From<MainAgentView> for MainAgent {
    fn from(agent: MainAgentView) -> Self {
        let MainAgentView { name, person, text, .. } = agent;
        Self { name, person, presence: text }
    }
}

impl Answer for UnderWay {}

/// A worker in a list.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(untagged)]
enum Listed {
    Full(Box<WorkerStatus>),
    Short(Short),
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Short {
    worker_id: String,
    ticket_id: String,
    title: String,
    status: Status,
    state: String,
    agent: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    current_task: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    waits_for: Option<String>,
}

impl From<TicketView> for Short {
    fn from(ticket: TicketView) -> Self {
        Self {
            worker_id: ticket.key.clone(),
            status: status_of(&ticket.state),
            waits_for: waits_for(&ticket.wait),
            ticket_id: ticket.key,
            title: ticket.title,
            state: ticket.state,
            agent: ticket.agent,
            current_task: ticket.activity,
        }
    }
}

pub(super) async fn list_workers<P: Place>(
    server: &Server<P>,
    wish: ListWorkers,
) -> Result<UnderWay, Refusal> {
    let client = server.place.client();
    let project = server.project_name(wish.project).await?;
    let wanted = wish.offset.saturating_add(u32::try_from(page(wish.limit)).unwrap_or(u32::MAX));
    let closed =
        wish.all || matches!(wish.state.as_deref(), Some("landed" | "delivered" | "cancelled"));
    let drafts = wish.all || wish.state.is_some();
    let query = TicketsQuery {
        project: Some(project),
        state: wish.state,
        closed,
        limit: Some(wanted),
        ..TicketsQuery::default()
    };
    let (tickets, main_agents) = tokio::join!(client.tickets(&query), client.main_agents());
    let mut tickets = tickets?.tickets;
    let main_agents = main_agents?.main_agents.into_iter().map(Into::into).collect();
    tickets.retain(|ticket| drafts || ticket.state != "draft");
    let total = u32::try_from(tickets.len()).unwrap_or(u32::MAX);
    let offset = usize::try_from(wish.offset).unwrap_or(usize::MAX);
    let tickets = tickets.into_iter().skip(offset).take(page(wish.limit));
    let mut workers = vec![];
    for ticket in tickets {
        workers.push(match wish.detail {
            Detail::Summary => Listed::Short(ticket.into()),
            Detail::Full => {
                let ticket = server.ticket(&ticket.key, Some(ticket.project)).await?;
                Listed::Full(Box::new(seen(server, &ticket).await?))
            }
        });
    }
    Ok(UnderWay { workers, total, main_agents })
}

/// `stop_worker`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct StopWorker {
    /// As delegate_ticket answered it: the ticket's key
    #[serde(alias = "ticketId", alias = "worker_id", alias = "ticket_id")]
    worker_id: String,
    /// End it now, and not at the end of what it is at
    #[serde(default)]
    kill: bool,
    /// The project; by default the working directory's
    #[serde(default)]
    project: Option<String>,
}

/// A worker that is being stopped.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Stopped {
    worker_id: String,
    /// Always terminated
    status: String,
    /// The ticket's state; it is held once its work is captured
    state: String,
    /// What wait_for_events takes as `after`
    seq: u64,
}

impl Answer for Stopped {}

pub(super) async fn stop_worker<P: Place>(
    server: &Server<P>,
    wish: StopWorker,
) -> Result<Stopped, Refusal> {
    let client = server.place.client();
    let ticket = server.ticket(&wish.worker_id, wish.project).await?;
    let verb = if wish.kill { Verb::Kill } else { Verb::Stop };
    let done = client.wish(&ticket, verb).await?;
    let detail = client.ticket(&ticket).await.map_err(|e| Refusal::from(e).after_change())?;
    Ok(Stopped {
        worker_id: ticket.key,
        status: "terminated".to_owned(),
        state: detail.ticket.state,
        seq: done.seq,
    })
}
