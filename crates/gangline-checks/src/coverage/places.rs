//! Which file of the checkout is meant by a path in a coverage file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::code::Language;
use crate::subject::Bench;
use crate::tree;

/// Bytes of a `go.mod`.
const MODULE_BYTES_MAX: u64 = 1024 * 1024;

/// Where paths are looked for.
pub(super) struct Places<'a> {
    checkout: &'a Path,
    /// How absolute paths into the checkout begin.
    insides: Vec<PathBuf>,
    /// Folders that relative paths may begin at: that of the coverage file, and those above it.
    roots: Vec<String>,
    /// Sorted.
    wanted: Vec<&'a str>,
    /// As Go calls the wanted files, with their paths.
    imports: BTreeMap<String, &'a str>,
}

impl<'a> Places<'a> {
    /// For the coverage file at `file`, from the checkout.
    pub(super) fn of(bench: &'a Bench, file: &str, wanted: Vec<&'a str>) -> Self {
        let checkout = bench.checkout.as_path();
        let mut insides = vec![bench.inside.clone(), checkout.to_owned()];
        // Programs tell their folder without links.
        insides.extend(checkout.canonicalize().ok());
        insides.dedup();
        let imports = wanted.iter().filter_map(|path| Some((import(checkout, path)?, *path)));
        let imports = imports.collect();
        Self { checkout, insides, roots: above(file).collect(), wanted, imports }
    }

    /// The wanted file that is meant; `None` when it is another.
    pub(super) fn find(&self, given: &str) -> Option<&'a str> {
        if let Some(within) = self.within(given) {
            return self.wanted(&within);
        }
        if given.starts_with('/') {
            return None;
        }
        for root in &self.roots {
            let Some(path) = plain(&format!("{root}/{given}")) else { continue };
            let found = self.wanted(&path);
            // Where another file stands, that one is meant.
            if found.is_some() || tree::is_file(self.checkout, &path) {
                return found;
            }
        }
        None
    }

    /// The same, of a path below one of `sources`, which are folders.
    pub(super) fn find_below(&self, sources: &[String], given: &str) -> Option<&'a str> {
        for source in sources.iter().filter(|_| !given.starts_with('/')) {
            let joined = format!("{}/{given}", source.trim_end_matches('/'));
            let Some(path) = self.within(&joined).or_else(|| plain(&joined)) else { continue };
            let found = self.wanted(&path);
            if found.is_some() || tree::is_file(self.checkout, &path) {
                return found;
            }
        }
        self.find(given)
    }

    /// The same, of a file as Go calls it: by its module.
    pub(super) fn find_import(&self, given: &str) -> Option<&'a str> {
        self.imports.get(given).copied()
    }

    /// The same file under one name, however the tool calls it: without the checkout in front.
    pub(super) fn named(&self, given: &str) -> String {
        self.within(given).unwrap_or_else(|| given.to_owned())
    }

    fn within(&self, given: &str) -> Option<String> {
        let given = Path::new(given);
        let within = self.insides.iter().find_map(|inside| given.strip_prefix(inside).ok())?;
        plain(within.to_str()?)
    }

    fn wanted(&self, path: &str) -> Option<&'a str> {
        self.wanted.binary_search(&path).ok().map(|at| self.wanted[at])
    }
}

/// Without `.` and `..`; `None` for what leads out.
fn plain(path: &str) -> Option<String> {
    let mut parts: Vec<&str> = vec![];
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// The folders above a path, the nearest first; the last is empty.
fn above(path: &str) -> impl Iterator<Item = String> {
    let folder = |path: &str| path.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
    std::iter::successors(Some(folder(path)), move |path| (!path.is_empty()).then(|| folder(path)))
}

/// `example.com/shop/cart/cart.go`, by the nearest module above the file.
fn import(checkout: &Path, path: &str) -> Option<String> {
    if Language::of(path) != Some(Language::Go) {
        return None;
    }
    let at =
        |folder: &str| if folder.is_empty() { "go.mod".into() } else { format!("{folder}/go.mod") };
    above(path).find_map(|folder| {
        let text = tree::read_at_most(checkout, &at(&folder), MODULE_BYTES_MAX)?;
        let module = text.lines().find_map(|line| line.trim().strip_prefix("module"))?;
        let module = module.split("//").next()?.trim().trim_matches('"');
        Some(format!("{module}/{}", path[folder.len()..].trim_start_matches('/')))
    })
}
