//! Driving the agent until it has ended, or has to.

use std::path::PathBuf;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use gangline_agents::claim::Status;
use gangline_agents::driver::{AgentEnd, AgentEvent, DENY, Permission, SendError, Session};
use gangline_domain::budget::{Budget, Usage};
use gangline_domain::external::is_external;
use gangline_domain::ids::Timestamp;
use gangline_domain::job::{AttemptEnd, EndKind, Infra, Question};
use gangline_domain::ticket::{Answer, Said};
use gangline_policy::{OnTimeout, Permissions};
use tokio::time::{Instant, sleep_until};

use crate::assignment::Assignment;
use crate::clock::now;
use crate::control::{Listener, Request};
use crate::job::attempt::prepare::Prepared;
use crate::job::attempt::{claim, leave};
use crate::job::context::Job;
use crate::job::hooks::CrashPoint;
use crate::job::limits::Passed;
use crate::journal::{QUESTIONS_MAX, What};

mod commits;
mod worker;

use commits::Commits;
use worker::Worker;

/// Between the signals for an agent that did not end when asked.
const SIGNAL_GRACE: Duration = Duration::from_secs(2);
/// Between two records of what has been spent.
const USAGE_EVERY: Duration = Duration::from_secs(30);
/// Events that are heard in one go, before others get their turn.
const EVENTS_AT_ONCE: u32 = 256;
/// Questions that may be open at once.
const OPEN_MAX: usize = 20;

struct Running<'j> {
    job: &'j Job,
    session: Box<dyn Session>,
    allotment: Budget,
    usage: Usage,
    session_id: Option<String>,
    /// Its last words.
    message: String,
    permissions: Permissions,
    open: Vec<Open>,
    /// Questions that people have been asked.
    asked: usize,
    answered: Vec<String>,
    /// Words that it has been told unasked.
    words: usize,
    /// Why it is being ended, and when patience is over.
    ending: Option<(EndKind, Instant)>,
    stopped: bool,
    finished: Option<AgentEnd>,
    commits: Commits,
    outcome_file: PathBuf,
    worker: Worker,
}

/// A question that waits for a person.
struct Open {
    question: Question,
    /// What it asks leave for, if it does.
    permission: Option<Permission>,
    /// How long it waits.
    until: Instant,
}

/// Runs the session to its end.
pub(super) async fn run(job: &Job, listener: &mut Listener, prepared: Prepared) -> AttemptEnd {
    let Prepared { driver, plan, allotment, alert_ms, permissions, desk, base, keep } = prepared;
    job.step("agent");
    if is_external(&plan.definition.kind) {
        let tools = desk.as_ref().map(|desk| desk.path().to_owned());
        let place = (plan.cwd.clone(), keep.meta.branch.clone(), base.clone());
        let files = (plan.brief_file.clone(), plan.outcome_file.clone());
        if let Err(fault) = Assignment::new(place, files, tools).write(&job.run) {
            return crate::outcome::end(EndKind::Infra(fault.infra()));
        }
    }
    let session = match driver.launch(&plan) {
        Ok(session) => session,
        Err(error) => {
            let (how, claim) =
                (ended(error.into_end()), gangline_domain::verdict::Claim::default());
            return AttemptEnd { how, claim, session: None, usage: Usage::default() };
        }
    };
    if let Err(fault) = keep.make_known() {
        job.alert(fault.to_string());
    }
    let mut running = Running {
        job,
        session,
        allotment,
        usage: Usage::default(),
        session_id: None,
        message: String::new(),
        permissions,
        open: vec![],
        asked: 0,
        answered: vec![],
        words: 0,
        ending: None,
        stopped: false,
        finished: None,
        commits: Commits::new(
            keep.path(),
            keep.head_marks(&job.spec.places.hub(&job.project().id)),
            Duration::from_millis(alert_ms),
        ),
        worker: Worker::new(desk, base, plan.cwd.display().to_string()),
        outcome_file: plan.outcome_file,
    };
    job.at(CrashPoint::AgentStarted);
    running.tell(&job.said());
    running.drive(listener, plan.definition.session_timeout_ms).await;
    let end = running.end().await;
    job.at(CrashPoint::AgentEnded);
    // The worktree and its ports are held until no process of the agent is left.
    drop(keep);
    end
}

