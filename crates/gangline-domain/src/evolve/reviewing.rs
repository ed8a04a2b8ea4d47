//! What happens to a measured commit while another agent reads it.

use crate::event::TicketEvent;
use crate::ids::{JobId, Timestamp};
use crate::reviewer::AgentReview;
use crate::ticket::{
    Phase, Reviewing, ReviewingStage, Ticket, TicketState, Verifying, VerifyingStage,
};
use crate::verdict::{CheckResult, Verdict};

impl Ticket {
    pub(super) fn reviewed(&mut self, what: &TicketEvent, at: Timestamp) {
        if let TicketEvent::ReviewerWanted { review } = what {
            self.reviewer_wanted(what, review, at);
        } else if let TicketEvent::ReviewerStarted { reviewer, run } = what {
            let (phase, by) = (Phase::Runs(run.clone()), Some(reviewer.clone()));
            self.reviewing(what).stage = ReviewingStage::Job { phase, by };
        } else if let TicketEvent::ReviewerEnded { review } = what {
            self.reviewer_ended(what, review);
        } else if let TicketEvent::ReviewerPutOff { why, not_before, counts } = what {
            let reviewing = self.reviewing(what);
            reviewing.unanswered = reviewing.unanswered.saturating_add(u8::from(*counts));
            reviewing.why.clone_from(why);
            let phase = Phase::Due { not_before: *not_before };
            reviewing.stage = ReviewingStage::Job { phase, by: None };
        } else if let TicketEvent::ReviewerJudged { check } = what {
            self.reviewer_judged(what, check);
        } else {
            self.bug(what);
        }
    }

    fn reviewer_ended(&mut self, what: &TicketEvent, review: &AgentReview) {
        self.usage = self.usage.plus(review.usage);
        self.machine_works();
        let ReviewingStage::Job { by: Some(by), .. } = &self.reviewing(what).stage else {
            self.bug(what)
        };
        let (by, end) = (by.clone(), review.end.clone());
        self.reviewing(what).stage = ReviewingStage::Ended { by, end };
    }

    fn reviewer_wanted(&mut self, what: &TicketEvent, review: &JobId, at: Timestamp) {
        self.jobs = self.jobs.max(review.n);
        let TicketState::Verifying(Verifying { stage, .. }) = &mut self.state else {
            self.bug(what)
        };
        let VerifyingStage::Measured(report) = stage else { self.bug(what) };
        *stage = VerifyingStage::Reviewing(Box::new(Reviewing {
            report: report.clone(),
            job: review.clone(),
            unanswered: 0,
            why: String::new(),
            stage: ReviewingStage::Job { phase: Phase::Due { not_before: at }, by: None },
        }));
    }

    /// The report gets its last check. What a reviewer said of just this commit is kept with it, so
    /// that the same commit is not read twice.
    fn reviewer_judged(&mut self, what: &TicketEvent, check: &CheckResult) {
        let TicketState::Verifying(Verifying { submission, stage, .. }) = &mut self.state else {
            self.bug(what)
        };
        let mut report = match stage {
            VerifyingStage::Measured(report) => report.clone(),
            VerifyingStage::Reviewing(reviewing) => reviewing.report.clone(),
            VerifyingStage::Job(_) => self.bug(what),
        };
        report.checks.push(check.clone());
        if check.verdict != Verdict::Inconclusive && submission.reviewed.is_none() {
            submission.reviewed = Some(Box::new(check.clone()));
            self.read = Some(Box::new((submission.snapshot.head.clone(), check.clone())));
        }
        *stage = VerifyingStage::Measured(report);
    }

    fn reviewing(&mut self, what: &TicketEvent) -> &mut Reviewing {
        if self.state.reviewing().is_none() {
            self.bug(what);
        }
        self.state.reviewing_mut().expect("BUG: it was there a moment ago")
    }

    /// The review's job could not do its work: nobody reviews now.
    pub(super) fn reviewer_gone(&mut self) {
        if let Some(Reviewing { stage: ReviewingStage::Job { by, .. }, .. }) =
            self.state.reviewing_mut()
        {
            *by = None;
        }
    }
}
