//! What a ticket's own events tell: its attempts, its reports and its landing.

use gangline_api::ticket::{AttemptView, LandingView, UsageView};
use gangline_api::verification::ReportView;
use gangline_domain::budget::Usage;
use gangline_domain::event::{Event, Recorded, TicketEvent};
use gangline_domain::honesty::Ending;
use gangline_domain::ids::{CommitId, JobId, Timestamp};
use gangline_domain::job::{Attempt, AttemptEnd, Candidate, EndKind, Integration, Snapshot, Start};
use gangline_domain::verdict::{CheckResult, Claim, Report};

use super::{event, report, word};
use crate::archive::DiffRange;

/// A ticket's past, folded from its events in order.
#[derive(Debug, Clone, Default)]
pub(crate) struct History {
    pub(crate) attempts: Vec<AttemptView>,
    pub(crate) report: Option<ReportView>,
    pub(crate) candidate_report: Option<ReportView>,
    pub(crate) landing: Option<LandingView>,
    /// The captured attempts and what they changed, in order.
    pub(crate) ranges: Vec<(JobId, DiffRange)>,
    claim: Option<Claim>,
    /// How the last attempt ended, where its agent ended it.
    ending: Option<Ending>,
    /// What was measured last.
    measured: Option<Report>,
    verification: Option<JobId>,
    integration: Option<JobId>,
}

impl History {
    /// Takes the next events of the ticket.
    pub(crate) fn take(&mut self, recorded: &[Recorded]) {
        for recorded in recorded {
            if let Event::Ticket { what, .. } = &recorded.event {
                self.take_one(what, recorded.at);
            }
        }
    }

    fn take_one(&mut self, what: &TicketEvent, at: Timestamp) {
        match what {
            TicketEvent::AttemptStarted { attempt, .. } => self.attempts.push(started(attempt)),
            TicketEvent::AttemptBased { base, .. } => {
                self.last(|attempt| attempt.base = Some(base.to_string()));
            }
            TicketEvent::AttemptEnded { end } | TicketEvent::AttemptAdopted { end } => {
                self.claim = Some(end.claim.clone());
                self.ending = ending(&end.how);
                self.last(|attempt| ended(attempt, end, at));
            }
            TicketEvent::AttemptLost => self.over(Some((at, "its node fell silent"))),
            TicketEvent::AttemptRegained => self.over(None),
            TicketEvent::Captured { snapshot } => self.captured(snapshot.as_ref()),
            TicketEvent::Submitted { verification } => {
                self.verification = Some(verification.clone());
            }
            TicketEvent::Verified { report } => self.verified(report),
            TicketEvent::ReviewerJudged { check } => self.reviewed(check),
            TicketEvent::LandingStarted { integration } => {
                self.integration = Some(integration.clone());
                self.landing = Some(stage("integrating"));
            }
            TicketEvent::Integrated { found } => self.integrated(found),
            TicketEvent::LandingIntended { intent } => {
                self.landing = Some(intended(&intent.candidate));
            }
            TicketEvent::LandingDeferred { why, .. } => {
                if let Some(landing) = &mut self.landing {
                    "deferred".clone_into(&mut landing.stage);
                    landing.why = Some(why.clone());
                }
            }
            TicketEvent::LandingVoided { .. } => self.landing = Some(stage("integrating")),
            TicketEvent::Landed { commit, .. } => self.landed(commit, at),
            TicketEvent::SentBack { .. }
            | TicketEvent::Held { .. }
            | TicketEvent::Escalated { .. }
            | TicketEvent::Cancelled => self.landing = None,
            TicketEvent::Added { .. }
            | TicketEvent::Opened
            | TicketEvent::QuestionAsked { .. }
            | TicketEvent::QuestionAnswered { .. }
            | TicketEvent::Steered { .. }
            | TicketEvent::QuestionExpired { .. }
            | TicketEvent::AlertRaised { .. }
            | TicketEvent::AlertCleared { .. }
            | TicketEvent::StopRequested { .. }
            | TicketEvent::JobStarted { .. }
            | TicketEvent::JobFailed { .. }
            | TicketEvent::RerunOrdered
            | TicketEvent::ReviewerWanted { .. }
            | TicketEvent::ReviewerStarted { .. }
            | TicketEvent::ReviewerEnded { .. }
            | TicketEvent::ReviewerPutOff { .. }
            | TicketEvent::ReviewRequested
            | TicketEvent::Approved { .. }
            | TicketEvent::Rejected { .. }
            | TicketEvent::Delivered { .. }
            | TicketEvent::Parked { .. }
            | TicketEvent::Hinted { .. }
            | TicketEvent::Learned { .. }
            | TicketEvent::Edited { .. }
            | TicketEvent::Permitted { .. }
            | TicketEvent::Released
            | TicketEvent::HandedBack { .. }
            | TicketEvent::Retried => {}
        }
    }

