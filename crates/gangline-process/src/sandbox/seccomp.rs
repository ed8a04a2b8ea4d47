//! The system calls that a program behind a wall does without: many under tier L1, where nothing
//! else keeps it from other processes, and under L2 those that no namespace bounds.
//!
//! A list of what is denied, not of what is allowed: agents run any tool there is. What is on it
//! either changes the machine, looks into other processes, or opens a part of the kernel that
//! programs for building and testing do not need. Most want capabilities, too, which are gone.

use std::collections::BTreeMap;
use std::io;
use std::sync::LazyLock;

use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen as Len, SeccompCmpOp as Op, SeccompCondition,
    SeccompFilter, SeccompRule, TargetArch,
};

use super::spec::{Network, SandboxError};

/// Denied whatever their arguments are.
const DENIED: [libc::c_long; 61] = [
    // Other processes.
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_pidfd_getfd,
    libc::SYS_kcmp,
    libc::SYS_process_madvise,
    libc::SYS_perf_event_open,
    // Mounts and namespaces.
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_move_mount,
    libc::SYS_open_tree,
    libc::SYS_fsopen,
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_fspick,
    libc::SYS_mount_setattr,
    libc::SYS_unshare,
    libc::SYS_setns,
    libc::SYS_name_to_handle_at,
    libc::SYS_open_by_handle_at,
    // Parts of the kernel that have let programs out before.
    libc::SYS_bpf,
    libc::SYS_userfaultfd,
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_keyctl,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_lookup_dcookie,
    libc::SYS_nfsservctl,
    libc::SYS_fanotify_init,
    // What belongs to all programs of a user.
    libc::SYS_shmget,
    libc::SYS_shmat,
    libc::SYS_shmctl,
    libc::SYS_semget,
    libc::SYS_semctl,
    libc::SYS_msgget,
    libc::SYS_msgctl,
    libc::SYS_mq_open,
    libc::SYS_mq_unlink,
    // The machine.
    libc::SYS_kexec_load,
    libc::SYS_kexec_file_load,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_reboot,
    libc::SYS_swapon,
    libc::SYS_swapoff,
    libc::SYS_sethostname,
    libc::SYS_setdomainname,
    libc::SYS_acct,
    libc::SYS_quotactl,
    libc::SYS_quotactl_fd,
    libc::SYS_syslog,
    libc::SYS_settimeofday,
    libc::SYS_clock_settime,
    libc::SYS_clock_adjtime,
    libc::SYS_adjtimex,
    libc::SYS_vhangup,
];

#[cfg(target_arch = "x86_64")]
const DENIED_HERE: [libc::c_long; 3] = [libc::SYS_iopl, libc::SYS_ioperm, libc::SYS_modify_ldt];
#[cfg(not(target_arch = "x86_64"))]
const DENIED_HERE: [libc::c_long; 0] = [];

/// On this architecture the same calls have second numbers, which a filter by number would miss.
#[cfg(target_arch = "x86_64")]
const SECOND_NUMBERS: Option<i64> = Some(0x4000_0000);
#[cfg(not(target_arch = "x86_64"))]
const SECOND_NUMBERS: Option<i64> = None;

/// Namespaces that `clone` could make.
const NAMESPACES: [libc::c_int; 7] = [
    libc::CLONE_NEWNS,
    libc::CLONE_NEWUSER,
    libc::CLONE_NEWPID,
    libc::CLONE_NEWNET,
    libc::CLONE_NEWIPC,
    libc::CLONE_NEWUTS,
    libc::CLONE_NEWCGROUP,
];

/// Commands to a terminal that put words into its user's mouth.
const TYPING: [u64; 2] = [libc::TIOCSTI, libc::TIOCLINUX];

/// Denied inside namespaces as well. Debuggers and sandboxes of an agent's own work there.
const DENIED_IN_NAMESPACES: [libc::c_long; 34] = [
    libc::SYS_bpf,
    libc::SYS_userfaultfd,
    libc::SYS_perf_event_open,
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_keyctl,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_name_to_handle_at,
    libc::SYS_open_by_handle_at,
    libc::SYS_lookup_dcookie,
    libc::SYS_nfsservctl,
    libc::SYS_fanotify_init,
    libc::SYS_kexec_load,
    libc::SYS_kexec_file_load,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_reboot,
    libc::SYS_swapon,
    libc::SYS_swapoff,
    libc::SYS_acct,
    libc::SYS_quotactl,
    libc::SYS_quotactl_fd,
    libc::SYS_syslog,
    libc::SYS_settimeofday,
    libc::SYS_clock_settime,
    libc::SYS_clock_adjtime,
    libc::SYS_adjtimex,
    libc::SYS_vhangup,
    libc::SYS_setdomainname,
    libc::SYS_sethostname,
    libc::SYS_pidfd_getfd,
];

/// Compiled, so that a forked child has only to hand them over.
#[derive(Debug)]
pub(super) struct Filters {
    /// What fails as forbidden.
    forbidden: BpfProgram,
    /// What fails as if the kernel had it not, so that programs use the older call.
    absent: BpfProgram,
}

