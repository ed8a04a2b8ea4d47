//! The one writer. Sans-I/O: inputs in, effects out; no clock, no randomness, no task.
//!
//! Inputs are decided on the *working* board at once, and wait for the next batch. One commit is
//! in flight at a time; while it is, the next batch gathers (group commit). Only when a batch is
//! durable do its replies, publications and duties leave.

mod hearing;
mod protocol;

use std::collections::{BTreeMap, BTreeSet};

use gangline_domain::board::{Answers, Board, Done, Numbers};
use gangline_domain::command::{Command, Refusal, Report};
use gangline_domain::decide::decide;
use gangline_domain::drain;
use gangline_domain::event::{Event, Recorded};
use gangline_domain::ids::{Actor, Fence, IdempotencyKey, JobId, NodeId, TicketId, Timestamp};
use gangline_domain::mutant::{Mutant, active};
use gangline_domain::plan::{Focus, Wait, plan, waits_for};
use gangline_domain::ticket::{Ticket, TicketState};
use gangline_ports::link::AgentRegisterMessage;
use gangline_ports::store::{Batch, Rows};

use crate::duties::Issued;
use crate::nodes::{NodeTable, NodesView};

pub use protocol::{Denied, Effect, Input, ReplyId};

#[derive(Debug)]
struct Waiting {
    reply: ReplyId,
    answer: Result<Done, Refusal>,
}

/// A batch on its way, and who waits for it.
#[derive(Debug, Default)]
struct Flight {
    events: Vec<Recorded>,
    waiting: Vec<Waiting>,
}

#[derive(Debug, PartialEq, Eq)]
enum Phase {
    Leading,
    /// The board is being loaded; nothing is decided.
    Loading {
        /// The store has been asked and has not answered yet. A long history takes its time, and
        /// asking again would begin anew.
        asked: bool,
    },
    /// Another one leads.
    Deposed,
    /// The store is corrupt.
    Broken,
}

/// How long nothing is written after the store refused a batch, in milliseconds.
const REFUSED_PAUSE_MS: u64 = 1_000;
/// How often everything asked for is asked for again, in milliseconds: what a bus lost, this
/// repairs.
const SWEEP_MS: u64 = 30_000;
/// How long a duty that did not get through waits, in milliseconds.
const DUTY_AGAIN_MS: u64 = 2_000;
/// Events that one batch may hold, and with them its time in the store.
const BATCH_EVENTS_MAX: usize = 1_024;
/// Events, and callers, that may wait for the commit in flight.
const GATHERING_MAX: usize = 4 * BATCH_EVENTS_MAX;

/// See the module.
#[derive(Debug)]
pub struct Dispatcher {
    epoch: u64,
    phase: Phase,
    durable: Board,
    working: Board,
    nodes: NodeTable,
    nodes_changed: bool,
    gathering: Flight,
    in_flight: Option<Flight>,
    dirty: BTreeSet<TicketId>,
    all_dirty: bool,
    issued: Issued,
    /// Jobs that reported under a fence that looked stale, and the last event of the board on
    /// which it did.
    suspects: BTreeSet<(u64, JobId, Fence)>,
    /// Nodes that registered while the board was being loaded, with what they have.
    unjudged: BTreeMap<NodeId, AgentRegisterMessage>,
    paused_until: Timestamp,
    last_tick: Timestamp,
    last_sweep: Timestamp,
    effects: Vec<Effect>,
}

impl Dispatcher {
    /// Leads with `epoch`, from the store's board. The first turn asks the world for everything
    /// that the board says ought to be.
    pub fn new(epoch: u64, board: Board, agents_max: u32, now: Timestamp) -> Self {
        let mut dispatcher = Self {
            epoch,
            phase: Phase::Leading,
            durable: board.clone(),
            working: board,
            nodes: NodeTable::new(agents_max, now),
            nodes_changed: false,
            gathering: Flight::default(),
            in_flight: None,
            dirty: BTreeSet::new(),
            all_dirty: true,
            issued: Issued::default(),
            suspects: BTreeSet::new(),
            unjudged: BTreeMap::new(),
            paused_until: now,
            last_tick: now,
            last_sweep: now,
            effects: vec![],
        };
        dispatcher.begin();
        dispatcher
    }

