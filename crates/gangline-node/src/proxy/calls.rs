//! How often one provider's key is used, counted over all jobs of this machine.
//!
//! ```text
//!   calls/<16 hex of the key's digest>/slot-<n>.lock   held while a call is open; a dead job lets go
//!                                      starts          when calls began within the last minute
//!                                      starts.lock     held for as long as that is read and written
//! ```

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use gangline_policy::CallLimits;
use gangline_process::FileLock;
use sha2::{Digest, Sha256};
use tokio::time::{Instant, sleep};

use crate::clock::now;
use crate::durable::FileFault;
use crate::places::hex;

/// Between two looks for a place.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// How long a call waits before that is told.
const TELL_AFTER: Duration = Duration::from_secs(1);
/// Bytes of a moment in the file of starts.
const MOMENT_BYTES: usize = 8;
const MINUTE_US: i64 = 60_000_000;

/// The use of one key.
#[derive(Debug, Clone)]
pub(crate) struct Calls {
    folder: PathBuf,
    limits: CallLimits,
}

/// Leave for one call, until it is dropped.
#[derive(Debug)]
pub(super) struct Permit {
    _slot: Option<FileLock>,
}

/// Why there is no leave now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Full {
    AtOnce(u32),
    PerMinute(u32),
}

impl Full {
    fn in_words(self) -> String {
        match self {
            Self::AtOnce(max) => {
                format!("a call waits: {max} of {max} calls with this key are open, by all agents")
            }
            Self::PerMinute(max) => {
                format!("a call waits: {max} of {max} calls a minute with this key, by all agents")
            }
        }
    }
}

impl Calls {
    /// Of this key. Its folder's name tells nothing of the key.
    pub(crate) fn of_key(all: &Path, key: &str, limits: CallLimits) -> Self {
        let digest = Sha256::digest([b"gangline-calls\0", key.as_bytes()].concat());
        Self { folder: all.join(hex(&digest[..8])), limits }
    }

    /// Waits for leave; `tell` hears once why, when that takes long.
    pub(super) async fn enter(&self, tell: impl Fn(String)) -> Result<Permit, FileFault> {
        let since = Instant::now();
        let mut told = false;
        loop {
            let own = self.clone();
            let tried = tokio::task::spawn_blocking(move || own.try_enter()).await;
            let tried = match tried {
                Ok(tried) => tried,
                Err(error) => std::panic::resume_unwind(error.into_panic()),
            };
            match tried.map_err(|error| FileFault::new("use", &self.folder, error))? {
                Ok(permit) => return Ok(permit),
                Err(full) => {
                    if !told && since.elapsed() >= TELL_AFTER {
                        told = true;
                        tell(full.in_words());
                    }
                    sleep(LOOK_EVERY).await;
                }
            }
        }
    }

    fn try_enter(&self) -> io::Result<Result<Permit, Full>> {
        if self.limits == CallLimits::default() {
            return Ok(Ok(Permit { _slot: None }));
        }
        std::fs::create_dir_all(&self.folder)?;
        let slot = match self.limits.at_once {
            None => None,
            Some(max) => match self.slot(max)? {
                Some(slot) => Some(slot),
                None => return Ok(Err(Full::AtOnce(max))),
            },
        };
        match self.limits.per_minute {
            Some(max) if !self.starts(max)? => Ok(Err(Full::PerMinute(max))),
            Some(_) | None => Ok(Ok(Permit { _slot: slot })),
        }
    }

    fn slot(&self, max: u32) -> io::Result<Option<FileLock>> {
        for n in 0..max {
            let path = self.folder.join(format!("slot-{n}.lock"));
            // Asked first, for to try a lock that is held waits some 18 ms.
            if FileLock::is_held(&path)? {
                continue;
            }
            if let Some(lock) = FileLock::try_acquire(&path)? {
                return Ok(Some(lock));
            }
        }
        Ok(None)
    }

    /// Writes down that a call begins, unless too many have begun within a minute.
    fn starts(&self, max: u32) -> io::Result<bool> {
        let path = self.folder.join("starts");
        // Whoever has the lock is about to let go of it: the next look finds it free.
        let Some(_lock) = FileLock::try_acquire(self.folder.join("starts.lock"))? else {
            return Ok(false);
        };
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => vec![],
            Err(error) => return Err(error),
        };
        let now = now().0;
        let moments = bytes.chunks_exact(MOMENT_BYTES).map(|moment| {
            i64::from_le_bytes(moment.try_into().expect("BUG: a chunk has its length"))
        });
        // A clock that was set back must not make calls wait for it.
        let recent = |moment: &i64| (now - MINUTE_US..=now).contains(moment);
        let mut recent: Vec<i64> = moments.filter(recent).collect();
        if recent.len() >= usize::try_from(max).unwrap_or(usize::MAX) {
            return Ok(false);
        }
        recent.push(now);
        let bytes: Vec<u8> = recent.iter().flat_map(|moment| moment.to_le_bytes()).collect();
        std::fs::write(&path, bytes)?;
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calls(folder: &Path, limits: CallLimits) -> Calls {
        Calls::of_key(folder, "sk-test", limits)
    }

    #[test]
    fn no_more_calls_are_open_than_may_be() {
        let folder = tempfile::tempdir().unwrap();
        let limits = CallLimits { at_once: Some(2), per_minute: None };
        let (one, other) = (calls(folder.path(), limits), calls(folder.path(), limits));
        let first = one.try_enter().unwrap().unwrap();
        let second = other.try_enter().unwrap().unwrap();
        assert_eq!(one.try_enter().unwrap().unwrap_err(), Full::AtOnce(2));
        drop(first);
        let third = other.try_enter().unwrap().unwrap();
        assert!(one.try_enter().unwrap().is_err());
        drop((second, third));
        let foreign = Calls::of_key(folder.path(), "sk-other", limits);
        assert!(foreign.try_enter().unwrap().is_ok() && one.try_enter().unwrap().is_ok());
        let names = std::fs::read_dir(folder.path()).unwrap().flatten();
        assert!(names.into_iter().all(|entry| entry.file_name().len() == 16));
    }

    #[test]
    fn no_more_calls_begin_in_a_minute_than_may() {
        let folder = tempfile::tempdir().unwrap();
        let calls = calls(folder.path(), CallLimits { at_once: Some(9), per_minute: Some(3) });
        for _ in 0..3 {
            assert!(calls.try_enter().unwrap().is_ok());
        }
        assert_eq!(calls.try_enter().unwrap().unwrap_err(), Full::PerMinute(3));
        let old: Vec<u8> = (now().0 - MINUTE_US - 1).to_le_bytes().repeat(3);
        std::fs::write(calls.folder.join("starts"), old).unwrap();
        assert!(calls.try_enter().unwrap().is_ok(), "a minute later");
    }

    #[tokio::test]
    async fn a_call_waits_and_that_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let calls = calls(folder.path(), CallLimits { at_once: Some(1), per_minute: None });
        let first = calls.enter(|why| panic!("{why}")).await.unwrap();
        let told = std::cell::RefCell::new(None);
        let first = std::cell::RefCell::new(Some(first));
        let second = calls.enter(|why| {
            told.replace(Some(why));
            drop(first.take());
        });
        drop(second.await.unwrap());
        assert!(told.take().unwrap().contains("1 of 1 calls with this key are open"));
    }
}