impl Running<'_> {
    async fn drive(&mut self, listener: &mut Listener, session_ms: Option<u64>) {
        let session = session_ms.map_or(Duration::MAX, Duration::from_millis);
        let deadline = Instant::now() + self.job.time_left().min(session);
        let wall = self.allotment.wall_ms.map(|ms| {
            let spent = self.job.started.elapsed();
            Instant::now() + Duration::from_millis(ms).saturating_sub(spent)
        });
        let mut record = tokio::time::interval_at(Instant::now() + USAGE_EVERY, USAGE_EVERY);
        let job = self.job;
        let mut passed = std::pin::pin!(job.watch.passed());
        while self.finished.is_none() {
            let patience = self.ending.as_ref().map(|(_, until)| *until);
            let question = self.open.iter().enumerate().min_by_key(|(_, open)| open.until);
            let question = question.map(|(at, open)| (at, open.until));
            let calm = self.ending.is_none();
            // Whoever waits for a person may be silent.
            job.waits_for_person(!self.open.is_empty());
            tokio::select! {
                event = self.session.next_event() => match event {
                    Some(event) => {
                        self.happened(event).await;
                        self.catch_up().await;
                    }
                    None => return,
                },
                request = listener.next() => self.asked(request).await,
                visit = self.worker.next() => self.called(visit),
                () = at(patience), if !self.stopped => self.stop(SIGNAL_GRACE).await,
                () = sleep_until(deadline), if calm => self.finish_by(EndKind::TimedOut).await,
                passed = &mut passed, if calm => self.cut(&passed).await,
                () = at(wall), if calm => self.finish_by(EndKind::BudgetSpent).await,
                () = at(question.map(|(_, until)| until)), if calm => {
                    if let Some((at, _)) = question {
                        self.unanswered(at).await;
                    }
                }
                _ = record.tick() => {
                    self.record_usage();
                    self.commits.look(job);
                }
            }
            if let Err(failure) = self.job.sound()
                && self.ending.is_none()
            {
                self.finish_by(EndKind::Infra(failure.infra())).await;
            }
        }
    }

    /// Hears what has been said already, at once and without looking at anything else: of an agent
    /// that says much, a thousand times less is waited for, and written in as many fewer pieces.
    async fn catch_up(&mut self) {
        for _ in 0..EVENTS_AT_ONCE {
            let said = now_or_never(self.session.next_event()).await.flatten();
            let Some(event) = said else { break };
            if event.is_talk() {
                self.job.hold();
                self.happened(event).await;
            } else {
                self.job.let_go();
                self.happened(event).await;
                break;
            }
        }
        self.job.let_go();
    }

    async fn happened(&mut self, event: AgentEvent) {
        if let AgentEvent::Started { session, .. } = &event {
            self.session_id.clone_from(session);
        } else if let AgentEvent::Message { text } = &event {
            self.message.clone_from(text);
        }
        if let AgentEvent::Usage(usage) = event {
            self.job.active();
            self.spent(usage).await;
        } else if let AgentEvent::Question { id, text, options, permission } = event {
            self.question(Question { id, text, options, asked_at: now() }, permission);
        } else if let AgentEvent::Finished(end) = event {
            self.finished = Some(end);
        } else {
            self.job.note(told(event));
        }
    }

    async fn spent(&mut self, usage: Usage) {
        self.usage = usage;
        self.record_usage();
        let left = Budget { wall_ms: None, ..self.allotment.minus(usage) };
        if left.spent().is_some() && self.ending.is_none() {
            self.finish_by(EndKind::BudgetSpent).await;
        }
    }

    fn record_usage(&self) {
        let wall_ms = u64::try_from(self.job.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.job.note(What::Usage { usage: Usage { wall_ms, ..self.usage } });
    }

    fn question(&mut self, mut question: Question, permission: Option<Permission>) {
        let known = self.open.iter().any(|open| open.question.id == question.id);
        if known || self.answered.contains(&question.id) {
            return;
        }
        let mut patience = Duration::from_millis(self.job.spec.timing.question_ms);
        if let Some(wanted) = &permission {
            match leave::decide(&self.permissions, wanted) {
                leave::Answer::Now { given, text, why } => {
                    return self.leave((&question.id, &text), wanted, given, why);
                }
                leave::Answer::Person(text) => question.text = text,
            }
            patience = Duration::from_millis(self.permissions.timeout.ms());
        }
        if let Some(why) = self.too_many() {
            return self.unasked(&question.id, permission.as_ref(), why);
        }
        self.asked += 1;
        self.job.note(What::Question { question: question.clone() });
        self.open.push(Open { question, permission, until: Instant::now() + patience });
    }

    /// Why no person is asked anything more now.
    fn too_many(&self) -> Option<&'static str> {
        if self.asked >= QUESTIONS_MAX {
            return Some("too many questions have been asked in this attempt");
        }
        (self.open.len() >= OPEN_MAX).then_some("too many questions wait for an answer already")
    }

    /// Answers what is put to nobody, so that the agent does not wait for it.
    fn unasked(&mut self, id: &str, permission: Option<&Permission>, why: &str) {
        if let Some(wanted) = permission {
            return self.leave((id, &format!("{DENY}: {why}")), wanted, false, why.to_owned());
        }
        self.job.alert(format!("a question was put to nobody: {why}"));
        if let Err(error) = self.session.answer(id, &format!("{why}: go on without")) {
            self.job.alert(format!("the agent did not take the answer to {id}: {error}"));
        }
        self.answered.push(id.to_owned());
    }

    /// Answers a request for leave without a person.
    fn leave(&mut self, (id, text): (&str, &str), wanted: &Permission, given: bool, why: String) {
        let Permission { tool, detail, .. } = wanted.clone();
        self.job.note(What::Leave { tool, detail, given, why });
        if let Err(error) = self.session.answer(id, text) {
            self.job.alert(format!("the agent did not take the answer to {id}: {error}"));
        }
        self.answered.push(id.to_owned());
    }

    /// Nobody has answered in time.
    async fn unanswered(&mut self, at: usize) {
        let Open { question, permission, .. } = self.open.remove(at);
        match permission {
            Some(wanted) if self.permissions.on_timeout == OnTimeout::Deny => {
                let text = leave::unanswered(&self.permissions);
                let answer = Answer { question: question.id.clone(), text: text.clone() };
                self.job.note(What::Expired { answer });
                self.leave((&question.id, &text), &wanted, false, text.clone());
            }
            Some(_) | None => self.finish_by(EndKind::Unanswered(question)).await,
        }
    }

    async fn asked(&mut self, request: Request) {
        match &request {
            Request::Tell { said } => self.tell(said),
            Request::Ping => {}
            Request::Stop => {
                self.job.heard(&request);
                if self.ending.is_none() {
                    self.finish_by(EndKind::Stopped).await;
                }
            }
            Request::Kill => {
                self.job.heard(&request);
                self.ending = Some((EndKind::Stopped, Instant::now()));
                self.stop(Duration::ZERO).await;
            }
        }
    }

    /// Hands over what the agent has not been told.
    fn tell(&mut self, said: &[Said]) {
        let mut words = 0;
        for said in said {
            match said {
                Said::Answer(answer) => self.answer(answer),
                Said::Word { text } => {
                    words += 1;
                    if words > self.words {
                        self.words = words;
                        self.steer(text);
                    }
                }
            }
        }
    }

    fn steer(&mut self, text: &str) {
        match self.session.steer(text) {
            Ok(()) => self.job.note(What::Steered { text: text.to_owned() }),
            Err(error) => {
                let later = "should this attempt fail, the next one is told";
                self.job.alert(format!("the agent was not told “{text}”: {error}; {later}"));
            }
        }
    }

    fn answer(&mut self, Answer { question, text }: &Answer) {
        if self.answered.contains(question) {
            return;
        }
        match self.worker.answered(question, text) {
            Some(taken) => self.told_by_tool(question, text, taken),
            None => self.told_by_session(question, text),
        }
        self.answered.push(question.clone());
        self.open.retain(|open| open.question.id != *question);
    }

    fn told_by_session(&mut self, question: &str, text: &str) {
        match self.session.answer(question, text) {
            Ok(()) => self.job.note(What::Answered { question: question.to_owned() }),
            Err(SendError::Ended | SendError::Deaf { .. } | SendError::Full { .. }) => {
                self.job.alert(format!("the agent did not take the answer to {question}"));
            }
            Err(SendError::NotOpen { .. }) => self.job.alert(format!("nobody asked {question}")),
        }
    }

    /// Asks the agent to end; what it says until then is still heard.
    async fn finish_by(&mut self, how: EndKind) {
        let grace = Duration::from_millis(self.job.spec.timing.grace_ms);
        self.ending = Some((how, Instant::now() + grace));
        // An agent that cannot be asked is ended when patience is over, or has ended already.
        match tokio::time::timeout(grace, self.session.interrupt()).await {
            Ok(Ok(()) | Err(SendError::Ended)) => {}
            Ok(Err(error)) => self.job.alert(format!("the agent was not asked to end: {error}")),
            Err(_elapsed) => self.stop(SIGNAL_GRACE).await,
        }
    }

    /// Ends the agent at once: by the time that it had cleaned up, the machine might be full.
    async fn cut(&mut self, passed: &Passed) {
        let why = passed.to_string();
        self.job.alert(why.clone());
        self.ending = Some((EndKind::Crashed(why), Instant::now()));
        self.stop(Duration::ZERO).await;
    }

    async fn stop(&mut self, grace: Duration) {
        self.stopped = true;
        let proof = self.session.stop(grace).await;
        if !proof.is_proven() {
            self.job.alert(format!("processes {:?} did not end yet", proof.survivors));
        }
    }

    /// Ends what the agent left running, and says how it ended.
    async fn end(mut self) -> AttemptEnd {
        let proof = self.session.stop(Duration::ZERO).await;
        self.job.note(What::Ended { killed: proof.killed, survivors: proof.survivors });
        self.record_usage();
        let said = self.finished.take();
        let last_words = match &said {
            Some(AgentEnd::Completed { summary }) => summary.as_str(),
            Some(AgentEnd::GaveUp { reason } | AgentEnd::NoChangeNeeded { reason }) => reason,
            _no_words => self.message.as_str(),
        };
        let reported = self.worker.reported.take();
        let (status, mut claim) =
            claim::of_attempt(self.job, (&self.outcome_file, last_words), reported);
        claim::forget_secrets(self.job, &self.outcome_file);
        claim.lessons = std::mem::take(&mut self.worker.lessons);
        let how = match (self.ending.take(), said, status) {
            (Some((how, _)), _, _) => how,
            (None, Some(AgentEnd::Completed { .. }), Some(Status::GaveUp)) => {
                EndKind::GaveUp(claim.summary.clone())
            }
            (None, Some(AgentEnd::Completed { .. }), Some(Status::NoChangeNeeded)) => {
                EndKind::NoChangeNeeded
            }
            (None, Some(said), _) => ended(said),
            (None, None, _) => EndKind::Crashed("it ended without a word".to_owned()),
        };
        AttemptEnd { how, claim, session: self.session_id, usage: self.usage }
    }
}

