//! The promises, checked after every step by a judge with a memory of its own. It trusts neither
//! the board nor the events: it compares them with what it saw the world do.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a promise is about some events; what it does not name does not concern it"
)]

use std::collections::{BTreeMap, BTreeSet};

use gangline_domain::board::{Board, Closed, Done};
use gangline_domain::command::{Command, Report};
use gangline_domain::event::{Event, Recorded, TicketEvent};
use gangline_domain::ids::{CommitId, Fence, IdempotencyKey, JobId, TicketId, Timestamp, TreeId};
use gangline_domain::job::{Attempt, Candidate, Integration, JobResult};
use gangline_domain::ticket::{Cause, Stage, StopHow, TicketState, Working};
use gangline_domain::verdict::Verdict;
use gangline_engine::{Denied, Effect};
use gangline_ports::link::ToNode;
use gangline_ports::store::Batch;

use crate::git::is_red;
use crate::run::Violation;
use crate::store::SimStore;
use crate::world::{AGENTS_MAX, SLOTS, World};

/// How long an attempt may go on after a person's wish to end it is durable, when nothing breaks.
const STOP_GRACE_MS: u64 = 60_000;

/// What the judge remembers.
#[derive(Debug, Default)]
pub(crate) struct Checker {
    /// The fold of all durable events: its own board.
    board: Board,
    /// What jobs really came to, under which fence.
    outcomes: BTreeSet<(JobId, Fence, String)>,
    /// Fences that were durably granted, per job.
    granted: BTreeSet<(JobId, Fence)>,
    /// Trees that a job measured with a pass, and commits.
    passed: BTreeSet<(CommitId, TreeId)>,
    /// Verified commits per ticket.
    verified: BTreeSet<(TicketId, CommitId)>,
    /// What landed, by the swap itself.
    landed: BTreeMap<TicketId, CommitId>,
    /// Tries that the judge has counted for each ticket since it last got all of them.
    tries: BTreeMap<TicketId, u8>,
    /// What callers were told is done.
    done: BTreeMap<IdempotencyKey, (Command, Done)>,
    /// The target as the judge last saw it.
    target: Option<CommitId>,
    /// Running attempts that a person wants ended, since when.
    stops: BTreeMap<JobId, Timestamp>,
    /// Tickets whose work is a person's own.
    handed_back: BTreeSet<TicketId>,
    /// Captured attempts: what was offered may be judged only then.
    captured: BTreeSet<JobId>,
}

fn broken(promise: &'static str, detail: impl Into<String>) -> Violation {
    Violation { promise, detail: detail.into() }
}

fn digest(result: &JobResult) -> String {
    serde_json::to_string(result).expect("BUG: results are plain data")
}

impl Checker {
    /// A key that was used before, and what for.
    pub(crate) fn a_key(&self) -> Option<(&IdempotencyKey, &Command)> {
        self.done.iter().next_back().map(|(key, (command, _))| (key, command))
    }

    /// A job really came to this.
    pub(crate) fn told(&mut self, report: &Report) {
        let Report::Ended { job, fence, result } = report else { return };
        self.outcomes.insert((job.clone(), *fence, digest(result)));
        let checks = match &**result {
            JobResult::Verified(checks) => checks,
            JobResult::Integrated(Integration::Built { report, .. }) => report,
            JobResult::Integrated(Integration::Conflict { .. })
            | JobResult::Attempt(_)
            | JobResult::Captured(_)
            | JobResult::Failed(_) => return,
        };
        if checks.checks.iter().all(|check| check.verdict == Verdict::Pass) {
            self.passed.insert((checks.commit.clone(), checks.tree.clone()));
        }
    }

    pub(crate) fn person_moved(&mut self, target: &CommitId) {
        self.target = Some(target.clone());
    }

