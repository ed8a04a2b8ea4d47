//! Tier L2: the `bwrap` program.
//!
//! As root, bubblewrap keeps all capabilities by default, and a program with them remounts `/`
//! writable. Therefore always a user namespace and `--cap-drop ALL`; a nested user namespace
//! gives capabilities back, but over mounts that the kernel has locked.
//!
//! One thing rests on the kernel alone: run by root, `/proc/1/exe` inside is bubblewrap's own
//! file on the host, and what refuses to open it for writing is that it is being executed
//! (`ETXTBSY`, which Linux 6.11 and early 6.12 lack). Running as an ordinary user has no such gap.
//!
//! The options go through a memory file instead of the argument vector: they hold the
//! environment, and argument vectors are public on the machine.

use std::ffi::{OsStr, OsString};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use rustix::io::Errno;

#[cfg(not(target_os = "linux"))]
use super::elsewhere::in_namespaces;
use super::plan::{Mount, PROXY_SOCKET, Plan, SHIM};
#[cfg(target_os = "linux")]
use super::seccomp::in_namespaces;
use super::spec::{Network, SandboxError, Tier};
use super::status::StatusPipe;
use crate::cmd::Cmd;
use crate::resolve::{self, Look};
use crate::shim;
use crate::spawn::SpawnError;

const HOSTNAME: &str = "gangline";

/// What each folder in memory may hold: it is memory that no process seems to use.
const TMPFS_BYTES_MAX: u64 = 1024 * 1024 * 1024;

/// Where the shim listens inside.
const PROXY_PORT: u16 = 61_128;

/// How programs learn of a proxy: some read only one of them.
const PROXY_VARIABLES: [&str; 6] =
    ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "https_proxy", "http_proxy", "all_proxy"];

/// The loopback is the sandbox's own, and Node asks for leave to obey.
const PROXY_OTHERS: [(&str, &str); 3] = [
    ("NO_PROXY", "localhost,127.0.0.1,::1"),
    ("no_proxy", "localhost,127.0.0.1,::1"),
    ("NODE_USE_ENV_PROXY", "1"),
];

/// The isolation that does not depend on the description.
const ALWAYS: [&str; 11] = [
    "--unshare-user",
    "--unshare-pid",
    "--unshare-ipc",
    "--unshare-uts",
    "--unshare-cgroup-try",
    "--die-with-parent",
    "--new-session",
    "--cap-drop",
    "ALL",
    "--hostname",
    HOSTNAME,
];

/// Bubblewrap, ready to be started.
pub(crate) struct Wrapped {
    pub(crate) command: Command,
    /// Descriptors that bubblewrap gets under the same numbers.
    pub(crate) inherit: Vec<OwnedFd>,
    pub(crate) status: StatusPipe,
}

