//! The agent definitions of a repository, as its files and its policy have them now.

use std::path::{Path, PathBuf};

use gangline_agents::brief::Instruction;
use gangline_agents::definition::{
    Definition, Definitions, FOLDERS, LoadError, Source, import_pool, read_project,
};
use gangline_agents::limits::not_applied;
use gangline_policy::{POLICY_FILE, Policy};
use gangline_process::{Links, read_plain_text};

use super::policy::read_small;
use crate::exit::Exit;
use crate::failure::Failure;

/// Where definitions are put that Gangline writes.
const OWN_FOLDER: &str = ".gangline/agents";
/// Where Claude Code looks for its sub-agents.
const CLAUDE_FOLDER: &str = FOLDERS[0];
/// Files with a project's own instructions.
const INSTRUCTIONS: [&str; 2] = ["AGENTS.md", "CLAUDE.md"];
/// The largest pool of agents that is imported, in bytes.
const POOL_BYTES_MAX: usize = 1024 * 1024;

/// A definition, for people.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub(crate) struct AgentRow {
    /// Its name.
    pub(crate) name: String,
    /// When to use it.
    pub(crate) description: String,
    /// How it is driven.
    pub(crate) kind: String,
    /// The model, where one is named.
    pub(crate) model: Option<String>,
    /// The tools that it is limited to.
    pub(crate) tools: Option<Vec<String>>,
    /// Attempts at once.
    pub(crate) max_concurrent: u32,
    /// What tickets choose it by.
    pub(crate) capabilities: Vec<String>,
    /// The file it stands in, from the repository's root; absent for those that ship.
    pub(crate) file: Option<String>,
    /// Tickets that name none get it.
    pub(crate) default: bool,
}

/// What the import of a pool comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PoolImport {
    /// Files to be written.
    pub(crate) new: Vec<(PathBuf, String)>,
    /// Files that are there already and would be changed.
    pub(crate) different: Vec<PathBuf>,
    /// Files that are there already, as they would be written.
    pub(crate) same: Vec<PathBuf>,
    /// What a person should know.
    pub(crate) warnings: Vec<String>,
}

/// What Claude Code knows of a sub-agent, which it is told of by `.claude/agents`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SubAgent {
    /// It is defined there.
    There,
    /// It is not: a file from the repository's root, and what would define it.
    Missing(PathBuf, String),
}

/// All definitions, by name, and what was noticed on the way.
pub(crate) fn agents(root: &Path) -> Result<(Vec<AgentRow>, Vec<String>), Failure> {
    let definitions = load(root)?;
    let policy = policy(root)?;
    let row = |definition: &Definition| {
        let name = definition.name.as_str();
        let told = policy.agents.definitions.get(&definition.name);
        let at_once = told.and_then(|told| told.max_concurrent).or(definition.max_concurrent);
        AgentRow {
            name: name.to_owned(),
            description: definition.description.clone(),
            kind: definition.kind.to_string(),
            model: told.and_then(|told| told.model.clone()).or_else(|| definition.model.clone()),
            tools: definition.tools.clone(),
            max_concurrent: at_once.unwrap_or(policy.limits.per_definition),
            capabilities: definition.capabilities.iter().cloned().collect(),
            file: definitions.file_of(name).map(str::to_owned),
            default: definition.name == policy.agents.default,
        }
    };
    let warnings = definitions.warnings.iter().map(ToString::to_string);
    let warnings = warnings.chain(definitions.iter().filter_map(not_applied)).collect();
    Ok((definitions.iter().map(row).collect(), warnings))
}

/// Which limits of this agent's definition its kind does not apply, if there are any. Definitions
/// that cannot be read are told of elsewhere.
pub(crate) fn limits_not_applied(root: &Path, agent: &str) -> Option<String> {
    load(root).ok()?.get(agent).and_then(not_applied)
}

/// What packages tell of a project: the skills of an agent, and the project's instructions.
pub(crate) fn told_to_agents(
    root: &Path,
    agent: &str,
) -> Result<(Vec<String>, Vec<Instruction>), Failure> {
    let definitions = load(root)?;
    let skills = definitions.get(agent).map(|found| found.skills.clone()).unwrap_or_default();
    let instructions = INSTRUCTIONS.iter().filter_map(|file| {
        let text = read_small(&root.join(file))?;
        Some(Instruction { file: (*file).to_owned(), text })
    });
    Ok((skills, instructions.collect()))
}

