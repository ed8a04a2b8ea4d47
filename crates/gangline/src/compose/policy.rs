//! A project's policy: drafted for `init`, and read for the scheduler.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use gangline_agents::definition::{Definitions, read_project};
use gangline_agents::limits::not_applied;
use gangline_api::codes;
use gangline_api::problem::Problem;
use gangline_domain::ids::{AgentName, BranchName, CommitId, ProjectId, ScheduleName};
use gangline_domain::project::{
    AgentFacts, Budgets, LandingMode, Limits, Project, ProjectSettings, Retry, ReviewPolicy,
    SameFailure, ScopeCollision,
};
use gangline_domain::schedule::ScheduleSettings;
use gangline_git::Hub;
use gangline_node::places::Places;
use gangline_policy::{
    Adoption, Backend, CommandLine, Defaults, KeyPrefix, POLICY_BYTES_MAX, POLICY_FILE, Policy,
    Review, SCHEDULE_FILE_BYTES_MAX, propose,
};
use gangline_process::{Links, read_plain_text};
use gangline_server::ReadProject;

use super::repository::{Repository, look_at, no_target, outage, unfetched};

/// Files that are looked at for proposals.
const FILES_MAX: usize = 5_000;
/// Folders below the root that are looked into.
const DEPTH_MAX: usize = 2;
/// Folders that say nothing about a project and may be large.
const PASSED_OVER: [&str; 4] = [".git", "node_modules", "target", ".venv"];
/// Bytes of a file that proposals are made from.
const READ_BYTES_MAX: usize = 1024 * 1024;

/// A first policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Draft {
    /// The project's name.
    pub(crate) name: String,
    /// Its target branch.
    pub(crate) target: String,
    /// The text of the file.
    pub(crate) text: String,
    /// What was proposed.
    pub(crate) checks: Vec<DraftCheck>,
}

/// A proposed check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DraftCheck {
    /// Its name.
    pub(crate) name: String,
    /// What it runs.
    pub(crate) run: String,
    /// The file that suggested it.
    pub(crate) found_in: String,
    /// Whether it counts, or stands there as a comment.
    pub(crate) active: bool,
}

/// Drafts a policy from what lies in the repository.
pub(crate) async fn draft_policy(
    repository: &Repository,
    target: Option<&str>,
    name: Option<&str>,
    key: &str,
) -> Result<Draft, Box<Problem>> {
    let bad = |error: &dyn std::error::Error| {
        let problem = Problem::new(codes::bad_name, error.to_string());
        Box::new(problem.hint("gangline init --help, and git branch --list"))
    };
    let target: BranchName = match target {
        Some(target) => target.parse().map_err(|error| bad(&error))?,
        None => repository.found.current_branch().map_err(|e| Box::new(no_target(&e)))?.clone(),
    };
    repository.found.branch_tip(&target).await.map_err(|e| Box::new(no_target(&e)))?;
    let name: ProjectId = match name {
        Some(name) => name.parse().map_err(|error| bad(&error))?,
        None => repository.name(),
    };
    let key: KeyPrefix = key.parse().map_err(|error| bad(&error))?;
    let root = &repository.root;
    let proposals = propose(&files(root), &|path| read_small(&root.join(path)));
    let defaults = Defaults { name, key, target };
    let checks = proposals.checks.iter().map(|check| DraftCheck {
        name: check.name.clone(),
        run: shown(&check.run),
        found_in: check.found_in.clone(),
        active: check.adoption == Adoption::Active,
    });
    Ok(Draft {
        name: defaults.name.to_string(),
        target: defaults.target.to_string(),
        checks: checks.collect(),
        text: Policy::render_default(&defaults, &proposals),
    })
}

fn shown(line: &CommandLine) -> String {
    match line {
        CommandLine::Shell(line) => line.clone(),
        CommandLine::Argv(argv) => argv.join(" "),
    }
}

