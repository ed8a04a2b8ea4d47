//! `markers`: no changed file holds a conflict that was never resolved. Left out when
//! nothing changed at all.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use gangline_domain::verdict::{CheckResult, DECISIVE_LINES_MAX, Verdict};

use crate::registry::{Facts, listed, printable};

pub(crate) const NAME: &str = "markers";
/// Bytes of a file that are looked at.
const FILE_BYTES_MAX: u64 = 4 * 1024 * 1024;
/// Files that are looked at.
const FILES_MAX: usize = 5_000;

pub(crate) fn measure(facts: &Facts<'_>) -> Option<CheckResult> {
    if facts.changed.is_empty() {
        return None;
    }
    let files = facts.changed.iter().filter(|changed| matches!(changed.status, 'A' | 'M'));
    let mut marked = Vec::new();
    for changed in files.take(FILES_MAX) {
        if let Some(line) = marker(facts.checkout, &changed.path) {
            marked.push(format!("{}:{line}", printable(&changed.path)));
        }
    }
    if marked.is_empty() {
        return Some(CheckResult::required(NAME, Verdict::Pass, "no conflict markers".to_owned()));
    }
    let fact = format!("conflict markers: {}", listed(&marked));
    let mut check = CheckResult::required(NAME, Verdict::Fail, fact);
    check.lines = marked.into_iter().take(DECISIVE_LINES_MAX).collect();
    Some(check)
}

/// The line of the first whole conflict: `<<<<<<< `, `=======`, `>>>>>>> `, in that order.
fn marker(checkout: &Path, path: &str) -> Option<usize> {
    let path = checkout.join(path);
    // A link in the tree may point anywhere; what is behind it did not change.
    if !path.symlink_metadata().ok()?.is_file() {
        return None;
    }
    let mut bytes = Vec::new();
    File::open(&path).ok()?.take(FILE_BYTES_MAX).read_to_end(&mut bytes).ok()?;
    if bytes.contains(&0) {
        return None;
    }
    let mut opened = None;
    let mut parted = false;
    for (number, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        if line.starts_with(b"<<<<<<< ") {
            opened = Some(number + 1);
            parted = false;
        } else if opened.is_some() && line.strip_suffix(b"\r").unwrap_or(line) == b"=======" {
            parted = true;
        } else if parted && line.starts_with(b">>>>>>> ") {
            return opened;
        }
    }
    None
}

#[cfg(test)]
mod tests;
