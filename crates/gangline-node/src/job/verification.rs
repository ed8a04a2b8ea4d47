//! A verification: the exact commit in a fresh checkout, judged by its base's policy.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use gangline_checks::{
    Bench, ChangedPath, OutputFolder, SecretsFound, Subject, artifact, plan, report, secret_shape,
    verify_beside,
};
use gangline_domain::ids::SecretName;
use gangline_domain::job::{Infra, JobResult};
use gangline_domain::proposal::Proposal;
use gangline_domain::secret::Secret;
use gangline_domain::spec::Deliverable;
use gangline_domain::ticket::{Submission, TicketState, Verifying};
use gangline_domain::verdict::{CheckResult, Report};
use gangline_policy::Policy;

use crate::job::attempt::{OUTCOME_FILE, note_progress};
use crate::job::bench::{Trees, bench};
use crate::job::context::Job;
use crate::job::external_ci::Outside;
use crate::job::failure::Failure;
use crate::job::hooks::CrashPoint;
use crate::job::policy;
use crate::job::warm::Warm;
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
    subject.secrets = committed_secrets(job, &hub, submission, &subject.changed).await?;
    let warm = Warm::of(job, &hub, &submission.base, &policy.setup).await;
    if let Some(warm) = &warm {
        warm.fill(job, &hub, &policy).await;
    }
    let bench = Bench { secrets, ..bench(job, &hub, &subject.commit, warm.as_ref()).await? };
    job.at(CrashPoint::FreshCheckout);
    job.step("checks");
    let layout = Trees { job, hub: &hub, secrets: &bench.secrets, warm: warm.as_ref() };
    let progress = |progress| note_progress(job, progress);
    let outside = Outside::of(job, &hub, &policy, &subject);
    let asked = outside.as_ref().map(Outside::measure);
    let mut checks = verify_beside(&subject, &policy, &bench, &layout, (asked, progress)).await;
    if let Some(outside) = &outside {
        outside.clean().await;
    }
    let (left, proposal) = deliverable(job);
    checks.extend(left);
    job.at(CrashPoint::Measured);
    job.sound()?;
    trees::remove_fresh(&bench.checkout)?;
    Ok(JobResult::Verified(Report { proposal, ..subject.report(&policy, checks) }))
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
        title: spec.title.clone(),
        tests: hub.texts(base, |path| policy.tests.contains(path)).await?,
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

/// Secrets in what the commit brings along; `None` when it brings nothing along. What only looks
/// like one, and stood there before, is not new.
async fn committed_secrets(
    job: &Job,
    hub: &Hub,
    submission: &Submission,
    changed: &[ChangedPath],
) -> Result<Option<SecretsFound>, Failure> {
    let redactor = job.vault.redactor();
    let (base, commit) = (&submission.base, &submission.snapshot.head);
    if base == commit {
        return Ok(None);
    }
    let old: BTreeSet<&[u8]> = changed
        .iter()
        .filter_map(|changed| secret_shape(changed.text_before()?.as_bytes()))
        .map(|(_, bytes)| bytes)
        .collect();
    let found = hub.scan(base, commit, |bytes| {
        let known = redactor.find(bytes).map(str::to_owned);
        let shaped = || secret_shape(bytes).filter(|(_, bytes)| !old.contains(bytes));
        known.or_else(|| shaped().map(|(what, _)| what.to_owned()))
    });
    let found = found.await?;
    let words = found.found.into_iter().map(|(path, what)| format!("{what} in {path}"));
    // Only for a secret that is known must everything have been looked at.
    let unread = if redactor.is_empty() { vec![] } else { found.unread };
    Ok(Some(SecretsFound { found: words.collect(), unread }))
}

/// The check of what the attempt left in its output folder, when the ticket asks for that, and what it
/// proposes there.
fn deliverable(job: &Job) -> (Option<CheckResult>, Option<Box<Proposal>>) {
    let path: PathBuf = job.spec.places.output(&job.id().ticket);
    let folder = OutputFolder { path, skip: BTreeSet::from([OUTCOME_FILE.to_owned()]) };
    let (check, proposal) = match job.ticket().spec.deliverable {
        Deliverable::Commit => return (None, None),
        Deliverable::Artifact => (artifact(&folder, &[]), None),
        Deliverable::Report => (report(&folder), None),
        Deliverable::Plan => {
            let redactor = job.vault.redactor();
            plan(&folder, &job.project().settings.key_prefix, |text| redactor.text(text))
        }
    };
    let (name, verdict, fact) = (check.name.clone(), check.verdict, check.fact.clone());
    job.note(What::Checked { name, verdict, fact });
    (Some(check), proposal)
}
