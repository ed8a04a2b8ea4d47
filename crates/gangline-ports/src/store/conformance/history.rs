//! Legal histories, made up from a seed: what a store is tried and measured with.

use std::collections::BTreeMap;

use gangline_domain::board::{Board, Numbers, next_job};
use gangline_domain::event::{Event, Recorded, TicketEvent};
use gangline_domain::external::{External, ExternalEnd};
use gangline_domain::ids::{
    Actor, AgentKind, IdempotencyKey, NodeId, ProjectId, TicketId, TicketKey, Timestamp,
};
use gangline_domain::project::{
    AgentFacts, Budgets, LandingMode, Limits, Project, ProjectSettings, Retry, ReviewPolicy,
};
use gangline_domain::room::RoomKind;
use gangline_domain::spec::{Priority, TicketSpec};
use gangline_domain::ticket::Ticket;
use gangline_domain::token::{Role, Token, TokenUse};

use super::next::next_event;
use crate::store::{Batch, Rows};

/// Live tickets that a history tries not to exceed.
const LIVE_MAX: usize = 40;
/// Projects that get tickets.
const WORKED_PROJECTS: u64 = 2;

/// A made-up past of a board, and all that may follow from it. The same seed makes the same one.
#[derive(Debug, Clone)]
pub struct History {
    board: Board,
    random: Random,
    at: Timestamp,
    /// What the clock shows are whole multiples of this, in microseconds.
    grain_us: i64,
    /// The command whose events come next, and how many of them.
    command: Option<(IdempotencyKey, u64)>,
    commands: u64,
}

impl History {
    /// Before the first event.
    pub fn new(seed: u64) -> Self {
        Self {
            board: Board::default(),
            random: Random(seed),
            // Well after the epoch, so that days and ages are ordinary numbers.
            at: Timestamp(1_700_000_000_000_000),
            grain_us: 1,
            command: None,
            commands: 0,
        }
    }

    /// With a clock that goes on every six hours only, so that many events happen at one moment.
    #[must_use]
    pub fn with_a_coarse_clock(mut self) -> Self {
        self.grain_us = 6 * 3_600_000_000;
        self
    }

    /// The fold of all events so far.
    pub fn board(&self) -> &Board {
        &self.board
    }

    /// The next `events` events under `epoch`, with the rows that they change.
    pub fn batch(&mut self, epoch: u64, events: usize) -> Batch {
        self.batch_of(epoch, events, |history| history.pick(epoch))
    }

    /// A batch of events that each answer a command of their own.
    pub fn answers(&mut self, epoch: u64, events: usize) -> Batch {
        self.batch_of(epoch, events, |history| {
            history.commands += 1;
            history.command = Some((key(history.commands), 1));
            history.about_a_project()
        })
    }

    fn batch_of(
        &mut self,
        epoch: u64,
        events: usize,
        mut pick: impl FnMut(&mut Self) -> Event,
    ) -> Batch {
        let mut recorded = Vec::with_capacity(events);
        for _ in 0..events {
            let event = pick(self);
            let next = self.record(epoch, event);
            self.board.evolve(&next);
            recorded.push(next);
        }
        let closed = self.board.take_closed();
        let rows = Rows::touched(&self.board, closed, &recorded);
        Batch { epoch, events: recorded, rows }
    }

    fn record(&mut self, epoch: u64, event: Event) -> Recorded {
        self.at = self.at.plus_ms(self.random.below(60_000));
        let at = Timestamp(self.at.0 - self.at.0 % self.grain_us);
        let actor = match self.random.below(3) {
            0 => Actor::Person("anna".to_owned()),
            1 => Actor::Policy,
            _more => Actor::Gangline,
        };
        let seq = self.board.seq + 1;
        Recorded { seq, epoch, at, actor, key: self.key(), event }
    }

