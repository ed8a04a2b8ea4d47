//! A daemon without a machine: the rules, the routes, and no files.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::body::{Body, to_bytes};
use axum::http::Request;
use gangline_api::doctor::{CheckUp, Finding, Health};
use gangline_api::journal::{Diff, JournalLine};
use gangline_api::problem::Problem;
use gangline_api::version::IDEMPOTENCY_HEADER;
use gangline_domain::board::{Answers, Board, Done, Numbers};
use gangline_domain::command::Command;
use gangline_domain::decide::decide;
use gangline_domain::drain;
use gangline_domain::event::Recorded;
use gangline_domain::ids::{
    Actor, AgentKind, Fence, IdempotencyKey, JobId, ProjectId, ScheduleName, TicketId, Timestamp,
};
use gangline_domain::project::{
    AgentFacts, Budgets, LandingMode, Limits, Project, ProjectSettings, Retry, ReviewPolicy,
};
use gangline_domain::schedule::{ScheduleSettings, ScheduleText};
use gangline_domain::secret::Secret;
use gangline_domain::spec::Priority;
use gangline_domain::ticket::Ticket;
use gangline_engine::{CommandError, Durability, NodesView};
use gangline_mcp::{Refusal, TicketFile};
use gangline_ports::Past;
use gangline_ports::store::{ClosedPlace, StoreError};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use super::super::*;
use super::oidc;
use crate::app::{Daemon, StopWish};
use crate::archive::{Assignment, DiffAsked, OfDaemon, ReadProject, Worktree};
use crate::hooks::Signing;

/// The rules without a machine: decides and applies at once, and nothing ever runs.
#[derive(Clone)]
pub(super) struct Rules {
    pub(super) inner: Arc<Mutex<(Board, Vec<Recorded>)>>,
    closed: Arc<Mutex<BTreeMap<TicketId, Ticket>>>,
    pub(super) seq: Arc<watch::Sender<u64>>,
}

/// What all webhooks of tests are signed with.
pub(super) const SIGNING_SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

pub(super) const NOW: Timestamp = Timestamp(1_000_000);

impl Orchestrator for Rules {
    type Past = Self;

    async fn command(
        &self,
        actor: Actor,
        key: Option<IdempotencyKey>,
        command: Command,
    ) -> Result<Done, CommandError> {
        let mut inner = self.inner.lock().unwrap();
        let (board, past) = &mut *inner;
        if let Some(done) = key.as_ref().and_then(|key| board.answers.get(key)) {
            return Ok(done.cloned().map_err(gangline_engine::Denied::from)?);
        }
        let mut numbers = Numbers::of(board, 1);
        drain::known(board, &command, |node| node.as_str() == "local")
            .map_err(gangline_engine::Denied::from)?;
        let events = decide(board, &command, &actor, NOW, &mut numbers)
            .map_err(gangline_engine::Denied::from)?;
        let mut ticket = None;
        for event in Answers::known_by(key.as_ref(), events) {
            ticket = event.ticket().cloned().or(ticket);
            let (seq, at) = (board.seq + 1, NOW);
            let recorded =
                Recorded { seq, epoch: 1, at, actor: actor.clone(), key: key.clone(), event };
            board.evolve(&recorded);
            for closed in board.take_closed() {
                self.closed.lock().unwrap().insert(closed.id.clone(), closed);
            }
            past.push(recorded);
        }
        self.seq.send_replace(board.seq);
        Ok(Done { seq: board.seq, ticket })
    }

    fn read<R>(&self, look: impl FnOnce(&Board) -> R) -> R {
        look(&self.inner.lock().unwrap().0)
    }

    fn nodes(&self) -> Arc<NodesView> {
        Arc::default()
    }

    fn seq(&self) -> watch::Receiver<u64> {
        self.seq.subscribe()
    }

    fn committed(&self) -> u64 {
        *self.seq.borrow()
    }

    fn past(&self) -> &Self {
        self
    }

    fn durability(&self) -> Durability {
        Durability { events: 2, waited_us: 3_000_000 }
    }
}

impl Past for Rules {
    async fn events(&self, after: u64, limit: u32) -> Result<Vec<Recorded>, StoreError> {
        let inner = self.inner.lock().unwrap();
        let found = inner.1.iter().filter(|recorded| recorded.seq > after);
        Ok(found.take(limit as usize).cloned().collect())
    }

    async fn events_of(
        &self,
        ticket: &TicketId,
        after: u64,
        limit: u32,
    ) -> Result<Vec<Recorded>, StoreError> {
        let inner = self.inner.lock().unwrap();
        let found = inner.1.iter().filter(|r| r.seq > after && r.event.ticket() == Some(ticket));
        Ok(found.take(limit as usize).cloned().collect())
    }

