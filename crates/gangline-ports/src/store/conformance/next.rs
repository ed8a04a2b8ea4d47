//! What may happen to a ticket next.

use gangline_domain::board::next_job;
use gangline_domain::budget::{Budget, Usage};
use gangline_domain::event::TicketEvent as E;
use gangline_domain::ids::{Actor, CommitId, JobId, JobKind, TreeId};
use gangline_domain::job::{
    Attempt, AttemptEnd, Candidate, EndKind, Infra, Integration, Question, Run, Snapshot, Start,
};
use gangline_domain::reviewer::{AgentReview, Finding, ReviewEnd, Reviewer};
use gangline_domain::ticket::{
    AfterStop, Answer, Approval, Cause, Escalation, HeldFrom, Intent, LandingStage, NextStart,
    ParkedFor, Phase, Reason, Reviewing, ReviewingStage, Stage, Stop, StopHow, Suggestion, Ticket,
    TicketState, TryRecord, VerifyingStage, Working,
};
use gangline_domain::verdict::{CheckResult, Claim, Judged, Report, Truth, Verdict};

use super::history::Draw;

/// An event that fits where the ticket stands.
pub(super) fn next_event(ticket: &Ticket, draw: &mut Draw<'_>) -> E {
    match &ticket.state {
        TicketState::Draft | TicketState::Escalated(_) if draw.random.one_in(4) => E::Cancelled,
        TicketState::Draft => E::Opened,
        TicketState::Open => match draw.random.below(8) {
            0 => E::Hinted { text: "look at the parser".to_owned() },
            1 if ticket.lost.is_some() => E::AttemptAdopted { end: end(draw) },
            2 => E::Held { taken_over: false },
            3 if draw.random.one_in(8) => E::Cancelled,
            _more => started(ticket, draw),
        },
        TicketState::Backoff(_) | TicketState::Parked(_) => started(ticket, draw),
        TicketState::Held(held) => match &held.from {
            HeldFrom::TakenOver(_) => E::HandedBack { lease: draw.lease() },
            HeldFrom::Open | HeldFrom::Verifying(_) | HeldFrom::Review(_) | HeldFrom::Queued(_) => {
                E::Released
            }
        },
        TicketState::Working(working) => in_work(ticket, working, draw),
        TicketState::Verifying(verifying) => match &verifying.stage {
            VerifyingStage::Job(phase) => follow_up(ticket, phase, JobKind::Verification, draw),
            VerifyingStage::Measured(report) => measured(ticket, report, draw),
            VerifyingStage::Reviewing(reviewing) => reviewed(reviewing, draw),
        },
        TicketState::Review(verified) => match draw.random.below(6) {
            0 => E::Rejected { feedback: "name it better".to_owned() },
            1 => sent_back(ticket, Some(Cause::Rejected), draw),
            2 => E::Held { taken_over: false },
            _more => approved(verified.submission.snapshot.head.clone()),
        },
        TicketState::Queued(_) if draw.random.one_in(6) => E::Held { taken_over: false },
        TicketState::Queued(_) => {
            E::LandingStarted { integration: next_job(ticket, JobKind::Integration) }
        }
        TicketState::Landing(landing) => in_lane(ticket, &landing.stage, draw),
        TicketState::Escalated(_) => E::Retried,
        TicketState::Landed { .. }
        | TicketState::Delivered { .. }
        | TicketState::Cancelled { .. } => panic!("BUG: {} is closed and was picked", ticket.id),
    }
}

fn stop_requested() -> E {
    let by = Actor::Person("anna".to_owned());
    E::StopRequested { stop: Stop { by, how: StopHow::Stop, then: AfterStop::Hold } }
}

fn in_work(ticket: &Ticket, working: &Working, draw: &mut Draw<'_>) -> E {
    let job = &working.attempt.job;
    match &working.stage {
        Stage::Running { .. } if working.attempt.base.is_none() => {
            E::AttemptBased { job: job.clone(), base: commit(draw) }
        }
        Stage::Running { questions, .. } => match draw.random.below(8) {
            0 => E::QuestionAsked { question: question(draw) },
            1 if !questions.is_empty() => {
                let answer = Answer { question: questions[0].id.clone(), text: "yes".to_owned() };
                match draw.random.one_in(3) {
                    true => E::QuestionExpired { answer },
                    false => E::QuestionAnswered { answer },
                }
            }
            4 => E::Steered { text: "left".to_owned() },
            2 => E::AttemptLost,
            3 => stop_requested(),
            _more => E::AttemptEnded { end: end(draw) },
        },
        Stage::Capturing { stop: None, .. } if draw.random.one_in(8) => stop_requested(),
        Stage::Capturing { phase, .. } => follow_up(ticket, phase, JobKind::Capture, draw),
        Stage::Captured { .. } => match draw.random.below(10) {
            0 => sent_back(ticket, Some(Cause::GaveUp), draw),
            1 => sent_back(ticket, None, draw),
            2 => E::Parked {
                until: draw.random.one_in(2).then(|| draw.at.plus_ms(3_600_000)),
                why: ParkedFor::Answer(question(draw)),
            },
            3 => E::Escalated { escalation: escalation() },
            4 => E::Held { taken_over: true },
            5 => E::Held { taken_over: false },
            _more => E::Submitted { verification: next_job(ticket, JobKind::Verification) },
        },
    }
}