    /// The board as it is durable.
    pub fn board(&self) -> &Board {
        &self.durable
    }

    /// What a ticket waits for, in this orchestrator's view of the nodes.
    pub fn waits_for(&self, ticket: &Ticket, now: Timestamp) -> Wait {
        waits_for(&self.durable, &self.nodes.judged(now), ticket, now)
    }

    /// Whether the node has registered since the start.
    pub fn knows(&self, node: &NodeId) -> bool {
        self.nodes.view().nodes.contains_key(node)
    }

    /// The nodes, when something about them changed since the last call.
    pub fn nodes_if_changed(&mut self) -> Option<NodesView> {
        std::mem::take(&mut self.nodes_changed).then(|| self.nodes.view().clone())
    }

    /// Whether nothing waits to be decided, written or answered.
    pub fn is_idle(&self) -> bool {
        self.in_flight.is_none() && self.gathering.events.is_empty() && self.effects.is_empty()
    }

    /// Whether so much waits for the commit in flight that nothing more should be taken in.
    pub fn is_full(&self) -> bool {
        let Flight { events, waiting } = &self.gathering;
        self.in_flight.is_some() && events.len().max(waiting.len()) >= GATHERING_MAX
    }

    /// When a turn is due without any input.
    pub fn wakes_at(&self) -> Option<Timestamp> {
        let timers = [self.working.next_timer_after(self.last_tick), self.issued.next()];
        timers.into_iter().flatten().min().map(|at| at.max(self.paused_until))
    }

    /// One input and the turn after it.
    pub fn step(&mut self, input: Input, now: Timestamp) -> Vec<Effect> {
        self.take(input, now);
        self.turn(now)
    }

    /// Takes an input in. What it leads to comes with the next turn.
    pub fn take(&mut self, input: Input, now: Timestamp) {
        match input {
            Input::Command { reply, actor, key, command } => {
                self.command(reply, &actor, key.as_ref(), &command, now);
            }
            Input::FromNode(message) => self.hear(message, now),
            Input::Swapped(report) => {
                self.nodes_changed |= self.nodes.unhindered(report.ticket());
                self.report(&report, now);
            }
            Input::DutyFailed(ticket) => self.issued.failed(ticket, now.plus_ms(DUTY_AGAIN_MS)),
            Input::RepoUnavailable(ticket, why) => self.hindered(ticket, why, now),
            Input::Link(up) => self.nodes.set_link(up, now),
            Input::Tick => self.tick(now),
            Input::Committed => self.committed(),
            Input::CommitRefused => self.refused(&Denied::NotDone, now),
            Input::DiskFull => self.refused(&Denied::DiskFull, now),
            Input::CommitUnknown => self.unknown(),
            Input::Loaded(board) => self.loaded(*board),
            Input::LoadFailed => self.load_failed(now),
            Input::Deposed => self.deposed(),
            Input::Broken(why) => self.broken(why),
        }
    }

    /// The repository may be there again at any moment, or never: it is tried ever more seldom, and
    /// whoever looks is told why.
    fn hindered(&mut self, ticket: TicketId, why: String, now: Timestamp) {
        if active(Mutant::BelievePublication) {
            self.believe_publication(&ticket, now);
        }
        let board = &self.durable;
        let times = self.nodes.hindered(&ticket, why, |known| board.ticket(known).is_some());
        self.nodes_changed = true;
        let wait = (DUTY_AGAIN_MS << times.min(8)).min(SWEEP_MS);
        self.issued.failed(ticket, now.plus_ms(wait));
    }

