//! Ways out, each tried from inside each tier that claims to shut it.
//!
//! A probe is a Python program that prints `tried` when it has begun and `OUT` when it got what it
//! wanted. It finds the world outside, all of it made by this test, in `W`. None of them changes
//! the machine if it succeeds: what belongs to the machine is only opened, and never written to.

use std::fs;
use std::net::{TcpListener, UdpSocket};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixListener};
use std::path::PathBuf;
use std::time::Duration;

use gangline_process::{
    Child, Cmd, Limits, Pid, Sandbox, Tier, folder_bytes, system_read_set, tree_usage,
};
use tempfile::{TempDir, tempdir};

use crate::world::{PATH, PATIENCE, lives, sh};

const ALL: &[Tier] = &[Tier::L1, Tier::L2];
/// Tier L1 does not claim it; docs/sandbox.md says so.
const L2: &[Tier] = &[Tier::L2];

/// What all probes begin with.
const PRELUDE: &str = r"
import ctypes, errno, os, signal, socket, subprocess, sys, time
libc = ctypes.CDLL(None, use_errno=True)
def call(n, *args):
    r = libc.syscall(n, *args)
    if r < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return r
def out(value=True):
    if value:
        print('OUT')
print('tried')
";

const PROBES: &[(&str, &[Tier], &str)] = &[
    // Files.
    ("write outside", ALL, "open(W['outside'] + '/planted', 'w'); out()"),
    ("append to a foreign file", ALL, "open(W['secret'], 'a'); out()"),
    ("read a foreign file", ALL, "out('s3cret' in open(W['secret']).read())"),
    ("list a foreign folder", ALL, "out(os.listdir(W['outside']))"),
    ("cut a foreign file short", ALL, "os.truncate(W['secret'], 5); out()"),
    ("rename a foreign file", ALL, "os.rename(W['secret'], W['mine'] + '/got'); out()"),
    ("remove a foreign file", ALL, "os.remove(W['secret']); out()"),
    (
        "hard link a foreign file",
        ALL,
        "os.link(W['secret'], W['mine'] + '/linked'); out(open(W['mine'] + '/linked').read())",
    ),
    (
        "read through a symlink",
        ALL,
        "os.symlink(W['secret'], W['mine'] + '/sym'); out('s3cret' in open(W['mine'] + '/sym').read())",
    ),
    (
        "write through a symlink",
        ALL,
        "os.symlink(W['outside'], W['mine'] + '/symdir'); open(W['mine'] + '/symdir/planted', 'w'); out()",
    ),
    ("a path that climbs", ALL, "open(W['mine'] + '/../outside/planted', 'w'); out()"),
    ("a sibling's worktree", ALL, "open(W['sibling'] + '/planted', 'w'); out()"),
    ("the hub's refs", ALL, "open(W['hub'] + '/refs/planted', 'w'); out()"),
    ("the person's home", ALL, "out('s3cret' in open(W['home'] + '/.ssh/id').read())"),
    ("password hashes", ALL, "out(open('/etc/shadow').read())"),
    ("system programs", ALL, "os.open('/usr/bin/env', os.O_WRONLY); out()"),
    ("a folder at the root", ALL, "os.mkdir('/gangline-planted'); out()"),
    ("mode of a foreign file", L2, "os.chmod(W['secret'], 0o600); out()"),
    ("times of a foreign file", L2, "os.utime(W['secret']); out()"),
    (
        "a handle instead of a path",
        ALL,
        "b = ctypes.create_string_buffer(b'\\x08\\0\\0\\0\\x01\\0\\0\\0' + b'\\0' * 120); m = ctypes.c_int(); call(NR['name_to_handle_at'], -100, b'/usr', b, ctypes.byref(m), 0); out()",
    ),
    // Other processes.
    (
        "another process's environment",
        ALL,
        "out(b'CANARY' in open('/proc/%d/environ' % W['pid'], 'rb').read())",
    ),
    ("another process's memory", ALL, "os.open('/proc/%d/mem' % W['pid'], os.O_RDWR); out()"),
    ("another process's files", ALL, "out(os.readlink('/proc/%d/fd/1' % W['pid']))"),
    ("another process's root", ALL, "out(os.listdir('/proc/%d/root/' % W['pid']))"),
    (
        "another process's command line",
        L2,
        "out('sleep' in open('/proc/%d/cmdline' % W['pid']).read())",
    ),
    ("ptrace", ALL, "call(NR['ptrace'], 0x4206, W['pid'], 0, 0); out()"),
    (
        "read memory across processes",
        ALL,
        "b = ctypes.create_string_buffer(8); call(NR['process_vm_readv'], W['pid'], b, 0, b, 0, 0); out(os.path.exists('/proc/%d/comm' % W['pid']) and open('/proc/%d/comm' % W['pid']).read() == 'sleep\\n')",
    ),
    ("end another process", ALL, "os.kill(W['pid'], signal.SIGTERM); out()"),
    ("end everything", ALL, "os.kill(W['pid'], 0); out()"),
    (
        "limits of another process",
        ALL,
        "import resource; resource.prlimit(W['pid'], resource.RLIMIT_NOFILE, (9, 9)); out()",
    ),
    ("priority of another process", ALL, "os.setpriority(os.PRIO_PROCESS, W['pid'], 19); out()"),
    (
        "take a descriptor",
        ALL,
        "f = os.pidfd_open(W['pid']); call(NR['pidfd_getfd'], f, 1, 0); out()",
    ),
    ("a higher priority", ALL, "os.setpriority(os.PRIO_PROCESS, 0, -5); out()"),
    (
        "real-time scheduling",
        ALL,
        "os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1)); out()",
    ),
    (
        "spare itself from the memory killer",
        ALL,
        "f = os.open('/proc/self/oom_score_adj', os.O_WRONLY); os.write(f, b'-900'); out()",
    ),
    // The network and sockets.
    ("a port of the host", ALL, "socket.create_connection(('127.0.0.1', W['tcp']), 3); out()"),
    (
        "a datagram to the host",
        ALL,
        "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.sendto(b'out', ('127.0.0.1', W['udp'])); s.settimeout(0.3); s.recv(3); out()",
    ),
    ("an address outside", ALL, "socket.create_connection(('192.0.2.1', 80), 2); out()"),
    ("a name", ALL, "out(socket.gethostbyname('example.com'))"),
    ("a raw socket", ALL, "socket.socket(socket.AF_INET, socket.SOCK_RAW, 1); out()"),
    ("packets", ALL, "socket.socket(socket.AF_PACKET, socket.SOCK_RAW); out()"),
    (
        "a virtual machine's host",
        ALL,
        "s = socket.socket(40, socket.SOCK_STREAM); s.settimeout(1); s.connect((2, 1024)); out()",
    ),
    ("the hub's socket", ALL, "s = socket.socket(socket.AF_UNIX); s.connect(W['unix']); out()"),
    (
        "docker's socket",
        ALL,
        "s = socket.socket(socket.AF_UNIX); s.connect('/var/run/docker.sock'); out()",
    ),
    (
        "an abstract socket",
        ALL,
        "s = socket.socket(socket.AF_UNIX); s.connect('\\0' + W['abstract']); out()",
    ),
    // Power.
    ("remount the system", ALL, "r = libc.mount(b'none', b'/usr', None, 0x21, None); out(r == 0)"),
    (
        "mount a folder over another",
        ALL,
        "r = libc.mount(W['mine'].encode(), b'/etc', None, 0x1000, None); out(r == 0)",
    ),
    (
        "remount in a namespace of its own",
        ALL,
        "out(subprocess.run(['unshare', '--user', '--map-root-user', '--mount', 'mount', '-o', 'remount,bind,rw', '/usr'], capture_output=True).returncode == 0)",
    ),
    ("another root", ALL, "os.chroot(W['mine']); out()"),
    ("another user", ALL, "os.setgroups([]); os.setuid(12345); out()"),
    (
        "a disk of its own making",
        ALL,
        "os.mknod(W['mine'] + '/disk', 0o60600, os.makedev(8, 0)); out()",
    ),
    ("a device that is there", ALL, "os.open('/dev/mem', os.O_RDONLY); out()"),
    (
        "privileges of a set-uid program",
        ALL,
        "out('NoNewPrivs:\\t1' not in open('/proc/self/status').read())",
    ),
    (
        "any capability",
        ALL,
        "out(any(int(l.split()[1], 16) for l in open('/proc/self/status') if l.startswith('Cap')))",
    ),
    ("the machine's switches", ALL, "os.open('/proc/sys/kernel/core_pattern', os.O_WRONLY); out()"),
    ("the kernel's magic key", ALL, "os.open('/proc/sysrq-trigger', os.O_WRONLY); out()"),
    (
        "the system's devices",
        ALL,
        "os.open('/sys/kernel/mm/transparent_hugepage/enabled', os.O_WRONLY); out()",
    ),
    (
        "control groups",
        ALL,
        "p = '/sys/fs/cgroup'; out(os.access(p, os.W_OK) and os.listdir(p)); os.mkdir(p + '/gangline-planted'); out()",
    ),
    ("the kernel's log", ALL, "call(NR['syslog'], 3, ctypes.create_string_buffer(16), 16); out()"),
    ("the keyring", ALL, "call(NR['keyctl'], 0, -3, 0); out()"),
    ("a key", ALL, "call(NR['add_key'], b'user', b'gangline-probe', b'x', 1, -2); out()"),
    (
        "programs in the kernel",
        ALL,
        "call(NR['bpf'], 0, ctypes.create_string_buffer(72), 72); out()",
    ),
    ("faults in one's own hand", ALL, "call(NR['userfaultfd'], 1); out()"),
    (
        "rings to the kernel",
        ALL,
        "call(NR['io_uring_setup'], 1, ctypes.create_string_buffer(120)); out()",
    ),
    ("a new kernel", ALL, "call(NR['kexec_load'], 0, 0, 0, 0); out()"),
    (
        "measure others",
        ALL,
        "b = bytearray(128); b[0] = 1; b[4] = 128; call(NR['perf_event_open'], (ctypes.c_char * 128).from_buffer(b), W['pid'], -1, -1, 0); out()",
    ),
    ("the machine's name", ALL, "socket.sethostname('elsewhere'); out()"),
    (
        "type into the terminal",
        ALL,
        "import fcntl, pty; m, s = pty.openpty(); fcntl.ioctl(s, 0x5412, b'x'); out()",
    ),
    (
        "memory that all programs share",
        ALL,
        "out(os.listdir('/dev/shm')); open('/dev/shm/' + W['shm']).read(); out()",
    ),
];

