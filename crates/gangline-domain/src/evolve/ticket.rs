//! What happens to a ticket as a whole: it is opened, sent back, held, let go, closed.

use crate::budget::Usage;
use crate::edit::is_same_work;
use crate::event::{Recorded, TicketEvent};
use crate::ids::{Actor, TicketId, Timestamp};
use crate::mutant::{Mutant, active};
use crate::scope::Scope;
use crate::spec::TicketSpec;
use crate::ticket::{
    Backoff, Cause, Escalation, HINTS_MAX, Held, HeldFrom, Hint, NextStart, Parked, Phase, Queued,
    RECORDS_MAX, Stage, Ticket, TicketState, VerifyingStage, Working,
};
use crate::verdict::{Report, Verdict};

impl Ticket {
    /// An open ticket with nothing done, opened `by` somebody at `at`.
    pub fn new(id: TicketId, spec: TicketSpec, by: Actor, at: Timestamp) -> Self {
        Self {
            id,
            spec,
            created_at: at,
            created_by: by,
            state: TicketState::Open,
            since: at,
            tries_spent: 0,
            infra_in_row: 0,
            infra_last: String::new(),
            conflicts: 0,
            jobs: 0,
            records: vec![],
            hints: vec![],
            left: None,
            last_attempt: None,
            home: None,
            offered: None,
            read: None,
            lost: None,
            verified: 0,
            next_start: NextStart::Fresh,
            usage: Usage::default(),
            alarms: vec![],
        }
    }

    /// A ticket that was just added.
    pub(super) fn added(id: &TicketId, spec: TicketSpec, draft: bool, recorded: &Recorded) -> Self {
        let ticket = Self::new(id.clone(), spec, recorded.actor.clone(), recorded.at);
        if draft { Self { state: TicketState::Draft, ..ticket } } else { ticket }
    }

    /// Applies one event of this ticket.
    pub(super) fn apply(&mut self, what: &TicketEvent, by: &Actor, at: Timestamp) {
        let word = self.state.word();
        self.remember_offer(what);
        self.apply_to_state(what, by, at);
        if !matches!(self.state, TicketState::Open | TicketState::Backoff(_)) {
            // Something newer holds the ticket: for good, for a fence that was once told to be
            // stale must never count again.
            self.lost = None;
        }
        if self.state.word() != word {
            self.since = at;
        }
    }

    /// What did not pass can be judged once more, by other rules or on a mended machine, until
    /// something newer takes its place.
    fn remember_offer(&mut self, what: &TicketEvent) {
        match (&self.state, what) {
            (
                TicketState::Verifying(verifying),
                TicketEvent::SentBack { .. } | TicketEvent::Escalated { .. },
            ) => self.offered = Some(Box::new(verifying.submission.clone())),
            (_, TicketEvent::AttemptStarted { .. } | TicketEvent::Submitted { .. }) => {
                let again = matches!(
                    &self.state,
                    TicketState::Escalated(_)
                        | TicketState::Held(Held { from: HeldFrom::Open, .. })
                );
                if !again {
                    self.offered = None;
                }
            }
            (_, _other) => {}
        }
    }

    pub(super) fn bug(&self, what: &TicketEvent) -> ! {
        panic!("BUG: {what:?} does not fit {}, which is {}", self.id, self.state.word())
    }