    /// Every third command has a key, and up to three events.
    fn key(&mut self) -> Option<IdempotencyKey> {
        if self.command.is_none() && self.random.one_in(3) {
            self.commands += 1;
            self.command = Some((key(self.commands), 1 + self.random.below(3)));
        }
        let (key, left) = self.command.take()?;
        if left > 1 {
            self.command = Some((key.clone(), left - 1));
        }
        Some(key)
    }

    fn pick(&mut self, epoch: u64) -> Event {
        let live = self.board.tickets.len();
        if self.worked().next().is_none() || self.random.one_in(40) {
            return self.about_a_project();
        }
        let may_add = live < LIVE_MAX || self.random.one_in(100);
        if live == 0 || may_add && self.random.one_in(8) {
            return self.add();
        }
        let nth = self.random.index(live);
        let ticket = self.board.tickets.values().nth(nth).expect("BUG: an index below the length");
        let mut numbers = Numbers::of(&self.board, epoch);
        let mut draw = Draw { random: &mut self.random, numbers: &mut numbers, at: self.at };
        let what = next_event(ticket, &mut draw);
        Event::Ticket { ticket: ticket.id.clone(), what }
    }

    fn about_a_project(&mut self) -> Event {
        let project = project(self.random.below(WORKED_PROJECTS + 1));
        let idle = !self.worked().any(|worked| worked.id == project);
        let known = self.board.projects.get(&project);
        let kind = agent_kind();
        match self.random.below(14) {
            _any if known.is_none() => {
                Event::ProjectConfigured { settings: Box::new(settings(&project)), project }
            }
            0 if idle => Event::ProjectRemoved { project },
            0 | 1 => Event::CircuitOpened { kind, why: "log in again".to_owned() },
            2 => Event::CircuitClosed { kind },
            3 => Event::ExternalRegistered { project, external: Box::new(external(self.at)) },
            4 => {
                let (external, why) = (external(self.at).id, ExternalEnd::Lost);
                Event::ExternalEnded { project, external, why }
            }
            5 => Event::TokenAdded { token: Box::new(token(self.random.below(5), self.at)) },
            6 => Event::TokenRevoked { token: token(self.random.below(5), self.at).id },
            7 => {
                let says = "too little".to_owned();
                Event::NodeAlertRaised { node: node(), kind: self.room(), says }
            }
            8 => Event::NodeAlertCleared { node: node(), kind: self.room() },
            9 if self.board.draining.contains(&node()) => Event::NodeResumed { node: node() },
            9 => Event::NodeDrained { node: node() },
            10 => Event::NothingChanged,
            _more if known.is_some_and(|known| known.paused) => Event::ProjectResumed { project },
            _more => Event::ProjectPaused { project },
        }
    }

    fn room(&mut self) -> RoomKind {
        if self.random.one_in(2) { RoomKind::Disk } else { RoomKind::Memory }
    }

    /// The projects that get tickets. One more comes and goes.
    fn worked(&self) -> impl Iterator<Item = &Project> {
        self.board.projects.values().filter(|known| known.id != project(WORKED_PROJECTS))
    }

    fn add(&mut self) -> Event {
        let count = self.worked().count();
        let nth = self.random.index(count);
        let project = self.worked().nth(nth).expect("BUG: an index below the count").clone();
        let number = project.next_number;
        let key = TicketKey::new(&project.settings.key_prefix, number).expect("BUG: a bad prefix");
        let depends_on =
            (number > 1).then(|| TicketKey::new(key.prefix(), number - 1).expect("BUG: a bad key"));
        let spec = TicketSpec {
            title: format!("Ticket {number}: naïve \"quotes\" and 'more'"),
            body: "Make the tests pass.\n".repeat(self.random.index(40)),
            priority: if self.random.one_in(4) { Priority::High } else { Priority::Medium },
            labels: ["backend".to_owned()].into(),
            depends_on: depends_on.into_iter().filter(|_| self.random.one_in(4)).collect(),
            ..TicketSpec::default()
        };
        let ticket = TicketId { project: project.id, key };
        let draft = self.random.one_in(10);
        Event::Ticket { ticket, what: TicketEvent::Added { spec: Box::new(spec), draft } }
    }
}

