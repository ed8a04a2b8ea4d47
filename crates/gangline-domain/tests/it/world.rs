//! A whole world for a test: a board, nodes, a clock, and whatever a test says happens.

use std::collections::{BTreeMap, BTreeSet};

use gangline_domain::board::{Board, BoardRows, Numbers};
use gangline_domain::budget::Usage;
use gangline_domain::command::{Command, Heard, Refusal, Report};
use gangline_domain::decide::{decide, hear};
use gangline_domain::event::{Event, Recorded, TicketEvent};
use gangline_domain::ids::{
    Actor, AgentKind, AgentName, CommitId, Fence, JobId, NodeId, ProjectId, TicketId, Timestamp,
    TreeId,
};
use gangline_domain::job::{
    AttemptEnd, Candidate, EndKind, Infra, Integration, JobResult, Question, Snapshot, Swap,
};
use gangline_domain::plan::{Focus, NodeFacts, Nodes, Wait, plan, waits_for};
use gangline_domain::project::{
    AgentFacts, Budgets, LandingMode, Limits, ProjectSettings, Retry, ReviewPolicy,
};
use gangline_domain::spec::TicketSpec;
use gangline_domain::ticket::{
    Cause, HeldFrom, LandingStage, ParkedFor, Phase, Stage, Ticket, TicketState, VerifyingStage,
};
use gangline_domain::verdict::{CheckResult, Claim, Report as Measured, Verdict};

/// Midnight of some day, in UTC.
pub(crate) const START: Timestamp = Timestamp(20_000 * 86_400_000_000);
/// Turns after which a plan that has not come to rest never will.
const TURNS_MAX: u32 = 1_000;

pub(crate) fn project() -> ProjectId {
    "shop".parse().unwrap()
}

pub(crate) fn id(key: &str) -> TicketId {
    TicketId { project: project(), key: key.parse().unwrap() }
}

pub(crate) fn node(name: &str) -> NodeId {
    name.parse().unwrap()
}

pub(crate) fn agent(name: &str) -> AgentName {
    name.parse().unwrap()
}

pub(crate) fn kind(name: &str) -> AgentKind {
    name.parse().unwrap()
}

pub(crate) fn commit(n: u64) -> CommitId {
    format!("{n:040x}").parse().unwrap()
}

pub(crate) fn tree(n: u64) -> TreeId {
    format!("{n:040x}").parse().unwrap()
}

pub(crate) fn anna() -> Actor {
    Actor::Person("anna".to_owned())
}

/// A project that asks nobody for approval, with a definition that has a fallback.
pub(crate) fn settings() -> ProjectSettings {
    let facts = |kind: &str, fallback: Option<&str>| AgentFacts {
        kind: kind.parse().unwrap(),
        model: None,
        max_concurrent: None,
        fallback: fallback.map(agent).into_iter().collect(),
        capabilities: BTreeSet::new(),
    };
    ProjectSettings {
        repo: "/home/anna/shop".to_owned(),
        target: "main".parse().unwrap(),
        key_prefix: "APP".to_owned(),
        policy_sha256: "0".repeat(64),
        policy_snapshot: None,
        review: ReviewPolicy::None,
        reviewer: None,
        landing: LandingMode::Local,
        limits: Limits::default(),
        budgets: Budgets::default(),
        default_agent: agent("ticket-worker"),
        agents: BTreeMap::from([
            (agent("ticket-worker"), facts("scripted", None)),
            (agent("careful"), facts("scripted", Some("strong"))),
            (agent("strong"), facts("claude", None)),
        ]),
        retry: Retry::default(),
        schedules: BTreeMap::new(),
    }
}

fn facts(slots: u32, kinds: &BTreeSet<AgentKind>) -> NodeFacts {
    NodeFacts { slots, kinds: kinds.clone(), jobs: BTreeSet::new() }
}