    /// Promise 1: what was acknowledged is in the store, and a repeated key is not done twice.
    pub(crate) fn answered(
        &mut self,
        store: &SimStore,
        key: &IdempotencyKey,
        command: &Command,
        answer: &Result<Done, Denied>,
    ) -> Result<(), Violation> {
        let Ok(done) = answer else { return Ok(()) };
        if done.seq > store.events.len() as u64 {
            return Err(broken("acknowledged is durable", format!("{command:?}: {done:?}")));
        }
        if let Some((_, before)) = self.done.get(key)
            && before.ticket != done.ticket
        {
            return Err(broken("a key is done once", format!("{before:?}, then {done:?}")));
        }
        if let (Command::Add { .. }, Some(ticket)) = (command, &done.ticket)
            && !store.tickets.contains_key(ticket)
        {
            return Err(broken("no ticket is lost", ticket.to_string()));
        }
        self.done.insert(key.clone(), (command.clone(), done.clone()));
        Ok(())
    }

    /// Promise 8: what leaves the orchestrator rests on a durable event.
    pub(crate) fn effect(world: &World, effect: &Effect) -> Result<(), Violation> {
        let checker = &world.checker;
        match effect {
            Effect::Send { message: ToNode::Dispatch(order), .. } => {
                let id = (order.job.clone(), order.fence);
                match checker.granted.contains(&id) {
                    true => Ok(()),
                    false => {
                        Err(broken("no effect before its event is durable", format!("{id:?}")))
                    }
                }
            }
            Effect::Land { ticket, candidate, .. } => {
                let intended = world.store.events.iter().rev().any(|event| {
                    matches!(&event.event, Event::Ticket { ticket: of, what:
                        TicketEvent::LandingIntended { intent } }
                        if of == ticket && intent.candidate == *candidate)
                });
                match intended {
                    true => Ok(()),
                    false => {
                        Err(broken("no landing before its intent is durable", ticket.to_string()))
                    }
                }
            }
            Effect::Publish(events) => {
                for event in events {
                    let at = usize::try_from(event.seq - 1).expect("BUG: small");
                    if world.store.events.get(at) != Some(event) {
                        return Err(broken("published is durable", format!("{}", event.seq)));
                    }
                }
                Ok(())
            }
            Effect::Send { .. }
            | Effect::Commit(_)
            | Effect::Load
            | Effect::Reply { .. }
            | Effect::Republish(_)
            | Effect::PublishBranch { .. }
            | Effect::StepDown => Ok(()),
        }
    }

    /// The target is about to move. Promise 3, by the truth about the tree.
    pub(crate) fn landing(
        world: &mut World,
        ticket: &TicketId,
        candidate: &Candidate,
    ) -> Result<(), Violation> {
        let tree = world.git.tree_id(&candidate.new);
        if is_red(&world.git.get(&candidate.new).tree) {
            return Err(broken("the target only advances to a verified tree", "it is red"));
        }
        if !world.checker.passed.contains(&(candidate.new.clone(), tree)) {
            return Err(broken("the target only advances to a verified tree", ticket.to_string()));
        }
        if !world.git.is_ancestor(&candidate.old, &candidate.new) {
            return Err(broken("history is never rewritten", ticket.to_string()));
        }
        if let Some(before) = world.checker.landed.insert(ticket.clone(), candidate.new.clone()) {
            return Err(broken("a ticket lands once", format!("{ticket}: {before}")));
        }
        world.checker.target = Some(candidate.new.clone());
        Ok(())
    }

    /// A batch is durable. Promises 2, 4, 5 and 9.
    pub(crate) fn committed(world: &mut World, batch: &Batch) -> Result<(), Violation> {
        for recorded in &batch.events {
            Self::event(world, recorded)?;
        }
        drop(world.checker.board.take_closed());
        let rows = world.store.load();
        if !rows.same_as(&world.checker.board) {
            return Err(broken("fold(events) == rows", format!("after {}", rows.seq)));
        }
        Self::limits(&world.checker.board)
    }

    fn event(world: &mut World, recorded: &Recorded) -> Result<(), Violation> {
        if let Event::Ticket { ticket, what } = &recorded.event {
            world.checker.judge(ticket, what, recorded.at)?;
            if let TicketEvent::Landed { commit, .. } = what
                && !world.git.is_ancestor(commit, &world.git.target)
            {
                return Err(broken("closed only when proven in the target", ticket.to_string()));
            }
        }
        world.checker.board.evolve(recorded);
        if let Event::Ticket { ticket, what } = &recorded.event {
            world.checker.count(ticket, what)?;
        }
        Ok(())
    }