/// Wraps `cmd` into its sandbox. `marks` are in the environment of the program and of
/// bubblewrap itself, which else has an empty one.
#[expect(clippy::disallowed_methods, reason = "this is the one door to processes")]
pub(crate) fn wrap(cmd: &Cmd, marks: &[(&'static str, String)]) -> Result<Wrapped, SpawnError> {
    if cfg!(not(target_os = "linux")) {
        return Err(SandboxError::Unsupported { tier: Tier::L2 }.into());
    }
    let bwrap = find_bwrap().ok_or(SandboxError::Missing)?;
    let plan = Plan::of(&cmd.sandbox)?;
    let cwd = directory(cmd, &plan)?;
    let program = program(cmd, &plan, &cwd)?;

    let (status, report) = StatusPipe::new().map_err(handover)?;
    let filter = memory_file(in_namespaces()?).map_err(handover)?;
    let private = private_files(cmd)?;
    let descriptors = Descriptors { report: &report, filter: &filter, private: &private };
    let sized = can_size(&bwrap);
    let options = options(cmd, (&plan, &cwd, sized), marks, &descriptors);
    let options = memory_file(&lines(&options).map_err(handover)?).map_err(handover)?;

    let mut command = Command::new(bwrap);
    command.env_clear().current_dir("/");
    command.arg("--args").arg(options.as_raw_fd().to_string()).arg("--");
    match &cmd.sandbox.network {
        Network::Proxy(way) => {
            let out = (Path::new(PROXY_SOCKET), PROXY_PORT, way.forward.as_slice());
            command.arg(SHIM).args(&way.shim.1).args(shim::wrapped(out, &program, &cmd.args));
        }
        Network::None | Network::Open => {
            command.arg(program).args(&cmd.args);
        }
    }
    let private = private.into_iter().map(|(_, file)| file);
    let inherit = [report, filter, options].into_iter().chain(private).collect();
    Ok(Wrapped { command, inherit, status })
}

/// Where `bwrap` is: on this process's own `PATH`, or where systems put it.
pub(super) fn find_bwrap() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let usual = OsStr::new("/usr/bin:/usr/local/bin:/bin");
    [path.as_os_str(), usual]
        .iter()
        .find_map(|path| resolve::program(OsStr::new("bwrap"), path, None).ok())
}

fn handover(errno: Errno) -> SandboxError {
    SandboxError::Handover(errno.into())
}

fn directory(cmd: &Cmd, plan: &Plan) -> Result<PathBuf, SpawnError> {
    let Some(cwd) = &cmd.cwd else { return Ok(PathBuf::from("/")) };
    if plan.has_directory(cwd) {
        Ok(cwd.clone())
    } else if cwd.is_dir() {
        Err(SandboxError::DirectoryHidden { path: cwd.clone() }.into())
    } else {
        Err(SpawnError::NoSuchDirectory { path: cwd.clone() })
    }
}

/// The path of the program inside. It must be there with all links followed, because
/// bubblewrap reports a hidden link target no better than a missing program.
fn program(cmd: &Cmd, plan: &Plan, cwd: &Path) -> Result<PathBuf, SpawnError> {
    let mut denied = false;
    let mut hidden = None;
    for candidate in resolve::candidates(&cmd.program, &cmd.search_path(), Some(cwd)) {
        let host = plan.host_of(&candidate);
        let real = std::fs::canonicalize(host.as_ref().unwrap_or(&candidate));
        // A bind under another name shows what lies in it, if not what links lead to.
        let shown = |real: &PathBuf| host.as_ref() == Some(real) || plan.shows(real);
        match (real, resolve::look(host.as_ref().unwrap_or(&candidate))) {
            (Ok(real), Look::Executable) if host.is_some() && shown(&real) => {
                return Ok(candidate);
            }
            (Ok(real), Look::Executable) => hidden = hidden.or(Some(real)),
            (_, Look::Denied) => denied = true,
            (_, Look::Absent | Look::Executable) => {}
        }
    }
    let program = cmd.program.clone();
    Err(match hidden {
        Some(path) => SandboxError::ProgramHidden { program, path }.into(),
        None if denied => SpawnError::PermissionDenied { program },
        None => SpawnError::NotFound { program },
    })
}

/// What bubblewrap reads from, by number.
struct Descriptors<'a> {
    report: &'a OwnedFd,
    filter: &'a OwnedFd,
    /// Paths inside, and contents.
    private: &'a [(PathBuf, OwnedFd)],
}

/// The private folder's files, as files without a name.
fn private_files(cmd: &Cmd) -> Result<Vec<(PathBuf, OwnedFd)>, SandboxError> {
    let Some(private) = &cmd.sandbox.private else { return Ok(vec![]) };
    let files = private.files.iter().map(|(name, bytes)| {
        let path = private.inside.join(name);
        if path.parent() != Some(private.inside.as_path()) {
            return Err(SandboxError::BadPath { path });
        }
        Ok((path, memory_file(bytes).map_err(handover)?))
    });
    files.collect()
}

