//! A dispatcher on the bench: each input by hand, each effect in a line of words.

use std::collections::BTreeMap;

use gangline_domain::board::Board;
use gangline_domain::budget::Usage;
use gangline_domain::command::{Command, Report};
use gangline_domain::ids::{Actor, Fence, JobId, JobKind, ProjectId, TicketId, Timestamp};
use gangline_domain::job::{AttemptEnd, Candidate, EndKind, Integration, JobResult, Snapshot};
use gangline_domain::project::{
    AgentFacts, Budgets, LandingMode, Limits, ProjectSettings, Retry, ReviewPolicy,
};
use gangline_domain::resources::ByteSize;
use gangline_domain::room::{Room, RoomKind};
use gangline_domain::spec::TicketSpec;
use gangline_domain::ticket::{Ticket, TicketState};
use gangline_domain::verdict::{CheckResult, Claim, Report as Measured, Verdict};
use gangline_ports::link::{
    AgentHeartbeatMessage, AgentRegisterMessage, FromNode, MESSAGE_VERSION, ToNode,
};

use crate::dispatcher::{Dispatcher, Effect, Input, ReplyId};

pub(crate) const START: Timestamp = Timestamp(1_795_000_000_000_000);
pub(crate) const KEY: &str = "APP-1";

pub(crate) struct Bench {
    pub(crate) dispatcher: Dispatcher,
    pub(crate) now: Timestamp,
    replies: u64,
}

pub(crate) fn project() -> ProjectId {
    "shop".parse().unwrap()
}

pub(crate) fn id(key: &str) -> TicketId {
    TicketId { project: project(), key: key.parse().unwrap() }
}

fn settings() -> ProjectSettings {
    let facts = AgentFacts {
        kind: "scripted".parse().unwrap(),
        model: None,
        max_concurrent: None,
        fallback: vec![],
        capabilities: [].into(),
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
        default_agent: "ticket-worker".parse().unwrap(),
        agents: BTreeMap::from([("ticket-worker".parse().unwrap(), facts)]),
        retry: Retry::default(),
        schedules: BTreeMap::new(),
    }
}

pub(crate) fn add(key: &str) -> Command {
    let (key, spec) = (Some(key.parse().unwrap()), Box::new(TicketSpec::titled("Do it")));
    Command::Add { project: project(), key, spec, draft: false }
}

impl Bench {
    /// Leads with a project that is durable, and no node.
    pub(crate) fn new() -> Self {
        let dispatcher = Dispatcher::new(1, Board::default(), 12, START);
        let mut bench = Self { dispatcher, now: START, replies: 0 };
        let settings = Box::new(settings());
        bench.command(Command::ConfigureProject { project: project(), settings });
        bench.commit();
        bench.replies = 0;
        bench
    }

    /// With a node that has registered.
    pub(crate) fn with_node() -> Self {
        let mut bench = Self::new();
        bench.register("local", &[], &[]);
        bench
    }

    /// With a ticket whose attempt runs on that node.
    pub(crate) fn working() -> Self {
        let mut bench = Self::with_node();
        bench.command(add(KEY));
        bench.commit();
        bench
    }

    /// After another start: a new leader with the durable board, and nothing volatile.
    pub(crate) fn restarted(&self, epoch: u64) -> (Self, Vec<String>) {
        let dispatcher = Dispatcher::new(epoch, self.dispatcher.board().clone(), 12, self.now);
        let mut bench = Self { dispatcher, now: self.now, replies: 0 };
        let effects = bench.dispatcher.turn(bench.now);
        (bench, told(&effects))
    }

    pub(crate) fn step(&mut self, input: Input) -> Vec<String> {
        told(&self.dispatcher.step(input, self.now))
    }

    pub(crate) fn command(&mut self, command: Command) -> Vec<String> {
        let input = self.asked(None, command);
        self.step(input)
    }

    pub(crate) fn keyed(&mut self, key: &str, command: Command) -> Vec<String> {
        let input = self.asked(Some(key), command);
        self.step(input)
    }

    /// A command from a person, with the next reply's number.
    pub(crate) fn asked(&mut self, key: Option<&str>, command: Command) -> Input {
        self.replies += 1;
        Input::Command {
            reply: ReplyId(self.replies),
            actor: Actor::Person("anna".to_owned()),
            key: key.map(|key| key.parse().unwrap()),
            command: Box::new(command),
        }
    }

    pub(crate) fn commit(&mut self) -> Vec<String> {
        self.step(Input::Committed)
    }

    /// Commits until nothing is in flight.
    pub(crate) fn drain(&mut self) -> Vec<String> {
        let mut all = vec![];
        for _batch in 0..20 {
            if self.dispatcher.is_idle() {
                return all;
            }
            all.extend(self.commit());
        }
        panic!("it does not come to rest: {all:?}")
    }

    pub(crate) fn register(
        &mut self,
        node: &str,
        jobs: &[(JobId, Fence)],
        worktrees: &[&str],
    ) -> Vec<String> {
        let message = AgentRegisterMessage {
            version: MESSAGE_VERSION,
            node: node.parse().unwrap(),
            program: "0.1.0".to_owned(),
            slots: 4,
            kinds: vec!["scripted".parse().unwrap()],
            jobs: jobs.to_vec(),
            worktrees: worktrees.iter().map(|key| id(key)).collect(),
        };
        self.step(Input::FromNode(FromNode::Register(message)))
    }

    pub(crate) fn heartbeat(&mut self, node: &str) -> Vec<String> {
        self.sign_of_life(node, vec![])
    }

