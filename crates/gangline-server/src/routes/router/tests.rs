mod door;
mod hooks;
mod lists;
mod malformed;
mod mcp;
mod oidc;
mod repeats;
mod streams;
mod workers;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::body::{Body, to_bytes};
use axum::http::Request;
use gangline_api::journal::{Diff, JournalLine};
use gangline_api::problem::Problem;
use gangline_api::version::IDEMPOTENCY_HEADER;
use gangline_domain::board::{Board, Done, Numbers};
use gangline_domain::command::Command;
use gangline_domain::decide::decide;
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

use super::*;
use crate::app::{Daemon, StopWish};
use crate::archive::{Assignment, DiffAsked, ReadProject, Worktree};
use crate::door::Guests;
use crate::hooks::Signing;

/// The rules without a machine: decides and applies at once, and nothing ever runs.
#[derive(Clone)]
struct Rules {
    inner: Arc<Mutex<(Board, Vec<Recorded>)>>,
    closed: Arc<Mutex<BTreeMap<TicketId, Ticket>>>,
    seq: Arc<watch::Sender<u64>>,
}

/// What all webhooks of tests are signed with.
const SIGNING_SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

const NOW: Timestamp = Timestamp(1_000_000);

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
        let events = decide(board, &command, &actor, NOW, &mut numbers)
            .map_err(gangline_engine::Denied::from)?;
        let mut ticket = None;
        for event in events {
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
struct NoFiles;

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
        }
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

