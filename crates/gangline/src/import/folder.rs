//! A folder of ticket READMEs.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

use gangline_domain::deps::find_cycle;
use gangline_domain::ids::TicketKey;
use gangline_domain::readme::{Read, Readme, Wrong, parse};
use gangline_domain::spec::BODY_BYTES_MAX;
use gangline_process::{Links, read_plain_text};

/// Files that one import looks at.
const FILES_MAX: usize = 2_000;

/// What a folder holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Folder {
    /// Tickets, each with the file it was read from, by key.
    pub(crate) tickets: Vec<(PathBuf, Readme)>,
    /// Markdown files that are no tickets, and why not.
    pub(crate) skipped: Vec<(PathBuf, &'static str)>,
}

/// Why a folder is not imported.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FolderError {
    /// It cannot be read.
    #[error("{} cannot be read", path.display())]
    Io {
        /// The folder or file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// More than one import takes.
    #[error("{} holds more than {FILES_MAX} Markdown files", .0.display())]
    TooMany(PathBuf),
    /// There is nothing to import.
    #[error("{} holds no ticket READMEs", .0.display())]
    Nothing(PathBuf),
    /// Files that are meant as tickets and cannot be.
    #[error("{}", told(.0))]
    Bad(Vec<(PathBuf, Wrong)>),
    /// Two files have one key.
    #[error("{key} stands in {} and in {}", first.display(), second.display())]
    Twice {
        /// The key.
        key: TicketKey,
        /// Read first.
        first: PathBuf,
        /// Read later.
        second: PathBuf,
    },
    /// Tickets would wait for one another.
    #[error("these tickets would wait for one another: {}", shown(.0))]
    Cycle(Vec<TicketKey>),
}

fn told(bad: &[(PathBuf, Wrong)]) -> String {
    let line = |(path, wrong): &(PathBuf, Wrong)| {
        format!("{}:{}: {}", path.display(), wrong.line, wrong.what)
    };
    bad.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn shown(keys: &[TicketKey]) -> String {
    keys.iter().map(ToString::to_string).collect::<Vec<_>>().join(" → ")
}

/// Reads all tickets of a folder. `prefix` is what the project's keys begin with.
pub(crate) fn read(folder: &Path, prefix: &str) -> Result<Folder, FolderError> {
    let mut found: BTreeMap<TicketKey, (PathBuf, Readme)> = BTreeMap::new();
    let mut skipped = vec![];
    let mut bad = vec![];
    for path in files(folder)? {
        match read_file(&path, prefix)? {
            Read::Ticket(ticket) => {
                let key = ticket.key.clone();
                if let Some((first, _)) = found.get(&key) {
                    return Err(FolderError::Twice { key, first: first.clone(), second: path });
                }
                found.insert(key, (path, *ticket));
            }
            Read::Other(why) => skipped.push((path, why)),
            Read::Bad(wrong) => bad.push((path, wrong)),
        }
    }
    if !bad.is_empty() {
        return Err(FolderError::Bad(bad));
    }
    if found.is_empty() {
        return Err(FolderError::Nothing(folder.to_owned()));
    }
    let on = |ticket: &Readme| ticket.depends_on.keys().cloned().collect();
    let graph: BTreeMap<TicketKey, BTreeSet<TicketKey>> =
        found.iter().map(|(key, (_, ticket))| (key.clone(), on(ticket))).collect();
    match find_cycle(&graph) {
        Some(cycle) => Err(FolderError::Cycle(cycle)),
        None => Ok(Folder { tickets: found.into_values().collect(), skipped }),
    }
}

fn read_file(path: &Path, prefix: &str) -> Result<Read, FolderError> {
    let failed = |source| FolderError::Io { path: path.to_owned(), source };
    let wrong = |what: String| Ok(Read::Bad(Wrong { line: 1, what }));
    match read_plain_text(path, BODY_BYTES_MAX, Links::Followed) {
        Ok(text) => Ok(parse(&text, prefix)),
        Err(error) if error.raw_os_error().is_none() => wrong(error.to_string()),
        Err(error) => Err(failed(error)),
    }
}

/// `*.md` of the folder, and `README.md` of each folder in it, in order.
fn files(folder: &Path) -> Result<Vec<PathBuf>, FolderError> {
    let mut files = vec![];
    for path in entries(folder)? {
        if path.is_dir() {
            let inside = entries(&path)?;
            files.extend(inside.into_iter().filter(|path| is_readme(path) && path.is_file()));
        } else if path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("md")) {
            files.push(path);
        }
        if files.len() > FILES_MAX {
            return Err(FolderError::TooMany(folder.to_owned()));
        }
    }
    Ok(files)
}