/// Nodes that can drive everything.
pub(crate) fn nodes(slots: &[(&str, u32)]) -> Nodes {
    let kinds: BTreeSet<AgentKind> = [kind("scripted"), kind("claude")].into();
    let alive = slots.iter().map(|(name, slots)| (node(name), facts(*slots, &kinds)));
    Nodes { alive: alive.collect(), dead: BTreeSet::new(), agents_max: 12 }
}

#[derive(Debug, Clone)]
pub(crate) struct World {
    pub(crate) board: Board,
    pub(crate) nodes: Nodes,
    pub(crate) now: Timestamp,
    pub(crate) epoch: u64,
    pub(crate) log: Vec<Recorded>,
    dirty: BTreeSet<TicketId>,
    all_dirty: bool,
}

impl World {
    /// One project and one node with ten slots.
    pub(crate) fn new() -> Self {
        Self::with(|_defaults| {})
    }

    pub(crate) fn with(change: impl FnOnce(&mut ProjectSettings)) -> Self {
        let mut world = Self {
            board: Board::default(),
            nodes: nodes(&[("local", 10)]),
            now: START,
            epoch: 1,
            log: vec![],
            dirty: BTreeSet::new(),
            all_dirty: false,
        };
        world.configure(change);
        world
    }

    /// Takes over a changed policy.
    pub(crate) fn configure(&mut self, change: impl FnOnce(&mut ProjectSettings)) {
        let known = self.board.projects.get(&project());
        let mut settings = known.map_or_else(settings, |known| known.settings.clone());
        change(&mut settings);
        let settings = Box::new(settings);
        self.command(Command::ConfigureProject { project: project(), settings }).unwrap();
    }

    pub(crate) fn ticket(&self, key: &str) -> &Ticket {
        self.board.ticket(&id(key)).unwrap_or_else(|| panic!("{key} is not live"))
    }

