//! Secrets of a job: where they are found, which of them it has, and how what it writes is kept
//! free of them.
//!
//! ```text
//!   config.toml ─references─▶ spec ─▶ resolve (env, file, command) ─▶ held ─▶ redactor ─▶ journal,
//!   log-ins, [env] pass ──────────────────────────────────────────────▲       outcome, brief, logs
//! ```
//!
//! Values live in this process and in the programs that were given them, and nowhere else. Which
//! names a ticket's attempts were ever given is kept, so that later jobs know what to look for.

mod given;
mod login;
mod resolve;
mod subscription;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use gangline_domain::ids::{ProjectId, SecretName};
use gangline_domain::secret::{Redactor, Secret};
use gangline_policy::{MachineConfig, SecretRef, SecretSource};

pub use login::{Held, LOGIN_VERSION, Login, LoginError, Logins};
pub use resolve::Unresolved;
pub(crate) use resolve::{resolve, variables};
pub use subscription::{Access, Subscription, SubscriptionError};

use crate::durable::FileFault;
use crate::places::Places;

/// What the name of a variable holds that holds a secret.
const KEY_WORDS: [&str; 6] = ["KEY", "TOKEN", "SECRET", "PASSWORD", "PASSWD", "CREDENTIAL"];

pub(crate) use given::{of_project as given_in, of_ticket as given_to, remember as remember_given};

/// Why something that names a secret is not given it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Lacking {
    /// The machine's configuration has no such secret for this repository.
    #[error(
        "the secret {name} is not for this repository: add [secrets.{name}] to config.toml in \
         $XDG_CONFIG_HOME/gangline, with from = \"env://…\" (or file://, cmd://) and repositories = \
         [{repository:?}], then type: gangline down && gangline up --detach"
    )]
    NotForIt {
        /// Its name.
        name: SecretName,
        /// The repository.
        repository: String,
    },
    /// It could not be read.
    #[error("the secret {name} cannot be read: {source}")]
    Unresolved {
        /// Its name.
        name: SecretName,
        /// Why.
        #[source]
        source: Unresolved,
    },
}

/// What a job knows of secrets. Of one thread.
pub(crate) struct Vault {
    references: BTreeMap<SecretName, SecretRef>,
    /// By the words of their labels.
    held: RefCell<BTreeMap<String, Secret>>,
    redactor: RefCell<Redactor>,
}

impl Vault {
    /// One that knows the keys in this process's environment.
    pub(crate) fn new(references: BTreeMap<SecretName, SecretRef>, pass: &[String]) -> Self {
        let vault = Self {
            references,
            held: RefCell::new(BTreeMap::new()),
            redactor: RefCell::new(Redactor::default()),
        };
        vault.know(keys(pass.iter().map(String::as_str)));
        vault
    }

    /// What takes all of them out of a text.
    pub(crate) fn redactor(&self) -> Redactor {
        self.redactor.borrow().clone()
    }

    /// Keeps these out of all that is written from now on.
    pub(crate) fn know(&self, secrets: impl IntoIterator<Item = (String, Secret)>) {
        let mut held = self.held.borrow_mut();
        held.extend(secrets);
        let all = held.iter().map(|(name, secret)| (name.as_str(), secret));
        *self.redactor.borrow_mut() = Redactor::new(all);
    }

    /// The values of these names, which are known from now on.
    pub(crate) async fn take(
        &self,
        names: &BTreeSet<SecretName>,
        repository: &str,
    ) -> Result<BTreeMap<SecretName, Secret>, Lacking> {
        let mut taken = BTreeMap::new();
        for name in names {
            let missing =
                || Lacking::NotForIt { name: name.clone(), repository: repository.to_owned() };
            let reference = self.references.get(name).ok_or_else(missing)?;
            let secret = resolve(&reference.from).await;
            let unread = |source| Lacking::Unresolved { name: name.clone(), source };
            taken.insert(name.clone(), secret.map_err(unread)?);
        }
        let labelled = taken.iter().map(|(name, secret)| (name.to_string(), secret.clone()));
        self.know(labelled.collect::<Vec<_>>());
        Ok(taken)
    }
}

/// Those of these variables of this process that hold secrets.
fn keys<'n>(names: impl Iterator<Item = &'n str>) -> impl Iterator<Item = (String, Secret)> {
    names.filter(|name| is_key(name)).filter_map(|name| {
        let value = std::env::var(name).ok()?;
        Some((name.to_owned(), Secret::new(value).ok()?))
    })
}

/// Whether a variable of this name holds a secret.
pub(crate) fn is_key(variable: &str) -> bool {
    let upper = variable.to_uppercase();
    KEY_WORDS.iter().any(|word| upper.contains(word))
}

/// Whether what is referred to can be read now. The value is dropped.
pub async fn readable(source: &SecretSource) -> Result<(), Unresolved> {
    resolve(source).await.map(drop)
}

/// What is referred to, for the program itself and none of its jobs.
pub async fn read_secret(source: &SecretSource) -> Result<Secret, Unresolved> {
    resolve(source).await
}

/// The references that agents and checks of a repository may name.
pub(crate) fn references_for(
    secrets: &BTreeMap<SecretName, SecretRef>,
    repository: &Path,
) -> BTreeMap<SecretName, SecretRef> {
    let own = secrets.iter().filter(|(_, reference)| reference.is_for(repository));
    own.map(|(name, reference)| (name.clone(), reference.clone())).collect()
}

/// For what is shown of a project outside of its jobs, such as a diff: the keys of this process's
/// environment, those of the log-ins, and all that attempts of the project were given, as far as
/// they can be read now.
pub async fn redactor_of_project(
    machine: &MachineConfig,
    logins: &Logins,
    (places, project): (&Places, &ProjectId),
    repository: &Path,
) -> Result<Redactor, FileFault> {
    let references = references_for(&machine.secrets, repository);
    let mut held: BTreeMap<String, Secret> =
        keys(machine.pass.0.iter().map(gangline_policy::EnvName::as_str)).collect();
    for name in given_in(places, project)? {
        let Some(reference) = references.get(&name) else { continue };
        match resolve(&reference.from).await {
            Ok(secret) => drop(held.insert(name.to_string(), secret)),
            Err(error) => {
                tracing::warn!(%name, %error, "what is shown cannot be kept free of a secret");
            }
        }
    }
    held.extend(logins.secrets().await);
    Ok(Redactor::new(held.iter().map(|(name, secret)| (name.as_str(), secret))))
}

#[cfg(test)]
mod tests;
