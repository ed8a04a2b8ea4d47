//! A verification: the exact commit in a fresh checkout, judged by its base's policy.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use gangline_checks::{
    Bench, ChangedPath, OutputFolder, SecretsFound, Subject, artifact, report, verify,
};
use gangline_domain::ids::{CommitId, SecretName};
use gangline_domain::job::{Infra, JobResult};
use gangline_domain::secret::Secret;
use gangline_domain::spec::Deliverable;
use gangline_domain::ticket::{Submission, TicketState, Verifying};
use gangline_domain::verdict::CheckResult;
use gangline_policy::Policy;
use gangline_process::Tier;

use crate::durable;
use crate::job::attempt::{OUTCOME_FILE, note_progress};
use crate::job::context::Job;
use crate::job::failure::Failure;
use crate::job::hooks::CrashPoint;
use crate::job::{policy, surroundings};
use crate::journal::What;
use crate::trees::{self, Hub};
use crate::worktree;

pub(crate) async fn run(job: &Job) -> Result<JobResult, Failure> {
    let TicketState::Verifying(Verifying { submission, .. }) = &job.ticket().state else {
        let what = "the ticket does not say what to verify".to_owned();
        return Err(Failure::Infra(Infra::Tool(what)));
    };
    let hub = job.spec.places.hub(&job.project().id);
    let hub = Hub::of_commit(&hub, &submission.base).await?;
    let policy = policy::of_commit(job, &hub, &submission.base).await?;
    job.watch.set(policy.resources, vec![job.run.scratch()]);
    let secrets = secrets(job, &policy).await?;
    let mut subject = subject(job, &hub, submission, &policy).await?;
    subject.secrets = committed_secrets(job, &hub, submission).await?;
    let bench = Bench { secrets, ..bench(job, &hub, &subject.commit).await? };
    job.at(CrashPoint::FreshCheckout);
    job.step("checks");
    let mut checks =
        verify(&subject, &policy, &bench, |progress| note_progress(job, progress)).await;
    checks.extend(deliverable(job));
    job.at(CrashPoint::Measured);
    job.sound()?;
    trees::remove_fresh(&bench.checkout)?;
    Ok(JobResult::Verified(subject.report(&policy, checks)))
}

/// The facts of git, from the hub alone.
async fn subject(
    job: &Job,
    hub: &Hub,
    submission: &Submission,
    policy: &Policy,
) -> Result<Subject, Failure> {
    let (base, commit) = (&submission.base, &submission.snapshot.head);
    let spec = &job.ticket().spec;
    let facts = hub.facts(base, commit).await?;
    let approved_paths = approved(job, submission, &facts.changed);
    let expected_branch = match worktree::find(&job.spec.places, &job.id().ticket)? {
        Some((_, meta)) if meta.base == *base => meta.branch,
        Some(_) | None => trees::branch_name(job.ticket(), policy)?,
    };
    Ok(Subject {
        commit: commit.clone(),
        tree: facts.tree,
        base: base.clone(),
        new_commits: facts.new_commits,
        descends_from_base: facts.descends_from_base,
        changed: facts.changed,
        dates: facts.dates,
        unshown: facts.unshown,
        tests: vec![],
        worktree_clean: submission.snapshot.clean,
        dirty_paths: submission.snapshot.dirty_paths.clone(),
        on_branch: submission.snapshot.branch.clone(),
        expected_branch: expected_branch.to_string(),
        claim: submission.claim.clone(),
        scope: spec.scope.clone(),
        // For files outside the repository, the repository need not change.
        no_change_claimed: submission.no_change || spec.deliverable != Deliverable::Commit,
        approved_paths,
        secrets: None,
    })
}

/// Paths whose change a person has approved: those that the ticket permits, and all of them once a
/// person has taken the ticket over and handed it back, for who does that answers for it.
pub(crate) fn approved(
    job: &Job,
    submission: &Submission,
    changed: &[ChangedPath],
) -> BTreeSet<String> {
    let spec = &job.ticket().spec;
    let approved = |path: &&String| submission.by_person || spec.permits(path);
    changed.iter().map(|changed| &changed.path).filter(approved).cloned().collect()
}

/// The secrets that checks are given; those that attempts were given are known from now on, too,
/// so that none of them passes unseen.
pub(crate) async fn secrets(
    job: &Job,
    policy: &Policy,
) -> Result<BTreeMap<SecretName, Secret>, Failure> {
    let told = policy.checks.iter().flat_map(|check| &check.secrets);
    let mut names = job.given()?;
    names.extend(told.map(|told| told.secret().clone()));
    job.secrets(&names).await
}

/// Secrets in what the commit brings along; `None` where none is known.
async fn committed_secrets(
    job: &Job,
    hub: &Hub,
    submission: &Submission,
) -> Result<Option<SecretsFound>, Failure> {
    let redactor = job.vault.redactor();
    if redactor.is_empty() {
        return Ok(None);
    }
    let (base, commit) = (&submission.base, &submission.snapshot.head);
    let found = hub.scan(base, commit, |bytes| redactor.find(bytes).map(str::to_owned)).await?;
    let words = found.found.into_iter().map(|(path, what)| format!("{what} in {path}"));
    Ok(Some(SecretsFound { found: words.collect(), unread: found.unread }))
}

/// A fresh checkout of `commit` with a sandbox around it that knows nothing of the agent.
pub(crate) async fn bench(job: &Job, hub: &Hub, commit: &CommitId) -> Result<Bench, Failure> {
    let scratch = job.run.scratch();
    // What an earlier run of this job left half done is of no use.
    durable::remove_tree(&scratch)?;
    let (checkout, home) = (scratch.join("tree"), scratch.join("home"));
    for folder in [&scratch, &home, &job.run.checks()] {
        durable::make_dir(folder)?;
    }
    job.step(format!("fresh checkout of {}", &commit.as_str()[..12]));
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
        checkout,
        home,
        spare: scratch.join("after-setup"),
        log_dir: job.run.checks(),
        sandbox,
        network: surroundings::commands_have_network(job),
        marker: job.run.marker().clone(),
        env,
        redactor: job.vault.redactor(),
        secrets: BTreeMap::new(),
    })
}

/// The check of what the attempt left in its output folder, when the ticket asks for that.
fn deliverable(job: &Job) -> Option<CheckResult> {
    let path: PathBuf = job.spec.places.output(&job.id().ticket);
    let folder = OutputFolder { path, skip: BTreeSet::from([OUTCOME_FILE.to_owned()]) };
    let check = match job.ticket().spec.deliverable {
        Deliverable::Commit => return None,
        Deliverable::Artifact => artifact(&folder, &[]),
        Deliverable::Report => report(&folder),
    };
    let (name, verdict, fact) = (check.name.clone(), check.verdict, check.fact.clone());
    job.note(What::Checked { name, verdict, fact });
    Some(check)
}
