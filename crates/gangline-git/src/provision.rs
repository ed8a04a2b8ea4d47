//! What a fresh worktree needs and git does not have: copied or linked from the person's
//! repository, by pattern.
//!
//! Runs before any agent does. Never follows a link, never writes through one, never touches
//! `.git`, never replaces a file that the checkout brought. Secrets go only where the project
//! names them, one by one.

use std::fs;
use std::io;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Component, Path, PathBuf};

use globset::{Glob, GlobBuilder, GlobSet, GlobSetBuilder};
use serde::{Deserialize, Serialize};

/// How many files and bytes are copied into one worktree.
const FILES_MAX: u64 = 200_000;
const BYTES_MAX: u64 = 4 * 1024 * 1024 * 1024;

/// How many files are looked at for a match.
const LOOKS_MAX: u64 = 2_000_000;

/// How many skipped paths are named.
const SKIPPED_MAX: usize = 200;

/// Names that hold secrets. A pattern does not take them; only their own name does.
const SECRET_NAMES: [&str; 16] = [
    ".env",
    ".env.*",
    "*.env",
    ".envrc",
    "*.pem",
    "*.key",
    "*.p12",
    "*.pfx",
    "*.jks",
    "id_rsa*",
    "id_ed25519*",
    "id_ecdsa*",
    "id_dsa*",
    ".netrc",
    ".npmrc",
    ".pypirc",
];

/// What a project asks for. Patterns are paths from the repository's top with `*`, `?`, `**`,
/// `[…]`; one that names a directory means all of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Needs {
    /// Copied.
    pub copy: Vec<String>,
    /// Linked: what an agent writes there, it writes into the person's files.
    pub link: Vec<String>,
    /// Copied although they are secret; exact paths.
    pub secrets: Vec<String>,
}

/// Something that was provided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provided {
    /// From the worktree's top. A directory stands for all below it.
    pub path: String,
    /// Whether it is a secret.
    pub secret: bool,
}

/// Something that matched and was not provided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unprovided {
    /// From the worktree's top.
    pub path: String,
    /// Why.
    pub why: String,
}

/// What was provided. All of it is to be excluded from captures.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provisioned {
    /// Copied, in order of their paths.
    pub copied: Vec<Provided>,
    /// Linked. A sandbox must show the targets, which are in the person's repository.
    pub linked: Vec<Provided>,
    /// Matched, but left out; at most 200.
    pub skipped: Vec<Unprovided>,
}

impl Provisioned {
    /// The paths that a capture leaves out.
    pub fn excluded(&self) -> Vec<String> {
        self.copied.iter().chain(&self.linked).map(|provided| provided.path.clone()).collect()
    }
}

