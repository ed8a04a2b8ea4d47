//! `[webhooks.NAME]` and `[intake.NAME]` of the machine's configuration: who is told of what
//! happens, and whose signed requests become tickets.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use gangline_domain::event::TYPES;
use gangline_domain::ids::ProjectId;
use gangline_domain::network::{BadHttpAddress, HttpAddress};
use serde::de::{Deserializer, Error};
use serde::{Deserialize, Serialize};

use crate::name::HookName;
use crate::secrets::SecretSource;

/// Webhooks, and intakes, that a machine may have.
const HOOKS_MAX: usize = 32;

/// `[webhooks.NAME]`: an address that is told of events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookRef {
    /// Where it is told.
    pub url: HookUrl,
    /// Where the secret is that its messages are signed with.
    pub secret: SecretSource,
    /// Only of these types of events; of all, when empty.
    pub events: BTreeSet<&'static str>,
    /// Only of these projects; of all, and of what concerns none, when empty.
    pub projects: BTreeSet<ProjectId>,
    /// Whether it may be on this machine or in its private networks.
    pub allow_private: bool,
}

/// `[intake.NAME]`: whose signed requests become tickets.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IntakeRef {
    /// The project that they become tickets of.
    pub project: ProjectId,
    /// Where the secret is that they are signed with.
    pub secret: SecretSource,
    /// Labels that each gets beside its own.
    #[serde(default)]
    pub labels: Vec<String>,
    /// Whether a person opens them.
    #[serde(default = "yes")]
    pub draft: bool,
}

/// Where a webhook is: `https://HOST[:PORT][/PATH][?QUERY]`, or `http://` in private networks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct HookUrl(pub HttpAddress);

/// Why a text is not where a webhook is. What stands in it is not repeated: it may be secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}\nwrite https://HOST/PATH, without a user and without a #")]
pub struct BadHookUrl(BadHttpAddress);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WebhookText {
    url: HookUrl,
    secret: SecretSource,
    #[serde(default)]
    events: BTreeSet<String>,
    #[serde(default)]
    projects: BTreeSet<ProjectId>,
    #[serde(default)]
    allow_private: bool,
}

/// `[webhooks]`.
pub(crate) fn webhooks<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<HookName, WebhookRef>, D::Error> {
    let written = BTreeMap::<HookName, WebhookText>::deserialize(deserializer)?;
    bounded(&written)?;
    let read = written.into_iter().map(|(name, text)| {
        if !text.url.0.tls && !text.allow_private {
            let message = format!(
                "`webhooks.{name}.url` is plain http\nwrite https, or for a private network add allow_private = true"
            );
            return Err(D::Error::custom(message));
        }
        let events = text.events.iter().map(|event| known(event));
        let webhook = WebhookRef {
            url: text.url,
            secret: text.secret,
            events: events.collect::<Result<_, _>>().map_err(D::Error::custom)?,
            projects: text.projects,
            allow_private: text.allow_private,
        };
        Ok((name, webhook))
    });
    read.collect()
}

/// `[intake]`.
pub(crate) fn intakes<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<HookName, IntakeRef>, D::Error> {
    let read = BTreeMap::<HookName, IntakeRef>::deserialize(deserializer)?;
    bounded(&read)?;
    Ok(read)
}

fn bounded<T, E: Error>(hooks: &BTreeMap<HookName, T>) -> Result<(), E> {
    match hooks.len() > HOOKS_MAX {
        true => Err(E::custom(format!("more than {HOOKS_MAX} of them\nleave some out"))),
        false => Ok(()),
    }
}

fn known(event: &str) -> Result<&'static str, String> {
    let found = TYPES.iter().find(|known| **known == event).copied();
    found.ok_or_else(|| {
        let given: String = event.chars().take(40).collect();
        let given = given.escape_debug();
        format!("`{given}` is no type of event\ndocs/http.md lists them, such as \"landed\"")
    })
}

fn yes() -> bool {
    true
}

impl FromStr for HookUrl {
    type Err = BadHookUrl;

    fn from_str(text: &str) -> Result<Self, BadHookUrl> {
        text.parse().map(Self).map_err(BadHookUrl)
    }
}

impl TryFrom<String> for HookUrl {
    type Error = BadHookUrl;

    fn try_from(text: String) -> Result<Self, BadHookUrl> {
        text.parse()
    }
}

impl From<HookUrl> for String {
    fn from(url: HookUrl) -> Self {
        url.to_string()
    }
}

impl fmt::Display for HookUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests;
