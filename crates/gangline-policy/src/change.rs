//! What a change may be like, whatever it does.

use gangline_domain::scope::Scope;
use serde::Deserialize;

use crate::amount::whole;
use crate::patterns::patterns;

/// What tools write and nobody commits, when a policy says nothing: what stands there may be run
/// in place of what it was made from.
pub(crate) const BUILT_DEFAULT: [&str; 9] = [
    "**/node_modules/**",
    "**/__pycache__/**",
    "**/*.pyc",
    "**/*.pyo",
    "**/.pytest_cache/**",
    "**/.venv/**",
    "**/site-packages/**",
    "target/**",
    "**/*.egg-info/**",
];

/// `[change]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Change {
    /// Changed files beyond which a person looks at it, 1 to 100,000. Moved files do not count.
    #[serde(deserialize_with = "whole::<_, _, 1, 100_000>")]
    pub files: u32,
    /// Added and deleted lines beyond which a person looks at it, 1 to 10,000,000. Moved files do
    /// not count, nor do generated ones.
    #[serde(deserialize_with = "whole::<_, _, 1, 10_000_000>")]
    pub lines: u32,
    /// What tools write and nobody commits: a change of it needs a person.
    #[serde(deserialize_with = "patterns")]
    pub built: Scope,
    /// Files that are generated: not counted, and where a person does not read each line.
    #[serde(deserialize_with = "patterns")]
    pub generated: Scope,
    /// What new files must begin with.
    pub licence: Option<Licence>,
}

/// `[change.licence]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Licence {
    /// A text that stands in one of the first ten lines.
    pub header: String,
    /// In which files.
    #[serde(deserialize_with = "patterns")]
    pub paths: Scope,
}

impl Default for Change {
    fn default() -> Self {
        let built = BUILT_DEFAULT.map(str::to_owned).to_vec();
        Self {
            files: 300,
            lines: 10_000,
            built: Scope::try_from(built).expect("BUG: the default patterns are patterns"),
            generated: Scope::default(),
            licence: None,
        }
    }
}
