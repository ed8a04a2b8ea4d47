//! Files of a commit, many in one run of git: a process costs more than all that it reads.
//!
//! ```text
//!   <commit>^{tree}, <commit>:<folder>   which kind of entry stands at each path
//!   <commit>:<path>                      what is in it
//! ```

use gangline_domain::ids::CommitId;

use super::{Hub, ReadError};
use crate::git::{GitFailure, not_understood};

/// How much the folders' own listings may be, beside the files.
const FOLDERS_BYTES_MAX: usize = 16 * 1024 * 1024;

/// A file that is wanted, and how large it may be in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WantedFile<'a> {
    /// From the repository's top, `/` between parts.
    pub path: &'a str,
    /// The bound in bytes.
    pub bytes_max: u64,
}

impl Hub {
    /// A regular file's content at a commit; `None` when nothing is there. Links are not
    /// followed: they are not files.
    pub async fn read_file(
        &self,
        commit: &CommitId,
        path: &str,
        bytes_max: u64,
    ) -> Result<Option<Vec<u8>>, ReadError> {
        let found = self.read_files(commit, &[WantedFile { path, bytes_max }]).await?;
        Ok(found.into_iter().next().flatten())
    }

    /// The same for several files, in one run of git; the answers are in the order of `wanted`.
    pub async fn read_files(
        &self,
        commit: &CommitId,
        wanted: &[WantedFile<'_>],
    ) -> Result<Vec<Option<Vec<u8>>>, ReadError> {
        Ok(self.read_files_and_names(commit, wanted).await?.0)
    }

    /// The same, with the paths of all regular files that stand in the folders of `wanted`.
    pub async fn read_files_and_names(
        &self,
        commit: &CommitId,
        wanted: &[WantedFile<'_>],
    ) -> Result<(Vec<Option<Vec<u8>>>, Vec<String>), ReadError> {
        for WantedFile { path, .. } in wanted {
            let plain = path.split('/').all(|part| !matches!(part, "" | "." | ".."));
            if !plain || path.contains(['\0', '\n']) {
                return Err(ReadError::BadPath { path: (*path).to_owned() });
            }
        }
        let mut folders: Vec<&str> = wanted.iter().map(|wanted| parent(wanted.path)).collect();
        folders.sort_unstable();
        folders.dedup();
        let asked = folders.iter().map(|folder| match *folder {
            "" => format!("{commit}^{{tree}}\n"),
            folder => format!("{commit}:{folder}\n"),
        });
        let files = wanted.iter().map(|wanted| format!("{commit}:{}\n", wanted.path));
        let asked: Vec<String> = asked.chain(files).collect();
        let bytes_max = wanted.iter().fold(FOLDERS_BYTES_MAX, |sum, wanted| {
            let bytes = usize::try_from(wanted.bytes_max).unwrap_or(usize::MAX);
            sum.saturating_add(bytes)
        });
        let call = self.git().call(["cat-file", "--batch"]).stdin(asked.concat());
        let output = call.bulk().cap(bytes_max).ok().await?;
        if output.stdout.truncated {
            self.check_sizes(commit, wanted).await?;
        }
        let output = output.whole()?;
        let mut answers = Answers { rest: &output };
        let mut listings = Vec::new();
        for folder in &folders {
            listings.push((*folder, answers.next()?));
        }
        if matches!(listings.first(), Some(("", Answer::Missing))) {
            return Err(not_understood("cat-file", &format!("{commit} is missing")).into());
        }
        let mut found = Vec::new();
        for wanted in wanted {
            let listing = listings.iter().find(|(folder, _)| *folder == parent(wanted.path));
            let listing = listing.map_or(&Answer::Missing, |(_, listing)| listing);
            found.push(chosen(wanted, listing, &answers.next()?, commit)?);
        }
        let mut paths = vec![];
        for (folder, listing) in &listings {
            let Answer::Found { kind: "tree", bytes } = listing else { continue };
            for entry in entries(bytes, commit.as_str().len() / 2) {
                let Entry { mode, name } = entry?;
                if let (true, Ok(name)) = (mode.starts_with(b"100"), std::str::from_utf8(name)) {
                    let slash = if folder.is_empty() { "" } else { "/" };
                    paths.push(format!("{folder}{slash}{name}"));
                }
            }
        }
        Ok((found, paths))
    }

    /// Names the file that is too large, when one is.
    async fn check_sizes(
        &self,
        commit: &CommitId,
        wanted: &[WantedFile<'_>],
    ) -> Result<(), ReadError> {
        let asked: Vec<String> =
            wanted.iter().map(|wanted| format!("{commit}:{}\n", wanted.path)).collect();
        let args = ["cat-file", "--batch-check=%(objectsize)"];
        let sizes = self.git().call(args).stdin(asked.concat()).ok().await?.stdout.text();
        for (wanted, size) in wanted.iter().zip(sizes.lines()) {
            if let Ok(found) = size.parse() {
                small_enough(wanted, found)?;
            }
        }
        Ok(())
    }
}

fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

fn small_enough(wanted: &WantedFile<'_>, found: u64) -> Result<(), ReadError> {
    let (path, max) = (wanted.path.to_owned(), wanted.bytes_max);
    if found > max { Err(ReadError::TooLarge { path, found, max }) } else { Ok(()) }
}

fn chosen(
    wanted: &WantedFile<'_>,
    listing: &Answer<'_>,
    answer: &Answer<'_>,
    commit: &CommitId,
) -> Result<Option<Vec<u8>>, ReadError> {
    let Answer::Found { kind: "tree", bytes: listing } = listing else { return Ok(None) };
    let name = wanted.path.rsplit('/').next().unwrap_or_default();
    let Some(mode) = mode_of(listing, name.as_bytes(), commit.as_str().len() / 2)? else {
        return Ok(None);
    };
    match answer {
        Answer::Found { kind: "blob", bytes } if mode.starts_with(b"100") => {
            small_enough(wanted, bytes.len() as u64)?;
            Ok(Some(bytes.to_vec()))
        }
        Answer::Found { .. } | Answer::Missing if !mode.starts_with(b"100") => {
            Err(ReadError::NotAFile { path: wanted.path.to_owned() })
        }
        Answer::Found { .. } | Answer::Missing => {
            Err(not_understood("cat-file", &format!("{}:{}", commit, wanted.path)).into())
        }
    }
}

/// The mode of a name in a tree object.
fn mode_of<'t>(
    tree: &'t [u8],
    name: &[u8],
    object_bytes: usize,
) -> Result<Option<&'t [u8]>, GitFailure> {
    for entry in entries(tree, object_bytes) {
        let entry = entry?;
        if entry.name == name {
            return Ok(Some(entry.mode));
        }
    }
    Ok(None)
}

/// An entry of a tree object.
struct Entry<'t> {
    mode: &'t [u8],
    name: &'t [u8],
}

