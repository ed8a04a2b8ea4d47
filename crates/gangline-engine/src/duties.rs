//! Which duties have been carried out already, so that each is asked of the world once, and again
//! when the asking may have been lost.

use std::collections::{BTreeMap, BTreeSet};

use gangline_domain::board::Board;
use gangline_domain::duty::{Duty, duties};
use gangline_domain::ids::{Fence, JobId, NodeId, TicketId, Timestamp};
use gangline_domain::project::Project;
use gangline_domain::ticket::{Landing, LandingStage, Stage, Ticket, TicketState, Working};
use gangline_ports::link::{ControlMessage, MESSAGE_VERSION, TaskDispatchMessage, ToNode};

use crate::dispatcher::Effect;

/// What was asked for and not withdrawn. Volatile: after a restart everything is asked again.
#[derive(Debug, Default)]
pub(crate) struct Issued {
    by_ticket: BTreeMap<TicketId, BTreeSet<Duty>>,
    /// Jobs that were asked for and whose end was reported: withdrawing them needs no message.
    ended: BTreeSet<(JobId, Fence)>,
    /// Duties that failed, and when they are asked for again.
    again_at: BTreeSet<(Timestamp, TicketId)>,
}

impl Issued {
    pub(crate) fn forget_all(&mut self) {
        self.by_ticket.clear();
    }

    /// Everything asked of the node is asked again.
    pub(crate) fn forget_node(&mut self, node: &NodeId) -> Vec<TicketId> {
        let mut touched = vec![];
        for (ticket, issued) in &mut self.by_ticket {
            let before = issued.len();
            issued.retain(|duty| node_of(duty) != Some(node));
            if issued.len() != before {
                touched.push(ticket.clone());
            }
        }
        touched
    }

    pub(crate) fn has_ended(&mut self, job: &JobId, fence: Fence) {
        let asked =
            |duty: &Duty| duty.keeps().is_some_and(|(_, of, under)| of == job && under == fence);
        if self.by_ticket.get(&job.ticket).is_some_and(|issued| issued.iter().any(asked)) {
            self.ended.insert((job.clone(), fence));
        }
    }

    /// What was asked for the ticket did not get through; it is asked again at `at`.
    pub(crate) fn failed(&mut self, ticket: TicketId, at: Timestamp) {
        self.again_at.insert((at, ticket));
    }

    pub(crate) fn next(&self) -> Option<Timestamp> {
        self.again_at.first().map(|(at, _)| *at)
    }

    /// Tickets whose failed duties are to be asked for again.
    pub(crate) fn due(&mut self, now: Timestamp) -> Vec<TicketId> {
        let mut due = vec![];
        while let Some((at, ticket)) = self.again_at.first().cloned() {
            if at > now {
                break;
            }
            self.again_at.remove(&(at, ticket.clone()));
            self.by_ticket.remove(&ticket);
            due.push(ticket);
        }
        due
    }

    /// Brings what was asked for the ticket in line with the board.
    pub(crate) fn refresh(&mut self, board: &Board, id: &TicketId, effects: &mut Vec<Effect>) {
        self.withdraw(board, id, effects);
        let issued = self.by_ticket.remove(id).unwrap_or_default();
        let Some(ticket) = board.ticket(id) else { return };
        let project = &board.projects[&id.project];
        let wanted: BTreeSet<Duty> = duties(ticket, project).into_iter().collect();
        for new in wanted.difference(&issued) {
            effects.extend(ask(ticket, project, new));
        }
        if !wanted.is_empty() {
            self.by_ticket.insert(id.clone(), wanted);
        }
    }

    /// Takes back what was asked for the ticket and the board no longer wants.
    pub(crate) fn withdraw(&mut self, board: &Board, id: &TicketId, effects: &mut Vec<Effect>) {
        let Some(issued) = self.by_ticket.get_mut(id) else { return };
        let found = board.ticket(id).map(|ticket| (ticket, &board.projects[&id.project]));
        let wanted: BTreeSet<Duty> = found
            .map(|(ticket, project)| duties(ticket, project).into_iter().collect())
            .unwrap_or_default();
        let kept = |job: &JobId, fence: Fence| {
            wanted.iter().filter_map(Duty::keeps).any(|(_, of, under)| of == job && under == fence)
        };
        for gone in issued.extract_if(.., |duty| !wanted.contains(duty)) {
            let Some((node, job, fence)) = gone.keeps() else { continue };
            if kept(job, fence) || self.ended.remove(&(job.clone(), fence)) {
                continue;
            }
            let (node, job, ticket) = (node.clone(), job.clone(), id.clone());
            let message = ToNode::Fenced(ControlMessage { version: MESSAGE_VERSION, job, fence });
            effects.push(Effect::Send { node, ticket, message });
        }
    }
}

fn node_of(duty: &Duty) -> Option<&NodeId> {
    match duty {
        Duty::Run { node, .. }
        | Duty::Spare { node, .. }
        | Duty::Tell { node, .. }
        | Duty::Stop { node, .. }
        | Duty::Lend { node } => Some(node),
        Duty::Land { .. } | Duty::Publish { .. } => None,
    }
}

/// The effect that fulfils a duty of the ticket, unless leaving something alone does.
fn ask(ticket: &Ticket, project: &Project, duty: &Duty) -> Option<Effect> {
    let id = ticket.id.clone();
    Some(match duty {
        Duty::Spare { .. } => return None,
        Duty::Run { node, job, fence, deadline } => {
            let message = TaskDispatchMessage {
                version: MESSAGE_VERSION,
                job: job.clone(),
                fence: *fence,
                target_agent_id: node.to_string(),
                deadline: *deadline,
                ticket: ticket.clone(),
                project: project.clone(),
            };
            let message = ToNode::Dispatch(Box::new(message));
            Effect::Send { node: node.clone(), ticket: id, message }
        }
        Duty::Tell { node, job, fence, .. } => {
            let TicketState::Working(Working { stage: Stage::Running { said, .. }, .. }) =
                &ticket.state
            else {
                unreachable!("BUG: a duty to tell without a running attempt")
            };
            let said = said.clone();
            let message = ToNode::Tell { job: job.clone(), fence: *fence, said };
            Effect::Send { node: node.clone(), ticket: id, message }
        }
        Duty::Stop { node, job, fence, how } => {
            let message = ToNode::stop(*how, job.clone(), *fence);
            Effect::Send { node: node.clone(), ticket: id, message }
        }
        Duty::Lend { node } => {
            let message = ToNode::Lend { ticket: id.clone() };
            Effect::Send { node: node.clone(), ticket: id, message }
        }
        Duty::Land { fence } => {
            let TicketState::Landing(Landing { stage: LandingStage::Intended(intent), .. }) =
                &ticket.state
            else {
                unreachable!("BUG: a duty to land without an intent")
            };
            let mut settings = Box::new(project.settings.clone());
            // What was decided is carried out and read back there, whatever the policy says since.
            settings.target = intent.branch.clone().unwrap_or(settings.target);
            Effect::Land {
                ticket: id,
                fence: *fence,
                settings,
                candidate: intent.candidate.clone(),
            }
        }
        Duty::Publish { commit } => Effect::PublishBranch {
            ticket: Box::new(ticket.clone()),
            settings: Box::new(project.settings.clone()),
            commit: commit.clone(),
        },
    })
}
