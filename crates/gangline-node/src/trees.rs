//! The node's use of git: the hub, worktrees and fresh checkouts, with failures as jobs know them.

mod facts;

use std::path::{Path, PathBuf};

use gangline_domain::ids::{AgentName, BranchName, CommitId, Fence, JobId};
use gangline_domain::job::{Candidate, Snapshot};
use gangline_domain::project::Project;
use gangline_domain::ticket::{Queued, Ticket};
use gangline_git::{
    Backend, BackendKind, BranchTemplate, CandidateRequest, CaptureRequest, Captured,
    CheckoutBackend, CheckoutRequest, CloneBackend, CommitTemplate, Disarmed, Head, Identity,
    ImportError, ImportRequest, Imported, LinkedBackend, MessageInput, NameInput, Needs,
    ObjectFormat, PersonRepo, RemoveError, SkippedWhy, Spaces, Style, WantedFile, WorktreeTemplate,
    capture, compose, inspect,
};
use gangline_policy::{LandingStyle, Policy};
use gangline_process::Tier;
use serde::{Deserialize, Serialize};

pub(crate) use gangline_git::{Commits, Scan};

use crate::clock::now;
use crate::durable::{self, FileFault};
use crate::inside;
use crate::job::{Failure, Job};
use crate::places::Places;
use crate::worktree::WorktreeMeta;

/// Bytes of the largest file that a capture takes, and of the largest bundle.
const FILE_BYTES_MAX: u64 = 1024 * 1024 * 1024;
const BUNDLE_BYTES_MAX: u64 = 4 * 1024 * 1024 * 1024;
/// How many of the things that a capture leaves out its result names.
const LEFT_OUT_MAX: usize = 20;
/// The tree without files, which every git knows: what a whole tree differs from.
const EMPTY_TREES: [&str; 2] = [
    "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
    "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
];

/// The project's hub.
#[derive(Debug, Clone)]
pub(crate) struct Hub {
    pub(super) hub: gangline_git::Hub,
}

/// A worktree to be made.
pub(crate) struct NewTree {
    pub(crate) path: PathBuf,
    pub(crate) job: JobId,
    pub(crate) base: CommitId,
    pub(crate) branch: BranchName,
    pub(crate) start: CommitId,
    pub(crate) rescue: Option<CommitId>,
    pub(crate) agent: AgentName,
    pub(crate) linked: bool,
}

/// Where a capture looks, and where it may write.
pub(crate) struct Look<'a> {
    pub(crate) tree: PathBuf,
    pub(crate) scratch: PathBuf,
    pub(crate) out: PathBuf,
    pub(crate) meta: &'a WorktreeMeta,
}

/// What a capture found.
pub(crate) struct Found {
    captured: Captured,
    /// What was not taken, and why, in words.
    pub(crate) skipped: Vec<String>,
}

/// What an import came to.
pub(crate) enum Import {
    /// It is in the hub.
    Done(Snapshot),
    /// The attempt's commits were refused; its files can still be saved.
    Refused(String),
}

/// What was brought into a worktree.
pub(crate) struct Brought {
    /// Paths in the worktree that no capture takes.
    pub(crate) excluded: Vec<String>,
    /// Where links lead to.
    pub(crate) shown: Vec<PathBuf>,
}

/// A candidate, or why there is none.
pub(crate) enum Built {
    Candidate(Candidate),
    Conflict(Vec<String>),
}

impl Hub {
    /// The hub of a person's repository, made when there is none, and the target's tip there,
    /// fetched.
    pub(crate) async fn of_target(
        path: &Path,
        project: &Project,
        known: &Path,
    ) -> Result<(Self, CommitId), Failure> {
        let (repo, target) = (Path::new(&project.settings.repo), &project.settings.target);
        if let Some(person) = remembered(known, repo) {
            let hub = open(path, person.format).await?;
            // What was found out before may not be so any more: then it is found out again.
            if let Ok(tip) = hub.fetch_target(&person, target).await {
                return Ok((Self { hub }, tip));
            }
        }
        let person = person(repo).await?;
        let hub = open(path, person.format).await?;
        let tip = hub.fetch_target(&person, target).await;
        let tip = tip.map_err(|error| Failure::tool("fetching the target branch", &error))?;
        remember(known, repo, &person)?;
        Ok((Self { hub }, tip))
    }

