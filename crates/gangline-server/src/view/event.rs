//! Events as people read them.

use gangline_api::event::EventView;
use gangline_domain::event::{Event, Recorded, TicketEvent};
use gangline_domain::external::ExternalEnd;
use gangline_domain::ids::{CommitId, JobId, NodeId};
use gangline_domain::job::{Attempt, EndKind, Integration, Snapshot};
use gangline_domain::lesson::Lesson;
use gangline_domain::reviewer::ReviewEnd;
use gangline_domain::scope::Scope;
use gangline_domain::ticket::{AlertKind, Answer, Intent, ParkedFor, TryRecord};
use gangline_domain::token::Token;
use gangline_domain::verdict::Report;

use super::word;

pub(crate) fn event(recorded: &Recorded) -> EventView {
    let Said { text, job, commit } = match &recorded.event {
        Event::ProjectConfigured { settings, .. } => {
            Said::text(format!("project configured: target {}", settings.target))
        }
        Event::ProjectRemoved { .. } => Said::text("project removed"),
        Event::ProjectPaused { .. } => Said::text("project paused"),
        Event::ProjectResumed { .. } => Said::text("project resumed"),
        Event::CircuitOpened { kind, why } => {
            Said::text(format!("agent kind {kind} is switched off: {why}"))
        }
        Event::CircuitClosed { kind } => Said::text(format!("agent kind {kind} is switched on")),
        Event::NodeAlertRaised { node, says, .. } => {
            Said::text(format!("node {node} runs short: {says}"))
        }
        Event::NodeAlertCleared { node, kind } => {
            Said::text(format!("node {node} runs short of {kind} no longer"))
        }
        Event::NodeDrained { node } => Said::text(format!("node {node} is being drained")),
        Event::NodeResumed { node } => Said::text(format!("node {node} takes new work again")),
        Event::NothingChanged => Said::text("what was wished for was so already".to_owned()),
        Event::ExternalRegistered { external, .. } => Said::text(format!(
            "external session {} is registered as agent {}",
            external.id, external.agent
        )),
        Event::ExternalEnded { external, why, .. } => Said::text(match why {
            ExternalEnd::Deregistered => format!("external session {external} has gone"),
            ExternalEnd::Lost => format!("external session {external} fell silent"),
        }),
        Event::LessonAdded { lesson, .. } => {
            Said::text(format!("lesson {} was added: {}", lesson.id, lesson.text))
        }
        Event::LessonRemoved { lesson, .. } => Said::text(format!("lesson {lesson} was removed")),
        Event::ScheduleFired { schedule, ticket, due, .. } => Said::text(match due {
            Some(_) => format!("schedule {schedule} was due and added {ticket}"),
            None => format!("schedule {schedule} was run and added {ticket}"),
        }),
        Event::ScheduleSkipped { schedule, why, .. } => {
            Said::text(format!("schedule {schedule} was due and added nothing: {why}"))
        }
        Event::TokenAdded { token } => {
            let Token { id, name, role, .. } = &**token;
            Said::text(format!("token {id} lets {name} in as {} ({role})", role.word()))
        }
        Event::TokenRevoked { token } => Said::text(format!("token {token} was revoked")),
        Event::Ticket { what, .. } => said(what),
    };
    EventView {
        seq: recorded.seq,
        at_us: recorded.at.0,
        actor: recorded.actor.to_string(),
        kind: recorded.event.type_name().to_owned(),
        project: recorded.event.project().map(ToString::to_string),
        key: recorded.event.ticket().map(|ticket| ticket.key.to_string()),
        job,
        commit,
        text,
    }
}

/// What is told of an event.
struct Said {
    text: String,
    job: Option<String>,
    commit: Option<String>,
}

impl Said {
    fn told(how: &str, answer: &Answer) -> Self {
        Self::text(format!("{how}: {}", answer.text))
    }

    fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), job: None, commit: None }
    }

    fn at(text: &str, commit: &CommitId) -> Self {
        Self::text(format!("{text} {}", short(commit))).commit(commit)
    }

    fn late(how: &EndKind) -> Self {
        Self::text(format!("a late result was adopted: {}", ended(how)))
    }

    fn of(text: &str, job: &JobId) -> Self {
        Self::text(text).job(job)
    }

    fn job(mut self, job: &JobId) -> Self {
        self.job = Some(job.to_string());
        self
    }

    fn commit(mut self, commit: &CommitId) -> Self {
        self.commit = Some(commit.to_string());
        self
    }
}

/// Enough of a commit to recognise it.
pub(super) fn short(commit: &CommitId) -> &str {
    &commit.as_str()[..10]
}

