//! Which agent, and how it is set up: as the base commit says, so that no attempt can change it
//! for the next one.

use gangline_agents::definition::{
    Definition, Definitions, FOLDERS, Isolation, LoadError, Source, read_project,
};
use gangline_agents::driver::AgentDriver;
use gangline_agents::limits::not_applied;
use gangline_agents::registry;
use gangline_domain::budget::Budget;
use gangline_domain::ids::{AgentKind, AgentName, CommitId};
use gangline_domain::job::{Attempt, Infra};
use gangline_policy::Policy;
use gangline_process::Tier;

use crate::job::context::Job;
use crate::job::failure::Failure;
use crate::trees::Hub;

/// Bytes of one of them.
const BYTES_MAX: usize = 256 * 1024;

/// The files in which the agent's definition stands when it is called like them.
pub(super) fn files(agent: &AgentName) -> [(String, usize); 2] {
    FOLDERS.map(|folder| (format!("{folder}/{agent}.md"), BYTES_MAX))
}

/// The attempt's definition, given what stands in its [`files`].
pub(super) async fn of_attempt(
    job: &Job,
    attempt: &Attempt,
    (hub, base): (&Hub, &CommitId),
    named: [Option<Vec<u8>>; 2],
) -> Result<Definition, Failure> {
    let definition = match committed(&attempt.agent, (hub, base), named).await? {
        Some(definition) => definition,
        None => from_person(job, attempt)?,
    };
    behind_wall(job, &definition)?;
    Ok(definition)
}

/// Refuses an agent that wants a stronger wall than this machine's jobs have.
fn behind_wall(job: &Job, definition: &Definition) -> Result<(), Failure> {
    let wanted = match definition.isolation {
        None | Some(Isolation::Worktree) => Tier::L0,
        Some(Isolation::Landlock) => Tier::L1,
        Some(Isolation::Bubblewrap) => Tier::L2,
    };
    let tier = job.spec.machine.tier;
    if tier >= wanted {
        return Ok(());
    }
    let (name, kind) = (&definition.name, wanted);
    Err(Failure::Infra(Infra::SetupFailed(format!(
        "the definition of agent {name} wants sandbox tier {kind}, and jobs of this machine have \
         {tier}: see gangline doctor, or change its isolation"
    ))))
}

/// What the attempt may spend: what was allotted, within its definition's own budget.
pub(super) fn allotment(attempt: &Attempt, definition: &Definition) -> Budget {
    attempt.allotment.tighter(definition.budget)
}

/// What the attempt, the policy and the machine say differently.
pub(super) fn adjust(job: &Job, attempt: &Attempt, policy: &Policy, definition: &mut Definition) {
    if definition.kind != attempt.kind {
        let (agent, was, is) = (&attempt.agent, &attempt.kind, &definition.kind);
        job.alert(format!("agent {agent} was of kind {was} when it was chosen, and is {is} now"));
        definition.kind = attempt.kind.clone();
    }
    if let Some(told) = policy.agents.definitions.get(&attempt.agent) {
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

/// The agent's definition as a commit has it: under its own name, or else under any other, which
/// takes a look at all files.
async fn committed(
    agent: &AgentName,
    (hub, base): (&Hub, &CommitId),
    named: [Option<Vec<u8>>; 2],
) -> Result<Option<Definition>, Failure> {
    let mut folders = vec![];
    for ((file, _), bytes) in files(agent).into_iter().zip(named) {
        let text = bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        folders.push(text.map(|text| Source { file, text }).into_iter().collect());
    }
    let named = Definitions::load(&folders).map_err(|error| unusable(&error))?;
    if let Some(definition) = named.get(agent.as_str()) {
        return Ok(Some(definition.clone()));
    }
    let mut folders = vec![];
    for folder in FOLDERS {
        let files = hub.markdown_files(base, folder).await?;
        folders.push(files.into_iter().map(|(file, text)| Source { file, text }).collect());
    }
    let all = Definitions::load(&folders).map_err(|error| unusable(&error))?;
    Ok(all.get(agent.as_str()).cloned())
}

/// A definition that is not committed, from the person's own files, which no agent can write.
fn from_person(job: &Job, attempt: &Attempt) -> Result<Definition, Failure> {
    let repo = std::path::Path::new(&job.settings().repo);
    let own = read_project(repo).and_then(|folders| Definitions::load(&folders));
    let own = own.map_err(|error| unusable(&error))?;
    match own.get(attempt.agent.as_str()) {
        Some(definition) => {
            job.step(format!(
                "agent {} is not committed: the file as it is applies",
                attempt.agent
            ));
            Ok(definition.clone())
        }
        None => Err(Failure::Infra(Infra::SetupFailed(format!(
            "there is no agent {}; there are {}",
            attempt.agent,
            own.names().collect::<Vec<_>>().join(", ")
        )))),
    }
}

fn unusable(error: &LoadError) -> Failure {
    Failure::Infra(Infra::SetupFailed(crate::durable::with_causes(error)))
}

/// The driver of a kind.
pub(super) fn driver(kind: &AgentKind) -> Result<&'static dyn AgentDriver, Failure> {
    registry::driver(kind.as_str())
        .map_err(|error| Failure::Infra(Infra::SetupFailed(error.to_string())))
}