    /// A planted fault: what failed has happened all the same.
    fn believe_publication(&mut self, ticket: &TicketId, now: Timestamp) {
        let state = self.working.ticket(ticket).map(|known| &known.state);
        if let Some(TicketState::Queued(entry)) = state {
            let (ticket, commit) = (ticket.clone(), entry.approval.commit.clone());
            self.report(&Report::Published { ticket, commit }, now);
        }
    }

    /// Draws consequences, and sends off the next batch when none is in flight.
    pub fn turn(&mut self, now: Timestamp) -> Vec<Effect> {
        // Before anyone is judged by their silence: perhaps it was this process that slept.
        self.nodes.notice(now);
        if self.phase == Phase::Leading && self.in_flight.is_none() && now >= self.paused_until {
            self.settle(now);
            self.send_off();
            self.judge_suspects();
        }
        std::mem::take(&mut self.effects)
    }

    fn begin(&mut self) {
        self.all_dirty = true;
        for ticket in self.durable.busy() {
            if let Some(run) = ticket.run() {
                self.nodes.await_node(&run.lease.node);
            }
        }
        // Whoever has an alert and does not come is gone.
        for node in self.durable.node_alerts.keys() {
            self.nodes.await_node(node);
        }
        self.ask_all();
    }

    /// Asks the world for everything that the durable board wants of it.
    fn ask_all(&mut self) {
        self.issued.forget_all();
        let spared = self.durable.waiting().filter(|ticket| ticket.spared().is_some());
        let asking = self.durable.busy().chain(self.durable.queue()).chain(self.durable.lent());
        let asking = asking.chain(spared);
        let ids: BTreeSet<TicketId> = asking.map(|ticket| ticket.id.clone()).collect();
        for id in ids {
            self.issued.refresh(&self.durable, &id, &mut self.effects);
        }
    }

    fn record(
        &mut self,
        event: Event,
        actor: &Actor,
        key: Option<&IdempotencyKey>,
        now: Timestamp,
    ) {
        let recorded = Recorded {
            seq: self.working.seq + 1,
            epoch: self.epoch,
            at: now,
            actor: actor.clone(),
            key: key.cloned(),
            event,
        };
        self.working.evolve(&recorded);
        match recorded.event.ticket() {
            Some(ticket) => {
                self.dirty.insert(ticket.clone());
                // Who waits for this ticket may go on, or never will.
                if !self.working.tickets.contains_key(ticket) {
                    self.dirty.extend(self.working.dependents(ticket).cloned());
                }
            }
            None => self.all_dirty = true,
        }
        self.gathering.events.push(recorded);
    }

    fn command(
        &mut self,
        reply: ReplyId,
        actor: &Actor,
        key: Option<&IdempotencyKey>,
        command: &Command,
        now: Timestamp,
    ) {
        match self.phase {
            Phase::Leading => {}
            Phase::Loading { .. } => return self.deny(reply, Denied::NotDone),
            Phase::Deposed => return self.deny(reply, Denied::Deposed),
            Phase::Broken => return self.deny(reply, Denied::Broken),
        }
        if let Some(answer) = key.and_then(|key| self.working.answers.get(key)) {
            let answer = answer.cloned();
            return self.answer_when_durable(reply, answer);
        }
        let mut numbers = Numbers::of(&self.working, self.epoch);
        let known = drain::known(&self.working, command, |node| self.nodes.has_heard_of(node));
        let decided = known.and_then(|()| decide(&self.working, command, actor, now, &mut numbers));
        let answer = match decided {
            Ok(events) => {
                let mut ticket = None;
                for event in Answers::known_by(key, events) {
                    ticket = event.ticket().cloned();
                    self.record(event, actor, key, now);
                }
                Ok(Done { seq: self.working.seq, ticket })
            }
            Err(refusal) => Err(refusal),
        };
        self.answer_when_durable(reply, answer);
    }

