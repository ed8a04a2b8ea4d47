//! What only files know: journals, diffs, worktrees and policies.

use std::path::{Path, PathBuf};

use gangline_api::doctor::CheckUp;
use gangline_api::journal::{Diff, JournalLine};
use gangline_api::problem::Problem;
use gangline_api::project::Projects;
use gangline_api::status::Status;
use gangline_api::webhook::WebhooksView;
use gangline_domain::ids::{CommitId, Fence, JobId, ProjectId, Timestamp};
use gangline_domain::project::{Project, ProjectSettings};
use gangline_domain::schedule::ScheduleSettings;
use gangline_domain::secret::Secret;
use gangline_domain::ticket::Ticket;
use gangline_mcp::{Refusal, TicketFile};

use crate::hooks::Signing;

/// Reads repositories and the state directory. Written by whoever composes the program.
pub trait Archive: Send + Sync + 'static {
    /// The project of the repository around `path`, with its policy as it is now.
    fn read_project(
        &self,
        path: &Path,
    ) -> impl Future<Output = Result<ReadProject, Box<Problem>>> + Send;

    /// Whole lines of a job's journal from byte `from` on, at most `bytes_max` bytes of them, and
    /// the byte behind the last. No such journal is [`gangline_api::codes::no_such_journal`].
    fn journal(
        &self,
        job: &JobId,
        from: u64,
        bytes_max: u64,
    ) -> impl Future<Output = Result<(Vec<JournalLine>, u64), Box<Problem>>> + Send;

    /// What an attempt was told. None yet is [`gangline_api::codes::no_such_journal`].
    fn brief(&self, job: &JobId) -> impl Future<Output = Result<String, Box<Problem>>> + Send;

    /// What a job's check of this name printed, from byte `from` on, at most `bytes_max` bytes of it; the
    /// byte behind that, and how many there are in all. The name is never a path. No such log is
    /// [`gangline_api::codes::nothing_to_show`].
    fn check_log(
        &self,
        project: &Project,
        of: (&JobId, &str),
        from: u64,
        bytes_max: u64,
    ) -> impl Future<Output = Result<(String, u64, u64), Box<Problem>>> + Send;

    /// What changed.
    fn diff(
        &self,
        project: &Project,
        asked: &DiffAsked,
    ) -> impl Future<Output = Result<Diff, Box<Problem>>> + Send;

    /// What an external session is told of its work; nothing while its worktree is not ready.
    fn assignment(&self, attempt: &JobId, fence: Fence) -> Option<Assignment>;

    /// Where an attempt worked and on which branch, whether or not either is still there.
    fn worked_in(&self, attempt: &JobId) -> Worktree;

    /// The sandbox tier that an attempt ran under: `bubblewrap`, `landlock` or `none`.
    fn tier(&self, attempt: &JobId) -> Option<String>;

    /// The worktree and branch that the ticket will have by its project's templates, before they
    /// are there.
    fn planned(&self, project: &Project, ticket: &Ticket) -> impl Future<Output = Worktree> + Send;

    /// The README of a ticket's folder, when that is a plain file within the project's repository.
    fn ticket_text(
        &self,
        project: &Project,
        folder: &Path,
    ) -> impl Future<Output = Option<String>> + Send;

    /// The ticket in a file of the project's repository, or in the README of a folder there. What
    /// lies outside of the repository is refused.
    fn ticket_file(
        &self,
        project: &Project,
        path: &str,
    ) -> impl Future<Output = Result<TicketFile, Refusal>> + Send;

    /// Title and body of a schedule's tickets, as the tip of the target branch has them.
    fn scheduled_text(
        &self,
        project: &Project,
        schedule: &ScheduleSettings,
    ) -> impl Future<Output = Result<(String, String), Box<Problem>>> + Send;

    /// When a schedule is due first behind `now`; nothing where its time zone is not known.
    fn next_due(&self, schedule: &ScheduleSettings, now: Timestamp) -> Option<Timestamp>;

    /// What messages are signed with, read where it is; or why it cannot be, without a word of it.
    fn signing_secret(
        &self,
        of: Signing<'_>,
    ) -> impl Future<Output = Result<Secret, String>> + Send;

    /// What this machine and the daemon can and cannot do; of the daemon, as it says here.
    fn check_up(&self, said: OfDaemon) -> impl Future<Output = CheckUp> + Send;

    /// The ticket's worktree and branch, as far as they can be told.
    fn worktree(&self, project: &Project, ticket: &Ticket) -> Worktree;
}

/// What a daemon says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfDaemon {
    /// What it is, and how it is.
    pub status: Status,
    /// All its projects.
    pub projects: Projects,
    /// All its webhooks.
    pub webhooks: WebhooksView,
}

/// A repository that can be a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadProject {
    /// Its name.
    pub id: ProjectId,
    /// What its policy says.
    pub settings: ProjectSettings,
    /// The policy itself: TOML.
    pub policy: String,
    /// What a person should know: one line each.
    pub notes: Vec<String>,
}

/// Which changes are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiffAsked {
    /// The attempt.
    pub job: JobId,
    /// What it changed.
    pub range: DiffRange,
    /// An earlier one, and what it changed, from which it is to be told apart.
    pub since: Option<(JobId, DiffRange)>,
    /// Lines that differ in blanks do not differ.
    pub ignore_whitespace: bool,
}

/// Two commits of a project's hub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiffRange {
    /// From.
    pub base: CommitId,
    /// To.
    pub commit: CommitId,
}

/// Where an external session works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// The worktree.
    pub worktree_path: PathBuf,
    /// The branch that is checked out in it.
    pub branch_name: String,
    /// The commit that the branch grew from.
    pub base: String,
    /// The brief.
    pub brief_path: PathBuf,
    /// Where it may leave what it claims.
    pub outcome_path: PathBuf,
    /// The socket of the worker's tools.
    pub worker_socket: Option<PathBuf>,
}

/// Where a ticket is worked on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Worktree {
    /// The directory: of a ticket only if it is there now.
    pub path: Option<PathBuf>,
    /// The branch's name.
    pub branch: Option<String>,
}