/// What the import of a pool would write. Writes nothing.
pub(crate) fn read_pool(root: &Path, file: &Path) -> Result<PoolImport, Failure> {
    let shown = file.display().to_string();
    let failed = |why: &dyn std::fmt::Display| {
        Failure::new(Exit::Failed, format!("the pool cannot be imported: {why}"))
            .code("bad_request")
            .next("mend the file: a list `subagents:` of id, specialization, capabilities")
    };
    let text = read_plain_text(file, POOL_BYTES_MAX, Links::Followed)
        .map_err(|error| failed(&format!("{shown}: {error}")))?;
    let imported = import_pool(&text, &shown).map_err(|error| failed(&error))?;
    let mut import =
        PoolImport { new: vec![], different: vec![], same: vec![], warnings: imported.warnings };
    for Source { file, text } in imported.definitions {
        let path = root.join(OWN_FOLDER).join(&file);
        match std::fs::read_to_string(&path) {
            Ok(there) if there == text => import.same.push(path),
            Ok(_) => import.different.push(path),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                import.new.push((path, text));
            }
            Err(error) => return Err(failed(&format!("{}: {error}", path.display()))),
        }
    }
    Ok(import)
}

/// The sub-agent of Claude Code that is called like this definition. Writes nothing.
pub(crate) fn sub_agent(root: &Path, name: &str) -> Result<SubAgent, Failure> {
    let folders = read_project(root).map_err(|error| unread(&error))?;
    let definitions = Definitions::load(&folders).map_err(|error| unread(&error))?;
    let Some(definition) = definitions.get(name) else {
        let message = format!("there is no agent definition `{name}`");
        let failure = Failure::new(Exit::NotFound, message).code("unknown_agent");
        return Err(failure.next("gangline agents list"));
    };
    let known = Definitions::own(folders.get(..1).unwrap_or_default(), name);
    if known.map_err(|error| unread(&error))?.is_some() {
        return Ok(SubAgent::There);
    }
    let path = Path::new(CLAUDE_FOLDER).join(format!("{name}.md"));
    if root.join(&path).exists() {
        let message = format!("{} defines an agent of another name", path.display());
        let failure = Failure::new(Exit::Conflict, message).code("bad_policy");
        return Err(failure.next("rename one of them, then again"));
    }
    let shipped = Definition::shipped_text(name).filter(|_| definitions.file_of(name).is_none());
    let text = shipped.map_or_else(|| told_of(definition), str::to_owned);
    Ok(SubAgent::Missing(path, text))
}

/// What an agent of this definition is told about itself.
pub(crate) fn instructions(root: &Path, name: &str) -> Result<String, Failure> {
    let definitions = load(root)?;
    let Some(definition) = definitions.get(name) else {
        let message = format!("there is no agent definition `{name}`");
        let failure = Failure::new(Exit::NotFound, message).code("unknown_agent");
        return Err(failure.next("gangline agents list"));
    };
    Ok(definition.body.trim().to_owned())
}

/// What Claude Code needs of a definition that stays where it is, and counts.
fn told_of(definition: &Definition) -> String {
    let description = match definition.description.as_str() {
        "" => "Does one ticket.",
        description => description,
    };
    // A string of JSON is one of YAML.
    let description = serde_json::Value::from(description);
    let (name, body) = (&definition.name, definition.body.trim());
    format!("---\nname: {name}\ndescription: {description}\n---\n{body}\n")
}

fn load(root: &Path) -> Result<Definitions, Failure> {
    let loaded = read_project(root).and_then(|folders| Definitions::load(&folders));
    loaded.map_err(|error| unread(&error))
}

fn unread(error: &LoadError) -> Failure {
    Failure::because(Exit::Failed, error)
        .code("bad_policy")
        .next("mend the definitions in .gangline/agents and .claude/agents")
}

/// As the file is now; a project without one has the defaults.
fn policy(root: &Path) -> Result<Policy, Failure> {
    let text = read_small(&root.join(POLICY_FILE)).unwrap_or_default();
    Policy::parse(&text, POLICY_FILE).map_err(|error| {
        let failure = Failure::new(Exit::Failed, error.to_string());
        failure.code("bad_policy").next("mend gangline.toml")
    })
}
