//! From the spec to the outcome.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use gangline_domain::ids::{Fence, JobId, JobKind};
use gangline_domain::job::{AttemptEnd, EndKind, Infra, JobResult};
use gangline_process::{FileLock, ProcessIdentity, sweep};

use crate::control::Listener;
use crate::durable::{self, FileFault};
use crate::job::context::Job;
use crate::job::failure::Failure;
use crate::job::hooks::{CrashPoint, JobHooks};
use crate::job::{attempt, capture, integration, verification};
use crate::journal::{JobEnded, What, Writer};
use crate::outcome::{self, Outcome, WrittenBy};
use crate::places::{JobPlaces, run_of_dir};
use crate::spec::{BadSpec, JobSpec, Purpose};

/// How long the job's processes may take to go.
const END_MAX: Duration = Duration::from_secs(10);
/// How long room for the outcome is waited for on a full disk.
const ROOM_MAX: Duration = Duration::from_secs(20);
/// Exit code of a job that could not write its outcome.
const NO_OUTCOME: u8 = 74;

/// Does the job of a spec. 0 when an outcome is written, or when another process has the job.
pub fn job_main(spec_path: &Path, hooks: JobHooks) -> ExitCode {
    match run(spec_path, hooks) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // The node reads the end of this log.
            tracing::error!(error = %durable::with_causes(&error), "the job has no outcome");
            eprintln!("{}", durable::with_causes(&error));
            ExitCode::from(NO_OUTCOME)
        }
    }
}

