//! The description of a sandbox.

use std::ffi::OsString;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::limits::Limits;

/// How strong the wall around a program is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Tier {
    /// No wall: a process group, a deadline and limits.
    #[serde(rename = "none")]
    L0,
    /// Landlock and seccomp: named paths only, no capabilities, fewer system calls. It shares the
    /// host's processes and names.
    #[serde(rename = "landlock")]
    L1,
    /// Bubblewrap: namespaces, no capabilities, a file system of named paths only.
    #[serde(rename = "bubblewrap")]
    L2,
}

impl fmt::Display for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::L0 => "none",
            Self::L1 => "landlock",
            Self::L2 => "bubblewrap",
        })
    }
}

/// How much of the network a program has.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Network {
    /// A loopback of its own and nothing else.
    #[default]
    None,
    /// The same, and a way to a proxy outside. Needs [`Tier::L2`]; elsewhere nothing starts.
    Proxy(ProxyWay),
    /// The host's own.
    Open,
}

/// The way to a proxy outside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProxyWay {
    /// The proxy's unix socket. It speaks HTTP, with `CONNECT`.
    pub socket: PathBuf,
    /// A program whose arguments lead to [`crate::shim_main`], and what stands before them.
    pub shim: (PathBuf, Vec<String>),
    /// Loopback addresses that are the proxy's inside, for clients that know of no proxy.
    pub forward: Vec<SocketAddr>,
}

/// What a program may see and reach. All paths are absolute. Under [`Tier::L0`] only
/// [`Sandbox::home`] and [`Sandbox::limits`] have a meaning.
///
/// Inside there are private, empty `/tmp`, `/var/tmp` and `/run` in memory, a minimal `/dev`, a
/// `/proc` of its own processes and the paths named here, deeper ones over shallower ones;
/// where two lists name the same path, the later field wins. Everything else of the host is
/// absent, and the directories that merely lead to a named path are read-only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sandbox {
    /// How strong the wall is.
    pub tier: Tier,
    /// How much of the network it has.
    pub network: Network,
    /// Paths to read, usually [`crate::system_read_set`] and more. Those that do not exist are
    /// left out. In `/etc` and `/opt`, what not everybody may read is covered, because a
    /// program run by root would otherwise read it.
    pub read_only: Vec<PathBuf>,
    /// Paths to write, under the same name inside as outside. They must exist.
    pub writable: Vec<PathBuf>,
    /// Paths under another name: (host, inside, whether writable). They must exist.
    pub binds: Vec<(PathBuf, PathBuf, bool)>,
    /// Paths inside to cover, with an empty directory or `/dev/null`. Wins over all others at
    /// the same path; deeper paths that are named still show.
    pub hide: Vec<PathBuf>,
    /// An existing directory that is writable and becomes `HOME`, unless the command sets that.
    pub home: Option<PathBuf>,
    /// A folder in memory with files that stand nowhere else. Needs [`Tier::L2`]; elsewhere nothing
    /// starts when it holds a file. Never serialised.
    #[serde(skip)]
    pub private: Option<PrivateFolder>,
    /// Resource limits of everything inside, where the command sets none itself. They hold under
    /// every tier.
    #[serde(default)]
    pub limits: Limits,
}

/// A read-only folder in memory, mode 0500, with files of mode 0400.
#[derive(Clone, PartialEq, Eq)]
pub struct PrivateFolder {
    /// Its path inside.
    pub inside: PathBuf,
    /// Names, each one path component, and contents.
    pub files: Vec<(String, Vec<u8>)>,
}

impl fmt::Debug for PrivateFolder {
    /// Shows the names of files but not what is in them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.files.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("PrivateFolder")
            .field("inside", &self.inside)
            .field("files", &names)
            .finish()
    }
}

impl Sandbox {
    /// No sandbox.
    pub fn none() -> Self {
        Self {
            tier: Tier::L0,
            network: Network::Open,
            read_only: Vec::new(),
            writable: Vec::new(),
            binds: Vec::new(),
            hide: Vec::new(),
            home: None,
            private: None,
            limits: Limits::default(),
        }
    }

    /// A bubblewrap sandbox without network in which nothing is visible yet, not even `/usr`.
    pub fn bubblewrap() -> Self {
        Self { tier: Tier::L2, network: Network::None, ..Self::none() }
    }

    /// A sandbox of this tier without network in which nothing is visible yet, or none.
    pub fn of(tier: Tier) -> Self {
        match tier {
            Tier::L0 => Self::none(),
            Tier::L1 | Tier::L2 => Self { tier, network: Network::None, ..Self::none() },
        }
    }

