//! The promises, checked after every step by a judge with a memory of its own. It trusts neither
//! the board nor the events: it compares them with what it saw the world do.

mod again;
mod asked;
mod draining;
mod judge;
mod lessons;
mod planned;
mod reviewing;
mod rooms;
mod schedules;

use std::collections::{BTreeMap, BTreeSet};

use gangline_domain::board::{Board, Closed, Done};
use gangline_domain::command::{Command, Refusal, Report};
use gangline_domain::event::{Event, Recorded, TicketEvent};
use gangline_domain::ids::{
    CommitId, Fence, IdempotencyKey, JobId, ProjectId, TicketId, TicketKey, Timestamp, TreeId,
};
use gangline_domain::job::{Candidate, Integration, JobResult};
use gangline_domain::proposal::Proposal;
use gangline_domain::ticket::{AfterStop, AlertKind, TicketState};
use gangline_domain::verdict::Verdict;
use gangline_engine::{Denied, Effect};
use gangline_ports::link::ToNode;
use gangline_ports::store::Batch;

use crate::git::is_red;
use crate::run::Violation;
use crate::store::SimStore;
use crate::world::World;

/// How long an attempt may go on after a person's wish to end it is durable, when nothing breaks.
const STOP_GRACE_MS: u64 = 60_000;

/// What the judge remembers.
#[derive(Debug, Default)]
pub(crate) struct Checker {
    /// The fold of all durable events: its own board.
    board: Board,
    /// When the event that is judged was decided.
    now: Timestamp,
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
    /// By the name of the key.
    done: BTreeMap<String, (IdempotencyKey, Command, Done)>,
    /// The targets as the judge last saw them.
    targets: BTreeMap<ProjectId, CommitId>,
    /// Alerts that were raised, by the attempt.
    alerts: BTreeSet<(JobId, AlertKind)>,
    /// Whether what was measured last of a ticket is a trouble of this kind.
    troubles: BTreeMap<(TicketId, AlertKind), bool>,
    /// What attempts have said of alerts.
    alarms: BTreeSet<(JobId, AlertKind)>,
    /// Running attempts that a person wants ended, since when.
    stops: BTreeMap<JobId, Timestamp>,
    /// How many words the agents of running attempts are to be told, and since when.
    words: BTreeMap<JobId, (usize, Timestamp)>,
    /// The last word that a person said to a ticket's agents.
    last_word: BTreeMap<TicketId, String>,
    /// Tickets whose attempt a person wants ended.
    leaving: BTreeSet<TicketId>,
    /// Tickets whose work is a person's own, or judged because a person wants it.
    handed_back: BTreeSet<TicketId>,
    /// What was asked for under each key.
    wishes: BTreeMap<IdempotencyKey, Command>,
    /// Commits that a measurement doubted, and none since has not.
    doubted: BTreeSet<(TicketId, CommitId)>,
    /// What agents found who read the work of others.
    reviews: reviewing::Reviews,
    /// Tickets that failed as they had before, with the number of the attempt that did.
    stuck: BTreeMap<TicketId, u32>,
    /// What was asked for when the ticket's work was begun, or was to be judged once more.
    begun_for: BTreeMap<TicketId, String>,
    /// Tickets that have just taught something.
    teaching: BTreeSet<TicketId>,
    /// What was last proposed, for plans that were measured.
    proposals: BTreeMap<TicketId, Box<Proposal>>,
    /// What nodes have told of what they have left.
    rooms: rooms::Measured,
    /// Captured attempts: what was offered may be judged only then.
    captured: BTreeSet<JobId>,
}

fn broken(promise: &'static str, detail: impl Into<String>) -> Violation {
    Violation { promise, detail: detail.into() }
}

fn digest(result: &JobResult) -> String {
    serde_json::to_string(result).expect("BUG: results are plain data")
}

/// Whether the event cancels the ticket, or is to once its work is kept.
fn ends(recorded: &Recorded, id: &TicketId) -> bool {
    let Event::Ticket { ticket, what } = &recorded.event else { return false };
    let cancels = matches!(what, TicketEvent::Cancelled)
        || matches!(what, TicketEvent::StopRequested { stop } if stop.then == AfterStop::Cancel);
    ticket == id && cancels
}

