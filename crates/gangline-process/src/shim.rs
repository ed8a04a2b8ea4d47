//! The first program inside a sandbox whose only way out is a proxy.
//!
//! ```text
//!   inside: agent ──TCP──▶ 127.0.0.1:PORT  shim ──▶ unix socket │ outside: the proxy
//!                     or ▶ a forwarded address ──CONNECT──▶     │
//! ```
//!
//! It listens on the sandbox's own loopback, leaves a process behind that carries bytes to the
//! proxy's socket, and becomes the program. It decides nothing: what may pass is the proxy's
//! business, and a program that ends or replaces this process has only lost its way out.

use std::ffi::{OsStr, OsString};
use std::fs::OpenOptions;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpStream, UnixStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// Connections at once; further ones wait.
const CONNECTIONS_MAX: usize = 256;
/// Bytes of the proxy's answer to `CONNECT`.
const ANSWER_BYTES_MAX: usize = 4096;
/// Exit code when the program could not be begun, as shells have it.
const NOT_BEGUN: u8 = 126;

/// What [`shim_main`] is told.
#[derive(Debug, Default, PartialEq, Eq)]
struct Told {
    socket: PathBuf,
    listen: u16,
    forward: Vec<SocketAddr>,
    program: Vec<OsString>,
}

/// Where a connection that was accepted is to go.
#[derive(Debug, Clone, Copy)]
enum Way {
    /// To the proxy, which the client talks to itself.
    Proxy,
    /// To an address behind it; the client knows of no proxy.
    To(SocketAddr),
}

/// `--socket PATH --listen PORT [--forward ADDRESS]… -- PROGRAM ARGUMENTS…`: becomes the program.
///
/// Returns only when that failed, having said why on stderr. The calling process must have no
/// other thread.
pub fn shim_main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let begun = read(arguments).map_err(io::Error::other).and_then(|told| begin(&told));
    match begun {
        Ok(never) => match never {},
        Err(error) => {
            eprintln!("gangline: the sandbox's way to the network: {error}");
            ExitCode::from(NOT_BEGUN)
        }
    }
}

fn read(arguments: impl IntoIterator<Item = OsString>) -> Result<Told, String> {
    let mut told = Told::default();
    let mut arguments = arguments.into_iter();
    while let Some(name) = arguments.next() {
        if name == "--" {
            told.program = arguments.collect();
            break;
        }
        let value = arguments.next().ok_or_else(|| format!("{} needs a value", name.display()))?;
        let text = value.to_str();
        let bad = || format!("{} is not for {}", value.display(), name.display());
        match name.to_str() {
            Some("--socket") => told.socket = PathBuf::from(value),
            Some("--listen") => {
                told.listen = text.and_then(|port| port.parse().ok()).ok_or_else(bad)?;
            }
            Some("--forward") => {
                told.forward.push(text.and_then(|at| at.parse().ok()).ok_or_else(bad)?);
            }
            Some(_) | None => return Err(format!("{} is not known", name.display())),
        }
    }
    if told.program.is_empty() || told.listen == 0 {
        return Err("it needs --listen PORT and a program behind --".to_owned());
    }
    Ok(told)
}

#[expect(clippy::disallowed_methods, reason = "this is the one door to processes")]
fn begin(told: &Told) -> io::Result<std::convert::Infallible> {
    let mut listeners = vec![(listen((Ipv4Addr::LOCALHOST, told.listen).into())?, Way::Proxy)];
    for address in &told.forward {
        listeners.push((listen(*address)?, Way::To(*address)));
    }
    leave_behind(|| carry(listeners, &told.socket))?;
    let [program, arguments @ ..] = told.program.as_slice() else {
        return Err(io::Error::other("no program"));
    };
    Err(Command::new(program).args(arguments).exec())
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let listener = TcpListener::bind(address)
        .map_err(|error| io::Error::new(error.kind(), format!("{address}: {error}")))?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// Runs `work` in a process that is not this one's child, so that the program never meets it.
#[expect(unsafe_code, reason = "only fork makes a process without a program of its own")]
fn leave_behind(work: impl FnOnce()) -> io::Result<()> {
    // SAFETY: the process has one thread, so that the child finds every lock free.
    match unsafe { libc::fork() } {
        -1 => Err(io::Error::last_os_error()),
        0 => {
            // SAFETY: as above.
            if unsafe { libc::fork() } == 0 {
                // Out of the program's group, whose signals are not meant for it.
                if rustix::process::setsid().is_ok() && let_go_of_streams().is_ok() {
                    work();
                }
            }
            // SAFETY: ends this process without running what belongs to the parent.
            unsafe { libc::_exit(0) }
        }
        child => {
            let child = rustix::process::Pid::from_raw(child);
            rustix::process::waitpid(child, rustix::process::WaitOptions::empty())?;
            Ok(())
        }
    }
}

/// Whoever reads what the program prints waits for the end of all who could print.
fn let_go_of_streams() -> io::Result<()> {
    let nowhere = OpenOptions::new().read(true).write(true).open("/dev/null")?;
    rustix::stdio::dup2_stdin(&nowhere)?;
    rustix::stdio::dup2_stdout(&nowhere)?;
    rustix::stdio::dup2_stderr(&nowhere)?;
    Ok(())
}

/// Carries bytes until the sandbox ends.
fn carry(listeners: Vec<(TcpListener, Way)>, socket: &Path) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build();
    let Ok(runtime) = runtime else { return };
    runtime.block_on(async {
        let room = Arc::new(Semaphore::new(CONNECTIONS_MAX));
        let mut doors = JoinSet::new();
        for (listener, way) in listeners {
            let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { continue };
            doors.spawn(accept(listener, way, socket.to_owned(), Arc::clone(&room)));
        }
        while doors.join_next().await.is_some() {}
    });
}