    /// An answer, a refusal too, rests on the working board: it leaves when that is durable.
    fn answer_when_durable(&mut self, reply: ReplyId, answer: Result<Done, Refusal>) {
        let rests_on = match &answer {
            Ok(done) => done.seq,
            Err(_) => self.working.seq,
        };
        if rests_on <= self.durable.seq {
            let answer = answer.map_err(Denied::Refused);
            return self.effects.push(Effect::Reply { reply, answer });
        }
        let gathering_from = self.gathering.events.first().map(|event| event.seq);
        match (&mut self.in_flight, gathering_from) {
            (Some(flight), first) if first.is_none_or(|first| rests_on < first) => {
                flight.waiting.push(Waiting { reply, answer });
            }
            _with_the_next => self.gathering.waiting.push(Waiting { reply, answer }),
        }
    }

    fn deny(&mut self, reply: ReplyId, denied: Denied) {
        self.effects.push(Effect::Reply { reply, answer: Err(denied) });
    }

    fn tick(&mut self, now: Timestamp) {
        self.last_tick = now;
        match self.phase {
            Phase::Leading => {}
            Phase::Loading { asked } => {
                if !asked && now >= self.paused_until {
                    self.load();
                }
                return;
            }
            Phase::Deposed | Phase::Broken => return,
        }
        self.dirty.extend(self.working.due(now).cloned());
        for id in self.issued.due(now) {
            self.issued.refresh(&self.durable, &id, &mut self.effects);
        }
        if now.ms_since(self.last_sweep) >= SWEEP_MS {
            self.last_sweep = now;
            self.ask_all();
        }
    }

    fn settle(&mut self, now: Timestamp) {
        let nodes = self.nodes.judged(now);
        for round in 0.. {
            assert!(round < 10_000, "BUG: the plan does not come to rest");
            let focus = if std::mem::take(&mut self.all_dirty) {
                Focus::All
            } else {
                Focus::Changed(std::mem::take(&mut self.dirty))
            };
            let mut numbers = Numbers::of(&self.working, self.epoch);
            let events = plan(&self.working, &nodes, &focus, now, &mut numbers);
            if events.is_empty() {
                self.dirty.clear();
                break;
            }
            for event in events {
                self.record(event, &Actor::Gangline, None, now);
            }
            if self.gathering.events.len() >= BATCH_EVENTS_MAX {
                // The rest follows with the next turn.
                self.all_dirty = true;
                break;
            }
        }
    }

    fn send_off(&mut self) {
        if self.gathering.events.is_empty() {
            return;
        }
        let flight = std::mem::take(&mut self.gathering);
        let closed = self.working.take_closed();
        let batch = Batch {
            epoch: self.epoch,
            rows: Rows::touched(&self.working, closed, &flight.events),
            events: flight.events.clone(),
        };
        self.effects.push(Effect::Commit(Box::new(batch)));
        if active(Mutant::EffectsFirst) {
            let board = self.working.clone();
            self.fulfil(&board, &flight.events);
        }
        self.in_flight = Some(flight);
    }

    fn committed(&mut self) {
        let Some(flight) = self.in_flight.take() else {
            unreachable!("BUG: a commit was acknowledged that was not asked for")
        };
        for event in &flight.events {
            self.durable.evolve(event);
        }
        // The store has them; this board need not.
        drop(self.durable.take_closed());
        let board = std::mem::take(&mut self.durable);
        self.fulfil(&board, &flight.events);
        self.durable = board;
        // Whoever has an answer in hand finds what it tells in the published board.
        self.effects.push(Effect::Publish(flight.events));
        for Waiting { reply, answer } in flight.waiting {
            let answer = answer.map_err(Denied::Refused);
            self.effects.push(Effect::Reply { reply, answer });
        }
    }

