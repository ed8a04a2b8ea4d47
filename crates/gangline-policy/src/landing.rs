//! What becomes of verified work.

use serde::Deserialize;
use serde::de::{self, Deserializer};

/// `[landing]`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Landing {
    /// Where it goes.
    pub mode: LandingMode,
    /// How it is written into the target's history.
    pub style: LandingStyle,
    /// Whether a person approves it first.
    pub review: Review,
}

/// Where verified work goes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LandingMode {
    /// `local`: onto the local target branch.
    #[default]
    Local,
    /// `branch`: its branch is left in the repository.
    Branch,
}

/// How work is written into the target's history.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LandingStyle {
    /// A merge commit; the agent's commits are kept.
    #[default]
    Merge,
    /// One commit with the whole change.
    Squash,
}

/// Whether a person approves each landing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Review {
    /// Verified work goes on by itself.
    #[default]
    None,
    /// A person approves.
    Required,
}

impl<'de> Deserialize<'de> for LandingMode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = String::deserialize(deserializer)?;
        match word.as_str() {
            "local" => Ok(Self::Local),
            "branch" => Ok(Self::Branch),
            "pull-request" => Err(de::Error::custom(
                "`pull-request` is not built yet\nmodes that work are \"local\" and \"branch\"",
            )),
            unknown => Err(de::Error::unknown_variant(unknown, &["local", "branch"])),
        }
    }
}
