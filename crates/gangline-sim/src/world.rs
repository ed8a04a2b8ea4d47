//! The world: a clock, a list of what happens when, and everything that it happens to.

use std::collections::{BTreeMap, BTreeSet};

use gangline_domain::command::{Command, Report};
use gangline_domain::ids::{Actor, CommitId, Fence, IdempotencyKey, JobId, TicketId, Timestamp};
use gangline_domain::job::{Candidate, Swap};
use gangline_engine::{Dispatcher, Effect, Input, ReplyId};
use gangline_ports::link::{AgentHeartbeatMessage, FromNode, MESSAGE_VERSION, ToNode};
use gangline_ports::store::Batch;

use crate::checker::Checker;
use crate::git::Git;
use crate::leader::Leader;
use crate::node::{Acts, JobState, SimNode, Surroundings};
use crate::people;
use crate::rng::Rng;
use crate::room;
use crate::run::Violation;
use crate::store::SimStore;

/// Attempts that each node can run.
pub(crate) const SLOTS: u32 = 3;
/// Attempts on all nodes together.
pub(crate) const AGENTS_MAX: u32 = 4;

/// Something that will happen.
#[derive(Debug, Clone)]
pub(crate) enum Happening {
    /// An input reaches an orchestrator.
    Input(usize, Box<Input>),
    /// An orchestrator carries out its next effect.
    CarryOut(usize),
    /// The store has dealt with a batch.
    Stored(usize, Box<Batch>),
    /// A message reaches a node.
    ToNode(usize, Box<ToNode>),
    /// A job goes on.
    Step(usize, JobId, Fence),
    /// A node's supervisor looks after its jobs and says that it is alive.
    Beat(usize),
    /// A target branch is swapped.
    Swap { leader: usize, ticket: TicketId, fence: Fence, candidate: Candidate },
    /// A branch is left in a person's repository.
    Publish { leader: usize, ticket: TicketId, commit: CommitId },
    /// Time passes for an orchestrator.
    Tick(usize),
    /// A person does something.
    Person,
    /// Something breaks.
    Fault,
    /// The orchestrator starts.
    Start,
    /// A node's supervisor starts.
    NodeStart(usize),
}

#[derive(Debug)]
pub(crate) struct World {
    pub(crate) rng: Rng,
    pub(crate) now: Timestamp,
    serial: u64,
    agenda: BTreeMap<(Timestamp, u64), Happening>,
    pub(crate) store: SimStore,
    pub(crate) git: Git,
    pub(crate) nodes: Vec<SimNode>,
    pub(crate) leaders: Vec<Leader>,
    /// Leaders that wait for the store.
    pub(crate) loading: BTreeSet<usize>,
    pub(crate) checker: Checker,
    pub(crate) written: BTreeSet<u32>,
    pub(crate) content: u32,
    results: u64,
    /// No more faults and no more mischief: what is left must come to an end.
    pub(crate) calm: bool,
    /// The person's own work in the tree keeps landings out until then.
    pub(crate) dirty_until: Timestamp,
    pub(crate) asked: BTreeMap<(usize, u64), (IdempotencyKey, Command)>,
    tickets_left: u32,
    pub(crate) projects: u64,
    /// Since when nothing breaks any more.
    pub(crate) calm_since: Timestamp,
    pub(crate) steps: u64,
    /// Whether each happening is printed.
    pub(crate) trace: bool,
}

