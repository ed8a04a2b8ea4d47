//! What changed between two trees, from git's NUL-separated output.

use super::read::Spaces;
use serde::{Deserialize, Serialize};

use crate::git::{GitFailure, not_understood};

/// What happened to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeStatus {
    /// It is new.
    Added,
    /// Its content or its mode changed.
    Modified,
    /// It is gone.
    Deleted,
    /// It became another thing: a link, a file, a submodule.
    TypeChanged,
}

impl ChangeStatus {
    /// Git's letter: `A`, `M`, `D` or `T`.
    pub fn letter(self) -> char {
        match self {
            Self::Added => 'A',
            Self::Modified => 'M',
            Self::Deleted => 'D',
            Self::TypeChanged => 'T',
        }
    }

    fn from_letter(letter: u8) -> Option<Self> {
        match letter {
            b'A' => Some(Self::Added),
            b'M' => Some(Self::Modified),
            b'D' => Some(Self::Deleted),
            b'T' => Some(Self::TypeChanged),
            _ => None,
        }
    }
}

/// A file that differs between two commits. A rename is a deletion and an addition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangedFile {
    /// From the repository's top, `/` between parts. What is no UTF-8 became U+FFFD.
    pub path: String,
    /// What happened to it.
    pub status: ChangeStatus,
    /// Lines added; `None` when it is not text.
    pub added: Option<u64>,
    /// Lines deleted; `None` when it is not text.
    pub deleted: Option<u64>,
    /// What stood there before; `None` when it is new.
    #[serde(skip)]
    pub before: Option<TreeEntry>,
    /// What stands there now; `None` when it is gone.
    #[serde(skip)]
    pub after: Option<TreeEntry>,
}

/// What a tree has at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TreeEntry {
    /// Git's mode, such as `100644`, `120000` for a link, `160000` for a submodule.
    pub mode: String,
    /// The object's name in hexadecimal.
    pub object: String,
}

/// One record of `--raw -z`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TreeChange {
    /// As git has it, which need not be UTF-8.
    pub(crate) path: Vec<u8>,
    pub(crate) status: ChangeStatus,
    /// The mode before; `000000` for what is new.
    pub(crate) mode_before: String,
    /// The object before.
    pub(crate) object_before: String,
    /// The mode afterwards, such as `100644`; `000000` for what is gone.
    pub(crate) mode: String,
    /// The object afterwards; zeros when git has not computed it.
    pub(crate) object: String,
}

/// Reads `diff --raw -z --no-renames`.
pub(crate) fn tree_changes(command: &str, bytes: &[u8]) -> Result<Vec<TreeChange>, GitFailure> {
    let mut fields = bytes.split(|byte| *byte == 0);
    let mut found = Vec::new();
    while let Some(head) = fields.next().filter(|head| head.starts_with(b":")) {
        let odd = || not_understood(command, &String::from_utf8_lossy(head));
        found.push(tree_change(head, fields.next()).ok_or_else(odd)?);
    }
    Ok(found)
}

fn tree_change(head: &[u8], path: Option<&[u8]>) -> Option<TreeChange> {
    // `:100644 100755 <object> <object> M`
    let text = std::str::from_utf8(head).ok()?;
    let mut parts = text.strip_prefix(':')?.split(' ');
    let (mode_before, mode) = (parts.next()?, parts.next()?);
    let (object_before, object) = (parts.next()?, parts.next()?);
    // `U` is a conflict in a person's index: a change like any other.
    let letter = match *parts.next()?.as_bytes().first()? {
        b'U' => b'M',
        letter => letter,
    };
    Some(TreeChange {
        path: path?.to_owned(),
        status: ChangeStatus::from_letter(letter)?,
        mode_before: mode_before.to_owned(),
        object_before: object_before.to_owned(),
        mode: mode.to_owned(),
        object: object.to_owned(),
    })
}

/// Reads `diff-tree --raw --numstat -z --no-renames`: all raw records, then all counts, in the
/// same order. Where blanks do not count, git leaves out the counts of files in which nothing else
/// differs.
pub(super) fn changed_files(bytes: &[u8], spaces: Spaces) -> Result<Vec<ChangedFile>, GitFailure> {
    let raw = tree_changes("diff-tree", bytes)?;
    let mut fields = bytes.split(|byte| *byte == 0).skip(2 * raw.len());
    let mut counts = fields.next().unwrap_or_default();
    let mut found = Vec::with_capacity(raw.len());
    for change in raw {
        let odd = || not_understood("diff-tree", &String::from_utf8_lossy(counts));
        let mut parts = counts.splitn(3, |byte| *byte == b'\t');
        let lines = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let is_its = parts.next() == Some(&change.path);
        let (added, deleted) = match (is_its, spaces) {
            (true, _) => (number(lines.0), number(lines.1)),
            (false, Spaces::Ignored) => (Some(0), Some(0)),
            (false, Spaces::Count) => return Err(odd()),
        };
        if is_its {
            counts = fields.next().unwrap_or_default();
        }
        found.push(ChangedFile {
            path: String::from_utf8_lossy(&change.path).into_owned(),
            status: change.status,
            added,
            deleted,
            before: entry(change.mode_before, change.object_before),
            after: entry(change.mode, change.object),
        });
    }
    Ok(found)
}

fn entry(mode: String, object: String) -> Option<TreeEntry> {
    (mode != "000000").then_some(TreeEntry { mode, object })
}

fn number(digits: &[u8]) -> Option<u64> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests;
