//! What nodes say: that they are there, what they have, and what became of their jobs.

use gangline_domain::command::{Heard, Report};
use gangline_domain::decide::hear;
use gangline_domain::event::Event;
use gangline_domain::ids::{Actor, Fence, JobId, NodeId, TicketId, Timestamp};
use gangline_domain::mutant::{Mutant, active};
use gangline_domain::room;
use gangline_ports::link::{
    AgentHeartbeatMessage, AgentRegisterMessage, ControlMessage, FromNode, MESSAGE_VERSION, ToNode,
};

use super::{Dispatcher, Effect, Phase};

impl Dispatcher {
    pub(super) fn hear(&mut self, message: FromNode, now: Timestamp) {
        match message {
            FromNode::Register(message) => self.register(message, now),
            FromNode::Heartbeat(message) => {
                self.nodes_changed = true;
                if self.nodes.heartbeat(&message, now) {
                    self.measured(&message, now);
                } else {
                    tracing::debug!(node = %message.node, "heartbeat of an unregistered node");
                }
            }
            FromNode::Result(report) => {
                self.sign_of_life(&report, now);
                if let Report::Ended { job, fence, .. } = &*report {
                    self.issued.has_ended(job, *fence);
                    self.nodes.has_ended(job, *fence);
                }
                self.report(&report, now);
            }
        }
    }

    /// What a node has left raises and clears its alerts.
    fn measured(&mut self, message: &AgentHeartbeatMessage, now: Timestamp) {
        if self.phase != Phase::Leading {
            // The next sign of life tells it again.
            return;
        }
        for event in room::hear(&self.working, &message.node, &message.rooms) {
            self.record(event, &Actor::Gangline, None, now);
        }
    }

    /// Whoever reports under a fence that counts is alive. Heard before the report is decided
    /// about: a node that is still dead then would lose at once what is adopted from it.
    fn sign_of_life(&mut self, report: &Report, now: Timestamp) {
        let Some((job, fence)) = report.job() else { return };
        let ticket = self.working.ticket(&job.ticket);
        if let Some(node) = ticket.and_then(|ticket| ticket.node_of(job, fence)) {
            self.nodes.heard(&node, now);
        }
    }

    fn register(&mut self, message: AgentRegisterMessage, now: Timestamp) {
        self.nodes.register(&message, now);
        self.nodes_changed = true;
        self.all_dirty = true;
        if self.phase == Phase::Leading {
            self.judge(&message);
        } else {
            // What it has is judged by the board that is being loaded.
            self.unjudged.insert(message.node.clone(), message);
        }
    }

    /// Asks the node again for all it should do, and ends what it should not have.
    pub(super) fn judge(&mut self, message: &AgentRegisterMessage) {
        for id in self.issued.forget_node(&message.node) {
            self.issued.refresh(&self.durable, &id, &mut self.effects);
        }
        for (job, fence) in &message.jobs {
            if !self.holds(job, *fence) {
                self.fence_off(&message.node, job.clone(), *fence);
            }
        }
        for ticket in &message.worktrees {
            if self.durable.closed.contains_key(ticket) {
                self.retire(&message.node, ticket);
            }
        }
    }

    /// Whether the job may go on under this fence, as far as is durable.
    fn holds(&self, job: &JobId, fence: Fence) -> bool {
        let Some(ticket) = self.durable.ticket(&job.ticket) else { return false };
        if active(Mutant::FenceLost) {
            return ticket.run().is_some_and(|run| run.job == *job && run.lease.fence == fence);
        }
        ticket.holds(job, fence)
    }

    fn fence_off(&mut self, node: &NodeId, job: JobId, fence: Fence) {
        // A later leader's jobs are not this one's to judge.
        if fence.epoch > self.epoch {
            return;
        }
        let ticket = job.ticket.clone();
        let message = ToNode::Fenced(ControlMessage { version: MESSAGE_VERSION, job, fence });
        self.effects.push(Effect::Send { node: node.clone(), ticket, message });
    }

    pub(super) fn retire(&mut self, node: &NodeId, ticket: &TicketId) {
        let message = ToNode::Retire { ticket: ticket.clone() };
        let (node, ticket) = (node.clone(), ticket.clone());
        self.effects.push(Effect::Send { node, ticket, message });
    }

    pub(super) fn report(&mut self, report: &Report, now: Timestamp) {
        if self.phase != Phase::Leading {
            // It is told again when the duty it fulfils is asked for again.
            return;
        }
        match hear(&self.working, report, now) {
            Heard::News(whats) => {
                for what in whats {
                    let event = Event::Ticket { ticket: report.ticket().clone(), what };
                    self.record(event, &Actor::Gangline, None, now);
                }
            }
            Heard::Known => {}
            Heard::Stale { kind: _ } => {
                if let Some((job, fence)) = report.job() {
                    self.suspects.insert((self.working.seq, job.clone(), fence));
                }
            }
        }
    }

    /// Ends what was found stale. Found on the working board, told only when that is durable: a
    /// batch that is lost may have made the fence look stale.
    pub(super) fn judge_suspects(&mut self) {
        let nodes: Vec<NodeId> = self.nodes.view().nodes.keys().cloned().collect();
        while let Some((found_at, job, fence)) = self.suspects.pop_first() {
            if found_at > self.durable.seq {
                self.suspects.insert((found_at, job, fence));
                return;
            }
            let held = self.holds(&job, fence);
            for node in nodes.iter().filter(|_| !held) {
                self.fence_off(node, job.clone(), fence);
            }
        }
    }
}