impl Filters {
    pub(super) fn new(network: &Network) -> Result<Self, SandboxError> {
        let made = forbidden(network).and_then(|forbidden| {
            // Its arguments lie in memory, where no filter can look.
            let absent = BTreeMap::from([(libc::SYS_clone3, vec![])]);
            Ok(Self { forbidden, absent: compiled(absent, libc::ENOSYS)? })
        });
        made.map_err(|error| SandboxError::NoSeccomp { reason: error.to_string() })
    }

    /// Installs both. System calls only.
    pub(super) fn apply(&self) -> io::Result<()> {
        for program in [&self.absent, &self.forbidden] {
            // The error may hold one of the system's, but making a text of it would allocate.
            seccompiler::apply_filter(program)
                .map_err(|_| io::Error::from(io::ErrorKind::Unsupported))?;
        }
        Ok(())
    }
}

/// The filter of [`DENIED_IN_NAMESPACES`], as the kernel reads it. Made once a process.
pub(super) fn in_namespaces() -> Result<&'static [u8], SandboxError> {
    static MADE: LazyLock<Result<Vec<u8>, String>> = LazyLock::new(|| {
        let calls = DENIED_IN_NAMESPACES.into_iter().chain(DENIED_HERE);
        let mut rules: BTreeMap<i64, Vec<SeccompRule>> = calls.map(|call| (call, vec![])).collect();
        let made = typing().and_then(|typing| {
            rules.insert(libc::SYS_ioctl, typing);
            compiled(with_second_numbers(rules), libc::EPERM)
        });
        let program = made.map_err(|error| error.to_string())?;
        let bytes = program.iter().flat_map(|step| {
            let [a, b] = step.code.to_ne_bytes();
            let [c, d, e, f] = step.k.to_ne_bytes();
            [a, b, step.jt, step.jf, c, d, e, f]
        });
        Ok(bytes.collect())
    });
    match &*MADE {
        Ok(bytes) => Ok(bytes),
        Err(reason) => Err(SandboxError::NoSeccomp { reason: reason.clone() }),
    }
}

fn typing() -> Result<Vec<SeccompRule>, seccompiler::BackendError> {
    let rules = TYPING.iter().map(|command| {
        SeccompRule::new(vec![SeccompCondition::new(1, Len::Dword, Op::Eq, *command)?])
    });
    rules.collect()
}

fn with_second_numbers(
    mut rules: BTreeMap<i64, Vec<SeccompRule>>,
) -> BTreeMap<i64, Vec<SeccompRule>> {
    if let Some(offset) = SECOND_NUMBERS {
        let seconds: Vec<_> =
            rules.iter().map(|(call, rules)| (call + offset, rules.clone())).collect();
        rules.extend(seconds);
    }
    rules
}

fn forbidden(network: &Network) -> Result<BpfProgram, seccompiler::BackendError> {
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> =
        DENIED.into_iter().chain(DENIED_HERE).map(|call| (call, vec![])).collect();
    let clone = NAMESPACES.iter().map(|flag| {
        let flag = u64::from(flag.unsigned_abs());
        SeccompRule::new(vec![SeccompCondition::new(0, Len::Qword, Op::MaskedEq(flag), flag)?])
    });
    rules.insert(libc::SYS_clone, clone.collect::<Result<_, _>>()?);
    rules.insert(libc::SYS_ioctl, typing()?);
    // Limits and priorities of others.
    rules.insert(
        libc::SYS_prlimit64,
        vec![SeccompRule::new(vec![
            SeccompCondition::new(0, Len::Dword, Op::Ne, 0)?,
            SeccompCondition::new(2, Len::Qword, Op::Ne, 0)?,
        ])?],
    );
    let others = SeccompCondition::new(1, Len::Dword, Op::Ne, 0)?;
    rules.insert(libc::SYS_setpriority, vec![SeccompRule::new(vec![others])?]);
    rules.insert(libc::SYS_socket, sockets(network)?);
    compiled(with_second_numbers(rules), libc::EPERM)
}

/// Which sockets are forbidden. Those of the file system always: they lead to whoever listens,
/// and Landlock does not see them. Pairs, which programs talk to their children through, are
/// another call.
fn sockets(network: &Network) -> Result<Vec<SeccompRule>, seccompiler::BackendError> {
    if *network != Network::Open {
        return Ok(vec![]);
    }
    let is = |argument, op, value: libc::c_int| {
        SeccompCondition::new(argument, Len::Dword, op, u64::from(value.unsigned_abs()))
    };
    Ok(vec![
        SeccompRule::new(vec![
            is(0, Op::Ne, libc::AF_INET)?,
            is(0, Op::Ne, libc::AF_INET6)?,
            is(0, Op::Ne, libc::AF_NETLINK)?,
        ])?,
        // Resolvers ask the kernel for its addresses and routes, and for nothing else.
        SeccompRule::new(vec![
            is(0, Op::Eq, libc::AF_NETLINK)?,
            is(2, Op::Ne, libc::NETLINK_ROUTE)?,
        ])?,
    ])
}

fn compiled(
    rules: BTreeMap<i64, Vec<SeccompRule>>,
    errno: libc::c_int,
) -> Result<BpfProgram, seccompiler::BackendError> {
    let deny = SeccompAction::Errno(errno.unsigned_abs());
    let arch = TargetArch::try_from(std::env::consts::ARCH)?;
    SeccompFilter::new(rules, SeccompAction::Allow, deny, arch)?.try_into()
}
