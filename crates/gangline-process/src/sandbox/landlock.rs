//! Tier L1: Landlock and seccomp, for machines without user namespaces.
//!
//! ```text
//!   before the fork: rules on open files, two compiled filters        may allocate, may fail
//!   after the fork:  no capabilities ▸ no new privileges ▸ Landlock ▸ seccomp ▸ exec
//! ```
//!
//! The program sees the host's paths under their own names, and can open those that are named.
//! What this tier does not do: it hides no process names, gives no loopback of its own, and does
//! not keep a program from changing mode, owner or times of a foreign file that it owns.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::process::Command;

use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, CompatLevel, Compatible, Ruleset, RulesetAttr,
    RulesetCreated, RulesetCreatedAttr, RulesetError, Scope, path_beneath_rules,
};

use super::plan::private_entries;
use super::seccomp::Filters;
use super::spec::{Network, Sandbox, SandboxError, Tier};
use crate::cmd::Cmd;
use crate::resolve;
use crate::spawn::SpawnError;

/// The first version whose rules also cover cutting a file short.
const ABI_MIN: i32 = 3;
/// From here on on TCP, and from here on on signals and abstract sockets.
const ABI_TCP: i32 = 4;
const ABI_SCOPES: i32 = 6;

/// Beneath these, what not everybody may read is left out; and how deep to look.
const SHARED_ROOTS: [(&str, usize); 2] = [("/etc", 3), ("/opt", 2)];

/// Devices that programs open, and those whose terminals they command.
const DEVICES: [&str; 5] = ["/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"];
const TERMINALS: [&str; 3] = ["/dev/tty", "/dev/ptmx", "/dev/pts"];

/// What the child puts around itself between fork and exec.
#[derive(Debug)]
pub(crate) struct Wall {
    rules: OwnedFd,
    filters: Filters,
}

impl Wall {
    /// Makes it hold for the calling process and all that it starts. System calls only.
    pub(crate) fn raise(&self) -> io::Result<()> {
        drop_capabilities()?;
        rustix::thread::set_no_new_privs(true)?;
        restrict(&self.rules)?;
        self.filters.apply()
    }
}

/// The program without a wall, and the wall.
#[expect(clippy::disallowed_methods, reason = "this is the one door to processes")]
pub(crate) fn walled(cmd: &Cmd) -> Result<(Command, Wall), SpawnError> {
    let sandbox = &cmd.sandbox;
    let (readable, writable) = (readable(sandbox), writable(sandbox)?);
    let cwd = cmd.cwd.clone().or_else(|| sandbox.home.clone()).unwrap_or_else(|| "/".into());
    if !cwd.is_dir() {
        return Err(SpawnError::NoSuchDirectory { path: cwd });
    }
    let shown = |path: &Path| {
        let real = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        readable
            .iter()
            .chain(&writable)
            .any(|root| real.starts_with(fs::canonicalize(root).unwrap_or_else(|_| root.clone())))
    };
    if cmd.cwd.is_some() && !shown(&cwd) {
        return Err(SandboxError::DirectoryHidden { path: cwd }.into());
    }
    let program = resolve::program(&cmd.program, &cmd.search_path(), cmd.cwd.as_deref())?;
    if !shown(&program) {
        let name = cmd.program.clone();
        return Err(SandboxError::ProgramHidden { program: name, path: program }.into());
    }
    let wall = Wall {
        rules: rules(&sandbox.network, &readable, &writable)?,
        filters: Filters::new(&sandbox.network)?,
    };
    let mut command = Command::new(program);
    command.args(&cmd.args).env_clear().current_dir(cwd);
    if let Some(home) = &sandbox.home {
        command.env("HOME", home);
    }
    command.envs(&cmd.env);
    Ok((command, wall))
}

/// Which version this kernel has; 0 where it has none or it is off.
pub(super) fn abi() -> i32 {
    #[expect(unsafe_code, reason = "no crate tells the number")]
    // SAFETY: without attributes and with this flag the kernel only answers its version.
    let answer = unsafe {
        libc::syscall(libc::SYS_landlock_create_ruleset, std::ptr::null::<u8>(), 0_usize, 1_u32)
    };
    i32::try_from(answer).unwrap_or(0).max(0)
}

/// What a kernel with this version leaves open.
pub(super) fn gaps() -> Vec<&'static str> {
    let abi = abi();
    let mut gaps = vec![];
    if abi < ABI_TCP {
        gaps.push("TCP ports are shut by seccomp alone");
    }
    if abi < ABI_SCOPES {
        gaps.push("signals to other processes of the same user are not stopped");
    }
    gaps
}

fn readable(sandbox: &Sandbox) -> Vec<PathBuf> {
    let mut paths = vec![];
    for path in &sandbox.read_only {
        match SHARED_ROOTS.iter().find(|(root, _)| Path::new(root) == path) {
            Some((_, depth)) => {
                let private = private_entries(path, *depth).into_iter().map(|(path, _)| path);
                let private: BTreeSet<PathBuf> =
                    private.filter(|path| !sandbox.read_only.contains(path)).collect();
                without(path, &private, &mut paths);
            }
            None => paths.push(path.clone()),
        }
    }
    let binds = sandbox.binds.iter().filter(|(_, _, writable)| !writable);
    paths.extend(binds.map(|(host, _, _)| host.clone()));
    paths
}

