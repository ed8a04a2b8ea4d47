//! What only files know, for the server.

use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gangline_api::codes;
use gangline_api::doctor::CheckUp;
use gangline_api::journal::{Diff, DiffFile, JournalLine};
use gangline_api::problem::Problem;
use gangline_domain::ids::{CommitId, Fence, JobId, Timestamp, TreeId};
use gangline_domain::project::Project;
use gangline_domain::schedule::{ScheduleSettings, ScheduleText};
use gangline_domain::secret::{Redactor, Secret};
use gangline_domain::ticket::Ticket;
use gangline_git::{Hub, Spaces, TreeIsh, inspect};
use gangline_mcp::{Refusal, TicketFile};
use gangline_node::journal::{self, Item, Reader, What, Worklog};
use gangline_node::places::Places;
use gangline_node::{JobSpec, Logins, planned_tree, redactor_of_project, worktree};
use gangline_policy::Times;
use gangline_process::{Links, read_plain_text};
use gangline_server::{
    Archive, Assignment, DiffAsked, DiffRange, OfDaemon, ReadProject, Signing, Worktree,
};
use tokio::sync::watch;

use super::check_up::check_up_within;
use super::paths::Paths;
use super::reload::Followed;
use super::repository::{look_at, outage};
use super::{hooks, landing, policy};
use crate::import;

/// What a ticket's folder says of it.
const TICKET_FILE: &str = "README.md";
/// Bytes that this may have.
const TICKET_BYTES_MAX: usize = 32 * 1024;
/// What an attempt's changes are told apart from.
enum Before<'a> {
    Commit(&'a CommitId),
    /// What an earlier attempt made, carried over to another base.
    Carried(TreeId),
    /// The same, where it does not fit there: the change of the base is not told apart.
    WithBase(&'a CommitId),
}

impl TreeIsh for &Before<'_> {
    fn name(&self) -> &str {
        match self {
            Before::Commit(commit) | Before::WithBase(commit) => commit.as_str(),
            Before::Carried(tree) => tree.as_str(),
        }
    }
}

/// Bytes of a diff that are sent.
const DIFF_BYTES_MAX: usize = 4 * 1024 * 1024;

/// The state directory and the repositories of this machine.
#[derive(Debug, Clone)]
pub(super) struct Files {
    pub(super) paths: Paths,
    pub(super) places: Places,
    pub(super) secrets: Secrets,
}

/// What it takes to keep secrets out of what is shown.
#[derive(Debug, Clone)]
pub(super) struct Secrets {
    pub(super) machine: watch::Receiver<Arc<Followed>>,
    pub(super) logins: Logins,
}

impl Secrets {
    async fn redactor(&self, places: &Places, project: &Project) -> Result<Redactor, Box<Problem>> {
        let repository = Path::new(&project.settings.repo);
        let of = (places, &project.id);
        let followed = Arc::clone(&self.machine.borrow());
        let known = redactor_of_project(&followed.machine, &self.logins, of, repository).await;
        known.map_err(|fault| Box::new(outage(&fault)))
    }
}

impl Archive for Files {
    async fn read_project(&self, path: &Path) -> Result<ReadProject, Box<Problem>> {
        let isolates = self.secrets.machine.borrow().isolates;
        policy::read(&self.places, &look_at(path).await?, isolates).await
    }

    async fn journal(
        &self,
        job: &JobId,
        from: u64,
        bytes_max: u64,
    ) -> Result<(Vec<JournalLine>, u64), Box<Problem>> {
        let (places, job) = (self.places.clone(), job.clone());
        let read = move || read_journal(&places, &job, from, bytes_max);
        match tokio::task::spawn_blocking(read).await {
            Ok(page) => page,
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }

    async fn brief(&self, job: &JobId) -> Result<String, Box<Problem>> {
        let (places, job) = (self.places.clone(), job.clone());
        let read = move || read_brief(&places, &job);
        match tokio::task::spawn_blocking(read).await {
            Ok(text) => text,
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }

    async fn check_log(
        &self,
        project: &Project,
        (job, check): (&JobId, &str),
        from: u64,
        bytes_max: u64,
    ) -> Result<(String, u64, u64), Box<Problem>> {
        let redactor = self.secrets.redactor(&self.places, project).await?;
        let (places, job, name) = (self.places.clone(), job.clone(), check.to_owned());
        let read = move || read_check_log(&places, (&job, &name), from, bytes_max);
        let (bytes, size) = match tokio::task::spawn_blocking(read).await {
            Ok(read) => read?,
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        };
        let next = from.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX)).min(size);
        let text = String::from_utf8_lossy(&bytes);
        Ok((redactor.text(&text).into_owned(), next, size))
    }

