//! Which agent, and how it is set up: as the base commit says, so that no attempt can change it
//! for the next one.

use gangline_agents::definition::{
    DEFINITION_BYTES_MAX, Definition, Definitions, FOLDERS, Isolation, LoadError, Source,
    is_definition, read_project,
};
use gangline_agents::driver::AgentDriver;
use gangline_agents::limits::not_applied;
use gangline_agents::registry;
use gangline_domain::budget::Budget;
use gangline_domain::external::is_external;
use gangline_domain::ids::{AgentKind, AgentName, CommitId};
use gangline_domain::job::{Attempt, Infra};
use gangline_policy::Policy;
use gangline_process::Tier;

use crate::job::context::Job;
use crate::job::failure::Failure;
use crate::trees::Hub;

/// Definitions that are read of a commit.
const FILES_MAX: usize = 500;

/// What a commit has of definitions.
pub(super) struct Committed {
    /// What stands in the agent's own [`files`].
    pub(super) named: [Option<Vec<u8>>; 2],
    /// The paths of the other files in their folders, and of some that are elsewhere.
    pub(super) neighbours: Vec<String>,
}

/// The files in which the agent's definition stands when it is called like them.
pub(super) fn files(agent: &AgentName) -> [(String, usize); 2] {
    FOLDERS.map(|folder| (format!("{folder}/{agent}.md"), DEFINITION_BYTES_MAX))
}

/// The attempt's definition: as the base commit has it; or else as the person's own files have it;
/// or else as it is shipped.
pub(super) async fn of_attempt(
    job: &Job,
    agent: &AgentName,
    (hub, base): (&Hub, &CommitId),
    committed: Committed,
) -> Result<Definition, Failure> {
    let folders = sources(agent, (hub, base), committed).await?;
    let own = Definitions::own(&folders, agent.as_str()).map_err(|error| unusable(&error))?;
    let definition = match own {
        Some(definition) => definition,
        None => from_person(job, agent)?,
    };
    behind_wall(job, &definition)?;
    Ok(definition)
}

/// The same, with what the commit has of definitions read here.
pub(super) async fn at_base(
    job: &Job,
    agent: &AgentName,
    (hub, base): (&Hub, &CommitId),
) -> Result<Definition, Failure> {
    let wanted = files(agent);
    let wanted: Vec<(&str, usize)> =
        wanted.iter().map(|(path, bytes_max)| (path.as_str(), *bytes_max)).collect();
    let (read, neighbours) = hub.read_files_and_names(base, &wanted).await?;
    let named: [Option<Vec<u8>>; 2] =
        read.try_into().expect("BUG: there is an answer for each file");
    of_attempt(job, agent, (hub, base), Committed { named, neighbours }).await
}

/// Refuses an agent that wants a stronger wall than this machine's jobs have.
fn behind_wall(job: &Job, definition: &Definition) -> Result<(), Failure> {
    let wanted = match definition.isolation {
        None | Some(Isolation::Worktree) => Tier::L0,
        Some(Isolation::Landlock) => Tier::L1,
        Some(Isolation::Bubblewrap) => Tier::L2,
    };
    // A session elsewhere stands behind no wall of ours.
    let tier = match is_external(&definition.kind) {
        true => Tier::L0,
        false => job.spec.machine.tier,
    };
    if tier >= wanted {
        return Ok(());
    }
    let (name, kind) = (&definition.name, wanted);
    Err(Failure::Infra(Infra::SetupFailed(format!(
        "the definition of agent {name} wants sandbox tier {kind}, and its sessions have \
         {tier}: see gangline doctor, or change its isolation"
    ))))
}

/// What the attempt may spend: what was allotted, within its definition's own budget.
pub(super) fn allotment(attempt: &Attempt, definition: &Definition) -> Budget {
    attempt.allotment.tighter(definition.budget)
}

/// What the attempt, the policy and the machine say differently.
pub(super) fn adjust(
    job: &Job,
    (agent, kind): (&AgentName, &AgentKind),
    policy: &Policy,
    definition: &mut Definition,
) {
    if definition.kind != *kind {
        let (was, is) = (kind, &definition.kind);
        job.alert(format!("agent {agent} was of kind {was} when it was chosen, and is {is} now"));
        definition.kind = kind.clone();
    }
    if let Some(told) = policy.agents.definitions.get(agent) {
        definition.network = told.network.clone().or(&definition.network);
    }
    definition.network = definition.network.clone().or(&policy.network);
    if definition.program.is_none()
        && let Some(program) = job.spec.machine.programs.get(&definition.kind)
    {
        definition.program = Some(program.display().to_string());
    }
    if let Some(told) = not_applied(definition) {
        job.alert(told);
    }
}

/// All definition files of a commit, by folder. Those under other names are read, too: it is what
/// stands in a file that names its agent.
async fn sources(
    agent: &AgentName,
    (hub, base): (&Hub, &CommitId),
    Committed { named, neighbours }: Committed,
) -> Result<[Vec<Source>; 2], Failure> {
    let own = files(agent);
    let others: Vec<&str> = neighbours
        .iter()
        .map(String::as_str)
        .filter(|path| is_definition(path) && own.iter().all(|(own, _)| own != path))
        .take(FILES_MAX)
        .collect();
    let wanted: Vec<(&str, usize)> =
        others.iter().map(|path| (*path, DEFINITION_BYTES_MAX)).collect();
    let read = match wanted.is_empty() {
        true => vec![],
        false => hub.read_files(base, &wanted).await?,
    };
    let named = own.into_iter().map(|(path, _)| path).zip(named);
    let others = others.into_iter().map(str::to_owned).zip(read);
    let mut all: Vec<(String, Option<Vec<u8>>)> = named.chain(others).collect();
    all.sort();
    Ok(FOLDERS.map(|folder| {
        let inside =
            all.iter().filter(|(path, _)| path.rsplit_once('/').unwrap_or_default().0 == folder);
        let source = |(path, bytes): &(String, Option<Vec<u8>>)| {
            let text = String::from_utf8_lossy(bytes.as_ref()?).into_owned();
            Some(Source { file: path.clone(), text })
        };
        inside.filter_map(source).collect()
    }))
}

/// A definition that is not committed, from the person's own files, which no agent can write; or a
/// shipped one.
fn from_person(job: &Job, agent: &AgentName) -> Result<Definition, Failure> {
    let repo = std::path::Path::new(&job.settings().repo);
    let folders = read_project(repo).map_err(|error| unusable(&error))?;
    let own = Definitions::own(&folders, agent.as_str()).map_err(|error| unusable(&error))?;
    if let Some(definition) = own {
        job.step(format!("agent {agent} is not committed: the file as it is applies"));
        return Ok(definition);
    }
    let shipped = Definition::shipped().find(|shipped| shipped.name == *agent);
    shipped.ok_or_else(|| {
        let all = Definitions::load(&folders);
        let known = all.map(|all| all.names().collect::<Vec<_>>().join(", ")).unwrap_or_default();
        let what = format!("there is no agent {agent}; there are {known}");
        Failure::Infra(Infra::SetupFailed(what))
    })
}

fn unusable(error: &LoadError) -> Failure {
    Failure::Infra(Infra::SetupFailed(crate::durable::with_causes(error)))
}

/// The driver of a kind.
pub(super) fn driver(kind: &AgentKind) -> Result<&'static dyn AgentDriver, Failure> {
    registry::driver(kind.as_str())
        .map_err(|error| Failure::Infra(Infra::SetupFailed(error.to_string())))
}