/// All of `path` but `private`, in as few paths as that takes.
fn without(path: &Path, private: &BTreeSet<PathBuf>, paths: &mut Vec<PathBuf>) {
    if private.contains(path) {
        return;
    }
    if !private.iter().any(|entry| entry.starts_with(path)) {
        paths.push(path.to_owned());
        return;
    }
    for entry in fs::read_dir(path).into_iter().flatten().flatten() {
        without(&entry.path(), private, paths);
    }
}

/// Paths to write, and refusals of what this tier cannot do.
fn writable(sandbox: &Sandbox) -> Result<Vec<PathBuf>, SandboxError> {
    if matches!(sandbox.network, Network::Proxy(_)) {
        return Err(SandboxError::NoProxy { tier: Tier::L1 });
    }
    if let Some(path) = sandbox.hide.iter().find(|path| path.exists()) {
        return Err(SandboxError::CannotHide { path: path.clone() });
    }
    let binds = sandbox.binds.iter().filter(|(_, _, writable)| *writable);
    let paths: Vec<PathBuf> = sandbox
        .writable
        .iter()
        .chain(&sandbox.home)
        .chain(binds.map(|(host, _, _)| host))
        .cloned()
        .collect();
    for path in &paths {
        if !path.is_absolute() || path.parent().is_none() {
            return Err(SandboxError::BadPath { path: path.clone() });
        }
        if !path.exists() {
            return Err(SandboxError::MissingPath { path: path.clone() });
        }
    }
    Ok(paths)
}

fn rules(
    network: &Network,
    readable: &[PathBuf],
    writable: &[PathBuf],
) -> Result<OwnedFd, SandboxError> {
    let abi = abi();
    if abi < ABI_MIN {
        let reason = match abi {
            0 => "this kernel has no Landlock, or it is off (boot with lsm=landlock,…)".to_owned(),
            old => format!("this kernel's Landlock has version {old}, which is before {ABI_MIN}"),
        };
        return Err(SandboxError::NoLandlock { reason });
    }
    let failed = |error: RulesetError| SandboxError::NoLandlock { reason: error.to_string() };
    let rules = ruleset(network, ABI::from(abi), (readable, writable)).map_err(failed)?;
    let rules: Option<OwnedFd> = rules.into();
    rules.ok_or_else(|| SandboxError::NoLandlock { reason: "no rules were made".to_owned() })
}

fn ruleset(
    network: &Network,
    abi: ABI,
    (readable, writable): (&[PathBuf], &[PathBuf]),
) -> Result<RulesetCreated, RulesetError> {
    // Nothing is left out silently: what is asked for is what this version has.
    let mut rules = Ruleset::default()
        .set_compatibility(CompatLevel::HardRequirement)
        .handle_access(AccessFs::from_all(abi))?;
    if abi >= ABI::V4 && *network == Network::None {
        rules = rules.handle_access(AccessNet::from_all(abi))?;
    }
    if abi >= ABI::V6 {
        rules = rules.scope(Scope::from_all(abi))?;
    }
    let read = AccessFs::from_read(abi);
    let devices = AccessFs::ReadFile | AccessFs::WriteFile | AccessFs::ReadDir;
    let terminals: BitFlags<AccessFs> =
        if abi >= ABI::V5 { devices | AccessFs::IoctlDev } else { devices };
    // Nobody makes devices, and a socket outside could be of another's.
    let write = AccessFs::from_all(abi) & !(AccessFs::MakeChar | AccessFs::MakeBlock);
    rules
        .create()?
        .add_rules(path_beneath_rules(readable, read))?
        .add_rules(path_beneath_rules(["/proc"], read & !AccessFs::Execute))?
        .add_rules(path_beneath_rules(DEVICES, devices))?
        .add_rules(path_beneath_rules(TERMINALS, terminals))?
        .add_rules(path_beneath_rules(writable, write))
}

#[expect(unsafe_code, reason = "the crate's own call allocates, which a forked child must not")]
fn restrict(rules: &OwnedFd) -> io::Result<()> {
    // SAFETY: the descriptor is open, and the kernel copies what it needs.
    let answer =
        unsafe { libc::syscall(libc::SYS_landlock_restrict_self, rules.as_raw_fd(), 0_u32) };
    if answer == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// A program of root would read the environment of every process, whatever Landlock says.
#[expect(unsafe_code, reason = "capabilities are numbers that the kernel may have more of")]
fn drop_capabilities() -> io::Result<()> {
    if !rustix::process::geteuid().is_root() {
        return Ok(());
    }
    for capability in 0..64 {
        // SAFETY: changes a set of the calling thread. One that does not exist ends the list.
        if unsafe { libc::prctl(libc::PR_CAPBSET_DROP, capability, 0, 0, 0) } != 0 {
            let error = io::Error::last_os_error();
            if error.raw_os_error() == Some(libc::EINVAL) && capability > 0 {
                break;
            }
            return Err(error);
        }
    }
    let none = rustix::thread::CapabilitySets {
        effective: rustix::thread::CapabilitySet::empty(),
        permitted: rustix::thread::CapabilitySet::empty(),
        inheritable: rustix::thread::CapabilitySet::empty(),
    };
    rustix::thread::set_capabilities(None, none)?;
    Ok(())
}
