//! Fresh checkouts in which a commit is measured, each with a home and a sandbox that know nothing
//! of the agent.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use gangline_checks::{Bench, Layout};
use gangline_domain::ids::{CommitId, SecretName};
use gangline_domain::secret::Secret;
use gangline_process::Tier;

use crate::durable;
use crate::job::context::Job;
use crate::job::failure::Failure;
use crate::job::surroundings;
use crate::job::warm::Warm;
use crate::trees::Hub;

/// Below the scratch folder, where trials have their trees.
const TRIALS: &str = "trials";

/// The fresh checkout of `commit` that is measured.
pub(crate) async fn bench(
    job: &Job,
    hub: &Hub,
    commit: &CommitId,
    warm: Option<&Warm>,
) -> Result<Bench, Failure> {
    let scratch = job.run.scratch();
    // What an earlier run of this job left half done is of no use.
    durable::remove_tree(&scratch)?;
    durable::make_dir(&job.run.checks())?;
    job.step(format!("fresh checkout of {}", &commit.as_str()[..12]));
    let bench = laid(job, hub, commit, &scratch).await?;
    if let Some(warm) = warm {
        warm.lend(job, &bench.home).await;
    }
    Ok(bench)
}

/// A fresh checkout of `commit` below `root`, with an empty home.
pub(super) async fn laid(
    job: &Job,
    hub: &Hub,
    commit: &CommitId,
    root: &Path,
) -> Result<Bench, Failure> {
    let (checkout, home) = (root.join("tree"), root.join("home"));
    for folder in [root, &home] {
        durable::make_dir(folder)?;
    }
    hub.make_fresh(&checkout, job.id(), commit).await?;
    let mut env = surroundings::environment();
    env.push(("HOME".to_owned(), home.display().to_string()));
    let sandbox = surroundings::sandbox(job);
    let sandbox = match sandbox.tier {
        Tier::L0 => sandbox.home(&home),
        Tier::L1 | Tier::L2 => {
            sandbox.read_only([surroundings::borrowed_objects(job)]).writable(&checkout).home(&home)
        }
    };
    Ok(Bench {
        inside: checkout.clone(),
        checkout,
        home,
        spare: root.join("after-setup"),
        log_dir: job.run.checks(),
        sandbox,
        network: surroundings::commands_have_network(job),
        marker: job.run.marker().clone(),
        env,
        unset: BTreeSet::new(),
        redactor: job.vault.redactor(),
        secrets: BTreeMap::new(),
    })
}

/// The trees of trials.
pub(crate) struct Trees<'a> {
    pub(crate) job: &'a Job,
    pub(crate) hub: &'a Hub,
    pub(crate) secrets: &'a BTreeMap<SecretName, Secret>,
    pub(crate) warm: Option<&'a Warm>,
}

impl Trees<'_> {
    fn root(&self, name: &str) -> PathBuf {
        self.job.run.scratch().join(TRIALS).join(name)
    }
}

impl Layout for Trees<'_> {
    async fn lay(&self, commit: &CommitId, name: &str) -> Result<Bench, String> {
        // Tools take colons in paths for lists of them.
        let root = self.root(&name.replace(':', "-"));
        let made = durable::make_dir(&self.job.run.scratch().join(TRIALS));
        made.map_err(|error| error.to_string())?;
        let bench = laid(self.job, self.hub, commit, &root).await;
        let bench = bench.map_err(|failure| failure.infra().to_string())?;
        if let Some(warm) = self.warm {
            warm.lend(self.job, &bench.home).await;
        }
        Ok(Bench { secrets: self.secrets.clone(), ..bench })
    }

    fn clear(&self, bench: Bench) {
        if let Some(root) = bench.checkout.parent() {
            // What cannot be removed now goes with the scratch folder.
            durable::remove_tree(root).ok();
        }
    }
}
