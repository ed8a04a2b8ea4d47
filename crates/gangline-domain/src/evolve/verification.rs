//! What happens to a submission while it is measured.

use crate::event::TicketEvent;
use crate::ids::{CommitId, JobId, Timestamp};
use crate::job::EndKind;
use crate::ticket::{
    Held, HeldFrom, Landing, LandingStage, Phase, Stage, Submission, Ticket, TicketState, Verified,
    Verifying, VerifyingStage, Working,
};
use crate::verdict::CheckResult;

impl Ticket {
    pub(super) fn submitted(&mut self, what: &TicketEvent, job: &JobId, at: Timestamp) {
        self.jobs = self.jobs.max(job.n);
        let submission = self.submission(what);
        self.state = TicketState::Verifying(Verifying {
            submission,
            job: job.clone(),
            inconclusive: 0,
            stage: VerifyingStage::Job(Phase::Due { not_before: at }),
        });
    }

    fn submission(&self, what: &TicketEvent) -> Submission {
        if let TicketState::Held(Held { from: HeldFrom::Verifying(submission), .. }) = &self.state {
            return submission.clone();
        }
        if let (TicketState::Escalated(_) | TicketState::Held(_), Some(offered)) =
            (&self.state, &self.offered)
        {
            return Submission { again: true, ..Submission::clone(offered) };
        }
        let TicketState::Working(Working {
            attempt,
            stage: Stage::Captured { end, snapshot: Some(snapshot), .. },
        }) = &self.state
        else {
            self.bug(what)
        };
        Submission {
            attempt: attempt.clone(),
            base: snapshot.base.clone(),
            snapshot: snapshot.clone(),
            claim: end.claim.clone(),
            no_change: end.how == EndKind::NoChangeNeeded,
            by_person: end.how == EndKind::HandedBack,
            again: false,
            reviewed: self.read_before(&snapshot.head),
        }
    }

    /// What an agent said that has read just this commit.
    fn read_before(&self, commit: &CommitId) -> Option<Box<CheckResult>> {
        let (read, check) = &**self.read.as_ref()?;
        (read == commit).then(|| Box::new(check.clone()))
    }

    pub(super) fn rerun(&mut self, what: &TicketEvent, at: Timestamp) {
        let due = Phase::Due { not_before: at };
        if let TicketState::Verifying(verifying) = &mut self.state {
            verifying.inconclusive += 1;
            verifying.stage = VerifyingStage::Job(due);
            return;
        }
        let TicketState::Landing(Landing { stage, .. }) = &mut self.state else { self.bug(what) };
        let LandingStage::Integrated { job, inconclusive, .. } = stage else { self.bug(what) };
        let (job, inconclusive) = (job.clone(), *inconclusive + 1);
        *stage = LandingStage::Integrating { job, inconclusive, phase: due };
    }

    pub(super) fn verified(&self, what: &TicketEvent) -> Verified {
        if let TicketState::Review(verified) = &self.state {
            return verified.clone();
        }
        let TicketState::Verifying(Verifying {
            submission,
            job,
            stage: VerifyingStage::Measured(report),
            ..
        }) = &self.state
        else {
            self.bug(what)
        };
        Verified {
            submission: submission.clone(),
            verification: job.clone(),
            tree: report.tree.clone(),
            policy_sha256: report.policy_sha256.clone(),
            doubts: report.doubts().collect(),
        }
    }
}
