//! How confidential something is.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How confidential something is.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Public.
    C0,
    /// Internal: what is not marked otherwise.
    #[default]
    C1,
    /// Private: for the person in charge and who works beside.
    C2,
    /// Confidential: credentials and the like. In no package.
    C3,
}

impl Level {
    /// The level of that name, such as `c2`, in whatever case.
    pub fn named(name: &str) -> Option<Self> {
        match name.to_lowercase().as_str() {
            "c0" => Some(Self::C0),
            "c1" => Some(Self::C1),
            "c2" => Some(Self::C2),
            "c3" => Some(Self::C3),
            _other => None,
        }
    }

    /// The level of a ticket by its labels: the most confidential one that they name, as in `c0`.
    pub fn of_labels<'l>(labels: impl IntoIterator<Item = &'l str>) -> Self {
        labels.into_iter().filter_map(Self::named).max().unwrap_or_default()
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::C0 => "C0 (public)",
            Self::C1 => "C1 (internal)",
            Self::C2 => "C2 (private)",
            Self::C3 => "C3 (confidential)",
        })
    }
}