#[cfg(target_arch = "x86_64")]
const NUMBERS: &str = "NR = dict(ptrace=101, process_vm_readv=310, pidfd_getfd=438, syslog=103, \
    keyctl=250, add_key=248, bpf=321, userfaultfd=323, io_uring_setup=425, kexec_load=246, \
    perf_event_open=298, name_to_handle_at=303)";
#[cfg(target_arch = "aarch64")]
const NUMBERS: &str = "NR = dict(ptrace=117, process_vm_readv=270, pidfd_getfd=438, syslog=116, \
    keyctl=219, add_key=217, bpf=280, userfaultfd=282, io_uring_setup=425, kexec_load=104, \
    perf_event_open=241, name_to_handle_at=264)";

/// What is outside, made by this test and gone with it.
struct Outside {
    dir: TempDir,
    victim: Child,
    tcp: TcpListener,
    udp: UdpSocket,
    abstract_name: String,
    _listeners: [UnixListener; 2],
    shm: PathBuf,
}

impl Outside {
    fn new() -> Self {
        let dir = tempdir().unwrap();
        for name in ["mine", "outside", "sibling", "hub/refs", "home/.ssh"] {
            fs::create_dir_all(dir.path().join(name)).unwrap();
        }
        fs::write(dir.path().join("outside/secret"), "s3cret").unwrap();
        fs::write(dir.path().join("home/.ssh/id"), "s3cret").unwrap();
        let victim = Cmd::new("sleep").arg("300").env("PATH", PATH).env("CANARY", "x");
        let victim = victim.spawn().unwrap();
        let abstract_name = format!("gangline-escape-{}", std::process::id());
        let address = SocketAddr::from_abstract_name(&abstract_name).unwrap();
        let listeners = [
            UnixListener::bind(dir.path().join("hub/socket")).unwrap(),
            UnixListener::bind_addr(&address).unwrap(),
        ];
        let shm = PathBuf::from(format!("/dev/shm/gangline-escape-{}", std::process::id()));
        fs::write(&shm, "s3cret").unwrap();
        Self {
            dir,
            victim,
            tcp: TcpListener::bind("127.0.0.1:0").unwrap(),
            udp: UdpSocket::bind("127.0.0.1:0").unwrap(),
            abstract_name,
            _listeners: listeners,
            shm,
        }
    }

