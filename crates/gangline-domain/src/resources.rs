//! What the programs of one job may use of a machine, as people write it.

use std::fmt;
use std::num::{NonZeroU32, NonZeroU64};
use std::str::FromStr;

use serde::de::{self, Deserializer, Visitor};
use serde::{Deserialize, Serialize};

/// Bounds of all programs of one job together, each absent where nothing is said.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Resources {
    /// Memory that they have for themselves.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<ByteSize>,
    /// Processes and threads that live at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub processes: Option<NonZeroU32>,
    /// Files that one process may have open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open_files: Option<NonZeroU64>,
    /// Seconds of processor time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_seconds: Option<NonZeroU64>,
    /// What the worktree, HOME, output and scratch take on the disk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disk: Option<ByteSize>,
}

impl Resources {
    /// The same, with `other`'s bounds where this says nothing.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            memory: self.memory.or(other.memory),
            processes: self.processes.or(other.processes),
            open_files: self.open_files.or(other.open_files),
            cpu_seconds: self.cpu_seconds.or(other.cpu_seconds),
            disk: self.disk.or(other.disk),
        }
    }
}

/// A number of bytes, written such as `512MiB`, `8GiB` or `20GB`; at least 1 MiB.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ByteSize(u64);

/// Why a text is no [`ByteSize`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is not a size: {why}\nwrite a number and a unit, such as 512MiB or 8GiB", .given.escape_debug())]
pub struct BadByteSize {
    given: String,
    why: &'static str,
}

const MIB: u64 = 1024 * 1024;

/// Units, the longest first.
const UNITS: [(&str, u64); 9] = [
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("TiB", 1 << 40),
    ("kB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("TB", 1_000_000_000_000),
    ("B", 1),
];

impl ByteSize {
    /// So many mebibytes, at least one.
    pub const fn mib(n: u32) -> Self {
        // A widening that `From` cannot do in a constant.
        Self(if n == 0 { MIB } else { n as u64 * MIB })
    }

    /// So many bytes, but no less than the smallest size.
    pub fn at_least(bytes: u64) -> Self {
        Self(bytes.max(MIB))
    }

    /// In bytes.
    pub fn bytes(self) -> u64 {
        self.0
    }
}

impl FromStr for ByteSize {
    type Err = BadByteSize;

    fn from_str(text: &str) -> Result<Self, BadByteSize> {
        let refuse = |why| BadByteSize { given: text.chars().take(40).collect(), why };
        let text = text.trim();
        let unit = UNITS.iter().find_map(|(unit, bytes)| Some((text.strip_suffix(unit)?, bytes)));
        let Some((number, unit)) = unit else { return Err(refuse("it has no unit")) };
        let number: u64 = number
            .trim_end()
            .replace('_', "")
            .parse()
            .map_err(|_| refuse("what stands before the unit is not a whole number"))?;
        let bytes = number.checked_mul(*unit).ok_or_else(|| refuse("it is too large"))?;
        if bytes < MIB { Err(refuse("it is less than 1MiB")) } else { Ok(Self(bytes)) }
    }
}

impl fmt::Display for ByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = |unit: u64| self.0.is_multiple_of(unit);
        match self.0 {
            bytes if whole(1 << 30) => write!(f, "{}GiB", bytes >> 30),
            bytes if whole(MIB) => write!(f, "{}MiB", bytes >> 20),
            bytes if whole(1_000_000) => write!(f, "{}MB", bytes / 1_000_000),
            bytes => write!(f, "{bytes}B"),
        }
    }
}

impl Serialize for ByteSize {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ByteSize {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = ByteSize;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a size in quotes, such as \"8GiB\"")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<ByteSize, E> {
                text.parse().map_err(E::custom)
            }
        }
        from.deserialize_str(Text)
    }
}

#[cfg(test)]
mod tests;