    /// What is stored of a change, in the order of [`World::log`].
    pub(crate) fn types(events: &[Event]) -> Vec<&'static str> {
        events.iter().map(Event::type_name).collect()
    }

    pub(crate) fn record(&mut self, event: Event, actor: &Actor) {
        let recorded = Recorded {
            seq: self.board.seq + 1,
            epoch: self.epoch,
            at: self.now,
            actor: actor.clone(),
            key: None,
            event,
        };
        self.judge(&recorded.event);
        let before = self.tries(&recorded.event);
        self.board.evolve(&recorded);
        let spent = self.tries(&recorded.event) > before;
        assert!(!spent || is_failed_try(&recorded.event), "a try was spent by {recorded:?}");
        match recorded.event.ticket() {
            Some(ticket) => {
                self.dirty.insert(ticket.clone());
                if self.board.ticket(ticket).is_none() {
                    self.dirty.extend(self.board.dependents(ticket).cloned());
                }
            }
            None => self.all_dirty = true,
        }
        self.log.push(recorded);
    }

    fn tries(&self, event: &Event) -> u8 {
        let ticket = event.ticket().and_then(|id| self.board.ticket(id));
        ticket.map_or(0, |ticket| ticket.tries_spent)
    }

    /// Decides without carrying out.
    pub(crate) fn decide(&self, command: &Command) -> Result<Vec<Event>, Refusal> {
        let mut numbers = Numbers::of(&self.board, self.epoch);
        decide(&self.board, command, &anna(), self.now, &mut numbers)
    }

    /// Carries a command out, and all that follows.
    #[expect(clippy::needless_pass_by_value, reason = "callers make it on the spot")]
    pub(crate) fn command(&mut self, command: Command) -> Result<(), Refusal> {
        for event in self.decide(&command)? {
            self.record(event, &anna());
        }
        self.settle();
        Ok(())
    }

    /// Takes a report in, but not yet what follows from it.
    pub(crate) fn take(&mut self, report: &Report) -> Heard {
        let heard = hear(&self.board, report, self.now);
        if let Heard::News(whats) = &heard {
            for what in whats {
                let event = Event::Ticket { ticket: report.ticket().clone(), what: what.clone() };
                self.record(event, &Actor::Gangline);
            }
        }
        heard
    }

    /// Takes a report in that is news, and all that follows.
    pub(crate) fn report(&mut self, report: &Report) {
        let heard = self.take(report);
        assert!(matches!(heard, Heard::News(_)), "{report:?} is {heard:?}");
        self.settle();
    }

    /// Draws all consequences, as the dispatcher does: of what changed. That this misses nothing
    /// is checked each time.
    pub(crate) fn settle(&mut self) {
        for turn in 0.. {
            assert!(turn < TURNS_MAX, "the plan does not come to rest");
            let focus = if std::mem::take(&mut self.all_dirty) {
                Focus::All
            } else {
                Focus::Changed(std::mem::take(&mut self.dirty))
            };
            let events = self.planned(&focus);
            if events.is_empty() {
                break;
            }
            for event in events {
                self.record(event, &Actor::Gangline);
            }
        }
        let missed = self.planned(&Focus::All);
        assert!(missed.is_empty(), "the plan of what changed has missed {missed:?}");
        self.hold_promises();
    }

    /// What must be so before an event, whatever the test is about.
    fn judge(&self, event: &Event) {
        let Event::Ticket { ticket: id, what } = event else { return };
        let state = self.board.ticket(id).map(|ticket| &ticket.state);
        assert_eq!(
            state.is_none(),
            matches!(what, TicketEvent::Added { .. }),
            "{id} is closed or new: {what:?}"
        );
        match what {
            TicketEvent::AttemptStarted { attempt, lease } => {
                let ticket = self.board.ticket(id).unwrap();
                assert!(ticket.run().is_none(), "{id} is being worked on");
                assert!(self.board.unmet(ticket).is_empty(), "{id} waits for others");
                assert!(lease.fence.n > self.board.fences, "{:?} is not new", lease.fence);
                assert!(attempt.job.n > ticket.jobs, "{} had that name before", attempt.job);
                assert!(!self.board.draining.contains(&lease.node), "{} is drained", lease.node);
            }
            TicketEvent::ReviewerStarted { run, .. } => {
                let node = &run.lease.node;
                assert!(!self.board.draining.contains(node), "{node} is drained");
            }
            TicketEvent::LandingIntended { intent } => {
                let passed = match state {
                    Some(TicketState::Landing(landing)) => match &landing.stage {
                        LandingStage::Integrated {
                            found: Integration::Built { candidate, report },
                            ..
                        } => {
                            *candidate == intent.candidate
                                && report.commit == candidate.new
                                && report.tree == candidate.tree
                                && report.verdict() == Verdict::Pass
                        }
                        LandingStage::Deferred { intent: before, .. } => before == intent,
                        LandingStage::Integrated { .. }
                        | LandingStage::Integrating { .. }
                        | LandingStage::Intended(_) => false,
                    },
                    _elsewhere => false,
                };
                assert!(passed, "{id} is to land without a passing report: {state:?}");
            }
            TicketEvent::Landed { commit, fence } => {
                let intended = matches!(state, Some(TicketState::Landing(landing))
                    if matches!(&landing.stage, LandingStage::Intended(intent)
                        if intent.candidate.new == *commit && intent.fence == *fence));
                assert!(intended, "{id} has landed without an intent: {state:?}");
            }
            _no_promise => {}
        }
    }

    /// What must be so whenever the plan has come to rest.
    fn hold_promises(&self) {
        let again = Board::from_rows(rows(&self.board));
        assert!(again.same_as(&self.board), "the rows make another board");
        let mut landing = 0;
        for ticket in self.board.tickets.values() {
            let limits = &self.board.projects[&ticket.id.project].settings.limits;
            assert!(ticket.tries_spent <= limits.tries, "{} has had too many tries", ticket.id);
            assert!(!self.board.closed.contains_key(&ticket.id), "{} is open again", ticket.id);
            let wait = waits_for(&self.board, &self.nodes, ticket, self.now);
            assert_ne!(wait, Wait::Nothing, "{} rests at {}", ticket.id, stands(ticket));
            let over = matches!(wait, Wait::Clock { until, .. } if until <= self.now);
            assert!(!over, "{} waits for a moment that has come", ticket.id);
            landing += u32::from(matches!(ticket.state, TicketState::Landing(_)));
        }
        assert!(landing <= 1, "{landing} in one lane");
    }

    fn planned(&self, focus: &Focus) -> Vec<Event> {
        let mut numbers = Numbers::of(&self.board, self.epoch);
        plan(&self.board, &self.nodes, focus, self.now, &mut numbers)
    }

    /// Time passes.
    pub(crate) fn later(&mut self, ms: u64) {
        self.now = self.now.plus_ms(ms);
        self.dirty.extend(self.board.due(self.now).cloned());
        self.settle();
    }

    /// The nodes are as the change says; what follows is drawn.
    pub(crate) fn change_nodes(&mut self, change: impl FnOnce(&mut Nodes)) {
        change(&mut self.nodes);
        self.all_dirty = true;
        self.settle();
    }

    /// An agent kind breaks.
    pub(crate) fn open_circuit(&mut self, name: &str) {
        let event = Event::CircuitOpened { kind: kind(name), why: "it broke".to_owned() };
        self.record(event, &Actor::Gangline);
        self.settle();
    }

    /// A node falls silent for good.
    pub(crate) fn lose(&mut self, name: &str) {
        self.change_nodes(|nodes| {
            nodes.alive.remove(&node(name));
            nodes.dead.insert(node(name));
        });
    }

    pub(crate) fn add(&mut self, key: &str, change: impl FnOnce(&mut TicketSpec)) {
        let mut spec = TicketSpec::titled(format!("Do {key}"));
        change(&mut spec);
        let (key, spec) = (Some(key.parse().unwrap()), Box::new(spec));
        self.command(Command::Add { project: project(), key, spec, draft: false }).unwrap();
    }

    /// Reports what the ticket's happy way needs next, until it is where `place` names.
    pub(crate) fn advance(&mut self, key: &str, place: &str) {
        for _step in 0..12 {
            let Some(ticket) = self.board.ticket(&id(key)) else { break };
            if stands(ticket) == place {
                return;
            }
            let next = happy(ticket).unwrap_or_else(|| panic!("{key} rests at {}", stands(ticket)));
            match next {
                Next::Report(report) => self.report(&report),
                Next::Approve => {
                    self.command(Command::Approve { ticket: id(key), commit: None }).unwrap();
                }
            }
        }
        let last = self.board.ticket(&id(key)).map(stands);
        assert_eq!(last.as_deref().unwrap_or("closed"), place);
    }
}