    fn at(&self, name: &str) -> String {
        self.dir.path().join(name).display().to_string()
    }

    fn pid(&self) -> Pid {
        self.victim.pid()
    }

    /// As the probes know it.
    fn described(&self) -> String {
        format!(
            "W = dict(mine={:?}, outside={:?}, secret={:?}, sibling={:?}, hub={:?}, home={:?}, \
             unix={:?}, abstract={:?}, shm={:?}, pid={}, tcp={}, udp={})",
            self.at("mine"),
            self.at("outside"),
            self.at("outside/secret"),
            self.at("sibling"),
            self.at("hub"),
            self.at("home"),
            self.at("hub/socket"),
            self.abstract_name,
            self.shm.file_name().unwrap().to_string_lossy(),
            self.pid(),
            self.tcp.local_addr().unwrap().port(),
            self.udp.local_addr().unwrap().port(),
        )
    }

    fn sandbox(&self, tier: Tier) -> Sandbox {
        let path = std::env::var_os("PATH");
        Sandbox::of(tier)
            .read_only(system_read_set(path.as_deref()))
            .writable(self.dir.path().join("mine"))
    }

    /// What is outside is as it was.
    fn is_untouched(&self) {
        assert_eq!(fs::read_to_string(self.at("outside/secret")).unwrap(), "s3cret");
        let planted = fs::read_dir(self.at("outside")).unwrap().count();
        assert_eq!(planted, 1);
        assert_eq!(fs::read_dir(self.at("sibling")).unwrap().count(), 0);
        assert_eq!(fs::read_dir(self.at("hub/refs")).unwrap().count(), 0);
        assert!(lives(self.pid()), "the victim lives");
        self.udp.set_nonblocking(true).unwrap();
        assert!(self.udp.recv(&mut [0; 8]).is_err(), "no datagram came");
        assert!(!PathBuf::from("/gangline-planted").exists());
    }
}

