//! Where a daemon's log goes.

use std::io::{self, IsTerminal as _};

use gangline_policy::LogLevel;
use tracing_subscriber::EnvFilter;

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
    pub(super) fn begin(self, level: LogLevel) {
        let level = match (level, self) {
            (LogLevel::Error, _) => "error",
            (LogLevel::Warn, _) | (LogLevel::Info, Self::Terminal) => "warn",
            (LogLevel::Info, Self::File) => "info",
            (LogLevel::Debug, _) => "debug",
            (LogLevel::Trace, _) => "trace",
        };
        let filter = EnvFilter::try_from_default_env()
            .unwrap_or_else(|_| EnvFilter::new(format!("warn,gangline={level}")));
        let colour = io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        let begun = tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_writer(io::stderr)
            .with_ansi(colour)
            .with_target(false)
            .try_init();
        // Tests in one process may have begun already.
        drop(begun);
    }
}