impl World {
    pub(crate) fn new(seed: u64) -> Self {
        let mut rng = Rng::new(seed);
        let tickets_left = u32::try_from(rng.between(3, 10)).expect("BUG: small");
        let node = |name: &str| SimNode::new(name.parse().expect("BUG: a constant name"));
        let projects = rng.between(1, 3);
        // Some days end in the middle of the trouble, others when it is over.
        let evening = 19_000 * 86_400_000_000 + 21 * 3_600_000_000;
        let minutes = i64::try_from(rng.below(110)).expect("BUG: small");
        let mut world = Self {
            now: Timestamp(evening + minutes * 60_000_000),
            serial: 0,
            agenda: BTreeMap::new(),
            store: SimStore::default(),
            git: Git::new(),
            nodes: people::NODES.map(node).into(),
            leaders: vec![],
            loading: BTreeSet::new(),
            checker: Checker::default(),
            written: BTreeSet::new(),
            content: 0,
            results: 0,
            calm: false,
            dirty_until: Timestamp(0),
            asked: BTreeMap::new(),
            tickets_left,
            projects,
            calm_since: Timestamp(0),
            steps: 0,
            trace: false,
            rng,
        };
        world.after(0, Happening::Start);
        world.after(1, Happening::NodeStart(0));
        world.after(2, Happening::NodeStart(1));
        world.after(3_000, Happening::Person);
        world.after(20_000, Happening::Fault);
        world
    }

    pub(crate) fn after(&mut self, ms: u64, what: Happening) {
        self.serial += 1;
        self.agenda.insert((self.now.plus_ms(ms), self.serial), what);
    }

    /// The living orchestrator that leads, if any.
    pub(crate) fn leading(&self) -> Option<(usize, &Dispatcher)> {
        let last = self.leaders.len().checked_sub(1)?;
        self.leaders[last].dispatcher.as_ref().map(|dispatcher| (last, dispatcher))
    }

    /// Lets the next thing happen.
    pub(crate) fn step(&mut self) -> Result<(), Violation> {
        let ((at, _), what) = self.agenda.pop_first().expect("BUG: the agenda never ends");
        assert!(at >= self.now, "BUG: time went backwards");
        self.now = at;
        self.steps += 1;
        if self.trace {
            trace(at, &what);
        }
        match what {
            Happening::Input(leader, input) => self.input(leader, *input),
            Happening::CarryOut(leader) => self.carry_out(leader)?,
            Happening::Stored(leader, batch) => self.stored(leader, &batch)?,
            Happening::ToNode(node, message) => self.deliver(node, *message),
            Happening::Step(node, job, fence) => {
                let acts = self.with_node(node, |node, w| node.step(&(job, fence), w));
                self.acted(node, acts);
            }
            Happening::Beat(node) => self.beat(node),
            Happening::Swap { leader, ticket, fence, candidate } => {
                self.swap(leader, ticket, fence, &candidate)?;
            }
            Happening::Publish { leader, ticket, commit } => self.publish(leader, ticket, commit),
            Happening::Tick(leader) => {
                if self.leaders[leader].dispatcher.is_some() {
                    self.input(leader, Input::Tick);
                    self.after(2_000, Happening::Tick(leader));
                }
            }
            Happening::Person => self.person(),
            Happening::Fault => self.fault(),
            Happening::Start => self.start(),
            Happening::NodeStart(node) => self.node_start(node),
        }
        Checker::check(self)
    }

    fn start(&mut self) {
        if self.leading().is_some() && !self.rng.chance(20) {
            return;
        }
        let epoch = self.store.lead();
        let board = self.store.load();
        let leader = Leader::new(epoch, Dispatcher::new(epoch, board, AGENTS_MAX, self.now));
        self.leaders.push(leader);
        let new = self.leaders.len() - 1;
        self.after(0, Happening::Tick(new));
        // Nodes notice the new orchestrator and register with it.
        for node in 0..self.nodes.len() {
            if self.nodes[node].up {
                self.register(node);
            }
        }
    }

    pub(crate) fn input(&mut self, leader: usize, input: Input) {
        if matches!(input, Input::Loaded(_) | Input::LoadFailed) {
            self.loading.remove(&leader);
        }
        let now = self.now;
        if let Input::FromNode(FromNode::Heartbeat(message)) = &input {
            let Leader { epoch, dispatcher, .. } = &self.leaders[leader];
            // Who has not registered is not listened to.
            if dispatcher.as_ref().is_some_and(|known| known.knows(&message.node)) {
                self.checker.has_room(*epoch, &message.node, &message.rooms, now);
            }
        }
        let effects = self.leaders[leader].input(input, now);
        for _ in 0..effects {
            let ms = self.rng.below(3);
            self.after(ms, Happening::CarryOut(leader));
        }
    }