/// What an agent says or does, as its journal tells it.
pub(super) fn told(event: AgentEvent) -> What {
    match event {
        AgentEvent::Started { session, model } => What::AgentStarted { session, model },
        AgentEvent::Message { text } | AgentEvent::Question { text, .. } => What::Message { text },
        AgentEvent::Thought { text } => What::Thought { text },
        AgentEvent::ToolStarted { id, tool, detail, paths } => {
            What::ToolStarted { id, tool, detail, paths }
        }
        AgentEvent::ToolFinished { id, ok, detail } => What::ToolFinished { id, ok, detail },
        AgentEvent::Plan(items) => What::Plan { items },
        AgentEvent::Limit { message, resets_at_s } => What::Limit { message, resets_at_s },
        AgentEvent::Raw(line) => What::Raw { line },
        AgentEvent::Usage(usage) => What::Usage { usage },
        AgentEvent::Finished(_) => What::Step { text: "the agent has ended".to_owned() },
    }
}

/// The end of an agent that nobody asked to end.
pub(super) fn ended(said: AgentEnd) -> EndKind {
    match said {
        AgentEnd::Completed { .. } => EndKind::Finished,
        AgentEnd::GaveUp { reason } => EndKind::GaveUp(reason),
        AgentEnd::NoChangeNeeded { .. } => EndKind::NoChangeNeeded,
        AgentEnd::Quota { message, resets_at } => {
            let until = resets_at.map(|seconds| Timestamp(seconds.saturating_mul(1_000_000)));
            EndKind::Quota { until, message }
        }
        AgentEnd::AuthFailed { message } => EndKind::AuthFailed(message),
        AgentEnd::Missing { program } => EndKind::AgentMissing(program),
        AgentEnd::NotRun { message } => EndKind::Infra(Infra::SpawnFailed(message)),
        AgentEnd::Crashed { message, exit } if message.is_empty() => EndKind::Crashed(exit),
        AgentEnd::Crashed { message, exit } => EndKind::Crashed(format!("{exit}: {message}")),
        AgentEnd::Interrupted => EndKind::Crashed("it was interrupted from outside".to_owned()),
    }
}

async fn at(moment: Option<Instant>) {
    match moment {
        Some(moment) => sleep_until(moment).await,
        None => std::future::pending().await,
    }
}

/// What a future gives at once, if it does.
async fn now_or_never<F: Future + Unpin>(mut future: F) -> Option<F::Output> {
    std::future::poll_fn(|context| match Pin::new(&mut future).poll(context) {
        Poll::Ready(given) => Poll::Ready(Some(given)),
        Poll::Pending => Poll::Ready(None),
    })
    .await
}
