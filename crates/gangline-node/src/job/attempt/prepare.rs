//! Everything up to the agent's start.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use gangline_agents::brief::Instruction;
use gangline_agents::definition::Definition;
use gangline_agents::driver::{
    AgentDriver, KEY_ENV, PORT_BASE_ENV, SessionPlan, SessionStart, TRY_ENV,
};
use gangline_checks::{Bench, Progress, run_setup};
use gangline_domain::budget::Budget;
use gangline_domain::external::is_external;
use gangline_domain::ids::{CommitId, Timestamp};
use gangline_domain::job::{Attempt, Infra, Left, Start};
use gangline_domain::network::NetworkMode;
use gangline_domain::verdict::Verdict;
use gangline_policy::{Permissions, Policy};
use gangline_process::{Sandbox, Tier};
use sha2::{Digest, Sha256};

use crate::clock::now;
use crate::durable;
use crate::job::attempt::checkout::{self, Checkout};
use crate::job::attempt::credentials::Given;
use crate::job::attempt::{
    attached, brief, credentials, definition, drop, leave, network, startup_files,
};
use crate::job::context::Job;
use crate::job::failure::Failure;
use crate::job::hooks::CrashPoint;
use crate::job::warm::Warm;
use crate::job::{policy, surroundings};
use crate::journal::{What, Worklog};
use crate::places::hex;
use crate::proxy::Proxy;
use crate::trees::Hub;
use crate::worker::Desk;

/// The outcome file in the output folder.
pub(crate) const OUTCOME_FILE: &str = "outcome.json";
/// Lines of a failed setup that are told.
const SETUP_LINES_MAX: usize = 10;

/// What the session needs.
pub(super) struct Prepared {
    pub(super) driver: &'static dyn AgentDriver,
    pub(super) plan: SessionPlan,
    pub(super) allotment: Budget,
    /// How long nothing may be committed before somebody is told, in milliseconds.
    pub(super) alert_ms: u64,
    /// What the agent must ask leave for.
    pub(super) permissions: Permissions,
    /// Where the worker's tools are heard, for an agent that has them.
    pub(super) desk: Option<Desk>,
    /// The commit that the branch grew from.
    pub(super) base: CommitId,
    /// The worktree and its ports, to be held until all processes have ended.
    pub(super) keep: Checkout,
}

/// All that is known before the brief.
pub(super) struct Ground<'a> {
    pub(super) attempt: &'a Attempt,
    pub(super) hub: &'a Hub,
    pub(super) base: &'a CommitId,
    pub(super) policy: &'a Policy,
    pub(super) definition: &'a Definition,
    pub(super) tree: &'a Checkout,
    pub(super) instructions: &'a [Instruction],
    pub(super) can_ask: bool,
    pub(super) worker_tools: bool,
    pub(super) network: bool,
}

