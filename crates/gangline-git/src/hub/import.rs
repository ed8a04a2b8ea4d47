//! Taking in what a capture brought, checked.
//!
//! ```text
//!   bundle ──unbundle──▶ quarantine (borrows the hub) ──fetch, fsck, connectivity──▶ hub
//!                                                              references, all or none ─┘
//! ```
//!
//! The bundle was written in a sandbox by a git that read hostile files, so that it is hostile
//! too. The hub's own fetch judges every object: old versions of git check objects in a fetch
//! from a repository, but not in one from a bundle, hence the quarantine.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use gangline_domain::ids::{CommitId, JobId};

use super::set::rescues;
use super::{Hub, ReadError, RefError};
use crate::capture::Captured;
use crate::durable::absent_is_fine;
use crate::git::{Git, GitFailure, option, parsed};
use crate::lock::{self, LockError};
use crate::refs::{RefName, RefPrefix};

/// The names that a capture gives in its bundle.
pub(crate) const HEAD_REF: &str = "refs/gangline/capture/head";
pub(crate) const RESCUE_REF: &str = "refs/gangline/capture/rescue";

/// Git's names for what may be wrong with the content of `.gitmodules` and `.gitattributes`.
const FILES_OF_GITS: [&str; 12] = [
    "gitmodulesBlob",
    "gitmodulesLarge",
    "gitmodulesMissing",
    "gitmodulesName",
    "gitmodulesParse",
    "gitmodulesPath",
    "gitmodulesUpdate",
    "gitmodulesUrl",
    "gitattributesBlob",
    "gitattributesLarge",
    "gitattributesLineLength",
    "gitattributesMissing",
];

/// How many of a ticket's latest saved states are compared with a new one.
const SAME_LOOKS_MAX: usize = 4;

/// What to take in.
#[derive(Debug, Clone)]
pub struct ImportRequest<'a> {
    /// The attempt whose work it is.
    pub job: &'a JobId,
    /// What the attempt began from.
    pub base: &'a CommitId,
    /// What the capture found.
    pub captured: &'a Captured,
    /// The largest bundle that is taken, in bytes.
    pub bundle_bytes_max: u64,
}

/// A saved state of a ticket's worktree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RescueRef {
    /// It is kept at `refs/gangline/rescue/<KEY>/<n>`.
    pub n: u32,
    /// The commit whose tree is the worktree as it was.
    pub commit: CommitId,
}

/// What the hub now holds, measured here and not believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// The attempt's commit, at `refs/gangline/attempts/<job>`.
    pub head: CommitId,
    /// How many commits it has that the base has not.
    pub new_commits: u32,
    /// Whether its history contains the base.
    pub descends_from_base: bool,
    /// The saved worktree, when it differed from `head`.
    pub rescue: Option<RescueRef>,
}