    /// The hub in which a commit is.
    pub(crate) async fn of_commit(path: &Path, commit: &CommitId) -> Result<Self, Failure> {
        Ok(Self { hub: open(path, format_of(commit)).await? })
    }

    pub(crate) async fn has_commit(&self, commit: &CommitId) -> Result<bool, Failure> {
        let found = self.hub.has_commit(commit).await;
        found.map_err(|error| Failure::tool("looking for a commit", &error))
    }

    /// The contents of files at a commit, each with the bytes that it may have; `None` for those
    /// that are not there. In the order of `wanted`.
    pub(crate) async fn read_files(
        &self,
        commit: &CommitId,
        wanted: &[(&str, usize)],
    ) -> Result<Vec<Option<Vec<u8>>>, Failure> {
        Ok(self.read_files_and_names(commit, wanted).await?.0)
    }

    /// The same, and the paths of all files that stand in the same folders.
    pub(crate) async fn read_files_and_names(
        &self,
        commit: &CommitId,
        wanted: &[(&str, usize)],
    ) -> Result<(Vec<Option<Vec<u8>>>, Vec<String>), Failure> {
        let wanted = wanted.iter().map(|&(path, bytes_max)| {
            let bytes_max = u64::try_from(bytes_max).unwrap_or(u64::MAX);
            WantedFile { path, bytes_max }
        });
        let wanted: Vec<WantedFile<'_>> = wanted.collect();
        let read = self.hub.read_files_and_names(commit, &wanted).await;
        read.map_err(|error| Failure::tool("reading files of the repository", &error))
    }

    pub(crate) async fn diff(
        &self,
        from: &CommitId,
        to: &CommitId,
        bytes_max: usize,
    ) -> Result<(String, bool), Failure> {
        let diff = self.hub.diff(from, to, Spaces::Count, bytes_max).await;
        let diff = diff.map_err(|error| Failure::tool("reading a diff", &error))?;
        Ok((diff.text, diff.truncated))
    }

    /// The subjects of the newest commits that `to` has and `from` has not.
    pub(crate) async fn subjects(
        &self,
        from: &CommitId,
        to: &CommitId,
        n: u32,
    ) -> Result<Vec<String>, Failure> {
        let log = self.hub.log(from, to, n).await;
        let log = log.map_err(|error| Failure::tool("reading the history", &error))?;
        Ok(log.into_iter().map(|line| line.subject).collect())
    }

    /// See [`gangline_git::Hub::scan`].
    pub(crate) async fn scan(
        &self,
        base: &CommitId,
        commit: &CommitId,
        holds: impl Fn(&[u8]) -> Option<String>,
    ) -> Result<Scan, Failure> {
        let scanned = self.hub.scan(base, commit, holds).await;
        scanned.map_err(|error| Failure::tool("looking for secrets in a commit", &error))
    }

    /// Makes a worktree.
    pub(crate) async fn make_tree(&self, new: &NewTree) -> Result<(), Failure> {
        let identity =
            Identity::new(new.agent.as_str(), &format!("{}@gangline.invalid", new.agent));
        let identity = identity.map_err(|error| Failure::tool("naming the agent", &error))?;
        let request = CheckoutRequest {
            path: new.path.clone(),
            job: new.job.clone(),
            base: new.base.clone(),
            branch: new.branch.clone(),
            start: new.start.clone(),
            restore: new.rescue.clone(),
            identity,
        };
        let made = self.backend(new.linked).create(&request).await;
        made.map(drop).map_err(|error| Failure::tool("making the worktree", &error))
    }

