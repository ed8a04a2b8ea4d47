//! From a [`Sandbox`] to the mounts that make it.
//!
//! ```text
//!   base (/dev /proc /tmp /run)  <  read_only  <  writable, home  <  binds  <  hide
//! ```
//!
//! Later ones replace earlier ones at the same path. The map is ordered by path components, so
//! that a parent is mounted before its children and never covers them.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Component, Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::spec::{Network, ProxyWay, Sandbox, SandboxError};

/// What is at one path inside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Mount {
    Dev,
    Proc,
    /// An empty directory in memory.
    Tmpfs,
    /// The sandbox's private folder.
    Private,
    Symlink {
        target: PathBuf,
    },
    Bind {
        host: PathBuf,
        writable: bool,
    },
    /// An unreadable file.
    Null,
}

/// All mounts, parents first.
#[derive(Debug)]
pub(super) struct Plan {
    mounts: BTreeMap<PathBuf, Mount>,
}

/// Where the system keeps configuration and packages that may hold secrets, and how deep to
/// look for them.
const SHARED_ROOTS: [(&str, usize); 2] = [("/etc", 3), ("/opt", 2)];

/// How old what is known of them may be.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// Where the shim's program and the proxy's socket are inside.
pub(super) const SHIM: &str = "/run/gangline/shim";
pub(super) const PROXY_SOCKET: &str = "/run/gangline/proxy.sock";

/// Links that lead to links: the bound of the kernel, too.
const LINKS_MAX: usize = 40;

impl Plan {
    pub(super) fn of(sandbox: &Sandbox) -> Result<Self, SandboxError> {
        let mut plan = Self::base();
        for path in &sandbox.read_only {
            plan.read_only(checked(path)?);
        }
        plan.cover_private(&sandbox.read_only);
        plan.cover_proc();
        for path in sandbox.writable.iter().chain(&sandbox.home) {
            plan.writable(checked(path)?)?;
        }
        for (host, inside, writable) in &sandbox.binds {
            let host = existing(checked(host)?)?;
            let inside = checked(inside)?.to_owned();
            plan.mounts.insert(inside, Mount::Bind { host, writable: *writable });
        }
        match &sandbox.network {
            Network::None => {}
            Network::Proxy(way) => plan.way_out(way)?,
            Network::Open => plan.resolver(),
        }
        for path in &sandbox.hide {
            plan.hide(checked(path)?);
        }
        if let Some(private) = &sandbox.private {
            plan.mounts.insert(checked(&private.inside)?.to_owned(), Mount::Private);
        }
        Ok(plan)
    }

    fn base() -> Self {
        let mounts = [
            ("/dev", Mount::Dev),
            ("/dev/shm", Mount::Tmpfs),
            ("/proc", Mount::Proc),
            ("/run", Mount::Tmpfs),
            ("/tmp", Mount::Tmpfs),
            ("/var/tmp", Mount::Tmpfs),
        ];
        Self { mounts: mounts.map(|(path, mount)| (PathBuf::from(path), mount)).into() }
    }

    /// A path to read, if it exists. A link whose target has the same parent and is (like
    /// `/bin -> usr/bin`) shown anyway stays a link.
    fn read_only(&mut self, path: &Path) {
        let Ok(canonical) = fs::canonicalize(path) else { return };
        let mount = match fs::read_link(path) {
            Ok(target) if is_system_link(path, &target) => Mount::Symlink { target },
            _ => Mount::Bind { host: canonical, writable: false },
        };
        self.mounts.insert(path.to_owned(), mount);
    }

    /// Shown under the name given and, where links lead to it, under its real name as well:
    /// tools write real names into their files.
    fn writable(&mut self, path: &Path) -> Result<(), SandboxError> {
        let host = existing(path)?;
        for name in [path.to_owned(), host.clone()] {
            self.mounts.insert(name, Mount::Bind { host: host.clone(), writable: true });
        }
        Ok(())
    }

    /// Covers what not everybody may read beneath the shared roots, unless it was named.
    fn cover_private(&mut self, named: &[PathBuf]) {
        for (root, depth) in SHARED_ROOTS {
            let root = Path::new(root);
            if !matches!(self.mounts.get(root), Some(Mount::Bind { .. })) {
                continue;
            }
            for (path, mount) in known_private(root, depth) {
                if !named.contains(&path) {
                    self.mounts.insert(path, mount);
                }
            }
        }
    }