/// Why nothing was taken in. The hub's references are as before.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The bundle is no regular file.
    #[error("there is no bundle at {}", path.display())]
    NoBundle {
        /// Where it should be.
        path: PathBuf,
    },
    /// It is larger than allowed.
    #[error("the bundle has {found} bytes, more than {max}")]
    TooLarge {
        /// Its size in bytes.
        found: u64,
        /// The bound in bytes.
        max: u64,
    },
    /// It builds on commits that the hub does not have.
    #[error("the bundle needs commits that are not here: {detail}")]
    MissingPrerequisites {
        /// Git's words.
        detail: String,
    },
    /// It does not hold what the capture named.
    #[error("the bundle does not hold {what}")]
    NotAsCaptured {
        /// What was named.
        what: String,
    },
    /// An object is broken, forbidden or missing. A capture without the attempt's commits
    /// ([`crate::Commits::Leave`]) still saves the files.
    #[error("the bundle was refused: {detail}")]
    Rejected {
        /// Git's words.
        detail: String,
    },
    /// The file system refused.
    #[error("cannot {doing} {}", path.display())]
    Io {
        /// What was tried.
        doing: &'static str,
        /// On what.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Another process is in the way.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// A reference could not be read or set.
    #[error(transparent)]
    Ref(#[from] RefError),
    /// The hub gave no answer.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Git failed.
    #[error(transparent)]
    Git(#[from] GitFailure),
}

impl Hub {
    /// Takes in a capture: objects checked, references set together.
    ///
    /// Idempotent: the same state again sets nothing and takes no new rescue number. When the
    /// attempt's head left an earlier one behind (a reset, an amended commit), that one is kept
    /// as well.
    pub async fn import_bundle(
        &self,
        request: &ImportRequest<'_>,
    ) -> Result<Imported, ImportError> {
        let captured = request.captured;
        // What is being packed anew is left alone until that is done.
        let _packs_stay = lock::share(&self.upkeep_lock()).await?;
        let mut taken = Names::default();
        if let Some(bundle) = &captured.bundle {
            check_size(bundle, request.bundle_bytes_max)?;
            let quarantine = Quarantine::make(self)?;
            taken = quarantine.unbundle(bundle, captured).await?;
            // The attempt's commit may land one day; a saved worktree never does by itself, and
            // must not be lost for what an agent writes into a file that git has a use for.
            if taken.head {
                self.take_from(&quarantine, (request.job, "head"), &[]).await?;
            }
            if taken.rescue {
                self.take_from(&quarantine, (request.job, "rescue"), &FILES_OF_GITS).await?;
            }
        }
        let rescue = captured.rescue.as_ref().filter(|_| !taken.rescue);
        let head = Some(&captured.head).filter(|_| !taken.head);
        for commit in rescue.into_iter().chain(head) {
            if !self.has_commit(commit).await? {
                return Err(ImportError::NotAsCaptured { what: commit.to_string() });
            }
        }
        let rescue = self.set_together(request).await?;
        let (base, head) = (request.base, &captured.head);
        let measured = tokio::try_join!(self.rev_count(base, head), self.is_ancestor(base, head));
        let (new_commits, descends_from_base) = measured?;
        Ok(Imported { head: head.clone(), new_commits, descends_from_base, rescue })
    }

    /// Fetches one name that the quarantine has. What `lenient` lists is let through.
    async fn take_from(
        &self,
        quarantine: &Quarantine,
        (job, what): (&JobId, &str),
        lenient: &[&str],
    ) -> Result<(), ImportError> {
        let from = format!("refs/gangline/capture/{what}");
        let refspec = format!("+{from}:{}", RefName::incoming(job, what));
        let settings = lenient.iter().flat_map(|id| ["-c".into(), format!("fetch.fsck.{id}=warn")]);
        let args =
            ["-c", "fetch.fsckObjects=true", "-c", "fetch.unpackLimit=1", "fetch", "--quiet"];
        let args = args.into_iter().chain(["--no-tags", "--no-write-fetch-head", "--atomic"]);
        let args = args.chain(["--no-recurse-submodules", "--no-auto-maintenance", "--refmap="]);
        let args = args.chain(["--end-of-options"]).map(Into::into);
        let args = args.chain([option("", &quarantine.path), refspec.into()]);
        let args = settings.map(Into::into).chain(args);
        match self.git().call(args).bulk().ok().await {
            Ok(_) => Ok(()),
            Err(failure @ GitFailure::Failed { .. }) => {
                Err(ImportError::Rejected { detail: failure.detail().to_owned() })
            }
            Err(failure) => Err(failure.into()),
        }
    }

    async fn set_together(
        &self,
        request: &ImportRequest<'_>,
    ) -> Result<Option<RescueRef>, ImportError> {
        let (job, captured) = (request.job, request.captured);
        let held = self.lock().await?;
        let mut wishes: Vec<String> = Vec::new();
        let attempt = RefName::attempt(job);
        let known = self.known_of(job).await?;
        let at = |name: &RefName| known.iter().find(|(known, _)| known == name);
        let earlier = at(&attempt).map(|(_, commit)| commit);
        if earlier != Some(&captured.head) {
            let old = earlier.map_or(self.format().zero(), ToString::to_string);
            wishes.push(format!("update {attempt} {} {old}\n", captured.head));
        }
        if let Some(earlier) = earlier
            && earlier != &captured.head
            && !self.is_ancestor(earlier, &captured.head).await?
        {
            wishes.push(format!("update {} {earlier}\n", RefName::kept(earlier)));
        }
        let rescue = match &captured.rescue {
            None => None,
            Some(commit) => {
                let rescues = rescues(&known, &job.ticket.key);
                let same = self.same_rescue(&rescues, commit).await?;
                if same.is_none() {
                    let n = rescues.last().map_or(0, |(n, _)| *n).saturating_add(1);
                    let name = RefName::rescue(&job.ticket.key, n);
                    wishes.push(format!("create {name} {commit}\n"));
                    Some(RescueRef { n, commit: commit.clone() })
                } else {
                    same
                }
            }
        };
        for what in ["head", "rescue"] {
            let name = RefName::incoming(job, what);
            if at(&name).is_some() {
                wishes.push(format!("delete {name}\n"));
            }
        }
        if !wishes.is_empty() {
            let args = ["-c", "core.fsync=all", "update-ref", "-m", "gangline: import", "--stdin"];
            self.git().call(args).stdin(wishes.concat()).ok().await?;
        }
        drop(held);
        Ok(rescue)
    }

    /// The names that an import of this attempt may have to do with, in one listing.
    async fn known_of(&self, job: &JobId) -> Result<Vec<(RefName, CommitId)>, ImportError> {
        let prefixes = [
            RefName::attempt(job).to_string(),
            format!("refs/gangline/incoming/{job}/"),
            RefPrefix::Rescues(job.ticket.key.clone()).text(),
        ];
        Ok(self.list_all(&prefixes).await?)
    }

    /// A rescue of the ticket with the same tree on the same parents: only its date may differ.
    async fn same_rescue(
        &self,
        known: &[(u32, CommitId)],
        commit: &CommitId,
    ) -> Result<Option<RescueRef>, ImportError> {
        if known.is_empty() {
            return Ok(None);
        }
        let of = |commit: &CommitId| {
            let args =
                ["show", "-s", "--no-show-signature", "--format=%T %P", commit.as_str(), "--"];
            self.git().call(args).line()
        };
        if let Some((n, _)) = known.iter().find(|(_, known)| known == commit) {
            return Ok(Some(RescueRef { n: *n, commit: commit.clone() }));
        }
        let wanted = of(commit).await?;
        for (n, known) in known.iter().rev().take(SAME_LOOKS_MAX) {
            if of(known).await? == wanted {
                return Ok(Some(RescueRef { n: *n, commit: known.clone() }));
            }
        }
        Ok(None)
    }
}

/// What a bundle held.
#[derive(Debug, Default)]
struct Names {
    head: bool,
    rescue: bool,
}

fn check_size(bundle: &Path, max: u64) -> Result<(), ImportError> {
    let found = fs::symlink_metadata(bundle).ok().filter(fs::Metadata::is_file);
    let found = found.ok_or_else(|| ImportError::NoBundle { path: bundle.to_owned() })?.size();
    if found > max { Err(ImportError::TooLarge { found, max }) } else { Ok(()) }
}

/// A bare repository for the contents of one bundle. Removed when dropped.
struct Quarantine {
    path: PathBuf,
}

impl Quarantine {
    /// Written by hand: a repository is five files.
    fn make(hub: &Hub) -> Result<Self, ImportError> {
        static COUNTER: AtomicU32 = AtomicU32::new(0);
        let n = COUNTER.fetch_add(1, Ordering::Relaxed);
        let path = hub.import_folder().join(format!("{}-{n}", std::process::id()));
        absent_is_fine(fs::remove_dir_all(&path)).map_err(io_error("remove", &path))?;
        crate::checkout::bare_git_dir(&path, hub.format(), &[hub.objects()])
            .map_err(io_error("create", &path))?;
        Ok(Self { path })
    }

    fn git(&self) -> Git {
        Git::at(&self.path)
    }

    async fn unbundle(&self, bundle: &Path, captured: &Captured) -> Result<Names, ImportError> {
        // It verifies before it takes anything.
        let unbundle = ["bundle".into(), "unbundle".into(), option("", bundle)];
        let listed = self.git().call(unbundle).bulk().run().await?;
        if !listed.exit.success() {
            let detail = listed.failure().detail().to_owned();
            return Err(match detail.contains("prerequisite") {
                true => ImportError::MissingPrerequisites { detail },
                false => ImportError::Rejected { detail },
            });
        }
        let listed = String::from_utf8_lossy(&listed.whole()?).into_owned();
        let (mut wishes, mut held): (Vec<String>, Names) = Default::default();
        for line in listed.lines() {
            let Some((commit, name)) = line.split_once(' ') else { continue };
            let commit: CommitId = parsed("bundle", commit)?;
            let named = match name {
                HEAD_REF => {
                    held.head = true;
                    Some(&captured.head)
                }
                RESCUE_REF => {
                    held.rescue = true;
                    captured.rescue.as_ref()
                }
                _ => None,
            };
            if named != Some(&commit) {
                return Err(ImportError::NotAsCaptured { what: format!("{name} at {commit}") });
            }
            wishes.push(format!("create {name} {commit}\n"));
        }
        let set = self.git().call(["update-ref", "--stdin"]).stdin(wishes.concat()).run().await?;
        match set.exit.success() {
            true => Ok(held),
            false => Err(ImportError::Rejected { detail: set.failure().detail().to_owned() }),
        }
    }
}

impl Drop for Quarantine {
    fn drop(&mut self) {
        if let Err(error) = absent_is_fine(fs::remove_dir_all(&self.path)) {
            tracing::warn!(path = %self.path.display(), %error, "a quarantine stays behind");
        }
    }
}

fn io_error(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> ImportError {
    let path = path.to_owned();
    move |source| ImportError::Io { doing, path, source }
}