    /// Makes a fresh checkout of exactly this commit.
    pub(crate) async fn make_fresh(
        &self,
        path: &Path,
        job: &JobId,
        commit: &CommitId,
    ) -> Result<(), Failure> {
        let made = self.backend(false).detached(path, job, commit).await;
        made.map(drop).map_err(|error| Failure::tool("making a fresh checkout", &error))
    }

    fn backend(&self, linked: bool) -> Backend {
        if linked {
            Backend::Linked(LinkedBackend::new(self.hub.clone()))
        } else {
            Backend::Clone(CloneBackend::new(self.hub.clone()))
        }
    }

    /// Captures a worktree into a bundle, behind a wall of this tier.
    pub(crate) async fn capture(
        &self,
        look: &Look<'_>,
        tier: Tier,
        commits: Commits,
    ) -> Result<Found, Failure> {
        let Look { tree, scratch, out, meta } = look;
        let inside = inside::this_program()?;
        let request = CaptureRequest {
            worktree: tree,
            backend: if meta.linked { BackendKind::Linked } else { BackendKind::Clone },
            hub: &self.hub,
            base: &meta.base,
            exclude: &meta.excluded,
            scratch,
            out,
            tier,
            inside: &inside,
            time: now(),
            commits,
            file_bytes_max: FILE_BYTES_MAX,
        };
        let captured = capture(&request).await;
        let captured = captured.map_err(|error| Failure::tool("capturing the worktree", &error))?;
        let mut skipped: Vec<String> = captured
            .skipped
            .iter()
            .map(|skipped| format!("{} ({})", skipped.path, why(skipped.why)))
            .collect();
        skipped.extend(captured.head_problem.iter().map(|problem| format!("HEAD: {problem}")));
        Ok(Found { captured, skipped })
    }

    /// See [`gangline_git::disarm`].
    pub(crate) fn disarm(&self, tree: &Path) -> Result<Disarmed, Failure> {
        gangline_git::disarm(&self.hub, tree)
            .map_err(|error| Failure::tool("taking an agent's configuration back", &error))
    }

    /// Takes a capture into the hub, checked.
    pub(crate) async fn import(
        &self,
        attempt: &JobId,
        base: &CommitId,
        found: &Found,
    ) -> Result<Import, Failure> {
        let captured = &found.captured;
        let bundle_bytes_max = BUNDLE_BYTES_MAX;
        let request = ImportRequest { job: attempt, base, captured, bundle_bytes_max };
        match self.hub.import_bundle(&request).await {
            Ok(Imported { head, new_commits, descends_from_base, rescue }) => {
                Ok(Import::Done(Snapshot {
                    base: base.clone(),
                    head,
                    new_commits,
                    descends_from_base,
                    branch: captured.branch.clone(),
                    clean: captured.clean,
                    dirty_paths: captured.dirty_paths.clone(),
                    left_out: found.skipped.iter().take(LEFT_OUT_MAX).cloned().collect(),
                    rescue: rescue.map(|rescue| rescue.commit),
                }))
            }
            Err(ImportError::Rejected { detail }) => Ok(Import::Refused(detail)),
            Err(error) => Err(Failure::tool("importing the capture", &error)),
        }
    }