pub(super) async fn prepare(
    job: &Job,
    attempt: &Attempt,
) -> Result<(Prepared, Option<Proxy>), Failure> {
    job.step("fetch");
    let (hub, base) = base(job, attempt).await?;
    job.note(What::Based { base: base.clone() });
    job.sound()?;
    job.at(CrashPoint::Based);
    let Committed { policy, definitions, instructions } =
        committed(job, attempt, (&hub, &base)).await?;
    let (tree, mut definition) = tokio::try_join!(
        checkout::take(job, attempt, &hub, (&base, &policy)),
        definition::of_attempt(job, &attempt.agent, (&hub, &base), definitions),
    )?;
    job.at(CrashPoint::CheckedOut);
    definition::adjust(job, (&attempt.agent, &attempt.kind), &policy, &mut definition);
    let driver = definition::driver(&attempt.kind)?;
    let mode = network::mode(job, &definition.network, driver)?;
    bound(job, attempt, (&policy, &definition), &tree);
    let (sandbox, home_kept) = furnish(job, attempt, (&hub, &base, &policy), &tree).await?;
    let asks_leave = leave::must_ask(&policy.permissions, driver, &definition)?;
    // Before the brief, which is kept free of them.
    let given = credentials::secrets(job, &definition).await?;
    let ground = Ground {
        attempt,
        hub: &hub,
        base: &base,
        policy: &policy,
        definition: &definition,
        tree: &tree,
        instructions: &instructions,
        can_ask: driver.can_ask(&definition) || driver.takes_mcp(),
        worker_tools: driver.takes_mcp(),
        network: mode != NetworkMode::None || attempt.external.is_some(),
    };
    let brief = brief::write(job, &ground).await?;
    job.sound()?;
    let way = (mode, given);
    let (env, sandbox, proxy) = equip(job, (attempt, &tree, &definition), way, sandbox).await?;
    let model = policy.agents.definitions.get(&attempt.agent).and_then(|told| told.model.clone());
    let mut plan = SessionPlan {
        brief,
        brief_file: job.run.brief(),
        cwd: tree.path(),
        session: session_start(job, attempt, driver.resumable() && home_kept),
        definition,
        env,
        home: job.spec.places.home(&job.id().ticket),
        outcome_file: job.spec.places.output(&job.id().ticket).join(OUTCOME_FILE),
        marker: job.run.marker().clone(),
        sandbox,
        model,
        asks_leave,
        mcp: vec![],
    };
    let desk = attached::give(job, driver, (&policy, &attempt.agent), &mut plan)?;
    bound_silence(job, &plan.definition, &policy);
    let prepared = Prepared {
        driver,
        allotment: definition::allotment(attempt, &plan.definition),
        plan,
        alert_ms: policy.limits.uncommitted_alert.ms(),
        permissions: policy.permissions,
        desk,
        base,
        keep: tree,
    };
    Ok((prepared, proxy))
}

/// The agent's environment, its secrets and its way to the network.
async fn equip(
    job: &Job,
    (attempt, tree, definition): (&Attempt, &Checkout, &Definition),
    (mode, mut given): (NetworkMode, Given),
    sandbox: Sandbox,
) -> Result<(Vec<(String, String)>, Sandbox, Option<Proxy>), Failure> {
    let mut env = environment(job, attempt, tree, definition)?;
    credentials::log_in(job, definition, &mut env).await?;
    let gateway = credentials::gateway(job, &attempt.kind, mode, &mut env)?;
    let way = (&attempt.kind, env.as_slice(), gateway);
    let (sandbox, proxy) = network::arrange(job, (mode, &definition.network), way, sandbox)?;
    let sandbox = given.shown(sandbox);
    env.extend(given.variables);
    Ok((env, sandbox, proxy))
}

/// Everything around the worktree, and the project's own setup in it. Gives the sandbox, and says
/// whether HOME is the one that an earlier attempt left.
async fn furnish(
    job: &Job,
    attempt: &Attempt,
    (hub, base, policy): (&Hub, &CommitId, &Policy),
    tree: &Checkout,
) -> Result<(Sandbox, bool), Failure> {
    open_worklog(job, attempt, tree)?;
    let home_kept = folders(job, &attempt.start)?;
    let sandbox = sandbox(job, tree)?;
    if attempt.start != Start::Fresh {
        startup_files::restore(job, hub, base, &tree.path()).await?;
    }
    if tree.fresh {
        if !home_kept && let Some(warm) = Warm::of(job, hub, base, &policy.setup).await {
            warm.lend(job, &job.spec.places.home(&job.id().ticket)).await;
        }
        setup(job, policy, &tree.path(), &sandbox).await?;
    }
    Ok((sandbox, home_kept))
}

/// The silence after which somebody is told is the shorter one of the definition and the policy.
fn bound_silence(job: &Job, definition: &Definition, policy: &Policy) {
    // The silence of a session elsewhere is the orchestrator's to judge, by its heartbeats.
    job.waits_elsewhere(is_external(&definition.kind));
    let stall_ms = definition.stall_timeout_ms.unwrap_or(u64::MAX);
    job.bound_silence(stall_ms.min(policy.limits.silence_alert.ms()));
}

/// What the base commit says.
struct Committed {
    policy: Policy,
    definitions: definition::Committed,
    instructions: Vec<Instruction>,
}