/// Paths below `root` with `/` between their parts, a few folders deep.
fn files(root: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut open = vec![(root.to_owned(), String::new(), 0)];
    while let Some((folder, prefix, depth)) = open.pop() {
        // What cannot be listed suggests nothing.
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let Ok(name) = entry.file_name().into_string() else { continue };
            let Ok(kind) = entry.file_type() else { continue };
            if kind.is_dir() && depth < DEPTH_MAX && !PASSED_OVER.contains(&name.as_str()) {
                open.push((entry.path(), format!("{prefix}{name}/"), depth + 1));
            } else if kind.is_file() && found.len() < FILES_MAX {
                found.insert(format!("{prefix}{name}"));
            }
        }
    }
    found
}

/// A text of the person's, who may well have linked it to another.
pub(super) fn read_small(path: &Path) -> Option<String> {
    read_plain_text(path, READ_BYTES_MAX, Links::Followed).ok()
}

/// The policy's file as it lies there. A link is refused: to git it is its own text.
fn policy_file(root: &Path) -> Result<Option<String>, Box<Problem>> {
    match read_plain_text(&root.join(POLICY_FILE), POLICY_BYTES_MAX, Links::Refused) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => {
            let detail = format!("{POLICY_FILE} cannot be read: {error}");
            let problem = Problem::new(codes::bad_policy, detail);
            Err(Box::new(problem.hint(format!("make {POLICY_FILE} a plain file, and commit it"))))
        }
    }
}

/// The project of a repository, with its policy as it is now: the one committed on the target
/// branch, or else a snapshot of the file that is about to be.
pub(super) async fn read(
    places: &Places,
    repository: &Repository,
    isolates: bool,
) -> Result<ReadProject, Box<Problem>> {
    let Present { policy, text, snapshot, mut notes } = present(places, repository).await?;
    if isolates && policy.worktree.backend == Backend::Linked {
        return Err(Box::new(not_isolated()));
    }
    let tip = repository.found.branch_tip(&policy.project.target).await;
    tip.map_err(|error| Box::new(no_target(&error)))?;
    let (agents, noticed) = agents(&repository.root, &policy)?;
    notes.extend(noticed);
    let id = policy.project.name.clone().unwrap_or_else(|| repository.name());
    let repo = repository.root.display().to_string();
    let settings = settings(repo, &policy, snapshot, agents);
    Ok(ReadProject { id, settings, policy: text, notes })
}

/// A project's policy as it is now.
pub(super) struct Present {
    pub(super) policy: Policy,
    /// What it is read from.
    text: String,
    /// The file, where it is not committed yet.
    snapshot: Option<String>,
    notes: Vec<String>,
}

/// See [`read`].
pub(super) async fn present(
    places: &Places,
    repository: &Repository,
) -> Result<Present, Box<Problem>> {
    let file = policy_file(&repository.root)?;
    let own = file.as_deref().and_then(|text| Policy::parse(text, POLICY_FILE).ok());
    let target = match &own {
        Some(policy) => policy.project.target.clone(),
        None => default_target(repository).await?,
    };
    let named = own.as_ref().and_then(|policy| policy.project.name.clone());
    let guess = named.unwrap_or_else(|| repository.name());
    let committed = committed(places, repository, (&guess, &target)).await?;
    let mut notes = vec![];
    let (policy, text, snapshot) = match (committed, file) {
        (Some(text), file) => {
            if file.is_some_and(|file| file != text) {
                notes.push(format!(
                    "{POLICY_FILE} has changes that are not committed on {target}: \
                     the committed one counts"
                ));
            }
            (parsed(&text, &format!("{POLICY_FILE} of {target}"))?, text, None)
        }
        (None, Some(text)) => {
            notes.push(format!(
                "{POLICY_FILE} is not committed on {target} yet: it is taken as it is now. \
                 Commit it, so that everybody can see what work is judged by"
            ));
            (parsed(&text, POLICY_FILE)?, text.clone(), Some(text))
        }
        (None, None) => {
            let detail = format!("{} has no {POLICY_FILE}", repository.root.display());
            return Err(Box::new(Problem::new(codes::no_policy, detail).hint("gangline init")));
        }
    };
    Ok(Present { policy, text, snapshot, notes })
}

fn parsed(text: &str, file: &str) -> Result<Policy, Box<Problem>> {
    Policy::parse(text, file).map_err(|error| Box::new(bad_policy(&error)))
}