    /// Builds the candidate on the target's tip. Its date is that of the approval, so that
    /// whoever builds it again builds the same.
    pub(crate) async fn build_candidate(
        &self,
        job: &Job,
        entry: &Queued,
        (tip, policy): (&CommitId, &Policy),
    ) -> Result<Built, Failure> {
        let ticket = job.ticket();
        let template = policy.worktree.commit_template.as_str().parse::<CommitTemplate>();
        let template = template.map_err(|error| Failure::tool("the commit template", &error))?;
        let message = compose(&MessageInput {
            template: &template,
            names: names(ticket),
            body: &entry.verified.submission.claim.summary,
            attempt: &entry.verified.submission.attempt.job,
            verification: &entry.verified.verification,
        });
        let style = match policy.landing.style {
            LandingStyle::Merge => Style::Merge,
            LandingStyle::Squash => Style::Squash,
        };
        let request = CandidateRequest {
            job: job.id(),
            target_tip: tip,
            commit: &entry.approval.commit,
            message: &message,
            style,
            time: entry.since,
        };
        let built = self.hub.build_candidate(&request).await;
        let built = built.map_err(|error| Failure::tool("building the candidate", &error))?;
        let old = tip.clone();
        Ok(match built {
            gangline_git::Built::Candidate { commit, tree } => {
                Built::Candidate(Candidate { old, new: commit, tree })
            }
            // The target has it all: it is measured as it is, and there is nothing to move.
            gangline_git::Built::NothingNew => {
                let tree = self.hub.tree_of(tip).await;
                let tree = tree.map_err(|error| Failure::tool("reading a tree", &error))?;
                Built::Candidate(Candidate { old, new: tip.clone(), tree })
            }
            gangline_git::Built::Conflict { paths, .. } => Built::Conflict(paths),
            gangline_git::Built::Unrelated => {
                Built::Conflict(vec!["everything: the two have no common history".to_owned()])
            }
        })
    }
}

/// What stays the same about a person's repository for as long as it is there. Finding it out
/// takes seven processes, which every job would pay for.
#[derive(Serialize, Deserialize)]
struct Remembered {
    repo: PathBuf,
    toplevel: PathBuf,
    git_dir: PathBuf,
    common_dir: PathBuf,
    format: ObjectFormat,
}

fn remembered(known: &Path, repo: &Path) -> Option<PersonRepo> {
    let found: Remembered = durable::read_json(known).ok().flatten()?;
    let Remembered { repo: of, toplevel, git_dir, common_dir, format } = found;
    let there = of == repo && toplevel.is_dir() && common_dir.join("HEAD").is_file();
    there.then(|| PersonRepo {
        linked: git_dir != common_dir,
        shallow: common_dir.join("shallow").exists(),
        // Nobody asks for it here, and it may have moved.
        head: Head::Detached { commit: empty_tree(format) },
        toplevel,
        git_dir,
        common_dir,
        format,
    })
}

fn remember(known: &Path, repo: &Path, person: &PersonRepo) -> Result<(), FileFault> {
    let found = Remembered {
        repo: repo.to_owned(),
        toplevel: person.toplevel.clone(),
        git_dir: person.git_dir.clone(),
        common_dir: person.common_dir.clone(),
        format: person.format,
    };
    durable::write_lazily(known, &durable::json(&found))
}

async fn person(repo: &Path) -> Result<PersonRepo, Failure> {
    let found = inspect(repo).await;
    found.map_err(|error| Failure::tool("looking at the project's repository", &error))
}

async fn open(path: &Path, format: ObjectFormat) -> Result<gangline_git::Hub, Failure> {
    if let Some(folder) = path.parent() {
        durable::make_dir(folder)?;
    }
    let opened = gangline_git::Hub::open_or_create(path, format).await;
    opened.map_err(|error| Failure::tool("opening the hub", &error))
}

fn format_of(commit: &CommitId) -> ObjectFormat {
    if commit.as_str().len() == 40 { ObjectFormat::Sha1 } else { ObjectFormat::Sha256 }
}

fn empty_tree(format: ObjectFormat) -> CommitId {
    let [sha1, sha256] = EMPTY_TREES;
    let tree = match format {
        ObjectFormat::Sha1 => sha1,
        ObjectFormat::Sha256 => sha256,
    };
    tree.parse().expect("BUG: the empty tree has a name")
}

fn names(ticket: &Ticket) -> NameInput<'_> {
    NameInput {
        key: &ticket.id.key,
        project: &ticket.id.project,
        external_ref: ticket.spec.external_ref.as_deref(),
        title: &ticket.spec.title,
    }
}

/// The branch of a ticket by the policy's template.
pub(crate) fn branch_name(ticket: &Ticket, policy: &Policy) -> Result<BranchName, Failure> {
    let template = policy.worktree.branch_template.as_str().parse::<BranchTemplate>();
    let named = template.and_then(|template| template.render(&names(ticket)));
    named.map_err(|error| Failure::tool("naming the branch", &error))
}

