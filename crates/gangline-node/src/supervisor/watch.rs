//! Watching one run, from its launch or adoption to its reported end.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use gangline_domain::command::Report;
use gangline_domain::ids::{Fence, JobId, JobKind, Timestamp};
use gangline_domain::job::{Infra, JobResult};
use gangline_ports::link::{FromNode, JobPulse, TaskDispatchMessage};
use gangline_process::{Detached, Exit, FileLock, sweep};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::clock::now;
use crate::control::{self, Request};
use crate::durable::{self, FileFault, with_causes};
use crate::outcome::{self, BadOutcome, Outcome, WrittenBy};
use crate::places::JobPlaces;
use crate::spec::Purpose;
use crate::supervisor::actor::Done;
use crate::supervisor::finish::{self, Death};
use crate::supervisor::handle::Shared;
use crate::supervisor::launch::{self, LaunchError};
use crate::supervisor::reading::Reading;
use crate::supervisor::tidying;
use crate::supervisor::wishes::{EndHow, Wishes};

/// Between two tries to reach a job's socket.
const ASK_EVERY: Duration = Duration::from_millis(250);
/// How long processes of a job that is ended by force may take to go, in one go.
const SWEEP_MAX: Duration = Duration::from_secs(5);

/// Before something that failed for the machine's sake is tried again.
const AGAIN: Duration = Duration::from_secs(1);

/// How a watch begins.
#[derive(Debug)]
pub(crate) enum Order {
    /// The orchestrator wants the run.
    Launch(Box<TaskDispatchMessage>),
    /// An earlier supervisor launched it.
    Adopt,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct RunWatch {
    shared: Arc<Shared>,
    job: JobId,
    fence: Fence,
    places: JobPlaces,
    wishes: watch::Receiver<Wishes>,
    pulse: Arc<Mutex<JobPulse>>,
    task: Option<TaskDispatchMessage>,
    /// When the job must have ended. Of the clock that stands still while the machine sleeps:
    /// who closes a laptop ends nothing.
    until: Option<Instant>,
    child: Option<Detached>,
    /// How the process ended that this supervisor started.
    exit: Option<Exit>,
    /// Repeats of reports that have been made.
    repeated: u32,
    /// What was wanted when its end was told.
    heard: Wishes,
    told: Told,
    /// Why it was ended by force.
    forced: Option<Death>,
}

/// What the job has been told.
#[derive(Debug, Default)]
struct Told {
    end: Option<EndHow>,
    /// When it was first to end.
    end_since: Option<Instant>,
    said: usize,
    next_at: Option<Instant>,
}

impl RunWatch {
    pub(crate) fn new(
        shared: Arc<Shared>,
        (job, fence): (JobId, Fence),
        wishes: watch::Receiver<Wishes>,
        pulse: Arc<Mutex<JobPulse>>,
    ) -> Self {
        let places = shared.config.places.job(&job, fence);
        Self {
            shared,
            job,
            fence,
            places,
            wishes,
            pulse,
            task: None,
            until: None,
            child: None,
            exit: None,
            repeated: 0,
            heard: Wishes::default(),
            told: Told::default(),
            forced: None,
        }
    }

    /// Gives the run up without having begun.
    pub(crate) fn left(self) -> Done {
        let heard = self.wishes.borrow().clone();
        Done::Run { job: self.job, fence: self.fence, worktrees_max: None, heard }
    }

    pub(crate) async fn run(mut self, order: Order) -> Done {
        let outcome = match self.begin(order) {
            Ok(()) => self.watch().await,
            Err(error) => Some(self.unstarted(&error)),
        };
        // Without one, the supervisor ends, and the next one goes on from here.
        if let Some(outcome) = outcome {
            self.told_of(outcome).await;
        }
        let captured = self.job.kind == JobKind::Capture;
        let limit = self.task.as_ref().map(|task| task.project.settings.limits.worktrees);
        let worktrees_max = limit.filter(|_| captured);
        let heard = Wishes { again: self.repeated, ..self.heard };
        Done::Run { job: self.job, fence: self.fence, worktrees_max, heard }
    }