    fn apply_to_state(&mut self, what: &TicketEvent, by: &Actor, at: Timestamp) {
        use TicketEvent as E;
        match what {
            E::Added { .. } => self.bug(what),
            E::Opened | E::Released => self.release(),
            E::AttemptStarted { attempt, lease } => self.start(attempt, lease),
            E::AttemptBased { base, .. } => self.working(what).attempt.base = Some(base.clone()),
            E::Steered { text } => self.steered(what, by, text),
            E::QuestionAsked { .. }
            | E::QuestionAnswered { .. }
            | E::QuestionExpired { .. }
            | E::StopRequested { .. } => self.talk(what),
            E::AttemptEnded { end } => self.end(what, end, at),
            E::AlertRaised { .. } | E::AlertCleared { .. } => self.alert(what, at),
            E::AttemptLost => self.lose(what),
            E::AttemptRegained => self.regain(what),
            E::AttemptAdopted { end } => self.adopt(what, end, at),
            E::JobStarted { run } => {
                self.jobs = self.jobs.max(run.job.n);
                *self.job_phase(what) = Phase::Runs(run.clone());
            }
            E::JobFailed { not_before, infra, .. } => {
                self.machine_failed(infra.to_string());
                self.reviewer_gone();
                *self.job_phase(what) = Phase::Due { not_before: *not_before };
            }
            E::Captured { snapshot } => self.captured(what, snapshot.as_ref()),
            E::Submitted { verification } => self.submitted(what, verification, at),
            E::Verified { report } => self.measured(what, report),
            E::RerunOrdered => self.rerun(what, at),
            E::ReviewerWanted { .. }
            | E::ReviewerStarted { .. }
            | E::ReviewerEnded { .. }
            | E::ReviewerPutOff { .. }
            | E::ReviewerJudged { .. } => self.reviewed(what, at),
            E::ReviewRequested => self.state = TicketState::Review(self.verified(what)),
            E::Approved { approval } => {
                let verified = self.verified(what);
                let queued = Queued { verified, approval: approval.clone(), since: at };
                self.state = TicketState::Queued(queued);
            }
            E::Edited { spec } => self.edit(spec),
            E::Permitted { paths } => self.permit(paths),
            // It is the project's.
            E::Learned { .. } => {}
            E::Rejected { feedback: text } | E::Hinted { text } => self.hint(by, text),
            E::LandingStarted { .. }
            | E::Integrated { .. }
            | E::LandingIntended { .. }
            | E::LandingDeferred { .. }
            | E::LandingVoided { .. } => self.land(what, at),
            E::Landed { commit, .. } => self.state = TicketState::Landed { commit: commit.clone() },
            E::Delivered { commit, drafts } => {
                let (commit, drafts) = (commit.clone(), drafts.clone());
                self.state = TicketState::Delivered { commit, drafts };
            }
            E::SentBack { .. } => self.sent_back(what),
            E::Parked { until, why } => {
                self.next_start = NextStart::Resume;
                self.state = TicketState::Parked(Parked { until: *until, why: why.clone() });
            }
            E::Held { taken_over } => self.hold(&self.wished_by(by), *taken_over, what),
            E::HandedBack { lease } => self.handed_back(what, lease, at),
            E::Retried => self.retry(),
            E::Escalated { escalation } => self.escalated(escalation),
            E::Cancelled => self.state = TicketState::Cancelled { by: self.wished_by(by) },
        }
    }

    fn job_phase(&mut self, what: &TicketEvent) -> &mut Phase {
        if self.state.phase_mut().is_none() {
            self.bug(what);
        }
        self.state.phase_mut().expect("BUG: it was there a moment ago")
    }

    /// Who takes the ticket off its way: the one who asked for the attempt's end, where one did.
    fn wished_by(&self, by: &Actor) -> Actor {
        if let TicketState::Working(Working {
            stage:
                Stage::Capturing { stop: Some(stop), .. } | Stage::Captured { stop: Some(stop), .. },
            ..
        }) = &self.state
        {
            return stop.by.clone();
        }
        by.clone()
    }

    pub(super) fn machine_failed(&mut self, why: String) {
        self.infra_in_row = self.infra_in_row.saturating_add(1);
        self.infra_last = why;
    }

    pub(super) fn machine_works(&mut self) {
        self.infra_in_row = 0;
        self.infra_last = String::new();
    }

    /// Should this attempt fail, the next one is told, too.
    fn steered(&mut self, what: &TicketEvent, by: &Actor, text: &str) {
        self.talk(what);
        if !active(Mutant::ForgetWord) {
            self.hint(by, text);
        }
    }

    fn hint(&mut self, by: &Actor, text: &str) {
        self.hints.push(Hint { by: by.clone(), text: text.to_owned() });
        let surplus = self.hints.len().saturating_sub(HINTS_MAX);
        self.hints.drain(..surplus);
    }

    fn measured(&mut self, what: &TicketEvent, report: &Report) {
        let TicketState::Verifying(verifying) = &mut self.state else { self.bug(what) };
        verifying.stage = VerifyingStage::Measured(report.clone());
        self.verified += u32::from(report.verdict() != Verdict::Inconclusive);
        self.machine_works();
    }

    fn edit(&mut self, spec: &TicketSpec) {
        if !is_same_work(&self.spec, spec) {
            // What a lost attempt may come back with was done for something else.
            self.lost = None;
            if let TicketState::Held(Held { from, .. }) = &mut self.state
                && matches!(
                    from,
                    HeldFrom::Verifying(_) | HeldFrom::Review(_) | HeldFrom::Queued(_)
                )
            {
                // What was judged, or was to be, was made for something else.
                *from = HeldFrom::Open;
                self.next_start = NextStart::Resume;
            }
        }
        self.spec = spec.clone();
    }

