//! What a ticket goes through, as spans: a fold of its events. A span is told when what it is about is
//! over, so that nothing has to be kept but the sequence itself.

use std::collections::BTreeMap;

use gangline_domain::event::{Event, Recorded, TicketEvent};
use gangline_domain::ids::{Fence, JobId, JobKind, NodeId, TicketId, Timestamp};
use gangline_domain::job::{Attempt, AttemptEnd, EndKind, Integration, Run};
use gangline_domain::reviewer::{AgentReview, ReviewEnd, Reviewer};
use gangline_domain::ticket::{Escalation, Intent};
use gangline_domain::verdict::{Report, Verdict};

use super::inside::{Inside, Measured};
use super::span::{Draft, Lasted, SpanId, TraceId};
use crate::insight::end_word;
use crate::view::{ended, word};

/// Something that is over.
#[derive(Debug, Clone)]
pub(super) struct Over {
    pub(super) draft: Draft,
    /// The job that it was, whose journal tells what went on in it.
    pub(super) inside: Option<Inside>,
}

/// Something that has begun.
#[derive(Debug, Clone)]
struct Begun<T> {
    at: Timestamp,
    what: T,
}

/// A moment of an attempt.
#[derive(Debug, Clone)]
struct Note {
    name: &'static str,
    says: String,
}

/// A job under way, and who does it.
#[derive(Debug, Clone)]
struct Job {
    id: JobId,
    fence: Fence,
    node: NodeId,
    reviewer: Option<Reviewer>,
}

/// How far a ticket is.
#[derive(Debug, Clone, Default)]
pub(super) struct Course {
    /// Whether spans repeat what was said and found, or only what it was.
    content: bool,
    added: Option<Added>,
    waits: Option<Timestamp>,
    attempt: Option<Begun<(Box<Attempt>, NodeId)>>,
    /// Since when nothing is heard of its node.
    lost: Option<Timestamp>,
    /// What happened while the attempt lasted.
    notes: Vec<Begun<Note>>,
    questions: BTreeMap<String, Begun<String>>,
    jobs: BTreeMap<JobKind, Begun<Job>>,
    review: Option<Timestamp>,
    queued: Option<Timestamp>,
    intent: Option<Begun<Fence>>,
    escalated: Option<Begun<Escalation>>,
    tries: u32,
}

#[derive(Debug, Clone)]
struct Added {
    ticket: TicketId,
    at: Timestamp,
    title: String,
    trace: TraceId,
}

/// Whether something may be over with this event: most events end nothing, and need no look at what
/// was before.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "what is not named ends nothing that has a span"
)]
pub(super) fn may_end(event: &Event) -> Option<&TicketId> {
    let Event::Ticket { ticket, what } = event else { return None };
    match what {
        TicketEvent::AttemptStarted { .. }
        | TicketEvent::AttemptEnded { .. }
        | TicketEvent::AttemptAdopted { .. }
        | TicketEvent::QuestionAnswered { .. }
        | TicketEvent::QuestionExpired { .. }
        | TicketEvent::JobFailed { .. }
        | TicketEvent::Captured { .. }
        | TicketEvent::Verified { .. }
        | TicketEvent::ReviewerEnded { .. }
        | TicketEvent::Approved { .. }
        | TicketEvent::Rejected { .. }
        | TicketEvent::LandingStarted { .. }
        | TicketEvent::Integrated { .. }
        | TicketEvent::LandingVoided { .. }
        | TicketEvent::Landed { .. }
        | TicketEvent::Delivered { .. }
        | TicketEvent::Retried
        | TicketEvent::Released
        | TicketEvent::HandedBack { .. }
        | TicketEvent::Cancelled => Some(ticket),
        _ends_nothing => None,
    }
}

impl Course {
    pub(super) fn new(content: bool) -> Self {
        Self { content, ..Self::default() }
    }

