//! Test runners whose output can be read.

use serde::Deserialize;
use serde::de::{self, Deserializer, SeqAccess, Visitor};

/// A test runner, as `runner` names it in a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Runner {
    /// `cargo test`: Rust's own harness.
    Cargo,
    /// `cargo nextest run`.
    Nextest,
    /// `pytest`.
    Pytest,
    /// Python's `unittest`, also as Django runs it.
    Unittest,
    /// `jest`.
    Jest,
    /// `vitest`.
    Vitest,
    /// `mocha`.
    Mocha,
    /// `node --test`.
    Node,
    /// The Test Anything Protocol, and `prove`.
    Tap,
    /// `go test`, also with `-v` and `-json`.
    Go,
    /// Maven's surefire.
    Maven,
    /// Gradle.
    Gradle,
}

impl Runner {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Cargo,
        Self::Nextest,
        Self::Pytest,
        Self::Unittest,
        Self::Jest,
        Self::Vitest,
        Self::Mocha,
        Self::Node,
        Self::Tap,
        Self::Go,
        Self::Maven,
        Self::Gradle,
    ];
}

/// One runner, or a list of them that is not empty.
pub(crate) fn runners<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Runner>, D::Error> {
    struct OneOrSeveral;
    impl<'de> Visitor<'de> for OneOrSeveral {
        type Value = Vec<Runner>;
        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("a runner's name or a list of them")
        }
        fn visit_str<E: de::Error>(self, name: &str) -> Result<Vec<Runner>, E> {
            Runner::deserialize(de::value::StrDeserializer::new(name)).map(|one| vec![one])
        }
        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<Runner>, A::Error> {
            let mut runners = Vec::new();
            while let Some(runner) = seq.next_element()? {
                if !runners.contains(&runner) {
                    runners.push(runner);
                }
            }
            if runners.is_empty() {
                return Err(de::Error::custom(
                    "no runner is named\nwrite it like \"pytest\", or leave it out",
                ));
            }
            Ok(runners)
        }
    }
    deserializer.deserialize_any(OneOrSeveral)
}

/// One pattern of paths, or a list of them that is not empty.
pub(crate) fn results<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "expected a path or a list of paths")]
    enum OneOrSeveral {
        One(String),
        Several(Vec<String>),
    }
    let patterns = match OneOrSeveral::deserialize(deserializer)? {
        OneOrSeveral::One(pattern) => vec![pattern],
        OneOrSeveral::Several(patterns) => patterns,
    };
    if patterns.is_empty() {
        let what = "no path is named\nwrite it like \"reports/*.xml\", or leave it out";
        return Err(de::Error::custom(what));
    }
    gangline_domain::scope::Scope::try_from(patterns).map(Vec::from).map_err(de::Error::custom)
}
