//! `gangline.toml`: what a project's people committed about how work on it is judged.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::ops::Range;

use gangline_domain::ids::{BranchName, ProjectId, ScheduleName};
use gangline_domain::network::Network;
use gangline_domain::resources::Resources;
use serde::Deserialize;
use serde::de::IgnoredAny;
use sha2::{Digest, Sha256};
use toml::Spanned;

use crate::agents::AgentsPolicy;
use crate::change::Change;
use crate::check::{CheckFile, CheckPolicy, Misplaced};
use crate::error::{PolicyError, Problem};
use crate::external_ci::ExternalCi;
use crate::landing::Landing;
use crate::limits::{Budgets, BudgetsFile, Limits};
use crate::name::{CheckName, KeyPrefix};
use crate::permissions::Permissions;
use crate::protected::Protected;
use crate::retry::Retry;
use crate::reviewer::ReviewerPolicy;
use crate::schedule::{SCHEDULES_MAX, SchedulePolicy};
use crate::setup::Setup;
use crate::source::Source;
use crate::suite::Suite;
use crate::worktree::Worktree;

/// The policy's name at the root of a repository.
pub const POLICY_FILE: &str = "gangline.toml";
/// The version of the policy's keys that is read here.
pub const POLICY_VERSION: u32 = 1;
/// Bytes that a policy may have.
pub const POLICY_BYTES_MAX: usize = 256 * 1024;

/// A whole policy, with defaults for what its text does not say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// SHA-256 of the text, in hexadecimal.
    pub sha256: String,
    /// `[project]`.
    pub project: ProjectPolicy,
    /// `[landing]`.
    pub landing: Landing,
    /// `[checks.NAME]`, in the order in which they stand in the file. At least one is required,
    /// or `checks_waived` says why none is.
    pub checks: Vec<CheckPolicy>,
    /// Why a person let no command be required.
    pub checks_waived: Option<String>,
    /// `[setup]`.
    pub setup: Setup,
    /// `[worktree]`.
    pub worktree: Worktree,
    /// `[agents]`.
    pub agents: AgentsPolicy,
    /// `[limits]`.
    pub limits: Limits,
    /// `[network]`: what holds for all agents beside what is said of each.
    pub network: Network,
    /// `[resources]`: what the programs of one job may use, be it an attempt or checks.
    pub resources: Resources,
    /// `[budgets]`.
    pub budgets: Budgets,
    /// `[protected]`.
    pub protected: Protected,
    /// `[tests]`.
    pub tests: Suite,
    /// `[change]`.
    pub change: Change,
    /// `[reviewer]`.
    pub reviewer: ReviewerPolicy,
    /// `[permissions]`.
    pub permissions: Permissions,
    /// `[external_ci]`; without it nothing is pushed anywhere.
    pub external_ci: Option<ExternalCi>,
    /// `[retry]`.
    pub retry: Retry,
    /// `[schedules.NAME]`, at most [`SCHEDULES_MAX`].
    pub schedules: BTreeMap<ScheduleName, SchedulePolicy>,
}

/// `[project]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ProjectPolicy {
    /// The project's name; the repository's directory gives one when absent.
    pub name: Option<ProjectId>,
    /// What ticket keys begin with.
    pub key: KeyPrefix,
    /// The branch that verified work reaches.
    pub target: BranchName,
}

impl Default for ProjectPolicy {
    fn default() -> Self {
        let parsed = "BUG: a default is valid";
        Self {
            name: None,
            key: "APP".parse().expect(parsed),
            target: "main".parse().expect(parsed),
        }
    }
}

/// [`Policy`] as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PolicyText {
    #[serde(default, rename = "version")]
    _version: Option<u32>,
    #[serde(default)]
    project: ProjectPolicy,
    #[serde(default)]
    landing: Landing,
    #[serde(default)]
    checks: BTreeMap<CheckName, CheckFile>,
    #[serde(default)]
    checks_waived: Option<Spanned<String>>,
    #[serde(default)]
    setup: Setup,
    #[serde(default)]
    worktree: Worktree,
    #[serde(default)]
    agents: AgentsPolicy,
    #[serde(default)]
    limits: Limits,
    #[serde(default)]
    network: Network,
    #[serde(default)]
    resources: Resources,
    #[serde(default)]
    budgets: BudgetsFile,
    #[serde(default)]
    protected: Protected,
    #[serde(default)]
    tests: Suite,
    #[serde(default)]
    change: Change,
    #[serde(default)]
    reviewer: ReviewerPolicy,
    #[serde(default)]
    permissions: Permissions,
    #[serde(default)]
    external_ci: Option<ExternalCi>,
    #[serde(default)]
    retry: Retry,
    #[serde(default)]
    schedules: BTreeMap<ScheduleName, SchedulePolicy>,
}