    async fn ticket(&self, ticket: &TicketId) -> Result<Option<Ticket>, StoreError> {
        let live = self.read(|board| board.ticket(ticket).cloned());
        Ok(live.or_else(|| self.closed.lock().unwrap().get(ticket).cloned()))
    }

    async fn closed_tickets(
        &self,
        project: &ProjectId,
        after: Option<&ClosedPlace>,
        limit: u32,
    ) -> Result<Vec<Ticket>, StoreError> {
        let closed = self.closed.lock().unwrap();
        let of_it = closed.values().filter(|ticket| ticket.id.project == *project);
        let mut found: Vec<Ticket> = of_it
            .filter(|ticket| {
                after.is_none_or(|after| (ticket.since, &ticket.id) < (after.since, &after.ticket))
            })
            .cloned()
            .collect();
        found.sort_by(|one, other| (other.since, &other.id).cmp(&(one.since, &one.id)));
        found.truncate(limit as usize);
        Ok(found)
    }
}

/// Files that are not there, but for one project.
pub(super) struct NoFiles;

impl Archive for NoFiles {
    async fn read_project(&self, path: &std::path::Path) -> Result<ReadProject, Box<Problem>> {
        let settings = ProjectSettings { repo: path.display().to_string(), ..settings() };
        let id = if path.ends_with("cave") { "cave" } else { "shop" };
        Ok(ReadProject {
            id: id.parse().unwrap(),
            settings,
            policy: "# a policy\n".into(),
            notes: vec!["a note".into()],
        })
    }

    async fn journal(
        &self,
        job: &JobId,
        _: u64,
        _: u64,
    ) -> Result<(Vec<JournalLine>, u64), Box<Problem>> {
        Err(Box::new(Problem::new(codes::no_such_journal, format!("{job} has none"))))
    }

    async fn brief(&self, job: &JobId) -> Result<String, Box<Problem>> {
        Err(Box::new(Problem::new(codes::no_such_journal, format!("{job} has none"))))
    }

    async fn check_log(
        &self,
        _: &Project,
        (job, check): (&JobId, &str),
        from: u64,
        _: u64,
    ) -> Result<(String, u64, u64), Box<Problem>> {
        let text = format!("{check} of {job} from {from}");
        Ok((text, 40, 40))
    }

    async fn diff(&self, _: &Project, _: &DiffAsked) -> Result<Diff, Box<Problem>> {
        Err(Box::new(Problem::new(codes::nothing_to_show, "nothing")))
    }

    fn assignment(&self, _: &JobId, _: Fence) -> Option<Assignment> {
        None
    }

    fn worked_in(&self, _: &JobId) -> Worktree {
        Worktree::default()
    }

    fn tier(&self, _: &JobId) -> Option<String> {
        None
    }

    async fn planned(&self, _: &Project, ticket: &Ticket) -> Worktree {
        let name = ticket.spec.external_ref.clone().unwrap_or_default();
        let path = format!("/state/worktrees/shop/worker-{}", ticket.id.key).into();
        Worktree { path: Some(path), branch: Some(format!("feature/ticket-{name}")) }
    }

    async fn ticket_text(&self, _: &Project, folder: &std::path::Path) -> Option<String> {
        folder.ends_with("105").then(|| "# Ticket 105\n\nAll of it.\n".to_owned())
    }

    async fn ticket_file(&self, _: &Project, path: &str) -> Result<TicketFile, Refusal> {
        match path {
            "105" => Ok(TicketFile::Text("All of it.".to_owned())),
            other => Err(Refusal::new("bad_ticket", format!("{other} is not there"))),
        }
    }

    async fn scheduled_text(
        &self,
        _project: &Project,
        schedule: &ScheduleSettings,
    ) -> Result<(String, String), Box<Problem>> {
        match &schedule.text {
            ScheduleText::Written { title, body } => Ok((title.clone(), body.clone())),
            ScheduleText::File(file) => {
                let problem = Problem::new(codes::bad_ticket, format!("{file} is not there"));
                Err(Box::new(problem))
            }
        }
    }

    fn next_due(&self, _schedule: &ScheduleSettings, now: Timestamp) -> Option<Timestamp> {
        Some(now.plus_ms(60_000))
    }

    async fn signing_secret(&self, of: Signing<'_>) -> Result<Secret, String> {
        match of {
            Signing::Webhook(_) | Signing::Intake("tracker") => {
                Ok(Secret::new(SIGNING_SECRET).unwrap())
            }
            Signing::Intake(_) => Err("env://S is not set".to_owned()),
            Signing::OidcClient => Ok(Secret::new("a secret: of the client").unwrap()),
            Signing::WorkersKey => Ok(Secret::new(oidc::SHARED).unwrap()),
            Signing::WorkersKeys => Ok(Secret::new(oidc::key_file()).unwrap()),
            Signing::Traces(header) => Err(format!("{header} is none of this test")),
        }
    }

