//! What a review by an agent must be like.

use std::collections::BTreeSet;

use gangline_domain::event::TicketEvent;
use gangline_domain::ids::{Actor, CommitId, TicketId};
use gangline_domain::job::JobResult;
use gangline_domain::reviewer::{AgentReview, OnFindings, ReviewEnd, Reviewer};
use gangline_domain::ticket::{Approval, Submission, Ticket, TicketState};
use gangline_domain::verdict::CheckResult;

use super::{Checker, broken};
use crate::run::Violation;

/// What the judge remembers of reviews: commits of tickets.
#[derive(Debug, Default)]
pub(super) struct Reviews {
    /// Those that an agent has read, and answered.
    read: BTreeSet<(TicketId, CommitId)>,
    /// Those in which it found what must not land without a person.
    blocked: BTreeSet<(TicketId, CommitId)>,
}

fn offered(ticket: &Ticket) -> Option<&CommitId> {
    submission(ticket).map(|submission| &submission.snapshot.head)
}

fn submission(ticket: &Ticket) -> Option<&Submission> {
    if let TicketState::Verifying(verifying) = &ticket.state {
        return Some(&verifying.submission);
    }
    None
}

impl Checker {
    /// The result that an event of a review must really have had, if it tells of one.
    pub(super) fn review_result(what: &TicketEvent) -> Option<JobResult> {
        if let TicketEvent::ReviewerEnded { review } = what {
            return Some(JobResult::Reviewed((**review).clone()));
        }
        None
    }

    /// Nobody reads his own work, and reading costs what it costs.
    pub(super) fn may_review(&self, id: &TicketId, by: &Reviewer) -> Result<(), Violation> {
        let Some(ticket) = self.board.ticket(id) else { return Ok(()) };
        if ticket.run().is_some() {
            return Err(broken("one job per ticket", id.to_string()));
        }
        let Some(submission) = submission(ticket) else {
            return Err(broken("what is reviewed was measured", id.to_string()));
        };
        let author = &submission.attempt.agent;
        if *author == by.agent {
            return Err(broken("nobody reviews his own work", format!("{id}: {author}")));
        }
        self.affords(ticket, &by.allotment)
    }

    /// Keeps what a review really found.
    pub(super) fn reviewed(&mut self, id: &TicketId, review: &AgentReview) {
        let Some(ticket) = self.board.ticket(id) else { return };
        let Some(commit) = offered(ticket).cloned() else { return };
        let settings = &self.board.projects[&id.project].settings.reviewer;
        let weighs = settings.as_ref().is_some_and(|wanted| wanted.findings != OnFindings::Note);
        if let ReviewEnd::Answered { findings, .. } = &review.end {
            if weighs && findings.iter().any(|finding| finding.blocking) {
                self.reviews.blocked.insert((id.clone(), commit.clone()));
            }
            self.reviews.read.insert((id.clone(), commit));
        }
    }

    /// What a review comes to may need a person, too.
    pub(super) fn review_judged(&mut self, id: &TicketId, check: &CheckResult) {
        let commit = self.board.ticket(id).and_then(offered).cloned();
        if let Some(commit) = commit.filter(|_| !check.doubts.is_empty()) {
            self.doubted.insert((id.clone(), commit));
        }
    }

    /// Without a person nothing lands that a reviewer would not let pass, or should have read.
    pub(super) fn reviewed_before(
        &self,
        id: &TicketId,
        approval: &Approval,
    ) -> Result<(), Violation> {
        if approval.by != Actor::Policy {
            return Ok(());
        }
        let commit = (id.clone(), approval.commit.clone());
        if self.reviews.blocked.contains(&commit) && !self.handed_back.contains(id) {
            return Err(broken("what a reviewer blocks waits for a person", id.to_string()));
        }
        let settings = self.board.projects[&id.project].settings.reviewer.as_ref();
        let must = settings.is_some_and(|wanted| wanted.findings == OnFindings::Fail);
        match must && !self.handed_back.contains(id) && !self.reviews.read.contains(&commit) {
            true => Err(broken("what is to be reviewed was reviewed", id.to_string())),
            false => Ok(()),
        }
    }
}
