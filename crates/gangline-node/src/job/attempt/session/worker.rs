//! Calls of the worker's tools: what the agent reports, asks and looks up while it works.

use gangline_agents::claim::Outcome;
use gangline_agents::worker::{Call, LESSONS_MAX, Reply};
use gangline_domain::ids::CommitId;
use gangline_domain::job::Question;
use gangline_domain::ticket::Ticket;
use gangline_domain::verdict::{Claim, ClaimSource};
use serde_json::{Value, json};
use tokio::sync::oneshot;

use super::Running;
use crate::clock::now;
use crate::job::attempt::claim::{Reported, Stamp};
use crate::job::attempt::lessons;
use crate::journal::What;
use crate::worker::{Desk, Visit};

/// What the tools have been used for so far.
pub(super) struct Worker {
    desk: Option<Desk>,
    base: CommitId,
    worktree: String,
    asked: Vec<Asked>,
    pub(super) reported: Option<Reported>,
    pub(super) lessons: Vec<String>,
}

/// A question that came by a tool.
struct Asked {
    question: Question,
    /// Callers that wait for the answer.
    waiting: Vec<oneshot::Sender<Reply>>,
    /// The answer, while nobody has taken it.
    answer: Option<String>,
}

impl Worker {
    pub(super) fn new(desk: Option<Desk>, base: CommitId, worktree: String) -> Self {
        Self { desk, base, worktree, asked: vec![], reported: None, lessons: vec![] }
    }

    /// The next call. Cancel safe. Never ends by itself.
    pub(super) async fn next(&mut self) -> Visit {
        match &mut self.desk {
            Some(desk) => desk.next().await,
            None => std::future::pending().await,
        }
    }

    /// Gives an answer to those who wait for it. `None` when no tool asked; whether somebody took
    /// it otherwise.
    pub(super) fn answered(&mut self, question: &str, text: &str) -> Option<bool> {
        let asked = self.asked.iter_mut().find(|asked| asked.question.id == question)?;
        let mut taken = false;
        for caller in asked.waiting.drain(..) {
            taken |= caller.send(Reply::Done(text.into())).is_ok();
        }
        // A call may have been cut short, by the agent's own patience perhaps. Who asks the same
        // again has the answer.
        asked.answer = Some(text.to_owned()).filter(|_| !taken);
        Some(taken)
    }

    fn text_of(&self, question: &str) -> &str {
        let asked = self.asked.iter().find(|asked| asked.question.id == question);
        asked.map_or("", |asked| asked.question.text.as_str())
    }
}

