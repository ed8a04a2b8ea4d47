//! Steps that misbehave.

use std::io::Write;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::signal::unix::{SignalKind, signal};

use super::inbox::Inbox;
use super::{How, Stop};
use crate::scripted::script::{Flood, Hang, Quota, Signal, Stream};

const BLOCK_BYTES: u64 = 64 * 1024;
/// How long a signal to oneself may take.
const SIGNAL_ARRIVES: Duration = Duration::from_millis(200);

/// Prints until it is done or nobody reads any more.
pub(super) fn flood(flood: &Flood) {
    let mut to: Box<dyn Write> = match flood.to {
        Stream::Stdout => Box::new(std::io::stdout().lock()),
        Stream::Stderr => Box::new(std::io::stderr().lock()),
    };
    let mut printed = 0;
    while printed < flood.bytes {
        let n = BLOCK_BYTES.min(flood.bytes - printed);
        let block: Vec<u8> = (printed + 1..=printed + n).map(|at| byte(at, flood)).collect();
        if to.write_all(&block).is_err() {
            return;
        }
        printed += n;
    }
    drop(to.flush());
}

fn byte(at: u64, flood: &Flood) -> u8 {
    let ends = flood.line_bytes > 0 && at.is_multiple_of(flood.line_bytes);
    if ends || (flood.line_bytes > 0 && at == flood.bytes) { b'\n' } else { b'x' }
}

/// Does nothing until something ends it.
pub(super) async fn hang(hang: &Hang, inbox: &mut Inbox) -> Result<(), Stop> {
    let failed = |error: std::io::Error| Stop::Failed(error.to_string());
    let mut caught = vec![];
    if hang.ignore_sigterm {
        for kind in [SignalKind::terminate(), SignalKind::interrupt()] {
            // Caught and not looked at, which is as good as ignored.
            caught.push(signal(kind).map_err(failed)?);
        }
    }
    inbox.ignore_interrupt = hang.ignore_interrupt;
    inbox.during(std::future::pending::<()>()).await?;
    drop(caught);
    Ok(())
}

/// Sends itself a signal.
pub(super) fn die(signal: Signal) {
    use rustix::process::{Signal as Number, getpid, kill_process};
    let number = match signal {
        Signal::Kill => Number::KILL,
        Signal::Term => Number::TERM,
        Signal::Int => Number::INT,
        Signal::Abrt => Number::ABORT,
        Signal::Segv => Number::SEGV,
    };
    // The runtime's handler for SIGSEGV takes the first one to be a fault in the program, finds
    // none, and makes way for the next one.
    for _ in 0..2 {
        if let Err(error) = kill_process(getpid(), number) {
            eprintln!("cannot signal myself: {error}");
        }
        std::thread::sleep(SIGNAL_ARRIVES);
    }
}

/// Ends because of a quota.
pub(super) fn quota(quota: Quota) -> Stop {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let now = i64::try_from(now).unwrap_or(i64::MAX);
    let resets_at = quota.resets_at.or(quota.resets_in_s.map(|s| now.saturating_add(s)));
    Stop::Finished { how: How::Quota, text: quota.message, resets_at }
}
