//! What is typed, as it arrives, without a thread that waits for it.

use std::io::{self, Stdin};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::time::Instant;

use super::typed::{Decoder, Typed};

/// Milliseconds after which an escape alone is the key of that name. The rest of a sequence comes in
/// the same packet, or shortly after.
const ESCAPE_MS: u64 = 50;
const BYTES_AT_ONCE: usize = 4_096;

/// Standard input in raw mode.
pub(super) struct Input {
    stdin: AsyncFd<Stdin>,
    decoder: Decoder,
    /// When what is undecided is decided.
    silent_at: Option<Instant>,
}

impl Input {
    pub(super) fn new() -> io::Result<Self> {
        #[expect(
            deprecated,
            reason = "standard input is never closed, and what replaces it is unsafe"
        )]
        let stdin = AsyncFd::with_interest(io::stdin(), Interest::READABLE)?;
        Ok(Self { stdin, decoder: Decoder::default(), silent_at: None })
    }

    /// What was typed next; nothing where the terminal has gone. May be dropped at any moment: what
    /// was read is kept.
    pub(super) async fn next(&mut self) -> io::Result<Option<Vec<Typed>>> {
        loop {
            let undecided = self.decoder.is_undecided();
            let moment = Duration::from_millis(ESCAPE_MS);
            let at = *self.silent_at.get_or_insert_with(|| Instant::now() + moment);
            let mut ready = tokio::select! {
                biased;
                ready = self.stdin.readable() => ready?,
                () = tokio::time::sleep_until(at), if undecided => {
                    return Ok(Some(self.decoder.silence()));
                }
            };
            // The terminal's file is shared with others, so that it stays one that blocks; who asks
            // first reads only what is there.
            if !is_there(ready.get_inner())? {
                ready.clear_ready();
                continue;
            }
            let mut bytes = [0; BYTES_AT_ONCE];
            let read = match rustix::io::read(ready.get_inner(), &mut bytes) {
                Ok(0) | Err(Errno::IO) => return Ok(None),
                Ok(read) => read,
                Err(Errno::INTR | Errno::AGAIN) => continue,
                Err(error) => return Err(error.into()),
            };
            self.silent_at = None;
            let typed = self.decoder.read(&bytes[..read]);
            if !typed.is_empty() {
                return Ok(Some(typed));
            }
        }
    }
}

fn is_there(stdin: &Stdin) -> io::Result<bool> {
    let now = Timespec { tv_sec: 0, tv_nsec: 0 };
    let mut polled = [PollFd::new(stdin, PollFlags::IN)];
    match poll(&mut polled, Some(&now)) {
        // One that has hung up is read too: that tells so.
        Ok(_) => Ok(!polled[0].revents().is_empty()),
        Err(Errno::INTR) => Ok(false),
        Err(error) => Err(error.into()),
    }
}
