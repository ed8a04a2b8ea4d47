//! Which tiers this machine can give.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use serde::Serialize;

use super::bubblewrap::find_bwrap;
#[cfg(not(target_os = "linux"))]
use super::elsewhere::gaps;
#[cfg(target_os = "linux")]
use super::landlock::gaps;
use super::spec::{Sandbox, Tier};
use crate::cmd::Cmd;
use crate::output::RunError;

const PROBE_DEADLINE: Duration = Duration::from_secs(10);

/// What `doctor` says about sandboxes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SandboxReport {
    /// One entry per tier, weakest first.
    pub tiers: Vec<TierReport>,
    /// Where bubblewrap is, if anywhere.
    pub bwrap_path: Option<PathBuf>,
    /// Its version, such as `0.8.0`.
    pub bwrap_version: Option<String>,
}

impl SandboxReport {
    /// The strongest tier that works here.
    pub fn best(&self) -> Tier {
        let available = self.tiers.iter().filter(|tier| tier.available);
        available.map(|tier| tier.tier).max().unwrap_or(Tier::L0)
    }
}

/// Whether one tier works here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TierReport {
    /// The tier.
    pub tier: Tier,
    /// Whether a program just ran in it.
    pub available: bool,
    /// Why not, with what helps.
    pub reason: Option<String>,
    /// What it leaves open here beyond what it leaves open everywhere.
    pub gaps: Vec<&'static str>,
}

/// Tries each tier with a small program.
pub async fn probe() -> SandboxReport {
    let tried = |tier, failure: Option<String>, gaps| TierReport {
        tier,
        available: failure.is_none(),
        reason: failure,
        gaps,
    };
    SandboxReport {
        tiers: vec![
            tried(Tier::L0, None, vec![]),
            tried(Tier::L1, try_tier(Tier::L1).await.err(), gaps()),
            tried(Tier::L2, try_tier(Tier::L2).await.err(), vec![]),
        ],
        bwrap_path: find_bwrap(),
        bwrap_version: version().await,
    }
}

async fn version() -> Option<String> {
    let asked = Cmd::new(find_bwrap()?).arg("--version").deadline(PROBE_DEADLINE);
    let output = asked.output().await.ok()?;
    output.stdout.text().split_ascii_whitespace().next_back().map(str::to_owned)
}

/// Runs `true` without network, and says in words why that failed.
async fn try_tier(tier: Tier) -> Result<(), String> {
    let system = ["/usr", "/bin", "/sbin", "/lib", "/lib64", "/etc"];
    let sandbox = Sandbox::of(tier).read_only(system);
    let tried = Cmd::new("true").env("PATH", "/usr/bin:/bin");
    match tried.sandbox(sandbox).deadline(PROBE_DEADLINE).output().await {
        Ok(output) if output.success() => Ok(()),
        Ok(output) => Err(format!("a trivial program ended with {} inside", output.status)),
        Err(RunError::Spawn(error)) if tier == Tier::L2 => Err(with_hints(&full_message(&error))),
        Err(error @ (RunError::Spawn(_) | RunError::Io(_))) => Err(full_message(&error)),
    }
}

fn full_message(error: &dyn std::error::Error) -> String {
    let mut message = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        message = format!("{message}: {error}");
        cause = error.source();
    }
    message
}

/// Settings that forbid user namespaces, and the values with which they do.
const OBSTACLES: [(&str, &str, &str); 3] = [
    (
        "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
        "1",
        "AppArmor restricts user namespaces (sysctl kernel.apparmor_restrict_unprivileged_userns=0, or a profile for bwrap)",
    ),
    (
        "/proc/sys/kernel/unprivileged_userns_clone",
        "0",
        "user namespaces are off (sysctl kernel.unprivileged_userns_clone=1)",
    ),
    (
        "/proc/sys/user/max_user_namespaces",
        "0",
        "user namespaces are off (sysctl user.max_user_namespaces=10000)",
    ),
];

fn with_hints(message: &str) -> String {
    let stands = |(path, value, _): &&(&str, &str, &str)| {
        fs::read_to_string(path).is_ok_and(|found| found.trim() == *value)
    };
    let hints = OBSTACLES.iter().filter(stands).map(|(_, _, hint)| *hint);
    std::iter::once(message).chain(hints).collect::<Vec<_>>().join("; ")
}