/// Why nothing, or not all, was provided.
#[derive(Debug, thiserror::Error)]
pub enum ProvisionError {
    /// A pattern is none.
    #[error("`{pattern}` is no pattern: {why}")]
    BadPattern {
        /// The pattern.
        pattern: String,
        /// What is wrong.
        why: String,
    },
    /// More than the bounds allow.
    #[error("more than {FILES_MAX} files or {BYTES_MAX} bytes match the patterns to copy")]
    TooMuch,
    /// The file system refused.
    #[error("cannot {doing} {}", path.display())]
    Io {
        /// What was tried.
        doing: &'static str,
        /// On what.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

/// Provides a fresh worktree with what `needs` names of `repository`, the top of the person's
/// working tree.
pub async fn provision(
    repository: &Path,
    worktree: &Path,
    needs: &Needs,
) -> Result<Provisioned, ProvisionError> {
    let copy = Patterns::of(&needs.copy)?;
    let link = Patterns::of(&needs.link)?;
    for path in &needs.secrets {
        checked(path)?;
    }
    let mut work = Work {
        repository: repository.to_owned(),
        worktree: worktree.to_owned(),
        secrets: needs.secrets.clone(),
        secret_names: Patterns::names(),
        provided: Provisioned::default(),
        files: 0,
        bytes: 0,
    };
    let done = tokio::task::spawn_blocking(move || {
        work.secrets()?;
        work.matching(&copy, &link)?;
        work.hide_from_status()?;
        Ok(work.provided)
    });
    done.await.unwrap_or_else(|panic| {
        let source = io::Error::other(panic);
        Err(ProvisionError::Io { doing: "provide", path: worktree.to_owned(), source })
    })
}

struct Patterns(GlobSet);

impl Patterns {
    fn of(patterns: &[String]) -> Result<Self, ProvisionError> {
        let mut set = GlobSetBuilder::new();
        for pattern in patterns {
            // `dir/**` and `dir/` mean the directory, which is then taken as one.
            let whole = pattern.strip_suffix("/**").unwrap_or(pattern).trim_end_matches('/');
            checked(whole)?;
            set.add(glob(whole)?);
        }
        build(&set).map(Self)
    }

    fn names() -> GlobSet {
        let mut set = GlobSetBuilder::new();
        for name in SECRET_NAMES {
            match glob(name) {
                Ok(glob) => set.add(glob),
                Err(error) => panic!("BUG: {error}"),
            };
        }
        build(&set).unwrap_or_else(|error| panic!("BUG: {error}"))
    }
}

fn glob(pattern: &str) -> Result<Glob, ProvisionError> {
    let built = GlobBuilder::new(pattern).literal_separator(true).build();
    built.map_err(|error| ProvisionError::BadPattern {
        pattern: pattern.to_owned(),
        why: error.kind().to_string(),
    })
}

fn build(set: &GlobSetBuilder) -> Result<GlobSet, ProvisionError> {
    let bad = |error: globset::Error| ProvisionError::BadPattern {
        pattern: error.glob().unwrap_or_default().to_owned(),
        why: error.kind().to_string(),
    };
    set.build().map_err(bad)
}

/// Paths stay within the repository and out of its `.git`.
fn checked(path: &str) -> Result<(), ProvisionError> {
    let bad = |why: &str| {
        Err(ProvisionError::BadPattern { pattern: path.to_owned(), why: why.to_owned() })
    };
    if path.is_empty() {
        return bad("it is empty");
    }
    for part in Path::new(path).components() {
        match part {
            Component::Normal(name) if name.eq_ignore_ascii_case(".git") => {
                return bad("it leads into .git");
            }
            Component::Normal(_) => {}
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => {
                return bad("it leads out of the repository");
            }
            Component::CurDir => return bad("it begins with `.`"),
        }
    }
    Ok(())
}

struct Work {
    repository: PathBuf,
    worktree: PathBuf,
    secrets: Vec<String>,
    secret_names: GlobSet,
    provided: Provisioned,
    files: u64,
    bytes: u64,
}

impl Work {
    fn secrets(&mut self) -> Result<(), ProvisionError> {
        for path in self.secrets.clone() {
            let from = self.repository.join(&path);
            // Reached through directories only, as everything else is.
            let plain = parents_are_folders(&self.repository, Path::new(&path));
            match fs::symlink_metadata(&from) {
                Ok(found) if plain && found.is_file() => {
                    if self.copy_file(&from, Path::new(&path))? {
                        self.provided.copied.push(Provided { path, secret: true });
                    }
                }
                Ok(_) => self.skip(&path, "a secret must be a regular file, not behind a link"),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(source) => return Err(io_error("look at", &from)(source)),
            }
        }
        Ok(())
    }

    /// Walks the repository once. What matches as a whole is taken as a whole.
    fn matching(&mut self, copy: &Patterns, link: &Patterns) -> Result<(), ProvisionError> {
        if copy.0.is_empty() && link.0.is_empty() {
            return Ok(());
        }
        let mut looks = 0;
        let mut folders = vec![PathBuf::new()];
        while let Some(folder) = folders.pop() {
            for name in self.names_in(&folder)? {
                looks += 1;
                if looks > LOOKS_MAX {
                    return Err(ProvisionError::TooMuch);
                }
                let path = folder.join(&name);
                let from = self.repository.join(&path);
                let Ok(found) = fs::symlink_metadata(&from) else { continue };
                if link.0.is_match(&path) {
                    self.link(&from, &path)?;
                } else if copy.0.is_match(&path) {
                    self.copy_tree(&path)?;
                } else if found.is_dir() {
                    folders.push(path);
                }
            }
        }
        Ok(())
    }

    /// The names in a directory of the person's, sorted, without `.git`.
    fn names_in(&self, folder: &Path) -> Result<Vec<std::ffi::OsString>, ProvisionError> {
        let at = self.repository.join(folder);
        let mut names = Vec::new();
        for entry in fs::read_dir(&at).map_err(io_error("list", &at))? {
            let name = entry.map_err(io_error("list", &at))?.file_name();
            if !name.eq_ignore_ascii_case(".git") {
                names.push(name);
            }
        }
        names.sort();
        Ok(names)
    }

    fn copy_tree(&mut self, top: &Path) -> Result<(), ProvisionError> {
        let mut took = false;
        let mut waiting = vec![top.to_owned()];
        while let Some(path) = waiting.pop() {
            let from = self.repository.join(&path);
            let Ok(found) = fs::symlink_metadata(&from) else { continue };
            if found.is_dir() {
                waiting.extend(self.names_in(&path)?.into_iter().map(|name| path.join(name)));
            } else if self.is_secret(&path) {
                let known = self.secrets.iter().any(|secret| Path::new(secret) == path);
                if !known {
                    self.skip(&path.to_string_lossy(), "its name is one of secrets");
                }
            } else if found.is_symlink() {
                took |= self.copy_link(&from, &path)?;
            } else if found.is_file() {
                took |= self.copy_file(&from, &path)?;
            } else {
                self.skip(&path.to_string_lossy(), "it is not a file");
            }
        }
        if took {
            let path = top.to_string_lossy().into_owned();
            self.provided.copied.push(Provided { path, secret: false });
        }
        Ok(())
    }

    fn is_secret(&self, path: &Path) -> bool {
        path.file_name().is_some_and(|name| self.secret_names.is_match(Path::new(name)))
    }

    fn copy_file(&mut self, from: &Path, path: &Path) -> Result<bool, ProvisionError> {
        let Some(to) = self.free_place(path)? else { return Ok(false) };
        let found = fs::metadata(from).map_err(io_error("look at", from))?;
        self.files += 1;
        self.bytes += found.len();
        if self.files > FILES_MAX || self.bytes > BYTES_MAX {
            return Err(ProvisionError::TooMuch);
        }
        fs::copy(from, &to).map_err(io_error("copy", from))?;
        if self.is_secret(path) || self.secrets.iter().any(|secret| Path::new(secret) == path) {
            let mode = fs::Permissions::from_mode(0o600);
            fs::set_permissions(&to, mode).map_err(io_error("protect", &to))?;
        }
        Ok(true)
    }

    /// A link is copied as a link, if what it names lies within the repository.
    fn copy_link(&mut self, from: &Path, path: &Path) -> Result<bool, ProvisionError> {
        let target = fs::read_link(from).map_err(io_error("read", from))?;
        let parent = path.parent().unwrap_or(Path::new(""));
        if !stays_inside(&parent.join(&target)) {
            self.skip(&path.to_string_lossy(), "it links to a place outside of the repository");
            return Ok(false);
        }
        let Some(to) = self.free_place(path)? else { return Ok(false) };
        symlink(&target, &to).map_err(io_error("link", &to))?;
        Ok(true)
    }

    fn link(&mut self, from: &Path, path: &Path) -> Result<(), ProvisionError> {
        let shown = path.to_string_lossy().into_owned();
        let found = fs::symlink_metadata(from).map_err(io_error("look at", from))?;
        if found.is_symlink() || self.is_secret(path) {
            self.skip(&shown, "secrets and links are not linked to");
            return Ok(());
        }
        let Some(to) = self.free_place(path)? else { return Ok(()) };
        symlink(from, &to).map_err(io_error("link", &to))?;
        self.provided.linked.push(Provided { path: shown, secret: false });
        Ok(())
    }

    /// Where a path goes, its parents made; `None` when something is there, or a link on the way:
    /// the tree may hold links that lead anywhere.
    fn free_place(&mut self, path: &Path) -> Result<Option<PathBuf>, ProvisionError> {
        let shown = path.to_string_lossy().into_owned();
        let mut at = self.worktree.clone();
        for part in path.parent().unwrap_or(Path::new("")).components() {
            at.push(part);
            match fs::symlink_metadata(&at) {
                Ok(found) if found.is_dir() => {}
                Ok(_) => {
                    self.skip(&shown, "a file or link of the checkout is in the way");
                    return Ok(None);
                }
                Err(_) => fs::create_dir(&at).map_err(io_error("create", &at))?,
            }
        }
        let to = self.worktree.join(path);
        match fs::symlink_metadata(&to) {
            Ok(_) => {
                self.skip(&shown, "the checkout has it already");
                Ok(None)
            }
            Err(_) => Ok(Some(to)),
        }
    }

    /// So that the agent neither sees these as its own work nor commits them. A linked worktree
    /// shares that file with all others, where it is left alone.
    fn hide_from_status(&self) -> Result<(), ProvisionError> {
        let git_dir = self.worktree.join(".git");
        if !git_dir.is_dir() {
            return Ok(());
        }
        let mut lines = String::new();
        for path in self.provided.excluded().into_iter().filter(|path| !path.contains('\n')) {
            lines.push('/');
            for c in path.chars() {
                if matches!(c, '*' | '?' | '[' | ']' | '\\' | ' ') {
                    lines.push('\\');
                }
                lines.push(c);
            }
            lines.push('\n');
        }
        let exclude = git_dir.join("info/exclude");
        let info = git_dir.join("info");
        fs::create_dir_all(&info).map_err(io_error("create", &info))?;
        fs::write(&exclude, lines).map_err(io_error("write", &exclude))
    }

    fn skip(&mut self, path: &str, why: &str) {
        if self.provided.skipped.len() < SKIPPED_MAX {
            let (path, why) = (path.to_owned(), why.to_owned());
            self.provided.skipped.push(Unprovided { path, why });
        }
    }
}

/// Whether a path, `..` worked out by its text, does not climb.
fn stays_inside(path: &Path) -> bool {
    let mut depth = 0_i32;
    for part in path.components() {
        match part {
            Component::Normal(name) if name.eq_ignore_ascii_case(".git") => return false,
            Component::Normal(_) => depth += 1,
            Component::ParentDir => depth -= 1,
            Component::CurDir => {}
            Component::RootDir | Component::Prefix(_) => return false,
        }
        if depth < 0 {
            return false;
        }
    }
    true
}

fn parents_are_folders(top: &Path, path: &Path) -> bool {
    let mut at = top.to_owned();
    path.parent().unwrap_or(Path::new("")).components().all(|part| {
        at.push(part);
        fs::symlink_metadata(&at).is_ok_and(|found| found.is_dir())
    })
}

fn io_error(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> ProvisionError {
    let path = path.to_owned();
    move |source| ProvisionError::Io { doing, path, source }
}