impl Checker {
    /// A key that was used before, and what for.
    pub(crate) fn a_key(&self) -> Option<(&IdempotencyKey, &Command)> {
        self.done.values().next_back().map(|(key, command, _)| (key, command))
    }

    /// Somebody asks for this.
    pub(crate) fn asked(&mut self, key: &IdempotencyKey, command: &Command) {
        self.wishes.insert(key.clone(), command.clone());
    }

    /// Tickets that are added together are in one commit, all of them.
    fn together(&self, batch: &Batch) -> Result<(), Violation> {
        let mut added: BTreeMap<&IdempotencyKey, BTreeSet<&TicketKey>> = BTreeMap::new();
        for recorded in &batch.events {
            if let (Some(key), Event::Ticket { ticket, what: TicketEvent::Added { .. } }) =
                (&recorded.key, &recorded.event)
            {
                added.entry(key).or_default().insert(&ticket.key);
            }
        }
        for (key, added) in added {
            let wanted = match self.wishes.get(key) {
                Some(Command::AddAll { tickets, .. }) => tickets,
                Some(Command::Split { ticket, parts }) => {
                    if !batch
                        .events
                        .iter()
                        .any(|of| of.key.as_ref() == Some(key) && ends(of, ticket))
                    {
                        let detail = format!("{ticket} goes on beside {added:?}");
                        return Err(broken("what is split is ended with it", detail));
                    }
                    parts
                }
                _one => continue,
            };
            if !added.iter().copied().eq(wanted.keys()) {
                let detail = format!("{added:?} of {:?}", wanted.keys());
                return Err(broken("tickets added together are added whole", detail));
            }
        }
        Ok(())
    }

    /// A job really came to this.
    pub(crate) fn told(&mut self, report: &Report) {
        if let Report::Alerted { job, kind, .. } = report {
            self.alarms.insert((job.clone(), *kind));
        }
        let Report::Ended { job, fence, result } = report else { return };
        self.outcomes.insert((job.clone(), *fence, digest(result)));
        let checks = match &**result {
            JobResult::Verified(checks) => checks,
            JobResult::Integrated(Integration::Built { report, .. }) => report,
            JobResult::Integrated(Integration::Conflict { .. })
            | JobResult::Attempt(_)
            | JobResult::Captured(_)
            | JobResult::Reviewed(_)
            | JobResult::Failed(_) => return,
        };
        if checks.checks.iter().all(|check| check.verdict == Verdict::Pass) {
            self.passed.insert((checks.commit.clone(), checks.tree.clone()));
        }
    }

    pub(crate) fn person_moved(&mut self, project: &ProjectId, target: &CommitId) {
        self.targets.insert(project.clone(), target.clone());
    }

