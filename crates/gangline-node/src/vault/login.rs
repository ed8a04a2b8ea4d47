//! What `gangline login` keeps: for each agent kind a variable, and its value or where that is.
//! Files of Gangline's own; those of the agents' programs are neither read nor written.

use std::path::{Path, PathBuf};

use gangline_domain::ids::AgentKind;
use gangline_domain::secret::Secret;
use gangline_policy::SecretSource;
use serde::{Deserialize, Serialize};

use super::resolve::{Unresolved, resolve};
use super::subscription::{Subscription, SubscriptionError};
use crate::durable::{self, FileFault};

/// The version of [`Login`].
pub const LOGIN_VERSION: u32 = 2;

/// A kind's log-in, as its file has it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Login {
    /// [`LOGIN_VERSION`].
    pub version: u32,
    /// The variable that the kind's program reads it from.
    pub variable: String,
    /// What is kept.
    pub held: Held,
}

/// What a log-in keeps.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Held {
    /// The value itself.
    Value(String),
    /// Where it is.
    From(SecretSource),
    /// Tokens that the kind's own program asked for, in a folder of Gangline's own.
    Subscription,
}

impl std::fmt::Debug for Login {
    /// Shows where it is, but not what.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let place = match &self.held {
            Held::Value(_) => "kept here".to_owned(),
            Held::From(source) => source.to_string(),
            Held::Subscription => "a subscription".to_owned(),
        };
        f.debug_struct("Login")
            .field("variable", &self.variable)
            .field("held", &place)
            .finish_non_exhaustive()
    }
}

/// Why a log-in is of no use.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    /// Its file.
    #[error(transparent)]
    File(#[from] FileFault),
    /// It is of another program.
    #[error("the log-in of {kind} is of version {version}; this program knows {LOGIN_VERSION}")]
    Newer {
        /// The kind.
        kind: String,
        /// Its version.
        version: u32,
    },
    /// What it refers to.
    #[error("the log-in of {kind} cannot be read: {source}; type: gangline login {kind}")]
    Unresolved {
        /// The kind.
        kind: String,
        /// Why.
        #[source]
        source: Unresolved,
    },
    /// The tokens of a subscription.
    #[error(transparent)]
    Subscription(#[from] SubscriptionError),
}

/// The folder of all log-ins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Logins(PathBuf);

impl Logins {
    /// In this folder, which need not exist.
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        Self(folder.into())
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.0
    }

    fn file(&self, kind: &str) -> PathBuf {
        self.0.join(format!("{kind}.json"))
    }

    /// The tokens of a kind's subscription, whether or not it logs in by them.
    pub fn subscription(&self, kind: &str) -> Subscription {
        Subscription::at(self.0.join(format!("{kind}-home")))
    }

    /// A kind's log-in, if there is one.
    pub fn read(&self, kind: &str) -> Result<Option<Login>, LoginError> {
        let Some(login) = durable::read_json::<Login>(&self.file(kind))? else { return Ok(None) };
        if login.version > LOGIN_VERSION {
            return Err(LoginError::Newer { kind: kind.to_owned(), version: login.version });
        }
        Ok(Some(login))
    }

    /// Keeps a kind's log-in: mode 0600, in a folder of mode 0700.
    pub fn write(&self, kind: &AgentKind, login: &Login) -> Result<(), FileFault> {
        durable::make_dir(&self.0)?;
        durable::write_json(&self.file(kind.as_str()), login)
    }

    /// Forgets it. Says whether there was one.
    pub fn forget(&self, kind: &AgentKind) -> Result<bool, FileFault> {
        let file = self.file(kind.as_str());
        let there = file.exists();
        durable::remove_file(&file)?;
        self.subscription(kind.as_str()).forget()?;
        Ok(there)
    }

    /// All kinds that have one, in order.
    pub fn kinds(&self) -> Vec<String> {
        // No folder: nobody has logged in.
        let entries = std::fs::read_dir(&self.0).into_iter().flatten().flatten();
        let name = |entry: std::fs::DirEntry| {
            Some(entry.file_name().to_str()?.strip_suffix(".json")?.to_owned())
        };
        let mut kinds: Vec<String> = entries.filter_map(name).collect();
        kinds.sort();
        kinds
    }

    /// The variable and the value of a kind's log-in, if there is one.
    pub async fn of_kind(&self, kind: &str) -> Result<Option<(String, Secret)>, LoginError> {
        let Some(login) = self.read(kind)? else { return Ok(None) };
        let unresolved = |source| LoginError::Unresolved { kind: kind.to_owned(), source };
        let secret = match &login.held {
            Held::Value(value) => Secret::new(value.as_bytes())
                .map_err(|source| Unresolved::Unfit { place: "its file".to_owned(), source }),
            Held::From(source) => resolve(source).await,
            // As it is now: whoever calls with it has it renewed.
            Held::Subscription => {
                let access = self.subscription(kind).present()?;
                Secret::new(access.token.as_bytes())
                    .map_err(|source| Unresolved::Unfit { place: "its file".to_owned(), source })
            }
        };
        Ok(Some((login.variable, secret.map_err(unresolved)?)))
    }

    /// The values of all that can be read, by labels.
    pub(crate) async fn secrets(&self) -> Vec<(String, Secret)> {
        let mut found = vec![];
        for kind in self.kinds() {
            match self.of_kind(&kind).await {
                Ok(Some((variable, secret))) => found.push((variable, secret)),
                Ok(None) => {}
                // An attempt of that kind says so itself.
                Err(error) => tracing::debug!(%error, "a log-in"),
            }
        }
        found
    }

    /// Where those are that refer to another place.
    pub(crate) fn sources(&self) -> Vec<SecretSource> {
        let read = self.kinds().into_iter().filter_map(|kind| self.read(&kind).ok().flatten());
        let sources = read.filter_map(|login| match login.held {
            Held::From(source) => Some(source),
            Held::Value(_) | Held::Subscription => None,
        });
        sources.collect()
    }
}