/// The name of a ticket's worktree by the policy's template.
pub(crate) fn worktree_name(ticket: &Ticket, policy: &Policy) -> Result<String, Failure> {
    let template = policy.worktree.worktree_template.as_str().parse::<WorktreeTemplate>();
    let named = template.and_then(|template| template.render(&names(ticket)));
    let name = named.map_err(|error| Failure::tool("naming the worktree", &error))?;
    let name = name.as_str().to_owned();
    // These endings mean something beside the trees.
    let taken = [".lock", ".state.json"].iter().any(|ending| name.ends_with(ending));
    Ok(if taken { format!("{name}-tree") } else { name })
}

/// Where the ticket's worktree will be and what its branch will be called, by the policy's templates;
/// nothing where these make no name.
pub fn planned_tree(
    places: &Places,
    ticket: &Ticket,
    policy: &Policy,
) -> Option<(PathBuf, BranchName)> {
    let name = worktree_name(ticket, policy).ok()?;
    let branch = branch_name(ticket, policy).ok()?;
    Some((places.worktree(&ticket.id.project, &name).tree(), branch))
}

/// Copies and links what the worktree needs and git does not know.
pub(crate) async fn provision(
    repo: &Path,
    tree: &Path,
    policy: &Policy,
) -> Result<Brought, Failure> {
    let told = &policy.worktree;
    let needs = Needs {
        copy: told.copy.clone(),
        link: told.link.clone(),
        secrets: told.secrets.iter().map(|path| path.as_str().to_owned()).collect(),
    };
    let brought = gangline_git::provision(repo, tree, &needs).await;
    let brought = brought.map_err(|error| Failure::tool("providing the worktree", &error))?;
    Ok(Brought {
        excluded: brought.excluded(),
        shown: brought.linked.iter().map(|linked| repo.join(&linked.path)).collect(),
    })
}

fn why(why: SkippedWhy) -> &'static str {
    match why {
        SkippedWhy::NotAFile => "no plain file",
        SkippedWhy::Unreadable => "unreadable",
        SkippedWhy::TooLarge => "too large",
        SkippedWhy::NotStorable => "git keeps nothing of such a name",
        SkippedWhy::BrokenHistory => "its history is incomplete",
    }
}

/// What git's own registry says about a tree of which the node knows nothing: a loss of power
/// can take the node's file and leave the tree.
pub(crate) fn registered(tree: &Path, fence: Fence) -> Result<Option<WorktreeMeta>, Failure> {
    let known = gangline_git::read_meta(tree);
    let known = known.map_err(|error| Failure::tool("reading a checkout's file", &error))?;
    Ok(known.and_then(|known| {
        Some(WorktreeMeta {
            version: 1,
            ticket: known.job.ticket.clone(),
            attempt: known.job,
            fence,
            branch: known.branch?,
            base: known.base,
            linked: known.backend == BackendKind::Linked,
            ready: true,
            excluded: vec![],
            shown: vec![],
            port_base: None,
            lent: false,
            used_at: now(),
            captured: None,
        })
    }))
}

/// Why a worktree was not removed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RemoveFault {
    /// The hub could not be opened.
    #[error("the hub could not be opened: {0}")]
    Hub(String),
    /// The tree could not be removed.
    #[error(transparent)]
    Tree(#[from] RemoveError),
}

/// Removes a worktree, which may be gone already. What is in it has been saved.
pub(crate) async fn remove(
    hub: &Path,
    tree: &Path,
    meta: &WorktreeMeta,
) -> Result<(), RemoveFault> {
    let opened = Hub::of_commit(hub, &meta.base).await;
    let hub = opened.map_err(|failure| RemoveFault::Hub(failure.infra().to_string()))?;
    Ok(hub.backend(meta.linked).remove(tree).await?)
}

/// Removes a fresh checkout.
pub(crate) fn remove_fresh(tree: &Path) -> Result<(), FileFault> {
    durable::remove_tree(tree)
}