async fn accept(
    listener: tokio::net::TcpListener,
    way: Way,
    socket: PathBuf,
    room: Arc<Semaphore>,
) {
    let mut open = JoinSet::new();
    loop {
        while open.try_join_next().is_some() {}
        let Ok(place) = Arc::clone(&room).acquire_owned().await else { return };
        // A connection that is gone again, or a moment without descriptors: the next may do.
        let Ok((client, _)) = listener.accept().await else { continue };
        let socket = socket.clone();
        open.spawn(async move {
            // That a connection broke is told by its end, which both sides see.
            drop(pass(client, way, &socket).await);
            drop(place);
        });
    }
}

async fn pass(mut client: TcpStream, way: Way, socket: &Path) -> io::Result<()> {
    let mut proxy = UnixStream::connect(socket).await?;
    if let Way::To(address) = way {
        let asked = format!("CONNECT {address} HTTP/1.1\r\nHost: {address}\r\n\r\n");
        proxy.write_all(asked.as_bytes()).await?;
        if !granted(&mut proxy).await? {
            return Ok(());
        }
    }
    copy_bidirectional(&mut client, &mut proxy).await?;
    Ok(())
}

/// Reads the answer's head, and not a byte of what follows it.
async fn granted(proxy: &mut UnixStream) -> io::Result<bool> {
    let mut head = Vec::with_capacity(128);
    while !head.ends_with(b"\r\n\r\n") && head.len() < ANSWER_BYTES_MAX {
        head.push(proxy.read_u8().await?);
    }
    Ok(head.starts_with(b"HTTP/1.1 200 "))
}

/// The command line that makes `program` run behind the shim.
pub(crate) fn wrapped(
    way: (&Path, u16, &[SocketAddr]),
    program: &Path,
    arguments: &[OsString],
) -> Vec<OsString> {
    let (socket, listen, forward) = way;
    let mut line: Vec<OsString> =
        vec!["--socket".into(), socket.into(), "--listen".into(), listen.to_string().into()];
    for address in forward {
        line.extend([OsString::from("--forward"), address.to_string().into()]);
    }
    line.push(OsStr::new("--").to_owned());
    line.push(program.into());
    line.extend_from_slice(arguments);
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrapped_is_read_again() {
        let forward: [SocketAddr; 1] = ["127.0.0.1:4000".parse().unwrap()];
        let arguments = ["--".into(), "--listen".into()];
        let line =
            wrapped((Path::new("/run/s"), 3128, &forward), Path::new("/bin/echo"), &arguments);
        let told = read(line).unwrap();
        let program = ["/bin/echo", "--", "--listen"].map(OsString::from).into();
        let expected =
            Told { socket: "/run/s".into(), listen: 3128, forward: forward.into(), program };
        assert_eq!(told, expected);
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for line in [
            &["--listen", "0", "--", "x"][..],
            &["--listen", "1"],
            &["--listen", "1", "--"],
            &["--listen"],
            &["--forward", "localhost:1", "--listen", "1", "--", "x"],
            &["--unknown", "1", "--listen", "1", "--", "x"],
        ] {
            assert!(read(line.iter().map(OsString::from)).is_err(), "{line:?}");
        }
    }
}