    /// Makes the run's folder and starts its process, as far as that has not been done.
    fn begin(&mut self, order: Order) -> Result<(), LaunchError> {
        match order {
            Order::Launch(task) => {
                let is_there = self.has_ended()? || self.is_held()?;
                if !is_there && !self.has_begun() {
                    let (spec, run) = launch::prepare(&self.shared, Purpose::Asked, &task)?;
                    self.child = Some(launch::spawn(&self.shared, &run, &spec.machine)?);
                }
                self.task = Some(*task);
            }
            Order::Adopt => {
                let spec = launch::spec_of(&self.places);
                self.task = spec.as_ref().map(|spec| spec.task.clone());
                let fresh = !self.has_ended()? && !self.is_held()? && !self.has_begun();
                // Its supervisor died before the process came so far as to take the lock. If it
                // is still on its way, one of the two gets the lock and the other one ends.
                if let Some(spec) = spec.as_ref().filter(|_| fresh) {
                    self.child = Some(launch::spawn(&self.shared, &self.places, &spec.machine)?);
                }
            }
        }
        let spec = launch::spec_of(&self.places);
        self.until = spec.map(|spec| Instant::now() + spec.time_left());
        Ok(())
    }

    fn has_ended(&self) -> Result<bool, FileFault> {
        let path = self.places.outcome();
        path.try_exists().map_err(|error| FileFault::new("look for", path, error))
    }

    fn has_begun(&self) -> bool {
        self.places.identity().exists()
    }

    fn is_held(&self) -> Result<bool, FileFault> {
        let path = self.places.lock();
        FileLock::is_held(&path).map_err(|error| FileFault::new("look at", path, error))
    }

    /// Watches until the run has ended; `None` when the supervisor ends before it.
    async fn watch(&mut self) -> Option<Outcome> {
        let mut reading = Reading::resume(&self.places);
        self.report_all(reading.reported(&self.job, self.fence)).await;
        loop {
            let more = self.read(&mut reading).await;
            let mut wait = if more { Duration::ZERO } else { self.shared.config.timing.poll };
            // What cannot be looked at counts as alive: it is looked at again.
            let ended = self.child.is_none() && !self.is_held().unwrap_or(true);
            if ended && !more {
                // What it wrote last was written before its lock went.
                while self.read(&mut reading).await {}
                reading.write();
                match self.conclude(&reading).await {
                    Ok(None) => {}
                    Ok(Some(outcome)) => return Some(outcome),
                    Err(error) => {
                        tracing::error!(job = %self.job, %error, "an end cannot be told yet");
                        wait = AGAIN;
                    }
                }
            }
            self.ask_socket().await;
            self.enforce().await;
            tokio::select! {
                () = self.shared.stop.cancelled() => {
                    reading.write();
                    return None;
                }
                exit = exit_of(&mut self.child), if self.child.is_some() => {
                    self.exit = Some(exit);
                    self.child = None;
                }
                changed = self.wishes.changed() => if changed.is_err() {
                    return None;
                },
                () = tokio::time::sleep(wait) => {}
            }
            let again = self.wishes.borrow().again;
            if again != self.repeated {
                self.repeated = again;
                self.report_all(reading.reported(&self.job, self.fence)).await;
            }
        }
    }

    /// Reads on; whether there may be more at once.
    async fn read(&mut self, reading: &mut Reading) -> bool {
        let (news, more) = reading.read(&self.job, self.fence);
        {
            let mut pulse = self.pulse.lock().unwrap_or_else(PoisonError::into_inner);
            pulse.last_activity = reading.learned.last_activity;
            pulse.current.clone_from(&reading.learned.current);
            pulse.journal_bytes = reading.learned.bytes;
        }
        self.report_all(news).await;
        more
    }

    async fn report_all(&self, reports: Vec<Report>) {
        for report in reports {
            self.report(report).await;
        }
    }

    /// Hands a report over, waiting for room; given up only when the supervisor ends.
    async fn report(&self, report: Report) -> bool {
        tokio::select! {
            sent = self.shared.reports.send(FromNode::Result(Box::new(report))) => sent.is_ok(),
            () = self.shared.stop.cancelled() => false,
        }
    }

