//! Path patterns, as they are written.

use gangline_domain::scope::Scope;
use serde::Deserialize;
use serde::de::{self, Deserializer};

/// Reads a list of path patterns.
pub(crate) fn patterns<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Scope, D::Error> {
    Scope::try_from(Vec::<String>::deserialize(deserializer)?).map_err(de::Error::custom)
}