    /// Judges an event on the board before it.
    fn judge(&mut self, id: &TicketId, what: &TicketEvent, at: Timestamp) -> Result<(), Violation> {
        let board = &self.board;
        let run = board.ticket(id).and_then(gangline_domain::ticket::Ticket::run);
        let really = |result: JobResult| {
            let run = run.clone();
            let known = run.as_ref().is_some_and(|run| {
                let outcome = (run.job.clone(), run.lease.fence, digest(&result));
                self.outcomes.contains(&outcome)
            });
            match known {
                true => Ok(()),
                false => Err(broken("a stale fence changes nothing", format!("{id}: {result:?}"))),
            }
        };
        match what {
            TicketEvent::AttemptStarted { attempt, lease } => {
                self.may_start(id, attempt)?;
                self.granted.insert((attempt.job.clone(), lease.fence));
            }
            TicketEvent::JobStarted { run } => {
                self.granted.insert((run.job.clone(), run.lease.fence));
            }
            TicketEvent::AttemptEnded { end } => {
                really(JobResult::Attempt((**end).clone()))?;
                if let Some(run) = run {
                    self.stops.remove(&run.job);
                }
            }
            TicketEvent::AttemptLost => {
                if let Some(run) = run {
                    self.stops.remove(&run.job);
                }
            }
            TicketEvent::Captured { snapshot } => {
                really(JobResult::Captured(snapshot.clone()))?;
                if let Some(TicketState::Working(Working { attempt, .. })) =
                    board.ticket(id).map(|ticket| &ticket.state)
                {
                    self.captured.insert(attempt.job.clone());
                }
            }
            TicketEvent::Verified { report } => {
                really(JobResult::Verified((**report).clone()))?;
                if report.verdict() == Verdict::Pass {
                    self.verified.insert((id.clone(), report.commit.clone()));
                }
            }
            TicketEvent::Integrated { found } => really(JobResult::Integrated((**found).clone()))?,
            TicketEvent::Approved { approval }
                if !self.verified.contains(&(id.clone(), approval.commit.clone())) =>
            {
                return Err(broken("inconclusive is no pass", id.to_string()));
            }
            TicketEvent::StopRequested { stop } => {
                if let (Some(run), StopHow::Stop | StopHow::Kill) = (run, stop.how) {
                    self.stops.insert(run.job, at);
                }
            }
            TicketEvent::LandingStarted { .. } => self.lane(id)?,
            TicketEvent::Cancelled | TicketEvent::Held { .. } => self.kept_before(id)?,
            _no_promise => {}
        }
        Ok(())
    }

    /// One attempt per ticket, after its dependencies, within its budget. Promises 2 and 7.
    fn may_start(&self, id: &TicketId, attempt: &Attempt) -> Result<(), Violation> {
        let Some(ticket) = self.board.ticket(id) else { return Ok(()) };
        if attempt.job.ticket != *id || ticket.run().is_some() {
            return Err(broken("one attempt per ticket", id.to_string()));
        }
        let unmet = self.board.unmet(ticket);
        if !unmet.is_empty() {
            return Err(broken("dependencies land first", format!("{id}: {unmet:?}")));
        }
        let budget = self.board.projects[&id.project].settings.budgets.ticket;
        match budget.tokens.is_some_and(|tokens| ticket.usage.tokens >= tokens) {
            true => Err(broken("budgets hold", format!("{id} has used {:?}", ticket.usage))),
            false => Ok(()),
        }
    }

    /// An attempt's work is captured before its ticket goes anywhere else.
    fn kept_before(&self, id: &TicketId) -> Result<(), Violation> {
        let Some(ticket) = self.board.ticket(id) else { return Ok(()) };
        match &ticket.state {
            TicketState::Working(Working { attempt, .. })
                if !self.captured.contains(&attempt.job) =>
            {
                Err(broken("work is captured before its ticket moves on", id.to_string()))
            }
            _at_rest => Ok(()),
        }
    }

    fn lane(&self, id: &TicketId) -> Result<(), Violation> {
        let mut others = self
            .board
            .queue()
            .filter(|ticket| ticket.id != *id && matches!(ticket.state, TicketState::Landing(_)));
        match others.next() {
            None => Ok(()),
            Some(other) => Err(broken("one lane", format!("{id} beside {}", other.id))),
        }
    }