    /// Takes one event, in their order, and gives what is over with it. Nothing before the ticket was
    /// added.
    pub(super) fn take(&mut self, recorded: &Recorded) -> Vec<Over> {
        let Event::Ticket { ticket, what } = &recorded.event else { return vec![] };
        let at = recorded.at;
        if let TicketEvent::Added { spec, .. } = what {
            let trace = TraceId::of(ticket, at);
            let title = spec.title.clone();
            self.added = Some(Added { ticket: ticket.clone(), at, title, trace });
        }
        let over = self.ends(what, at);
        self.begins(what, at);
        over
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "spans are about some events; what they do not name does not concern them"
    )]
    fn begins(&mut self, what: &TicketEvent, at: Timestamp) {
        match what {
            TicketEvent::Added { draft, .. } => self.waits = (!draft).then_some(at),
            TicketEvent::Opened
            | TicketEvent::SentBack { .. }
            | TicketEvent::Retried
            | TicketEvent::Released
            | TicketEvent::HandedBack { .. } => self.waits = Some(at),
            TicketEvent::AttemptStarted { attempt, lease } => {
                self.tries += 1;
                self.notes.clear();
                let what = (attempt.clone(), lease.node.clone());
                self.attempt = Some(Begun { at, what });
            }
            TicketEvent::Steered { text } => self.note("steered", text.clone(), at),
            TicketEvent::AlertRaised { kind, .. } => self.note("alert", word(kind), at),
            TicketEvent::AttemptLost => self.lost = Some(at),
            TicketEvent::AttemptRegained => self.lost = None,
            TicketEvent::QuestionAsked { question } => {
                let begun = Begun { at, what: question.text.clone() };
                self.questions.insert(question.id.clone(), begun);
            }
            TicketEvent::JobStarted { run } => self.job_started(run, None, at),
            TicketEvent::ReviewerStarted { reviewer, run } => {
                self.job_started(run, Some(reviewer), at);
            }
            TicketEvent::ReviewRequested => self.review = Some(at),
            TicketEvent::Approved { .. } | TicketEvent::LandingVoided { .. } => {
                self.queued = Some(at);
            }
            TicketEvent::LandingIntended { intent: Intent { fence, .. } } => {
                self.intent = Some(Begun { at, what: *fence });
            }
            TicketEvent::Escalated { escalation } => {
                self.escalated = Some(Begun { at, what: escalation.clone() });
            }
            _begins_nothing => {}
        }
    }

    /// Of the events that [`may_end`] something.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "what is not named ends nothing that has a span"
    )]
    fn ends(&mut self, what: &TicketEvent, at: Timestamp) -> Vec<Over> {
        let over = match what {
            TicketEvent::AttemptStarted { .. } => {
                let silent = self.silent(at);
                let waited = self.waited("wait", at, |course| course.waits.take());
                return silent.into_iter().chain(waited).collect();
            }
            TicketEvent::AttemptEnded { end } | TicketEvent::AttemptAdopted { end } => {
                self.attempt_ended(end, at)
            }
            TicketEvent::QuestionAnswered { answer } => {
                self.answered(&answer.question, Some(&answer.text), at)
            }
            TicketEvent::QuestionExpired { answer } => self.answered(&answer.question, None, at),
            TicketEvent::JobFailed { job, infra, .. } => {
                let failed = self.job_ended(job.kind, at, Measured::default());
                failed.map(|failed| failed.failing("infra", &self.said(infra)))
            }
            TicketEvent::Captured { snapshot } => {
                let captured = self.job_ended(JobKind::Capture, at, Measured::default());
                let commits = snapshot.as_ref().map(|snapshot| snapshot.new_commits);
                captured.map(|over| over.with_some("gangline.commits", commits))
            }
            TicketEvent::Verified { report } => self.measured(JobKind::Verification, report, at),
            TicketEvent::ReviewerEnded { review } => self.reviewed(review, at),
            TicketEvent::Approved { .. } | TicketEvent::Rejected { .. } => {
                let approved = matches!(what, TicketEvent::Approved { .. });
                let asked = self.waited("review by a person", at, |course| course.review.take());
                asked.map(|over| over.with("gangline.approved", approved))
            }
            TicketEvent::LandingStarted { .. } => {
                self.waited("queue", at, |course| course.queued.take())
            }
            TicketEvent::Integrated { found } => match &**found {
                Integration::Built { report, .. } => {
                    self.measured(JobKind::Integration, report, at)
                }
                Integration::Conflict { .. } => {
                    let job = self.job_ended(JobKind::Integration, at, Measured::default());
                    job.map(|job| job.failing("conflict", ""))
                }
            },
            TicketEvent::LandingVoided { .. } => {
                self.landed(at).map(|over| over.failing("target_moved", ""))
            }
            TicketEvent::Retried | TicketEvent::Released | TicketEvent::HandedBack { .. } => {
                self.seen_to(at)
            }
            TicketEvent::Landed { .. } => {
                let landed = self.landed(at);
                return landed.into_iter().chain(self.closed("landed", at)).collect();
            }
            TicketEvent::Delivered { .. } => return self.closed("delivered", at),
            TicketEvent::Cancelled => return self.closed("cancelled", at),
            _ends_nothing => None,
        };
        over.into_iter().collect()
    }

    /// A text that only goes along where content is wanted.
    fn said(&self, of: &impl ToString) -> String {
        if self.content { of.to_string() } else { String::new() }
    }

    fn root(added: &Added) -> SpanId {
        added.trace.span("ticket")
    }

    fn draft(&self, name: &str, what: &str, lasted: Lasted) -> Option<Draft> {
        let added = self.added.as_ref()?;
        let ids = (added.trace, added.trace.span(what));
        let draft = Draft::new(name.to_owned(), ids, lasted).below(Self::root(added));
        Some(draft.with("gangline.ticket", added.ticket.key.to_string()))
    }

    fn waited(
        &mut self,
        name: &str,
        to: Timestamp,
        since: impl Fn(&mut Self) -> Option<Timestamp>,
    ) -> Option<Over> {
        let from = since(self)?;
        let draft = self.draft(name, &format!("{name} {}", from.0), Lasted { from, to })?;
        Some(Over { draft, inside: None })
    }

    fn note(&mut self, name: &'static str, says: String, at: Timestamp) {
        self.notes.push(Begun { at, what: Note { name, says } });
    }

    fn attempt_span(&self, attempt: &Attempt, (node, lasted): (&NodeId, Lasted)) -> Option<Draft> {
        let name = format!("invoke_agent {}", attempt.agent);
        let draft = self.draft(&name, &attempt.job.to_string(), lasted)?;
        let draft = draft
            .with("gen_ai.operation.name", "invoke_agent")
            .with("gen_ai.agent.name", attempt.agent.to_string())
            .with_some("gen_ai.request.model", attempt.model.clone())
            .with("gangline.agent.kind", attempt.kind.to_string())
            .with("gangline.job", attempt.job.to_string())
            .with("gangline.node", node.to_string())
            .with("gangline.try", u32::from(attempt.try_no));
        Some(self.notes.iter().fold(draft, |draft, Begun { at, what: Note { name, says } }| {
            let says = self.content.then(|| ("gangline.says", says.as_str().into()));
            draft.event(name, *at, says)
        }))
    }

    /// An attempt whose node fell silent and was given up.
    fn silent(&mut self, at: Timestamp) -> Option<Over> {
        let Begun { at: from, what: (attempt, node) } = self.attempt.take()?;
        let to = self.lost.take().unwrap_or(at);
        let draft = self.attempt_span(&attempt, (&node, Lasted { from, to }))?;
        let inside = self.inside(&attempt.job, from, Measured::default());
        Some(Over { draft: draft.failed("node_lost", ""), inside })
    }

    fn attempt_ended(&mut self, end: &AttemptEnd, to: Timestamp) -> Option<Over> {
        let Begun { at: from, what: (attempt, node) } = self.attempt.take()?;
        self.lost = None;
        let draft = self.attempt_span(&attempt, (&node, Lasted { from, to }))?;
        #[expect(clippy::cast_precision_loss, reason = "a price is no count")]
        let cost_usd = end.usage.cost_microusd as f64 / 1e6;
        let draft = draft
            .with("gangline.end", end_word(&end.how))
            .with("gangline.usage.tokens", end.usage.tokens)
            .with("gangline.usage.cost_usd", cost_usd)
            .with_some("gangline.claim", self.content.then(|| end.claim.summary.clone()));
        let went_well =
            matches!(end.how, EndKind::Finished | EndKind::NoChangeNeeded | EndKind::HandedBack);
        let draft = match went_well {
            true => draft,
            false => draft.failed(end_word(&end.how), &self.said(&ended(&end.how))),
        };
        let inside = self.inside(&attempt.job, from, Measured::default());
        Some(Over { draft, inside })
    }

    fn answered(&mut self, id: &str, answer: Option<&str>, to: Timestamp) -> Option<Over> {
        let Begun { at: from, what: text } = self.questions.remove(id)?;
        let attempt = self.attempt.as_ref().map(|begun| begun.what.0.job.to_string());
        let what = format!("question {} {id} {}", attempt.as_deref().unwrap_or_default(), from.0);
        let draft = self.draft("question", &what, Lasted { from, to })?;
        let mut draft = draft.with_some("gangline.question", self.content.then_some(text));
        if let (Some(attempt), Some(added)) = (attempt, &self.added) {
            draft = draft.below(added.trace.span(attempt));
        }
        let draft = match answer {
            Some(answer) => {
                draft.with_some("gangline.answer", self.content.then(|| answer.to_owned()))
            }
            None => draft.failed("expired", ""),
        };
        Some(Over { draft, inside: None })
    }

    fn job_started(&mut self, run: &Run, reviewer: Option<&Reviewer>, at: Timestamp) {
        let (id, fence, node) = (run.job.clone(), run.lease.fence, run.lease.node.clone());
        let what = Job { id, fence, node, reviewer: reviewer.cloned() };
        self.jobs.insert(run.job.kind, Begun { at, what });
    }

    fn job_ended(&mut self, kind: JobKind, to: Timestamp, measured: Measured) -> Option<Over> {
        let Begun { at: from, what: job } = self.jobs.remove(&kind)?;
        let name = match kind {
            JobKind::Attempt => "attempt",
            JobKind::Capture => "capture",
            JobKind::Verification => "verify",
            JobKind::Integration => "integrate",
            JobKind::Review => "review",
        };
        // A job that could not do its work is done again under its name.
        let what = format!("{} {} {}", job.id, job.fence, from.0);
        let draft = self.draft(name, &what, Lasted { from, to })?;
        let mut draft = draft
            .with("gangline.job", job.id.to_string())
            .with("gangline.node", job.node.to_string());
        if let Some(reviewer) = &job.reviewer {
            draft = draft
                .with("gen_ai.operation.name", "invoke_agent")
                .with("gen_ai.agent.name", reviewer.agent.to_string())
                .with_some("gen_ai.request.model", reviewer.model.clone())
                .with("gangline.agent.kind", reviewer.kind.to_string());
        }
        let added = self.added.as_ref()?;
        let (trace, parent) = (added.trace, added.trace.span(what));
        let content = self.content;
        let inside = Inside { job: job.id, begun: from, trace, parent, measured, content };
        Some(Over { draft, inside: Some(inside) })
    }

    fn inside(&self, job: &JobId, begun: Timestamp, measured: Measured) -> Option<Inside> {
        let trace = self.added.as_ref()?.trace;
        let (job, parent, content) = (job.clone(), trace.span(job), self.content);
        Some(Inside { job, begun, trace, parent, measured, content })
    }

    fn measured(&mut self, kind: JobKind, report: &Report, to: Timestamp) -> Option<Over> {
        let verdict = report.verdict();
        let over = self.job_ended(kind, to, Measured::of(report))?;
        let over = over
            .with("gangline.verdict", word(verdict))
            .with("gangline.commit", report.commit.to_string());
        Some(match verdict {
            Verdict::Pass => over,
            Verdict::Fail | Verdict::Inconclusive => {
                let failed: Vec<&str> = report.not_passed().map(|check| &*check.name).collect();
                over.failing(&word(verdict), &failed.join(", "))
            }
        })
    }

    fn reviewed(&mut self, review: &AgentReview, to: Timestamp) -> Option<Over> {
        let over = self.job_ended(JobKind::Review, to, Measured::default())?;
        let over = over.with("gangline.usage.tokens", review.usage.tokens);
        Some(match &review.end {
            ReviewEnd::Answered { findings, left_out, .. } => {
                let found = u32::try_from(findings.len()).unwrap_or(u32::MAX);
                over.with("gangline.findings", found.saturating_add(*left_out))
            }
            ReviewEnd::Unreadable(why) => over.failing("unreadable", &self.said(why)),
            ReviewEnd::Ended(how) => over.failing(end_word(how), &self.said(&ended(how))),
        })
    }

    fn landed(&mut self, to: Timestamp) -> Option<Over> {
        let Begun { at: from, what: fence } = self.intent.take()?;
        let draft = self.draft("land", &format!("land {fence}"), Lasted { from, to })?;
        Some(Over { draft, inside: None })
    }

    /// What waited for a person has been seen to.
    fn seen_to(&mut self, to: Timestamp) -> Option<Over> {
        let Begun { at: from, what: escalation } = self.escalated.take()?;
        let what = format!("escalated {}", from.0);
        let draft = self.draft("escalated", &what, Lasted { from, to })?;
        let draft =
            draft.with_some("gangline.escalation", self.content.then_some(escalation.summary));
        Some(Over { draft, inside: None })
    }

    /// The ticket itself, and whatever of it was still open.
    fn closed(&mut self, how: &str, to: Timestamp) -> Vec<Over> {
        let mut over: Vec<Over> = self.silent(to).into_iter().chain(self.seen_to(to)).collect();
        let Some(added) = &self.added else { return over };
        let ids = (added.trace, Self::root(added));
        let draft = Draft::new("ticket".to_owned(), ids, Lasted { from: added.at, to })
            .with("gangline.ticket", added.ticket.key.to_string())
            .with("gangline.project", added.ticket.project.to_string())
            .with("gangline.end", how)
            .with("gangline.attempts", self.tries)
            .with_some("gangline.title", self.content.then(|| added.title.clone()));
        over.push(Over { draft, inside: None });
        over
    }
}

impl Over {
    fn with(mut self, key: &str, value: impl Into<super::span::Told>) -> Self {
        self.draft = self.draft.with(key, value);
        self
    }

    fn with_some<V: Into<super::span::Told>>(self, key: &str, value: Option<V>) -> Self {
        match value {
            Some(value) => self.with(key, value),
            None => self,
        }
    }

    fn failing(mut self, kind: &str, says: &str) -> Self {
        self.draft = self.draft.failed(kind, says);
        self
    }
}
