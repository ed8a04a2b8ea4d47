//! What follows from a plan that passed: its tickets are added as drafts, and it is delivered, in one
//! commit. Whoever reads the store finds both or neither, whenever the program was killed.

use super::{follow, record};
use crate::board::{Board, Numbers};
use crate::command::Refusal;
use crate::decide;
use crate::event::{Event, TicketEvent};
use crate::ids::TicketKey;
use crate::mutant::{Mutant, active};
use crate::project::Project;
use crate::proposal::Proposal;
use crate::spec::Deliverable;
use crate::ticket::{Reason, Submission, Ticket, TicketState, Verifying, VerifyingStage};
use crate::verdict::{Report, Verdict};

/// What follows, where the ticket asks for a plan and has one that passed; `None` where it is like
/// any other ticket. Nobody reviews a plan: its drafts wait for a person anyway.
pub(super) fn follow(board: &Board, ticket: &Ticket, numbers: &mut Numbers) -> Option<Vec<Event>> {
    let TicketState::Verifying(Verifying {
        submission,
        stage: VerifyingStage::Measured(report),
        ..
    }) = &ticket.state
    else {
        return None;
    };
    if ticket.spec.deliverable != Deliverable::Plan || report.verdict() != Verdict::Pass {
        return None;
    }
    let project = &board.projects[&ticket.id.project];
    let of_ticket = |whats| super::of(&ticket.id, whats);
    let Some(proposal) = &report.proposal else {
        let summary = "its verification passed, and told nothing of the plan".to_owned();
        return Some(of_ticket(vec![follow::escalate(Reason::Inconclusive, summary)]));
    };
    let keys: Vec<TicketKey> =
        proposal.tickets.keys().map(|_| numbers.key(board, project)).collect();
    Some(match added(board, ticket, proposal, &keys) {
        Ok(mut events) => {
            if active(Mutant::PlanInPart) {
                events.truncate(1);
            }
            let commit = submission.snapshot.head.clone();
            events.extend(of_ticket(vec![TicketEvent::Delivered { commit, drafts: keys }]));
            events
        }
        Err(why) => of_ticket(refused(ticket, project, (submission, report), &why)),
    })
}

fn added(
    board: &Board,
    plan: &Ticket,
    proposal: &Proposal,
    keys: &[TicketKey],
) -> Result<Vec<Event>, String> {
    let mut drafts = proposal.drafts(plan, keys);
    if active(Mutant::ProposalsRun) {
        for new in drafts.values_mut() {
            new.draft = false;
        }
    }
    let events = decide::add_all(board, &plan.id.project, &drafts);
    events.map_err(|refusal| told(&refusal, proposal, keys))
}

/// In the plan's own numbers: its tickets have no keys yet.
fn told(refusal: &Refusal, proposal: &Proposal, keys: &[TicketKey]) -> String {
    if let Refusal::UnknownDependency { ticket, on } | Refusal::CancelledDependency { ticket, on } =
        refusal
    {
        let there = match matches!(refusal, Refusal::CancelledDependency { .. }) {
            true => "it was cancelled",
            false => "there is no such ticket",
        };
        let mut numbered = proposal.tickets.keys().zip(keys);
        if let Some((number, _)) = numbered.find(|(_, key)| *key == ticket) {
            return format!("#{number} cannot depend on {on}: {there}");
        }
    }
    refusal.to_string()
}

/// What it names may not be there, or not any more: the planner is told, as of any other flaw.
fn refused(
    ticket: &Ticket,
    project: &Project,
    (submission, report): (&Submission, &Report),
    why: &str,
) -> Vec<TicketEvent> {
    let record = record::of_plan(submission, report, why);
    if submission.by_person || submission.again {
        return follow::to_its_person(submission, record);
    }
    follow::failed_try(ticket, project, record)
}