fn said(what: &TicketEvent) -> Said {
    match what {
        TicketEvent::Added { spec, draft: true } => {
            Said::text(format!("added as a draft: {}", spec.title))
        }
        TicketEvent::Added { spec, draft: false } => Said::text(format!("added: {}", spec.title)),
        TicketEvent::Opened => Said::text("opened"),
        TicketEvent::AttemptStarted { attempt, lease } => {
            Said::text(begun(attempt, &lease.node)).job(&attempt.job)
        }
        TicketEvent::AttemptBased { job, base } => {
            Said::text(format!("works from {}", short(base))).job(job).commit(base)
        }
        TicketEvent::QuestionAsked { question } => Said::text(format!("asks: {}", question.text)),
        TicketEvent::QuestionAnswered { answer } => Said::told("was answered", answer),
        TicketEvent::QuestionExpired { answer } => Said::told("goes on unanswered", answer),
        TicketEvent::StopRequested { stop } => {
            Said::text(format!("is being ended ({})", word(stop.how)))
        }
        TicketEvent::AttemptEnded { end } => {
            Said::text(format!("attempt ended: {}", ended(&end.how)))
        }
        TicketEvent::AlertRaised { kind, .. } => Said::text(alerted(*kind)),
        TicketEvent::AlertCleared { kind } => Said::text(calmed(*kind)),
        TicketEvent::AttemptLost => Said::text("its node fell silent"),
        TicketEvent::AttemptRegained => Said::text("its node is back, and the attempt goes on"),
        TicketEvent::AttemptAdopted { end } => Said::late(&end.how),
        TicketEvent::JobStarted { run } => {
            Said::text(format!("{} starts on {}", word(run.job.kind), run.lease.node)).job(&run.job)
        }
        TicketEvent::JobFailed { job, infra, .. } => Said::text(infra.to_string()).job(job),
        TicketEvent::SentBack { why, record, .. } => sent_back(record.as_deref(), why),
        TicketEvent::Parked { why, .. } => parked(why),
        TicketEvent::Hinted { text } => Said::text(format!("was given a hint: {text}")),
        TicketEvent::Steered { text } => Said::text(format!("is told: {text}")),
        TicketEvent::Edited { spec } => Said::text(format!("asks otherwise: {}", spec.title)),
        TicketEvent::Permitted { paths } => permitted(paths),
        TicketEvent::Learned { lesson } => taught(lesson),
        TicketEvent::Held { taken_over } => Said::text(held(*taken_over)),
        TicketEvent::Released => Said::text("goes on"),
        TicketEvent::HandedBack { .. } => Said::text("was handed back"),
        TicketEvent::Retried => Said::text("has all its tries again"),
        TicketEvent::Escalated { escalation } => {
            Said::text(format!("is escalated: {}", escalation.summary))
        }
        TicketEvent::Cancelled => Said::text("was cancelled"),
        TicketEvent::Captured { snapshot } => captured(snapshot.as_ref()),
        TicketEvent::Submitted { verification } => Said::of("is to be verified", verification),
        TicketEvent::Verified { report } => verified(report),
        TicketEvent::RerunOrdered => Said::text("is measured once more"),
        TicketEvent::ReviewerWanted { .. }
        | TicketEvent::ReviewerStarted { .. }
        | TicketEvent::ReviewerEnded { .. }
        | TicketEvent::ReviewerPutOff { .. }
        | TicketEvent::ReviewerJudged { .. } => by_reviewer(what),
        TicketEvent::ReviewRequested => Said::text("waits for a review"),
        TicketEvent::Approved { approval } => {
            Said::text(format!("approved by {}", approval.by)).commit(&approval.commit)
        }
        TicketEvent::Rejected { feedback } => Said::text(format!("rejected: {feedback}")),
        TicketEvent::LandingStarted { integration } => Said::of("enters the lane", integration),
        TicketEvent::Integrated { found } => integrated(found),
        TicketEvent::LandingIntended { intent } => intended(intent),
        TicketEvent::LandingDeferred { why, .. } => Said::text(format!("landing waits: {why}")),
        TicketEvent::LandingVoided { found } => Said::at("is built anew: the target is at", found),
        TicketEvent::Landed { commit, .. } => Said::at("landed as", commit),
        TicketEvent::Delivered { commit, .. } => Said::at("delivered at", commit),
    }
}

fn held(taken_over: bool) -> &'static str {
    if taken_over { "was taken over" } else { "is held" }
}

/// What another agent is at that reads the commit.
fn by_reviewer(what: &TicketEvent) -> Said {
    if let TicketEvent::ReviewerStarted { reviewer, run } = what {
        let text = format!("agent {} reviews it on {}", reviewer.agent, run.lease.node);
        return Said::text(text).job(&run.job);
    }
    if let TicketEvent::ReviewerEnded { review } = what {
        return Said::text(reviewed(&review.end));
    }
    if let TicketEvent::ReviewerPutOff { why, .. } = what {
        return Said::text(format!("is to be reviewed again: {why}"));
    }
    if let TicketEvent::ReviewerJudged { check } = what {
        return Said::text(format!("{}: {}, {}", check.name, word(check.verdict), check.fact));
    }
    Said::text("is to be read by another agent")
}