fn settings() -> ProjectSettings {
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

struct World {
    router: Router,
    app: App<Rules, NoFiles>,
    wishes: watch::Receiver<StopWish>,
    ending: CancellationToken,
}

/// A daemon with the project `shop`.
async fn world() -> World {
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
    async fn ask(&self, line: &str, body: &str) -> String {
        self.ask_once("", line, body).await
    }

    /// The same under an idempotency key; without one when that is empty.
    async fn ask_once(&self, key: &str, line: &str, body: &str) -> String {
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
    async fn refused(&self, line: &str, body: &str) -> String {
        let answer = self.ask(line, body).await;
        let (status, body) = answer.split_once(' ').unwrap();
        let problem: Problem = serde_json::from_str(body).expect(&answer);
        assert_eq!(problem.status.to_string(), status);
        let hint = problem.hint.map(|hint| format!(" → {hint}")).unwrap_or_default();
        format!("{status} {}: {}{hint}", problem.code, problem.detail)
    }
}

const TICKETS: &str = "POST /projects/shop/tickets";

#[tokio::test]
async fn a_ticket_is_added_and_shown_with_what_it_waits_for() {
    let world = world().await;
    let added = world.ask(TICKETS, r#"{"title":"Faster carts","priority":"high"}"#).await;
    assert_eq!(added, r#"200 {"seq":2,"project":"shop","key":"APP-1"}"#);
    let shown = world.ask("GET /projects/shop/tickets/APP-1", "").await;
    let shown: serde_json::Value =
        serde_json::from_str(shown.strip_prefix("200 ").unwrap()).unwrap();
    let picked = ["key", "title", "state", "priority", "agent", "wait", "created_by"]
        .map(|field| shown[field].to_string());
    insta::assert_snapshot!(picked.join("\n"), @r#"
    "APP-1"
    "Faster carts"
    "open"
    "high"
    "worker"
    {"for":"node","text":"a node that can drive its agent"}
    "person:ann"
    "#);
}

#[tokio::test]
async fn each_kind_of_bad_input_has_its_code() {
    let world = world().await;
    world.ask(TICKETS, r#"{"title":"One","key":"APP-1"}"#).await;
    let asked = [
        (TICKETS, "{"),
        (TICKETS, r#"{"titel":"x"}"#),
        (TICKETS, r#"{"title":""}"#),
        (TICKETS, r#"{"title":"x","key":"APP-1"}"#),
        (TICKETS, r#"{"title":"x","key":"../../etc"}"#),
        (TICKETS, r#"{"title":"x","depends_on":["APP-9"]}"#),
        (TICKETS, r#"{"title":"x","key":"APP-3","depends_on":["APP-3"]}"#),
        (TICKETS, r#"{"title":"x","agent":"nobody"}"#),
        (TICKETS, r#"{"title":"x","priority":"urgent"}"#),
        (TICKETS, r#"{"title":"x","scope":["../a"]}"#),
        ("POST /projects/none/tickets", r#"{"title":"x"}"#),
        ("POST /projects/sh%2Fop/tickets", r#"{"title":"x"}"#),
        ("GET /projects/shop/tickets/APP-77", ""),
        ("GET /projects/shop/tickets/app-1", ""),
        ("POST /projects/shop/tickets/APP-1/approve", "{}"),
        ("POST /projects/shop/tickets/APP-1/dance", ""),
        ("POST /projects/shop/tickets/APP-1/answer", r#"{"text":"yes"}"#),
        ("POST /projects/shop/tickets/APP-1/take-over", ""),
        ("GET /projects/shop/tickets/APP-1/journal", ""),
        ("GET /projects/shop/tickets/APP-1/diff", ""),
        ("DELETE /projects/shop", ""),
        ("POST /circuits/claude/close", ""),
        ("POST /projects", r#"{"path":"shop"}"#),
        ("POST /projects", r#"{"path":"/home/bob/shop"}"#),
        ("GET /events?key=APP-1", ""),
        ("GET /events?afer=1", ""),
        ("GET /nowhere", ""),
        ("PUT /status", ""),
    ];
    let mut answers = vec![];
    for (line, body) in asked {
        answers.push(world.refused(line, body).await);
    }
    insta::assert_snapshot!(answers.join("\n"), @"
    400 bad_request: EOF while parsing an object at line 1 column 1
    400 bad_request: unknown field `titel`, expected one of `key`, `title`, `body`, `priority`, `labels`, `depends_on`, `scope`, `permits`, `agent`, `capabilities`, `deliverable`, `brief`, `external_ref`, `budget`, `draft` at line 1 column 8
    422 bad_ticket: the title is empty → gangline add --help
    409 duplicate_key: shop.APP-1 exists already → gangline show APP-1
    422 bad_name: `../../etc` is not a ticket key such as APP-12: it has no dash → gangline list --all
    422 unknown_dependency: APP-2 cannot depend on APP-9: there is no such ticket → gangline list --all
    422 dependency_cycle: these tickets would wait for one another: APP-3 → APP-3 → leave the dependency out
    422 unknown_agent: project shop has no agent nobody; it has worker → choose one of these, or write .gangline/agents/nobody.md
    422 bad_ticket: `urgent` is not a priority; one is critical, high, medium or low → gangline add --help
    422 bad_ticket: `../a` is not a path pattern: it must stay below the repository's root → gangline add --help
    404 no_such_project: there is no project none → gangline project list
    422 bad_name: `sh/op` is not a project name: only a-z, 0-9 and - are allowed → gangline project list
    404 no_such_ticket: there is no ticket shop.APP-77 → gangline list --all
    422 bad_name: `app-1` is not a ticket key such as APP-12: it must begin with A-Z → gangline list --all
    409 wrong_state: shop.APP-1 is open; approve needs it to be in review → gangline show APP-1
    404 no_such_route: there is no such route
    404 no_such_question: shop.APP-1 has no open question → gangline show APP-1
    409 wrong_state: shop.APP-1 is open; take over needs it to be working, escalated, held or waiting → gangline show APP-1
    404 no_such_journal: no agent has worked on shop.APP-1 yet → gangline show APP-1
    409 nothing_to_show: no attempt of shop.APP-1 has left a commit yet → gangline show APP-1
    409 project_in_use: project shop has 1 live tickets, such as APP-1 → gangline list --project shop
    409 circuit_not_open: the circuit of agent kind claude is not open → gangline doctor
    400 bad_request: `path` must be absolute
    409 project_name_taken: project shop is the repository /home/ann/shop → give this one its own [project] name in gangline.toml
    400 bad_request: `key` needs `project`
    400 bad_request: Failed to deserialize query string: afer: unknown field `afer`, expected one of `after`, `limit`, `wait_ms`, `project`, `key`, `types`
    404 no_such_route: there is no such route
    405 method_not_allowed: the route does not take this method
    ");
}

#[tokio::test]
async fn an_import_is_checked_as_a_whole_before_anything_is_added() {
    let world = world().await;
    let import = "POST /projects/shop/imports";
    let cycle = r#"{"tickets":[{"key":"APP-1","title":"a","depends_on":["APP-2"]},
        {"key":"APP-2","title":"b","depends_on":["APP-1"]}]}"#;
    let unknown = r#"{"tickets":[{"key":"APP-1","title":"a"},
        {"key":"APP-2","title":"b","depends_on":["APP-9"]}]}"#;
    let twice = r#"{"tickets":[{"key":"APP-1","title":"a"},{"key":"APP-1","title":"b"}]}"#;
    let mut answers = vec![];
    for bad in [cycle, unknown, twice] {
        answers.push(world.refused(import, bad).await);
    }
    answers.push(world.ask("GET /tickets", "").await);
    let good = r#"{"tickets":[{"key":"APP-1","title":"a","depends_on":["APP-2"]},
        {"key":"APP-2","title":"b"}]}"#;
    answers.push(world.ask(import, good).await);
    answers.push(world.ask(import, good).await);
    let changed = r#"{"tickets":[{"key":"APP-2","title":"other"}]}"#;
    answers.push(world.refused(import, changed).await);
    insta::assert_snapshot!(answers.join("\n"), @r#"
    422 dependency_cycle: these tickets would wait for one another: APP-1 → APP-2 → APP-1 → leave the dependency out
    422 unknown_dependency: APP-2 cannot depend on APP-9: there is no such ticket → gangline list --all
    409 duplicate_key: APP-1 stands in the import twice
    200 {"tickets":[]}
    200 {"added":["APP-2","APP-1"],"unchanged":[]}
    200 {"added":[],"unchanged":["APP-2","APP-1"]}
    409 duplicate_key: shop.APP-2 exists already → gangline show APP-2
    "#);
}

#[tokio::test]
async fn a_ticket_is_split_into_parts_that_say_where_they_come_from() {
    let world = world().await;
    world.ask(TICKETS, r#"{"title":"Schema"}"#).await;
    let whole = r#"{"title":"Carts and totals","body":"Faster.\n\n```x\n```","priority":"high",
        "labels":["perf"],"depends_on":["APP-1"],"scope":["src/**"],"permits":["tests/cart/**"],
        "agent":"worker","external_ref":"105"}"#;
    world.ask(TICKETS, whole).await;
    world.ask(TICKETS, r#"{"title":"Taken","key":"APP-4"}"#).await;
    world.ask(TICKETS, r#"{"title":"Waits","key":"APP-9","depends_on":["APP-2"]}"#).await;
    let split = "POST /projects/shop/tickets/APP-2/split";
    let wish = r#"{"parts":["Carts\nOnly the carts.","Totals"]}"#;
    let answer = world.ask_once("once", split, wish).await;
    assert_eq!(answer, r#"200 {"added":["APP-10","APP-11"],"dependents":["APP-9"]}"#);
    assert_eq!(world.ask_once("once", split, wish).await, answer, "a repeat is answered alike");
    let mut told = vec![];
    for key in ["APP-10", "APP-11"] {
        let shown = world.ask(&format!("GET /projects/shop/tickets/{key}"), "").await;
        let shown: serde_json::Value =
            serde_json::from_str(shown.strip_prefix("200 ").unwrap()).unwrap();
        let fields = ["title", "priority", "labels", "scope", "permits", "agent", "external_ref"];
        told.extend(fields.map(|field| shown[field].to_string()));
        told.extend(shown["depends_on"].as_array().unwrap().iter().map(|on| on["key"].to_string()));
        told.push(shown["body"].as_str().unwrap().to_owned());
    }
    insta::assert_snapshot!(told.join("\n"), @r##"
    "Carts"
    "high"
    ["perf"]
    ["src/**"]
    ["tests/cart/**"]
    "worker"
    "105"
    "APP-1"
    Only the carts.

    Part 1 of 2 of APP-2, which was split; the rest is for APP-11. Do this part only. APP-2 is “Carts and totals”. It asked for:

    > Faster.
    >
    > ```x
    > ```
    "Totals"
    "high"
    ["perf"]
    ["src/**"]
    ["tests/cart/**"]
    "worker"
    "105"
    "APP-1"
    "APP-10"
    Part 2 of 2 of APP-2, which was split; the rest is for APP-10. Do this part only. APP-2 is “Carts and totals”. It asked for:

    > Faster.
    >
    > ```x
    > ```
    "##);
    let again = world.refused(split, wish).await;
    assert!(again.starts_with("409 ticket_closed"), "{again}");
}

#[tokio::test]
async fn a_split_that_is_refused_changes_nothing() {
    let world = world().await;
    world.ask(TICKETS, r#"{"title":"Carts"}"#).await;
    let split = "POST /projects/shop/tickets/APP-1/split";
    let nine = serde_json::json!({ "parts": vec!["x"; 9] }).to_string();
    let mut answers = vec![];
    for wish in [r#"{"parts":["one"]}"#, &nine, r#"{"parts":["one"," "]}"#] {
        answers.push(world.refused(split, wish).await);
    }
    let unknown = "POST /projects/shop/tickets/APP-7/split";
    answers.push(world.refused(unknown, r#"{"parts":["a","b"]}"#).await);
    insta::assert_snapshot!(answers.join("\n"), @r##"
    400 bad_request: a ticket is split into 2 to 8 parts, not 1 → gangline split --help
    400 bad_request: a ticket is split into 2 to 8 parts, not 9 → gangline split --help
    422 bad_ticket: the title is empty → gangline add --help
    404 no_such_ticket: there is no ticket shop.APP-7 → gangline list --all
    "##);
    let listed = world.ask("GET /tickets", "").await;
    assert!(listed.contains("APP-1") && !listed.contains("APP-2"), "{listed}");
}

#[tokio::test]
async fn parts_may_go_on_at_once_and_drop_what_was_cancelled() {
    let world = world().await;
    for title in [r#"{"title":"Gone"}"#, r#"{"title":"Carts","depends_on":["APP-1"]}"#] {
        world.ask(TICKETS, title).await;
    }
    world.ask("POST /projects/shop/tickets/APP-1/cancel", "").await;
    let split = "POST /projects/shop/tickets/APP-2/split";
    let answer = world.ask(split, r#"{"parts":["a","b","c"],"parallel":true}"#).await;
    assert_eq!(answer, r#"200 {"added":["APP-3","APP-4","APP-5"],"dependents":[]}"#);
    let last = world.ask("GET /projects/shop/tickets/APP-5", "").await;
    assert!(last.contains(r#""depends_on":[]"#), "{last}");
    assert!(world.ask("GET /tickets", "").await.matches(r#""state":"open""#).count() == 3);
}

#[tokio::test]
async fn a_reader_of_events_misses_nothing_and_waits_for_news() {
    let world = world().await;
    let first = world.ask("GET /events?after=0", "").await;
    assert!(first.contains("project_configured") && first.ends_with(r#""next":1}"#), "{first}");
    let (news, _) = tokio::join!(
        world.ask("GET /events?after=1&wait_ms=30000&project=shop&key=APP-1", ""),
        world.ask(TICKETS, r#"{"title":"One"}"#),
    );
    insta::assert_snapshot!(news, @r#"200 {"events":[{"seq":2,"at_us":1000000,"actor":"person:ann","type":"ticket_added","project":"shop","key":"APP-1","text":"added: One"}],"next":2}"#);
    let nothing = world.ask("GET /events?after=2&wait_ms=1", "").await;
    assert_eq!(nothing, r#"200 {"events":[],"next":2}"#);
}

#[tokio::test]
async fn requests_that_wait_are_answered_when_the_daemon_ends() {
    let world = world().await;
    let wait = world.ask("GET /events?after=9&wait_ms=60000", "");
    let end = async { world.ending.cancel() };
    let (answer, ()) = tokio::join!(wait, end);
    assert_eq!(answer, r#"200 {"events":[],"next":9}"#);
}

#[tokio::test]
async fn registering_again_changes_only_what_changed() {
    let world = world().await;
    let again = world.ask("POST /projects", r#"{"path":"/home/ann/shop"}"#).await;
    assert!(again.contains(r#""change":"unchanged","notes":["a note"]"#), "{again}");
    world.ask("POST /projects/shop/pause", "").await;
    let shown = world.ask("GET /projects/shop", "").await;
    assert!(shown.contains(r#""paused":true"#), "{shown}");
}

#[tokio::test]
async fn the_wish_to_end_reaches_the_daemon() {
    let world = world().await;
    let answer = world.ask("POST /shutdown", r#"{"jobs":true}"#).await;
    assert_eq!(answer, r#"200 {"pid":7,"jobs":0}"#);
    assert_eq!(*world.wishes.borrow(), StopWish::StopJobs);
}

#[tokio::test]
async fn a_body_has_a_bound() {
    let world = world().await;
    let long = format!(r#"{{"title":"{}"}}"#, "x".repeat(BODY_BYTES_MAX));
    let refused = world.refused(TICKETS, &long).await;
    assert_eq!(refused, "413 body_too_large: the request has too many bytes");
}

#[tokio::test]
async fn sessions_that_cannot_be_are_refused_with_a_code_of_their_own() {
    let world = world().await;
    let code = async |line: &str, body: &str| {
        let told = world.refused(line, body).await;
        told.split(':').next().unwrap_or_default().to_owned()
    };
    let register = "POST /projects/shop/external";
    assert_eq!(code(register, r#"{"id":"one"}"#).await, "422 unknown_agent");
    assert_eq!(code(register, r#"{"id":"one","agent":"worker"}"#).await, "422 not_external");
    let far = r#"{"id":"one","agent":"worker","webhook":"http://192.0.2.1/"}"#;
    assert_eq!(code(register, far).await, "400 bad_request");
    assert_eq!(code(register, r#"{"id":"../one"}"#).await, "422 bad_name");
    let of = "/projects/shop/external/one";
    assert_eq!(code(&format!("GET {of}/work"), "").await, "404 no_such_external");
    assert_eq!(code(&format!("GET {of}/work?after=x"), "").await, "400 bad_request");
    assert_eq!(code(&format!("POST {of}/heartbeat"), "{}").await, "404 no_such_external");
    assert_eq!(code(&format!("DELETE {of}"), "").await, "404 no_such_external");
    world.ask(TICKETS, r#"{"title":"Faster carts"}"#).await;
    let submit = format!("POST {of}/submit");
    let given = r#"{"issue":"APP-1","fence":"1-1","summary":"done"}"#;
    assert_eq!(code(&submit, given).await, "409 not_assigned");
    let unknown = r#"{"issue":"APP-1","fence":"1-1","status":"maybe"}"#;
    assert_eq!(code(&submit, unknown).await, "400 bad_request");
    let wordless = r#"{"issue":"APP-1","fence":"1-1","status":"gave_up"}"#;
    assert_eq!(code(&submit, wordless).await, "400 bad_request");
    assert_eq!(world.ask("GET /projects/shop/external", "").await, r#"200 {"sessions":[]}"#);
}

#[tokio::test]
async fn lessons_are_added_found_and_taken_out() {
    let world = world().await;
    let lessons = "/projects/shop/lessons";
    let add = format!("POST {lessons}");
    let text = r#"{"text":"run sqlx\nprepare","class":"compile","paths":["db/**"],"level":"c2"}"#;
    let added = world.ask(&add, text).await;
    assert!(
        added.starts_with(r#"200 {"id":"L1","text":"run sqlx prepare","level":"c2""#),
        "{added}"
    );
    world.ask(&add, r#"{"text":"paint the doors"}"#).await;
    let found = world.ask(&format!("GET {lessons}?search=door+prepare&limit=1"), "").await;
    assert!(found.contains("L2") && !found.contains("L1"), "{found}");
    let refused = async |line: &str, body: &str| {
        let told = world.refused(line, body).await;
        told.split(':').next().unwrap_or_default().to_owned()
    };
    assert_eq!(refused(&add, r#"{"text":" "}"#).await, "422 bad_text");
    assert_eq!(refused(&add, r#"{"text":"x","class":"bad luck"}"#).await, "400 bad_request");
    assert_eq!(refused(&add, r#"{"text":"x","level":"c3"}"#).await, "400 bad_request");
    assert_eq!(refused("GET /projects/none/lessons", "").await, "404 no_such_project");
    let delete = format!("DELETE {lessons}/L1");
    assert!(world.ask(&delete, "").await.starts_with("200 "));
    assert_eq!(refused(&delete, "").await, "404 no_such_lesson");
    assert_eq!(refused(&format!("DELETE {lessons}/first"), "").await, "400 bad_request");
    let left = world.ask(&format!("GET {lessons}"), "").await;
    assert!(left.contains("L2") && !left.contains("L1"), "{left}");
}
