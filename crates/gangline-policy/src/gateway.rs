//! The gateway that adds API keys outside of the sandbox, and how often a key may be used.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::amount::whole;

/// Whose models a key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Provider {
    /// Anthropic, or who speaks its protocol.
    Anthropic,
    /// OpenAI, or who speaks its protocols.
    Openai,
    /// Google's Gemini.
    Google,
}

impl Provider {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Anthropic, Self::Openai, Self::Google];

    /// As it is written.
    pub fn word(self) -> &'static str {
        match self {
            Self::Anthropic => "anthropic",
            Self::Openai => "openai",
            Self::Google => "google",
        }
    }
}

/// `[gateway]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Gateway {
    /// Whether API keys are added outside, so that agents behind a proxy hold a dummy.
    pub enabled: bool,
    /// `[gateway.limits.PROVIDER]`: how often each key of a provider may be used, by all agents
    /// together.
    pub limits: BTreeMap<Provider, CallLimits>,
}

impl Default for Gateway {
    fn default() -> Self {
        Self { enabled: true, limits: BTreeMap::new() }
    }
}

/// How often one key may be used. What is more waits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CallLimits {
    /// Calls at once, 1 to 256.
    #[serde(deserialize_with = "at_once", skip_serializing_if = "Option::is_none")]
    pub at_once: Option<u32>,
    /// Calls that begin within a minute, 1 to 100,000.
    #[serde(deserialize_with = "per_minute", skip_serializing_if = "Option::is_none")]
    pub per_minute: Option<u32>,
}

fn at_once<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<u32>, D::Error> {
    whole::<_, _, 1, 256>(from).map(Some)
}

fn per_minute<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<u32>, D::Error> {
    whole::<_, _, 1, 100_000>(from).map(Some)
}