    /// Whether, and how, the last attempt has ended without a result.
    fn over(&mut self, ended: Option<(Timestamp, &str)>) {
        self.last(|attempt| {
            attempt.ended_us = ended.map(|(at, _)| at.0);
            attempt.end = ended.map(|(_, how)| how.to_owned());
        });
    }

    fn captured(&mut self, snapshot: Option<&Snapshot>) {
        let Some(snapshot) = snapshot else { return };
        if let Some(Ending::NoChangeNeeded { new_commits }) = &mut self.ending {
            *new_commits = snapshot.new_commits;
        }
        let range = DiffRange { base: snapshot.base.clone(), commit: snapshot.head.clone() };
        if let Some(Ok(job)) = self.attempts.last().map(|attempt| attempt.job.parse()) {
            self.ranges.push((job, range));
        }
        self.last(|attempt| {
            attempt.commit = Some(snapshot.head.to_string());
            attempt.rescue = snapshot.rescue.as_ref().map(ToString::to_string);
            attempt.left_out.clone_from(&snapshot.left_out);
        });
    }

    fn landed(&mut self, commit: &CommitId, at: Timestamp) {
        let old = self.landing.take().and_then(|landing| landing.old);
        let (new, landed_us) = (Some(commit.to_string()), Some(at.0));
        self.landing = Some(LandingView { old, new, landed_us, ..stage("landed") });
    }

    /// A review is one more check of what was measured.
    fn reviewed(&mut self, check: &CheckResult) {
        let Some(mut measured) = self.measured.take() else { return };
        measured.checks.push(check.clone());
        self.verified(&measured);
    }

    fn verified(&mut self, measured: &Report) {
        self.measured = Some(measured.clone());
        if let Some(job) = &self.verification {
            let claimed = self.claim.as_ref().map(|claim| (claim, self.ending));
            self.report = Some(report::report(job, measured, claimed));
        }
        self.last(|attempt| attempt.verdict = Some(word(measured.verdict())));
    }

    fn integrated(&mut self, found: &Integration) {
        if let (Some(job), Integration::Built { report, .. }) = (&self.integration, found) {
            self.candidate_report = Some(report::report(job, report, None));
        }
        self.landing = Some(stage("integrated"));
    }

    fn last(&mut self, change: impl FnOnce(&mut AttemptView)) {
        if let Some(attempt) = self.attempts.last_mut() {
            change(attempt);
        }
    }
}

fn intended(candidate: &Candidate) -> LandingView {
    let (old, new) = (Some(candidate.old.to_string()), Some(candidate.new.to_string()));
    LandingView { old, new, ..stage("intended") }
}

fn stage(stage: &str) -> LandingView {
    LandingView { stage: stage.to_owned(), old: None, new: None, why: None, landed_us: None }
}

fn started(attempt: &Attempt) -> AttemptView {
    let start = match &attempt.start {
        Start::Fresh => "fresh",
        Start::Resume(_) => "resume",
    };
    AttemptView {
        job: attempt.job.to_string(),
        try_no: attempt.try_no,
        agent: attempt.agent.to_string(),
        kind: attempt.kind.to_string(),
        start: start.to_owned(),
        tier: None,
        base: attempt.base.as_ref().map(ToString::to_string),
        started_us: attempt.started_at.0,
        deadline_us: attempt.deadline.0,
        ended_us: None,
        end: None,
        claim: None,
        commit: None,
        rescue: None,
        left_out: vec![],
        verdict: None,
        usage: UsageView::default(),
    }
}

/// What an agent says by ending as it did.
fn ending(how: &EndKind) -> Option<Ending> {
    if *how == EndKind::NoChangeNeeded {
        return Some(Ending::NoChangeNeeded { new_commits: 0 });
    }
    (*how == EndKind::Finished).then_some(Ending::Done)
}

fn ended(attempt: &mut AttemptView, end: &AttemptEnd, at: Timestamp) {
    attempt.ended_us = Some(at.0);
    attempt.end = Some(event::ended(&end.how));
    attempt.claim = Some(report::claim(&end.claim));
    attempt.usage = usage(end.usage);
}

pub(super) fn usage(usage: Usage) -> UsageView {
    UsageView { tokens: usage.tokens, cost_microusd: usage.cost_microusd, wall_ms: usage.wall_ms }
}