/// A capture, verification or integration that is due or runs.
fn follow_up(ticket: &Ticket, phase: &Phase, kind: JobKind, draw: &mut Draw<'_>) -> E {
    match phase {
        Phase::Due { .. } => E::JobStarted { run: draw.run(ticket, kind) },
        Phase::Runs(run) if draw.random.one_in(6) => E::JobFailed {
            job: run.job.clone(),
            infra: Infra::Tool("git was killed".to_owned()),
            not_before: draw.at.plus_ms(5_000),
        },
        Phase::Runs(_) => match kind {
            JobKind::Attempt | JobKind::Review => panic!("BUG: it has events of its own"),
            JobKind::Capture => E::Captured { snapshot: Some(snapshot(draw)) },
            JobKind::Verification => E::Verified { report: Box::new(report(draw)) },
            JobKind::Integration if draw.random.one_in(6) => {
                let conflict =
                    Integration::Conflict { target: commit(draw), paths: vec!["a.rs".to_owned()] };
                E::Integrated { found: Box::new(conflict) }
            }
            JobKind::Integration => {
                let candidate =
                    Candidate { old: commit(draw), new: commit(draw), tree: tree(draw) };
                let report = report(draw);
                E::Integrated { found: Box::new(Integration::Built { candidate, report }) }
            }
        },
    }
}

fn measured(ticket: &Ticket, report: &Report, draw: &mut Draw<'_>) -> E {
    match draw.random.below(10) {
        8 | 9 => E::ReviewerWanted { review: next_job(ticket, JobKind::Review) },
        0 => E::RerunOrdered,
        1 => sent_back(ticket, Some(Cause::ChecksFailed), draw),
        2 => E::Delivered { commit: report.commit.clone(), drafts: vec![] },
        3 => approved(report.commit.clone()),
        4 => E::Held { taken_over: false },
        _more => E::ReviewRequested,
    }
}

/// A review by an agent that is due, runs, or has ended.
fn reviewed(reviewing: &Reviewing, draw: &mut Draw<'_>) -> E {
    match &reviewing.stage {
        ReviewingStage::Job { phase: Phase::Due { .. }, .. } => E::ReviewerStarted {
            reviewer: Box::new(Reviewer {
                agent: "code-reviewer".parse().expect("BUG: a bad agent name"),
                kind: "codex".parse().expect("BUG: a bad kind"),
                model: None,
                allotment: Budget { tokens: Some(50_000), ..Budget::default() },
                deadline: draw.at.plus_ms(1_200_000),
            }),
            run: Run { job: reviewing.job.clone(), lease: draw.lease() },
        },
        ReviewingStage::Job { phase: Phase::Runs(run), .. } if draw.random.one_in(6) => {
            E::JobFailed {
                job: run.job.clone(),
                infra: Infra::NodeLost,
                not_before: draw.at.plus_ms(5_000),
            }
        }
        ReviewingStage::Job { phase: Phase::Runs(_), .. } => {
            let finding = Finding {
                file: "src/lib.rs".to_owned(),
                line: Some(7),
                blocking: draw.random.one_in(2),
                text: "it is off by one".to_owned(),
            };
            let (summary, findings) = ("read".to_owned(), vec![finding]);
            let end = match draw.random.one_in(3) {
                true => ReviewEnd::Ended(EndKind::TimedOut),
                false => ReviewEnd::Answered { summary, findings, left_out: 0 },
            };
            let usage = Usage { tokens: draw.random.below(9_000), ..Usage::default() };
            E::ReviewerEnded { review: Box::new(AgentReview { end, usage }) }
        }
        ReviewingStage::Ended { end: ReviewEnd::Answered { .. }, .. } => {
            let check = report(draw).checks.pop().expect("BUG: a report has checks");
            E::ReviewerJudged { check: Box::new(check) }
        }
        ReviewingStage::Ended { .. } => E::ReviewerPutOff {
            why: "its time was up".to_owned(),
            not_before: draw.at,
            counts: draw.random.one_in(2),
        },
    }
}

fn in_lane(ticket: &Ticket, stage: &LandingStage, draw: &mut Draw<'_>) -> E {
    match stage {
        LandingStage::Integrating { phase, .. } => {
            follow_up(ticket, phase, JobKind::Integration, draw)
        }
        LandingStage::Integrated { .. } if draw.random.one_in(8) => E::RerunOrdered,
        LandingStage::Integrated { found: Integration::Conflict { .. }, .. } => {
            sent_back(ticket, Some(Cause::Conflict), draw)
        }
        LandingStage::Integrated { job, found: Integration::Built { candidate, .. }, .. } => {
            intended(job, candidate, draw)
        }
        LandingStage::Deferred { intent, .. } => {
            intended(&intent.integration, &intent.candidate, draw)
        }
        LandingStage::Intended(intent) => match draw.random.below(6) {
            0 => E::LandingDeferred {
                why: "the tree is dirty".to_owned(),
                until: draw.at.plus_ms(30_000),
            },
            1 => E::LandingVoided { found: commit(draw) },
            _more => E::Landed { commit: intent.candidate.new.clone(), fence: intent.fence },
        },
    }
}

