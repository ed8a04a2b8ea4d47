//! Follows `config.toml` while the daemon runs. The whole of a new one is taken over, or nothing of it
//! and the last good one stays in force.
//!
//! ```text
//!   every second ▸ changed, and then unchanged for a look? ┐
//!   SIGHUP ────────────────────────────────────────────────┴▶ read ▸ valid? ─▶ take over at once
//!                                                                     │
//!                                                                     └─▶ say why, in log and status
//! ```

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use gangline_domain::ids::Timestamp;
use gangline_policy::{Daemon, MachineConfig};
use gangline_server::{App, Archive, Configured, Orchestrator, Refused};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::config;
use super::gate::Gate;
use super::log::Dial;
use super::paths::Paths;
use super::{hooks, http, push, traces, trust};
use crate::failure::Failure;

/// How often it looks whether the file is another one. One that is being written is left alone until
/// it has stood for as long.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// The configuration that is in force.
#[derive(Debug)]
pub(super) struct Followed {
    pub(super) machine: MachineConfig,
    /// Whether agents run behind a wall here.
    pub(super) isolates: bool,
}

impl Followed {
    pub(super) async fn of(machine: MachineConfig) -> Self {
        let isolates = config::isolates(&machine).await;
        Self { machine, isolates }
    }
}

/// Follows the file.
pub(super) struct Reload {
    pub(super) gate: Arc<Gate>,
    /// Whoever needs the configuration itself.
    pub(super) followers: watch::Sender<Arc<Followed>>,
    pub(super) dial: Dial,
    /// The store's last event.
    pub(super) seq: watch::Receiver<u64>,
    pub(super) now: fn() -> Timestamp,
}

/// What tells two states of a file apart. The time of the change of its inode is among it: no program
/// can set that back.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Stamp {
    Absent,
    File {
        place: (u64, u64),
        size: u64,
        modified: (i64, i64),
        changed: (i64, i64),
    },
    /// It cannot even be looked at.
    Unknown(String),
}

impl Stamp {
    fn of(path: &Path) -> Self {
        match fs::metadata(path) {
            Ok(found) => Self::File {
                place: (found.dev(), found.ino()),
                size: found.size(),
                modified: (found.mtime(), found.mtime_nsec()),
                changed: (found.ctime(), found.ctime_nsec()),
            },
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Self::Absent,
            Err(error) => Self::Unknown(error.to_string()),
        }
    }
}

/// When a file is to be read.
#[derive(Debug, Default)]
struct Looks {
    /// As it was at the last look.
    last: Option<Stamp>,
    /// As it was when it was read.
    read: Option<Stamp>,
    /// Somebody asked for it, and what was read then was changing.
    asked: bool,
}

impl Looks {
    /// Whether it is to be read now that it is found so: when somebody `asked`, or when it has stood
    /// for a look and is not what was read.
    fn is_due(&mut self, found: &Stamp, asked: bool) -> bool {
        let stands = self.last.as_ref() == Some(found);
        self.last = Some(found.clone());
        self.asked |= asked;
        self.asked || (stands && self.read.as_ref() != Some(found))
    }

    /// Whether what was read counts: it was the same before and after.
    fn counts(&mut self, before: Stamp, after: &Stamp) -> bool {
        if before != *after {
            return false;
        }
        self.asked = false;
        self.read = Some(before);
        true
    }
}

impl Reload {
    /// Runs until `ending`.
    pub(super) async fn run<O: Orchestrator, A: Archive>(
        self,
        paths: Paths,
        app: App<O, A>,
        ending: CancellationToken,
    ) {
        let following = Following { of: self, paths, app };
        let work = async {
            let mut hangups = signal(SignalKind::hangup());
            if let Err(error) = &hangups {
                tracing::warn!(%error, "SIGHUP is not heard; a changed configuration is found anyway");
            }
            let mut ticks = interval(LOOK_EVERY);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            let mut looks = Looks::default();
            loop {
                let asked = tokio::select! {
                    _ = ticks.tick() => false,
                    () = heard(hangups.as_mut().ok()) => true,
                };
                following.look(&mut looks, asked).await;
            }
        };
        tokio::select! {
            () = work => {}
            () = ending.cancelled() => {}
        }
    }
}

/// The same at work.
struct Following<O, A> {
    of: Reload,
    paths: Paths,
    app: App<O, A>,
}