    fn carry_out(&mut self, leader: usize) -> Result<(), Violation> {
        let Some(effect) = self.leaders[leader].effects.pop_front() else { return Ok(()) };
        Checker::effect(self, &effect)?;
        match effect {
            Effect::Commit(batch) => {
                let ms = self.rng.between(1, 20);
                self.after(ms, Happening::Stored(leader, batch));
            }
            Effect::Load => self.load(leader)?,
            Effect::Reply { reply: ReplyId(reply), answer } => {
                if let Some((key, command)) = self.asked.remove(&(leader, reply)) {
                    self.checker.answered(&self.store, &key, &command, &answer)?;
                }
            }
            Effect::Publish(_) | Effect::Republish(_) => {}
            Effect::PublishBranch { ticket, commit, .. } => {
                let ms = self.rng.between(5, 3_000);
                self.after(ms, Happening::Publish { leader, ticket: ticket.id, commit });
            }
            Effect::Send { node, message, .. } => self.send(&node, message),
            Effect::Land { ticket, fence, candidate, .. } => {
                // The moment that hurts most for the person to commit.
                if !self.calm && self.rng.chance(15) {
                    self.commits_to(&ticket.project);
                }
                let ms = self.rng.between(5, 3_000);
                self.after(ms, Happening::Swap { leader, ticket, fence, candidate });
            }
            Effect::StepDown | Effect::GiveUp { .. } => self.leaders[leader].die(),
        }
        Ok(())
    }

    fn publish(&mut self, leader: usize, ticket: TicketId, commit: CommitId) {
        // The repository could not be reached, or the answer was lost.
        let fate = if self.calm { 99 } else { self.rng.below(20) };
        if fate > 0 {
            self.git.published.insert((ticket.clone(), commit.clone()));
        }
        let input = match fate {
            0 | 1 => Input::RepoUnavailable(ticket, "it is locked".to_owned()),
            _well => Input::Swapped(Report::Published { ticket, commit }),
        };
        self.after(1, Happening::Input(leader, Box::new(input)));
    }

    fn send(&mut self, node: &gangline_domain::ids::NodeId, message: ToNode) {
        let Some(at) = self.nodes.iter().position(|known| known.id == *node) else { return };
        let message = Box::new(message);
        if !self.calm && self.rng.chance(4) {
            return; // Lost on the way.
        }
        if !self.calm && self.rng.chance(4) {
            let ms = self.rng.between(1, 5_000);
            self.after(ms, Happening::ToNode(at, message.clone()));
        }
        let ms = self.rng.between(1, 50);
        self.after(ms, Happening::ToNode(at, message));
    }

    fn reachable(&self, node: usize) -> bool {
        self.nodes[node].up && self.nodes[node].cut_off_until <= self.now
    }

    fn deliver(&mut self, node: usize, message: ToNode) {
        if self.reachable(node) {
            let acts = self.with_node(node, |node, w| node.receive(message, w));
            self.acted(node, acts);
        }
    }

