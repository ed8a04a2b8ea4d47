//! A person's repository, a node, and an orchestrator that is this test.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use gangline_domain::budget::Budget;
use gangline_domain::command::Report;
use gangline_domain::ids::{Actor, CommitId, Fence, JobId, JobKind, TicketId, Timestamp};
use gangline_domain::job::{
    Attempt, AttemptEnd, EndKind, Integration, JobResult, Lease, Left, Run, Snapshot, Start,
};
use gangline_domain::project::{
    AgentFacts, Budgets, LandingMode, Limits, Project, ProjectSettings, Retry, ReviewPolicy,
};
use gangline_domain::spec::TicketSpec;
use gangline_domain::ticket::{
    Answer, Approval, Landing, LandingStage, Phase, Queued, Said, Stage, Submission, Ticket,
    TicketState, Verified, Verifying, VerifyingStage, Working,
};
use gangline_domain::verdict;
use gangline_node::places::{JobPlaces, Places};
use gangline_node::{JobTiming, Launcher, Node, NodeConfig, NodeHandle, NodeTiming};
use gangline_policy::{MachineConfig, SandboxTier};
use gangline_ports::link::{
    ControlMessage, FromNode, Link, MESSAGE_VERSION, TaskDispatchMessage, ToNode,
};
use tempfile::TempDir;
use tokio::sync::mpsc;

/// How long anything in these tests may take.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) const POLICY: &str = r#"
[project]
key = "APP"
[checks.test]
run = "sh test.sh"
kind = "custom"
"#;

pub(crate) struct World {
    pub(crate) root: TempDir,
    pub(crate) repo: PathBuf,
    pub(crate) places: Places,
    pub(crate) config: NodeConfig,
    pub(crate) project: Project,
    pub(crate) node: NodeHandle,
    reports: mpsc::Receiver<FromNode>,
}

impl World {
    /// A repository with the policy committed, and a node over it.
    pub(crate) async fn new() -> Self {
        Self::with(POLICY, |_config| {}).await
    }

    pub(crate) async fn with(policy: &str, change: impl FnOnce(&mut NodeConfig)) -> Self {
        let root = tempfile::Builder::new().prefix("gl").tempdir().unwrap();
        let repo = root.path().join("repo");
        make_repo(&repo, policy);
        let places = Places { state: root.path().join("state"), runtime: root.path().join("run") };
        let mut config = config(&places);
        change(&mut config);
        let project = project(&repo);
        let (node, reports) = start(config.clone()).await;
        Self { root, repo, places, config, project, node, reports }
    }

    /// Ends the supervisor, as a daemon's death does, and starts another one.
    pub(crate) async fn restart_node(&mut self) {
        self.node.shutdown().await;
        let (node, reports) = start(self.config.clone()).await;
        (self.node, self.reports) = (node, reports);
    }

    pub(crate) async fn send(&self, message: ToNode) {
        self.node.send(self.node.id(), message).await.unwrap();
    }

    /// Asks for the ticket's job.
    pub(crate) async fn dispatch(&self, ticket: &Ticket) -> (JobId, Fence) {
        self.dispatch_until(ticket, now().plus_ms(60_000)).await
    }

    pub(crate) async fn dispatch_until(
        &self,
        ticket: &Ticket,
        deadline: Timestamp,
    ) -> (JobId, Fence) {
        let task = self.task(ticket, deadline);
        let key = (task.job.clone(), task.fence);
        self.send(ToNode::Dispatch(Box::new(task))).await;
        key
    }

    pub(crate) fn task(&self, ticket: &Ticket, deadline: Timestamp) -> TaskDispatchMessage {
        let run = ticket.run().expect("the ticket wants a job");
        TaskDispatchMessage {
            version: MESSAGE_VERSION,
            job: run.job,
            fence: run.lease.fence,
            target_agent_id: "local".to_owned(),
            deadline,
            ticket: ticket.clone(),
            project: self.project.clone(),
        }
    }

    pub(crate) fn control(job: &JobId, fence: Fence) -> ControlMessage {
        ControlMessage { version: MESSAGE_VERSION, job: job.clone(), fence }
    }

    /// The next message of any kind.
    pub(crate) async fn hear(&mut self) -> FromNode {
        let heard = tokio::time::timeout(PATIENCE, self.reports.recv()).await;
        heard.expect("the node says nothing").expect("the node is there")
    }

    /// The next report.
    pub(crate) async fn report(&mut self) -> Report {
        let reported = async {
            loop {
                if let FromNode::Result(report) = self.hear().await {
                    return *report;
                }
            }
        };
        tokio::time::timeout(PATIENCE, reported).await.expect("no report comes")
    }