impl<O: Orchestrator, A: Archive> Following<O, A> {
    async fn look(&self, looks: &mut Looks, asked: bool) {
        let paths = self.paths.clone();
        let found = blocking(move || Stamp::of(&paths.machine_config())).await;
        if !looks.is_due(&found, asked) {
            return;
        }
        let paths = self.paths.clone();
        let (read, after) = blocking(move || {
            let read = config::machine(&paths);
            (read, Stamp::of(&paths.machine_config()))
        })
        .await;
        if !looks.counts(found, &after) {
            return;
        }
        match read {
            Ok(machine) => self.take_over(machine).await,
            Err(failure) => self.refuse(&failure),
        }
    }

    async fn take_over(&self, wanted: MachineConfig) {
        let before = Arc::clone(&self.of.followers.borrow());
        let (machine, restart) = without_restart(&before.machine, wanted);
        let now = self.app.settings().configured.clone();
        if machine == before.machine {
            if now.refused.is_some() || now.restart != restart {
                tracing::info!(?restart, "the configuration is in order, and nothing else changes");
                let configured = Configured { refused: None, restart, ..now };
                self.app.change_settings(|settings| settings.configured = configured);
            }
            return;
        }
        let configured = Configured { since: (self.of.now)(), refused: None, restart };
        tracing::info!(restart = ?configured.restart, "a changed configuration is in force");
        let followed = Arc::new(Followed::of(machine).await);
        let machine = &followed.machine;
        // First where secrets are: webhooks and intakes ask for theirs by name.
        self.of.followers.send_replace(Arc::clone(&followed));
        self.of.gate.node().configure(machine.clone());
        self.of.dial.turn(machine.daemon.log);
        let seq = *self.of.seq.borrow();
        self.app.change_settings(|settings| {
            let hooks = hooks::changed(&settings.hooks, &self.paths, machine, seq);
            let trust = trust::changed(&settings.trust, &before.machine, machine);
            (settings.hooks, settings.trust) = (Arc::new(hooks), Arc::new(trust));
            settings.webhooks = http::reach(machine.external.webhooks);
            if machine.traces != before.machine.traces {
                let now = settings.traces.as_ref();
                settings.traces = traces::changed(now, &self.paths, machine, seq);
            }
            if machine.push != before.machine.push {
                settings.push = push::changed(settings.push.as_ref(), &self.paths, machine, seq);
            }
            settings.configured = configured;
            settings.set_guests(http::guests(machine));
        });
    }

    fn refuse(&self, failure: &Failure) {
        let why = failure.message().to_owned();
        let now = self.app.settings().configured.clone();
        if now.refused.as_ref().is_some_and(|refused| refused.why == why) {
            return;
        }
        tracing::error!(
            "a changed configuration is not taken over, the last good one stays: {why}"
        );
        let refused = Some(Refused { at: (self.of.now)(), why });
        let configured = Configured { refused, ..now };
        self.app.change_settings(|settings| settings.configured = configured);
    }
}

/// What of a configuration can be in force now, and the keys that wait for the next start: these are
/// left as they were `before`.
fn without_restart(
    before: &MachineConfig,
    mut wanted: MachineConfig,
) -> (MachineConfig, Vec<&'static str>) {
    let mut restart = vec![];
    let listen = std::mem::replace(&mut wanted.http.listen, before.http.listen);
    if listen != before.http.listen && !http::is_overridden() {
        restart.push("http.listen");
    }
    // Each key is named, so that a new one does not compile before somebody has decided.
    let Daemon {
        log,
        log_format,
        log_mib,
        ballast_mib,
        agents_max,
        backups_max,
        journal_mib,
        disk_alert,
        memory_alert,
    } = wanted.daemon;
    let was = &before.daemon;
    let keys = [
        ("daemon.log_format", log_format != was.log_format),
        ("daemon.ballast_mib", ballast_mib != was.ballast_mib),
        ("daemon.agents_max", agents_max != was.agents_max),
    ];
    restart.extend(keys.into_iter().filter_map(|(key, differs)| differs.then_some(key)));
    let Daemon { log_format, ballast_mib, agents_max, .. } = *was;
    let daemon = Daemon {
        log,
        log_format,
        log_mib,
        ballast_mib,
        agents_max,
        backups_max,
        journal_mib,
        disk_alert,
        memory_alert,
    };
    (MachineConfig { daemon, ..wanted }, restart)
}

/// The next SIGHUP.
async fn heard(hangups: Option<&mut Signal>) {
    let heard = match hangups {
        Some(hangups) => hangups.recv().await,
        None => None,
    };
    if heard.is_none() {
        std::future::pending::<()>().await;
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

#[cfg(test)]
mod tests;