/// The entries of a tree object: `<mode> <name>\0<raw object name>` for each.
fn entries(
    mut tree: &[u8],
    object_bytes: usize,
) -> impl Iterator<Item = Result<Entry<'_>, GitFailure>> {
    std::iter::from_fn(move || {
        if tree.is_empty() {
            return None;
        }
        let Some((entry, rest)) = split_entry(tree, object_bytes) else {
            tree = &[];
            return Some(Err(not_understood("cat-file", "a folder's listing")));
        };
        tree = rest;
        Some(Ok(entry))
    })
}

fn split_entry(tree: &[u8], object_bytes: usize) -> Option<(Entry<'_>, &[u8])> {
    let end = tree.iter().position(|byte| *byte == 0)?;
    let (entry, rest) = (&tree[..end], &tree[end + 1..]);
    let blank = entry.iter().position(|byte| *byte == b' ')?;
    let (mode, name) = (&entry[..blank], &entry[blank + 1..]);
    Some((Entry { mode, name }, rest.get(object_bytes..)?))
}

/// One answer of `cat-file --batch`.
pub(super) enum Answer<'a> {
    Found { kind: &'a str, bytes: &'a [u8] },
    Missing,
}

pub(super) struct Answers<'a> {
    pub(super) rest: &'a [u8],
}

impl<'a> Answers<'a> {
    /// `<object> <kind> <size>\n<content>\n`, or `<what was asked> missing\n`.
    pub(super) fn next(&mut self) -> Result<Answer<'a>, GitFailure> {
        let odd = || not_understood("cat-file", "an answer");
        let end = self.rest.iter().position(|byte| *byte == b'\n').ok_or_else(odd)?;
        let (line, rest) = (&self.rest[..end], &self.rest[end + 1..]);
        if line.ends_with(b" missing") {
            self.rest = rest;
            return Ok(Answer::Missing);
        }
        let line = std::str::from_utf8(line).map_err(|_| odd())?;
        let mut parts = line.split(' ').skip(1);
        let (kind, size) = (parts.next().ok_or_else(odd)?, parts.next().ok_or_else(odd)?);
        let size: usize = size.parse().map_err(|_| odd())?;
        let bytes = rest.get(..size).ok_or_else(odd)?;
        self.rest = rest.get(size + 1..).ok_or_else(odd)?;
        Ok(Answer::Found { kind, bytes })
    }
}