fn reviewed(end: &ReviewEnd) -> String {
    match end {
        ReviewEnd::Answered { findings, .. } => match findings.len() {
            0 => "review ended: nothing found".to_owned(),
            1 => "review ended: 1 finding".to_owned(),
            n => format!("review ended: {n} findings"),
        },
        ReviewEnd::Unreadable(why) => format!("review ended: its answer cannot be read: {why}"),
        ReviewEnd::Ended(how) => format!("review ended: {}", ended(how)),
    }
}

fn begun(attempt: &Attempt, node: &NodeId) -> String {
    let (try_no, agent) = (attempt.try_no, &attempt.agent);
    match &attempt.external {
        None => format!("try {try_no}: agent {agent} starts on {node}"),
        Some(by) => format!("try {try_no}: agent {agent} in session {by}, on {node}"),
    }
}

fn taught(lesson: &Lesson) -> Said {
    Said::text(format!("taught lesson {}: {}", lesson.id, lesson.text))
}

fn permitted(paths: &Scope) -> Said {
    Said::text(format!("may change {}", paths.patterns().join(", ")))
}

fn captured(snapshot: Option<&Snapshot>) -> Said {
    let Some(snapshot) = snapshot else { return Said::text("it left nothing to capture") };
    let rescued = if snapshot.rescue.is_some() { ", uncommitted work rescued" } else { "" };
    let left_out = match snapshot.left_out.len() {
        0 => String::new(),
        n => format!(", {n} left out"),
    };
    let commits = match snapshot.new_commits {
        1 => "1 new commit".to_owned(),
        n => format!("{n} new commits"),
    };
    Said::text(format!("{commits} captured{rescued}{left_out}")).commit(&snapshot.head)
}

fn verified(report: &Report) -> Said {
    let failed: Vec<&str> = report.not_passed().map(|check| check.name.as_str()).collect();
    let of = if failed.is_empty() { String::new() } else { format!(" ({})", failed.join(", ")) };
    Said::text(format!("verification: {}{of}", word(report.verdict()))).commit(&report.commit)
}

fn intended(intent: &Intent) -> Said {
    let (old, new) = (&intent.candidate.old, &intent.candidate.new);
    Said::text(format!("lands: {} to {}", short(old), short(new)))
        .job(&intent.integration)
        .commit(new)
}

/// What an alert is about.
pub(crate) fn alerted(kind: AlertKind) -> &'static str {
    match kind {
        AlertKind::Silence => "nothing has been heard of the agent",
        AlertKind::Uncommitted => "there are changes, and nothing has been committed",
        AlertKind::TestsFailing => "tests fail",
        AlertKind::Conflict => "it collides with the target",
    }
}

fn calmed(kind: AlertKind) -> &'static str {
    match kind {
        AlertKind::Silence => "the agent is heard again",
        AlertKind::Uncommitted => "the agent has committed",
        AlertKind::TestsFailing => "tests pass again",
        AlertKind::Conflict => "it collides with the target no longer",
    }
}

fn parked(why: &ParkedFor) -> Said {
    Said::text(match why {
        ParkedFor::Quota(why) => format!("is parked: {why}"),
        ParkedFor::Answer(question) => format!("is parked until answered: {}", question.text),
    })
}

fn sent_back(record: Option<&TryRecord>, why: &str) -> Said {
    let error = record.map(|record| record.error.as_str()).unwrap_or_default();
    let same_as = record.and_then(|record| record.same_as.as_ref());
    let same = same_as
        .map(|attempt| format!("the same failure as {attempt}, so that the next try starts anew"));
    let same = same.unwrap_or_default();
    let parts: Vec<&str> =
        [error, &same, why].into_iter().filter(|part| !part.is_empty()).collect();
    Said::text(format!("goes back: {}", parts.join("; ")))
}

fn integrated(found: &Integration) -> Said {
    match found {
        Integration::Built { candidate, report } => {
            Said::text(format!("candidate {}: {}", short(&candidate.new), word(report.verdict())))
                .commit(&candidate.new)
        }
        Integration::Conflict { paths, target } => {
            Said::text(format!("conflicts with the target in {}", paths.join(", "))).commit(target)
        }
    }
}

/// How an attempt ended.
pub(crate) fn ended(how: &EndKind) -> String {
    match how {
        EndKind::Finished => "the agent says it is done".to_owned(),
        EndKind::NoChangeNeeded => "the agent says that nothing needs to change".to_owned(),
        EndKind::HandedBack => "handed back by a person".to_owned(),
        EndKind::GaveUp(why) => format!("the agent gave up: {why}"),
        EndKind::TimedOut => "the session's time was up".to_owned(),
        EndKind::Crashed(how) => format!("the agent crashed: {how}"),
        EndKind::BudgetSpent => "its budget is used up".to_owned(),
        EndKind::Unanswered(_) => "its question was not answered in time".to_owned(),
        EndKind::Quota { message, .. } => format!("quota: {message}"),
        EndKind::AuthFailed(message) => format!("the agent could not log in: {message}"),
        EndKind::AgentMissing(program) => format!("the agent is not installed: {program}"),
        EndKind::Stopped => "stopped".to_owned(),
        EndKind::Infra(infra) => infra.to_string(),
    }
}
