//! Paths that no agent's change reaches the target with, unless a person says so.

use gangline_domain::scope::Scope;
use serde::Deserialize;
use serde::de::{self, Deserializer};

use crate::policy::POLICY_FILE;

/// What is protected when a policy says nothing: the rules, what runs on other machines on every
/// push, what starts agents, and what silently changes how tests are run.
pub(crate) const PROTECTED_DEFAULT: [&str; 9] = [
    POLICY_FILE,
    ".gangline/**",
    ".claude/**",
    ".github/**",
    ".gitlab-ci.yml",
    ".gitmodules",
    ".cargo/config",
    ".cargo/config.toml",
    ".npmrc",
];

/// `[protected]`. The policy itself always is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Protected {
    paths: Scope,
}

impl Protected {
    /// Whether a change of `path` needs a person: it is protected itself, or it stands where a
    /// protected folder would, as a link to another one does.
    pub fn covers(&self, path: &str) -> bool {
        let within = format!("{path}/");
        self.paths.contains(path)
            || self.paths.contains(&format!("{within}x"))
            || self.patterns().iter().any(|pattern| pattern.starts_with(&within))
    }

    /// The patterns; never empty.
    pub fn patterns(&self) -> &[String] {
        self.paths.patterns()
    }

    fn new(mut patterns: Vec<String>) -> Result<Self, gangline_domain::scope::BadScope> {
        // An empty scope would mean every path; and a policy that an agent may change is none.
        if !patterns.iter().any(|pattern| pattern == POLICY_FILE) {
            patterns.insert(0, POLICY_FILE.to_owned());
        }
        Ok(Self { paths: Scope::try_from(patterns)? })
    }
}

impl Default for Protected {
    fn default() -> Self {
        Self::new(PROTECTED_DEFAULT.map(str::to_owned).to_vec())
            .expect("BUG: the default patterns are patterns")
    }
}

impl<'de> Deserialize<'de> for Protected {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct File {
            #[serde(default, deserialize_with = "patterns")]
            paths: Option<Protected>,
        }
        Ok(File::deserialize(deserializer)?.paths.unwrap_or_default())
    }
}

fn patterns<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Protected>, D::Error> {
    let patterns = Vec::<String>::deserialize(deserializer)?;
    Protected::new(patterns).map(Some).map_err(de::Error::custom)
}