    /// Makes what `/proc` says about the whole machine read-only, or covers it.
    ///
    /// To a program started by root the files of `/proc/sys` are its own, capabilities or not:
    /// writing `kernel/core_pattern` would run a program on the host. Bubblewrap protects a few
    /// directories, and only if the *directory* is writable, which it never is here.
    fn cover_proc(&mut self) {
        for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
            let (name, path) = (entry.file_name(), entry.path());
            if name.as_encoded_bytes().iter().all(u8::is_ascii_digit) {
                continue;
            }
            // Links lead to the process that looks.
            let Some(meta) = entry.metadata().ok().filter(|meta| !meta.is_symlink()) else {
                continue;
            };
            let mode = meta.permissions().mode();
            if meta.is_file() && mode & 0o004 == 0 {
                self.mounts.insert(path, Mount::Null);
            } else if meta.is_dir() || mode & 0o222 != 0 {
                self.mounts.insert(path.clone(), Mount::Bind { host: path, writable: false });
            }
        }
    }

    /// `/etc/resolv.conf` is often a link into `/run`, which is empty inside.
    fn resolver(&mut self) {
        let configured = Path::new("/etc/resolv.conf");
        if self.host_of(configured).is_none() {
            return;
        }
        if let Ok(real) = fs::canonicalize(configured)
            && self.host_of(&real).is_none()
        {
            self.mounts.insert(real.clone(), Mount::Bind { host: real, writable: false });
        }
    }

    /// The shim's program and the proxy's socket, under names that do not depend on the host.
    fn way_out(&mut self, way: &ProxyWay) -> Result<(), SandboxError> {
        for (host, inside) in [(&way.shim.0, SHIM), (&way.socket, PROXY_SOCKET)] {
            let host = existing(checked(host)?)?;
            self.mounts.insert(inside.into(), Mount::Bind { host, writable: false });
        }
        Ok(())
    }

    fn hide(&mut self, path: &Path) {
        // A mount cannot cover a link, only what it leads to.
        let Some(host) = self.host_of(path) else { return };
        let Ok(found) = fs::metadata(&host) else { return };
        let mount = if found.is_dir() { Mount::Tmpfs } else { Mount::Null };
        if fs::symlink_metadata(&host).is_ok_and(|link| link.is_symlink()) {
            if let Ok(real) = fs::canonicalize(&host)
                && self.host_of(&real).is_some()
            {
                self.mounts.insert(real, mount);
            }
        } else {
            self.mounts.insert(path.to_owned(), mount);
        }
    }

    /// The host's path of what stands at `inside`; `None` for what is private to the sandbox
    /// or not there. Links inside a bind are not followed.
    pub(super) fn host_of(&self, inside: &Path) -> Option<PathBuf> {
        let mut path = inside.to_owned();
        for _ in 0..LINKS_MAX {
            let (at, mount) = path.ancestors().find_map(|at| Some((at, self.mounts.get(at)?)))?;
            let rest = path.strip_prefix(at).ok()?;
            match mount {
                Mount::Bind { host, .. } => {
                    // Joining an empty rest would add a slash that makes a file a directory.
                    let whole = rest.as_os_str().is_empty();
                    return Some(if whole { host.clone() } else { host.join(rest) });
                }
                Mount::Symlink { target } => path = at.parent()?.join(target).join(rest),
                Mount::Dev | Mount::Proc | Mount::Tmpfs | Mount::Private | Mount::Null => {
                    return None;
                }
            }
        }
        None
    }

    /// Whether `path`, a real path of the host, can be seen inside under that name.
    pub(super) fn shows(&self, path: &Path) -> bool {
        self.host_of(path).is_some_and(|host| host == path)
    }

    /// Whether `path` is a directory inside, private ones included.
    pub(super) fn has_directory(&self, path: &Path) -> bool {
        match self.mounts.get(path) {
            Some(Mount::Tmpfs | Mount::Private | Mount::Dev | Mount::Proc) => true,
            Some(Mount::Null) => false,
            Some(Mount::Bind { .. } | Mount::Symlink { .. }) | None => {
                let leads_to_a_mount = self.mounts.keys().any(|at| at.starts_with(path));
                leads_to_a_mount || self.host_of(path).is_some_and(|host| host.is_dir())
            }
        }
    }

    pub(super) fn mounts(&self) -> impl Iterator<Item = (&Path, &Mount)> {
        self.mounts.iter().map(|(path, mount)| (path.as_path(), mount))
    }
}

/// `/bin -> usr/bin` and its like: a link at the root into `/usr`.
fn is_system_link(path: &Path, target: &Path) -> bool {
    let at_root = path.parent() == Some(Path::new("/"));
    at_root && Path::new("/").join(target).starts_with("/usr")
}

/// Absolute, without `..`, not the root: whoever wants all of the host wants no sandbox.
fn checked(path: &Path) -> Result<&Path, SandboxError> {
    let climbs = path.components().any(|part| part == Component::ParentDir);
    if path.is_absolute() && !climbs && path.parent().is_some() {
        Ok(path)
    } else {
        Err(SandboxError::BadPath { path: path.to_owned() })
    }
}

fn existing(path: &Path) -> Result<PathBuf, SandboxError> {
    fs::canonicalize(path).map_err(|_| SandboxError::MissingPath { path: path.to_owned() })
}

/// The same as [`private_entries`], as they were at most [`LOOK_EVERY`] ago: whoever measures a commit
/// starts many programs in a row. What becomes private while a sandbox stands is not covered either.
fn known_private(root: &Path, depth: usize) -> Vec<(PathBuf, Mount)> {
    type Known = BTreeMap<PathBuf, (Instant, Vec<(PathBuf, Mount)>)>;
    static KNOWN: Mutex<Known> = Mutex::new(BTreeMap::new());
    let mut all = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((at, known)) = all.get(root)
        && at.elapsed() < LOOK_EVERY
    {
        return known.clone();
    }
    let found = private_entries(root, depth);
    all.insert(root.to_owned(), (Instant::now(), found.clone()));
    found
}

/// Entries beneath `root` that others than owner and group may not read, and what covers them.
pub(super) fn private_entries(root: &Path, depth: usize) -> Vec<(PathBuf, Mount)> {
    let mut found = Vec::new();
    let mut open = vec![(root.to_owned(), depth)];
    while let Some((directory, depth)) = open.pop() {
        // A directory that this user cannot list shows nothing to a program of this user.
        let Ok(entries) = fs::read_dir(&directory) else { continue };
        for entry in entries.flatten() {
            // Half of what is there are links, whose own mode says nothing, and the listing tells.
            if entry.file_type().is_ok_and(|kind| kind.is_symlink()) {
                continue;
            }
            let Ok(meta) = entry.metadata() else { continue };
            let mode = meta.permissions().mode();
            if meta.is_dir() && mode & 0o005 != 0o005 {
                found.push((entry.path(), Mount::Tmpfs));
            } else if meta.is_dir() && depth > 1 {
                open.push((entry.path(), depth - 1));
            } else if meta.is_file() && mode & 0o004 == 0 {
                found.push((entry.path(), Mount::Null));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests;