    async fn check_up(&self, said: OfDaemon) -> CheckUp {
        let OfDaemon { status, projects, webhooks } = said;
        let (projects, webhooks) = (projects.projects.len(), webhooks.webhooks.len());
        let found = format!("process {}, {projects} projects, {webhooks} webhooks", status.pid);
        let nothing = Finding::new(Health::Bad, "disk", "full").next("make space there");
        CheckUp::of(vec![Finding::new(Health::Good, "daemon", found), nothing])
    }

    fn worktree(&self, _: &Project, _: &Ticket) -> Worktree {
        Worktree::default()
    }
}

/// A schedule whose text is a file that is not there, when it is weekly.
fn schedule(name: &str) -> (ScheduleName, ScheduleSettings) {
    let text = match name {
        "weekly" => ScheduleText::File("chores/weekly.md".to_owned()),
        _other => ScheduleText::Written { title: "Tidy up".to_owned(), body: String::new() },
    };
    let settings = ScheduleSettings {
        cron: "0 6 * * 1".to_owned(),
        timezone: "UTC".to_owned(),
        text,
        agent: None,
        priority: Priority::Low,
        labels: ["chore".to_owned()].into(),
        enabled: name != "weekly",
    };
    (name.parse().unwrap(), settings)
}

pub(super) fn settings() -> ProjectSettings {
    let kind: AgentKind = "scripted".parse().unwrap();
    let agent = AgentFacts {
        kind,
        model: None,
        max_concurrent: None,
        fallback: vec![],
        capabilities: [].into(),
    };
    ProjectSettings {
        repo: "/home/ann/shop".to_owned(),
        target: "main".parse().unwrap(),
        key_prefix: "APP".to_owned(),
        policy_sha256: "0".repeat(64),
        policy_snapshot: None,
        review: ReviewPolicy::None,
        reviewer: None,
        landing: LandingMode::Local,
        limits: Limits::default(),
        budgets: Budgets::default(),
        default_agent: "worker".parse().unwrap(),
        agents: [("worker".parse().unwrap(), agent)].into(),
        retry: Retry::default(),
        schedules: ["nightly", "weekly"].map(schedule).into(),
    }
}

pub(super) struct World {
    pub(super) router: Router,
    pub(super) app: App<Rules, NoFiles>,
    pub(super) wishes: watch::Receiver<StopWish>,
    pub(super) ending: CancellationToken,
}

/// A daemon with the project `shop`.
pub(super) async fn world() -> World {
    let (seq, _) = watch::channel(0);
    let rules = Rules { inner: Arc::default(), closed: Arc::default(), seq: Arc::new(seq) };
    let daemon = Daemon {
        pid: 7,
        started_at: NOW,
        socket: "/run/s".into(),
        state_dir: "/state".into(),
        log: "/state/log".into(),
        agents_max: 12,
        http: Some("127.0.0.1:3001".into()),
    };
    let ending = CancellationToken::new();
    let (app, wishes) = App::new(rules, NoFiles, daemon, ending.clone());
    let world = World { router: socket_router(app.clone()), app, wishes, ending };
    world.ask("POST /projects", r#"{"path":"/home/ann/shop"}"#).await;
    world
}

impl World {
    /// The only place that knows how a request is made.
    pub(super) async fn ask(&self, line: &str, body: &str) -> String {
        self.ask_once("", line, body).await
    }

    /// The same under an idempotency key; without one when that is empty.
    pub(super) async fn ask_once(&self, key: &str, line: &str, body: &str) -> String {
        let (method, path) = line.split_once(' ').unwrap();
        let request = Request::builder()
            .method(method)
            .uri(format!("/api/v1{path}"))
            .header("gangline-person", "ann")
            .body(Body::from(body.to_owned()));
        let mut request = request.unwrap();
        if !key.is_empty() {
            request.headers_mut().insert(IDEMPOTENCY_HEADER, key.parse().unwrap());
        }
        let response = self.router.clone().oneshot(request).await.unwrap();
        assert_eq!(response.headers()["gangline-api"], "1", "{line}");
        let status = response.status().as_u16();
        let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
        format!("{status} {}", String::from_utf8_lossy(&body))
    }

    /// Status, code and detail of a refusal.
    pub(super) async fn refused(&self, line: &str, body: &str) -> String {
        let answer = self.ask(line, body).await;
        let (status, body) = answer.split_once(' ').unwrap();
        let problem: Problem = serde_json::from_str(body).expect(&answer);
        assert_eq!(problem.status.to_string(), status);
        let hint = problem.hint.map(|hint| format!(" → {hint}")).unwrap_or_default();
        format!("{status} {}: {}{hint}", problem.code, problem.detail)
    }
}
