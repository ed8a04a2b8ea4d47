//! Starting a job process.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use gangline_domain::ids::{ForgeName, JobKind};
use gangline_policy::ForgeRef;
use gangline_ports::link::TaskDispatchMessage;
use gangline_process::{Cmd, Detached, SpawnError};

use crate::clock::Moment;
use crate::durable::{self, FileFault};
use crate::places::JobPlaces;
use crate::spec::{JobSpec, Machine, Purpose, SPEC_VERSION};
use crate::supervisor::handle::Shared;
use crate::supervisor::in_force::Configured;
use crate::vault;

/// What a job gets of the node's environment, beside what the machine's configuration lets
/// agents have: what it takes to find programs and toolchains.
const ENVIRONMENT: [&str; 11] = [
    "PATH",
    "HOME",
    "USER",
    "LANG",
    "LC_ALL",
    "TZ",
    "RUSTUP_HOME",
    "CARGO_HOME",
    "RUST_LOG",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
];

/// Why a job's process does not run.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LaunchError {
    /// Its folder could not be made.
    #[error(transparent)]
    File(#[from] FileFault),
    /// Its process could not be started.
    #[error("the job's process did not start")]
    Spawn(#[from] SpawnError),
}

/// Makes the run's folder with its spec, and the mark that it is to be watched.
pub(crate) fn prepare(
    shared: &Shared,
    purpose: Purpose,
    task: &TaskDispatchMessage,
) -> Result<(JobSpec, JobPlaces), FileFault> {
    let repository = Path::new(&task.project.settings.repo);
    let configured = shared.in_force.now();
    let secrets = vault::references_for(&configured.machine.secrets, repository);
    let forges = forges_for(&configured, purpose, task);
    let declared = configured.machine.mcp.iter().filter(|(_, server)| {
        server.projects.is_empty() || server.projects.contains(&task.project.id)
    });
    let mcp = declared.map(|(name, server)| (name.clone(), server.clone())).collect();
    let spec = JobSpec {
        version: SPEC_VERSION,
        places: shared.config.places.clone(),
        purpose,
        task: task.clone(),
        machine: Machine { secrets, forges, mcp, ..configured.jobs.clone() },
        timing: shared.config.job_timing,
        launched: Moment::now(),
    };
    let run = spec.run();
    durable::make_dir(run.dir())?;
    durable::write_json(&run.spec(), &spec)?;
    if purpose == Purpose::Asked {
        let active = shared.config.places.active();
        durable::make_dir(&active)?;
        // After a loss of power no job is alive, and the orchestrator asks again.
        durable::write_lazily(&shared.config.places.active_mark(spec.job(), spec.fence()), b"")?;
    }
    Ok((spec, run))
}

/// Starts the process of a prepared run. Starting it twice is harmless: the second one ends at
/// once, because the first has the lock. Its environment is what its spec refers to, whatever the
/// configuration has become since.
pub(crate) fn spawn(
    shared: &Shared,
    run: &JobPlaces,
    machine: &Machine,
) -> Result<Detached, LaunchError> {
    let launcher = &shared.config.launcher;
    let pass: Vec<&str> = machine.pass.iter().map(String::as_str).collect();
    let logins = shared.config.logins.sources();
    let sources = machine.secrets.values().map(|secret| &secret.from).chain(&logins);
    let sources = sources.chain(machine.forges.values().map(|forge| &forge.from));
    let referred = vault::variables(sources);
    let cmd = Cmd::new(launcher.program.as_os_str())
        .args(launcher.args.iter().cloned())
        .arg("--spec")
        .arg(run.spec())
        .cwd(run.dir())
        .env_from_host(&ENVIRONMENT)
        .env_from_host(&pass)
        .env_from_host(&referred)
        .marker(run.marker().clone());
    Ok(cmd.spawn_detached(&run.log())?)
}

/// The forges that a job is told of: only where it may push, and no job that runs an agent.
fn forges_for(
    configured: &Configured,
    purpose: Purpose,
    task: &TaskDispatchMessage,
) -> BTreeMap<ForgeName, ForgeRef> {
    match (purpose, task.job.kind) {
        (Purpose::Asked, JobKind::Verification) => {}
        (Purpose::Rescue, _)
        | (
            Purpose::Asked,
            JobKind::Attempt | JobKind::Capture | JobKind::Integration | JobKind::Review,
        ) => return BTreeMap::new(),
    }
    let repository = Path::new(&task.project.settings.repo);
    let own = configured.machine.forges.iter().filter(|(_, forge)| forge.is_for(repository));
    own.map(|(name, forge)| (name.clone(), forge.clone())).collect()
}

/// The end of what a job's own process printed, in one line.
pub(crate) fn last_words(log: &Path) -> String {
    let tail = tail(log, 2_000).unwrap_or_default();
    let lines: Vec<&str> = tail.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    lines[lines.len().saturating_sub(3)..].join(" | ")
}

fn tail(path: &Path, bytes_max: u64) -> io::Result<String> {
    use std::io::{Read, Seek, SeekFrom};
    let mut file = std::fs::File::open(path)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(bytes_max)))?;
    let mut bytes = Vec::new();
    file.take(bytes_max).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// A job's spec, read again.
pub(crate) fn spec_of(run: &JobPlaces) -> Option<JobSpec> {
    let path: PathBuf = run.spec();
    match JobSpec::read(&path) {
        Ok(spec) => Some(spec),
        Err(error) => {
            tracing::warn!(%error, "a job's spec cannot be read");
            None
        }
    }
}
