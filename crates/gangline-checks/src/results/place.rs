//! The files in a checkout that match a check's patterns.

use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::rc::Rc;

use gangline_process::{PlainFolder, PlainKind};
use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use super::{FILES_MAX, NoResults};
use crate::registry::printable;

/// Names that are looked at.
const NAMES_MAX: usize = 500_000;
/// Folders within folders.
const DEPTH_MAX: usize = 64;

/// A name that matches: a file, or a link, which is no result.
pub(crate) struct Found {
    pub(crate) folder: Rc<PlainFolder>,
    pub(crate) name: OsString,
    /// From the checkout, with `/`.
    pub(crate) path: String,
}

/// All that matches, by path. A folder that is not there holds nothing.
pub(crate) fn find(checkout: &Path, patterns: &[String]) -> Result<Vec<Found>, NoResults> {
    let unreadable = |source| NoResults::Unreadable { path: "the checkout".to_owned(), source };
    let checkout = Rc::new(PlainFolder::open(checkout).map_err(unreadable)?);
    let mut search = Search { found: vec![], names: 0 };
    for pattern in patterns {
        search.begin(&checkout, pattern)?;
    }
    let mut found = search.found;
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found.dedup_by(|a, b| a.path == b.path);
    Ok(found)
}

struct Search {
    found: Vec<Found>,
    names: usize,
}

impl Search {
    /// Goes down to where the pattern's first wildcard is, and looks from there on.
    fn begin(&mut self, checkout: &Rc<PlainFolder>, pattern: &str) -> Result<(), NoResults> {
        let (fixed, rest) = fixed_head(pattern);
        let mut folder = Rc::clone(checkout);
        let mut path = String::new();
        for part in &fixed {
            path.push_str(part);
            match folder.folder(part.as_ref()) {
                Ok(below) => folder = Rc::new(below),
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
                Err(source) => return Err(NoResults::Unreadable { path, source }),
            }
            path.push('/');
        }
        if !is_wild(rest) {
            return self.single(folder, &path, rest);
        }
        self.below(folder, path, fixed.len(), &globs(pattern))
    }

    fn single(&mut self, folder: Rc<PlainFolder>, path: &str, name: &str) -> Result<(), NoResults> {
        let path = format!("{path}{name}");
        match folder.kind(name.as_ref()) {
            Ok(PlainKind::File | PlainKind::Other) => {
                self.add(Found { folder, name: name.into(), path })
            }
            Ok(PlainKind::Folder) => {
                let source = io::Error::new(io::ErrorKind::IsADirectory, "it is a folder");
                Err(NoResults::Unreadable { path, source })
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(source) => Err(NoResults::Unreadable { path, source }),
        }
    }

    fn below(
        &mut self,
        folder: Rc<PlainFolder>,
        path: String,
        depth: usize,
        globs: &GlobSet,
    ) -> Result<(), NoResults> {
        let mut open = vec![(folder, path, depth)];
        while let Some((folder, path, depth)) = open.pop() {
            let unreadable = |source| NoResults::Unreadable { path: printable(&path), source };
            for entry in folder.entries().map_err(unreadable)? {
                let (name, kind) = entry.map_err(unreadable)?;
                let below = format!("{path}{}", name.to_string_lossy());
                self.names += 1;
                if self.names > NAMES_MAX || depth > DEPTH_MAX {
                    return Err(NoResults::TooWide { place: printable(&path) });
                }
                match kind {
                    PlainKind::Folder if below == ".git" => {}
                    PlainKind::Folder => {
                        let inner = folder.folder(&name).map_err(unreadable)?;
                        open.push((Rc::new(inner), format!("{below}/"), depth + 1));
                    }
                    PlainKind::File | PlainKind::Other if globs.is_match(&below) => {
                        self.add(Found { folder: Rc::clone(&folder), name, path: below })?;
                    }
                    PlainKind::File | PlainKind::Other => {}
                }
            }
        }
        Ok(())
    }

    fn add(&mut self, found: Found) -> Result<(), NoResults> {
        self.found.push(found);
        if self.found.len() > FILES_MAX { Err(NoResults::TooMany) } else { Ok(()) }
    }
}

fn is_wild(part: &str) -> bool {
    part.contains(['*', '?', '[', '{', '\\'])
}

/// The folders before the first wildcard, and what is behind them.
fn fixed_head(pattern: &str) -> (Vec<&str>, &str) {
    let mut rest = pattern;
    let mut fixed = vec![];
    while let Some((part, behind)) = rest.split_once('/') {
        if is_wild(part) {
            break;
        }
        if !matches!(part, "" | ".") {
            fixed.push(part);
        }
        rest = behind;
    }
    (fixed, rest)
}

/// `*` stays within a folder, `**` does not.
fn globs(pattern: &str) -> GlobSet {
    let checked = "BUG: patterns are checked when read";
    let glob = GlobBuilder::new(pattern.trim_start_matches("./")).literal_separator(true).build();
    GlobSetBuilder::new().add(glob.expect(checked)).build().expect(checked)
}