    /// A bubblewrap sandbox without network that sees the system and toolchains found from this
    /// process's `PATH`.
    pub fn with_system() -> Self {
        let path = std::env::var_os("PATH");
        Self::bubblewrap().read_only(super::system_read_set(path.as_deref()))
    }

    /// Shares the host's network, or not.
    #[must_use]
    pub fn network(mut self, shared: bool) -> Self {
        self.network = if shared { Network::Open } else { Network::None };
        self
    }

    /// Gives it a way to a proxy, and nothing else.
    #[must_use]
    pub fn proxy(mut self, way: ProxyWay) -> Self {
        self.network = Network::Proxy(way);
        self
    }

    /// Adds paths to read.
    #[must_use]
    pub fn read_only<I>(mut self, paths: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<PathBuf>,
    {
        self.read_only.extend(paths.into_iter().map(Into::into));
        self
    }

    /// Adds a path to write.
    #[must_use]
    pub fn writable(mut self, path: impl Into<PathBuf>) -> Self {
        self.writable.push(path.into());
        self
    }

    /// Shows `host` as `inside`.
    #[must_use]
    pub fn bind(
        mut self,
        host: impl Into<PathBuf>,
        inside: impl Into<PathBuf>,
        writable: bool,
    ) -> Self {
        self.binds.push((host.into(), inside.into(), writable));
        self
    }

    /// Covers a path.
    #[must_use]
    pub fn hide(mut self, path: impl Into<PathBuf>) -> Self {
        self.hide.push(path.into());
        self
    }

    /// Shows a folder in memory with these files.
    #[must_use]
    pub fn private(mut self, inside: impl Into<PathBuf>, files: Vec<(String, Vec<u8>)>) -> Self {
        self.private = Some(PrivateFolder { inside: inside.into(), files });
        self
    }

    /// Sets resource limits.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Sets the directory that becomes `HOME`.
    #[must_use]
    pub fn home(mut self, directory: impl Into<PathBuf>) -> Self {
        self.home = Some(directory.into());
        self
    }
}

impl Default for Sandbox {
    fn default() -> Self {
        Self::none()
    }
}

/// Why a program does not run in the sandbox asked for. None of these is the program's fault.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// Bubblewrap is not installed.
    #[error("bubblewrap is missing (apt-get install bubblewrap)")]
    Missing,
    /// This system has no such tier.
    #[error("tier {tier} does not exist on this system")]
    Unsupported {
        /// The tier asked for.
        tier: Tier,
    },
    /// Only a network namespace keeps a program to its proxy.
    #[error("tier {tier} cannot keep a program to its proxy")]
    NoProxy {
        /// The tier asked for.
        tier: Tier,
    },
    /// Only a file system of its own has a folder that stands nowhere else.
    #[error("tier {tier} has no place for files in memory")]
    NoPrivateFolder {
        /// The tier asked for.
        tier: Tier,
    },
    /// The kernel has no Landlock, or one that is too old.
    #[error("landlock refused: {reason}")]
    NoLandlock {
        /// Why.
        reason: String,
    },
    /// The filter of system calls could not be made.
    #[error("seccomp refused: {reason}")]
    NoSeccomp {
        /// Why.
        reason: String,
    },
    /// Landlock gives leave to a whole folder or to none of it.
    #[error("tier landlock cannot cover {}", path.display())]
    CannotHide {
        /// The path to cover.
        path: PathBuf,
    },
    /// A sandbox dies with its parent and so cannot be detached.
    #[error("a sandboxed program cannot be detached")]
    Detached,
    /// A path that is relative, leads upwards or is the root.
    #[error("not a path for a sandbox: {}", path.display())]
    BadPath {
        /// The path given.
        path: PathBuf,
    },
    /// A writable path, a bind's source or the home that does not exist.
    #[error("does not exist: {}", path.display())]
    MissingPath {
        /// The path given.
        path: PathBuf,
    },
    /// The program exists but cannot be seen from inside.
    #[error("program {program:?} is outside the sandbox at {}", path.display())]
    ProgramHidden {
        /// As the caller named it.
        program: OsString,
        /// Where it is, links followed.
        path: PathBuf,
    },
    /// The directory to run in exists but cannot be seen from inside.
    #[error("the working directory is outside the sandbox: {}", path.display())]
    DirectoryHidden {
        /// The directory given.
        path: PathBuf,
    },
    /// Bubblewrap refused, for instance because user namespaces are forbidden here.
    #[error("bubblewrap failed: {reason}")]
    Setup {
        /// What it said.
        reason: String,
    },
    /// The description could not be handed over.
    #[error("cannot describe the sandbox to bubblewrap")]
    Handover(#[source] io::Error),
}
