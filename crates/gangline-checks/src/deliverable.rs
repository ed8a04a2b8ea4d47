//! What an attempt leaves in its output folder instead of commits.

mod artifact;
mod plan;
mod report;

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

pub use artifact::artifact;
pub use plan::plan;
pub use report::report;

use gangline_domain::verdict::{CheckResult, Verdict};

use crate::registry::{listed, printable};

/// Files that an output folder may hold.
pub const OUTPUT_FILES_MAX: usize = 1_000;
/// Bytes that all its files together may have.
pub const OUTPUT_BYTES_MAX: u64 = 256 * 1024 * 1024;
/// Bytes of a file whose format is looked at.
const FORMAT_BYTES_MAX: u64 = 16 * 1024 * 1024;
/// Folders within folders.
const DEPTH_MAX: usize = 16;

/// An attempt's output folder, on the host, after the agent's end.
#[derive(Debug, Clone)]
pub struct OutputFolder {
    /// Where it is.
    pub path: PathBuf,
    /// Names in it that are no deliverables, such as that of the outcome file.
    pub skip: BTreeSet<String>,
}

/// A file of the folder.
struct Found {
    /// From the folder, with `/`.
    name: String,
    path: PathBuf,
    bytes: u64,
}

/// Why a folder's files cannot be listed.
#[derive(Debug, thiserror::Error)]
enum Unlistable {
    #[error("the output folder cannot be read: {0}")]
    Unreadable(#[source] io::Error),
    #[error("not a plain file: {}", listed(.0))]
    Odd(Vec<String>),
    #[error("more than {OUTPUT_FILES_MAX} files")]
    TooMany,
    #[error("{0} bytes are more than {OUTPUT_BYTES_MAX}")]
    TooLarge(u64),
    #[error("folders are nested more than {DEPTH_MAX} deep")]
    TooDeep,
}

impl Unlistable {
    /// Whether it was the machine that failed, and not the agent.
    fn is_machine(&self) -> bool {
        match self {
            Self::Unreadable(_) => true,
            Self::Odd(_) | Self::TooMany | Self::TooLarge(_) | Self::TooDeep => false,
        }
    }
}

impl OutputFolder {
    /// All plain files by name; or what the check of this name says where they cannot be listed.
    fn files_for(&self, check: &str) -> Result<Vec<Found>, Box<CheckResult>> {
        self.files().map_err(|error| {
            let verdict = if error.is_machine() { Verdict::Inconclusive } else { Verdict::Fail };
            Box::new(CheckResult::required(check, verdict, error.to_string()))
        })
    }

    /// All plain files by name. Links are never followed: they may lead anywhere on the host.
    fn files(&self) -> Result<Vec<Found>, Unlistable> {
        let mut files = Vec::new();
        let mut odd = Vec::new();
        let mut folders = vec![(self.path.clone(), String::new(), 0)];
        while let Some((folder, prefix, depth)) = folders.pop() {
            if depth > DEPTH_MAX {
                return Err(Unlistable::TooDeep);
            }
            for entry in fs::read_dir(&folder).map_err(Unlistable::Unreadable)? {
                let entry = entry.map_err(Unlistable::Unreadable)?;
                let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
                if self.skip.contains(&name) {
                    continue;
                }
                let path = entry.path();
                let kind = path.symlink_metadata().map_err(Unlistable::Unreadable)?;
                if kind.is_dir() {
                    folders.push((path, format!("{name}/"), depth + 1));
                } else if kind.is_file() {
                    files.push(Found { name, path, bytes: kind.len() });
                } else {
                    odd.push(name);
                }
                if files.len() > OUTPUT_FILES_MAX || folders.len() > OUTPUT_FILES_MAX {
                    return Err(Unlistable::TooMany);
                }
            }
        }
        if !odd.is_empty() {
            odd.sort();
            return Err(Unlistable::Odd(odd));
        }
        let total = files.iter().map(|file| file.bytes).sum();
        if total > OUTPUT_BYTES_MAX {
            return Err(Unlistable::TooLarge(total));
        }
        files.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(files)
    }
}

impl Found {
    fn ending(&self) -> String {
        let ending = Path::new(&self.name).extension().unwrap_or_default();
        ending.to_string_lossy().to_ascii_lowercase()
    }

    fn read(&self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        File::open(&self.path)?.take(FORMAT_BYTES_MAX).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// What is wrong with its content, by its ending; `None` when nothing is, or nothing is known
    /// of such files.
    fn flaw(&self) -> Option<String> {
        let name = printable(&self.name);
        if self.bytes == 0 {
            return Some(format!("{name} is empty"));
        }
        let ending = self.ending();
        if self.bytes > FORMAT_BYTES_MAX || !matches!(ending.as_str(), "json" | "jsonl" | "md") {
            return None;
        }
        let bytes = match self.read() {
            Ok(bytes) => bytes,
            Err(error) => return Some(format!("{name} cannot be read: {error}")),
        };
        let json = |bytes: &[u8]| serde_json::from_slice::<serde::de::IgnoredAny>(bytes).err();
        match ending.as_str() {
            "json" => json(&bytes).map(|error| format!("{name} is no JSON: {error}")),
            "jsonl" => bytes
                .split(|byte| *byte == b'\n')
                .enumerate()
                .filter(|(_, line)| !line.trim_ascii().is_empty())
                .find_map(|(at, line)| Some((at + 1, json(line)?)))
                .map(|(at, error)| format!("{name}, line {at} is no JSON: {error}")),
            _md => (!has_heading(&String::from_utf8_lossy(&bytes)))
                .then(|| format!("{name} has no heading")),
        }
    }
}

/// Whether a Markdown text has a heading, `# Title`, outside of fenced code.
fn has_heading(text: &str) -> bool {
    let mut fenced = false;
    text.lines().any(|line| {
        let line = line.trim_start();
        fenced ^= line.starts_with("```") || line.starts_with("~~~");
        let rest = line.trim_start_matches('#');
        !fenced && rest.len() < line.len() && rest.starts_with(' ') && !rest.trim().is_empty()
    })
}

#[cfg(test)]
mod tests;
