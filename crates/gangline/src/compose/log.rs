//! Where a daemon's log goes.

use std::fs::{self, OpenOptions};
use std::io::{self, IsTerminal as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use gangline_policy::{LogFormat, LogLevel};
use tracing_subscriber::{EnvFilter, reload};

/// Old log files that stay.
const OLD_KEPT: u32 = 3;

/// Begins a new log file where the present one has more than so many bytes, and says whether. The
/// old ones are `daemon.log.1` to `.3`, the newest first. Only the file that standard error goes to is
/// ours to move: a terminal's, or a service manager's, is not.
pub(super) fn rotate(path: &Path, bytes_max: u64) -> io::Result<bool> {
    let found = match fs::metadata(path) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error),
    };
    let own = rustix::fs::fstat(rustix::stdio::stderr())?;
    if found.len() <= bytes_max || (own.st_dev, own.st_ino) != (found.dev(), found.ino()) {
        return Ok(false);
    }
    for n in (1..OLD_KEPT).rev() {
        match fs::rename(old(path, n), old(path, n + 1)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
    }
    fs::rename(path, old(path, 1))?;
    let new = OpenOptions::new().append(true).create(true).mode(0o600).open(path)?;
    rustix::stdio::dup2_stdout(&new)?;
    rustix::stdio::dup2_stderr(&new)?;
    Ok(true)
}

fn old(path: &Path, n: u32) -> PathBuf {
    path.with_extension(format!("log.{n}"))
}

/// Where a daemon's log goes: standard error in either case, which for a detached one is its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Log {
    /// People are watching.
    Terminal,
    /// It is kept.
    File,
}

impl Log {
    /// Begins to log. `RUST_LOG` decides before the configuration does.
    pub(super) fn begin(self, level: LogLevel, format: LogFormat) -> Dial {
        let (filter, is_fixed) = match EnvFilter::try_from_default_env() {
            Ok(filter) => (filter, true),
            Err(_) => (self.filter(level), false),
        };
        let colour = io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        let logged = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
        let (begun, reload): (_, Reload) = match format {
            LogFormat::Text => {
                let logged = logged.with_ansi(colour).with_target(false).with_filter_reloading();
                let handle = logged.reload_handle();
                (logged.try_init(), Box::new(move |filter| handle.reload(filter)))
            }
            LogFormat::Json => {
                let logged = logged.json().flatten_event(true).with_filter_reloading();
                let handle = logged.reload_handle();
                (logged.try_init(), Box::new(move |filter| handle.reload(filter)))
            }
        };
        // Tests in one process may have begun already.
        drop(begun);
        Dial { log: self, reload: (!is_fixed).then_some(reload) }
    }

    fn filter(self, level: LogLevel) -> EnvFilter {
        let level = match (level, self) {
            (LogLevel::Error, _) => "error",
            (LogLevel::Warn, _) | (LogLevel::Info, Self::Terminal) => "warn",
            (LogLevel::Info, Self::File) => "info",
            (LogLevel::Debug, _) => "debug",
            (LogLevel::Trace, _) => "trace",
        };
        EnvFilter::new(format!("warn,gangline={level}"))
    }
}

type Reload = Box<dyn Fn(EnvFilter) -> Result<(), reload::Error> + Send + Sync>;

/// Changes how much a log tells that has begun.
pub(super) struct Dial {
    log: Log,
    /// None where `RUST_LOG` decides.
    reload: Option<Reload>,
}

impl Dial {
    /// Tells so much from now on, unless `RUST_LOG` decides.
    pub(super) fn turn(&self, level: LogLevel) {
        let Some(reload) = &self.reload else { return };
        if let Err(error) = reload(self.log.filter(level)) {
            tracing::warn!(%error, "the log goes on as it was");
        }
    }
}