fn rows(board: &Board) -> BoardRows {
    BoardRows {
        seq: board.seq,
        fences: board.fences,
        projects: board.projects.values().cloned().collect(),
        tickets: board.tickets.values().map(|ticket| Ticket::clone(ticket)).collect(),
        closed: board.closed.iter().map(|(id, how)| (id.clone(), how.clone())).collect(),
        circuits: board.circuits.iter().map(|(kind, why)| (kind.clone(), why.clone())).collect(),
        node_alerts: board.node_alerts.clone().into_iter().collect(),
        draining: board.draining.iter().cloned().collect(),
        tokens: board.tokens.values().cloned().collect(),
        answers: board.answers.iter().map(|(key, done)| (key.clone(), done.clone())).collect(),
    }
}

/// Whether the event tells of something that the agent did, and that spends a try.
fn is_failed_try(event: &Event) -> bool {
    matches!(event, Event::Ticket { what: TicketEvent::SentBack { record: Some(record), .. }, .. }
    if record.spent
        && matches!(
            record.cause,
            Cause::ChecksFailed | Cause::GaveUp | Cause::TimedOut | Cause::Crashed
        ))
}

enum Next {
    Report(Report),
    Approve,
}

fn happy(ticket: &Ticket) -> Option<Next> {
    let report = match &ticket.state {
        TicketState::Working(working) => match &working.stage {
            Stage::Running { .. } => ended(ticket, EndKind::Finished),
            Stage::Capturing { phase: Phase::Runs(_), .. } => captured(ticket),
            Stage::Capturing { phase: Phase::Due { .. }, .. } | Stage::Captured { .. } => {
                return None;
            }
        },
        TicketState::Verifying(_) if ticket.run().is_some() => verified(ticket, Verdict::Pass),
        TicketState::Review(_) => return Some(Next::Approve),
        TicketState::Landing(landing) => match &landing.stage {
            LandingStage::Intended(_) => swapped(ticket, Swap::Proven),
            LandingStage::Integrating { phase: Phase::Runs(_), .. } => built(ticket, Verdict::Pass),
            LandingStage::Integrating { phase: Phase::Due { .. }, .. }
            | LandingStage::Integrated { .. }
            | LandingStage::Deferred { .. } => return None,
        },
        TicketState::Draft
        | TicketState::Open
        | TicketState::Backoff(_)
        | TicketState::Parked(_)
        | TicketState::Held(_)
        | TicketState::Verifying(_)
        | TicketState::Queued(_)
        | TicketState::Landed { .. }
        | TicketState::Delivered { .. }
        | TicketState::Escalated(_)
        | TicketState::Cancelled { .. } => return None,
    };
    Some(Next::Report(report))
}