    /// Tells the job what is wanted of it and what it has not heard.
    async fn ask_socket(&mut self) {
        let wishes = self.wishes.borrow().clone();
        let end = wishes.end.filter(|how| self.told.end.is_none_or(|told| *how > told));
        let more = wishes.said.len() > self.told.said;
        if wishes.end.is_some() {
            self.told.end_since.get_or_insert_with(Instant::now);
        }
        let due = self.told.next_at.is_none_or(|at| at <= Instant::now());
        if !due || (end.is_none() && !more) {
            return;
        }
        self.told.next_at = Some(Instant::now() + ASK_EVERY);
        if more {
            let count = wishes.said.len();
            let request = Request::Tell { said: wishes.said };
            if self.asked(&request).await {
                self.told.said = count;
            }
        }
        if let Some(how) = end
            && self.asked(&how.request()).await
        {
            self.told.end = Some(how);
        }
    }

    async fn asked(&self, request: &Request) -> bool {
        match control::ask(self.places.socket(), request).await {
            Ok(()) => true,
            Err(error) => {
                tracing::debug!(job = %self.job, %error, "a job was not told yet");
                false
            }
        }
    }

    /// Ends by force what does not end in time.
    async fn enforce(&mut self) {
        let timing = &self.shared.config.timing;
        let late = self.until.map_or(Duration::ZERO, |until| until.elapsed());
        let grace = Duration::from_millis(self.shared.config.job_timing.grace_ms);
        let death = match (self.wishes.borrow().end, self.told.end_since) {
            _ if late > timing.overdue => Some(Death::Overdue),
            (Some(EndHow::Kill), Some(since)) if since.elapsed() > timing.kill => {
                Some(Death::Ended)
            }
            (Some(_), Some(since)) if since.elapsed() > grace * 2 + timing.overdue => {
                Some(Death::Ended)
            }
            _ => None,
        };
        if let Some(death) = death
            && (self.child.is_some() || self.is_held().unwrap_or(true))
        {
            tracing::warn!(job = %self.job, ?death, "a job is ended by force");
            self.forced.get_or_insert(death);
            let proof = sweep(self.places.marker(), SWEEP_MAX).await;
            if !proof.is_proven() {
                tracing::error!(job = %self.job, ?proof, "processes of a job survive");
            }
        }
    }

    /// The outcome of a run whose lock is free; `None` when it is taken again.
    async fn conclude(&mut self, reading: &Reading) -> Result<Option<Outcome>, FileFault> {
        if self.exit != Some(Exit::Code(0)) && !self.prove().await {
            return Ok(None);
        }
        let unread = match Outcome::read(&self.places) {
            Ok(Some(outcome)) => return Ok(Some(outcome)),
            Ok(None) => None,
            Err(bad) => Some(bad),
        };
        // Where somebody removed the run's folder, its end must still be told.
        durable::make_dir(self.places.dir())?;
        let path = self.places.lock();
        let lock = match FileLock::try_acquire(&path) {
            Ok(Some(lock)) => lock,
            Ok(None) => return Ok(None),
            Err(error) => return Err(FileFault::new("lock", path, error)),
        };
        if !self.prove().await {
            return Ok(None);
        }
        let (death, detail) = match unread {
            Some(bad) => (Death::Unread, self.set_aside(&bad)?),
            None => self.died(),
        };
        let result = finish::result(self.job.kind, death, &reading.learned, detail);
        let written =
            Outcome::write(&self.places, (&self.job, self.fence), WrittenBy::Node, result)?;
        drop(lock);
        durable::remove_tree(&self.places.scratch())?;
        Ok(Some(written))
    }

    /// How the run went that left no outcome, and its last words.
    fn died(&self) -> (Death, String) {
        let death = self.forced.unwrap_or(match self.has_begun() {
            true => Death::Died,
            false => Death::NeverBegan,
        });
        let exit = self.exit.map_or_else(|| "it was gone".to_owned(), |exit| exit.to_string());
        let words = launch::last_words(&self.places.log());
        (death, if words.is_empty() { exit } else { format!("{exit}: {words}") })
    }