/// Reads all of it at once.
async fn committed(
    job: &Job,
    attempt: &Attempt,
    (hub, base): (&Hub, &CommitId),
) -> Result<Committed, Failure> {
    let definitions = definition::files(&attempt.agent);
    let definitions = definitions.iter().map(|(path, bytes_max)| (path.as_str(), *bytes_max));
    let wanted: Vec<(&str, usize)> =
        [policy::WANTED].into_iter().chain(definitions).chain(brief::INSTRUCTIONS).collect();
    let (read, neighbours) = hub.read_files_and_names(base, &wanted).await?;
    let read: [Option<Vec<u8>>; 5] =
        read.try_into().expect("BUG: there is an answer for each file");
    let [policy, claude, ours, agents_file, claude_file] = read;
    Ok(Committed {
        policy: policy::of_file(job, base, policy)?,
        definitions: definition::Committed { named: [claude, ours], neighbours },
        instructions: brief::instructions([agents_file, claude_file]),
    })
}

/// The commit that the branch grows from, in the hub. A base that was told once stays.
async fn base(job: &Job, attempt: &Attempt) -> Result<(Hub, CommitId), Failure> {
    let base = match (&attempt.base, &attempt.start) {
        (Some(base), _) => base,
        (None, Start::Resume(left)) => &left.base,
        (None, Start::Fresh) => return job.target().await,
    };
    let hub = Hub::of_commit(&job.spec.places.hub(&job.project().id), base).await?;
    if !hub.has_commit(base).await? {
        // A hub that was made anew has what the person's repository has.
        job.target().await?;
    }
    Ok((hub, base.clone()))
}

/// HOME and `/output`: as they were for a session that goes on, else empty.
/// Says whether HOME is the one that an earlier attempt left.
fn folders(job: &Job, start: &Start) -> Result<bool, Failure> {
    let places = &job.spec.places;
    let (home, output) = (places.home(&job.id().ticket), places.output(&job.id().ticket));
    let home_kept = *start != Start::Fresh && home.is_dir();
    if *start == Start::Fresh {
        durable::remove_tree(&home)?;
        durable::remove_tree(&output)?;
    }
    for folder in [&home, &output, &job.run.scratch(), &job.run.checks()] {
        durable::make_dir(folder)?;
    }
    // What an earlier attempt claimed is not this one's claim. The agent may have made a folder
    // of that name.
    let outcome = output.join(OUTCOME_FILE);
    if outcome.symlink_metadata().is_ok_and(|found| found.is_dir()) {
        durable::remove_tree(&outcome)?;
    }
    durable::remove_file(&outcome)?;
    Ok(home_kept)
}

/// Writes the work log's entry.
fn open_worklog(job: &Job, attempt: &Attempt, tree: &Checkout) -> Result<(), Failure> {
    let log = Worklog {
        version: 1,
        ticket: job.id().ticket.clone(),
        attempt: attempt.job.clone(),
        started_by: format!("ai:{}", attempt.agent),
        project_path: job.settings().repo.clone(),
        worktree_path: tree.path().display().to_string(),
        branch: tree.meta.branch.clone(),
        started: now(),
        ended: None,
        commit: None,
    };
    Ok(log.write(&job.run)?)
}

/// What the agent's programs may use: as the policy says of this agent, as its definition says,
/// or as the policy says of all.
fn bound(
    job: &Job,
    attempt: &Attempt,
    (policy, definition): (&Policy, &Definition),
    tree: &Checkout,
) {
    let told = policy.agents.definitions.get(&attempt.agent).map(|told| told.resources);
    let bounds = told.unwrap_or_default().or(definition.resources).or(policy.resources);
    let (places, ticket) = (&job.spec.places, &job.id().ticket);
    let folders = [tree.path(), places.home(ticket), places.output(ticket), job.run.scratch()];
    job.watch.set(bounds, folders.into());
}

/// What the agent may see and write.
fn sandbox(job: &Job, checkout: &Checkout) -> Result<Sandbox, Failure> {
    let tree = &checkout.path();
    let places = &job.spec.places;
    let (home, output) = (places.home(&job.id().ticket), places.output(&job.id().ticket));
    let sandbox = surroundings::sandbox(job);
    if sandbox.tier == Tier::L0 {
        return Ok(sandbox.home(home));
    }
    // The brief is written later, and what is to be shown must exist.
    durable::write_lazily(&job.run.brief(), b"")?;
    Ok(sandbox
        .read_only([surroundings::borrowed_objects(job), job.run.brief()])
        .read_only(&checkout.meta.shown)
        .writable(tree)
        .writable(&output)
        .writable(job.run.scratch())
        .bind(tree, "/workspace", true)
        .bind(&output, "/output", true)
        .home(home))
}