/// Why a job leaves no outcome.
#[derive(Debug, thiserror::Error)]
enum NoOutcome {
    #[error(transparent)]
    File(#[from] FileFault),
    #[error("{0}, and its folder does not tell which job it is")]
    Nameless(#[source] BadSpec),
    #[error("no runtime")]
    Runtime(#[source] std::io::Error),
}

fn run(spec_path: &Path, hooks: JobHooks) -> Result<(), NoOutcome> {
    let spec = match JobSpec::read(spec_path) {
        Ok(spec) => spec,
        Err(bad) => return refuse(spec_path, bad),
    };
    let run = spec.run();
    let Some(_lock) = take(&run)? else { return Ok(()) };
    (hooks.at)(CrashPoint::Locked);
    let identity = ProcessIdentity::current();
    let identity =
        identity.map_err(|error| FileFault::new("read the process of", run.dir(), error))?;
    // It names a process of this boot: after a loss of power it is of no use.
    durable::write_lazily(&run.identity(), &durable::json(&identity))?;
    let (id, fence) = (spec.job().clone(), spec.fence());
    let journal_max = u64::from(spec.machine.journal_mib) * 1024 * 1024;
    let result = match Writer::open(&run.journal(), journal_max) {
        Ok(journal) => guarded(&Job::new(spec, hooks, journal))?,
        Err(fault) => outcome::failed(result_kind(&spec), fault.infra()),
    };
    (hooks.at)(CrashPoint::BeforeOutcome);
    // Its space may be what the outcome needs.
    durable::remove_tree(&run.scratch())?;
    write_outcome(&run, (&id, fence), &result)?;
    (hooks.at)(CrashPoint::AfterOutcome);
    Ok(())
}

/// The run's lock, when this process is the first to have it and nothing has come of the run.
fn take(run: &JobPlaces) -> Result<Option<FileLock>, FileFault> {
    let path = run.lock();
    let taken = FileLock::try_acquire(&path);
    let taken = taken.map_err(|error| FileFault::new("lock", path, error))?;
    Ok(taken.filter(|_lock| !run.outcome().exists()))
}

/// A spec that says nothing still has a folder that says which job it is.
fn refuse(spec_path: &Path, bad: BadSpec) -> Result<(), NoOutcome> {
    let absolute = std::path::absolute(spec_path).unwrap_or_else(|_| spec_path.to_owned());
    let Some((job, fence)) = absolute.parent().and_then(run_of_dir) else {
        return Err(NoOutcome::Nameless(bad));
    };
    let Some(state) = absolute.ancestors().nth(4) else { return Err(NoOutcome::Nameless(bad)) };
    let places =
        crate::places::Places { state: state.to_owned(), runtime: std::path::PathBuf::new() };
    let run = match absolute.ancestors().nth(3).and_then(Path::file_name) {
        Some(kind) if kind == "rescues" => places.rescue(&job, fence),
        Some(_) | None => places.job(&job, fence),
    };
    let Some(_lock) = take(&run)? else { return Ok(()) };
    let result = outcome::failed(job.kind, Infra::Tool(durable::with_causes(&bad)));
    write_outcome(&run, (&job, fence), &result)?;
    Ok(())
}

/// A rescue is a capture under the attempt's name.
fn result_kind(spec: &JobSpec) -> JobKind {
    match spec.purpose {
        Purpose::Asked => spec.job().kind,
        Purpose::Rescue => JobKind::Capture,
    }
}

fn guarded(job: &Job) -> Result<JobResult, NoOutcome> {
    let kind = result_kind(&job.spec);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(NoOutcome::Runtime)?;
    job.know(runtime.block_on(job.spec.machine.logins.secrets()));
    let opened = What::Opened {
        job: job.id().clone(),
        fence: job.spec.fence(),
        agent: job.ticket().running_attempt().map(|attempt| attempt.agent.clone()),
        program: env!("CARGO_PKG_VERSION").to_owned(),
    };
    job.note(opened);
    job.step(format!("sandbox: tier {}", job.spec.machine.tier));
    job.at(CrashPoint::Opened);
    let work = AssertUnwindSafe(|| runtime.block_on(work(job, kind)));
    let result = std::panic::catch_unwind(work).unwrap_or_else(|panic| {
        outcome::failed(kind, Infra::JobDied(format!("panic: {}", panic_text(&*panic))))
    });
    let result = runtime.block_on(ended(job, kind, result));
    let result = without_secrets(job, kind, result);
    let words = JobEnded(outcome::in_words(&result));
    job.note(What::Closed { result: words, dropped: job.dropped() });
    Ok(result)
}

/// What becomes of a result goes into events, and stays.
fn without_secrets(job: &Job, kind: JobKind, result: JobResult) -> JobResult {
    let redactor = job.vault.redactor();
    let bytes = durable::json(&result);
    if redactor.is_empty() {
        return result;
    }
    let mut value = serde_json::from_slice(&bytes).expect("BUG: what was written is JSON");
    redactor.json(&mut value);
    serde_json::from_value(value).unwrap_or_else(|error| {
        let what = format!("the result holds a secret where nothing can stand for it: {error}");
        outcome::failed(kind, Infra::Tool(what))
    })
}

fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default()
}

async fn work(job: &Job, kind: JobKind) -> JobResult {
    let done = async {
        let mut listener = match Listener::open(job.run.socket()) {
            Ok(listener) => listener,
            Err(fault) => return outcome::failed(kind, fault.infra()),
        };
        match kind {
            JobKind::Attempt => {
                JobResult::Attempt(Box::pin(attempt::run(job, &mut listener)).await)
            }
            JobKind::Review => Box::pin(attempt::review::run(job, &mut listener)).await,
            JobKind::Capture => follow(job, &mut listener, Box::pin(capture::run(job))).await,
            JobKind::Verification => {
                follow(job, &mut listener, Box::pin(verification::run(job))).await
            }
            JobKind::Integration => {
                follow(job, &mut listener, Box::pin(integration::run(job))).await
            }
        }
    };
    tokio::select! {
        result = done => result,
        never = job.watch_silence() => never,
    }
}

async fn follow(
    job: &Job,
    listener: &mut Listener,
    work: impl Future<Output = Result<JobResult, Failure>>,
) -> JobResult {
    match job.unless_ended(listener, work).await {
        Ok(result) => result,
        Err(failure) => JobResult::Failed(failure.infra()),
    }
}

/// Ends what is left of the job's processes, and makes sure of it.
async fn ended(job: &Job, kind: JobKind, result: JobResult) -> JobResult {
    let proof = sweep(job.run.marker(), END_MAX).await;
    let (killed, survivors) = (proof.killed.clone(), proof.survivors.clone());
    job.note(What::Ended { killed, survivors });
    let infra = if proof.is_proven() {
        job.sound().err().map(Failure::infra)
    } else {
        let pids = format!("processes {:?} could not be ended", proof.survivors);
        Some(Infra::Tool(pids))
    };
    match (infra, result) {
        (None, result) => result,
        // What the agent said and spent is told all the same.
        (Some(infra), JobResult::Attempt(end)) => {
            JobResult::Attempt(AttemptEnd { how: EndKind::Infra(infra), ..end })
        }
        (Some(infra), _) => outcome::failed(kind, infra),
    }
}

/// Writes the outcome; on a full disk again and again for a while, because without it the work
/// would count as lost.
fn write_outcome(
    run: &JobPlaces,
    (job, fence): (&JobId, Fence),
    result: &JobResult,
) -> Result<(), FileFault> {
    let started = Instant::now();
    loop {
        match Outcome::write(run, (job, fence), WrittenBy::Job, result.clone()) {
            Ok(_written) => return Ok(()),
            Err(fault) if durable::is_full(&fault.source) && started.elapsed() < ROOM_MAX => {
                std::thread::sleep(Duration::from_millis(250));
            }
            Err(fault) => return Err(fault),
        }
    }
}
