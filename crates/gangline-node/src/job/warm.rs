//! The warm layer that a base commit names: filled by the base's own setup, lent to the homes of jobs.
//!
//! Whatever goes wrong here is told and makes a home cold, and no more: a cache saves time, and says
//! nothing about a commit.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use gangline_checks::{Bench, run_setup};
use gangline_domain::ids::CommitId;
use gangline_domain::verdict::Verdict;
use gangline_policy::{HomePath, Period, Policy, Setup};
use gangline_process::{FileLock, Tier};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::durable;
use crate::job::bench::laid;
use crate::job::context::Job;
use crate::job::failure::Failure;
use crate::job::surroundings;
use crate::places::hex;
use crate::trees::Hub;
use crate::warm::{Kept, LAYER_BYTES_MAX, Layers};

/// Bytes of a file that is part of a key.
const KEY_FILE_BYTES_MAX: usize = 32 * 1024 * 1024;
/// Less time than this is not worth beginning to fill a layer in.
const FILL_MIN: Duration = Duration::from_secs(5);
/// Below the scratch folder, where a layer's setup runs.
const FILLING: &str = "warm";
/// Lines of a setup that failed which are told.
const LINES_MAX: usize = 5;

/// The layer of a base commit, whether it is there or not.
pub(crate) struct Warm {
    layers: Layers,
    base: CommitId,
    key: String,
}

/// All that names a layer.
#[derive(Serialize)]
struct Named<'a> {
    version: u32,
    setup: Vec<String>,
    network: bool,
    cache: Vec<&'a str>,
    /// Paths with the SHA-256 of what is there.
    files: Vec<(&'a str, Option<String>)>,
}

impl Warm {
    /// The layer that `base` names by its own policy and files; `None` where the policy asks for none,
    /// and where no wall would keep programs from it.
    pub(crate) async fn of(job: &Job, hub: &Hub, base: &CommitId, setup: &Setup) -> Option<Self> {
        if setup.cache.is_empty() || setup.run.is_empty() {
            return None;
        }
        if job.spec.machine.tier == Tier::L0 {
            job.step("no warm caches: without a sandbox nothing keeps programs from changing them");
            return None;
        }
        match key(job, hub, base, setup).await {
            Ok(key) => {
                let layers = Layers::in_folder(job.spec.places.warm(&job.project().id));
                Some(Self { layers, base: base.clone(), key })
            }
            Err(why) => {
                job.alert(format!("no warm caches: {why}"));
                None
            }
        }
    }

    /// Fills the layer when it is missing, by the base's own setup in a fresh checkout of the base.
    /// Uses the job's scratch folder.
    ///
    /// Another job that is at it is not waited for: its setup takes as long as a cold one of ours.
    pub(crate) async fn fill(&self, job: &Job, hub: &Hub, policy: &Policy) {
        if self.layers.has(&self.key) {
            return;
        }
        let lock = match self.layers.lock() {
            Ok(Some(lock)) => lock,
            Ok(None) => return job.step("another job fills the caches: this one begins cold"),
            Err(fault) => return job.alert(format!("the caches were not filled: {fault}")),
        };
        // The one before may have been done just now.
        if self.layers.has(&self.key) {
            return;
        }
        let root = job.run.scratch().join(FILLING);
        let filled = self.filled(job, (hub, policy), &root, lock).await;
        if let Err(why) = filled {
            job.alert(format!("the caches were not filled, and everything begins cold: {why}"));
        }
        if let Err(fault) = durable::remove_tree(&root) {
            job.alert(fault.to_string());
        }
    }

    async fn filled(
        &self,
        job: &Job,
        (hub, policy): (&Hub, &Policy),
        root: &Path,
        lock: FileLock,
    ) -> Result<(), String> {
        // Of the time around the checks no more than half: what is measured needs it as well.
        let around = job.time_left().saturating_sub(Duration::from(policy.limits.verification));
        let most = Duration::from(policy.setup.timeout).min(around / 2);
        if most < FILL_MIN {
            return Err("the job has no time for it".to_owned());
        }
        job.step(format!("filling the caches by the setup of {}", &self.base.as_str()[..12]));
        let failed = |failure: Failure| failure.infra().to_string();
        durable::remove_tree(root).map_err(|fault| fault.to_string())?;
        let bench = laid(job, hub, &self.base, root).await.map_err(failed)?;
        let log_dir = root.join("log");
        durable::make_dir(&log_dir).map_err(|fault| fault.to_string())?;
        let bench = Bench { log_dir, ..bench };
        let setup = Setup { timeout: Period::seconds(most.as_secs()), ..policy.setup.clone() };
        let check = run_setup(&setup, &bench, |_progress| {}).await;
        if let Some(check) = check.filter(|check| check.verdict != Verdict::Pass) {
            let lines = check.lines.into_iter().take(LINES_MAX);
            return Err(std::iter::once(check.fact).chain(lines).collect::<Vec<_>>().join("\n"));
        }
        let (home, cache) = (bench.home, setup.cache);
        job.step(match self.keep(lock, home, cache).await? {
            Kept::Filled(bytes) => format!("the caches have {} MiB", bytes.div_ceil(1024 * 1024)),
            Kept::Nothing => "setup left nothing in the folders of setup.cache".to_owned(),
            Kept::TooLarge => {
                let gib = LAYER_BYTES_MAX / (1024 * 1024 * 1024);
                format!("the caches have more than {gib} GiB, and are not kept: begin cold")
            }
        });
        Ok(())
    }

    async fn keep(
        &self,
        lock: FileLock,
        home: PathBuf,
        cache: Vec<HomePath>,
    ) -> Result<Kept, String> {
        let (layers, key) = (self.layers.clone(), self.key.clone());
        let keep = move || layers.keep(&lock, &key, (&home, &cache), LAYER_BYTES_MAX);
        match tokio::task::spawn_blocking(keep).await {
            Ok(kept) => kept.map_err(|fault| fault.to_string()),
            Err(error) => Err(error.to_string()),
        }
    }

    /// Copies the layer, where there is one, into a home that is empty.
    pub(crate) async fn lend(&self, job: &Job, home: &Path) {
        let end = Instant::now() + job.time_left();
        match self.layers.lend(&self.key, home, end).await {
            Ok(true) => job.step(format!("caches as {} has them", &self.key[..12])),
            Ok(false) => {}
            Err(why) => job.alert(format!("the caches are cold: {why}")),
        }
    }
}

/// What the base says that its caches depend on.
async fn key(job: &Job, hub: &Hub, base: &CommitId, setup: &Setup) -> Result<String, String> {
    let mut files = vec![];
    for path in &setup.key {
        let wanted = [(path.as_str(), KEY_FILE_BYTES_MAX + 1)];
        let read = hub.read_files(base, &wanted).await;
        let read = read.map_err(|failure| failure.infra().to_string())?.pop().flatten();
        if read.as_ref().is_some_and(|bytes| bytes.len() > KEY_FILE_BYTES_MAX) {
            let mib = KEY_FILE_BYTES_MAX / (1024 * 1024);
            return Err(format!("{path} of setup.key has more than {mib} MiB"));
        }
        files.push((path.as_str(), read.map(|bytes| hex(&Sha256::digest(&bytes)))));
    }
    let named = Named {
        version: 1,
        setup: setup.run.iter().map(|line| format!("{line:?}")).collect(),
        network: setup.network && surroundings::commands_have_network(job),
        cache: setup.cache.iter().map(HomePath::as_str).collect(),
        files,
    };
    Ok(hex(&Sha256::digest(durable::json(&named))))
}