fn intended(integration: &JobId, candidate: &Candidate, draw: &mut Draw<'_>) -> E {
    let intent = Intent {
        fence: draw.fence(),
        integration: integration.clone(),
        candidate: candidate.clone(),
        branch: Some("main".parse().expect("BUG: a bad branch name")),
    };
    E::LandingIntended { intent }
}

fn started(ticket: &Ticket, draw: &mut Draw<'_>) -> E {
    let attempt = Attempt {
        job: next_job(ticket, JobKind::Attempt),
        try_no: ticket.tries_spent.saturating_add(1),
        agent: "worker".parse().expect("BUG: a bad agent name"),
        kind: "scripted".parse().expect("BUG: a bad kind"),
        model: Some("large".to_owned()),
        start: match (&ticket.left, ticket.next_start) {
            (Some(left), NextStart::Resume) => Start::Resume(left.clone()),
            (Some(_), NextStart::Fresh) | (None, _) => Start::Fresh,
        },
        base: None,
        started_at: draw.at,
        deadline: draw.at.plus_ms(4 * 3_600_000),
        allotment: Budget { tokens: Some(200_000), ..Budget::default() },
        external: None,
        lessons: vec![],
    };
    E::AttemptStarted { attempt: Box::new(attempt), lease: draw.lease() }
}

fn end(draw: &mut Draw<'_>) -> Box<AttemptEnd> {
    let usage = Usage {
        tokens: draw.random.below(90_000),
        cost_microusd: draw.random.below(400_000),
        wall_ms: draw.random.below(3_600_000),
    };
    let how = match draw.random.below(3) {
        0 => EndKind::TimedOut,
        _more => EndKind::Finished,
    };
    let claim = Claim { summary: "Done, all tests pass.".to_owned(), ..Claim::default() };
    Box::new(AttemptEnd { how, claim, session: Some("session-1".to_owned()), usage })
}

fn sent_back(ticket: &Ticket, cause: Option<Cause>, draw: &mut Draw<'_>) -> E {
    let record = cause.map(|cause| TryRecord {
        attempt: next_job(ticket, JobKind::Attempt),
        try_no: ticket.tries_spent,
        failure: None,
        same_as: None,
        cause,
        error: "2 of 14 tests failed".to_owned(),
        approach: "Rewrote the parser.".to_owned(),
        facts: vec!["3 commits".to_owned()],
        lines: vec!["assertion failed: left == right".to_owned()],
        // Counts are small numbers, and a long history must not overflow them.
        spent: ticket.tries_spent < 3,
    });
    E::SentBack {
        // The same goes for conflicts and failures of the machine.
        record: record.filter(|_| ticket.conflicts < 100).map(Box::new),
        next: if draw.random.one_in(2) { NextStart::Fresh } else { NextStart::Resume },
        not_before: draw.random.one_in(2).then(|| draw.at.plus_ms(60_000)),
        why: "after a failure".to_owned(),
    }
}

fn question(draw: &mut Draw<'_>) -> Question {
    Question {
        id: format!("q{}", draw.random.below(1_000_000)),
        text: "May I change the public API?".to_owned(),
        options: vec!["yes".to_owned(), "no".to_owned()],
        asked_at: draw.at,
    }
}

fn escalation() -> Escalation {
    Escalation {
        reason: Reason::TriesSpent,
        summary: "three tries failed".to_owned(),
        suggestions: vec![Suggestion::Simplify, Suggestion::TakeOver],
    }
}

fn approved(commit: CommitId) -> E {
    E::Approved { approval: Approval { by: Actor::Person("anna".to_owned()), commit } }
}

fn snapshot(draw: &mut Draw<'_>) -> Snapshot {
    Snapshot {
        base: commit(draw),
        head: commit(draw),
        new_commits: 2,
        descends_from_base: true,
        branch: Some("gangline/work".to_owned()),
        clean: true,
        dirty_paths: vec![],
        left_out: vec![],
        rescue: draw.random.one_in(3).then(|| commit(draw)),
    }
}

fn report(draw: &mut Draw<'_>) -> Report {
    let check = CheckResult {
        name: "test".to_owned(),
        required: true,
        verdict: Verdict::Pass,
        claimed: None,
        judged: Some(Judged { claim: "test".to_owned(), truth: Truth::True }),
        fact: "14 passed".to_owned(),
        lines: vec![],
        evidence: None,
        permit: vec![],
        coverage: None,
        doubts: vec![],
    };
    Report {
        commit: commit(draw),
        tree: tree(draw),
        base: commit(draw),
        policy_sha256: "0".repeat(64),
        checks: vec![check],
        proposal: None,
    }
}

fn commit(draw: &mut Draw<'_>) -> CommitId {
    draw.object_id().parse().expect("BUG: a bad commit id")
}

fn tree(draw: &mut Draw<'_>) -> TreeId {
    draw.object_id().parse().expect("BUG: a bad tree id")
}