    /// Asks the world for what the tickets of these events now need.
    fn fulfil(&mut self, board: &Board, events: &[Recorded]) {
        let mut touched: BTreeSet<&TicketId> =
            events.iter().filter_map(|event| event.event.ticket()).collect();
        // A project that goes on, or lands in another way, does so with what is queued already.
        let projects = events.iter().filter(|event| event.event.ticket().is_none());
        let projects: BTreeSet<_> = projects.filter_map(|event| event.event.project()).collect();
        let queued = board.queue().filter(|ticket| projects.contains(&ticket.id.project));
        touched.extend(queued.map(|ticket| &ticket.id));
        for id in touched {
            self.issued.refresh(board, id, &mut self.effects);
            if board.closed.contains_key(id) {
                self.retire_everywhere(id);
            }
        }
    }

    /// Takes back what the durable board no longer wants of the world for this ticket.
    fn withdraw(&mut self, id: &TicketId) {
        self.issued.withdraw(&self.durable, id, &mut self.effects);
        if self.durable.closed.contains_key(id) {
            self.retire_everywhere(id);
        }
    }

    fn retire_everywhere(&mut self, id: &TicketId) {
        let nodes: Vec<NodeId> = self.nodes.view().nodes.keys().cloned().collect();
        for node in nodes {
            self.retire(&node, id);
        }
    }

    fn drop_undurable(&mut self, flight_fate: &Denied) {
        self.suspects.clear();
        let flight = self.in_flight.take().unwrap_or_default();
        let gathering = std::mem::take(&mut self.gathering);
        for Waiting { reply, .. } in flight.waiting {
            self.deny(reply, flight_fate.clone());
        }
        // What was not even tried was not done, whatever became of the batch before it.
        let gathering_fate = match flight_fate {
            Denied::DiskFull => Denied::DiskFull,
            Denied::Refused(_)
            | Denied::NotDone
            | Denied::Unknown
            | Denied::Broken
            | Denied::Deposed => Denied::NotDone,
        };
        for Waiting { reply, .. } in gathering.waiting {
            self.deny(reply, gathering_fate.clone());
        }
    }

    fn refused(&mut self, why: &Denied, now: Timestamp) {
        self.drop_undurable(why);
        self.working = self.durable.clone();
        self.paused_until = now.plus_ms(REFUSED_PAUSE_MS);
        // Reports that were decided on the dropped board are told again.
        self.begin();
    }

    fn unknown(&mut self) {
        if active(Mutant::KeepBoard) {
            return self.committed();
        }
        self.drop_undurable(&Denied::Unknown);
        self.load();
    }

    fn load(&mut self) {
        self.phase = Phase::Loading { asked: true };
        self.effects.push(Effect::Load);
    }

    fn load_failed(&mut self, now: Timestamp) {
        self.paused_until = now.plus_ms(REFUSED_PAUSE_MS);
        if let Phase::Loading { asked } = &mut self.phase {
            *asked = false;
        }
    }

    fn loaded(&mut self, board: Board) {
        if !matches!(self.phase, Phase::Loading { .. }) {
            return;
        }
        self.effects.push(Effect::Republish(Box::new(board.clone())));
        let before = std::mem::replace(&mut self.durable, board.clone());
        self.working = board;
        self.phase = Phase::Leading;
        // The batch may have been written after all: what it has withdrawn is withdrawn now.
        for id in before.tickets.keys() {
            self.withdraw(id);
        }
        self.begin();
        for message in std::mem::take(&mut self.unjudged).into_values() {
            self.judge(&message);
        }
    }

    /// What is stored cannot be trusted: nothing more is decided on it, nor asked of the world.
    fn broken(&mut self, why: String) {
        if matches!(self.phase, Phase::Deposed | Phase::Broken) {
            return;
        }
        self.drop_undurable(&Denied::Broken);
        self.phase = Phase::Broken;
        self.effects.push(Effect::GiveUp { why });
    }

    fn deposed(&mut self) {
        self.drop_undurable(&Denied::Deposed);
        self.phase = Phase::Deposed;
        self.effects.push(Effect::StepDown);
    }
}

#[cfg(test)]
pub(crate) mod tests;
