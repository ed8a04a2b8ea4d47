//! The commands that a commit must pass.

use std::collections::BTreeMap;
use std::ops::Range;

use gangline_domain::failure::FailureClass;
use gangline_domain::secret::SecretUse;
use serde::Deserialize;
use toml::Spanned;

use crate::amount::whole;
use crate::command::CommandLine;
use crate::name::{CheckName, EnvName};
use crate::period::Period;
use crate::runner::Runner;

/// Tests that must at least have run in a check of kind `test` that says nothing itself.
pub const TESTS_MIN_DEFAULT: u32 = 1;

/// `[checks.NAME]`: one command, and what it takes to pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckPolicy {
    /// Its name in reports.
    pub name: CheckName,
    /// What is run.
    pub run: CommandLine,
    /// How long it may take.
    pub timeout: Period,
    /// Whether a commit that does not pass it can land.
    pub required: bool,
    /// What it measures.
    pub kind: CheckKind,
    /// Tests that must have run; only in a check of kind [`CheckKind::Test`]. 0 accepts a suite
    /// that prints no counts which Gangline can read, never one that counted none.
    pub tests_min: Option<u32>,
    /// Whose summaries count; only in a check of kind [`CheckKind::Test`]. Empty where the command
    /// tells.
    pub runners: Vec<Runner>,
    /// Patterns of paths in the checkout where the command writes its results as JUnit XML; only
    /// in a check of kind [`CheckKind::Test`].
    pub results: Vec<String>,
    /// Patterns of paths in the checkout where the command writes which lines ran.
    pub coverage: Vec<String>,
    /// How much of the new code must have run, in percent; told only where absent.
    pub coverage_min: Option<u8>,
    /// Whether it may use the network.
    pub network: bool,
    /// Whether it begins where the check before it ended, with what that built, instead of where
    /// setup ended. Whoever decides what that one runs then decides what this one finds.
    pub continues: bool,
    /// Added to its environment.
    pub env: BTreeMap<EnvName, String>,
    /// Secrets that it is given.
    pub secrets: Vec<SecretUse>,
}

/// What a check measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CheckKind {
    /// Tests: they are counted.
    Test,
    /// Types, or that it compiles.
    Typecheck,
    /// Style and suspicious code.
    Lint,
    /// That it can be built.
    Build,
    /// Anything else: its exit code decides.
    Custom,
}

impl CheckKind {
    /// The kind that a check of this name most likely has: by its last word that says so, as in
    /// `test-lint`.
    pub fn of_name(name: &str) -> Self {
        let kinds = [
            (FailureClass::Test, Self::Test),
            (FailureClass::Type, Self::Typecheck),
            (FailureClass::Lint, Self::Lint),
            (FailureClass::Compile, Self::Build),
        ];
        let class = FailureClass::of_command(name);
        kinds.iter().find(|(of, _)| *of == class).map_or(Self::Custom, |(_, kind)| *kind)
    }

    /// As it is written in a policy.
    pub fn word(self) -> &'static str {
        match self {
            Self::Test => "test",
            Self::Typecheck => "typecheck",
            Self::Lint => "lint",
            Self::Build => "build",
            Self::Custom => "custom",
        }
    }
}

/// [`CheckPolicy`] as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CheckFile {
    run: CommandLine,
    #[serde(default = "timeout_default")]
    timeout: Period,
    #[serde(default = "required_default")]
    required: bool,
    kind: Option<CheckKind>,
    #[serde(default)]
    tests_min: Option<Spanned<TestsMin>>,
    #[serde(default)]
    runner: Option<Spanned<Runners>>,
    #[serde(default)]
    results: Option<Spanned<Results>>,
    #[serde(default)]
    coverage: Option<Results>,
    #[serde(default)]
    coverage_min: Option<Spanned<Percent>>,
    #[serde(default)]
    network: bool,
    #[serde(default)]
    continues: bool,
    #[serde(default)]
    env: BTreeMap<EnvName, String>,
    #[serde(default, deserialize_with = "crate::secrets::uses")]
    secrets: Vec<SecretUse>,
}

#[derive(Debug, Deserialize)]
#[serde(transparent)]
struct TestsMin(#[serde(deserialize_with = "whole::<_, _, 0, 1_000_000>")] u32);

#[derive(Debug, Deserialize)]
#[serde(transparent)]
struct Runners(#[serde(deserialize_with = "crate::runner::runners")] Vec<Runner>);

#[derive(Debug, Deserialize)]
#[serde(transparent)]
struct Results(#[serde(deserialize_with = "crate::runner::results")] Vec<String>);

#[derive(Debug, Deserialize)]
#[serde(transparent)]
struct Percent(#[serde(deserialize_with = "whole::<_, _, 1, 100>")] u8);

/// A key that means nothing in this check, and where in the file it stands.
pub(crate) struct Misplaced {
    pub(crate) key: &'static str,
    pub(crate) why: &'static str,
    pub(crate) help: &'static str,
    pub(crate) place: Range<usize>,
}

fn timeout_default() -> Period {
    Period::seconds(600)
}

fn required_default() -> bool {
    true
}

impl CheckFile {
    /// The check, or which of its keys means nothing in it.
    pub(crate) fn named(self, name: CheckName) -> Result<CheckPolicy, Misplaced> {
        let kind = self.kind.unwrap_or_else(|| CheckKind::of_name(name.as_str()));
        let is_test = kind == CheckKind::Test;
        if !is_test && let Some(misplaced) = self.for_tests() {
            return Err(misplaced);
        }
        if let (Some(min), None) = (&self.coverage_min, &self.coverage) {
            let why = "measures nothing, because no file is named";
            let help = "add coverage = \"lcov.info\", or leave it out";
            return Err(Misplaced { key: "coverage_min", why, help, place: min.span() });
        }
        let tests_min = self.tests_min.map_or(TESTS_MIN_DEFAULT, |min| min.into_inner().0);
        Ok(CheckPolicy {
            name,
            run: self.run,
            timeout: self.timeout,
            required: self.required,
            kind,
            tests_min: is_test.then_some(tests_min),
            runners: self.runner.map(|runners| runners.into_inner().0).unwrap_or_default(),
            results: self.results.map(|results| results.into_inner().0).unwrap_or_default(),
            coverage: self.coverage.map(|coverage| coverage.0).unwrap_or_default(),
            coverage_min: self.coverage_min.map(|min| min.into_inner().0),
            network: self.network,
            continues: self.continues,
            env: self.env,
            secrets: self.secrets,
        })
    }

    /// The first key that counts tests.
    fn for_tests(&self) -> Option<Misplaced> {
        let (why, help) =
            ("counts tests, and this is none", "add kind = \"test\", or leave it out");
        let misplaced = |key, place| Misplaced { key, why, help, place };
        let tests_min = self.tests_min.as_ref().map(|min| misplaced("tests_min", min.span()));
        let runner = self.runner.as_ref().map(|runner| misplaced("runner", runner.span()));
        let results = self.results.as_ref().map(|results| misplaced("results", results.span()));
        tests_min.or(runner).or(results)
    }
}

#[cfg(test)]
mod tests;