fn is_readme(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.eq_ignore_ascii_case("README.md"))
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, FolderError> {
    let failed = |source| FolderError::Io { path: folder.to_owned(), source };
    let entries = std::fs::read_dir(folder).map_err(failed)?;
    let paths = entries.map(|entry| entry.map(|entry| entry.path()));
    let mut paths = paths.collect::<Result<Vec<_>, _>>().map_err(failed)?;
    paths.sort();
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &str)]) -> (tempfile::TempDir, Result<Folder, String>) {
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = dir.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let root = format!("{}/", dir.path().display());
        let read = read(dir.path(), "APP").map_err(|error| error.to_string().replace(&root, ""));
        (dir, read)
    }

    #[test]
    fn tickets_stand_in_folders_of_their_own_or_side_by_side() {
        let (_dir, read) = folder(&[
            ("105-carts/README.md", "# Ticket #105: Carts\n**Depends on:** #7\n"),
            ("105-carts/notes.md", "# Ticket #1: not looked at"),
            ("7.md", "# Ticket #7: Seven"),
            ("README.md", "# All our tickets"),
        ]);
        let read = read.unwrap();
        let keys: Vec<String> = read.tickets.iter().map(|(_, t)| t.key.to_string()).collect();
        assert_eq!(keys, ["APP-7", "APP-105"]);
        assert_eq!(read.skipped.len(), 1);
    }

    #[test]
    fn every_broken_file_is_told_at_once() {
        let (_dir, read) = folder(&[
            ("a/README.md", "# Ticket #x: a"),
            ("b.md", "# Ticket #2: b\n\n**Priority:** now"),
            ("c.md", "# Ticket #3: fine"),
        ]);
        insta::assert_snapshot!(read.unwrap_err(), @r"
        a/README.md:1: `#x` is not a ticket key such as APP-12: it has no dash
        b.md:3: `now` is not a priority; one is critical, high, medium or low
        ");
    }

    #[test]
    fn a_cycle_is_named_and_so_is_a_key_that_stands_twice() {
        let (_dir, read) = folder(&[
            ("1.md", "# Ticket #1: a\n**Depends on:** #2"),
            ("2.md", "# Ticket #2: b\n**Depends on:** #1"),
        ]);
        assert_eq!(
            read.unwrap_err(),
            "these tickets would wait for one another: APP-1 → APP-2 → APP-1"
        );
        let (_dir, read) = folder(&[("1.md", "# Ticket #1: a"), ("2.md", "# APP-1: b")]);
        assert_eq!(read.unwrap_err(), "APP-1 stands in 1.md and in 2.md");
    }

    #[test]
    fn an_unreadable_ticket_keeps_all_of_them_out() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("1.md"), b"# Ticket #1: \xff\xfe").unwrap();
        let error = read(dir.path(), "APP").unwrap_err().to_string();
        assert!(error.ends_with("1.md:1: it is not UTF-8 text"), "{error}");
        let empty = tempfile::tempdir().unwrap();
        assert!(matches!(read(empty.path(), "APP"), Err(FolderError::Nothing(_))));
        let absent = empty.path().join("none");
        assert!(matches!(read(&absent, "APP"), Err(FolderError::Io { .. })));
    }
}
