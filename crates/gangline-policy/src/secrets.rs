//! Where secrets are, and who may name them: the machine's own business, because a repository that
//! could name `env://…` itself would be handed whatever its author asks for.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use gangline_domain::secret::SecretUse;
use serde::de::{self, Deserializer};
use serde::{Deserialize, Serialize};

use crate::command::CommandLine;
use crate::name::EnvName;

/// Uses of secrets that one agent or check may have.
const USES_MAX: usize = 32;

/// `[secrets.NAME]` of the machine's configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecretRef {
    /// Where it is.
    pub from: SecretSource,
    /// The repositories whose agents and checks may name it.
    #[serde(deserialize_with = "repositories")]
    pub repositories: BTreeSet<PathBuf>,
}

impl SecretRef {
    /// Whether a repository may have it. The path is the person's own, and says more than a name
    /// that the repository itself could have chosen.
    pub fn is_for(&self, repository: &Path) -> bool {
        is_for(&self.repositories, repository)
    }
}

/// Whether a repository is one of these.
pub(crate) fn is_for(repositories: &BTreeSet<PathBuf>, repository: &Path) -> bool {
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let wanted = real(repository);
    repositories.iter().any(|path| real(path) == wanted)
}

/// Where a secret is. Read on the host, each time that it is needed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub enum SecretSource {
    /// `env://NAME`: a variable of the daemon.
    Env(String),
    /// `file:///path`.
    File(PathBuf),
    /// `cmd://shell line`, or a list of words that no shell reads: what it prints.
    Command(Vec<String>),
}

/// As it is written.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged)]
enum Written {
    Text(String),
    Words(Vec<String>),
}

/// Why a text says of no place where a secret is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}\nwrite env://NAME, file:///path, cmd://shell line, or a list of words")]
pub struct BadSource(String);

impl FromStr for SecretSource {
    type Err = BadSource;

    fn from_str(text: &str) -> Result<Self, BadSource> {
        // Never repeated: somebody may have written the secret itself.
        let other = || BadSource("a secret's place begins with env://, file:// or cmd://".into());
        let (scheme, rest) = text.split_once("://").ok_or_else(other)?;
        match scheme {
            "env" => match rest.parse::<EnvName>() {
                Ok(name) => Ok(Self::Env(name.to_string())),
                Err(error) => Err(BadSource(error.to_string())),
            },
            "file" => {
                let path = PathBuf::from(rest);
                let fit = path.is_absolute() && !rest.chars().any(char::is_control);
                fit.then_some(Self::File(path))
                    .ok_or_else(|| BadSource("a secret's file has an absolute path".into()))
            }
            "cmd" => match CommandLine::shell(rest) {
                Ok(_) => Ok(Self::Command(vec!["sh".into(), "-c".into(), rest.to_owned()])),
                Err(error) => Err(BadSource(first_line(&error.to_string()))),
            },
            _other => Err(other()),
        }
    }
}

impl TryFrom<Written> for SecretSource {
    type Error = BadSource;

    fn try_from(written: Written) -> Result<Self, BadSource> {
        match written {
            Written::Text(text) => text.parse(),
            Written::Words(words) => match CommandLine::argv(words.clone()) {
                Ok(_) => Ok(Self::Command(words)),
                Err(error) => Err(BadSource(first_line(&error.to_string()))),
            },
        }
    }
}

impl From<SecretSource> for Written {
    fn from(source: SecretSource) -> Self {
        match source {
            SecretSource::Env(name) => Self::Text(format!("env://{name}")),
            SecretSource::File(path) => Self::Text(format!("file://{}", path.display())),
            SecretSource::Command(words) => Self::Words(words),
        }
    }
}

/// For people. Of a command no more than its program: its words may hold what is secret.
impl std::fmt::Display for SecretSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Env(name) => write!(f, "env://{name}"),
            Self::File(path) => write!(f, "file://{}", path.display()),
            Self::Command(words) => {
                write!(f, "the command {}", words.first().map_or("", String::as_str))
            }
        }
    }
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}

/// Paths of repositories on this machine; at least one, and absolute.
pub(crate) fn repositories<'de, D: Deserializer<'de>>(
    from: D,
) -> Result<BTreeSet<PathBuf>, D::Error> {
    let paths = BTreeSet::<PathBuf>::deserialize(from)?;
    if paths.is_empty() {
        let message = "no repository may have it\nlist absolute paths of repositories";
        return Err(de::Error::custom(message));
    }
    match paths.iter().find(|path| !path.is_absolute()) {
        None => Ok(paths),
        Some(path) => {
            let given = path.display().to_string();
            let given = given.escape_debug();
            let message = format!("`{given}` is not an absolute path\nbegin it with /");
            Err(de::Error::custom(message))
        }
    }
}

/// `secrets = ["VARIABLE=NAME", "NAME"]` of a check.
pub(crate) fn uses<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<SecretUse>, D::Error> {
    let texts = Vec::<String>::deserialize(from)?;
    if texts.len() > USES_MAX {
        return Err(de::Error::custom(format!("more than {USES_MAX} secrets")));
    }
    texts.iter().map(|text| text.parse().map_err(de::Error::custom)).collect()
}

#[cfg(test)]
mod tests;
