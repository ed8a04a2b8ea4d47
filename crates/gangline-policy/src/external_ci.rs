//! Checks that a forge's own machines carry out.

use gangline_domain::ids::ForgeName;
use serde::Deserialize;
use serde::de::{self, Deserializer};

use crate::name::RepositoryName;
use crate::period::Period;

/// Names of runs that may be awaited.
const RUNS_MAX: usize = 100;
/// Characters of such a name.
const RUN_CHARS_MAX: usize = 200;

/// `[external_ci]`: the commit is pushed to a forge, and what that says of it is awaited.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExternalCi {
    /// Which of the machine's forges. Where that is, and what logs in there, is the machine's own.
    pub forge: ForgeName,
    /// The repository there, such as `ann/shop`.
    pub repository: RepositoryName,
    /// The runs that are awaited, by their names; at least one. All runs of a name count.
    #[serde(deserialize_with = "runs")]
    pub runs: Vec<String>,
    /// The ends that count as passed.
    #[serde(default = "accept_default", deserialize_with = "accept")]
    pub accept: Vec<Accepted>,
    /// Whether a commit that does not pass it can land.
    #[serde(default = "required_default")]
    pub required: bool,
    /// How long the runs may take; no longer than `limits.verification`.
    #[serde(default = "timeout_default")]
    pub timeout: Period,
    /// Between two looks at them, 1 second to 10 minutes.
    #[serde(default = "poll_default", deserialize_with = "poll")]
    pub poll: Period,
}

/// How a run may end that has passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Accepted {
    /// Well.
    Success,
    /// Neither well nor ill.
    Neutral,
    /// It was not carried out.
    Skipped,
}

fn accept_default() -> Vec<Accepted> {
    vec![Accepted::Success]
}

fn required_default() -> bool {
    true
}

fn timeout_default() -> Period {
    Period::seconds(30 * 60)
}

fn poll_default() -> Period {
    Period::seconds(15)
}

fn runs<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    let mut names = Vec::<String>::deserialize(from)?;
    if names.is_empty() || names.len() > RUNS_MAX {
        let message =
            format!("{} runs are named\nname 1 to {RUNS_MAX}, such as [\"build\"]", names.len());
        return Err(de::Error::custom(message));
    }
    let fit = |name: &&String| {
        !name.trim().is_empty()
            && name.chars().count() <= RUN_CHARS_MAX
            && !name.chars().any(char::is_control)
    };
    if let Some(name) = names.iter().find(|name| !fit(name)) {
        return Err(de::Error::custom(format!("`{}` is not a run's name", name.escape_debug())));
    }
    names.sort();
    names.dedup();
    Ok(names)
}

fn accept<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Accepted>, D::Error> {
    let accepted = Vec::<Accepted>::deserialize(from)?;
    if accepted.contains(&Accepted::Success) {
        return Ok(accepted);
    }
    Err(de::Error::custom("nothing could pass\nadd \"success\""))
}

fn poll<'de, D: Deserializer<'de>>(from: D) -> Result<Period, D::Error> {
    let period = Period::deserialize(from)?;
    if period <= Period::seconds(600) {
        return Ok(period);
    }
    Err(de::Error::custom(format!("`{period}` is out of range\nit is 1s to 10m")))
}

#[cfg(test)]
mod tests;
