//! Steps that misbehave.

use std::io::Write;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::signal::unix::{SignalKind, signal};

use super::inbox::Inbox;
use super::{How, Stop};
use crate::scripted::script::{Flood, Hang, Quota, Signal, Stream};

const BLOCK_BYTES: usize = 64 * 1024;
/// How long a signal to oneself may take.
const SIGNAL_ARRIVES: Duration = Duration::from_millis(200);

/// Prints until it is done or nobody reads any more.
pub(super) fn flood(flood: &Flood) {
    let mut to: Box<dyn Write> = match flood.to {
        Stream::Stdout => Box::new(std::io::stdout().lock()),
        Stream::Stderr => Box::new(std::io::stderr().lock()),
    };
    let (block, mut left) = (block(flood.line_bytes), flood.bytes);
    while left > 0 {
        let n = usize::try_from(left).map_or(block.len(), |left| left.min(block.len()));
        // However much is printed, it ends with a line's end.
        let last = n as u64 == left && flood.line_bytes > 0;
        let written = match last {
            true => to.write_all(&block[..n - 1]).and_then(|()| to.write_all(b"\n")),
            false => to.write_all(&block[..n]),
        };
        if written.is_err() {
            return;
        }
        left -= n as u64;
    }
    drop(to.flush());
}

/// Whole lines of this length, of which one can print as many as one likes.
fn block(line_bytes: u64) -> Vec<u8> {
    let Some(line_bytes) = usize::try_from(line_bytes).ok().filter(|bytes| *bytes > 0) else {
        return vec![b'x'; BLOCK_BYTES];
    };
    let mut line = vec![b'x'; line_bytes - 1];
    line.push(b'\n');
    line.repeat(BLOCK_BYTES.div_ceil(line_bytes))
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