/// The ticket's state and stage, in a few words.
pub(crate) fn stands(ticket: &Ticket) -> String {
    let of = |phase: &Phase| match phase {
        Phase::Due { .. } => "due",
        Phase::Runs(_) => "runs",
    };
    let stage = match &ticket.state {
        TicketState::Parked(parked) => match &parked.why {
            ParkedFor::Quota(_) => "quota".to_owned(),
            ParkedFor::Answer(_) => "answer".to_owned(),
        },
        TicketState::Held(held) => match &held.from {
            HeldFrom::Open => "open".to_owned(),
            HeldFrom::Verifying(_) => "verifying".to_owned(),
            HeldFrom::Review(_) => "review".to_owned(),
            HeldFrom::Queued(_) => "queued".to_owned(),
            HeldFrom::TakenOver(_) => "taken over".to_owned(),
        },
        TicketState::Working(working) => match &working.stage {
            Stage::Running { stop: Some(_), .. } => "stopping".to_owned(),
            Stage::Running { questions, .. } if !questions.is_empty() => "asking".to_owned(),
            Stage::Running { .. } => "running".to_owned(),
            Stage::Capturing { phase, .. } => format!("capture {}", of(phase)),
            Stage::Captured { .. } => "captured".to_owned(),
        },
        TicketState::Verifying(verifying) => match &verifying.stage {
            VerifyingStage::Job(phase) => of(phase).to_owned(),
            VerifyingStage::Measured(_) => "measured".to_owned(),
            VerifyingStage::Reviewing(_) => "reviewed".to_owned(),
        },
        TicketState::Landing(landing) => match &landing.stage {
            LandingStage::Integrating { phase, .. } => of(phase).to_owned(),
            LandingStage::Integrated { .. } => "built".to_owned(),
            LandingStage::Intended(_) => "intended".to_owned(),
            LandingStage::Deferred { .. } => "deferred".to_owned(),
        },
        TicketState::Draft
        | TicketState::Open
        | TicketState::Backoff(_)
        | TicketState::Review(_)
        | TicketState::Queued(_)
        | TicketState::Landed { .. }
        | TicketState::Delivered { .. }
        | TicketState::Escalated(_)
        | TicketState::Cancelled { .. } => return ticket.state.word().to_owned(),
    };
    format!("{}/{stage}", ticket.state.word())
}

/// The job that runs for the ticket, and its fence.
pub(crate) fn running(ticket: &Ticket) -> (JobId, Fence) {
    let run = ticket.run().unwrap_or_else(|| panic!("nothing runs for {}", stands(ticket)));
    (run.job, run.lease.fence)
}

pub(crate) fn asked(ticket: &Ticket, question: &str) -> Report {
    let (job, fence) = running(ticket);
    Report::Asked { job, fence, question: a_question(question) }
}