impl Drop for Outside {
    fn drop(&mut self) {
        fs::remove_file(&self.shm).ok();
    }
}

async fn probe_all(tier: Tier) {
    let outside = Outside::new();
    let world = outside.described();
    let (mut tried, mut got_out) = (0, vec![]);
    for (name, tiers, program) in PROBES {
        if !tiers.contains(&tier) {
            continue;
        }
        let code = format!("{PRELUDE}\n{NUMBERS}\n{world}\n{program}\n");
        let cmd = Cmd::new("python3").args(["-I", "-c", &code]).env("PATH", PATH);
        let cmd = cmd.cwd(outside.dir.path().join("mine")).deadline(PATIENCE);
        let output = cmd.sandbox(outside.sandbox(tier)).output().await.unwrap();
        let (said, why) = (output.stdout.text(), output.stderr.text());
        assert!(said.starts_with("tried\n"), "{name} did not begin: {why}");
        for mistake in ["SyntaxError", "NameError", "AttributeError", "TypeError"] {
            assert!(!why.contains(mistake), "{name} was not tried: {why}");
        }
        if said.contains("OUT") {
            got_out.push(*name);
        }
        tried += 1;
        outside.is_untouched();
    }
    assert_eq!(got_out, Vec::<&str>::new(), "ways out of tier {tier}");
    assert!(tried >= 60, "{tried}");
}

#[tokio::test]
async fn no_probe_gets_out_of_bubblewrap() {
    probe_all(Tier::L2).await;
}

#[tokio::test]
async fn no_probe_gets_out_of_landlock_where_it_claims_to_hold() {
    probe_all(Tier::L1).await;
}

#[tokio::test]
async fn a_bomb_of_processes_ends_with_its_sandbox() {
    for tier in [Tier::L1, Tier::L2] {
        let outside = Outside::new();
        // Bounded by itself as well: six levels, each of two.
        let script = "b() { trap '' TERM; if [ $1 -gt 0 ]; then (b $(($1 - 1))) & (b $(($1 - 1))) & fi; \
                      sleep 60; }; b 5";
        let marker = crate::world::marker();
        let cmd = sh(script).sandbox(outside.sandbox(tier)).marker(marker.clone());
        let mut child = cmd.spawn().unwrap();
        let pid = child.pid();
        crate::world::until("it is many", || {
            (tree_usage(pid, &gangline_process::marked(&marker), 1_000).tasks > 20).then_some(())
        })
        .await;
        assert!(child.end(Duration::ZERO).await.is_proven());
        assert!(gangline_process::marked(&marker).is_empty());
    }
}

#[tokio::test]
async fn a_disk_is_not_filled_by_one_file_and_memory_not_by_scratch() {
    for tier in [Tier::L1, Tier::L2] {
        let outside = Outside::new();
        let limits = Limits { file_size_bytes: Some(1_000_000), ..Limits::default() };
        let script = "head -c 8000000 /dev/zero > big; ls -l big | awk '{print $5}'";
        let cmd = sh(script).cwd(outside.dir.path().join("mine"));
        let output = cmd.sandbox(outside.sandbox(tier).limits(limits)).output().await.unwrap();
        assert_eq!(output.stdout.text().trim(), "1000000", "{}", output.stderr.text());
        assert!(folder_bytes(&outside.dir.path().join("mine"), u64::MAX) < 2_000_000);
    }
    let sized = sh("df -k /tmp | tail -1 | awk '{print $2}'").sandbox(Sandbox::with_system());
    let kib: u64 = sized.output().await.unwrap().stdout.text().trim().parse().unwrap();
    assert!(kib <= 1024 * 1024, "{kib} KiB of memory for scratch");
}