/// A linked worktree shares the hub's git directory, which its agent must then be able to write.
fn not_isolated() -> Problem {
    let detail = format!(
        "{POLICY_FILE}: [worktree] backend = \"linked\" is for trusted agents that run without a \
         sandbox, and on this machine they run in one"
    );
    Problem::new(codes::bad_policy, detail).hint(
        "write backend = \"clone\", and commit it; or tier = \"none\" and allow_none = true under \
         [sandbox] in the machine's config.toml, and restart the daemon",
    )
}

fn bad_policy(error: &gangline_policy::PolicyError) -> Problem {
    let hint = format!("mend {POLICY_FILE}, and commit it");
    Problem::new(codes::bad_policy, error.to_string()).hint(hint)
}

/// `main` where there is one, else what is checked out.
async fn default_target(repository: &Repository) -> Result<BranchName, Box<Problem>> {
    let main: BranchName = "main".parse().expect("BUG: the default is a branch name");
    if repository.found.branch_tip(&main).await.is_ok() {
        return Ok(main);
    }
    let current = repository.found.current_branch();
    current.cloned().map_err(|error| Box::new(no_target(&error)))
}

/// Bytes of a file at the tip of the target branch: at most one more than it may have.
async fn at_tip(
    places: &Places,
    repository: &Repository,
    (project, target): (&ProjectId, &BranchName),
    (file, bytes_max): (&str, usize),
) -> Result<Option<Vec<u8>>, Box<Problem>> {
    let outage = |error: &(dyn std::error::Error + 'static)| Box::new(outage(error));
    let found = &repository.found;
    let hub = Hub::open_or_create(&places.hub(project), found.format).await;
    let hub = hub.map_err(|error| outage(&error))?;
    let tip: CommitId =
        hub.fetch_target(found, target).await.map_err(|error| Box::new(unfetched(&error)))?;
    let bytes_max = u64::try_from(bytes_max + 1).unwrap_or(u64::MAX);
    hub.read_file(&tip, file, bytes_max).await.map_err(|e| outage(&e))
}

/// Title and body of a schedule's tickets, from their file.
pub(super) async fn scheduled(
    places: &Places,
    project: &Project,
    file: &str,
) -> Result<(String, String), Box<Problem>> {
    let repository = look_at(Path::new(&project.settings.repo)).await?;
    let target = &project.settings.target;
    let wanted = (file, SCHEDULE_FILE_BYTES_MAX);
    let bytes = at_tip(places, &repository, (&project.id, target), wanted).await?;
    let bad = |why: &str| {
        let problem = Problem::new(codes::bad_ticket, format!("{file} of {target} {why}"));
        Box::new(problem.hint(format!("commit it on {target}, with a heading as its first line")))
    };
    let bytes = bytes.ok_or_else(|| bad("does not exist"))?;
    if bytes.len() > SCHEDULE_FILE_BYTES_MAX {
        return Err(bad("is too long"));
    }
    let text = String::from_utf8(bytes).map_err(|_| bad("is not UTF-8 text"))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text).trim_start();
    let (first, body) = text.split_once('\n').unwrap_or((text, ""));
    let title =
        first.trim().strip_prefix("# ").ok_or_else(|| bad("does not begin with a heading"))?;
    Ok((title.trim().to_owned(), body.trim().to_owned()))
}

/// The policy's text at the tip of the target branch.
async fn committed(
    places: &Places,
    repository: &Repository,
    (project, target): (&ProjectId, &BranchName),
) -> Result<Option<String>, Box<Problem>> {
    let bytes =
        at_tip(places, repository, (project, target), (POLICY_FILE, POLICY_BYTES_MAX)).await?;
    let Some(bytes) = bytes else { return Ok(None) };
    String::from_utf8(bytes).map(Some).map_err(|_| {
        let detail = format!("{POLICY_FILE} of {target} is not UTF-8 text");
        Box::new(Problem::new(codes::bad_policy, detail))
    })
}

type Agents = BTreeMap<AgentName, AgentFacts>;