    /// The end of this job; other reports are passed over.
    pub(crate) async fn end_of(&mut self, job: &JobId, fence: Fence) -> JobResult {
        loop {
            if let Report::Ended { job: ended, fence: under, result } = self.report().await
                && ended == *job
                && under == fence
            {
                return *result;
            }
        }
    }

    /// Whether a report comes within a moment.
    pub(crate) async fn hears_report_within(&mut self, wait: Duration) -> Option<Report> {
        tokio::time::timeout(wait, self.report()).await.ok()
    }

    pub(crate) async fn attempt(&mut self, ticket: &mut Ticket) -> AttemptEnd {
        let (job, fence) = self.dispatch(ticket).await;
        self.attempt_end(ticket, &job, fence).await
    }

    /// Hears an attempt to its end, and notes its base.
    pub(crate) async fn attempt_end(
        &mut self,
        ticket: &mut Ticket,
        job: &JobId,
        fence: Fence,
    ) -> AttemptEnd {
        loop {
            match self.report().await {
                Report::Based { base, .. } => attempt_of(ticket).base = Some(base),
                Report::Ended { job: ended, fence: under, result }
                    if ended == *job && under == fence =>
                {
                    let JobResult::Attempt(end) = *result else { panic!("{result:?}") };
                    return end;
                }
                _other => {}
            }
        }
    }

    /// Attempt and capture; the ticket is then captured.
    pub(crate) async fn worked(&mut self, ticket: &mut Ticket) -> (AttemptEnd, Snapshot) {
        let end = self.attempt(ticket).await;
        let snapshot = self.capture(ticket, end.clone()).await.expect("there is a worktree");
        (end, snapshot)
    }

    pub(crate) async fn capture(
        &mut self,
        ticket: &mut Ticket,
        end: AttemptEnd,
    ) -> Option<Snapshot> {
        capturing(ticket, end);
        let (job, fence) = self.dispatch(ticket).await;
        match self.end_of(&job, fence).await {
            JobResult::Captured(snapshot) => snapshot,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) async fn verify(
        &mut self,
        ticket: &mut Ticket,
        end: &AttemptEnd,
        snapshot: &Snapshot,
    ) -> verdict::Report {
        verifying(ticket, end, snapshot);
        let (job, fence) = self.dispatch(ticket).await;
        match self.end_of(&job, fence).await {
            JobResult::Verified(report) => report,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) async fn integrate(
        &mut self,
        ticket: &mut Ticket,
        report: &verdict::Report,
    ) -> Integration {
        landing(ticket, report);
        let (job, fence) = self.dispatch(ticket).await;
        match self.end_of(&job, fence).await {
            JobResult::Integrated(found) => found,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn job_places(&self, job: &JobId, fence: Fence) -> JobPlaces {
        self.places.job(job, fence)
    }

    /// git in the hub.
    pub(crate) fn hub(&self, args: &[&str]) -> String {
        git(&self.places.hub(&self.project.id), args)
    }

    /// Names of the hub's refs below a prefix.
    pub(crate) fn refs(&self, prefix: &str) -> Vec<String> {
        let listed = self.hub(&["for-each-ref", "--format=%(refname)", prefix]);
        listed.lines().map(str::to_owned).collect()
    }
}

async fn start(config: NodeConfig) -> (NodeHandle, mpsc::Receiver<FromNode>) {
    let (tell, reports) = mpsc::channel(1_024);
    (Node::start(config, tell).await.unwrap(), reports)
}

fn config(places: &Places) -> NodeConfig {
    let mut machine = MachineConfig::default();
    let kind = "scripted".parse().unwrap();
    machine.programs = BTreeMap::from([(kind, scripted_agent().to_owned())]);
    let launcher = Launcher { program: env!("CARGO_BIN_EXE_gangline-job").into(), args: vec![] };
    let mut config = NodeConfig::local(places.clone(), launcher, machine);
    config.job_timing = JobTiming { grace_ms: 1_500, ..JobTiming::default() };
    config.timing = NodeTiming {
        heartbeat: Duration::from_millis(200),
        poll: Duration::from_millis(20),
        overdue: Duration::from_secs(3),
        kill: Duration::from_secs(3),
    };
    config
}

/// Lets everything run without a sandbox.
pub(crate) fn without_sandbox(config: &mut NodeConfig) {
    config.machine.sandbox.tier = Some(SandboxTier::None);
    config.machine.sandbox.allow_none = true;
}

fn project(repo: &Path) -> Project {
    let scripted = AgentFacts {
        kind: "scripted".parse().unwrap(),
        model: None,
        max_concurrent: None,
        fallback: vec![],
        capabilities: [].into(),
    };
    let settings = ProjectSettings {
        repo: repo.display().to_string(),
        target: "main".parse().unwrap(),
        key_prefix: "APP".to_owned(),
        policy_sha256: String::new(),
        policy_snapshot: None,
        review: ReviewPolicy::None,
        reviewer: None,
        landing: LandingMode::Local,
        limits: Limits::default(),
        budgets: Budgets::default(),
        default_agent: "worker".parse().unwrap(),
        agents: BTreeMap::from([("worker".parse().unwrap(), scripted)]),
        retry: Retry::default(),
        schedules: BTreeMap::new(),
    };
    Project::new("shop".parse().unwrap(), settings)
}

pub(crate) fn make_repo(repo: &Path, policy: &str) {
    std::fs::create_dir_all(repo.join(".gangline/agents")).unwrap();
    git(repo, &["init", "-q", "-b", "main"]);
    let worker = "---\nname: worker\ndescription: plays scripts\nkind: scripted\n---\nPlay.\n";
    for (path, text) in [
        (".gangline/agents/worker.md", worker),
        ("gangline.toml", policy),
        ("README.md", "# Shop\n"),
        ("total.txt", "2.99\n"),
        ("test.sh", "grep -q . total.txt || exit 1\n"),
    ] {
        std::fs::write(repo.join(path), text).unwrap();
    }
    commit_all(repo, "Begin");
}

pub(crate) fn commit_all(repo: &Path, message: &str) -> CommitId {
    git(repo, &["add", "-A"]);
    git(repo, &["commit", "-q", "-m", message]);
    head(repo)
}

pub(crate) fn head(repo: &Path) -> CommitId {
    git(repo, &["rev-parse", "HEAD"]).parse().unwrap()
}

#[expect(clippy::disallowed_methods, reason = "a person's own git")]
pub(crate) fn git(dir: &Path, args: &[&str]) -> String {
    let output = std::process::Command::new("git")
        .args(["-c", "user.name=Person", "-c", "user.email=person@example.org"])
        .arg("-C")
        .arg(dir)
        .args(args)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "git {args:?}: {said}");
    String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
}

/// The agent's program, built when it is not there.
#[expect(clippy::disallowed_methods, reason = "cargo builds what a test of its own needs")]
pub(crate) fn scripted_agent() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let beside = Path::new(env!("CARGO_BIN_EXE_gangline-job"));
        let program = beside.with_file_name(gangline_agents::scripted::PROGRAM);
        if !program.exists() {
            let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
            let built = std::process::Command::new(cargo)
                .args(["build", "-q", "-p", "gangline-agents", "--bins"])
                .status()
                .unwrap();
            assert!(built.success() && program.exists(), "{} is missing", program.display());
        }
        program
    })
}

pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Timestamp(i64::try_from(since.as_micros()).unwrap())
}

/// Waits until something holds.
pub(crate) async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let started = Instant::now();
    while !holds() {
        assert!(started.elapsed() < PATIENCE, "never: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

pub(crate) fn fence(n: u64) -> Fence {
    Fence { epoch: 1, n }
}

fn lease(n: u64) -> Lease {
    Lease { node: "local".parse().unwrap(), fence: fence(n), granted_at: now() }
}

/// A ticket whose first attempt plays these steps.
pub(crate) fn ticket(number: u64, steps: &str) -> Ticket {
    let id: TicketId = format!("shop.APP-{number}").parse().unwrap();
    let body = format!("Do it.\n\n```gangline-script\nsteps:\n{steps}\n```\n");
    let spec = TicketSpec { body, ..TicketSpec::titled("Round the total") };
    let mut ticket = Ticket::new(id, spec, Actor::Person("ann".to_owned()), now());
    running(&mut ticket, Start::Fresh);
    ticket
}

fn next_job(ticket: &mut Ticket, kind: JobKind) -> JobId {
    ticket.jobs += 1;
    JobId { ticket: ticket.id.clone(), kind, n: ticket.jobs }
}

/// Lets the ticket's next attempt begin.
pub(crate) fn running(ticket: &mut Ticket, start: Start) {
    let job = next_job(ticket, JobKind::Attempt);
    let n = u64::from(job.n) * 10;
    let attempt = Attempt {
        job,
        try_no: u8::try_from(ticket.records.len() + 1).unwrap(),
        agent: "worker".parse().unwrap(),
        kind: "scripted".parse().unwrap(),
        model: None,
        start,
        base: None,
        started_at: now(),
        deadline: now().plus_ms(60_000),
        allotment: Budget::default(),
        external: None,
        lessons: vec![],
    };
    let stage = Stage::Running {
        lease: lease(n),
        questions: vec![],
        said: vec![],
        stop: None,
        alerts: vec![],
    };
    ticket.state = TicketState::Working(Working { attempt, stage });
}

/// The same job under a higher fence.
pub(crate) fn refenced(ticket: &mut Ticket) {
    let raise = |lease: &mut Lease| lease.fence.n += 1;
    match &mut ticket.state {
        TicketState::Working(Working { stage: Stage::Running { lease, .. }, .. }) => raise(lease),
        TicketState::Working(Working {
            stage: Stage::Capturing { phase: Phase::Runs(run), .. },
            ..
        })
        | TicketState::Verifying(Verifying {
            stage: VerifyingStage::Job(Phase::Runs(run)), ..
        })
        | TicketState::Landing(Landing {
            stage: LandingStage::Integrating { phase: Phase::Runs(run), .. },
            ..
        }) => raise(&mut run.lease),
        other => panic!("{other:?} has no fence"),
    }
}

/// What a person says to a question.
pub(crate) fn answer(question: String, text: &str) -> Said {
    Said::Answer(Answer { question, text: text.to_owned() })
}

pub(crate) fn attempt_of(ticket: &mut Ticket) -> &mut Attempt {
    match &mut ticket.state {
        TicketState::Working(Working { attempt, .. }) => attempt,
        other => panic!("{other:?} has no attempt"),
    }
}

fn phase(ticket: &mut Ticket, kind: JobKind) -> Phase {
    let job = next_job(ticket, kind);
    let n = u64::from(job.n) * 10;
    Phase::Runs(Run { job, lease: lease(n) })
}

pub(crate) fn capturing(ticket: &mut Ticket, end: AttemptEnd) {
    let phase = phase(ticket, JobKind::Capture);
    let TicketState::Working(Working { stage, .. }) = &mut ticket.state else { panic!() };
    let Stage::Running { lease, stop, .. } = stage.clone() else { panic!() };
    *stage = Stage::Capturing { end, lease, stop, phase };
}

pub(crate) fn left(ticket: &mut Ticket, end: &AttemptEnd, snapshot: &Snapshot) -> Left {
    let attempt = attempt_of(ticket);
    let left = Left {
        attempt: attempt.job.clone(),
        base: snapshot.base.clone(),
        head: snapshot.head.clone(),
        rescue: snapshot.rescue.clone(),
        session: end.session.clone(),
        agent: attempt.agent.clone(),
    };
    ticket.left = Some(left.clone());
    left
}

pub(crate) fn verifying(ticket: &mut Ticket, end: &AttemptEnd, snapshot: &Snapshot) {
    let attempt = attempt_of(ticket).clone();
    let submission = Submission {
        base: attempt.base.clone().expect("it was based"),
        attempt,
        snapshot: snapshot.clone(),
        claim: end.claim.clone(),
        no_change: false,
        by_person: end.how == EndKind::HandedBack,
        again: false,
        reviewed: None,
    };
    let phase = phase(ticket, JobKind::Verification);
    let Phase::Runs(Run { job, .. }) = &phase else { unreachable!() };
    ticket.state = TicketState::Verifying(Verifying {
        submission,
        job: job.clone(),
        inconclusive: 0,
        stage: VerifyingStage::Job(phase),
    });
}

pub(crate) fn landing(ticket: &mut Ticket, report: &verdict::Report) {
    let TicketState::Verifying(Verifying { submission, job, .. }) = &ticket.state else { panic!() };
    let verified = Verified {
        submission: submission.clone(),
        verification: job.clone(),
        tree: report.tree.clone(),
        policy_sha256: report.policy_sha256.clone(),
        doubts: vec![],
    };
    let approval = Approval { by: Actor::Policy, commit: report.commit.clone() };
    let entry = Queued { verified, approval, since: now() };
    let phase = phase(ticket, JobKind::Integration);
    let Phase::Runs(Run { job, .. }) = &phase else { unreachable!() };
    let stage = LandingStage::Integrating { job: job.clone(), inconclusive: 0, phase };
    ticket.state = TicketState::Landing(Landing { entry, voided: 0, stage });
}

/// An honest change: one commit of one file.
pub(crate) const HONEST: &str = r#"
  - say: Reading the ticket.
  - tool: { tool: Read, detail: "total.txt", paths: [total.txt] }
  - write: { path: total.txt, text: "3.00\n" }
  - commit: "${KEY}: round the total"
  - usage: { tokens: 120, cost_microusd: 5 }
  - claim: { summary: "rounded half up", commits: 1, files: [total.txt] }
  - say: Done."#;

/// No process.
pub(crate) const NOBODY: [u32; 0] = [];