    async fn diff(&self, project: &Project, asked: &DiffAsked) -> Result<Diff, Box<Problem>> {
        let DiffRange { base, commit } = &asked.range;
        let outage = |error: &(dyn std::error::Error + 'static)| Box::new(outage(error));
        let person = inspect(Path::new(&project.settings.repo)).await.map_err(|e| outage(&e))?;
        let hub = self.places.hub(&project.id);
        let hub = Hub::open_or_create(&hub, person.format).await.map_err(|e| outage(&e))?;
        let from = match &asked.since {
            None => Before::Commit(base),
            Some((_, earlier)) if earlier.base == *base => Before::Commit(&earlier.commit),
            Some((_, earlier)) => {
                let carried = hub.carried((&earlier.base, &earlier.commit), base).await;
                let carried = carried.map_err(|e| outage(&e))?;
                carried.map_or(Before::WithBase(&earlier.commit), Before::Carried)
            }
        };
        let spaces = if asked.ignore_whitespace { Spaces::Ignored } else { Spaces::Count };
        let diff = hub.diff(&from, commit, spaces, DIFF_BYTES_MAX).await.map_err(|e| outage(&e))?;
        let files = hub.changed_lines(&from, commit, spaces).await.map_err(|e| outage(&e))?;
        let redactor = self.secrets.redactor(&self.places, project).await?;
        let count = |n: Option<u64>| n.map(|n| u32::try_from(n).unwrap_or(u32::MAX));
        let file = |file: gangline_git::ChangedFile| DiffFile {
            status: file.status.letter().to_string(),
            path: redactor.text(&file.path).into_owned(),
            added: count(file.added),
            deleted: count(file.deleted),
        };
        Ok(Diff {
            base: base.to_string(),
            commit: commit.to_string(),
            files: files.into_iter().map(file).collect(),
            text: redactor.text(&diff.text).into_owned(),
            truncated: diff.truncated,
            job: asked.job.to_string(),
            since: asked.since.as_ref().map(|(job, _)| job.to_string()),
            with_base: matches!(from, Before::WithBase(_)),
        })
    }

    fn assignment(&self, attempt: &JobId, fence: Fence) -> Option<Assignment> {
        let read = gangline_node::Assignment::read(&self.places, attempt, fence);
        let found = read.unwrap_or_else(|error| {
            tracing::warn!(%error, "an assignment cannot be read");
            None
        })?;
        Some(Assignment {
            worktree_path: found.worktree_path,
            branch_name: found.branch_name.to_string(),
            base: found.base.to_string(),
            brief_path: found.brief_path,
            outcome_path: found.outcome_path,
            worker_socket: found.worker_socket,
        })
    }

    fn worked_in(&self, attempt: &JobId) -> Worktree {
        let log = Worklog::last_of(&self.places, attempt).unwrap_or_else(|error| {
            tracing::warn!(%error, "a work log cannot be read");
            None
        });
        match log {
            Some(log) => Worktree {
                path: Some(log.worktree_path.into()),
                branch: Some(log.branch.to_string()),
            },
            None => Worktree::default(),
        }
    }

    fn tier(&self, attempt: &JobId) -> Option<String> {
        let (fence, _) = runs(&self.places, attempt).pop()?;
        // One that was never prepared, or whose folder is gone, has none to tell.
        let spec = JobSpec::read(&self.places.job(attempt, fence).spec()).ok()?;
        Some(spec.machine.tier.to_string())
    }

    async fn planned(&self, project: &Project, ticket: &Ticket) -> Worktree {
        let repository = match look_at(Path::new(&project.settings.repo)).await {
            Ok(repository) => repository,
            Err(_gone) => return Worktree::default(),
        };
        let Ok(present) = policy::present(&self.places, &repository).await else {
            return Worktree::default();
        };
        let planned = planned_tree(&self.places, ticket, &present.policy);
        planned.map_or_else(Worktree::default, |(path, branch)| Worktree {
            path: Some(path),
            branch: Some(branch.to_string()),
        })
    }

    async fn ticket_text(&self, project: &Project, folder: &Path) -> Option<String> {
        let (repo, file) = (PathBuf::from(&project.settings.repo), folder.join(TICKET_FILE));
        let read = move || {
            // What the path really leads to must be within the repository.
            let real = file.parent()?.canonicalize().ok()?;
            real.starts_with(repo.canonicalize().ok()?).then_some(())?;
            read_plain_text(&real.join(TICKET_FILE), TICKET_BYTES_MAX, Links::Refused).ok()
        };
        match tokio::task::spawn_blocking(read).await {
            Ok(text) => text,
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }

    async fn ticket_file(&self, project: &Project, path: &str) -> Result<TicketFile, Refusal> {
        let (settings, path) = (project.settings.clone(), path.to_owned());
        let read = move || {
            let root = Path::new(&settings.repo);
            import::ticket_file(root, (&settings.repo, &settings.key_prefix), &path)
        };
        match tokio::task::spawn_blocking(read).await {
            Ok(read) => read,
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }

    async fn scheduled_text(
        &self,
        project: &Project,
        schedule: &ScheduleSettings,
    ) -> Result<(String, String), Box<Problem>> {
        match &schedule.text {
            ScheduleText::Written { title, body } => Ok((title.clone(), body.clone())),
            ScheduleText::File(file) => policy::scheduled(&self.places, project, file).await,
        }
    }

    fn next_due(&self, schedule: &ScheduleSettings, now: Timestamp) -> Option<Timestamp> {
        Times::around(schedule, now).next
    }

    async fn signing_secret(&self, of: Signing<'_>) -> Result<Secret, String> {
        let followed = Arc::clone(&self.secrets.machine.borrow());
        hooks::secret(&followed.machine, of).await
    }

    async fn check_up(&self, said: OfDaemon) -> CheckUp {
        check_up_within(&self.paths, said).await
    }

    fn worktree(&self, _project: &Project, ticket: &Ticket) -> Worktree {
        let known = worktree::find(&self.places, &ticket.id).unwrap_or_else(|error| {
            tracing::warn!(%error, "the worktrees cannot be listed");
            None
        });
        match known {
            Some((at, meta)) => Worktree {
                path: Some(at.tree()).filter(|tree| tree.is_dir()),
                branch: Some(meta.branch.to_string()),
            },
            None if ticket.last_attempt.is_some() => {
                let branch = landing::branch_of(&self.places, ticket);
                Worktree { path: None, branch: branch.ok().map(|branch| branch.to_string()) }
            }
            None => Worktree::default(),
        }
    }
}

/// The folders of a job's runs, by fence.
pub(super) fn runs(places: &Places, job: &JobId) -> Vec<(Fence, PathBuf)> {
    // A job that never ran has no folder.
    let entries = std::fs::read_dir(places.runs_of(job)).into_iter().flatten().flatten();
    let run = |entry: std::fs::DirEntry| {
        let fence: Fence = entry.file_name().to_str()?.parse().ok()?;
        Some((fence, entry.path()))
    };
    let mut runs: Vec<(Fence, PathBuf)> = entries.filter_map(run).collect();
    runs.sort();
    runs
}

/// Of the last run that has one. A page ends with a line where it can, so that no secret is cut in two.
fn read_check_log(
    places: &Places,
    (job, check): (&JobId, &str),
    from: u64,
    bytes_max: u64,
) -> Result<(Vec<u8>, u64), Box<Problem>> {
    let fault = |error: std::io::Error| Box::new(outage(&error));
    for (fence, _) in runs(places, job).into_iter().rev() {
        let path = places.job(job, fence).checks().join(format!("{check}.log"));
        let mut file = match std::fs::File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(error) => return Err(fault(error)),
        };
        let size = file.metadata().map_err(fault)?.len();
        file.seek(SeekFrom::Start(from.min(size))).map_err(fault)?;
        let mut bytes = vec![];
        file.take(bytes_max).read_to_end(&mut bytes).map_err(fault)?;
        let goes_on = from.saturating_add(bytes_max) < size;
        if goes_on && let Some(end) = bytes.iter().rposition(|byte| *byte == b'\n') {
            bytes.truncate(end + 1);
        }
        return Ok((bytes, size));
    }
    let problem = Problem::new(codes::nothing_to_show, format!("{job} kept no log of {check}"));
    Err(Box::new(problem.hint(format!("gangline show {}", job.ticket.key))))
}

/// The last run's; one that has not come so far has an empty file or none.
fn read_brief(places: &Places, job: &JobId) -> Result<String, Box<Problem>> {
    for (fence, _) in runs(places, job).into_iter().rev() {
        match std::fs::read_to_string(places.job(job, fence).brief()) {
            Ok(text) if !text.is_empty() => return Ok(text),
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(Box::new(outage(&error))),
        }
    }
    Err(Box::new(Problem::new(codes::no_such_journal, format!("{job} has no brief yet"))))
}

fn read_journal(
    places: &Places,
    job: &JobId,
    from: u64,
    bytes_max: u64,
) -> Result<(Vec<JournalLine>, u64), Box<Problem>> {
    let none = || {
        let problem = Problem::new(codes::no_such_journal, format!("{job} has no journal"));
        Box::new(problem.hint(format!("gangline show {}", job.ticket.key)))
    };
    // Of a job that was started twice, the last run is the one that counts.
    let (fence, _) = runs(places, job).pop().ok_or_else(none)?;
    let path = places.job(job, fence).journal();
    if !path.exists() {
        return Err(none());
    }
    let fault = |error: gangline_node::FileFault| Box::new(outage(&error));
    let Some(label) = label(&path, job).map_err(fault)? else { return Ok((vec![], from)) };
    let mut reader = Reader::follow(&path, from).map_err(fault)?;
    let mut lines = vec![];
    while reader.offset().saturating_sub(from) < bytes_max {
        let (text, entry) = match reader.next().map_err(fault)? {
            Some(Item::Entry(entry)) => {
                (journal::human_line(&entry, &label).unwrap_or_default(), as_json(&entry))
            }
            Some(Item::Broken { .. }) => (
                format!("[{label}] · a damaged line was passed over"),
                serde_json::json!({ "kind": "broken" }),
            ),
            None => break,
        };
        lines.push(JournalLine { text, entry, next: reader.offset() });
    }
    Ok((lines, reader.offset()))
}

/// As it stands in the journal, without its checksum.
fn as_json(entry: &journal::Entry) -> serde_json::Value {
    let mut json = serde_json::to_value(&entry.what).expect("BUG: a journal is JSON");
    if let Some(fields) = json.as_object_mut() {
        fields.insert("n".to_owned(), entry.n.into());
        fields.insert("at_us".to_owned(), entry.at.0.into());
    }
    json
}

/// How the job is called in lines for people: by its agent, which its first line names. `None`
/// while nothing has been written.
fn label(path: &Path, job: &JobId) -> Result<Option<String>, gangline_node::FileFault> {
    let first = Reader::follow(path, 0)?.next()?;
    Ok(first.map(|first| match first {
        Item::Entry(journal::Entry { what: What::Opened { agent: Some(agent), .. }, .. }) => {
            journal::label(&agent, &job.ticket.key)
        }
        Item::Entry(_) | Item::Broken { .. } => job.ticket.key.to_string(),
    }))
}