fn options(
    cmd: &Cmd,
    (plan, cwd, sized): (&Plan, &Path, bool),
    marks: &[(&'static str, String)],
    descriptors: &Descriptors<'_>,
) -> Vec<OsString> {
    let mut options = Options(ALWAYS.map(OsString::from).into());
    if cmd.sandbox.network != Network::Open {
        options.add(&[&"--unshare-net"]);
    }
    options.add(&[&"--json-status-fd", &number(descriptors.report)]);
    options.add(&[&"--seccomp", &number(descriptors.filter)]);
    for (path, mount) in plan.mounts() {
        match mount {
            Mount::Dev => options.add(&[&"--dev", &path]),
            Mount::Proc => options.add(&[&"--proc", &path]),
            Mount::Tmpfs if sized => {
                options.add(&[&"--size", &TMPFS_BYTES_MAX.to_string(), &"--tmpfs", &path]);
            }
            Mount::Tmpfs => options.add(&[&"--tmpfs", &path]),
            Mount::Private => {
                options.add(&[&"--perms", &"0500", &"--tmpfs", &path]);
                for (file, bytes) in descriptors.private {
                    options.add(&[&"--perms", &"0400", &"--file", &number(bytes), file]);
                }
                options.add(&[&"--remount-ro", &path]);
            }
            Mount::Symlink { target } => options.add(&[&"--symlink", target, &path]),
            Mount::Bind { host, writable: true } => options.add(&[&"--bind", host, &path]),
            Mount::Bind { host, writable: false } => options.add(&[&"--ro-bind", host, &path]),
            Mount::Null => options.add(&[&"--ro-bind", &"/dev/null", &path]),
        }
    }
    // Last, when all mount points exist: nobody shall mistake the root in memory for a disk.
    // The same for the folder of devices, which has no size of its own.
    options.add(&[&"--remount-ro", &"/dev", &"--remount-ro", &"/", &"--chdir", &cwd]);
    if let Some(home) = &cmd.sandbox.home {
        options.add(&[&"--setenv", &"HOME", home]);
    }
    for (key, value) in &cmd.env {
        options.add(&[&"--setenv", key, value]);
    }
    if matches!(cmd.sandbox.network, Network::Proxy(_)) {
        let proxy = format!("http://127.0.0.1:{PROXY_PORT}");
        for key in PROXY_VARIABLES {
            options.add(&[&"--setenv", &key, &proxy]);
        }
        for (key, value) in PROXY_OTHERS {
            options.add(&[&"--setenv", &key, &value]);
        }
    }
    for (key, value) in marks {
        options.add(&[&"--setenv", key, value]);
    }
    options.0
}

fn number(descriptor: &OwnedFd) -> String {
    descriptor.as_raw_fd().to_string()
}

struct Options(Vec<OsString>);

impl Options {
    fn add(&mut self, options: &[&dyn AsRef<OsStr>]) {
        self.0.extend(options.iter().map(|option| option.as_ref().to_owned()));
    }
}

/// Whether this bubblewrap bounds folders in memory: older ones refuse the option. Its options
/// stand in the program itself, and reading it is quicker than asking it.
fn can_size(bwrap: &Path) -> bool {
    static CAN: OnceLock<bool> = OnceLock::new();
    *CAN.get_or_init(|| {
        let option = b"--size\0";
        std::fs::read(bwrap)
            .is_ok_and(|program| program.windows(option.len()).any(|bytes| bytes == option))
    })
}

/// The options, each ending in NUL.
fn lines(options: &[OsString]) -> Result<Vec<u8>, Errno> {
    let mut bytes = Vec::new();
    for option in options {
        // A NUL within would end the option early and make the rest an option of its own.
        if option.as_bytes().contains(&0) {
            return Err(Errno::INVAL);
        }
        bytes.extend_from_slice(option.as_bytes());
        bytes.push(0);
    }
    Ok(bytes)
}

/// A file that has no name.
#[cfg(target_os = "linux")]
fn memory_file(bytes: &[u8]) -> Result<OwnedFd, Errno> {
    use rustix::fs::{MemfdFlags, SeekFrom};

    let file = rustix::fs::memfd_create("gangline-sandbox", MemfdFlags::CLOEXEC)?;
    let mut rest = bytes;
    while !rest.is_empty() {
        rest = &rest[rustix::io::write(&file, rest)?..];
    }
    rustix::fs::seek(&file, SeekFrom::Start(0))?;
    Ok(file)
}

#[cfg(not(target_os = "linux"))]
fn memory_file(_bytes: &[u8]) -> Result<OwnedFd, Errno> {
    Err(Errno::NOSYS)
}
