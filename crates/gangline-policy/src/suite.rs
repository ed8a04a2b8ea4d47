//! Which files are the project's tests, and what is asked of a change of them.

use gangline_domain::scope::Scope;
use serde::Deserialize;

use crate::amount::whole;
use crate::patterns::patterns;

/// Where tests stand in most projects, when a policy says nothing.
pub(crate) const TEST_PATHS_DEFAULT: [&str; 20] = [
    "tests/**",
    "test/**",
    "spec/**",
    "**/tests/**",
    "**/test/**",
    "**/__tests__/**",
    "**/__mocks__/**",
    "**/__snapshots__/**",
    "**/testdata/**",
    "**/src/test/**",
    "**/tests.rs",
    "**/test_*.py",
    "**/*_test.py",
    "**/conftest.py",
    "**/*_test.go",
    "**/*.test.*",
    "**/*.spec.*",
    "**/*Test.java",
    "**/*Tests.java",
    "**/*Test.kt",
];

/// `[tests]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Suite {
    /// Which files are tests, with all that belongs to them.
    #[serde(deserialize_with = "patterns")]
    pub paths: Scope,
    /// What becomes of a change that takes tests away: deletes or skips them, or changes them so
    /// that the base's versions do not pass, without the ticket's permission.
    pub weakened: Weakened,
    /// What is asked of new tests: that they fail without the change.
    pub new: NewTests,
    /// Whether a test is planted that must fail, to see that a failing test is noticed.
    pub canary: Canary,
    /// What becomes of a change of which less ran than a check's `coverage_min`.
    pub uncovered: Weakened,
    /// How often a test command that failed is run again, to tell a flaky test, 0 to 5.
    #[serde(deserialize_with = "whole::<_, _, 0, 5>")]
    pub reruns: u8,
}

/// See [`Suite::weakened`] and [`Suite::uncovered`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Weakened {
    /// It does not pass.
    #[default]
    Fail,
    /// A person looks at it before it lands.
    Review,
    /// It is told.
    Note,
}

/// See [`Suite::new`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NewTests {
    /// They are not looked at.
    Off,
    /// When all of them pass without the change as well, that is told.
    Note,
    /// When all of them pass without the change as well, or only tests changed and the ticket does
    /// not speak of any, a person looks at it.
    #[default]
    Review,
    /// A change without a test that fails without it does not pass.
    Require,
}

/// See [`Suite::canary`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Canary {
    /// When the change could have touched how tests are run, or when the suite is quick.
    #[default]
    Auto,
    /// For every commit.
    Always,
    /// Never.
    Never,
}

impl Suite {
    /// Whether the file is a test, or belongs to the tests.
    pub fn contains(&self, path: &str) -> bool {
        !self.paths.is_empty() && self.paths.contains(path)
    }
}

impl Default for Suite {
    fn default() -> Self {
        let paths = TEST_PATHS_DEFAULT.map(str::to_owned).to_vec();
        Self {
            paths: Scope::try_from(paths).expect("BUG: the default patterns are patterns"),
            weakened: Weakened::default(),
            new: NewTests::default(),
            canary: Canary::default(),
            uncovered: Weakened::default(),
            reruns: 2,
        }
    }
}