    /// Counts tries as the table of the design says, and compares.
    fn count(&mut self, id: &TicketId, what: &TicketEvent) -> Result<(), Violation> {
        let tries = self.tries.entry(id.clone()).or_default();
        match what {
            TicketEvent::Retried => *tries = 0,
            TicketEvent::HandedBack { .. } => {
                self.handed_back.insert(id.clone());
            }
            TicketEvent::AttemptStarted { .. } => {
                self.handed_back.remove(id);
            }
            TicketEvent::SentBack { record: Some(record), .. } => match record.cause {
                Cause::ChecksFailed if self.handed_back.contains(id) => {}
                Cause::ChecksFailed | Cause::GaveUp | Cause::TimedOut | Cause::Crashed => {
                    *tries += 1;
                }
                Cause::AgentBroken
                | Cause::Infra
                | Cause::Conflict
                | Cause::RedOnMerged
                | Cause::Rejected => {}
            },
            _spends_nothing => {}
        }
        let Some(ticket) = self.board.ticket(id) else { return Ok(()) };
        let most = self.board.projects[&id.project].settings.limits.tries;
        if ticket.tries_spent != *tries || *tries > most {
            let detail = format!("{id}: {} spent, {tries} counted", ticket.tries_spent);
            return Err(broken("what spends a try", detail));
        }
        Ok(())
    }

    /// Promise 7, on the durable board.
    fn limits(board: &Board) -> Result<(), Violation> {
        let mut by_node: BTreeMap<_, u32> = BTreeMap::new();
        let mut running = 0;
        for ticket in board.tickets.values() {
            if let TicketState::Working(Working { stage: Stage::Running { lease, .. }, .. }) =
                &ticket.state
            {
                running += 1;
                *by_node.entry(lease.node.clone()).or_default() += 1;
            }
        }
        let limits = board.projects.values().next().map(|project| &project.settings.limits);
        let most = limits.map_or(0, |limits| limits.agents.min(limits.per_definition));
        let crowded = by_node.values().any(|count| *count > SLOTS);
        match running > most.min(AGENTS_MAX) || crowded {
            true => Err(broken("limits hold", format!("{running} attempts of {most}"))),
            false => Ok(()),
        }
    }

    /// What is checked after every step.
    pub(crate) fn check(world: &mut World) -> Result<(), Violation> {
        if let Some(target) = &world.checker.target
            && *target != world.git.target
        {
            return Err(broken("the target moves only by a landing", target.to_string()));
        }
        if world.calm {
            for (job, since) in &world.checker.stops {
                if world.now.ms_since(*since) > STOP_GRACE_MS && world.runs(job) {
                    return Err(broken("a stopped attempt ends", job.to_string()));
                }
            }
        }
        Ok(())
    }

    /// Whether everything has come to an end, and nothing was lost on the way. Promises 1, 6, 10.
    pub(crate) fn finally(world: &World) -> Result<(), Violation> {
        let board = &world.checker.board;
        if let Some(ticket) = board.tickets.values().next() {
            let waits =
                world.leading().map(|(_, dispatcher)| dispatcher.waits_for(ticket, world.now));
            let detail = format!("{} is {:?}, waits for {waits:?}", ticket.id, ticket.state);
            return Err(broken("everything comes to an end", detail));
        }
        for (id, closed) in &board.closed {
            let landed = world.checker.landed.contains_key(id);
            if landed != matches!(closed, Closed::Landed(_)) {
                return Err(broken("closed as it ended", format!("{id} is {closed:?}")));
            }
        }
        for node in &world.nodes {
            if let Some((job, fence)) = node.running().next() {
                return Err(broken("no process outlives its job", format!("{job} {fence}")));
            }
            if let Some(ticket) = node.worktrees.keys().next() {
                return Err(broken("worktrees of closed tickets are removed", ticket.to_string()));
            }
        }
        match world.written.iter().find(|content| !world.git.kept.contains(content)) {
            None => Ok(()),
            Some(content) => Err(broken("no work is lost", format!("content {content}"))),
        }
    }
}
