//! What the tests share: a shell with a search path, and bounded waiting.

use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use gangline_process::{Cmd, JobMarker, Pid, ProcessIdentity};

/// How long anything may take on a busy machine before a test gives up.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) const PATH: &str = "/usr/local/bin:/usr/bin:/bin";

/// A shell script as a program.
pub(crate) fn sh(script: &str) -> Cmd {
    Cmd::new("sh").arg("-c").arg(script).env("PATH", PATH).deadline(PATIENCE)
}

/// A marker that no other test has.
pub(crate) fn marker() -> JobMarker {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let n = NEXT.fetch_add(1, Ordering::Relaxed);
    JobMarker::new(format!("test-{}-{n}", std::process::id())).unwrap()
}

/// Polls until `found` answers, or fails saying what was waited for.
pub(crate) async fn until<T>(what: &str, mut found: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(it) = found() {
            return it;
        }
        assert!(started.elapsed() < PATIENCE, "waited {PATIENCE:?} in vain until {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

pub(crate) async fn until_gone(pid: Pid) {
    until("a process is gone", || (!lives(pid)).then_some(())).await;
}

pub(crate) fn lives(pid: Pid) -> bool {
    ProcessIdentity::of(pid).unwrap().is_some()
}

/// The number that a script wrote into a file, once it is complete.
pub(crate) fn number_in(file: &Path) -> Option<Pid> {
    let text = std::fs::read_to_string(file).ok()?;
    text.strip_suffix('\n')?.parse().ok()
}

pub(crate) fn kill(pid: Pid) {
    let raw = rustix::process::Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
    rustix::process::kill_process(raw, rustix::process::Signal::KILL).unwrap();
}
