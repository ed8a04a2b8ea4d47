//! Looking at everything that a commit brings along: not only at the files that are left in the
//! end, but at each content and message in its history since the base.

use gangline_domain::ids::CommitId;

use super::files::{Answer, Answers};
use super::{Hub, ReadError};
use crate::git::{GitFailure, not_understood};
use crate::printable::printable_line;

/// How much the list of objects may be.
const LIST_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Bytes of contents that are held at once.
const ONCE_BYTES_MAX: u64 = 32 * 1024 * 1024;
/// Bytes of one content beyond which it is not looked at.
const CONTENT_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// Bytes of all contents beyond which no more are looked at.
const ALL_BYTES_MAX: u64 = 1024 * 1024 * 1024;
/// Characters of a path that are told.
const PATH_CHARS_MAX: usize = 300;

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scan {
    /// The path of each content in which something was found, or the words `commit …`, with what.
    pub found: Vec<(String, String)>,
    /// Contents that were too large to be looked at.
    pub unread: Vec<String>,
}

/// An object, and by which path it was reached.
struct Listed {
    id: String,
    path: String,
    bytes: u64,
}

impl Hub {
    /// Asks `holds` about each path, content, commit and tag that `commit` has and `base` has not.
    pub async fn scan(
        &self,
        base: &CommitId,
        commit: &CommitId,
        holds: impl Fn(&[u8]) -> Option<String>,
    ) -> Result<Scan, ReadError> {
        let mut scan = Scan::default();
        let mut group: Vec<Listed> = vec![];
        let (mut held, mut all) = (0, 0);
        for listed in self.new_objects(base, commit).await? {
            if let Some(what) = holds(listed.path.as_bytes()) {
                scan.found.push((listed.path.clone(), what));
            }
            all += listed.bytes;
            if listed.bytes > CONTENT_BYTES_MAX || all > ALL_BYTES_MAX {
                scan.unread.push(listed.path);
                continue;
            }
            if held + listed.bytes > ONCE_BYTES_MAX {
                self.look(&std::mem::take(&mut group), &holds, &mut scan).await?;
                held = 0;
            }
            held += listed.bytes;
            group.push(listed);
        }
        self.look(&group, &holds, &mut scan).await?;
        Ok(scan)
    }

    /// Contents, commits and tags, with their sizes.
    async fn new_objects(
        &self,
        base: &CommitId,
        commit: &CommitId,
    ) -> Result<Vec<Listed>, ReadError> {
        let range = format!("{base}..{commit}");
        let call = self.git().call(["rev-list", "--objects", &range, "--"]);
        let listed = call.bulk().cap(LIST_BYTES_MAX).ok().await?.whole()?;
        let listed = String::from_utf8_lossy(&listed).into_owned();
        let objects: Vec<(&str, &str)> =
            listed.lines().map(|line| line.split_once(' ').unwrap_or((line, ""))).collect();
        let asked: String = objects.iter().flat_map(|(id, _)| [*id, "\n"]).collect();
        let args = ["cat-file", "--batch-check=%(objecttype) %(objectsize)"];
        let call = self.git().call(args).stdin(asked);
        let kinds = call.bulk().cap(LIST_BYTES_MAX).ok().await?.whole()?;
        let kinds = String::from_utf8_lossy(&kinds).into_owned();
        let mut found = vec![];
        for ((id, path), kind) in objects.into_iter().zip(kinds.lines()) {
            let odd = || not_understood("cat-file", "an object's size");
            let (kind, bytes) = kind.split_once(' ').ok_or_else(odd)?;
            if kind == "tree" {
                continue;
            }
            let path = if path.is_empty() { format!("{kind} {}", &id[..12]) } else { path.into() };
            let path = printable_line(&path, PATH_CHARS_MAX);
            let bytes = bytes.parse().map_err(|_| odd())?;
            found.push(Listed { id: id.to_owned(), path, bytes });
        }
        Ok(found)
    }

    async fn look(
        &self,
        group: &[Listed],
        holds: &impl Fn(&[u8]) -> Option<String>,
        scan: &mut Scan,
    ) -> Result<(), ReadError> {
        if group.is_empty() {
            return Ok(());
        }
        let asked: String = group.iter().flat_map(|listed| [listed.id.as_str(), "\n"]).collect();
        let bytes = group.iter().map(|listed| listed.bytes + 256).sum::<u64>();
        let cap = usize::try_from(bytes).unwrap_or(usize::MAX);
        let call = self.git().call(["cat-file", "--batch"]).stdin(asked);
        let output = call.bulk().cap(cap).ok().await?.whole()?;
        let mut answers = Answers { rest: &output };
        for listed in group {
            match answers.next()? {
                Answer::Found { bytes, .. } => {
                    if let Some(what) = holds(bytes) {
                        scan.found.push((listed.path.clone(), what));
                    }
                }
                Answer::Missing => return Err(missing(&listed.id).into()),
            }
        }
        Ok(())
    }
}

fn missing(id: &str) -> GitFailure {
    not_understood("cat-file", &format!("{id} is missing"))
}