/// What the next event of a ticket is made from.
pub(super) struct Draw<'a> {
    pub(super) random: &'a mut Random,
    numbers: &'a mut Numbers,
    pub(super) at: Timestamp,
}

impl Draw<'_> {
    /// A lease that was granted just now.
    pub(super) fn lease(&mut self) -> gangline_domain::job::Lease {
        gangline_domain::job::Lease { node: node(), fence: self.fence(), granted_at: self.at }
    }

    pub(super) fn fence(&mut self) -> gangline_domain::ids::Fence {
        self.numbers.fence()
    }

    /// The ticket's next job, under a new lease.
    pub(super) fn run(
        &mut self,
        ticket: &Ticket,
        kind: gangline_domain::ids::JobKind,
    ) -> gangline_domain::job::Run {
        gangline_domain::job::Run { job: next_job(ticket, kind), lease: self.lease() }
    }

    /// Forty digits that have not been drawn before.
    pub(super) fn object_id(&mut self) -> String {
        format!("{:016x}{:024x}", self.random.next(), self.random.next())
    }
}

/// Some expire, and go when another one is added.
fn token(n: u64, at: Timestamp) -> Token {
    Token {
        id: format!("token-{n}").parse().expect("BUG: a constant form"),
        name: format!("bot {n}"),
        used_as: if n == 0 { TokenUse::Session } else { TokenUse::Api },
        role: Role::ALL[usize::try_from(n).unwrap_or_default() % Role::ALL.len()],
        projects: (n == 1).then(|| [project(0)].into()),
        sha256: "0".repeat(64),
        expires_at: (n == 2).then(|| at.plus_ms(60_000)),
        created_at: at,
        created_by: Actor::Remote { name: "anna".to_owned(), via: "http 127.0.0.1".to_owned() },
    }
}

fn key(n: u64) -> IdempotencyKey {
    format!("key-{n}").parse().expect("BUG: a bad key")
}

fn node() -> NodeId {
    "local".parse().expect("BUG: a bad node name")
}

fn agent_kind() -> AgentKind {
    "scripted".parse().expect("BUG: a bad kind")
}

fn project(n: u64) -> ProjectId {
    format!("shop-{n}").parse().expect("BUG: a bad project name")
}

fn settings(project: &ProjectId) -> ProjectSettings {
    let agent: gangline_domain::ids::AgentName = "worker".parse().expect("BUG: a bad agent name");
    let facts = AgentFacts {
        kind: agent_kind(),
        model: None,
        max_concurrent: None,
        fallback: vec![],
        capabilities: [].into(),
    };
    ProjectSettings {
        repo: format!("/srv/{project}"),
        target: "main".parse().expect("BUG: a bad branch"),
        key_prefix: project.as_str().to_uppercase().replace('-', ""),
        policy_sha256: "0".repeat(64),
        policy_snapshot: None,
        review: ReviewPolicy::Required,
        reviewer: None,
        landing: LandingMode::Local,
        limits: Limits::default(),
        budgets: Budgets::default(),
        default_agent: agent.clone(),
        agents: BTreeMap::from([(agent, facts)]),
        retry: Retry::default(),
        schedules: BTreeMap::new(),
    }
}

/// SplitMix64 (Steele, Lea and Flood, 2014): small, and the same on every machine.
#[derive(Debug, Clone)]
pub(super) struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Less than `bound`, which is not 0.
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    /// An index into something that long, which is not empty.
    fn index(&mut self, length: usize) -> usize {
        usize::try_from(self.below(length as u64)).expect("BUG: not below a usize")
    }

    pub(super) fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }
}

fn external(registered_at: Timestamp) -> External {
    External {
        id: "one".parse().expect("BUG: a bad session name"),
        agent: "worker".parse().expect("BUG: a bad agent name"),
        capabilities: [].into(),
        max_concurrent: 1,
        webhook: None,
        heartbeat_timeout_ms: 60_000,
        registered_at,
    }
}