async fn setup(job: &Job, policy: &Policy, tree: &Path, sandbox: &Sandbox) -> Result<(), Failure> {
    if policy.setup.run.is_empty() {
        return Ok(());
    }
    job.step("setup");
    let home = job.spec.places.home(&job.id().ticket);
    let mut env = surroundings::environment();
    env.push(("HOME".to_owned(), home.display().to_string()));
    let bench = Bench {
        inside: tree.to_owned(),
        checkout: tree.to_owned(),
        home,
        spare: job.run.scratch(),
        log_dir: job.run.checks(),
        sandbox: sandbox.clone(),
        network: surroundings::commands_have_network(job),
        marker: job.run.marker().clone(),
        env,
        unset: BTreeSet::new(),
        redactor: job.vault.redactor(),
        secrets: BTreeMap::new(),
    };
    match run_setup(&policy.setup, &bench, |progress| note_progress(job, progress)).await {
        Some(check) if check.verdict != Verdict::Pass => {
            let lines = check.lines.iter().take(SETUP_LINES_MAX).cloned();
            let told: Vec<String> = std::iter::once(check.fact.clone()).chain(lines).collect();
            Err(Failure::Infra(Infra::SetupFailed(told.join("\n"))))
        }
        Some(_) | None => Ok(()),
    }
}

/// Progress of checks, as the journal tells it.
pub(crate) fn note_progress(job: &Job, progress: Progress) {
    match progress {
        Progress::Started { name, command: Some(command) } => {
            job.step(format!("{name}: {command}"));
        }
        Progress::Started { name, command: None } => job.step(name),
        Progress::Finished { name, verdict, fact } => {
            job.note(What::Checked { name, verdict, fact });
        }
    }
}

/// Goes on with the session where there is one that this agent can go on with.
fn session_start(job: &Job, attempt: &Attempt, resumable: bool) -> SessionStart {
    if let Start::Resume(Left { session: Some(session), agent, .. }) = &attempt.start
        && resumable
        && *agent == attempt.agent
    {
        return SessionStart::Resume { session: session.clone() };
    }
    SessionStart::Fresh { id: Some(session_id(job)) }
}

/// A UUID that is the same for the same run.
pub(super) fn session_id(job: &Job) -> String {
    let run = format!("{}@{}", job.run.marker(), job.spec.fence());
    let mut bytes: [u8; 16] = Sha256::digest(run.as_bytes())[..16]
        .try_into()
        .expect("BUG: a digest has more than 16 bytes");
    // Version 8, made by whoever makes it; variant of RFC 9562.
    bytes[6] = (bytes[6] & 0x0f) | 0x80;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let text = hex(&bytes);
    [&text[..8], &text[8..12], &text[12..16], &text[16..20], &text[20..]].join("-")
}

fn environment(
    job: &Job,
    attempt: &Attempt,
    tree: &Checkout,
    definition: &Definition,
) -> Result<Vec<(String, String)>, Failure> {
    let mut env = surroundings::environment();
    let passed = surroundings::passed(job);
    for name in &definition.env {
        if !job.spec.machine.pass.contains(name) {
            job.alert(format!(
                "the agent's definition asks for {name}, which this machine does not hand out \
                 (add it to pass under [env] in the machine's config.toml)"
            ));
        }
    }
    env.extend(passed);
    env.push((TRY_ENV.to_owned(), attempt.try_no.to_string()));
    env.push((KEY_ENV.to_owned(), job.id().ticket.key.to_string()));
    env.push(("TMPDIR".to_owned(), job.run.scratch().display().to_string()));
    if let Some(ports) = &tree.ports {
        env.push((PORT_BASE_ENV.to_owned(), ports.base.to_string()));
    }
    env.extend(drop::make(job, tree)?);
    Ok(env)
}

/// Minutes that are left until a moment.
pub(super) fn minutes_until(deadline: Timestamp) -> u64 {
    deadline.ms_since(now()) / 60_000
}