impl Policy {
    /// Reads a policy. `file` is what errors call it by.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong, with its place: no TOML, an unknown key, a wrong type, a
    /// bad value, a newer version, or nothing that would be verified.
    pub fn parse(text: &str, file: &str) -> Result<Self, PolicyError> {
        let source = Source { text, file };
        source.bounded(POLICY_BYTES_MAX)?;
        read_version(&source)?;
        let written: PolicyText = source.read()?;
        let mut checks = read_checks(&source, written.checks)?;
        let waived = read_waiver(&source, written.checks_waived, &checks)?;
        if waived.is_none() && !checks.iter().any(|(_, check)| check.required) {
            return Err(nothing_required(&source, checks.pop().map(|(span, _)| span)));
        }
        Ok(Self {
            sha256: Self::sha256_of(text),
            project: written.project,
            landing: written.landing,
            checks: checks.into_iter().map(|(_, check)| check).collect(),
            checks_waived: waived,
            setup: written.setup,
            worktree: written.worktree,
            agents: written.agents,
            limits: written.limits,
            network: written.network,
            resources: written.resources,
            budgets: written.budgets.into(),
            protected: written.protected,
            tests: written.tests,
            change: written.change,
            reviewer: written.reviewer,
            permissions: written.permissions,
            external_ci: written.external_ci,
            retry: written.retry,
            schedules: bounded(&source, written.schedules)?,
        })
    }

    /// SHA-256 of a policy's text, in hexadecimal.
    pub fn sha256_of(text: &str) -> String {
        let mut hex = String::with_capacity(64);
        for byte in Sha256::digest(text.as_bytes()) {
            write!(hex, "{byte:02x}").expect("BUG: a String takes all text");
        }
        hex
    }
}

/// Read apart and first, so that a newer file is called newer, and not full of unknown keys.
fn read_version(source: &Source<'_>) -> Result<(), PolicyError> {
    #[derive(Deserialize)]
    struct Version {
        version: Option<Spanned<u32>>,
    }
    let Some(version) = source.read::<Version>()?.version else { return Ok(()) };
    let given = *version.get_ref();
    if given == POLICY_VERSION {
        return Ok(());
    }
    let what = format!("version {given} is not known here");
    let help = if given > POLICY_VERSION {
        format!("this gangline reads version {POLICY_VERSION}: install a newer one")
    } else {
        format!("write version = {POLICY_VERSION}")
    };
    let problem = Problem::Value { key: "version".to_owned(), what };
    Err(source.error(Some(version.span()), problem, Some(help)))
}

/// In the order of the text: what a person writes first is run first.
fn read_checks(
    source: &Source<'_>,
    written: BTreeMap<CheckName, CheckFile>,
) -> Result<Vec<(Range<usize>, CheckPolicy)>, PolicyError> {
    let places = read_places(source)?;
    let mut checks = Vec::new();
    for (name, check) in written {
        let at = places.get(name.as_str()).cloned().unwrap_or_default();
        let table = format!("checks.{name}");
        let check = check.named(name).map_err(|Misplaced { key, why, help, place }| {
            let what = Problem::Contradiction(format!("`{table}.{key}` {why}"));
            source.error(Some(place), what, Some(help.to_owned()))
        })?;
        checks.push((at, check));
    }
    checks.sort_by_key(|(at, _)| at.start);
    Ok(checks)
}

/// Where the checks' names stand. Read apart, because an error within a check whose name is read
/// with its place would not tell that name.
fn read_places(source: &Source<'_>) -> Result<BTreeMap<String, Range<usize>>, PolicyError> {
    #[expect(clippy::zero_sized_map_values, reason = "a set is not read from a table")]
    #[derive(Deserialize)]
    struct Names {
        #[serde(default)]
        checks: BTreeMap<Spanned<String>, IgnoredAny>,
    }
    let names = source.read::<Names>()?.checks.into_keys();
    Ok(names.map(|name| (name.get_ref().clone(), name.span())).collect())
}

fn read_waiver(
    source: &Source<'_>,
    written: Option<Spanned<String>>,
    checks: &[(Range<usize>, CheckPolicy)],
) -> Result<Option<String>, PolicyError> {
    let Some(reason) = written else { return Ok(None) };
    if reason.get_ref().trim().is_empty() {
        let what = "a waiver needs its reason".to_owned();
        let problem = Problem::Value { key: "checks_waived".to_owned(), what };
        return Err(source.error(Some(reason.span()), problem, None));
    }
    if let Some((_, check)) = checks.iter().find(|(_, check)| check.required) {
        let what = format!("checks are waived, and yet `checks.{}` is required", check.name);
        let help = Some("remove `checks_waived`, or write required = false there".to_owned());
        return Err(source.error(Some(reason.span()), Problem::Contradiction(what), help));
    }
    Ok(Some(reason.into_inner().trim().to_owned()))
}

fn bounded(
    source: &Source<'_>,
    schedules: BTreeMap<ScheduleName, SchedulePolicy>,
) -> Result<BTreeMap<ScheduleName, SchedulePolicy>, PolicyError> {
    if schedules.len() <= SCHEDULES_MAX {
        return Ok(schedules);
    }
    let what = format!("{} schedules are more than {SCHEDULES_MAX}", schedules.len());
    Err(source.error(None, Problem::Value { key: "schedules".to_owned(), what }, None))
}

fn nothing_required(source: &Source<'_>, last_check: Option<Range<usize>>) -> PolicyError {
    let help = match last_check {
        Some(_) => {
            "remove required = false from a check, or say why none is needed: \
                    checks_waived = \"reason\" at the top"
        }
        None => {
            "add one, such as [checks.test] with run = \"cargo test\", or say why none is \
                 needed: checks_waived = \"reason\" at the top"
        }
    };
    source.error(last_check, Problem::NothingRequired, Some(help.to_owned()))
}

#[cfg(test)]
mod tests;