    /// The same, of a node that has so many mebibytes of its disk free and should have 100.
    pub(crate) fn measured(&mut self, node: &str, mib: u64) -> Vec<String> {
        let room = Room {
            kind: RoomKind::Disk,
            free_bytes: mib << 20,
            total_bytes: 1 << 30,
            low: ByteSize::mib(100),
        };
        self.sign_of_life(node, vec![room])
    }

    fn sign_of_life(&mut self, node: &str, rooms: Vec<Room>) -> Vec<String> {
        let (version, node) = (MESSAGE_VERSION, node.parse().unwrap());
        let message = AgentHeartbeatMessage { version, node, jobs: vec![], rooms };
        self.step(Input::FromNode(FromNode::Heartbeat(message)))
    }

    /// Time passes, with a tick each second.
    pub(crate) fn later(&mut self, seconds: u32) -> Vec<String> {
        let tick = |bench: &mut Self| {
            bench.now = bench.now.plus_ms(1_000);
            bench.step(Input::Tick)
        };
        (0..seconds).flat_map(|_second| tick(self)).collect()
    }

    /// The ticket as it is durable.
    pub(crate) fn ticket(&self, key: &str) -> &Ticket {
        self.dispatcher.board().ticket(&id(key)).unwrap_or_else(|| panic!("{key} is not live"))
    }

    /// The job that runs for the ticket.
    pub(crate) fn run(&self, key: &str) -> (JobId, Fence) {
        let run = self.ticket(key).run().unwrap_or_else(|| panic!("nothing runs for {key}"));
        (run.job, run.lease.fence)
    }

    /// The node reports what the ticket's job came to, whatever it is: all goes well.
    pub(crate) fn report(&mut self, key: &str) -> Vec<String> {
        let (job, fence) = self.run(key);
        let result = Box::new(good(self.ticket(key), &job));
        self.step(Input::FromNode(FromNode::Result(Box::new(Report::Ended { job, fence, result }))))
    }

    /// Reports and commits until the ticket's landing is intended.
    pub(crate) fn intended() -> Self {
        let mut bench = Self::working();
        for _job in ["attempt", "capture", "verification", "integration"] {
            bench.report(KEY);
            bench.drain();
        }
        bench
    }
}

fn good(ticket: &Ticket, job: &JobId) -> JobResult {
    let object = |n: u32| format!("{n:040x}");
    let report = |commit: &str, tree: &str| Measured {
        commit: commit.parse().unwrap(),
        tree: tree.parse().unwrap(),
        base: object(1).parse().unwrap(),
        policy_sha256: "0".repeat(64),
        checks: vec![CheckResult::required("test", Verdict::Pass, "14 tests ran".to_owned())],
        proposal: None,
    };
    if let TicketState::Verifying(verifying) = &ticket.state {
        let head = verifying.submission.snapshot.head.as_str();
        return JobResult::Verified(report(head, &object(3)));
    }
    match job.kind {
        JobKind::Attempt => JobResult::Attempt(AttemptEnd {
            how: EndKind::Finished,
            claim: Claim::default(),
            session: None,
            usage: Usage::default(),
        }),
        JobKind::Capture => JobResult::Captured(Some(Snapshot {
            base: object(1).parse().unwrap(),
            head: object(2).parse().unwrap(),
            new_commits: 1,
            descends_from_base: true,
            branch: None,
            clean: true,
            dirty_paths: vec![],
            left_out: vec![],
            rescue: None,
        })),
        JobKind::Verification | JobKind::Review | JobKind::Integration => {
            let (new, tree) = (object(4), object(5));
            let candidate = Candidate {
                old: object(1).parse().unwrap(),
                new: new.parse().unwrap(),
                tree: tree.parse().unwrap(),
            };
            JobResult::Integrated(Integration::Built { candidate, report: report(&new, &tree) })
        }
    }
}

/// Each effect in a line.
pub(crate) fn told(effects: &[Effect]) -> Vec<String> {
    effects.iter().map(line).collect()
}

fn line(effect: &Effect) -> String {
    match effect {
        Effect::Commit(batch) => {
            let types: Vec<_> = batch.events.iter().map(|event| event.event.type_name()).collect();
            format!("commit {}", types.join("+"))
        }
        Effect::Load => "load".to_owned(),
        Effect::Reply { reply, answer } => match answer {
            Ok(done) => format!("reply {}: done at {}", reply.0, done.seq),
            Err(denied) => format!("reply {}: {denied}", reply.0),
        },
        Effect::Publish(events) => format!("publish {}", events.len()),
        Effect::Republish(board) => format!("republish {}", board.seq),
        Effect::Send { node, message, .. } => match message {
            ToNode::Dispatch(order) => format!("{node}: run {} {}", order.job, order.fence),
            ToNode::Stop(control) => format!("{node}: stop {}", control.job),
            ToNode::Kill(control) => format!("{node}: kill {}", control.job),
            ToNode::Fenced(control) => format!("{node}: fenced {} {}", control.job, control.fence),
            ToNode::Tell { job, said: answers, .. } => {
                format!("{node}: {} answers {job}", answers.len())
            }
            ToNode::Lend { ticket } => format!("{node}: lend {ticket}"),
            ToNode::Retire { ticket } => format!("{node}: retire {ticket}"),
        },
        Effect::Land { ticket, fence, .. } => format!("land {ticket} {fence}"),
        Effect::PublishBranch { ticket, .. } => format!("publish branch of {}", ticket.id),
        Effect::StepDown => "step down".to_owned(),
        Effect::GiveUp { why } => format!("give up: {why}"),
    }
}