pub(crate) fn a_question(id: &str) -> Question {
    Question {
        id: id.to_owned(),
        text: "May I?".to_owned(),
        options: vec!["yes".to_owned()],
        asked_at: START,
    }
}

pub(crate) fn result(ticket: &Ticket, result: JobResult) -> Report {
    let (job, fence) = running(ticket);
    Report::Ended { job, fence, result: Box::new(result) }
}

pub(crate) fn an_end(how: EndKind, tokens: u64) -> AttemptEnd {
    AttemptEnd {
        how,
        claim: Claim { summary: "Done, all tests pass.".to_owned(), ..Claim::default() },
        session: Some("session-1".to_owned()),
        usage: Usage { tokens, ..Usage::default() },
    }
}

pub(crate) fn ended(ticket: &Ticket, how: EndKind) -> Report {
    result(ticket, JobResult::Attempt(an_end(how, 0)))
}

pub(crate) fn a_snapshot(job: &JobId) -> Snapshot {
    Snapshot {
        base: commit(0xb),
        head: commit(0xa000 + u64::from(job.n)),
        new_commits: 1,
        descends_from_base: true,
        branch: Some("gangline/work".to_owned()),
        clean: true,
        dirty_paths: vec![],
        left_out: vec![],
        rescue: None,
    }
}

pub(crate) fn captured(ticket: &Ticket) -> Report {
    let (job, _) = running(ticket);
    result(ticket, JobResult::Captured(Some(a_snapshot(&job))))
}

/// Measurements of `commit` with one required check.
pub(crate) fn measured(commit: CommitId, tree: TreeId, verdict: Verdict) -> Measured {
    let check = CheckResult::required("test", verdict, "14 tests ran".to_owned());
    let policy_sha256 = "0".repeat(64);
    let (base, checks) = (self::commit(0xb), vec![check]);
    Measured { commit, tree, base, policy_sha256, checks, proposal: None }
}

pub(crate) fn verified(ticket: &Ticket, verdict: Verdict) -> Report {
    let TicketState::Verifying(verifying) = &ticket.state else {
        panic!("{} is not verifying", stands(ticket))
    };
    let head = verifying.submission.snapshot.head.clone();
    result(ticket, JobResult::Verified(measured(head, tree(0xe), verdict)))
}

pub(crate) fn a_candidate(job: &JobId) -> Candidate {
    let n = u64::from(job.n);
    Candidate { old: commit(0xb), new: commit(0xc000 + n), tree: tree(0xd000 + n) }
}

pub(crate) fn built(ticket: &Ticket, verdict: Verdict) -> Report {
    let (job, _) = running(ticket);
    let candidate = a_candidate(&job);
    let report = measured(candidate.new.clone(), candidate.tree.clone(), verdict);
    result(ticket, JobResult::Integrated(Integration::Built { candidate, report }))
}

pub(crate) fn conflict(ticket: &Ticket) -> Report {
    let (target, paths) = (commit(0xb2), vec!["src/cart.rs".to_owned()]);
    result(ticket, JobResult::Integrated(Integration::Conflict { target, paths }))
}

pub(crate) fn failed(ticket: &Ticket) -> Report {
    result(ticket, JobResult::Failed(Infra::JobDied("signal 9".to_owned())))
}

pub(crate) fn swapped(ticket: &Ticket, swap: Swap) -> Report {
    let TicketState::Landing(landing) = &ticket.state else { panic!("not landing") };
    let LandingStage::Intended(intent) = &landing.stage else { panic!("not intended") };
    Report::Swapped { ticket: ticket.id.clone(), fence: intent.fence, swap }
}

/// The types of the events of a ticket, as the store names them.
pub(crate) fn names(ticket: &TicketId, whats: &[TicketEvent]) -> Vec<&'static str> {
    let event = |what: &TicketEvent| Event::Ticket { ticket: ticket.clone(), what: what.clone() };
    World::types(&whats.iter().map(event).collect::<Vec<_>>())
}
