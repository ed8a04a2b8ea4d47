//! Environment tokens by which the processes of a job, or of one spawn, are found.

use std::ffi::OsStr;
use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Serialize};

/// The variable that holds a job's marker.
pub const MARKER_VARIABLE: &str = "GANGLINE_JOB";

/// The variable that tells the spawns of one job apart. Set only beside [`MARKER_VARIABLE`].
pub const RUN_VARIABLE: &str = "GANGLINE_RUN";

const LENGTH_MAX: usize = 128;

/// Names one job in the environment of everything that it starts.
///
/// 1 to 128 characters of `[A-Za-z0-9._-]`, unique for as long as its processes may live.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct JobMarker(String);

/// Why a text is no marker.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MarkerError {
    /// The text has no characters, or more than 128.
    #[error("a job marker has 1 to {LENGTH_MAX} characters, not {length}")]
    Length {
        /// Bytes that the text has.
        length: usize,
    },
    /// A character that could be read as something else in an environment block.
    #[error("a job marker cannot contain {character:?}")]
    Character {
        /// The first such character.
        character: char,
    },
}

impl JobMarker {
    /// Validates `text`.
    pub fn new(text: impl Into<String>) -> Result<Self, MarkerError> {
        let text = text.into();
        if text.is_empty() || text.len() > LENGTH_MAX {
            return Err(MarkerError::Length { length: text.len() });
        }
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        match text.chars().find(|c| !allowed(*c)) {
            Some(character) => Err(MarkerError::Character { character }),
            None => Ok(Self(text)),
        }
    }

    /// The marker that this process itself runs under, if any.
    ///
    /// What a marked process spawns without a marker of its own carries this one on.
    pub fn inherited() -> Option<Self> {
        let value = std::env::var(MARKER_VARIABLE).ok()?;
        Self::new(value).ok()
    }

    /// The marker as it stands in the environment.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for JobMarker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for JobMarker {
    type Err = MarkerError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::new(text)
    }
}

impl TryFrom<String> for JobMarker {
    type Error = MarkerError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::new(text)
    }
}

impl From<JobMarker> for String {
    fn from(marker: JobMarker) -> Self {
        marker.0
    }
}

impl AsRef<OsStr> for JobMarker {
    fn as_ref(&self) -> &OsStr {
        OsStr::new(&self.0)
    }
}

/// One `KEY=VALUE` entry of an environment block.
#[derive(Debug, Clone)]
pub(crate) struct Token {
    entry: String,
}

impl Token {
    pub(crate) fn of_job(marker: &JobMarker) -> Self {
        Self { entry: format!("{MARKER_VARIABLE}={marker}") }
    }

    pub(crate) fn of_run(run: &str) -> Self {
        Self { entry: format!("{RUN_VARIABLE}={run}") }
    }

    /// Whether an environment block (entries ending in NUL) has this entry.
    pub(crate) fn is_in(&self, block: &[u8]) -> bool {
        block.split(|byte| *byte == 0).any(|entry| entry == self.entry.as_bytes())
    }
}

/// A name for one spawn that no other spawn of this machine has at the same time.
///
/// The job's marker alone would not do: ending one command of a job must spare its others.
pub(crate) fn next_run() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let n = NEXT.fetch_add(1, Ordering::Relaxed);
    let pid = std::process::id();
    let started = crate::sys::start_ticks(pid).unwrap_or_default();
    format!("{pid}.{started}.{n}")
}