/// The agents that tickets may name, and what was noticed about their files.
fn agents(root: &Path, policy: &Policy) -> Result<(Agents, Vec<String>), Box<Problem>> {
    let bad = |detail: String| {
        let hint = "mend gangline.toml, or the definitions in .gangline/agents and .claude/agents";
        Box::new(Problem::new(codes::bad_policy, detail).hint(hint))
    };
    let loaded = read_project(root).and_then(|folders| Definitions::load(&folders));
    let definitions = loaded.map_err(|error| {
        let causes = std::error::Error::source(&error).map(|cause| format!(": {cause}"));
        bad(format!("{error}{}", causes.unwrap_or_default()))
    })?;
    let notes = definitions.warnings.iter().map(ToString::to_string);
    let notes = notes.chain(definitions.iter().filter_map(not_applied)).collect();
    let mut agents = Agents::new();
    for definition in definitions.iter() {
        let kind = definition.kind.as_str();
        if let Err(error) = gangline_agents::registry::driver(kind) {
            return Err(bad(format!("agent {}: {error}", definition.name)));
        }
        let told = policy.agents.definitions.get(&definition.name);
        let facts = AgentFacts {
            kind: definition.kind.clone(),
            model: definition.model.clone(),
            max_concurrent: told.and_then(|told| told.max_concurrent).or(definition.max_concurrent),
            fallback: told.map(|told| told.fallback.clone()).unwrap_or_default(),
            capabilities: definition.capabilities.clone(),
        };
        agents.insert(definition.name.clone(), facts);
    }
    let named = policy.agents.definitions.iter();
    let fallbacks = named.clone().flat_map(|(_, told)| &told.fallback);
    let named = named.map(|(name, _)| name).chain(fallbacks).chain([&policy.agents.default]);
    let named = named.chain(&policy.reviewer.agents);
    let named = named.chain(&policy.retry.agents);
    let scheduled: Vec<AgentName> =
        policy.schedules.values().filter_map(|schedule| schedule.settings().agent).collect();
    let named = named.chain(&scheduled);
    for name in named {
        if !agents.contains_key(name) {
            let known: Vec<&str> = definitions.names().collect();
            let known = known.join(", ");
            return Err(bad(format!("{POLICY_FILE} names the agent {name}; there are {known}")));
        }
    }
    Ok((agents, notes))
}

fn schedules(policy: &Policy) -> BTreeMap<ScheduleName, ScheduleSettings> {
    let all = policy.schedules.iter();
    all.map(|(name, schedule)| (name.clone(), schedule.settings())).collect()
}

fn retry(retry: &gangline_policy::Retry) -> Retry {
    Retry {
        same_failure: match retry.same_failure {
            gangline_policy::SameFailure::OtherAgent => SameFailure::OtherAgent,
            gangline_policy::SameFailure::Fresh => SameFailure::Fresh,
        },
        agents: retry.agents.clone(),
    }
}

/// What the scheduler needs of a policy.
fn settings(
    repo: String,
    policy: &Policy,
    policy_snapshot: Option<String>,
    agents: Agents,
) -> ProjectSettings {
    let limits = &policy.limits;
    ProjectSettings {
        repo,
        target: policy.project.target.clone(),
        key_prefix: policy.project.key.as_str().to_owned(),
        policy_sha256: policy.sha256.clone(),
        policy_snapshot,
        review: match policy.landing.review {
            Review::None => ReviewPolicy::None,
            Review::Required => ReviewPolicy::Required,
        },
        reviewer: policy.reviewer.settings(),
        landing: match policy.landing.mode {
            gangline_policy::LandingMode::Local => LandingMode::Local,
            gangline_policy::LandingMode::Branch => LandingMode::Branch,
        },
        limits: Limits {
            agents: limits.agents,
            per_definition: limits.per_definition,
            worktrees: limits.worktrees,
            verifications: limits.verifications,
            tries: limits.tries,
            session_ms: limits.session.ms(),
            verification_ms: limits.verification.ms(),
            scope_collision: match limits.scope_collision {
                gangline_policy::ScopeCollision::Avoid => ScopeCollision::Avoid,
                gangline_policy::ScopeCollision::Warn => ScopeCollision::Warn,
                gangline_policy::ScopeCollision::Ignore => ScopeCollision::Ignore,
            },
        },
        budgets: Budgets {
            ticket: policy.budgets.ticket,
            project: policy.budgets.project,
            day: policy.budgets.day,
        },
        default_agent: policy.agents.default.clone(),
        agents,
        retry: retry(&policy.retry),
        schedules: schedules(policy),
    }
}