    /// Promise 1: what was acknowledged is in the store, and a repeated key is not done twice.
    pub(crate) fn answered(
        &mut self,
        store: &SimStore,
        key: &IdempotencyKey,
        command: &Command,
        answer: &Result<Done, Denied>,
    ) -> Result<(), Violation> {
        let left = |key: &IdempotencyKey| {
            store.events.iter().any(|recorded| recorded.key.as_ref() == Some(key))
        };
        let done = match answer {
            Ok(done) => done,
            Err(Denied::Refused(Refusal::KeyReused(_))) if left(key) => {
                let detail = format!("{key} {command:?}");
                return Err(broken("a repeat is answered as the first request", detail));
            }
            Err(_) => return Ok(()),
        };
        if done.seq > store.events.len() as u64 {
            return Err(broken("acknowledged is durable", format!("{command:?}: {done:?}")));
        }
        if !left(key) {
            return Err(broken("what was done under a key is known", format!("{key} {command:?}")));
        }
        if let Some((known, _, before)) = self.done.get(key.name()) {
            if known != key {
                let detail = format!("{known}, then {key} {command:?}");
                return Err(broken("a key is for one request", detail));
            }
            if before != done {
                return Err(broken("a key is done once", format!("{before:?}, then {done:?}")));
            }
        }
        if let (Command::Add { .. } | Command::AddAll { .. } | Command::Split { .. }, Some(ticket)) =
            (command, &done.ticket)
            && !store.tickets.contains_key(ticket)
        {
            return Err(broken("no ticket is lost", ticket.to_string()));
        }
        let name = key.name().to_owned();
        self.done.insert(name, (key.clone(), command.clone(), done.clone()));
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
            // A lost attempt is welcome until something newer holds its ticket.
            Effect::Send { message: ToNode::Fenced(message), .. } => {
                let ticket = checker.board.ticket(&message.job.ticket);
                match ticket.is_some_and(|ticket| ticket.holds(&message.job, message.fence)) {
                    true => Err(broken("what is not stale goes on", message.job.to_string())),
                    false => Ok(()),
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
            | Effect::StepDown
            | Effect::GiveUp { .. } => Ok(()),
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
        world.checker.targets.insert(ticket.project.clone(), candidate.new.clone());
        Ok(())
    }

    /// A batch is durable. Promises 2, 4, 5 and 9.
    pub(crate) fn committed(world: &mut World, batch: &Batch) -> Result<(), Violation> {
        world.checker.together(batch)?;
        world.checker.planned(batch)?;
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
        if let Event::ExternalEnded { project, external, .. } = &recorded.event {
            world.checker.gone(project, external, recorded.at);
        }
        world.checker.fires(&recorded.event)?;
        world.checker.alerts_of_nodes(recorded)?;
        world.checker.drains(recorded)?;
        if let Event::Ticket { ticket, what } = &recorded.event {
            world.checker.now = recorded.at;
            world.checker.judge(ticket, what, recorded.at)?;
            if let TicketEvent::Landed { commit, .. } = what
                && !world.git.is_ancestor(commit, world.git.target(&ticket.project))
            {
                return Err(broken("closed only when proven in the target", ticket.to_string()));
            }
            if let TicketEvent::Delivered { commit, .. } = what {
                Self::delivered(world, ticket, commit)?;
            }
        }
        world.checker.board.evolve(recorded);
        if let Event::Ticket { ticket, what } = &recorded.event {
            if matches!(what, TicketEvent::Edited { .. }) {
                world.checker.nobody_waits_for_itself(ticket)?;
            }
            world.checker.count(ticket, what)?;
        }
        Ok(())
    }

    /// What is delivered was verified; what waited in the queue is in the person's repository.
    fn delivered(world: &World, ticket: &TicketId, commit: &CommitId) -> Result<(), Violation> {
        let id = (ticket.clone(), commit.clone());
        if !world.checker.verified.contains(&id) {
            return Err(broken("inconclusive is no pass", ticket.to_string()));
        }
        let state = world.checker.board.ticket(ticket).map(|known| &known.state);
        match matches!(state, Some(TicketState::Queued(_))) && !world.git.published.contains(&id) {
            true => Err(broken("delivered only when its branch is there", ticket.to_string())),
            false => Ok(()),
        }
    }

    /// What is checked after every step.
    pub(crate) fn check(world: &mut World) -> Result<(), Violation> {
        for (project, target) in &world.checker.targets {
            if target != world.git.target(project) {
                return Err(broken("the target moves only by a landing", target.to_string()));
            }
        }
        if world.calm {
            for (job, since) in &world.checker.stops {
                if world.now.ms_since(*since) > STOP_GRACE_MS && world.runs(job) {
                    return Err(broken("a stopped attempt ends", job.to_string()));
                }
            }
            for (job, (words, since)) in &world.checker.words {
                if world.now.ms_since(*since) > STOP_GRACE_MS
                    && world.heard(job).is_some_and(|heard| heard < *words)
                {
                    return Err(broken("an agent hears what is said to it", job.to_string()));
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
        Self::nodes_are_told_of(world)?;
        match world.written.iter().find(|content| !world.git.kept.contains(content)) {
            None => Ok(()),
            Some(content) => Err(broken("no work is lost", format!("content {content}"))),
        }
    }
}