    /// Keeps an outcome that cannot be read, which ours then replaces.
    fn set_aside(&self, bad: &BadOutcome) -> Result<String, FileFault> {
        let kept = outcome::set_aside(&self.places)?;
        tracing::error!(job = %self.job, %bad, kept = %kept.display(), "an outcome is set aside");
        Ok(format!("{bad}; it is kept as {}", kept.display()))
    }

    /// Ends what is left of the job's processes; whether nothing is. Asked again until it is so.
    async fn prove(&self) -> bool {
        let proof = sweep(self.places.marker(), SWEEP_MAX).await;
        if !proof.is_proven() {
            tracing::error!(job = %self.job, ?proof, "processes of a job survive");
        }
        proof.is_proven()
    }

    /// The outcome of a run whose process did not start. Kept in memory only when the disk does
    /// not take it.
    fn unstarted(&self, error: &LaunchError) -> Outcome {
        let infra = match error {
            LaunchError::File(fault) => fault.infra(),
            LaunchError::Spawn(_) => Infra::SpawnFailed(with_causes(error)),
        };
        let result = outcome::failed(self.job.kind, infra);
        let key = (&self.job, self.fence);
        match Outcome::write(&self.places, key, WrittenBy::Node, result.clone()) {
            Ok(outcome) => outcome,
            Err(fault) => {
                tracing::error!(job = %self.job, %fault, "an outcome was not written");
                Outcome {
                    version: outcome::OUTCOME_VERSION,
                    job: self.job.clone(),
                    fence: self.fence,
                    at: now(),
                    by: WrittenBy::Node,
                    result,
                }
            }
        }
    }

    /// Reports the end, and lets go of the run.
    async fn told_of(&mut self, outcome: Outcome) {
        self.repeated = self.wishes.borrow().again;
        let result = Box::new(adjusted(outcome.result, self.job.kind));
        let report = Report::Ended { job: self.job.clone(), fence: self.fence, result };
        if !self.report(report).await {
            return;
        }
        self.heard = self.wishes.borrow().clone();
        if self.heard.end == Some(EndHow::Fenced) && self.job.kind == JobKind::Attempt {
            tidying::rescue_attempt(&self.shared, &self.job, self.fence).await;
        }
        let mark = self.shared.config.places.active_mark(&self.job, self.fence);
        if let Err(error) = durable::remove_file(&mark) {
            tracing::warn!(%error, "a run that has ended will be told of again");
        }
    }
}

/// An outcome of another program may be of a kind that does not fit the job.
fn adjusted(result: JobResult, kind: JobKind) -> JobResult {
    let fits = match &result {
        JobResult::Attempt(_) => kind == JobKind::Attempt,
        JobResult::Captured(_) => kind == JobKind::Capture,
        JobResult::Verified(_) => kind == JobKind::Verification,
        JobResult::Integrated(_) => kind == JobKind::Integration,
        JobResult::Reviewed(_) => kind == JobKind::Review,
        JobResult::Failed(_) => kind != JobKind::Attempt,
    };
    if fits {
        return result;
    }
    outcome::failed(kind, Infra::Tool("the outcome is that of another kind of job".to_owned()))
}

async fn exit_of(child: &mut Option<Detached>) -> Exit {
    match child {
        Some(child) => child.wait().await,
        None => std::future::pending().await,
    }
}

/// Waits for the end of a run that is not reported, and gives its outcome.
pub(crate) async fn await_unreported(
    shared: &Shared,
    places: &JobPlaces,
    mut child: Detached,
    deadline: Timestamp,
) -> Result<Option<Outcome>, BadOutcome> {
    let overdue = shared.config.timing.overdue;
    let left = Duration::from_millis(deadline.ms_since(now())) + overdue;
    tokio::select! {
        () = shared.stop.cancelled() => return Ok(None),
        _ = child.wait() => {}
        () = tokio::time::sleep(left) => {}
    }
    if child_left(&places.lock()) {
        let proof = sweep(places.marker(), SWEEP_MAX).await;
        if !proof.is_proven() {
            tracing::error!(?proof, "processes of a rescue survive");
        }
    }
    Outcome::read(places)
}

fn child_left(lock: &Path) -> bool {
    FileLock::is_held(lock).unwrap_or(true)
}
