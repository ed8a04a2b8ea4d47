//! A pool of sub-agents in YAML, as other orchestrators keep it, turned into definitions.
//!
//! ```text
//! subagents:
//!   - id: backend-1
//!     specialization: backend
//!     max_concurrent_issues: 2
//!     capabilities: [python, fastapi, database]
//! ```

use std::collections::BTreeSet;

use gangline_domain::ids::AgentName;
use serde::Deserialize;

use super::{DEFAULT_KIND, Definition, Located, Source};
use crate::yaml;

/// Bytes that a pool may have.
const POOL_BYTES_MAX: usize = 256 * 1024;
/// Agents in one pool.
const AGENTS_MAX: usize = 200;
/// Attempts of one definition at once where nothing is said: a pool may say more, and is obeyed.
const AT_ONCE_USUAL: u32 = 2;
/// Attempts of one definition at once that a project's policy could set.
const AT_ONCE_MAX: u32 = 128;

/// What a pool was turned into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// A definition for each agent, in the pool's order, under the file's name within a folder of
    /// definitions.
    pub definitions: Vec<Source>,
    /// What a person should know: one line each.
    pub warnings: Vec<String>,
}

/// Why a pool is not imported; nothing of it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PoolError {
    /// Not YAML of the described shape.
    #[error(transparent)]
    File(#[from] Located),
    /// Larger than any pool that is meant.
    #[error("{file}: {bytes} bytes are more than {POOL_BYTES_MAX}")]
    TooLarge {
        /// The file.
        file: String,
        /// Its size.
        bytes: usize,
    },
    /// An agent of it cannot be a definition.
    #[error("{file}: agent {id}: {why}")]
    Agent {
        /// The file.
        file: String,
        /// As the pool calls it.
        id: String,
        /// What is wrong.
        why: String,
    },
    /// No agents, or too many.
    #[error("{file}: {count} agents; a pool has from 1 to {AGENTS_MAX}")]
    Count {
        /// The file.
        file: String,
        /// Agents given.
        count: usize,
    },
}

#[derive(Deserialize)]
struct Pool {
    subagents: Vec<Member>,
}

#[derive(Deserialize)]
struct Member {
    id: String,
    #[serde(default)]
    specialization: String,
    max_concurrent_issues: Option<u32>,
    #[serde(default)]
    capabilities: Vec<String>,
    kind: Option<String>,
    model: Option<String>,
    #[serde(flatten)]
    rest: std::collections::BTreeMap<String, serde_json::Value>,
}

/// Turns a pool into definitions. The file's name stands in errors and warnings.
pub fn import_pool(text: &str, file: &str) -> Result<Imported, PoolError> {
    if text.len() > POOL_BYTES_MAX {
        return Err(PoolError::TooLarge { file: file.to_owned(), bytes: text.len() });
    }
    let Pool { subagents } = yaml::read(text, file, 0)?;
    if subagents.is_empty() || subagents.len() > AGENTS_MAX {
        return Err(PoolError::Count { file: file.to_owned(), count: subagents.len() });
    }
    let mut imported = Imported { definitions: vec![], warnings: vec![] };
    let mut seen = BTreeSet::new();
    for member in subagents {
        let id = member.id.clone();
        let bad = |why: String| PoolError::Agent { file: file.to_owned(), id: id.clone(), why };
        if !seen.insert(id.clone()) {
            return Err(bad("it stands there twice".to_owned()));
        }
        let (source, warnings) = member.into_definition().map_err(bad)?;
        let place = |warning: String| format!("{file}: agent {id}: {warning}");
        imported.warnings.extend(warnings.into_iter().map(place));
        imported.definitions.push(source);
    }
    Ok(imported)
}

impl Member {
    fn into_definition(self) -> Result<(Source, Vec<String>), String> {
        let name: AgentName = self.id.parse().map_err(|error| format!("{error}"))?;
        let mut warnings = vec![];
        if let Some(wanted) = self.max_concurrent_issues {
            if wanted == 0 || wanted > AT_ONCE_MAX {
                return Err(format!("max_concurrent_issues is {wanted}, not 1 to {AT_ONCE_MAX}"));
            }
            if wanted > AT_ONCE_USUAL {
                warnings.push(format!(
                    "{wanted} at once are more than the usual {AT_ONCE_USUAL}: the pool's own \
                     number counts"
                ));
            }
        }
        let unknown: Vec<&str> = self.rest.keys().map(String::as_str).collect();
        if !unknown.is_empty() {
            warnings.push(format!("not known, and left out: {}", unknown.join(", ")));
        }
        let text = self.text(&name);
        let file = format!("{name}.md");
        // What was written must be what is read.
        Definition::parse(&text, &file).map_err(|error| error.to_string())?;
        Ok((Source { file, text }, warnings))
    }

    /// The definition's file. Values are JSON, which is YAML too, so that none can end its line.
    fn text(&self, name: &AgentName) -> String {
        use std::fmt::Write;
        let json = |value: &str| serde_json::Value::from(value).to_string();
        let about = match self.specialization.trim() {
            "" => "Works on tickets".to_owned(),
            field => format!("Works on tickets about {field}"),
        };
        let mut text = format!("---\nname: {name}\ndescription: {}\n", json(&about));
        let mut line = |key: &str, value: String| {
            writeln!(text, "{key}: {value}").expect("BUG: a String takes all text");
        };
        line("kind", json(self.kind.as_deref().unwrap_or(DEFAULT_KIND)));
        if let Some(model) = &self.model {
            line("model", json(model));
        }
        if let Some(at_once) = self.max_concurrent_issues {
            line("max_concurrent", at_once.to_string());
        }
        let mut capabilities: BTreeSet<&str> =
            self.capabilities.iter().map(String::as_str).collect();
        capabilities.extend(Some(self.specialization.trim()).filter(|field| !field.is_empty()));
        if !capabilities.is_empty() {
            line("capabilities", serde_json::json!(capabilities).to_string());
        }
        if !self.capabilities.is_empty() {
            line("skills", serde_json::json!(self.capabilities).to_string());
        }
        // Its work is a ticket worker's, whatever it is about.
        format!("{text}---\n{}\n", Definition::ticket_worker().body)
    }
}