impl Running<'_> {
    /// Takes note of an answer to a question of a tool. One that nobody waited for any more is
    /// said to the agent, where it can be told anything.
    pub(super) fn told_by_tool(&mut self, question: &str, text: &str, taken: bool) {
        let words = format!("You asked: {}\nThe answer: {text}", self.worker.text_of(question));
        if taken || self.session.steer(&words).is_ok() {
            return self.job.note(What::Answered { question: question.to_owned() });
        }
        self.job.alert(format!(
            "the agent does not wait for the answer to {question} any more; it has it when it \
             asks again"
        ));
    }

    /// Does what a tool was called for. What the agent says here is noted and not believed.
    pub(super) fn called(&mut self, visit: Visit) {
        let Visit { call, reply } = visit;
        let answer = match call {
            Call::Ask { question, options } => return self.ask_human(question, options, reply),
            Call::Progress { message, percent } => {
                self.job.note(What::Progress { message, percent });
                done("noted")
            }
            Call::Outcome(outcome) => self.reported(*outcome),
            Call::Issue { issue_id } => match self.own_issue(issue_id.as_deref()) {
                Ok(ticket) => Reply::Done(issue(ticket)),
                Err(why) => Reply::Refused(why),
            },
            Call::Submit { issue_id, commit } => self.submitted(&issue_id, commit),
            Call::Base => {
                let (base, worktree) = (self.worker.base.as_str(), &self.worker.worktree);
                Reply::Done(json!({ "base": base, "worktree": worktree }))
            }
            Call::Lesson { lesson } => self.lesson(lesson),
            Call::Lessons { words } => Reply::Done(lessons::found(self.job, &words)),
        };
        // Who has hung up wants no answer.
        drop(reply.send(answer));
    }

    /// The later of this and the outcome file counts.
    fn reported(&mut self, outcome: Outcome) -> Reply {
        let status = outcome.status.word().to_owned();
        self.job.note(What::Reported { status, summary: outcome.claim.summary.clone() });
        let file = Stamp::of(&self.outcome_file);
        self.worker.reported = Some(Reported { outcome, file });
        done("noted; commit what belongs to the ticket, then end your turn")
    }

    fn submitted(&mut self, issue_id: &str, commit: String) -> Reply {
        if let Err(why) = self.own_issue(Some(issue_id)) {
            return Reply::Refused(why);
        }
        if self.worker.reported.is_none() {
            let claim = Claim {
                source: ClaimSource::Outcome,
                summary: format!("submitted {commit} for review"),
                ..Claim::default()
            };
            let outcome = Outcome {
                status: gangline_agents::claim::Status::Completed,
                claim,
                ignored: vec![],
            };
            let file = Stamp::of(&self.outcome_file);
            self.worker.reported = Some(Reported { outcome, file });
        }
        self.job.note(What::Submitted { commit });
        done(
            "noted; end your turn now: the last commit on your branch is measured then, whichever \
             it is",
        )
    }

    fn lesson(&mut self, lesson: String) -> Reply {
        let lessons = &mut self.worker.lessons;
        if lessons.contains(&lesson) {
            return done("known already");
        }
        if lessons.len() >= LESSONS_MAX {
            return Reply::Refused(format!("{LESSONS_MAX} lessons are kept, and no more"));
        }
        lessons.push(lesson.clone());
        self.job.note(What::Lesson { text: lesson });
        done("noted")
    }

    /// The ticket that is worked on, when it is that which is meant.
    fn own_issue(&self, issue_id: Option<&str>) -> Result<&Ticket, String> {
        let ticket = self.job.ticket();
        let (key, id) = (ticket.id.key.to_string(), ticket.id.to_string());
        let known = [Some(key.as_str()), Some(&id), ticket.spec.external_ref.as_deref()];
        match issue_id.map(str::trim) {
            None | Some("") => Ok(ticket),
            Some(wanted) if known.into_iter().flatten().any(|known| known == wanted) => Ok(ticket),
            Some(_) => Err(format!("only {key}, which you work on, can be seen from here")),
        }
    }

    fn ask_human(&mut self, text: String, options: Vec<String>, reply: oneshot::Sender<Reply>) {
        let same =
            |asked: &&mut Asked| asked.question.text == text && asked.question.options == options;
        if let Some(asked) = self.worker.asked.iter_mut().find(same) {
            match asked.answer.take() {
                Some(answer) => {
                    let left = reply.send(Reply::Done(answer.into())).err();
                    asked.answer = left.map(text_of);
                }
                // A call that is repeated is not a second question to the person.
                None if self.open.iter().any(|open| open.question.id == asked.question.id) => {
                    asked.waiting.retain(|caller| !caller.is_closed());
                    asked.waiting.push(reply);
                }
                None => return self.ask_anew(text, options, reply),
            }
            return;
        }
        self.ask_anew(text, options, reply);
    }

    fn ask_anew(&mut self, text: String, options: Vec<String>, reply: oneshot::Sender<Reply>) {
        let refusal = if self.ending.is_some() {
            Some("the attempt is ending".to_owned())
        } else {
            self.too_many().map(|why| format!("{why}: go on without"))
        };
        if let Some(why) = refusal {
            drop(reply.send(Reply::Refused(why)));
            return;
        }
        let id = format!("tool-{}", self.worker.asked.len() + 1);
        let question = Question { id, text, options, asked_at: now() };
        let asked = Asked { question: question.clone(), waiting: vec![reply], answer: None };
        self.worker.asked.push(asked);
        self.question(question, None);
    }
}

fn done(text: &str) -> Reply {
    Reply::Done(text.into())
}

/// The words of an answer that nobody took.
fn text_of(reply: Reply) -> String {
    match reply {
        Reply::Done(Value::String(text)) | Reply::Refused(text) => text,
        Reply::Done(other) => other.to_string(),
    }
}

/// The ticket, as agents read it.
fn issue(ticket: &Ticket) -> Value {
    let spec = &ticket.spec;
    json!({
        "key": ticket.id.key.to_string(),
        "project": ticket.id.project.as_str(),
        "title": spec.title,
        "body": spec.body,
        "priority": spec.priority,
        "labels": spec.labels,
        "depends_on": spec.depends_on.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "scope": Vec::from(spec.scope.clone()),
        "deliverable": spec.deliverable,
        "external_ref": spec.external_ref,
        "hints": ticket.hints.iter().map(|hint| &hint.text).collect::<Vec<_>>(),
    })
}