    fn with_node<R>(
        &mut self,
        node: usize,
        act: impl FnOnce(&mut SimNode, &mut Surroundings<'_>) -> R,
    ) -> R {
        let mut surroundings = Surroundings {
            git: &mut self.git,
            rng: &mut self.rng,
            now: self.now,
            content: &mut self.content,
            serial: &mut self.results,
            calm: self.calm,
            written: &mut self.written,
        };
        act(&mut self.nodes[node], &mut surroundings)
    }

    fn acted(&mut self, node: usize, acts: Acts) {
        for (job, fence, ms) in acts.steps {
            self.after(ms, Happening::Step(node, job, fence));
        }
        // A supervisor that is down reads its jobs' journals when it starts again.
        if self.nodes[node].up {
            for report in acts.reports {
                self.checker.told(&report);
                self.tell(node, FromNode::Result(Box::new(report)));
            }
        } else {
            for report in &acts.reports {
                self.checker.told(report);
            }
        }
    }

    /// A node's message reaches whoever leads by then; or it is lost, or comes twice.
    fn tell(&mut self, node: usize, message: FromNode) {
        if !self.reachable(node) || (!self.calm && self.rng.chance(4)) {
            return;
        }
        let Some((leader, _)) = self.leading() else { return };
        let input = Box::new(Input::FromNode(message));
        if !self.calm && self.rng.chance(4) {
            let ms = self.rng.between(1, 20_000);
            self.after(ms, Happening::Input(leader, input.clone()));
        }
        let ms = self.rng.between(1, 50);
        self.after(ms, Happening::Input(leader, input));
    }

    pub(crate) fn register(&mut self, node: usize) {
        let message = self.nodes[node].registration(SLOTS);
        self.tell(node, FromNode::Register(message));
    }

    fn node_start(&mut self, node: usize) {
        self.nodes[node].up = true;
        self.register(node);
        self.after(100, Happening::Beat(node));
    }

    fn beat(&mut self, node: usize) {
        if !self.nodes[node].up {
            return;
        }
        let mut acts = Acts::default();
        self.nodes[node].look(&mut acts);
        self.acted(node, acts);
        let id = self.nodes[node].id.clone();
        // One that nobody knows, or that was away, registers again.
        let known = self.leading().is_some_and(|(_, dispatcher)| dispatcher.knows(&id));
        if known && !self.rng.chance(5) {
            if !self.calm && self.rng.chance(4) {
                room::change(&mut self.nodes[node].rooms, &mut self.rng);
            }
            let (jobs, rooms) = (self.nodes[node].pulses(), self.nodes[node].rooms.to_vec());
            let version = MESSAGE_VERSION;
            let message = AgentHeartbeatMessage { version, node: id, jobs, rooms };
            self.tell(node, FromNode::Heartbeat(message));
        } else {
            self.register(node);
        }
        self.after(5_000, Happening::Beat(node));
    }

    fn swap(
        &mut self,
        leader: usize,
        ticket: TicketId,
        fence: Fence,
        candidate: &Candidate,
    ) -> Result<(), Violation> {
        // The git child outlives the orchestrator that started it.
        let tip = self.git.target(&ticket.project).clone();
        let swap = if self.git.is_ancestor(&candidate.new, &tip) {
            Swap::Proven
        } else if tip != candidate.old {
            Swap::Moved { found: tip }
        } else if self.dirty_until > self.now {
            Swap::Refused("the person's tree is not clean".to_owned())
        } else {
            Checker::landing(self, &ticket, candidate)?;
            self.git.set_target(&ticket.project, &candidate.new);
            Swap::Proven
        };
        if self.calm || !self.rng.chance(5) {
            let report = Report::Swapped { ticket, fence, swap };
            self.after(1, Happening::Input(leader, Box::new(Input::Swapped(report))));
        } else {
            let unknown = Input::RepoUnavailable(ticket, "it does not answer".to_owned());
            self.after(1, Happening::Input(leader, Box::new(unknown)));
        }
        Ok(())
    }

    fn person(&mut self) {
        let pause = if self.calm { 2_000 } else { self.rng.between(1_000, 120_000) };
        self.after(pause, Happening::Person);
        let Some((leader, dispatcher)) = self.leading() else { return };
        let board = dispatcher.board().clone();
        let missing =
            (0..self.projects).map(people::project).find(|id| !board.projects.contains_key(id));
        if let Some(project) = missing {
            let settings = Box::new(people::settings(&mut self.rng));
            return self.ask(leader, Command::ConfigureProject { project, settings });
        }
        self.submit(leader, &board);
        if self.calm {
            return self.help(leader, &board);
        }
        if self.rng.chance(12)
            && let Some(command) = people::come_or_go(&mut self.rng, &board)
        {
            return self.ask(leader, command);
        }
        if self.tickets_left > 0
            && self.rng.chance(12)
            && let Some(command) = people::fire(&mut self.rng, &board, self.now)
        {
            return self.ask(leader, command);
        }
        if self.tickets_left > 0 && self.rng.chance(50) {
            self.tickets_left -= 1;
            let project = people::project(self.rng.below(self.projects));
            let command = match self.rng.chance(20) {
                true => people::add_all(&mut self.rng, &board, project),
                false => people::add(&mut self.rng, &board, project),
            };
            return self.ask(leader, command);
        }
        if let Some(command) = people::poke(&mut self.rng, &board) {
            self.ask(leader, command);
        }
    }

    pub(crate) fn ask(&mut self, leader: usize, command: Command) {
        self.serial += 1;
        let reply = self.serial;
        // Now and then a client repeats what it asked before, or takes its key for something else.
        let again = !self.calm && self.rng.chance(10);
        let other = again && self.rng.chance(30);
        let key: IdempotencyKey = match (again, self.checker.a_key()) {
            (true, Some((key, _))) if other => key.clone(),
            (true, Some((key, known))) => {
                let (key, known) = (key.clone(), known.clone());
                self.asked.insert((leader, reply), (key.clone(), known.clone()));
                return self.input(leader, asked(reply, key, known));
            }
            _new => format!("key-{reply}").parse().expect("BUG: printable"),
        };
        let key = key.of_request(reply);
        self.checker.asked(&key, &command);
        self.asked.insert((leader, reply), (key.clone(), command.clone()));
        self.input(leader, asked(reply, key, command));
    }

    /// From now on nothing breaks any more, and everybody is reachable.
    pub(crate) fn calm_down(&mut self) {
        self.calm = true;
        self.calm_since = self.now;
        self.dirty_until = self.now;
        for node in 0..self.nodes.len() {
            self.nodes[node].cut_off_until = self.now;
            if !self.nodes[node].up {
                self.node_start(node);
            }
        }
        if self.leading().is_none() {
            self.after(0, Happening::Start);
        }
    }

    /// Whether a process of the job runs on any node.
    /// How many words the agent of this job was told, where it runs on a node that is there.
    pub(crate) fn heard(&self, job: &JobId) -> Option<usize> {
        let nodes = self.nodes.iter().filter(|node| node.up);
        let mut jobs = nodes.flat_map(|node| &node.jobs);
        let runs = |known: &crate::node::Job| matches!(known.state, JobState::Runs { .. });
        jobs.find(|((id, _), known)| id == job && runs(known)).map(|(_, known)| known.words)
    }

    pub(crate) fn runs(&self, job: &JobId) -> bool {
        self.nodes.iter().any(|node| {
            node.jobs
                .iter()
                .any(|((id, _), known)| id == job && matches!(known.state, JobState::Runs { .. }))
        })
    }
}

fn asked(reply: u64, key: IdempotencyKey, command: Command) -> Input {
    Input::Command {
        reply: ReplyId(reply),
        actor: Actor::Person("sim".to_owned()),
        key: Some(key),
        command: Box::new(command),
    }
}

/// Prints a happening but for those that only keep time.
fn trace(at: Timestamp, what: &Happening) {
    let quiet = match what {
        Happening::Input(_, input) => matches!(
            **input,
            Input::Tick | Input::Committed | Input::FromNode(FromNode::Heartbeat(_))
        ),
        Happening::CarryOut(_) | Happening::Tick(_) | Happening::Beat(_) | Happening::Person => {
            true
        }
        Happening::Stored(..)
        | Happening::ToNode(..)
        | Happening::Step(..)
        | Happening::Swap { .. }
        | Happening::Publish { .. }
        | Happening::Fault
        | Happening::Start
        | Happening::NodeStart(_) => false,
    };
    if !quiet {
        let text: String = format!("{what:?}").chars().take(400).collect();
        println!("{:>14} {text}", at.0 / 1_000 % 1_000_000_000);
    }
}