    fn permit(&mut self, paths: &Scope) {
        let permits = self.spec.permits.with(paths);
        self.spec.permits = permits.expect("BUG: what is permitted was counted when it was said");
    }

    fn sent_back(&mut self, what: &TicketEvent) {
        let TicketEvent::SentBack { record, next, not_before, why } = what else { self.bug(what) };
        if let Some(record) = record {
            if record.spent {
                self.tries_spent = self.tries_spent.saturating_add(1);
            }
            match record.cause {
                Cause::Infra => self.machine_failed(record.error.clone()),
                Cause::Conflict | Cause::RedOnMerged => {
                    self.conflicts = self.conflicts.saturating_add(1);
                }
                Cause::ChecksFailed
                | Cause::GaveUp
                | Cause::TimedOut
                | Cause::Crashed
                | Cause::AgentBroken
                | Cause::Rejected => self.machine_works(),
            }
            self.records.push((**record).clone());
            let surplus = self.records.len().saturating_sub(RECORDS_MAX);
            self.records.drain(..surplus);
        }
        self.next_start = *next;
        self.state = match not_before {
            Some(until) => TicketState::Backoff(Backoff { until: *until, why: why.clone() }),
            None => TicketState::Open,
        };
    }

    fn hold(&mut self, by: &Actor, taken_over: bool, what: &TicketEvent) {
        let from = match &self.state {
            _any if taken_over => {
                let attempt = self.last_attempt.clone().unwrap_or_else(|| self.bug(what));
                HeldFrom::TakenOver(*attempt)
            }
            TicketState::Verifying(verifying) => HeldFrom::Verifying(verifying.submission.clone()),
            TicketState::Review(verified) => HeldFrom::Review(verified.clone()),
            TicketState::Queued(queued) => HeldFrom::Queued(queued.clone()),
            TicketState::Landing(landing) => HeldFrom::Queued(landing.entry.clone()),
            TicketState::Draft
            | TicketState::Landed { .. }
            | TicketState::Delivered { .. }
            | TicketState::Cancelled { .. } => self.bug(what),
            TicketState::Open
            | TicketState::Backoff(_)
            | TicketState::Parked(_)
            | TicketState::Held(_)
            | TicketState::Working(_)
            | TicketState::Escalated(_) => HeldFrom::Open,
        };
        // What left no worktree goes on as it had begun.
        if matches!(
            self.state,
            TicketState::Working(Working { stage: Stage::Captured { snapshot: Some(_), .. }, .. })
        ) {
            self.next_start = NextStart::Resume;
        }
        self.state = TicketState::Held(Held { by: by.clone(), from });
    }

    fn escalated(&mut self, escalation: &Escalation) {
        // What it left is whole and in the hub: whoever lets it go on lets it go on from there.
        // From rest it goes on as was decided when it came to rest.
        let is_whole = match &self.state {
            TicketState::Working(Working { stage, .. }) => {
                matches!(stage, Stage::Captured { snapshot: Some(_), .. })
            }
            TicketState::Verifying(_) | TicketState::Landing(_) => true,
            TicketState::Draft
            | TicketState::Open
            | TicketState::Backoff(_)
            | TicketState::Parked(_)
            | TicketState::Held(_)
            | TicketState::Review(_)
            | TicketState::Queued(_)
            | TicketState::Landed { .. }
            | TicketState::Delivered { .. }
            | TicketState::Escalated(_)
            | TicketState::Cancelled { .. } => false,
        };
        if is_whole {
            self.next_start = NextStart::Resume;
        }
        if let TicketState::Working(Working { attempt, stage: Stage::Capturing { .. } }) =
            &self.state
        {
            // What it left could not be fetched, and whoever takes the worktree over has it there.
            self.last_attempt = Some(Box::new(attempt.clone()));
        }
        self.state = TicketState::Escalated(escalation.clone());
    }

    fn release(&mut self) {
        self.state = if let TicketState::Held(Held { from, .. }) = &self.state {
            match from {
                HeldFrom::Review(verified) => TicketState::Review(verified.clone()),
                HeldFrom::Queued(queued) => TicketState::Queued(queued.clone()),
                HeldFrom::Open | HeldFrom::TakenOver(_) | HeldFrom::Verifying(_) => {
                    TicketState::Open
                }
            }
        } else {
            TicketState::Open
        };
    }

    fn retry(&mut self) {
        self.tries_spent = 0;
        self.machine_works();
        self.conflicts = 0;
        self.state = TicketState::Open;
    }
}
